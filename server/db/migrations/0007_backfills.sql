-- Existing records through a flow, by period: counted first, then page by page, with pause and cancel.
create table backfills (
  id uuid primary key,
  flow_id uuid not null references flows on delete cascade,
  since timestamptz not null,
  until timestamptz not null,
  state text not null check (state in ('counting', 'ready', 'running', 'paused', 'done', 'cancelled')),
  -- Null: the app cannot tell, or it is still being counted.
  total int,
  taken int not null default 0,
  cursor jsonb,
  -- The last page was read.
  read_all boolean not null default false,
  failure jsonb,
  started_by text not null,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  next_at timestamptz not null default now(),
  owner text,
  lease_until timestamptz
);
create unique index backfills_open on backfills (flow_id) where state in ('counting', 'ready', 'running', 'paused');
create index backfills_due on backfills (next_at) where state in ('counting', 'running');

alter table runs drop constraint runs_source_check;
alter table runs add constraint runs_source_check check (source in ('webhook', 'poll', 'person', 'backfill'));
create index runs_backfill on runs (flow_id) where source = 'backfill' and state in ('queued', 'working', 'calling', 'waiting');
