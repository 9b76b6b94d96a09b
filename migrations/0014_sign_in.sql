-- Signing in: where from, what a person says of themselves, second factors, accounts of a sign-in
-- provider, invitations.

-- Where a session was begun, and where it was seen last.
ALTER TABLE sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN last_address TEXT NOT NULL DEFAULT '';

-- What belongs to a user and not to their rights. Without a row: nothing of it is known.
CREATE TABLE profiles (
    user_id        TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    full_name      TEXT NOT NULL,
    -- The address that its reader has confirmed; users.email is verified while it is the same.
    verified_email TEXT,
    -- The address that a mail with a link was sent to.
    pending_email  TEXT,
    -- An administrator said: whom the provider vouches to have this address is this user.
    link_email     TEXT
);

CREATE TABLE totp (
    user_id      TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    -- The secret, encrypted.
    sealed       TEXT NOT NULL,
    -- NULL until the first code was right.
    confirmed_at BIGINT,
    -- The time step of the last code: neither it nor an older one works again.
    last_step    BIGINT NOT NULL
);

CREATE TABLE recovery_codes (
    -- SHA-256 of user and code, in hex.
    hash    TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX recovery_codes_by_user ON recovery_codes (user_id);

-- Who a user is at a sign-in provider: never found by a mail address.
CREATE TABLE identities (
    issuer       TEXT NOT NULL,
    subject      TEXT NOT NULL,
    user_id      TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at   BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX identities_by_user ON identities (user_id);

-- Users who have not taken up their invitation. Its link is in links.
CREATE TABLE invitations (
    user_id    TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    invited_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- 1: the link went to the address and was shown to nobody.
    was_mailed BIGINT NOT NULL
);
