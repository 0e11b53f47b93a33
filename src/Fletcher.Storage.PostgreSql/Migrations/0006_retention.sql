-- Letting go of runs that need not be kept.
ALTER TABLE {schema}.flows ADD COLUMN retention text; -- a JSON object; NULL when nobody has said how long its runs are kept
ALTER TABLE {schema}.flows ADD COLUMN keys_forgotten_to timestamptz;

-- Roots that are over, by their end: in the order in which they go. A run is in one of these at the most.
CREATE INDEX flow_runs_good ON {schema}.flow_runs (flow_id, ended_at, id)
    WHERE root_run_id = id AND wake_at IS NULL AND (state = 12 OR (state = 10 AND once_key IS NULL));
CREATE INDEX flow_runs_failed ON {schema}.flow_runs (flow_id, ended_at, id) WHERE root_run_id = id AND wake_at IS NULL AND state IN (11, 13);
CREATE INDEX flow_runs_done_once ON {schema}.flow_runs (flow_id, ended_at, id)
    WHERE root_run_id = id AND wake_at IS NULL AND state = 10 AND once_key IS NOT NULL;
-- What keeps a run that is over.
CREATE INDEX flow_runs_members_done_once ON {schema}.flow_runs (root_run_id) WHERE root_run_id <> id AND state = 10 AND once_key IS NOT NULL;
CREATE INDEX flow_runs_forks ON {schema}.flow_runs (forked_from) WHERE forked_from IS NOT NULL;

-- Runs that were let go and are not wholly deleted.
CREATE TABLE {schema}.pruned_runs (
    run_id uuid PRIMARY KEY,
    root_run_id uuid NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);

-- When the run of a key was let go, and when it was created; both NULL while the run is there.
ALTER TABLE {schema}.start_keys ADD COLUMN run_pruned_at timestamptz;
ALTER TABLE {schema}.start_keys ADD COLUMN run_created_at timestamptz;
CREATE INDEX start_keys_pruned ON {schema}.start_keys (run_pruned_at) WHERE run_pruned_at IS NOT NULL;

CREATE INDEX cached_results_by_age ON {schema}.cached_results (made_at);
CREATE INDEX cached_results_large ON {schema}.cached_results (run_id) WHERE result_hash IS NOT NULL;
CREATE INDEX hosts_ended ON {schema}.hosts (ended_at) WHERE ended_at IS NOT NULL;

-- Large results that no run refers to since; whoever is about to refer to one again has some time for that.
CREATE TABLE {schema}.unused_values (
    hash uuid PRIMARY KEY,
    since timestamptz NOT NULL
);
CREATE INDEX unused_values_by_time ON {schema}.unused_values (since);

-- When somebody began to prune last.
CREATE TABLE {schema}.retention_turns (
    id integer PRIMARY KEY CHECK (id = 1),
    at timestamptz NOT NULL
);

-- The runs of a batch: those that are to go, and those that something needs. Locks those that go, so that nobody asks for one again meanwhile; one that somebody
-- has locked is left for the next time, as it is about to change.
CREATE FUNCTION {schema}.find_pruned(
    of_flow uuid, of_kind integer, after_end timestamptz, after_run uuid, through_end timestamptz, through_run uuid, most integer, locks boolean)
RETURNS TABLE (ended timestamptz, run_id uuid, is_needed boolean) LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off AS $$
DECLARE
    in_flow integer := (SELECT f.id FROM {schema}.flows f WHERE f.name_hash = of_flow);
    ends timestamptz[];
    ids uuid[];
    free uuid[];
