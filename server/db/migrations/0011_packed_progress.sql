-- What a run did is most of what a run carries. It is packed by the program (server/flows/progress.ts), which is ten times
-- smaller than its text; PostgreSQL need not try to compress it again.
alter table runs alter column progress type bytea using convert_to(progress, 'UTF8');
alter table run_history alter column progress type bytea using convert_to(progress, 'UTF8');
alter table runs alter column progress set storage external;
alter table run_history alter column progress set storage external;
alter table run_history_rest alter column progress set storage external;

-- A call that creates is under way: the brake counts it, and cannot look into the packed progress.
alter table runs add column creates boolean not null default false;
