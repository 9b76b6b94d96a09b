//! What holds whatever the series.

use super::super::{Series, Watch, back_test, propose, run};
use super::{DAY, PASSENGERS, ask, daily, monthly, noise};
use domain::forecast::{ModelKind, Settings};
use proptest::prelude::*;

/// All that take no seconds.
fn quick() -> impl Iterator<Item = ModelKind> {
    ModelKind::ALL.iter().copied().filter(|m| *m != ModelKind::Prophet)
}

fn values(series: Series, kind: Option<ModelKind>) -> Vec<f64> {
    let forecast = run(&ask(series, kind, 6), Watch::none()).unwrap();
    forecast.forecast.iter().flat_map(|p| [p.yhat, p.lo80, p.hi80, p.lo95, p.hi95]).collect()
}

fn sane(series: Series) {
    for kind in quick() {
        let forecast = run(&ask(series.clone(), Some(kind), 5), Watch::none()).unwrap();
        assert_eq!(forecast.forecast.len(), 5);
        for p in &forecast.forecast {
            let all = [p.lo95, p.lo80, p.yhat, p.hi80, p.hi95];
            assert!(all.iter().all(|v| v.is_finite()), "{kind:?} {p:?}");
            assert!(all.windows(2).all(|w| w[0] <= w[1]), "{kind:?} {p:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Another unit is no other forecast. A power of two changes no digit, so nothing else may.
    #[test]
    fn scale_does_not_matter(seed in 0u64..1000, n in 20usize..80, power in -20i32..20) {
        let y: Vec<f64> = noise(seed).take(n).enumerate().map(|(t, e)| 50.0 + t as f64 * 0.3 + 3.0 * e).collect();
        let factor = 2f64.powi(power);
        let scaled: Vec<f64> = y.iter().map(|v| v * factor).collect();
        for kind in quick() {
            let (a, b) = (values(daily(&y), Some(kind)), values(daily(&scaled), Some(kind)));
            for (a, b) in a.iter().zip(&b) {
                prop_assert!((a * factor - b).abs() <= 1e-9 * b.abs().max(factor), "{kind:?}: {a} {b}");
            }
        }
    }

    /// Models that only add go along when all values move; those that may multiply need not.
    #[test]
    fn shift_does_not_matter_to_what_adds(seed in 0u64..1000, n in 20usize..80, by in -500f64..500.0) {
        let y: Vec<f64> = noise(seed).take(n).collect();
        let moved: Vec<f64> = y.iter().map(|v| v + by).collect();
        for kind in [ModelKind::SeasonalNaive, ModelKind::Drift, ModelKind::LinearTrend] {
            let (a, b) = (values(daily(&y), Some(kind)), values(daily(&moved), Some(kind)));
            for (a, b) in a.iter().zip(&b) {
                prop_assert!((a + by - b).abs() < 1e-6, "{kind:?}: {a} {b}");
            }
        }
        // An optimiser stops elsewhere by a hair.
        let (a, b) = (values(daily(&y), Some(ModelKind::Arima)), values(daily(&moved), Some(ModelKind::Arima)));
        for (a, b) in a.iter().zip(&b) {
            prop_assert!((a + by - b).abs() < 0.5, "ARIMA: {a} {b}");
        }
    }

    #[test]
    fn the_order_of_rows_does_not_matter(seed in 0u64..1000) {
        let y: Vec<f64> = noise(seed).take(40).map(|e| 10.0 + e).collect();
        let series = daily(&y);
        let turned = Series {
            times: series.times.iter().rev().copied().collect(),
            values: series.values.iter().rev().copied().collect(),
        };
        prop_assert_eq!(values(series, None), values(turned, None));
    }

    #[test]
    fn nothing_breaks_it(rows in prop::collection::vec((any::<i32>(), any::<f64>()), 0..60), horizon in 0usize..20) {
        let series = Series {
            times: rows.iter().map(|r| i64::from(r.0) * 3_600_000_000).collect(),
            values: rows.iter().map(|r| r.1).collect(),
        };
        if let Ok(forecast) = run(&ask(series.clone(), None, horizon), Watch::none()) {
            prop_assert!(forecast.forecast.iter().all(|p| p.lo95 <= p.hi95));
        }
        let _ = propose(&series);
    }
}

#[test]
fn twice_the_same() {
    let a = run(&ask(monthly(&PASSENGERS), None, 12), Watch::none()).unwrap();
    let b = run(&ask(monthly(&PASSENGERS), None, 12), Watch::none()).unwrap();
    assert_eq!(a, b);
}

#[test]
fn gaps_are_filled_and_said() {
    let mut holes = PASSENGERS;
    for t in [20, 21, 22, 70, 100] {
        holes[t] = f64::NAN;
    }
    let whole = run(&ask(monthly(&PASSENGERS), None, 12), Watch::none()).unwrap();
    let series = monthly(&holes);
    let forecast = run(&ask(series.clone(), None, 12), Watch::none()).unwrap();
    assert!(forecast.notes.iter().any(|n| n.contains("5 values are missing")), "{:?}", forecast.notes);
    for (a, b) in whole.forecast.iter().zip(&forecast.forecast) {
        assert_eq!(a.ds, b.ds);
        assert!((a.yhat - b.yhat).abs() < 0.05 * a.yhat, "{} {}", a.yhat, b.yhat);
    }
    // Rows that are not there at all are the same as rows without a value.
    let kept: Vec<usize> = (0..144).filter(|t| !holes[*t].is_nan()).collect();
    let shorter = Series {
        times: kept.iter().map(|t| series.times[*t]).collect(),
        values: kept.iter().map(|t| series.values[*t]).collect(),
    };
    assert_eq!(run(&ask(shorter, None, 12), Watch::none()).unwrap().forecast, forecast.forecast);
}

#[test]
fn what_never_changes_stays() {
    for value in [0.0, 7.5, -3.0, 1e300, 1e-300] {
        let forecast = run(&ask(daily(&[value; 30]), None, 4), Watch::none()).unwrap();
        for p in &forecast.forecast {
            let near = |v: f64| (v - value).abs() <= 1e-9 * value.abs();
            assert!(near(p.yhat) && near(p.lo95) && near(p.hi95), "{value}: {p:?}");
        }
        sane(daily(&[value.clamp(-1e9, 1e9); 30]));
    }
}

#[test]
fn two_values_are_enough() {
    for n in 2..12 {
        sane(daily(&PASSENGERS[..n]));
    }
    sane(daily(&[1.0, f64::NAN, f64::NAN, 3.0]));
}

#[test]
fn too_little_is_refused_in_words() {
    for series in [
        Series::default(),
        daily(&[1.0]),
        daily(&[f64::NAN; 20]),
        daily(&[f64::INFINITY; 20]),
        Series { times: vec![DAY; 10], values: vec![1.0; 10] },
        Series { times: vec![crate::MISSING_TIME; 10], values: vec![1.0; 10] },
    ] {
        let error = run(&ask(series.clone(), None, 5), Watch::none()).unwrap_err();
        assert!(error.message.contains("two"), "{}", error.message);
        propose(&series).unwrap_err();
        back_test(&ask(series, None, 5), &[], Watch::none()).unwrap_err();
    }
}

#[test]
fn infinities_count_as_missing() {
    let mut y = PASSENGERS;
    y[50] = f64::INFINITY;
    y[51] = f64::NEG_INFINITY;
    let forecast = run(&ask(monthly(&y), None, 6), Watch::none()).unwrap();
    assert!(forecast.notes.iter().any(|n| n.contains("2 values are infinite")), "{:?}", forecast.notes);
    assert!(forecast.forecast.iter().all(|p| p.yhat.is_finite()));
    assert_eq!(forecast.history[50].y, None);
}

#[test]
fn times_that_repeat_are_averaged() {
    let mut series = monthly(&PASSENGERS);
    let twice = monthly(&PASSENGERS.map(|v| v + 2.0));
    series.times.extend(&twice.times);
    series.values.extend(&twice.values);
    let forecast = run(&ask(series, None, 6), Watch::none()).unwrap();
    assert_eq!(forecast.history[0].y, Some(113.0));
    assert!(forecast.notes.iter().any(|n| n.contains("144 more values are of one time")), "{:?}", forecast.notes);
}

#[test]
fn ten_million_values_are_cut_and_that_is_said() {
    let n = 10_000_000usize;
    let series = Series {
        times: (0..n).map(|t| t as i64 * 60_000_000).collect(),
        values: (0..n).map(|t| 10.0 + (std::f64::consts::TAU * t as f64 / 60.0).sin()).collect(),
    };
    let forecast = run(&ask(series, None, 60), Watch::none()).unwrap();
    assert!(forecast.notes.iter().any(|n| n.contains("newest 3000 of 10000000")), "{:?}", forecast.notes);
    assert!(forecast.forecast.iter().all(|p| (8.0..12.0).contains(&p.yhat)), "{:?}", forecast.forecast);
}

#[test]
fn floor_and_cap_hold() {
    let y: Vec<f64> = (0..40).map(|t| 40.0 - f64::from(t)).collect();
    for kind in quick() {
        let mut request = ask(daily(&y), Some(kind), 20);
        request.settings = Settings { floor: Some(0.0), cap: Some(100.0), ..request.settings };
        for p in run(&request, Watch::none()).unwrap().forecast {
            assert!(p.lo95 >= 0.0 && p.yhat >= 0.0 && p.hi95 <= 100.0, "{kind:?} {p:?}");
        }
    }
}
