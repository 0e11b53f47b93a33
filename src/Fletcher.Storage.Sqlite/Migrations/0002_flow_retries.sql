-- A flow that waits for its next execution goes on waiting after a crash, and its failures still count.
ALTER TABLE flow_runs ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
ALTER TABLE flow_runs ADD COLUMN next_attempt_at INTEGER;
