import { z } from 'zod';
import type { Memory } from '../../kit/connector.ts';
import { ConnectorError } from '../../kit/errors.ts';
import { wrongAddress } from './errors.ts';

/** Stands are updated and rebuilt: what one of them did not take is tried again after a day. */
const keptMs = 24 * 3600_000;
const noted = z.object({ at: z.number() });

/** Whether this stand is known not to take such questions. */
export async function lacks(memory: Memory, what: string): Promise<boolean> {
  const { data } = noted.safeParse(await memory.get(what));
  return data !== undefined && Date.now() - data.at < keptMs;
}

/** Remembers it, where the failure said so: a 500 may have been a moment of trouble, and the next question goes through. */
export async function noteLack(memory: Memory, what: string, error: unknown): Promise<void> {
  if (saysNotTaken(error)) await memory.set(what, { at: Date.now() });
}

/** A question it does not understand (400), a place it does not have (404, or a page of IIS), something it does not do (405, 501). */
const saysNotTaken = (error: unknown): boolean =>
  error instanceof ConnectorError &&
  (error.code === wrongAddress || /^(creatio\.refused|http)\.(400|404|405|501)$/.test(error.code));
