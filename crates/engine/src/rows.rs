//! JSON rows as one Arrow batch. Each column gets the narrowest type that holds its values, so
//! that a small segment never widens the type of a large one it is read together with.

use crate::clock;
use crate::fault;
use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int8Array, Int16Array, Int32Array, Int64Array,
    StringArray, Time64MicrosecondArray, TimestampMicrosecondArray, UInt64Array,
};
use arrow::datatypes::{Field, Schema};
use arrow::record_batch::RecordBatch;
use domain::{Column, DataType, Error, ErrorCode, Result, names};
use semantic::sql::ident;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::Arc;

type Row = Map<String, Value>;

/// The statement that makes the table, and its rows.
pub(crate) fn batch(columns: &[Column], rows: &[Row]) -> Result<(String, RecordBatch)> {
    check_keys(columns, rows)?;
    let mut declared = Vec::with_capacity(columns.len());
    let mut fields = Vec::with_capacity(columns.len());
    let mut arrays = Vec::with_capacity(columns.len());
    for column in columns {
        let (duck, array) = read(column, rows)?;
        declared.push(format!("{} {duck}", ident(&column.name)));
        fields.push(Field::new(&column.name, array.data_type().clone(), true));
        arrays.push(array);
    }
    let create = format!("CREATE TABLE draft.main.data ({})", declared.join(", "));
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays);
    Ok((create, batch.map_err(|e| fault::internal("rows as Arrow", &e))?))
}

fn check_keys(columns: &[Column], rows: &[Row]) -> Result<()> {
    let known: HashMap<&str, ()> = columns.iter().map(|c| (c.name.as_str(), ())).collect();
    for (at, row) in rows.iter().enumerate() {
        if let Some(key) = row.keys().find(|k| !known.contains_key(k.as_str())) {
            let near = names::nearest(key, columns.iter().map(|c| c.name.as_str()));
            let error = Error::new(ErrorCode::UnknownColumn, format!("Row {}: there is no column \"{key}\".", at + 1))
                .field(format!("[{at}].{key}"));
            return Err(match near {
                Some(near) => error.hint(format!("Did you mean \"{near}\"?")),
                None => error,
            });
        }
    }
    Ok(())
}

/// The type and the values of one column.
fn read(column: &Column, rows: &[Row]) -> Result<(String, ArrayRef)> {
    let plain = |duck: &str, array: ArrayRef| Ok((duck.to_owned(), array));
    match column.ty {
        DataType::Boolean => {
            plain("BOOLEAN", Arc::new(each(column, rows, Value::as_bool)?.into_iter().collect::<BooleanArray>()))
        }
        DataType::Integer => integers(column, rows),
        DataType::Float => plain("DOUBLE", Arc::new(Float64Array::from(each(column, rows, float)?))),
        DataType::Decimal => decimals(column, rows),
        DataType::Text => {
            let texts = each(column, rows, |v| v.as_str().map(str::to_owned))?;
            plain("VARCHAR", Arc::new(texts.into_iter().collect::<StringArray>()))
        }
        DataType::Other => {
            let texts = each(column, rows, |v| Some(v.as_str().map_or_else(|| v.to_string(), str::to_owned)))?;
            plain("VARCHAR", Arc::new(texts.into_iter().collect::<StringArray>()))
        }
        DataType::Date => {
            let days = each(column, rows, |v| clock::parse_date(v.as_str()?).and_then(|d| i32::try_from(d).ok()))?;
            plain("DATE", Arc::new(Date32Array::from(days)))
        }
        DataType::Time => {
            let micros = each(column, rows, |v| clock::parse_time(v.as_str()?))?;
            plain("TIME", Arc::new(Time64MicrosecondArray::from(micros)))
        }
        DataType::Timestamp => {
            let micros = each(column, rows, |v| clock::parse_timestamp(v.as_str()?))?;
            plain("TIMESTAMP", Arc::new(TimestampMicrosecondArray::from(micros)))
        }
    }
}

