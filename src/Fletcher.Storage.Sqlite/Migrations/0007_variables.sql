-- Variables (kind 0, JSON in UTF-8) and secrets (kind 1, encrypted).
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
