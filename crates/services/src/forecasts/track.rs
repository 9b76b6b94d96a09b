//! What was forecast, held against what came.

use super::def_of;
use super::read::Read;
use crate::alerts::moment_of;
use crate::policies::Reader;
use crate::{Services, clock};
use domain::forecast::{Drift, ForecastRun, ForecastTrack, ModelKind, Overlay, Point, Scoring};
use domain::{Caller, Error, Result};
use intelligence::forecast::Series;
use store::ForecastRunRow;

/// Runs that are held against what came.
const SCORED: usize = 60;
/// Fewer values than this tell nothing of a drift, where another run has more.
const ENOUGH: usize = 4;

impl Services {
    /// How a forecast did as actual values arrived.
    ///
    /// # Errors
    /// It is not visible, or was made of rows that the caller does not see.
    pub async fn forecast_track(&self, caller: &Caller, id: &str) -> Result<ForecastTrack> {
        let (row, _) = self.forecast_for(caller, id).await?;
        let def = def_of(&row)?;
        if !self.reads_as_owner(&row, &def, &Reader::of(caller)).await? {
            return Err(Error::forbidden("What was forecast before was of rows that you do not see.")
                .hint("The forecast itself is worked out over the rows that you see."));
        }
        let read = self.read_forecast(&def, &Reader::of(caller), &Overlay::default()).await?;
        let runs = self.store.forecast_runs(id).await?;
        let season = read_season(&read);
        let work = move || track(&read.series, &runs, season);
        tokio::task::spawn_blocking(work).await.map_err(|_| Error::internal())
    }
}

/// The first season of a series; 1 where there is none.
fn read_season(read: &Read) -> usize {
    let found = intelligence::forecast::propose(&read.series).ok();
    found.and_then(|p| p.seasons.into_iter().find(|s| s.is_found)).map_or(1, |s| s.length)
}

fn track(series: &Series, runs: &[ForecastRunRow], season: usize) -> ForecastTrack {
    let mut shown = Vec::new();
    let mut told: Option<Scoring> = None;
    for (at, run) in runs.iter().enumerate() {
        let scoring = (at < SCORED).then(|| scored(series, run, season)).flatten().filter(|s| s.accuracy.n > 0);
        shown.push(ForecastRun {
            made_at: clock::rfc3339(run.made_at),
            until: run.until.clone(),
            model: ModelKind::ALL.iter().copied().find(|m| m.as_str() == run.model).unwrap_or_default(),
            note: run.note.clone(),
            accuracy: scoring.as_ref().map(|s| s.accuracy.clone()),
        });
        // The newest that can tell.
        if let Some(scoring) = scoring
            && told.as_ref().is_none_or(|known| known.accuracy.n < ENOUGH && scoring.accuracy.n > known.accuracy.n)
        {
            told = Some(scoring);
        }
    }
    let (drift, verdict) = match told {
        Some(scoring) => (scoring.drift, scoring.verdict),
        None => (Drift::Unknown, "Nothing that was forecast has come yet.".to_owned()),
    };
    ForecastTrack { runs: shown, drift, verdict }
}

fn scored(series: &Series, run: &ForecastRunRow, season: usize) -> Option<Scoring> {
    let points: Vec<Point> = serde_json::from_str(&run.points_json).ok()?;
    let until = moment_of(&run.until)? * 1_000;
    let (mut before, mut since) = (Series::default(), Series::default());
    for (at, value) in series.times.iter().zip(&series.values) {
        let part = if *at <= until { &mut before } else { &mut since };
        part.times.push(*at);
        part.values.push(*value);
    }
    if since.times.is_empty() {
        return None;
    }
    intelligence::forecast::score(&points, &since, &before, season).ok()
}