BEGIN
    IF of_kind = 0 THEN
        SELECT array_agg(b.ended_at), array_agg(b.id) INTO ends, ids FROM (
            SELECT r.ended_at, r.id FROM {schema}.flow_runs r
            WHERE r.flow_id = in_flow AND r.root_run_id = r.id AND r.wake_at IS NULL AND (r.state = 12 OR (r.state = 10 AND r.once_key IS NULL))
                AND (r.ended_at, r.id) > (after_end, after_run) AND (r.ended_at, r.id) <= (through_end, through_run)
            ORDER BY r.ended_at, r.id LIMIT most) b;
    ELSIF of_kind = 1 THEN
        SELECT array_agg(b.ended_at), array_agg(b.id) INTO ends, ids FROM (
            SELECT r.ended_at, r.id FROM {schema}.flow_runs r
            WHERE r.flow_id = in_flow AND r.root_run_id = r.id AND r.wake_at IS NULL AND r.state IN (11, 13)
                AND (r.ended_at, r.id) > (after_end, after_run) AND (r.ended_at, r.id) <= (through_end, through_run)
            ORDER BY r.ended_at, r.id LIMIT most) b;
    ELSE
        SELECT array_agg(b.ended_at), array_agg(b.id) INTO ends, ids FROM (
            SELECT r.ended_at, r.id FROM {schema}.flow_runs r
            WHERE r.flow_id = in_flow AND r.root_run_id = r.id AND r.wake_at IS NULL AND r.state = 10 AND r.once_key IS NOT NULL
                AND (r.ended_at, r.id) > (after_end, after_run) AND (r.ended_at, r.id) <= (through_end, through_run)
            ORDER BY r.ended_at, r.id LIMIT most) b;
    END IF;

    IF locks THEN
        SELECT array_agg(l.id) INTO free FROM (
            SELECT r.id FROM {schema}.flow_runs r WHERE r.id = ANY(ids) AND r.state >= 10 AND r.wake_at IS NULL ORDER BY r.id FOR UPDATE SKIP LOCKED) l;
    ELSE
        free := ids;
    END IF;
    RETURN QUERY
    SELECT b.ended_at, b.id,
        b.id <> ALL(coalesce(free, '{}'))
        OR EXISTS (SELECT 1 FROM {schema}.flow_runs p WHERE p.id = r.parent_run_id)
        OR EXISTS (SELECT 1 FROM {schema}.pruned_runs p WHERE p.run_id = r.parent_run_id)
        OR EXISTS (SELECT 1 FROM {schema}.flow_runs f WHERE f.forked_from = b.id)
        OR (of_kind <> 2 AND EXISTS (
            SELECT 1 FROM {schema}.flow_runs m WHERE m.root_run_id = b.id AND m.root_run_id <> m.id AND m.state = 10 AND m.once_key IS NOT NULL))
    FROM unnest(ends, ids) WITH ORDINALITY b (ended_at, id, place) LEFT JOIN {schema}.flow_runs r ON r.id = b.id
    ORDER BY b.place;
END
$$;

