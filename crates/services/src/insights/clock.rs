//! Looking by itself: after each new version of a dataset one job looks at it, with the eyes of its owner
//! and of everybody who wants to be told, and tells them what is new.

use super::{is_strong, run, subscribe};
use crate::catalog::Stored;
use crate::{Services, clock, new_id};
use domain::api::Job;
use domain::people::Scope;
use domain::{Caller, Error, ErrorCode, Result, UserRole};
use engine::Progress;
use serde_json::{Value, json};
use std::sync::PoisonError;
use std::time::Duration;
use store::{InsightSubscriptionRow, JobRow, JobStatus};

/// The kind of these jobs.
pub(crate) const JOB: &str = "discovery";
/// The kind of those that somebody begins.
const OWN_JOB: &str = "insights";
/// How long after a new version: more may follow it.
const PAUSE_MS: i64 = 3_000;
/// How long after the first one.
const FIRST_MS: i64 = 60_000;
/// The longest pause.
const LONGEST_MS: i64 = 10 * 60_000;
/// A dataset is looked at for at most one part in so many of the time.
const SHARE: i64 = 20;
/// Looks that somebody may have begun and not ended.
const MOST_OPEN: i64 = 8;
/// How often it is looked whether a job was cancelled.
const LISTEN: Duration = Duration::from_millis(100);

fn key_of(dataset_id: &str) -> String {
    format!("{JOB}:{dataset_id}")
}

/// What was told to how many.
#[derive(Default)]
pub(super) struct Told {
    /// The version of the dataset that it is about.
    version: i64,
    /// Looks that were taken.
    pub(super) looks: u64,
    pub(super) people: u64,
}

impl Services {
    /// Looks at a dataset in a while: it has a new version.
    pub(crate) fn discover_later(&self, dataset_id: &str) {
        self.discover_in(dataset_id, PAUSE_MS);
    }

    /// Looks at a dataset that was loaded for the first time: whoever loads much has other work first, and
    /// who opens its insights does not wait for this.
    pub(crate) fn discover_first(&self, dataset_id: &str) {
        self.discover_in(dataset_id, FIRST_MS);
    }

    fn discover_in(&self, dataset_id: &str, pause: i64) {
        let now = clock::now_ms();
        {
            let mut queued = self.insights.queued.lock().unwrap_or_else(PoisonError::into_inner);
            if queued.get(dataset_id).is_some_and(|(due, asked)| *due > now && *asked <= pause) {
                return;
            }
            queued.retain(|_, (due, _)| *due > now);
            queued.insert(dataset_id.to_owned(), (now + pause, pause));
        }
        let (services, id) = (self.clone(), dataset_id.to_owned());
        tokio::spawn(async move {
            if let Err(error) = services.queue_discovery(&id, pause, now).await {
                tracing::warn!(%error, dataset = id, "this dataset will be looked at after its next version");
            }
        });
    }

    async fn queue_discovery(&self, dataset_id: &str, pause: i64, now: i64) -> Result<()> {
        let rest = self.store.insight_effort(dataset_id).await?.saturating_mul(SHARE);
        let due_at = now + rest.clamp(pause, LONGEST_MS);
        let key = key_of(dataset_id);
        let row = JobRow {
            id: new_id(),
            kind: JOB.into(),
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
            payload_json: json!({"dataset": dataset_id}).to_string(),
            unique_key: Some(key.clone()),
        };
        if !self.store.insert_job(&row).await?
            && let Some(job) = self.store.job_by_key(&key).await?
            && job.due_at > due_at
        {
            self.store.update_job(&job.id, due_at, &job.payload_json, now).await?;
        }
        let mut queued = self.insights.queued.lock().unwrap_or_else(PoisonError::into_inner);
        queued.insert(dataset_id.to_owned(), (due_at, pause));
        Ok(())
    }

    /// Does such a job.
    pub(crate) async fn do_discovery(&self, payload_json: &str, progress: &Progress) -> Result<Value> {
        let payload: Value = crate::from_json(payload_json);
        let id = payload["dataset"].as_str().unwrap_or_default();
        self.insights.queued.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
        let told = self.discover(id, progress).await?;
        Ok(json!({"version": told.version, "looks": told.looks, "told": told.people}))
    }

