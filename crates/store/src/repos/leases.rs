//! Work on jobs under a lease: claim, sign of life, end. What they are is in [`super::jobs`].

use crate::Store;
use crate::error::Explain;
use crate::{JobRow, JobStatus, Outcome};
use domain::Result;

/// No lease ends later than this: servers' clocks differ by less than one.
pub(super) fn too_far(now: i64, lease_ms: i64) -> i64 {
    now.saturating_add(lease_ms.saturating_mul(2))
}

impl Store {
    /// Claims up to `limit` jobs that are due, or whose holder fell silent. However many claim at
    /// once, nobody else gets the same job while the lease lasts. A lease that lasts longer than
    /// anybody takes one for is from before the clock was set back: nobody knows when it ends.
    ///
    /// # Errors
    /// The database fails.
    pub async fn claim_due(&self, now: i64, lease_owner: &str, lease_ms: i64, limit: i64) -> Result<Vec<JobRow>> {
        // Asking costs a read only: an idle scheduler writes nothing.
        let any: Option<i64> = sqlx::query_scalar(
            "SELECT 1 FROM jobs
             WHERE (status = 'queued' AND due_at <= $1)
                OR (status = 'running' AND (lease_until < $1 OR lease_until > $2)) LIMIT 1",
        )
        .bind(now)
        .bind(too_far(now, lease_ms))
        .fetch_optional(&self.reader)
        .await
        .explain()?;
        if any.is_none() {
            return Ok(Vec::new());
        }
        // The condition stands twice: databases with several writers check the outer one again when
        // another claim got in between, the inner one they do not.
        let mut jobs: Vec<JobRow> = sqlx::query_as(
            "UPDATE jobs SET status = 'running', lease_owner = $2, lease_until = $3, attempts = attempts + 1,
                             updated_at = $1
             WHERE id IN (SELECT id FROM jobs
                          WHERE (status = 'queued' AND due_at <= $1)
                             OR (status = 'running' AND (lease_until < $1 OR lease_until > $5))
                          ORDER BY due_at, id LIMIT $4)
               AND ((status = 'queued' AND due_at <= $1)
                 OR (status = 'running' AND (lease_until < $1 OR lease_until > $5)))
             RETURNING *",
        )
        .bind(now)
        .bind(lease_owner)
        .bind(now.saturating_add(lease_ms))
        .bind(limit)
        .bind(too_far(now, lease_ms))
        .fetch_all(&self.writer)
        .await
        .explain()?;
        jobs.sort_by(|a, b| (a.due_at, &a.id).cmp(&(b.due_at, &b.id)));
        Ok(jobs)
    }

    /// A sign of life with the progress from 0 to 1: the lease lasts until `lease_until`. Answers
    /// `false` when the job is no longer the caller's (cancelled, or claimed by somebody else):
    /// then stop.
    ///
    /// # Errors
    /// The database fails.
    pub async fn heartbeat_job(
        &self,
        id: &str,
        lease_owner: &str,
        lease_until: i64,
        progress: f64,
        now: i64,
    ) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE jobs SET lease_until = $1, progress = $2, updated_at = $3
             WHERE id = $4 AND lease_owner = $5 AND status = 'running'",
        )
        .bind(lease_until)
        .bind(progress)
        .bind(now)
        .bind(id)
        .bind(lease_owner)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(done.rows_affected() == 1)
    }

    /// Ends a job. Answers `false`, and changes nothing, when it is no longer the caller's.
    ///
    /// # Errors
    /// The database fails.
    pub async fn finish_job(&self, id: &str, lease_owner: &str, outcome: &Outcome, now: i64) -> Result<bool> {
        let (status, result, error) = match outcome {
            Outcome::Succeeded { result_json } => (JobStatus::Succeeded, result_json.as_deref(), None),
            Outcome::Failed { error_json } => (JobStatus::Failed, None, Some(error_json.as_str())),
            Outcome::Cancelled => (JobStatus::Cancelled, None, None),
            Outcome::Dead { error_json } => (JobStatus::Dead, None, Some(error_json.as_str())),
        };
        let done = sqlx::query(
            "UPDATE jobs SET status = $1, result_json = $2, error_json = $3, updated_at = $4, lease_owner = NULL,
                             lease_until = NULL, unique_key = NULL,
                             progress = CASE WHEN $1 = 'succeeded' THEN 1.0 ELSE progress END
             WHERE id = $5 AND lease_owner = $6 AND status = 'running'",
        )
        .bind(status.as_str())
        .bind(result)
        .bind(error)
        .bind(now)
        .bind(id)
        .bind(lease_owner)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(done.rows_affected() == 1)
    }

    /// Gives a job back to be done (again) at `due_at`: what recurs, or is tried once more.
    /// `attempts` begins anew with `is_new_round`, and goes on counting otherwise; `error_json` says
    /// what went wrong. Answers `false`, and changes nothing, when it is no longer the caller's.
    ///
    /// # Errors
    /// The database fails.
    pub async fn reschedule_job(
        &self,
        id: &str,
        lease_owner: &str,
        due_at: i64,
        is_new_round: bool,
        error_json: Option<&str>,
        now: i64,
    ) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE jobs SET status = 'queued', due_at = $1, updated_at = $2, lease_owner = NULL, lease_until = NULL,
                             progress = 0.0, attempts = CASE WHEN $3 THEN 0 ELSE attempts END,
                             error_json = $6
             WHERE id = $4 AND lease_owner = $5 AND status = 'running'",
        )
        .bind(due_at)
        .bind(now)
        .bind(is_new_round)
        .bind(id)
        .bind(lease_owner)
        .bind(error_json)
        .execute(&self.writer)
        .await
        .explain()?;
        Ok(done.rows_affected() == 1)
    }

    /// When the next waiting job is due: how long a scheduler may sleep.
    ///
    /// # Errors
    /// The database fails.
    pub async fn next_due(&self) -> Result<Option<i64>> {
        sqlx::query_scalar("SELECT min(due_at) FROM jobs WHERE status = 'queued'")
            .fetch_one(&self.reader)
            .await
            .explain()
    }
}
