-- What people say about the meaning of datasets: calculated columns, hierarchies, relationships,
-- synonyms. Every version is kept; the one with the highest number holds.
CREATE TABLE dataset_models (
    dataset_id TEXT NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
    version    BIGINT NOT NULL,
    -- domain::model::SemanticModel
    model_json TEXT NOT NULL,
    -- No foreign key: the history outlives its authors.
    saved_by   TEXT NOT NULL,
    saved_at   BIGINT NOT NULL,
    PRIMARY KEY (dataset_id, version)
);
