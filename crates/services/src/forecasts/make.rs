//! Models are fitted on a bounded pool of their own, and what they said is kept by what it was made of:
//! whoever reads the same values is shown the same, and nobody is shown what was made of others.

use super::read::Read;
use crate::{Services, clock};
use domain::forecast::{BackTest, Change, Forecast, Group, ModelKind, Settings};
use domain::{Error, ErrorCode, Result};
use engine::Progress;
use intelligence::forecast::{Request, Watch};
use serde::{Deserialize, Serialize};
use sha2::Digest;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// Forecasts that are made at the same time.
const AT_ONCE: usize = 2;
/// Whoever looks does not wait longer.
const PATIENCE: Duration = Duration::from_secs(60);
/// Progress in steps of a job.
const STEPS: u64 = 1_000;

/// What forecasts of this process share.
pub(crate) struct Live {
    at_once: Arc<Semaphore>,
    pub(super) rounds: super::again::Rounds,
}

impl Default for Live {
    fn default() -> Self {
        Self { at_once: Arc::new(Semaphore::new(AT_ONCE)), rounds: super::again::Rounds::default() }
    }
}

/// A forecast with those of its groups, as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Made {
    pub(super) forecast: Forecast,
    pub(super) groups: Vec<Group>,
}

/// A digest of values and of what is made of them.
pub(super) fn key_of(what: &str, read: &Read, settings: &Settings, changes: &[Change]) -> String {
    let mut hash = read.digest();
    hash.update(crate::to_json(&settings).as_bytes());
    hash.update(crate::to_json(&changes).as_bytes());
    let digest = hash.finalize();
    let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("{what}:{hex}")
}

/// The key of a back-test, which tries all models whatever was chosen.
pub(super) fn trial_key(read: &Read, settings: &Settings) -> String {
    key_of("t", read, &Settings { model: None, ..settings.clone() }, &[])
}

impl Services {
    /// Does work on the pool of forecasts; what nobody waits for any more ends.
    async fn on_forecast_pool<T: Send + 'static>(
        &self,
        progress: Option<Progress>,
        work: impl FnOnce(Watch<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let busy =
            || Error::new(ErrorCode::Overloaded, "Too many forecasts are being made.").hint("Try again in a moment.");
        let turn = self.forecasts.at_once.clone().acquire_owned();
        let turn = tokio::time::timeout(PATIENCE, turn).await.map_err(|_| busy())?.map_err(|_| Error::internal())?;
        let waits = progress.is_none();
        let progress = progress.unwrap_or_default();
        // Whoever drops this future does not wait any more.
        let guard = CancelOnDrop(Some(progress.clone()));
        progress.set_total(STEPS);
        let began = Instant::now();
        let done = tokio::task::spawn_blocking(move || {
            let tell = |fraction: f64| progress.set_done((fraction.clamp(0.0, 1.0) * STEPS as f64) as u64);
            let is_cancelled = || progress.is_cancelled() || (waits && began.elapsed() > PATIENCE);
            let result = work(Watch { progress: &tell, is_cancelled: &is_cancelled });
            drop(turn);
            match result {
                Err(_) if waits && began.elapsed() > PATIENCE => {
                    Err(Error::new(ErrorCode::QueryTimeout, "This forecast takes too long.")
                        .hint("Choose a coarser grain, fewer groups or a simpler model."))
                }
                other => other,
            }
        });
        let done = done.await.map_err(|_| Error::internal())?;
        guard.done();
        done
    }

    /// The forecast of what was read; one that was made before is not made again.
    pub(super) async fn forecast_made(&self, id: Option<&str>, read: &Read, settings: &Settings) -> Result<Made> {
        let key = key_of("f", read, settings, &[]);
        if let Some(id) = id
            && let Some(json) = self.store.forecast_result(id, &key).await?
            && let Ok(known) = serde_json::from_str(&json)
        {
            return Ok(known);
        }
        let (work, settings) = (read.clone(), settings.clone());
        let made = self.on_forecast_pool(None, move |watch| make(work, settings, watch)).await?;
        if let Some(id) = id {
            self.store.put_forecast_result(id, &key, clock::now_ms(), &crate::to_json(&made)).await?;
        }
        Ok(made)
    }

    /// What would be with another future of the drivers. It is not kept.
    pub(super) async fn forecast_made_if(
        &self,
        read: &Read,
        settings: &Settings,
        changes: Vec<Change>,
    ) -> Result<Forecast> {
        let request = request(read.clone(), settings.clone());
        self.on_forecast_pool(None, move |watch| {
            Ok(intelligence::forecast::what_if(&request, &changes, watch)?.scenario)
        })
        .await
    }

    /// All models side by side.
    pub(super) async fn models_tried(&self, read: &Read, settings: &Settings, progress: Progress) -> Result<BackTest> {
        let request = request(read.clone(), Settings { model: None, ..settings.clone() });
        let work = move |watch: Watch<'_>| intelligence::forecast::back_test(&request, ModelKind::ALL, watch);
        self.on_forecast_pool(Some(progress), work).await
    }
}

fn request(read: Read, settings: Settings) -> Request {
    Request { series: read.series, regressors: read.regressors, settings }
}

fn make(read: Read, settings: Settings, watch: Watch<'_>) -> Result<Made> {
    if read.groups.is_empty() {
        let forecast = intelligence::forecast::run(&request(read, settings), watch)?;
        return Ok(Made { forecast, groups: Vec::new() });
    }
    let all = intelligence::forecast::groups(&read.groups, &settings, watch)?;
    let mut forecast = all.total;
    forecast.notes.extend(all.notes);
    Ok(Made { forecast, groups: all.groups })
}

/// Ends work that nobody waits for.
struct CancelOnDrop(Option<Progress>);

impl CancelOnDrop {
    fn done(mut self) {
        self.0 = None;
    }
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        if let Some(progress) = &self.0 {
            progress.cancel();
        }
    }
}
