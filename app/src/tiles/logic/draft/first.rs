//! What a question begins with.

use super::{FIRST_COLUMNS, Grains, Pick};
use crate::tiles::logic::shape::aggregates;
use domain::query::{Agg, Bin, Dimension, Grain, Measure, Query};
use domain::{ChartKind, Column, Role};

/// A first chart of a dataset: how many rows over time, or by its first category.
pub(super) fn first_question(query: &mut Query, kind: ChartKind, columns: &[Column], grains: &Grains) {
    if kind == ChartKind::Table {
        query.columns = columns.iter().take(FIRST_COLUMNS).map(|c| c.name.clone()).collect();
        return;
    }
    query.measures = vec![Measure::count()];
    let by_role = |role: Role| columns.iter().find(|c| c.role == role);
    let prefers_time = !matches!(kind, ChartKind::Pie | ChartKind::Row);
    let group = match prefers_time {
        true => by_role(Role::Time).or_else(|| by_role(Role::Dimension)),
        false => by_role(Role::Dimension).or_else(|| by_role(Role::Time)),
    };
    if kind != ChartKind::Number {
        query.dimensions = group.into_iter().map(|c| first_dimension(&c.name, columns, grains)).collect();
    }
}

/// Groups by the named columns: times and categories apart, numbers summed.
pub(super) fn group(query: &mut Query, names: &[String], columns: &[Column], grains: &Grains) {
    for name in names {
        match columns.iter().find(|c| c.name == *name) {
            Some(column) if column.ty.is_time() && query.dimensions.iter().all(|d| d.grain.is_none()) => {
                query.dimensions.insert(0, first_dimension(name, columns, grains));
            }
            Some(column) if column.ty.is_number() && column.role == Role::Measure => {
                query.measures.push(first_measure(&Pick::Column(name.clone()), columns));
            }
            _ => query.dimensions.push(Dimension { column: name.clone(), ..Dimension::default() }),
        }
    }
    if query.measures.is_empty() {
        query.measures.push(Measure::count());
    }
}

pub(super) fn first_dimension(name: &str, columns: &[Column], grains: &Grains) -> Dimension {
    let column = columns.iter().find(|c| c.name == name);
    let grain = column.filter(|c| c.ty.is_time()).map(|_| grains.get(name).copied().unwrap_or(Grain::Month));
    // Numbers that are measured have too many values to be a group each.
    let bin = column.filter(|c| c.ty.is_number() && c.role == Role::Measure).map(|_| Bin::Count(20));
    Dimension { column: name.to_owned(), grain, bin, alias: None }
}

/// Numbers are summed, parts of a whole averaged, everything else counted.
pub(super) fn first_measure(pick: &Pick, columns: &[Column]) -> Measure {
    let name = match pick {
        Pick::Column(name) => name,
        Pick::Count => return Measure::count(),
        Pick::CountIf => return Measure { agg: Some(Agg::CountIf), ..Measure::default() },
        Pick::Ratio => return first_ratio(columns),
        Pick::Metric(id) => return Measure { metric: Some(id.clone()), ..Measure::default() },
    };
    let column = columns.iter().find(|c| c.name == *name);
    let is_part = column.and_then(|c| c.format.as_ref()).is_some_and(|f| f.style == domain::format::Style::Percent);
    let agg = match column {
        Some(c) if c.ty.is_number() && c.role == Role::Measure => {
            if is_part {
                Agg::Avg
            } else {
                Agg::Sum
            }
        }
        Some(c) if c.ty.is_time() => Agg::Max,
        _ => Agg::CountDistinct,
    };
    Measure::of(agg, name)
}

/// The first number per row, or rows over rows.
fn first_ratio(columns: &[Column]) -> Measure {
    let number = columns.iter().find(|c| c.ty.is_number() && c.role == Role::Measure);
    let above = number.map_or_else(Measure::count, |c| Measure::of(Agg::Sum, &c.name));
    Measure {
        agg: Some(Agg::Ratio),
        numerator: Some(Box::new(above)),
        denominator: Some(Box::new(Measure::count())),
        ..Measure::default()
    }
}

/// A measure of a field beside those there are: another aggregate where its first is taken. None
/// where every one is.
pub(super) fn next_measure(there: &[Measure], pick: &Pick, columns: &[Column]) -> Option<Measure> {
    let first = first_measure(pick, columns);
    // Two of them are told apart by what they test and divide.
    if matches!(pick, Pick::CountIf | Pick::Ratio) {
        return Some(first);
    }
    if let Pick::Metric(id) = pick {
        return (!there.iter().any(|m| m.metric.as_ref() == Some(id))).then_some(first);
    }
    let taken = |agg: Option<Agg>| there.iter().any(|m| m.column == first.column && m.agg == agg);
    if !taken(first.agg) {
        return Some(first);
    }
    let name = first.column.as_deref()?;
    let ty = columns.iter().find(|c| c.name == name).map(|c| c.ty);
    aggregates(ty).into_iter().find(|agg| !taken(Some(*agg))).map(|agg| Measure::of(agg, name))
}

/// A further group beside those there are: a time may come back with another grain, anything else
/// not at all.
pub(super) fn next_dimension(
    there: &[Dimension],
    name: &str,
    columns: &[Column],
    grains: &Grains,
) -> Option<Dimension> {
    let first = first_dimension(name, columns, grains);
    let mut same = there.iter().filter(|d| d.column == name).peekable();
    if same.peek().is_none() {
        return Some(first);
    }
    let taken: Vec<Option<Grain>> = same.map(|d| d.grain).collect();
    first.grain?;
    // Years beside months is what people compare.
    let usual = [Grain::Year, Grain::Month, Grain::DayOfWeek];
    let grain = usual.into_iter().find(|grain| !taken.contains(&Some(*grain)))?;
    Some(Dimension { grain: Some(grain), ..first })
}
