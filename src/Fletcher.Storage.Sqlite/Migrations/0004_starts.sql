-- Which host takes a run, and in which order.
-- A lane is a queue with a set of labels; number 0, which has no row, is the default queue without labels.
CREATE TABLE lanes (
    id INTEGER PRIMARY KEY CHECK (id > 0),
    queue TEXT NOT NULL,
    labels TEXT NOT NULL, -- a JSON array
    UNIQUE (queue, labels)
) STRICT;

ALTER TABLE flow_runs ADD COLUMN lane_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE flow_runs ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
ALTER TABLE flow_runs ADD COLUMN fairness_key TEXT NOT NULL DEFAULT '';
-- Whether its time has come, as far as somebody has noticed. So what waits for its time is apart from what waits for a host: neither is looked
-- through to find the other, however many there are.
ALTER TABLE flow_runs ADD COLUMN is_ready INTEGER NOT NULL DEFAULT 0;

DROP INDEX flow_runs_due;
CREATE INDEX flow_runs_timed ON flow_runs (flow_id, lane_id, wake_at)
    WHERE root_run_id = id AND host_id IS NULL AND wake_at IS NOT NULL AND state <> 10 AND is_ready = 0;
CREATE INDEX flow_runs_ready ON flow_runs (flow_id, lane_id, priority DESC, fairness_key, wake_at)
    WHERE root_run_id = id AND host_id IS NULL AND wake_at IS NOT NULL AND state <> 10 AND is_ready = 1;

-- Which run was started with a key.
CREATE TABLE start_keys (
    flow_id INTEGER NOT NULL,
    kind INTEGER NOT NULL, -- 1 idempotency, 2 de-duplication, 3 debounce
    key TEXT NOT NULL,
    run_id BLOB NOT NULL,
    PRIMARY KEY (flow_id, kind, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX start_keys_by_run ON start_keys (run_id);

-- What hosts say about a flow; all NULL when none has.
ALTER TABLE flows ADD COLUMN parameter_schema TEXT;
ALTER TABLE flows ADD COLUMN summary TEXT;
ALTER TABLE flows ADD COLUMN tags TEXT;
ALTER TABLE flows ADD COLUMN source_hash TEXT;
ALTER TABLE flows ADD COLUMN code_version TEXT;
ALTER TABLE flows ADD COLUMN published_at INTEGER;

ALTER TABLE hosts ADD COLUMN queues TEXT;
ALTER TABLE hosts ADD COLUMN labels TEXT;
ALTER TABLE hosts ADD COLUMN capacity INTEGER NOT NULL DEFAULT 0;
