-- Reports: questions that people keep, with parameters that others fill in. What is granted on one
-- stands in `grants` as the kind `report`.
CREATE TABLE reports (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    owner_id    TEXT NOT NULL REFERENCES users (id),
    -- `domain::report::ReportDef`.
    def_json    TEXT NOT NULL,
    is_public   BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);
