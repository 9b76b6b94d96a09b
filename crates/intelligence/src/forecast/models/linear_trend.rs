//! A straight line by least squares, with the average season on it.

use super::{Fit, Input, Model, parameter};
use crate::forecast::season::indices;
use domain::forecast::ModelKind;

/// The model of the list.
pub(super) struct LinearTrend;

impl Model for LinearTrend {
    fn kind(&self) -> ModelKind {
        ModelKind::LinearTrend
    }

    fn fit(&self, input: &Input) -> Option<Fit> {
        let y = input.y;
        let n = y.len();
        if n < 2 {
            return None;
        }
        let m = input.season_up_to(usize::MAX);
        let season = if m > 1 { indices(y, m, false) } else { vec![0.0] };
        let (intercept, slope) = line(y.iter().enumerate().map(|(t, v)| v - season[t % m]));
        let at = |t: usize| intercept + slope * t as f64 + season[t % m];
        Some(Fit {
            mean: (n..n + input.horizon).map(at).collect(),
            fitted: (0..n).map(at).collect(),
            past: input.origins.iter().map(|o| (*o..o + input.horizon).map(at).collect()).collect(),
            label: "Linear trend".into(),
            parameters: [parameter("intercept", intercept), parameter("slope", slope)].into(),
        })
    }
}

/// Intercept and slope of values at 0, 1, 2.
pub(in crate::forecast) fn line(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let n = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / n;
    let middle = (n - 1.0) / 2.0;
    let (mut above, mut below) = (0.0, 0.0);
    for (t, v) in values.enumerate() {
        let x = t as f64 - middle;
        above += x * (v - mean);
        below += x * x;
    }
    let slope = if below > 0.0 { above / below } else { 0.0 };
    (mean - slope * middle, slope)
}
