//! Just enough calendar to put times on an axis and to see which periods are missing.

use domain::calendar::{civil, day_of, iso};
use domain::format::Moment;
use domain::query::Grain;

const DAY_MS: i64 = 86_400_000;

/// Milliseconds since 1970 of the time as written, by the clock of its own offset. Charts draw that
/// clock as if it were UTC, so that an axis shows the question's time zone on any machine.
pub(crate) fn wall_ms(iso: &str) -> Option<i64> {
    let at = Moment::parse(iso)?;
    let day = day_of(at.year.into(), at.month.into(), at.day.into());
    Some(day * DAY_MS + i64::from(at.millis.unwrap_or(0)))
}

/// Every period from `first` to `last` (dates, in order), or nothing when the grain has no fixed
/// steps, a date does not lie on them, or there are more than `most`.
pub(crate) fn periods(first: &str, last: &str, grain: Grain, most: usize) -> Option<Vec<String>> {
    let (start, end) = (wall_ms(first)? / DAY_MS, wall_ms(last)? / DAY_MS);
    let months = match grain {
        Grain::Month => 1,
        Grain::Quarter => 3,
        Grain::Year => 12,
        Grain::Day | Grain::Week => 0,
        _ => return None,
    };
    let step = if grain == Grain::Week { 7 } else { 1 };
    let (year, month, date) = civil(start);
    let mut all = Vec::new();
    for i in 0_i64.. {
        let day = if months == 0 {
            start + i * step
        } else {
            let month = month - 1 + i * months;
            day_of(year + month.div_euclid(12), month.rem_euclid(12) + 1, date)
        };
        if day > end {
            break;
        }
        if all.len() == most {
            return None;
        }
        all.push(iso(day));
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_by_its_own_clock() {
        assert_eq!(wall_ms("1970-01-01"), Some(0));
        assert_eq!(wall_ms("2024-03-04T01:02:03.5-05:00"), Some(1_709_514_123_500));
        assert_eq!(wall_ms("2024-03-04T01:02:03.123456Z"), Some(1_709_514_123_123));
        assert_eq!(wall_ms("1969-12-31T23:59:59Z"), Some(-1000));
        assert_eq!(wall_ms("2024-03-04 01:02"), Some(1_709_514_120_000));
        for bad in ["", "soon", "2024", "2024-13-01", "20240304", "2024-03-04Txx", "2024-03-é4"] {
            assert_eq!(wall_ms(bad), None, "{bad}");
        }
    }

    #[test]
    fn missing_periods_are_named() {
        let p = |a, b, g| periods(a, b, g, 100);
        assert_eq!(
            p("2023-11-01", "2024-02-01", Grain::Month).unwrap(),
            ["2023-11-01", "2023-12-01", "2024-01-01", "2024-02-01"]
        );
        assert_eq!(p("2023-10-01", "2024-04-01", Grain::Quarter).unwrap(), ["2023-10-01", "2024-01-01", "2024-04-01"]);
        assert_eq!(p("2024-02-26", "2024-03-11", Grain::Week).unwrap(), ["2024-02-26", "2024-03-04", "2024-03-11"]);
        assert_eq!(p("2024-02-28", "2024-03-01", Grain::Day).unwrap().len(), 3);
        assert_eq!(p("2000-01-01", "2024-01-01", Grain::Day), None);
        assert_eq!(p("2024-01-01", "2024-01-02", Grain::Hour), None);
    }
}
