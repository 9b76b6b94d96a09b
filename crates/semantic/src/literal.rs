//! A filter value as SQL: checked against the column's type and printed by us.

use crate::sql;
use crate::zone::{Zone, timestamp};
use domain::{DataType, Error, ErrorCode, Result};
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde_json::Value;

/// A value to compare with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Literal {
    /// One value.
    One(String),
    /// A day, compared with timestamps: all of it, `[from, to)`.
    Day(String, String),
}

/// The literal for `value` where a value of type `ty` is expected. `what` names the column in errors.
pub(crate) fn literal(value: &Value, ty: DataType, zone: &Zone, what: &str) -> Result<Literal> {
    let one = match ty {
        DataType::Boolean => value.as_bool().map(|b| if b { "TRUE" } else { "FALSE" }.to_owned()),
        DataType::Integer | DataType::Float | DataType::Decimal => number(value, ty),
        DataType::Text => match value.as_str() {
            Some(t) => Some(sql::text(t)?),
            None => None,
        },
        DataType::Date => value.as_str().and_then(|t| date(t, zone)).map(date_literal),
        DataType::Time => value.as_str().and_then(|t| t.parse::<Time>().ok()).map(time_literal),
        DataType::Timestamp => return moment(value, zone).ok_or_else(|| misfit(value, ty, what)),
        DataType::Other => None,
    };
    one.map(Literal::One).ok_or_else(|| misfit(value, ty, what))
}

/// What a column holds, and how such a value is written.
fn misfit(value: &Value, ty: DataType, what: &str) -> Error {
    let (holds, hint) = match ty {
        DataType::Boolean => ("true or false", "Use true or false, without quotes."),
        DataType::Integer | DataType::Float | DataType::Decimal => ("numbers", "Use a number, such as 42 or 1.5."),
        DataType::Text => ("text", "Put the value in quotes."),
        DataType::Date => ("dates", "Write a date as 2024-01-31."),
        DataType::Time => ("times of day", "Write a time as 13:45:00."),
        DataType::Timestamp => {
            ("timestamps", "Write a timestamp as 2024-01-31T13:45:00Z, or a whole day as 2024-01-31.")
        }
        DataType::Other => ("values that cannot be compared", "Use is_null or is_not_null."),
    };
    let shown: String = value.to_string().chars().take(60).collect();
    Error::new(ErrorCode::InvalidQuery, format!("`{what}` holds {holds}, so {shown} does not fit.")).hint(hint)
}

/// A number: a JSON number, or decimal text for those that JSON cannot hold exactly.
fn number(value: &Value, ty: DataType) -> Option<String> {
    if let Some(text) = value.as_str() {
        return decimal_text(text, ty);
    }
    let number = value.as_number()?;
    if number.is_i64() || number.is_u64() {
        return Some(number.to_string());
    }
    let value = number.as_f64().filter(|v| v.is_finite())?;
    // A fraction beside integers is compared as a double: their common decimal type may not exist.
    Some(if ty == DataType::Integer && value.fract() != 0.0 { sql::double(value) } else { sql::number(value) })
}

/// `-12.50`: digits, at most as many as a decimal has.
fn decimal_text(text: &str, ty: DataType) -> Option<String> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    if !plain(whole) || !plain(fraction) || digits.len() > 39 {
        return None;
    }
    if ty == DataType::Integer && digits.contains('.') {
        return text.parse().ok().map(sql::double);
    }
    Some(text.to_owned())
}

/// The day of a date or, where it is midnight, of a timestamp.
fn date(text: &str, zone: &Zone) -> Option<Date> {
    let date = if is_day(text) {
        text.parse().ok()?
    } else {
        let at = instant(text, zone)?;
        Some(at.date()).filter(|_| at.time() == Time::midnight())?
    };
    Some(date).filter(|d| d.year() >= 1)
}

/// An instant, or a whole day of the zone.
fn moment(value: &Value, zone: &Zone) -> Option<Literal> {
    let text = value.as_str()?;
    if is_day(text) {
        let day = date(text, zone)?;
        let from = day.to_zoned(zone.tz().clone()).ok()?;
        let to = day.tomorrow().ok()?.to_zoned(zone.tz().clone()).ok()?;
        return Some(Literal::Day(instant_literal(from.timestamp())?, instant_literal(to.timestamp())?));
    }
    instant_literal(instant(text, zone)?.timestamp()).map(Literal::One)
}

/// The stretch that a value is: a day of the zone, or a moment without length.
pub(crate) fn ends(value: &Value, zone: &Zone) -> Option<(Zoned, Zoned)> {
    let text = value.as_str()?;
    if !is_day(text) {
        let at = instant(text, zone)?;
        return Some((at.clone(), at));
    }
    let day = date(text, zone)?;
    Some((day.to_zoned(zone.tz().clone()).ok()?, day.tomorrow().ok()?.to_zoned(zone.tz().clone()).ok()?))
}

