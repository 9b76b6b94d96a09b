//! Rows between the shapes they come in: frames that are counted with, cells that are shown and kept,
//! JSON that programs send.

use crate::secrets::fingerprint;
use crate::to_json;
use domain::frame::{Frame, FrameColumn, MISSING_MEMBER, MISSING_TIME, Values};
use domain::learn::FeatureKind;
use domain::query::{Filter, Op};
use domain::{Cell, DataType, Error, ErrorCode, Field, Result, Role, Table};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};

/// Numbers up to here are exact.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A value as it is shown.
pub(super) fn cell(column: &FrameColumn, row: usize) -> Cell {
    match &column.values {
        Values::Number(values) => {
            let value = values[row];
            if !value.is_finite() {
                Cell::Null
            } else if column.ty == DataType::Integer && value.fract() == 0.0 && value.abs() <= EXACT {
                Cell::Int(value as i64)
            } else {
                Cell::Float(value)
            }
        }
        Values::Member { codes, members } => match codes[row] {
            MISSING_MEMBER => Cell::Null,
            code => {
                let text = members.get(code as usize).cloned().unwrap_or_default();
                match (column.ty, text.as_str()) {
                    (DataType::Boolean, "true") => Cell::Bool(true),
                    (DataType::Boolean, "false") => Cell::Bool(false),
                    _ => Cell::Text(text),
                }
            }
        },
        Values::Time(values) => match values[row] {
            MISSING_TIME => Cell::Null,
            micros => Cell::Text(written(micros, column.ty)),
        },
    }
}

/// A moment as the rest of Orrery writes it.
fn written(micros: i64, ty: DataType) -> String {
    let Ok(time) = jiff::Timestamp::from_microsecond(micros) else { return String::new() };
    match ty {
        DataType::Date => time.to_zoned(jiff::tz::TimeZone::UTC).date().to_string(),
        _ => time.to_string(),
    }
}

/// A row with the names of its columns.
pub(super) fn row_of(frame: &Frame, row: usize) -> BTreeMap<String, Cell> {
    frame.columns.iter().map(|column| (column.name.clone(), cell(column, row))).collect()
}

/// What tells a row from others: its values.
pub(super) fn key_of_row(data: &BTreeMap<String, Cell>) -> String {
    fingerprint(&to_json(data))
}

/// The same of all rows of a frame.
pub(super) fn keys_of(frame: &Frame) -> Vec<String> {
    (0..frame.rows).map(|row| key_of_row(&row_of(frame, row))).collect()
}

/// Some rows of a frame.
pub(super) fn take(frame: &Frame, rows: &[usize]) -> Frame {
    let columns = frame.columns.iter().map(|column| {
        let values = match &column.values {
            Values::Number(all) => Values::Number(rows.iter().map(|row| all[*row]).collect()),
            Values::Member { codes, members } => {
                Values::Member { codes: rows.iter().map(|row| codes[*row]).collect(), members: members.clone() }
            }
            Values::Time(all) => Values::Time(rows.iter().map(|row| all[*row]).collect()),
        };
        FrameColumn { values, ..column.clone() }
    });
    Frame { columns: columns.collect(), rows: rows.len(), total_rows: rows.len() as u64 }
}

/// Builds a column of values out of texts and numbers.
struct Builder {
    values: Values,
    known: HashMap<String, u32>,
}

impl Builder {
    fn new(ty: DataType) -> Self {
        let values = match ty {
            _ if ty.is_number() => Values::Number(Vec::new()),
            _ if ty.is_time() => Values::Time(Vec::new()),
            _ => Values::Member { codes: Vec::new(), members: Vec::new() },
        };
        Self { values, known: HashMap::new() }
    }

