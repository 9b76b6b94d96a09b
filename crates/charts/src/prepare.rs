//! What a kind asks for: the same question, put so that its answer can be drawn this way.

use crate::crosstab::pivot_plan;
use domain::query::{Agg, Bin, Measure, Query};
use domain::{ChartKind, ChartSpec, DataType, Field, Role};
use std::collections::HashSet;

/// Ranges of a histogram nobody has chosen ranges for.
const BINS: u32 = 20;
/// Rows of a pivot table's answer, its totals among them, unless the question says.
const PIVOT_ROWS: u64 = 20_000;

/// The question of a chart, changed to what its kind needs. A question that already is, or that the
/// kind cannot be helped with, comes back as it was.
///
/// - histogram: the first dimension that is a number is binned, and rows are counted; the engine counts
///   them all, whatever the limit of the answer.
/// - box plot: one measure becomes minimum, lower quartile, median, upper quartile and maximum.
/// - pivot table: with every subtotal and total that its options ask for.
pub fn prepare(spec: &ChartSpec, query: &Query, is_number: &dyn Fn(&str) -> bool) -> Query {
    let mut query = query.clone();
    match spec.kind {
        ChartKind::Pivot => add_totals(spec, &mut query),
        ChartKind::Histogram => {
            let binned = query.dimensions.iter().any(|d| d.bin.is_some());
            let number = query.dimensions.iter_mut().find(|d| d.grain.is_none() && is_number(&d.column));
            match number {
                Some(dimension) if !binned => dimension.bin = Some(Bin::Count(BINS)),
                _ => {}
            }
            if query.measures.is_empty() && !query.dimensions.is_empty() {
                query.measures.push(Measure::count());
            }
        }
        ChartKind::BoxPlot => {
            if let [one] = &query.measures[..]
                && let Some(column) = one.column.clone().filter(|c| one.calc.is_none() && is_number(c))
            {
                let before = one.output_name();
                let quartile = |p: f64| Measure { p: Some(p), ..Measure::of(Agg::Percentile, &column) };
                let named =
                    |measure: Measure, name: &str| Measure { alias: Some(format!("{name}_{column}")), ..measure };
                query.measures = vec![
                    Measure::of(Agg::Min, &column),
                    named(quartile(25.0), "p25"),
                    Measure::of(Agg::Median, &column),
                    named(quartile(75.0), "p75"),
                    Measure::of(Agg::Max, &column),
                ];
                // What sorted by the one measure is sorted by the median.
                let after = format!("median_{column}");
                query.order.iter_mut().filter(|o| o.by == before).for_each(|o| o.by.clone_from(&after));
            }
        }
        _ => {}
    }
    query
}

fn add_totals(spec: &ChartSpec, query: &mut Query) {
    query.subtotals.clear();
    let mut plan = pivot_plan(spec, &outline(query));
    let places: Vec<bool> = outline(query).iter().map(|f| plan.sets[0].contains(&f.name)).collect();
    if places[..query.dimensions.len()].contains(&false) {
        // Groups that have no place in the grid would only take its cells apart.
        let mut places = places.into_iter();
        query.dimensions.retain(|_| places.next().unwrap_or(true));
        plan = pivot_plan(spec, &outline(query));
    }
    query.limit = query.limit.or(Some(PIVOT_ROWS));
    // What the engine cannot total is shown without.
    if query.fill.is_none() {
        query.subtotals = plan.sets.split_off(1);
    }
}

