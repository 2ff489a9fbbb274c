-- Reruns are looked up by what they repeat: a second click makes no second rerun, a bulk rerun passes over the repeated.
create index runs_rerun_of on runs (rerun_of) where rerun_of is not null;
create index run_history_rerun_of on run_history (rerun_of) where rerun_of is not null;
create index runs_attention on runs (flow_id, state, id) where state in ('rejected', 'dead', 'unknown');
create index key_locks_run on key_locks (run_id);
