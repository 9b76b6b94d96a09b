//! Who did what. Rows are added and, once they are old enough, forgotten; nothing changes one, and
//! triggers in the database say the same ([`guard`]).

pub(crate) mod guard;

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
    /// Such as `done`, `refused`.
    pub outcome: &'a str,
    /// The error code of what was refused.
    pub code: &'a str,
    pub detail_json: &'a str,
    /// By what it came: `page`, `token`, `socket`, `cli`, `system`.
    pub surface: &'a str,
    /// The session or token.
    pub credential_id: &'a str,
    pub address: &'a str,
    pub agent: &'a str,
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
    pub code: String,
    pub detail_json: String,
    pub surface: String,
    pub credential_id: String,
    pub address: String,
    pub agent: String,
}

/// Which deeds. What is empty asks nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditFilter {
    pub user_id: String,
    pub action: String,
    pub thing_kind: String,
    pub thing_id: String,
    pub outcome: String,
    /// From this moment on.
    pub since: i64,
    /// Before this moment.
    pub until: i64,
    /// Found in any of the texts, in whatever case.
    pub text: String,
}

impl Default for AuditFilter {
    fn default() -> Self {
        Self {
            user_id: String::new(),
            action: String::new(),
            thing_kind: String::new(),
            thing_id: String::new(),
            outcome: String::new(),
            since: i64::MIN,
            until: i64::MAX,
            text: String::new(),
        }
    }
}

impl AuditFilter {
    /// The text as LIKE wants it: what it contains means itself.
    fn pattern(&self) -> String {
        if self.text.is_empty() {
            return String::new();
        }
        let text = self.text.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        format!("%{text}%")
    }
}

impl Store {
    /// Writes a deed down.
    ///
    /// # Errors
    /// The database fails.
    pub async fn append_audit(&self, entry: &AuditEntry<'_>) -> Result<()> {
        sqlx::query(
            "INSERT INTO audit (id, at, user_id, action, thing_kind, thing_id, outcome, code, detail_json, surface,
                                credential_id, address, agent)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        // Ids made one after the other also sort so: deeds of one millisecond stay in order.
        .bind(Uuid::now_v7().to_string())
        .bind(entry.at)
        .bind(entry.user_id)
        .bind(entry.action)
        .bind(entry.thing_kind)
        .bind(entry.thing_id)
        .bind(entry.outcome)
        .bind(entry.code)
        .bind(entry.detail_json)
        .bind(entry.surface)
        .bind(entry.credential_id)
        .bind(entry.address)
        .bind(entry.agent)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(())
    }

    /// The record, newest first, of what came before the deed at `before`: its time and id.
    ///
    /// # Errors
    /// The database fails.
    pub async fn audit_page(
        &self,
        filter: &AuditFilter,
        before: Option<(i64, &str)>,
        limit: i64,
    ) -> Result<Vec<AuditRow>> {
        // No id sorts after a tilde.
        let (at, id) = before.unwrap_or((i64::MAX, "~"));
        sqlx::query_as(
            "SELECT a.*, u.name AS user_name FROM audit a LEFT JOIN users u ON u.id = a.user_id
             WHERE (a.at, a.id) < ($1, $2) AND a.at >= $3 AND a.at < $4
               AND ($5 = '' OR a.user_id = $5) AND ($6 = '' OR a.action = $6) AND ($7 = '' OR a.thing_kind = $7)
               AND ($8 = '' OR a.thing_id = $8) AND ($9 = '' OR a.outcome = $9)
               AND ($10 = '' OR lower(COALESCE(u.name, '') || ' ' || a.action || ' ' || a.thing_kind || ' '
                    || a.thing_id || ' ' || a.address || ' ' || a.agent || ' ' || a.code || ' ' || a.detail_json)
                    LIKE $10 ESCAPE '\\')
             ORDER BY a.at DESC, a.id DESC LIMIT $11",
        )
        .bind(at)
        .bind(id)
        .bind(filter.since)
        .bind(filter.until)
        .bind(&filter.user_id)
        .bind(&filter.action)
        .bind(&filter.thing_kind)
        .bind(&filter.thing_id)
        .bind(&filter.outcome)
        .bind(filter.pattern())
        .bind(limit)
        .fetch_all(&self.reader)
        .await
        .explain()
    }

    /// How many deeds there are of those, counted no further than to `most`.
    ///
    /// # Errors
    /// The database fails.
    pub async fn count_audit(&self, filter: &AuditFilter, most: i64) -> Result<i64> {
        sqlx::query_scalar(
            "SELECT COUNT(*) FROM (
               SELECT 1 AS one FROM audit a LEFT JOIN users u ON u.id = a.user_id
               WHERE a.at >= $1 AND a.at < $2
                 AND ($3 = '' OR a.user_id = $3) AND ($4 = '' OR a.action = $4) AND ($5 = '' OR a.thing_kind = $5)
                 AND ($6 = '' OR a.thing_id = $6) AND ($7 = '' OR a.outcome = $7)
                 AND ($8 = '' OR lower(COALESCE(u.name, '') || ' ' || a.action || ' ' || a.thing_kind || ' '
                      || a.thing_id || ' ' || a.address || ' ' || a.agent || ' ' || a.code || ' ' || a.detail_json)
                      LIKE $8 ESCAPE '\\')
               LIMIT $9
             ) found",
        )
        .bind(filter.since)
        .bind(filter.until)
        .bind(&filter.user_id)
        .bind(&filter.action)
        .bind(&filter.thing_kind)
        .bind(&filter.thing_id)
        .bind(&filter.outcome)
        .bind(filter.pattern())
        .bind(most)
        .fetch_one(&self.reader)
        .await
        .explain()
    }

    /// The actions and the kinds of things that the record knows, each once.
    ///
    /// # Errors
    /// The database fails.
    pub async fn audit_words(&self) -> Result<(Vec<String>, Vec<String>)> {
        let actions = sqlx::query_scalar("SELECT DISTINCT action FROM audit ORDER BY action");
        let kinds =
            sqlx::query_scalar("SELECT DISTINCT thing_kind FROM audit WHERE thing_kind <> '' ORDER BY thing_kind");
        Ok((actions.fetch_all(&self.reader).await.explain()?, kinds.fetch_all(&self.reader).await.explain()?))
    }

    /// Says for how long deeds are kept. The database refuses to delete younger ones.
    ///
    /// # Errors
    /// The database fails.
    pub async fn keep_audit(&self, days: i64) -> Result<()> {
        self.set_setting(guard::KEPT_DAYS, &days.to_string()).await
    }

    /// Forgets at most `most` deeds that are older than `before`; answers how many.
    ///
    /// # Errors
    /// The database fails, or they are to be kept.
    pub async fn forget_audit(&self, before: i64, most: i64) -> Result<u64> {
        self.deleted(
            sqlx::query("DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < $1 ORDER BY at LIMIT $2)")
                .bind(before)
                .bind(most),
        )
        .await
    }
}
