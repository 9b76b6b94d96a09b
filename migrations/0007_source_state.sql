-- What came of the last try to reach a source, as JSON; nothing since its description changed.
ALTER TABLE sources ADD COLUMN state_json TEXT;
