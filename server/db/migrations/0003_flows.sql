-- Flows, what arrives for them, and their runs. The live queue, seen keys, once-marks, pairs and fingerprints are
-- small unpartitioned tables; finished runs move to run_history, partitioned by day and dropped by whole days.
-- Bodies are JSON kept as text: jsonb refuses \u0000, and nothing in SQL looks inside them.

create table flows (
  id uuid primary key,
  name text not null,
  owner_id text not null,
  state text not null default 'stopped' check (state in ('stopped', 'works', 'waits', 'paused')),
  -- { code, text, at }: why we paused it.
  paused jsonb,
  draft jsonb not null,
  draft_number int not null default 1,
  version_id bigint,
  created_at timestamptz not null default now(),
  deleted_at timestamptz
);

create table flow_versions (
  id bigint generated always as identity primary key,
  flow_id uuid not null references flows on delete cascade,
  number int not null,
  definition jsonb not null,
  saved_by text not null,
  saved_at timestamptz not null default now(),
  unique (flow_id, number)
);
alter table flows add foreign key (version_id) references flow_versions deferrable initially deferred;

-- Where a flow listens, and where its reader stands. The row outlives stop and start; another source starts from now.
create table triggers (
  flow_id uuid primary key references flows on delete cascade,
  connection_id uuid not null references connections,
  trigger_key text not null,
  record_type text,
  -- Connection, trigger and settings in one string: while it stays the same, so does the cursor.
  source text not null,
  active boolean not null default false,
  mode text not null check (mode in ('realTime', 'poll')),
  every_seconds int not null,
  cursor jsonb,
  -- "From now" is this moment: older records are not new.
  started_at timestamptz not null default now(),
  next_ask_at timestamptz not null default now(),
  asked_at timestamptz,
  event_at timestamptz,
  failure jsonb,
  -- Since when it does not listen; null while it does.
  stopped_at timestamptz,
  -- Deliveries up to this one are settled; later ones wait for "catch up" while the flow is stopped.
  settled_delivery bigint not null default 0,
  owner text,
  lease_until timestamptz
);
create index triggers_due on triggers (next_ask_at) where active;
create index triggers_connection on triggers (connection_id);

-- What arrived, as received, secret keys cut.
create table deliveries (
  id bigint generated always as identity primary key,
  connection_id uuid not null,
  source text not null check (source in ('webhook', 'poll', 'person')),
  received_at timestamptz not null default now(),
  headers text,
  body text
);
create index deliveries_connection on deliveries (connection_id, id);
create index deliveries_age on deliveries (received_at);

-- Runs: the queue of work. Open runs, and final ones that still need a person (rejected, dead, unknown).
create table runs (
  id bigint generated always as identity primary key,
  flow_id uuid not null,
  version_id bigint not null,
  -- Order is kept per flow and record key; a delivery without an id has a key of its own.
  record_key text not null,
  record_type text,
  record_id text,
  record_label text,
  record_url text,
  event text not null,
  -- A change that is loaded before anything is decided: a newer event of the record joins it while it is queued.
  coalesces boolean not null default false,
  source text not null check (source in ('webhook', 'poll', 'person')),
  delivery_id bigint,
  -- JSON: the record or happening as received; null: it is loaded.
  payload text,
  state text not null default 'queued' check (state in
    ('queued', 'working', 'calling', 'waiting', 'rejected', 'dead', 'unknown')),
  -- JSON: what is settled so far (loaded record, causes, finished steps, trace).
  progress text,
  reason jsonb,
  -- A step of it has called out: it can no longer be superseded.
  called boolean not null default false,
  attempts int not null default 0,
  -- When the present trouble began; after a day of it the run is given up. Time spent waiting for a person does not count.
  failing_since timestamptz,
  -- The connection a person must renew before it goes on.
  waits_for uuid,
  wake_at timestamptz not null default now(),
  owner text,
  lease_until timestamptz,
  -- Grows with every claim: a result under an old number is refused.
  fence int not null default 0,
  root_id bigint,
  rerun_of bigint,
  create_again int not null default 0,
  created_at timestamptz not null default now(),
  finished_at timestamptz
);
create unique index runs_coalesce on runs (flow_id, record_key) where coalesces and state = 'queued';
create index runs_order on runs (flow_id, record_key, id) where state in ('queued', 'working', 'calling', 'waiting', 'unknown');
create index runs_claim on runs (wake_at, id) where state in ('queued', 'waiting');
create index runs_leases on runs (lease_until) where state in ('working', 'calling');
create index runs_waits_for on runs (waits_for) where waits_for is not null;
create index runs_flow on runs (flow_id, created_at desc, id desc);
create index runs_created on runs (created_at desc, id desc);

