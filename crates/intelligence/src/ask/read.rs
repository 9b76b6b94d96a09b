//! Reads the parts of a question, from the words that only mean one thing to those that mean what is
//! left: charts, order, times, the largest, comparisons, values, and then measures and groups.

use super::draft::*;
use super::lexicon::{ColumnRef, Mention, Target};
use super::schema::{Nature, Schema};
use super::words::{Kind, Token};
use domain::query::{Agg, Dir};
use std::collections::HashMap;

/// Words that stand for something, and what else they might.
#[derive(Clone, Debug)]
pub(crate) struct Unit {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) mention: Mention,
    pub(crate) others: Vec<Mention>,
    /// Another fits just as well.
    pub(crate) is_tied: bool,
}

/// A reader of one question, from the view of one dataset.
pub(crate) struct Reader<'a> {
    pub(crate) tokens: &'a [Token],
    pub(crate) schema: &'a Schema<'a>,
    pub(crate) base: usize,
    pub(crate) units: Vec<Unit>,
    /// The unit that a token is part of.
    pub(crate) owner: Vec<Option<usize>>,
    pub(crate) used: Vec<bool>,
    pub(crate) draft: Draft,
    /// What the units are worth together.
    pub(crate) value: f32,
}

/// Words that say what to do, and stand for a column only where they are its whole name.
const CUES: &[&str] = &[
    "average", "avg", "mean", "maximum", "max", "minimum", "min", "minimal", "maximal", "sum", "total", "count",
    "number", "most", "least", "top", "bottom", "highest", "lowest", "largest", "smallest", "greatest", "first",
    "last", "per", "by", "each", "order", "show", "list", "trend", "line", "bar", "area", "map", "year", "month",
    "day", "week", "quarter", "hour", "date", "time", "name", "names", "more", "less", "than", "over", "under",
    "above", "below", "years", "long", "many", "type", "who", "when", "where", "days", "months", "weeks", "record",
    "records", "not", "no", "old", "older", "young", "late", "share", "rank", "position", "range", "growth", "change",
];

impl<'a> Reader<'a> {
    /// Decides which words stand for what, from the view of a dataset.
    pub(crate) fn new(
        tokens: &'a [Token],
        schema: &'a Schema<'a>,
        mentions: &[Mention],
        base: usize,
        avoid: &[Mention],
    ) -> Self {
        let near = schema.distances(base);
        let (units, value) = segment(tokens, schema, mentions, base, &near, avoid);
        let mut owner = vec![None; tokens.len()];
        for (u, unit) in units.iter().enumerate() {
            owner[unit.from..unit.to].fill(Some(u));
        }
        let used = vec![false; tokens.len()];
        Self { tokens, schema, base, units, owner, used, draft: Draft::default(), value }
    }

    /// Reads everything.
    pub(crate) fn read(&mut self) {
        self.charts();
        self.orders();
        self.bins();
        self.calculations();
        self.times();
        self.tops();
        self.comparisons();
        self.values();
        self.rest();
    }

    pub(crate) fn low(&self, i: usize) -> &str {
        self.tokens.get(i).map_or("", |t| t.low.as_str())
    }

    /// The token after the words of a pattern, from token `i` on. Alternatives are parted by `|`, and
    /// what ends with `?` may be absent; hyphens are passed over.
    pub(crate) fn at(&self, i: usize, pattern: &str) -> Option<usize> {
        let mut k = i;
        for piece in pattern.split(' ') {
            let (piece, is_optional) = piece.strip_suffix('?').map_or((piece, false), |p| (p, true));
            let mut here = k;
            if here > i && self.low(here) == "-" {
                here += 1;
            }
            if !self.low(here).is_empty() && piece.split('|').any(|w| w == self.low(here)) {
                k = here + 1;
            } else if !is_optional {
                return None;
            }
        }
        (k > i).then_some(k)
    }

    pub(crate) fn take(&mut self, from: usize, to: usize) {
        let to = to.min(self.used.len());
        if from < to {
            self.used[from..to].fill(true);
        }
    }

    pub(crate) fn is_free(&self, i: usize) -> bool {
        i < self.used.len() && !self.used[i]
    }

