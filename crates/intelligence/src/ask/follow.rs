//! Follow-ups: "only weekends", "as a pie", "now by month", "and for JFK", "without Hawaiian".

use super::build::{Built, Shape};
use super::draft::Draft;
use super::lexicon::{ColumnRef, Lexicon, Mention};
use super::rank;
use super::read::Reader;
use super::schema::{Nature, Schema};
use super::time::{self, Calendar};
use super::words::{self, Token};
use domain::ask::{AskContext, Chip, ChipPart, Intent, Outcome, Understanding};
use domain::query::{Dimension, Dir, Filter, Measure, Op, Order, Query};
use jiff::civil::Date;
use serde_json::Value;
use std::collections::BTreeSet;

/// Understands a question as a change of the one before, where it is one.
pub(crate) fn follow(
    tokens: &[Token],
    schema: &Schema<'_>,
    lexicon: &Lexicon,
    mentions: &[Mention],
    previous: &AskContext,
    today: Date,
) -> Option<Understanding> {
    let low = |i: usize| tokens.get(i).map_or("", |t| t.low.as_str());
    let base = schema.catalog.datasets.iter().position(|d| d.name == previous.query.dataset)?;
    let opens = matches!(
        low(0),
        "only"
            | "just"
            | "and"
            | "now"
            | "as"
            | "without"
            | "except"
            | "excluding"
            | "but"
            | "instead"
            | "also"
            | "by"
            | "per"
            | "top"
            | "sorted"
            | "in"
            | "for"
            | "make"
            | "then"
            | "sort"
            | "exclude"
            | "add"
            | "same"
            | "since"
            | "remove"
            | "split"
            | "broken"
            | "last"
            | "this"
            | "not"
            | "group"
            | "order"
    ) || (low(0) == "what" && low(1) == "about")
        || (low(0) == "how" && low(1) == "about");
    let is_short = tokens.iter().filter(|t| t.is_word()).count() <= 9;
    if !opens || !is_short {
        return None;
    }
    let mut reader = Reader::new(tokens, schema, mentions, base, &[]);
    reader.read();
    let is_removal =
        (0..tokens.len()).any(|i| matches!(low(i), "without" | "except" | "excluding" | "exclude" | "remove" | "not"));
    let draft = reader.draft.clone();
    // A question with a subject of its own is a new one.
    if !draft.counts.is_empty() && !draft.entities.is_empty() {
        return None;
    }
    let mut change = Change {
        reader: &reader,
        schema,
        base,
        query: previous.query.clone(),
        chips: Vec::new(),
        is_changed: false,
        today,
    };
    change.times(&draft);
    change.filters(&draft, is_removal);
    change.groups(&draft);
    change.measures(&draft);
    change.order(&draft);
    let has_chart = draft.chart.is_some();
    if !change.is_changed && !has_chart {
        return None;
    }
    let Change { query, mut chips, is_changed, .. } = change;
    let unknown: Vec<usize> = (0..tokens.len())
        .filter(|i| {
            tokens[*i].is_word()
                && reader.owner[*i].is_none()
                && !reader.used[*i]
                && !words::is_filler(&tokens[*i].low)
                && !is_opener(&tokens[*i].low)
        })
        .collect();
    let label = schema.catalog.datasets[base].label.clone();
    chips.insert(0, Chip { part: ChipPart::Dataset, text: label, words: String::new(), column: None, value: None });
    let is_grouped = query.columns.is_empty();
    let find = |name: &str| schema.columns(base).find(|c| schema.column(*c).name() == name);
    let natures =
        query.dimensions.iter().map(|d| find(&d.column).map_or(Nature::Category, |c| schema.nature(c))).collect();
    let route = schema.route(base, &BTreeSet::new())?;
    let shape = if is_grouped { Shape::Grouped } else { Shape::Rows };
    let built = Built { query, chips, route, natures, assumed: 0.0, shape };
    let confidence = (0.9 - 0.3 * unknown.len() as f64).max(0.0);
    let mut reading = rank::finish(built, &Draft { is_visual: true, ..draft }, confidence, schema);
    // What was drawn stays drawn so, unless the question has another shape now.
    let same_shape = reading.query.dimensions.len() == previous.query.dimensions.len();
    if !has_chart && (!is_changed || same_shape) {
        reading.kind = previous.kind;
    }
    let outcome = if unknown.is_empty() { Outcome::Answer } else { Outcome::Choice };
    let reason = if unknown.is_empty() {
        String::new()
    } else {
        format!("Nothing in your data is called “{}”.", tokens[unknown[0]].text)
    };
    Some(Understanding {
        outcome,
        readings: vec![reading],
        intent: Intent::Show,
        unknown: rank::unknown_words(&unknown, tokens, schema, lexicon),
        charts: Vec::new(),
        reason,
    })
}

