//! Days and civil dates: just enough calendar for axes, filters and stored dates.

/// Days since 1970-01-01.
pub type Day = i64;

/// The day of a date in the proleptic Gregorian calendar (Howard Hinnant's algorithm: years begin
/// in March, eras have 400 years).
pub fn day_of(year: i64, month: i64, date: i64) -> Day {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + date - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and date of a day.
pub fn civil(day: Day) -> (i64, i64, i64) {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let date = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + i64::from(month <= 2), month, date)
}

/// `YYYY-MM-DD`.
pub fn iso(day: Day) -> String {
    let (year, month, date) = civil(day);
    format!("{year:04}-{month:02}-{date:02}")
}

/// Reads the date that a text begins with.
pub fn parse(text: &str) -> Option<Day> {
    let moment = crate::format::Moment::parse(text)?;
    Some(day_of(moment.year.into(), moment.month.into(), moment.day.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_come_back() {
        for day in [-800_000, -1, 0, 59, 60, 19_782, 20_000, 2_932_896] {
            let (year, month, date) = civil(day);
            assert_eq!(day_of(year, month, date), day);
        }
        assert_eq!((iso(0), parse("2024-02-29T10:00:00Z")), ("1970-01-01".to_owned(), Some(19_782)));
    }
}
