//! When alerts are checked: one recurring job each, claimed with a lease, so that of all processes one
//! does each tick, and what was missed while none ran is done once.

use super::def_of;
use crate::{Services, clock, new_id};
use domain::Result;
use domain::alert::{AlertDef, Check, Heartbeat};
use live::alert::Rule;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use store::{AlertRow, JobRow, JobStatus, Outcome};
use tokio::sync::Semaphore;

/// The kind of their jobs.
pub(crate) const JOB: &str = "alert";
/// Without a sign of life for so long, somebody else does it.
const LEASE_MS: i64 = 30_000;
const HEARTBEAT: Duration = Duration::from_secs(10);
/// How soon a check that could not be written is made again.
const AGAIN_MS: i64 = 15_000;
/// Checks that this process makes at once.
const AT_ONCE: usize = 8;
/// Without a look at the queue for so long, checking has stopped.
const ALIVE_MS: i64 = 60_000;
/// The same where checks have been due for so long.
const LATE_MS: i64 = 5 * 60_000;

/// The most alerts that are put right at once after the clock was set back.
const MOST: i64 = 1_000;

/// How long it is kept what happened.
const KEPT_MS: i64 = 400 * 24 * 3_600_000;

/// That alerts are being checked.
pub(crate) struct Watch {
    /// When this process last looked for alerts that are due.
    looked_at: AtomicI64,
    at_once: Semaphore,
}

impl Default for Watch {
    fn default() -> Self {
        Self { looked_at: AtomicI64::new(0), at_once: Semaphore::new(AT_ONCE) }
    }
}

impl Watch {
    /// The queue was looked at.
    pub(crate) fn beat(&self, now: i64) {
        self.looked_at.store(now, Ordering::Relaxed);
    }
}

/// What makes the job of an alert the only one.
pub(super) fn job_key(id: &str) -> String {
    format!("alert:{id}")
}

fn next(def: &AlertDef, now: i64) -> Result<Option<i64>> {
    // That there is no value for long is found out by looking, not by a refresh.
    let is_silence = matches!(def.condition, domain::alert::Condition::NoDataFor { .. });
    if is_silence && def.check == Check::OnRefresh {
        return live::alert::next_check(&Check::EveryMinute, false, now);
    }
    let is_question = def.subject.metric().is_none() || def.for_each.is_some();
    live::alert::next_check(&def.check, is_question, now)
}

impl Services {
    /// Sees to it that every alert has its job, and catches up with what happened while no server ran.
    pub(crate) async fn start_alerts(&self) -> Result<()> {
        let now = clock::now_ms();
        let mut waiting = Vec::new();
        for row in self.store.alerts().await? {
            let Ok(def) = def_of(&row) else { continue };
            if row.is_paused {
                continue;
            }
            if self.store.job_by_key(&job_key(&row.id)).await?.is_none() {
                self.queue_alert(&row, &def, now).await?;
            }
            if row.on_refresh {
                waiting.push(row.id);
            }
        }
        self.store.prune_alert_events(now - KEPT_MS).await?;
        let services = self.clone();
        tokio::spawn(async move {
            services.check_alerts(waiting).await;
            if let Err(error) = services.deliver_letters().await {
                tracing::error!(%error, "what alerts have to tell could not be handed over");
            }
        });
        Ok(())
    }

    /// When an alert is to be checked next, if not by a refresh.
    async fn due_of(&self, row: &AlertRow, def: &AlertDef, now: i64) -> Result<Option<i64>> {
        if row.is_paused {
            return Ok(None);
        }
        let regular = next(def, now)?;
        if !row.on_refresh {
            return Ok(regular);
        }
        let rule = Rule::of(def, row.snoozed_until);
        let states = self.states_of(&row.id).await?;
        // A moment later, so that it has passed for sure.
        let by_time = states.values().filter_map(|state| state.due(&rule, now)).map(|due| due.max(now) + 1).min();
        Ok(regular.into_iter().chain(by_time).min())
    }

