//! Location and scale, plain and robust. Values that are NaN or infinite are for the caller to leave
//! out.

/// What the median absolute deviation of normal values is to be multiplied by.
pub const NORMAL_MAD: f64 = 1.482_602_218_505_602;

/// The average; 0 of nothing.
pub fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}

/// The variance of a sample; 0 of fewer than two.
pub fn variance(values: &[f64]) -> f64 {
    if values.len() < 2 {
        return 0.0;
    }
    let m = mean(values);
    values.iter().map(|v| (v - m) * (v - m)).sum::<f64>() / (values.len() - 1) as f64
}

/// The standard deviation of a sample.
pub fn std_dev(values: &[f64]) -> f64 {
    variance(values).sqrt()
}

/// The skewness by moments; 0 of what does not vary.
pub fn skewness(values: &[f64]) -> f64 {
    let m = mean(values);
    let (mut second, mut third) = (0.0, 0.0);
    for v in values {
        let d = v - m;
        second += d * d;
        third += d * d * d;
    }
    let n = values.len() as f64;
    let spread = (second / n).powf(1.5);
    if spread > 0.0 && spread.is_finite() { third / n / spread } else { 0.0 }
}

/// The quantile `q` of sorted values, between its neighbours (type 7 of Hyndman and Fan, 1996).
pub fn quantile_sorted(sorted: &[f64], q: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = q.clamp(0.0, 1.0) * last as f64;
    let (low, part) = (place.floor() as usize, place.fract());
    let above = sorted[(low + 1).min(last)];
    if part == 0.0 { sorted[low] } else { sorted[low] + (above - sorted[low]) * part }
}

/// The middle value; NaN of nothing.
pub fn median(values: &[f64]) -> f64 {
    let mut copy = values.to_vec();
    median_of(&mut copy)
}

fn median_of(values: &mut [f64]) -> f64 {
    let n = values.len();
    if n == 0 {
        return f64::NAN;
    }
    let (below, middle, _) = values.select_nth_unstable_by(n / 2, f64::total_cmp);
    let middle = *middle;
    if n % 2 == 1 {
        return middle;
    }
    let other = below.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    f64::midpoint(other, middle)
}

/// The median, and the median absolute deviation from it scaled as for normal values.
pub fn mad(values: &[f64]) -> (f64, f64) {
    let mut copy = values.to_vec();
    let middle = median_of(&mut copy);
    for v in &mut copy {
        *v = (*v - middle).abs();
    }
    (middle, NORMAL_MAD * median_of(&mut copy))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        assert_eq!(median(&[4.0, 1.0, 3.0, 2.0]), 2.5);
        assert!(median(&[]).is_nan());
        assert_eq!(mad(&[1.0, 2.0, 3.0, 4.0, 100.0]), (3.0, NORMAL_MAD));
        assert_eq!(quantile_sorted(&[1.0, 2.0, 3.0, 4.0], 0.25), 1.75);
        assert_eq!(variance(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]), 32.0 / 7.0);
        assert_eq!(skewness(&[1.0, 1.0]), 0.0);
        assert!((skewness(&[1.0, 1.0, 1.0, 1.0, 6.0]) - 1.5).abs() < 1e-12);
    }
}
