-- Alerts: conditions that are watched, how each value of their dimension stands, what happened. What is
-- granted on one stands in `grants` as the kind `alert`.
CREATE TABLE alerts (
    id            TEXT PRIMARY KEY,
    name          TEXT NOT NULL,
    description   TEXT NOT NULL,
    owner_id      TEXT NOT NULL REFERENCES users (id),
    -- `domain::alert::AlertDef`.
    def_json      TEXT NOT NULL,
    -- 0 or 1, as are all that are called is_ or on_.
    is_public     BIGINT NOT NULL,
    is_paused     BIGINT NOT NULL,
    snoozed_until BIGINT,
    -- What it watches, to find it when that is refreshed. No foreign key: an alert whose metric is gone
    -- says so.
    metric_id     TEXT,
    dataset_id    TEXT,
    on_refresh    BIGINT NOT NULL,
    -- normal, pending, no_data, recovering, firing, error: that of its most urgent instance.
    status        TEXT NOT NULL,
    status_since  BIGINT NOT NULL,
    -- Why it does not work.
    error         TEXT,
    checked_at    BIGINT,
    -- Counts what was written of its states: of two who check it at once, one does so again.
    round         BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
);
CREATE INDEX alerts_by_metric ON alerts (metric_id);
CREATE INDEX alerts_by_dataset ON alerts (dataset_id);
CREATE INDEX alerts_by_owner ON alerts (owner_id);

CREATE TABLE alert_instances (
    alert_id   TEXT NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    -- The value of the dimension; empty for the alert as a whole.
    instance   TEXT NOT NULL,
    state_json TEXT NOT NULL,
    PRIMARY KEY (alert_id, instance)
);

CREATE TABLE alert_events (
    -- Made of the alert, the instance and the number of the event: the same event has the same id.
    id       TEXT PRIMARY KEY,
    alert_id TEXT NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    instance TEXT NOT NULL,
    kind     TEXT NOT NULL,
    at       BIGINT NOT NULL,
    -- Order within one moment.
    position BIGINT NOT NULL,
    value    DOUBLE PRECISION,
    -- 0 or 1.
    told     BIGINT NOT NULL,
    detail   TEXT
);
CREATE INDEX alert_events_by_time ON alert_events (alert_id, at, position);

-- What is to be told, written together with the states that it tells of and taken away once it is in the
-- hands of whoever delivers it.
CREATE TABLE alert_outbox (
    -- The id of the first event that it tells of.
    event_key   TEXT PRIMARY KEY,
    alert_id    TEXT NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    -- Whom, and what.
    letter_json TEXT NOT NULL,
    created_at  BIGINT NOT NULL
);
CREATE INDEX alert_outbox_by_age ON alert_outbox (created_at);
