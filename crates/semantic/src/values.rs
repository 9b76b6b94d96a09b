//! Small questions about one column: its latest value, the values it can be filtered by.

use crate::Source;
use crate::dialect::duckdb::{self, TextTest};
use crate::path::Path;
use crate::scan;
use crate::scope::{self, ROWS, read};
use crate::sql::{self, Select};
use domain::{DataType, Result};

/// The most values offered at once.
const MAX_VALUES: u64 = 10_000;

/// The latest value of a column: one row with one column, NULL where there is none.
pub fn latest_sql(source: &Source<'_>, column: &str) -> String {
    let columns: Vec<_> = source.columns.iter().filter(|c| c.name == column).collect();
    let latest = match columns.first() {
        Some(column) => sql::call("max", &[&read(column)]),
        None => "NULL".to_owned(),
    };
    let rows = sql::aliased(&scan::relation(source, &columns), ROWS);
    Select::of(vec![sql::named(&latest, "latest")], rows).print()
}

/// The values of a column that hold `search`, whatever the case, and how often each occurs: two
/// columns, most frequent first. Rows without a value are left out.
pub fn values_sql(source: &Source<'_>, column: &str, search: &str, limit: u64) -> Result<String> {
    let column = scope::find(source, column, &Path::Root("column"))?;
    let value = read(column);
    let text = if column.ty == DataType::Text { value.clone() } else { sql::cast(&value, duckdb::TEXT) };
    let mut filter = vec![sql::is_not_null(&value)];
    if !search.is_empty() {
        filter.push(duckdb::text_test(TextTest::Contains, &text, &sql::text(search)?, false));
    }
    let shown = if column.ty == DataType::Other { text } else { value };
    let rows = sql::aliased(&scan::relation(source, &[column]), ROWS);
    let select = Select {
        filter,
        group: vec!["1".to_owned()],
        order: vec![sql::sort("2", false), sql::sort("1", true)],
        limit: Some(limit.clamp(1, MAX_VALUES)),
        ..Select::of(vec![sql::named(&shown, "value"), sql::named("count(*)", "count")], rows)
    };
    Ok(select.print())
}
