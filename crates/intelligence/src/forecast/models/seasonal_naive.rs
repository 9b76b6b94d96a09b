//! The last season, again: what every other model has to beat.

use super::{Fit, Input, Model, parameter};
use domain::forecast::ModelKind;

/// The model of the list.
pub(super) struct SeasonalNaive;

impl Model for SeasonalNaive {
    fn kind(&self) -> ModelKind {
        ModelKind::SeasonalNaive
    }

    fn fit(&self, input: &Input) -> Option<Fit> {
        let y = input.y;
        if y.is_empty() {
            return None;
        }
        let m = input.found.iter().copied().filter(|m| *m > 1 && y.len() > *m).min().unwrap_or(1);
        let ahead = |known: usize| -> Vec<f64> {
            let m = m.min(known.max(1));
            (0..input.horizon).map(|h| y[(known.max(1) - m) + h % m]).collect()
        };
        Some(Fit {
            mean: ahead(y.len()),
            fitted: (0..y.len()).map(|t| if t >= m { y[t - m] } else { f64::NAN }).collect(),
            past: input.origins.iter().map(|t| ahead(*t)).collect(),
            label: "Seasonal naive".into(),
            parameters: [parameter("season", m as f64)].into(),
        })
    }
}
