import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { Faults, StandInRequest } from '../../../kit/testing/stand-in.ts';
import { passTime } from '../../testing/pass-time.ts';
import { packProgress, readProgress } from '../progress.ts';

type Fault = Faults['once'][number];

/** The next request that matches meets the fault; all others pass by it. */
export function failNext(
  standIn: { faults: Faults; requests: StandInRequest[] },
  matches: (request: StandInRequest) => boolean,
  fault: Fault,
): void {
  const { once } = standIn.faults;
  // The stand-in asks for a fault right after it has noted the request.
  once.shift = () => {
    const request = standIn.requests.at(-1);
    if (!request || !matches(request)) return undefined;
    once.shift = Array.prototype.shift;
    return fault;
  };
}

/** Every request that matches meets the fault; gives the way to stop that. */
export function failAll(
  standIn: { faults: Faults; requests: StandInRequest[] },
  matches: (request: StandInRequest) => boolean,
  fault: Fault,
): () => void {
  const { once } = standIn.faults;
  once.shift = () => {
    const request = standIn.requests.at(-1);
    return request && matches(request) ? fault : undefined;
  };
  return () => {
    once.shift = Array.prototype.shift;
  };
}

/** Requests that match are answered, and what they ask for is done, only after `milliseconds`; gives the way to stop that. */
export function holdCalls(
  standIn: { faults: Faults },
  matches: (request: StandInRequest) => boolean,
  milliseconds: number,
): () => void {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  standIn.faults.hold = (request) =>
    matches(request) ? Promise.race([delay(milliseconds, undefined, { ref: false }), released]) : undefined;
  return () => {
    standIn.faults.hold = undefined;
    release();
  };
}

export const isTaskCreate = ({ method, path }: StandInRequest): boolean =>
  method === 'POST' && /\/WORK\/Tasks\/?$/i.test(path);
export const isItemCreate = ({ method, path }: StandInRequest): boolean => method === 'POST' && path === '/items';
export const isDealAdd = ({ path }: StandInRequest): boolean => path.endsWith('/crm.item.add');

/** As `passTime`, and calls whose answer got lost were made that much earlier. */
export async function passTimeOfCalls(pool: Pool, seconds: number): Promise<void> {
  await passTime(pool, seconds, async (client) => {
    const { rows } = await client.query<{ id: string; progress: Buffer }>(
      'select id, progress from runs where progress is not null',
    );
    for (const { id, progress } of rows) {
      const known = readProgress(progress);
      if (!known.pending) continue;
      known.pending.since = new Date(Date.parse(known.pending.since) - seconds * 1000).toISOString();
      await client.query('update runs set progress = $2 where id = $1', [id, packProgress(known)]);
    }
  });
}