/// The outputs of a question as far as it tells: their names, and which are groups.
fn outline(query: &Query) -> Vec<Field> {
    let dimensions = query.dimensions.iter().map(|d| (d.alias.clone(), d.column.clone(), Role::Dimension));
    let measures = query.measures.iter().map(|m| (m.alias.clone(), m.output_name(), Role::Measure));
    let wanted: Vec<_> = dimensions.chain(measures).collect();
    let mut taken: HashSet<String> = wanted.iter().filter_map(|(alias, ..)| alias.clone()).collect();
    let mut named = |alias: Option<String>, implied: String| {
        alias.unwrap_or_else(|| {
            let numbered = |n: usize| if n == 1 { implied.clone() } else { format!("{implied}_{n}") };
            let mut n = 1;
            while !taken.insert(numbered(n)) {
                n += 1;
            }
            numbered(n)
        })
    };
    let field = |(alias, implied, role): (Option<String>, String, Role)| Field {
        name: named(alias, implied),
        label: String::new(),
        ty: DataType::Other,
        role,
        format: None,
        grain: None,
    };
    wanted.into_iter().map(field).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::query::Dimension;

    fn spec(kind: ChartKind) -> ChartSpec {
        crate::testing::spec(kind, serde_json::json!({}))
    }

    #[test]
    fn a_pivot_table_asks_for_its_totals() {
        let by = |column: &str| Dimension { column: column.into(), ..Dimension::default() };
        let query = Query {
            dimensions: vec![by("country"), by("city"), by("product")],
            measures: vec![Measure::of(Agg::Avg, "price")],
            ..Query::default()
        };
        let asked = prepare(&spec(ChartKind::Pivot), &query, &|_| true);
        let sets: Vec<String> = asked.subtotals.iter().map(|s| s.join("+")).collect();
        assert_eq!(sets, ["country+city", "country+product", "country", "product", ""]);
        assert_eq!((asked.dimensions.len(), asked.limit), (3, Some(PIVOT_ROWS)));
        assert_eq!(prepare(&spec(ChartKind::Pivot), &asked, &|_| true), asked);
        let rows = crate::testing::spec(ChartKind::Pivot, serde_json::json!({"rows": ["city"], "columns": []}));
        let asked = prepare(&rows, &query, &|_| true);
        assert_eq!((asked.dimensions.len(), asked.subtotals), (1, vec![vec![]]));
    }

    #[test]
    fn only_filled_gaps_are_shown_without_totals() {
        let spec = spec(ChartKind::Pivot);
        let city = Dimension { column: "city".into(), ..Dimension::default() };
        let having = domain::query::Filter::is("count", domain::query::Op::Gt, 5);
        let query = Query {
            dimensions: vec![city],
            measures: vec![Measure::count()],
            having: Some(having),
            ..Query::default()
        };
        assert_eq!(prepare(&spec, &query, &|_| true).subtotals, [Vec::<String>::new()]);
        let filled = Query { fill: Some(domain::query::Fill::Zero), ..query };
        assert!(prepare(&spec, &filled, &|_| true).subtotals.is_empty());
    }

    #[test]
    fn a_histogram_asks_for_ranges() {
        let distance = Dimension { column: "distance".into(), ..Dimension::default() };
        let query = Query { dimensions: vec![distance], ..Query::default() };
        let asked = prepare(&spec(ChartKind::Histogram), &query, &|c| c == "distance");
        assert_eq!(asked.dimensions[0].bin, Some(Bin::Count(BINS)));
        assert_eq!(asked.measures, [Measure::count()]);
        assert_eq!(prepare(&spec(ChartKind::Histogram), &asked, &|_| true), asked);
        assert_eq!(prepare(&spec(ChartKind::Bar), &query, &|_| true), query);
    }

    #[test]
    fn a_box_plot_asks_for_quartiles() {
        let query = Query { measures: vec![Measure::of(Agg::Avg, "delay")], ..Query::default() };
        let names = |q: &Query| q.measures.iter().map(Measure::output_name).collect::<Vec<_>>();
        let asked = prepare(&spec(ChartKind::BoxPlot), &query, &|_| true);
        assert_eq!(names(&asked), ["min_delay", "p25_delay", "median_delay", "p75_delay", "max_delay"]);
        assert_eq!(prepare(&spec(ChartKind::BoxPlot), &asked, &|_| true), asked);
    }
}
