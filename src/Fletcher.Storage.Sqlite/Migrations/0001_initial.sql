-- Instants are whole microseconds since 1970 (UTC), ids and hashes 16 bytes, most significant first; run ids sort by time.
-- States and other enumerations are the numbers in Fletcher.Model. Tables keyed by run are clustered by run (WITHOUT ROWID):
-- one run is read, and one day deleted, in one place.

CREATE TABLE schema_versions (
    version INTEGER PRIMARY KEY,
    applied_by TEXT NOT NULL,
    applied_at INTEGER NOT NULL
) STRICT;

CREATE TABLE flows (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- A row for each version of a step's code.
CREATE TABLE steps (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    source_hash TEXT,
    file TEXT,
    line INTEGER NOT NULL
) STRICT;
CREATE INDEX steps_by_name ON steps (name);

CREATE TABLE flow_runs (
    id BLOB PRIMARY KEY,
    flow_id INTEGER NOT NULL,
    name TEXT,
    state INTEGER NOT NULL,
    reason TEXT,
    parameters BLOB NOT NULL,
    parameters_hash BLOB NOT NULL,
    once_key TEXT,
    parent_run_id BLOB,
    parent_sequence INTEGER NOT NULL,
    root_run_id BLOB NOT NULL,
    attempt INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    host_id BLOB,
    fence INTEGER NOT NULL,
    result_format INTEGER,
    result BLOB,
    result_file BLOB,
    result_length INTEGER,
    error TEXT,
    code_version TEXT,
    tags TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX flow_runs_by_flow ON flow_runs (flow_id, id);
CREATE INDEX flow_runs_by_parent ON flow_runs (parent_run_id, id) WHERE parent_run_id IS NOT NULL;
-- With the host, so that a host which runs thousands of the same does not look through its own each time.
CREATE INDEX flow_runs_unfinished ON flow_runs (flow_id, parameters_hash, host_id, id)
    WHERE parent_run_id IS NULL AND state NOT IN (10, 12);
-- Open or completed. Not unique: a host that was taken for dead may still write its run, and that must not undo the whole
-- batch. Whoever makes or claims a run looks here first, in a transaction that keeps other writers out.
CREATE INDEX flow_runs_once ON flow_runs (flow_id, once_key) WHERE once_key IS NOT NULL AND state <= 10;

-- No further index and not STRICT: these rows are most of what is ever written. A result is in 'result', or in a file named after its
-- hash, which is then in 'result_file'; the hash of one in the row is not kept but computed.
CREATE TABLE step_runs (
    run_id BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    step_id INTEGER NOT NULL,
    state INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    flags INTEGER NOT NULL, -- 1 at most once, 2 superseded
    key_hash BLOB NOT NULL,
    key_occurrence INTEGER NOT NULL,
    site INTEGER NOT NULL,
    site_occurrence INTEGER NOT NULL,
    parent_sequence INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    inputs BLOB,
    result_format INTEGER,
    result BLOB,
    result_file BLOB,
    result_length INTEGER,
    name TEXT,
    next_attempt_at INTEGER,
    error TEXT,
    child_run_id BLOB,
    reason TEXT,
    PRIMARY KEY (run_id, sequence)
) WITHOUT ROWID;

-- The newest successful run of a step within a flow, and the newest before it in another flow run.
CREATE TABLE last_successes (
    flow_id INTEGER NOT NULL,
    step TEXT NOT NULL,
    run_id BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    previous_run_id BLOB,
    previous_sequence INTEGER,
    PRIMARY KEY (flow_id, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_entries (
    run_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    at INTEGER NOT NULL,
    from_state TEXT,
    to_state TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    next TEXT,
    PRIMARY KEY (run_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE log_lines (
    run_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    at INTEGER NOT NULL,
    level INTEGER NOT NULL,
    category TEXT NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (run_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX log_lines_by_step ON log_lines (run_id, sequence, number);

CREATE TABLE artifacts (
    run_id BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    key TEXT NOT NULL,
    kind INTEGER NOT NULL,
    at INTEGER NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (run_id, sequence, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE cached_results (
    step TEXT NOT NULL,
    key BLOB NOT NULL,
    source_hash TEXT,
    run_id BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    result_format INTEGER,
    result BLOB,
    result_file BLOB,
    result_length INTEGER,
    PRIMARY KEY (step, key)
) STRICT, WITHOUT ROWID;

-- Which runs refer to which file in the results folder: a file whose last row is gone may be deleted.
CREATE TABLE large_values (
    hash BLOB NOT NULL,
    run_id BLOB NOT NULL,
    length INTEGER NOT NULL,
    PRIMARY KEY (hash, run_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX large_values_by_run ON large_values (run_id);

CREATE TABLE hosts (
    id BLOB PRIMARY KEY,
    machine TEXT NOT NULL,
    boot TEXT NOT NULL,
    process_id INTEGER NOT NULL,
    process_start INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    heartbeat_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT, WITHOUT ROWID;