    /// Rows may have come while the job looked: then it looks once more.
    pub(crate) async fn discover_rest(&self, payload_json: &str, looked: &Value) {
        let payload: Value = crate::from_json(payload_json);
        let id = payload["dataset"].as_str().unwrap_or_default();
        match self.stored_dataset(id).await {
            Ok(Some(stored)) if Some(stored.row.version) > looked["version"].as_i64() => self.discover_later(id),
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, dataset = id, "this dataset will be looked at after its next version"),
        }
    }

    /// Looks at a dataset with the eyes of its owner and of those who want to be told, and tells them.
    pub(super) async fn discover(&self, dataset_id: &str, progress: &Progress) -> Result<Told> {
        let mut told = Told::default();
        let Some(stored) = self.stored_dataset(dataset_id).await? else { return Ok(told) };
        told.version = stored.row.version;
        if let Some(owner) = self.seer(&stored.row.owner_id).await? {
            told.looks += u64::from(self.look_for(&owner, dataset_id, progress).await?.is_some());
        }
        let subscribers = self.store.insight_subscribers(dataset_id).await?;
        let all = subscribers.len().max(1) as u64;
        progress.set_total(all);
        for (row, done) in subscribers.iter().zip(1..) {
            if progress.is_cancelled() {
                return Err(cancelled());
            }
            // Of one who may not see it any more nothing is said; with the right the news come back.
            match self.tell_news(&stored, row, progress).await {
                Ok(news) => {
                    told.looks += 1;
                    told.people += u64::from(news);
                }
                Err(error) if error.code == ErrorCode::Cancelled => return Err(error),
                Err(error) => tracing::warn!(%error, dataset = dataset_id, "somebody could not be told of insights"),
            }
            progress.set_done(done);
        }
        Ok(told)
    }

    /// Somebody who may look for insights.
    async fn seer(&self, user_id: &str) -> Result<Option<Caller>> {
        let Some(user) = self.store.user(user_id).await?.filter(|u| u.is_active) else { return Ok(None) };
        let caller = self.caller_of(&user, Scope::Read, "").await?;
        Ok((caller.role >= UserRole::Explorer).then_some(caller))
    }

    /// What somebody sees of a dataset, unless they may not, or it is cancelled.
    async fn look_for(
        &self,
        seer: &Caller,
        dataset_id: &str,
        progress: &Progress,
    ) -> Result<Option<(subscribe::Seen, run::Run)>> {
        let loaded = match self.dataset_for(seer, dataset_id).await {
            Ok((loaded, _)) => loaded,
            Err(error) if error.code == ErrorCode::UnknownDataset => return Ok(None),
            Err(error) => return Err(error),
        };
        let stop = async {
            while !progress.is_cancelled() {
                tokio::time::sleep(LISTEN).await;
            }
        };
        let run = tokio::select! {
            run = self.insight_run(&loaded) => run?,
            () = stop => return Err(cancelled()),
        };
        Ok(Some((loaded, run)))
    }

    /// Tells somebody what is new to them. Answers whether there was anything.
    async fn tell_news(&self, stored: &Stored, row: &InsightSubscriptionRow, progress: &Progress) -> Result<bool> {
        let Some(seer) = self.seer(&row.user_id).await? else { return Ok(false) };
        let Some((loaded, run)) = self.look_for(&seer, &stored.row.id, progress).await? else { return Ok(false) };
        let told = self.store.insights_told(&seer.user_id, &stored.row.id).await?;
        let taste = self.taste_of(&seer).await?;
        let (mut news, _) = super::shown(&run, &stored.row.id, &taste, false);
        news.retain(|n| {
            n.finding.claimed && !told.contains(&n.finding.id) && (row.strong_only == 0 || is_strong(&n.finding))
        });
        if news.is_empty() {
            return Ok(false);
        }
        self.tell_insights(&seer, &loaded, &news).await?;
        Ok(true)
    }

    /// Looks at a dataset now, as a job, with the caller's eyes.
    ///
    /// # Errors
    /// The dataset is not visible, or the caller has begun too many looks.
    pub async fn start_insights(&self, caller: &Caller, dataset: &str) -> Result<Job> {
        let loaded = self.insights_for(caller, dataset).await?;
        if self.store.count_open_jobs(&caller.user_id).await? >= MOST_OPEN {
            let error = Error::new(ErrorCode::TooManyRequests, "You have begun many jobs that have not ended yet.");
            return Err(error.hint("Wait for one of them, or cancel it."));
        }
        let (seer, id) = (caller.clone(), loaded.row.id.clone());
        let name = loaded.row.name.clone();
        self.start_job(caller, OWN_JOB, move |services, progress| async move {
            match services.look_for(&seer, &id, &progress).await? {
                Some((_, run)) => {
                    Ok(json!({"dataset": name, "version": run.version, "findings": run.insights.findings.len()}))
                }
                None => Err(Error::not_found("dataset")),
            }
        })
        .await
    }
}

fn cancelled() -> Error {
    Error::new(ErrorCode::Cancelled, "Looking for insights was cancelled.")
}
