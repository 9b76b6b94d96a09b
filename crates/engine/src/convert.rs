//! From DuckDB's Arrow batches to cells. The common types have a path of their own: an answer of
//! a thousand rows must cost microseconds.

use crate::clock::{self, Zone};
use crate::fault;
use domain::{Cell, Result};
use duckdb::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, PrimitiveArray, StringArrayType, StructArray};
use duckdb::arrow::datatypes::{
    ArrowPrimitiveType, DataType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, Time64MicrosecondType, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use duckdb::arrow::util::display::{ArrayFormatter, FormatOptions};

/// Integers up to here are exact in every reader's number type.
const EXACT: u64 = 1 << 53;

/// Appends the first `rows` rows of a batch to `columns`; answers how many bytes that took.
pub(crate) fn append(batch: &StructArray, rows: usize, columns: &mut [Vec<Cell>], zone: &Zone) -> Result<usize> {
    let mut bytes = 0;
    for (array, column) in batch.columns().iter().zip(columns) {
        let before = column.len();
        let array = if rows < array.len() { array.slice(0, rows) } else { array.clone() };
        append_array(&array, column, zone)?;
        bytes += column[before..].iter().map(weight).sum::<usize>();
    }
    Ok(bytes)
}

/// One value.
pub(crate) fn cell(array: &ArrayRef, row: usize, zone: &Zone) -> Cell {
    let mut out = Vec::with_capacity(1);
    if append_array(&array.slice(row, 1), &mut out, zone).is_err() {
        return Cell::Null;
    }
    out.pop().unwrap_or_default()
}

/// The memory a cell takes.
pub(crate) fn weight(cell: &Cell) -> usize {
    size_of::<Cell>()
        + match cell {
            Cell::Text(text) => text.capacity(),
            _ => 0,
        }
}

fn append_array(array: &ArrayRef, out: &mut Vec<Cell>, zone: &Zone) -> Result<()> {
    use DataType as T;
    match array.data_type() {
        T::Null => out.resize(out.len() + array.len(), Cell::Null),
        T::Boolean => booleans(array.as_boolean(), out),
        T::Int8 => numbers::<Int8Type>(array, out, |v| Cell::Int(i64::from(v))),
        T::Int16 => numbers::<Int16Type>(array, out, |v| Cell::Int(i64::from(v))),
        T::Int32 => numbers::<Int32Type>(array, out, |v| Cell::Int(i64::from(v))),
        T::Int64 => numbers::<Int64Type>(array, out, |v| integer(i128::from(v))),
        T::UInt8 => numbers::<UInt8Type>(array, out, |v| Cell::Int(i64::from(v))),
        T::UInt16 => numbers::<UInt16Type>(array, out, |v| Cell::Int(i64::from(v))),
        T::UInt32 => numbers::<UInt32Type>(array, out, |v| Cell::Int(i64::from(v))),
        T::UInt64 => numbers::<UInt64Type>(array, out, |v| integer(i128::from(v))),
        T::Float32 => numbers::<Float32Type>(array, out, single),
        T::Float64 => numbers::<Float64Type>(array, out, double),
        T::Decimal128(_, scale) => {
            let scale = *scale;
            numbers::<Decimal128Type>(array, out, |v| decimal(v, scale));
        }
        T::Utf8 => texts(array.as_string::<i32>(), out),
        T::LargeUtf8 => texts(array.as_string::<i64>(), out),
        T::Utf8View => texts(array.as_string_view(), out),
        T::Date32 => numbers::<Date32Type>(array, out, |v| Cell::Text(clock::date(v))),
        T::Time64(TimeUnit::Microsecond) => {
            numbers::<Time64MicrosecondType>(array, out, |v| Cell::Text(clock::time(v)));
        }
        T::Timestamp(unit, _) => timestamps(array, *unit, out, zone),
        _ => others(array, out)?,
    }
    Ok(())
}

fn numbers<T: ArrowPrimitiveType>(array: &ArrayRef, out: &mut Vec<Cell>, cell: impl Fn(T::Native) -> Cell) {
    let array: &PrimitiveArray<T> = array.as_primitive();
    if array.null_count() == 0 {
        out.extend(array.values().iter().map(|v| cell(*v)));
    } else {
        out.extend(array.iter().map(|v| v.map_or(Cell::Null, &cell)));
    }
}

fn booleans(array: &BooleanArray, out: &mut Vec<Cell>) {
    out.extend(array.iter().map(|v| v.map_or(Cell::Null, Cell::Bool)));
}

fn texts<'a>(array: impl StringArrayType<'a>, out: &mut Vec<Cell>) {
    out.extend(array.iter().map(|v| v.map_or(Cell::Null, |t| Cell::Text(t.to_owned()))));
}

fn timestamps(array: &ArrayRef, unit: TimeUnit, out: &mut Vec<Cell>, zone: &Zone) {
    let cell = |micros: i64| Cell::Text(clock::timestamp(micros, zone));
    let scaled = |v: i64, by: i64| cell(v.saturating_mul(by));
    match unit {
        TimeUnit::Second => numbers::<TimestampSecondType>(array, out, |v| scaled(v, 1_000_000)),
        TimeUnit::Millisecond => numbers::<TimestampMillisecondType>(array, out, |v| scaled(v, 1_000)),
        TimeUnit::Microsecond => numbers::<TimestampMicrosecondType>(array, out, cell),
        TimeUnit::Nanosecond => numbers::<TimestampNanosecondType>(array, out, |v| cell(v.div_euclid(1_000))),
    }
}

