import type { Field, Values } from './field.ts';
import type { FormField, FormValues } from './form.ts';
import type { Cursor, Rec } from './record-type.ts';
import type { Text } from './text.ts';

/** Something that happened, with a key of its own: two items with one key are the same happening. */
export interface TriggerItem {
  /** Stage-history id; task and completion time. */
  key: string;
  recordId: string;
  /** The record, when the vendor gave it along; else it is loaded. */
  record?: Rec;
  /** What only the happening knows (the stage that was entered); the picker shows it beside the record's fields. */
  details?: Values;
  /** ISO time over there. */
  at?: string;
}

export interface TriggerPage {
  items: TriggerItem[];
  next: Cursor;
  more: boolean;
}

/** A trigger that record types cannot say: "deal entered stage", "task completed", "webhook received". */
export interface Trigger<Api> {
  /** `recordType.event`, as in `deal.enteredStage`. */
  key: string;
  label: Text;
  help?: Text;
  /** The record type its items are about; null: the item's details are all there is. */
  recordType: string | null;
  /** Fields whose change makes it happen: our own write to others is no cause of it. Absent: any may be. */
  about?: string[];
  settings?: FormField[];
  /** Fields of `TriggerItem.details`. */
  describe?(api: Api, settings: FormValues): Promise<Field[]>;
  /** Absent: only the connector's webhook delivers it. `cursor: null` means from now. */
  poll?(api: Api, input: { cursor: Cursor | null; since?: Date; settings: FormValues }): Promise<TriggerPage>;
  /** Recent happenings, newest first: samples for mapping and tests. */
  newest?(api: Api, input: { limit: number; settings: FormValues }): Promise<TriggerItem[]>;
}