    /// Adds a value; answers whether it could be one of this column.
    fn push(&mut self, cell: &Cell) -> bool {
        match &mut self.values {
            Values::Number(all) => {
                let value = cell.as_f64();
                all.push(value.unwrap_or(f64::NAN));
                value.is_some() || cell.is_null()
            }
            Values::Time(all) => {
                let value = cell.as_str().and_then(micros);
                all.push(value.unwrap_or(MISSING_TIME));
                value.is_some() || cell.is_null()
            }
            Values::Member { codes, members } => {
                if cell.is_null() {
                    codes.push(MISSING_MEMBER);
                    return true;
                }
                let text = cell.to_text();
                let code = *self.known.entry(text).or_insert_with_key(|text| {
                    members.push(text.clone());
                    u32::try_from(members.len() - 1).unwrap_or(MISSING_MEMBER)
                });
                codes.push(code);
                true
            }
        }
    }
}

/// A date or a time in microseconds.
fn micros(text: &str) -> Option<i64> {
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Some(time.as_microsecond());
    }
    let moment = match text.parse::<jiff::civil::DateTime>() {
        Ok(moment) => moment,
        Err(_) => text.parse::<jiff::civil::Date>().ok()?.at(0, 0, 0, 0),
    };
    Some(moment.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_microsecond())
}

/// An answer as a frame.
pub(super) fn frame_of_table(table: &Table) -> Frame {
    let column = |(field, cells): (&Field, &Vec<Cell>)| {
        // Groups such as the hour of a day are numbers.
        let ty = if field.ty == DataType::Other { DataType::Text } else { field.ty };
        let mut builder = Builder::new(ty);
        for cell in cells {
            builder.push(cell);
        }
        FrameColumn {
            name: field.name.clone(),
            label: field.label.clone(),
            ty,
            role: field.role,
            format: field.format.clone(),
            values: builder.values,
        }
    };
    let rows = table.row_count();
    let total_rows = rows as u64 + u64::from(table.truncated);
    Frame { columns: table.columns.iter().zip(&table.data).map(column).collect(), rows, total_rows }
}

/// The past of a metric as a frame: `time` and `value`.
pub(super) fn frame_of_past(points: &[(i64, f64)]) -> Frame {
    let column = |name: &str, label: &str, ty, role, values| FrameColumn {
        name: name.to_owned(),
        label: label.to_owned(),
        ty,
        role,
        format: None,
        values,
    };
    let times = Values::Time(points.iter().map(|(at, _)| at.saturating_mul(1_000)).collect());
    let values = Values::Number(points.iter().map(|(_, value)| *value).collect());
    Frame {
        columns: vec![
            column("time", "Time", DataType::Timestamp, Role::Time, times),
            column("value", "Value", DataType::Float, Role::Measure, values),
        ],
        rows: points.len(),
        total_rows: points.len() as u64,
    }
}

/// Rows that a program sends, as a frame of these columns. What a row lacks is missing.
pub(super) fn frame_of_rows(columns: &[(String, FeatureKind)], rows: &[Map<String, Value>]) -> Result<Frame> {
    for (i, row) in rows.iter().enumerate() {
        if let Some(name) = row.keys().find(|name| !columns.iter().any(|(known, _)| known == *name)) {
            let near = domain::names::nearest(name, columns.iter().map(|(known, _)| known.as_str()));
            let error = Error::new(ErrorCode::UnknownColumn, format!("This model has no feature `{name}`."));
            let error = error.field(format!("rows[{i}].{name}"));
            return Err(match near {
                Some(near) => error.hint(format!("Did you mean `{near}`?")),
                None => error.hint(format!(
                    "It has {}.",
                    columns.iter().map(|(known, _)| format!("`{known}`")).collect::<Vec<_>>().join(", ")
                )),
            });
        }
    }
    let mut made = Vec::with_capacity(columns.len());
    for (name, kind) in columns {
        let (ty, role, what) = match kind {
            FeatureKind::Number => (DataType::Float, Role::Measure, "a number"),
            FeatureKind::Member => (DataType::Text, Role::Dimension, "text"),
            FeatureKind::Time => (DataType::Timestamp, Role::Time, "a date or a time, such as 2025-03-01"),
        };
        let mut builder = Builder::new(ty);
        for (i, row) in rows.iter().enumerate() {
            let wrong = || Error::invalid(format!("`{name}` is {what}.")).field(format!("rows[{i}].{name}"));
            let cell = match row.get(name) {
                None | Some(Value::Null) => Cell::Null,
                Some(Value::String(text)) => Cell::Text(text.clone()),
                Some(Value::Number(number)) => Cell::Float(number.as_f64().ok_or_else(wrong)?),
                Some(Value::Bool(flag)) => Cell::Bool(*flag),
                Some(Value::Array(_) | Value::Object(_)) => return Err(wrong()),
            };
            if !builder.push(&cell) {
                return Err(wrong());
            }
        }
        made.push(FrameColumn {
            name: name.clone(),
            label: domain::names::to_label(name),
            ty,
            role,
            format: None,
            values: builder.values,
        });
    }
    Ok(Frame { columns: made, rows: rows.len(), total_rows: rows.len() as u64 })
}

