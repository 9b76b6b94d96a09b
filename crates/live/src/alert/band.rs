//! What is usual: the median of a value's own past at this hour of this weekday, and how far it usually
//! strays from there. Both are robust: a few wild values move neither.
//!
//! Values of one hour count once, so that a metric of every minute does not know a Monday morning sixty
//! times after the first. Where this hour of this weekday was seen too seldom, the hour of any day
//! serves, then all hours; where there is less than half a day of history, nothing is called unusual.

use std::collections::BTreeMap;

const HOUR: i64 = 3_600_000;
/// Mondays at nine that must have been seen.
const SAME_HOUR_AND_DAY: usize = 4;
/// Days on which this hour must have been seen.
const SAME_HOUR: usize = 7;
/// Hours that must have been seen at all.
const ANY: usize = 12;
/// The median deviation of normally spread values, as a part of their standard deviation, is one over this.
const SIGMA: f64 = 1.482_6;

/// The past of a value, by hours.
#[derive(Clone, Debug, Default)]
pub struct Usual {
    /// Each hour since 1970 with the median of its values.
    hours: Vec<(i64, f64)>,
}

impl Usual {
    /// That of a course: moments in milliseconds with values, in any order.
    pub fn new(course: impl IntoIterator<Item = (i64, f64)>) -> Self {
        let mut hours: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
        for (at, value) in course.into_iter().filter(|(_, v)| v.is_finite()) {
            hours.entry(at.div_euclid(HOUR)).or_default().push(value);
        }
        Self { hours: hours.into_iter().filter_map(|(hour, mut all)| Some((hour, median(&mut all)?))).collect() }
    }

    /// Between what a value is usual at a moment, judged by the hours before; `None` when too little is
    /// known.
    pub fn band(&self, at: i64, width: f64) -> Option<(f64, f64)> {
        let now = at.div_euclid(HOUR);
        let before = &self.hours[..self.hours.partition_point(|(hour, _)| *hour < now)];
        let alike = |period: i64| -> Vec<f64> {
            before.iter().filter(|(hour, _)| (now - hour) % period == 0).map(|(_, v)| *v).collect()
        };
        let mut known = [(168, SAME_HOUR_AND_DAY), (24, SAME_HOUR), (1, ANY)]
            .into_iter()
            .map(|(period, least)| (alike(period), least))
            .find_map(|(values, least)| (values.len() >= least).then_some(values))?;
        let middle = median(&mut known)?;
        let mut strays: Vec<f64> = known.iter().map(|v| (v - middle).abs()).collect();
        let mean = strays.iter().sum::<f64>() / strays.len() as f64;
        // Where more than half of the values are the same, the rest says how far it strays.
        let spread = match median(&mut strays)? {
            0.0 => mean,
            spread => spread * SIGMA,
        };
        // A value that never moved is usual within what numbers can tell apart.
        let spread = spread.max(middle.abs() * f64::EPSILON * 8.0);
        Some((middle - width * spread, middle + width * spread))
    }
}

fn median(values: &mut [f64]) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    Some(if values.len() % 2 == 1 { values[half] } else { (values[half - 1] + values[half]) / 2.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hours from a Monday at midnight on.
    fn hours(n: i64, value: impl Fn(i64) -> f64) -> Usual {
        Usual::new((0..n).map(|h| (monday(h), value(h))))
    }

    fn monday(hour: i64) -> i64 {
        (4 * 24 + hour) * HOUR
    }

    #[test]
    fn each_hour_of_the_week_has_its_own_band() {
        // Busy on weekdays at nine, quiet otherwise; it strays by up to two.
        let busy = |h: i64| h % 24 == 9 && h % 168 < 120;
        let usual = hours(6 * 168, |h| if busy(h) { 1_000.0 } else { 10.0 } + (h * 7 % 5) as f64 - 2.0);
        let (low, high) = usual.band(monday(6 * 168 + 9), 3.0).unwrap();
        assert!(low > 980.0 && high < 1_020.0, "{low} {high}");
        let (low, high) = usual.band(monday(6 * 168 + 5 * 24 + 9), 3.0).unwrap();
        assert!(low > -10.0 && high < 30.0, "a Saturday: {low} {high}");
    }

    #[test]
    fn a_few_wild_values_change_nothing() {
        let calm = hours(8 * 168, |h| (h % 3) as f64);
        let wild = hours(8 * 168, |h| if h % 97 == 0 { 1e9 } else { (h % 3) as f64 });
        let at = monday(8 * 168 + 30);
        let ((a, b), (c, d)) = (calm.band(at, 3.0).unwrap(), wild.band(at, 3.0).unwrap());
        assert!((a - c).abs() < 5.0 && (b - d).abs() < 5.0);
    }

    #[test]
    fn little_history_judges_less_finely_and_then_not_at_all() {
        let at = monday(10 * 24 + 9);
        // Ten days: no Monday has been seen four times, so all nine o'clocks count.
        let (low, high) =
            hours(240, |h| if h % 24 == 9 { 500.0 } else { 1.0 } + (h / 24) as f64).band(at, 3.0).unwrap();
        assert!(low > 400.0 && high < 600.0);
        assert!(hours(20, |_| 1.0).band(monday(20), 3.0).is_some());
        assert!(hours(11, |_| 1.0).band(monday(11), 3.0).is_none());
        // A day of values within one hour is still one hour.
        assert!(Usual::new((0..1_000).map(|i| (i, 1.0))).band(HOUR, 3.0).is_none());
    }

    #[test]
    fn the_future_is_not_known() {
        let usual = hours(168, |h| if h < 24 { 1.0 } else { 100.0 });
        let (_, high) = usual.band(monday(24), 3.0).unwrap();
        assert!(high < 2.0);
    }
}
