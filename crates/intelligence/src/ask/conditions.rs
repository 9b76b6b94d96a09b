//! Conditions: comparisons with numbers, values of columns, what is missing, and their negations.

use super::draft::*;
use super::lexicon::{ColumnRef, Target};
use super::read::Reader;
use super::schema::Nature;
use super::words::{self, Kind, Token};
use domain::DataType;
use domain::query::{Agg, Op};
use serde_json::{Value, json};

/// Words of comparison; the number follows.
const COMPARISONS: &[(&str, Op)] = &[
    ("at least", Op::Gte),
    ("no|not less|fewer|lower|smaller than", Op::Gte),
    ("greater|more|higher|larger than or equal to?", Op::Gte),
    ("greater|more or equal to|than?", Op::Gte),
    ("> =", Op::Gte),
    ("at most", Op::Lte),
    ("no|not more|greater|higher|larger than", Op::Lte),
    ("less|fewer|lower|smaller than or equal to?", Op::Lte),
    ("up to", Op::Lte),
    ("< =", Op::Lte),
    ("< >", Op::Ne),
    ("! =", Op::Ne),
    ("not equal|equals to?", Op::Ne),
    ("is|are not", Op::Ne),
    ("different|other from|than", Op::Ne),
    ("more|greater|higher|larger|bigger|older|longer|taller|heavier|better|later|faster|newer than", Op::Gt),
    ("over|above|exceeding|exceeds|exceed|exceeded|beyond|surpassing", Op::Gt),
    (">", Op::Gt),
    ("less|fewer|lower|smaller|younger|shorter|lighter|earlier|cheaper|slower|worse than", Op::Lt),
    ("under|below|beneath", Op::Lt),
    ("<", Op::Lt),
    ("after|since", Op::Gt),
    ("before", Op::Lt),
    ("exactly|equal|equals|equaling to?", Op::Eq),
    ("=", Op::Eq),
];

