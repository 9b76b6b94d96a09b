//! Every season is split off by MSTL and repeated; what remains is forecast by exponential
//! smoothing without season.

use super::{Fit, Input, Model, ets};
use crate::forecast::season::{Sum, decompose};
use domain::forecast::ModelKind;

/// The model of the list.
pub(super) struct Mstl;

impl Model for Mstl {
    fn kind(&self) -> ModelKind {
        ModelKind::Mstl
    }

    fn fit(&self, input: &Input) -> Option<Fit> {
        let sum = decompose(input.y, input.found, false);
        let mut fit = around(input, &sum, |rest| Some(ets::choose(rest.y, 1)?.run(rest)))?;
        let lengths: Vec<String> = sum.seasons.iter().map(|(m, _)| m.to_string()).collect();
        fit.label = format!("MSTL({}) + {}", lengths.join(", "), fit.label);
        Some(fit)
    }
}

/// Forecasts what remains without seasons, and puts the last of each season on it.
pub(super) fn around(input: &Input, sum: &Sum, rest: impl Fn(&Input) -> Option<Fit>) -> Option<Fit> {
    let n = input.y.len();
    let season = |t: usize| -> f64 { sum.seasons.iter().map(|(_, s)| s[t]).sum() };
    // A step beyond `known` takes each season from its last turn before that.
    let repeated = |known: usize, h: usize| -> f64 {
        sum.seasons.iter().map(|(m, s)| if known >= *m { s[known - m + h % m] } else { s[h % m] }).sum()
    };
    let adjusted: Vec<f64> = input.y.iter().enumerate().map(|(t, v)| v - season(t)).collect();
    let mut fit = rest(&Input { y: &adjusted, seasons: &[], found: &[], ..input.clone() })?;
    for (h, v) in fit.mean.iter_mut().enumerate() {
        *v += repeated(n, h);
    }
    for (t, v) in fit.fitted.iter_mut().enumerate() {
        *v += season(t);
    }
    for (path, origin) in fit.past.iter_mut().zip(input.origins) {
        for (h, v) in path.iter_mut().enumerate() {
            *v += repeated(*origin, h);
        }
    }
    Some(fit)
}
