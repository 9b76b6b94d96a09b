//! Relative dates: "the previous 3 months" as a half-open stretch of time. Pure: the clock comes in
//! as `now`. Units of a day or more are counted on the calendar of `now`'s time zone, so a day that
//! loses an hour is still a day; hours and minutes are counted as elapsed time.

use crate::calendar::Calendar;
use domain::query::{Relative, RelativeOf, RelativeUnit};
use domain::{Error, ErrorCode, Result};
use jiff::{SignedDuration, Span, Zoned};

/// The most units a relative date may span or lie away.
const MAX_UNITS: i64 = 100_000;

/// The stretch `[from, to)` that a relative date means at `now`.
///
/// `previous` are whole units before the running one, `next` after it; `include_current` adds the
/// running unit to either. `offset` first steps so many units back. `to_date` runs from the start of
/// the unit through the minute of `now`: an end rounded to the minute lets answers be reused.
pub fn resolve(relative: &Relative, now: &Zoned, calendar: Calendar) -> Result<(Zoned, Zoned)> {
    let unit = relative.unit;
    let n = i64::from(relative.n);
    let offset = i64::from(relative.offset);
    if !(1..=MAX_UNITS).contains(&n) || offset.abs() > MAX_UNITS {
        return Err(Error::new(
            ErrorCode::InvalidQuery,
            format!("A relative date spans 1 to {MAX_UNITS} units and lies at most as many away."),
        ));
    }
    let extra = i64::from(relative.include_current);
    let stretch = || -> Result<(Zoned, Zoned), jiff::Error> {
        let running = start(unit, now, calendar)?;
        let at = |k: i64| step(unit, &running, k - offset);
        Ok(match relative.of {
            RelativeOf::Previous => (at(-n)?, at(extra)?),
            RelativeOf::Current => (at(0)?, at(1)?),
            RelativeOf::Next => (at(1 - extra)?, at(n + 1)?),
            RelativeOf::ToDate => {
                let then = same_moment(unit, now, -offset)?;
                let minute = start(RelativeUnit::Minute, &then, calendar)?;
                (start(unit, &then, calendar)?, step(RelativeUnit::Minute, &minute, 1)?)
            }
        })
    };
    match stretch() {
        Ok((from, to)) if from.year() >= 1 && to.year() <= 9998 => Ok((from, to)),
        _ => Err(Error::new(ErrorCode::InvalidQuery, "The relative date reaches beyond the calendar.")),
    }
}

/// The start of the unit that holds `at`.
fn start(unit: RelativeUnit, at: &Zoned, calendar: Calendar) -> Result<Zoned, jiff::Error> {
    let day = at.date();
    // The first day of the `length` months that hold the day, where one such stretch begins `from`
    // months after January.
    let first_of = |length: i8, from: u8| {
        let into = (day.month() - 1 - from as i8).rem_euclid(length);
        day.first_of_month().checked_sub(Span::new().try_months(into)?)
    };
    let first = match unit {
        RelativeUnit::Minute => return into_hour(at, i64::from(at.second())),
        RelativeUnit::Hour => return into_hour(at, i64::from(at.minute()) * 60 + i64::from(at.second())),
        RelativeUnit::Day => day,
        RelativeUnit::Week => {
            let into = (day.weekday().to_monday_zero_offset() - calendar.week() as i8).rem_euclid(7);
            day.checked_sub(Span::new().try_days(into)?)?
        }
        RelativeUnit::Month => day.first_of_month(),
        RelativeUnit::Quarter => first_of(3, calendar.quarter())?,
        RelativeUnit::Year => first_of(12, calendar.year())?,
    };
    first.to_zoned(at.time_zone().clone())
}

/// So many seconds, and what is left of one, before `at`: within an hour, elapsed time is the clock's.
fn into_hour(at: &Zoned, seconds: i64) -> Result<Zoned, jiff::Error> {
    at.checked_sub(SignedDuration::new(seconds, at.subsec_nanosecond()))
}

/// `k` units after the start of a unit.
fn step(unit: RelativeUnit, start: &Zoned, k: i64) -> Result<Zoned, jiff::Error> {
    match unit {
        RelativeUnit::Minute => start.checked_add(SignedDuration::from_secs(k * 60)),
        RelativeUnit::Hour => start.checked_add(SignedDuration::from_secs(k * 3600)),
        _ => start.date().checked_add(span(unit, k)?)?.to_zoned(start.time_zone().clone()),
    }
}

/// The same time of day `k` units later.
fn same_moment(unit: RelativeUnit, at: &Zoned, k: i64) -> Result<Zoned, jiff::Error> {
    match unit {
        RelativeUnit::Minute | RelativeUnit::Hour => step(unit, at, k),
        _ => at.checked_add(span(unit, k)?),
    }
}

fn span(unit: RelativeUnit, k: i64) -> Result<Span, jiff::Error> {
    let span = Span::new();
    match unit {
        RelativeUnit::Minute => span.try_minutes(k),
        RelativeUnit::Hour => span.try_hours(k),
        RelativeUnit::Day => span.try_days(k),
        RelativeUnit::Week => span.try_weeks(k),
        RelativeUnit::Month => span.try_months(k),
        RelativeUnit::Quarter => span.try_months(k * 3),
        RelativeUnit::Year => span.try_years(k),
    }
}

/// A stretch as dates `[from, to)`: a day that is begun belongs to it.
pub fn dates(from: &Zoned, to: &Zoned) -> Result<(jiff::civil::Date, jiff::civil::Date)> {
    let beyond = |_| Error::new(ErrorCode::InvalidQuery, "The relative date reaches beyond the calendar.");
    let last = to.checked_sub(SignedDuration::from_nanos(1)).map_err(beyond)?;
    Ok((from.date(), last.date().tomorrow().map_err(beyond)?))
}

/// Whether the unit is shorter than a day.
pub fn is_within_a_day(unit: RelativeUnit) -> bool {
    matches!(unit, RelativeUnit::Minute | RelativeUnit::Hour)
}