fn is_opener(low: &str) -> bool {
    matches!(
        low,
        "only"
            | "just"
            | "now"
            | "instead"
            | "without"
            | "except"
            | "excluding"
            | "exclude"
            | "remove"
            | "add"
            | "same"
            | "again"
            | "then"
            | "too"
            | "split"
            | "broken"
            | "sort"
            | "sorted"
            | "break"
            | "first"
    )
}

struct Change<'r, 'a> {
    reader: &'r Reader<'a>,
    schema: &'r Schema<'a>,
    base: usize,
    query: Query,
    chips: Vec<Chip>,
    is_changed: bool,
    today: Date,
}

impl Change<'_, '_> {
    /// A column as the query before writes it: follow-ups stay within its datasets.
    fn written(&self, c: ColumnRef) -> Option<String> {
        let name = self.schema.column(c).name();
        if c.0 == self.base {
            return Some(name.to_owned());
        }
        let dataset = &self.schema.catalog.datasets[c.0].name;
        let join = self.query.joins.iter().find(|j| j.dataset == *dataset)?;
        Some(format!("{}.{name}", join.qualifier()))
    }

    /// The same, joining the dataset where it is not part of the question yet.
    fn reach(&mut self, c: ColumnRef) -> Option<String> {
        if let Some(name) = self.written(c) {
            return Some(name);
        }
        let route = self.schema.route(self.base, &BTreeSet::from([c.0]))?;
        for join in &route.joins {
            if !self.query.joins.iter().any(|j| j.qualifier() == join.qualifier()) {
                self.query.joins.push(join.clone());
            }
        }
        self.written(c)
    }

    fn chip(&mut self, part: ChipPart, text: String, span: (usize, usize), column: Option<String>) {
        let words = self.reader.words(span);
        self.chips.push(Chip { part, text, words, column, value: None });
        self.is_changed = true;
    }

    fn time_column(&self) -> Option<ColumnRef> {
        let named = self.query.dimensions.iter().find(|d| d.grain.is_some()).map(|d| d.column.clone());
        let find = |name: &String| self.schema.columns(self.base).find(|c| self.schema.column(*c).name() == name);
        named.as_ref().and_then(find).or_else(|| self.schema.time_of(self.base))
    }

    fn times(&mut self, draft: &Draft) {
        for (said, span, _) in &draft.times {
            let Some(column) = self.time_column() else { continue };
            let Some(name) = self.reach(column) else { continue };
            let info = self.schema.column(column);
            let calendar = Calendar::new(self.today, info.extent.as_ref());
            if let Some((filter, text)) = said.filter(&name, info.ty(), &calendar) {
                // Days of the week lie within another time; other times take its place.
                let keeps = matches!(said, time::Said::Weekends | time::Said::Weekdays);
                let rest = self.query.filter.take();
                let rest = if keeps { rest } else { rest.and_then(|f| without(f, &name, false)) };
                self.query.filter = joined(rest, Some(filter));
                self.chip(ChipPart::Time, text, *span, Some(name));
            }
        }
    }

