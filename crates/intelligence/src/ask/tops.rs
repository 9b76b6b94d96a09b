//! The largest and the smallest: "top 10", "the oldest", "with the most", "least expensive".

use super::draft::*;
use super::lexicon::{ColumnRef, Target};
use super::read::Reader;
use super::schema::Nature;
use super::words::{Token, split_name};
use domain::query::{Agg, Dir};

/// Adjectives with the columns that they are about, by words of names, and whether more of it is more.
const ADJECTIVES: &[(&str, &[&str], &[&str])] = &[
    // adjective, columns where more means so, columns where less means so
    (
        "old",
        &["age"],
        &["birth", "born", "dob", "founded", "built", "year", "established", "opening", "opened", "date"],
    ),
    ("young", &["birth", "born", "dob"], &["age"]),
    ("new", &["date", "year", "founded", "built", "time", "opening", "created", "opened"], &["age"]),
    ("recent", &["date", "time", "year"], &[]),
    ("late", &["date", "time", "year"], &[]),
    ("early", &[], &["date", "time", "year"]),
    ("tall", &["height", "tall", "floors", "stories"], &[]),
    ("high", &["height", "elevation", "altitude", "price", "score"], &[]),
    ("heavy", &["weight", "mass"], &[]),
    ("light", &[], &["weight", "mass"]),
    ("long", &["length", "duration", "distance", "hours", "minutes"], &[]),
    ("short", &[], &["length", "duration", "height", "distance"]),
    ("fast", &["speed", "velocity"], &["time", "duration"]),
    ("slow", &["time", "duration"], &["speed", "velocity"]),
    ("expensive", &["price", "cost", "fee", "fare", "rate", "amount"], &[]),
    ("cheap", &[], &["price", "cost", "fee", "fare", "rate", "amount"]),
    ("costly", &["price", "cost", "amount"], &[]),
    ("rich", &["worth", "wealth", "income", "money", "earnings"], &[]),
    ("poor", &[], &["worth", "wealth", "income", "money"]),
    ("big", &["area", "size", "population", "capacity", "amount", "sales"], &[]),
    ("large", &["area", "size", "population", "capacity", "amount", "sales"], &[]),
    ("small", &[], &["area", "size", "population", "capacity", "amount", "sales"]),
    ("populous", &["population"], &[]),
    ("powerful", &["horsepower", "power"], &[]),
    ("profitable", &["profit", "margin"], &[]),
    ("experienced", &["experience", "years"], &[]),
    ("popular", &["popularity", "votes", "views", "attendance"], &[]),
];

fn superlative(low: &str) -> Option<&'static str> {
    Some(match low {
        "oldest" | "older" => "old",
        "youngest" | "younger" => "young",
        "newest" | "newer" => "new",
        "latest" | "later" => "late",
        "earliest" | "earlier" => "early",
        "tallest" | "taller" => "tall",
        "heaviest" | "heavier" => "heavy",
        "lightest" | "lighter" => "light",
        "longest" | "longer" => "long",
        "shortest" | "shorter" => "short",
        "fastest" | "faster" => "fast",
        "slowest" | "slower" => "slow",
        "cheapest" | "cheaper" => "cheap",
        "costliest" => "costly",
        "richest" | "wealthiest" | "richer" => "rich",
        "poorest" => "poor",
        "biggest" | "bigger" => "big",
        "largest" | "larger" | "greatest" => "large",
        "smallest" | "smaller" => "small",
        "highest" => "high",
        _ => return None,
    })
}

/// Which way a word of extremes points, where it needs a column or a count beside it.
fn extreme(low: &str) -> Option<Dir> {
    match low {
        "most" | "highest" | "largest" | "biggest" | "greatest" | "maximum" | "max" | "best" | "maximal"
        | "longest" | "top" | "heaviest" | "latest" => Some(Dir::Desc),
        "least" | "lowest" | "smallest" | "fewest" | "minimum" | "min" | "worst" | "minimal" | "shortest"
        | "bottom" | "earliest" | "fewer" => Some(Dir::Asc),
        _ => None,
    }
}

