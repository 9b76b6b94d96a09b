//! Forecasts are made anew when data arrives, and when a period is over: with the eyes of their owner, as a
//! job, and only if there is a value that they did not know. From time to time all models are tried again,
//! and another champion is a change with a note.

use super::make::{Made, key_of, trial_key};
use super::read::Read;
use super::{def_of, settings_of};
use crate::policies::Reader;
use crate::{Services, clock, to_json};
use domain::api::Job;
use domain::forecast::{BackTest, Forecast, ForecastDef, ModelKind, Overlay};
use domain::people::Scope;
use domain::{Caller, Error, ErrorCode, Result};
use engine::Progress;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::{ForecastRow, ForecastRunRow};

/// The recurring job that looks whether a period is over.
pub(crate) const RECURRING: &str = "forecasts";
/// The kind of the jobs that make a forecast anew.
const AGAIN: &str = "forecast";
/// Rows that come one after the other are waited for.
const SETTLE: Duration = Duration::from_millis(500);
/// A dataset that grows all the time is looked at so often.
const PAUSE: Duration = Duration::from_secs(20);
/// All models are tried again after so many new forecasts.
const TRY_AFTER: usize = 8;

/// Who is at work on what.
#[derive(Default)]
pub(super) struct Rounds {
    /// Datasets that wait for their forecasts; true: there was news meanwhile.
    datasets: Mutex<HashMap<String, bool>>,
    /// Forecasts that are being made anew.
    making: Mutex<HashSet<String>>,
    trials: Arc<Mutex<HashMap<String, usize>>>,
}

impl Rounds {
    /// Whether the caller is the one to look after a dataset now.
    fn begin(&self, dataset: &str) -> bool {
        let mut all = self.datasets.lock().unwrap_or_else(PoisonError::into_inner);
        match all.get_mut(dataset) {
            Some(again) => {
                *again = true;
                false
            }
            None => all.insert(dataset.to_owned(), false).is_none(),
        }
    }

    /// Whether there was news meanwhile; otherwise nobody looks after it any more.
    fn end(&self, dataset: &str) -> bool {
        let mut all = self.datasets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(again) = all.get_mut(dataset).filter(|again| **again) {
            *again = false;
            return true;
        }
        all.remove(dataset);
        false
    }

    /// A back-test of somebody, until it is dropped.
    pub(super) fn begin_trial(&self, user: &str, most: usize) -> Result<Trial> {
        let mut all = self.trials.lock().unwrap_or_else(PoisonError::into_inner);
        let running = all.entry(user.to_owned()).or_default();
        if *running >= most {
            return Err(Error::new(ErrorCode::TooManyRequests, "Your back-tests are still running.")
                .hint("Wait for one of them, or cancel it."));
        }
        *running += 1;
        Ok(Trial { user: user.to_owned(), all: self.trials.clone() })
    }
}

/// One running back-test.
pub(super) struct Trial {
    user: String,
    all: Arc<Mutex<HashMap<String, usize>>>,
}

impl Drop for Trial {
    fn drop(&mut self) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = all.get_mut(&self.user) {
            *running -= 1;
        }
        all.retain(|_, running| *running > 0);
    }
}

/// A forecast that is being made anew, until it is dropped.
struct Making<'a>(&'a Mutex<HashSet<String>>, String);

impl<'a> Making<'a> {
    fn begin(all: &'a Mutex<HashSet<String>>, id: &str) -> Option<Self> {
        let is_first = all.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned());
        is_first.then(|| Self(all, id.to_owned()))
    }
}

impl Drop for Making<'_> {
    fn drop(&mut self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
}

impl Services {
    /// Rows of a dataset changed: the forecasts that read it are made anew.
    pub(crate) fn forecast_again(&self, dataset: &str) {
        if !self.forecasts.rounds.begin(dataset) {
            return;
        }
        let (services, dataset) = (self.clone(), dataset.to_owned());
        tokio::spawn(async move {
            tokio::time::sleep(SETTLE).await;
            loop {
                let found = services.store.forecasts_of_dataset(&dataset).await.unwrap_or_default();
                let has_any = !found.is_empty();
                for id in found {
                    if let Err(error) = services.look_again(&id).await {
                        tracing::warn!(%error, forecast = id, "a forecast could not be made anew");
                    }
                }
                if !services.forecasts.rounds.end(&dataset) {
                    break;
                }
                tokio::time::sleep(if has_any { PAUSE } else { SETTLE }).await;
            }
        });
    }

