//! Conditions joined by and, or: the filter of a question, of a measure, of `having`.

use crate::condition::condition;
use crate::path::Path;
use crate::scope::{Clock, Operand, Ref, Scope};
use crate::sql;
use domain::Result;
use domain::query::{Condition, Filter, Op, TopN};

/// How deep groups may lie in one another.
const MAX_DEPTH: usize = 64;
/// The most members of a `top_n`.
const MAX_TOP: u32 = 10_000;

/// The filter of a question: conditions that all hold, and members to be chosen among the rows that
/// pass them.
#[derive(Default)]
pub(crate) struct Picked<'a> {
    pub(crate) conditions: Vec<String>,
    pub(crate) tops: Vec<Top<'a>>,
}

/// The members of `column` with the largest measure `by`.
pub(crate) struct Top<'a> {
    pub(crate) column: Ref<'a>,
    pub(crate) n: u32,
    /// Position of the measure among the outputs.
    pub(crate) by: usize,
    /// Whether the rest is gathered in one row.
    pub(crate) others: bool,
}

/// Reads the filter of a question. `measure` finds an output's position by its name.
pub(crate) fn question<'a>(
    scope: &mut Scope<'a>,
    filter: Option<&Filter>,
    measure: &dyn Fn(&str, &Path<'_>) -> Result<usize>,
) -> Result<Picked<'a>> {
    let mut picked = Picked::default();
    let root = Path::Root("filter");
    let list = root.key("and");
    let mut add = |filter: &Filter, path: &Path<'_>| -> Result<()> {
        if let Filter::Is(test) = filter
            && test.op == Op::TopN
        {
            picked.tops.push(top(scope, test, measure, path)?);
        } else {
            picked.conditions.push(rows(scope, filter, path)?);
        }
        Ok(())
    };
    match filter {
        Some(Filter::And(all)) => all.iter().enumerate().try_for_each(|(i, each)| add(each, &list.at(i)))?,
        Some(one) => add(one, &root)?,
        None => {}
    }
    Ok(picked)
}

fn top<'a>(
    scope: &mut Scope<'a>,
    test: &Condition,
    measure: &dyn Fn(&str, &Path<'_>) -> Result<usize>,
    path: &Path<'_>,
) -> Result<Top<'a>> {
    let column = scope.column(&test.column, &path.key("column"))?;
    let value = path.key("value");
    let wanted: TopN = serde_json::from_value(test.value.clone())
        .map_err(|_| value.refuse("`top_n` takes {\"n\": 10, \"by\": \"the name of a measure\"}."))?;
    if !(1..=MAX_TOP).contains(&wanted.n) {
        return Err(value.key("n").refuse(format!("`n` is between 1 and {MAX_TOP}.")));
    }
    if column.column.ty == domain::DataType::Other {
        return Err(path.key("column").refuse(format!("The values of `{}` cannot be compared.", test.column)));
    }
    Ok(Top { column, n: wanted.n, by: measure(&wanted.by, &value.key("by"))?, others: wanted.others })
}

/// A filter over the dataset's columns.
pub(crate) fn rows(scope: &mut Scope<'_>, filter: &Filter, path: &Path<'_>) -> Result<String> {
    let clock = scope.clock;
    tree(filter, &clock, path, 1, &mut |name, path| scope.operand(name, path))
}

/// A filter over whatever `operand` finds by name.
pub(crate) fn tree<'a>(
    filter: &Filter,
    clock: &Clock<'_>,
    path: &Path<'_>,
    depth: usize,
    operand: &mut dyn FnMut(&str, &Path<'_>) -> Result<Operand<'a>>,
) -> Result<String> {
    let (key, group) = match filter {
        Filter::And(all) => ("and", all),
        Filter::Or(any) => ("or", any),
        Filter::Is(test) => {
            let operand = operand(&test.column, &path.key("column"))?;
            return condition(&operand, test, clock, path);
        }
    };
    if depth > MAX_DEPTH {
        return Err(path.refuse(format!("Conditions may lie at most {MAX_DEPTH} groups deep.")));
    }
    let list = path.key(key);
    let mut parts = Vec::with_capacity(group.len());
    for (i, each) in group.iter().enumerate() {
        parts.push(tree(each, clock, &list.at(i), depth + 1, operand)?);
    }
    Ok(if key == "and" { sql::all(&parts) } else { sql::any(&parts) })
}
