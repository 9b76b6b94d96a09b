-- The metadata of an installation: people, things, rights, and the log of every dashboard.
--
-- One dialect for SQLite and PostgreSQL: ids are TEXT chosen by the application (UUIDv7), times
-- are BIGINT milliseconds since 1970 in UTC, yes and no are BIGINT 1 and 0 (the driver that serves
-- both knows no common type), JSON is TEXT, bytes are BYTEA (which SQLite stores as
-- a blob just the same). A migration that has been released is never edited; write the next one.

-- ---------------------------------------------------------------- people

CREATE TABLE users (
    id                   TEXT PRIMARY KEY,
    name                 TEXT NOT NULL,
    -- The name in lower case: two people cannot differ by case alone.
    name_key             TEXT NOT NULL UNIQUE,
    -- viewer, explorer, creator, admin
    role                 TEXT NOT NULL,
    -- NULL until the invitation is taken up.
    password_hash        TEXT,
    is_active            BIGINT NOT NULL,
    created_at           BIGINT NOT NULL,
    last_seen_at         BIGINT,
    -- No foreign key: a purged dashboard clears it.
    default_dashboard_id TEXT
);

CREATE TABLE sessions (
    id           TEXT PRIMARY KEY,
    user_id      TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- SHA-256 of the cookie, in hex: whoever reads this table cannot sign in with it.
    secret_hash  TEXT NOT NULL UNIQUE,
    agent        TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE tokens (
    id           TEXT PRIMARY KEY,
    user_id      TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    label        TEXT NOT NULL,
    secret_hash  TEXT NOT NULL UNIQUE,
    -- read, write, admin
    scope        TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    -- NULL: never.
    expires_at   BIGINT,
    last_used_at BIGINT
);
CREATE INDEX tokens_by_user ON tokens (user_id);

-- Links that work once: first set-up, invitations, forgotten passwords.
CREATE TABLE links (
    hash       TEXT PRIMARY KEY,
    purpose    TEXT NOT NULL,
    user_id    TEXT REFERENCES users (id) ON DELETE CASCADE,
    expires_at BIGINT NOT NULL
);

-- ---------------------------------------------------------------- datasets

CREATE TABLE datasets (
    id              TEXT PRIMARY KEY,
    name            TEXT NOT NULL UNIQUE,
    label           TEXT NOT NULL,
    description     TEXT NOT NULL,
    owner_id        TEXT NOT NULL REFERENCES users (id),
    columns_json    TEXT NOT NULL,
    -- The manifest: which immutable segment files make this version.
    segments_json   TEXT NOT NULL,
    row_count       BIGINT NOT NULL,
    bytes           BIGINT NOT NULL,
    version         BIGINT NOT NULL,
    origin          TEXT NOT NULL,
    is_public       BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL,
    profile_json    TEXT,
    -- The version that profile_json describes.
    profile_version BIGINT NOT NULL
);

-- ---------------------------------------------------------------- dashboards

CREATE TABLE dashboards (
    id             TEXT PRIMARY KEY,
    -- Unique in the trash too, so that restoring always works.
    slug           TEXT NOT NULL UNIQUE,
    -- name, description, theme and sketch_json mirror the document, for lists and search.
    name           TEXT NOT NULL,
    description    TEXT NOT NULL,
    theme          TEXT NOT NULL,
    owner_id       TEXT NOT NULL REFERENCES users (id),
    is_public      BIGINT NOT NULL,
    cache_duration BIGINT NOT NULL,
    settings_json  TEXT NOT NULL,
    sketch_json    TEXT NOT NULL,
    created_at     BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL,
    -- When it went to the trash.
    deleted_at     BIGINT,
    last_generated BIGINT,
    -- Number of the last operation in its log.
    version        BIGINT NOT NULL
);

-- The log: every edit of every dashboard, in order, for good. The document is its sum.
CREATE TABLE operations (
    dashboard_id TEXT NOT NULL REFERENCES dashboards (id) ON DELETE CASCADE,
    seq          BIGINT NOT NULL,
    -- Chosen by the browser, so that sending it twice is harmless.
    id           TEXT NOT NULL,
    user_id      TEXT NOT NULL REFERENCES users (id),
    created_at   BIGINT NOT NULL,
    update_bytes BYTEA NOT NULL,
    edit_json    TEXT NOT NULL,
    -- edit, undo, redo
    intent       TEXT NOT NULL,
    -- done, undone
    state        TEXT NOT NULL,
    PRIMARY KEY (dashboard_id, seq),
    UNIQUE (dashboard_id, id)
);
CREATE INDEX operations_by_user ON operations (dashboard_id, user_id, seq);

-- States of documents, only to load them faster.
CREATE TABLE checkpoints (
    dashboard_id TEXT NOT NULL REFERENCES dashboards (id) ON DELETE CASCADE,
    seq          BIGINT NOT NULL,
    state_bytes  BYTEA NOT NULL,
    PRIMARY KEY (dashboard_id, seq)
);

CREATE TABLE stars (
    user_id      TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    dashboard_id TEXT NOT NULL REFERENCES dashboards (id) ON DELETE CASCADE,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (user_id, dashboard_id)
);
CREATE INDEX stars_by_dashboard ON stars (dashboard_id);

-- ---------------------------------------------------------------- metrics

CREATE TABLE metrics (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    owner_id   TEXT NOT NULL REFERENCES users (id),
    def_json   TEXT NOT NULL,
    is_public  BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    -- The last reading, and when it was taken.
    last_json  TEXT,
    last_at    BIGINT
);

CREATE TABLE metric_history (
    metric_id TEXT NOT NULL REFERENCES metrics (id) ON DELETE CASCADE,
    at        BIGINT NOT NULL,
    -- NULL: the question had no value then.
    value     DOUBLE PRECISION,
    PRIMARY KEY (metric_id, at)
);

-- ---------------------------------------------------------------- rights

CREATE TABLE grants (
    -- dashboard, dataset, metric
    thing_kind TEXT NOT NULL,
    thing_id   TEXT NOT NULL,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- view, edit, owner
    access     TEXT NOT NULL,
    PRIMARY KEY (thing_kind, thing_id, user_id)
);
CREATE INDEX grants_by_user ON grants (user_id, thing_kind);

-- ---------------------------------------------------------------- work and records

-- The one clock: whoever holds the lease works on it, and when the lease runs out somebody else may.
CREATE TABLE jobs (
    id           TEXT PRIMARY KEY,
    kind         TEXT NOT NULL,
    owner_id     TEXT NOT NULL,
    -- queued, running, succeeded, failed, cancelled
    status       TEXT NOT NULL,
    progress     DOUBLE PRECISION NOT NULL,
    result_json  TEXT,
    error_json   TEXT,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    due_at       BIGINT NOT NULL,
    lease_until  BIGINT,
    lease_owner  TEXT,
    attempts     BIGINT NOT NULL,
    payload_json TEXT NOT NULL,
    -- At most one unfinished job has it; a finished one gives it up.
    unique_key   TEXT UNIQUE
);
CREATE INDEX jobs_by_due ON jobs (status, due_at);
CREATE INDEX jobs_by_owner ON jobs (owner_id, created_at);

-- Who did what. No foreign keys: the record outlives what it is about.
CREATE TABLE audit (
    id          TEXT PRIMARY KEY,
    at          BIGINT NOT NULL,
    user_id     TEXT,
    action      TEXT NOT NULL,
    thing_kind  TEXT NOT NULL,
    thing_id    TEXT NOT NULL,
    outcome     TEXT NOT NULL,
    detail_json TEXT NOT NULL
);
CREATE INDEX audit_by_time ON audit (at, id);

CREATE TABLE settings (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
