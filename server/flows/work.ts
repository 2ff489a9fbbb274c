import type { Field, Value, Values } from '../../kit/field.ts';
import type { Text } from '../../kit/text.ts';
import type { Loader } from '../connections/index.ts';
import type { FlowStep, Reason, TraceStep } from './contract.ts';
import type { Plan, PlannedStep } from './plan.ts';

/** A claimed run as the queue gave it. */
export interface ClaimedRun {
  /** bigint in PostgreSQL. */
  id: string;
  flowId: string;
  versionId: string;
  recordKey: string;
  recordType: string | null;
  recordId: string | null;
  event: string;
  coalesces: boolean;
  source: 'webhook' | 'poll' | 'person' | 'backfill';
  deliveryId: string | null;
  payload: string | null;
  /** As packed by `packProgress`. */
  progress: Buffer | null;
  attempts: number;
  failingSince: Date | null;
  /** How often it was held for its connection and went on because that answered again. */
  wakes: number;
  /** Grows with every claim; what we write under an old number is refused. */
  fence: number;
  /** Until then, by the monotonic clock, nobody takes the run over; each renewal moves it on. */
  lease: { until: number };
  /** Taken from a worker that fell silent: no call of that one left later than this. */
  abandonedAt: Date | null;
  rootId: string | null;
  createAgain: number;
  createdAt: Date;
  claimedAt: Date;
  /** By the clock of the database, which all processes share. */
  now(): Date;
}

/** What a step of the flow has settled: later steps and reruns use it instead of doing it again. */
export interface StepResult {
  /** What later templates see under the step's id. */
  output: Values;
  what: 'created' | 'updated' | 'same' | 'done';
  id: string | null;
  label: string | null;
  url: string | null;
}

/** A call that was announced before it went out. Whoever finds it after a crash goes on by the repeat rule. */
export interface PendingCall {
  step: string;
  operation: 'create' | 'update' | 'act';
  /** The record it changes. */
  targetId: string | null;
  /** It was found by its pair. */
  byPair?: boolean;
  values: Values;
  /** Field values before the write, for the echo and the history. */
  before: Values | null;
  repeatKey: string;
  /** ISO time: no try left later than this. Announced first, moved on when the answer got lost. */
  since: string;
  /** ISO time: no try was made before this. */
  firstTry?: string;
}

/** Settled so far; kept as JSON beside the run. */
export interface Progress {
  loaded?: {
    values: Values;
    /** Flows that led to this change, the latest last. */
    causes: string[];
    /** Fields that bring nothing new to the record the change came from. */
    echoed?: string[];
  };
  steps: Record<string, StepResult>;
  pending?: PendingCall;
  /** Who wants a second record whatever the duplicate rule would find. */
  createAnyway?: string;
  /** Key locks this run holds. */
  locks?: string[];
  trace: TraceStep[];
}

/** A pair of records to remember. */
export interface PairOf {
  sourceConnection: string;
  sourceType: string;
  sourceId: string;
  targetConnection: string;
  targetType: string;
  targetId: string;
}

/** What a finished call leaves behind; written in the same transaction as the run's progress. */
export interface Effects {
  pairs: PairOf[];
  /** Our write as the other side returned it. */
  written: { step: string; recordId: string; values: Record<string, Value> }[];
  created: number;
  spendsOnce: boolean;
}

export interface Work {
  run: ClaimedRun;
  plan: Plan;
  progress: Progress;
  effects: Effects;
  record: { id: string | null; label: string | null; url: string | null };
  loader: Loader;
  /** A trial: nothing is locked, unlinked or sent. */
  isTrial?: boolean;
}

/** Why and how a walk ends or pauses. */
export type Stop =
  | { state: 'done' | 'filtered' | 'skipped' | 'rejected' | 'dead' | 'unknown'; reason: Reason }
  | { state: 'waiting'; reason: Reason; seconds: number }
  /** Until a person renewed the connection, or resumed the flow. */
  | { state: 'held'; reason: Reason; waitsFor: string }
  /** Nothing to tell: a poll found what was already taken. */
  | { state: 'dropped' }
  /** Somebody else has the run now. */
  | { state: 'lost' };

/** What a step tells of itself in the history. */
export interface Note {
  why: Text;
  code?: string;
  values?: TraceStep['values'];
  found?: TraceStep['found'];
}

/** The one form of a step of the walk: go on, or stop with a reason. "No" is a value; errors are for the unforeseen. */
export type StepOutcome = { go: true; note: Note } | { stop: Stop; note: Note };

/** A step of the walk that concerns one step of the flow. */
export interface StepOf {
  step: FlowStep;
  planned: PlannedStep;
}

/** Handed from mapping over duplicate to action within one step of the flow. */
export interface Draft extends StepOf {
  values: Values;
  decision: Decision | null;
}

/** What the duplicate rule decided. */
export type Decision =
  | { what: 'create' }
  | ({ what: 'update'; current: Values; changes: Values } & Target)
  | ({ what: 'same'; current: Values } & Target)
  | { what: 'act'; target: (Target & { values: Values }) | null };

/** A record that was found over there. */
export interface Target {
  id: string;
  label: string | null;
  url: string | null;
  /** The pair told it: there is none to be remembered, and one that a person undid meanwhile stays undone. */
  byPair: boolean;
}

export const emptyEffects = (): Effects => ({ pairs: [], written: [], created: 0, spendsOnce: false });

/** Rows of the history's data table. */
export const valueRows = (fields: Field[], values: Values, before?: Values | null): NonNullable<TraceStep['values']> =>
  fields.flatMap((field) => {
    const after = values[field.key];
    if (after === undefined) return [];
    const row = { key: field.key, label: field.label, after };
    const old = before?.[field.key];
    return [old === undefined ? row : { ...row, before: old }];
  });
