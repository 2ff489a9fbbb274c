-- A bounded history: runs can be found by words, old bodies are blanked flow by flow, deliveries lie in days like runs,
-- so that whole days give their disk back.

-- Up to 40 words a run (server/flows/history-words.ts), as a tsvector: its GIN index also answers prefixes, which one
-- over text[] does not. 1 MB of unsorted entries at most: more would slow the search, less would slow the writing.
alter table run_history add column words tsvector;
create index run_history_words on run_history using gin (words) with (gin_pending_list_limit = 1024);
-- Bodies and values were cut by the flow's own limit; the decisions stay.
alter table run_history add column blanked boolean not null default false;

-- Only runs that wait for something or somebody have words: the hot path never touches this index.
alter table runs add column words tsvector;
create index runs_words on runs using gin (words) where words is not null;

-- Days after which bodies of the flow's finished runs are blanked; null: they stay as long as the run.
alter table flows add column body_days int check (body_days between 0 and 3650);

create sequence deliveries_by_day_id as bigint;
create table deliveries_by_day (
  -- A sequence of our own: identity columns on partitioned tables came with PostgreSQL 17.
  id bigint not null default nextval('deliveries_by_day_id'),
  connection_id uuid not null,
  source text not null check (source in ('webhook', 'poll', 'person')),
  received_at timestamptz not null default now(),
  headers text,
  body text
) partition by range (received_at);
alter sequence deliveries_by_day_id owned by deliveries_by_day.id;
create index deliveries_id on deliveries_by_day (id);
create index deliveries_by_connection on deliveries_by_day (connection_id, id);
create table deliveries_rest partition of deliveries_by_day default;
insert into deliveries_by_day (id, connection_id, source, received_at, headers, body)
  select id, connection_id, source, received_at, headers, body from deliveries;
select setval('deliveries_by_day_id', greatest((select max(id) from deliveries), 0) + 1, false);
drop table deliveries;
alter table deliveries_by_day rename to deliveries;
alter sequence deliveries_by_day_id rename to deliveries_id_seq;

-- lz4 packs a body five times faster than pglz at much the same size; not every server is built with it.
do $$
begin
  alter table run_history alter column payload set compression lz4, alter column progress set compression lz4;
  alter table run_history_rest alter column payload set compression lz4, alter column progress set compression lz4;
  alter table runs alter column payload set compression lz4, alter column progress set compression lz4;
  alter table deliveries alter column body set compression lz4, alter column headers set compression lz4;
  alter table deliveries_rest alter column body set compression lz4, alter column headers set compression lz4;
exception when feature_not_supported or invalid_parameter_value then
  raise notice 'this server is built without lz4';
end $$;
