//! The crate seen from outside: golden SQL, refusals, relative dates, profiles.
#![allow(clippy::unwrap_used)]

mod expressions;
mod fuzz;
mod golden;
mod golden_filters;
mod golden_steps;
mod profiles;
mod questions;
mod refusals;
mod relative_dates;
mod smuggling;

use domain::format::{Format, Style};
use domain::{Column, DataType, Query, Result, Role};
use semantic::{Calculated, Context, Dataset, Dialect, Parts, Plan, Policy, Source, Table};
use serde_json::Value;
use std::collections::BTreeMap;

fn column(name: &str, ty: DataType, role: Role) -> Column {
    let label = domain::names::to_label(name);
    Column { name: name.into(), label, ty, role, description: String::new(), format: None, is_calculated: false }
}

/// The columns of the dataset that the tests ask about.
fn columns() -> Vec<Column> {
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
    policy: Policy,
    calculated: Vec<Calculated>,
    metrics: Vec<domain::metric::MetricDef>,
}

impl Default for World {
    fn default() -> Self {
        let (policy, calculated, metrics) = Default::default();
        Self { parts: vec!["s_1".into()], latest: BTreeMap::new(), policy, calculated, metrics }
    }
}

/// A dataset's name, its columns, and the sets of them that are unique.
type Other = (&'static str, Vec<Column>, Vec<Vec<String>>);

/// The datasets that the tests join.
fn others() -> Vec<Other> {
    use DataType::{Date, Decimal, Integer, Text};
    use Role::{Dimension, Measure, Time};
    vec![
        (
            "airlines",
            vec![
                column("carrier", Text, Dimension),
                column("name", Text, Dimension),
                column("origin", Text, Dimension),
                column("fleet", Integer, Measure),
            ],
            vec![vec!["carrier".to_owned()]],
        ),
        (
            "incidents",
            vec![
                column("carrier", Text, Dimension),
                column("at", Date, Time),
                column("cost", Decimal, Measure),
                column("airport", Text, Dimension),
            ],
            vec![],
        ),
        (
            "countries",
            vec![column("origin", Text, Dimension), column("continent", Text, Dimension)],
            vec![vec!["origin".to_owned()]],
        ),
    ]
}

/// A table of a PostgreSQL database.
fn postgres(name: &str) -> Table {
    let path = vec!["public".to_owned(), name.to_owned()];
    let read_as = vec![("details".to_owned(), DataType::Other)];
    Table { source: "pg".into(), dialect: Dialect::Postgres, path, read_as }
}

impl World {
    fn plan(&self, query: &Value) -> Result<Plan> {
        self.plan_for(query, Dialect::DuckDb)
    }

    fn plan_for(&self, query: &Value, dialect: Dialect) -> Result<Plan> {
        self.plan_by(query, dialect, semantic::plan)
    }

    fn plan_by(
        &self,
        query: &Value,
        dialect: Dialect,
        plan: impl FnOnce(&Query, &Context<'_>) -> Result<Plan>,
    ) -> Result<Plan> {
        let query: Query = serde_json::from_value(query.clone()).unwrap();
        let columns = columns();
        let is_postgres = dialect == Dialect::Postgres;
        let flights = postgres("flights");
        let parts = if is_postgres { Parts::Table(&flights) } else { (&self.parts).into() };
        let source = Source { name: "flights", columns: &columns, parts };
        let base = Dataset {
            calculated: &self.calculated,
            policy: &self.policy,
            latest: &self.latest,
            ..Dataset::from(source)
        };
        let others = others();
        let parts = ["j_1".to_owned()];
        let tables: Vec<Table> = others.iter().map(|o| postgres(o.0)).collect();
        let joined = |name: &str| {
            let at = others.iter().position(|o| o.0 == name).unwrap();
            let (name, columns, unique) = &others[at];
            let parts = if is_postgres { Parts::Table(&tables[at]) } else { (&parts).into() };
            Dataset { unique, ..Dataset::from(Source { name, columns, parts }) }
        };
        let joins: Vec<Dataset<'_>> = query.joins.iter().map(|j| joined(&j.dataset)).collect();
        let now = "2024-05-15T10:20:30Z".parse().unwrap();
        plan(&query, &Context { base, joins: &joins, metrics: &self.metrics, now })
    }
}
