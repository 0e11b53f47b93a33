BEGIN;
PRAGMA application_id = 1179407427;
PRAGMA user_version = 8;
CREATE TABLE schema_versions (
    version INTEGER PRIMARY KEY,
    applied_by TEXT NOT NULL,
    applied_at INTEGER NOT NULL
) STRICT;
CREATE TABLE flows (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
, parameter_schema TEXT, summary TEXT, tags TEXT, source_hash TEXT, code_version TEXT, published_at INTEGER, retention TEXT, keys_forgotten_to INTEGER) STRICT;
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
, failures INTEGER NOT NULL DEFAULT 0, next_attempt_at INTEGER, wake_at INTEGER, crashes INTEGER NOT NULL DEFAULT 0, last_message INTEGER NOT NULL DEFAULT 0, undoing_to INTEGER, undoing_since INTEGER, undoing_reason TEXT, forked_from BLOB, expires_at INTEGER, caller_host_id BLOB, lane_id INTEGER NOT NULL DEFAULT 0, priority INTEGER NOT NULL DEFAULT 0, fairness_key TEXT NOT NULL DEFAULT '', is_ready INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
CREATE INDEX flow_runs_by_flow ON flow_runs (flow_id, id);
CREATE INDEX flow_runs_by_parent ON flow_runs (parent_run_id, id) WHERE parent_run_id IS NOT NULL;
CREATE INDEX flow_runs_unfinished ON flow_runs (flow_id, parameters_hash, host_id, id)
    WHERE parent_run_id IS NULL AND state NOT IN (10, 12);
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
    reason TEXT, undoes INTEGER, undoes_run_id BLOB, arguments BLOB,
    PRIMARY KEY (run_id, sequence)
) WITHOUT ROWID;
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
, beat INTEGER NOT NULL DEFAULT 0, end_reason TEXT, flows TEXT, control_group TEXT, out_of_memory_kills INTEGER NOT NULL DEFAULT 0, queues TEXT, labels TEXT, capacity INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
CREATE INDEX flow_runs_queued ON flow_runs (flow_id) WHERE root_run_id = id AND host_id IS NULL AND state = 1;
CREATE INDEX flow_runs_by_host ON flow_runs (host_id) WHERE root_run_id = id AND host_id IS NOT NULL AND state < 10;
CREATE INDEX flow_runs_open_members ON flow_runs (root_run_id) WHERE root_run_id <> id AND state < 10;
CREATE INDEX hosts_living ON hosts (id) WHERE ended_at IS NULL;
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
CREATE INDEX flow_runs_once ON flow_runs (flow_id, once_key) WHERE once_key IS NOT NULL AND (state <= 10 OR wake_at IS NOT NULL);
CREATE TABLE paused_flows (
    flow_id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT
) STRICT;
CREATE TABLE lanes (
    id INTEGER PRIMARY KEY CHECK (id > 0),
    queue TEXT NOT NULL,
    labels TEXT NOT NULL, -- a JSON array
    UNIQUE (queue, labels)
) STRICT;
CREATE INDEX flow_runs_timed ON flow_runs (flow_id, lane_id, wake_at)
    WHERE root_run_id = id AND host_id IS NULL AND wake_at IS NOT NULL AND state <> 10 AND is_ready = 0;
CREATE INDEX flow_runs_ready ON flow_runs (flow_id, lane_id, priority DESC, fairness_key, wake_at)
    WHERE root_run_id = id AND host_id IS NULL AND wake_at IS NOT NULL AND state <> 10 AND is_ready = 1;
