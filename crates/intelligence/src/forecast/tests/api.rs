//! Steps, seasons, back-tests, groups, scenarios, scores.

use super::super::{Regressor, Series, Watch, back_test, groups, propose, run, score, time_of, what_if};
use super::{DAY, PASSENGERS, ask, daily, monthly, noise};
use domain::ErrorCode;
use domain::forecast::{Change, ChangeKind, Drift, Event, ModelKind, Point, Settings, StepUnit};
use std::sync::atomic::{AtomicUsize, Ordering};

fn at(text: &str) -> i64 {
    time_of(text).unwrap()
}

fn step_of(times: Vec<i64>) -> (StepUnit, u32) {
    let values = (0..times.len()).map(|i| i as f64).collect();
    let step = propose(&Series { times, values }).unwrap().step;
    (step.unit, step.n)
}

#[test]
fn the_step_is_found() {
    let every = |n: i64, width: i64| (0..n).map(|i| i * width).collect::<Vec<i64>>();
    assert_eq!(step_of(every(50, 1_000_000)), (StepUnit::Second, 1));
    assert_eq!(step_of(every(50, 15 * 60_000_000)), (StepUnit::Minute, 15));
    assert_eq!(step_of(every(50, 6 * 3_600_000_000)), (StepUnit::Hour, 6));
    assert_eq!(step_of(every(50, DAY)), (StepUnit::Day, 1));
    assert_eq!(step_of(every(50, 7 * DAY)), (StepUnit::Week, 1));
    assert_eq!(step_of(every(50, 14 * DAY)), (StepUnit::Week, 2));
    assert_eq!(step_of(monthly(&PASSENGERS).times), (StepUnit::Month, 1));
    let ends = ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31"];
    assert_eq!(step_of(ends.map(at).to_vec()), (StepUnit::Month, 1));
    let quarters = ["2023-01-01", "2023-04-01", "2023-07-01", "2024-01-01"];
    assert_eq!(step_of(quarters.map(at).to_vec()), (StepUnit::Quarter, 1));
    assert_eq!(step_of(["2020-01-01", "2021-01-01", "2022-01-01"].map(at).to_vec()), (StepUnit::Year, 1));
    let working: Vec<i64> =
        (0..60).map(|i| i * DAY + at("2024-01-01")).filter(|t| (t / DAY - 4).rem_euclid(7) < 5).collect();
    assert_eq!(step_of(working), (StepUnit::BusinessDay, 1));
    // A gap is no step.
    let mut days = every(50, DAY);
    days.retain(|t| !(10 * DAY..20 * DAY).contains(t));
    assert_eq!(step_of(days), (StepUnit::Day, 1));
}

#[test]
fn steps_ahead_follow_the_calendar() {
    let ends =
        Series { times: ["2023-10-31", "2023-11-30", "2023-12-31"].map(at).to_vec(), values: vec![1.0, 2.0, 3.0] };
    let ds: Vec<String> = run(&ask(ends, None, 3), Watch::none()).unwrap().forecast.into_iter().map(|p| p.ds).collect();
    assert_eq!(ds, ["2024-01-31", "2024-02-29", "2024-03-31"]);
    let friday = at("2024-01-05");
    let working: Vec<i64> = (0..40).map(|i| friday - i * DAY).filter(|t| (t / DAY - 4).rem_euclid(7) < 5).collect();
    let values = working.iter().map(|_| 1.0).collect();
    let forecast = run(&ask(Series { times: working, values }, None, 2), Watch::none()).unwrap();
    assert_eq!(forecast.forecast[0].ds, "2024-01-08");
    let hours = Series {
        times: (0..30).map(|h| at("2024-03-30T20:00:00") + h * 3_600_000_000).collect(),
        values: vec![2.0; 30],
    };
    assert_eq!(run(&ask(hours, None, 1), Watch::none()).unwrap().forecast[0].ds, "2024-04-01T02:00:00Z");
}

#[test]
fn seasons_are_proposed() {
    let found = |series: &Series| -> Vec<usize> {
        let mut lengths: Vec<usize> =
            propose(series).unwrap().seasons.into_iter().filter(|s| s.is_found).map(|s| s.length).collect();
        lengths.sort_unstable();
        lengths
    };
    assert_eq!(found(&monthly(&PASSENGERS)), [12]);
    let wave = |t: usize, m: usize| (std::f64::consts::TAU * t as f64 / m as f64).sin();
    let hours: Vec<f64> =
        noise(1).take(1000).enumerate().map(|(t, e)| 9.0 * wave(t, 24) + 6.0 * wave(t, 168) + e).collect();
    let hourly = Series { times: (0..1000).map(|h| h * 3_600_000_000).collect(), values: hours };
    assert_eq!(found(&hourly), [24, 168]);
    // One that no calendar has.
    let nine: Vec<f64> = noise(2).take(300).enumerate().map(|(t, e)| 5.0 * wave(t, 9) + e).collect();
    assert_eq!(found(&daily(&nine)), [9]);
    for seed in 0..20 {
        let plain: Vec<f64> = noise(seed).take(200).collect();
        assert!(found(&daily(&plain)).is_empty(), "seed {seed}");
    }
}

