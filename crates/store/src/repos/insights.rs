//! Insights: what was found, what people think of it, whom it is told.

use crate::Store;
use crate::error::Explain;
use domain::Result;
use std::collections::{HashMap, HashSet};

/// Ways of seeing a dataset that are kept; of more, those that were looked at last.
const MOST_EYES: i64 = 64;

/// What was found in a dataset by those who see the same of it.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct InsightRunRow {
    pub dataset_id: String,
    /// What policies leave of it, as a fingerprint.
    pub eyes: String,
    /// What was looked at, as a fingerprint.
    pub state: String,
    pub version: i64,
    pub found_at: i64,
    pub elapsed_ms: i64,
    /// `domain::insight::Insights`.
    pub insights_json: String,
}

/// Somebody who is told of what is new in a dataset.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct InsightSubscriptionRow {
    pub user_id: String,
    pub dataset_id: String,
    /// 0 or 1.
    pub strong_only: i64,
    pub created_at: i64,
}

/// What somebody thinks of a finding.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct InsightThumbRow {
    pub dataset_id: String,
    pub finding_id: String,
    pub kind: String,
    /// 1 or -1.
    pub thumb: i64,
}

impl Store {
    /// What was found last by those with these eyes.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insight_run(&self, dataset_id: &str, eyes: &str) -> Result<Option<InsightRunRow>> {
        sqlx::query_as("SELECT * FROM insight_runs WHERE dataset_id = $1 AND eyes = $2")
            .bind(dataset_id)
            .bind(eyes)
            .fetch_optional(&self.reader)
            .await
            .explain()
    }

    /// How long the slowest look at a dataset took, in milliseconds.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insight_effort(&self, dataset_id: &str) -> Result<i64> {
        let longest: Option<i64> = sqlx::query_scalar("SELECT max(elapsed_ms) FROM insight_runs WHERE dataset_id = $1")
            .bind(dataset_id)
            .fetch_one(&self.reader)
            .await
            .explain()?;
        Ok(longest.unwrap_or_default())
    }

    /// Keeps what was found, and of each finding the version in which it was there first.
    ///
    /// # Errors
    /// There is no such dataset.
    pub async fn save_insight_run(&self, run: &InsightRunRow, findings: &[&str]) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO insight_runs (dataset_id, eyes, state, version, found_at, elapsed_ms, insights_json)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (dataset_id, eyes) DO UPDATE SET state = excluded.state, version = excluded.version,
                 found_at = excluded.found_at, elapsed_ms = excluded.elapsed_ms,
                 insights_json = excluded.insights_json",
        )
        .bind(&run.dataset_id)
        .bind(&run.eyes)
        .bind(&run.state)
        .bind(run.version)
        .bind(run.found_at)
        .bind(run.elapsed_ms)
        .bind(&run.insights_json)
        .execute(&mut *tx)
        .await
        .explain()?;
        for finding in findings {
            sqlx::query(
                "INSERT INTO insight_seen (dataset_id, eyes, finding_id, version, seen_at) VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (dataset_id, eyes, finding_id) DO NOTHING",
            )
            .bind(&run.dataset_id)
            .bind(&run.eyes)
            .bind(*finding)
            .bind(run.version)
            .bind(run.found_at)
            .execute(&mut *tx)
            .await
            .explain()?;
        }
        for sql in [
            "DELETE FROM insight_runs WHERE dataset_id = $1 AND eyes NOT IN
               (SELECT eyes FROM insight_runs WHERE dataset_id = $1 ORDER BY found_at DESC, eyes LIMIT $2)",
            "DELETE FROM insight_seen WHERE dataset_id = $1 AND eyes NOT IN
               (SELECT eyes FROM insight_runs WHERE dataset_id = $1 ORDER BY found_at DESC, eyes LIMIT $2)",
        ] {
            sqlx::query(sql).bind(&run.dataset_id).bind(MOST_EYES).execute(&mut *tx).await.explain()?;
        }
        tx.commit().await.explain()
    }

    /// The version in which each finding was there first, for those with these eyes.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insights_seen(&self, dataset_id: &str, eyes: &str) -> Result<HashMap<String, i64>> {
        let rows: Vec<(String, i64)> =
            sqlx::query_as("SELECT finding_id, version FROM insight_seen WHERE dataset_id = $1 AND eyes = $2")
                .bind(dataset_id)
                .bind(eyes)
                .fetch_all(&self.reader)
                .await
                .explain()?;
        Ok(rows.into_iter().collect())
    }

    /// Everything that somebody thinks of findings.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insight_thumbs(&self, user_id: &str) -> Result<Vec<InsightThumbRow>> {
        sqlx::query_as(
            "SELECT dataset_id, finding_id, kind, thumb FROM insight_thumbs WHERE user_id = $1
             ORDER BY dataset_id, finding_id",
        )
        .bind(user_id)
        .fetch_all(&self.reader)
        .await
        .explain()
    }

    /// Keeps what somebody thinks of a finding.
    ///
    /// # Errors
    /// There is no such user or dataset.
    pub async fn set_insight_thumb(&self, user_id: &str, row: &InsightThumbRow, now: i64) -> Result<()> {
        sqlx::query(
            "INSERT INTO insight_thumbs (user_id, dataset_id, finding_id, kind, thumb, given_at)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (user_id, dataset_id, finding_id)
             DO UPDATE SET thumb = excluded.thumb, kind = excluded.kind, given_at = excluded.given_at",
        )
        .bind(user_id)
        .bind(&row.dataset_id)
        .bind(&row.finding_id)
        .bind(&row.kind)
        .bind(row.thumb)
        .bind(now)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(())
    }

    /// Forgets what somebody thinks of a finding.
    ///
    /// # Errors
    /// The database fails.
    pub async fn clear_insight_thumb(&self, user_id: &str, dataset_id: &str, finding_id: &str) -> Result<()> {
        let sql = "DELETE FROM insight_thumbs WHERE user_id = $1 AND dataset_id = $2 AND finding_id = $3";
        self.deleted(sqlx::query(sql).bind(user_id).bind(dataset_id).bind(finding_id)).await?;
        Ok(())
    }

    /// The datasets of whose news somebody is told.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insight_subscriptions_of(&self, user_id: &str) -> Result<Vec<InsightSubscriptionRow>> {
        sqlx::query_as("SELECT * FROM insight_subscriptions WHERE user_id = $1 ORDER BY created_at, dataset_id")
            .bind(user_id)
            .fetch_all(&self.reader)
            .await
            .explain()
    }

    /// Who is told of the news of a dataset.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insight_subscribers(&self, dataset_id: &str) -> Result<Vec<InsightSubscriptionRow>> {
        sqlx::query_as("SELECT * FROM insight_subscriptions WHERE dataset_id = $1 ORDER BY created_at, user_id")
            .bind(dataset_id)
            .fetch_all(&self.reader)
            .await
            .explain()
    }

    /// From now on somebody is told; of what is there already they know.
    ///
    /// # Errors
    /// There is no such user or dataset.
    pub async fn subscribe_to_insights(&self, row: &InsightSubscriptionRow, known: &[&str]) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO insight_subscriptions (user_id, dataset_id, strong_only, created_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (user_id, dataset_id) DO UPDATE SET strong_only = excluded.strong_only",
        )
        .bind(&row.user_id)
        .bind(&row.dataset_id)
        .bind(row.strong_only)
        .bind(row.created_at)
        .execute(&mut *tx)
        .await
        .explain()?;
        for finding in known {
            sqlx::query(TOLD)
                .bind(&row.user_id)
                .bind(&row.dataset_id)
                .bind(*finding)
                .bind(row.created_at)
                .execute(&mut *tx)
                .await
                .explain()?;
        }
        tx.commit().await.explain()
    }

    /// Somebody is told no more. Answers whether they were.
    ///
    /// # Errors
    /// The database fails.
    pub async fn unsubscribe_from_insights(&self, user_id: &str, dataset_id: &str) -> Result<bool> {
        let sql = "DELETE FROM insight_subscriptions WHERE user_id = $1 AND dataset_id = $2";
        Ok(self.deleted(sqlx::query(sql).bind(user_id).bind(dataset_id)).await? > 0)
    }

    /// The findings of a dataset of which somebody was told.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insights_told(&self, user_id: &str, dataset_id: &str) -> Result<HashSet<String>> {
        let ids: Vec<String> =
            sqlx::query_scalar("SELECT finding_id FROM insight_told WHERE user_id = $1 AND dataset_id = $2")
                .bind(user_id)
                .bind(dataset_id)
                .fetch_all(&self.reader)
                .await
                .explain()?;
        Ok(ids.into_iter().collect())
    }

    /// Remembers of what somebody was told.
    ///
    /// # Errors
    /// There is no such user or dataset.
    pub async fn tell_insights(&self, user_id: &str, dataset_id: &str, findings: &[&str], now: i64) -> Result<()> {
        let mut tx = self.begin().await?;
        for finding in findings {
            sqlx::query(TOLD)
                .bind(user_id)
                .bind(dataset_id)
                .bind(*finding)
                .bind(now)
                .execute(&mut *tx)
                .await
                .explain()?;
        }
        tx.commit().await.explain()
    }
}

const TOLD: &str = "INSERT INTO insight_told (user_id, dataset_id, finding_id, told_at) VALUES ($1, $2, $3, $4)
                    ON CONFLICT (user_id, dataset_id, finding_id) DO NOTHING";