CREATE TABLE start_keys (
    flow_id INTEGER NOT NULL,
    kind INTEGER NOT NULL, -- 1 idempotency, 2 de-duplication, 3 debounce
    key TEXT NOT NULL,
    run_id BLOB NOT NULL, run_pruned_at INTEGER, run_created_at INTEGER,
    PRIMARY KEY (flow_id, kind, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX start_keys_by_run ON start_keys (run_id);
CREATE TABLE limits (
    name TEXT NOT NULL,
    is_set INTEGER NOT NULL,
    slots INTEGER,
    rate_count INTEGER,
    rate_period INTEGER,
    rate_burst INTEGER,
    breaker_failures INTEGER,
    breaker_window INTEGER,
    breaker_open_for INTEGER,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT,
    PRIMARY KEY (name, is_set)
) STRICT, WITHOUT ROWID;
CREATE TABLE limit_lanes (
    limit_name TEXT NOT NULL,
    key TEXT NOT NULL,
    bucket_level INTEGER,
    bucket_period INTEGER,
    bucket_at INTEGER,
    open_until INTEGER,
    open_reason TEXT,
    probe BLOB,
    failures TEXT,
    due_at INTEGER,
    PRIMARY KEY (limit_name, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX limit_lanes_due ON limit_lanes (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE limit_places (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE,
    limit_name TEXT NOT NULL,
    key TEXT NOT NULL,
    weight INTEGER NOT NULL,
    root_run_id BLOB NOT NULL,
    fence INTEGER NOT NULL,
    run_id BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    flow TEXT NOT NULL,
    step TEXT,
    asked_at INTEGER NOT NULL,
    granted_at INTEGER,
    taken INTEGER NOT NULL
) STRICT;
CREATE INDEX limit_places_waiting ON limit_places (limit_name, key, granted_at) WHERE granted_at IS NULL;
CREATE INDEX limit_places_granted ON limit_places (limit_name, key, granted_at, taken) WHERE granted_at IS NOT NULL;
CREATE INDEX limit_places_by_root ON limit_places (root_run_id);
CREATE TABLE deployments (
    name TEXT NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    next_at INTEGER,
    record TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX deployments_due ON deployments (next_at) WHERE next_at IS NOT NULL;
CREATE TABLE variables (
    kind INTEGER NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    value BLOB NOT NULL,
    changed_at INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    note TEXT,
    PRIMARY KEY (kind, name)
) STRICT;
CREATE INDEX flow_runs_good ON flow_runs (flow_id, ended_at, id, root_run_id, wake_at, state, once_key)
    WHERE root_run_id = id AND wake_at IS NULL AND (state = 12 OR (state = 10 AND once_key IS NULL));
CREATE INDEX flow_runs_failed ON flow_runs (flow_id, ended_at, id, root_run_id, wake_at, state)
    WHERE root_run_id = id AND wake_at IS NULL AND state IN (11, 13);
CREATE INDEX flow_runs_done_once ON flow_runs (flow_id, ended_at, id, root_run_id, wake_at, state, once_key)
    WHERE root_run_id = id AND wake_at IS NULL AND state = 10 AND once_key IS NOT NULL;
CREATE INDEX flow_runs_members_done_once ON flow_runs (root_run_id) WHERE root_run_id <> id AND state = 10 AND once_key IS NOT NULL;
CREATE INDEX flow_runs_forks ON flow_runs (forked_from) WHERE forked_from IS NOT NULL;
CREATE TABLE pruned_runs (
    number INTEGER PRIMARY KEY,
    run_id BLOB NOT NULL UNIQUE,
    root_run_id BLOB NOT NULL
) STRICT;
CREATE INDEX start_keys_pruned ON start_keys (run_pruned_at) WHERE run_pruned_at IS NOT NULL;
CREATE INDEX cached_results_by_age ON cached_results (made_at);
CREATE INDEX cached_results_large ON cached_results (run_id) WHERE result_file IS NOT NULL;
CREATE INDEX hosts_ended ON hosts (ended_at) WHERE ended_at IS NOT NULL;
CREATE TABLE unused_values (
    hash BLOB NOT NULL PRIMARY KEY,
    since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX unused_values_by_time ON unused_values (since);
CREATE TABLE retention_turns (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    at INTEGER NOT NULL
) STRICT;
INSERT INTO schema_versions (version, applied_by, applied_at) VALUES (1, '0.1.0', 1795422874474729);
INSERT INTO schema_versions (version, applied_by, applied_at) VALUES (2, '0.1.0', 1795428098088241);
INSERT INTO schema_versions (version, applied_by, applied_at) VALUES (3, '0.1.0', 1795448604284191);
INSERT INTO schema_versions (version, applied_by, applied_at) VALUES (4, '0.1.0', 1795453541133636);
INSERT INTO schema_versions (version, applied_by, applied_at) VALUES (5, '0.1.0', 1795456813292070);
INSERT INTO schema_versions (version, applied_by, applied_at) VALUES (6, '0.1.0', 1795470695085745);
INSERT INTO schema_versions (version, applied_by, applied_at) VALUES (7, '0.1.0', 1795475531026537);
INSERT INTO schema_versions (version, applied_by, applied_at) VALUES (8, '0.1.0', 1795480265088913);
INSERT INTO flows (id, name, parameter_schema, summary, tags, source_hash, code_version, published_at, retention, keys_forgotten_to) VALUES (1, 'Billing.InvoiceMonth', '{}', NULL, NULL, NULL, NULL, 1790843400123456, NULL, NULL);
INSERT INTO flows (id, name, parameter_schema, summary, tags, source_hash, code_version, published_at, retention, keys_forgotten_to) VALUES (2, 'Billing.Approve', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO steps (id, name, source_hash, file, line) VALUES (1, 'Billing.Aggregate', 'abc', 'billing.cs', 42);
INSERT INTO steps (id, name, source_hash, file, line) VALUES (2, 'Billing.Send', NULL, NULL, 0);
INSERT INTO flow_runs (id, flow_id, name, state, reason, parameters, parameters_hash, once_key, parent_run_id, parent_sequence, root_run_id, attempt, created_at, started_at, ended_at, host_id, fence, result_format, result, result_file, result_length, error, code_version, tags, failures, next_attempt_at, wake_at, crashes, last_message, undoing_to, undoing_since, undoing_reason, forked_from, expires_at, caller_host_id, lane_id, priority, fairness_key, is_ready) VALUES (X'0195FFB1D04E3CCAA4713DC134BA998D', 1, 'October', 11, 'a step failed', X'7B226D6F6E7468223A22323032362D31302D3031227D', X'008051BD8C2C715FC258C8E46BB2334B', '2026-10', NULL, 0, X'0195FFB1D04E3CCAA4713DC134BA998D', 1, 1790843400123456, 1790843401123456, 1790843402123456, X'0199A1B2C3D47E5F8A6B7C8D9E0F1A2B', 7, NULL, NULL, NULL, NULL, '{"type":"System.Net.Http.HttpRequestException","message":"it\u0027s unavailable","stackTrace":"   at Billing.Send()\n   at Main()","class":2,"code":"503","causeRunId":"01jqzv3m2e7k5a8w9xr4tbn6cd","causeSequence":2,"inner":[{"type":"System.IO.IOException","message":"reset","class":0}]}', '1.0.0', '["billing","gro\u00DFe"]', 0, NULL, NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, '', 0);
INSERT INTO flow_runs (id, flow_id, name, state, reason, parameters, parameters_hash, once_key, parent_run_id, parent_sequence, root_run_id, attempt, created_at, started_at, ended_at, host_id, fence, result_format, result, result_file, result_length, error, code_version, tags, failures, next_attempt_at, wake_at, crashes, last_message, undoing_to, undoing_since, undoing_reason, forked_from, expires_at, caller_host_id, lane_id, priority, fairness_key, is_ready) VALUES (X'0195FFB1D04F3CCAA4713DC134BA998E', 1, 'October', 10, 'a step failed', X'7B226D6F6E7468223A22323032362D31302D3031227D', X'008051BD8C2C715FC258C8E46BB2334B', NULL, X'0195FFB1D04E3CCAA4713DC134BA998D', 1, X'0195FFB1D04E3CCAA4713DC134BA998D', 1, 1790843400123456, 1790843401123456, 1790843402123456, X'0199A1B2C3D47E5F8A6B7C8D9E0F1A2B', 7, 1, NULL, X'259DC0DFA685D5C591C9851CFE25F231', 200000, NULL, '1.0.0', '["billing","gro\u00DFe"]', 0, NULL, NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, '', 0);
INSERT INTO flow_runs (id, flow_id, name, state, reason, parameters, parameters_hash, once_key, parent_run_id, parent_sequence, root_run_id, attempt, created_at, started_at, ended_at, host_id, fence, result_format, result, result_file, result_length, error, code_version, tags, failures, next_attempt_at, wake_at, crashes, last_message, undoing_to, undoing_since, undoing_reason, forked_from, expires_at, caller_host_id, lane_id, priority, fairness_key, is_ready) VALUES (X'0195FFB1D0503CCAA4713DC134BA998F', 2, NULL, 3, 'waits for an answer', X'7B7D', X'DC7048F8F8747F561349CDE127705C16', NULL, NULL, 0, X'0195FFB1D0503CCAA4713DC134BA998F', 1, 1790843400123456, 1790843400123456, NULL, NULL, 3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, 1816763400123456, 2, 9, 12, 1790843400123456, 'cancelled by ada', X'0195FFB1D04E3CCAA4713DC134BA998D', NULL, NULL, 0, 0, '', 0);
INSERT INTO flow_runs (id, flow_id, name, state, reason, parameters, parameters_hash, once_key, parent_run_id, parent_sequence, root_run_id, attempt, created_at, started_at, ended_at, host_id, fence, result_format, result, result_file, result_length, error, code_version, tags, failures, next_attempt_at, wake_at, crashes, last_message, undoing_to, undoing_since, undoing_reason, forked_from, expires_at, caller_host_id, lane_id, priority, fairness_key, is_ready) VALUES (X'0195FFB1D0513CCAA4713DC134BA9990', 1, NULL, 0, 'waits for an answer', X'7B7D', X'DC7048F8F8747F561349CDE127705C16', NULL, NULL, 0, X'0195FFB1D0513CCAA4713DC134BA9990', 1, 1790843400123456, NULL, NULL, NULL, 3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, 1790929800123456, 2, 9, NULL, NULL, NULL, NULL, NULL, NULL, 1, 7, 'tenant 7', 1);
INSERT INTO flow_runs (id, flow_id, name, state, reason, parameters, parameters_hash, once_key, parent_run_id, parent_sequence, root_run_id, attempt, created_at, started_at, ended_at, host_id, fence, result_format, result, result_file, result_length, error, code_version, tags, failures, next_attempt_at, wake_at, crashes, last_message, undoing_to, undoing_since, undoing_reason, forked_from, expires_at, caller_host_id, lane_id, priority, fairness_key, is_ready) VALUES (X'0195FFB1D0523CCAA4713DC134BA9991', 1, NULL, 2, NULL, X'7B7D', X'DC7048F8F8747F561349CDE127705C16', NULL, NULL, 0, X'0195FFB1D0523CCAA4713DC134BA9991', 1, 1790843400123456, 1790843400123456, NULL, X'0199A1B2C3D47E5F8A6B7C8D9E0F1A2B', 3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, '', 0);
INSERT INTO step_runs (run_id, sequence, step_id, state, attempt, flags, key_hash, key_occurrence, site, site_occurrence, parent_sequence, started_at, ended_at, inputs, result_format, result, result_file, result_length, name, next_attempt_at, error, child_run_id, reason, undoes, undoes_run_id, arguments) VALUES (X'0195FFB1D04E3CCAA4713DC134BA998D', 1, 1, 10, 1, 0, X'DF3CE784D856334D65CD25028F98F158', 0, 0, 0, 0, 1790843400123456, 1790843400123456, X'7B226D6F6E7468223A22323032362D31302D3031227D', 0, X'5B312C325D', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO step_runs (run_id, sequence, step_id, state, attempt, flags, key_hash, key_occurrence, site, site_occurrence, parent_sequence, started_at, ended_at, inputs, result_format, result, result_file, result_length, name, next_attempt_at, error, child_run_id, reason, undoes, undoes_run_id, arguments) VALUES (X'0195FFB1D04E3CCAA4713DC134BA998D', 2, 2, 14, 1, 3, X'DF3CE784D856334D65CD25028F98F158', 0, -1, 3, 0, 1790843400123456, 1790843400123456, X'7B226D6F6E7468223A22323032362D31302D3031227D', NULL, NULL, NULL, NULL, NULL, NULL, '{"type":"System.Net.Http.HttpRequestException","message":"it\u0027s unavailable","stackTrace":"   at Billing.Send()\n   at Main()","class":2,"code":"503","causeRunId":"01jqzv3m2e7k5a8w9xr4tbn6cd","causeSequence":2,"inner":[{"type":"System.IO.IOException","message":"reset","class":0}]}', NULL, NULL, NULL, NULL, NULL);
INSERT INTO step_runs (run_id, sequence, step_id, state, attempt, flags, key_hash, key_occurrence, site, site_occurrence, parent_sequence, started_at, ended_at, inputs, result_format, result, result_file, result_length, name, next_attempt_at, error, child_run_id, reason, undoes, undoes_run_id, arguments) VALUES (X'0195FFB1D0503CCAA4713DC134BA998F', 1, 2, 0, 0, 4, X'DF3CE784D856334D65CD25028F98F158', 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 7, X'0195FFB1D04E3CCAA4713DC134BA998D', X'7B226F72646572223A377D');
INSERT INTO last_successes (flow_id, step, run_id, sequence, previous_run_id, previous_sequence) VALUES (1, 'Billing.Aggregate', X'0195FFB1D04E3CCAA4713DC134BA998D', 1, NULL, NULL);
INSERT INTO ledger_entries (run_id, number, sequence, at, from_state, to_state, actor, reason, next) VALUES (X'0195FFB1D04E3CCAA4713DC134BA998D', 1, 2, 1790843400123456, NULL, 'Failed', 'engine', 'why', NULL);
INSERT INTO log_lines (run_id, number, sequence, attempt, at, level, category, message) VALUES (X'0195FFB1D04E3CCAA4713DC134BA998D', 1, 2, 0, 1790843400123456, 3, 'stderr', 'a line');
INSERT INTO artifacts (run_id, sequence, key, kind, at, content) VALUES (X'0195FFB1D04E3CCAA4713DC134BA998D', 0, 'report', 0, 1790843400123456, '# Report');
INSERT INTO cached_results (step, key, source_hash, run_id, sequence, made_at, result_format, result, result_file, result_length) VALUES ('Billing.Aggregate', X'04C37D9993E28BE6A921E3704FDA881D', NULL, X'0195FFB1D04E3CCAA4713DC134BA998D', 1, 1790843400123456, 0, X'5B312C325D', NULL, NULL);
INSERT INTO large_values (hash, run_id, length) VALUES (X'259DC0DFA685D5C591C9851CFE25F231', X'0195FFB1D04F3CCAA4713DC134BA998E', 200000);
INSERT INTO hosts (id, machine, boot, process_id, process_start, started_at, heartbeat_at, ended_at, beat, end_reason, flows, control_group, out_of_memory_kills, queues, labels, capacity) VALUES (X'0199A1B2C3D47E5F8A6B7C8D9E0F1A2B', 'ada', '7d1c', 4711, 99, 1790843400123456, 1790843400123456, NULL, 0, NULL, NULL, NULL, 0, NULL, NULL, 0);
INSERT INTO hosts (id, machine, boot, process_id, process_start, started_at, heartbeat_at, ended_at, beat, end_reason, flows, control_group, out_of_memory_kills, queues, labels, capacity) VALUES (X'0199A1B2C3D47E5F8A6B7C8D9E0F1A2C', 'ada', '7d1c', 4712, 100, 1790843400123456, 1790843460123456, 1790843520123456, 60, 'killed for lack of memory', '["Billing.Approve","Billing.InvoiceMonth"]', '/system.slice/billing.service', 1, NULL, NULL, 0);
INSERT INTO messages (number, run_id, root_run_id, kind, name, content, sent_at, actor, reason, key, taken_by) VALUES (1, X'0195FFB1D0503CCAA4713DC134BA998F', X'0195FFB1D0503CCAA4713DC134BA998F', 0, 'approved', X'74727565', 1790843400123456, 'ada', 'it''s right', 'first', 4);
INSERT INTO messages (number, run_id, root_run_id, kind, name, content, sent_at, actor, reason, key, taken_by) VALUES (2, X'0195FFB1D0503CCAA4713DC134BA998F', X'0195FFB1D0503CCAA4713DC134BA998F', 0, 'approved', X'74727565', 1790843400123456, 'ada', 'it''s right', 'k', 0);
INSERT INTO questions (run_id, sequence, text, asked_to, escalate_to, escalate_at, expires_at, schema, asked_at, closed_at, answered_by, answer) VALUES (X'0195FFB1D0503CCAA4713DC134BA998F', 1, 'Send it?', 'ada', 'bob', 1790929800123456, 253402300800000000, '{"type":"boolean"}', 1790843400123456, NULL, NULL, NULL);
INSERT INTO paused_flows (flow_id, at, actor, reason) VALUES (2, 1790843400123456, 'ada', 'holidays');
INSERT INTO lanes (id, queue, labels) VALUES (1, 'slow', '["dmz","gpu"]');
INSERT INTO start_keys (flow_id, kind, key, run_id, run_pruned_at, run_created_at) VALUES (1, 1, 'mail 7', X'0195FFB1D0513CCAA4713DC134BA9990', NULL, NULL);
INSERT INTO limits (name, is_set, slots, rate_count, rate_period, rate_burst, breaker_failures, breaker_window, breaker_open_for, at, actor, reason) VALUES ('smtp', 0, 3, NULL, NULL, NULL, NULL, NULL, NULL, 1795456813371695, 'code', NULL);
INSERT INTO limits (name, is_set, slots, rate_count, rate_period, rate_burst, breaker_failures, breaker_window, breaker_open_for, at, actor, reason) VALUES ('smtp', 1, 1, 1, 2592000000000, 4, 2, 2592000000000, 2678400000000, 1795456813387656, 'ada', 'it''s new');
INSERT INTO limit_lanes (limit_name, key, bucket_level, bucket_period, bucket_at, open_until, open_reason, probe, failures, due_at) VALUES ('smtp', '', 2592000033140, 2592000000000, 1795456813434134, NULL, NULL, NULL, '[1795456813434134,"Billing.Send","it\u0027s down"]', 1803232813400994);
INSERT INTO limit_lanes (limit_name, key, bucket_level, bucket_period, bucket_at, open_until, open_reason, probe, failures, due_at) VALUES ('smtp', 'é', 7776000000000, 2592000000000, 1795456813400994, NULL, NULL, NULL, NULL, NULL);
INSERT INTO limit_places (number, id, limit_name, key, weight, root_run_id, fence, run_id, sequence, flow, step, asked_at, granted_at, taken) VALUES (1, X'0199A1B2C3D47E5F8A6B000000000001', 'smtp', 'é', 1, X'0195FFB1D0523CCAA4713DC134BA9991', 3, X'0195FFB1D0523CCAA4713DC134BA9991', 1, 'Billing.InvoiceMonth', 'Billing.Send', 1795456813400994, 1795456813400994, 1);
INSERT INTO limit_places (number, id, limit_name, key, weight, root_run_id, fence, run_id, sequence, flow, step, asked_at, granted_at, taken) VALUES (2, X'0199A1B2C3D47E5F8A6B000000000002', 'smtp', 'é', 2, X'0195FFB1D0523CCAA4713DC134BA9991', 3, X'0195FFB1D0523CCAA4713DC134BA9991', 2, 'Billing.InvoiceMonth', NULL, 1795456813400994, NULL, 0);
INSERT INTO limit_places (number, id, limit_name, key, weight, root_run_id, fence, run_id, sequence, flow, step, asked_at, granted_at, taken) VALUES (4, X'0199A1B2C3D47E5F8A6B000000000004', 'smtp', '', 4, X'0195FFB1D0523CCAA4713DC134BA9991', 3, X'0195FFB1D0523CCAA4713DC134BA9991', 4, 'Billing.InvoiceMonth', 'Billing.Send', 1795456813400994, NULL, 0);
INSERT INTO deployments (name, version, next_at, record) VALUES ('große Rechnung', 1, 1790929800123456, '{"name":"große Rechnung","declared":{"settings":{"flow":"Billing.InvoiceMonth","parameters":"{\"customer\":\"it''s\"}","schedule":{"text":"0 6 1 * *","zone":"Europe/Berlin","end":"2026-10-01T08:30:00.123456+00:00","excludedDays":["2026-12-24"],"excludedCalendars":[],"jitter":"00:05:00"},"catchUp":"All","catchUpWindow":"1.00:00:00","overlap":"Queue","priority":0,"queue":"default","labels":["gpu"],"tags":[]},"at":"2026-10-01T08:30:00.123456+00:00","actor":"code","codeVersion":"1.0","isByAttribute":true},"set":{"changes":{"catchUpWindow":"3.00:00:00","queue":"slow"},"at":"2026-10-01T08:30:00.123456+00:00","actor":"ada","reason":"why"},"paused":{"at":"2026-10-01T08:30:00.123456+00:00","actor":"ada"},"version":1,"handledAt":"2026-10-01T08:30:00.123456+00:00","nextAt":"2026-10-02T08:30:00.123456+00:00","open":["01jqzv3m2e7k5a8w9xr4tbn6cd"],"waiting":["2026-10-01T08:30:00.123456+00:00"],"backfill":{"pending":["2026-10-01T08:30:00.123456+00:00"],"atMost":2,"open":["01jqzv3m2e7k5a8w9xr4tbn6cd"],"actor":"ada"},"last":{"time":"2026-10-01T08:30:00.123456+00:00","run":"01jqzv3m2e7k5a8w9xr4tbn6cd","at":"2026-10-01T08:30:00.123456+00:00"},"note":{"time":"2026-10-01T08:30:00.123456+00:00","reason":"left out","at":"2026-10-01T08:30:00.123456+00:00","isError":false}}');
INSERT INTO variables (kind, name, version, value, changed_at, changed_by, note) VALUES (0, 'größte Rechnung', 1, X'7B22616D6F756E74223A31372E357D', 1790843400123456, 'ada', 'it''s new');
INSERT INTO variables (kind, name, version, value, changed_at, changed_by, note) VALUES (1, 'größte Rechnung', 1, X'0900FF', 1790843400123456, 'ada', NULL);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence (name, seq) VALUES ('messages', 3);
INSERT INTO sqlite_sequence (name, seq) VALUES ('limit_places', 4);
COMMIT;
