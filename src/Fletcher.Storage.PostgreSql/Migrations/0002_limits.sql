-- Limits. Times are whole microseconds since 1970 (UTC), as the rules count them. The rules are those of LimitLane and TokenBucket in Fletcher.Core, in
-- whole numbers too: here, so that whoever has a lane keeps it for one round trip only, and nobody who writes a run can forget its places. The
-- conformance tests hold both side by side.

-- What code declares, and what somebody set at run time, which wins.
CREATE TABLE {schema}.limits (
    name text COLLATE "C" NOT NULL,
    is_set boolean NOT NULL,
    slots integer,
    rate_count integer,
    rate_period bigint,
    rate_burst integer,
    breaker_failures integer,
    breaker_window bigint,
    breaker_open_for bigint,
    breaker_words text, -- the window, in words
    at bigint NOT NULL,
    actor text NOT NULL,
    reason text,
    PRIMARY KEY (name, is_set)
);

-- One for each key of a limit that somebody is in, or of which there is something to remember.
CREATE TABLE {schema}.limit_lanes (
    limit_name text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    bucket_level bigint,
    bucket_period bigint,
    bucket_at bigint,
    open_until bigint,
    open_reason text,
    probe uuid,
    failed_at bigint[],
    failed_starters text[],
    failed_kinds text[],
    due_at bigint,
    PRIMARY KEY (limit_name, key)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);
CREATE INDEX limit_lanes_due ON {schema}.limit_lanes (due_at) WHERE due_at IS NOT NULL;

-- Who has started under a limit, and who waits. The number is the place in the line: it is given while the lane is locked.
CREATE TABLE {schema}.limit_places (
    number bigint GENERATED ALWAYS AS IDENTITY,
    id uuid PRIMARY KEY,
    limit_name text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    weight integer NOT NULL,
    root_run_id uuid NOT NULL,
    fence bigint NOT NULL,
    run_id uuid NOT NULL,
    sequence integer NOT NULL,
    flow text NOT NULL,
    step text,
    asked_at bigint NOT NULL,
    granted_at bigint,
    taken integer NOT NULL
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);
CREATE INDEX limit_places_waiting ON {schema}.limit_places (limit_name, key, number) WHERE granted_at IS NULL;
CREATE INDEX limit_places_granted ON {schema}.limit_places (limit_name, key, number) WHERE granted_at IS NOT NULL;
CREATE INDEX limit_places_by_root ON {schema}.limit_places (root_run_id, number);

-- By the server's clock, so that hosts whose clocks differ share one bucket; a store with a clock of its own says in its session what that shows.
CREATE FUNCTION {schema}.limit_now() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT coalesce(nullif(current_setting('fletcher.now', true), '')::bigint, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)
$$;

-- The locks of a limit, which who changes it has alone, and of its lanes. Of these there are 256 for each limit, as the server can only hold so many
-- locks: two lanes that share one wait for each other without need, which does no harm.
CREATE FUNCTION {schema}.limit_lock(of_limit text) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT hashtextextended('{schema} limit ' || of_limit, 0)
$$;
CREATE FUNCTION {schema}.lane_lock(of_limit text, of_key text) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT hashtextextended('{schema} lane ' || (hashtextextended(of_key, 0) & 255) || ' ' || of_limit, 0)
$$;

