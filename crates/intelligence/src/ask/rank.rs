//! Which reading is meant, and how sure that is.

use super::build::Built;
use super::chart;
use super::draft::Draft;
use super::lexicon::{Lexicon, Target};
use super::read::Reader;
use super::schema::Schema;
use super::words::{self, Kind, Token};
use domain::ask::{Chip, ChipPart, Intent, Meaning, Outcome, Reading, Suggestion, Understanding, UnknownWord};
use domain::query::{Op, sentence};

/// From here on a reading is asserted.
const SURE: f64 = 0.74;
/// Below, it is not even offered.
const POSSIBLE: f64 = 0.25;
/// Another reading this near makes it a choice.
const NEAR: f64 = 0.02;

/// A reading before it is ranked.
pub(crate) struct Candidate {
    built: Built,
    draft: Draft,
    intent: Intent,
    confidence: f64,
    /// What the words are worth: tells readings of equal confidence apart.
    value: f32,
    unknown: Vec<usize>,
    /// Words that are known and could not be placed.
    missed: Option<String>,
    faults: Vec<String>,
}

impl Candidate {
    pub(crate) fn new(reader: &Reader<'_>, built: Built, intent: Intent, is_second: bool) -> Self {
        // The other meaning of a word is the less likely one.
        let second = if is_second { 0.1 } else { 0.0 };
        let mut confidence = 1.0 - second - built.assumed - 0.03 * built.route.guessed as f64;
        let mut unknown = Vec::new();
        let mut missed = None;
        for (i, token) in reader.tokens.iter().enumerate() {
            match token.kind {
                Kind::Word if is_function(&token.low) && !reader.used[i] && reader.owner[i].is_none() => {
                    confidence -= 0.4;
                    missed = missed.or_else(|| Some(token.text.clone()));
                }
                Kind::Word
                    if !is_function(&token.low)
                        && reader.owner[i].is_none()
                        && !reader.used[i]
                        && !words::is_filler(&token.low)
                        && !is_soft(&token.low) =>
                {
                    unknown.push(i);
                }
                Kind::Number(_) | Kind::Date(_) | Kind::Quoted if !reader.used[i] && reader.owner[i].is_none() => {
                    confidence -= 0.35
                }
                _ => {}
            }
        }
        let weight: f64 = unknown.iter().map(|i| if is_modifier(&reader.tokens[*i].low) { 0.12 } else { 0.42 }).sum();
        confidence -= weight.min(0.75);
        for unit in &reader.units {
            let is_soft = matches!(unit.mention.target, Target::Value(..));
            confidence -= f64::from(1.0 - unit.mention.likeness) * 0.35;
            if !is_soft {
                confidence -= f64::from(1.0 - unit.mention.score) * 0.18;
            }
            if !unit.others.is_empty() && !unit.is_tied {
                confidence -= 0.04;
            }
        }
        // A dataset that was named and takes no part.
        let takes_part = |d: usize| {
            let name = &reader.schema.catalog.datasets[d].name;
            d == built.route.base || built.route.joins.iter().any(|j| j.dataset == *name)
        };
        let idle = reader.draft.entities.iter().filter(|(d, _)| !takes_part(*d)).count().min(2);
        confidence -= 0.15 * idle as f64;
        // No row has both of two values.
        let mut has_list = false;
        if let Some(filter) = &built.query.filter {
            filter.each(&mut |c| has_list |= c.op == Op::In && c.value.as_array().is_some_and(|v| v.len() < 10));
        }
        if has_list && reader.tokens.iter().any(|t| t.low == "both") {
            confidence -= 0.4;
        }
        confidence -= 0.5 * reader.draft.faults.len() as f64;
        Self {
            built,
            draft: reader.draft.clone(),
            intent,
            confidence: confidence.clamp(0.0, 1.0),
            value: reader.value,
            unknown,
            missed,
            faults: reader.draft.faults.clone(),
        }
    }
}

