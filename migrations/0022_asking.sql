-- Asking in words: other words that people taught, and what was asked of a language model.
CREATE TABLE ask_words (
    id          TEXT PRIMARY KEY,
    -- As questions are compared: in small letters, with one blank between words.
    word        TEXT NOT NULL,
    dataset_id  TEXT NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
    -- `column`, `value` or `metric`.
    kind        TEXT NOT NULL,
    -- The name of the column, or the id of the metric.
    target      TEXT NOT NULL,
    -- The value of the column; empty for the other kinds.
    value       TEXT NOT NULL,
    -- 0: somebody without the right to edit the dataset proposes it.
    is_accepted BIGINT NOT NULL,
    made_by     TEXT NOT NULL,
    made_at     BIGINT NOT NULL,
    UNIQUE (word, dataset_id)
);

CREATE TABLE ask_prompts (
    -- Later ones sort after earlier ones.
    id         TEXT PRIMARY KEY,
    at         BIGINT NOT NULL,
    user_id    TEXT NOT NULL,
    question   TEXT NOT NULL,
    model      TEXT NOT NULL,
    -- What was sent and what came back, cut where they are long.
    prompt     TEXT NOT NULL,
    answer     TEXT NOT NULL,
    -- `used`, or why the answer was not.
    outcome    TEXT NOT NULL,
    elapsed_ms BIGINT NOT NULL
);
