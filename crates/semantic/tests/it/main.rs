//! The crate seen from outside: golden SQL, refusals, relative dates, profiles.
#![allow(clippy::unwrap_used)]

mod golden;
mod golden_filters;
mod profiles;
mod refusals;
mod relative_dates;
mod smuggling;

use domain::format::{Format, Style};
use domain::{Column, DataType, Query, Result, Role};
use semantic::{Context, Plan, Policy, Source};
use serde_json::Value;
use std::collections::BTreeMap;

/// The columns of the dataset that the tests ask about.
fn columns() -> Vec<Column> {
    let column = |name: &str, ty: DataType, role: Role| Column {
        name: name.into(),
        label: domain::names::to_label(name),
        ty,
        role,
        description: String::new(),
        format: None,
    };
    let mut columns = vec![
        column("time_hour", DataType::Timestamp, Role::Time),
        column("day", DataType::Date, Role::Time),
        column("dep_time", DataType::Time, Role::Dimension),
        column("carrier", DataType::Text, Role::Dimension),
        column("origin", DataType::Text, Role::Dimension),
        column("cancelled", DataType::Boolean, Role::Dimension),
        column("distance", DataType::Integer, Role::Measure),
        column("dep_delay", DataType::Float, Role::Measure),
        column("fare", DataType::Decimal, Role::Measure),
        column("details", DataType::Other, Role::Dimension),
    ];
    columns[8].format = Some(Format { style: Style::Currency, ..Format::default() });
    columns
}

/// What a question is asked of in a test.
struct World {
    parts: Vec<String>,
    latest: BTreeMap<String, String>,
    policies: Vec<Policy>,
}

impl Default for World {
    fn default() -> Self {
        Self { parts: vec!["s_1".into()], latest: BTreeMap::new(), policies: Vec::new() }
    }
}

impl World {
    fn plan(&self, query: &Value) -> Result<Plan> {
        let query: Query = serde_json::from_value(query.clone()).unwrap();
        let columns = columns();
        let source = Source { name: "flights", columns: &columns, parts: &self.parts };
        let now = "2024-05-15T10:20:30Z".parse().unwrap();
        semantic::plan(&query, &Context { source, now, latest: &self.latest, policies: &self.policies })
    }
}
