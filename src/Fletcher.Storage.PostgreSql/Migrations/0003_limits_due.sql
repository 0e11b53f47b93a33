-- Tells hosts when a lane that somebody waits in has come to be due at another time: by the end of a run, a change of the limit, or the turn of somebody
-- whom another process has asked for, which those who watch the time for it would not hear of. Once a transaction, as the words are the same.
CREATE FUNCTION {schema}.tell_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM {schema}.limit_places p WHERE p.limit_name = NEW.limit_name AND p.key = NEW.key AND p.granted_at IS NULL)
    THEN
        PERFORM pg_notify(trim(BOTH '"' FROM '{schema}'), 'fletcher due');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER limit_lanes_due_changed AFTER UPDATE OF due_at ON {schema}.limit_lanes
    FOR EACH ROW WHEN (NEW.due_at IS NOT NULL AND NEW.due_at IS DISTINCT FROM OLD.due_at) EXECUTE FUNCTION {schema}.tell_due();
CREATE TRIGGER limit_lanes_due_added AFTER INSERT ON {schema}.limit_lanes
    FOR EACH ROW WHEN (NEW.due_at IS NOT NULL) EXECUTE FUNCTION {schema}.tell_due();
