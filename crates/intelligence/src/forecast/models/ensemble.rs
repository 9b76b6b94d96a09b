//! The median of models that err differently (Petropoulos and Svetunkov, 2020).

use super::drift::Drift;
use super::seasonal_naive::SeasonalNaive;
use super::{Fit, Input, Model, arima, ets, mstl, theta};
use crate::forecast::clean::median;
use crate::forecast::season::decompose;
use domain::forecast::ModelKind;

/// The model of the list.
pub(super) struct Ensemble;

impl Model for Ensemble {
    fn kind(&self) -> ModelKind {
        ModelKind::Ensemble
    }

    fn fit(&self, input: &Input) -> Option<Fit> {
        combine(&members(input))
    }
}

/// Exponential smoothing, ARIMA, Theta, and Theta with the seasons split off before: few alike,
/// each good by itself. Where a series is too short for them, straight lines stand in.
fn members(input: &Input) -> Vec<Fit> {
    let sum = decompose(input.y, input.found, false);
    let split = || {
        let mut fit = mstl::around(input, &sum, |rest| theta::Theta.fit(rest))?;
        fit.label = "MSTL + Theta".into();
        Some(fit)
    };
    let fits = [ets::Ets.fit(input), arima::Arima.fit(input), theta::Theta.fit(input), split()];
    let fits: Vec<Fit> = fits.into_iter().flatten().filter(Fit::is_sound).collect();
    if !fits.is_empty() {
        return fits;
    }
    [SeasonalNaive.fit(input), Drift.fit(input)].into_iter().flatten().filter(Fit::is_sound).collect()
}

/// The median of all, step by step.
fn combine(fits: &[Fit]) -> Option<Fit> {
    let first = fits.first()?;
    let middle =
        |of: &dyn Fn(&Fit) -> f64| median(&mut fits.iter().map(of).filter(|v| !v.is_nan()).collect::<Vec<_>>());
    let labels: Vec<&str> = fits.iter().map(|f| f.label.as_str()).collect();
    Some(Fit {
        mean: (0..first.mean.len()).map(|h| middle(&|f| f.mean[h])).collect(),
        fitted: (0..first.fitted.len()).map(|t| middle(&|f| f.fitted[t])).collect(),
        past: (0..first.past.len())
            .map(|o| (0..first.past[o].len()).map(|h| middle(&|f| f.past[o][h])).collect())
            .collect(),
        label: "Median of several models".into(),
        parameters: [("members".to_owned(), serde_json::json!(labels))].into(),
    })
}
