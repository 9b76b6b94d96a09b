-- Insights: what was found in each dataset, for each way of seeing it.
CREATE TABLE insight_runs (
    dataset_id    TEXT NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
    -- A fingerprint of what policies leave of the dataset: whoever has the same sees the same.
    eyes          TEXT NOT NULL,
    -- A fingerprint of what was looked at: version, columns, what they are called.
    state         TEXT NOT NULL,
    version       BIGINT NOT NULL,
    found_at      BIGINT NOT NULL,
    -- How long looking took, in milliseconds.
    elapsed_ms    BIGINT NOT NULL,
    -- `domain::insight::Insights`.
    insights_json TEXT NOT NULL,
    PRIMARY KEY (dataset_id, eyes)
);

-- In which version a finding was there first.
CREATE TABLE insight_seen (
    dataset_id TEXT NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
    eyes       TEXT NOT NULL,
    finding_id TEXT NOT NULL,
    version    BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    PRIMARY KEY (dataset_id, eyes, finding_id)
);

-- What somebody thinks of a finding.
CREATE TABLE insight_thumbs (
    user_id    TEXT NOT NULL REFERENCES users (id),
    dataset_id TEXT NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
    finding_id TEXT NOT NULL,
    kind       TEXT NOT NULL,
    -- 1 or -1.
    thumb      BIGINT NOT NULL,
    given_at   BIGINT NOT NULL,
    PRIMARY KEY (user_id, dataset_id, finding_id)
);

-- Who is told of new findings.
CREATE TABLE insight_subscriptions (
    user_id     TEXT NOT NULL REFERENCES users (id),
    dataset_id  TEXT NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
    -- 0 or 1.
    strong_only BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (user_id, dataset_id)
);
CREATE INDEX insight_subscriptions_by_dataset ON insight_subscriptions (dataset_id, user_id);

-- Of what somebody was told, so that they are told once.
CREATE TABLE insight_told (
    user_id    TEXT NOT NULL REFERENCES users (id),
    dataset_id TEXT NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
    finding_id TEXT NOT NULL,
    told_at    BIGINT NOT NULL,
    PRIMARY KEY (user_id, dataset_id, finding_id)
);
