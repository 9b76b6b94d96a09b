//! Long work: progress, result, cancel. The row outlives the process; the handle does not.

mod queue;
mod worker;

use crate::{Origin, Services, clock, new_id};
use domain::api::Job;
use domain::{Caller, Result};
use engine::Progress;
use serde_json::Value;
use std::collections::HashMap;
use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use store::{JobRow, JobStatus, Outcome};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// How often progress is told.
const TELL_EVERY: Duration = Duration::from_millis(200);

/// Without a sign of life for so long, a job counts as dead.
const LEASE_MS: i64 = 30_000;

/// Jobs that this process works on.
pub(crate) struct Running {
    jobs: Mutex<HashMap<String, Progress>>,
    /// Under which name this process holds leases.
    owner: String,
    /// There is something to do before the next look at the clock.
    wake: Notify,
}

impl Default for Running {
    fn default() -> Self {
        Self { jobs: Mutex::default(), owner: new_id(), wake: Notify::new() }
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
        let (progress, teller) = self.begin_job(&id);
        let work = work(self.clone(), progress.clone());
        let (services, job_id) = (self.clone(), id.clone());
        // What the job does is still done from where it was begun.
        tokio::spawn(Origin::now().around(async move {
            let outcome = work.await;
            teller.abort();
            services.end_job(&job_id, &progress, outcome).await;
        }));
        Ok(show(row, self.jobs.get(&id).as_ref()))
    }

    /// The handle of a job that begins now, and the task that tells how far it is.
    fn begin_job(&self, id: &str) -> (Progress, JoinHandle<()>) {
        let progress = Progress::default();
        self.jobs.set(id, Some(progress.clone()));
        self.tell_queue();
        (progress.clone(), tokio::spawn(self.clone().tell(id.to_owned(), progress)))
    }

    async fn tell(self, id: String, progress: Progress) {
        let topic = topic(&id);
        for round in 1_u64.. {
            tokio::time::sleep(TELL_EVERY).await;
            if round.is_multiple_of(50) {
                let now = clock::now_ms();
                let lease = now + LEASE_MS;
                let beat = self.store.heartbeat_job(&id, &self.jobs.owner, lease, progress.fraction(), now).await;
                // Cancelled elsewhere, or given to somebody else. A store that is silent for once is
                // no reason: if the lease ran out, that shows at the end.
                if matches!(beat, Ok(false)) {
                    progress.cancel();
                }
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
        self.tell_end(id, progress).await;
    }

    /// The handle goes, and everybody who follows learns what became of the job.
    async fn tell_end(&self, id: &str, progress: &Progress) {
        if let Ok(Some(row)) = self.store.job(id).await {
            let job = show(row, Some(progress));
            self.hub.publish(&topic(id), serde_json::to_value(&job).unwrap_or_default(), true);
        }
        self.jobs.set(id, None);
        self.tell_queue();
    }
}

/// The topic of a job.
pub(crate) fn topic(id: &str) -> String {
    format!("job:{id}")
}

fn show(row: JobRow, progress: Option<&Progress>) -> Job {
    let done = row.status == JobStatus::Succeeded;
    let can_retry = matches!(row.status, JobStatus::Failed | JobStatus::Dead) && worker::is_recurring(&row.kind);
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
        owner_name: String::new(),
        attempts: u32::try_from(row.attempts).unwrap_or_default(),
        due_at: clock::rfc3339(row.due_at),
        created_at: clock::rfc3339(row.created_at),
        updated_at: clock::rfc3339(row.updated_at),
        can_retry,
    }
}
