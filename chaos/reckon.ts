import { askDatabase } from './database.ts';
import { expectedOf } from './events.ts';
import type { FlowOptions } from './flow.ts';

/** Runs made from accepted deliveries, by their final states, and what went wrong with them. */
export interface Sums {
  runs: number;
  done: number;
  filtered: number;
  skipped: number;
  rejected: number;
  dead: number;
  unknown: number;
  lost: number;
  doubled: number;
}

export const finalStates = ['done', 'filtered', 'skipped', 'rejected', 'dead', 'unknown'] as const;
export const noSums = (): Sums => ({
  runs: 0,
  done: 0,
  filtered: 0,
  skipped: 0,
  rejected: 0,
  dead: 0,
  unknown: 0,
  lost: 0,
  doubled: 0,
});

interface RunRow {
  record_id: string;
  state: string;
}

/** Compares three accounts: what the sender was promised, what the app says became of it, what the target's ledger holds. */
export async function reckon(input: {
  url: string;
  flowId: string;
  /** Events 1 to this were all accepted. */
  accepted: number;
  records: Record<string, number>;
  options: FlowOptions;
}): Promise<Sums & { faults: string[] }> {
  const runs = await askDatabase<RunRow>(
    input.url,
    `select record_id, state from run_history where flow_id = $1
     union all select record_id, state from runs where flow_id = $1`,
    [input.flowId],
  );
  const statesOf = new Map<string, string[]>();
  for (const { record_id, state } of runs) statesOf.set(record_id, [...(statesOf.get(record_id) ?? []), state]);
  const sums: Sums = { ...noSums(), runs: runs.length };
  for (const { state } of runs) if (isFinal(state)) sums[state] += 1;
  const faults: string[] = [];
  const lose = (what: string) => {
    sums.lost += 1;
    faults.push(what);
  };
  const wanted = new Map<string, { certain: boolean }>();
  for (let n = 1; n <= input.accepted; n += 1) {
    const { id, client, outcome } = expectedOf(n);
    const states = statesOf.get(id) ?? [];
    if (states.length === 0) lose(`no run of ${id}`);
    if (states.length > 1) {
      sums.doubled += states.length - 1;
      faults.push(`${states.length} runs of ${id}`);
    }
    const [state = ''] = states;
    if (state !== '' && !fits(outcome, state)) faults.push(`${id} should be ${outcome} and is ${state}`);
    if (outcome !== 'record') continue;
    const key = input.options.duplicates === 'skip' ? client : id;
    // Of an unknown run nobody can say; one that was given up says that nothing was made.
    const certain = state === 'done' || state === 'skipped' || state === '';
    wanted.set(key, { certain: certain || (wanted.get(key)?.certain ?? false) });
  }
  for (const [key, { certain }] of wanted) {
    if (certain && !input.records[key]) lose(`no record of ${key}`);
  }
  for (const [key, made] of Object.entries(input.records)) {
    const extra = wanted.has(key) ? made - 1 : made;
    if (extra <= 0) continue;
    sums.doubled += extra;
    faults.push(`${made} records of ${key}`);
  }
  return { ...sums, faults };
}

const isFinal = (state: string): state is (typeof finalStates)[number] => finalStates.some((one) => one === state);

function fits(outcome: 'record' | 'filtered' | 'rejected', state: string): boolean {
  switch (outcome) {
    case 'filtered':
      return state === 'filtered';
    case 'rejected':
      return state === 'rejected';
    case 'record':
      return state === 'done' || state === 'skipped' || state === 'unknown';
  }
}