/// Every row's value as `read` sees it; missing and null are NULL, anything else is refused.
fn each<T>(column: &Column, rows: &[Row], read: impl Fn(&Value) -> Option<T>) -> Result<Vec<Option<T>>> {
    let value = |(at, row): (usize, &Row)| match row.get(&column.name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => read(value).map(Some).ok_or_else(|| wrong(column, at)),
    };
    rows.iter().enumerate().map(value).collect()
}

fn wrong(column: &Column, at: usize) -> Error {
    let noun = crate::types::noun(column.ty);
    Error::invalid(format!("Row {}, column \"{}\": the value is not {noun}.", at + 1, column.name))
        .field(format!("[{at}].{}", column.name))
}

fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Number(n) => n.as_f64(),
        Value::String(s) => s.trim().parse().ok().filter(|f: &f64| f.is_finite()),
        _ => None,
    }
}

fn whole(value: &Value) -> Option<i128> {
    match value {
        Value::Number(n) => n.as_i64().map(i128::from).or_else(|| n.as_u64().map(i128::from)).or_else(|| {
            let float = n.as_f64()?;
            (float.fract() == 0.0 && float.abs() <= 9_007_199_254_740_992.0).then_some(float as i128)
        }),
        Value::String(s) => s.trim().parse().ok(),
        _ => None,
    }
}

fn integers(column: &Column, rows: &[Row]) -> Result<(String, ArrayRef)> {
    let values = each(column, rows, whole)?;
    let present = || values.iter().flatten().copied();
    let (min, max) = (present().min().unwrap_or(0), present().max().unwrap_or(0));
    let fits = |lo: i128, hi: i128| min >= lo && max <= hi;
    macro_rules! narrow {
        ($array:ident, $native:ty, $duck:literal) => {{
            let typed: Vec<Option<$native>> = values.iter().map(|v| v.map(|v| v as $native)).collect();
            Ok(($duck.to_owned(), Arc::new($array::from(typed)) as ArrayRef))
        }};
    }
    if fits(i8::MIN.into(), i8::MAX.into()) {
        narrow!(Int8Array, i8, "TINYINT")
    } else if fits(i16::MIN.into(), i16::MAX.into()) {
        narrow!(Int16Array, i16, "SMALLINT")
    } else if fits(i32::MIN.into(), i32::MAX.into()) {
        narrow!(Int32Array, i32, "INTEGER")
    } else if fits(i64::MIN.into(), i64::MAX.into()) {
        narrow!(Int64Array, i64, "BIGINT")
    } else if fits(0, u64::MAX.into()) {
        narrow!(UInt64Array, u64, "UBIGINT")
    } else {
        let at = values.iter().position(|v| v.is_some_and(|v| i64::try_from(v).is_err())).unwrap_or_default();
        Err(wrong(column, at))
    }
}

/// Digits as written, and how many of them stand behind the point.
fn decimal(value: &Value) -> Option<(i128, u8)> {
    let text = match value {
        Value::Number(n) => n.to_string(),
        Value::String(s) => s.trim().to_owned(),
        _ => return None,
    };
    parse_decimal(&text)
}

/// Reads `-12.50`, also with an exponent.
pub(crate) fn parse_decimal(text: &str) -> Option<(i128, u8)> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((m, e)) => (m, e.parse::<i32>().ok().filter(|e| e.abs() <= 60)?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    if !fraction.bytes().all(|b| b.is_ascii_digit()) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let mut unscaled: i128 = format!("{whole}{fraction}").parse().ok()?;
    let mut scale = i32::try_from(fraction.len()).ok()? - exponent;
    while scale < 0 {
        unscaled = unscaled.checked_mul(10)?;
        scale += 1;
    }
    let digits = unscaled.unsigned_abs().checked_ilog10().map_or(1, |n| n + 1);
    (digits <= 38 && scale <= 38).then_some((unscaled, u8::try_from(scale).ok()?))
}

