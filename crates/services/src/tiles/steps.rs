//! Steps into the detail of a question: fewer rows, other groups. The stored tile stays as it is.

use domain::chart::ChartSpec;
use domain::connect::DrillStep;
use domain::query::{Condition, Dimension, Dir, Filter, Op, Order, Query};
use domain::{ChartKind, DataType};

/// Takes one step.
pub(crate) fn take(
    query: &mut Query,
    spec: &mut ChartSpec,
    step: &DrillStep,
    type_of: &dyn Fn(&str) -> Option<DataType>,
) {
    for filter in &step.on {
        query.filter = Filter::both(query.filter.take(), Some(filter.clone()));
    }
    let Some(to) = &step.to else { return };
    let at = match &step.from {
        Some(column) => query.dimensions.iter().position(|d| d.column == *column),
        None => (!query.dimensions.is_empty()).then_some(0),
    };
    let was_time = at.is_some_and(|at| is_time(&query.dimensions[at], type_of));
    // A question groups by a column once: what was beside it gives way.
    let kept = at.map(|at| query.dimensions[at].clone());
    let is_other = |d: &Dimension| Some(d) == kept.as_ref() || d.column != to.column;
    query.dimensions.retain(is_other);
    let before = kept.as_ref().map(name_of);
    match query.dimensions.iter_mut().find(|d| Some(&**d) == kept.as_ref()) {
        Some(dimension) => *dimension = to.clone(),
        None => query.dimensions.insert(0, to.clone()),
    }
    let now_time = is_time(to, type_of);
    if let Some(before) = &before {
        rename(query, spec, before, &name_of(to));
    }
    settle(query, now_time);
    spec.kind = kind_after(spec.kind, was_time, now_time, query.dimensions.len());
}

fn name_of(dimension: &Dimension) -> String {
    dimension.alias.clone().unwrap_or_else(|| dimension.column.clone())
}

fn is_time(dimension: &Dimension, type_of: &dyn Fn(&str) -> Option<DataType>) -> bool {
    let folded = dimension.grain.is_some_and(|g| g.is_folded());
    !folded && type_of(&dimension.column).is_some_and(DataType::is_time)
}

/// What named the group before names the one in its place.
fn rename(query: &mut Query, spec: &mut ChartSpec, before: &str, now: &str) {
    let within = query.measures.iter_mut().filter_map(|m| m.calc.as_mut()?.within.as_mut());
    let encodings = spec.encodings.x.iter_mut().chain(spec.encodings.color.iter_mut());
    for name in within.flatten().chain(encodings).filter(|name| *name == before) {
        now.clone_into(name);
    }
    for order in query.order.iter_mut().filter(|o| o.by == before) {
        now.clone_into(&mut order.by);
    }
    // Options that name columns mean those of the tile as it was.
    if spec.plugin.is_some() {
        spec.options.values_mut().filter(|v| v.as_str() == Some(before)).for_each(|v| *v = now.into());
    }
    for name in ["rows", "columns"] {
        if let Some(list) = spec.options.get_mut(name).and_then(|v| v.as_array_mut()) {
            list.iter_mut().filter(|v| v.as_str() == Some(before)).for_each(|v| *v = now.into());
        }
    }
}

/// Times run from first to last, members from the largest on; what has no meaning any more goes.
fn settle(query: &mut Query, now_time: bool) {
    let has_time = query.dimensions.iter().any(|d| d.grain.is_some_and(|g| !g.is_folded()));
    if !has_time {
        query.fill = None;
        if query.compare.as_ref().is_some_and(|c| c.column.is_none()) {
            query.compare = None;
        }
    }
    let outputs: Vec<String> = query.dimensions.iter().map(name_of).collect();
    let measures: Vec<String> = query.measures.iter().map(|m| m.output_name()).collect();
    query.order.retain(|o| outputs.contains(&o.by) || measures.iter().any(|m| o.by.starts_with(m.as_str())));
    let first = query.dimensions.first().map(name_of);
    match (now_time, measures.first()) {
        (true, _) => query.order = first.into_iter().map(|by| Order { by, dir: Dir::Asc }).collect(),
        (false, Some(measure)) => query.order = vec![Order { by: measure.clone(), dir: Dir::Desc }],
        (false, None) => {}
    }
}

