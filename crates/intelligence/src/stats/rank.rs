//! Ranks, normal scores and correlations.

use super::{normal_quantile, normal_two_sided, student_two_sided};

/// Ranks from 1; equal values share the average of theirs. NaN has rank NaN.
pub fn average_ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<u32> = (0..values.len() as u32).filter(|i| !values[*i as usize].is_nan()).collect();
    order.sort_unstable_by(|a, b| values[*a as usize].total_cmp(&values[*b as usize]));
    let mut out = vec![f64::NAN; values.len()];
    let mut start = 0;
    while start < order.len() {
        let value = values[order[start] as usize];
        let mut end = start + 1;
        while end < order.len() && values[order[end] as usize] == value {
            end += 1;
        }
        let rank = (start + end + 1) as f64 / 2.0;
        for i in &order[start..end] {
            out[*i as usize] = rank;
        }
        start = end;
    }
    out
}

/// Blom's normal scores: ranks bent to a normal distribution, so that neither unit, skew nor single
/// values far out carry a test. NaN stays NaN.
pub fn normal_scores(values: &[f64]) -> Vec<f64> {
    let mut scores = average_ranks(values);
    let n = scores.iter().filter(|rank| !rank.is_nan()).count() as f64;
    let mut last = (f64::NAN, f64::NAN);
    for rank in &mut scores {
        if rank.is_nan() {
            continue;
        }
        if *rank != last.0 {
            last = (*rank, normal_quantile((*rank - 0.375) / (n + 0.25)));
        }
        *rank = last.1;
    }
    scores
}

/// Pearson's correlation of pairs of which neither is NaN, and how many there are.
pub fn pearson(a: &[f64], b: &[f64]) -> (f64, usize) {
    let pairs = || a.iter().zip(b).filter(|(x, y)| !x.is_nan() && !y.is_nan());
    let n = pairs().count();
    if n < 3 {
        return (0.0, n);
    }
    let (mut ma, mut mb) = (0.0, 0.0);
    for (x, y) in pairs() {
        ma += x;
        mb += y;
    }
    (ma, mb) = (ma / n as f64, mb / n as f64);
    let (mut sab, mut saa, mut sbb) = (0.0, 0.0, 0.0);
    for (x, y) in pairs() {
        sab += (x - ma) * (y - mb);
        saa += (x - ma) * (x - ma);
        sbb += (y - mb) * (y - mb);
    }
    if saa <= 0.0 || sbb <= 0.0 || !(saa * sbb).is_finite() {
        return (0.0, n);
    }
    ((sab / (saa * sbb).sqrt()).clamp(-1.0, 1.0), n)
}

/// Spearman's rank correlation, and of how many pairs.
pub fn spearman(a: &[f64], b: &[f64]) -> (f64, usize) {
    let keep: Vec<usize> = (0..a.len().min(b.len())).filter(|i| !a[*i].is_nan() && !b[*i].is_nan()).collect();
    let pick = |values: &[f64]| -> Vec<f64> { keep.iter().map(|i| values[*i]).collect() };
    pearson(&average_ranks(&pick(a)), &average_ranks(&pick(b)))
}

/// The p-value of a correlation of `n` independent pairs; `n` may be an effective number.
pub fn pearson_p(r: f64, n: f64) -> f64 {
    if n <= 3.0 || r.is_nan() {
        return 1.0;
    }
    if r.abs() >= 1.0 {
        return if n >= 4.0 { 0.0 } else { 1.0 };
    }
    student_two_sided(r * ((n - 2.0) / (1.0 - r * r)).sqrt(), n - 2.0)
}

/// The interval of a correlation by Fisher's z; `level` such as 0.95.
pub fn fisher_interval(r: f64, n: f64, level: f64) -> (f64, f64) {
    if n <= 3.0 {
        return (-1.0, 1.0);
    }
    let z = r.clamp(-0.999_999_999, 0.999_999_999).atanh();
    let half = normal_quantile(0.5 + level / 2.0) / (n - 3.0).sqrt();
    ((z - half).tanh(), (z + half).tanh())
}

/// Whether two correlations of independent samples differ, by Fisher's z.
pub fn fisher_difference_p(a: (f64, f64), b: (f64, f64)) -> f64 {
    let ((ra, na), (rb, nb)) = (a, b);
    if na <= 3.0 || nb <= 3.0 {
        return 1.0;
    }
    let z = |r: f64| r.clamp(-0.999_999_999, 0.999_999_999).atanh();
    normal_two_sided((z(ra) - z(rb)) / (1.0 / (na - 3.0) + 1.0 / (nb - 3.0)).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Anscombe's first and second sets (1973): Pearson 0.816 both.
    const X: [f64; 11] = [10.0, 8.0, 13.0, 9.0, 11.0, 14.0, 6.0, 4.0, 12.0, 7.0, 5.0];
    const FIRST: [f64; 11] = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];

    #[test]
    fn anscombe() {
        let (r, n) = pearson(&X, &FIRST);
        assert_eq!(n, 11);
        assert!((r - 0.816_42).abs() < 1e-5);
        assert!((pearson_p(r, 11.0) - 0.002_17).abs() < 1e-5);
        assert!((spearman(&X, &FIRST).0 - 0.818_18).abs() < 1e-5);
    }

    #[test]
    fn ranks_share_ties_and_leave_nan_out() {
        assert_eq!(average_ranks(&[2.0, 1.0, 2.0]), [2.5, 1.0, 2.5]);
        let ranks = average_ranks(&[3.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY]);
        assert!(ranks[1].is_nan());
        assert_eq!((ranks[0], ranks[2], ranks[3]), (2.0, 3.0, 1.0));
        let scores = normal_scores(&[1.0, 2.0, 3.0]);
        assert!(scores[1].abs() < 1e-9 && (scores[0] + scores[2]).abs() < 1e-9);
    }

    #[test]
    fn fisher_by_the_book() {
        let (low, high) = fisher_interval(0.5, 28.0, 0.95);
        assert!((low - 0.156).abs() < 2e-3 && (high - 0.736).abs() < 2e-3, "{low} {high}");
        assert!(fisher_difference_p((0.5, 103.0), (0.5, 53.0)) > 0.999);
        assert_eq!(pearson(&[1.0, 1.0, 1.0], &[1.0, 2.0, 3.0]).0, 0.0);
    }
}
