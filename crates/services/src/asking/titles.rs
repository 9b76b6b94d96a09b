//! Charts found by their titles: for words that were not understood, and for people who may ask no
//! questions and yet see what others made of them.

use domain::ask::ChartMatch;
use intelligence::ask::AskChart;
use std::collections::BTreeSet;

/// How much of a title must be in a question.
const ENOUGH: f64 = 0.6;
/// Words that say nothing about what a chart shows.
const COMMON: &[&str] =
    &["the", "and", "for", "per", "how", "what", "show", "with", "from", "our", "are", "was", "all"];

/// The words of a text that say something, without the ends that make no difference.
fn words(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .map(str::to_lowercase)
        .filter(|word| word.chars().count() > 2 && !COMMON.contains(&word.as_str()))
        .map(|word| word.strip_suffix('s').filter(|stem| stem.len() > 2).map(str::to_owned).unwrap_or(word))
        .collect()
}

/// Charts whose titles are in the question, the best first.
pub(super) fn by_title(question: &str, charts: &[AskChart]) -> Vec<ChartMatch> {
    let asked = words(question);
    let mut found: Vec<ChartMatch> = charts
        .iter()
        .filter_map(|chart| {
            let title = words(&chart.title);
            let shared = title.intersection(&asked).count() as f64;
            let score = if title.is_empty() { 0.0 } else { shared / title.len() as f64 };
            (score >= ENOUGH).then(|| ChartMatch {
                id: chart.id.clone(),
                title: chart.title.clone(),
                score,
                is_exact: false,
            })
        })
        .collect();
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{ChartKind, Query};

    #[test]
    fn a_title_is_found_by_its_words() {
        let chart = |title: &str| AskChart {
            id: title.into(),
            title: title.into(),
            query: Query::default(),
            kind: ChartKind::Bar,
        };
        let all = [chart("Sales by region"), chart("Sales by region and product"), chart("Weather"), chart("")];
        let found: Vec<String> = by_title("show sale per regions", &all).into_iter().map(|m| m.id).collect();
        assert_eq!(found, ["Sales by region", "Sales by region and product"]);
        assert!(by_title("", &all).is_empty());
    }
}
