//! What is left when conditions, orders and times are read: measures, counts, groups and columns.

use super::draft::*;
use super::lexicon::Target;
use super::read::Reader;
use super::schema::Nature;
use domain::query::Agg;

/// What words before a name say to do with it.
#[derive(Default)]
struct Pending {
    aggs: Vec<(Agg, usize)>,
    /// A number of it is asked for; where the words begin.
    count: Option<usize>,
    /// "how many" and not "number of": it cannot be a column that is called so.
    is_many: bool,
    is_group: bool,
    is_color: bool,
    is_distinct: bool,
    axis: Option<Axis>,
    /// The last aggregate holds for what is listed after it: "average age and weight".
    held: Option<Agg>,
}

const GROUPS: &[&str] = &[
    "for|of|in|from|with|within|by|across|at|on each|every|different|various|distinct of? the? type|types|kind|kinds? of?",
    "for|of|in|from|with|within|by|across|at each|every|different|various|distinct",
    "grouped|group|grouping|broken|split|splitted|separated|separate|segregated|segmented|divided|aggregated|categorized|bucketed|break|classified|based|faceted them? down|up|into|charts? by|on|over|based|for on?",
    "grouped|group|break|split by|them",
    "by grouped|grouping? by",
    "according to",
    "in terms of",
    "per|by|each|every|across|versus",
    "for all the? different",
    "over the? different?",
    "from|of|by various|different|diiferent",
    "in various|different",
];
const COLORS: &[&str] = &[
    "colored|coloring|color|colour|coloured|colouring points|them|it|bars? are? by|with|on|according|based to|on?",
    "points|bars are colored|coloured by",
    "stacked|stack by",
    "wise",
    "with different|each colors? for? each?",
];