impl Reader<'_> {
    fn plain_number(&self, i: usize) -> Option<(f64, usize)> {
        let i = self.at(i, "$|€|£").unwrap_or(i);
        let sign = if self.low(i) == "-" { -1.0 } else { 1.0 };
        let i = if sign < 0.0 { i + 1 } else { i };
        let n = self.tokens.get(i).and_then(Token::number)? * sign;
        let end = self.at(i + 1, "%|$|€|£|dollars|euros|usd|eur").unwrap_or(i + 1);
        self.is_free(i).then_some((n, end))
    }

    /// "over 6 cylinders", "height higher than 200", "between 10 and 20", "3 or more".
    pub(super) fn comparisons(&mut self) {
        for i in 0..self.tokens.len() {
            if !self.is_free(i) {
                continue;
            }
            self.between(i);
            if !self.is_free(i) {
                continue;
            }
            let said = COMPARISONS.iter().find_map(|(p, op)| self.at(i, p).map(|to| (to, *op)));
            if let Some((to, op)) = said {
                let k = self.at(to, "than|to|of|the|a").unwrap_or(to);
                if let Some((n, end)) = self.plain_number(k) {
                    self.compare(i, end, op, n, k);
                    continue;
                }
                // "above age 20".
                if let Some((column, span)) = self.column_from(k, 1).filter(|(c, _)| self.is_number(*c))
                    && let Some((n, end)) = self.plain_number(self.at(span.1, "of|is").unwrap_or(span.1))
                    && !matches!(op, Op::Ne | Op::Eq)
                {
                    self.take(i, end);
                    self.test(column, op, n, (i, end));
                    continue;
                }
                if let Some(Kind::Date(day)) = self.tokens.get(k).map(|t| t.kind.clone())
                    && let Some((column, span)) = self.column_before(i, 5, |c| self.schema.column(c).ty().is_time())
                {
                    self.take(span.0, k + 1);
                    let span = (span.0, k + 1);
                    self.draft.filters.push(Test { column, op, value: json!(day.to_string()), span, is_or: false });
                    continue;
                }
            }
            // "3 or more", "30 and older".
            if let Some((n, end)) = self.plain_number(i) {
                let more = self
                    .at(end, "or|and more|above|higher|greater|over|older|later|up|larger|after|newer")
                    .map(|to| (to, Op::Gte));
                let less = self
                    .at(end, "or|and less|below|fewer|lower|under|younger|earlier|smaller|before")
                    .map(|to| (to, Op::Lte));
                if let Some((to, op)) = more.or(less) {
                    self.compare(i, to, op, n, i);
                }
            }
        }
        self.equal_numbers();
        // Above 40 and below 30 are two rows, not one.
        let bound = |t: &Test, ops: [Op; 2]| if ops.contains(&t.op) { t.value.as_f64() } else { None };
        let filters = &self.draft.filters;
        let is_empty = filters.iter().any(|a| {
            filters.iter().any(|b| {
                let (low, high) = (bound(a, [Op::Gt, Op::Gte]), bound(b, [Op::Lt, Op::Lte]));
                a.column == b.column && !a.is_or && !b.is_or && low.zip(high).is_some_and(|(low, high)| low >= high)
            })
        });
        if is_empty {
            self.draft.faults.push("No row can pass both conditions at once.".to_owned());
        }
    }

    fn between(&mut self, i: usize) {
        let Some(k) = self
            .at(i, "between|from|within")
            .map(|k| self.at(k, "the? range? of").unwrap_or(k))
            .or_else(|| self.at(i, "in? the? range of|from|between?"))
        else {
            return;
        };
        let Some((lo, end)) = self.plain_number(k) else { return };
        let Some(k) = self.at(end, "and|to|-|until") else { return };
        let Some((hi, end)) = self.plain_number(k) else { return };
        let is_not = i > 0 && self.low(i - 1) == "not";
        let fits = |c: ColumnRef| self.is_number(c);
        let column = self.column_before(i, 6, fits).or_else(|| self.column_from(end, 1).filter(|(c, _)| fits(*c)));
        let Some((column, span)) = column else {
            self.draft.faults.push(format!("It is not said what lies between {lo} and {hi}."));
            self.take(i, end);
            return;
        };
        self.take(i - usize::from(is_not), end);
        self.take(span.0, span.1);
        let op = if is_not { Op::NotBetween } else { Op::Between };
        let span = (span.0.min(i), end.max(span.1));
        self.draft.filters.push(Test {
            column,
            op,
            value: json!([number(lo), number(hi)]),
            span,
            is_or: self.follows_or(span.0),
        });
    }

    /// A comparison with a number at tokens `from..end`: finds what is compared.
    fn compare(&mut self, from: usize, end: usize, op: Op, n: f64, at: usize) {
        let schema = self.schema;
        let is_id = |c: ColumnRef| schema.nature(c) == Nature::Id;
        let next = self.unit_from(end, 1).map(|u| (u.mention.target.clone(), (u.from, u.to)));
        let before = self.column_before(from, 7, |c| self.is_number(c) && !is_id(c));
        let is_beside = before.is_some_and(|(_, s)| {
            (s.1..from).all(|k| words::is_filler(self.low(k)) || matches!(self.low(k), "higher" | "value" | "not"))
        });
        let is_or = self.follows_or(before.map_or(from, |b| b.1.0));
        // "countries that have more than 2 makers" compares no countries.
        let verb = from.checked_sub(1).map_or("", |k| self.low(k));
        let is_beside = is_beside
            && !(matches!(verb, "has" | "have" | "had" | "with" | "having" | "made" | "received" | "won")
                && next.is_some());
        let aggregate = |span: Span| -> Option<Agg> {
            let k = span.0.checked_sub(1)?;
            let k = if matches!(self.low(k), "of" | "the") { k.checked_sub(1)? } else { k };
            self.aggregate(k).map(|a| a.0)
        };
        match next {
            Some((Target::Dataset(d), span)) if !is_beside => {
                self.take(from, span.1);
                self.draft.having.push(Having { dataset: Some(d), measure: None, op, value: n, span: (from, span.1) });
                return;
            }
            Some((Target::Column(c), span)) if !is_beside => {
                self.take(from, span.1);
                if self.is_number(c) && !is_id(c) {
                    self.test(c, op, n, (from, span.1));
                } else {
                    self.draft.having.push(Having {
                        dataset: Some(c.0),
                        measure: None,
                        op,
                        value: n,
                        span: (from, span.1),
                    });
                }
                return;
            }
            _ => {}
        }
        if self.at(end, "times").is_some() {
            self.take(from, end + 1);
            self.draft.having.push(Having { dataset: None, measure: None, op, value: n, span: (from, end + 1) });
            return;
        }
        let adjective = || {
            self.compared(self.low(from)).or_else(|| {
                (self.low(end) == "old" || self.low(end + 1) == "old")
                    .then(|| self.adjective("old").map(|a| a.0))
                    .flatten()
            })
        };
        if let Some((column, span)) = before.filter(|_| is_beside) {
            // "average salary above 50,000" is about groups.
            if let Some(agg) = aggregate(span) {
                self.take(span.0 - 1, end);
                self.draft.having.push(Having {
                    dataset: None,
                    measure: Some((agg, column)),
                    op,
                    value: n,
                    span: (span.0 - 1, end),
                });
                return;
            }
            let begin = if span.0 > 0
                && matches!(self.low(span.0 - 1), "with" | "whose" | "where" | "has" | "have" | "having" | "that")
            {
                span.0 - 1
            } else {
                span.0
            };
            self.take(begin, end);
            let value = number(n);
            self.draft.filters.push(Test { column, op, value, span: (begin, end), is_or });
            return;
        }
        let year = || {
            let is_year = (1500.0..2200.0).contains(&n);
            self.schema.columns(self.base).find(|c| is_year && self.nature(*c) == Nature::Year)
        };
        if let Some(column) = adjective().or_else(year) {
            let end = self.at(end, "years? old").unwrap_or(end);
            self.take(from, end);
            self.test(column, op, n, (from, end));
            return;
        }
        if let Some((column, span)) = before {
            self.take(span.0, span.1);
            self.take(from, end);
            self.draft.filters.push(Test { column, op, value: number(n), span: (span.0, end), is_or });
            return;
        }
        if op != Op::Ne || at > from {
            self.take(from, end);
            self.draft.faults.push(format!("It is not said what is compared with {n}."));
        }
    }

    fn follows_or(&self, i: usize) -> bool {
        (1..=2).any(|d| i.checked_sub(d).is_some_and(|k| self.low(k) == "or")) && !self.draft.filters.is_empty()
    }

    /// "grade 9", "with 8 cylinders", "year is 1970", "id = 5".
    fn equal_numbers(&mut self) {
        for i in 0..self.tokens.len() {
            let Some((n, end)) = self.plain_number(i) else { continue };
            if !matches!(self.tokens[i].kind, Kind::Number(_)) && self.owner[i].is_some() {
                continue;
            }
            let is_digits = matches!(self.tokens[i].kind, Kind::Number(_));
            let after = self.column_from(end, 0).filter(|(c, _)| self.nature(*c).is_number());
            let before = (1..=4).find_map(|d| {
                let k = i.checked_sub(d)?;
                let between = (k + 1..i).all(|t| {
                    matches!(
                        self.low(t),
                        "is" | "="
                            | "of"
                            | "was"
                            | "are"
                            | "equals"
                            | "to"
                            | "equal"
                            | ":"
                            | "number"
                            | "in"
                            | "as"
                            | "the"
                            | "being"
                            | "code"
                            | "only"
                    )
                });
                let unit = &self.units[self.owner[k]?];
                match unit.mention.target {
                    Target::Column(c) if between && unit.to == k + 1 && self.is_number(c) => {
                        Some((c, (unit.from, unit.to)))
                    }
                    _ => None,
                }
            });
            let is_with = i > 0 && matches!(self.low(i - 1), "with" | "has" | "have" | "having" | "had" | "exactly");
            let negated = (1..=3).any(|d| i.checked_sub(d).is_some_and(|k| self.low(k) == "not"));
            let op = if negated { Op::Ne } else { Op::Eq };
            if let Some((column, span)) = before.filter(|_| is_digits) {
                let is_or = self.follows_or(span.0);
                self.take(span.0, end);
                self.draft.filters.push(Test { column, op, value: number(n), span: (span.0, end), is_or });
                // "with 4 or 6 cylinders" and "grade 9 or 10".
                self.more_numbers(end, column);
            } else if let Some((column, span)) = after.filter(|_| is_with) {
                self.take(i - 1, span.1);
                self.draft.filters.push(Test { column, op, value: number(n), span: (i, span.1), is_or: false });
            } else if let Some(year) = (is_digits
                && (1500.0..2200.0).contains(&n)
                && i > 0
                && matches!(self.low(i - 1), "in" | "during" | "for" | "year" | "of" | "from"))
            .then(|| self.schema.columns(self.base).find(|c| self.nature(*c) == Nature::Year))
            .flatten()
            {
                self.take(i - 1, end);
                self.test(year, op, n, (i - 1, end));
            }
        }
    }

    fn more_numbers(&mut self, mut end: usize, column: ColumnRef) {
        while let Some(k) = self.at(end, "or|and|, or?")
            && let Some((n, next)) = self.plain_number(k)
            && matches!(self.tokens[k].kind, Kind::Number(_))
        {
            self.take(end, next);
            self.draft.filters.push(Test { column, op: Op::Eq, value: number(n), span: (k, next), is_or: true });
            end = next;
        }
    }

    /// Whether what begins at a token is denied.
    fn is_denied(&self, i: usize) -> bool {
        (1..=4).any(|d| {
            let Some(k) = i.checked_sub(d) else { return false };
            let between = (k + 1..i).all(|t| {
                matches!(
                    self.low(t),
                    "equal"
                        | "to"
                        | "be"
                        | "being"
                        | "from"
                        | "in"
                        | "the"
                        | "for"
                        | "a"
                        | "an"
                        | "than"
                        | "of"
                        | "="
                        | "any"
                        | "is"
                        | "as"
                )
            });
            between
                && (matches!(
                    self.low(k),
                    "not" | "except" | "excluding" | "without" | "no" | "besides" | "exclude" | "ignore" | "ignoring"
                ) || self.low(k) == "!"
                    || (self.low(k) == "other" && self.low(k + 1) == "than")
                    || self.low(k) == "non")
        })
    }

    /// Values that are named become conditions.
    pub(super) fn values(&mut self) {
        self.texts();
        let mut last: Option<(ColumnRef, usize)> = None;
        for u in 0..self.units.len() {
            let unit = self.units[u].clone();
            let Target::Value(column, cell) = &unit.mention.target else { continue };
            if !self.is_free(unit.from) {
                continue;
            }
            let column = *column;
            let is_denied = self.is_denied(unit.from);
            let op = if is_denied { Op::Ne } else { Op::Eq };
            // A column that is named just before belongs to it: "record format is CD".
            let mut begin = unit.from;
            for d in 1..=6 {
                let Some(k) = unit.from.checked_sub(d) else { break };
                if let Some(owner) = self.owner[k] {
                    let other = &self.units[owner];
                    let same = match &other.mention.target {
                        Target::Column(c) => {
                            *c == column || other.others.iter().any(|m| m.target.column() == Some(column))
                        }
                        _ => false,
                    };
                    if same && self.is_free(other.from) {
                        begin = other.from;
                    }
                    break;
                }
                let is_link = matches!(
                    self.low(k),
                    "is" | "are"
                        | "was"
                        | "were"
                        | "="
                        | ":"
                        | "of"
                        | "in"
                        | "the"
                        | "equal"
                        | "equals"
                        | "to"
                        | "as"
                        | "either"
                        | "not"
                        | "named"
                        | "called"
                        | "a"
                        | "an"
                        | "be"
                        | "than"
                        | "other"
                        | "!"
                        | "except"
                        | "-"
                        | "like"
                        | "for"
                        | "value"
                );
                if !is_link {
                    break;
                }
            }
            // "volvo cars' model" or "JFK airport": the same column just after it.
            let mut end = unit.to;
            if let Some((c, span)) = self.column_from(unit.to, 0)
                && c == column
                && begin == unit.from
            {
                end = span.1;
            }
            let is_or = last.is_some_and(|(c, _)| c == column)
                || (1..=2).any(|d| begin.checked_sub(d).is_some_and(|k| self.low(k) == "or") && last.is_some());
            self.take(begin, end);
            if is_denied {
                self.take(begin.saturating_sub(1), begin);
            }
            self.draft.filters.push(Test {
                column,
                op,
                value: cell.to_json(),
                span: (begin, end),
                is_or: is_or && !is_denied,
            });
            last = Some((column, end));
        }
        self.words_for_values();
    }

    /// Text in quotation marks, "containing", "starting with", and names after "named".
    fn texts(&mut self) {
        for i in 0..self.tokens.len() {
            if !self.is_free(i) {
                continue;
            }
            let is_text = |c: ColumnRef| self.schema.column(c).ty() == DataType::Text;
            let verbs: &[(&str, Op)] = &[
                ("does|do|did? not contain|include the? word|substring|letter|string|text?", Op::NotContains),
                (
                    "contains|contain|containing|includes|include|including the? word|substring|letter|letters|string|text|phrase?",
                    Op::Contains,
                ),
                ("has|have|with|having the substring|word|string", Op::Contains),
                ("starts|start|starting|begins|begin|beginning with the? letter|prefix?", Op::StartsWith),
                ("ends|end|ending with|in the? letter|suffix?", Op::EndsWith),
            ];
            if let Some((k, op)) = verbs.iter().find_map(|(p, op)| self.at(i, p).map(|to| (to, *op)))
                && let Some(token) = self.tokens.get(k)
                && (token.kind == Kind::Quoted
                    || (token.is_word() && self.owner[k].is_none() && !words::is_filler(&token.low)))
                && let Some((column, span)) = self.column_before(i, 6, is_text)
            {
                let value = json!(token.text);
                self.take(span.0, k + 1);
                self.draft.filters.push(Test { column, op, value, span: (span.0, k + 1), is_or: false });
                continue;
            }
            let is_inside = self.tokens[i].kind == Kind::Quoted && self.at(i + 1, "in the|its|their|his|her").is_some();
            if is_inside
                && let Some(k) = self.at(i + 1, "in the|its|their|his|her")
                && let Some((column, span)) = self.column_from(k, 0).filter(|(c, _)| is_text(*c))
            {
                let value = json!(self.tokens[i].text);
                self.take(i, span.1);
                self.draft.filters.push(Test { column, op: Op::Contains, value, span: (i, span.1), is_or: false });
                continue;
            }
            let is_quoted = self.tokens[i].kind == Kind::Quoted && self.owner[i].is_none();
            let is_named = i > 0
                && self.tokens[i].is_word()
                && self.owner[i].is_none()
                && !words::is_filler(&self.tokens[i].low)
                && self.tokens[i].text.starts_with(char::is_uppercase)
                && matches!(self.low(i - 1), "named" | "called" | "is" | "=" | "name");
            if !is_quoted && !is_named {
                continue;
            }
            let mut end = i + 1;
            while is_named
                && self.tokens.get(end).is_some_and(|t| t.is_word() && t.text.starts_with(char::is_uppercase))
                && self.owner[end].is_none()
            {
                end += 1;
            }
            let before = self.column_before(i, 5, |c| is_text(c) || self.schema.column(c).ty() == DataType::Other);
            // A column whose values are all known has no such value.
            let is_open = |c: ColumnRef| {
                let column = self.schema.column(c);
                column.distinct.is_none_or(|d| d as usize > column.values.len()) || column.values.is_empty()
            };
            let named = || {
                self.schema
                    .name_of(self.base)
                    .filter(|_| matches!(self.low(i.saturating_sub(1)), "named" | "called"))
                    .map(|c| (c, (i - 1, i)))
            };
            match before.or_else(named) {
                Some((column, span)) if is_quoted || is_open(column) => {
                    let text = self.tokens[i..end].iter().map(|t| t.text.as_str()).collect::<Vec<_>>().join(" ");
                    let op = if self.is_denied(i) { Op::Ne } else { Op::Eq };
                    self.take(span.0, end);
                    self.draft.filters.push(Test { column, op, value: json!(text), span: (span.0, end), is_or: false });
                    if is_quoted && !is_open(column) {
                        self.draft.faults.push(format!("There is no “{text}” in that column."));
                    }
                }
                _ => {}
            }
        }
    }

    /// Booleans, what is missing, and men and women.
    fn words_for_values(&mut self) {
        for u in 0..self.units.len() {
            let unit = self.units[u].clone();
            let Target::Column(column) = unit.mention.target else { continue };
            if !self.is_free(unit.from) {
                continue;
            }
            let before = unit.from.checked_sub(1).map_or("", |k| self.low(k));
            let is_grouped = matches!(before, "by" | "per" | "each" | "every");
            if self.schema.column(column).ty() == DataType::Boolean && !is_grouped {
                let op = if self.is_denied(unit.from) { Op::IsFalse } else { Op::IsTrue };
                self.take(unit.from, unit.to);
                self.draft.filters.push(Test {
                    column,
                    op,
                    value: Value::Null,
                    span: (unit.from, unit.to),
                    is_or: false,
                });
                continue;
            }
            let missing = matches!(before, "missing" | "empty" | "unknown" | "null" | "without" | "no");
            let present =
                self.at(unit.to, "is|are missing|empty|null|unknown|blank").map(|to| (to, Op::IsNull)).or_else(|| {
                    self.at(unit.to, "is|are not missing|empty|null|unknown|blank").map(|to| (to, Op::IsNotNull))
                });
            if missing || present.is_some() {
                let (end, op) = present.unwrap_or((unit.to, Op::IsNull));
                let from = unit.from - usize::from(missing);
                self.take(from, end);
                self.draft.filters.push(Test { column, op, value: Value::Null, span: (from, end), is_or: false });
            }
        }
        for i in 0..self.tokens.len() {
            if !self.is_free(i) || self.owner[i].is_some() {
                continue;
            }
            let wanted: &[&str] = match self.low(i) {
                "male" | "males" | "men" | "man" | "boys" | "boy" => &["m", "male", "man"],
                "female" | "females" | "women" | "woman" | "girls" | "girl" => &["f", "female", "woman"],
                _ => continue,
            };
            let near = self.schema.distances(self.base);
            let mut datasets: Vec<(u32, usize)> = near.iter().map(|(d, n)| (*n, *d)).collect();
            datasets.sort_unstable();
            let found = datasets.iter().flat_map(|(_, d)| self.schema.columns(*d)).find_map(|c| {
                let column = self.schema.column(c);
                let says = words::split_name(column.name()).iter().any(|w| matches!(w.as_str(), "gender" | "sex"));
                let value = column.values.iter().find(|v| wanted.contains(&v.to_text().to_lowercase().as_str()))?;
                says.then(|| (c, value.to_json()))
            });
            if let Some((column, value)) = found {
                let op = if self.is_denied(i) { Op::Ne } else { Op::Eq };
                self.take(i, i + 1);
                self.draft.filters.push(Test { column, op, value, span: (i, i + 1), is_or: false });
            }
        }
    }
}

pub(super) fn number(n: f64) -> Value {
    if n.fract() == 0.0 && n.abs() < 9e15 { json!(n as i64) } else { json!(n) }
}
