//! Charts and figures worth having, by the shape of the data.

use super::periods::Periods;
use super::prepare::{Measure, Prepared};
use super::say::id_of;
use super::tell::{bars, by, highest_first, time_of, view};
use domain::ChartKind;
use domain::insight::{FindingKind, InsightView, Recommendation, RecommendationKind};
use domain::query::{Agg, Bin, Dimension as Grouped, Measure as Asked, Query};

/// Figures at most, as the specification has them.
const MOST_FIGURES: usize = 3;
/// More slices than this are no pie.
const MOST_SLICES: usize = 7;
const MOST: usize = 10;

/// What is recommended, the surest first.
pub(super) fn recommendations(prepared: &Prepared<'_>, periods: Option<&Periods>) -> Vec<Recommendation> {
    let mut out = Vec::new();
    let first = prepared.measures.iter().find(|m| m.adds_up).or(prepared.measures.first());
    if let Some(periods) = periods {
        over_time(prepared, periods, first, &mut out);
    }
    let mut dimensions: Vec<_> = prepared.dimensions.iter().filter(|d| (2..=25).contains(&d.members.len())).collect();
    // What can be read off at a glance comes first.
    dimensions.sort_by_key(|d| usize::from(!(3..=12).contains(&d.members.len())));
    for (place, dimension) in dimensions.iter().take(3).enumerate() {
        let asked = total(first);
        let query = Query {
            dimensions: vec![by(&dimension.name, None)],
            order: highest_first(&asked.output_name()),
            measures: vec![asked],
            ..prepared.query()
        };
        let members = dimension.members.len();
        let mut charts = vec![bars(dimension)];
        if members <= MOST_SLICES {
            charts.push(ChartKind::Pie);
        }
        charts.push(ChartKind::Treemap);
        let title = format!("{} by {}", words(first), dimension.label);
        let reason = format!("{} has {members} members: few enough to compare them side by side.", dimension.label);
        let shown = view(title.clone(), query, charts[0], &first.into_iter().collect::<Vec<_>>());
        out.push(made(RecommendationKind::Visualization, title, reason, charts, 0.8 - 0.05 * place as f64, shown));
    }
    if let [a, b, ..] = dimensions.as_slice() {
        let asked = total(first);
        let query =
            Query { dimensions: vec![by(&a.name, None), by(&b.name, None)], measures: vec![asked], ..prepared.query() };
        let title = format!("{} by {} and {}", words(first), a.label, b.label);
        let reason = "Two dimensions with few members each: a heatmap shows which pairs stand out.".to_owned();
        let shown = view(title.clone(), query, ChartKind::Heatmap, &first.into_iter().collect::<Vec<_>>());
        out.push(made(
            RecommendationKind::Visualization,
            title,
            reason,
            vec![ChartKind::Heatmap, ChartKind::Pivot],
            0.55,
            shown,
        ));
    }
    for measure in prepared.measures.iter().filter(|m| m.needs.is_none()).take(2) {
        let bins = Grouped { column: measure.name.clone(), bin: Some(Bin::Count(20)), ..Grouped::default() };
        let query = Query { dimensions: vec![bins], measures: vec![Asked::count()], ..prepared.query() };
        let title = format!("Distribution of {}", measure.label);
        let reason = format!("{} takes many values: a histogram shows how they are spread.", measure.label);
        let shown = view(title.clone(), query, ChartKind::Histogram, &[measure]);
        let charts = vec![ChartKind::Histogram, ChartKind::BoxPlot];
        out.push(made(RecommendationKind::Visualization, title, reason, charts, 0.6, shown));
    }
    figures(prepared, &mut out);
    out.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    out.truncate(MOST);
    out
}

fn over_time(prepared: &Prepared<'_>, periods: &Periods, first: Option<&Measure<'_>>, out: &mut Vec<Recommendation>) {
    let (time, label) = time_of(prepared);
    let query =
        Query { dimensions: vec![by(&time, Some(periods.grain))], measures: vec![total(first)], ..prepared.query() };
    let title = format!("{} by {}", words(first), periods.word());
    let reason = format!("{label} tells when: a line shows where it goes over {} {}s.", periods.count, periods.word());
    let shown = view(title.clone(), query, ChartKind::Line, &first.into_iter().collect::<Vec<_>>());
    let charts = vec![ChartKind::Line, ChartKind::Area, ChartKind::Sparkline];
    out.push(made(RecommendationKind::Visualization, title, reason, charts, 0.9, shown));
}

fn figures(prepared: &Prepared<'_>, out: &mut Vec<Recommendation>) {
    let charts = || {
        let trend = prepared.time.map(|_| ChartKind::Trend);
        [Some(ChartKind::Number), Some(ChartKind::Gauge), trend].into_iter().flatten().collect::<Vec<_>>()
    };
    for (place, measure) in prepared.measures.iter().take(MOST_FIGURES).enumerate() {
        let asked = total(Some(measure));
        let query = Query { measures: vec![asked], ..prepared.query() };
        let how = if measure.adds_up { "adds up" } else { "is best told by its average" };
        let reason = format!("{} is a measure that {how}: worth following as a key figure.", measure.label);
        let shown = view(words(Some(measure)), query, ChartKind::Number, &[measure]);
        let title = format!("Track {}", measure.label);
        out.push(made(RecommendationKind::Metric, title, reason, charts(), 0.7 - 0.03 * place as f64, shown));
    }
    if prepared.measures.iter().all(|m| m.needs.is_some()) && prepared.frame.rows > 0 {
        let query = Query { measures: vec![Asked::count()], ..prepared.query() };
        let shown = view("Rows".into(), query, ChartKind::Number, &[]);
        let reason = "Every row is an event: how many there are is the first thing to follow.".to_owned();
        out.push(made(RecommendationKind::Metric, "Track the number of rows".into(), reason, charts(), 0.75, shown));
    }
}

fn total(measure: Option<&Measure<'_>>) -> Asked {
    measure.map_or_else(Asked::count, |m| m.asked(if m.adds_up { Agg::Sum } else { Agg::Avg }))
}

fn words(measure: Option<&Measure<'_>>) -> String {
    match measure {
        None => "Rows".into(),
        Some(m) if m.adds_up => format!("Total {}", m.label),
        Some(m) => format!("Average {}", m.label),
    }
}

fn made(
    kind: RecommendationKind,
    title: String,
    description: String,
    charts: Vec<ChartKind>,
    confidence: f64,
    view: InsightView,
) -> Recommendation {
    let mut about: Vec<String> = vec![title.clone()];
    about.extend(view.query.dimensions.iter().map(|d| d.column.clone()));
    let id = id_of(FindingKind::Breakdown, &about, &[], None, Some("recommended"));
    Recommendation { id, kind, title, description, suggested_charts: charts, confidence, view }
}
