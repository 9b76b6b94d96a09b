//! From a question to its plan. Most questions are one SELECT; those with calculations, comparisons,
//! gaps to fill, others to gather or rows that joins repeat go through the steps of [`crate::stages`].

use crate::calendar::Calendar;
use crate::compare;
use crate::dialect::Spelling;
use crate::filter::{self, Picked, Top};
use crate::order::By;
use crate::output::{self, Output, Part};
use crate::path::Path;
use crate::scope::{Clock, ROWS, Scope, Shift};
use crate::sql::{self, Select};
use crate::subtotals::{self, Sets};
use crate::zone::Zone;
use crate::{Context, fill, order, scan, stages};
use domain::query::{AsOf, Filter, Measure, Op, Query, Relative};
use domain::{DataType, Error, Field, Result};

/// The rows that pass the filter, where they are read more than once.
pub(crate) const PICKED: &str = "picked";
/// The most characters of a label for the others.
const MAX_LABEL: usize = 200;

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
    /// Whether its reader may not see all: the SQL, which has the rules in it, is then not for them.
    pub is_narrowed: bool,
}

/// A question whose names are all found.
pub(crate) struct Asked<'a> {
    pub(crate) scope: Scope<'a>,
    pub(crate) outputs: Vec<Output>,
    pub(crate) picked: Picked<'a>,
}

impl<'a> Asked<'a> {
    /// Reads the outputs and the filter of a question.
    pub(crate) fn read(
        query: &'a Query,
        ctx: &'a Context<'a>,
        clock: Clock<'a>,
        shift: Option<Shift<'a>>,
    ) -> Result<Self> {
        let mut scope = Scope::new(query, ctx, clock, shift)?;
        let outputs = output::outputs(&mut scope, query)?;
        let measure = |name: &str, path: &Path<'_>| output::find_measure(&outputs, name, path);
        let mut picked = filter::question(&mut scope, query.filter.as_ref(), &measure)?;
        if let Some(shift) = scope.shift.filter(|s| s.is_open) {
            let (table, column) = scope.find_in(shift.table, shift.column).ok_or_else(Error::internal)?;
            let time = scope.column_of(table, column, &Path::Root("compare"))?;
            picked.conditions.push(sql::is_not_null(&time.sql));
        }
        Ok(Self { scope, outputs, picked })
    }
}

/// Checks a question and writes its SQL.
pub fn plan(query: &Query, ctx: &Context<'_>) -> Result<Plan> {
    let (limit, offset) = order::limits(query)?;
    let (select, plan) = unlimited(query, ctx)?;
    let select = Select { limit: Some(limit + 1), offset, ..select };
    Ok(Plan { sql: select.print(), limit, ..plan })
}

/// The same for raw rows that are counted with rather than shown: beyond the limit of answers, and of
/// every `every` rows one, always the same ones.
///
/// # Errors
/// The question does not fit the data, or is not one for raw rows.
pub fn sample(query: &Query, ctx: &Context<'_>, every: u64, most: u64) -> Result<Plan> {
    if query.columns.is_empty() {
        return Err(Path::Root("columns").refuse("Only raw rows can be sampled: name the `columns`."));
    }
    let (mut select, plan) = unlimited(query, ctx)?;
    if every > 1 {
        let place = "place";
        let names = plan.columns.iter().map(|c| sql::column(ROWS, &c.name)).collect();
        select.items.push(sql::named("row_number() OVER ()", place));
        let one = sql::binary(&sql::column(ROWS, place), "%", &every.to_string());
        let rows = sql::aliased(&sql::nested(&select), ROWS);
        select = Select { filter: vec![sql::binary(&one, "=", "1")], ..Select::of(names, rows) };
    }
    select.limit = Some(most + 1);
    Ok(Plan { sql: select.print(), limit: most, ..plan })
}

