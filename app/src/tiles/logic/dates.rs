//! Relative dates as people choose and read them.

use super::calendar::resolve;
use domain::calendar::{self, Day};
use domain::format;
use domain::query::{AsOf, Filter, Op, Relative, RelativeOf, RelativeUnit};
use serde_json::Value;

/// Units of a relative date, with one and many of them.
pub const UNITS: &[(RelativeUnit, &str, &str)] = &[
    (RelativeUnit::Minute, "minute", "minutes"),
    (RelativeUnit::Hour, "hour", "hours"),
    (RelativeUnit::Day, "day", "days"),
    (RelativeUnit::Week, "week", "weeks"),
    (RelativeUnit::Month, "month", "months"),
    (RelativeUnit::Quarter, "quarter", "quarters"),
    (RelativeUnit::Year, "year", "years"),
];

/// A stretch that is asked for often, in the order of the list.
pub const PRESETS: &[(&str, RelativeUnit, u32, RelativeOf)] = &[
    ("Today", RelativeUnit::Day, 1, RelativeOf::Current),
    ("Yesterday", RelativeUnit::Day, 1, RelativeOf::Previous),
    ("Last 7 days", RelativeUnit::Day, 7, RelativeOf::Previous),
    ("Last 30 days", RelativeUnit::Day, 30, RelativeOf::Previous),
    ("Last 90 days", RelativeUnit::Day, 90, RelativeOf::Previous),
    ("Last 12 months", RelativeUnit::Month, 12, RelativeOf::Previous),
    ("This week", RelativeUnit::Week, 1, RelativeOf::Current),
    ("This month", RelativeUnit::Month, 1, RelativeOf::Current),
    ("This quarter", RelativeUnit::Quarter, 1, RelativeOf::Current),
    ("This year", RelativeUnit::Year, 1, RelativeOf::Current),
    ("Previous week", RelativeUnit::Week, 1, RelativeOf::Previous),
    ("Previous month", RelativeUnit::Month, 1, RelativeOf::Previous),
    ("Previous quarter", RelativeUnit::Quarter, 1, RelativeOf::Previous),
    ("Previous year", RelativeUnit::Year, 1, RelativeOf::Previous),
    ("Month to date", RelativeUnit::Month, 1, RelativeOf::ToDate),
    ("Quarter to date", RelativeUnit::Quarter, 1, RelativeOf::ToDate),
    ("Year to date", RelativeUnit::Year, 1, RelativeOf::ToDate),
];

/// A plain relative date: no offset, the running unit left out.
pub fn relative(unit: RelativeUnit, n: u32, of: RelativeOf, as_of: AsOf) -> Relative {
    Relative { unit, n, of, include_current: false, offset: 0, as_of }
}

/// The condition that a relative date makes.
pub fn filter(column: &str, relative: &Relative) -> Filter {
    Filter::is(column, Op::Relative, serde_json::to_value(relative).unwrap_or(Value::Null))
}

/// The relative date of a condition's value.
pub fn read(value: &Value) -> Option<Relative> {
    serde_json::from_value(value.clone()).ok()
}

/// The name of the wire word of a unit.
pub fn unit_word(unit: RelativeUnit, many: bool) -> &'static str {
    UNITS.iter().find(|(u, ..)| *u == unit).map_or("", |(_, one, more)| if many { more } else { one })
}

/// "Last 7 days and today", "Previous month", "Year to date", "Last 30 days of the data".
pub fn words(relative: &Relative) -> String {
    let Relative { unit, n, of, include_current, offset, as_of } = relative;
    let one = unit_word(*unit, false);
    let many = unit_word(*unit, true);
    let running = if *unit == RelativeUnit::Day { "today".to_owned() } else { format!("this {one}") };
    let mut text = match (of, *n) {
        (RelativeOf::Current, _) if *unit == RelativeUnit::Day => "Today".to_owned(),
        (RelativeOf::Current, _) => format!("This {one}"),
        (RelativeOf::ToDate, _) => format!("{} to date", capital(one)),
        (RelativeOf::Previous, 1) if *unit == RelativeUnit::Day => "Yesterday".to_owned(),
        (RelativeOf::Previous, 1) => format!("Previous {one}"),
        (RelativeOf::Previous, n) => format!("Last {n} {many}"),
        (RelativeOf::Next, 1) if *unit == RelativeUnit::Day => "Tomorrow".to_owned(),
        (RelativeOf::Next, 1) => format!("Next {one}"),
        (RelativeOf::Next, n) => format!("Next {n} {many}"),
    };
    if *include_current && matches!(of, RelativeOf::Previous | RelativeOf::Next) {
        text = format!("{text} and {running}");
    }
    match *offset {
        0 => {}
        back if back > 0 => text = format!("{text}, from {back} {} ago", unit_word(*unit, back != 1)),
        on => text = format!("{text}, from {} {} ahead", -on, unit_word(*unit, on != -1)),
    }
    if *as_of == AsOf::Latest { format!("{text} of the data") } else { text }
}

/// The resolved days, in words: "1 Oct 2026 – 31 Oct 2026". Days are those of UTC, as in questions
/// without a time zone.
pub fn resolved(relative: &Relative, today: Day, locale: &str) -> Option<String> {
    let (from, to) = resolve(relative, today)?;
    let day = |day: Day| format::time(&calendar::iso(day), None, locale);
    Some(if from == to { day(from) } else { format!("{} – {}", day(from), day(to)) })
}

/// The first letter large.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_say_what_they_are() {
        for (label, unit, n, of) in PRESETS {
            assert_eq!(words(&relative(*unit, *n, *of, AsOf::Now)), *label);
        }
    }

    #[test]
    fn the_switches_are_in_the_words() {
        let last = relative(RelativeUnit::Day, 7, RelativeOf::Previous, AsOf::Now);
        let with = |f: &dyn Fn(&mut Relative)| {
            let mut changed = last.clone();
            f(&mut changed);
            words(&changed)
        };
        assert_eq!(with(&|r| r.include_current = true), "Last 7 days and today");
        assert_eq!(with(&|r| r.offset = 2), "Last 7 days, from 2 days ago");
        assert_eq!(with(&|r| r.offset = 1), "Last 7 days, from 1 day ago");
        assert_eq!(with(&|r| r.as_of = AsOf::Latest), "Last 7 days of the data");
        assert_eq!(words(&relative(RelativeUnit::Month, 3, RelativeOf::Next, AsOf::Now)), "Next 3 months");
        assert_eq!(words(&relative(RelativeUnit::Day, 1, RelativeOf::Next, AsOf::Now)), "Tomorrow");
    }

    #[test]
    fn resolved_days_are_written_as_the_reader_writes_them() {
        let today = calendar::parse("2026-11-22").unwrap();
        let month = relative(RelativeUnit::Month, 1, RelativeOf::Previous, AsOf::Now);
        assert_eq!(resolved(&month, today, "en-GB").as_deref(), Some("1 Oct 2026 – 31 Oct 2026"));
        let day = relative(RelativeUnit::Day, 1, RelativeOf::Previous, AsOf::Now);
        assert_eq!(resolved(&day, today, "en-US").as_deref(), Some("Nov 21, 2026"));
    }

    #[test]
    fn a_filter_comes_back_as_the_date_it_was() {
        let year = relative(RelativeUnit::Year, 1, RelativeOf::ToDate, AsOf::Latest);
        let Filter::Is(condition) = filter("day", &year) else { panic!() };
        assert_eq!(read(&condition.value), Some(year));
    }
}
