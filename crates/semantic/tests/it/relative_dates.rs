//! Relative dates: examples at the edges of the calendar, and laws.

use domain::query::{AsOf, Relative, RelativeOf, RelativeUnit};
use jiff::Zoned;
use proptest::prelude::*;
use semantic::Calendar;
use semantic::relative::{dates, resolve};

fn relative(unit: RelativeUnit, n: u32, of: RelativeOf) -> Relative {
    Relative { unit, n, of, include_current: false, offset: 0, as_of: AsOf::Now }
}

fn show(relative: &Relative, now: &str) -> String {
    let (from, to) = resolve(relative, &now.parse().unwrap(), Calendar::default()).unwrap();
    let show = |z: &Zoned| z.strftime("%Y-%m-%d %H:%M %:z").to_string();
    format!("{} to {}", show(&from), show(&to))
}

const UTC_NOW: &str = "2024-05-15T10:20:30Z[UTC]";

#[test]
fn units_begin_where_the_calendar_says() {
    use RelativeOf::Current;
    for (unit, expected) in [
        (RelativeUnit::Minute, "2024-05-15 10:20 +00:00 to 2024-05-15 10:21 +00:00"),
        (RelativeUnit::Hour, "2024-05-15 10:00 +00:00 to 2024-05-15 11:00 +00:00"),
        (RelativeUnit::Day, "2024-05-15 00:00 +00:00 to 2024-05-16 00:00 +00:00"),
        (RelativeUnit::Week, "2024-05-13 00:00 +00:00 to 2024-05-20 00:00 +00:00"),
        (RelativeUnit::Month, "2024-05-01 00:00 +00:00 to 2024-06-01 00:00 +00:00"),
        (RelativeUnit::Quarter, "2024-04-01 00:00 +00:00 to 2024-07-01 00:00 +00:00"),
        (RelativeUnit::Year, "2024-01-01 00:00 +00:00 to 2025-01-01 00:00 +00:00"),
    ] {
        assert_eq!(show(&relative(unit, 1, Current), UTC_NOW), expected);
    }
    // A Sunday belongs to the week that began on Monday; a Monday begins its own.
    let week = relative(RelativeUnit::Week, 1, Current);
    assert!(show(&week, "2024-05-19T23:59:59Z[UTC]").starts_with("2024-05-13"));
    assert!(show(&week, "2024-05-20T00:00:00Z[UTC]").starts_with("2024-05-20"));
}

#[test]
fn previous_and_next_leave_the_running_unit_out() {
    let mut months = relative(RelativeUnit::Month, 3, RelativeOf::Previous);
    assert_eq!(show(&months, UTC_NOW), "2024-02-01 00:00 +00:00 to 2024-05-01 00:00 +00:00");
    months.include_current = true;
    assert_eq!(show(&months, UTC_NOW), "2024-02-01 00:00 +00:00 to 2024-06-01 00:00 +00:00");
    months.of = RelativeOf::Next;
    assert_eq!(show(&months, UTC_NOW), "2024-05-01 00:00 +00:00 to 2024-09-01 00:00 +00:00");
    months.include_current = false;
    assert_eq!(show(&months, UTC_NOW), "2024-06-01 00:00 +00:00 to 2024-09-01 00:00 +00:00");
    let year_end = relative(RelativeUnit::Quarter, 1, RelativeOf::Previous);
    assert_eq!(show(&year_end, "2024-01-01T00:00:00Z[UTC]"), "2023-10-01 00:00 +00:00 to 2024-01-01 00:00 +00:00");
}

#[test]
fn an_offset_starts_units_ago() {
    let mut year = relative(RelativeUnit::Year, 1, RelativeOf::Current);
    year.offset = 1;
    assert_eq!(show(&year, UTC_NOW), "2023-01-01 00:00 +00:00 to 2024-01-01 00:00 +00:00");
    year.of = RelativeOf::ToDate;
    assert_eq!(show(&year, UTC_NOW), "2023-01-01 00:00 +00:00 to 2023-05-15 10:21 +00:00");
    let mut month = relative(RelativeUnit::Month, 1, RelativeOf::ToDate);
    month.offset = 1;
    // The 31st has no counterpart in February.
    assert_eq!(show(&month, "2023-03-31T12:00:00Z[UTC]"), "2023-02-01 00:00 +00:00 to 2023-02-28 12:01 +00:00");
}

#[test]
fn days_that_lose_or_gain_an_hour_are_days() {
    let yesterday = relative(RelativeUnit::Day, 1, RelativeOf::Previous);
    let spring = "2024-03-11T12:00:00-04:00[America/New_York]";
    assert_eq!(show(&yesterday, spring), "2024-03-10 00:00 -05:00 to 2024-03-11 00:00 -04:00");
    let autumn = "2024-11-04T12:00:00-05:00[America/New_York]";
    assert_eq!(show(&yesterday, autumn), "2024-11-03 00:00 -04:00 to 2024-11-04 00:00 -05:00");
    // The day that began at one o'clock.
    let today = relative(RelativeUnit::Day, 1, RelativeOf::Current);
    let sao_paulo = "2018-11-04T12:00:00-02:00[America/Sao_Paulo]";
    assert_eq!(show(&today, sao_paulo), "2018-11-04 01:00 -02:00 to 2018-11-05 00:00 -02:00");
    // The hour that the clock shows twice is two hours.
    let hour = relative(RelativeUnit::Hour, 1, RelativeOf::Current);
    let second = "2024-11-03T01:30:00-05:00[America/New_York]";
    assert_eq!(show(&hour, second), "2024-11-03 01:00 -05:00 to 2024-11-03 02:00 -05:00");
    let before = relative(RelativeUnit::Hour, 1, RelativeOf::Previous);
    assert_eq!(show(&before, second), "2024-11-03 01:00 -04:00 to 2024-11-03 01:00 -05:00");
}