    /// The unit that begins at a token, if nothing has used it.
    pub(crate) fn unit(&self, i: usize) -> Option<&Unit> {
        let unit = &self.units[(*self.owner.get(i)?)?];
        (unit.from == i && self.is_free(i)).then_some(unit)
    }

    /// The unit at a token or after a few words that say nothing.
    pub(crate) fn unit_from(&self, mut i: usize, most: usize) -> Option<&Unit> {
        for _ in 0..=most {
            if let Some(unit) = self.unit(i) {
                return Some(unit);
            }
            let is_small = matches!(
                self.low(i),
                "the"
                    | "a"
                    | "an"
                    | "of"
                    | "their"
                    | "its"
                    | "number"
                    | "all"
                    | "each"
                    | "his"
                    | "her"
                    | "value"
                    | "in"
                    | "corresponding"
                    | "is"
                    | "total"
                    | "-"
                    | "any"
                    | "those"
            );
            if !is_small {
                return None;
            }
            i += 1;
        }
        None
    }

    /// The column that a unit from token `i` on names.
    pub(crate) fn column_from(&self, i: usize, most: usize) -> Option<(ColumnRef, Span)> {
        let unit = self.unit_from(i, most)?;
        match unit.mention.target {
            Target::Column(c) => Some((c, (unit.from, unit.to))),
            _ => None,
        }
    }

    /// The nearest column that is named before a token and not used, within a few words.
    pub(crate) fn column_before(
        &self,
        i: usize,
        most: usize,
        fits: impl Fn(ColumnRef) -> bool,
    ) -> Option<(ColumnRef, Span)> {
        let mut k = i;
        for _ in 0..most {
            k = k.checked_sub(1)?;
            if matches!(self.low(k), "." | "?" | ";") {
                return None;
            }
            if let Some(u) = self.owner[k] {
                let unit = &self.units[u];
                if let Target::Column(c) = unit.mention.target
                    && fits(c)
                {
                    return Some((c, (unit.from, unit.to)));
                }
                k = unit.from;
            }
        }
        None
    }

    pub(crate) fn is_number(&self, c: ColumnRef) -> bool {
        self.schema.column(c).ty().is_number()
    }

    pub(crate) fn nature(&self, c: ColumnRef) -> Nature {
        self.schema.nature(c)
    }

    /// The words of some tokens as they were written.
    pub(crate) fn words(&self, (from, to): Span) -> String {
        let words: Vec<&str> = self.tokens[from.min(self.tokens.len())..to.min(self.tokens.len())]
            .iter()
            .map(|t| t.text.as_str())
            .collect();
        words.join(" ")
    }

    /// An aggregate that is said at token `i`, and the token after it.
    pub(crate) fn aggregate(&self, i: usize) -> Option<(Agg, usize)> {
        let (agg, next) = match self.low(i) {
            "average" | "avg" | "mean" | "averaged" => (Agg::Avg, i + 1),
            "maximum" | "max" | "maximal" => (Agg::Max, i + 1),
            "minimum" | "min" | "minimal" => (Agg::Min, i + 1),
            "sum" | "summed" | "total" | "combined" | "overall" => (Agg::Sum, i + 1),
            "median" => (Agg::Median, i + 1),
            "standard" if self.low(i + 1) == "deviation" => (Agg::Stddev, i + 2),
            "stddev" => (Agg::Stddev, i + 1),
            _ => return None,
        };
        let next = if matches!(self.low(next), "of" | "value" | "values") { next + 1 } else { next };
        Some((agg, next))
    }
}

