-- Wall links: a screen that nobody signs in at shows these dashboards, as far as the link's owner may
-- see them.
CREATE TABLE wall_links (
    id           TEXT PRIMARY KEY,
    owner_id     TEXT NOT NULL REFERENCES users (id),
    label        TEXT NOT NULL,
    -- SHA-256 of the secret in the link, in hex.
    secret_hash  TEXT NOT NULL UNIQUE,
    -- How the dashboards are shown, as a query string.
    options      TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    last_seen_at BIGINT
);

CREATE TABLE wall_link_dashboards (
    link_id      TEXT NOT NULL REFERENCES wall_links (id) ON DELETE CASCADE,
    dashboard_id TEXT NOT NULL REFERENCES dashboards (id) ON DELETE CASCADE,
    position     BIGINT NOT NULL,
    PRIMARY KEY (link_id, dashboard_id)
);

CREATE INDEX wall_link_dashboards_by_dashboard ON wall_link_dashboards (dashboard_id);
