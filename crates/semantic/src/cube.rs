//! A question that is asked again and again with other members of the same columns chosen, as while
//! somebody drags over a chart: asked once with those columns among its groups, its measures in
//! parts that add up. Every further answer is a sum over that (after D. Moritz, B. Howe and J. Heer,
//! "Falcon: Balancing Interactive Latency and Resolution Sensitivity for Scalable Linked
//! Visualizations", CHI 2019).

use domain::query::{Agg, Dimension, Filter, MAX_LIMIT, Measure, Op, Query};
use serde_json::Value;

/// How a measure comes of the outputs of the cube's question, by their position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    /// The sum; without rows it is nothing.
    Sum(usize),
    /// The sum; without rows it is 0.
    Count(usize),
    Min(usize),
    Max(usize),
    /// A sum over another.
    Mean(usize, usize),
}

/// What to ask once, and how answers come of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Cube {
    /// Groups of the question, then those of the brush, then the parts of the measures.
    pub query: Query,
    /// How many groups are the question's own.
    pub own: usize,
    /// The groups of the brush.
    pub brush: Vec<Dimension>,
    pub measures: Vec<Made>,
}

/// The cube of a question over what a brush groups by. `None` where answers would not add up:
/// distinct counts, medians, calculations, comparisons, the largest members, joins, raw rows.
pub fn cube(query: &Query, brush: &[Dimension]) -> Option<Cube> {
    let plain = query.joins.is_empty()
        && query.columns.is_empty()
        && query.subtotals.is_empty()
        && query.having.is_none()
        && query.compare.is_none()
        && query.fill.is_none()
        && query.offset == 0
        && !query.measures.is_empty()
        && !brush.is_empty();
    // Ranges by number depend on the rows that are chosen, and so do the largest members.
    let counted = |d: &Dimension| matches!(d.bin, Some(domain::query::Bin::Count(_)));
    if !plain || query.dimensions.iter().chain(brush).any(counted) || query.filter.as_ref().is_some_and(has_top) {
        return None;
    }
    let groups = query.dimensions.len() + brush.len();
    let mut parts: Vec<Measure> = Vec::new();
    let mut part = |measure: Measure| {
        let known = parts.iter().position(|p| Measure { alias: None, ..p.clone() } == measure);
        groups
            + known.unwrap_or_else(|| {
                let alias = Some(format!("(part {})", parts.len()));
                parts.push(Measure { alias, ..measure });
                parts.len() - 1
            })
    };
    let mut measures = Vec::new();
    for measure in &query.measures {
        if measure.calc.is_some() || measure.metric.is_some() {
            return None;
        }
        let own = Measure { alias: None, ..measure.clone() };
        measures.push(match (measure.agg?, &measure.column) {
            (Agg::Sum, _) => Made::Sum(part(own)),
            (Agg::Count | Agg::CountIf, _) => Made::Count(part(own)),
            (Agg::Min, _) => Made::Min(part(own)),
            (Agg::Max, _) => Made::Max(part(own)),
            (Agg::Avg, Some(column)) => {
                let values = Measure {
                    agg: Some(Agg::CountIf),
                    filter: Some(Filter::is(column, Op::IsNotNull, Value::Null)),
                    ..Measure::default()
                };
                let sum = part(Measure { agg: Some(Agg::Sum), ..own });
                Made::Mean(sum, part(values))
            }
            _ => return None,
        });
    }
    // Names of its own, so that a column may be in both.
    let named = |(i, d): (usize, &Dimension)| Dimension { alias: Some(format!("(group {i})")), ..d.clone() };
    let dimensions = query.dimensions.iter().chain(brush).enumerate().map(named).collect();
    let query = Query { dimensions, measures: parts, order: Vec::new(), limit: Some(MAX_LIMIT), ..query.clone() };
    Some(Cube { own: groups - brush.len(), brush: brush.to_vec(), measures, query })
}

fn has_top(filter: &Filter) -> bool {
    let mut found = false;
    filter.each(&mut |c| found |= c.op == Op::TopN);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::query::Grain;
    use serde_json::json;

    fn query(measures: Value) -> Query {
        serde_json::from_value(json!({"dataset": "sales", "dimensions": [{"column": "region"}], "measures": measures}))
            .unwrap()
    }

    fn months() -> Vec<Dimension> {
        vec![Dimension { column: "date".into(), grain: Some(Grain::Month), ..Dimension::default() }]
    }

    #[test]
    fn an_average_is_a_sum_over_a_count() {
        let asked = json!([{"agg": "avg", "column": "amount"}, {"agg": "sum", "column": "amount"}, {"agg": "count"}]);
        let cube = cube(&query(asked), &months()).unwrap();
        assert_eq!(cube.measures, [Made::Mean(2, 3), Made::Sum(2), Made::Count(4)]);
        assert_eq!((cube.own, cube.query.dimensions.len(), cube.query.measures.len()), (1, 2, 3));
        assert_eq!(cube.query.dimensions[1].grain, Some(Grain::Month));
    }

    #[test]
    fn what_does_not_add_up_has_no_cube() {
        for measures in [
            json!([{"agg": "count_distinct", "column": "customer_id"}]),
            json!([{"agg": "median", "column": "amount"}]),
            json!([{"agg": "sum", "column": "amount", "calc": {"kind": "share"}}]),
            json!([{"metric": "revenue"}]),
        ] {
            assert_eq!(cube(&query(measures.clone()), &months()), None, "{measures}");
        }
        let mut top = query(json!([{"agg": "count"}]));
        top.filter = Some(Filter::is("region", Op::TopN, json!({"n": 3, "by": "count"})));
        assert_eq!(cube(&top, &months()), None);
    }
}