-- Makes runs unseen: their rows go, and stand in pruned_runs until all that they consist of is deleted.
CREATE FUNCTION {schema}.let_go(ids uuid[], now timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM {schema}.start_keys k WHERE k.run_id = ANY(ids) AND k.kind <> 1;
    UPDATE {schema}.start_keys k SET run_pruned_at = now, run_created_at = r.created_at
    FROM {schema}.flow_runs r WHERE r.id = k.run_id AND k.run_id = ANY(ids);
    -- They are in lists of their own.
    DELETE FROM {schema}.questions q WHERE q.run_id = ANY(ids);
    WITH gone AS (DELETE FROM {schema}.flow_runs r WHERE r.id = ANY(ids) RETURNING r.id, r.root_run_id)
    INSERT INTO {schema}.pruned_runs (run_id, root_run_id) SELECT g.id, g.root_run_id FROM gone g ON CONFLICT DO NOTHING;
END
$$;

-- Lets go of sub-flows of runs that were let go, so many at the most.
CREATE FUNCTION {schema}.let_go_members(of_runs uuid[], now timestamptz, most integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    parents uuid[] := of_runs;
    ids uuid[];
    done integer := 0;
BEGIN
    WHILE parents IS NOT NULL AND done < most LOOP
        SELECT array_agg(c.id) INTO ids FROM (
            SELECT r.id FROM {schema}.pruned_runs p
            JOIN {schema}.flow_runs r ON r.parent_run_id = p.run_id AND r.root_run_id = p.root_run_id AND r.root_run_id <> r.id
            WHERE p.run_id = ANY(parents) LIMIT most - done) c;
        PERFORM {schema}.let_go(ids, now);
        done := done + coalesce(cardinality(ids), 0);
        parents := ids;
    END LOOP;
    RETURN done;
END
$$;

-- Lets go of a batch of roots with their sub-flows, of those as many as a transaction may have; the others go later.
CREATE FUNCTION {schema}.prune_runs(
    of_flow uuid, of_kind integer, after_end timestamptz, after_run uuid, through_end timestamptz, through_run uuid, most integer, now timestamptz)
RETURNS TABLE (ended timestamptz, run_id uuid, is_needed boolean) LANGUAGE plpgsql AS $$
DECLARE
    ends timestamptz[];
    ids uuid[];
    needed boolean[];
    free uuid[];
BEGIN
    SELECT array_agg(f.ended), array_agg(f.run_id), array_agg(f.is_needed), array_agg(f.run_id) FILTER (WHERE NOT f.is_needed) INTO ends, ids, needed, free
    FROM {schema}.find_pruned(of_flow, of_kind, after_end, after_run, through_end, through_run, most, true) f;
    PERFORM {schema}.let_go(free, now);
    PERFORM {schema}.let_go_members(free, now, 500);
    RETURN QUERY SELECT * FROM unnest(ends, ids, needed);
END
$$;

-- Deletes what runs consist of that were let go, about so many rows at the most. Those of the oldest first. Two at once do not wait for each other.
CREATE FUNCTION {schema}.clear_runs(most integer, now timestamptz) RETURNS TABLE (cleared integer, is_more boolean) LANGUAGE plpgsql AS $$
DECLARE
    ids uuid[];
    done integer := 0;
    hashes uuid[];
    n integer;
BEGIN
    SELECT array_agg(p.run_id) INTO ids FROM (
        SELECT d.run_id FROM {schema}.pruned_runs d ORDER BY d.run_id LIMIT least(most, 100) FOR UPDATE SKIP LOCKED) p;
    IF ids IS NULL THEN
        RETURN QUERY SELECT 0, false;
        RETURN;
    END IF;

    done := {schema}.let_go_members(ids, now, most);
    IF done < most THEN
        DELETE FROM {schema}.step_runs s USING (
            SELECT t.run_id, t.sequence FROM {schema}.step_runs t WHERE t.run_id = ANY(ids) LIMIT most - done) d
        WHERE s.run_id = ANY(ids) AND s.run_id = d.run_id AND s.sequence = d.sequence;
        GET DIAGNOSTICS n = ROW_COUNT;
        done := done + n;
    END IF;
    IF done < most THEN
        DELETE FROM {schema}.log_lines s USING (
            SELECT t.run_id, t.number FROM {schema}.log_lines t WHERE t.run_id = ANY(ids) LIMIT most - done) d
        WHERE s.run_id = ANY(ids) AND s.run_id = d.run_id AND s.number = d.number;
        GET DIAGNOSTICS n = ROW_COUNT;
        done := done + n;
    END IF;
    IF done < most THEN
        DELETE FROM {schema}.ledger_entries s USING (
            SELECT t.run_id, t.number FROM {schema}.ledger_entries t WHERE t.run_id = ANY(ids) LIMIT most - done) d
        WHERE s.run_id = ANY(ids) AND s.run_id = d.run_id AND s.number = d.number;
        GET DIAGNOSTICS n = ROW_COUNT;
        done := done + n;
    END IF;
    IF done < most THEN
        DELETE FROM {schema}.artifacts s USING (
            SELECT t.run_id, t.sequence, t.key_hash FROM {schema}.artifacts t WHERE t.run_id = ANY(ids) LIMIT most - done) d
        WHERE s.run_id = d.run_id AND s.sequence = d.sequence AND s.key_hash = d.key_hash;
        GET DIAGNOSTICS n = ROW_COUNT;
        done := done + n;
    END IF;
    IF done < most THEN
        DELETE FROM {schema}.messages s USING (
            SELECT t.number FROM {schema}.messages t WHERE t.root_run_id = ANY(ids) LIMIT most - done) d
        WHERE s.number = d.number;
        GET DIAGNOSTICS n = ROW_COUNT;
        done := done + n;
    END IF;
    IF done < most THEN
        -- A cached result that the run made stays, and with it what it refers to.
        WITH gone AS (
            DELETE FROM {schema}.large_value_runs v USING (
                SELECT t.run_id, t.hash FROM {schema}.large_value_runs t
                WHERE t.run_id = ANY(ids)
                    AND NOT EXISTS (SELECT 1 FROM {schema}.cached_results c WHERE c.run_id = t.run_id AND c.result_hash IS NOT NULL AND c.result_hash = t.hash)
                LIMIT most - done) d
            WHERE v.run_id = d.run_id AND v.hash = d.hash RETURNING v.hash)
        SELECT array_agg(DISTINCT gone.hash), count(*) INTO hashes, n FROM gone;
        PERFORM {schema}.note_unused(hashes, now);
        done := done + n;
    END IF;
    IF done < most THEN
        DELETE FROM {schema}.pruned_runs p WHERE p.run_id = ANY(ids);
        GET DIAGNOSTICS n = ROW_COUNT;
        done := done + n;
    END IF;
    RETURN QUERY SELECT done, true;
END
$$;

CREATE FUNCTION {schema}.note_unused(hashes uuid[], now timestamptz) RETURNS void LANGUAGE sql AS $$
    INSERT INTO {schema}.unused_values (hash, since)
    SELECT h, now FROM unnest(hashes) h WHERE NOT EXISTS (SELECT 1 FROM {schema}.large_value_runs v WHERE v.hash = h) ORDER BY h
    ON CONFLICT (hash) DO UPDATE SET since = excluded.since
$$;

-- Notes that runs refer to large results, and keeps these from being deleted meanwhile. One that is not there was deleted since it was looked for: then the whole
-- is to be done again, as after any conflict.
CREATE FUNCTION {schema}.refer_to_values(runs uuid[], hashes uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    found integer;
BEGIN
    PERFORM 1 FROM {schema}.large_values v WHERE v.hash = ANY(hashes) ORDER BY v.hash FOR KEY SHARE;
    GET DIAGNOSTICS found = ROW_COUNT;
    IF found < (SELECT count(DISTINCT h) FROM unnest(hashes) h) THEN
        RAISE EXCEPTION 'a large result was deleted meanwhile' USING ERRCODE = '40001';
    END IF;
    INSERT INTO {schema}.large_value_runs (run_id, hash) SELECT * FROM unnest(runs, hashes) ON CONFLICT DO NOTHING;
END
$$;

-- Deletes what is kept beside runs, so many of each at the most.
CREATE FUNCTION {schema}.forget(keys_before timestamptz, cached_before timestamptz, hosts_before timestamptz, unused_before timestamptz, now timestamptz, most integer)
RETURNS TABLE (keys bigint, cached bigint, hosts bigint, is_more boolean) LANGUAGE plpgsql AS $$
DECLARE
    hashes uuid[];
    values_gone bigint;
BEGIN
    WITH gone AS (
        DELETE FROM {schema}.start_keys k WHERE k.key_hash = ANY(ARRAY(
            SELECT o.key_hash FROM {schema}.start_keys o WHERE o.run_pruned_at < keys_before LIMIT most FOR UPDATE SKIP LOCKED))
        RETURNING k.flow_id, k.run_created_at),
    flows AS (SELECT g.flow_id, count(*) AS n, max(g.run_created_at) AS last FROM gone g GROUP BY g.flow_id),
    noted AS (
        UPDATE {schema}.flows f SET keys_forgotten_to = greatest(f.keys_forgotten_to, g.last) FROM flows g WHERE f.id = g.flow_id RETURNING 1)
    SELECT coalesce(sum(g.n), 0) INTO keys FROM flows g;

    WITH gone AS (
        DELETE FROM {schema}.cached_results c USING (
            SELECT o.step_hash, o.key FROM {schema}.cached_results o WHERE o.made_at < cached_before LIMIT most FOR UPDATE SKIP LOCKED) d
        WHERE c.step_hash = d.step_hash AND c.key = d.key
        RETURNING c.run_id, c.result_hash),
    freed AS (
        DELETE FROM {schema}.large_value_runs v USING gone g
        WHERE v.run_id = g.run_id AND v.hash = g.result_hash
            AND NOT EXISTS (SELECT 1 FROM {schema}.flow_runs r WHERE r.id = g.run_id)
            AND NOT EXISTS (SELECT 1 FROM {schema}.pruned_runs r WHERE r.run_id = g.run_id)
        RETURNING v.hash)
    SELECT (SELECT count(*) FROM gone), (SELECT array_agg(DISTINCT f.hash) FROM freed f) INTO cached, hashes;
    PERFORM {schema}.note_unused(hashes, now);

    WITH gone AS (DELETE FROM {schema}.hosts h WHERE h.id IN (SELECT g.id FROM {schema}.gone_hosts(hosts_before) g (id) LIMIT most) RETURNING 1)
    SELECT count(*) INTO hosts FROM gone;

    SELECT array_agg(u.hash) INTO hashes FROM (
        SELECT o.hash FROM {schema}.unused_values o WHERE o.since < unused_before ORDER BY o.since LIMIT least(most, 100) FOR UPDATE SKIP LOCKED) u;
    -- Whoever refers to one has it locked, or will find that it is gone. The check is a statement of its own, behind the locks, so that it sees who was faster.
    PERFORM 1 FROM {schema}.large_values v WHERE v.hash = ANY(hashes) ORDER BY v.hash FOR UPDATE;
    DELETE FROM {schema}.large_values v
    WHERE v.hash = ANY(hashes) AND NOT EXISTS (SELECT 1 FROM {schema}.large_value_runs r WHERE r.hash = v.hash);
    DELETE FROM {schema}.unused_values u WHERE u.hash = ANY(hashes);
    values_gone := coalesce(cardinality(hashes), 0);

    -- Of writers that are long gone: nobody asks any more what became of their last transaction.
    DELETE FROM {schema}.receipts r WHERE r.at < now() - interval '7 days';

    is_more := keys = most OR cached = most OR hosts = most OR values_gone = least(most, 100);
    RETURN NEXT;
END
$$;

-- Hosts that ended before, or were heard of last, and have no run.
CREATE FUNCTION {schema}.gone_hosts(before timestamptz) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT h.id FROM {schema}.hosts h
    WHERE ((h.ended_at IS NOT NULL AND h.ended_at < before) OR (h.ended_at IS NULL AND h.heartbeat_at < before))
        AND NOT EXISTS (SELECT 1 FROM {schema}.flow_runs r WHERE r.host_id = h.id AND r.root_run_id = r.id AND r.host_id IS NOT NULL AND r.state < 10)
$$;

-- Drops the partitions of the oldest month without a run, before the month of an instant. It waits for locks as long as lock_timeout says, and then fails. Returns how
-- many tables went. A transaction that has written rows there has written their run, or found it: it is waited for, and then seen.
CREATE FUNCTION {schema}.drop_months(before timestamptz) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    of_month text;
    month timestamp;
    whole text;
    dropped integer := 0;
BEGIN
    FOR of_month IN
        SELECT DISTINCT right(c.relname, 7) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = ANY(ARRAY['{schema}.step_runs'::regclass, '{schema}.ledger_entries'::regclass, '{schema}.log_lines'::regclass])
            AND c.relname ~ '_[0-9]{4}_[0-9]{2}$'
        ORDER BY 1
    LOOP
        month := to_timestamp(of_month, 'YYYY_MM')::timestamp;
        CONTINUE WHEN month >= date_trunc('month', least(before, now()) AT TIME ZONE 'UTC');
        CONTINUE WHEN EXISTS (
            SELECT 1 FROM {schema}.flow_runs r WHERE r.id >= {schema}.first_run_id(month) AND r.id < {schema}.first_run_id(month + interval '1 month'));
        -- All three, or none that anybody uses: a lock on the whole before that on the part, as who writes has it.
        LOCK TABLE ONLY {schema}.step_runs, ONLY {schema}.ledger_entries, ONLY {schema}.log_lines IN ACCESS EXCLUSIVE MODE;
        CONTINUE WHEN EXISTS (
            SELECT 1 FROM {schema}.flow_runs r WHERE r.id >= {schema}.first_run_id(month) AND r.id < {schema}.first_run_id(month + interval '1 month'));
        FOREACH whole IN ARRAY ARRAY['step_runs', 'ledger_entries', 'log_lines'] LOOP
            IF to_regclass(format('{schema}.%I', whole || '_' || of_month)) IS NOT NULL THEN
                EXECUTE format('DROP TABLE {schema}.%I', whole || '_' || of_month);
                dropped := dropped + 1;
            END IF;
        END LOOP;
        RETURN dropped;
    END LOOP;
    RETURN dropped;
END
$$;
