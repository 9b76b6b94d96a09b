//! From a mark of a plug-in back to the answer, as far as its template tells: by the row that the mark
//! is, by the two ends of a link, or by its name.

use super::{columns, placeholders};
use crate::marks::{Mark, Members};
use crate::roles::is_group;
use domain::plugin::Template;
use domain::{Cell, ChartSpec, Table};
use serde_json::Value;

/// The members that a mark stands for.
pub(crate) fn members(spec: &ChartSpec, template: &Template, table: &Table, mark: &Mark) -> Members {
    let columns = columns(&template.encodings, &spec.options, &table.columns);
    let column = |name: &Value| {
        let at = template.encodings.iter().position(|e| Some(e.name.as_str()) == name.as_str())?;
        columns.get(at).copied().flatten()
    };
    let series = &template.option["series"];
    let (mut lists, mut items) = (Vec::new(), Vec::new());
    placeholders(series, "$rows", &mut lists);
    placeholders(series, "$items", &mut items);
    let cell = |column: usize, row: usize| table.data.get(column).and_then(|cells| cells.get(row));
    let groups: Vec<usize> = columns.iter().copied().flatten().filter(|c| is_group(&table.columns[*c])).collect();
    let of_row = |row: usize| -> Members {
        let mut members = Members::new();
        for group in &groups {
            if members.iter().all(|(c, _)| c != group) {
                members.extend(cell(*group, row).map(|cell| (*group, cell.clone())));
            }
        }
        members
    };
    if let (Some(from), Some(to)) = (&mark.from, &mark.to) {
        let is = |column: Option<usize>, row: usize, name: &str| {
            column.and_then(|c| cell(c, row)).is_some_and(|cell| cell.to_text() == *name)
        };
        for item in &items {
            let ends = (item.get("source").and_then(column), item.get("target").and_then(column));
            if let Some(row) = (0..table.row_count()).find(|row| is(ends.0, *row, from) && is(ends.1, *row, to)) {
                return of_row(row);
            }
        }
    }
    if let Some(value) = mark.value.as_array() {
        for list in lists.iter().filter_map(|l| l.as_array()) {
            // ECharts puts the position of a box before its values.
            let tail = value.len().checked_sub(list.len()).filter(|extra| *extra < 2).map(|extra| &value[extra..]);
            let Some(value) = tail else { continue };
            let at: Vec<Option<usize>> = list.iter().map(&column).collect();
            let is = |row: &usize| at.iter().zip(value).all(|(c, v)| is_same(c.and_then(|c| cell(c, *row)), v));
            let named = |row: &usize| {
                mark.name.is_empty() || groups.is_empty() || of_row(*row).iter().any(|(_, c)| c.to_text() == mark.name)
            };
            let hits = || (0..table.row_count()).filter(is);
            if let Some(row) = hits().find(named).or_else(|| hits().next()) {
                return of_row(row);
            }
        }
    }
    let called = |group: &usize| {
        let cells = table.data.get(*group)?;
        Some((*group, cells.iter().find(|cell| cell.to_text() == mark.name)?.clone()))
    };
    if mark.name.is_empty() { Members::new() } else { groups.iter().find_map(called).into_iter().collect() }
}

/// Whether a value of a mark is that of a cell: a whole number may have lost its point on the way.
fn is_same(cell: Option<&Cell>, value: &Value) -> bool {
    match (cell.and_then(Cell::as_f64), value.as_f64()) {
        (Some(a), Some(b)) => a == b,
        _ => cell.map_or(Value::Null, Cell::to_json) == *value,
    }
}