/// The SELECT of a question without its limit, and all of its plan but that.
fn unlimited(query: &Query, ctx: &Context<'_>) -> Result<(Select, Plan)> {
    let zone = Zone::parse(query.timezone.as_deref())?;
    let db = ctx.base.source.parts.spelling();
    let clock = Clock { zone: &zone, now: ctx.now, calendar: Calendar::of(query)?, db };
    let mut asked = Asked::read(query, ctx, clock, None)?;
    if query.having.is_some() && !query.columns.is_empty() {
        return Err(Path::Root("having").refuse("Raw rows are not grouped: use `filter` instead of `having`."));
    }
    if query.others_label.as_ref().is_some_and(|l| l.trim().is_empty() || l.chars().count() > MAX_LABEL) {
        return Err(
            Path::Root("others_label").refuse(format!("The name of the others has 1 to {MAX_LABEL} characters."))
        );
    }
    let gaps = fill::gaps(&asked.scope, query, &asked.outputs)?;
    let earlier = compare::earlier(&asked.scope, query, &asked.outputs)?;
    let sets = subtotals::read(query, &asked.outputs)?;
    if earlier.is_some() {
        let show = query.compare.as_ref().map(|c| c.show.as_slice()).unwrap_or_default();
        output::compare(&mut asked.outputs, show);
    }
    let mut keys = order::keys(&mut asked.scope, query, &asked.outputs)?;
    if let Some(sets) = &sets {
        // Totals first: whatever the limit cuts off, they are there.
        keys.insert(0, (By::Output(asked.outputs.len()), false));
        asked.outputs.push(sets.output(&asked.outputs));
    }
    let is_staged = gaps.is_some()
        || earlier.is_some()
        || asked.picked.tops.iter().any(|t| t.others)
        || sets.is_some() && Sets::has_twins(&asked.outputs)
        || asked.outputs.iter().filter_map(Output::measure).any(|m| m.calculation.is_some() || m.value.is_repeated());
    let select = if is_staged {
        let earlier = match earlier {
            Some(found) => Some((Asked::read(query, ctx, clock, Some(found.shift))?, found.is_bounded)),
            None => None,
        };
        stages::select(query, &asked, earlier, gaps.as_ref(), &keys, sets.as_ref())?
    } else {
        plain(query, &asked, &keys, sets.as_ref())?
    };
    let plan = Plan {
        sql: String::new(),
        columns: asked.outputs.into_iter().map(|o| o.field).collect(),
        limit: 0,
        timezone: zone.name().to_owned(),
        is_narrowed: std::iter::once(&ctx.base).chain(ctx.joins).any(|d| !d.policy.is_open()),
    };
    Ok((select, plan))
}

/// The question as one SELECT over its rows.
fn plain(query: &Query, asked: &Asked<'_>, keys: &[(By, bool)], sets: Option<&Sets>) -> Result<Select> {
    let Asked { scope, outputs, picked } = asked;
    let shown: Vec<String> = outputs.iter().map(|o| shown(o, &scope.clock)).collect();
    let rows = scan::rows(scope)?;
    let mut select = Select {
        items: outputs.iter().zip(&shown).map(|(o, s)| sql::named(s, &o.field.name)).collect(),
        group: sets.map_or_else(|| groups(outputs, &shown), |sets| vec![sets.group_by(outputs)]),
        having: having(query, outputs, &shown, scope.clock)?,
        order: sorted(keys, outputs, &shown, scope.clock.db),
        ..Select::default()
    };
    let ranges: Vec<_> = outputs.iter().filter_map(|o| o.dimension()?.range.as_ref()).collect();
    if ranges.is_empty() && picked.tops.is_empty() {
        select.from = vec![rows];
        select.filter.clone_from(&picked.conditions);
    } else {
        let all = Select { filter: picked.conditions.clone(), ..Select::of(vec![format!("{ROWS}.*")], rows) };
        select.with = vec![sql::with(PICKED, all.line())];
        let rows = sql::aliased(&sql::ident(PICKED), ROWS);
        select.filter = picked.tops.iter().map(|t| members(t, &shown, &rows, scope.clock.db)).collect::<Result<_>>()?;
        select.from = std::iter::once(rows.clone()).chain(ranges.iter().map(|r| r.relation(&rows))).collect();
    }
    Ok(select)
}

/// What an output shows, from the rows.
fn shown(output: &Output, clock: &Clock<'_>) -> String {
    match &output.part {
        Part::Row(column) => column.clone(),
        Part::Measure(measured) => measured.value.sql(clock.db),
        Part::Dimension(grouped) => grouped.shown.of(&grouped.key, clock),
        Part::Grouping(sql) => sql.clone(),
        Part::Compared(..) => "NULL".to_owned(),
    }
}

/// The keys that rows are grouped by: the position of an output where it shows the key itself.
fn groups(outputs: &[Output], shown: &[String]) -> Vec<String> {
    let key = |(i, output): (usize, &Output)| match output.dimension() {
        Some(d) if d.key == shown[i] => Some((i + 1).to_string()),
        other => other.map(|d| d.key.clone()),
    };
    outputs.iter().enumerate().filter_map(key).collect()
}

/// The sort keys as SQL.
pub(crate) fn sorted(keys: &[(By, bool)], outputs: &[Output], shown: &[String], db: Spelling) -> Vec<String> {
    let sort = |(by, ascending): &(By, bool)| match by {
        By::Output(i) => sql::sort(&place(db, &(i + 1).to_string(), &shown[*i], outputs[*i].field.ty), *ascending),
        By::Column(column) => sql::sort(column, *ascending),
    };
    keys.iter().map(sort).collect()
}

/// An output to sort by: its position, unless the database would not sort its values as we do.
pub(crate) fn place(db: Spelling, position: &str, shown: &str, ty: DataType) -> String {
    let ordered = db.ordered(shown, ty);
    if ordered == shown { position.to_owned() } else { ordered }
}

