//! Small questions about one column: its latest value, the values it can be filtered by.

use crate::calendar::Calendar;
use crate::dialect::TextTest;
use crate::path::Path;
use crate::plan::place;
use crate::scan;
use crate::scope::{Clock, Ref, Scope};
use crate::sql::{self, Select};
use crate::zone::Zone;
use crate::{Context, Dataset};
use domain::query::Query;
use domain::{DataType, Result};

/// The most values offered at once.
const MAX_VALUES: u64 = 10_000;

/// A column of a dataset and the rows to read it from, as the dataset's reader may see them.
fn read<T>(
    dataset: &Dataset<'_>,
    column: &str,
    now: jiff::Timestamp,
    then: impl FnOnce(&Ref<'_>, String) -> Result<T>,
) -> Result<T> {
    let zone = Zone::parse(None)?;
    let clock = Clock { zone: &zone, now, calendar: Calendar::default(), db: dataset.source.parts.spelling() };
    let (query, ctx) = (Query::default(), Context::of(*dataset, now));
    let mut scope = Scope::new(&query, &ctx, clock, None)?;
    let of = scope.column(column, &Path::Root("column"))?;
    let rows = scan::rows(&scope)?;
    then(&of, rows)
}

/// The latest value of a column: one row with one column, NULL where there is none.
pub fn latest_sql(dataset: &Dataset<'_>, column: &str, now: jiff::Timestamp) -> Result<String> {
    read(dataset, column, now, |of, rows| {
        let latest = dataset.source.parts.spelling().extreme("max", &of.sql, of.column.ty);
        Ok(Select::of(vec![sql::named(&latest, "latest")], rows).print())
    })
}

/// Whether some rows share the values of these columns: one row with one column, true or false.
pub fn repeats_sql(dataset: &Dataset<'_>, columns: &[&str], now: jiff::Timestamp) -> Result<String> {
    let zone = Zone::parse(None)?;
    let clock = Clock { zone: &zone, now, calendar: Calendar::default(), db: dataset.source.parts.spelling() };
    let (query, ctx) = (Query::default(), Context::of(*dataset, now));
    let mut scope = Scope::new(&query, &ctx, clock, None)?;
    let known = dataset.source.columns.iter().filter(|c| columns.contains(&c.name.as_str()));
    let values: Vec<String> =
        known.map(|c| Ok(scope.column(&c.name, &Path::Root("column"))?.sql)).collect::<Result<_>>()?;
    let repeated = Select {
        filter: values.iter().map(|v| sql::is_not_null(v)).collect(),
        group: values,
        having: vec!["count(*) > 1".to_owned()],
        limit: Some(1),
        ..Select::of(vec!["1 AS one".to_owned()], scan::rows(&scope)?)
    };
    let exists = sql::call("EXISTS", &[&repeated.line()]);
    Ok(Select { items: vec![sql::named(&exists, "repeats")], ..Select::default() }.print())
}

/// The sets of columns of which the joins of a question would profit to know that they are unique,
/// each with the position of its dataset: 0 is the question's own, then its joins.
pub fn join_keys(query: &Query, ctx: &Context<'_>) -> Vec<(usize, Vec<String>)> {
    let Ok(zone) = Zone::parse(None) else { return Vec::new() };
    let clock =
        Clock { zone: &zone, now: ctx.now, calendar: Calendar::default(), db: ctx.base.source.parts.spelling() };
    let Ok(scope) = Scope::new(query, ctx, clock, None) else { return Vec::new() };
    let mut found: Vec<(usize, Vec<String>)> = Vec::new();
    let mut add = |table: usize, mut columns: Vec<String>| {
        columns.sort();
        columns.dedup();
        if !found.contains(&(table, columns.clone())) {
            found.push((table, columns));
        }
    };
    for (i, link) in scope.links.iter().enumerate() {
        add(i + 1, link.pairs.iter().map(|p| p.2.to_owned()).collect());
        for (parent, ..) in &link.pairs {
            let here = link.pairs.iter().filter(|p| p.0 == *parent);
            add(*parent, here.map(|p| p.1.to_owned()).collect());
        }
    }
    found
}

/// The values of a column that hold `search`, whatever the case, and how often each occurs: two
/// columns, most frequent first. Rows without a value are left out.
pub fn values_sql(
    dataset: &Dataset<'_>,
    column: &str,
    search: &str,
    limit: u64,
    now: jiff::Timestamp,
) -> Result<String> {
    read(dataset, column, now, |of, rows| {
        let (value, ty, db) = (of.sql.clone(), of.column.ty, dataset.source.parts.spelling());
        let text = if ty == DataType::Text { value.clone() } else { db.to_text(&value, Some(ty)) };
        let mut filter = vec![sql::is_not_null(&value)];
        if !search.is_empty() {
            filter.push(db.text_test(TextTest::Contains, &text, &sql::text(search)?, false));
        }
        let (shown, shown_ty) = if ty == DataType::Other { (text, DataType::Text) } else { (value, ty) };
        let select = Select {
            filter,
            group: vec!["1".to_owned()],
            order: vec![sql::sort("2", false), sql::sort(&place(db, "1", &shown, shown_ty), true)],
            limit: Some(limit.clamp(1, MAX_VALUES)),
            ..Select::of(vec![sql::named(&shown, "value"), sql::named("count(*)", "count")], rows)
        };
        Ok(select.print())
    })
}
