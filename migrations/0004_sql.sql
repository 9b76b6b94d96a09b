-- SQL that people wrote: datasets that are a SELECT, and the SELECTs of tiles and metrics.
CREATE TABLE sql_statements (
    -- The id of a dataset, or `sql:` and a hash of the text where it has no other name.
    id         TEXT PRIMARY KEY,
    sql_text   TEXT NOT NULL,
    -- JSON array of dataset ids that it may read; NULL: whatever its owner may read.
    scope_json TEXT,
    -- JSON array of the names that it reads, lower case.
    reads_json TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