impl Reader<'_> {
    /// The column that an adjective is about, and which way: "old" is a high age or an early birth.
    pub(super) fn adjective(&self, word: &str) -> Option<(ColumnRef, Dir)> {
        let (_, more, less) = ADJECTIVES.iter().find(|(a, ..)| *a == word)?;
        let near = self.schema.distances(self.base);
        let mut datasets: Vec<(u32, usize)> = near.iter().map(|(d, n)| (*n, *d)).collect();
        datasets.sort_unstable();
        // Datasets that the question names come first.
        let named: Vec<usize> = self
            .units
            .iter()
            .filter_map(|u| if let Target::Dataset(d) = u.mention.target { Some(d) } else { None })
            .collect();
        datasets.sort_by_key(|(n, d)| (*n + u32::from(!named.contains(d) && *d != self.base), *d));
        for (_, dataset) in datasets.into_iter().filter(|(n, _)| *n <= 1) {
            for (words, dir) in [(more, Dir::Desc), (less, Dir::Asc)] {
                for word in *words {
                    let fits = |c: &ColumnRef| {
                        let column = self.schema.column(*c);
                        let is_ordered = column.ty().is_number() || column.ty().is_time();
                        is_ordered
                            && self.nature(*c) != Nature::Id
                            && split_name(column.name()).iter().any(|w| w == word)
                    };
                    if let Some(column) = self.schema.columns(dataset).find(fits) {
                        return Some((column, dir));
                    }
                }
            }
        }
        None
    }

    fn count_at(&self, i: usize) -> Option<u64> {
        let n = self.tokens.get(i).and_then(Token::number)?;
        ((1.0..=100_000.0).contains(&n) && n.fract() == 0.0 && self.is_free(i)).then_some(n as u64)
    }

    /// Finds them.
    pub(super) fn tops(&mut self) {
        for i in 0..self.tokens.len() {
            if !self.is_free(i) || self.draft.top.is_some() {
                continue;
            }
            self.numbered(i);
            if self.draft.top.is_none() && self.is_free(i) {
                self.largest(i);
            }
        }
    }

    /// "top 10 carriers by average delay".
    fn numbered(&mut self, i: usize) {
        let mut dir = match self.low(i) {
            "top" | "best" | "first" | "highest" | "largest" | "biggest" => Dir::Desc,
            "bottom" | "worst" | "last" | "lowest" | "smallest" => Dir::Asc,
            _ => return,
        };
        let Some(n) = self.count_at(i + 1) else { return };
        if super::time::unit(self.low(i + 2)).is_some() && matches!(self.low(i), "first" | "last") {
            return;
        }
        let mut end = i + 2;
        let mut by = TopBy::Any;
        self.take(i, end);
        let clause = (end..self.tokens.len().min(end + 9)).find_map(|k| {
            let to = self.at(k, "by|in|on|ranked|sorted|ordered|based|according|with|having|for terms|order|by|on|to? of? the? most|highest|largest|lowest|least|number? of? the? their?")?;
            (self.is_free(k)).then_some((k, to))
        });
        if let Some((k, to)) = clause {
            let (agg, from) = self.aggregate(to).map_or((None, to), |(a, n)| (Some(a), n));
            // "by the number of flights", "with the most flights".
            let says_count = (k..from).any(|t| self.low(t) == "number") || self.at(from, "number|count of?").is_some();
            if let Some(unit) = self.unit_from(self.at(from, "number|count|total of? the?").unwrap_or(from), 2) {
                let span = (unit.from, unit.to);
                match unit.mention.target {
                    Target::Dataset(d) => {
                        by = TopBy::Count(Some(d));
                        end = span.1;
                        self.take(k, end);
                    }
                    Target::Column(c)
                        if self.is_number(c)
                            && self.nature(c) != Nature::Id
                            && (!says_count || self.nature(c).is_number()) =>
                    {
                        by = TopBy::Column(c, agg);
                        // The worst delay is the longest.
                        let words = split_name(self.schema.column(c).name());
                        let is_bad = words.iter().any(|w| {
                            matches!(
                                w.as_str(),
                                "delay"
                                    | "delays"
                                    | "late"
                                    | "errors"
                                    | "cost"
                                    | "costs"
                                    | "complaints"
                                    | "defects"
                                    | "returns"
                                    | "loss"
                                    | "losses"
                                    | "wait"
                                    | "churn"
                                    | "price"
                                    | "rank"
                            )
                        });
                        if is_bad && matches!(self.low(i), "worst" | "best") {
                            dir = flip(dir);
                        }
                        end = span.1;
                        self.take(k, end);
                        self.draft.measures.push(Worked { agg, of: Of::Column(c), span: (k, end) });
                    }
                    Target::Column(_) if says_count => {
                        by = TopBy::Count(None);
                        end = span.1;
                        self.take(k, end);
                    }
                    Target::Metric(m) => {
                        end = span.1;
                        self.take(k, end);
                        self.draft.measures.push(Worked { agg: None, of: Of::Metric(m), span: (k, end) });
                    }
                    _ => {}
                }
            } else if let Some(stop) = self.at(from, "number|count|frequency") {
                by = TopBy::Count(None);
                self.take(k, stop);
            }
        }
        self.draft.top = Some(Top { n, dir, by, span: (i, end) });
    }

    /// "the oldest", "with the most songs", "most common", "the 3 tallest".
    fn largest(&mut self, i: usize) {
        let low = self.low(i).to_owned();
        let word = superlative(&low).filter(|_| low.ends_with("est"));
        let n_before =
            i.checked_sub(1).and_then(|k| self.count_at(k)).filter(|_| extreme(&low).is_some() || word.is_some());
        let start = if n_before.is_some() { i - 1 } else { i };
        let n =
            n_before.or_else(|| self.count_at(i + 1).filter(|_| word.is_some() && self.low(i + 2) != "%")).unwrap_or(1);
        let after = if n_before.is_none() && n > 1 { i + 2 } else { i + 1 };
        let mut before = start.checked_sub(1).map_or("", |k| self.low(k));
        if matches!(before, "the" | "a" | "their") {
            before = start.checked_sub(2).map_or("", |k| self.low(k));
        }
        let has = matches!(
            before,
            "with"
                | "has"
                | "have"
                | "having"
                | "had"
                | "whose"
                | "got"
                | "gets"
                | "earned"
                | "earns"
                | "get"
                | "by"
                | "at"
                | "for"
                | "which"
                | "made"
                | "makes"
                | "receives"
                | "received"
                | "scored"
                | "in"
                | "is"
                | "are"
                | "was"
                | "and"
        );
        let has_strictly = matches!(
            before,
            "with"
                | "has"
                | "have"
                | "having"
                | "had"
                | "whose"
                | "got"
                | "gets"
                | "earned"
                | "earns"
                | "get"
                | "which"
                | "receives"
                | "received"
                | "scored"
        );
        let which = matches!(self.low(0), "which" | "who" | "whose")
            || self.low(0) == "what" && self.owner.get(1).is_some_and(Option::is_some);
        if matches!(low.as_str(), "most" | "fewest" | "least") && matches!(self.low(after), "times" | "often") {
            self.take(start, after + 1);
            self.draft.top = Some(Top {
                n,
                dir: if low == "most" { Dir::Desc } else { Dir::Asc },
                by: TopBy::Count(None),
                span: (start, after + 1),
            });
            return;
        }
        if matches!(low.as_str(), "busiest") {
            self.take(start, after);
            self.draft.top = Some(Top { n, dir: Dir::Desc, by: TopBy::Count(None), span: (start, after) });
            return;
        }
        // "most recent", "least expensive", "most common".
        if matches!(low.as_str(), "most" | "least") {
            let next = self.low(after).to_owned();
            if matches!(
                next.as_str(),
                "common" | "frequent" | "popular" | "frequently" | "commonly" | "often" | "used" | "widely"
            ) {
                let to = after + 1;
                let by = self
                    .adjective("popular")
                    .filter(|_| next == "popular")
                    .map_or(TopBy::Count(None), |(c, _)| TopBy::Column(c, None));
                self.take(start, to);
                self.draft.top =
                    Some(Top { n, dir: if low == "most" { Dir::Desc } else { Dir::Asc }, by, span: (start, to) });
                return;
            }
            if let Some((column, dir)) = self.adjective(&next) {
                let dir = if low == "most" { dir } else { flip(dir) };
                self.take(start, after + 1);
                self.draft.top = Some(Top { n, dir, by: TopBy::Column(column, None), span: (start, after + 1) });
                return;
            }
        }
        if matches!(low.as_str(), "first" | "last" | "latest" | "earliest" | "newest") {
            self.moment(start, i, n);
            return;
        }
        if let Some(dir) = extreme(&low) {
            let many = self.at(after, "number|amount|count|total|quantity of? the? different?");
            let from = many.unwrap_or(after);
            let (agg, from) = self.aggregate(from).map_or((None, from), |(a, k)| (Some(a), k));
            let found = self.unit_from(from, 2).map(|u| (u.mention.target.clone(), (u.from, u.to)));
            let is_word_of_aggregates =
                matches!(low.as_str(), "maximum" | "max" | "minimum" | "min" | "minimal" | "maximal");
            let is_choice = has_strictly
                || (has && (which || !is_word_of_aggregates))
                || (which && !is_word_of_aggregates)
                || many.is_some() && which;
            let is_ordered = |c: ColumnRef| {
                let column = self.schema.column(c);
                column.ty().is_time() || column.ty().is_number() && (self.nature(c) != Nature::Id || many.is_none())
            };
            match found {
                Some((Target::Column(c), span)) if is_ordered(c) => {
                    let by = TopBy::Column(c, agg);
                    if is_choice || agg.is_some() || n > 1 {
                        self.take(start, span.1);
                        self.draft.top = Some(Top { n, dir, by, span: (start, span.1) });
                    } else if !is_word_of_aggregates {
                        self.take(start, span.1);
                        self.draft.measures.push(Worked {
                            agg: Some(Self::extreme(dir)),
                            of: Of::Column(c),
                            span: (start, span.1),
                        });
                    }
                    return;
                }
                Some((Target::Dataset(d), span))
                    if many.is_some() || matches!(low.as_str(), "most" | "least" | "fewest") =>
                {
                    self.take(start, span.1);
                    self.draft.top = Some(Top { n, dir, by: TopBy::Count(Some(d)), span: (start, span.1) });
                    return;
                }
                Some((Target::Column(_), span))
                    if many.is_some() || (has_strictly && matches!(low.as_str(), "most" | "least" | "fewest")) =>
                {
                    self.take(start, span.1);
                    self.draft.top = Some(Top { n, dir, by: TopBy::Count(None), span: (start, span.1) });
                    return;
                }
                _ => {}
            }
        }
        // "whose price is the highest".
        let is_end =
            after >= self.tokens.len() || matches!(self.low(after), "." | "?" | "," | "and" | "among" | "of" | "in");
        if let Some(dir) = extreme(&low).filter(|_| is_end)
            && let Some((column, span)) =
                self.column_before(start, 5, |c| self.is_number(c) && self.nature(c) != Nature::Id)
        {
            self.take(span.0, after);
            self.draft.top = Some(Top { n, dir, by: TopBy::Column(column, None), span: (span.0, after) });
            return;
        }
        if let Some((column, dir)) = word.and_then(|w| self.adjective(w)) {
            self.take(start, after);
            self.draft.top = Some(Top { n, dir, by: TopBy::Column(column, None), span: (start, after) });
        }
    }

    /// "the last release date", "the first student to register".
    fn moment(&mut self, start: usize, i: usize, n: u64) {
        let dir = if matches!(self.low(i), "first" | "earliest") { Dir::Asc } else { Dir::Desc };
        // "first name" is a column.
        if self.owner[i].is_some() {
            return;
        }
        let is_time = |c: ColumnRef| self.schema.column(c).ty().is_time() || self.nature(c) == Nature::Year;
        let mut found = None;
        for k in i + 1..self.tokens.len().min(i + 8) {
            if matches!(self.low(k), "." | "?" | ",") {
                break;
            }
            if let Some(unit) = self.unit(k)
                && let Target::Column(c) = unit.mention.target
                && is_time(c)
            {
                found = Some((c, (unit.from, unit.to), k == i + 1 || k == i + 2));
                break;
            }
        }
        let (column, to) = match found {
            Some((c, span, is_beside)) => {
                // "the last date": the date is what is asked for.
                (c, if is_beside { i + 1 } else { span.1.min(i + 1) })
            }
            None => {
                let near = self.unit_from(i + 1, 1).and_then(|u| match u.mention.target {
                    Target::Dataset(d) => self.schema.time_of(d),
                    _ => None,
                });
                let Some(c) = near.or_else(|| self.schema.time_of(self.base)) else { return };
                (c, i + 1)
            }
        };
        if let Some((_, span, false)) = found {
            self.take(span.0, span.1);
        }
        self.take(start, to);
        self.draft.top = Some(Top { n, dir, by: TopBy::Column(column, None), span: (start, to) });
    }

    /// The column that a comparison is about without naming it: "older than 30".
    pub(super) fn compared(&self, low: &str) -> Option<ColumnRef> {
        superlative(low).and_then(|w| self.adjective(w)).map(|(c, _)| c).filter(|c| self.is_number(*c))
    }

    /// Which aggregate fits a column that nobody said one for.
    pub(super) fn default_agg(&self, column: ColumnRef) -> Agg {
        if self.schema.is_additive(column) { Agg::Sum } else { Agg::Avg }
    }
}

fn flip(dir: Dir) -> Dir {
    if dir == Dir::Asc { Dir::Desc } else { Dir::Asc }
}
