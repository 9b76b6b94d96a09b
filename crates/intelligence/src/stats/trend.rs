//! Whether a series rises or falls, where its values lean on the ones before.

use super::{average_ranks, normal_two_sided};

/// The autocorrelation of a series at a lag; 0 of what is too short or does not vary.
pub fn autocorrelation(values: &[f64], lag: usize) -> f64 {
    if values.len() <= lag + 2 {
        return 0.0;
    }
    let mean = super::mean(values);
    let whole: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
    if whole <= 0.0 {
        return 0.0;
    }
    let part: f64 = values.iter().zip(&values[lag..]).map(|(a, b)| (a - mean) * (b - mean)).sum();
    (part / whole).clamp(-1.0, 1.0)
}

/// The lag-one autocorrelation without its bias in short series (Marriott and Pope, 1954).
pub fn bias_corrected_lag_one(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    if n < 6.0 {
        return 0.0;
    }
    ((n * autocorrelation(values, 1) + 1.0) / (n - 4.0)).clamp(-0.98, 0.98)
}

/// How much larger the variance of a mean is than that of as many independent values, for values
/// that lean on the one before; never below 1. A correlation that chance explains counts as none.
pub fn long_run_factor(values: &[f64]) -> f64 {
    let rho = bias_corrected_lag_one(values);
    if rho <= 1.645 / (values.len().max(1) as f64).sqrt() {
        return 1.0;
    }
    (1.0 + rho) / (1.0 - rho)
}

/// The slope that lies in the middle of those of all pairs (Theil 1950, Sen 1968). Of a long series
/// the pairs are those that are half of it apart.
pub fn theil_sen(values: &[f64]) -> f64 {
    let n = values.len();
    let mut slopes = Vec::new();
    if n <= 600 {
        for (i, a) in values.iter().enumerate() {
            slopes.extend(values[i + 1..].iter().enumerate().map(|(j, b)| (b - a) / (j + 1) as f64));
        }
    } else {
        let half = n / 2;
        slopes.extend((0..n - half).map(|i| (values[i + half] - values[i]) / half as f64));
    }
    slopes.retain(|s| s.is_finite());
    let slope = super::median(&slopes);
    if slope.is_nan() { 0.0 } else { slope }
}

/// What Mann and Kendall's test says of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MannKendall {
    pub s: f64,
    /// -1 to 1.
    pub tau: f64,
    pub z: f64,
    pub p: f64,
    /// How much the variance was raised for autocorrelation.
    pub factor: f64,
}

/// Mann and Kendall's test of a trend, with the variance of Hamed and Rao (1998) where ranks without
/// the trend are autocorrelated, which is only raised by it, and at least as lag one says. A series of more than 2,000 values is
/// averaged to as many first.
pub fn mann_kendall(values: &[f64]) -> MannKendall {
    let kept: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    let values = &averaged(&kept, 2_000);
    let n = values.len();
    let mut s = 0.0;
    for (i, a) in values.iter().enumerate() {
        for b in &values[i + 1..] {
            s += b.partial_cmp(a).map_or(0.0, |order| f64::from(order as i8));
        }
    }
    let m = n as f64;
    let mut sorted = values.clone();
    sorted.sort_unstable_by(f64::total_cmp);
    let ties: f64 =
        sorted.chunk_by(|a, b| a == b).map(|tie| tie.len() as f64).map(|t| t * (t - 1.0) * (2.0 * t + 5.0)).sum();
    let plain = (m * (m - 1.0) * (2.0 * m + 5.0) - ties) / 18.0;
    let factor = hamed_rao(values);
    let variance = plain * factor;
    let z =
        if n < 4 || variance <= 0.0 { 0.0 } else { (s - s.signum() * f64::from(u8::from(s != 0.0))) / variance.sqrt() };
    let pairs = m * (m - 1.0) / 2.0;
    MannKendall { s, tau: if pairs > 0.0 { s / pairs } else { 0.0 }, z, p: normal_two_sided(z), factor }
}

fn averaged(values: &[f64], most: usize) -> Vec<f64> {
    if values.len() <= most {
        return values.to_vec();
    }
    values.chunks(values.len().div_ceil(most)).map(super::mean).collect()
}

fn hamed_rao(values: &[f64]) -> f64 {
    let n = values.len();
    if n < 10 {
        return 1.0;
    }
    let slope = theil_sen(values);
    let rest: Vec<f64> = values.iter().enumerate().map(|(i, v)| v - slope * i as f64).collect();
    let ranks = average_ranks(&rest);
    let m = n as f64;
    let mut sum = 0.0;
    for lag in 1..(n / 4).min(100) {
        let r = autocorrelation(&ranks, lag);
        if r.abs() > 1.96 / m.sqrt() {
            let k = lag as f64;
            sum += (m - k) * (m - k - 1.0) * (m - k - 2.0) * r;
        }
    }
    (1.0 + 2.0 / (m * (m - 1.0) * (m - 2.0)) * sum).max(long_run_factor(&ranks))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::StdRng;
    use rand::{Rng, SeedableRng};

    #[test]
    fn by_hand() {
        let test = mann_kendall(&[1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(test.s, 10.0);
        assert_eq!(test.tau, 1.0);
        // Variance 5 * 4 * 15 / 18 = 16.67, z = 9 / 4.08.
        assert!((test.z - 2.204_541).abs() < 1e-5);
        assert_eq!(mann_kendall(&[3.0; 20]).p, 1.0);
        assert_eq!(mann_kendall(&[]).p, 1.0);
        assert!((theil_sen(&[0.0, 2.0, 4.0, 100.0, 8.0]) - 2.0).abs() < 1e-12);
    }

    #[test]
    fn a_series_that_leans_on_itself_is_no_trend() {
        let mut rng = StdRng::seed_from_u64(5);
        let mut found = [0, 0];
        for _ in 0..200 {
            let mut last = 0.0;
            let series: Vec<f64> = (0..120)
                .map(|_| {
                    last = 0.6 * last + rng.random::<f64>() - 0.5;
                    last
                })
                .collect();
            let test = mann_kendall(&series);
            found[0] += i32::from(test.p < 0.05);
            let plain = normal_two_sided(test.z * test.factor.sqrt());
            found[1] += i32::from(plain < 0.05);
        }
        assert!(found[0] < 26, "{found:?}");
        assert!(found[0] * 2 < found[1], "{found:?}");
    }
}
