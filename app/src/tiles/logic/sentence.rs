//! What a chart shows, as a sentence: the question in words ([`domain::query::sentence`]), and what
//! stands there before there is a question.

use super::draft::Draft;
use domain::Column;
use domain::query;

/// "Average departure delay by month and carrier, JFK and LGA, last 3 months of data".
pub fn sentence(draft: &Draft, columns: &[Column]) -> String {
    if let Some(metric) = &draft.metric {
        return format!("The metric {}", domain::names::to_label(metric));
    }
    if draft.query.dataset.is_empty() {
        return "Pick a dataset to begin".to_owned();
    }
    if !draft.asks() {
        return "Add a field to begin".to_owned();
    }
    let label = |name: &str| columns.iter().find(|c| c.name == name).map(|c| c.label.clone());
    capital(&query::sentence(&draft.query, &label))
}

/// With a capital first letter.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
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
        sentence(&Draft::of(&tile, &flights(), &Grains::new()), &flights())
    }

    #[test]
    fn charts_say_what_they_show() {
        assert_eq!(
            says(
                "row",
                json!({"dataset": "flights", "dimensions": [{"column": "carrier"}], "measures": [{"agg": "count"}],
                    "filter": {"column": "origin", "op": "in", "value": ["JFK"]},
                    "order": [{"by": "count", "dir": "desc"}], "limit": 5})
            ),
            "Number of rows by carrier, JFK, largest number of rows first, the first 5 rows"
        );
        assert_eq!(says("line", json!({"dataset": ""})), "Pick a dataset to begin");
        assert_eq!(says("line", json!({"dataset": "flights"})), "Add a field to begin");
    }
}
