//! What other engines are to do with a question: forecast, explain, or say what there is to know.

use super::build::{self, Built};
use super::draft::{Draft, Group, Of, Worked};
use super::lexicon::ColumnRef;
use super::read::Reader;
use super::time::{self, Calendar, Said};
use super::words::Token;
use domain::ask::{ChangeWord, Intent};
use domain::query::{Grain, RelativeOf};
use jiff::civil::Date;

/// Which engine a question is for, by its words.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Asked {
    Show,
    Forecast { horizon: Option<(u32, Grain)> },
    Explain { direction: Option<ChangeWord> },
    Insights,
}

/// The engine, with the tokens that said so.
#[derive(Clone, Debug)]
pub(crate) struct AskedFor {
    asked: Asked,
    tokens: Vec<usize>,
}

/// The longest horizon, in steps.
const MAX_HORIZON: u32 = 1_000;

/// Reads it from the words alone.
pub(crate) fn read(tokens: &[Token]) -> AskedFor {
    let low = |i: usize| tokens.get(i).map_or("", |t| t.low.as_str());
    let find = |words: &[&str]| (0..tokens.len()).find(|i| words.contains(&low(*i)));
    let mut used = Vec::new();
    if let Some(at) = find(&["forecast", "predict", "forecasts", "project", "prediction", "projection"]) {
        used.push(at);
        let mut horizon = None;
        for i in 0..tokens.len() {
            let number = tokens[i].number().filter(|n| *n >= 1.0 && n.fract() == 0.0);
            let (n, at) = match number {
                Some(n) => (n, i + 1),
                None if matches!(low(i), "next" | "coming")
                    && tokens.get(i + 1).is_some_and(|t| t.number().is_none()) =>
                {
                    (1.0, i + 1)
                }
                None => continue,
            };
            if let Some(unit) = time::unit(low(at)) {
                horizon = Some((n.min(f64::from(MAX_HORIZON)) as u32, time::grain_of(unit)));
                used.extend([i, at]);
                for k in (i.saturating_sub(3)..i).rev() {
                    if matches!(low(k), "for" | "the" | "next" | "over" | "coming" | "in") {
                        used.push(k);
                    }
                }
                break;
            }
        }
        return AskedFor { asked: Asked::Forecast { horizon }, tokens: used };
    }
    let change = |i: usize| -> Option<Option<ChangeWord>> {
        match low(i) {
            "rise" | "rose" | "risen" | "increase" | "increased" | "grow" | "grew" | "up" | "climb" | "climbed"
            | "jump" | "jumped" | "spike" | "spiked" | "higher" | "improve" | "improved" => Some(Some(ChangeWord::Up)),
            "fall" | "fell" | "fallen" | "drop" | "dropped" | "decrease" | "decreased" | "decline" | "declined"
            | "down" | "lower" | "sink" | "sank" | "shrink" | "worsen" | "dip" | "dipped" => {
                Some(Some(ChangeWord::Down))
            }
            "change" | "changed" | "differ" | "different" | "happened" | "happen" | "explains" | "drove" => Some(None),
            _ => None,
        }
    };
    let is_why = low(0) == "why"
        || (low(0) == "explain")
        || (low(0) == "what" && matches!(low(1), "caused" | "drove" | "explains"));
    if is_why {
        let direction = (0..tokens.len()).find_map(change);
        used.push(0);
        used.extend((0..tokens.len()).filter(|i| {
            change(*i).is_some()
                || matches!(
                    low(*i),
                    "did" | "do" | "does" | "so" | "much" | "go" | "went" | "going" | "caused" | "why" | "reason"
                )
        }));
        return AskedFor { asked: Asked::Explain { direction: direction.flatten() }, tokens: used };
    }
    if let Some(at) =
        find(&["insights", "insight", "anomalies", "interesting", "outliers", "unusual", "odd", "findings"])
    {
        used.push(at);
        used.extend(
            (0..tokens.len()).filter(|i| matches!(low(*i), "anything" | "something" | "what's" | "key" | "facts")),
        );
        return AskedFor { asked: Asked::Insights, tokens: used };
    }
    AskedFor { asked: Asked::Show, tokens: used }
}

impl Reader<'_> {
    /// What said which engine is meant says nothing else.
    pub(crate) fn used_by(&mut self, asked: &AskedFor) {
        for i in &asked.tokens {
            if self.owner[*i].is_none() || asked.asked != Asked::Insights {
                self.take(*i, i + 1);
            }
        }
    }
}

