//! What rows are grouped by.

use super::rows::{Known, Rows};
use super::time::{Calendar, DAY};
use super::value::Value;
use domain::DataType;
use domain::query::{Bin, Dimension, Grain};

pub enum Key {
    Plain(Known),
    Grain(Known, Grain),
    Width(Known, f64),
    /// So many bins between the least and the greatest value of the rows.
    Count(Known, u32, f64, f64),
}

impl Key {
    pub fn new(dimension: &Dimension, rows: &Rows<'_>) -> Self {
        let column = rows.find(&dimension.column).clone();
        match (dimension.grain, dimension.bin) {
            (Some(grain), _) => Self::Grain(column, grain),
            (_, Some(Bin::Width(width))) => Self::Width(column, width),
            (_, Some(Bin::Count(bins))) => {
                let numbers = (0..rows.len()).filter_map(|row| rows.value(&column, row).number());
                let finite: Vec<f64> = numbers.filter(|n| n.is_finite()).collect();
                let lo = finite.iter().copied().fold(f64::INFINITY, f64::min);
                let hi = finite.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                Self::Count(column, bins, lo, hi)
            }
            _ => Self::Plain(column),
        }
    }

    pub fn column(&self) -> &Known {
        match self {
            Self::Plain(c) | Self::Grain(c, _) | Self::Width(c, _) | Self::Count(c, ..) => c,
        }
    }

    /// Whether its values are moments.
    pub fn is_time(&self) -> bool {
        match self {
            Self::Grain(_, grain) => !grain.is_folded(),
            Self::Plain(column) => column.ty.is_time(),
            _ => false,
        }
    }

    /// Whether its values follow one another.
    pub fn has_order(&self) -> bool {
        !matches!(self, Self::Plain(column) if !column.ty.is_time())
    }

    /// The group of a row.
    pub fn of(&self, rows: &Rows<'_>, row: usize, calendar: &Calendar) -> Value {
        let value = rows.value(self.column(), row);
        match self {
            Self::Plain(_) => value,
            Self::Grain(_, grain) => match value {
                Value::Date(day) if grain.is_folded() => Value::Int(Calendar::folded(*grain, day * DAY).into()),
                Value::Date(day) => Value::Date(calendar.first_day(*grain, day)),
                Value::Instant(at) if grain.is_folded() => {
                    Value::Int(Calendar::folded(*grain, calendar.local(at)).into())
                }
                Value::Instant(at) => Value::Instant(calendar.start(*grain, at)),
                other => other,
            },
            Self::Width(_, width) => match value {
                Value::Int(n) if width.fract() == 0.0 => Value::Int(n - n.rem_euclid(*width as i128)),
                // Rounded, so that 0.3 lies in the bin at 0.3 and not just below it.
                other => other.number().map_or(Value::Null, |n| {
                    let bin = ((n / width * 1e9).round() / 1e9).floor() * width;
                    Value::Float((bin * 1e6).round() / 1e6)
                }),
            },
            // Without a number there are no bins, whatever another stretch of time has.
            Self::Count(_, bins, lo, hi) => match value.number().filter(|n| n.is_finite() && lo <= hi) {
                None => Value::Null,
                Some(n) if matches!(value, Value::Int(_)) => {
                    let step = ((hi - lo + 1.0) / f64::from(*bins)).ceil().max(1.0);
                    Value::Float(lo + ((n - lo) / step).floor() * step)
                }
                Some(n) => {
                    let step = (hi - lo) / f64::from(*bins);
                    let bin = if n >= *hi { f64::from(bins - 1) } else { ((n - lo) / step).floor() };
                    Value::Float(lo + bin * step)
                }
            },
        }
    }
}

/// The type of what a dimension shows.
pub fn shown_type(dimension: &Dimension, rows: &Rows<'_>) -> DataType {
    match (dimension.grain, dimension.bin) {
        (Some(grain), _) if grain.is_folded() => DataType::Integer,
        (_, Some(_)) => DataType::Float,
        _ => rows.find(&dimension.column).ty,
    }
}
