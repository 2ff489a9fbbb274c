import { ConnectorError } from '../../../kit/errors.ts';
import type { Values } from '../../../kit/field.ts';
import type { Written } from '../../../kit/record-type.ts';
import { fill } from '../../../kit/text.ts';
import type { HubexApi } from '../api.ts';
import { isDataRefusal } from '../refusals.ts';
import { idOf } from './choices.ts';
import { addressKey, forgetLocation, locationFor, type PlaceFound } from './location.ts';
import { taskBody } from './task-form.ts';

/** An address in words becomes a location; where HubEx takes none, it is written into the description and told of. */

interface Place {
  members: Record<string, unknown>;
  location: PlaceFound | null;
  remark?: Written['remark'];
}

interface Sending {
  values: Values;
  body: Record<string, unknown>;
  /** The description the task has otherwise. */
  notes(): Promise<string | null>;
  send(body: Record<string, unknown>): Promise<Written>;
}

/** Sends a task with its place. A location that we remembered and HubEx has lost meanwhile is made anew, once. */
export async function sendWithPlace(api: HubexApi, sending: Sending): Promise<Written> {
  const { values, body, send } = sending;
  const address = addressOf(values);
  const place = await placeOf(api, address, sending);
  try {
    return told(place, await send({ ...body, ...place.members }));
  } catch (error) {
    if (address === null || !(await isLost(api, place, error))) throw error;
    await forgetLocation(api, address);
    const other = await placeOf(api, address, sending);
    return told(other, await send({ ...body, ...other.members }));
  }
}

const told = ({ remark }: Place, written: Written): Written => (remark ? { ...written, remark } : written);

/** A mapped location wins over an address in words. */
function addressOf(values: Values): string | null {
  const address = idOf(values.address);
  return address === null || addressKey(address) === '' || idOf(values.location) !== null ? null : address.trim();
}

async function placeOf(api: HubexApi, address: string | null, { notes }: Sending): Promise<Place> {
  if (address === null) return { members: {}, location: null };
  try {
    const location = await locationFor(api, address);
    return { members: { locationID: Number(location.id) }, location };
  } catch (error) {
    const isRefused = error instanceof ConnectorError && (error.kind === 'rejected' || error.kind === 'noAccess');
    if (!isRefused) throw error;
    return { members: withAddress(await notes(), address), location: null, remark: inWords(error) };
  }
}

function withAddress(notes: string | null, address: string): Record<string, unknown> {
  if (notes?.includes(address)) return taskBody({ notes }, 'update');
  return taskBody({ notes: notes ? `${notes}\n${address}` : address }, 'update');
}

/** HubEx refuses the task for its location, or for a value it does not name while the location is not there. */
async function isLost(api: HubexApi, { location }: Place, error: unknown): Promise<boolean> {
  if (!location?.isRemembered || !(error instanceof ConnectorError) || !isDataRefusal(error)) return false;
  if (error.field !== undefined) return error.field.toLowerCase() === 'locationid';
  return (await api.getLocation(location.id)) === null;
}

const inWords = (error: ConnectorError) =>
  fill(
    {
      en: 'HubEx did not take the address as a location, so it stands in the description. {why}',
      ru: 'HubEx не принял адрес как локацию, поэтому он записан в описание. {why}',
    },
    { why: error.text },
  );
