-- {schema} is replaced by the quoted name of the schema. States and other enumerations are the numbers in Fletcher.Model. Hashes are 16 bytes
-- and stand in columns of type uuid, as ids do; run ids sort by time. A text that may be longer than an index entry may be is found by
-- its hash. Texts have the NUL character, which PostgreSQL cannot keep, as the two characters U+001A and '0'.

CREATE TABLE {schema}.schema_versions (
    version integer PRIMARY KEY,
    applied_by text NOT NULL,
    applied_at timestamptz NOT NULL
);

CREATE TABLE {schema}.flows (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    name_hash uuid NOT NULL UNIQUE,
    -- What hosts say about the flow; all NULL when none has.
    parameter_schema text,
    summary text,
    tags text,
    source_hash text,
    code_version text,
    published_at timestamptz
);

-- A queue with a set of labels. Number 0, which has no row, is the queue 'default' without labels.
CREATE TABLE {schema}.lanes (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hash uuid NOT NULL UNIQUE,
    queue text NOT NULL,
    labels text[] NOT NULL
);

-- A row for each version of a step's code.
CREATE TABLE {schema}.steps (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code_hash uuid NOT NULL UNIQUE,
    name_hash uuid NOT NULL,
    name text NOT NULL,
    source_hash text,
    file text,
    line integer NOT NULL
);
CREATE INDEX steps_by_name ON {schema}.steps (name_hash);

CREATE TABLE {schema}.flow_runs (
    id uuid PRIMARY KEY,
    flow_id integer NOT NULL,
    name text,
    state smallint NOT NULL,
    reason text,
    parameters bytea NOT NULL,
    parameters_hash uuid NOT NULL,
    once_key text,
    once_hash uuid, -- of the flow and the key
    parent_run_id uuid,
    parent_sequence integer NOT NULL,
    root_run_id uuid NOT NULL,
    forked_from uuid,
    attempt integer NOT NULL,
    failures integer NOT NULL,
    crashes integer NOT NULL,
    next_attempt_at timestamptz,
    wake_at timestamptz,
    expires_at timestamptz,
    last_message bigint NOT NULL,
    undoing_to smallint,
    undoing_since timestamptz,
    undoing_reason text,
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    ended_at timestamptz,
    host_id uuid,
    caller_host_id uuid,
    fence bigint NOT NULL,
    result_format smallint,
    result bytea,
    result_hash uuid, -- of a result that is in large_values
    result_length bigint,
    error text,
    code_version text,
    tags text,
    lane_id integer NOT NULL, -- of the queue and the labels
    queue text, -- NULL for 'default'
    labels text,
    priority integer NOT NULL,
    fairness_key text NOT NULL
);
CREATE INDEX flow_runs_by_flow ON {schema}.flow_runs (flow_id, id);
CREATE INDEX flow_runs_by_parent ON {schema}.flow_runs (parent_run_id, id) WHERE parent_run_id IS NOT NULL;
-- With the host, so that a host which runs thousands of the same does not look through its own each time.
CREATE INDEX flow_runs_unfinished ON {schema}.flow_runs (flow_id, parameters_hash, host_id, id)
    WHERE parent_run_id IS NULL AND state NOT IN (10, 12);
-- Open, completed, or due to be resumed. Not unique: a host that was taken for dead may still write its run, and that must not undo the
-- whole batch. Whoever makes or claims a run with a key takes the advisory lock of its hash first, and then looks here.
CREATE INDEX flow_runs_once ON {schema}.flow_runs (once_hash, id) WHERE once_hash IS NOT NULL AND (state <= 10 OR wake_at IS NOT NULL);
CREATE INDEX flow_runs_by_host ON {schema}.flow_runs (host_id, id) WHERE root_run_id = id AND host_id IS NOT NULL AND state < 10;
CREATE INDEX flow_runs_open_members ON {schema}.flow_runs (root_run_id) WHERE root_run_id <> id AND state < 10;

