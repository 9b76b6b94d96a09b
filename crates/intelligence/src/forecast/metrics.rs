//! How far forecasts are from what came.

use domain::forecast::Accuracy;

/// One value that was forecast.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    pub(super) y: f64,
    pub(super) yhat: f64,
    pub(super) in80: Option<bool>,
    pub(super) in95: Option<bool>,
}

/// All measures over some values; `naive` is the mean absolute error of repeating the last
/// season within the past.
pub(super) fn accuracy(pairs: &[Pair], naive: Option<f64>) -> Accuracy {
    let n = pairs.len();
    if n == 0 {
        return Accuracy::default();
    }
    let mean = |of: &dyn Fn(&Pair) -> f64| pairs.iter().map(of).sum::<f64>() / n as f64;
    let mae = mean(&|p| (p.y - p.yhat).abs());
    let share = |of: &dyn Fn(&Pair) -> Option<bool>| {
        let known: Vec<bool> = pairs.iter().filter_map(of).collect();
        (!known.is_empty()).then(|| known.iter().filter(|b| **b).count() as f64 / known.len() as f64)
    };
    Accuracy {
        mae: Some(mae),
        rmse: Some(mean(&|p| (p.y - p.yhat).powi(2)).sqrt()),
        mape: pairs.iter().all(|p| p.y != 0.0).then(|| 100.0 * mean(&|p| ((p.y - p.yhat) / p.y).abs())),
        smape: Some(mean(&|p| {
            let size = p.y.abs() + p.yhat.abs();
            if size > 0.0 { 200.0 * (p.y - p.yhat).abs() / size } else { 0.0 }
        })),
        mase: naive.filter(|s| *s > 0.0).map(|s| mae / s),
        coverage80: share(&|p| p.in80),
        coverage95: share(&|p| p.in95),
        n,
    }
}

/// The mean absolute error of repeating the last season (Hyndman and Koehler, 2006); NaN values
/// are left out. `None` where nothing can be compared.
pub(super) fn naive_error(y: &[f64], season: usize) -> Option<f64> {
    let m = season.max(1);
    let mut errors = y.iter().skip(m).zip(y).map(|(a, b)| (a - b).abs()).filter(|e| e.is_finite()).peekable();
    errors.peek()?;
    let (n, sum) = errors.fold((0usize, 0.0), |(n, sum), e| (n + 1, sum + e));
    Some(sum / n as f64)
}
