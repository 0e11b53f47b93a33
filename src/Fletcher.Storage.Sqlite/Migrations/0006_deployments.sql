-- Flows that can be started from outside under a name. The record is a JSON object; what is looked for is beside it.
CREATE TABLE deployments (
    name TEXT NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    next_at INTEGER,
    record TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX deployments_due ON deployments (next_at) WHERE next_at IS NOT NULL;
