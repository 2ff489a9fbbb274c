-- Each claim asks of each run whether one of its record is in hand.
create index runs_in_hand on runs (flow_id, record_key) where state in ('working', 'calling');
drop index runs_leases;
