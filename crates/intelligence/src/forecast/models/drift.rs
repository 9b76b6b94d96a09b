//! The last value, and on with the average change between first and last.

use super::{Fit, Input, Model, parameter};
use domain::forecast::ModelKind;

/// The model of the list.
pub(super) struct Drift;

impl Model for Drift {
    fn kind(&self) -> ModelKind {
        ModelKind::Drift
    }

    fn fit(&self, input: &Input) -> Option<Fit> {
        let y = input.y;
        let n = y.len();
        if n < 2 {
            return None;
        }
        let slope_at = |known: usize| if known > 1 { (y[known - 1] - y[0]) / (known - 1) as f64 } else { 0.0 };
        let ahead = |known: usize| -> Vec<f64> {
            let (last, slope) = (y[known.max(1) - 1], slope_at(known));
            (1..=input.horizon).map(|h| last + slope * h as f64).collect()
        };
        Some(Fit {
            mean: ahead(n),
            fitted: (0..n).map(|t| if t > 0 { y[t - 1] + slope_at(t) } else { f64::NAN }).collect(),
            past: input.origins.iter().map(|t| ahead(*t)).collect(),
            label: "Drift".into(),
            parameters: [parameter("slope", slope_at(n))].into(),
        })
    }
}