#[test]
fn a_back_test_compares_all_and_names_the_best() {
    let told = AtomicUsize::new(0);
    let tell = |_: f64| {
        told.fetch_add(1, Ordering::Relaxed);
    };
    let watch = Watch { progress: &tell, is_cancelled: &|| false };
    let test = back_test(&ask(monthly(&PASSENGERS), None, 12), &[], watch).unwrap();
    assert_eq!(test.models.len(), ModelKind::ALL.len() - 1);
    assert_eq!(test.cutoffs.len(), 5);
    assert_eq!(test.cutoffs[4], "1959-12-01");
    assert_eq!(test.champion, test.models[0].model);
    let mase = |kind: ModelKind| test.models.iter().find(|m| m.model == kind).unwrap().accuracy.mase.unwrap();
    assert!(mase(ModelKind::Ensemble) < mase(ModelKind::SeasonalNaive));
    assert!(test.models.windows(2).all(|w| w[0].accuracy.mase <= w[1].accuracy.mase));
    assert!(told.into_inner() > 30);
}

#[test]
fn who_waits_no_more_stops_it() {
    let asked = AtomicUsize::new(0);
    let enough = || asked.fetch_add(1, Ordering::Relaxed) > 3;
    let watch = Watch { progress: &|_| {}, is_cancelled: &enough };
    let error = back_test(&ask(monthly(&PASSENGERS), None, 12), &[], watch).unwrap_err();
    assert_eq!(error.code, ErrorCode::Cancelled);
}

#[test]
fn groups_add_up_to_their_total() {
    let part = |seed: u64, level: f64| {
        let values: Vec<f64> =
            noise(seed).take(90).enumerate().map(|(t, e)| level + t as f64 * 0.2 + 4.0 * e).collect();
        daily(&values)
    };
    let asked = vec![
        ("north".to_owned(), part(1, 100.0)),
        ("south".to_owned(), part(2, 40.0)),
        ("east".to_owned(), part(3, 9.0)),
    ];
    let settings = Settings { horizon: 14, ..Settings::default() };
    let found = groups(&asked, &settings, Watch::none()).unwrap();
    assert_eq!(found.groups.len(), 3);
    for h in 0..14 {
        let sum: f64 = found.groups.iter().map(|g| g.forecast.forecast[h].yhat).sum();
        assert!((sum - found.total.forecast[h].yhat).abs() < 1e-9 * sum.abs());
        assert!(found.groups.iter().all(|g| g.forecast.forecast[h].ds == found.total.forecast[h].ds));
    }
    let floored = groups(&asked, &Settings { floor: Some(38.0), ..settings }, Watch::none()).unwrap();
    for h in 0..14 {
        let sum: f64 = floored.groups.iter().map(|g| g.forecast.forecast[h].yhat).sum();
        assert!((sum - floored.total.forecast[h].yhat).abs() < 1e-9 * sum.abs());
    }
    assert!(groups(&[], &Settings::default(), Watch::none()).is_err());
}

/// Sales that fall by 3 for each unit of price, and rise by 25 on days of an event.
fn driven() -> (Series, Regressor, Vec<String>) {
    let price: Vec<f64> = noise(7).take(160).map(|e| 20.0 + 2.0 * e).collect();
    let special = |t: usize| t % 30 == 11;
    let y: Vec<f64> = noise(8)
        .take(150)
        .enumerate()
        .map(|(t, e)| 200.0 - 3.0 * price[t] + if special(t) { 25.0 } else { 0.0 } + e)
        .collect();
    let days = daily(&price);
    let events = (0..160).filter(|t| special(*t)).map(|t| domain::calendar::iso(days.times[t] / DAY)).collect();
    (daily(&y), Regressor { name: "price".into(), series: days }, events)
}

