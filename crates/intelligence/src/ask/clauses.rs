//! The clauses that are known by their own words: kinds of chart, orders, bins, calculations, times.

use super::draft::*;
use super::read::{Reader, direction};
use super::time;
use super::words::Kind;
use domain::ChartKind;
use domain::query::{Agg, Bin, CalcKind, Dir, Grain, Op};

const GRAPH: &str = "chart|charts|graph|graphs|plot|plots|diagram|visualization|graphic";

impl Reader<'_> {
    /// "a stacked bar chart", "as a pie", "scatterplot".
    pub(super) fn charts(&mut self) {
        let word = |kind| (kind, false, false);
        let kinds: &[(&str, (ChartKind, bool, bool))] = &[
            ("stacked|stack|stacking bar|bars|column|columns chart|graph|plot|charts?", (ChartKind::Bar, true, false)),
            (
                "grouped|grouping|clustered|group bar|bars|column|columns chart|graph|plot|charts?",
                (ChartKind::Bar, false, true),
            ),
            ("stacked area chart|graph|plot?", (ChartKind::Area, true, false)),
            (
                "multi|multiple|grouping|grouped series? line|lines chart|graph|plot|charts?",
                (ChartKind::Line, false, true),
            ),
            ("grouping|grouped scatter chart|graph|plot|charts?", (ChartKind::Scatter, false, true)),
            ("bar chart|graph|plot|charts|graphs|diagram|plots|graphic", word(ChartKind::Bar)),
            ("column chart|graph", word(ChartKind::Bar)),
            ("barchart|bargraph|barplot|bars|bar", word(ChartKind::Bar)),
            ("trend line chart|graph?", word(ChartKind::Line)),
            ("line chart|graph|plot|charts|graphs|diagram", word(ChartKind::Line)),
            ("linechart|linegraph|lineplot|trendline", word(ChartKind::Line)),
            ("line", word(ChartKind::Line)),
            ("scatter chart|plot|graph|diagram|charts|plots|graphs?", word(ChartKind::Scatter)),
            ("scatterplot|scatterplots|scattergraph|scatterchart", word(ChartKind::Scatter)),
            ("bubble|dot chart|plot|graph", word(ChartKind::Scatter)),
            ("pie chart|graph|plot|charts|diagram?", word(ChartKind::Pie)),
            ("piechart|donut|doughnut", word(ChartKind::Pie)),
            ("histogram|histograms", word(ChartKind::Histogram)),
            ("box and|& whisker|whiskers plot|chart?", word(ChartKind::BoxPlot)),
            ("box plot|plots|chart|graph", word(ChartKind::BoxPlot)),
            ("boxplot|boxplots", word(ChartKind::BoxPlot)),
            ("area chart|graph|plot", word(ChartKind::Area)),
            ("areachart", word(ChartKind::Area)),
            ("heat map|maps", word(ChartKind::Heatmap)),
            ("heatmap", word(ChartKind::Heatmap)),
            ("tree map", word(ChartKind::Treemap)),
            ("treemap", word(ChartKind::Treemap)),
            ("funnel chart?", word(ChartKind::Funnel)),
            ("as a|an? pivot table?", word(ChartKind::Pivot)),
            ("as|in a? table", word(ChartKind::Table)),
            ("as a? number", word(ChartKind::Number)),
            ("as a|an? map", word(ChartKind::Map)),
            ("as a|an? gauge", word(ChartKind::Gauge)),
        ];
        for i in 0..self.tokens.len() {
            if !self.is_free(i) {
                continue;
            }
            let is_verb = self.is_picture_word(i);
            self.draft.is_visual |= is_verb;
            let found = kinds.iter().find_map(|(pattern, word)| self.at(i, pattern).map(|to| (to, *word)));
            let Some((to, (kind, is_stacked, is_grouped))) = found else { continue };
            // "bars" and "line" alone are charts only where they are said to be, or where no column is.
            let is_bare = to == i + 1 && matches!(self.low(i), "bar" | "bars" | "line");
            let before = i.checked_sub(1).map_or("", |k| self.low(k));
            if is_bare
                && (self.owner[i].is_some()
                    || !matches!(before, "a" | "as" | "using" | "by" | "with" | "" | "stacked")
                    || (self.low(i) == "bars" && before != "as" && before != "with"))
            {
                continue;
            }
            self.take(i, to);
            let mut k = i;
            while k > 0
                && matches!(
                    self.low(k - 1),
                    "a" | "an"
                        | "the"
                        | "as"
                        | "using"
                        | "with"
                        | "in"
                        | "by"
                        | "of"
                        | "single"
                        | "simple"
                        | "two"
                        | "through"
                )
            {
                // "by a bar chart" and not "by type".
                if matches!(self.low(k - 1), "by" | "with" | "of" | "in")
                    && !matches!(self.low(k), "a" | "an" | "the")
                    && k != i
                {
                    break;
                }
                k -= 1;
            }
            self.take(k, i);
            let is_plainer = self.draft.chart.is_some();
            if !is_plainer {
                self.draft.chart = Some(Chart { kind, is_stacked, is_grouped, span: (i, to) });
            }
            self.draft.is_visual = true;
        }
    }

    fn is_picture_word(&self, i: usize) -> bool {
        matches!(
            self.low(i),
            "plot"
                | "draw"
                | "visualize"
                | "visualise"
                | "visualizing"
                | "graph"
                | "chart"
                | "diagram"
                | "trend"
                | "distribution"
                | "correlation"
                | "relationship"
                | "compare"
                | "vs"
                | "versus"
                | "scatter"
                | "axis"
                | "visualization"
                | "coloring"
                | "colored"
                | "color"
        ) || GRAPH.split('|').take(4).any(|w| w == self.low(i))
    }

    /// "in descending order of age", "sort by the y axis", "from low to high by the X".
    pub(super) fn orders(&mut self) {
        let ways: &[(&str, Dir)] = &[
            ("from? the? low|lowest|smallest|least|small to the? high|highest|largest|most|large|big", Dir::Asc),
            ("from? the? high|highest|largest|most|large|big to the? low|lowest|smallest|least|small", Dir::Desc),
            ("from? the? oldest|latest|newest to the? youngest|newest|oldest|earliest", Dir::Desc),
            ("from? the? youngest|earliest to the? oldest|latest", Dir::Asc),
            ("from? a to z", Dir::Asc),
            ("from? z to a", Dir::Desc),
            ("reverse|reversed alphabetical|alphabetic|alphabetically|lexicographical order?", Dir::Desc),
            (
                "alphabetical|alphabetic|alphabetically|lexicographical|lexicographically|lexicographic|alphanumerical|chronological|chronologically order?",
                Dir::Asc,
            ),
            ("largest|highest|biggest|most first", Dir::Desc),
            ("smallest|lowest|fewest first", Dir::Asc),
        ];
        for i in 0..self.tokens.len() {
            if !self.is_free(i) {
                continue;
            }
            let plain = direction(self.low(i)).map(|dir| (i + 1, dir));
            let Some((mut to, mut dir)) = ways.iter().find_map(|(p, d)| self.at(i, p).map(|to| (to, *d))).or(plain)
            else {
                continue;
            };
            // "ascending alphabetical order": one direction.
            while let Some(next) =
                self.at(to, "alphabetical|alphabetic|lexicographical|lexicographic|order|manner|ordering")
            {
                to = next;
            }
            if plain.is_none()
                && i > 0
                && let Some(said) = direction(self.low(i - 1))
            {
                dir = said;
            }
            if !self.is_order(i, to) {
                continue;
            }
            let verb = self.verb_before(i);
            let mut span = (verb.unwrap_or(i), to);
            let mut by = None;
            // What comes after: "of age", "by the y axis".
            if let Some(k) = self
                .at(to, "of|by|on|in|for|according|with|based|along to|on? the|their|its|each|to|respect|a? to? the?")
                && let Some((target, end)) = self.order_target(k)
            {
                (by, span.1) = (Some(target), end);
            }
            // What stands between the verb and the direction: "ordered by age descending".
            if by.is_none()
                && let Some(verb) = verb
            {
                let from = self.at(verb + 1, "by|of|on|the|them|it|those|results?").unwrap_or(verb + 1);
                let from = self.at(from, "by|the|of").unwrap_or(from);
                by = (from < i)
                    .then(|| self.order_target(from))
                    .flatten()
                    .filter(|(_, end)| *end <= i + 1)
                    .map(|(t, _)| t);
            }
            // "sort the names by age in ascending order".
            if by.is_none()
                && let Some(verb) = verb
            {
                let found = (verb + 1..i).rev().find(|k| self.low(*k) == "by" && self.is_free(*k));
                if let Some(b) = found
                    && let Some((target, end)) = self.order_target(self.at(b + 1, "their|the|its").unwrap_or(b + 1))
                    && end <= i
                {
                    self.take(verb, verb + 1);
                    self.take(b, span.1);
                    self.draft.order = Some(Ordered { by: target, dir, span: (b, span.1) });
                    continue;
                }
            }
            // "x axis in asc", "show by the x-axis from low to high" without a verb we know.
            if by.is_none() {
                by = (1..=4)
                    .filter_map(|d| i.checked_sub(d))
                    .find_map(|k| self.axis(k))
                    .map(|a| if a.0 == Axis::X { OrderBy::First } else { OrderBy::Measure });
                if by.is_some() && verb.is_none() {
                    span.0 = i.saturating_sub(4);
                    while span.0 < i && self.axis(span.0).is_none() {
                        span.0 += 1;
                    }
                }
            }
            // A verb whose object is what is listed keeps it: "list the names in ascending order of age".
            let begin = match verb {
                Some(verb)
                    if self.is_sort_verb(verb)
                        || (verb + 1..i)
                            .all(|k| self.owner[k].is_none() || by.is_some() && self.at(to, "of|by").is_none()) =>
                {
                    verb
                }
                _ if span.0 < i && verb.is_none() => span.0,
                _ => i,
            };
            let begin = if begin == i && i > 0 && matches!(self.low(i - 1), "in" | "from" | "by" | "with" | "the") {
                i - 1
            } else {
                begin
            };
            self.take(begin, span.1);
            let by = by.unwrap_or(OrderBy::First);
            if self.draft.order.is_none() || by != OrderBy::First {
                self.draft.order = Some(Ordered { by, dir, span: (begin, span.1) });
            }
        }
        self.plain_orders();
    }

    /// "sorted by age": upwards.
    fn plain_orders(&mut self) {
        for i in 0..self.tokens.len() {
            if !self.is_free(i) || self.draft.order.is_some() {
                continue;
            }
            let Some(k) = self.at(i, "sorted|ordered|sort|order|ranked|arranged|rank|arrange it|them|the|results|result? result|results? by|on|according|in to? order? of? the? their?") else { continue };
            if self.at(i, "order|rank").is_some() && self.at(i, "order|rank by|it|them|the|results").is_none() {
                continue;
            }
            if let Some((by, end)) = self.order_target(k) {
                let dir = if matches!(by, OrderBy::Measure) { Dir::Desc } else { Dir::Asc };
                self.take(i, end);
                self.draft.order = Some(Ordered { by, dir, span: (i, end) });
            }
        }
    }

    /// "the highest" orders nothing by itself; "from high to low" does.
    fn is_order(&self, from: usize, to: usize) -> bool {
        to > from && !(self.low(from) == "most" && self.low(to) == "recent")
    }

    fn is_sort_verb(&self, i: usize) -> bool {
        matches!(
            self.low(i),
            "sort"
                | "order"
                | "rank"
                | "arrange"
                | "sorted"
                | "ordered"
                | "ranked"
                | "arranged"
                | "sorting"
                | "ordering"
                | "sorts"
                | "orders"
        ) && self.owner[i].is_none()
    }

    /// The verb of an order, a few words before it: past a comma only where nothing else is between.
    fn verb_before(&self, i: usize) -> Option<usize> {
        let mut weak = None;
        for k in (i.saturating_sub(8)..i).rev() {
            if matches!(self.low(k), "." | "?" | ";") {
                break;
            }
            if self.is_sort_verb(k) {
                return Some(k);
            }
            if matches!(self.low(k), "list" | "display" | "show" | "rank" | "visualize" | "put")
                && weak.is_none()
                && self.is_free(k)
            {
                weak = Some(k);
            }
            if self.low(k) == "," && weak.is_none() {
                break;
            }
        }
        // "show the names in ascending order" shows them; "and show by the x axis in asc" orders.
        weak.filter(|k| *k > 0 && i - k <= 6)
    }

    /// An axis that is named at token `i`, and the token after it.
    pub(super) fn axis(&self, i: usize) -> Option<(Axis, usize)> {
        let at = self.at(i, "the? x axis|axes|coordinate|label|labels?").or_else(|| self.at(i, "the? horizontal axis"));
        if let Some(to) = at {
            return Some((Axis::X, to));
        }
        let at = self.at(i, "the? y axis|axes|coordinate|label|labels?").or_else(|| self.at(i, "the? vertical axis"));
        at.map(|to| (Axis::Y, to))
    }

    /// What an order is by, from token `k` on, and the token after it.
    fn order_target(&self, k: usize) -> Option<(OrderBy, usize)> {
        if let Some((axis, to)) = self.axis(k) {
            return Some((if axis == Axis::X { OrderBy::First } else { OrderBy::Measure }, to));
        }
        if let Some(to) = self.at(k, "the? bar|bars|names|name|category|categories|label|labels") {
            // A column of that name is meant where there is one, and no picture.
            if let Some((column, (_, end))) = self.column_from(k, 2).filter(|_| !self.draft.is_visual) {
                return Some((OrderBy::Column(column, None), end));
            }
            return Some((OrderBy::First, to));
        }
        let (agg, from) =
            match self.aggregate(k).or_else(|| (self.low(k) == "the").then(|| self.aggregate(k + 1)).flatten()) {
                Some((agg, next)) => (Some(agg), next),
                None => (None, k),
            };
        let count = self.at(from, "the? total? number|count|counts|frequency|amount of? the? each?");
        if let Some((column, (start, end))) = self.column_from(from, 3) {
            let is_count = count.is_some_and(|c| c <= start) && !self.is_number(column);
            return Some(if is_count { (OrderBy::Measure, end) } else { (OrderBy::Column(column, agg), end) });
        }
        if let Some(to) = count {
            let end = self.unit_from(to, 1).map_or(to, |u| u.to);
            return Some((OrderBy::Measure, end));
        }
        if let Some(to) = self.at(from, "the? total|value|values|size|that|it|them") {
            return Some((OrderBy::Measure, to));
        }
        None
    }

    /// "bin the date into the day of week interval", "bin width of 500", "10 bins".
    pub(super) fn bins(&mut self) {
        for i in 0..self.tokens.len() {
            if !self.is_free(i) {
                continue;
            }
            let number = |k: usize| match self.tokens.get(k).map(|t| &t.kind) {
                Some(Kind::Number(n)) if *n > 0.0 => Some(*n),
                _ => None,
            };
            if let Some(k) = self
                .at(i, "bin|bins|bucket|buckets|interval|intervals|range|ranges|step|steps width|size|sizes? of|is|=?")
                && let Some(width) = number(k)
            {
                self.take(i, k + 1);
                self.set_bin(Bin::Width(width), (i, k + 1));
                continue;
            }
            if let Some(n) = number(i)
                && let Some(k) = self.at(i + 1, "bins|buckets")
            {
                self.take(i, k);
                self.set_bin(Bin::Count(n.min(1000.0) as u32), (i, k));
                continue;
            }
            if let Some(k) = self.at(i, "min|max|minimum|maximum x|y axis is|of|=?")
                && number(k).is_some()
            {
                self.take(i, k + 1);
                continue;
            }
            if self.at(i, "bin|bins|binned|binning|bucket").is_some() && self.owner[i].is_none() {
                self.bin_by(i);
            }
        }
    }

    fn set_bin(&mut self, bin: Bin, span: Span) {
        if let Some(group) = self.draft.groups.iter_mut().find(|g| g.bin.is_none() && g.grain.is_none()) {
            group.bin = Some(bin);
        } else {
            self.draft.groups.push(Group { column: None, grain: None, bin: Some(bin), span, is_color: false });
        }
    }

    /// "bin X by year", "bin the X into the weekday interval".
    fn bin_by(&mut self, i: usize) {
        let column = (i + 1..(i + 4).min(self.tokens.len())).find_map(|k| self.column_from(k, 1));
        let mut k = column.map_or(i + 1, |(_, s)| s.1);
        for _ in 0..4 {
            if let Some(next) = self.at(k, "that|this|into|by|in|the|a|time|each|to|on|as|it|bins|with") {
                k = next;
            }
        }
        if let Some((end, grain)) = time::grain(self.tokens, k) {
            let end = self.at(end, "interval|intervals|bins|bin|buckets").unwrap_or(end);
            self.take(i, end);
            let column = column.map(|(c, _)| c).filter(|c| self.schema.column(*c).ty().is_time());
            self.draft.groups.push(Group { column, grain: Some(grain), bin: None, span: (i, end), is_color: false });
        }
    }

    /// Shares, running totals, growth, comparisons with an earlier time; and what cannot be asked.
    pub(super) fn calculations(&mut self) {
        let calcs: &[(&str, CalcKind)] = &[
            ("percentage|percent|proportion|proportions|share|shares|fraction|percentages of|by", CalcKind::Share),
            ("running total|totals|sum", CalcKind::RunningTotal),
            ("cumulative|accumulated total|sum?", CalcKind::RunningTotal),
            ("moving|rolling average|mean", CalcKind::MovingAvg),
            ("percent|percentage|% change|growth|increase|decrease of|in?", CalcKind::PercentChange),
            ("growth rate? of|in?", CalcKind::PercentChange),
            ("month over month", CalcKind::PercentChange),
            ("week over week", CalcKind::PercentChange),
            ("mom|wow", CalcKind::PercentChange),
        ];
        let compares: &[(&str, bool)] = &[
            ("compared|compare|versus|vs|against|comparison to|with? the? last|previous|prior year", true),
            ("year over|on year growth|change?", true),
            ("yoy|yearly growth|change?", true),
            (
                "compared|compare|versus|vs|against|comparison to|with? the? last|previous|prior|preceding period|month|week|quarter|day",
                false,
            ),
            ("than last|previous year", true),
        ];
        for i in 0..self.tokens.len() {
            if !self.is_free(i) {
                continue;
            }
            let is_column =
                |to: usize| self.owner[i].is_some_and(|u| self.units[u].to >= to || self.units[u].mention.score > 0.9);
            if let Some((to, year)) = compares.iter().find_map(|(p, y)| self.at(i, p).map(|to| (to, *y))) {
                self.take(i, to);
                self.draft.compare = Some((year, (i, to)));
            } else if let Some((to, kind)) = calcs.iter().find_map(|(p, k)| self.at(i, p).map(|to| (to, *k)))
                && (!is_column(to) || kind != CalcKind::Share)
            {
                let keep_by = if self.low(to - 1) == "by" { to - 1 } else { to };
                self.take(i, keep_by);
                self.draft.calc = Some((kind, (i, keep_by)));
            }
        }
        let impossible: &[(&str, &str)] = &[
            (
                "than the? overall? average|mean|median",
                "Comparing each row with the average of all is not possible yet.",
            ),
            (
                "above|below|exceed|exceeds the? overall? average|mean|median",
                "Comparing each row with the average of all is not possible yet.",
            ),
            ("but not|also", "Two conditions on different rows cannot be combined in one question."),
            ("both of?", ""),
            ("never|neither|nor", "What never happened cannot be asked in words yet."),
        ];
        for i in 0..self.tokens.len() {
            if let Some(fault) = impossible.iter().find_map(|(p, fault)| self.at(i, p).map(|_| *fault))
                && !fault.is_empty()
            {
                self.draft.faults.push(fault.to_owned());
            }
        }
    }

    /// Times that limit the rows, and times to group by that stand alone.
    pub(super) fn times(&mut self) {
        let has_time = self.schema.time_of(self.base).is_some()
            || self
                .units
                .iter()
                .any(|u| u.mention.target.column().is_some_and(|c| self.schema.column(c).ty().is_time()));
        let year_column = self.schema.columns(self.base).find(|c| self.nature(*c) == super::schema::Nature::Year);
        for i in 0..self.tokens.len() {
            if !self.is_free(i) {
                continue;
            }
            if let Some(to) = self
                .at(i, "over|through|across the? time|years")
                .or_else(|| self.at(i, "trend|trends|evolution|development|history over|through? time?"))
                .or_else(|| self.at(i, "evolved|evolves|evolve|developed over|through? the? time|years?"))
            {
                self.draft.over_time = Some((i, to));
                // "over the years" groups by the column of years where there is one.
                if self.low(to - 1) == "years" && self.owner[to - 1].is_some() {
                    self.take(i, to - 1);
                } else {
                    self.take(i, to);
                }
                continue;
            }
            if !has_time && year_column.is_none() {
                continue;
            }
            let starts_value = self.owner[i].is_some_and(|u| {
                let unit = &self.units[u];
                unit.to > i + 1
                    || matches!(unit.mention.target, super::lexicon::Target::Value(..)) && unit.mention.score > 0.95
            });
            if starts_value && !matches!(self.tokens[i].kind, Kind::Date(_)) {
                continue;
            }
            let told = |k: usize| {
                matches!(
                    self.low(k),
                    "in" | "during" | "for" | "of" | "within" | "from" | "on" | "through" | "throughout" | "only"
                )
            };
            let preposition = i > 0 && told(i - 1);
            // "after 1990" is about a column of years where there is one: comparisons read it.
            let is_of_years = year_column.is_some()
                && matches!(self.low(i), "after" | "before")
                && time::year(self.tokens, i + 1).is_some();
            if is_of_years {
                continue;
            }
            let mut found = time::said(self.tokens, i);
            // "in 2013": a year only after a word that says so.
            if found.is_none()
                && preposition
                && let Some(year) = time::year(self.tokens, i)
            {
                let (a, b) = (jiff::civil::Date::new(year, 1, 1), jiff::civil::Date::new(year + 1, 1, 1));
                found = a.ok().zip(b.ok()).map(|(a, b)| (i + 1, time::Said::Range(a, b)));
            }
            let Some((to, said)) = found else { continue };
            // "last transcript date": the last one of a column.
            if (i + 1..to).any(|k| self.owner[k].is_some_and(|u| self.units[u].to > to)) {
                continue;
            }
            if !has_time {
                let (Some(column), Some((op, value))) = (year_column, said.years()) else { continue };
                let span = (i, to);
                self.take(i, to);
                self.draft.filters.push(Test { column, op, value, span, is_or: false });
                continue;
            }
            let from = if preposition && self.owner[i - 1].is_none() { i - 1 } else { i };
            // "hired before 2002": the time that is named just before.
            let column = (1..=2).find_map(|d| {
                let k = from.checked_sub(d)?;
                let unit = &self.units[self.owner[k]?];
                let c = unit.mention.target.column()?;
                let is_bare = !matches!(unit.mention.target, super::lexicon::Target::Value(..)) && unit.to == from
                    || d == 2 && matches!(self.low(k + 1), "is" | "was" | "are" | "were" | "on");
                (self.schema.column(c).ty().is_time() && is_bare).then_some((c, unit.from))
            });
            let from = column.map_or(from, |(_, start)| start);
            self.take(from, to);
            self.draft.times.push((said, (from, to), column.map(|c| c.0)));
        }
        if !has_time {
            return;
        }
        for i in 0..self.tokens.len() {
            if !self.is_free(i) || self.owner[i].is_some_and(|u| self.units[u].mention.score > 0.95) {
                continue;
            }
            let Some((to, grain)) = time::grain(self.tokens, i) else { continue };
            let is_adverb = self.low(i).ends_with("ly") || matches!(self.low(i), "weekday" | "weekdays");
            let mut k = i;
            let mut is_cued = false;
            while k > 0
                && matches!(
                    self.low(k - 1),
                    "which"
                        | "what"
                        | "busiest"
                        | "best"
                        | "worst"
                        | "by"
                        | "per"
                        | "each"
                        | "every"
                        | "over"
                        | "the"
                        | "in"
                        | "a"
                        | "for"
                        | "across"
                        | "different"
                        | "any"
                        | "various"
                        | "on"
                        | "of"
                        | "and"
                        | "grouped"
                        | "group"
                        | "then"
                )
            {
                if matches!(self.low(k - 1), "which" | "what" | "busiest" | "best" | "worst") {
                    is_cued = true;
                    break;
                }
                is_cued |= matches!(
                    self.low(k - 1),
                    "by" | "per" | "each" | "every" | "over" | "across" | "different" | "various"
                );
                if self.low(k - 1) == "and" && !is_cued && self.draft.groups.is_empty() {
                    break;
                }
                k -= 1;
                if matches!(self.low(k), "of" | "and") {
                    k += 1;
                    break;
                }
            }
            if !(is_adverb || is_cued || grain.is_folded()) {
                continue;
            }
            // "by year" where a column holds years, and no time was named.
            if let Some(column) =
                year_column.filter(|_| grain == Grain::Year && self.schema.time_of(self.base).is_none())
            {
                self.take(k, to);
                self.draft.groups.push(Group {
                    column: Some(column),
                    grain: None,
                    bin: None,
                    span: (k, to),
                    is_color: false,
                });
                continue;
            }
            // "opened in each year" is about a time that is named just before.
            let time = self.column_before(k, 6, |c| self.schema.column(c).ty().is_time()).map(|(c, _)| c);
            self.take(k, to);
            self.draft.groups.push(Group {
                column: time,
                grain: Some(grain),
                bin: None,
                span: (k, to),
                is_color: false,
            });
        }
    }

    /// A condition that the asker wrote as one: used by several readers.
    pub(super) fn test(&mut self, column: super::lexicon::ColumnRef, op: Op, value: f64, span: Span) {
        self.draft.filters.push(Test { column, op, value: super::conditions::number(value), span, is_or: false });
    }

    /// The aggregate of a column that is named as the largest or smallest.
    pub(super) fn extreme(dir: Dir) -> Agg {
        if dir == Dir::Desc { Agg::Max } else { Agg::Min }
    }
}
