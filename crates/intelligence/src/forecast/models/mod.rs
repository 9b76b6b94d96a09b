//! The models, one file each, in one list.

pub(super) mod arima;
mod drift;
mod ensemble;
pub(super) mod ets;
mod linear_trend;
pub(super) mod mstl;
mod prophet;
mod seasonal_naive;
mod theta;

use domain::forecast::ModelKind;
use std::collections::BTreeMap;

/// A series as models want it: on a regular grid, complete, without outliers and drivers, scaled
/// so that its values are about 1.
#[derive(Clone)]
pub(super) struct Input<'a> {
    pub(super) y: &'a [f64],
    /// Lengths of seasons in steps that there may be, shortest first; models find out.
    pub(super) seasons: &'a [usize],
    /// Those of them that the series is known to have.
    pub(super) found: &'a [usize],
    pub(super) horizon: usize,
    /// Places in `y`: from each of them it is forecast with what is known before it, the
    /// parameters being those of the whole. Ascending.
    pub(super) origins: &'a [usize],
    /// Moments of `y` and then of the horizon, in microseconds. Only Prophet wants to know.
    pub(super) times: &'a [i64],
    /// Limits of growth, scaled as `y` is.
    pub(super) floor: Option<f64>,
    pub(super) cap: Option<f64>,
}

/// What a model says.
#[derive(Clone, Debug, Default)]
pub(super) struct Fit {
    /// The steps ahead.
    pub(super) mean: Vec<f64>,
    /// What was expected of each value one step before; NaN where unknown.
    pub(super) fitted: Vec<f64>,
    /// The steps ahead from each origin.
    pub(super) past: Vec<Vec<f64>>,
    pub(super) label: String,
    pub(super) parameters: BTreeMap<String, serde_json::Value>,
}

/// A way to forecast.
pub(super) trait Model: Sync {
    fn kind(&self) -> ModelKind;
    /// `None` where the series is not for this model, such as one that is too short.
    fn fit(&self, input: &Input) -> Option<Fit>;
}

/// All of them.
const MODELS: &[&dyn Model] = &[
    &seasonal_naive::SeasonalNaive,
    &drift::Drift,
    &linear_trend::LinearTrend,
    &ets::Ets,
    &theta::Theta,
    &arima::Arima,
    &mstl::Mstl,
    &prophet::Prophet,
    &ensemble::Ensemble,
];

/// The model of a kind.
pub(super) fn model(kind: ModelKind) -> &'static dyn Model {
    MODELS.iter().find(|m| m.kind() == kind).copied().unwrap_or(&seasonal_naive::SeasonalNaive)
}

/// Fits a model; one that says what is not a number has not fitted.
pub(super) fn fit(kind: ModelKind, input: &Input) -> Option<Fit> {
    model(kind).fit(input).filter(Fit::is_sound)
}

impl Fit {
    /// Whether all that it forecasts are numbers of the size of the data, which is about 1.
    fn is_sound(&self) -> bool {
        let sound = |v: &f64| v.is_finite() && v.abs() < 1e9;
        self.mean.iter().all(sound) && self.past.iter().flatten().all(sound)
    }
}

impl Input<'_> {
    /// The longest season that is no longer than this, and that there is enough of; else 1.
    pub(super) fn season_up_to(&self, longest: usize) -> usize {
        let fits = |m: &&usize| **m > 1 && **m <= longest && has_turns(self.y.len(), **m);
        self.seasons.iter().filter(fits).max().copied().unwrap_or(1)
    }
}

/// Whether a season comes often enough to be told from chance: twice where it is short, else
/// three times.
pub(super) fn has_turns(n: usize, m: usize) -> bool {
    n > if m > ets::LONGEST_SEASON { 3 * m } else { 2 * m }
}

/// A parameter with six digits, which is what anybody reads.
fn parameter(name: &str, value: f64) -> (String, serde_json::Value) {
    let rounded = if value == 0.0 || !value.is_finite() {
        value
    } else {
        let digits = 10f64.powi(5 - value.abs().log10().floor() as i32);
        (value * digits).round() / digits
    };
    (name.to_owned(), serde_json::json!(rounded))
}

/// What is said of a series that never changes.
pub(super) fn constant(input: &Input) -> Fit {
    let value = input.y[0];
    let path = vec![value; input.horizon];
    Fit {
        mean: path.clone(),
        fitted: vec![value; input.y.len()],
        past: vec![path; input.origins.len()],
        label: "Constant".into(),
        parameters: [parameter("value", value)].into(),
    }
}
