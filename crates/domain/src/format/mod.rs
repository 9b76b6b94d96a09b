//! How numbers and times are written for people. The same text on server and browser.

mod digits;
mod locale;
mod number;
mod time;

pub use locale::preferred_locale;
pub use number::number;
pub use time::{Moment, time};

use crate::column::Role;
use crate::table::{Cell, Field};
use serde::{Deserialize, Deserializer, Serialize};

/// What stands where there is no value.
pub const NOTHING: &str = "—";

/// The family of a number format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Style {
    #[default]
    Number,
    /// 0.25 is shown as 25 %.
    Percent,
    Currency,
    /// Seconds, shown as `1 h 5 min`.
    Duration,
    Bytes,
    Scientific,
}

/// How a number is written. On the wire a bare word (`"percent"`) is its style.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Format {
    pub style: Style,
    /// Digits after the point. Default: as many as the size calls for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u8>,
    /// 1.2 K rather than 1,234. Default: the place decides (tiles yes, tables no).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compact: Option<bool>,
    /// ISO 4217 code, with style `currency`. Default USD.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub suffix: String,
}

impl<'de> Deserialize<'de> for Format {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Wire {
            Word(Style),
            Full {
                #[serde(default)]
                style: Style,
                #[serde(default)]
                decimals: Option<u8>,
                #[serde(default)]
                compact: Option<bool>,
                #[serde(default)]
                currency: Option<String>,
                #[serde(default)]
                prefix: String,
                #[serde(default)]
                suffix: String,
            },
        }
        Ok(match Wire::deserialize(d)? {
            Wire::Word(style) => Self { style, ..Self::default() },
            Wire::Full { style, decimals, compact, currency, prefix, suffix } => {
                Self { style, decimals: decimals.map(|d| d.min(12)), compact, currency, prefix, suffix }
            }
        })
    }
}

/// Writes one value of an answer's column.
pub fn cell(cell: &Cell, field: &Field, compact_default: bool, locale: &str) -> String {
    if field.ty.is_time() || field.grain.is_some() {
        return if cell.is_null() { NOTHING.to_owned() } else { time(&cell.to_text(), field.grain, locale) };
    }
    let plain = Format::default();
    let format = field.format.as_ref().unwrap_or(&plain);
    match cell {
        Cell::Null => NOTHING.to_owned(),
        // A whole number one groups by is a name (a year, a house number), and names have no separators.
        Cell::Int(i) if field.role == Role::Dimension && field.format.is_none() => i.to_string(),
        Cell::Int(i) => number::number_text(&i.to_string(), format, compact_default, locale),
        Cell::Float(f) => number(*f, format, compact_default, locale),
        // Decimals and large integers come as text.
        Cell::Text(text) if field.ty.is_number() => number::number_text(text, format, compact_default, locale),
        Cell::Bool(_) | Cell::Text(_) => cell.to_text(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::DataType;
    use crate::query::Grain;

    fn field(ty: DataType, role: Role) -> Field {
        Field { name: "x".into(), label: "X".into(), ty, role, format: None, grain: None }
    }

    #[test]
    fn a_cell_is_written_by_its_column() {
        let us = |c: Cell, f: &Field| cell(&c, f, false, "en-US");
        let measure = field(DataType::Integer, Role::Measure);
        assert_eq!(us(Cell::Null, &measure), "—");
        assert_eq!(us(Cell::Int(1_234_567), &measure), "1,234,567");
        assert_eq!(us(Cell::Int(-9_007_199_254_740_993), &measure), "−9,007,199,254,740,993");
        assert_eq!(us(Cell::Float(f64::NAN), &measure), "—");
        assert_eq!(
            us("12345678901234567890".into(), &field(DataType::Decimal, Role::Measure)),
            "12,345,678,901,234,567,890"
        );
        assert_eq!(us(Cell::Int(2013), &field(DataType::Integer, Role::Dimension)), "2013");
        assert_eq!(us("1234".into(), &field(DataType::Text, Role::Dimension)), "1234");
        assert_eq!(us(Cell::Bool(true), &field(DataType::Boolean, Role::Dimension)), "true");
    }

    #[test]
    fn times_follow_their_grain() {
        let mut month = field(DataType::Date, Role::Time);
        month.grain = Some(Grain::Month);
        assert_eq!(cell(&"2024-03-01".into(), &month, false, "en-US"), "Mar 2024");
        assert_eq!(cell(&Cell::Null, &month, false, "en-US"), "—");
        let mut weekday = field(DataType::Integer, Role::Time);
        weekday.grain = Some(Grain::DayOfWeek);
        assert_eq!(cell(&Cell::Int(1), &weekday, false, "en-US"), "Mon");
    }
}
