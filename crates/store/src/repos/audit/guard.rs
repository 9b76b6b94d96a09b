//! Triggers that keep the record as it was written: no row changes, none is replaced, and none goes
//! before its time. They hold against mistakes in this program and statements that were smuggled
//! into it, not against whoever owns the database.
//!
//! SQLite and PostgreSQL have no common words for triggers, so these are put up after the migrations
//! and not by them. What a row's time is, they read from the setting [`KEPT_DAYS`]; without it
//! nothing is deleted.

/// The setting that says for how many days deeds are kept.
pub(crate) const KEPT_DAYS: &str = "audit_kept_days";

/// `INSERT OR REPLACE` deletes without asking the triggers of DELETE, hence the third.
pub(crate) const SQLITE: &[&str] = &[
    "CREATE TRIGGER IF NOT EXISTS audit_stays BEFORE UPDATE ON audit
     BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
    "CREATE TRIGGER IF NOT EXISTS audit_is_kept BEFORE DELETE ON audit
     WHEN OLD.at >= CAST(strftime('%s', 'now') AS INTEGER) * 1000
          - COALESCE((SELECT CAST(value AS INTEGER) FROM settings WHERE key = 'audit_kept_days'), 1000000) * 86400000
     BEGIN SELECT RAISE(ABORT, 'the audit log keeps this deed'); END",
    "CREATE TRIGGER IF NOT EXISTS audit_is_new BEFORE INSERT ON audit
     WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
     BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
];

pub(crate) const POSTGRES: &[&str] = &[
    "CREATE OR REPLACE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$",
    "CREATE OR REPLACE FUNCTION audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
       IF OLD.at >= CAST(extract(epoch FROM now()) AS BIGINT) * 1000
          - COALESCE((SELECT CAST(value AS BIGINT) FROM settings WHERE key = 'audit_kept_days'), 1000000) * 86400000
       THEN RAISE EXCEPTION 'the audit log keeps this deed';
       END IF;
       RETURN OLD;
     END $$",
    "DROP TRIGGER IF EXISTS audit_stays ON audit",
    "CREATE TRIGGER audit_stays BEFORE UPDATE ON audit FOR EACH ROW EXECUTE FUNCTION audit_stays()",
    "DROP TRIGGER IF EXISTS audit_is_kept ON audit",
    "CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_is_kept()",
    "DROP TRIGGER IF EXISTS audit_is_whole ON audit",
    "CREATE TRIGGER audit_is_whole BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_stays()",
];
