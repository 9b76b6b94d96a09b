//! What a kind asks for: the same question, put so that its answer can be drawn this way.

use domain::ChartKind;
use domain::query::{Agg, Bin, Measure, Query};

/// Ranges of a histogram nobody has chosen ranges for.
const BINS: u32 = 20;

/// The question of a chart, changed to what its kind needs. A question that already is, or that the
/// kind cannot be helped with, comes back as it was.
///
/// - histogram: the first dimension that is a number is binned, and rows are counted; the engine counts
///   them all, whatever the limit of the answer.
/// - box plot: one measure becomes minimum, lower quartile, median, upper quartile and maximum.
pub fn prepare(kind: ChartKind, query: &Query, is_number: &dyn Fn(&str) -> bool) -> Query {
    let mut query = query.clone();
    match kind {
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

#[cfg(test)]
mod tests {
    use super::*;
    use domain::query::Dimension;

    #[test]
    fn a_histogram_asks_for_ranges() {
        let distance = Dimension { column: "distance".into(), ..Dimension::default() };
        let query = Query { dimensions: vec![distance], ..Query::default() };
        let asked = prepare(ChartKind::Histogram, &query, &|c| c == "distance");
        assert_eq!(asked.dimensions[0].bin, Some(Bin::Count(BINS)));
        assert_eq!(asked.measures, [Measure::count()]);
        assert_eq!(prepare(ChartKind::Histogram, &asked, &|_| true), asked);
        assert_eq!(prepare(ChartKind::Bar, &query, &|_| true), query);
    }

    #[test]
    fn a_box_plot_asks_for_quartiles() {
        let query = Query { measures: vec![Measure::of(Agg::Avg, "delay")], ..Query::default() };
        let names = |q: &Query| q.measures.iter().map(Measure::output_name).collect::<Vec<_>>();
        let asked = prepare(ChartKind::BoxPlot, &query, &|_| true);
        assert_eq!(names(&asked), ["min_delay", "p25_delay", "median_delay", "p75_delay", "max_delay"]);
        assert_eq!(prepare(ChartKind::BoxPlot, &asked, &|_| true), asked);
    }
}
