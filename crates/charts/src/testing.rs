//! Small answers for tests.

use domain::query::Grain;
use domain::{Cell, ChartKind, ChartSpec, DataType, Field, Role, Table};
use serde_json::Value;

pub(crate) fn field(name: &str, ty: DataType, role: Role) -> Field {
    Field { name: name.into(), label: domain::names::to_label(name), ty, role, format: None, grain: None }
}

pub(crate) fn month() -> Field {
    Field { grain: Some(Grain::Month), ..field("month", DataType::Date, Role::Time) }
}

pub(crate) fn group(name: &str) -> Field {
    field(name, DataType::Text, Role::Dimension)
}

pub(crate) fn measure(name: &str) -> Field {
    field(name, DataType::Float, Role::Measure)
}

/// A table from rows of JSON.
pub(crate) fn table(columns: Vec<Field>, rows: Value) -> Table {
    let rows: Vec<Vec<Cell>> = serde_json::from_value(rows).unwrap();
    let data = (0..columns.len()).map(|c| rows.iter().map(|row| row[c].clone()).collect()).collect();
    Table { columns, data, truncated: false }
}

pub(crate) fn spec(kind: ChartKind, options: Value) -> ChartSpec {
    let options = options.as_object().cloned().unwrap_or_default();
    ChartSpec::new(kind, domain::chart::Encodings::default(), options)
}
