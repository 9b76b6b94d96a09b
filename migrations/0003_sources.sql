-- Sources: places outside whose tables are asked as they lie there.

CREATE TABLE sources (
    id            TEXT PRIMARY KEY,
    name          TEXT NOT NULL,
    -- The name in lower case: two sources cannot differ by case alone.
    name_key      TEXT NOT NULL UNIQUE,
    -- postgres, duckdb_file, folder
    kind          TEXT NOT NULL,
    settings_json TEXT NOT NULL,
    -- The password, encrypted: the id of its key, a dot, nonce and ciphertext in base64.
    secret        TEXT,
    -- Grows with every change, so that what is open under old settings is let go.
    revision      BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
);

-- The datasets whose rows lie in a source.
CREATE TABLE source_tables (
    dataset_id     TEXT PRIMARY KEY REFERENCES datasets (id) ON DELETE CASCADE,
    source_id      TEXT NOT NULL REFERENCES sources (id),
    -- What people call the table in its source.
    table_name     TEXT NOT NULL,
    -- How to name and read it in SQL.
    table_json     TEXT NOT NULL,
    -- Seconds for which answers are kept where the source cannot tell what changed.
    cache_duration BIGINT NOT NULL
);
CREATE INDEX source_tables_by_source ON source_tables (source_id);
