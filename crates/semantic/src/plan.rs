//! From a question to its plan.

use crate::filter::{self, Top};
use crate::output::{self, Output, Part};
use crate::path::Path;
use crate::scope::{Clock, ROWS, Scope, read};
use crate::sql::{self, Select};
use crate::zone::Zone;
use crate::{Context, order, scan};
use domain::query::{AsOf, Filter, Measure, Op, Query, Relative};
use domain::{Error, Field, Result};

/// The rows that pass the filter, where they are read more than once.
const PICKED: &str = "picked";

/// A checked question: SQL, and what its columns mean.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Asks for one row more than `limit`, which tells whether there are more.
    pub sql: String,
    /// The columns of the answer, in the order of the SQL's.
    pub columns: Vec<Field>,
    pub limit: u64,
    /// IANA name of the zone in which times are shown.
    pub timezone: String,
}

/// Checks a question and writes its SQL.
pub fn plan(query: &Query, ctx: &Context<'_>) -> Result<Plan> {
    if !query.joins.is_empty() {
        return Err(Path::Root("joins").at(0).not_yet("Joins are"));
    }
    let (limit, offset) = order::limits(query)?;
    let zone = Zone::parse(query.timezone.as_deref())?;
    let mut scope = Scope::new(ctx, &zone);
    let outputs = output::outputs(&mut scope, query)?;
    let picked =
        filter::question(&mut scope, query.filter.as_ref(), &|name, path| output::find_measure(&outputs, name, path))?;
    let having = having(query, &outputs, scope.clock)?;
    let order = order::keys(&mut scope, query, &outputs)?;
    let rows = scan::rows(&mut scope, ctx.policies)?;

    let mut select = Select {
        items: outputs.iter().map(|o| sql::named(&o.shown, &o.field.name)).collect(),
        having,
        order,
        limit: Some(limit + 1),
        offset,
        ..Select::default()
    };
    select.group = groups(&outputs);
    let ranges: Vec<_> = outputs.iter().filter_map(range).collect();
    if ranges.is_empty() && picked.tops.is_empty() {
        select.from = vec![rows];
        select.filter = picked.conditions;
    } else {
        let all = Select { filter: picked.conditions, ..Select::of(vec![format!("{ROWS}.*")], rows) };
        select.with = vec![(PICKED.to_owned(), all.line())];
        let rows = sql::aliased(&sql::ident(PICKED), ROWS);
        select.filter = picked.tops.iter().map(|t| members(t, &outputs, &rows)).collect::<Result<_>>()?;
        select.from = std::iter::once(rows.clone()).chain(ranges.iter().map(|r| r.relation(&rows))).collect();
    }
    Ok(Plan {
        sql: select.print(),
        columns: outputs.into_iter().map(|o| o.field).collect(),
        limit,
        timezone: zone.name().to_owned(),
    })
}

fn range(output: &Output) -> Option<&crate::dimension::Range> {
    match &output.part {
        Part::Dimension { range, .. } => range.as_ref(),
        _ => None,
    }
}

/// The keys that rows are grouped by: the position of an output where it shows the key itself.
fn groups(outputs: &[Output]) -> Vec<String> {
    let key = |(i, output): (usize, &Output)| match &output.part {
        Part::Dimension { key, .. } if *key == output.shown => Some((i + 1).to_string()),
        Part::Dimension { key, .. } => Some(key.clone()),
        _ => None,
    };
    outputs.iter().enumerate().filter_map(key).collect()
}

/// Conditions over outputs.
fn having(query: &Query, outputs: &[Output], clock: Clock<'_>) -> Result<Vec<String>> {
    let Some(filter) = &query.having else { return Ok(Vec::new()) };
    let path = Path::Root("having");
    if !query.columns.is_empty() {
        return Err(path.refuse("Raw rows are not grouped: use `filter` instead of `having`."));
    }
    let clock = Clock { latest: None, ..clock };
    let find = &mut |name: &str, path: &Path<'_>| output::operand(outputs, name, path);
    Ok(vec![filter::tree(filter, &clock, &path, 1, find)?])
}

/// The condition of a `top_n`: its members by the measure over all rows that pass the filter. Rows
/// without a value are no member.
fn members(top: &Top<'_>, outputs: &[Output], rows: &str) -> Result<String> {
    let column = read(top.column);
    let measure = outputs.get(top.by).ok_or_else(Error::internal)?;
    let ranking = Select {
        filter: vec![sql::is_not_null(&column)],
        group: vec!["1".to_owned()],
        order: vec![sql::sort(&measure.shown, false), sql::sort("1", true)],
        limit: Some(u64::from(top.n)),
        ..Select::of(vec![column.clone()], rows)
    };
    Ok(format!("{column} IN {}", sql::nested(&ranking)))
}

/// The columns whose latest value the question is relative to; the caller finds each
/// ([`crate::latest_sql`]) and passes it in [`Context::latest`].
pub fn latest_columns(query: &Query) -> Vec<String> {
    let mut filters: Vec<&Filter> = query.filter.iter().collect();
    let mut measures: Vec<&Measure> = query.measures.iter().collect();
    while let Some(measure) = measures.pop() {
        filters.extend(&measure.filter);
        measures.extend(measure.numerator.as_deref());
        measures.extend(measure.denominator.as_deref());
    }
    let mut columns = Vec::new();
    while let Some(filter) = filters.pop() {
        match filter {
            Filter::And(each) | Filter::Or(each) => filters.extend(each),
            Filter::Is(test) if test.op == Op::Relative => {
                let relative = serde_json::from_value::<Relative>(test.value.clone());
                if relative.is_ok_and(|r| r.as_of == AsOf::Latest) && !columns.contains(&test.column) {
                    columns.push(test.column.clone());
                }
            }
            Filter::Is(_) => {}
        }
    }
    columns
}
