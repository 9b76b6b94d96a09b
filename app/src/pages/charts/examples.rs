//! A question of the sample data for every kind of chart.

use crate::pages::explore::question::Question;
use domain::chart::Encodings;
use domain::{ChartKind, Query};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

const EXAMPLES: &str = include_str!("examples.json");

#[derive(Deserialize)]
struct Example {
    query: Query,
    #[serde(default)]
    encodings: Encodings,
    #[serde(default)]
    options: Map<String, Value>,
}

/// The example of a kind; without one, the kind alone.
pub(super) fn example(kind: ChartKind) -> Question {
    let all: BTreeMap<String, Example> = serde_json::from_str(EXAMPLES).unwrap_or_default();
    let found = all.into_iter().find(|(name, _)| name == kind.as_str());
    let question = Question { kind: Some(kind), ..Question::default() };
    match found {
        Some((_, Example { query, encodings, options })) => Question { query, encodings, options, ..question },
        None => question,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_an_example() {
        for kind in ChartKind::ALL {
            assert!(!example(*kind).query.dataset.is_empty(), "{kind:?}");
        }
    }
}
