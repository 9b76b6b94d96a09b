//! Charts that people made already and that answer a question.

use super::catalog::Catalog;
use super::words::{Stems, Token, is_filler};
use domain::ask::ChartMatch;
use domain::query::Query;
use std::collections::BTreeSet;

/// As many are offered.
const MOST: usize = 3;

/// The charts that show what is asked, the best first.
pub(crate) fn matching(query: &Query, tokens: &[Token], catalog: &Catalog) -> Vec<ChartMatch> {
    let stems = Stems::new();
    let asked: BTreeSet<&str> =
        tokens.iter().filter(|t| t.is_word() && !is_filler(&t.low)).map(|t| t.stem.as_str()).collect();
    let parts = parts(query);
    let mut found: Vec<ChartMatch> = Vec::new();
    for chart in &catalog.charts {
        if chart.query.dataset != query.dataset {
            continue;
        }
        let is_exact = core(&chart.query) == core(query);
        let theirs = self::parts(&chart.query);
        let shared = parts.intersection(&theirs).count() as f64;
        let alike = shared / (parts.union(&theirs).count().max(1) as f64);
        let title: BTreeSet<String> = super::words::tokens(&chart.title, &stems)
            .into_iter()
            .filter(|t| t.is_word() && !is_filler(&t.low))
            .map(|t| t.stem)
            .collect();
        let common = title.iter().filter(|s| asked.contains(s.as_str())).count() as f64;
        let named = if title.is_empty() { 0.0 } else { 2.0 * common / (title.len() + asked.len()) as f64 };
        let score = if is_exact { 1.0 } else { (0.65 * alike + 0.35 * named).min(0.99) };
        // A chart with another filter answers another question.
        let is_other = chart.query.filter != query.filter && query.filter.is_some();
        if is_exact || (score >= 0.6 && !is_other) {
            found.push(ChartMatch { id: chart.id.clone(), title: chart.title.clone(), score, is_exact });
        }
    }
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.title.cmp(&b.title)).then_with(|| a.id.cmp(&b.id)));
    found.truncate(MOST);
    found
}

/// A query without what only changes how it is shown.
fn core(query: &Query) -> Query {
    Query {
        order: if query.limit.is_some() { query.order.clone() } else { Vec::new() },
        timezone: None,
        ..query.clone()
    }
}

fn parts(query: &Query) -> BTreeSet<String> {
    let dimensions = query.dimensions.iter().map(|d| format!("d {} {}", d.column, d.grain.map_or("", |g| g.as_str())));
    let measures = query.measures.iter().map(|m| format!("m {}", m.output_name()));
    dimensions.chain(measures).chain(query.columns.iter().map(|c| format!("c {c}"))).collect()
}
