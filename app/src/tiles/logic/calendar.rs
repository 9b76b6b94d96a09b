//! Which days a relative date means, to show them beside its words. The server resolves them again
//! for every question; this is only for reading.

use domain::calendar::{Day, civil, day_of};
use domain::query::{AsOf, Relative, RelativeOf, RelativeUnit};

/// First and last day that a relative date means today. `None` for stretches shorter than a day,
/// and where the clock is the data's.
pub fn resolve(relative: &Relative, today: Day) -> Option<(Day, Day)> {
    if relative.as_of == AsOf::Latest || relative.n == 0 || relative.n > 100_000 || relative.offset.abs() > 100_000 {
        return None;
    }
    let (n, offset, extra) = (i64::from(relative.n), i64::from(relative.offset), i64::from(relative.include_current));
    let at = |k: i64| step(relative.unit, today, k - offset);
    Some(match relative.of {
        RelativeOf::Previous => (at(-n)?, at(extra)? - 1),
        RelativeOf::Current => (at(0)?, at(1)? - 1),
        RelativeOf::Next => (at(1 - extra)?, at(n + 1)? - 1),
        // Its end moves with the clock, so only the running unit is sure.
        RelativeOf::ToDate if offset == 0 => (at(0)?, today),
        RelativeOf::ToDate => return None,
    })
}

/// The first day of the unit that lies `k` units after the one of `day`.
fn step(unit: RelativeUnit, day: Day, k: i64) -> Option<Day> {
    let (year, month, _) = civil(day);
    let months = |first: i64, k: i64| {
        let month = first - 1 + k;
        day_of(year + month.div_euclid(12), month.rem_euclid(12) + 1, 1)
    };
    Some(match unit {
        RelativeUnit::Minute | RelativeUnit::Hour => return None,
        RelativeUnit::Day => day + k,
        // The first of January 1970 was a Thursday.
        RelativeUnit::Week => day - (day + 3).rem_euclid(7) + k * 7,
        RelativeUnit::Month => months(month, k),
        RelativeUnit::Quarter => months((month - 1) / 3 * 3 + 1, k * 3),
        RelativeUnit::Year => day_of(year + k, 1, 1),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::calendar::{iso, parse};

    fn on(today: &str, unit: RelativeUnit, n: u32, of: RelativeOf) -> (String, String) {
        let relative = Relative { unit, n, of, include_current: false, offset: 0, as_of: AsOf::Now };
        let (from, to) = resolve(&relative, parse(today).unwrap()).unwrap();
        (iso(from), iso(to))
    }

    fn range(from: &str, to: &str) -> (String, String) {
        (from.into(), to.into())
    }

    #[test]
    fn whole_units_before_and_after() {
        use RelativeOf::*;
        use RelativeUnit::*;
        assert_eq!(on("2024-03-01", Day, 1, Previous), range("2024-02-29", "2024-02-29"));
        assert_eq!(on("2024-03-31", Month, 1, Previous), range("2024-02-01", "2024-02-29"));
        assert_eq!(on("2024-03-31", Week, 1, Current), range("2024-03-25", "2024-03-31"));
        assert_eq!(on("2024-02-10", Quarter, 1, Previous), range("2023-10-01", "2023-12-31"));
        assert_eq!(on("2024-12-10", Month, 2, Next), range("2025-01-01", "2025-02-28"));
        assert_eq!(on("2024-12-10", Year, 1, ToDate), range("2024-01-01", "2024-12-10"));
    }

    #[test]
    fn the_running_unit_and_an_offset_count() {
        let today = parse("2024-03-10").unwrap();
        let mut relative = Relative {
            unit: RelativeUnit::Day,
            n: 7,
            of: RelativeOf::Previous,
            include_current: true,
            offset: 0,
            as_of: AsOf::Now,
        };
        assert_eq!(resolve(&relative, today).map(|(a, b)| (iso(a), iso(b))), Some(range("2024-03-03", "2024-03-10")));
        relative = Relative { include_current: false, offset: 2, ..relative };
        assert_eq!(resolve(&relative, today).map(|(a, b)| (iso(a), iso(b))), Some(range("2024-03-01", "2024-03-07")));
        assert_eq!(resolve(&Relative { as_of: AsOf::Latest, ..relative.clone() }, today), None);
        assert_eq!(resolve(&Relative { unit: RelativeUnit::Hour, ..relative }, today), None);
    }
}