    /// Puts the next check of an alert into the queue, or takes it out where nothing is to be waited for.
    pub(super) async fn queue_alert(&self, row: &AlertRow, def: &AlertDef, now: i64) -> Result<()> {
        let key = job_key(&row.id);
        let due_at = self.due_of(row, def, now).await?;
        let Some(due_at) = due_at else {
            self.store.delete_job_by_key(&key).await?;
            return Ok(());
        };
        let payload_json = serde_json::json!({"alert": row.id}).to_string();
        if let Some(job) = self.store.job_by_key(&key).await? {
            // One that runs right now finds its next time by itself.
            self.store.update_job(&job.id, due_at, &payload_json, now).await?;
            return Ok(());
        }
        let job = JobRow {
            id: new_id(),
            kind: JOB.into(),
            owner_id: row.owner_id.clone(),
            status: JobStatus::Queued,
            progress: 0.0,
            result_json: None,
            error_json: None,
            created_at: now,
            updated_at: now,
            due_at,
            lease_until: None,
            lease_owner: None,
            attempts: 0,
            payload_json,
            unique_key: Some(key),
        };
        self.store.insert_job(&job).await?;
        Ok(())
    }

    /// What was put into the queue by a clock that has been set back since is due when it would be now.
    pub(crate) async fn requeue_alerts(&self, now: i64) -> Result<()> {
        // Those that something happened to last come first.
        let queued = self.store.jobs(Some(JobStatus::Queued), MOST).await?;
        for job in queued.into_iter().take_while(|job| job.updated_at > now).filter(|job| job.kind == JOB) {
            let payload: serde_json::Value = crate::from_json(&job.payload_json);
            let Some(row) = self.store.alert(payload["alert"].as_str().unwrap_or_default()).await? else { continue };
            self.queue_alert(&row, &def_of(&row)?, now).await?;
        }
        Ok(())
    }

    /// Makes the check of a job that this process has claimed, and says when the next is due.
    pub(crate) fn begin_alert_job(&self, job: JobRow, owner: String) {
        let services = self.clone();
        tokio::spawn(async move {
            let (id, name) = (job.id.clone(), owner.clone());
            let alive = services.clone();
            let beat = tokio::spawn(async move {
                loop {
                    tokio::time::sleep(HEARTBEAT).await;
                    let now = clock::now_ms();
                    let _ = alive.store.heartbeat_job(&id, &name, now + LEASE_MS, 0.0, now).await;
                }
            });
            if let Err(error) = services.work_on_alert(&job, &owner).await {
                tracing::error!(%error, job = job.id, "an alert could not be checked in its time");
            }
            beat.abort();
        });
    }

    pub(super) async fn work_on_alert(&self, job: &JobRow, owner: &str) -> Result<()> {
        let payload: serde_json::Value = crate::from_json(&job.payload_json);
        let id = payload["alert"].as_str().unwrap_or_default().to_owned();
        let turn = self.alerts.at_once.acquire().await;
        let checked = self.check_alert(&id).await;
        drop(turn);
        let now = clock::now_ms();
        let row = self.store.alert(&id).await?.filter(|row| !row.is_paused);
        let due_at = match (&checked, row) {
            (_, None) => None,
            (Err(_), Some(_)) => Some(now + AGAIN_MS),
            (Ok(()), Some(row)) => self.due_of(&row, &def_of(&row)?, now).await?,
        };
        match due_at {
            Some(due_at) => self.store.reschedule_job(&job.id, owner, due_at, checked.is_ok(), None, now).await?,
            None => {
                let outcome = Outcome::Succeeded { result_json: None };
                self.store.finish_job(&job.id, owner, &outcome, now).await?
            }
        };
        checked
    }

    /// Whether alerts are being checked, for a monitor outside: it says nothing else.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn alert_heartbeat(&self) -> Result<Heartbeat> {
        let (now, looked_at) = (clock::now_ms(), self.alerts.looked_at.load(Ordering::Relaxed));
        let is_late = self.store.count_late_jobs(JOB, now - LATE_MS).await? > 0;
        let is_alive = looked_at > 0 && now.saturating_sub(looked_at) < ALIVE_MS && !is_late;
        Ok(Heartbeat { is_alive, checked_at: (looked_at > 0).then(|| clock::rfc3339(looked_at)) })
    }
}