/// The best choice of mentions that do not overlap.
fn segment(
    tokens: &[Token],
    schema: &Schema<'_>,
    mentions: &[Mention],
    base: usize,
    near: &HashMap<usize, u32>,
    avoid: &[Mention],
) -> (Vec<Unit>, f32) {
    let mut by_span: HashMap<Span, Vec<(f32, &Mention)>> = HashMap::new();
    for mention in mentions {
        if avoid.iter().any(|a| a.target == mention.target && a.from == mention.from) {
            continue;
        }
        if let Some(value) = worth(tokens, schema, mention, base, near) {
            by_span.entry((mention.from, mention.to)).or_default().push((value, mention));
        }
    }
    for all in by_span.values_mut() {
        all.sort_by(|a, b| b.0.total_cmp(&a.0));
    }
    // The best sum up to each token, and the span that ends there.
    let mut best: Vec<(f32, Option<Span>)> = vec![(0.0, None); tokens.len() + 1];
    let mut spans: Vec<Span> = by_span.keys().copied().collect();
    spans.sort_unstable_by_key(|(from, to)| (*to, *from));
    let mut next = spans.iter().peekable();
    for to in 1..=tokens.len() {
        best[to] = (best[to - 1].0, None);
        while let Some(span) = next.next_if(|s| s.1 == to) {
            let value = best[span.0].0 + by_span[span][0].0;
            if value > best[to].0 + 1e-4 {
                best[to] = (value, Some(*span));
            }
        }
    }
    let mut units = Vec::new();
    let mut at = tokens.len();
    while at > 0 {
        let Some(span) = best[at].1 else {
            at -= 1;
            continue;
        };
        let all = &by_span[&span];
        let mut others: Vec<Mention> = Vec::new();
        let mut is_tied = false;
        for (value, mention) in &all[1..] {
            if *value > all[0].0 * 0.85 && mention.target != all[0].1.target && is_rival(all[0].1, mention, near) {
                others.push((*mention).clone());
                let is_column = |m: &Mention| matches!(m.target, Target::Column(_));
                is_tied |= *value > all[0].0 * 0.995 && is_column(mention) && is_column(all[0].1);
            }
        }
        units.push(Unit { from: span.0, to: span.1, mention: all[0].1.clone(), others, is_tied });
        at = span.0;
    }
    units.reverse();
    settle(&mut units);
    (units, best[tokens.len()].0)
}

/// Whether both may be meant: the same key of another dataset is no other meaning.
fn is_rival(first: &Mention, other: &Mention, near: &HashMap<usize, u32>) -> bool {
    match (&first.target, &other.target) {
        (Target::Column(a), Target::Column(b)) => a.0 == b.0 || near.get(&b.0) <= near.get(&a.0),
        (Target::Value(..), Target::Value(..)) => true,
        (Target::Column(a), Target::Dataset(b)) | (Target::Dataset(b), Target::Column(a)) => a.0 != *b,
        _ => true,
    }
}

/// A value that stands in several columns belongs to the one that is named beside it.
fn settle(units: &mut [Unit]) {
    for i in 0..units.len() {
        if !matches!(units[i].mention.target, Target::Value(..)) {
            continue;
        }
        let beside: Vec<ColumnRef> = [i.checked_sub(1), Some(i + 1)]
            .into_iter()
            .flatten()
            .filter_map(|k| units.get(k))
            .filter_map(|u| if let Target::Column(c) = u.mention.target { Some(c) } else { None })
            .collect();
        let unit = &mut units[i];
        let is_beside = |m: &Mention| m.target.column().is_some_and(|c| beside.contains(&c));
        if !is_beside(&unit.mention)
            && let Some(at) = unit.others.iter().position(is_beside)
        {
            std::mem::swap(&mut unit.mention, &mut unit.others[at]);
            unit.others.clear();
        } else if is_beside(&unit.mention) {
            unit.others.clear();
        }
    }
}

