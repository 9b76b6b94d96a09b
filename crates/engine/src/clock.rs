//! Dates and times as ISO 8601 text, quickly: an answer has thousands of them.

use domain::calendar;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::fmt::Write;

pub(crate) const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

/// A time zone, with the common case told apart.
pub(crate) enum Zone {
    Utc,
    Named(TimeZone),
}

impl Zone {
    /// The zone of that IANA name; UTC for one that does not exist, which the plan has checked.
    pub(crate) fn of(name: &str) -> Self {
        if matches!(name, "" | "UTC" | "Etc/UTC" | "Z") {
            return Self::Utc;
        }
        TimeZone::get(name).map_or(Self::Utc, Self::Named)
    }

    /// Seconds to add to UTC at that moment.
    fn offset(&self, unix_seconds: i64) -> i64 {
        match self {
            Self::Utc => 0,
            Self::Named(zone) => {
                Timestamp::from_second(unix_seconds).map_or(0, |moment| i64::from(zone.to_offset(moment).seconds()))
            }
        }
    }
}

/// Year, month and day of a number of days since 1970-01-01.
pub(crate) fn civil(days: i64) -> (i64, u32, u32) {
    let (year, month, day) = calendar::civil(days);
    (year, month as u32, day as u32)
}

/// Days since 1970-01-01.
pub(crate) fn days(year: i64, month: u32, day: u32) -> i64 {
    calendar::day_of(year, month.into(), day.into())
}

fn two(out: &mut String, n: u32) {
    out.push(char::from(b'0' + (n / 10 % 10) as u8));
    out.push(char::from(b'0' + (n % 10) as u8));
}

fn push_date(out: &mut String, days: i64) {
    let (year, month, day) = civil(days);
    if (0..=9999).contains(&year) {
        two(out, (year / 100) as u32);
        two(out, (year % 100) as u32);
    } else {
        // ISO 8601's expanded form; writing into a String cannot fail.
        let _ = write!(out, "{year:+07}");
    }
    out.push('-');
    two(out, month);
    out.push('-');
    two(out, day);
}

fn push_clock(out: &mut String, second_of_day: i64, micros: i64) {
    two(out, (second_of_day / 3600) as u32);
    out.push(':');
    two(out, (second_of_day / 60 % 60) as u32);
    out.push(':');
    two(out, (second_of_day % 60) as u32);
    if micros != 0 {
        let _ = if micros % 1000 == 0 { write!(out, ".{:03}", micros / 1000) } else { write!(out, ".{micros:06}") };
    }
}

/// `2024-02-29`. The ends of DuckDB's calendar are its infinities.
pub(crate) fn date(days: i32) -> String {
    match days {
        i32::MAX => return "infinity".into(),
        -2_147_483_647 => return "-infinity".into(),
        _ => {}
    }
    let mut out = String::with_capacity(10);
    push_date(&mut out, i64::from(days));
    out
}

/// `2024-02-29T08:30:00Z`, or with the offset of `zone` at that moment.
pub(crate) fn timestamp(micros: i64, zone: &Zone) -> String {
    match micros {
        i64::MAX => return "infinity".into(),
        -9_223_372_036_854_775_807 => return "-infinity".into(),
        _ => {}
    }
    let seconds = micros.div_euclid(MICROS_PER_SECOND);
    let offset = zone.offset(seconds);
    let local = seconds + offset;
    let mut out = String::with_capacity(25);
    push_date(&mut out, local.div_euclid(SECONDS_PER_DAY));
    out.push('T');
    push_clock(&mut out, local.rem_euclid(SECONDS_PER_DAY), micros.rem_euclid(MICROS_PER_SECOND));
    if matches!(zone, Zone::Utc) {
        out.push('Z');
    } else {
        out.push(if offset < 0 { '-' } else { '+' });
        two(&mut out, (offset.abs() / 3600) as u32);
        out.push(':');
        two(&mut out, (offset.abs() / 60 % 60) as u32);
    }
    out
}

/// `08:30:00`, with a fraction only where there is one.
pub(crate) fn time(micros: i64) -> String {
    let mut out = String::with_capacity(8);
    push_clock(&mut out, micros.div_euclid(MICROS_PER_SECOND), micros.rem_euclid(MICROS_PER_SECOND));
    out
}

/// The inverse of [`date`].
pub(crate) fn parse_date(text: &str) -> Option<i64> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut parts = rest.splitn(3, '-');
    let year: i64 = parts.next()?.parse().ok()?;
    let month: u32 = parts.next()?.parse().ok()?;
    let day: u32 = parts.next()?.parse().ok()?;
    let days = days(sign * year, month, day);
    (civil(days) == (sign * year, month, day)).then_some(days)
}

