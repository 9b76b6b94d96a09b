//! Values as PostgreSQL sends them, in its binary form.

use crate::clock::{self, Zone};
use crate::{convert, fault};
use domain::{Cell, DataType, Result};
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, Type};

/// Days and microseconds from 1970 to 2000, from where PostgreSQL counts.
const DAYS: i64 = 10_957;
const MICROS: i64 = DAYS * 86_400 * clock::MICROS_PER_SECOND;

/// The bytes of a value, whatever its type.
struct Raw<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> std::result::Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// The cell at a place of a row; `wanted` is the type that its column should have.
pub(super) fn cell(row: &Row, at: usize, wanted: Option<DataType>, zone: &Zone) -> Result<Cell> {
    let raw: Option<Raw<'_>> = row.try_get(at).map_err(|e| fault::internal("a value", &e))?;
    let Some(Raw(raw)) = raw else { return Ok(Cell::Null) };
    let ty = row.columns().get(at).map_or(&Type::TEXT, |c| c.type_());
    read(raw, ty, wanted, zone).ok_or_else(|| fault::internal("a value", &format!("of type {ty}")))
}

fn read(raw: &[u8], ty: &Type, wanted: Option<DataType>, zone: &Zone) -> Option<Cell> {
    let is_whole = wanted == Some(DataType::Integer);
    let long = || Some(i64::from_be_bytes(raw.try_into().ok()?));
    Some(match *ty {
        Type::BOOL => Cell::Bool(*raw.first()? != 0),
        Type::INT2 => Cell::Int(i64::from(i16::from_be_bytes(raw.try_into().ok()?))),
        Type::INT4 => Cell::Int(i64::from(i32::from_be_bytes(raw.try_into().ok()?))),
        Type::OID => Cell::Int(i64::from(u32::from_be_bytes(raw.try_into().ok()?))),
        Type::INT8 => convert::integer(i128::from(long()?)),
        Type::FLOAT4 => convert::single(f32::from_be_bytes(raw.try_into().ok()?)),
        Type::FLOAT8 => {
            let value = f64::from_be_bytes(raw.try_into().ok()?);
            // A whole number that was rounded by the database.
            if is_whole && value.is_finite() && value.abs() < 9e18 {
                convert::integer(value as i128)
            } else {
                convert::double(value)
            }
        }
        Type::NUMERIC => numeric(raw, wanted)?,
        Type::DATE => {
            let days = i32::from_be_bytes(raw.try_into().ok()?);
            Cell::Text(match days {
                i32::MAX => "infinity".to_owned(),
                i32::MIN => "-infinity".to_owned(),
                _ => clock::date(i32::try_from(i64::from(days) + DAYS).ok()?),
            })
        }
        Type::TIME => Cell::Text(clock::time(long()?)),
        Type::TIMESTAMP | Type::TIMESTAMPTZ => {
            let micros = long()?;
            Cell::Text(match micros {
                i64::MAX => "infinity".to_owned(),
                i64::MIN => "-infinity".to_owned(),
                _ => clock::timestamp(micros.checked_add(MICROS)?, zone),
            })
        }
        Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::UNKNOWN => {
            Cell::Text(std::str::from_utf8(raw).ok()?.to_owned())
        }
        Type::VOID => Cell::Null,
        _ => return None,
    })
}

/// A number of any length: groups of four digits, the place of the first, a sign, and how many digits
/// after the point are shown.
fn numeric(raw: &[u8], wanted: Option<DataType>) -> Option<Cell> {
    let word = |at: usize| Some(u16::from_be_bytes(raw.get(at * 2..at * 2 + 2)?.try_into().ok()?));
    let (count, weight) = (usize::from(word(0)?), i32::from(word(1)? as i16));
    let (sign, scale) = (word(2)?, usize::from(word(3)?));
    let is_negative = match sign {
        0x0000 => false,
        0x4000 => true,
        // NaN and the infinities.
        _ => return Some(Cell::Null),
    };
    let mut whole = String::new();
    let mut fraction = String::new();
    for at in 0..count {
        let digits = format!("{:04}", word(4 + at)?);
        let place = weight - i32::try_from(at).ok()?;
        if place >= 0 {
            whole.push_str(&digits);
        } else {
            if fraction.is_empty() {
                // Groups of zeros right after the point are not sent.
                fraction.push_str(&"0000".repeat(usize::try_from(-1 - place).ok()?));
            }
            fraction.push_str(&digits);
        }
    }
    let sent = i32::try_from(count).ok()?;
    whole.push_str(&"0000".repeat(usize::try_from((weight + 1 - sent).max(0)).ok()?));
    let whole = whole.trim_start_matches('0');
    fraction.truncate(scale);
    while fraction.len() < scale {
        fraction.push('0');
    }
    let sign = if is_negative { "-" } else { "" };
    let text = || {
        let whole = if whole.is_empty() { "0" } else { whole };
        if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
    };
    if wanted == Some(DataType::Float) {
        return Some(convert::double(text().parse().ok()?));
    }
    let unscaled = format!("{sign}0{whole}{fraction}").parse::<i128>();
    Some(match unscaled {
        Ok(unscaled) if fraction.is_empty() => convert::integer(unscaled),
        Ok(unscaled) => {
            i8::try_from(scale).map_or_else(|_| Cell::Text(text()), |scale| convert::decimal(unscaled, scale))
        }
        Err(_) => Cell::Text(text()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(words: &[u16]) -> Cell {
        let raw: Vec<u8> = words.iter().flat_map(|w| w.to_be_bytes()).collect();
        numeric(&raw, None).unwrap()
    }

    #[test]
    fn numbers_of_any_length() {
        assert_eq!(number(&[0, 0, 0, 0]), Cell::Int(0));
        assert_eq!(number(&[0, 0, 0, 2]), Cell::Float(0.0));
        assert_eq!(number(&[2, 0, 0, 2, 12, 3400]), Cell::Float(12.34));
        assert_eq!(number(&[1, 0xffff, 0x4000, 4, 5]), Cell::Float(-0.0005));
        assert_eq!(number(&[1, 0xfffe, 0, 8, 5]), Cell::Float(0.000_000_05));
        assert_eq!(number(&[1, 2, 0, 0, 7]), Cell::Int(700_000_000));
        assert_eq!(number(&[0, 0, 0xC000, 0]), Cell::Null);
        assert_eq!(number(&[5, 4, 0, 0, 1, 8446, 7440, 7370, 9551]), Cell::from("18446744073709551"));
        let long = number(&[11, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(long, Cell::from("10000000000000000000000000000000000000001"));
    }
}
