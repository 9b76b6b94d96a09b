//! When to look, and when to be quiet.
//!
//! Cron expressions mean the wall clock of their time zone. A time that does not exist because the
//! clock was set forward is made up for at the moment of the change; one that exists twice counts once.
//! Expressions for every hour or minute count real time.

use croner::Cron;
use croner::errors::CronError;
use croner::parser::{CronParser, Seconds, Year};
use croner::time::{CivilDate, CivilDateTime, CivilTime, CronDateTime, Resolution, Weekday};
use domain::alert::{AlertDef, Check, QuietHours};
use domain::{Error, Result};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, Zoned};
use std::cmp::Ordering;

/// Questions have no refresh of their own when rows lie elsewhere: they are looked at so often.
const QUESTION: &str = "*/5 * * * *";

/// Refuses times that cannot be: a zone that is not there, a cron that never comes.
///
/// # Errors
/// A sentence that says why, with the field.
pub fn check_rule(def: &AlertDef, now: i64) -> Result<()> {
    if let Check::Cron { time_zone, .. } = &def.check {
        zone(time_zone).map_err(|e| e.field("check.time_zone"))?;
        next_check(&def.check, false, now)?;
    }
    if let Some(quiet) = &def.quiet_hours {
        zone(&quiet.time_zone).map_err(|e| e.field("quiet_hours.time_zone"))?;
    }
    Ok(())
}

/// The first moment after `after` at which to look; `None` where a refresh says when. With
/// `is_question`, there may be changes that no refresh tells of.
///
/// # Errors
/// The cron expression is none, or never comes.
pub fn next_check(check: &Check, is_question: bool, after: i64) -> Result<Option<i64>> {
    let (expression, time_zone) = match check {
        Check::OnRefresh if is_question => (QUESTION, ""),
        Check::OnRefresh => return Ok(None),
        Check::EveryMinute => ("* * * * *", ""),
        Check::Hourly => ("0 * * * *", ""),
        Check::Daily => ("0 8 * * *", ""),
        Check::Weekly => ("0 8 * * 1", ""),
        Check::Cron { expression, time_zone } => (expression.as_str(), time_zone.as_str()),
    };
    let cron = parse(expression)?;
    let after = Timestamp::from_millisecond(after).map_err(|_| Error::internal())?;
    let from = Local(after.to_zoned(zone(time_zone)?));
    let never = |_| {
        Error::invalid("This cron expression never comes.")
            .hint("Choose a day that there is, such as 0 8 1 * * for the first of each month at 08:00.")
            .field("check.expression")
    };
    Ok(Some(cron.find_next_occurrence(&from, false).map_err(never)?.0.timestamp().as_millisecond()))
}

fn parse(expression: &str) -> Result<Cron> {
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    parser.parse(expression).map_err(|_| {
        Error::invalid("This is no cron expression.")
            .hint("It has five parts: minute, hour, day of the month, month, day of the week, such as 30 9 * * 1-5.")
            .field("check.expression")
    })
}

fn zone(name: &str) -> Result<TimeZone> {
    if name.is_empty() {
        return Ok(TimeZone::UTC);
    }
    let known = TimeZone::get(name).ok().filter(|zone| zone.iana_name().is_some());
    known.ok_or_else(|| {
        let shown: String = name.chars().take(60).collect();
        Error::invalid(format!("There is no time zone `{shown}`."))
            .hint("Use a name of the IANA list, such as Europe/Berlin or America/New_York.")
    })
}

/// Whether a moment lies in quiet hours. The end belongs to the day again.
pub fn is_quiet(quiet: &QuietHours, at: i64) -> bool {
    let Some((from, to)) = quiet.minutes() else { return false };
    let (Ok(zone), Ok(at)) = (zone(&quiet.time_zone), Timestamp::from_millisecond(at)) else { return false };
    let local = at.to_zoned(zone);
    let minute = u16::try_from(i32::from(local.hour()) * 60 + i32::from(local.minute())).unwrap_or_default();
    if from <= to { (from..to).contains(&minute) } else { minute >= from || minute < to }
}

/// A moment with its wall clock, as the search for the next one needs it.
#[derive(Clone)]
struct Local(Zoned);

fn part(n: i8) -> u32 {
    u32::try_from(n).unwrap_or_default()
}

fn small(n: u32) -> i8 {
    i8::try_from(n).unwrap_or_default()
}

impl CronDateTime for Local {
    fn to_civil(&self) -> CivilDateTime {
        let z = &self.0;
        let date = CivilDate::from_parts_unchecked(i32::from(z.year()), part(z.month()), part(z.day()));
        let time = CivilTime::from_hms_opt(part(z.hour()), part(z.minute()), part(z.second()));
        CivilDateTime::new(date, time.unwrap_or(CivilTime::MIDNIGHT))
    }

