//! The clock: claims what is due, does it, tries again what failed, and begins the next round of what
//! recurs. What was missed while no server ran is one row that is overdue, and is done once. Jobs
//! whose process died and that nobody else can take over are marked as failed.

use super::LEASE_MS;
use crate::{Services, clock, new_id, to_json};
use domain::{Error, ErrorCode, Result};
use engine::Progress;
use serde_json::{Value, json};
use std::time::Duration;
use store::{JobRow, JobStatus, Outcome};

const HOUR_MS: i64 = 3_600_000;
/// What recurs: its kind, and how long from one time to the next.
const RECURRING: &[(&str, i64)] = &[
    ("thin_history", HOUR_MS),
    (crate::forecasts::RECURRING, 6 * HOUR_MS),
    ("retrain_models", 3 * HOUR_MS),
    ("clear_jobs", 24 * HOUR_MS),
    ("clear_audit", 24 * HOUR_MS),
];
/// How often a job is tried before it is dead.
const ATTEMPTS: i64 = 5;
/// The pause after the first failure; it doubles with each.
const PAUSE_MS: i64 = 30_000;
/// How long jobs that ended are kept.
const KEPT_MS: i64 = 30 * 24 * HOUR_MS;
/// How often the clock is looked at.
const TICK: Duration = Duration::from_secs(1);
/// How often it is checked that all that recurs is in the queue.
const CHECK_EVERY: u64 = 60;

/// Whether the clock knows how to do it.
pub(super) fn is_recurring(kind: &str) -> bool {
    RECURRING.iter().any(|(known, _)| *known == kind)
}

/// How long to wait after so many attempts.
fn pause_ms(attempts: i64) -> i64 {
    PAUSE_MS << (attempts - 1).clamp(0, 10)
}

impl Services {
    /// Starts the clock.
    pub(crate) fn start_clock(&self) {
        let weak = std::sync::Arc::downgrade(&self.0);
        tokio::spawn(async move {
            for round in 0_u64.. {
                let Some(inner) = weak.upgrade() else { break };
                let services = Services(inner);
                let now = clock::now_ms();
                if round.is_multiple_of(CHECK_EVERY)
                    && let Err(error) = services.queue_recurring(now).await
                {
                    tracing::warn!(%error, "queueing what recurs");
                }
                if let Err(error) = services.work_due(now).await {
                    tracing::warn!(%error, "looking for jobs that are due");
                }
                tokio::select! {
                    () = tokio::time::sleep(TICK) => {}
                    () = services.jobs.wake.notified() => {}
                }
            }
        });
    }

    /// Puts what recurs into the queue where it is missing.
    pub(super) async fn queue_recurring(&self, now: i64) -> Result<()> {
        for (kind, every) in RECURRING {
            self.queue_round(kind, now, now).await?;
            self.not_later_than(kind, now + every, now).await?;
        }
        self.requeue_alerts(now).await
    }