#[test]
fn a_day_that_is_begun_belongs_to_the_dates() {
    let to_date = relative(RelativeUnit::Month, 1, RelativeOf::ToDate);
    for now in [UTC_NOW, "2024-05-15T00:00:00Z[UTC]", "2024-05-15T23:59:59Z[UTC]"] {
        let (from, to) = resolve(&to_date, &now.parse().unwrap(), Calendar::default()).unwrap();
        let (from, to) = dates(&from, &to).unwrap();
        assert_eq!((from.to_string().as_str(), to.to_string().as_str()), ("2024-05-01", "2024-05-16"));
    }
    let (from, to) = resolve(
        &relative(RelativeUnit::Month, 1, RelativeOf::Previous),
        &UTC_NOW.parse().unwrap(),
        Calendar::default(),
    )
    .unwrap();
    let (from, to) = dates(&from, &to).unwrap();
    assert_eq!((from.to_string().as_str(), to.to_string().as_str()), ("2024-04-01", "2024-05-01"));
}

#[test]
fn beyond_the_calendar_is_refused() {
    for (n, offset) in [(0, 0), (9_000, 0), (u32::MAX, 0), (1, i32::MAX), (1, i32::MIN), (1, -50_000)] {
        let wanted = Relative { offset, ..relative(RelativeUnit::Year, n, RelativeOf::Previous) };
        assert!(resolve(&wanted, &UTC_NOW.parse().unwrap(), Calendar::default()).is_err(), "{n} {offset}");
    }
}

fn units() -> impl Strategy<Value = RelativeUnit> {
    use RelativeUnit::*;
    prop::sample::select(vec![Minute, Hour, Day, Week, Month, Quarter, Year])
}

fn moments() -> impl Strategy<Value = Zoned> {
    let zones = [
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "America/Sao_Paulo",
        "Asia/Kolkata",
        "Australia/Lord_Howe",
        "Pacific/Apia",
    ];
    (0_i64..4_000_000_000, prop::sample::select(zones.to_vec()))
        .prop_map(|(seconds, zone)| jiff::Timestamp::from_second(seconds).unwrap().in_tz(zone).unwrap())
}

proptest! {
    #[test]
    fn a_stretch_is_never_empty(unit in units(), n in 1_u32..50, offset in -50..50_i32, include_current: bool, now in moments()) {
        for of in [RelativeOf::Previous, RelativeOf::Current, RelativeOf::Next, RelativeOf::ToDate] {
            let (from, to) = resolve(&Relative { offset, include_current, ..relative(unit, n, of) }, &now, Calendar::default()).unwrap();
            prop_assert!(from < to, "{:?} {} {}", of, from, to);
            let (from, to) = dates(&from, &to).unwrap();
            prop_assert!(from < to);
        }
    }

    #[test]
    fn previous_current_and_next_abut_and_now_is_in_the_current(unit in units(), n in 1_u32..50, now in moments()) {
        let at = |of| resolve(&relative(unit, n, of), &now, Calendar::default()).unwrap();
        let (previous, current, next) = (at(RelativeOf::Previous), at(RelativeOf::Current), at(RelativeOf::Next));
        prop_assert_eq!(previous.1, current.0.clone());
        prop_assert_eq!(current.1.clone(), next.0);
        prop_assert!(current.0 <= now && now < current.1);
        let to_date = at(RelativeOf::ToDate);
        prop_assert!(to_date.0 == current.0 && now < to_date.1);
    }

    #[test]
    fn previous_n_is_n_previous_ones_joined(unit in units(), n in 1_u32..30, now in moments()) {
        let (from, to) = resolve(&relative(unit, n, RelativeOf::Previous), &now, Calendar::default()).unwrap();
        let ones: Vec<_> = (0..n).rev().map(|offset| {
            let one = Relative { offset: offset as i32, ..relative(unit, 1, RelativeOf::Previous) };
            resolve(&one, &now, Calendar::default()).unwrap()
        }).collect();
        prop_assert_eq!(&ones[0].0, &from);
        prop_assert_eq!(&ones[ones.len() - 1].1, &to);
        prop_assert!(ones.windows(2).all(|w| w[0].1 == w[1].0));
    }

    #[test]
    fn including_the_current_unit_adds_exactly_it(unit in units(), n in 1_u32..30, now in moments()) {
        for of in [RelativeOf::Previous, RelativeOf::Next] {
            let without = relative(unit, n, of);
            let with = resolve(&Relative { include_current: true, ..without.clone() }, &now, Calendar::default()).unwrap();
            let without = resolve(&without, &now, Calendar::default()).unwrap();
            let current = resolve(&relative(unit, 1, RelativeOf::Current), &now, Calendar::default()).unwrap();
            prop_assert_eq!(with.0, without.0.min(current.0));
            prop_assert_eq!(with.1, without.1.max(current.1));
        }
    }
}
