-- How often a held run went on because its connection answered again, and was refused once more: an app may let us read
-- and refuse our writes.
alter table runs add column wakes int not null default 0;
-- Since when it waits for a person: that time does not count against its day of tries.
alter table runs add column held_at timestamptz;

-- Settled because the trouble passed by itself: when it comes back soon, it is the same trouble.
alter table notices add column lapsed boolean not null default false;

-- Who calls the account at this moment, and until when that holds at most (seconds since 1970): some apps bear only so
-- many calls at the same time, of all processes together.
alter table limiter_buckets add column places jsonb not null default '{}';

-- What the flow read when the backfill began, as in triggers.source: its cursor means nothing to another source.
alter table backfills add column source text;
update backfills b set state = 'cancelled', finished_at = now() from flows f
where f.id = b.flow_id and f.deleted_at is not null and b.state in ('counting', 'ready', 'running', 'paused');

-- An alert is tried again for a day, by each way that has not taken it yet. send_failure holds the words by way.
alter table notices add column sent_ways text[] not null default '{}';
alter table notices add column send_tries int not null default 0;
alter table notices add column send_next_at timestamptz not null default now();
create index notices_unsent on notices (send_next_at) where sent_at is null and settled_at is null;
update notices set send_failure = null;

-- Why the connection must not be used whatever it answers (another account is behind it): only a check clears it.
alter table connections add column blocked jsonb;
