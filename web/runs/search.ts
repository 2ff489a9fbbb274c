import { z } from 'zod';
import { type RunState, runStates } from '../../server/flows/contract.ts';

export const periods = ['all', 'today', 'week', 'custom'] as const;
export type Period = (typeof periods)[number];

const known = new Set<string>(runStates);

/** What the address of the history says: `?flow=…&states=rejected,dead&when=today`. */
export const runSearch = z.object({
  flow: z.uuid().optional().catch(undefined),
  states: z
    .string()
    .transform((list) => list.split(',').filter((state): state is RunState => known.has(state)))
    .catch([])
    .default([]),
  when: z.enum(periods).catch('all').default('all'),
  /** Days of the person's calendar, when `when` is `custom`. */
  from: z.iso.date().optional().catch(undefined),
  to: z.iso.date().optional().catch(undefined),
  /** Words of the records. */
  q: z.coerce.string().max(200).optional().catch(undefined),
});
export type RunSearch = z.infer<typeof runSearch>;

/** The same as the address has it: nothing that goes without saying. */
export function addressOf(search: RunSearch): Record<string, string | undefined> {
  return {
    flow: search.flow,
    states: search.states.length > 0 ? search.states.join(',') : undefined,
    when: search.when === 'all' ? undefined : search.when,
    from: search.when === 'custom' ? search.from : undefined,
    to: search.when === 'custom' ? search.to : undefined,
    q: search.q || undefined,
  };
}

/** The moments a search asks for, by the person's calendar. */
export function spanOf(search: RunSearch, zone: string, now = new Date()): { from?: string; to?: string } {
  switch (search.when) {
    case 'all':
      return {};
    case 'today':
      return { from: startOfDay(dayIn(now, zone), zone) };
    case 'week':
      return { from: startOfDay(dayIn(new Date(now.getTime() - 6 * 86_400_000), zone), zone) };
    case 'custom':
      return {
        ...(search.from ? { from: startOfDay(search.from, zone) } : {}),
        ...(search.to ? { to: startOfDay(nextDay(search.to), zone) } : {}),
      };
  }
}

/** `en-CA` writes days as 2026-11-22. */
const dayIn = (at: Date, zone: string) => new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(at);

const nextDay = (day: string) => new Date(Date.parse(`${day}T12:00:00Z`) + 86_400_000).toISOString().slice(0, 10);

/** Midnight of a day in a zone. The offset is read at that very midnight, so days of a clock change are right too. */
function startOfDay(day: string, zone: string): string {
  const utc = Date.parse(`${day}T00:00:00Z`);
  const first = utc - offsetAt(utc, zone);
  return new Date(utc - offsetAt(first, zone)).toISOString();
}

function offsetAt(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at);
  const part = (type: string) => Number(parts.find((each) => each.type === type)?.value);
  const wall = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return wall - Math.floor(at / 1000) * 1000;
}
