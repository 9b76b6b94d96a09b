-- Which rows and columns of a dataset people see. No row: everything.

CREATE TABLE dataset_policies (
    dataset_id    TEXT PRIMARY KEY REFERENCES datasets (id) ON DELETE CASCADE,
    -- `domain::policy::Policies`, with ids of users and groups.
    policies_json TEXT NOT NULL,
    saved_by      TEXT NOT NULL,
    saved_at      BIGINT NOT NULL
);
