import { ConnectorError } from '../../../kit/errors.ts';
import type { UpdateInput, Written } from '../../../kit/record-type.ts';
import type { HubexApi } from '../api.ts';
import { withMore } from '../errors.ts';
import { idOf } from './choices.ts';
import { attributeBody } from './task-attributes.ts';
import { keyOfWireName, taskBody } from './task-form.ts';
import { loadTask } from './task-load.ts';
import { sendWithPlace } from './task-place.ts';

export async function updateTask(api: HubexApi, { id, values, current }: UpdateInput): Promise<Written> {
  const attributes = attributeBody(values);
  const written = await inOurFields(async () => {
    const done = await sendWithPlace(api, {
      values,
      body: taskBody(values, 'update'),
      notes: async () =>
        idOf((values.notes === undefined ? (current ?? (await loadTask(api, id))) : { values })?.values.notes),
      send: async (body) => {
        if (Object.keys(body).length > 0) await api.patchTask(id, body);
        return { id };
      },
    });
    if (attributes.length > 0) await api.setTaskAttributes(id, attributes);
    return done;
  });
  // The address comes back as a location: only the record itself says how.
  const record = idOf(values.address) === null ? null : await loadTask(api, id);
  return record ? { ...written, record } : written;
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