create table run_history (
  id bigint not null,
  flow_id uuid not null,
  version_id bigint not null,
  record_key text not null,
  record_type text,
  record_id text,
  record_label text,
  record_url text,
  event text not null,
  source text not null,
  delivery_id bigint,
  payload text,
  state text not null,
  progress text,
  reason jsonb,
  attempts int not null,
  root_id bigint,
  rerun_of bigint,
  create_again int not null default 0,
  created_at timestamptz not null,
  finished_at timestamptz not null,
  primary key (created_at, id)
) partition by range (created_at);
create index run_history_id on run_history (id);
create index run_history_flow on run_history (flow_id, created_at desc, id desc);
create index run_history_state on run_history (state, created_at desc, id desc);
create table run_history_rest partition of run_history default;

-- Keys of happenings a flow has already taken: stage-history ids, the user's id path of a webhook.
create table seen (
  flow_id uuid not null,
  key text not null,
  at timestamptz not null default now(),
  primary key (flow_id, key)
);
create index seen_age on seen (at);

-- The state of a record as a flow took it last, without derived fields: a short hash a field.
create table record_states (
  flow_id uuid not null,
  record_key text not null,
  hash text not null,
  fields jsonb not null,
  -- The run that took it: the same run finds its own state again after a crash and goes on.
  run_id bigint,
  at timestamptz not null default now(),
  primary key (flow_id, record_key)
);

-- "Each record once": spent when the first action was carried out or a duplicate was found.
create table once_marks (
  flow_id uuid not null,
  record_key text not null,
  run_id bigint not null,
  at timestamptz not null default now(),
  primary key (flow_id, record_key)
);

-- Which record over here is which over there. It belongs to two connections and two record types, not to a flow.
create table pairs (
  id bigint generated always as identity primary key,
  source_connection uuid not null,
  source_type text not null,
  source_id text not null,
  target_connection uuid not null,
  target_type text not null,
  target_id text not null,
  run_id bigint,
  at timestamptz not null default now()
);
create unique index pairs_source on pairs (source_connection, source_type, source_id, target_connection, target_type);
create index pairs_target on pairs (target_connection, target_type, target_id);

-- What we are about to write, stored before the call: a change that holds only this is our own coming back.
create table fingerprints (
  id bigint generated always as identity primary key,
  connection_id uuid not null,
  record_type text not null,
  -- Null while a create is under way.
  record_id text,
  run_id bigint not null,
  step text not null,
  -- Hash by field before the write; null: we make the record.
  before jsonb,
  -- Comparable value by field.
  written jsonb not null,
  -- Flows that led to this write, the writing one last.
  causes uuid[] not null,
  used_by uuid[] not null default '{}',
  at timestamptz not null default now(),
  unique (run_id, step)
);
create index fingerprints_record on fingerprints (connection_id, record_type, record_id);
create index fingerprints_age on fingerprints (at);

-- Keys of records that are being looked for and made right now, locked as rows in sorted order: two events for one
-- new client in the same second make one client.
create table key_locks (
  key text primary key,
  run_id bigint not null,
  until timestamptz not null
);

-- How many records a flow created, by slots of five minutes: the brake looks back one hour.
create table brake_counts (
  flow_id uuid not null,
  slot timestamptz not null,
  created int not null,
  primary key (flow_id, slot)
);

create table settings (
  key text primary key,
  value jsonb not null
);
