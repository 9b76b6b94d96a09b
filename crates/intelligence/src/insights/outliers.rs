//! Single values far from the rest.
//!
//! A value is an outlier where it is far by robust standard deviations and farther than the tail of
//! its own column leads to expect. That tail is taken for a power law (Hill, 1975) or for an exponential
//! one, each as far as the values speak for it, so that data with heavy tails have no outliers by
//! their nature.

use super::claims::{Family, Tried};
use super::prepare::Prepared;
use crate::MISSING_TIME;
use crate::stats::{bonferroni, mad, median};

/// Robust standard deviations from the middle, at least.
const FAR: f64 = 5.0;
const LEAST_ROWS: usize = 20;
/// Of the rows, at most so many are outliers: one in so many.
const ONE_IN: usize = 20;
/// And at most so many.
const MOST_SUSPECTS: usize = 1_000;
/// Neighbours in time whose median is what a value of a series is compared with.
const WINDOW: usize = 9;

/// Values that stand out in one measure.
pub(super) struct Outliers {
    pub(super) measure: usize,
    /// The farthest first: row of the frame, value, what was expected, robust deviations from it.
    pub(super) found: Vec<Outlier>,
    pub(super) n: usize,
    pub(super) p: f64,
    pub(super) p_corrected: f64,
    pub(super) tried: u64,
    /// Compared with its neighbours in time.
    pub(super) is_series: bool,
}

/// One of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outlier {
    pub(super) row: usize,
    pub(super) value: f64,
    pub(super) expected: f64,
    pub(super) score: f64,
}

/// How many tests outliers bring: both tails of each measure.
pub(super) fn count_tests(prepared: &Prepared<'_>, tried: &mut Tried) {
    tried.add(Family::Outlier, 2 * prepared.measures.len() as u64);
}

/// Measures with outliers.
pub(super) fn outliers(prepared: &Prepared<'_>, tried: &Tried, threshold: f64) -> Vec<Outliers> {
    let tests = tried.of(Family::Outlier);
    let mut out = Vec::new();
    for (measure, m) in prepared.measures.iter().enumerate() {
        let (points, is_series) = points(prepared, &m.values);
        if points.len() < LEAST_ROWS {
            continue;
        }
        let rest: Vec<f64> = points.iter().map(|p| p.value - p.expected).collect();
        let (middle, scale) = mad(&rest);
        if scale.is_nan() || scale <= 0.0 || !scale.is_finite() {
            continue;
        }
        let mut found = Vec::new();
        let mut p = 1.0_f64;
        for side in [1.0, -1.0] {
            let mut tail: Vec<(f64, Outlier)> = points
                .iter()
                .zip(&rest)
                .map(|(point, r)| (side * (r - middle) / scale, *point))
                .filter(|(z, _)| *z > 0.0)
                .map(|(z, point)| (z, Outlier { score: side * z, ..point }))
                .collect();
            // The tail that is looked at: a fifth of this side, beyond the suspects.
            let size = (tail.len() / 5).max(10);
            let falling = |a: &(f64, Outlier), b: &(f64, Outlier)| b.0.total_cmp(&a.0).then(a.1.row.cmp(&b.1.row));
            let most = size + MOST_SUSPECTS + 2;
            if tail.len() > most {
                tail.select_nth_unstable_by(most, falling);
                tail.truncate(most);
            }
            tail.sort_by(falling);
            let far = tail.iter().take_while(|(z, _)| *z > FAR).count();
            let far = far.min(points.len() / ONE_IN).min(MOST_SUSPECTS);
            let distances: Vec<f64> = tail.iter().map(|(z, _)| *z).collect();
            let (count, raw) = beyond(&distances, far, size, threshold / tests.max(1) as f64);
            if count > 0 {
                p = p.min(raw);
                found.extend(tail.into_iter().take(count).map(|(_, outlier)| outlier));
            }
        }
        if !found.is_empty() {
            found.sort_by(|a, b| b.score.abs().total_cmp(&a.score.abs()).then(a.row.cmp(&b.row)));
            let p_corrected = bonferroni(p, tests as f64);
            out.push(Outliers { measure, found, n: points.len(), p, p_corrected, tried: tests, is_series });
        }
    }
    out
}

/// How many of the first `far` of a falling tail lie beyond what the tail after them leads to expect,
/// and how likely the least of them is by chance.
fn beyond(distances: &[f64], far: usize, size: usize, limit: f64) -> (usize, f64) {
    let (mut sums, mut logs) = (vec![0.0], vec![0.0]);
    for z in distances {
        sums.push(sums[sums.len() - 1] + z);
        logs.push(logs[logs.len() - 1] + z.ln());
    }
    let mut last = (0, 1.0);
    for count in 1..=far {
        let end = distances.len().min(count + size + 1) - 1;
        if end < count + 8 {
            break;
        }
        let (suspect, edge, m) = (distances[count - 1], distances[end], (end - count) as f64);
        let all_logs = logs[end] - logs[count];
        let plain = (sums[end] - sums[count]) / m - edge;
        let power = all_logs / m - edge.ln();
        if !(plain > 0.0 && power > 0.0) {
            continue;
        }
        // The logarithm of how much likelier the power law makes this tail.
        let heavier = m * plain.ln() - m * power.ln() - all_logs;
        let light = 1.0 / (1.0 + heavier.clamp(-50.0, 50.0).exp());
        // Of both the scale is estimated from m values, so that the tails fall more slowly.
        let tail = |excess: f64| (1.0 + excess / m).powf(-m);
        let p = light * tail((suspect - edge) / plain) + (1.0 - light) * tail((suspect / edge).ln() / power);
        let p = ((m + 1.0) * p).min(1.0);
        if p < limit {
            last = (count, p);
        }
    }
    last
}

/// The values with what each is compared with: the middle of all, or of its neighbours in time where
/// there is a value a moment.
fn points(prepared: &Prepared<'_>, values: &[f64]) -> (Vec<Outlier>, bool) {
    let rows: Vec<usize> = (0..values.len()).filter(|r| !values[*r].is_nan()).collect();
    let point = |row: usize, expected: f64| Outlier { row, value: values[row], expected, score: 0.0 };
    if let Some(times) = prepared.time.and_then(|t| t.values.times()).filter(|_| rows.len() <= 100_000) {
        let mut ordered: Vec<usize> = rows.iter().copied().filter(|r| times[*r] != MISSING_TIME).collect();
        ordered.sort_by_key(|r| times[*r]);
        let same = ordered.windows(2).filter(|w| times[w[0]] == times[w[1]]).count();
        let series: Vec<f64> = ordered.iter().map(|r| values[*r]).collect();
        // Rows of many things at their own moments are no series; what leans on itself is one.
        if same * 20 < ordered.len() && crate::stats::autocorrelation(&series, 1) > 0.3 {
            let expected = |i: usize| {
                let (from, to) = (i.saturating_sub(WINDOW / 2), (i + WINDOW / 2 + 1).min(series.len()));
                median(&series[from..to])
            };
            return (ordered.iter().enumerate().map(|(i, r)| point(*r, expected(i))).collect(), true);
        }
    }
    let middle = median(&rows.iter().map(|r| values[*r]).collect::<Vec<f64>>());
    (rows.into_iter().map(|row| point(row, middle)).collect(), false)
}
