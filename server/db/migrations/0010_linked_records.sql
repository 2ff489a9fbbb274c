-- The linked records of a flow are listed newest first, a page at a time.
create index pairs_listed on pairs (source_connection, source_type, target_connection, target_type, at desc, id desc);

-- The last day an access is good for, as a person was told when it was given out: no app says it of its own keys.
-- A day as text: pg would make a local midnight of a date.
alter table connections add column valid_until text check (valid_until ~ '^\d{4}-\d\d-\d\d$');