/// Makes the query, and what is to be done with it.
pub(crate) fn build(asked: &AskedFor, reader: &Reader<'_>, today: Date) -> Result<(Built, Intent), String> {
    match &asked.asked {
        Asked::Show => build::build(reader, today).map(|b| (b, Intent::Show)),
        Asked::Insights => {
            let mut changed = copy(reader);
            if changed.draft.entities.is_empty() && changed.draft.selects.is_empty() {
                changed.draft.entities.push((reader.base, (0, 0)));
            }
            build::build(&changed, today).map(|b| (b, Intent::Insights))
        }
        Asked::Forecast { horizon } => {
            let (mut changed, time) = over_time(reader)?;
            // "forecast for the next 6 weeks" limits nothing.
            changed.draft.times.retain(|(said, ..)| !matches!(said, Said::Relative { of: RelativeOf::Next, .. }));
            let column = reader.schema.column(time);
            let calendar = Calendar::new(today, column.extent.as_ref());
            let grain = match horizon {
                Some((_, grain)) => *grain,
                None => time::suitable(&calendar, column.ty()),
            };
            changed.draft.groups =
                vec![Group { column: Some(time), grain: Some(grain), bin: None, span: (0, 0), is_color: false }];
            let steps = horizon.map_or_else(|| usual(grain), |(n, _)| n);
            let built = build::build(&changed, today)?;
            let time = built.query.dimensions.first().map(|d| d.column.clone()).unwrap_or_default();
            Ok((built, Intent::Forecast { time, grain, horizon: steps }))
        }
        Asked::Explain { direction } => {
            let (mut changed, time) = over_time(reader)?;
            let column = reader.schema.column(time);
            let calendar = Calendar::new(today, column.extent.as_ref());
            let period = changed.draft.times.iter().find_map(|(said, ..)| said.resolve(&calendar));
            let stated = period.is_some();
            changed.draft.times.clear();
            // Nothing said: the last whole month.
            let last = Said::Relative { unit: domain::query::RelativeUnit::Month, n: 1, of: RelativeOf::Previous };
            let (from, until) = period.or_else(|| last.resolve(&calendar)).ok_or("It is not said when.")?;
            let days = (until - from).get_days();
            let grain = match days {
                0..=1 => Grain::Day,
                2..=8 => Grain::Week,
                9..=32 => Grain::Month,
                33..=93 => Grain::Quarter,
                _ => Grain::Year,
            };
            changed.draft.groups =
                vec![Group { column: Some(time), grain: Some(grain), bin: None, span: (0, 0), is_color: false }];
            let mut built = build::build(&changed, today)?;
            built.assumed += if stated { 0.0 } else { 0.1 };
            let time = built.query.dimensions.first().map(|d| d.column.clone()).unwrap_or_default();
            let intent =
                Intent::Explain { time, from: from.to_string(), until: until.to_string(), direction: *direction };
            Ok((built, intent))
        }
    }
}

/// How many steps are forecast where none is said.
fn usual(grain: Grain) -> u32 {
    match grain {
        Grain::Hour => 48,
        Grain::Day => 30,
        Grain::Week => 13,
        Grain::Quarter => 8,
        Grain::Year => 5,
        _ => 12,
    }
}

/// One measure over time: what is named without an aggregate is one.
fn over_time<'a>(reader: &Reader<'a>) -> Result<(Reader<'a>, ColumnRef), String> {
    let mut changed = copy(reader);
    let draft: &mut Draft = &mut changed.draft;
    let named = draft.selects.iter().position(|s| reader.schema.nature(s.column).is_number());
    if draft.measures.is_empty() && draft.counts.is_empty() {
        match named {
            Some(at) => {
                let select = draft.selects.remove(at);
                draft.measures.push(Worked { agg: None, of: Of::Column(select.column), span: select.span });
            }
            None => {
                let (dataset, span) = draft.entities.first().copied().ok_or("It is not said of what.")?;
                draft.counts.push(super::draft::Count {
                    dataset: Some(dataset),
                    column: None,
                    is_distinct: false,
                    span,
                });
            }
        }
    }
    draft.measures.truncate(1);
    draft.selects.clear();
    draft.order = None;
    draft.top = None;
    let home = match draft.measures.first().map(|m| m.of) {
        Some(Of::Column(c)) => c.0,
        Some(Of::Metric(_)) => reader.base,
        None => draft.counts.first().and_then(|c| c.dataset).unwrap_or(reader.base),
    };
    let time = reader.schema.time_of(home).or_else(|| reader.schema.time_of(reader.base));
    time.map(|t| (changed, t)).ok_or_else(|| "There is no time in this data.".to_owned())
}

fn copy<'a>(reader: &Reader<'a>) -> Reader<'a> {
    Reader {
        tokens: reader.tokens,
        schema: reader.schema,
        base: reader.base,
        units: reader.units.clone(),
        owner: reader.owner.clone(),
        used: reader.used.clone(),
        draft: reader.draft.clone(),
        value: reader.value,
    }
}
