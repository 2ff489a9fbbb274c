-- Which processes of this installation live: each says so every few seconds.

create table processes (
  id uuid primary key,
  host text not null,
  pid int not null,
  version text not null,
  serves boolean not null,
  works boolean not null,
  started_at timestamptz not null default now(),
  beat_at timestamptz not null default now()
);
