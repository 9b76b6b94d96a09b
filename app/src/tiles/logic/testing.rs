//! Columns to test with.

use domain::{Column, DataType, Role};

pub(crate) fn column(name: &str, ty: DataType, role: Role) -> Column {
    Column {
        name: name.into(),
        label: domain::names::to_label(name),
        ty,
        role,
        description: String::new(),
        format: None,
        is_calculated: false,
    }
}

/// A dataset of flights in five columns.
pub(crate) fn flights() -> Vec<Column> {
    vec![
        column("time_hour", DataType::Timestamp, Role::Time),
        column("origin", DataType::Text, Role::Dimension),
        column("carrier", DataType::Text, Role::Dimension),
        column("dep_delay", DataType::Float, Role::Measure),
        column("cancelled", DataType::Boolean, Role::Dimension),
    ]
}