/// Nested values and intervals: segments hold none, so this is for what a computation yields.
fn others(array: &ArrayRef, out: &mut Vec<Cell>) -> Result<()> {
    let options = FormatOptions::default();
    let formatter = ArrayFormatter::try_new(array, &options).map_err(|e| fault::internal("unknown type", &e))?;
    for row in 0..array.len() {
        out.push(if array.is_null(row) { Cell::Null } else { Cell::Text(formatter.value(row).to_string()) });
    }
    Ok(())
}

/// An integer: text beyond 2^53.
pub(crate) fn integer(value: i128) -> Cell {
    match i64::try_from(value) {
        Ok(small) if small.unsigned_abs() <= EXACT => Cell::Int(small),
        _ => Cell::Text(value.to_string()),
    }
}

pub(crate) fn double(value: f64) -> Cell {
    if value.is_finite() { Cell::Float(value) } else { Cell::Null }
}

/// The double that is written with the same digits: 0.1 stays 0.1.
pub(crate) fn single(value: f32) -> Cell {
    if !value.is_finite() {
        return Cell::Null;
    }
    if f64::from(value).fract() == 0.0 {
        return Cell::Float(f64::from(value));
    }
    Cell::Float(value.to_string().parse().unwrap_or(f64::from(value)))
}

/// A decimal: a number where a double is exact enough to be written with the same digits.
pub(crate) fn decimal(unscaled: i128, scale: i8) -> Cell {
    if scale <= 0 {
        let shift = 10_i128.checked_pow(u32::from(scale.unsigned_abs()));
        return match shift.and_then(|s| unscaled.checked_mul(s)) {
            Some(whole) => integer(whole),
            None => Cell::Text(format!("{unscaled}{:0>1$}", "", usize::from(scale.unsigned_abs()))),
        };
    }
    // Up to 15 digits every decimal has a double of its own, and 10^22 is the last exact power.
    if unscaled.unsigned_abs() < 1_000_000_000_000_000 && scale <= 22 {
        return Cell::Float(unscaled as f64 / 10_f64.powi(i32::from(scale)));
    }
    let text = decimal_text(unscaled, scale.unsigned_abs());
    if unscaled.unsigned_abs() < u128::from(EXACT)
        && let Ok(number) = text.parse::<f64>()
        && number.to_string() == text.trim_end_matches('0').trim_end_matches('.')
    {
        return Cell::Float(number);
    }
    Cell::Text(text)
}

fn decimal_text(unscaled: i128, scale: u8) -> String {
    let digits = format!("{:0>1$}", unscaled.unsigned_abs(), usize::from(scale) + 1);
    let (whole, fraction) = digits.split_at(digits.len() - usize::from(scale));
    let sign = if unscaled < 0 { "-" } else { "" };
    format!("{sign}{whole}.{fraction}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_numbers_up_to_two_to_the_53() {
        assert_eq!(integer(9_007_199_254_740_992), Cell::Int(9_007_199_254_740_992));
        assert_eq!(integer(9_007_199_254_740_993), Cell::from("9007199254740993"));
        assert_eq!(integer(-9_007_199_254_740_993), Cell::from("-9007199254740993"));
        assert_eq!(integer(i128::from(u64::MAX)), Cell::from("18446744073709551615"));
    }

    #[test]
    fn decimals_are_numbers_only_while_exact() {
        assert_eq!(decimal(1234, 2), Cell::Float(12.34));
        assert_eq!(decimal(-5, 3), Cell::Float(-0.005));
        assert_eq!(decimal(7, 0), Cell::Int(7));
        assert_eq!(decimal(1_200, 2), Cell::Float(12.0));
        assert_eq!(decimal(9_007_199_254_740_991, 2), Cell::from("90071992547409.91"));
        assert_eq!(decimal(4_503_599_627_370_497, 1), Cell::Float(450_359_962_737_049.7));
        assert_eq!(decimal(100_000_000_000_000_000_000, 2), Cell::from("1000000000000000000.00"));
        assert_eq!(decimal(-1, 30), Cell::Float(-1e-30));
        assert_eq!(decimal(-i128::pow(10, 20), 30), Cell::from("-0.000000000100000000000000000000"));
    }

    #[test]
    fn every_decimal_that_is_a_number_prints_back() {
        for i in 0..20_000_i128 {
            let unscaled = i * 450_359_962_737 + i;
            if let Cell::Float(number) = decimal(unscaled, 2) {
                let text = decimal_text(unscaled, 2);
                assert_eq!(number, text.parse::<f64>().unwrap());
                assert_eq!(number.to_string(), text.trim_end_matches('0').trim_end_matches('.'));
            }
        }
    }

    #[test]
    fn singles_keep_their_digits() {
        assert_eq!(single(0.1), Cell::Float(0.1));
        assert_eq!(single(f32::NAN), Cell::Null);
        assert_eq!(double(f64::INFINITY), Cell::Null);
        assert_eq!(single(3.0e30), Cell::Float(f64::from(3.0e30_f32)));
    }
}