/// Microseconds of `08:30:00.5`.
pub(crate) fn parse_time(text: &str) -> Option<i64> {
    let (clock, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = clock.split(':').map(|p| (p.len() == 2).then(|| p.parse::<i64>().ok()).flatten());
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next().unwrap_or(Some(0))?);
    if parts.next().is_some() || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    if fraction.len() > 9 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let micros: i64 = if fraction.is_empty() { 0 } else { format!("{fraction:0<6}")[..6].parse().ok()? };
    Some((hour * 3600 + minute * 60 + second) * MICROS_PER_SECOND + micros)
}

/// Microseconds since 1970 of an ISO 8601 date with or without a time and an offset; without an
/// offset it is meant in UTC.
pub(crate) fn parse_timestamp(text: &str) -> Option<i64> {
    let text = text.trim();
    let Some((date, rest)) = text.split_once(['T', 't', ' ']) else {
        return parse_date(text)?.checked_mul(SECONDS_PER_DAY * MICROS_PER_SECOND);
    };
    let days = parse_date(date)?;
    let (clock, offset) = match rest.find(['Z', 'z', '+', '-']) {
        None => (rest, 0),
        Some(at) => (&rest[..at], parse_offset(&rest[at..])?),
    };
    let micros = parse_time(clock.trim_end())?;
    days.checked_mul(SECONDS_PER_DAY * MICROS_PER_SECOND)?.checked_add(micros)?.checked_sub(offset * MICROS_PER_SECOND)
}

/// Seconds of `Z`, `+02`, `+0200` or `+02:00`.
fn parse_offset(text: &str) -> Option<i64> {
    if text.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits: String = text[1..].chars().filter(|c| *c != ':').collect();
    let valid = matches!(digits.len(), 2 | 4) && digits.bytes().all(|b| b.is_ascii_digit());
    if !valid {
        return None;
    }
    let hours: i64 = digits[..2].parse().ok()?;
    let minutes: i64 = if digits.len() == 4 { digits[2..].parse().ok()? } else { 0 };
    (hours <= 18 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn civil_and_days_are_inverse_over_all_of_history() {
        for day in (-5_000_000..5_000_000).step_by(37) {
            let (y, m, d) = civil(day);
            assert_eq!(days(y, m, d), day);
        }
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(-1), (1969, 12, 31));
        assert_eq!(date(11_016), "2000-02-29");
    }

    #[test]
    fn years_beyond_four_digits_are_written_in_the_expanded_form() {
        assert_eq!(date(days(10_000, 1, 1) as i32), "+010000-01-01");
        assert_eq!(date(days(0, 2, 29) as i32), "0000-02-29");
        assert_eq!(date(days(-44, 3, 15) as i32), "-000044-03-15");
        for text in ["+010000-01-01", "0000-02-29", "-000044-03-15", "2024-02-29"] {
            assert_eq!(parse_date(text).map(|d| date(d as i32)).as_deref(), Some(text));
        }
        assert_eq!(parse_date("2023-02-29"), None);
        assert_eq!(date(i32::MAX), "infinity");
    }

    #[test]
    fn timestamps_carry_the_offset_of_their_zone() {
        let summer = parse_timestamp("2024-07-01T12:00:00Z").unwrap();
        let winter = parse_timestamp("2024-01-01T12:00:00.5Z").unwrap();
        assert_eq!(timestamp(summer, &Zone::Utc), "2024-07-01T12:00:00Z");
        let berlin = Zone::of("Europe/Berlin");
        assert_eq!(timestamp(summer, &berlin), "2024-07-01T14:00:00+02:00");
        assert_eq!(timestamp(winter, &berlin), "2024-01-01T13:00:00.500+01:00");
        assert_eq!(timestamp(winter, &Zone::of("America/St_Johns")), "2024-01-01T08:30:00.500-03:30");
        assert_eq!(parse_timestamp("2024-07-01 14:00+02:00"), Some(summer));
        assert_eq!(parse_timestamp("2024-07-01T14:00:00+0200"), Some(summer));
        for bad in ["2024-07-01T25:00:00Z", "yesterday", "2024-07-01T12:00:00+99:00", "2024-07-01T1:00"] {
            assert_eq!(parse_timestamp(bad), None, "{bad}");
        }
        assert_eq!(time(parse_time("08:30:00.25").unwrap()), "08:30:00.250");
    }
}
