-- Moments of a dashboard that have a name, and what of it was published. The moments themselves are
-- in the log: a number of an operation names one.

CREATE TABLE named_versions (
    id           TEXT PRIMARY KEY,
    dashboard_id TEXT NOT NULL REFERENCES dashboards (id) ON DELETE CASCADE,
    -- The dashboard as it was after this operation.
    seq          BIGINT NOT NULL,
    name         TEXT NOT NULL,
    user_id      TEXT NOT NULL REFERENCES users (id),
    created_at   BIGINT NOT NULL
);
CREATE INDEX named_versions_by_dashboard ON named_versions (dashboard_id, seq);

-- The number of the publication that readers see; NULL: they see every change at once.
ALTER TABLE dashboards ADD COLUMN publication BIGINT;

CREATE TABLE publications (
    dashboard_id  TEXT NOT NULL REFERENCES dashboards (id) ON DELETE CASCADE,
    -- Counts per dashboard from 1 and is never used again.
    number        BIGINT NOT NULL,
    seq           BIGINT NOT NULL,
    user_id       TEXT NOT NULL REFERENCES users (id),
    created_at    BIGINT NOT NULL,
    note          TEXT NOT NULL,
    -- What readers see: name, description and sketch for lists, and all of it.
    name          TEXT NOT NULL,
    description   TEXT NOT NULL,
    sketch_json   TEXT NOT NULL,
    snapshot_json TEXT NOT NULL,
    PRIMARY KEY (dashboard_id, number)
);