/// `2024-01-31`, and nothing that has a time in it.
fn is_day(text: &str) -> bool {
    text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-')
}

/// A timestamp with an offset, or else in the zone.
pub(crate) fn instant(text: &str, zone: &Zone) -> Option<Zoned> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at.to_zoned(zone.tz().clone()));
    }
    text.parse::<DateTime>().ok()?.to_zoned(zone.tz().clone()).ok()
}

/// A stored latest value: dates are days of the zone, timestamps without an offset are UTC.
pub(crate) fn latest(text: &str, zone: &Zone) -> Option<Zoned> {
    if is_day(text) {
        return text.parse::<Date>().ok()?.to_zoned(zone.tz().clone()).ok();
    }
    let utc = || Some(text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp());
    Some(text.parse::<Timestamp>().ok().or_else(utc)?.to_zoned(zone.tz().clone()))
}

pub(crate) fn date_literal(date: Date) -> String {
    sql::moment("DATE", &date.strftime("%Y-%m-%d").to_string())
}

fn time_literal(time: Time) -> String {
    sql::moment("TIME", &time.strftime("%H:%M:%S%.f").to_string())
}

fn instant_literal(at: Timestamp) -> Option<String> {
    (TimeZone::UTC.to_datetime(at).year() >= 1).then(|| timestamp(at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn print(value: Value, ty: DataType) -> Option<String> {
        let zone = Zone::parse(Some("Europe/Berlin")).unwrap();
        match literal(&value, ty, &zone, "c").ok()? {
            Literal::One(one) => Some(one),
            Literal::Day(from, to) => Some(format!("{from}..{to}")),
        }
    }

    #[test]
    fn each_type_takes_its_own_values() {
        for (value, ty, expected) in [
            (json!(true), DataType::Boolean, Some("TRUE")),
            (json!("true"), DataType::Boolean, None),
            (json!(5), DataType::Integer, Some("5")),
            (json!(-5), DataType::Float, Some("-5")),
            (json!(1.5), DataType::Integer, Some("1.5e0")),
            (json!(1.5), DataType::Decimal, Some("1.5")),
            (json!(1e300), DataType::Float, Some("1e300")),
            (json!(18_446_744_073_709_551_615_u64), DataType::Integer, Some("18446744073709551615")),
            (json!("9007199254740993"), DataType::Integer, Some("9007199254740993")),
            (json!("-12.50"), DataType::Decimal, Some("-12.50")),
            (json!("1e5"), DataType::Decimal, None),
            (json!("1; DROP"), DataType::Integer, None),
            (json!("."), DataType::Decimal, None),
            (json!(""), DataType::Integer, None),
            (json!("O'Hare"), DataType::Text, Some("'O''Hare'")),
            (json!(5), DataType::Text, None),
            (json!("2024-01-31"), DataType::Date, Some("DATE '2024-01-31'")),
            (json!("2024-02-30"), DataType::Date, None),
            (json!("2024-01-31T00:00:00"), DataType::Date, Some("DATE '2024-01-31'")),
            (json!("2024-01-31T12:00:00"), DataType::Date, None),
            (json!("0000-01-31"), DataType::Date, None),
            (json!("13:45"), DataType::Time, Some("TIME '13:45:00'")),
            (json!("25:00"), DataType::Time, None),
            (json!("2024-01-31T13:45:00Z"), DataType::Timestamp, Some("TIMESTAMP '2024-01-31 13:45:00'")),
            (json!("2024-07-31T13:45:00"), DataType::Timestamp, Some("TIMESTAMP '2024-07-31 11:45:00'")),
            (json!("2024-07-31T13:45:00.5-04:00"), DataType::Timestamp, Some("TIMESTAMP '2024-07-31 17:45:00.500000'")),
            (
                json!("2024-03-31"),
                DataType::Timestamp,
                Some("TIMESTAMP '2024-03-30 23:00:00'..TIMESTAMP '2024-03-31 22:00:00'"),
            ),
            (json!("yesterday"), DataType::Timestamp, None),
            (json!(1), DataType::Other, None),
            (json!({"a": 1}), DataType::Text, None),
        ] {
            assert_eq!(print(value.clone(), ty).as_deref(), expected, "{value} as {ty:?}");
        }
    }

    proptest! {
        #[test]
        fn a_value_prints_or_is_refused(value in ".{0,40}") {
            for ty in DataType::CHOICES {
                let Some(sql) = print(json!(value), *ty) else { continue };
                if *ty != DataType::Text {
                    prop_assert!(sql.matches('\'').count().is_multiple_of(2) && !sql.contains(';'), "{}", sql);
                }
            }
        }
    }
}
