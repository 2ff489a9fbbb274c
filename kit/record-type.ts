import type { Field, Value, Values } from './field.ts';
import type { FormField, FormValues } from './form.ts';
import type { Text } from './text.ts';

/** A record as the other side keeps it. `values` are keyed by `Field.key` and have the forms of `field.ts`. */
export interface Rec {
  id: string;
  values: Values;
  /** How people call it: the title, the name, the number. */
  label?: string;
  /** Where a person opens it over there. */
  url?: string;
  /** ISO times of the other side. */
  createdAt?: string;
  changedAt?: string;
}

/** Where a reader of changes stands: opaque, JSON, survives restarts. */
export type Cursor = Value;

export interface ChangePage {
  items: Rec[];
  /** Ids that are known to be gone. */
  removed: string[];
  /** Saved with the items in one transaction. */
  next: Cursor;
  /** More pages wait right now. */
  more: boolean;
}

export interface Condition {
  field: string;
  /** Any of these; the values are normalised on our side, and already spelled in several ways where the field's search is `text`. */
  values: Value[];
}

/** What is known after a create or an update. */
export interface Written {
  id: string;
  /** The record as the other side returned it after the write, when it does: our own echo is recognised by it. */
  record?: Rec;
  label?: string;
  url?: string;
  /** What went otherwise than asked, though the write went through: the history tells it. */
  remark?: Text;
}

/**
 * How a create whose answer got lost is kept from making a second record.
 * safe: the same `repeatKey` may be sent again at any time (idempotency header, client-made id).
 * recover: ask the other side, not before `afterSeconds` (its own request limit) have passed.
 * none: the run becomes `unknown` and a person decides.
 */
export type RepeatRule<Api> =
  | { kind: 'safe' }
  | {
      kind: 'recover';
      afterSeconds: number;
      recover(api: Api, input: CreateInput): Promise<Written | 'notDone' | 'unknown'>;
    }
  | { kind: 'none' };

export interface CreateInput {
  values: Values;
  settings: FormValues;
  /** UUIDv5 of original run, step, item and number of "create again": the same for every repeat of this create. */
  repeatKey: string;
  /** Of a repeat, when an answer got lost: the time of the first try. */
  firstTry?: Date;
}

export interface UpdateInput {
  id: string;
  /** Only what changes. */
  values: Values;
  /** The record before the write, as `get` or `find` gave it. */
  current: Rec | null;
  settings: FormValues;
}

/**
 * What an app keeps: deal, task, contact. The one abstraction under triggers, links, duplicate checks and the field
 * picker; the kit derives "created", "changed", "created or changed" from `changes`, and the actions "create",
 * "update", "find" from the methods that are there.
 */
export interface RecordType<Api> {
  key: string;
  label: Text;
  labelMany: Text;
  /** Live fields: custom fields, stages, enumerations with labels, references, files. */
  describe(api: Api, settings: FormValues): Promise<Field[]>;
  /** Settings an action on this type asks for beside the mapping. */
  actionSettings?: FormField[];

  /**
   * A page of what changed. `cursor: null` means from now: no items and a cursor that stands at now.
   * `since` (with `cursor: null`) starts there instead: the first ask of a flow, or a backfill by period.
   */
  changes?(api: Api, input: { cursor: Cursor | null; since?: Date; settings: FormValues }): Promise<ChangePage>;
  /** How many records `changes` would give from `since` on, when the vendor can tell without reading them; null: it cannot. */
  count?(api: Api, input: { since: Date; settings: FormValues }): Promise<number | null>;
  /** The vendor has no changed-since: `changes` walks everything at each pass, and stored state hashes tell what is new. */
  fullPass?: boolean;
  /** The latest records, newest first: samples for mapping, filter counts and tests. */
  newest?(api: Api, input: { limit: number; settings: FormValues }): Promise<Rec[]>;
  get?(api: Api, id: string): Promise<Rec | null>;
  /** In the vendor's largest batch; ids that are not there are absent from the answer. */
  getMany?(api: Api, ids: string[]): Promise<Rec[]>;
  /** Records that match every condition; at most `limit`, the newest first where the vendor can sort. */
  find?(api: Api, input: { where: Condition[]; limit: number; settings: FormValues }): Promise<Rec[]>;

  create?(api: Api, input: CreateInput): Promise<Written>;
  update?(api: Api, input: UpdateInput): Promise<Written>;
  repeat: RepeatRule<Api>;
}
