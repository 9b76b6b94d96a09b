//! Statements of users as tables: the SELECT that reads what may be read of a dataset, and the few
//! statements that put views where a worker finds them.

use crate::calendar::Calendar;
use crate::path::Path;
use crate::scope::{Clock, Scope};
use crate::sql::{self, Select};
use crate::zone::Zone;
use crate::{Context, Dataset, Parts, scan};
use domain::query::Query;
use domain::{Error, ErrorCode, Result};

/// A SELECT of the rows and columns that the dataset's reader may see, calculated columns included.
pub fn readable_sql(dataset: &Dataset<'_>, now: jiff::Timestamp) -> Result<String> {
    if let Parts::Table(_) = dataset.source.parts {
        let message = format!("`{}` lies in a source and cannot be read with SQL here.", dataset.source.name);
        return Err(Error::new(ErrorCode::NotSupported, message).hint("Ask a question of it instead."));
    }
    let zone = Zone::parse(None)?;
    let clock = Clock { zone: &zone, now, calendar: Calendar::default(), db: dataset.source.parts.spelling() };
    let (query, ctx) = (Query::default(), Context::of(*dataset, now));
    let mut scope = Scope::new(&query, &ctx, clock, None)?;
    let mut items = Vec::new();
    for column in dataset.columns() {
        let of = scope.column(&column.name, &Path::Root("column"))?;
        items.push(sql::named(&of.sql, &column.name));
    }
    if items.is_empty() {
        items.push("1 AS one".to_owned());
    }
    Ok(Select::of(items, scan::rows(&scope)?).line())
}

/// The columns for which [`readable_sql`] wants to know the latest value: those that rules on rows
/// compare with it.
pub fn readable_latest(dataset: &Dataset<'_>, now: jiff::Timestamp) -> Vec<String> {
    let found = crate::latest_columns(&Query::default(), &Context::of(*dataset, now));
    found.into_iter().map(|(_, column)| column).collect()
}

/// All rows of a dataset that has one part.
pub fn all_sql(part: &str) -> String {
    Select::of(vec!["*".to_owned()], sql::table(part)).line()
}

/// How many rows that are.
pub fn count_sql(part: &str) -> String {
    Select::of(vec![sql::named("count(*)", "rows")], sql::table(part)).line()
}

/// How the database would answer a statement, as JSON.
pub fn explain(statement: &str) -> String {
    format!("EXPLAIN (FORMAT json) {statement}")
}

/// Opens a file of rows under a name, to be read only.
pub fn attach_file(name: &str, path: &str) -> Result<String> {
    Ok(format!("ATTACH {} AS {} (READ_ONLY)", sql::text(path)?, sql::ident(name)))
}

/// A database in memory.
pub fn attach_memory(name: &str) -> String {
    format!("ATTACH ':memory:' AS {}", sql::ident(name))
}

/// A view of a statement.
pub fn create(database: &str, name: &str, select: &str) -> String {
    format!("CREATE VIEW {} AS {select}", place(database, name))
}

/// Name and type of each column of a table.
pub fn describe(database: &str, name: &str) -> String {
    format!("SELECT column_name, column_type FROM (DESCRIBE {})", place(database, name))
}

/// Expressions, each with its name, over the columns of a table; with a number for each row where
/// `is_numbered`, under the name that tables have for it.
pub fn select(items: &[(String, String)], database: &str, name: &str, is_numbered: bool) -> String {
    let mut items: Vec<String> = items.iter().map(|(expr, name)| sql::named(expr, name)).collect();
    if is_numbered {
        items.push(sql::named("row_number() OVER ()", "rowid"));
    }
    Select::of(items, place(database, name)).line()
}

fn place(database: &str, name: &str) -> String {
    format!("{}.\"main\".{}", sql::ident(database), sql::ident(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Calculated, Mask, Policy, Source};
    use domain::{Column, DataType, Role};

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

    #[test]
    fn a_rule_is_part_of_what_is_read() {
        let columns = [
            column("region", DataType::Text),
            column("amount", DataType::Integer),
            column("cost", DataType::Integer),
            column("who", DataType::Text),
        ];
        let parts = ["s_1".to_owned()];
        let source = Source { name: "sales", columns: &columns, parts: Parts::Segments(&parts) };
        let rule = serde_json::from_value(serde_json::json!({"column": "cost", "op": "gt", "value": 3})).unwrap();
        let policy =
            Policy { rows: vec![rule], hidden: vec!["cost".into()], masked: [("who".into(), Mask::Redact)].into() };
        let calculated = [Calculated { column: column("twice", DataType::Integer), expression: "[amount] * 2".into() }];
        let dataset = Dataset { policy: &policy, calculated: &calculated, ..Dataset::from(source) };
        let sql = readable_sql(&dataset, jiff::Timestamp::UNIX_EPOCH).unwrap();
        assert!(sql.contains("\"cost\" > 3"), "{sql}");
        assert!(!sql.contains("AS \"cost\""), "{sql}");
        assert!(sql.contains("'***'"), "{sql}");
        assert!(sql.contains("AS \"twice\""), "{sql}");
    }

    #[test]
    fn names_are_quoted_wherever_they_stand() {
        assert_eq!(create("a\"b", "c", "SELECT 1"), "CREATE VIEW \"a\"\"b\".\"main\".\"c\" AS SELECT 1");
        assert_eq!(attach_file("n", "/it's").unwrap(), "ATTACH '/it''s' AS \"n\" (READ_ONLY)");
    }
}