impl Reader<'_> {
    /// Reads what nothing has used.
    pub(super) fn rest(&mut self) {
        let mut pending = Pending::default();
        let mut i = 0;
        while i < self.tokens.len() {
            if !self.is_free(i) {
                // What was taken before parts what stands around it.
                if self.draft.order.is_some_and(|o| o.span.0 == i) || self.draft.top.is_some_and(|t| t.span.0 == i) {
                    pending.is_group = false;
                }
                i += 1;
                continue;
            }
            if let Some(unit) = self.unit(i).cloned() {
                let from = unit.from;
                match unit.mention.target {
                    Target::Dataset(d) => self.entity(d, (from, unit.to), &mut pending),
                    Target::Column(c) => self.column_named(c, (from, unit.to), &mut pending),
                    Target::Metric(m) => {
                        self.draft.measures.push(Worked { agg: None, of: Of::Metric(m), span: (from, unit.to) });
                        pending = Pending::default();
                    }
                    Target::Value(..) => {}
                }
                self.take(from, unit.to);
                i = unit.to;
                continue;
            }
            i = self.cue(i, &mut pending);
        }
        if let Some(from) = pending.count {
            self.count(None, None, false, (from, from + 1));
        }
    }

    /// Words between names; the token after them.
    fn cue(&mut self, i: usize, pending: &mut Pending) -> usize {
        if self.owner[i].is_some() {
            return i + 1;
        }
        if let Some((axis, to)) = self.axis(i) {
            pending.axis = Some(axis);
            // "X on the y axis": what was named before is meant.
            let is_behind = i > 0
                && (self.low(i - 1) == "on"
                    || self.low(i - 1) == "as"
                    || self.low(i - 1) == "the" && i > 1 && matches!(self.low(i - 2), "on" | "as"));
            if is_behind {
                self.set_axis(axis, i);
                pending.axis = None;
            }
            self.take(i, to);
            return to;
        }
        if let Some(to) = self.at(i, "how many different|distinct|unique") {
            (pending.count, pending.is_many, pending.is_distinct) = (Some(i), true, true);
            self.take(i, to);
            return to;
        }
        let count = self
            .at(i, "how many times at? most? can|does|do|is?")
            .or_else(|| self.at(i, "how many"))
            .or_else(|| self.at(i, "the? total? number|count|counts|frequency|frequencies|quantity|amount|occurrences|tally of? the? all? the?"))
            .or_else(|| self.at(i, "how|that often"));
        if let Some(to) = count.filter(|to| self.unowned(i, *to) == *to) {
            let is_many = self.low(i) == "how";
            pending.count = Some(i);
            pending.is_many = is_many;
            pending.is_distinct = false;
            pending.held = None;
            self.take(i, to);
            if self.at(to, "different|distinct|unique").is_some() {
                pending.is_distinct = true;
                self.take(to, to + 1);
                return to + 1;
            }
            return to;
        }
        if let Some((agg, to)) = self.aggregate(i) {
            // "in total" sums nothing by itself.
            let is_tail = matches!(self.low(i), "total" | "overall") && i > 0 && self.low(i - 1) == "in";
            self.take(i, to);
            if !is_tail {
                pending.aggs.push((agg, i));
                pending.held = None;
                // "average number of platforms".
                if let Some(k) = self.at(to, "number|count|amount of? the?")
                    && self.column_from(k, 0).is_some_and(|(c, _)| self.is_number(c))
                {
                    self.take(to, k);
                    return k;
                }
            }
            return to;
        }
        if let Some(to) = COLORS.iter().find_map(|p| self.at(i, p)).map(|to| self.unowned(i, to)) {
            (pending.is_group, pending.is_color) = (true, true);
            if self.low(i) == "wise" {
                // "segregated country wise": what was named before is meant.
                self.last_is_group();
            }
            self.take(i, to);
            return to;
        }
        // "owned by students" and "written by": no group.
        let is_passive = self.low(i) == "by"
            && i > 0
            && self.tokens[i - 1].low.len() > 3
            && (self.low(i - 1).ends_with("ed")
                || self.low(i - 1).ends_with("ten")
                || matches!(self.low(i - 1), "taught" | "made" | "won" | "given" | "taken"));
        let is_passive = is_passive && !self.used[i - usize::from(i > 0)];
        if let Some(to) =
            GROUPS.iter().find_map(|p| self.at(i, p)).filter(|_| !is_passive).map(|to| self.unowned(i, to))
        {
            // "of different origins" groups; "different nationalities" alone are to be told apart.
            pending.is_group = true;
            pending.is_color = false;
            pending.axis = None;
            if pending.count.is_some() && self.low(i) != "of" {
                let from = pending.count.take().unwrap_or(i);
                self.count(None, None, false, (from, i));
            }
            self.take(i, to);
            return to;
        }
        match self.low(i) {
            "different" | "distinct" | "unique" => {
                self.draft.is_distinct = true;
                pending.is_distinct = true;
                self.take(i, i + 1);
            }
            "distribution" | "breakdown" | "frequency" | "histogram" => {
                self.take(i, i + 1);
            }
            "," | "and" | "&" | "then" | "the" | "a" | "their" | "of" | "its" | "both" => {
                self.take(i, i + 1);
                if self.low(i) == "," && !pending.is_group {
                    pending.axis = None;
                }
            }
            "with" | "for" | "in" | "from" | "that" | "which" | "who" | "where" | "whose" | "as" | "to" | "." | "?"
            | "show" | "have" | "has" => {
                pending.is_group = false;
                pending.is_color = false;
                pending.held = None;
            }
            _ => {}
        }
        i + 1
    }

    /// As far as words say what to do, and not what with.
    fn unowned(&self, i: usize, to: usize) -> usize {
        (i + 1..to).find(|k| self.owner[*k].is_some()).unwrap_or(to)
    }

    fn set_axis(&mut self, axis: Axis, at: usize) {
        if let Some(last) = self.draft.selects.last_mut().filter(|s| s.span.1 + 3 >= at) {
            last.axis = Some(axis);
        }
    }

    fn last_is_group(&mut self) {
        if let Some(last) = self.draft.selects.pop() {
            self.draft.groups.push(Group {
                column: Some(last.column),
                grain: None,
                bin: None,
                span: last.span,
                is_color: true,
            });
        }
    }

    fn count(
        &mut self,
        dataset: Option<usize>,
        column: Option<super::lexicon::ColumnRef>,
        is_distinct: bool,
        span: Span,
    ) {
        self.draft.counts.push(Count { dataset, column, is_distinct, span });
    }

    fn entity(&mut self, d: usize, span: Span, pending: &mut Pending) {
        if let Some(from) = pending.count.take() {
            self.count(Some(d), None, false, (from, span.1));
            pending.is_many = false;
            self.draft.entities.push((d, span));
            return;
        }
        if pending.is_group {
            // "for each singer": by the name of the singer.
            self.draft.entities.push((d, span));
            let is_next_column = self.column_from(span.1, 0).is_some();
            if !is_next_column && let Some(column) = self.schema.name_of(d) {
                self.draft.groups.push(Group {
                    column: Some(column),
                    grain: None,
                    bin: None,
                    span,
                    is_color: pending.is_color,
                });
                pending.is_group = false;
            }
            return;
        }
        self.draft.entities.push((d, span));
    }

    fn column_named(&mut self, c: super::lexicon::ColumnRef, span: Span, pending: &mut Pending) {
        let nature = self.nature(c);
        let column = self.schema.column(c);
        if let Some(axis) = pending.axis.take() {
            if let Some((agg, from)) = pending.aggs.pop() {
                self.draft.measures.push(Worked { agg: Some(agg), of: Of::Column(c), span: (from, span.1) });
            } else if let Some(from) = pending.count.take() {
                self.counted(c, from, span, pending);
            } else {
                self.draft.selects.push(Select { column: c, span, axis: Some(axis) });
            }
            return;
        }
        if !pending.aggs.is_empty() {
            let aggs = std::mem::take(&mut pending.aggs);
            pending.count = None;
            let usable = column.ty().is_number();
            for (agg, from) in aggs {
                if usable || matches!(agg, Agg::Min | Agg::Max) {
                    self.draft.measures.push(Worked { agg: Some(agg), of: Of::Column(c), span: (from, span.1) });
                    pending.held = Some(agg);
                } else if agg == Agg::Sum {
                    // "the total of each type": a count.
                    self.draft.selects.push(Select { column: c, span, axis: None });
                } else {
                    self.draft.faults.push(format!("{} has no {}.", column.column.label, agg.label().to_lowercase()));
                }
            }
            pending.is_group = false;
            return;
        }
        if let Some(from) = pending.count.take() {
            self.counted(c, from, span, pending);
            return;
        }
        if pending.is_group {
            let is_amount = nature == Nature::Amount;
            self.draft.groups.push(Group { column: Some(c), grain: None, bin: None, span, is_color: pending.is_color });
            // A list goes on with what can be grouped by.
            let next = self.at(span.1, ",|and|& and? the? their? by?");
            let goes_on = next.is_some_and(|k| {
                self.column_from(k, 1).is_some_and(|(c, _)| self.nature(c).is_group()) && self.aggregate(k).is_none()
            });
            pending.is_group = goes_on && !is_amount;
            pending.is_color &= pending.is_group;
            return;
        }
        if let Some(agg) = pending.held
            && nature.is_number()
        {
            self.draft.measures.push(Worked { agg: Some(agg), of: Of::Column(c), span });
            return;
        }
        self.draft.selects.push(Select { column: c, span, axis: None });
    }

    /// A number of a column: of its values, or the column where that holds the number.
    fn counted(&mut self, c: super::lexicon::ColumnRef, from: usize, span: Span, pending: &mut Pending) {
        let is_distinct = std::mem::take(&mut pending.is_distinct);
        let holds_numbers = self.nature(c).is_number();
        if holds_numbers && !is_distinct {
            let is_group = std::mem::take(&mut pending.is_group);
            if is_group {
                self.draft.groups.push(Group {
                    column: Some(c),
                    grain: None,
                    bin: None,
                    span: (from, span.1),
                    is_color: pending.is_color,
                });
            } else if pending.is_many && self.nature(c) == Nature::Amount {
                self.draft.measures.push(Worked { agg: Some(Agg::Sum), of: Of::Column(c), span: (from, span.1) });
            } else {
                self.draft.selects.push(Select { column: c, span: (from, span.1), axis: None });
            }
        } else {
            self.count(Some(c.0), Some(c), is_distinct, (from, span.1));
        }
        pending.is_many = false;
    }
}
