-- Letting go of runs that need not be kept.
ALTER TABLE flows ADD COLUMN retention TEXT; -- a JSON object; NULL when nobody has said how long its runs are kept
ALTER TABLE flows ADD COLUMN keys_forgotten_to INTEGER;

-- Roots that are over, by their end: in the order in which they go. A run is in one of these at the most. They have the columns that they are about:
-- without, each row is read to see that it really is so, also of the many that are kept.
CREATE INDEX flow_runs_good ON flow_runs (flow_id, ended_at, id, root_run_id, wake_at, state, once_key)
    WHERE root_run_id = id AND wake_at IS NULL AND (state = 12 OR (state = 10 AND once_key IS NULL));
CREATE INDEX flow_runs_failed ON flow_runs (flow_id, ended_at, id, root_run_id, wake_at, state)
    WHERE root_run_id = id AND wake_at IS NULL AND state IN (11, 13);
CREATE INDEX flow_runs_done_once ON flow_runs (flow_id, ended_at, id, root_run_id, wake_at, state, once_key)
    WHERE root_run_id = id AND wake_at IS NULL AND state = 10 AND once_key IS NOT NULL;
-- What keeps a run that is over.
CREATE INDEX flow_runs_members_done_once ON flow_runs (root_run_id) WHERE root_run_id <> id AND state = 10 AND once_key IS NOT NULL;
CREATE INDEX flow_runs_forks ON flow_runs (forked_from) WHERE forked_from IS NOT NULL;

-- Runs that were let go and are not wholly deleted.
CREATE TABLE pruned_runs (
    number INTEGER PRIMARY KEY,
    run_id BLOB NOT NULL UNIQUE,
    root_run_id BLOB NOT NULL
) STRICT;

-- When the run of a key was let go, and when it was created; both NULL while the run is there.
ALTER TABLE start_keys ADD COLUMN run_pruned_at INTEGER;
ALTER TABLE start_keys ADD COLUMN run_created_at INTEGER;
CREATE INDEX start_keys_pruned ON start_keys (run_pruned_at) WHERE run_pruned_at IS NOT NULL;

CREATE INDEX cached_results_by_age ON cached_results (made_at);
CREATE INDEX cached_results_large ON cached_results (run_id) WHERE result_file IS NOT NULL;
CREATE INDEX hosts_ended ON hosts (ended_at) WHERE ended_at IS NOT NULL;

-- Files in the results folder that no run refers to since; whoever is about to refer to one again has some time for that.
CREATE TABLE unused_values (
    hash BLOB NOT NULL PRIMARY KEY,
    since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX unused_values_by_time ON unused_values (since);

-- When somebody began to prune last.
CREATE TABLE retention_turns (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    at INTEGER NOT NULL
) STRICT;
