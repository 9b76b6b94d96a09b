//! Which chart shows a reading.

use super::build::{Built, Shape};
use super::draft::Draft;
use super::schema::Nature;
use domain::ChartKind;
use domain::chart::Encodings;
use domain::query::{Agg, CalcKind, Grain, Measure, Query};

/// A kind of chart, whether it is stacked, and its encodings.
pub(crate) struct Drawn {
    pub(crate) kind: ChartKind,
    pub(crate) is_stacked: bool,
    pub(crate) encodings: Encodings,
}

/// Chooses it: what was asked for, else what the answer's shape asks for.
pub(crate) fn choose(built: &Built, draft: &Draft) -> Drawn {
    let query = &built.query;
    let asked = draft.chart;
    let groups = query.dimensions.len();
    let is_counted = query.measures.iter().all(|m| matches!(m.agg, Some(Agg::Count | Agg::Sum)));
    let kind = match asked.map(|c| c.kind) {
        // A histogram of members is a bar chart.
        Some(ChartKind::Histogram) if !is_histogram(built) => ChartKind::Bar,
        Some(ChartKind::Bar) if built.shape == Shape::Points && is_histogram(built) => ChartKind::Histogram,
        Some(kind) => kind,
        None => natural(built, draft),
    };
    let said_stacked = asked.is_some_and(|c| c.is_stacked);
    let said_grouped = asked.is_some_and(|c| c.is_grouped);
    let is_stacked = said_stacked || (kind == ChartKind::Bar && groups >= 2 && is_counted && !said_grouped);
    Drawn { kind, is_stacked, encodings: encodings(built, kind) }
}

fn is_histogram(built: &Built) -> bool {
    match built.shape {
        Shape::Points => built.natures.len() == 1 && built.natures[0].is_number(),
        Shape::Grouped => built.query.dimensions.len() == 1 && built.query.dimensions[0].bin.is_some(),
        Shape::Rows => false,
    }
}

fn natural(built: &Built, draft: &Draft) -> ChartKind {
    let query = &built.query;
    if is_histogram(built) {
        return ChartKind::Histogram;
    }
    match built.shape {
        Shape::Rows => {
            return if query.columns.len() == 1 && query.limit == Some(1) {
                ChartKind::Number
            } else {
                ChartKind::Table
            };
        }
        Shape::Points => {
            let numbers = built.natures.iter().filter(|n| n.is_number()).count();
            return if numbers >= 2 { ChartKind::Scatter } else { ChartKind::Bar };
        }
        Shape::Grouped => {}
    }
    let (groups, measures) = (query.dimensions.len(), query.measures.len());
    if query.measures.is_empty() {
        return ChartKind::Table;
    }
    let over_time = query
        .dimensions
        .iter()
        .zip(&built.natures)
        .any(|(d, n)| matches!(n, Nature::Year) || d.grain.is_some_and(|g| !g.is_folded()));
    let is_cycle = query.dimensions.iter().any(|d| d.grain.is_some_and(Grain::is_folded));
    let is_share = matches!(draft.calc, Some((CalcKind::Share, _)));
    match (groups, measures) {
        (0, 1) if query.compare.is_some() => ChartKind::Trend,
        (0, 1) => ChartKind::Number,
        (0, _) => ChartKind::Table,
        (1, _) if is_share && !over_time => ChartKind::Pie,
        (1 | 2, _) if over_time && query.limit.is_none() && !is_cycle => ChartKind::Line,
        (1, 2)
            if draft.calc.is_none() && draft.is_visual && query.measures.iter().all(|m| m.agg != Some(Agg::Count)) =>
        {
            ChartKind::Scatter
        }
        (1 | 2, _) => ChartKind::Bar,
        _ => ChartKind::Table,
    }
}

fn encodings(built: &Built, kind: ChartKind) -> Encodings {
    let query = &built.query;
    if built.shape == Shape::Points {
        let at = |numbers: bool| {
            let natures = built.natures.iter().zip(&query.columns);
            natures.filter(move |(n, _)| n.is_number() == numbers).map(|(_, c)| c.clone()).collect::<Vec<_>>()
        };
        let (numbers, groups) = (at(true), at(false));
        if kind == ChartKind::Scatter && numbers.len() >= 2 {
            return Encodings {
                x: Some(numbers[0].clone()),
                y: vec![numbers[1].clone()],
                color: groups.first().cloned(),
                size: None,
            };
        }
        return Encodings::default();
    }
    if built.shape == Shape::Rows || query.dimensions.is_empty() || matches!(kind, ChartKind::Table | ChartKind::Pivot)
    {
        return Encodings::default();
    }
    let name = |i: usize| query.dimensions.get(i).map(|d| d.column.clone());
    let is_ordered = |i: usize| {
        query.dimensions.get(i).is_some_and(|d| d.grain.is_some()) || built.natures.get(i) == Some(&Nature::Year)
    };
    // Time runs along the axis.
    let (x, color) = if query.dimensions.len() > 1 && is_ordered(1) && !is_ordered(0) { (1, 0) } else { (0, 1) };
    if name(x) == name(color) {
        return Encodings::default();
    }
    let y = query.measures.iter().map(Measure::output_name).collect();
    Encodings { x: name(x), y, color: name(color).filter(|_| query.dimensions.len() > 1), size: None }
}

/// The chart in the words of benchmarks: bar, grouped_bar, stacked_bar, line, multi_line, area,
/// scatter, histogram, pie, box, table, number.
pub fn word(kind: ChartKind, is_stacked: bool, query: &Query) -> &'static str {
    let series = query.dimensions.len() > 1;
    match kind {
        ChartKind::Bar | ChartKind::Row if series && is_stacked => "stacked_bar",
        ChartKind::Bar | ChartKind::Row if series => "grouped_bar",
        ChartKind::Bar | ChartKind::Row => "bar",
        ChartKind::Line if series => "multi_line",
        ChartKind::Line | ChartKind::Sparkline => "line",
        ChartKind::Area => "area",
        ChartKind::Scatter => "scatter",
        ChartKind::Histogram => "histogram",
        ChartKind::Pie => "pie",
        ChartKind::BoxPlot => "box",
        ChartKind::Number | ChartKind::Trend => "number",
        _ => "table",
    }
}