/// Words that change little about what is asked.
fn is_soft(low: &str) -> bool {
    matches!(
        low,
        "exactly"
            | "currently"
            | "ever"
            | "actually"
            | "really"
            | "different"
            | "possible"
            | "interval"
            | "released"
            | "opened"
            | "made"
            | "produced"
            | "living"
            | "live"
            | "lives"
            | "enrolled"
            | "found"
            | "year"
            | "years"
            | "month"
            | "day"
            | "time"
            | "times"
            | "date"
            | "average"
            | "respectively"
            | "visual"
            | "understand"
            | "wondering"
            | "curious"
            | "bars"
            | "vertical"
            | "horizontal"
            | "label"
            | "labels"
            | "title"
            | "way"
            | "terms"
            | "general"
            | "trend"
            | "trends"
            | "distribution"
            | "relationship"
            | "correlation"
            | "comparison"
            | "corresponding"
            | "associated"
            | "proportion"
            | "work"
            | "recorded"
            | "varies"
            | "vary"
            | "varied"
            | "changes"
            | "changed"
            | "change"
            | "evolved"
            | "evolution"
            | "developed"
            | "whole"
            | "entire"
            | "hi"
            | "hello"
            | "thanks"
            | "play"
            | "plays"
            | "played"
            | "raised"
            | "own"
            | "owned"
            | "owns"
            | "sold"
            | "paid"
            | "received"
            | "receive"
            | "won"
            | "win"
            | "participated"
            | "participate"
            | "attended"
            | "attend"
            | "attribute"
            | "offered"
            | "hired"
            | "written"
            | "directed"
            | "come"
            | "comes"
            | "started"
            | "stayed"
            | "spent"
            | "departing"
            | "arriving"
            | "depart"
            | "arrive"
            | "serving"
            | "served"
            | "speak"
            | "spoken"
            | "runs"
            | "contains"
            | "includes"
            | "provided"
            | "registered"
            | "signed"
            | "bought"
            | "purchased"
            | "placed"
            | "got"
            | "gets"
            | "gotten"
            | "earned"
            | "awarded"
            | "held"
            | "hosted"
            | "owning"
            | "having"
            | "working"
            | "works"
            | "worked"
            | "stored"
            | "listed"
            | "associate"
            | "type"
            | "types"
            | "single"
            | "once"
            | "located"
            | "situated"
            | "described"
            | "summary"
            | "ones"
            | "starting"
            | "ascending"
            | "descending"
            | "width"
            | "min"
            | "max"
            | "bin"
            | "frequency"
            | "percentage"
            | "share"
    ) || low.len() == 1
}

/// Words that change what is asked: one that was not placed leaves a gap.
fn is_function(low: &str) -> bool {
    matches!(
        low,
        "not"
            | "except"
            | "without"
            | "excluding"
            | "above"
            | "below"
            | "under"
            | "after"
            | "before"
            | "since"
            | "until"
            | "only"
            | "least"
            | "most"
            | "fewest"
            | "oldest"
            | "youngest"
            | "latest"
            | "earliest"
            | "newest"
            | "highest"
            | "lowest"
            | "largest"
            | "smallest"
            | "biggest"
            | "longest"
            | "shortest"
            | "cheapest"
            | "first"
            | "last"
            | "top"
            | "bottom"
            | "half"
            | "double"
            | "twice"
            | "other"
            | "than"
            | "more"
            | "less"
            | "fewer"
            | "older"
            | "younger"
            | "greater"
            | "higher"
            | "lower"
            | "letter"
            | "letters"
            | "never"
            | "neither"
            | "always"
            | "but"
            | "similar"
            | "difference"
            | "ratio"
            | "busiest"
    )
}

/// Words that only colour another.
fn is_modifier(low: &str) -> bool {
    low.ends_with("ed") || low.ends_with("ing") || low.ends_with("ly")
}

/// Ranks the readings and says what is asserted, offered or refused.
pub(crate) fn decide(
    mut candidates: Vec<Candidate>,
    tokens: &[Token],
    schema: &Schema<'_>,
    lexicon: &Lexicon,
    why_not: Option<String>,
) -> Understanding {
    let rank = |c: &Candidate| c.confidence + 0.12 * f64::from(c.value);
    candidates.sort_by(|a, b| rank(b).total_cmp(&rank(a)));
    let mut seen = Vec::new();
    candidates.retain(|c| {
        let is_new = !seen.contains(&c.built.query);
        seen.push(c.built.query.clone());
        is_new
    });
    let Some(first) = candidates.first() else {
        let unknown = unknown_words(
            &(0..tokens.len())
                .filter(|i| tokens[*i].is_word() && !words::is_filler(&tokens[*i].low))
                .collect::<Vec<_>>(),
            tokens,
            schema,
            lexicon,
        );
        let reason = why_not.unwrap_or_else(|| "None of these words stands for something in your data.".to_owned());
        return Understanding { outcome: Outcome::Refused, unknown, reason, ..Understanding::default() };
    };
    let (confidence, top) = (first.confidence, rank(first));
    let unknown = unknown_words(&first.unknown, tokens, schema, lexicon);
    let intent = first.intent.clone();
    let fault = first.faults.first().cloned();
    let missed = first.missed.clone();
    let rival = candidates.get(1).is_some_and(|c| top - rank(c) < NEAR && c.confidence > SURE - 0.1);
    let outcome = if confidence < POSSIBLE || fault.is_some() {
        Outcome::Refused
    } else if confidence < SURE || rival {
        Outcome::Choice
    } else {
        Outcome::Answer
    };
    let reason = match outcome {
        Outcome::Answer => String::new(),
        _ if fault.is_some() => fault.unwrap_or_default(),
        _ if !unknown.is_empty() => {
            let words: Vec<String> = unknown.iter().map(|u| format!("“{}”", u.word)).collect();
            format!("Nothing in your data is called {}.", words.join(" or "))
        }
        _ if missed.is_some() => format!("It is not clear what “{}” is about.", missed.unwrap_or_default()),
        Outcome::Choice if rival => "This can be understood in more than one way.".to_owned(),
        Outcome::Choice => "This is what was understood; say whether it is what you meant.".to_owned(),
        Outcome::Refused => "Too little of this was understood to answer it.".to_owned(),
    };
    let mut readings: Vec<Reading> = candidates
        .into_iter()
        .filter(|c| {
            outcome != Outcome::Refused && rank(c) > top - 0.45 && c.confidence >= POSSIBLE && c.faults.is_empty()
        })
        .take(super::MOST_READINGS)
        .map(|c| reading(c, schema))
        .collect();
    if outcome == Outcome::Answer {
        // The others stay within reach.
        readings.truncate(3);
    }
    Understanding { outcome, readings, intent, unknown, charts: Vec::new(), reason }
}

