-- What was learned from data: models and detectors, every version of them, and the anomalies that
-- detectors found. What is granted on one stands in `grants` as the kind `model`.
CREATE TABLE ml_models (
    id                 TEXT PRIMARY KEY,
    name               TEXT NOT NULL,
    description        TEXT NOT NULL,
    owner_id           TEXT NOT NULL REFERENCES users (id),
    -- anomaly, classification, regression, clustering
    model_type         TEXT NOT NULL,
    -- `domain::registry::ModelDef`.
    def_json           TEXT NOT NULL,
    -- What it reads, to find it when that changes. No foreign key: a model whose data is gone says so.
    dataset_id         TEXT,
    metric_id          TEXT,
    -- training, active, deprecated
    status             TEXT NOT NULL,
    -- The job that trains it.
    job_id             TEXT,
    -- Why the last training came to nothing.
    error              TEXT,
    active_version     BIGINT,
    -- A version that answers this share of the questions, in percent, beside the active one.
    trial_version      BIGINT,
    trial_share        BIGINT NOT NULL,
    -- 0 or 1.
    is_public          BIGINT NOT NULL,
    last_prediction_at BIGINT,
    prediction_count   BIGINT NOT NULL,
    -- `services::learning::watch::Seen`: what of the data it has looked at.
    seen_json          TEXT NOT NULL,
    -- When it is trained again by itself.
    retrain_at         BIGINT,
    created_at         BIGINT NOT NULL,
    updated_at         BIGINT NOT NULL
);
CREATE INDEX ml_models_by_dataset ON ml_models (dataset_id);
CREATE INDEX ml_models_by_metric ON ml_models (metric_id);
CREATE INDEX ml_models_by_owner ON ml_models (owner_id);
CREATE INDEX ml_models_by_retrain ON ml_models (retrain_at);

CREATE TABLE ml_versions (
    model_id           TEXT NOT NULL REFERENCES ml_models (id) ON DELETE CASCADE,
    version            BIGINT NOT NULL,
    -- What it was trained to do, as it was then.
    def_json           TEXT NOT NULL,
    -- `domain::registry::TrainingData`.
    training_json      TEXT NOT NULL,
    -- `domain::registry::TrainingReport`.
    report_json        TEXT NOT NULL,
    -- The decision of a detector, which people move.
    threshold          DOUBLE PRECISION,
    -- The file `models/{model}/{version}` of the data directory.
    sha256             TEXT NOT NULL,
    bytes              BIGINT NOT NULL,
    -- 1: encrypted.
    is_sealed          BIGINT NOT NULL,
    trained_by         TEXT NOT NULL,
    trained_at         BIGINT NOT NULL,
    last_prediction_at BIGINT,
    prediction_count   BIGINT NOT NULL,
    PRIMARY KEY (model_id, version)
);

CREATE TABLE ml_anomalies (
    id           TEXT PRIMARY KEY,
    model_id     TEXT NOT NULL REFERENCES ml_models (id) ON DELETE CASCADE,
    version      BIGINT NOT NULL,
    -- Made of the values of its row: the same row is found once.
    row_key      TEXT NOT NULL,
    -- What was found close together has the same.
    burst        TEXT NOT NULL,
    -- The moment that the row is of, as its time column has it.
    at           TEXT,
    score        DOUBLE PRECISION NOT NULL,
    -- `domain::registry::Found`; encrypted where a feature is sensitive.
    body         TEXT NOT NULL,
    is_sealed    BIGINT NOT NULL,
    -- new, acknowledged, dismissed
    status       TEXT NOT NULL,
    status_by    TEXT,
    status_at    BIGINT,
    data_version BIGINT NOT NULL,
    detected_at  BIGINT NOT NULL
);
CREATE UNIQUE INDEX ml_anomalies_by_row ON ml_anomalies (model_id, row_key);
CREATE INDEX ml_anomalies_by_time ON ml_anomalies (model_id, detected_at);
