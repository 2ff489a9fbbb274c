import type { Values } from '../../../kit/field.ts';
import type { Work } from '../work.ts';

/** What templates see: the trigger's record, and the output of each finished step under its id. */
export function scopeOf(work: Pick<Work, 'progress'>): Record<string, Values> {
  const outputs = Object.entries(work.progress.steps).map(([id, { output }]) => [id, output] as const);
  return { trigger: work.progress.loaded?.values ?? {}, ...Object.fromEntries(outputs) };
}
