-- The bell of every screen counts these.
create index notices_unread on notices (id) where read_at is null;