fn worth(
    tokens: &[Token],
    schema: &Schema<'_>,
    mention: &Mention,
    base: usize,
    near: &HashMap<usize, u32>,
) -> Option<f32> {
    let dataset = match &mention.target {
        Target::Dataset(d) => *d,
        Target::Column((d, _)) | Target::Value((d, _), _) => *d,
        Target::Metric(m) => {
            schema.catalog.datasets.iter().position(|d| d.name == schema.catalog.metrics[*m].dataset)?
        }
    };
    let factor = match near.get(&dataset)? {
        0 => 1.0,
        1 => 0.92,
        2 => 0.85,
        _ => 0.78,
    };
    let words = &tokens[mention.from..mention.to];
    let is_value = matches!(mention.target, Target::Value(..));
    if let [only] = words
        && !is_value
    {
        let is_cue = CUES.contains(&only.low.as_str());
        let is_whole = mention.score > 0.95 && mention.likeness > 0.95;
        // "average, minimum and maximum age" and "average price" are no columns called so.
        let next = tokens.get(mention.to).map_or("", |t| t.low.as_str());
        let is_agg = matches!(
            only.low.as_str(),
            "average" | "avg" | "mean" | "maximum" | "max" | "minimum" | "min" | "total" | "sum" | "count" | "number"
        );
        let is_listed = matches!(next, "," | "and") && tokens.get(mention.to + 1).is_some_and(|t| t.is_word());
        if is_agg
            && (is_listed || tokens.get(mention.to).is_some_and(|t| t.is_word() && !super::words::is_filler(&t.low)))
        {
            return None;
        }
        // "Show" at the beginning is no dataset, and a filler is one only by its plain name.
        let is_verb = matches!(
            only.low.as_str(),
            "show"
                | "list"
                | "find"
                | "plot"
                | "count"
                | "return"
                | "give"
                | "draw"
                | "rank"
                | "order"
                | "compare"
                | "display"
        ) && (mention.from == 0
            || matches!(tokens[mention.from - 1].kind, Kind::Mark)
            || matches!(tokens[mention.from - 1].low.as_str(), "and" | "please" | "also" | "then" | "you"));
        if is_verb
            || (is_cue
                && !is_whole
                && !matches!(
                    only.low.as_str(),
                    "name" | "names" | "date" | "type" | "old" | "late" | "record" | "records" | "position"
                ))
        {
            return None;
        }
        let is_filler = super::words::is_filler(&only.low);
        let may_be_part = matches!(
            only.low.as_str(),
            "name"
                | "date"
                | "type"
                | "types"
                | "record"
                | "records"
                | "position"
                | "total"
                | "value"
                | "info"
                | "information"
                | "result"
                | "results"
        );
        if is_filler && (mention.likeness < 0.95 || !(is_whole || may_be_part)) {
            return None;
        }
        // "major id": the id of what was named before.
        let is_tail = matches!(only.low.as_str(), "id" | "ids" | "code" | "codes" | "number" | "details");
        let follows_name = mention.from > 0
            && tokens[mention.from - 1].is_word()
            && !super::words::is_filler(&tokens[mention.from - 1].low);
        if is_tail && mention.score < 0.95 && follows_name {
            return None;
        }
        if matches!(
            only.low.as_str(),
            "x" | "y" | "axis" | "chart" | "graph" | "bar" | "line" | "plot" | "scatter" | "pie" | "histogram"
        ) {
            return None;
        }
    }
    if words.iter().all(|t| {
        matches!(t.low.as_str(), "the" | "of" | "a" | "to" | "in" | "x" | "y" | "axis" | "for" | "by" | "and" | "is")
    }) && !is_value
    {
        return None;
    }
    let mut value = mention.words * (0.35 + 0.65 * mention.score) * mention.likeness.powf(1.5) * factor;
    match &mention.target {
        Target::Dataset(d) => {
            let before = mention.from.checked_sub(1).map_or("", |k| tokens[k].low.as_str());
            let is_plural = words.last().is_some_and(|t| t.low != t.stem && t.low.ends_with('s'));
            let is_counted = matches!(before, "many" | "of" | "all" | "the");
            value *= if *d == base { 1.06 } else { 1.0 };
            value *= if is_plural {
                1.03
            } else if is_counted {
                1.0
            } else {
                0.97
            };
        }
        Target::Column(c) if schema.nature(*c) == Nature::Id => value *= 0.99,
        Target::Metric(_) => value *= 1.02,
        _ => {}
    }
    (value > 0.2).then_some(value)
}

/// Up or down as words say it.
pub(crate) fn direction(low: &str) -> Option<Dir> {
    match low {
        "ascending" | "asc" | "increasing" | "ascend" | "ascendingly" | "rising" => Some(Dir::Asc),
        "descending" | "desc" | "decreasing" | "descend" | "descendingly" | "decending" | "falling" => Some(Dir::Desc),
        _ => None,
    }
}
