-- What code declares (0), and what somebody set at run time (1), which wins. Periods are whole microseconds.
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

-- One for each key of a limit that somebody is in, or of which there is something to remember.
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

-- Who has started under a limit, and who waits. AUTOINCREMENT: the number is the place in the line.
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
-- With granted_at although they are about it: without, each row is read to see that it really is so.
CREATE INDEX limit_places_waiting ON limit_places (limit_name, key, granted_at) WHERE granted_at IS NULL;
CREATE INDEX limit_places_granted ON limit_places (limit_name, key, granted_at, taken) WHERE granted_at IS NOT NULL;
CREATE INDEX limit_places_by_root ON limit_places (root_run_id);
