//! From rows to what models want.

use super::clean::{clean, fill};
use super::drivers::{Effects, collect, estimate};
use super::grid::{Regular, count, regular};
use super::models::{Fit, Input};
use super::{Request, Series, models, season};
use domain::Result;
use domain::forecast::{Change, ModelKind, Proposal, Season, Settings, Step, StepUnit};

/// A series, ready for models.
pub(super) struct Prepared {
    pub(super) regular: Regular,
    /// Complete, without outliers, with its drivers.
    pub(super) values: Vec<f64>,
    pub(super) seasons: Vec<Season>,
    /// Lengths of the seasons that were found or chosen, shortest first.
    pub(super) lengths: Vec<usize>,
    /// Those, and the one that the calendar suggests: models find out by themselves.
    pub(super) candidates: Vec<usize>,
    pub(super) effects: Effects,
    pub(super) horizon: usize,
    /// What a model's values are multiplied by.
    pub(super) scale: f64,
    /// `values` less the drivers, over the scale.
    pub(super) y: Vec<f64>,
    pub(super) times: Vec<i64>,
    pub(super) settings: Settings,
    pub(super) notes: Vec<String>,
}

/// What step, seasons and horizon suggest themselves.
///
/// # Errors
/// Where there are fewer than two values at different times.
pub fn propose(series: &Series) -> Result<Proposal> {
    let regular = regular(series, None)?;
    let (seasons, lengths) = seasons_of(&regular, None);
    let cleaned = clean(&regular.values, &lengths, false);
    let n = regular.values.len();
    Ok(Proposal {
        step: regular.grid.step,
        length: n,
        first: regular.ds(0),
        last: regular.ds(n - 1),
        missing: cleaned.missing,
        outliers: cleaned.outliers.len(),
        seasons,
        horizon: usual_horizon(regular.grid.step, n),
        is_never_negative: regular.values.iter().all(|v| v.is_nan() || *v >= 0.0),
        notes: regular.notes,
    })
}

/// How far people look ahead at a step, but not further than half of what is known.
fn usual_horizon(step: Step, n: usize) -> usize {
    let steps = match step.unit {
        StepUnit::Second | StepUnit::Minute => 60,
        StepUnit::Hour => 48,
        StepUnit::Day => 28,
        StepUnit::BusinessDay => 20,
        StepUnit::Week => 13,
        StepUnit::Month => 12,
        StepUnit::Quarter => 8,
        StepUnit::Year => 5,
    };
    (steps as usize).min(n / 2).max(1)
}

/// The seasons, and the lengths that models are told of.
fn seasons_of(regular: &Regular, chosen: Option<&[usize]>) -> (Vec<Season>, Vec<usize>) {
    let filled = fill(&regular.values, &[]);
    let mut seasons = season::propose(&filled, regular.grid.step);
    let mut lengths: Vec<usize> = match chosen {
        None => seasons.iter().filter(|s| s.is_found).map(|s| s.length).collect(),
        Some(chosen) => {
            let names = season::calendar(regular.grid.step);
            for length in chosen {
                if !seasons.iter().any(|s| s.length == *length) {
                    let sum = season::decompose(&filled, &[*length], false);
                    let name =
                        names.iter().find(|(m, _)| m == length).map_or(format!("{length} steps"), |n| n.1.to_owned());
                    seasons.push(Season {
                        length: *length,
                        name,
                        strength: season::strength(&sum, 0),
                        is_found: false,
                    });
                }
            }
            seasons.retain(|s| chosen.contains(&s.length));
            chosen.to_vec()
        }
    };
    lengths.sort_unstable();
    lengths.dedup();
    (seasons, lengths)
}

