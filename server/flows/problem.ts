import type { Field } from '../../kit/field.ts';
import type { Text } from '../../kit/text.ts';
import type { ActionView, TriggerView } from '../connections/contract.ts';
import type { FlowDraft, FlowProblem } from './contract.ts';

/** What is known about the outside when a draft is looked at. What could not be loaded is absent, and what depends on it is not asked. */
export interface Known {
  connections: { id: string; connector: string }[];
  /** By connector key. */
  apps: Record<string, { triggers: TriggerView[]; actions: ActionView[] }>;
  /** The field at a path over the trigger's record and its references: for each of `draftPaths`. */
  fieldAt?: (path: string) => Field | undefined;
  /** By id of the step. */
  steps: Record<string, KnownStep>;
}

export interface KnownStep {
  /** What can be mapped. */
  targets?: Field[];
  /** All fields of the record type: keys may look by ones that cannot be written. */
  fields?: Field[];
  /** What later steps can use of its answer. */
  output?: Field[];
}

export type DraftStep = FlowDraft['steps'][number];

/** Makes one problem; `about` is the field, rule or key it stands at. */
export const problem = (card: string, code: string, text: Text, about?: string): FlowProblem => ({
  card,
  code,
  text,
  ...(about === undefined ? {} : { field: about }),
});
