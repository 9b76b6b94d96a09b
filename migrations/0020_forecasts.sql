-- Forecasts that are kept, what they said, and what would be if. What is granted on one stands in
-- `grants` as the kind `forecast`.
CREATE TABLE forecasts (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    owner_id    TEXT NOT NULL REFERENCES users (id),
    -- `domain::forecast::ForecastDef`.
    def_json    TEXT NOT NULL,
    -- The dataset whose rows it reads; empty for a metric whose values are pushed.
    dataset_id  TEXT NOT NULL,
    -- The best model of the last back-test; empty before.
    champion    TEXT NOT NULL,
    is_public   BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);

CREATE INDEX forecasts_by_dataset ON forecasts (dataset_id);

-- Results by what they were made of: `key` is a digest of the values that were read and how they were
-- forecast, so that nobody is shown what was made of rows they do not see.
CREATE TABLE forecast_results (
    forecast_id TEXT NOT NULL REFERENCES forecasts (id),
    key         TEXT NOT NULL,
    made_at     BIGINT NOT NULL,
    result_json TEXT NOT NULL,
    PRIMARY KEY (forecast_id, key)
);

-- What was forecast when, with the eyes of the owner, to be held against what came.
CREATE TABLE forecast_runs (
    forecast_id TEXT NOT NULL REFERENCES forecasts (id),
    made_at     BIGINT NOT NULL,
    -- The last value that it knew.
    until       TEXT NOT NULL,
    model       TEXT NOT NULL,
    note        TEXT NOT NULL,
    -- A list of `domain::forecast::Point`.
    points_json TEXT NOT NULL,
    PRIMARY KEY (forecast_id, until)
);

-- What would be if, on a dashboard or a forecast.
CREATE TABLE scenarios (
    id           TEXT PRIMARY KEY,
    -- dashboard or forecast
    subject_kind TEXT NOT NULL,
    subject_id   TEXT NOT NULL,
    name         TEXT NOT NULL,
    owner_id     TEXT NOT NULL,
    -- `domain::forecast::Overlay`.
    overlay_json TEXT NOT NULL,
    updated_at   BIGINT NOT NULL
);

CREATE INDEX scenarios_by_subject ON scenarios (subject_kind, subject_id);
