//! What models say of series whose answers are known.

use super::super::models::{Input, arima, ets, model};
use super::super::run;
use super::{NILE, PASSENGERS, ask, daily, monthly, noise};
use domain::forecast::ModelKind;

fn input<'a>(y: &'a [f64], seasons: &'a [usize], horizon: usize) -> Input<'a> {
    Input { y, seasons, found: seasons, horizon, origins: &[], times: &[], floor: None, cap: None }
}

#[test]
fn the_last_season_comes_again() {
    let fit = model(ModelKind::SeasonalNaive).fit(&input(&PASSENGERS, &[12], 24)).unwrap();
    assert_eq!(fit.mean[..12], PASSENGERS[132..]);
    assert_eq!(fit.mean[12..], PASSENGERS[132..]);
    assert_eq!(fit.fitted[12], PASSENGERS[0]);
}

#[test]
fn drift_goes_on_with_the_average_change() {
    let fit = model(ModelKind::Drift).fit(&input(&PASSENGERS, &[], 2)).unwrap();
    let slope = (432.0 - 112.0) / 143.0;
    assert!((fit.mean[0] - (432.0 + slope)).abs() < 1e-9);
    assert!((fit.mean[1] - (432.0 + 2.0 * slope)).abs() < 1e-9);
}

/// R: `lm(AirPassengers ~ seq_along(AirPassengers))` has 87.653 and 2.657.
#[test]
fn the_straight_line_is_that_of_least_squares() {
    let fit = model(ModelKind::LinearTrend).fit(&input(&PASSENGERS, &[], 1)).unwrap();
    assert!((fit.mean[0] - (87.653 + 2.657 * 145.0)).abs() < 0.1, "{}", fit.mean[0]);
    assert!((fit.parameters["slope"].as_f64().unwrap() - 2.657).abs() < 0.001);
}

/// R: `HoltWinters(Nile, gamma = FALSE, beta = FALSE)` has alpha 0.2466 and level 805.04.
#[test]
fn exponential_smoothing_of_the_nile() {
    let form = ets::Form { scaled: false, trend: false, damped: false, season: ets::Seasonal::None };
    let fit = ets::estimate(&NILE, 1, form).unwrap().run(&input(&NILE, &[], 3));
    let alpha = fit.parameters["alpha"].as_f64().unwrap();
    assert!((alpha - 0.2466).abs() < 0.02, "{alpha}");
    assert!((fit.mean[0] - 805.04).abs() < 8.0, "{}", fit.mean[0]);
    assert_eq!(fit.mean[0], fit.mean[2]);
}

/// R: `ets(AirPassengers)` chooses a trend and a season that multiplies.
#[test]
fn exponential_smoothing_finds_the_form() {
    let fit = model(ModelKind::Ets).fit(&input(&PASSENGERS, &[12], 12)).unwrap();
    assert!(["ETS(M,A,M)", "ETS(M,Ad,M)"].contains(&fit.label.as_str()), "{}", fit.label);
}

/// The airline model: Box and Jenkins (1976) have 0.396 and 0.614 by least squares, R's
/// `arima(log(AirPassengers), c(0,1,1), c(0,1,1))` has 0.402 and 0.557 by likelihood.
#[test]
fn the_airline_model_has_its_coefficients() {
    let logs: Vec<f64> = PASSENGERS.iter().map(|v| v.ln()).collect();
    let (theta, season) = arima::airline(&logs, 12).unwrap();
    assert!((theta + 0.396).abs() < 0.05, "{theta}");
    assert!((season + 0.614).abs() < 0.07, "{season}");
}

#[test]
fn arima_finds_an_autoregression() {
    let mut noise = noise(4);
    let mut y = vec![0.0];
    for _ in 0..600 {
        let last = y[y.len() - 1];
        y.push(0.7 * last + noise.next().unwrap());
    }
    let fit = model(ModelKind::Arima).fit(&input(&y, &[], 200)).unwrap();
    // Whatever its orders, it forgets at that pace and ends at the mean, 0.
    let last = y[y.len() - 1];
    assert!((fit.mean[0] - 0.7 * last).abs() < 0.35, "{} after {last}: {}", fit.mean[0], fit.label);
    assert!(fit.mean[199].abs() < 0.5, "{}", fit.mean[199]);
}

/// Hyndman and Billah (2003): Theta is smoothing with a drift, so that a line goes on.
#[test]
fn theta_goes_on_with_a_line() {
    let y: Vec<f64> = (0..60).map(|t| 10.0 + f64::from(t)).collect();
    let fit = model(ModelKind::Theta).fit(&input(&y, &[], 10)).unwrap();
    assert!((fit.mean[0] - 70.0).abs() < 0.5, "{}", fit.mean[0]);
    assert!((fit.mean[9] - 79.0).abs() < 3.0, "{}", fit.mean[9]);
}

#[test]
fn mstl_tells_two_seasons_apart() {
    let wave = |t: usize, m: usize| (std::f64::consts::TAU * t as f64 / m as f64).sin();
    let y: Vec<f64> = (0..720).map(|t| 50.0 + 5.0 * wave(t, 24) + 3.0 * wave(t, 168)).collect();
    let fit = model(ModelKind::Mstl).fit(&input(&y, &[24, 168], 48)).unwrap();
    for (h, v) in fit.mean.iter().enumerate() {
        let t = 720 + h;
        assert!((v - (50.0 + 5.0 * wave(t, 24) + 3.0 * wave(t, 168))).abs() < 1.0, "step {h}: {v}");
    }
}

#[test]
fn prophet_finds_the_line_and_the_week() {
    let y: Vec<f64> = (0..140).map(|t| 100.0 + f64::from(t) * 0.5 + if t % 7 > 4 { 20.0 } else { 0.0 }).collect();
    let forecast = run(&ask(daily(&y), Some(ModelKind::Prophet), 14), super::super::Watch::none()).unwrap();
    assert_eq!(forecast.model_info.model, ModelKind::Prophet);
    for (h, point) in forecast.forecast.iter().enumerate() {
        let t = 140 + h;
        let truth = 100.0 + t as f64 * 0.5 + if t % 7 > 4 { 20.0 } else { 0.0 };
        assert!((point.yhat - truth).abs() < 0.05 * truth, "{}: {} is not {truth}", point.ds, point.yhat);
    }
}

/// The year that was held back: nobody who publishes about this series is content above 5 %.
#[test]
fn the_last_year_of_the_airlines_is_forecast() {
    for kind in [ModelKind::Ets, ModelKind::Arima, ModelKind::Theta, ModelKind::Ensemble] {
        let forecast = run(&ask(monthly(&PASSENGERS[..132]), Some(kind), 12), super::super::Watch::none()).unwrap();
        let wrong: f64 =
            forecast.forecast.iter().zip(&PASSENGERS[132..]).map(|(p, y)| ((p.yhat - y) / y).abs()).sum::<f64>() / 12.0;
        assert!(wrong < 0.06, "{}: {wrong}", forecast.model_info.label);
        let inside =
            forecast.forecast.iter().zip(&PASSENGERS[132..]).filter(|(p, y)| (p.lo95..=p.hi95).contains(*y)).count();
        assert!(inside >= 9, "{}: {inside} of 12 within the band", forecast.model_info.label);
    }
}
