//! Jobs: the one clock. Whoever claims a job holds a lease on it; when the lease runs out without
//! a sign of life, somebody else may claim it. Everything that the holder writes is checked
//! against the lease, so that one who was too slow cannot overwrite the work of the next.

use crate::Store;
use crate::error::Explain;
use crate::word::Word;
use domain::Result;

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JobStatus {
    Queued,
    Running,
    Succeeded,
    Failed,
    Cancelled,
    /// It was tried as often as it may be.
    Dead,
}

impl JobStatus {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Queued, Self::Running, Self::Succeeded, Self::Failed, Self::Cancelled, Self::Dead];

    /// The wire name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Dead => "dead",
        }
    }

    /// Reads the wire name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }

    /// Whether nothing more will happen to it.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled | Self::Dead)
    }
}

/// A job.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct JobRow {
    pub id: String,
    pub kind: String,
    /// Whose it is; empty for the system's own.
    pub owner_id: String,
    #[sqlx(try_from = "Word")]
    pub status: JobStatus,
    /// From 0 to 1.
    pub progress: f64,
    pub result_json: Option<String>,
    /// `domain::Error`.
    pub error_json: Option<String>,
    pub created_at: i64,
    pub updated_at: i64,
    pub due_at: i64,
    pub lease_until: Option<i64>,
    pub lease_owner: Option<String>,
    /// How often it was claimed.
    pub attempts: i64,
    pub payload_json: String,
    /// At most one unfinished job has it.
    pub unique_key: Option<String>,
}

/// How a job ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Succeeded {
        result_json: Option<String>,
    },
    Failed {
        error_json: String,
    },
    Cancelled,
    /// It is not tried again.
    Dead {
        error_json: String,
    },
}

impl Store {
    /// Adds a job. Answers `false`, and adds nothing, when an unfinished one has its `unique_key`.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insert_job(&self, job: &JobRow) -> Result<bool> {
        let done = sqlx::query(
            "INSERT INTO jobs (id, kind, owner_id, status, progress, result_json, error_json, created_at, updated_at,
                               due_at, lease_until, lease_owner, attempts, payload_json, unique_key)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
             ON CONFLICT (unique_key) DO NOTHING",
        )
        .bind(&job.id)
        .bind(&job.kind)
        .bind(&job.owner_id)
        .bind(job.status.as_str())
        .bind(job.progress)
        .bind(&job.result_json)
        .bind(&job.error_json)
        .bind(job.created_at)
        .bind(job.updated_at)
        .bind(job.due_at)
        .bind(job.lease_until)
        .bind(&job.lease_owner)
        .bind(job.attempts)
        .bind(&job.payload_json)
        .bind(&job.unique_key)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(done.rows_affected() == 1)
    }

    /// The job of that id.
    ///
    /// # Errors
    /// The database fails.
    pub async fn job(&self, id: &str) -> Result<Option<JobRow>> {
        sqlx::query_as("SELECT * FROM jobs WHERE id = $1").bind(id).fetch_optional(&self.reader).await.explain()
    }

    /// The unfinished job that has this key.
    ///
    /// # Errors
    /// The database fails.
    pub async fn job_by_key(&self, unique_key: &str) -> Result<Option<JobRow>> {
        sqlx::query_as("SELECT * FROM jobs WHERE unique_key = $1")
            .bind(unique_key)
            .fetch_optional(&self.reader)
            .await
            .explain()
    }

    /// A user's newest jobs, newest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn jobs_of(&self, owner_id: &str, limit: i64) -> Result<Vec<JobRow>> {
        sqlx::query_as("SELECT * FROM jobs WHERE owner_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2")
            .bind(owner_id)
            .bind(limit)
            .fetch_all(&self.reader)
            .await
            .explain()
    }

    /// Everybody's jobs, those that something happened to last first. With a status, only those.
    ///
    /// # Errors
    /// The database fails.
    pub async fn jobs(&self, status: Option<JobStatus>, limit: i64) -> Result<Vec<JobRow>> {
        sqlx::query_as("SELECT * FROM jobs WHERE $1 = '' OR status = $1 ORDER BY updated_at DESC, id DESC LIMIT $2")
            .bind(status.map_or("", JobStatus::as_str))
            .bind(limit)
            .fetch_all(&self.reader)
            .await
            .explain()
    }

    /// Lets a job that failed or is dead be done again, counting its attempts from the beginning.
    /// Answers whether there was one.
    ///
    /// # Errors
    /// `NameTaken`: an unfinished job does the same by now.
    pub async fn retry_job(&self, id: &str, unique_key: Option<&str>, now: i64) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE jobs SET status = 'queued', due_at = $1, updated_at = $1, attempts = 0, progress = 0.0,
                             error_json = NULL, unique_key = $2
             WHERE id = $3 AND status IN ('failed', 'dead')",
        )
        .bind(now)
        .bind(unique_key)
        .bind(id)
        .execute(&self.writer)
        .await
        .or_taken(|| "This work waits to be done already.".to_owned())?;
        Ok(done.rows_affected() == 1)
    }

    /// How many jobs of a user are not finished: work in flight is bounded.
    ///
    /// # Errors
    /// The database fails.
    pub async fn count_open_jobs(&self, owner_id: &str) -> Result<i64> {
        sqlx::query_scalar("SELECT count(*) FROM jobs WHERE owner_id = $1 AND status IN ('queued', 'running')")
            .bind(owner_id)
            .fetch_one(&self.reader)
            .await
            .explain()
    }

    /// Changes when a waiting job is due, and what it is to do. Answers whether it was still
    /// waiting.
    ///
    /// # Errors
    /// The database fails.
    pub async fn update_job(&self, id: &str, due_at: i64, payload_json: &str, now: i64) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE jobs SET due_at = $1, payload_json = $2, updated_at = $3 WHERE id = $4 AND status = 'queued'",
        )
        .bind(due_at)
        .bind(payload_json)
        .bind(now)
        .bind(id)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(done.rows_affected() == 1)
    }

    /// Cancels a job that is not finished. Answers whether there was one; its holder learns it from
    /// the next heartbeat.
    ///
    /// # Errors
    /// The database fails.
    pub async fn cancel_job(&self, id: &str, now: i64) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE jobs SET status = 'cancelled', updated_at = $1, lease_owner = NULL, lease_until = NULL,
                             unique_key = NULL
             WHERE id = $2 AND status IN ('queued', 'running')",
        )
        .bind(now)
        .bind(id)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(done.rows_affected() == 1)
    }

    /// Takes the unfinished job of that key away without a trace: its thing is gone. Answers
    /// whether there was one.
    ///
    /// # Errors
    /// The database fails.
    pub async fn delete_job_by_key(&self, unique_key: &str) -> Result<bool> {
        let done = sqlx::query("DELETE FROM jobs WHERE unique_key = $1")
            .bind(unique_key)
            .execute(&self.writer)
            .await
            .explain()?;
        Ok(done.rows_affected() == 1)
    }

    /// Clears away finished jobs that nothing happened to since `before`. Answers how many.
    ///
    /// # Errors
    /// The database fails.
    pub async fn prune_jobs(&self, before: i64) -> Result<u64> {
        let done = sqlx::query(
            "DELETE FROM jobs WHERE status IN ('succeeded', 'failed', 'cancelled', 'dead') AND updated_at < $1",
        )
        .bind(before)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(done.rows_affected())
    }
}
