//! Who did what.

use crate::Store;
use crate::error::Explain;
use domain::Result;
use uuid::Uuid;

/// A deed, on its way to the record.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AuditEntry<'a> {
    pub at: i64,
    /// `None`: the system itself, or nobody who is known.
    pub user_id: Option<&'a str>,
    /// Such as `dashboard.delete`.
    pub action: &'a str,
    pub thing_kind: &'a str,
    pub thing_id: &'a str,
    /// Such as `ok`, `refused`.
    pub outcome: &'a str,
    pub detail_json: &'a str,
}

/// A deed of the record.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct AuditRow {
    pub id: String,
    pub at: i64,
    pub user_id: Option<String>,
    pub user_name: Option<String>,
    pub action: String,
    pub thing_kind: String,
    pub thing_id: String,
    pub outcome: String,
    pub detail_json: String,
}

impl Store {
    /// Writes a deed down.
    ///
    /// # Errors
    /// The database fails.
    pub async fn append_audit(&self, entry: &AuditEntry<'_>) -> Result<()> {
        sqlx::query(
            "INSERT INTO audit (id, at, user_id, action, thing_kind, thing_id, outcome, detail_json)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        // Ids made one after the other also sort so: deeds of one millisecond stay in order.
        .bind(Uuid::now_v7().to_string())
        .bind(entry.at)
        .bind(entry.user_id)
        .bind(entry.action)
        .bind(entry.thing_kind)
        .bind(entry.thing_id)
        .bind(entry.outcome)
        .bind(entry.detail_json)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(())
    }

    /// The record, newest first, from just before the entry of id `before` on.
    ///
    /// # Errors
    /// The database fails.
    pub async fn audit_page(&self, before: Option<&str>, limit: i64) -> Result<Vec<AuditRow>> {
        let query = match before {
            None => sqlx::query_as(
                "SELECT a.*, u.name AS user_name FROM audit a LEFT JOIN users u ON u.id = a.user_id
                 ORDER BY a.at DESC, a.id DESC LIMIT $1",
            )
            .bind(limit),
            Some(before) => sqlx::query_as(
                "SELECT a.*, u.name AS user_name FROM audit a LEFT JOIN users u ON u.id = a.user_id
                 WHERE (a.at, a.id) < (SELECT b.at, b.id FROM audit b WHERE b.id = $2)
                 ORDER BY a.at DESC, a.id DESC LIMIT $1",
            )
            .bind(limit)
            .bind(before),
        };
        query.fetch_all(&self.reader).await.explain()
    }
}
