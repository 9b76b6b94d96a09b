-- Where a deed came from, beside who did it. The rules that keep the record as it was written are
-- triggers, which SQLite and PostgreSQL spell differently: crates/store/src/repos/audit/guard.rs.
ALTER TABLE audit ADD COLUMN surface TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN credential_id TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN agent TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN code TEXT NOT NULL DEFAULT '';

CREATE INDEX audit_by_user ON audit (user_id, at, id);
CREATE INDEX audit_by_action ON audit (action, at, id);
CREATE INDEX audit_by_kind ON audit (thing_kind, at, id);
