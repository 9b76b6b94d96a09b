-- What people are told: notices, what became of them for each recipient, and inboxes.

-- A notice is kept once for all of its recipients.
CREATE TABLE notices (
    -- The event that it tells of: a second notice of the same event is the first one.
    event_key   TEXT PRIMARY KEY,
    -- Who is told when a delivery fails for good. No foreign key: the record outlives its owner.
    owner_id    TEXT NOT NULL,
    -- `domain::notify::Notice`.
    notice_json TEXT NOT NULL,
    created_at  BIGINT NOT NULL
);
CREATE INDEX notices_by_age ON notices (created_at);

-- One row for each recipient. Whoever holds the lease sends it.
CREATE TABLE deliveries (
    id          TEXT PRIMARY KEY,
    event_key   TEXT NOT NULL REFERENCES notices (event_key) ON DELETE CASCADE,
    -- user:{id}, email:{address}, channel:{id}
    recipient   TEXT NOT NULL,
    -- queued, sending, sent, failed, dead
    status      TEXT NOT NULL,
    attempts    BIGINT NOT NULL,
    last_error  TEXT,
    receipt     TEXT,
    created_at  BIGINT NOT NULL,
    sent_at     BIGINT,
    -- When it is due.
    next_at     BIGINT,
    lease_until BIGINT,
    lease_owner TEXT,
    UNIQUE (event_key, recipient)
);
CREATE INDEX deliveries_by_due ON deliveries (status, next_at);

-- Inboxes.
CREATE TABLE notifications (
    id         TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    event_key  TEXT NOT NULL,
    kind       TEXT NOT NULL,
    subject    TEXT NOT NULL,
    body       TEXT NOT NULL,
    link       TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    read_at    BIGINT,
    UNIQUE (user_id, event_key)
);
CREATE INDEX notifications_by_user ON notifications (user_id, created_at);

-- Where mails for people with an account go.
CREATE TABLE mail_addresses (
    user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    address TEXT NOT NULL
);

-- Who does not want mails of a kind: user:{id} or email:{address}.
CREATE TABLE mail_mutes (
    recipient TEXT NOT NULL,
    kind      TEXT NOT NULL,
    PRIMARY KEY (recipient, kind)
);

-- Channels that administrators set up.
CREATE TABLE channels (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    -- The name in lower case: two channels cannot differ by case alone.
    name_key   TEXT NOT NULL UNIQUE,
    -- webhook, slack
    kind       TEXT NOT NULL,
    host       TEXT NOT NULL,
    has_secret BIGINT NOT NULL,
    -- Address and secret, encrypted.
    sealed     TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
