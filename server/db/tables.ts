import type { ColumnType, Generated } from 'kysely';
import type { Text } from '../../kit/text.ts';
import type { FailureView, FieldView } from '../connections/contract.ts';
import type { FlowDefinition, FlowDraft, FlowState, Reason, RunState } from '../flows/contract.ts';
import type { JsonValue } from '../http/contract.ts';
import type { AccountTables } from './account-tables.ts';

/** jsonb: read parsed, written as a JSON string (pg would turn a JavaScript array into a PostgreSQL array). */
type Jsonb<T> = ColumnType<T, string, string>;
type Time = ColumnType<Date, Date | string | undefined, Date | string>;
type MaybeTime = ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;

interface Connections {
  id: string;
  connector: string;
  auth: string;
  name: string;
  account: string | null;
  identity: string | null;
  fields: Jsonb<Record<string, JsonValue>>;
  secrets: Buffer;
  secrets_set: string[];
  endpoints: Jsonb<Record<string, string>>;
  hook_key: string;
  hook_called_at: MaybeTime;
  hook_refusal: Jsonb<FailureView> | null;
  worked_at: MaybeTime;
  failure: Jsonb<FailureView> | null;
  needs_reconnect: Generated<boolean>;
  blocked: Jsonb<{ code: string; text: Text }> | null;
  warnings: Jsonb<Text[]>;
  /** A day: `2026-12-31`. */
  valid_until: ColumnType<string | null, string | null | undefined, string | null>;
  revision: Generated<number>;
  created_by: string;
  created_at: Time;
}

interface ConnectionMemory {
  connection_id: string;
  key: string;
  value: Jsonb<JsonValue>;
  changed_at: Time;
}

interface ConnectionSessions {
  connection_id: string;
  token: Buffer | null;
  expires_at: MaybeTime;
  renewing_until: MaybeTime;
}

interface FieldCache {
  connection_id: string;
  record_type: string;
  fields: Jsonb<FieldView[]>;
  fetched_at: Time;
}

interface LimiterBuckets {
  key: string;
  level: Generated<number>;
  updated_at: Time;
  paused_until: MaybeTime;
  places: Generated<Jsonb<Record<string, number>>>;
}

interface Flows {
  id: string;
  name: string;
  owner_id: string;
  state: Generated<FlowState>;
  paused: Jsonb<Reason & { at: string }> | null;
  draft: Jsonb<FlowDraft>;
  draft_number: Generated<number>;
  /** bigint: a string in JavaScript. */
  version_id: string | null;
  created_at: Time;
  deleted_at: MaybeTime;
  body_days: number | null;
}

interface FlowVersions {
  id: Generated<string>;
  flow_id: string;
  number: number;
  definition: Jsonb<FlowDefinition>;
  saved_by: string;
  saved_at: Time;
}

interface Triggers {
  flow_id: string;
  connection_id: string;
  trigger_key: string;
  record_type: string | null;
  source: string;
  active: Generated<boolean>;
  mode: 'realTime' | 'poll';
  every_seconds: number;
  cursor: Jsonb<JsonValue> | null;
  started_at: Time;
  next_ask_at: Time;
  asked_at: MaybeTime;
  event_at: MaybeTime;
  failure: Jsonb<Reason & { at: string }> | null;
  stopped_at: MaybeTime;
  settled_delivery: Generated<string>;
  owner: string | null;
  lease_until: MaybeTime;
}

interface Deliveries {
  id: Generated<string>;
  connection_id: string;
  source: 'webhook' | 'poll' | 'person' | 'backfill';
  received_at: Time;
  headers: string | null;
  body: string | null;
}

interface RunColumns {
  flow_id: string;
  version_id: string;
  record_key: string;
  record_type: string | null;
  record_id: string | null;
  record_label: string | null;
  record_url: string | null;
  event: string;
  source: 'webhook' | 'poll' | 'person' | 'backfill';
  delivery_id: string | null;
  payload: string | null;
  state: RunState;
  /** As packed by `packProgress`. */
  progress: Buffer | null;
  reason: Jsonb<Reason> | null;
  root_id: string | null;
  rerun_of: string | null;
  create_again: Generated<number>;
}

interface Runs extends RunColumns {
  id: Generated<string>;
  coalesces: Generated<boolean>;
  called: Generated<boolean>;
  creates: Generated<boolean>;
  attempts: Generated<number>;
  failing_since: MaybeTime;
  wakes: Generated<number>;
  held_at: MaybeTime;
  waits_for: string | null;
  wake_at: Time;
  owner: string | null;
  lease_until: MaybeTime;
  fence: Generated<number>;
  created_at: Time;
  finished_at: MaybeTime;
}

interface RunHistory extends RunColumns {
  id: string;
  attempts: number;
  created_at: Date;
  finished_at: Date;
  blanked: Generated<boolean>;
}

interface OnceMarks {
  flow_id: string;
  record_key: string;
  run_id: string;
  at: Time;
}

interface Pairs {
  id: Generated<string>;
  source_connection: string;
  source_type: string;
  source_id: string;
  target_connection: string;
  target_type: string;
  target_id: string;
  run_id: string | null;
  at: Time;
}

interface RecordStates {
  flow_id: string;
  record_key: string;
  hash: string;
  fields: Jsonb<Record<string, string>>;
  run_id: string | null;
  at: Time;
}

interface Fingerprints {
  id: Generated<string>;
  connection_id: string;
  record_type: string;
  record_id: string | null;
  run_id: string;
  step: string;
  before: Jsonb<Record<string, string>> | null;
  written: Jsonb<Record<string, JsonValue>>;
  causes: string[];
  used_by: string[];
  at: Time;
}

interface Backfills {
  id: string;
  flow_id: string;
  since: Time;
  until: Time;
  state: 'counting' | 'ready' | 'running' | 'paused' | 'done' | 'cancelled';
  total: number | null;
  taken: Generated<number>;
  cursor: Jsonb<JsonValue> | null;
  read_all: Generated<boolean>;
  failure: Jsonb<Reason & { at: string }> | null;
  started_by: string;
  source: string | null;
  created_at: Time;
  finished_at: MaybeTime;
  next_at: Time;
  owner: string | null;
  lease_until: MaybeTime;
}

interface SettingsTable {
  key: string;
  value: Jsonb<JsonValue>;
}

export interface Tables extends AccountTables {
  connections: Connections;
  connection_memory: ConnectionMemory;
  connection_sessions: ConnectionSessions;
  field_cache: FieldCache;
  limiter_buckets: LimiterBuckets;
  flows: Flows;
  flow_versions: FlowVersions;
  triggers: Triggers;
  deliveries: Deliveries;
  runs: Runs;
  run_history: RunHistory;
  once_marks: OnceMarks;
  pairs: Pairs;
  record_states: RecordStates;
  fingerprints: Fingerprints;
  backfills: Backfills;
  settings: SettingsTable;
  seen: { flow_id: string; key: string; at: Time };
  brake_counts: { flow_id: string; slot: Date; created: number };
  key_locks: { key: string; run_id: string; until: Date };
}