/// The kind that can show it: lines need a course, slices have none.
fn kind_after(kind: ChartKind, was_time: bool, now_time: bool, groups: usize) -> ChartKind {
    use ChartKind as K;
    match kind {
        K::Table | K::Pivot | K::Plugin(_) => kind,
        K::Number | K::Gauge | K::Progress | K::Trend | K::Sparkline | K::Bullet if now_time => K::Line,
        K::Number | K::Gauge | K::Progress | K::Trend | K::Sparkline | K::Bullet => K::Row,
        K::Line | K::Area | K::Calendar if was_time && !now_time => K::Bar,
        K::Pie | K::Treemap | K::Sunburst | K::Funnel | K::Waterfall | K::Radar | K::Row if now_time => K::Line,
        K::Map | K::Histogram | K::Calendar => K::Bar,
        K::Heatmap | K::Sankey | K::Network if groups < 2 => K::Bar,
        other => other,
    }
}

/// The filter without conditions that only a grouped question can have.
pub(crate) fn plain(filter: Option<Filter>) -> Option<Filter> {
    match filter? {
        Filter::Is(Condition { op: Op::TopN, .. }) => None,
        Filter::And(all) => {
            let mut all: Vec<Filter> = all.into_iter().filter_map(|f| plain(Some(f))).collect();
            if all.len() > 1 { Some(Filter::And(all)) } else { all.pop() }
        }
        other => Some(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::query::{Agg, Grain, Measure};
    use serde_json::json;

    fn query() -> Query {
        serde_json::from_value(json!({
            "dataset": "sales",
            "dimensions": [{"column": "date", "grain": "year"}, {"column": "region"}],
            "measures": [{"agg": "sum", "column": "amount", "calc": {"kind": "running_total", "within": ["region"]}}],
            "order": [{"by": "date"}], "fill": "zero",
        }))
        .unwrap()
    }

    fn spec(kind: ChartKind) -> ChartSpec {
        serde_json::from_value(json!({"kind": kind, "encodings": {"x": "date", "color": "region"}})).unwrap()
    }

    fn type_of(column: &str) -> Option<DataType> {
        Some(if column == "date" { DataType::Date } else { DataType::Text })
    }

    fn to(from: &str, column: &str, grain: Option<Grain>) -> DrillStep {
        DrillStep {
            on: vec![Filter::is("date", Op::Between, json!(["2024-01-01", "2024-12-31"]))],
            from: Some(from.into()),
            to: Some(Dimension { column: column.into(), grain, ..Dimension::default() }),
        }
    }

    #[test]
    fn time_becomes_finer() {
        let (mut q, mut s) = (query(), spec(ChartKind::Line));
        take(&mut q, &mut s, &to("date", "date", Some(Grain::Quarter)), &type_of);
        assert_eq!(q.dimensions[0].grain, Some(Grain::Quarter));
        assert_eq!((q.dimensions.len(), q.order[0].by.as_str(), s.kind), (2, "date", ChartKind::Line));
        assert!(q.fill.is_some() && q.filter.is_some());
    }

    #[test]
    fn another_column_takes_the_place_and_its_double_goes() {
        let (mut q, mut s) = (query(), spec(ChartKind::Line));
        take(&mut q, &mut s, &to("date", "region", None), &type_of);
        assert_eq!(q.dimensions.iter().map(|d| d.column.as_str()).collect::<Vec<_>>(), ["region"]);
        assert_eq!((s.kind, q.order[0].by.as_str(), q.order[0].dir), (ChartKind::Bar, "sum_amount", Dir::Desc));
        assert!(q.fill.is_none());
        let (mut q, mut s) = (query(), spec(ChartKind::Area));
        take(&mut q, &mut s, &to("region", "product", None), &type_of);
        let within = q.measures[0].calc.as_ref().and_then(|c| c.within.clone());
        assert_eq!((within, s.encodings.color.as_deref()), (Some(vec!["product".to_owned()]), Some("product")));
    }

    #[test]
    fn a_number_becomes_a_list() {
        let mut q = Query { measures: vec![Measure::of(Agg::Sum, "amount")], ..Query::default() };
        let mut s = spec(ChartKind::Number);
        let step = DrillStep { from: None, on: Vec::new(), ..to("", "region", None) };
        take(&mut q, &mut s, &step, &type_of);
        assert_eq!((q.dimensions.len(), s.kind), (1, ChartKind::Row));
    }

    #[test]
    fn rows_know_no_top() {
        let top = Filter::is("a", Op::TopN, json!({"n": 3, "by": "m"}));
        let a = Filter::is("a", Op::Eq, "x");
        assert_eq!(plain(Some(Filter::And(vec![top.clone(), a.clone()]))), Some(a));
        assert_eq!(plain(Some(top)), None);
    }
}
