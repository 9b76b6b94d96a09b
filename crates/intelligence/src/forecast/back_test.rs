//! The rolling back-test: every model from several moments of the past, knowing only what was
//! known then.

use super::metrics::{Pair, accuracy, naive_error};
use super::prepare::{Prepared, prepare};
use super::report::{bands, held, origins};
use super::{Request, Watch};
use domain::forecast::{BackTest, ModelKind, ModelScore};
use domain::{Error, Result};

/// Most moments of the past that are tried.
const CUTOFFS: usize = 5;

/// Every model from several moments of the past, side by side. `models` empty: all but Prophet.
///
/// # Errors
/// As [`super::run`], and where there are too few values to hold any back.
pub fn back_test(request: &Request, models: &[ModelKind], watch: Watch) -> Result<BackTest> {
    watch.at(0.0)?;
    let mut prepared = prepare(request, &[])?;
    let (cutoffs, horizon) = cutoffs(prepared.len(), prepared.season(), prepared.horizon)?;
    let mut models: Vec<ModelKind> = if models.is_empty() {
        ModelKind::ALL.iter().copied().filter(|m| *m != ModelKind::Prophet).collect()
    } else {
        models.to_vec()
    };
    models.sort_unstable();
    models.dedup();
    let mut notes = std::mem::take(&mut prepared.notes);
    if horizon < prepared.horizon {
        notes
            .push(format!("The series is short: the back-test looks {horizon} steps ahead, not {}.", prepared.horizon));
    }
    let all = models.len() * cutoffs.len();
    let mut scores = Vec::new();
    for (i, kind) in models.into_iter().enumerate() {
        let mut tested = Tested::new(horizon);
        for (j, cutoff) in cutoffs.iter().enumerate() {
            watch.at((i * cutoffs.len() + j) as f64 / all as f64)?;
            tested.take(&prepared, kind, *cutoff);
        }
        scores.push(tested.score(&prepared, kind));
    }
    let worth = |s: &ModelScore| s.accuracy.mase.or(s.accuracy.mae).unwrap_or(f64::INFINITY);
    scores.sort_by(|a, b| worth(a).total_cmp(&worth(b)));
    watch.at(1.0)?;
    let champion = scores.first().filter(|s| s.error.is_none()).map_or(ModelKind::SeasonalNaive, |s| s.model);
    Ok(BackTest {
        cutoffs: cutoffs.iter().map(|c| prepared.regular.ds(c - 1)).collect(),
        horizon,
        models: scores,
        champion,
        notes,
    })
}

/// How many values are known at each moment, oldest first, and how far is looked ahead.
fn cutoffs(n: usize, season: usize, horizon: usize) -> Result<(Vec<usize>, usize)> {
    // Two seasons have to be known, or at least half of what there is.
    let least = (2 * season + 1).min(n / 2 + 1).max(3);
    if n < least + 1 {
        return Err(Error::invalid(format!("A back-test needs four values at least; there are {n}."))
            .hint("Forecast without a back-test, or choose a finer grain."));
    }
    let horizon = horizon.min((n - least).max(1)).min((n / 2).max(1));
    let room = n - horizon - least;
    let count = CUTOFFS.min(room + 1);
    // At most a horizon apart, so that the newest past counts.
    let gap = if count > 1 { (room / (count - 1)).min(horizon.max(1)).max(1) } else { 0 };
    Ok(((0..count).rev().map(|i| n - horizon - i * gap).collect(), horizon))
}

/// What a model said at the moments so far.
struct Tested {
    horizon: usize,
    pairs: Vec<Pair>,
    sums: Vec<(f64, usize)>,
    failed: bool,
}

impl Tested {
    fn new(horizon: usize) -> Self {
        Self { horizon, pairs: Vec::new(), sums: vec![(0.0, 0); horizon], failed: false }
    }

    fn take(&mut self, prepared: &Prepared, kind: ModelKind, known: usize) {
        if self.failed {
            return;
        }
        let origins = origins(known, prepared.season());
        let Some(fit) = prepared.fit(kind, known, &origins, self.horizon) else {
            self.failed = true;
            return;
        };
        let held = held(prepared, &fit, &origins, known);
        let bands = bands(prepared, &fit, &held);
        for (h, mean) in fit.mean.iter().enumerate() {
            let t = known + h;
            let y = prepared.regular.values[t];
            if y.is_nan() {
                continue;
            }
            let yhat = mean * prepared.scale + prepared.effects.at(t);
            let error = (y - yhat).abs();
            self.sums[h].0 += error;
            self.sums[h].1 += 1;
            self.pairs.push(Pair {
                y,
                yhat,
                in80: Some(error <= bands.w80[h] * prepared.scale),
                in95: Some(error <= bands.w95[h] * prepared.scale),
            });
        }
    }

    fn score(self, prepared: &Prepared, kind: ModelKind) -> ModelScore {
        let naive = naive_error(&prepared.values, prepared.season());
        ModelScore {
            model: kind,
            label: kind.label().to_owned(),
            accuracy: if self.failed { accuracy(&[], None) } else { accuracy(&self.pairs, naive) },
            error_by_step: self.sums.iter().map(|(s, n)| (*n > 0 && !self.failed).then(|| s / *n as f64)).collect(),
            error: self.failed.then(|| "The series is too short for this model, or not of its kind.".to_owned()),
        }
    }
}
