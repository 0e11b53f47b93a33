-- Variables (kind 0, JSON in UTF-8) and secrets (kind 1, encrypted).
CREATE TABLE {schema}.variables (
    kind smallint NOT NULL,
    name text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    value bytea NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    note text,
    PRIMARY KEY (kind, name)
);
