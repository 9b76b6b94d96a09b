-- Threads of comments on a dashboard, on a tile of it, or on a place of a tile's axis.
CREATE TABLE comment_threads (
    id           TEXT PRIMARY KEY,
    dashboard_id TEXT NOT NULL REFERENCES dashboards (id) ON DELETE CASCADE,
    -- A tile lives in the document, so nothing is referenced; a thread outlives its tile.
    tile_id      TEXT,
    -- domain::comment::Place: a time or members of a group.
    place_json   TEXT,
    -- What the place is called by who began the thread.
    about        TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    -- When anything of it changed last.
    updated_at   BIGINT NOT NULL,
    resolved_at  BIGINT,
    resolved_by  TEXT REFERENCES users (id)
);

CREATE INDEX comment_threads_by_change ON comment_threads (dashboard_id, updated_at);

CREATE TABLE comments (
    -- Later ones sort after earlier ones.
    id         TEXT PRIMARY KEY,
    thread_id  TEXT NOT NULL REFERENCES comment_threads (id) ON DELETE CASCADE,
    author_id  TEXT NOT NULL REFERENCES users (id),
    -- Markdown; empty once it is deleted.
    body       TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    edited_at  BIGINT,
    deleted_at BIGINT
);

CREATE INDEX comments_by_thread ON comments (thread_id, id);

CREATE TABLE comment_mentions (
    comment_id TEXT NOT NULL REFERENCES comments (id) ON DELETE CASCADE,
    user_id    TEXT NOT NULL REFERENCES users (id),
    PRIMARY KEY (comment_id, user_id)
);

CREATE TABLE comment_reactions (
    comment_id TEXT NOT NULL REFERENCES comments (id) ON DELETE CASCADE,
    user_id    TEXT NOT NULL REFERENCES users (id),
    reaction   TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (comment_id, user_id, reaction)
);

-- The last comment of a thread that somebody has seen.
CREATE TABLE comment_reads (
    thread_id TEXT NOT NULL REFERENCES comment_threads (id) ON DELETE CASCADE,
    user_id   TEXT NOT NULL REFERENCES users (id),
    read_to   TEXT NOT NULL,
    PRIMARY KEY (thread_id, user_id)
);
