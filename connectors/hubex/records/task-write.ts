import { ConnectorError } from '../../../kit/errors.ts';
import type { Values } from '../../../kit/field.ts';
import type { UpdateInput, Written } from '../../../kit/record-type.ts';
import type { HubexApi } from '../api.ts';
import { withMore } from '../errors.ts';
import { idOf } from './choices.ts';
import { locationFor } from './location.ts';
import { attributeBody } from './task-attributes.ts';
import { keyOfWireName, taskBody } from './task-form.ts';
import { loadTask } from './task-load.ts';

/** A mapped location wins over an address in words. */
export async function locationOf(api: HubexApi, values: Values): Promise<{ locationID?: number }> {
  const address = idOf(values.address);
  if (address === null || address.trim() === '' || idOf(values.location) !== null) return {};
  return { locationID: Number(await locationFor(api, address)) };
}

export async function updateTask(api: HubexApi, { id, values }: UpdateInput): Promise<Written> {
  const body = { ...taskBody(values, 'update'), ...(await locationOf(api, values)) };
  const attributes = attributeBody(values);
  await inOurFields(async () => {
    if (Object.keys(body).length > 0) await api.patchTask(id, body);
    if (attributes.length > 0) await api.setTaskAttributes(id, attributes);
  });
  // The address comes back as a location: only the record itself says how.
  const record = idOf(values.address) === null ? null : await loadTask(api, id);
  return record ? { id, record } : { id };
}

/** HubEx names a refused field by its own name; people know ours. */
export async function inOurFields<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.field === undefined) throw error;
    const field = keyOfWireName(error.field);
    if (field === undefined) throw error;
    throw withMore(error, { field });
  }
}
