-- People, their sessions and passwords, API keys. Tables and columns are what better-auth 1.7 and its API-key plugin
-- expect (compileMigrations), under our names; the mapping is in server/accounts/auth.ts.

create table people (
  id text primary key,
  name text not null,
  -- Lower case.
  email text not null unique,
  email_verified boolean not null default false,
  image text,
  language text not null check (language in ('en', 'ru')),
  zone text not null,
  administrator boolean not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table sessions (
  id text primary key,
  person_id text not null references people on delete cascade,
  token text not null unique,
  expires_at timestamptz not null,
  ip_address text,
  user_agent text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index sessions_person on sessions (person_id);

-- How a person signs in; provider `credential` is the password (scrypt).
create table credentials (
  id text primary key,
  person_id text not null references people on delete cascade,
  account_id text not null,
  provider_id text not null,
  password text,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamptz,
  refresh_token_expires_at timestamptz,
  scope text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (provider_id, account_id)
);
create index credentials_person on credentials (person_id);

create table verifications (
  id text primary key,
  identifier text not null,
  value text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index verifications_identifier on verifications (identifier);

create table api_keys (
  id text primary key,
  config_id text not null default 'default',
  name text,
  -- The first characters, to tell keys apart; the key itself is kept as its SHA-256.
  start text,
  prefix text,
  key text not null unique,
  -- The person it acts for.
  reference_id text not null references people on delete cascade,
  enabled boolean not null default true,
  expires_at timestamptz,
  last_request timestamptz,
  request_count int,
  remaining int,
  refill_interval int,
  refill_amount int,
  last_refill_at timestamptz,
  rate_limit_enabled boolean,
  rate_limit_time_window int,
  rate_limit_max int,
  permissions text,
  metadata text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index api_keys_reference on api_keys (reference_id);

-- Signs the session cookies: one for the installation, sealed under its key.
create table cookie_secret (
  single boolean primary key default true check (single),
  sealed bytea not null
);

-- The one row says that the first administrator was made: whoever inserts it won.
create table setup (
  done boolean primary key default true check (done),
  person_id text not null references people,
  at timestamptz not null default now()
);

-- One-time codes that starting processes printed, as SHA-256; gone once set-up is done.
create table setup_codes (
  hash text primary key,
  created_at timestamptz not null default now()
);

-- Guesses at a password, by address, by e-mail and by person: shared by all processes.
create table password_attempts (
  key text primary key,
  failures int not null,
  blocked_until timestamptz,
  at timestamptz not null default now()
);
create index password_attempts_age on password_attempts (at);