    /// Looks after all of them: periods end without any rows.
    pub(crate) async fn forecasts_due(&self, progress: &Progress) -> Result<u64> {
        let all = self.store.forecasts().await?;
        progress.set_total(all.len() as u64);
        let mut made = 0;
        for (at, row) in all.iter().enumerate() {
            if progress.is_cancelled() {
                break;
            }
            match self.look_again(&row.id).await {
                Ok(is_new) => made += u64::from(is_new),
                Err(error) => tracing::warn!(%error, forecast = row.id, "a forecast could not be made anew"),
            }
            progress.set_done(at as u64 + 1);
        }
        Ok(made)
    }

    /// Makes a forecast anew where its owner reads values that it did not know, as a job of theirs, and waits.
    async fn look_again(&self, id: &str) -> Result<bool> {
        let Some(row) = self.store.forecast(id).await? else { return Ok(false) };
        let def = def_of(&row)?;
        let read = self.read_forecast(&def, &Reader::user(&row.owner_id), &Overlay::default()).await?;
        super::enough(&read)?;
        let key = key_of("f", &read, &settings_of(&row, &def), &[]);
        if self.store.forecast_result(id, &key).await?.is_some() {
            return Ok(false);
        }
        let Some(user) = self.store.user(&row.owner_id).await? else { return Ok(false) };
        let owner = self.caller_of(&user, Scope::Write, AGAIN).await?;
        let (done, wait) = tokio::sync::oneshot::channel();
        let id = id.to_owned();
        self.start_job(&owner, AGAIN, |services: Services, progress| async move {
            let result = services.make_again(&id, progress).await;
            _ = done.send(());
            result
        })
        .await?;
        // One after the other: there may be many.
        _ = wait.await;
        Ok(true)
    }

    /// The work of the job.
    async fn make_again(&self, id: &str, progress: Progress) -> Result<Value> {
        let Some(_making) = Making::begin(&self.forecasts.rounds.making, id) else {
            return Ok(json!({"forecast": id}));
        };
        let gone = || Error::not_found("forecast");
        let mut row = self.store.forecast(id).await?.ok_or_else(gone)?;
        let def = def_of(&row)?;
        let read = self.read_forecast(&def, &Reader::user(&row.owner_id), &Overlay::default()).await?;
        super::enough(&read)?;
        let mut note = String::new();
        if !row.champion.is_empty() && def.settings.model.is_none() && self.is_trial_due(id).await? {
            let trial = self.models_tried(&read, &def.settings, progress.clone()).await?;
            note = self.crowned(&mut row, &def, &read, &trial).await?;
        }
        let made = self.forecast_made(Some(id), &read, &settings_of(&row, &def)).await?;
        self.keep_run(&row, &def, &made.forecast, &note).await?;
        Ok(json!({"forecast": id, "until": until(&made.forecast)}))
    }

    async fn is_trial_due(&self, id: &str) -> Result<bool> {
        let runs = self.store.forecast_runs(id).await?;
        // The newest first: how long since a champion was found or stood its ground.
        let since = runs.iter().position(|run| run.note.contains("champion")).unwrap_or(runs.len());
        Ok(since + 1 >= TRY_AFTER)
    }

    /// Takes what a back-test found; says what changed.
    async fn crowned(&self, row: &mut ForecastRow, def: &ForecastDef, read: &Read, trial: &BackTest) -> Result<String> {
        let key = trial_key(read, &def.settings);
        self.store.put_forecast_result(&row.id, &key, clock::now_ms(), &to_json(trial)).await?;
        let new = trial.champion.as_str();
        let mase = |model: &str| trial.models.iter().find(|m| m.model.as_str() == model).and_then(|m| m.accuracy.mase);
        let label = |model: &str| ModelKind::ALL.iter().find(|m| m.as_str() == model).map_or("none", |m| m.label());
        let with = |model: &str| match mase(model) {
            Some(mase) => format!("{} (MASE {mase:.2})", label(model)),
            None => label(model).to_owned(),
        };
        let note = match row.champion.as_str() {
            "" => format!("The first champion is {}.", with(new)),
            old if old == new => format!("The champion is still {}.", with(new)),
            old => format!("The champion changed from {} to {}.", with(old), with(new)),
        };
        if row.champion != new && self.store.set_champion(&row.id, &row.def_json, new).await? {
            new.clone_into(&mut row.champion);
        }
        Ok(note)
    }