/// A condition that such rows pass, and few others; none where nothing of them can be compared exactly.
pub(super) fn like_these(rows: &[BTreeMap<String, Cell>]) -> Option<Filter> {
    let one = |row: &BTreeMap<String, Cell>| {
        // Fractions are compared after they were read.
        let tests: Vec<Filter> = row
            .iter()
            .filter_map(|(name, cell)| match cell {
                Cell::Text(text) => Some(Filter::is(name, Op::Eq, text.as_str()).exact()),
                _ => None,
            })
            .collect();
        (!tests.is_empty()).then_some(Filter::And(tests))
    };
    let each: Option<Vec<Filter>> = rows.iter().map(one).collect();
    each.filter(|all| !all.is_empty()).map(Filter::Or)
}

trait Exact {
    fn exact(self) -> Self;
}

impl Exact for Filter {
    /// Letters as they are written.
    fn exact(self) -> Self {
        match self {
            Self::Is(condition) => Self::Is(domain::query::Condition { case_sensitive: true, ..condition }),
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn frame(rows: Value) -> Result<Frame> {
        let columns = [
            ("amount".to_owned(), FeatureKind::Number),
            ("region".to_owned(), FeatureKind::Member),
            ("day".to_owned(), FeatureKind::Time),
        ];
        let rows: Vec<Map<String, Value>> = serde_json::from_value(rows).unwrap();
        frame_of_rows(&columns, &rows)
    }

    #[test]
    fn what_programs_send_is_typed() {
        let rows = json!([{"amount": 5, "region": "North", "day": "2025-03-01"}, {"amount": "7.5"}, {"region": true}]);
        let made = frame(rows).unwrap();
        assert_eq!(made.columns[0].values.numbers().unwrap()[1], 7.5);
        assert!(made.columns[0].values.is_missing(2) && made.columns[1].values.is_missing(1));
        assert_eq!(made.columns[1].values.members().unwrap().1, ["North", "true"]);
        assert_eq!(cell(&made.columns[2], 0), Cell::Text("2025-03-01T00:00:00Z".into()));
        for (bad, field) in [
            (json!([{"amount": "much"}]), "rows[0].amount"),
            (json!([{}, {"amout": 5}]), "rows[1].amout"),
            (json!([{"day": "tomorrow"}]), "rows[0].day"),
            (json!([{"region": [1]}]), "rows[0].region"),
        ] {
            assert_eq!(frame(bad).unwrap_err().field.as_deref(), Some(field));
        }
    }

    #[test]
    fn rows_are_known_by_their_values() {
        let made =
            frame(json!([{"amount": 5, "region": "a"}, {"amount": 5, "region": "b"}, {"amount": 5, "region": "a"}]));
        let made = made.unwrap();
        let keys = keys_of(&made);
        assert!(keys[0] == keys[2] && keys[0] != keys[1]);
        let some = take(&made, &[2, 1]);
        assert_eq!(keys_of(&some), [keys[2].clone(), keys[1].clone()]);
        let numbers_only = BTreeMap::from([("amount".to_owned(), Cell::Float(5.5))]);
        assert_eq!(like_these(&[numbers_only]), None);
        assert!(like_these(&[row_of(&made, 0)]).is_some());
    }
}
