//! Whether a condition holds.

use super::band::Usual;
use super::state::Outcome;
use domain::alert::{Condition, Direction};

/// What is known at a check.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sample<'a> {
    /// The moment that it is about.
    pub at: i64,
    pub value: Option<f64>,
    /// What was seen at the check before.
    pub previous: Option<f64>,
    /// How many rows there were.
    pub rows: usize,
    /// The time of the latest value.
    pub data_at: i64,
    /// Whether the alert fires, or has not recovered yet.
    pub is_up: bool,
    /// What is usual, for conditions that ask.
    pub usual: Option<&'a Usual>,
    /// What was forecast of the value, for conditions that ask.
    pub band: Option<(f64, f64)>,
}

/// What a sample means for a condition. A number that is none counts as no data.
pub fn judge(condition: &Condition, recover_at: Option<f64>, sample: &Sample<'_>) -> Outcome {
    let value = sample.value.filter(|v| v.is_finite());
    match condition {
        Condition::AnyRow => {
            let rows = Some(sample.rows as f64);
            return if sample.rows > 0 { Outcome::Holds(value.or(rows)) } else { Outcome::Clear(rows) };
        }
        Condition::NoDataFor { seconds } => {
            let is_long = sample.at.saturating_sub(sample.data_at) >= i64::from(*seconds) * 1_000;
            return if is_long { Outcome::Holds(value) } else { Outcome::Clear(value) };
        }
        _ => {}
    }
    let Some(x) = value else { return Outcome::NoData };
    let holds = match *condition {
        Condition::Above { value } => x > value,
        Condition::AtLeast { value } => x >= value,
        Condition::Below { value } => x < value,
        Condition::AtMost { value } => x <= value,
        Condition::Equal { value, tolerance } => is_equal(x, value, tolerance),
        Condition::NotEqual { value, tolerance } => !is_equal(x, value, tolerance),
        Condition::Between { low, high } => (low..=high).contains(&x),
        Condition::Outside { low, high } => !(low..=high).contains(&x),
        Condition::ChangesBy { amount, percent, direction } => {
            sample.previous.is_some_and(|before| changes(before, x, amount, percent, direction))
        }
        Condition::OutsideBand { width } => {
            let band = sample.usual.and_then(|usual| usual.band(sample.at, width));
            // Too little is known to call anything unusual.
            band.is_some_and(|(low, high)| !(low..=high).contains(&x))
        }
        // What nobody forecast leaves no band.
        Condition::OutsideForecast { .. } => sample.band.is_some_and(|(low, high)| !(low..=high).contains(&x)),
        Condition::AnyRow | Condition::NoDataFor { .. } => false,
    };
    if holds {
        return Outcome::Holds(value);
    }
    let lingers = match (condition, recover_at) {
        (Condition::Above { .. } | Condition::AtLeast { .. }, Some(end)) => x > end,
        (Condition::Below { .. } | Condition::AtMost { .. }, Some(end)) => x < end,
        _ => false,
    };
    if lingers { Outcome::Lingers(value) } else { Outcome::Clear(value) }
}

fn is_equal(a: f64, b: f64, tolerance: Option<f64>) -> bool {
    let usual = || domain::alert::USUAL_TOLERANCE * a.abs().max(b.abs()).max(1.0);
    (a - b).abs() <= tolerance.unwrap_or_else(usual)
}

