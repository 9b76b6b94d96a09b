//! How several values of a metric become the one that is shown.

use serde::{Deserialize, Serialize};

/// The window of a metric whose values are pushed and gathered, when it names none: an hour.
pub const DEFAULT_WINDOW: u32 = 3_600;

/// How several values become one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Aggregation {
    /// The newest.
    #[default]
    Latest,
    Sum,
    Avg,
    Min,
    Max,
    /// How many there are.
    Count,
    /// The change a second, from the first to the last.
    Rate,
}

/// A value with its time in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Input {
    pub at: i64,
    pub value: Option<f64>,
}

impl Aggregation {
    /// All of them, as they are offered.
    pub const ALL: [Self; 7] = [Self::Latest, Self::Sum, Self::Avg, Self::Min, Self::Max, Self::Count, Self::Rate];

    /// The wire name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Latest => "latest",
            Self::Sum => "sum",
            Self::Avg => "avg",
            Self::Min => "min",
            Self::Max => "max",
            Self::Count => "count",
            Self::Rate => "rate",
        }
    }

    /// Gathers values in the order of their times. Those that are NULL are passed over; of nothing
    /// comes NULL, except that nothing counts as 0.
    pub fn of(self, inputs: &[Input]) -> Option<f64> {
        let known: Vec<(i64, f64)> = inputs.iter().filter_map(|i| Some((i.at, i.value?))).collect();
        let values = || known.iter().map(|(_, value)| *value);
        let value = match self {
            Self::Latest => values().next_back(),
            Self::Sum => (!known.is_empty()).then(|| values().sum()),
            Self::Avg => (!known.is_empty()).then(|| values().sum::<f64>() / known.len() as f64),
            Self::Min => values().reduce(f64::min),
            Self::Max => values().reduce(f64::max),
            Self::Count => Some(known.len() as f64),
            Self::Rate => match (known.first(), known.last()) {
                (Some(first), Some(last)) if last.0 > first.0 => {
                    Some((last.1 - first.1) * 1_000.0 / (last.0 - first.0) as f64)
                }
                _ => None,
            },
        };
        value.filter(|value| value.is_finite())
    }

    /// What is shown at a time: the values later than `at - window` and not later than `at`. A rate
    /// begins with the last value before the window. `inputs` are in the order of their times.
    pub fn at(self, at: i64, window_ms: i64, inputs: &[Input]) -> Option<f64> {
        let end = inputs.partition_point(|i| i.at <= at);
        let mut start = inputs.partition_point(|i| i.at <= at.saturating_sub(window_ms)).min(end);
        if self == Self::Rate {
            // Without a window it is the last value and the one before.
            start = start.min(end.saturating_sub(1)).saturating_sub(1);
        }
        self.of(&inputs[start..end])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn inputs(values: &[(i64, f64)]) -> Vec<Input> {
        values.iter().map(|(at, value)| Input { at: *at, value: Some(*value) }).collect()
    }

    #[test]
    fn a_window_ends_with_now_and_begins_after_its_length() {
        let all = inputs(&[(0, 1.0), (1_000, 2.0), (2_000, 4.0), (3_000, 8.0)]);
        let at = |aggregation: Aggregation, now| aggregation.at(now, 2_000, &all);
        assert_eq!(at(Aggregation::Sum, 3_000), Some(12.0));
        assert_eq!(at(Aggregation::Avg, 3_000), Some(6.0));
        assert_eq!((at(Aggregation::Min, 3_000), at(Aggregation::Max, 3_000)), (Some(4.0), Some(8.0)));
        assert_eq!(at(Aggregation::Count, 3_000), Some(2.0));
        assert_eq!(at(Aggregation::Latest, 1_500), Some(2.0));
        assert_eq!(at(Aggregation::Count, 60_000), Some(0.0));
        assert_eq!(at(Aggregation::Sum, 60_000), None);
    }

    #[test]
    fn a_rate_is_the_change_a_second() {
        let all = inputs(&[(0, 10.0), (10_000, 30.0), (20_000, 20.0)]);
        // From the last value before the window on.
        assert_eq!(Aggregation::Rate.at(20_000, 10_000, &all), Some(-1.0));
        assert_eq!(Aggregation::Rate.at(20_000, 60_000, &all), Some(0.5));
        // Without a window: from the value before.
        assert_eq!(Aggregation::Rate.at(10_000, 0, &all), Some(2.0));
        assert_eq!(Aggregation::Rate.at(0, 0, &all), None);
    }

    proptest! {
        #[test]
        fn it_is_between_the_least_and_the_most(values in prop::collection::vec(-1e6_f64..1e6, 1..40)) {
            let all: Vec<Input> =
                values.iter().enumerate().map(|(i, v)| Input { at: i as i64 * 1_000, value: Some(*v) }).collect();
            let (low, high) = (Aggregation::Min.of(&all).unwrap(), Aggregation::Max.of(&all).unwrap());
            let avg = Aggregation::Avg.of(&all).unwrap();
            prop_assert!(low <= avg + 1e-6 && avg <= high + 1e-6);
            prop_assert_eq!(Aggregation::Count.of(&all), Some(values.len() as f64));
            prop_assert_eq!(Aggregation::Latest.of(&all), values.last().copied());
        }
    }
}