CREATE FUNCTION {schema}.lock_limits(names text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    lock bigint;
BEGIN
    FOR lock IN SELECT DISTINCT {schema}.limit_lock(n) FROM unnest(names) n ORDER BY 1 LOOP
        PERFORM pg_advisory_xact_lock(lock);
    END LOOP;
END
$$;

-- Keeps others out of lanes to the end of the transaction. Always in one order, and after the locks of runs, so that nobody waits in a circle.
CREATE FUNCTION {schema}.lock_lanes(of_limits text[], of_keys text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    lock bigint;
BEGIN
    FOR lock IN SELECT DISTINCT {schema}.limit_lock(n) FROM unnest(of_limits) n ORDER BY 1 LOOP
        PERFORM pg_advisory_xact_lock_shared(lock);
    END LOOP;
    FOR lock IN SELECT DISTINCT {schema}.lane_lock(l.name, l.key) FROM unnest(of_limits, of_keys) l (name, key) ORDER BY 1 LOOP
        PERFORM pg_advisory_xact_lock(lock);
    END LOOP;
END
$$;

-- What a bucket holds now, by a rate: TokenBucket.Refill. One that nobody took from is full.
CREATE FUNCTION {schema}.bucket_refilled(
    level bigint, level_period bigint, since bigint, rate_count integer, rate_period bigint, rate_burst integer, now bigint)
RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN level IS NULL THEN rate_burst::bigint * rate_period ELSE
        least(
            CASE WHEN level_period = rate_period THEN level::numeric ELSE div(level::numeric * rate_period, level_period::numeric) END
                + greatest(0, now - since)::numeric * rate_count,
            rate_burst::numeric * rate_period)::bigint END
$$;

CREATE FUNCTION {schema}.limit_that_holds(of_limit text) RETURNS SETOF {schema}.limits LANGUAGE sql STABLE AS $$
    SELECT * FROM {schema}.limits WHERE name = of_limit ORDER BY is_set DESC LIMIT 1
$$;

-- Lets start who may, in the order of the line: see ILimitStore. The caller has the lane's lock. Tells the client whom it let start; and the other
-- hosts, unless those came in this very transaction.
CREATE FUNCTION {schema}.settle_lane(of_limit text, of_key text, now bigint, entered uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    s {schema}.limits;
    l {schema}.limit_lanes;
    first {schema}.limit_places;
    slots_taken bigint := 0;
    more integer;
    missing bigint;
    until bigint;
    at bigint;
    waits boolean := false;
    ids uuid[] := '{}';
    takes integer[] := '{}';
    told text;
BEGIN
    SELECT * INTO s FROM {schema}.limit_that_holds(of_limit);
    SELECT * INTO l FROM {schema}.limit_lanes WHERE limit_name = of_limit AND key = of_key;
    l.due_at := NULL;
    IF s.rate_count IS NULL THEN
        l.bucket_level := NULL;
        l.bucket_period := NULL;
        l.bucket_at := NULL;
    END IF;
    IF s.breaker_failures IS NULL THEN
        l.open_until := NULL;
        l.open_reason := NULL;
        l.probe := NULL;
        l.failed_at := NULL;
        l.failed_starters := NULL;
        l.failed_kinds := NULL;
    ELSIF l.probe IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {schema}.limit_places p WHERE p.id = l.probe) THEN
        l.probe := NULL;
    END IF;
    IF s.slots IS NOT NULL THEN
        SELECT coalesce(sum(p.taken), 0) INTO slots_taken FROM {schema}.limit_places p
        WHERE p.limit_name = of_limit AND p.key = of_key AND p.granted_at IS NOT NULL;
    END IF;

    FOR first IN
        SELECT * FROM {schema}.limit_places p WHERE p.limit_name = of_limit AND p.key = of_key AND p.granted_at IS NULL ORDER BY p.number
    LOOP
        waits := true;
        IF l.open_until IS NOT NULL THEN
            IF now < l.open_until THEN
                l.due_at := l.open_until;
                EXIT;
            END IF;
            EXIT WHEN l.probe IS NOT NULL;
        END IF;
        more := first.weight;
        IF s.slots IS NOT NULL THEN
            more := least(more, s.slots);
            EXIT WHEN more = 0 OR slots_taken + more > s.slots;
        END IF;
        IF s.rate_count IS NOT NULL THEN
            l.bucket_level := {schema}.bucket_refilled(
                l.bucket_level, l.bucket_period, l.bucket_at, s.rate_count, s.rate_period, s.rate_burst, now);
            l.bucket_period := s.rate_period;
            l.bucket_at := now;
            missing := least(first.weight, s.rate_burst) * s.rate_period - l.bucket_level;
            IF missing > 0 THEN
                l.due_at := now + missing / s.rate_count + CASE WHEN missing % s.rate_count > 0 THEN 1 ELSE 0 END;
                EXIT;
            END IF;
            l.bucket_level := -missing;
        END IF;
        IF l.open_until IS NOT NULL THEN
            l.probe := first.id;
        END IF;
        slots_taken := slots_taken + more;
        ids := ids || first.id;
        takes := takes || more;
        waits := false;
    END LOOP;

    IF ids <> '{}' THEN
        UPDATE {schema}.limit_places p SET granted_at = now, taken = g.taken FROM unnest(ids, takes) g (id, taken) WHERE p.id = g.id;
        -- INFO reaches the client whatever its session asks for, and is not logged by the server.
        RAISE INFO 'fletcher granted %', array_to_string(ids, ',');
        -- A payload has less than 8,000 bytes.
        FOR told IN
            SELECT string_agg(g.id::text, ',') FROM unnest(ids) WITH ORDINALITY g (id, place)
            WHERE g.id <> ALL(entered) GROUP BY g.place / 200
        LOOP
            PERFORM pg_notify(trim(BOTH '"' FROM '{schema}'), 'fletcher granted ' || told);
        END LOOP;
    END IF;

    IF NOT waits AND NOT EXISTS (
        SELECT 1 FROM {schema}.limit_places p WHERE p.limit_name = of_limit AND p.key = of_key AND p.granted_at IS NOT NULL)
    THEN
        IF l.bucket_level IS NOT NULL AND s.rate_count IS NOT NULL THEN
            missing := s.rate_burst * s.rate_period - {schema}.bucket_refilled(
                l.bucket_level, l.bucket_period, l.bucket_at, s.rate_count, s.rate_period, s.rate_burst, now);
            at := now + missing / s.rate_count + CASE WHEN missing % s.rate_count > 0 THEN 1 ELSE 0 END;
            IF at > now THEN
                until := at;
            END IF;
        END IF;
        IF s.breaker_failures IS NOT NULL THEN
            IF l.open_until IS NOT NULL THEN
                at := l.open_until + 2678400000000; -- 31 days
                until := CASE WHEN at > now THEN at END;
            ELSIF cardinality(l.failed_at) > 0 THEN
                at := l.failed_at[cardinality(l.failed_at)] + s.breaker_window;
                IF at > now THEN
                    until := greatest(until, at);
                END IF;
            END IF;
        END IF;
        l.due_at := until;
        IF until IS NULL THEN
            DELETE FROM {schema}.limit_lanes WHERE limit_name = of_limit AND key = of_key;
            RETURN;
        END IF;
    END IF;

    INSERT INTO {schema}.limit_lanes VALUES (of_limit, of_key, l.bucket_level, l.bucket_period, l.bucket_at, l.open_until, l.open_reason, l.probe,
        l.failed_at, l.failed_starters, l.failed_kinds, l.due_at)
    ON CONFLICT (limit_name, key) DO UPDATE SET bucket_level = excluded.bucket_level, bucket_period = excluded.bucket_period,
        bucket_at = excluded.bucket_at, open_until = excluded.open_until, open_reason = excluded.open_reason, probe = excluded.probe,
        failed_at = excluded.failed_at, failed_starters = excluded.failed_starters, failed_kinds = excluded.failed_kinds, due_at = excluded.due_at;
END
$$;

-- Notes for the breaker how somebody ended who had started: LimitLane.End. The caller has the lane's lock.
CREATE FUNCTION {schema}.end_in_lane(place {schema}.limit_places, how smallint, with_kind text, now bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    s {schema}.limits;
    l {schema}.limit_lanes;
    its_kind text := coalesce(with_kind, 'an error');
    its_starter text := coalesce(place.step, place.flow);
BEGIN
    SELECT * INTO s FROM {schema}.limit_that_holds(place.limit_name);
    SELECT * INTO l FROM {schema}.limit_lanes WHERE limit_name = place.limit_name AND key = place.key;
    IF NOT FOUND OR s.breaker_failures IS NULL THEN
        RETURN;
    END IF;
    IF l.open_until IS NOT NULL THEN
        IF l.probe IS DISTINCT FROM place.id THEN
            RETURN;
        END IF;
        l.probe := NULL;
        IF how = 1 THEN
            l.open_until := NULL;
            l.open_reason := NULL;
            l.failed_at := NULL;
        ELSIF how = 2 THEN
            l.open_until := now + s.breaker_open_for;
            l.open_reason := format('the probe ''%s'' failed with %s', its_starter, its_kind);
            l.failed_at := NULL;
        END IF;
    ELSIF how = 2 THEN
        -- The last 256 within the window.
        SELECT array_agg(f.at ORDER BY f.place), array_agg(f.starter ORDER BY f.place), array_agg(f.kind ORDER BY f.place)
        INTO l.failed_at, l.failed_starters, l.failed_kinds
        FROM (
            SELECT * FROM (
                SELECT u.at, u.starter, u.kind, u.place FROM unnest(l.failed_at, l.failed_starters, l.failed_kinds)
                    WITH ORDINALITY u (at, starter, kind, place) WHERE u.at > now - s.breaker_window
                UNION ALL SELECT now, its_starter, its_kind, 1000000) a
            ORDER BY a.place DESC LIMIT 256) f;
        IF (SELECT count(*) FROM unnest(l.failed_starters, l.failed_kinds) u (starter, kind)
            WHERE u.starter = its_starter AND u.kind = its_kind) >= s.breaker_failures
        THEN
            l.open_until := now + s.breaker_open_for;
            l.open_reason := format('''%s'' failed %s times within %s with %s', its_starter, s.breaker_failures, s.breaker_words, its_kind);
            l.failed_at := NULL;
        END IF;
    END IF;
    IF l.failed_at IS NULL THEN
        l.failed_starters := NULL;
        l.failed_kinds := NULL;
    END IF;
    UPDATE {schema}.limit_lanes SET open_until = l.open_until, open_reason = l.open_reason, probe = l.probe, failed_at = l.failed_at,
        failed_starters = l.failed_starters, failed_kinds = l.failed_kinds
    WHERE limit_name = l.limit_name AND key = l.key;
END
$$;

-- In how many microseconds the next lane is due; null when none ever is by itself.
CREATE FUNCTION {schema}.limit_due_in() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT greatest(0, l.due_at - {schema}.limit_now()) FROM {schema}.limit_lanes l WHERE l.due_at IS NOT NULL ORDER BY l.due_at LIMIT 1
$$;

-- Where places stand that were asked for, in their order, and in a last row in how many microseconds the next lane is due.
CREATE FUNCTION {schema}.limit_standings(ids uuid[], of_limits text[])
RETURNS TABLE (place uuid, state integer, before bigint, due_in bigint) LANGUAGE sql VOLATILE AS $$
    WITH lines AS MATERIALIZED (
        SELECT w.id, row_number() OVER (PARTITION BY w.limit_name, w.key ORDER BY w.number) - 1 AS before
        FROM (SELECT DISTINCT p.limit_name, p.key FROM {schema}.limit_places p WHERE p.id = ANY(ids) AND p.granted_at IS NULL) l
        JOIN {schema}.limit_places w ON w.limit_name = l.limit_name AND w.key = l.key AND w.granted_at IS NULL),
    asked AS (
        SELECT a.id, a.place,
            CASE WHEN p.granted_at IS NOT NULL THEN 1 WHEN p.id IS NOT NULL THEN 0
                WHEN EXISTS (SELECT 1 FROM {schema}.limits d WHERE d.name = a.limit_name) THEN 2 ELSE 3 END AS state,
            coalesce(w.before, 0) AS before
        FROM unnest(ids, of_limits) WITH ORDINALITY a (id, limit_name, place)
        LEFT JOIN {schema}.limit_places p ON p.id = a.id
        LEFT JOIN lines w ON w.id = a.id)
    (SELECT id, state, before, NULL::bigint FROM asked ORDER BY asked.place)
    UNION ALL
    SELECT NULL, NULL, NULL, {schema}.limit_due_in()
$$;

-- Gives places back and asks for others: ILimitStore.ExchangeAsync. The roots are locked first, so that no lease ends while places are asked for under it.
CREATE FUNCTION {schema}.limit_exchange(
    leaves uuid[], ends smallint[], kinds text[], ids uuid[], of_limits text[], of_keys text[], weights integer[], roots uuid[], fences bigint[],
    runs uuid[], sequences integer[], flows text[], steps text[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    now bigint;
    one record;
    gone {schema}.limit_places;
    lane record;
    left_limits text[];
    left_keys text[];
    entered uuid[];
    touched_limits text[] := '{}';
    touched_keys text[] := '{}';
BEGIN
    IF roots <> '{}' THEN
        PERFORM 1 FROM {schema}.flow_runs r WHERE r.id = ANY(roots) ORDER BY r.id FOR SHARE;
    END IF;
    SELECT coalesce(array_agg(p.limit_name), '{}'), coalesce(array_agg(p.key), '{}') INTO left_limits, left_keys
    FROM {schema}.limit_places p WHERE p.id = ANY(leaves);
    PERFORM {schema}.lock_lanes(left_limits || of_limits, left_keys || of_keys);
    now := {schema}.limit_now();

    FOR one IN
        SELECT p AS place, u.how, u.kind FROM unnest(leaves, ends, kinds) WITH ORDINALITY u (id, how, kind, place)
        JOIN {schema}.limit_places p ON p.id = u.id
        JOIN (SELECT DISTINCT * FROM unnest(left_limits, left_keys) d (name, key)) d ON d.name = p.limit_name AND d.key = p.key
        ORDER BY u.place
    LOOP
        gone := one.place;
        DELETE FROM {schema}.limit_places p WHERE p.id = gone.id;
        -- Not found: it is given back twice.
        IF FOUND THEN
            IF gone.granted_at IS NOT NULL THEN
                PERFORM {schema}.end_in_lane(gone, one.how, one.kind, now);
            END IF;
            touched_limits := touched_limits || gone.limit_name;
            touched_keys := touched_keys || gone.key;
        END IF;
    END LOOP;

    WITH added AS (
        INSERT INTO {schema}.limit_places (id, limit_name, key, weight, root_run_id, fence, run_id, sequence, flow, step, asked_at, taken)
        SELECT e.id, e.limit_name, e.key, e.weight, e.root_run_id, e.fence, e.run_id, e.sequence, e.flow, e.step, now, 0
        FROM unnest(ids, of_limits, of_keys, weights, roots, fences, runs, sequences, flows, steps)
            WITH ORDINALITY e (id, limit_name, key, weight, root_run_id, fence, run_id, sequence, flow, step, place)
        JOIN {schema}.flow_runs r ON r.id = e.root_run_id AND r.root_run_id = r.id AND r.host_id IS NOT NULL AND r.state < 10 AND r.fence = e.fence
        WHERE EXISTS (SELECT 1 FROM {schema}.limits d WHERE d.name = e.limit_name)
        ORDER BY e.place
        ON CONFLICT (id) DO NOTHING
        RETURNING id, limit_name, key)
    SELECT coalesce(array_agg(a.id), '{}'), touched_limits || coalesce(array_agg(a.limit_name), '{}'), touched_keys || coalesce(array_agg(a.key), '{}')
    INTO entered, touched_limits, touched_keys FROM added a;

    -- What is due, but for lanes that others have at the moment: they settle them, or leave them to the next who comes.
    FOR lane IN
        SELECT l.limit_name, l.key FROM {schema}.limit_lanes l WHERE l.due_at <= now ORDER BY l.due_at, l.limit_name, l.key LIMIT 100
    LOOP
        IF pg_try_advisory_xact_lock_shared({schema}.limit_lock(lane.limit_name))
            AND pg_try_advisory_xact_lock({schema}.lane_lock(lane.limit_name, lane.key))
            AND EXISTS (SELECT 1 FROM {schema}.limit_lanes l WHERE l.limit_name = lane.limit_name AND l.key = lane.key AND l.due_at <= now)
        THEN
            touched_limits := touched_limits || lane.limit_name;
            touched_keys := touched_keys || lane.key;
        END IF;
    END LOOP;
    PERFORM {schema}.settle_lane(t.name, t.key, now, entered)
    FROM (SELECT DISTINCT * FROM unnest(touched_limits, touched_keys) u (name, key)) t;
END
$$;

-- Puts what holds of a limit and settles its lanes. The caller has the limit's lock. What is declared already in these words is left alone.
CREATE FUNCTION {schema}.put_limit(given {schema}.limits) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    was {schema}.limits;
    now bigint := {schema}.limit_now();
BEGIN
    IF NOT given.is_set AND EXISTS (
        SELECT 1 FROM {schema}.limits d WHERE d.name = given.name AND NOT d.is_set
            AND (d.slots, d.rate_count, d.rate_period, d.rate_burst, d.breaker_failures, d.breaker_window, d.breaker_open_for) IS NOT DISTINCT FROM
                (given.slots, given.rate_count, given.rate_period, given.rate_burst, given.breaker_failures, given.breaker_window, given.breaker_open_for))
    THEN
        RETURN;
    END IF;
    SELECT * INTO was FROM {schema}.limit_that_holds(given.name);
    given.at := now;
    DELETE FROM {schema}.limits WHERE name = given.name AND is_set = given.is_set;
    INSERT INTO {schema}.limits SELECT given.*;
    PERFORM {schema}.settle_limit(was, given.name, now);
END
$$;

-- Takes back what was set; fails with FLT02 when nothing was.
CREATE FUNCTION {schema}.reset_limit(of_limit text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    was {schema}.limits;
BEGIN
    SELECT * INTO was FROM {schema}.limit_that_holds(of_limit);
    IF was.is_set IS NOT TRUE THEN
        RAISE EXCEPTION 'nothing is set' USING ERRCODE = 'FLT02';
    END IF;
    DELETE FROM {schema}.limits WHERE name = of_limit AND is_set;
    PERFORM {schema}.settle_limit(was, of_limit, {schema}.limit_now());
END
$$;

-- Settles the lanes of a limit that was changed, their buckets filled up to now by the rate that held.
CREATE FUNCTION {schema}.settle_limit(was {schema}.limits, of_limit text, now bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    of_key text;
BEGIN
    IF was.rate_count IS NOT NULL THEN
        UPDATE {schema}.limit_lanes l SET bucket_period = was.rate_period, bucket_at = now, bucket_level = {schema}.bucket_refilled(
            l.bucket_level, l.bucket_period, l.bucket_at, was.rate_count, was.rate_period, was.rate_burst, now)
        WHERE l.limit_name = of_limit AND l.bucket_level IS NOT NULL;
    END IF;
    FOR of_key IN SELECT l.key FROM {schema}.limit_lanes l WHERE l.limit_name = of_limit ORDER BY l.key LOOP
        PERFORM {schema}.settle_lane(of_limit, of_key, now, '{}');
    END LOOP;
END
$$;

-- Frees the places of leases that are over, whoever writes the run. Once for a statement, so that all lanes are locked in one order.
CREATE FUNCTION {schema}.free_places() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    roots uuid[];
    of_limits text[];
    of_keys text[];
    now bigint;
BEGIN
    -- Who uses no limits pays no more than this.
    IF NOT EXISTS (SELECT 1 FROM {schema}.limit_places) THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'DELETE' THEN
        SELECT array_agg(w.id) INTO roots FROM was w WHERE w.root_run_id = w.id AND w.host_id IS NOT NULL AND w.state < 10;
    ELSE
        SELECT array_agg(w.id) INTO roots FROM was w JOIN became b ON b.id = w.id
        WHERE w.root_run_id = w.id AND w.host_id IS NOT NULL AND w.state < 10
            AND (b.fence <> w.fence OR b.host_id IS NULL OR b.state >= 10 OR b.root_run_id <> b.id);
    END IF;
    IF roots IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT array_agg(p.limit_name), array_agg(p.key) INTO of_limits, of_keys FROM {schema}.limit_places p WHERE p.root_run_id = ANY(roots);
    IF of_limits IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM {schema}.lock_lanes(of_limits, of_keys);
    now := {schema}.limit_now();
    DELETE FROM {schema}.limit_places p WHERE p.root_run_id = ANY(roots);
    PERFORM {schema}.settle_lane(t.name, t.key, now, '{}') FROM (SELECT DISTINCT * FROM unnest(of_limits, of_keys) u (name, key)) t;
    RETURN NULL;
END
$$;
CREATE TRIGGER flow_runs_leases_changed AFTER UPDATE ON {schema}.flow_runs REFERENCING OLD TABLE AS was NEW TABLE AS became
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.free_places();
CREATE TRIGGER flow_runs_leases_deleted AFTER DELETE ON {schema}.flow_runs REFERENCING OLD TABLE AS was
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.free_places();
