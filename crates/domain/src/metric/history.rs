//! The past of a metric: values, and what is left of them when they are older.

use serde::{Deserialize, Serialize};

const DAY_MS: i64 = 86_400_000;

/// A stretch of time with whose value of before another is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Period {
    Hour,
    Day,
    Week,
    /// Thirty days.
    Month,
}

impl Period {
    /// All of them, shortest first.
    pub const ALL: [Self; 4] = [Self::Hour, Self::Day, Self::Week, Self::Month];

    /// The wire name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// Its length.
    pub fn ms(self) -> i64 {
        match self {
            Self::Hour => 3_600_000,
            Self::Day => DAY_MS,
            Self::Week => 7 * DAY_MS,
            Self::Month => 30 * DAY_MS,
        }
    }
}

/// For how many days values are kept, and how finely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// Every value.
    pub raw_days: u32,
    /// One a minute.
    pub minute_days: u32,
    /// One an hour; nothing is older.
    pub hour_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self { raw_days: 1, minute_days: 7, hour_days: 730 }
    }
}

impl Retention {
    /// Whether each step lasts at least as long as the finer one, and none for ever.
    pub fn is_sound(&self) -> bool {
        (1..=31).contains(&self.raw_days)
            && (self.raw_days..=366).contains(&self.minute_days)
            && (self.minute_days..=3_650).contains(&self.hour_days)
    }

    /// Before which times there are no single values, no minutes, and nothing at all.
    pub fn limits(&self, now: i64) -> (i64, i64, i64) {
        let before = |days: u32| now - i64::from(days) * DAY_MS;
        (before(self.raw_days), before(self.minute_days), before(self.hour_days))
    }
}

/// What is left of the values of a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    /// Its beginning, in milliseconds.
    pub at: i64,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub total: Option<f64>,
    /// Values that were no NULL.
    pub count: i64,
    /// The last value, which may be NULL, and when it was.
    pub last: Option<f64>,
    pub last_at: i64,
}

impl Bucket {
    /// One value.
    pub fn of(at: i64, value: Option<f64>) -> Self {
        Self { at, low: value, high: value, total: value, count: i64::from(value.is_some()), last: value, last_at: at }
    }

    /// The same, beginning with the stretch of that length that it is in.
    pub fn floored(self, span_ms: i64) -> Self {
        Self { at: self.at.div_euclid(span_ms) * span_ms, ..self }
    }

    /// Adds what another one holds.
    pub fn add(&mut self, other: &Self) {
        let both = |a: Option<f64>, b: Option<f64>, f: fn(f64, f64) -> f64| match (a, b) {
            (Some(a), Some(b)) => Some(f(a, b)),
            (a, b) => a.or(b),
        };
        self.low = both(self.low, other.low, f64::min);
        self.high = both(self.high, other.high, f64::max);
        self.total = both(self.total, other.total, |a, b| a + b);
        self.count += other.count;
        if other.last_at >= self.last_at {
            (self.last, self.last_at) = (other.last, other.last_at);
        }
        self.at = self.at.min(other.at);
    }

    /// The mean of its values.
    pub fn mean(&self) -> Option<f64> {
        self.total.filter(|_| self.count > 0).map(|total| total / self.count as f64)
    }
}

/// At most `points` buckets of equal length from what lies between two times, in the order of time.
/// What lies outside is left out, and so are stretches without values.
pub fn reduce(mut from: Vec<Bucket>, start: i64, end: i64, points: usize) -> Vec<Bucket> {
    from.retain(|b| b.at >= start && b.at <= end);
    from.sort_by_key(|b| b.at);
    let points = points.max(1);
    if from.len() <= points {
        return from;
    }
    let span = ((end - start) / points as i64 + 1).max(1);
    let mut reduced: Vec<(i64, Bucket)> = Vec::with_capacity(points);
    for bucket in from {
        let place = (bucket.at - start) / span;
        match reduced.last_mut() {
            Some((last, into)) if *last == place => into.add(&bucket),
            _ => reduced.push((place, bucket)),
        }
    }
    reduced.into_iter().map(|(_, bucket)| bucket).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn retention_steps_down() {
        assert!(Retention::default().is_sound());
        assert!(!Retention { raw_days: 8, ..Retention::default() }.is_sound(), "longer than the minutes");
        assert!(!Retention { raw_days: 0, ..Retention::default() }.is_sound());
        assert!(!Retention { hour_days: 40_000, ..Retention::default() }.is_sound());
    }

    #[test]
    fn a_late_value_does_not_become_the_last() {
        let mut bucket = Bucket::of(2_000, Some(5.0));
        bucket.add(&Bucket::of(1_000, Some(9.0)));
        assert_eq!((bucket.at, bucket.last, bucket.high, bucket.count), (1_000, Some(5.0), Some(9.0), 2));
        bucket.add(&Bucket::of(3_000, None));
        assert_eq!((bucket.last, bucket.mean()), (None, Some(7.0)));
    }

    proptest! {
        #[test]
        fn thinning_loses_no_value_from_sum_count_and_edges(
            values in prop::collection::vec((0_i64..100_000, prop::option::of(-1e3_f64..1e3)), 0..200),
            points in 1_usize..50,
        ) {
            let all: Vec<Bucket> = values.iter().map(|(at, v)| Bucket::of(*at, *v)).collect();
            let thin = reduce(all.clone(), 0, 100_000, points);
            prop_assert!(thin.len() <= points);
            prop_assert!(thin.is_sorted_by_key(|b| b.at));
            let whole = |list: &[Bucket]| list.iter().copied().reduce(|mut a, b| { a.add(&b); a });
            match (whole(&all), whole(&thin)) {
                (Some(a), Some(b)) => {
                    prop_assert_eq!((a.count, a.low, a.high, a.last_at), (b.count, b.low, b.high, b.last_at));
                    prop_assert!((a.total.unwrap_or_default() - b.total.unwrap_or_default()).abs() < 1e-6);
                }
                (a, b) => prop_assert_eq!(a, b),
            }
        }
    }
}