/// Prepares a request, with the future of its drivers changed.
pub(super) fn prepare(request: &Request, changes: &[Change]) -> Result<Prepared> {
    request.settings.check()?;
    let settings = request.settings.clone();
    let regular = regular(&request.series, settings.step)?;
    let n = regular.values.len();
    let horizon = if settings.horizon == 0 { usual_horizon(regular.grid.step, n) } else { settings.horizon };
    let mut notes = regular.notes.clone();
    let (seasons, lengths) = seasons_of(&regular, settings.seasons.as_deref());
    let season = lengths.first().copied().unwrap_or(1);
    let mut drivers = collect(&regular, &request.regressors, &settings.events, season, horizon, &mut notes)?;
    super::what_if::apply(&regular, &mut drivers, changes)?;
    // What an event explains is no outlier.
    let known = drivers.iter().any(|d| d.is_event && d.values[..n].iter().any(|v| *v > 0.0));
    let cleaned = clean(&regular.values, &lengths, settings.keep_outliers || known);
    let effects = estimate(&cleaned.values, &drivers, season, &mut notes);
    if cleaned.missing > 0 {
        notes.push(format!("{} missing; filled in between.", count(cleaned.missing, "value is", "values are")));
    }
    if !cleaned.outliers.is_empty() {
        let some: Vec<String> = cleaned.outliers.iter().rev().take(3).map(|t| regular.ds(*t)).collect();
        notes.push(format!(
            "{} far out ({}{}); models were fitted without.",
            count(cleaned.outliers.len(), "value is", "values are"),
            some.join(", "),
            if cleaned.outliers.len() > 3 { ", ..." } else { "" }
        ));
    }
    let plain: Vec<f64> = cleaned.values.iter().enumerate().map(|(t, v)| v - effects.at(t)).collect();
    let scale = scale_of(&plain);
    Ok(Prepared {
        y: plain.iter().map(|v| v / scale).collect(),
        times: (0..n + horizon).map(|t| regular.time(t)).collect(),
        values: cleaned.values,
        regular,
        candidates: candidates(&seasons, &lengths, settings.seasons.is_some()),
        seasons,
        lengths,
        effects,
        horizon,
        scale,
        settings,
        notes,
    })
}

/// What models may try: the seasons in use, and the shortest one there is where none was chosen.
fn candidates(seasons: &[Season], lengths: &[usize], is_chosen: bool) -> Vec<usize> {
    let mut all = lengths.to_vec();
    if !is_chosen && all.is_empty() {
        all.extend(seasons.iter().map(|s| s.length).filter(|m| *m <= 24).min());
    }
    all
}

/// A power of two near the mean size of the values, so that dividing by it loses no digit.
fn scale_of(y: &[f64]) -> f64 {
    let size = y.iter().map(|v| v.abs()).sum::<f64>() / y.len().max(1) as f64;
    if size > 0.0 && size.is_finite() { size.log2().round().clamp(-1000.0, 1000.0).exp2() } else { 1.0 }
}

impl Prepared {
    /// Values of the past.
    pub(super) fn len(&self) -> usize {
        self.y.len()
    }

    /// The first season, or 1: what repeating the last season means here.
    pub(super) fn season(&self) -> usize {
        self.lengths.first().copied().unwrap_or(1)
    }

    /// Fits a model to the first `known` values, with forecasts from origins among them. Where the
    /// model does not fit, the ensemble and then the naive one stand in.
    pub(super) fn fit(&self, kind: ModelKind, known: usize, origins: &[usize], horizon: usize) -> Option<Fit> {
        let y = &self.y[..known];
        let over = |v: Option<f64>| v.map(|v| v / self.scale);
        let input = Input {
            y,
            seasons: &self.candidates,
            found: &self.lengths,
            horizon,
            origins,
            times: &self.times[..(known + horizon).min(self.times.len())],
            floor: over(self.settings.floor),
            cap: over(self.settings.cap),
        };
        if y.iter().all(|v| (v - y[0]).abs() <= 1e-12) {
            return Some(models::constant(&input));
        }
        models::fit(kind, &input)
    }
}
