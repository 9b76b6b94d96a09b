-- The past of metrics: single values, then what is left of the values of a minute or an hour, each
-- for the metric as a whole and for the members of its breakdown.

CREATE TABLE metric_values (
    metric_id TEXT NOT NULL REFERENCES metrics (id) ON DELETE CASCADE,
    at        BIGINT NOT NULL,
    -- The member as JSON; empty: all of them together.
    member    TEXT NOT NULL,
    -- What was shown; NULL: there was no value then.
    value     DOUBLE PRECISION,
    -- What came in, where what is shown is gathered from several.
    raw       DOUBLE PRECISION,
    PRIMARY KEY (metric_id, at, member)
);

INSERT INTO metric_values (metric_id, at, member, value, raw)
    SELECT metric_id, at, '', value, NULL FROM metric_history;
DROP TABLE metric_history;

CREATE TABLE metric_buckets (
    metric_id TEXT NOT NULL REFERENCES metrics (id) ON DELETE CASCADE,
    -- Its length in milliseconds: a minute or an hour.
    span      BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    member    TEXT NOT NULL,
    low       DOUBLE PRECISION,
    high      DOUBLE PRECISION,
    total     DOUBLE PRECISION,
    -- Values that were no NULL.
    amount    BIGINT NOT NULL,
    last      DOUBLE PRECISION,
    last_at   BIGINT NOT NULL,
    PRIMARY KEY (metric_id, span, at, member)
);

-- What the members of the breakdown read last: `domain::metric::Breakdown`.
ALTER TABLE metrics ADD COLUMN members_json TEXT;
