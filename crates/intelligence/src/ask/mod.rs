//! Questions in words: our own parser over the semantic layer. Pure and deterministic; today is given.
//!
//! What the words may stand for ([`lexicon`]) is settled from the view of each dataset that they could
//! be about ([`read`]); what is read becomes a query ([`build`]), and the readings are ranked by how
//! much of the question they explain and how little they assume ([`rank`]). After NL4DV (Narechania,
//! Srinivasan and Stasko, 2021) in what is inferred, and not in how.

mod build;
mod catalog;
mod chart;
mod clauses;
mod conditions;
mod draft;
mod existing;
mod follow;
mod intent;
mod lexicon;
mod rank;
mod read;
mod rest;
mod schema;
mod time;
mod tops;
mod words;

#[cfg(test)]
mod tests;

pub use catalog::{AskChart, AskColumn, AskDataset, AskMetric, Catalog};
pub use chart::word as chart_word;

use domain::ask::{AskContext, Chip, Intent, Meaning, Outcome, Synonym, Understanding};
use lexicon::{Lexicon, Target};
use rank::Candidate;
use read::Reader;
use schema::Schema;
use std::collections::BTreeMap;
use words::Stems;

/// Datasets that a question is read from the view of.
const MOST_VIEWS: usize = 8;
/// Datasets that take part in one question's reading.
const MOST_DATASETS: usize = 24;
/// Readings that are offered.
const MOST_READINGS: usize = 4;

/// What surrounds a question.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    /// The answer that it follows up.
    pub previous: Option<&'a AskContext>,
    /// Only this dataset, by name.
    pub dataset: Option<&'a str>,
    /// The day of the asker.
    pub today: jiff::civil::Date,
}

/// Understands a question. It never fails: what is not understood is refused with a reason.
pub fn understand(question: &str, catalog: &Catalog, around: &Surroundings<'_>) -> Understanding {
    let stems = Stems::new();
    let tokens = words::tokens(question, &stems);
    if !tokens.iter().any(|t| t.kind != words::Kind::Mark) {
        return refused("Nothing is asked.");
    }
    if catalog.datasets.is_empty() {
        return refused("There is no dataset that you may ask about.");
    }
    let lexicon = Lexicon::new(catalog, &stems);
    let mentions = lexicon.mentions(&tokens, &stems);
    let only = around.dataset.and_then(|name| catalog.datasets.iter().position(|d| d.name == name));
    let views = views(&tokens, catalog, &mentions, only, around.previous);
    let schema = Schema::new(catalog, &views.1, &stems);
    if let Some(previous) = around.previous
        && let Some(followed) = follow::follow(&tokens, &schema, &lexicon, &mentions, previous, around.today)
    {
        return followed;
    }
    let asked = intent::read(&tokens);
    let mut candidates: Vec<Candidate> = Vec::new();
    let mut why_not = None;
    for base in &views.0 {
        let mut add = |avoid: &[lexicon::Mention], is_tied: bool| {
            let mut reader = Reader::new(&tokens, &schema, &mentions, *base, avoid);
            reader.used_by(&asked);
            reader.read();
            let others: Vec<(lexicon::Mention, bool)> =
                reader.units.iter().filter(|u| !u.others.is_empty()).map(|u| (u.mention.clone(), u.is_tied)).collect();
            match intent::build(&asked, &reader, around.today) {
                Ok((built, intent)) => {
                    candidates.push(Candidate::new(&reader, built, intent, !avoid.is_empty() && !is_tied))
                }
                Err(reason) => why_not = Some(why_not.take().unwrap_or(reason)),
            }
            others
        };
        // Where a word may mean two columns, both are read.
        let doubtful = add(&[], false);
        for (mention, is_tied) in doubtful.into_iter().take(2) {
            add(&[mention], is_tied);
        }
    }
    let mut understood = rank::decide(candidates, &tokens, &schema, &lexicon, why_not);
    if let Some(first) = understood.readings.first() {
        understood.charts = existing::matching(&first.query, &tokens, catalog);
    }
    understood
}

/// The datasets that the question may be about, the likeliest first, and those that take part.
fn views(
    tokens: &[words::Token],
    catalog: &Catalog,
    mentions: &[lexicon::Mention],
    only: Option<usize>,
    previous: Option<&AskContext>,
) -> (Vec<usize>, Vec<usize>) {
    let mut worth: BTreeMap<usize, f32> = BTreeMap::new();
    for at in 0..tokens.len() {
        // Each word speaks once for each dataset.
        let mut best: BTreeMap<usize, f32> = BTreeMap::new();
        for m in mentions.iter().filter(|m| m.from <= at && at < m.to) {
            let (dataset, boost) = match &m.target {
                Target::Dataset(d) => (*d, 1.2),
                Target::Column(c) | Target::Value(c, _) => (c.0, 1.0),
                Target::Metric(id) => {
                    match catalog.datasets.iter().position(|d| d.name == catalog.metrics[*id].dataset) {
                        Some(d) => (d, 1.3),
                        None => continue,
                    }
                }
            };
            let score = m.score * m.likeness * boost * m.words / (m.to - m.from) as f32;
            let entry = best.entry(dataset).or_default();
            *entry = entry.max(score);
        }
        for (dataset, score) in best {
            *worth.entry(dataset).or_default() += score;
        }
    }
    if let Some(previous) = previous
        && let Some(d) = catalog.datasets.iter().position(|d| d.name == previous.query.dataset)
    {
        *worth.entry(d).or_default() += 1.0;
    }
    let mut all: Vec<(usize, f32)> = worth.into_iter().collect();
    all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    if all.is_empty() {
        all = (0..catalog.datasets.len().min(MOST_VIEWS)).map(|d| (d, 0.0)).collect();
    }
    if let Some(only) = only {
        all.retain(|(d, _)| *d != only);
        all.insert(0, (only, f32::MAX));
    }
    let mut among: Vec<usize> = all.iter().map(|(d, _)| *d).take(MOST_DATASETS).collect();
    // What lies between two of them may join them.
    for d in 0..catalog.datasets.len() {
        if among.len() < MOST_DATASETS && !among.contains(&d) {
            among.push(d);
        }
    }
    let count = if only.is_some() { 1 } else { MOST_VIEWS };
    (all.into_iter().map(|(d, _)| d).take(count).collect(), among)
}

fn refused(reason: &str) -> Understanding {
    Understanding {
        outcome: Outcome::Refused,
        reason: reason.to_owned(),
        intent: Intent::Show,
        ..Understanding::default()
    }
}

/// What a correction teaches: the asker said that this chip, or an unknown word (a chip with only
/// `words`), means something else. `None` where the words are too common to have a meaning of their own.
pub fn learned(chip: &Chip, meaning: &Meaning) -> Option<Synonym> {
    let stems = Stems::new();
    let mut all = words::tokens(&chip.words, &stems);
    all.retain(words::Token::is_word);
    // Words that say nothing at the ends are no part of the name.
    while all.first().is_some_and(|t| words::is_filler(&t.low)) {
        all.remove(0);
    }
    while all.last().is_some_and(|t| words::is_filler(&t.low)) {
        all.pop();
    }
    if all.is_empty() || all.len() > 6 {
        return None;
    }
    let word = all.iter().map(|t| t.low.as_str()).collect::<Vec<_>>().join(" ");
    (word.len() <= 80).then(|| Synonym { word, meaning: meaning.clone() })
}