fn decimals(column: &Column, rows: &[Row]) -> Result<(String, ArrayRef)> {
    let values = each(column, rows, decimal)?;
    let scale = values.iter().flatten().map(|(_, s)| *s).max().unwrap_or(0);
    let mut scaled = Vec::with_capacity(values.len());
    let mut digits = 1;
    for (at, value) in values.into_iter().enumerate() {
        let value = match value {
            None => None,
            Some((unscaled, own)) => {
                let shift = 10_i128.checked_pow(u32::from(scale - own));
                let value = shift.and_then(|s| unscaled.checked_mul(s)).ok_or_else(|| wrong(column, at))?;
                digits = digits.max(value.unsigned_abs().checked_ilog10().map_or(1, |n| n + 1));
                Some(value)
            }
        };
        scaled.push(value);
    }
    let width = u8::try_from(digits).unwrap_or(39).max(scale).max(1);
    if width > 38 {
        return Err(wrong(column, 0));
    }
    let array = Decimal128Array::from(scaled).with_precision_and_scale(width, scale as i8);
    let array = array.map_err(|e| fault::internal("decimals", &e))?;
    Ok((format!("DECIMAL({width},{scale})"), Arc::new(array)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Role;
    use serde_json::json;

    fn column(name: &str, ty: DataType) -> Column {
        Column {
            name: name.into(),
            label: name.into(),
            ty,
            role: Role::Dimension,
            description: String::new(),
            format: None,
            is_calculated: false,
        }
    }

    fn rows(value: Value) -> Vec<Row> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn columns_are_as_narrow_as_their_values() {
        let columns = [column("i", DataType::Integer), column("d", DataType::Decimal)];
        let make = |v| batch(&columns, &rows(v)).unwrap().0;
        assert_eq!(
            make(json!([{"i": 5, "d": 12.5}, {"i": null, "d": "-0.25"}, {}])),
            "CREATE TABLE draft.main.data (\"i\" TINYINT, \"d\" DECIMAL(4,2))"
        );
        assert!(make(json!([{"i": 3_000_000_000_u64}])).contains("BIGINT"));
        assert!(make(json!([{"i": "18446744073709551615"}])).contains("UBIGINT"));
        assert!(make(json!([{"i": 3.0, "d": 1e3}])).contains("DECIMAL(4,0)"));
    }

    #[test]
    fn a_wrong_value_is_named_by_row_and_column() {
        for (ty, bad) in [
            (DataType::Integer, json!(1.5)),
            (DataType::Integer, json!("x")),
            (DataType::Boolean, json!("true")),
            (DataType::Text, json!(5)),
            (DataType::Date, json!("2023-02-29")),
            (DataType::Time, json!("25:00")),
            (DataType::Timestamp, json!("soon")),
            (DataType::Float, json!("NaN")),
            (DataType::Decimal, json!("1,5")),
        ] {
            let error = batch(&[column("c", ty)], &rows(json!([{}, {"c": bad}]))).unwrap_err();
            assert!(error.message.contains("Row 2") && error.message.contains("\"c\""), "{ty:?}: {error}");
            assert_eq!(error.field.as_deref(), Some("[1].c"));
        }
        let error = batch(&[column("region", DataType::Text)], &rows(json!([{"regin": "x"}]))).unwrap_err();
        assert_eq!(error.code, ErrorCode::UnknownColumn);
        assert!(error.hint.unwrap().contains("region"));
    }

    #[test]
    fn decimals_are_read_as_written() {
        assert_eq!(parse_decimal("-12.50"), Some((-125, 1)));
        assert_eq!(parse_decimal("1e-3"), Some((1, 3)));
        assert_eq!(parse_decimal("2.5E2"), Some((250, 0)));
        assert_eq!(parse_decimal("0"), Some((0, 0)));
        for bad in ["", ".", "1.2.3", "abc", "1e999", "--1", "1.-2"] {
            assert_eq!(parse_decimal(bad), None, "{bad}");
        }
    }
}
