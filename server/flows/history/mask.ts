import { secretParts } from '../../../kit/http-record.ts';
import { type ConnectionRow, openSecrets, readConnections } from '../../connections/index.ts';
import type { Context } from '../../context.ts';
import type { Plan } from '../plan.ts';

const mask = '•••';
/** As in kit/http-record.ts: a shorter string is no secret. */
const shortestSecret = 4;
/**
 * What a run still works with, or may be run again with, is masked for longer ones alone: a sign-in name that is also
 * somebody's name would go out as dots.
 */
const shortestInData = 12;

export interface Mask {
  /** Whether a text holds a secret. */
  hides(text: string): boolean;
  /** Whether a JSON holds one in its strings. */
  isIn(json: string): boolean;
  text(text: string): string;
  value<T>(value: T): T;
  /** Of values that go out again: masked for long secrets. */
  data: Pick<Mask, 'value' | 'jsonText'>;
  /** JSON with the secrets in its strings masked; the same text when there is none. */
  jsonText(text: string): string;
}

/**
 * Masks the secrets of a flow's connections in what is written down. Exchanges are masked where they are recorded; this
 * is for values that were read out of an answer or an event. The common case, no secret, costs one search of the text.
 */
export function createMask(secrets: string[]): Mask {
  const parts = [...new Set(secrets.flatMap(secretParts))];
  return { ...maskFor(parts, shortestSecret), data: maskFor(parts, shortestInData) };
}

function maskFor(all: string[], shortest: number): Omit<Mask, 'data'> {
  const parts = all.filter((part) => part.length >= shortest).sort((a, b) => b.length - a.length);
  const inJson = parts.map((part) => JSON.stringify(part).slice(1, -1));
  const text = (input: string) => parts.reduce((masked, part) => masked.replaceAll(part, mask), input);
  const masked = (value: unknown) =>
    JSON.stringify(value, (_key, one: unknown) => (typeof one === 'string' ? text(one) : one));
  const isIn = (json: string) => inJson.some((part) => json.includes(part));
  return {
    hides: (input) => parts.some((part) => input.includes(part)),
    isIn,
    text,
    value: (value) => (parts.length > 0 && isIn(JSON.stringify(value)) ? JSON.parse(masked(value)) : value),
    jsonText: (json) => (isIn(json) ? masked(JSON.parse(json)) : json),
  };
}

const masks = new WeakMap<Plan, Mask>();

/** The mask of all connections a plan uses. */
export function maskOf(plan: Plan): Mask {
  const known = masks.get(plan);
  if (known) return known;
  const connections = [plan.source.connection, ...plan.steps.map(({ connection }) => connection)];
  const made = createMask(connections.flatMap(({ secrets }) => Object.values(secrets)));
  masks.set(plan, made);
  return made;
}

/** Before anything is known of a run's connections. */
export const noMask = createMask([]);

/** Of a run that could not be planned, which may mean that its connections are not known: the secrets of all. */
export async function maskOfAll(ctx: Context): Promise<Mask> {
  const rows = await readConnections(ctx);
  return createMask(rows.flatMap((row) => secretsOf(ctx, row)));
}

function secretsOf(ctx: Context, row: ConnectionRow): string[] {
  try {
    return Object.values(openSecrets(ctx, row));
  } catch {
    // Sealed under another key: nothing of it can have come here.
    return [];
  }
}
