-- Kinds of chart that administrators added, as templates.
CREATE TABLE chart_plugins (
    -- Its name in addresses, and behind `plugin:` where a kind of chart is named.
    id            TEXT PRIMARY KEY,
    -- What people call it; stands in the template too.
    name          TEXT NOT NULL,
    template_json TEXT NOT NULL,
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
);
