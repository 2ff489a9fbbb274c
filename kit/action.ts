import type { Field, Values } from './field.ts';
import type { FormField, FormValues } from './form.ts';
import type { Rec, RepeatRule, Written } from './record-type.ts';
import type { Text } from './text.ts';

/** An action that record types cannot say: "move to stage", "send message", "send request". */
export interface Action<Api> {
  /** `recordType.verb` or `noun.verb`, as in `task.moveToStage`. */
  key: string;
  label: Text;
  help?: Text;
  /** The record it acts on: found by the pair or the keys of the duplicate rule, as for an update. Null: it stands alone. */
  recordType: string | null;
  settings?: FormField[];
  /** What can be mapped. */
  describe(api: Api, settings: FormValues): Promise<Field[]>;
  /** What later steps can use of the answer. */
  output?: Field[];
  run(api: Api, input: ActionInput): Promise<ActionResult>;
  repeat: RepeatRule<Api>;
}

export interface ActionInput {
  /** The record it acts on, for an action with a record type. */
  target: Rec | null;
  values: Values;
  settings: FormValues;
  repeatKey: string;
  /** Of a repeat, when an answer got lost: the time of the first try. */
  firstTry?: Date;
}

export interface ActionResult extends Partial<Written> {
  output?: Values;
}
