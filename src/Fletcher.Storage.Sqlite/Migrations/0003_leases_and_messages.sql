-- Who has a run, who takes it next and when, what was sent to it and what it asked.
ALTER TABLE flow_runs ADD COLUMN wake_at INTEGER;
ALTER TABLE flow_runs ADD COLUMN crashes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE flow_runs ADD COLUMN last_message INTEGER NOT NULL DEFAULT 0;
ALTER TABLE flow_runs ADD COLUMN undoing_to INTEGER;
ALTER TABLE flow_runs ADD COLUMN undoing_since INTEGER;
ALTER TABLE flow_runs ADD COLUMN undoing_reason TEXT;
ALTER TABLE flow_runs ADD COLUMN forked_from BLOB;
ALTER TABLE flow_runs ADD COLUMN expires_at INTEGER;
ALTER TABLE flow_runs ADD COLUMN caller_host_id BLOB;
-- A run is the root of its family when it is in it itself. All that follow hold few rows of many: a run that ended is in none.
CREATE INDEX flow_runs_due ON flow_runs (flow_id, wake_at)
    WHERE root_run_id = id AND host_id IS NULL AND wake_at IS NOT NULL AND state <> 10;
CREATE INDEX flow_runs_queued ON flow_runs (flow_id) WHERE root_run_id = id AND host_id IS NULL AND state = 1;
CREATE INDEX flow_runs_by_host ON flow_runs (host_id) WHERE root_run_id = id AND host_id IS NOT NULL AND state < 10;
CREATE INDEX flow_runs_open_members ON flow_runs (root_run_id) WHERE root_run_id <> id AND state < 10;

ALTER TABLE step_runs ADD COLUMN undoes INTEGER; -- NULL for 0: nearly all
ALTER TABLE step_runs ADD COLUMN undoes_run_id BLOB;
ALTER TABLE step_runs ADD COLUMN arguments BLOB;

ALTER TABLE hosts ADD COLUMN beat INTEGER NOT NULL DEFAULT 0;
ALTER TABLE hosts ADD COLUMN end_reason TEXT;
ALTER TABLE hosts ADD COLUMN flows TEXT;
ALTER TABLE hosts ADD COLUMN control_group TEXT;
ALTER TABLE hosts ADD COLUMN out_of_memory_kills INTEGER NOT NULL DEFAULT 0;
CREATE INDEX hosts_living ON hosts (id) WHERE ended_at IS NULL;

-- AUTOINCREMENT: a number is never given twice, even when messages are deleted, or a host that remembers one would miss another.
CREATE TABLE messages (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id BLOB NOT NULL,
    root_run_id BLOB NOT NULL,
    kind INTEGER NOT NULL,
    name TEXT,
    content BLOB,
    sent_at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT,
    key TEXT,
    taken_by INTEGER NOT NULL -- the step run; 0 nobody, -1 the run
) STRICT;
CREATE INDEX messages_by_root ON messages (root_run_id);
CREATE INDEX messages_untaken ON messages (root_run_id) WHERE taken_by = 0;
CREATE INDEX messages_stopping ON messages (root_run_id) WHERE taken_by = 0 AND kind = 2 AND run_id = root_run_id;
CREATE UNIQUE INDEX messages_by_key ON messages (run_id, key) WHERE key IS NOT NULL;

CREATE TABLE questions (
    run_id BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    text TEXT NOT NULL,
    asked_to TEXT,
    escalate_to TEXT,
    escalate_at INTEGER,
    expires_at INTEGER,
    schema TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    closed_at INTEGER,
    answered_by TEXT,
    answer BLOB,
    PRIMARY KEY (run_id, sequence)
) STRICT, WITHOUT ROWID;
CREATE INDEX questions_by_time ON questions (asked_at, run_id, sequence);
CREATE INDEX questions_open ON questions (asked_at, run_id, sequence) WHERE closed_at IS NULL;

-- A crashed run that is due to be resumed still has its key.
DROP INDEX flow_runs_once;
CREATE INDEX flow_runs_once ON flow_runs (flow_id, once_key) WHERE once_key IS NOT NULL AND (state <= 10 OR wake_at IS NOT NULL);

CREATE TABLE paused_flows (
    flow_id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT
) STRICT;
