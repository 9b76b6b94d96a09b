//! What a chart shows, as a sentence.

use super::draft::Draft;
use super::shape;
use super::words::filter_words;
use domain::query::{Dimension, Dir, Grain, Query};
use domain::{ChartKind, Column};

/// "Average of Dep delay by Month and Origin, where Carrier is AA, first 10 by Count".
pub fn sentence(draft: &Draft, columns: &[Column], locale: &str) -> String {
    if let Some(metric) = &draft.metric {
        return format!("The metric {}", domain::names::to_label(metric));
    }
    let query = &draft.query;
    if query.dataset.is_empty() {
        return "Pick a dataset to begin".to_owned();
    }
    if !draft.asks() {
        return "Add a field to begin".to_owned();
    }
    let fields = shape::fields(query, columns);
    let label = |i: usize| fields.get(i).map(|f| f.label.clone()).unwrap_or_default();
    let groups = query.dimensions.len();
    let mut text = if query.columns.is_empty() {
        let measures: Vec<String> = (groups..fields.len()).map(label).collect();
        let dimensions: Vec<String> =
            query.dimensions.iter().enumerate().map(|(i, d)| dimension_words(d, &label(i), query)).collect();
        match (measures.is_empty(), dimensions.is_empty()) {
            (true, _) => listed(&dimensions),
            (_, true) => listed(&measures),
            _ => format!("{} by {}", listed(&measures), listed(&dimensions)),
        }
    } else {
        format!("Rows with {}", few(&fields.iter().map(|f| f.label.clone()).collect::<Vec<_>>()))
    };
    if let Some(filter) = &query.filter {
        text = format!("{text}, where {}", filter_words(filter, columns, locale));
    }
    let by = query.order.first().map(|order| {
        let label = fields.iter().find(|f| f.name == order.by).map_or(order.by.clone(), |f| f.label.clone());
        (label, order.dir)
    });
    match (query.limit, by) {
        (Some(n), Some((label, Dir::Desc))) => text = format!("{text}, top {n} by {label}"),
        (Some(n), Some((label, Dir::Asc))) => text = format!("{text}, first {n} by {label}"),
        (None, Some((label, dir))) if draft.kind != ChartKind::Number => {
            let way = if dir == Dir::Desc { "largest first" } else { "smallest first" };
            text = format!("{text}, sorted by {label}, {way}");
        }
        (Some(n), None) => text = format!("{text}, first {n}"),
        _ => {}
    }
    text
}

/// A grain stands for its column, unless there are two of them.
fn dimension_words(dimension: &Dimension, label: &str, query: &Query) -> String {
    let times = query.dimensions.iter().filter(|d| d.grain.is_some()).count();
    match dimension.grain {
        Some(grain) if times == 1 && dimension.alias.is_none() => grain_words(grain),
        Some(grain) => format!("{label} ({})", shape::grain_label(grain).to_lowercase()),
        None if dimension.bin.is_some() => format!("ranges of {label}"),
        None => label.to_owned(),
    }
}

fn grain_words(grain: Grain) -> String {
    match grain {
        Grain::HourOfDay => "Hour of the day".into(),
        Grain::DayOfWeek => "Day of the week".into(),
        Grain::MonthOfYear => "Month of the year".into(),
        grain => shape::grain_label(grain),
    }
}

/// "a", "a and b", "a, b and c".
pub fn listed(all: &[String]) -> String {
    match all {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The first few of many.
fn few(all: &[String]) -> String {
    match all {
        [a, b, c, rest @ ..] if rest.len() > 1 => format!("{a}, {b}, {c} and {} more columns", rest.len()),
        all => listed(all),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tiles::logic::draft::Grains;
    use crate::tiles::logic::testing::flights;
    use serde_json::{Value, json};

    fn says(kind: &str, query: Value) -> String {
        let tile = json!({"type": "chart", "chart_type": kind, "data_source": {"query": query}});
        let tile = serde_json::from_value(tile).unwrap();
        sentence(&Draft::of(&tile, &flights(), &Grains::new()), &flights(), "en-US")
    }

    #[test]
    fn charts_say_what_they_show() {
        assert_eq!(
            says(
                "line",
                json!({"dataset": "flights", "dimensions": [{"column": "time_hour", "grain": "month"}, {"column": "origin"}],
                    "measures": [{"agg": "avg", "column": "dep_delay"}]})
            ),
            "Average of Dep delay by Month and Origin"
        );
        assert_eq!(
            says(
                "row",
                json!({"dataset": "flights", "dimensions": [{"column": "carrier"}], "measures": [{"agg": "count"}],
                    "filter": {"column": "origin", "op": "in", "value": ["JFK"]},
                    "order": [{"by": "count", "dir": "desc"}], "limit": 5})
            ),
            "Count by Carrier, where Origin is JFK, top 5 by Count"
        );
        assert_eq!(
            says(
                "table",
                json!({"dataset": "flights", "columns": ["time_hour", "origin", "carrier", "dep_delay", "cancelled"]})
            ),
            "Rows with Time hour, Origin, Carrier and 2 more columns"
        );
        assert_eq!(
            says(
                "bar",
                json!({"dataset": "flights", "dimensions": [{"column": "dep_delay", "bin": {"count": 20}}], "measures": [{"agg": "count"}]})
            ),
            "Count by ranges of Dep delay"
        );
        assert_eq!(says("line", json!({"dataset": ""})), "Pick a dataset to begin");
        assert_eq!(says("line", json!({"dataset": "flights"})), "Add a field to begin");
    }
}
