-- Connections: one account of a connector, with its secrets sealed.

create table connections (
  id uuid primary key,
  connector text not null,
  auth text not null,
  name text not null,
  -- The account as people call it and as the connector identifies it; null until a check succeeded.
  account text,
  identity text,
  fields jsonb not null default '{}',
  -- AES-256-GCM over the JSON object of secrets.
  secrets bytea not null,
  secrets_set text[] not null default '{}',
  endpoints jsonb not null default '{}',
  -- Random part of the inbound address: whoever knows it may post.
  hook_key text not null unique,
  hook_called_at timestamptz,
  hook_refusal jsonb,
  worked_at timestamptz,
  failure jsonb,
  needs_reconnect boolean not null default false,
  warnings jsonb not null default '[]',
  -- Grows with every change, so that processes drop what they cached of it.
  revision int not null default 1,
  created_by text not null,
  created_at timestamptz not null default now()
);

-- Small durable facts of a connector: which address made which location.
create table connection_memory (
  connection_id uuid not null references connections on delete cascade,
  key text not null,
  value jsonb not null,
  changed_at timestamptz not null default now(),
  primary key (connection_id, key)
);

-- Tokens that live for a while. `renewing_until` lets one process renew while the others wait.
create table connection_sessions (
  connection_id uuid primary key references connections on delete cascade,
  token bytea,
  expires_at timestamptz,
  renewing_until timestamptz
);

-- Live fields as the other side described them.
create table field_cache (
  connection_id uuid not null references connections on delete cascade,
  record_type text not null,
  fields jsonb not null,
  fetched_at timestamptz not null default now(),
  primary key (connection_id, record_type)
);

-- Leaky buckets shared by all processes: how full the bucket was at `updated_at`.
create table limiter_buckets (
  key text primary key,
  level double precision not null default 0,
  updated_at timestamptz not null default now(),
  paused_until timestamptz
);