/// Conditions over outputs.
pub(crate) fn having(query: &Query, outputs: &[Output], shown: &[String], clock: Clock<'_>) -> Result<Vec<String>> {
    let Some(filter) = &query.having else { return Ok(Vec::new()) };
    let find = &mut |name: &str, path: &Path<'_>| output::operand(outputs, shown, name, path);
    let condition = filter::tree(filter, &clock, &Path::Root("having"), 1, find)?;
    // It is about groups, not about their totals.
    let sets = outputs.iter().position(|o| matches!(o.part, Part::Grouping(_)));
    Ok(vec![match sets.and_then(|at| shown.get(at)) {
        Some(sets) => sql::any(&[sql::not(&sql::group(&Sets::is_lowest(sets))), condition]),
        None => condition,
    }])
}

/// The condition of a `top_n`: its members by the measure over all rows that pass the filter. Rows
/// without a value are no member.
fn members(top: &Top<'_>, shown: &[String], rows: &str, db: Spelling) -> Result<String> {
    let column = &top.column.sql;
    let measure = shown.get(top.by).ok_or_else(Error::internal)?;
    let ranking = Select {
        filter: vec![sql::is_not_null(column)],
        group: vec!["1".to_owned()],
        order: vec![sql::sort(measure, false), sql::sort(&place(db, "1", column, top.column.column.ty), true)],
        limit: Some(u64::from(top.n)),
        ..Select::of(vec![column.clone()], rows)
    };
    Ok(format!("{column} IN {}", sql::nested(&ranking)))
}

/// The columns whose latest value the question is relative to, each with the position of its dataset:
/// 0 is the question's own, then its joins. The caller finds each ([`crate::latest_sql`]) and passes it
/// in [`crate::Dataset::latest`].
pub fn latest_columns(query: &Query, ctx: &Context<'_>) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let zone = Zone::parse(None);
    let (Ok(zone), Ok(calendar)) = (zone, Calendar::new(None, None)) else { return found };
    let clock = Clock { zone: &zone, now: ctx.now, calendar, db: ctx.base.source.parts.spelling() };
    // Questions that cannot be read are refused when they are planned.
    let Ok(scope) = Scope::new(query, ctx, clock, None) else { return found };
    let mut add = |at: usize, column: &str| {
        if !found.iter().any(|(t, c)| *t == at && c == column) {
            found.push((at, column.to_owned()));
        }
    };
    let path = Path::Root("filter");
    let mut named = |name: &str, home: Option<usize>| {
        let known = match home {
            Some(home) => scope.find_in(home, name),
            None => scope.find(name, &path).ok(),
        };
        if let Some((at, column)) = known {
            add(at, &column.name);
        }
    };
    let mut filters: Vec<(&Filter, Option<usize>)> = query.filter.iter().map(|f| (f, None)).collect();
    let mut measures: Vec<(&Measure, Option<usize>)> = query.measures.iter().map(|m| (m, None)).collect();
    while let Some((measure, home)) = measures.pop() {
        filters.extend(measure.filter.iter().map(|f| (f, home)));
        let parts = measure.numerator.as_deref().into_iter().chain(measure.denominator.as_deref());
        measures.extend(parts.map(|m| (m, home)));
        let metric = measure.metric.as_ref().filter(|_| home.is_none());
        if let Some(metric) = metric.and_then(|id| ctx.metrics.iter().find(|m| m.id == *id)) {
            let home = scope.tables.iter().position(|t| t.answers_to(&metric.query.dataset));
            if home.is_some() {
                filters.extend(metric.query.filter.iter().map(|f| (f, home)));
                measures.extend(metric.query.measures.iter().map(|m| (m, home)));
            }
        }
    }
    for (filter, home) in filters {
        latest_in(filter, &mut |name| named(name, home));
    }
    for (at, table) in scope.tables.iter().enumerate() {
        let is_stored = |name: &str| table.dataset.source.columns.iter().any(|c| c.name == name);
        let rules = &table.dataset.policy.rows;
        rules.iter().for_each(|rule| {
            latest_in(rule, &mut |name| {
                if is_stored(name) {
                    add(at, name);
                }
            });
        });
    }
    found
}

/// Calls `f` with each column that the filter compares relative to its latest value.
fn latest_in(filter: &Filter, f: &mut dyn FnMut(&str)) {
    let mut open = vec![filter];
    while let Some(filter) = open.pop() {
        match filter {
            Filter::And(each) | Filter::Or(each) => open.extend(each),
            Filter::Is(test) if test.op == Op::Relative => {
                let relative = serde_json::from_value::<Relative>(test.value.clone());
                if relative.is_ok_and(|r| r.as_of == AsOf::Latest) {
                    f(&test.column);
                }
            }
            Filter::Is(_) => {}
        }
    }
}