/// A reading as it is shown.
pub(crate) fn reading(c: Candidate, schema: &Schema<'_>) -> Reading {
    finish(c.built, &c.draft, c.confidence, schema)
}

/// A reading of a query, with its chart and its sentence.
pub(crate) fn finish(built: Built, draft: &Draft, confidence: f64, schema: &Schema<'_>) -> Reading {
    let drawn = chart::choose(&built, draft);
    let label = |name: &str| -> Option<String> {
        let base = schema.catalog.datasets.iter().find(|d| d.name == built.query.dataset)?;
        let find =
            |d: &super::AskDataset, c: &str| d.columns.iter().find(|x| x.name() == c).map(|x| x.column.label.clone());
        find(base, name)
            .or_else(|| {
                let (dataset, column) = name.split_once('.')?;
                let joined =
                    built.query.joins.iter().find(|j| j.qualifier() == dataset).map_or(dataset, |j| &j.dataset);
                schema.catalog.datasets.iter().find(|d| d.name == joined).and_then(|d| find(d, column))
            })
            .or_else(|| schema.catalog.metrics.iter().find(|m| m.id == name).map(|m| m.name.clone()))
    };
    let sentence = sentence(&built.query, &label);
    let mut chips = built.chips;
    let words = draft.chart.map_or_else(String::new, |_| drawn.kind.label().to_lowercase());
    chips.push(Chip { part: ChipPart::Chart, text: drawn.kind.label().to_owned(), words, column: None, value: None });
    Reading {
        query: built.query,
        kind: drawn.kind,
        encodings: drawn.encodings,
        is_stacked: drawn.is_stacked,
        confidence,
        sentence,
        chips,
    }
}

pub(crate) fn unknown_words(
    at: &[usize],
    tokens: &[Token],
    schema: &Schema<'_>,
    lexicon: &Lexicon,
) -> Vec<UnknownWord> {
    at.iter()
        .take(8)
        .map(|i| UnknownWord {
            word: tokens[*i].text.clone(),
            nearest: lexicon.nearest(&tokens[*i].low, 3).into_iter().map(|t| suggestion(&t, schema)).collect(),
        })
        .collect()
}

fn suggestion(target: &Target, schema: &Schema<'_>) -> Suggestion {
    let dataset = |d: usize| schema.catalog.datasets[d].name.clone();
    match target {
        Target::Dataset(d) => {
            let label = schema.catalog.datasets[*d].label.clone();
            Suggestion { label, meaning: Meaning::Dataset { dataset: dataset(*d) } }
        }
        Target::Column(c) => {
            let column = &schema.column(*c).column;
            Suggestion {
                label: column.label.clone(),
                meaning: Meaning::Column { dataset: dataset(c.0), column: column.name.clone() },
            }
        }
        Target::Value(c, value) => {
            let (text, column) = (value.to_text(), schema.column(*c).column.name.clone());
            Suggestion { label: text.clone(), meaning: Meaning::Value { dataset: dataset(c.0), column, value: text } }
        }
        Target::Metric(m) => {
            let metric = &schema.catalog.metrics[*m];
            Suggestion { label: metric.name.clone(), meaning: Meaning::Metric { metric: metric.id.clone() } }
        }
    }
}