    /// Tries all models for a forecast that is kept; the best becomes its champion.
    ///
    /// # Errors
    /// The caller may not change it, or too many back-tests are running.
    pub async fn back_test_forecast(&self, caller: &Caller, id: &str) -> Result<Job> {
        let (row, access) = self.forecast_for(caller, id).await?;
        crate::access::require_edit(caller, access, "forecast")?;
        let def = def_of(&row)?;
        if !self.reads_as_owner(&row, &def, &Reader::of(caller)).await? {
            return Err(Error::forbidden(
                "The models are tried on all rows that the owner of this forecast sees; you see fewer.",
            )
            .hint("Ask its owner, or make a forecast of your own."));
        }
        let turn = self.forecasts.rounds.begin_trial(&caller.user_id, super::MOST_TRIALS)?;
        self.start_job(caller, super::TRIAL, |services: Services, progress| async move {
            let _turn = turn;
            let mut row = row;
            let read = services.read_forecast(&def, &Reader::user(&row.owner_id), &Overlay::default()).await?;
            super::enough(&read)?;
            let trial = services.models_tried(&read, &def.settings, progress).await?;
            let note = services.crowned(&mut row, &def, &read, &trial).await?;
            let made = services.forecast_made(Some(&row.id), &read, &settings_of(&row, &def)).await?;
            services.keep_run(&row, &def, &made.forecast, &note).await?;
            Ok(json!({"key": trial_key(&read, &def.settings), "back_test": trial}))
        })
        .await
    }

    /// Makes a forecast that was changed, with its owner's eyes.
    pub(super) async fn run_as_owner(&self, row: &ForecastRow, note: &str) -> Result<()> {
        let def = def_of(row)?;
        let read = self.read_forecast(&def, &Reader::user(&row.owner_id), &Overlay::default()).await?;
        super::enough(&read)?;
        let made = self.forecast_made(Some(&row.id), &read, &settings_of(row, &def)).await?;
        self.keep_run(row, &def, &made.forecast, note).await
    }

    /// Keeps what was made before the forecast had an id.
    pub(super) async fn keep_made(&self, row: &ForecastRow, def: &ForecastDef, read: &Read, made: &Made) -> Result<()> {
        let key = key_of("f", read, &settings_of(row, def), &[]);
        self.store.put_forecast_result(&row.id, &key, clock::now_ms(), &to_json(made)).await
    }

    /// Writes down what was forecast, to be held against what comes.
    pub(super) async fn keep_run(
        &self,
        row: &ForecastRow,
        def: &ForecastDef,
        made: &Forecast,
        note: &str,
    ) -> Result<()> {
        let run = ForecastRunRow {
            forecast_id: row.id.clone(),
            made_at: clock::now_ms(),
            until: until(made),
            model: settings_of(row, def).model.unwrap_or_default().as_str().to_owned(),
            note: note.to_owned(),
            points_json: to_json(&made.forecast),
        };
        self.store.put_forecast_run(&run).await
    }
}

/// The last value that a forecast knew.
fn until(made: &Forecast) -> String {
    made.history.iter().rev().find(|past| past.y.is_some()).map(|past| past.ds.clone()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_that_comes_while_somebody_looks_is_looked_at_once_more() {
        let rounds = Rounds::default();
        assert!(rounds.begin("d"));
        assert!(!rounds.begin("d") && !rounds.begin("d"));
        assert!(rounds.end("d"));
        assert!(!rounds.end("d"));
        assert!(rounds.begin("d"));
    }

    #[test]
    fn back_tests_of_one_person_are_counted_until_they_end() {
        let rounds = Rounds::default();
        let first = rounds.begin_trial("ada", 1).unwrap();
        assert_eq!(rounds.begin_trial("ada", 1).err().map(|e| e.code), Some(ErrorCode::TooManyRequests));
        assert!(rounds.begin_trial("bob", 1).is_ok());
        drop(first);
        assert!(rounds.begin_trial("ada", 1).is_ok());
    }
}