    fn civil_weekday(&self) -> Weekday {
        Weekday::from_days_from_sunday(part(self.0.weekday().to_sunday_zero_offset()))
    }

    fn resolve_civil(&self, civil: CivilDateTime) -> std::result::Result<Resolution<Self>, CronError> {
        let invalid = |_| CronError::InvalidDate;
        let year = i16::try_from(civil.year()).map_err(|_| CronError::InvalidDate)?;
        let (month, day, hour) = (small(civil.month()), small(civil.day()), small(civil.hour()));
        let (minute, second) = (small(civil.minute()), small(civil.second()));
        let wall = jiff::civil::DateTime::new(year, month, day, hour, minute, second, 0).map_err(invalid)?;
        let found = self.0.time_zone().to_ambiguous_zoned(wall);
        Ok(match found.offset() {
            AmbiguousOffset::Unambiguous { .. } => Resolution::Single(Self(found.unambiguous().map_err(invalid)?)),
            AmbiguousOffset::Fold { .. } => {
                let earlier = found.clone().earlier().map_err(invalid)?;
                Resolution::Ambiguous(Self(earlier), Self(found.later().map_err(invalid)?))
            }
            AmbiguousOffset::Gap { .. } => Resolution::Gap,
        })
    }

    fn checked_add_seconds(&self, seconds: i64) -> Option<Self> {
        self.0.checked_add(SignedDuration::from_secs(seconds)).ok().map(Self)
    }

    fn cmp_instant(&self, other: &Self) -> Ordering {
        self.0.timestamp().cmp(&other.0.timestamp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    fn next(expression: &str, time_zone: &str, after: &str) -> String {
        let check = Check::Cron { expression: expression.into(), time_zone: time_zone.into() };
        let found = next_check(&check, false, ms(after)).unwrap().unwrap();
        Timestamp::from_millisecond(found).unwrap().to_string()
    }

    #[test]
    fn the_next_check_is_later() {
        let after = ms("2025-03-05T08:00:00Z");
        let at = |check: &Check| {
            Timestamp::from_millisecond(next_check(check, false, after).unwrap().unwrap()).unwrap().to_string()
        };
        assert_eq!(at(&Check::EveryMinute), "2025-03-05T08:01:00Z");
        assert_eq!(at(&Check::Hourly), "2025-03-05T09:00:00Z");
        assert_eq!(at(&Check::Daily), "2025-03-06T08:00:00Z");
        assert_eq!(at(&Check::Weekly), "2025-03-10T08:00:00Z");
        assert_eq!(next_check(&Check::OnRefresh, false, after).unwrap(), None);
        assert!(next_check(&Check::OnRefresh, true, after).unwrap().is_some());
        assert_eq!(next("30 9 * * 1-5", "America/New_York", "2025-03-07T20:00:00Z"), "2025-03-10T13:30:00Z");
    }

    #[test]
    fn a_time_that_is_left_out_is_made_up_for_and_one_that_comes_twice_counts_once() {
        // Berlin: 02:30 does not exist on 30 March 2025, and exists twice on 26 October.
        assert_eq!(next("30 2 * * *", "Europe/Berlin", "2025-03-29T12:00:00Z"), "2025-03-30T01:00:00Z");
        let first = next("30 2 * * *", "Europe/Berlin", "2025-10-25T12:00:00Z");
        assert_eq!(first, "2025-10-26T00:30:00Z");
        assert_eq!(next("30 2 * * *", "Europe/Berlin", &first), "2025-10-27T01:30:00Z");
    }

    #[test]
    fn what_never_comes_is_refused() {
        for (expression, zone) in [
            ("0 0 30 2 *", ""),
            ("", ""),
            ("every day", ""),
            ("* * * *", ""),
            ("0 * * * * *", ""),
            ("61 * * * *", ""),
            ("0 8 * * *", "Mars/Olympus"),
        ] {
            let check = Check::Cron { expression: expression.into(), time_zone: zone.into() };
            assert!(next_check(&check, false, 0).is_err(), "{expression} {zone}");
        }
    }

    #[test]
    fn quiet_hours_go_over_midnight() {
        let quiet = |from: &str, to: &str, zone: &str, at: &str| {
            is_quiet(&QuietHours { from: from.into(), to: to.into(), time_zone: zone.into() }, ms(at))
        };
        assert!(quiet("22:00", "07:00", "", "2025-03-05T23:00:00Z"));
        assert!(quiet("22:00", "07:00", "", "2025-03-05T06:59:59Z"));
        assert!(!quiet("22:00", "07:00", "", "2025-03-05T07:00:00Z"));
        assert!(!quiet("22:00", "07:00", "", "2025-03-05T21:59:59Z"));
        assert!(quiet("12:00", "13:00", "Europe/Berlin", "2025-07-05T10:30:00Z"));
        assert!(!quiet("12:00", "13:00", "Europe/Berlin", "2025-07-05T12:30:00Z"));
    }
}
