//! The median of models that err differently (Petropoulos and Svetunkov, 2020).

use super::{Fit, Input, Model, arima, ces, ets, mstl, theta};
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

/// Those that take part, by what the series is.
pub(in crate::forecast) fn members(input: &Input) -> Vec<Fit> {
    let mut fits: Vec<Option<Fit>> = Vec::new();
    let m = input.season_up_to(ets::LONGEST_SEASON);
    fits.push(ets::Ets.fit(input));
    fits.push(ces::fit(input, m));
    fits.push(arima::Arima.fit(input));
    fits.push(theta::Theta.fit(input));
    fits.push(mstl::Mstl.fit(input));
    let sum = decompose(input.y, input.seasons, false);
    fits.push(mstl::around(input, &sum, |rest| arima::fit_with(rest, 1)));
    fits.push(mstl::around(input, &sum, |rest| theta::Theta.fit(rest)));
    fits.push(mstl::around(input, &sum, |rest| ces::fit(rest, 1)));
    fits.into_iter().flatten().filter(Fit::is_sound).collect()
}

/// The median of all, step by step.
fn combine(fits: &[Fit]) -> Option<Fit> {
    let first = fits.first()?;
    let middle = |of: &dyn Fn(&Fit) -> f64| median(&mut fits.iter().map(of).filter(|v| !v.is_nan()).collect::<Vec<_>>());
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