    /// A round that is further away than rounds are apart is from before the clock was set back.
    async fn not_later_than(&self, kind: &str, latest: i64, now: i64) -> Result<()> {
        match self.store.job_by_key(&format!("clock:{kind}")).await? {
            Some(job) if job.due_at > latest => {
                self.store.update_job(&job.id, latest, &job.payload_json, now).await?;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    async fn queue_round(&self, kind: &str, due_at: i64, now: i64) -> Result<()> {
        let unique_key = format!("clock:{kind}");
        if self.store.job_by_key(&unique_key).await?.is_some() {
            return Ok(());
        }
        let row = JobRow {
            id: new_id(),
            kind: kind.to_owned(),
            owner_id: String::new(),
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
            payload_json: "{}".into(),
            unique_key: Some(unique_key),
        };
        self.store.insert_job(&row).await?;
        Ok(())
    }

    /// Claims what is due and begins it.
    async fn work_due(&self, now: i64) -> Result<()> {
        for job in self.store.claim_due(now, &self.jobs.owner, LEASE_MS, 100).await? {
            if job.kind == crate::alerts::JOB {
                self.begin_alert_job(job, self.jobs.owner.clone());
            } else if is_recurring(&job.kind) || job.kind == crate::insights::JOB {
                let services = self.clone();
                tokio::spawn(async move { services.work_on(job).await });
            } else {
                let error = Error::invalid("The server was stopped while this was running. Start it again.");
                let outcome = Outcome::Failed { error_json: to_json(&error) };
                self.store.finish_job(&job.id, &self.jobs.owner, &outcome, now).await?;
                self.tell_queue();
            }
        }
        self.alerts.beat(now);
        Ok(())
    }

    async fn work_on(self, job: JobRow) {
        let (progress, teller) = self.begin_job(&job.id);
        let result = self.do_recurring(&job, &progress).await;
        teller.abort();
        let looked =
            result.as_ref().ok().filter(|_| job.kind == crate::insights::JOB && !progress.is_cancelled()).cloned();
        if let Err(error) = self.settle_job(&job, &progress, result, clock::now_ms()).await {
            tracing::error!(%error, id = job.id, kind = job.kind, "the end of this job could not be written");
        }
        self.tell_end(&job.id, &progress).await;
        if let Some(looked) = looked {
            self.discover_rest(&job.payload_json, &looked).await;
        }
    }

    async fn do_recurring(&self, job: &JobRow, progress: &Progress) -> Result<Value> {
        match job.kind.as_str() {
            crate::insights::JOB => self.do_discovery(&job.payload_json, progress).await,
            "thin_history" => Ok(json!({"thinned": self.thin_history(clock::now_ms(), progress).await?})),
            crate::forecasts::RECURRING => Ok(json!({"made": self.forecasts_due(progress).await?})),
            "clear_jobs" => Ok(json!({"cleared": self.store.prune_jobs(clock::now_ms() - KEPT_MS).await?})),
            "clear_audit" => Ok(json!({"cleared": self.clear_audit(clock::now_ms()).await?})),
            "retrain_models" => Ok(json!({"begun": self.retrain_due(clock::now_ms()).await?})),
            _ => Err(Error::new(ErrorCode::NotSupported, "Nobody knows how to do this.")),
        }
    }

    /// Ends an attempt: done, to be tried again, or dead. The next round comes in any case.
    pub(super) async fn settle_job(
        &self,
        job: &JobRow,
        progress: &Progress,
        result: Result<Value>,
        now: i64,
    ) -> Result<()> {
        let outcome = match result {
            _ if progress.is_cancelled() => Outcome::Cancelled,
            Ok(result) => Outcome::Succeeded { result_json: Some(result.to_string()) },
            Err(error) if job.attempts < ATTEMPTS => {
                let pause = pause_ms(job.attempts);
                let due = now + pause + rand::random_range(0..=pause / 10);
                let why = to_json(&error);
                self.store.reschedule_job(&job.id, &self.jobs.owner, due, false, Some(&why), now).await?;
                return Ok(());
            }
            Err(error) => Outcome::Dead { error_json: to_json(&error) },
        };
        self.store.finish_job(&job.id, &self.jobs.owner, &outcome, now).await?;
        self.queue_next(&job.kind, now).await
    }

    /// The next round of what recurs; of other work there is none.
    pub(super) async fn queue_next(&self, kind: &str, now: i64) -> Result<()> {
        match RECURRING.iter().find(|(known, _)| *known == kind) {
            Some((_, every)) => self.queue_round(kind, now + every, now).await,
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn open(dir: &std::path::Path) -> Services {
        let settings = crate::Settings {
            data_dir: dir.to_owned(),
            database: None,
            fixtures_dir: None,
            paper_dir: None,
            query_timeout: Duration::from_secs(9),
            memory_limit_bytes: 64 << 20,
            threads: 1,
            max_upload_bytes: 1 << 20,
            questions: crate::QuestionDefaults::default(),
            sources: crate::SourceSettings::default(),
            notify: crate::NotifySettings::default(),
            sign_in: crate::SignInSettings::default(),
        };
        Services::open(settings).await.unwrap()
    }

    async fn claim(services: &Services, now: i64) -> Vec<JobRow> {
        services.store.claim_due(now, &services.jobs.owner, LEASE_MS, 9).await.unwrap()
    }

    #[tokio::test]
    async fn what_recurs_is_done_once_however_long_it_was_missed() {
        let dir = tempfile::tempdir().unwrap();
        let services = open(dir.path()).await;
        services.queue_recurring(0).await.unwrap();
        services.queue_recurring(5).await.unwrap();
        // A month without a server: each kind is claimed once, and is next due from now on.
        let now = 30 * 24 * HOUR_MS;
        let due = claim(&services, now).await;
        assert_eq!(due.len(), RECURRING.len());
        for job in due {
            services.settle_job(&job, &Progress::default(), Ok(json!({})), now).await.unwrap();
        }
        assert!(claim(&services, now + HOUR_MS - 1).await.is_empty());
        assert_eq!(claim(&services, now + HOUR_MS).await.len(), 1);
    }

    #[tokio::test]
    async fn a_clock_that_was_set_back_delays_what_recurs_by_one_round() {
        let dir = tempfile::tempdir().unwrap();
        let services = open(dir.path()).await;
        let now = 1_000 * 24 * HOUR_MS;
        services.queue_recurring(now).await.unwrap();
        for job in claim(&services, now).await {
            services.settle_job(&job, &Progress::default(), Ok(json!({})), now).await.unwrap();
        }
        // A year back: the next rounds would be a year away.
        let now = now - 365 * 24 * HOUR_MS;
        services.queue_recurring(now).await.unwrap();
        assert!(claim(&services, now).await.is_empty());
        assert_eq!(claim(&services, now + 24 * HOUR_MS).await.len(), RECURRING.len());
    }

    #[tokio::test]
    async fn one_that_always_fails_is_dead_and_the_next_round_comes() {
        let dir = tempfile::tempdir().unwrap();
        let services = open(dir.path()).await;
        services.queue_round("thin_history", 0, 0).await.unwrap();
        let mut now = 0;
        for attempt in 1..=ATTEMPTS {
            let [job] = &claim(&services, now).await[..] else { panic!("attempt {attempt} is due") };
            assert_eq!(job.attempts, attempt);
            let failed = Err(Error::invalid("The disk is full."));
            services.settle_job(job, &Progress::default(), failed, now).await.unwrap();
            now += pause_ms(attempt) * 2;
        }
        let dead = services.store.jobs(Some(JobStatus::Dead), 9).await.unwrap();
        assert!(dead[0].error_json.as_deref().unwrap().contains("disk"));
        assert!(claim(&services, now).await.is_empty(), "the next round has its own time");
        assert_eq!(claim(&services, now + HOUR_MS).await.len(), 1);
        // An administrator lets the dead one be done again.
        services.add_user("root", domain::UserRole::Admin, None).await.unwrap();
        let admin = services.local_caller(Some("root")).await.unwrap();
        let job = services.retry_job(&admin, &dead[0].id).await.unwrap();
        assert_eq!((job.status.as_str(), job.attempts, job.can_retry), ("queued", 0, false));
    }

    #[test]
    fn pauses_double() {
        assert_eq!([1, 2, 3].map(pause_ms), [30_000, 60_000, 120_000]);
    }
}
