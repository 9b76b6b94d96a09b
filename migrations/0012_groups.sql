-- Groups of users, what policies may ask of a user, and folders: what is granted on a folder holds for
-- everything in it.

ALTER TABLE users ADD COLUMN email TEXT;
-- Name to list of values, such as {"regions": ["North"]}: what row policies compare with.
ALTER TABLE users ADD COLUMN attributes_json TEXT NOT NULL DEFAULT '{}';

CREATE TABLE user_groups (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    name_key    TEXT NOT NULL UNIQUE,
    -- 1: its members come from the sign-in provider.
    is_external BIGINT NOT NULL,
    created_at  BIGINT NOT NULL
);

CREATE TABLE group_members (
    group_id TEXT NOT NULL REFERENCES user_groups (id) ON DELETE CASCADE,
    user_id  TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, user_id)
);
CREATE INDEX group_members_by_user ON group_members (user_id);

CREATE TABLE group_grants (
    -- As in grants.
    thing_kind TEXT NOT NULL,
    thing_id   TEXT NOT NULL,
    group_id   TEXT NOT NULL REFERENCES user_groups (id) ON DELETE CASCADE,
    access     TEXT NOT NULL,
    PRIMARY KEY (thing_kind, thing_id, group_id)
);
CREATE INDEX group_grants_by_group ON group_grants (group_id, thing_kind);

CREATE TABLE folders (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    -- NULL: at the top.
    parent_id  TEXT REFERENCES folders (id),
    owner_id   TEXT NOT NULL REFERENCES users (id),
    is_public  BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX folders_by_parent ON folders (parent_id);

-- A thing lies in one folder or in none.
CREATE TABLE folder_things (
    thing_kind TEXT NOT NULL,
    thing_id   TEXT NOT NULL,
    folder_id  TEXT NOT NULL REFERENCES folders (id) ON DELETE CASCADE,
    PRIMARY KEY (thing_kind, thing_id)
);
CREATE INDEX folder_things_by_folder ON folder_things (folder_id);
