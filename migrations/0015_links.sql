-- Links by which anybody sees one dashboard: public ones by a secret, embedded ones by a token that the
-- page around them signs.
CREATE TABLE public_links (
    id             TEXT PRIMARY KEY,
    dashboard_id   TEXT NOT NULL REFERENCES dashboards (id) ON DELETE CASCADE,
    -- Who made it.
    owner_id       TEXT NOT NULL REFERENCES users (id),
    -- public, embed
    kind           TEXT NOT NULL,
    label          TEXT NOT NULL,
    -- Of a public link: SHA-256 of the secret in its address, in hex.
    secret_hash    TEXT UNIQUE,
    -- Of an embedded one: the key that tokens are signed with, encrypted, or the public key (PEM).
    key_sealed     TEXT,
    public_key     TEXT,
    password_hash  TEXT,
    expires_at     BIGINT,
    -- Conditions that always hold, and pages that may have it in a frame.
    filters_json   TEXT NOT NULL,
    origins_json   TEXT NOT NULL,
    -- What was opened under an earlier number is closed.
    generation     BIGINT NOT NULL,
    opened         BIGINT NOT NULL,
    last_opened_at BIGINT,
    created_at     BIGINT NOT NULL
);
CREATE INDEX public_links_by_dashboard ON public_links (dashboard_id);