    fn filters(&mut self, draft: &Draft, is_removal: bool) {
        let mut i = 0;
        while i < draft.filters.len() {
            let column = draft.filters[i].column;
            let mut end = i + 1;
            while draft.filters.get(end).is_some_and(|t| t.column == column && t.op == draft.filters[i].op) {
                end += 1;
            }
            let tests = &draft.filters[i..end];
            i = end;
            let Some(name) = self.reach(column) else { continue };
            let op = if is_removal && tests[0].op == Op::Eq { Op::Ne } else { tests[0].op };
            let values: Vec<Value> = tests.iter().map(|t| t.value.clone()).collect();
            let filter = match (op, values.as_slice()) {
                (Op::Eq, [_, _, ..]) => Filter::is(&name, Op::In, values.clone()),
                (Op::Ne, [_, _, ..]) => Filter::is(&name, Op::NotIn, values.clone()),
                _ => Filter::is(&name, op, values[0].clone()),
            };
            let rest = self.query.filter.take();
            let rest = if op == Op::Ne { rest } else { rest.and_then(|f| without(f, &name, true)) };
            self.query.filter = joined(rest, Some(filter));
            let label = &self.schema.column(column).column.label;
            let word = if op == Op::Ne { " not" } else { "" };
            let value = values
                .iter()
                .map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned))
                .collect::<Vec<_>>()
                .join(" or ");
            self.chip(ChipPart::Filter, format!("{label}{word} {value}"), tests[0].span, Some(name));
        }
    }

    fn groups(&mut self, draft: &Draft) {
        if !self.query.columns.is_empty() && !draft.groups.is_empty() {
            self.query.columns.clear();
            self.query.order.clear();
            self.query.measures = vec![Measure::count()];
        }
        let is_added = (0..self.reader.tokens.len())
            .any(|i| matches!(self.reader.low(i), "also" | "and" | "add" | "split" | "broken"));
        for group in &draft.groups {
            let column = group.column.or_else(|| self.time_column());
            let Some(column) = column else { continue };
            let Some(name) = self.reach(column) else { continue };
            let is_time = self.schema.column(column).ty().is_time();
            let calendar = Calendar::new(self.today, self.schema.column(column).extent.as_ref());
            let grain =
                group.grain.or_else(|| is_time.then(|| time::suitable(&calendar, self.schema.column(column).ty())));
            let wanted = Dimension { column: name.clone(), grain, bin: group.bin, alias: None };
            let same = self.query.dimensions.iter().position(|d| d.column == name);
            match same {
                Some(at) => self.query.dimensions[at] = wanted,
                // Another grain takes the place of a time; another group that of a group.
                None if is_added => self.query.dimensions.push(wanted),
                None => {
                    self.query.dimensions.clear();
                    self.query.dimensions.push(wanted);
                }
            }
            let known: Vec<String> = self
                .query
                .dimensions
                .iter()
                .map(|d| d.column.clone())
                .chain(self.query.measures.iter().map(Measure::output_name))
                .collect();
            self.query.order.retain(|o| known.contains(&o.by));
            let label = &self.schema.column(column).column.label;
            let text = grain.map_or_else(|| label.clone(), |g| format!("{label} by {}", g.as_str().replace('_', " ")));
            self.chip(if is_time { ChipPart::Time } else { ChipPart::Dimension }, text, group.span, Some(name));
        }
    }

    fn measures(&mut self, draft: &Draft) {
        let mut wanted = Vec::new();
        for worked in &draft.measures {
            let super::draft::Of::Column(c) = worked.of else { continue };
            wanted.push((c, worked.agg, worked.span));
        }
        for select in &draft.selects {
            if self.schema.nature(select.column).is_number() {
                wanted.push((select.column, None, select.span));
            }
        }
        if self.query.columns.is_empty() && !wanted.is_empty() {
            let is_added = (0..self.reader.tokens.len()).any(|i| matches!(self.reader.low(i), "also" | "add"));
            if !is_added {
                self.query.measures.clear();
                self.query.order.clear();
            }
            for (c, agg, span) in wanted {
                let Some(name) = self.reach(c) else { continue };
                let agg = agg.unwrap_or_else(|| self.reader.default_agg(c));
                self.query.measures.push(Measure::of(agg, &name));
                let text = format!("{} of {}", agg.label(), self.schema.column(c).column.label);
                self.chip(ChipPart::Measure, text, span, Some(name));
            }
        }
    }

    fn order(&mut self, draft: &Draft) {
        let by = self.query.measures.first().map(Measure::output_name);
        if let Some(top) = draft.top {
            if let Some(by) = by {
                self.query.order = vec![Order { by, dir: top.dir }];
                self.query.limit = Some(top.n);
                let word = if top.dir == Dir::Desc { "Top" } else { "Bottom" };
                self.chip(ChipPart::Order, format!("{word} {}", top.n), top.span, None);
            }
        } else if let Some(order) = draft.order {
            let first = self.query.dimensions.first().map(|d| d.column.clone());
            let by = if order.by == super::draft::OrderBy::Measure { by.or(first) } else { first.or(by) };
            if let Some(by) = by {
                self.query.order = vec![Order { by, dir: order.dir }];
                self.chip(
                    ChipPart::Order,
                    if order.dir == Dir::Desc { "Descending" } else { "Ascending" }.to_owned(),
                    order.span,
                    None,
                );
            }
        }
    }
}

/// The filter without conditions on a column.
fn without(filter: Filter, column: &str, positive_only: bool) -> Option<Filter> {
    match filter {
        Filter::Is(c) if c.column == column && !(positive_only && matches!(c.op, Op::Ne | Op::NotIn)) => None,
        Filter::And(all) => {
            let mut rest: Vec<Filter> = all.into_iter().filter_map(|f| without(f, column, positive_only)).collect();
            if rest.len() > 1 { Some(Filter::And(rest)) } else { rest.pop() }
        }
        other => Some(other),
    }
}

/// Both as one list of conditions.
fn joined(a: Option<Filter>, b: Option<Filter>) -> Option<Filter> {
    match (a, b) {
        (Some(Filter::And(mut all)), Some(b)) => {
            all.push(b);
            Some(Filter::And(all))
        }
        (a, b) => Filter::both(a, b),
    }
}
