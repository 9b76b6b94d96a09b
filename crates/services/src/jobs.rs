//! Long work: progress, result, cancel. The row outlives the process; the handle does not.

use crate::{Services, clock, new_id};
use domain::api::Job;
use domain::{Caller, Error, Result};
use engine::Progress;
use serde_json::Value;
use std::collections::HashMap;
use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use store::{JobRow, JobStatus, Outcome};

/// How often progress is told.
const TELL_EVERY: Duration = Duration::from_millis(200);

/// Without a sign of life for so long, a job counts as dead.
const LEASE_MS: i64 = 30_000;

/// Jobs that this process works on.
pub(crate) struct Running {
    jobs: Mutex<HashMap<String, Progress>>,
    /// Under which name this process holds leases.
    owner: String,
}

impl Default for Running {
    fn default() -> Self {
        Self { jobs: Mutex::default(), owner: new_id() }
    }
}

impl Running {
    fn get(&self, id: &str) -> Option<Progress> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    fn set(&self, id: &str, progress: Option<Progress>) {
        let mut running = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        match progress {
            Some(progress) => running.insert(id.to_owned(), progress),
            None => running.remove(id),
        };
    }
}

impl Services {
    /// Begins a job and answers at once; `work` gets the handle for progress and cancel.
    pub(crate) async fn start_job<F>(
        &self,
        caller: &Caller,
        kind: &str,
        work: impl FnOnce(Services, Progress) -> F,
    ) -> Result<Job>
    where
        F: Future<Output = Result<Value>> + Send + 'static,
    {
        let (id, now) = (new_id(), clock::now_ms());
        let row = JobRow {
            id: id.clone(),
            kind: kind.to_owned(),
            owner_id: caller.user_id.clone(),
            status: JobStatus::Running,
            progress: 0.0,
            result_json: None,
            error_json: None,
            created_at: now,
            updated_at: now,
            due_at: now,
            lease_until: Some(now + LEASE_MS),
            lease_owner: Some(self.jobs.owner.clone()),
            attempts: 1,
            payload_json: "{}".into(),
            unique_key: None,
        };
        self.store.insert_job(&row).await?;
        let progress = Progress::default();
        self.jobs.set(&id, Some(progress.clone()));
        let teller = tokio::spawn(self.clone().tell(id.clone(), progress.clone()));
        let work = work(self.clone(), progress.clone());
        let (services, job_id) = (self.clone(), id.clone());
        tokio::spawn(async move {
            let outcome = work.await;
            teller.abort();
            services.end_job(&job_id, &progress, outcome).await;
        });
        Ok(show(row, self.jobs.get(&id).as_ref()))
    }

    async fn tell(self, id: String, progress: Progress) {
        let topic = topic(&id);
        for round in 1_u64.. {
            tokio::time::sleep(TELL_EVERY).await;
            if round.is_multiple_of(50) {
                let now = clock::now_ms();
                // A missed sign of life shows at the end: the lease is then gone.
                let _ = self.store.heartbeat_job(&id, &self.jobs.owner, now + LEASE_MS, progress.fraction(), now).await;
            }
            let news = serde_json::json!({
                "status": "running", "progress": progress.fraction(), "bytes_done": progress.bytes_done(),
                "bytes_total": progress.bytes_total(), "rows": progress.rows(),
            });
            self.hub.publish(&topic, news, true);
        }
    }

    async fn end_job(&self, id: &str, progress: &Progress, outcome: Result<Value>) {
        let outcome = match outcome {
            Ok(result) => Outcome::Succeeded { result_json: Some(result.to_string()) },
            Err(_) if progress.is_cancelled() => Outcome::Cancelled,
            Err(error) => Outcome::Failed { error_json: crate::to_json(&error) },
        };
        if self.store.finish_job(id, &self.jobs.owner, &outcome, clock::now_ms()).await.is_err() {
            tracing::error!(id, "the end of this job could not be written");
        }
        if let Ok(Some(row)) = self.store.job(id).await {
            let job = show(row, Some(progress));
            self.hub.publish(&topic(id), serde_json::to_value(&job).unwrap_or_default(), true);
        }
        self.jobs.set(id, None);
    }

    /// A job of the caller.
    ///
    /// # Errors
    /// There is none.
    pub async fn get_job(&self, caller: &Caller, id: &str) -> Result<Job> {
        let row = self.store.job(id).await?.filter(|row| row.owner_id == caller.user_id);
        let row = row.ok_or_else(|| Error::not_found("job"))?;
        let progress = self.jobs.get(id);
        Ok(show(row, progress.as_ref()))
    }

    /// Cancels a job of the caller; one that has ended stays as it is.
    ///
    /// # Errors
    /// There is none.
    pub async fn cancel_job(&self, caller: &Caller, id: &str) -> Result<Job> {
        let job = self.get_job(caller, id).await?;
        match self.jobs.get(id) {
            Some(progress) => progress.cancel(),
            None => self.ask_to_cancel(id),
        }
        Ok(job)
    }

    /// Cancels a job if this process works on it.
    pub(crate) fn cancel_here(&self, id: &str) {
        if let Some(progress) = self.jobs.get(id) {
            progress.cancel();
        }
    }

    /// From now on, jobs whose process died are marked as failed.
    pub(crate) fn watch_dead_jobs(&self) {
        let weak = std::sync::Arc::downgrade(&self.0);
        tokio::spawn(async move {
            let mut tick = tokio::time::interval(Duration::from_secs(15));
            loop {
                tick.tick().await;
                let Some(inner) = weak.upgrade() else { break };
                if let Err(error) = Services(inner).bury_dead_jobs().await {
                    tracing::warn!(%error, "looking for dead jobs");
                }
            }
        });
    }

    async fn bury_dead_jobs(&self) -> Result<()> {
        let error = Error::invalid("The server was stopped while this was running. Start it again.");
        let outcome = Outcome::Failed { error_json: crate::to_json(&error) };
        let now = clock::now_ms();
        for job in self.store.claim_due(now, &self.jobs.owner, LEASE_MS, 100).await? {
            self.store.finish_job(&job.id, &self.jobs.owner, &outcome, now).await?;
        }
        Ok(())
    }
}

/// The topic of a job.
pub(crate) fn topic(id: &str) -> String {
    format!("job:{id}")
}

fn show(row: JobRow, progress: Option<&Progress>) -> Job {
    let done = row.status == JobStatus::Succeeded;
    Job {
        id: row.id,
        kind: row.kind,
        status: row.status.as_str().to_owned(),
        progress: if done { 1.0 } else { progress.map_or(row.progress, Progress::fraction) },
        bytes_done: progress.map_or(0, Progress::bytes_done),
        bytes_total: progress.map_or(0, Progress::bytes_total),
        rows: progress.map_or(0, Progress::rows),
        result: row.result_json.and_then(|json| serde_json::from_str(&json).ok()),
        error: row.error_json.and_then(|json| serde_json::from_str(&json).ok()),
    }
}
