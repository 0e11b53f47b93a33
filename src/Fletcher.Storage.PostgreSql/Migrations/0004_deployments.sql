-- Flows that can be started from outside under a name. The record is a JSON object, which only Fletcher reads; what is looked for is beside it.
CREATE TABLE {schema}.deployments (
    name text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL,
    next_at timestamptz,
    record text NOT NULL
);
CREATE INDEX deployments_due ON {schema}.deployments (next_at) WHERE next_at IS NOT NULL;

-- Writes those (record NULL: deletes them) that are in the store in the version that is expected, 0 for not at all; refuses when one is not. In the order
-- of their names, so that batches of different hosts cannot lock each other out.
CREATE FUNCTION {schema}.write_deployments(names text[], expected bigint[], records text[], next_at timestamptz[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    one record;
BEGIN
    FOR one IN
        SELECT * FROM unnest(names, expected, records, next_at) n (name, expected, record, next_at) ORDER BY n.name COLLATE "C"
    LOOP
        IF one.record IS NULL THEN
            DELETE FROM {schema}.deployments d WHERE d.name = one.name AND d.version = one.expected;
        ELSIF one.expected = 0 THEN
            INSERT INTO {schema}.deployments (name, version, next_at, record) VALUES (one.name, 1, one.next_at, one.record)
            ON CONFLICT (name) DO NOTHING;
        ELSE
            UPDATE {schema}.deployments d SET version = one.expected + 1, next_at = one.next_at, record = one.record
            WHERE d.name = one.name AND d.version = one.expected;
        END IF;
        IF NOT FOUND AND (one.expected > 0 OR one.record IS NOT NULL) THEN
            RAISE EXCEPTION 'the deployment is not so any more' USING ERRCODE = 'FLT02';
        END IF;
    END LOOP;
END
$$;
