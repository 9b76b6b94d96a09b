//! Prophet (Taylor and Letham, 2018), by augurs: Stan's optimiser runs in WebAssembly. Half a
//! second a series, so it is only asked for by name.

use super::{Fit, Input, Model};
use augurs::prophet::wasmstan::WasmstanOptimizer;
use augurs::prophet::{GrowthType, PredictionData, Prophet as Augurs, ProphetOptions, TrainingData};
use domain::forecast::ModelKind;
use std::sync::OnceLock;

/// The model of the list.
pub(super) struct Prophet;

impl Model for Prophet {
    fn kind(&self) -> ModelKind {
        ModelKind::Prophet
    }

    fn fit(&self, input: &Input) -> Option<Fit> {
        let n = input.y.len();
        if n < 3 || input.times.len() < n + input.horizon {
            return None;
        }
        let times: Vec<i64> = input.times.iter().map(|t| t.div_euclid(1_000_000)).collect();
        let limit = |of: Option<f64>, n: usize| of.map(|v| vec![v; n]);
        let mut options = ProphetOptions { uncertainty_samples: 0, ..ProphetOptions::default() };
        let mut data = TrainingData::new(times[..n].to_vec(), input.y.to_vec()).ok()?;
        let mut ask = PredictionData::new(times[..n + input.horizon].to_vec());
        // Growth with a ceiling needs one above all values.
        if let Some(cap) = input.cap.filter(|c| input.y.iter().all(|v| v < c)) {
            options.growth = GrowthType::Logistic;
            data = data.with_cap(vec![cap; n]).ok()?;
            ask = ask.with_cap(vec![cap; n + input.horizon]).ok()?;
            let floor = input.floor.filter(|f| input.y.iter().all(|v| v > f));
            if let (Some(known), Some(all)) = (limit(floor, n), limit(floor, n + input.horizon)) {
                data = data.with_floor(known).ok()?;
                ask = ask.with_floor(all).ok()?;
            }
        }
        let mut prophet = Augurs::new(options, optimiser());
        prophet.fit(data, augurs::prophet::optimizer::OptimizeOpts::default()).ok()?;
        let values = prophet.predict(ask).ok()?.yhat.point;
        let (fitted, mean) = values.split_at(n);
        let past = |o: &usize| values[*o..o + input.horizon].to_vec();
        Some(Fit {
            mean: mean.to_vec(),
            fitted: fitted.to_vec(),
            past: input.origins.iter().map(past).collect(),
            label: "Prophet".into(),
            parameters: [("seasons".to_owned(), serde_json::json!("automatic"))].into(),
        })
    }
}

/// Stan's optimiser. To compile its WebAssembly takes seconds, so that is done once.
fn optimiser() -> WasmstanOptimizer {
    static COMPILED: OnceLock<WasmstanOptimizer> = OnceLock::new();
    COMPILED.get_or_init(WasmstanOptimizer::new).clone()
}