fn changes(before: f64, now: f64, amount: Option<f64>, percent: Option<f64>, direction: Direction) -> bool {
    let change = now - before;
    let fits = match direction {
        Direction::Either => true,
        Direction::Up => change > 0.0,
        Direction::Down => change < 0.0,
    };
    let size = match (amount, percent) {
        (Some(amount), _) => change.abs() >= amount,
        // A share of nothing says nothing.
        (None, Some(percent)) => before != 0.0 && change.abs() / before.abs() * 100.0 >= percent,
        (None, None) => false,
    };
    fits && size
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(value: f64) -> Sample<'static> {
        Sample { at: 1_000, value: Some(value), rows: 1, data_at: 1_000, ..Sample::default() }
    }

    fn holds(condition: &Condition, value: f64) -> bool {
        matches!(judge(condition, None, &at(value)), Outcome::Holds(_))
    }

    #[test]
    fn thresholds_mean_what_they_say() {
        use Condition as C;
        for (condition, yes, no) in [
            (C::Above { value: 5.0 }, 5.1, 5.0),
            (C::AtLeast { value: 5.0 }, 5.0, 4.9),
            (C::Below { value: 5.0 }, 4.9, 5.0),
            (C::AtMost { value: 5.0 }, 5.0, 5.1),
            (C::Between { low: 1.0, high: 5.0 }, 5.0, 5.1),
            (C::Outside { low: 1.0, high: 5.0 }, 0.9, 1.0),
            (C::Equal { value: 0.3, tolerance: None }, 0.1 + 0.2, 0.300001),
            (C::Equal { value: 1e12, tolerance: None }, 1e12 + 0.5, 1e12 + 5_000.0),
            (C::Equal { value: 10.0, tolerance: Some(0.5) }, 10.5, 10.6),
            (C::NotEqual { value: 10.0, tolerance: Some(0.0) }, 10.000001, 10.0),
        ] {
            assert!(holds(&condition, yes), "{condition:?} {yes}");
            assert!(!holds(&condition, no), "{condition:?} {no}");
        }
    }

    #[test]
    fn what_is_no_number_is_no_data() {
        let above = Condition::Above { value: 1.0 };
        for value in [None, Some(f64::NAN), Some(f64::INFINITY)] {
            assert_eq!(judge(&above, None, &Sample { value, ..at(0.0) }), Outcome::NoData);
        }
    }

    #[test]
    fn a_change_needs_something_before() {
        let by = |amount, percent, direction| Condition::ChangesBy { amount, percent, direction };
        let from = |before: f64, now: f64, condition: &Condition| {
            matches!(judge(condition, None, &Sample { previous: Some(before), ..at(now) }), Outcome::Holds(_))
        };
        let ten = by(None, Some(10.0), Direction::Either);
        assert!(!holds(&ten, 100.0));
        assert!(from(100.0, 90.0, &ten) && from(-100.0, -110.0, &ten) && !from(100.0, 109.0, &ten));
        assert!(!from(0.0, 50.0, &ten), "a share of nothing");
        assert!(!from(100.0, 90.0, &by(None, Some(10.0), Direction::Up)));
        assert!(from(0.0, -5.0, &by(Some(5.0), None, Direction::Down)));
    }

    #[test]
    fn a_value_leaves_the_band_that_was_forecast_for_it() {
        let outside = Condition::OutsideForecast { level: 95 };
        let in_band = |value| Sample { band: Some((1.0, 2.0)), ..at(value) };
        assert_eq!(judge(&outside, None, &in_band(2.1)), Outcome::Holds(Some(2.1)));
        assert_eq!(judge(&outside, None, &in_band(2.0)), Outcome::Clear(Some(2.0)));
        assert_eq!(judge(&outside, None, &at(9.0)), Outcome::Clear(Some(9.0)), "nobody forecast it");
    }

    #[test]
    fn recovery_has_a_threshold_of_its_own() {
        let above = Condition::Above { value: 100.0 };
        assert_eq!(judge(&above, Some(80.0), &at(90.0)), Outcome::Lingers(Some(90.0)));
        assert_eq!(judge(&above, Some(80.0), &at(80.0)), Outcome::Clear(Some(80.0)));
        let below = Condition::Below { value: 10.0 };
        assert_eq!(judge(&below, Some(20.0), &at(15.0)), Outcome::Lingers(Some(15.0)));
    }

    #[test]
    fn rows_and_silence_need_no_number() {
        let none = Sample { value: None, rows: 0, ..at(0.0) };
        assert_eq!(judge(&Condition::AnyRow, None, &none), Outcome::Clear(Some(0.0)));
        assert_eq!(judge(&Condition::AnyRow, None, &Sample { rows: 3, ..none }), Outcome::Holds(Some(3.0)));
        let silent = Condition::NoDataFor { seconds: 60 };
        assert_eq!(judge(&silent, None, &Sample { at: 60_999, ..none }), Outcome::Clear(None));
        assert_eq!(judge(&silent, None, &Sample { at: 61_000, ..none }), Outcome::Holds(None));
    }
}