-- The roots that wait without a host for their time, or, queued, for their flow to be resumed. Kept by a trigger of flow_runs, so that
-- looking for work reads a small table however many runs there are, and whoever writes a run cannot forget it. is_ready says whether its
-- time has come, as far as somebody has noticed: so what waits for its time is apart from what waits for a host, and neither is looked
-- through to find the other. Keys are in the order of their code points.
CREATE TABLE {schema}.queue (
    run_id uuid PRIMARY KEY,
    flow_id integer NOT NULL,
    lane_id integer NOT NULL,
    state smallint NOT NULL,
    wake_at timestamptz,
    priority integer NOT NULL,
    fairness_key text COLLATE "C" NOT NULL, -- as queue_key makes it
    is_ready boolean NOT NULL
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
CREATE INDEX queue_timed ON {schema}.queue (flow_id, lane_id, wake_at) WHERE NOT is_ready AND wake_at IS NOT NULL;
CREATE INDEX queue_ready ON {schema}.queue (flow_id, lane_id, priority DESC, fairness_key, wake_at, run_id) WHERE is_ready;

-- A fairness key as an index entry can hold it.
CREATE FUNCTION {schema}.queue_key(key text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN length(key) <= 400 THEN key ELSE left(key, 400) || md5(key) END
$$;

CREATE FUNCTION {schema}.keep_queue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM {schema}.queue WHERE run_id = OLD.id;
    ELSIF NEW.root_run_id = NEW.id AND NEW.host_id IS NULL AND ((NEW.wake_at IS NOT NULL AND NEW.state <> 10) OR NEW.state = 1) THEN
        INSERT INTO {schema}.queue (run_id, flow_id, lane_id, state, wake_at, priority, fairness_key, is_ready)
        VALUES (NEW.id, NEW.flow_id, NEW.lane_id, NEW.state, NEW.wake_at, NEW.priority, {schema}.queue_key(NEW.fairness_key),
            coalesce(NEW.wake_at <= now(), false))
        ON CONFLICT (run_id) DO UPDATE SET flow_id = excluded.flow_id, lane_id = excluded.lane_id, state = excluded.state,
            wake_at = excluded.wake_at, priority = excluded.priority, fairness_key = excluded.fairness_key, is_ready = excluded.is_ready;
    ELSE
        DELETE FROM {schema}.queue WHERE run_id = NEW.id;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER flow_runs_inserted AFTER INSERT ON {schema}.flow_runs FOR EACH ROW
    WHEN (NEW.host_id IS NULL AND (NEW.wake_at IS NOT NULL OR NEW.state = 1))
    EXECUTE FUNCTION {schema}.keep_queue();
CREATE TRIGGER flow_runs_updated AFTER UPDATE ON {schema}.flow_runs FOR EACH ROW
    WHEN ((OLD.host_id IS NULL AND (OLD.wake_at IS NOT NULL OR OLD.state = 1))
        OR (NEW.host_id IS NULL AND (NEW.wake_at IS NOT NULL OR NEW.state = 1)))
    EXECUTE FUNCTION {schema}.keep_queue();
CREATE TRIGGER flow_runs_deleted AFTER DELETE ON {schema}.flow_runs FOR EACH ROW
    WHEN (OLD.host_id IS NULL AND (OLD.wake_at IS NOT NULL OR OLD.state = 1))
    EXECUTE FUNCTION {schema}.keep_queue();

-- Which run was started with a key. The hash is of the flow, the kind and the key. No run: somebody is starting one in this moment.
CREATE TABLE {schema}.start_keys (
    key_hash uuid PRIMARY KEY,
    flow_id integer NOT NULL,
    kind smallint NOT NULL, -- 1 idempotency, 2 de-duplication, 3 debounce
    key text NOT NULL,
    run_id uuid
);
CREATE INDEX start_keys_by_run ON {schema}.start_keys (run_id);

-- What grows with every run is in partitions by the time in the run's id, so that old months are dropped, not deleted. No further index:
-- these rows are most of what is ever written. A result is in 'result', or in large_values under 'result_hash'.
CREATE TABLE {schema}.step_runs (
    run_id uuid NOT NULL,
    sequence integer NOT NULL,
    step_id integer NOT NULL,
    state smallint NOT NULL,
    attempt integer NOT NULL,
    flags smallint NOT NULL, -- 1 at most once, 2 superseded, 4 discarded
    key_hash uuid NOT NULL,
    key_occurrence integer NOT NULL,
    site bigint NOT NULL,
    site_occurrence integer NOT NULL,
    parent_sequence integer NOT NULL,
    started_at timestamptz,
    ended_at timestamptz,
    next_attempt_at timestamptz,
    inputs bytea,
    arguments bytea,
    result_format smallint,
    result bytea,
    result_hash uuid,
    result_length bigint,
    name text,
    error text,
    child_run_id uuid,
    reason text,
    undoes integer, -- NULL for 0: nearly all
    undoes_run_id uuid,
    PRIMARY KEY (run_id, sequence)
) PARTITION BY RANGE (run_id);
CREATE TABLE {schema}.step_runs_other PARTITION OF {schema}.step_runs DEFAULT;

CREATE SEQUENCE {schema}.ledger_entry_numbers;
CREATE TABLE {schema}.ledger_entries (
    run_id uuid NOT NULL,
    number bigint NOT NULL DEFAULT nextval('{schema}.ledger_entry_numbers'),
    sequence integer NOT NULL,
    at timestamptz NOT NULL,
    from_state text,
    to_state text NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    next text,
    PRIMARY KEY (run_id, number)
) PARTITION BY RANGE (run_id);
CREATE TABLE {schema}.ledger_entries_other PARTITION OF {schema}.ledger_entries DEFAULT;

CREATE SEQUENCE {schema}.log_line_numbers;
CREATE TABLE {schema}.log_lines (
    run_id uuid NOT NULL,
    number bigint NOT NULL DEFAULT nextval('{schema}.log_line_numbers'),
    sequence integer NOT NULL,
    attempt integer NOT NULL,
    at timestamptz NOT NULL,
    level smallint NOT NULL,
    category text NOT NULL,
    message text NOT NULL,
    PRIMARY KEY (run_id, number)
) PARTITION BY RANGE (run_id);
CREATE INDEX log_lines_by_step ON {schema}.log_lines (run_id, sequence, number);
CREATE TABLE {schema}.log_lines_other PARTITION OF {schema}.log_lines DEFAULT;

-- Makes the partitions of so many months from this instant on; those that are there are left. Runs of a month without a partition go to
-- '…_other', and a month of which that has runs gets no partition any more.
CREATE FUNCTION {schema}.make_partitions(since timestamptz, months integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    month timestamp := date_trunc('month', since AT TIME ZONE 'UTC');
    whole text;
BEGIN
    FOR i IN 1..months LOOP
        FOREACH whole IN ARRAY ARRAY['step_runs', 'ledger_entries', 'log_lines'] LOOP
            IF to_regclass(format('{schema}.%I', whole || to_char(month, '_YYYY_MM'))) IS NULL THEN
                BEGIN
                    EXECUTE format(
                        'CREATE TABLE {schema}.%I PARTITION OF {schema}.%I FOR VALUES FROM (%L) TO (%L)',
                        whole || to_char(month, '_YYYY_MM'), whole, {schema}.first_run_id(month), {schema}.first_run_id(month + interval '1 month'));
                EXCEPTION WHEN check_violation OR duplicate_table THEN
                    NULL;
                END;
            END IF;
        END LOOP;
        month := month + interval '1 month';
    END LOOP;
END
$$;

-- The smallest run id of a time in UTC: the first 48 bits of an id are milliseconds since 1970.
CREATE FUNCTION {schema}.first_run_id(at timestamp) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;

-- The newest successful run of a step within a flow, and the newest before it in another flow run.
CREATE TABLE {schema}.last_successes (
    flow_id integer NOT NULL,
    step_hash uuid NOT NULL,
    run_id uuid NOT NULL,
    sequence integer NOT NULL,
    previous_run_id uuid,
    previous_sequence integer,
    PRIMARY KEY (flow_id, step_hash)
) WITH (fillfactor = 50);

CREATE TABLE {schema}.artifacts (
    run_id uuid NOT NULL,
    sequence integer NOT NULL,
    key_hash uuid NOT NULL,
    key text NOT NULL,
    kind smallint NOT NULL,
    at timestamptz NOT NULL,
    content text NOT NULL,
    PRIMARY KEY (run_id, sequence, key_hash)
);

CREATE TABLE {schema}.cached_results (
    step_hash uuid NOT NULL,
    key uuid NOT NULL,
    step text NOT NULL,
    source_hash text,
    run_id uuid NOT NULL,
    sequence integer NOT NULL,
    made_at timestamptz NOT NULL,
    result_format smallint,
    result bytea,
    result_hash uuid,
    result_length bigint,
    PRIMARY KEY (step_hash, key)
);

-- Results that are too large for a row, each once, and which runs refer to them.
CREATE TABLE {schema}.large_values (
    hash uuid PRIMARY KEY,
    content bytea NOT NULL
);
ALTER TABLE {schema}.large_values ALTER COLUMN content SET STORAGE EXTERNAL;
CREATE TABLE {schema}.large_value_runs (
    run_id uuid NOT NULL,
    hash uuid NOT NULL,
    PRIMARY KEY (run_id, hash)
);
CREATE INDEX large_value_runs_by_hash ON {schema}.large_value_runs (hash);

CREATE TABLE {schema}.hosts (
    id uuid PRIMARY KEY,
    machine text NOT NULL,
    boot text NOT NULL,
    process_id integer NOT NULL,
    process_start bigint NOT NULL,
    started_at timestamptz NOT NULL,
    heartbeat_at timestamptz NOT NULL,
    beat bigint NOT NULL,
    ended_at timestamptz,
    end_reason text,
    flows text,
    control_group text,
    out_of_memory_kills bigint NOT NULL,
    queues text,
    labels text,
    capacity integer NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_threshold = 500);
CREATE INDEX hosts_living ON {schema}.hosts (id) WHERE ended_at IS NULL;

-- key_hash is of the sender's key; for a message without one it is arbitrary, so that a sender whose answer was lost finds what it sent.
CREATE TABLE {schema}.messages (
    number bigint PRIMARY KEY,
    run_id uuid NOT NULL,
    root_run_id uuid NOT NULL,
    kind smallint NOT NULL,
    name text,
    content bytea,
    sent_at timestamptz NOT NULL,
    actor text NOT NULL,
    reason text,
    key text,
    key_hash uuid NOT NULL,
    taken_by integer NOT NULL -- the step run; 0 nobody, -1 the run
);
CREATE INDEX messages_by_root ON {schema}.messages (root_run_id, number);
CREATE INDEX messages_untaken ON {schema}.messages (root_run_id, number) WHERE taken_by = 0;
CREATE INDEX messages_stopping ON {schema}.messages (root_run_id) WHERE taken_by = 0 AND kind = 2 AND run_id = root_run_id;
CREATE UNIQUE INDEX messages_by_key ON {schema}.messages (run_id, key_hash);

-- The last number that was given. Who sends locks it to the end of the transaction, so that messages become visible in the order of their
-- numbers; a sequence would not give that. Always taken after every other lock.
CREATE TABLE {schema}.message_numbers (
    last bigint NOT NULL
) WITH (fillfactor = 10, autovacuum_vacuum_threshold = 500);
INSERT INTO {schema}.message_numbers VALUES (0);

CREATE TABLE {schema}.questions (
    run_id uuid NOT NULL,
    sequence integer NOT NULL,
    text text NOT NULL,
    asked_to text,
    escalate_to text,
    escalate_at timestamptz,
    expires_at timestamptz,
    schema text NOT NULL,
    asked_at timestamptz NOT NULL,
    closed_at timestamptz,
    answered_by text,
    answer bytea,
    PRIMARY KEY (run_id, sequence)
);
CREATE INDEX questions_by_time ON {schema}.questions (asked_at, run_id, sequence);
CREATE INDEX questions_open ON {schema}.questions (asked_at, run_id, sequence) WHERE closed_at IS NULL;

CREATE TABLE {schema}.paused_flows (
    flow_id integer PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    reason text
);

-- What each writer committed last in each of its lanes, see Receipts; and, of a claim, what it got; of starts, their runs and outcomes, unless
-- all were created.
CREATE TABLE {schema}.receipts (
    writer uuid NOT NULL,
    lane integer NOT NULL,
    number bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    claimed uuid[],
    claimed_states smallint[],
    claimed_reasons text[],
    PRIMARY KEY (writer, lane)
) WITH (fillfactor = 20, autovacuum_vacuum_threshold = 500);

-- Begins a transaction that must not be committed twice; fails with FLT03 when it, or a later one of its lane, was.
CREATE FUNCTION {schema}.enter(by_writer uuid, in_lane integer, with_number bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO {schema}.receipts AS r (writer, lane, number) VALUES (by_writer, in_lane, with_number)
    ON CONFLICT (writer, lane) DO UPDATE SET number = excluded.number, at = now(), claimed = NULL, claimed_states = NULL, claimed_reasons = NULL
    WHERE r.number < excluded.number;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the transaction was committed' USING ERRCODE = 'FLT03';
    END IF;
END
$$;

-- Locks runs in the order of their ids, so that batches of different hosts cannot lock each other out, and refuses when one has a greater
-- fence than given; a NULL asks for the lock only. Fails with FLT01 and 'id fence' of each
-- lost lease, a line each: as the message, because Npgsql does not show details.
CREATE FUNCTION {schema}.take_leases(ids uuid[], fences bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    lost text;
BEGIN
    SELECT string_agg(DISTINCT l.id || ' ' || l.fence, E'\n') INTO lost
    FROM (SELECT r.id, r.fence FROM {schema}.flow_runs r WHERE r.id = ANY(ids) ORDER BY r.id FOR NO KEY UPDATE) r
    JOIN unnest(ids, fences) l (id, fence) ON l.id = r.id
    WHERE r.fence > l.fence;
    IF lost IS NOT NULL THEN
        RAISE EXCEPTION '%', lost USING ERRCODE = 'FLT01';
    END IF;
END
$$;

-- The run that has a Once key: the newest that is open, completed, or due to be resumed.
CREATE FUNCTION {schema}.once_holder(hash uuid) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT id FROM {schema}.flow_runs WHERE once_hash = hash AND (state <= 10 OR wake_at IS NOT NULL) ORDER BY id DESC LIMIT 1
$$;

-- Takes the lock of a Once key to the end of the transaction; fails with FLT02 when a run has the key.
CREATE FUNCTION {schema}.take_once(hash uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(uuid_hash_extended(hash, 0));
    IF {schema}.once_holder(hash) IS NOT NULL THEN
        RAISE EXCEPTION 'a run has the key' USING ERRCODE = 'FLT02';
    END IF;
END
$$;

-- Locks a run that is to be replaced; fails with FLT02 when it is not as expected, or another one has the Once key of what replaces it.
CREATE FUNCTION {schema}.expect_run(
    which uuid, was_fence bigint, was_state smallint, was_host uuid, was_undoing smallint, was_failures integer, was_tags integer,
    once uuid)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF once IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock(uuid_hash_extended(once, 0));
    END IF;
    PERFORM 1 FROM {schema}.flow_runs r
    WHERE r.id = which AND r.fence = was_fence AND r.state = was_state AND r.host_id IS NOT DISTINCT FROM was_host
        AND r.undoing_to IS NOT DISTINCT FROM was_undoing AND r.failures = was_failures
        AND coalesce(json_array_length(r.tags::json), 0) = was_tags
    FOR NO KEY UPDATE;
    IF NOT FOUND OR {schema}.once_holder(once) <> which THEN
        RAISE EXCEPTION 'the run is not so any more' USING ERRCODE = 'FLT02';
    END IF;
END
$$;

CREATE FUNCTION {schema}.try_claim(
    which uuid, was_fence bigint, was_state smallint, was_host uuid, was_undoing smallint, was_failures integer, was_tags integer,
    for_host uuid, now timestamptz)
RETURNS SETOF {schema}.flow_runs LANGUAGE plpgsql AS $$
DECLARE
    once uuid;
BEGIN
    SELECT r.once_hash INTO once FROM {schema}.flow_runs r
    WHERE r.id = which AND r.fence = was_fence AND r.state = was_state AND r.host_id IS NOT DISTINCT FROM was_host
        AND r.undoing_to IS NOT DISTINCT FROM was_undoing AND r.failures = was_failures
        AND coalesce(json_array_length(r.tags::json), 0) = was_tags;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF once IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock(uuid_hash_extended(once, 0));
        IF {schema}.once_holder(once) <> which THEN
            RETURN;
        END IF;
    END IF;
    RETURN QUERY
    UPDATE {schema}.flow_runs r SET state = 2, fence = r.fence + 1, attempt = r.attempt + 1, host_id = for_host,
        started_at = coalesce(r.started_at, now), ended_at = NULL, reason = NULL, wake_at = NULL,
        error = CASE WHEN r.undoing_to IS NULL THEN NULL ELSE r.error END
    WHERE r.id = which AND r.fence = was_fence AND r.state = was_state AND r.host_id IS NOT DISTINCT FROM was_host
        AND r.undoing_to IS NOT DISTINCT FROM was_undoing AND r.failures = was_failures
        AND coalesce(json_array_length(r.tags::json), 0) = was_tags
    RETURNING r.*;
END
$$;

-- The lanes that a host takes from: of these queues, or of all when none is given, and with these labels or fewer.
CREATE FUNCTION {schema}.lanes_of(of_queues text[], with_labels text[]) RETURNS SETOF integer LANGUAGE sql STABLE AS $$
    SELECT 0 WHERE of_queues = '{}' OR 'default' = ANY(of_queues)
    UNION ALL
    SELECT l.id FROM {schema}.lanes l WHERE (of_queues = '{}' OR l.queue = ANY(of_queues)) AND l.labels <@ with_labels
$$;

-- The flows and lanes that a host takes from.
CREATE FUNCTION {schema}.places(of_flows uuid[], of_queues text[], with_labels text[])
RETURNS TABLE (flow_id integer, lane_id integer) LANGUAGE sql STABLE AS $$
    SELECT f.id, l.id FROM {schema}.flows f CROSS JOIN {schema}.lanes_of(of_queues, with_labels) l (id)
    WHERE f.name_hash = ANY(of_flows) AND NOT EXISTS (SELECT 1 FROM {schema}.paused_flows p WHERE p.flow_id = f.id)
$$;

-- The roots of paused flows that are due all the same, because they were asked to stop. One that has ended need not be waited for.
CREATE FUNCTION {schema}.paused_to_stop(of_flows uuid[], of_queues text[], with_labels text[])
RETURNS TABLE (wake_at timestamptz, run_id uuid) LANGUAGE sql STABLE AS $$
    SELECT DISTINCT q.wake_at, q.run_id
    FROM {schema}.messages m
    JOIN {schema}.queue q ON q.run_id = m.root_run_id
    JOIN {schema}.paused_flows p ON p.flow_id = q.flow_id
    JOIN {schema}.flows f ON f.id = q.flow_id AND f.name_hash = ANY(of_flows)
    WHERE m.taken_by = 0 AND m.kind = 2 AND m.run_id = m.root_run_id AND q.wake_at IS NOT NULL AND (q.state < 10 OR q.state = 13)
        AND q.lane_id IN (SELECT l.id FROM {schema}.lanes_of(of_queues, with_labels) l (id))
$$;

-- When the first run is due that a host takes; this instant when one is already. Place by place, each a seek in an index: neither runs of other
-- flows, nor those that another host takes, nor those that are not due are looked at. The settings keep the seeks (and keep them from being
-- compiled, as a forced plan looks expensive) when statistics are of an
-- empty queue.
CREATE FUNCTION {schema}.next_wake(of_flows uuid[], with_room uuid[], of_queues text[], with_labels text[], now timestamptz)
RETURNS timestamptz LANGUAGE plpgsql STABLE SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off AS $$
DECLARE
    first timestamptz;
BEGIN
    SELECT min(w.wake_at) INTO first FROM (
        SELECT s.wake_at FROM {schema}.paused_to_stop(of_flows, of_queues, with_labels) s
        UNION ALL
        SELECT CASE
            WHEN (SELECT true FROM {schema}.queue q
                WHERE q.flow_id = p.flow_id AND q.lane_id = p.lane_id AND q.is_ready AND q.wake_at <= now LIMIT 1) THEN now
            ELSE least(
                (SELECT q.wake_at FROM {schema}.queue q
                    WHERE q.flow_id = p.flow_id AND q.lane_id = p.lane_id AND NOT q.is_ready AND q.wake_at IS NOT NULL ORDER BY q.wake_at LIMIT 1),
                -- A clock that is ahead of this one said of these that their time has come.
                (SELECT min(q.wake_at) FROM {schema}.queue q WHERE q.flow_id = p.flow_id AND q.lane_id = p.lane_id AND q.is_ready))
            END
        FROM {schema}.places(with_room, of_queues, with_labels) p
    ) w (wake_at);
    RETURN greatest(first, CASE WHEN first IS NOT NULL THEN now END);
END
$$;

-- The same, and notes of the runs whose time has come that it has: not without end, and in a transaction before that of the claim, which
-- so holds only what it takes. It waits for nobody.
CREATE FUNCTION {schema}.look_for_work(of_flows uuid[], with_room uuid[], of_queues text[], with_labels text[], now timestamptz)
RETURNS timestamptz LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off AS $$
BEGIN
    UPDATE {schema}.queue SET is_ready = true WHERE run_id = ANY(ARRAY(
        SELECT d.run_id
        FROM {schema}.places(with_room, of_queues, with_labels) p
        CROSS JOIN LATERAL (
            SELECT q.run_id FROM {schema}.queue q
            WHERE q.flow_id = p.flow_id AND q.lane_id = p.lane_id AND NOT q.is_ready AND q.wake_at IS NOT NULL AND q.wake_at <= now
            ORDER BY q.wake_at LIMIT 2000 FOR UPDATE SKIP LOCKED) d));
    RETURN {schema}.next_wake(of_flows, with_room, of_queues, with_labels, now);
END
$$;

-- Gives a host those of the runs that it can have, in their order. What others hold, they are about to change or to take: it is left.
CREATE FUNCTION {schema}.give_runs(ids uuid[], for_host uuid, now timestamptz)
RETURNS TABLE (run_id uuid, flow integer, from_state smallint, from_reason text) LANGUAGE plpgsql AS $$
DECLARE
    held uuid[];
    flows integer[];
    states smallint[];
    reasons text[];
    without uuid[];
BEGIN
    SELECT array_agg(r.id), array_agg(r.flow_id), array_agg(r.state), array_agg(r.reason) INTO held, flows, states, reasons
    FROM (
        SELECT r.id, r.flow_id, r.state, r.reason FROM {schema}.flow_runs r
        WHERE r.id = ANY(ids) AND r.root_run_id = r.id AND r.host_id IS NULL AND r.wake_at <= now AND r.state <> 10
            AND (r.once_hash IS NULL OR pg_try_advisory_xact_lock(uuid_hash_extended(r.once_hash, 0)))
        FOR NO KEY UPDATE SKIP LOCKED) r;

    -- Another run has their key by now: they are not due any more.
    WITH lost AS (
        UPDATE {schema}.flow_runs r SET wake_at = NULL
        WHERE r.id = ANY(held) AND r.once_hash IS NOT NULL AND {schema}.once_holder(r.once_hash) <> r.id
        RETURNING r.id)
    SELECT coalesce(array_agg(lost.id), '{}') INTO without FROM lost;

    UPDATE {schema}.flow_runs r SET state = 2, fence = r.fence + 1, attempt = r.attempt + 1, host_id = for_host,
        started_at = coalesce(r.started_at, now), ended_at = NULL, reason = NULL, wake_at = NULL,
        error = CASE WHEN r.undoing_to IS NULL THEN NULL ELSE r.error END
    WHERE r.id = ANY(held) AND r.id <> ALL(without);

    RETURN QUERY
    SELECT h.id, h.flow, h.state, h.reason
    FROM unnest(ids) WITH ORDINALITY i (id, place) JOIN unnest(held, flows, states, reasons) h (id, flow, state, reason) ON h.id = i.id
    WHERE h.id <> ALL(without) ORDER BY i.place;
END
$$;

-- Gives a host runs that are due, in the order that ClaimOrder says: by priority; of one priority a run of each key in turn, from the key after
-- the one that was served last; of one key the longest due. Each is found by seeks in queue_ready. Nothing in here waits for a lock that
-- another host has: the row in the queue is locked before the run, so the trigger does not wait either. Asked again under the same
-- number, it answers with what it gave the first time.
CREATE FUNCTION {schema}.claim_due(
    by_writer uuid, in_lane integer, with_number bigint, for_host uuid, of_flows uuid[], with_room uuid[], rooms integer[], of_queues text[],
    with_labels text[], last_priorities integer[], last_keys text[], now timestamptz, most integer)
RETURNS TABLE (run {schema}.flow_runs, from_state smallint, from_reason text)
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off AS $$
DECLARE
    flow_ids integer[];
    flow_rooms integer[]; -- NULL for any number
    lane_ids integer[];
    place_flows integer[];
    place_lanes integer[];
    ids uuid[];
    refused uuid[] := '{}';
    given uuid[] := '{}';
    given_states smallint[] := '{}';
    given_reasons text[] := '{}';
    got uuid[];
    got_flows integer[];
    got_states smallint[];
    got_reasons text[];
    below bigint := 2147483648;
    at_priority integer;
    last_key text COLLATE "C";
    from_key text COLLATE "C"; -- the first round goes on from here; NULL when it is over
    key text COLLATE "C";
    is_over_the_end boolean;
    turns text[];
    wanted integer;
BEGIN
    INSERT INTO {schema}.receipts AS r (writer, lane, number) VALUES (by_writer, in_lane, with_number)
    ON CONFLICT (writer, lane) DO UPDATE SET number = excluded.number, at = now(), claimed = NULL, claimed_states = NULL, claimed_reasons = NULL
    WHERE r.number < excluded.number;
    IF NOT FOUND THEN
        RETURN QUERY
        SELECT r, c.state, c.reason
        FROM {schema}.receipts k
        CROSS JOIN unnest(k.claimed, k.claimed_states, k.claimed_reasons) WITH ORDINALITY c (id, state, reason, place)
        JOIN {schema}.flow_runs r ON r.id = c.id AND r.host_id = for_host AND r.state = 2
        WHERE k.writer = by_writer AND k.lane = in_lane AND k.number = with_number ORDER BY c.place;
        RETURN;
    END IF;

    SELECT array_agg(d.run_id ORDER BY d.wake_at, d.run_id) INTO ids
    FROM (
        SELECT q.run_id, q.wake_at FROM {schema}.queue q
        WHERE q.run_id = ANY(ARRAY(
            SELECT s.run_id FROM {schema}.paused_to_stop(of_flows, of_queues, with_labels) s WHERE s.wake_at <= now
            ORDER BY s.wake_at, s.run_id LIMIT most))
        FOR UPDATE SKIP LOCKED) d;
    IF ids IS NOT NULL THEN
        SELECT coalesce(array_agg(g.run_id), '{}'), coalesce(array_agg(g.from_state), '{}'), coalesce(array_agg(g.from_reason), '{}')
        INTO given, given_states, given_reasons FROM {schema}.give_runs(ids, for_host, now) g;
    END IF;

    SELECT array_agg(f.id), array_agg(w.room) INTO flow_ids, flow_rooms
    FROM unnest(with_room, rooms) w (hash, room) JOIN {schema}.flows f ON f.name_hash = w.hash
    WHERE NOT EXISTS (SELECT 1 FROM {schema}.paused_flows p WHERE p.flow_id = f.id);
    lane_ids := ARRAY(SELECT l.id FROM {schema}.lanes_of(of_queues, with_labels) l (id));

    WHILE cardinality(given) < most LOOP
        SELECT max(n.priority) INTO at_priority
        FROM unnest(flow_ids, flow_rooms) f (id, room) CROSS JOIN unnest(lane_ids) l (id)
        CROSS JOIN LATERAL (
            SELECT q.priority FROM {schema}.queue q
            WHERE q.flow_id = f.id AND q.lane_id = l.id AND q.is_ready AND q.priority < below ORDER BY q.priority DESC LIMIT 1) n
        WHERE f.room IS NULL OR f.room > 0;
        EXIT WHEN at_priority IS NULL;
        below := at_priority;

        SELECT array_agg(f.id), array_agg(l.id) INTO place_flows, place_lanes
        FROM unnest(flow_ids, flow_rooms) f (id, room) CROSS JOIN unnest(lane_ids) l (id)
        CROSS JOIN LATERAL (
            SELECT 1 FROM {schema}.queue q
            WHERE q.flow_id = f.id AND q.lane_id = l.id AND q.is_ready AND q.priority = at_priority LIMIT 1) n
        WHERE f.room IS NULL OR f.room > 0;
        SELECT {schema}.queue_key(k.key) INTO last_key FROM unnest(last_priorities, last_keys) k (priority, key) WHERE k.priority = at_priority;

        -- No text is between a key and the same with the least character after it.
        from_key := coalesce(last_key || chr(1), '');
        is_over_the_end := last_key IS NULL;
        turns := '{}';
        WHILE cardinality(given) < most LOOP
            IF from_key IS NOT NULL THEN
                SELECT min(n.fairness_key) INTO key
                FROM unnest(place_flows, place_lanes) p (flow, lane)
                CROSS JOIN LATERAL (
                    SELECT q.fairness_key FROM {schema}.queue q
                    WHERE q.flow_id = p.flow AND q.lane_id = p.lane AND q.is_ready AND q.priority = at_priority AND q.fairness_key >= from_key
                    ORDER BY q.fairness_key LIMIT 1) n;
                IF key IS NULL OR (is_over_the_end AND key > last_key) THEN
                    from_key := CASE WHEN NOT is_over_the_end THEN '' END;
                    is_over_the_end := true;
                    CONTINUE;
                END IF;
                from_key := key || chr(1);
                wanted := 1;
            ELSE
                -- From the second round on only those keys are asked that had something, in the order of the first; a last one for all at once.
                EXIT WHEN cardinality(turns) = 0;
                key := turns[1];
                turns := turns[2:];
                wanted := CASE WHEN cardinality(turns) = 0 THEN most - cardinality(given) ELSE 1 END;
            END IF;

            SELECT array_agg(t.run_id ORDER BY t.wake_at, t.run_id) INTO ids
            FROM (
                SELECT d.run_id, d.wake_at
                FROM (
                    SELECT c.run_id, c.wake_at, p.room, row_number() OVER (PARTITION BY p.flow ORDER BY c.wake_at, c.run_id) AS nth
                    FROM (
                        SELECT p.flow, p.lane, f.room
                        FROM unnest(place_flows, place_lanes) p (flow, lane) JOIN unnest(flow_ids, flow_rooms) f (id, room) ON f.id = p.flow
                        WHERE f.room IS NULL OR f.room > 0) p
                    CROSS JOIN LATERAL (
                        SELECT q.run_id, q.wake_at FROM {schema}.queue q
                        WHERE q.flow_id = p.flow AND q.lane_id = p.lane AND q.is_ready AND q.priority = at_priority AND q.fairness_key = key
                            AND q.wake_at <= now AND q.run_id <> ALL(refused)
                        ORDER BY q.wake_at, q.run_id LIMIT wanted FOR UPDATE SKIP LOCKED) c) d
                WHERE d.room IS NULL OR d.nth <= d.room
                ORDER BY d.wake_at, d.run_id LIMIT wanted) t;
            CONTINUE WHEN ids IS NULL;

            turns := turns || key;
            SELECT coalesce(array_agg(g.run_id), '{}'), array_agg(g.flow), array_agg(g.from_state), array_agg(g.from_reason)
            INTO got, got_flows, got_states, got_reasons FROM {schema}.give_runs(ids, for_host, now) g;
            IF cardinality(got) < cardinality(ids) THEN
                refused := refused || ids;
            END IF;
            CONTINUE WHEN cardinality(got) = 0;
            given := given || got;
            given_states := given_states || got_states;
            given_reasons := given_reasons || got_reasons;
            flow_rooms := ARRAY(
                SELECT f.room - (SELECT count(*) FROM unnest(got_flows) g (flow) WHERE g.flow = f.id)::integer
                FROM unnest(flow_ids, flow_rooms) WITH ORDINALITY f (id, room, place) ORDER BY f.place);
        END LOOP;
    END LOOP;

    IF cardinality(given) > 0 THEN
        UPDATE {schema}.receipts r SET claimed = given, claimed_states = given_states, claimed_reasons = given_reasons
        WHERE r.writer = by_writer AND r.lane = in_lane;
    END IF;
    RETURN QUERY
    SELECT r, c.state, c.reason
    FROM unnest(given, given_states, given_reasons) WITH ORDINALITY c (id, state, reason, place)
    JOIN {schema}.flow_runs r ON r.id = c.id ORDER BY c.place;
END
$$;

-- Locks Once keys to the end of the transaction, in an order that all who lock several have in common.
CREATE FUNCTION {schema}.lock_once(hashes uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    lock bigint;
BEGIN
    FOR lock IN SELECT DISTINCT uuid_hash_extended(h, 0) FROM unnest(hashes) h ORDER BY 1 LOOP
        PERFORM pg_advisory_xact_lock(lock);
    END LOOP;
END
$$;

-- Keeps a message and wakes the root that waits for it, unless the run has ended for good. The lock on the root comes first: who begins to
-- wait takes it too, and so either sees the message or is woken by it.
CREATE FUNCTION {schema}.send_message(
    to_run uuid, of_kind smallint, with_name text, with_content bytea, sent timestamptz, by_actor text, why text, with_key text,
    with_key_hash uuid, now timestamptz)
RETURNS SETOF {schema}.messages LANGUAGE plpgsql AS $$
DECLARE
    root {schema}.flow_runs;
    member {schema}.flow_runs;
    given bigint;
BEGIN
    RETURN QUERY SELECT m.* FROM {schema}.messages m WHERE m.run_id = to_run AND m.key_hash = with_key_hash;
    IF FOUND THEN
        RETURN;
    END IF;
    SELECT r.* INTO root FROM {schema}.flow_runs r
    WHERE r.id = (SELECT t.root_run_id FROM {schema}.flow_runs t WHERE t.id = to_run) FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    RETURN QUERY SELECT m.* FROM {schema}.messages m WHERE m.run_id = to_run AND m.key_hash = with_key_hash;
    IF FOUND THEN
        RETURN;
    END IF;

    SELECT r.* INTO member FROM {schema}.flow_runs r WHERE r.id = to_run;
    IF root.state = 10 OR member.state = 10 THEN
        RETURN;
    END IF;
    IF of_kind <> 5 AND ((root.state >= 10 AND root.wake_at IS NULL)
        OR (member.root_run_id <> member.id AND member.state >= 10 AND member.state <> 13)) THEN
        RETURN;
    END IF;

    -- A run that ended before hosts were noted to have left it may still name one.
    IF (root.host_id IS NULL AND root.state IN (1, 3)
            AND (of_kind IN (2, 4, 5) OR NOT (root.state = 3 AND root.error IS NOT NULL AND root.undoing_to IS NULL)))
        OR (root.host_id IS NULL AND root.state = 0 AND of_kind = 2)
        OR (root.state >= 10 AND of_kind = 5) THEN
        UPDATE {schema}.flow_runs r SET wake_at = least(coalesce(r.wake_at, now), now), host_id = NULL WHERE r.id = root.id;
    END IF;
    UPDATE {schema}.message_numbers SET last = last + 1 RETURNING last INTO given;
    RETURN QUERY
    INSERT INTO {schema}.messages AS m
        (number, run_id, root_run_id, kind, name, content, sent_at, actor, reason, key, key_hash, taken_by)
    VALUES (given, to_run, root.id, of_kind, with_name, with_content, sent, by_actor, why, with_key, with_key_hash, 0)
    RETURNING m.*;
END
$$;
