-- What a person must be told: in the product, and outside it where the settings say so. One open notice a trouble.
create table notices (
  id bigint generated always as identity primary key,
  kind text not null,
  -- What it is about: a flow's or connection's id.
  subject text not null,
  text jsonb not null,
  flow_id uuid,
  connection_id uuid,
  at timestamptz not null default now(),
  -- The trouble is over.
  settled_at timestamptz,
  read_at timestamptz,
  sent_at timestamptz,
  send_failure jsonb
);
create unique index notices_open on notices (kind, subject) where settled_at is null;
create index notices_at on notices (at desc);

-- Passwords of the installation's own: the mail server's address with its sign-in.
create table sealed_settings (
  key text primary key,
  value bytea not null
);
