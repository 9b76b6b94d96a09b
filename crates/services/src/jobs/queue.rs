//! Jobs as their owners and administrators see them: state, cancel, another try.

use super::show;
use crate::access::require_admin;
use crate::{Services, clock};
use domain::api::{Job, JobsRequest};
use domain::people::Scope;
use domain::{Caller, Error, ErrorCode, Result, UserRole};
use store::{JobRow, JobStatus};

/// Tells administrators that the queue changed.
const QUEUE_TOPIC: &str = "jobs:all";
/// The newest jobs are shown.
const SHOWN: i64 = 1_000;

impl Services {
    /// A job of the caller; administrators see all.
    async fn job_row(&self, caller: &Caller, id: &str) -> Result<JobRow> {
        let sees = |row: &JobRow| row.owner_id == caller.user_id || sees_all(caller);
        self.store.job(id).await?.filter(sees).ok_or_else(|| Error::not_found("job"))
    }

    /// A job of the caller; administrators see all.
    ///
    /// # Errors
    /// There is none.
    pub async fn get_job(&self, caller: &Caller, id: &str) -> Result<Job> {
        let row = self.job_row(caller, id).await?;
        Ok(show(row, self.jobs.get(id).as_ref()))
    }

    /// Everybody's jobs, newest first, for administrators.
    ///
    /// # Errors
    /// The caller is none, or there is no such status.
    pub async fn list_jobs(&self, caller: &Caller, request: &JobsRequest) -> Result<Vec<Job>> {
        require_admin(caller)?;
        let status = match request.status.as_deref().filter(|s| !s.is_empty()) {
            Some(word) => Some(JobStatus::parse(word).ok_or_else(|| {
                let all: Vec<&str> = JobStatus::ALL.iter().map(|s| s.as_str()).collect();
                Error::invalid(format!("A job is never `{word}`.")).hint(all.join(", ")).field("status")
            })?),
            None => None,
        };
        let names = self.user_names().await?;
        let rows = self.store.jobs(status, SHOWN).await?;
        let job = |row: JobRow| {
            let owner_name = names.get(&row.owner_id).cloned().unwrap_or_default();
            let progress = self.jobs.get(&row.id);
            Job { owner_name, ..show(row, progress.as_ref()) }
        };
        Ok(rows.into_iter().map(job).collect())
    }

    /// Cancels a job; one that has ended stays as it is.
    ///
    /// # Errors
    /// There is none that the caller may see.
    pub async fn cancel_job(&self, caller: &Caller, id: &str) -> Result<Job> {
        let row = self.job_row(caller, id).await?;
        if self.jobs.get(id).is_none() {
            self.ask_to_cancel(id);
        }
        match self.jobs.get(id) {
            // It stops at the next good place, and then says so.
            Some(progress) => progress.cancel(),
            None if !row.status.is_final() && self.store.cancel_job(id, clock::now_ms()).await? => {
                self.queue_next(&row.kind, clock::now_ms()).await?;
                self.record(caller, "cancel", "job", id).await;
                self.tell_queue();
            }
            None => {}
        }
        self.get_job(caller, id).await
    }

    /// Cancels a job if this process works on it.
    pub(crate) fn cancel_here(&self, id: &str) {
        if let Some(progress) = self.jobs.get(id) {
            progress.cancel();
        }
    }

    /// Lets a job that failed be done again.
    ///
    /// # Errors
    /// The caller is no administrator, or the job did not fail, or cannot be repeated.
    pub async fn retry_job(&self, caller: &Caller, id: &str) -> Result<Job> {
        require_admin(caller)?;
        let job = self.get_job(caller, id).await?;
        if !job.can_retry {
            let error = Error::new(ErrorCode::Conflict, "This job cannot be done again by itself.");
            return Err(match job.status.as_str() {
                "failed" | "dead" => error.hint("Begin it anew where it was begun, such as with another upload."),
                status => error.hint(format!("It is {status}; only what failed is tried again.")),
            });
        }
        self.store.retry_job(id, None, clock::now_ms()).await?;
        self.record(caller, "retry", "job", id).await;
        self.jobs.wake.notify_one();
        self.tell_queue();
        self.get_job(caller, id).await
    }

    /// The topic that tells that the queue changed.
    ///
    /// # Errors
    /// The caller is no administrator.
    pub fn queue_topic(&self, caller: &Caller) -> Result<String> {
        if sees_all(caller) { Ok(QUEUE_TOPIC.to_owned()) } else { Err(Error::not_found("topic")) }
    }

    pub(super) fn tell_queue(&self) {
        self.hub.publish(QUEUE_TOPIC, serde_json::json!({}), false);
    }
}

fn sees_all(caller: &Caller) -> bool {
    caller.role == UserRole::Admin && caller.scope >= Scope::Admin
}