#[test]
fn effects_are_estimated() {
    let (series, price, ds) = driven();
    let mut request = ask(series, None, 10);
    request.regressors.push(price);
    request.settings.events.push(Event { name: "fair".into(), ds, before: 0, after: 0 });
    let forecast = run(&request, Watch::none()).unwrap();
    let effect = |name: &str| forecast.effects.iter().find(|e| e.name == name).unwrap();
    assert!((effect("price").coefficient + 3.0).abs() < 0.2, "{:?}", forecast.effects);
    assert!(effect("price").lo < -3.0 && effect("price").hi > -3.0, "{:?}", forecast.effects);
    assert!((effect("fair").coefficient - 25.0).abs() < 2.0 && effect("fair").is_event, "{:?}", forecast.effects);
    assert_eq!(forecast.decomposition.drivers.len(), 2);
}

#[test]
fn a_scenario_moves_the_forecast_by_the_effect() {
    let (series, price, _) = driven();
    let mut request = ask(series, None, 10);
    request.regressors.push(price);
    let change = Change { regressor: "price".into(), kind: ChangeKind::Add, value: 5.0, from: None, to: None };
    let found = what_if(&request, std::slice::from_ref(&change), Watch::none()).unwrap();
    let effect = found.baseline.effects[0].coefficient;
    assert!(found.difference.iter().all(|d| (d - 5.0 * effect).abs() < 1e-6), "{effect} {:?}", found.difference);
    assert!((found.total - 50.0 * effect).abs() < 1e-5);
    let later = Change { from: Some(found.baseline.forecast[4].ds.clone()), ..change.clone() };
    let found = what_if(&request, &[later], Watch::none()).unwrap();
    assert!(found.difference[..4].iter().all(|d| d.abs() < 1e-9) && found.difference[4] < -10.0);
    let unknown = Change { regressor: "weather".into(), ..change };
    assert!(what_if(&request, &[unknown], Watch::none()).unwrap_err().message.contains("weather"));
}

#[test]
fn anomalies_of_the_past_are_named() {
    let mut y: Vec<f64> = noise(5).take(120).map(|e| 100.0 + 2.0 * e).collect();
    y[80] = 150.0;
    let forecast = run(&ask(daily(&y), None, 7), Watch::none()).unwrap();
    assert_eq!(forecast.anomalies.len(), 1, "{:?}", forecast.anomalies);
    assert_eq!(forecast.anomalies[0].ds, "2024-03-21");
    assert!(forecast.anomalies[0].score > 1.0);
    assert!(forecast.notes.iter().any(|n| n.contains("2024-03-21")), "{:?}", forecast.notes);
    assert!((forecast.forecast[0].yhat - 100.0).abs() < 3.0);
}

#[test]
fn the_parts_add_up_to_the_values() {
    let forecast = run(&ask(monthly(&PASSENGERS), None, 12), Watch::none()).unwrap();
    let d = &forecast.decomposition;
    for (t, v) in PASSENGERS.iter().enumerate() {
        let sum = d.trend[t] + d.seasons.iter().map(|s| s.values[t]).sum::<f64>() + d.remainder[t].unwrap();
        assert!((sum - v).abs() < 1e-6);
    }
    assert_eq!(d.seasons[0].name, "year");
}

#[test]
fn a_saved_forecast_is_scored() {
    let y: Vec<f64> = noise(3).take(100).map(|e| 50.0 + 3.0 * e).collect();
    let history = daily(&y[..80]);
    let points: Vec<Point> = run(&ask(history.clone(), None, 20), Watch::none()).unwrap().forecast;
    let actual = |by: f64| {
        let all = daily(&y);
        Series { times: all.times[80..].to_vec(), values: y[80..].iter().map(|v| v + by).collect() }
    };
    let fine = score(&points, &actual(0.0), &history, 1).unwrap();
    assert_eq!((fine.points.len(), fine.drift), (20, Drift::None));
    assert!(fine.accuracy.coverage95.unwrap() >= 0.85);
    assert_eq!(score(&points, &actual(12.0), &history, 1).unwrap().drift, Drift::Above);
    assert_eq!(score(&points, &actual(-12.0), &history, 1).unwrap().drift, Drift::Below);
    let few = score(&points[..3], &actual(0.0), &history, 1).unwrap();
    assert_eq!((few.drift, few.p_value), (Drift::Unknown, None));
}

#[test]
fn settings_out_of_bounds_are_refused() {
    let wrong = [
        Settings { horizon: 1001, ..Settings::default() },
        Settings { seasons: Some(vec![1]), ..Settings::default() },
        Settings { floor: Some(2.0), cap: Some(1.0), ..Settings::default() },
        Settings { cap: Some(f64::NAN), ..Settings::default() },
    ];
    for settings in wrong {
        let mut request = ask(monthly(&PASSENGERS), None, 12);
        request.settings = settings;
        assert!(run(&request, Watch::none()).unwrap_err().field.is_some());
    }
}
