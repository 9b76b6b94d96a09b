//! From what was read to a query: which dataset, which groups and measures, which order.

mod rows;

use super::draft::*;
use super::lexicon::ColumnRef;
use super::read::Reader;
use super::schema::{Nature, Route};
use super::time::{self, Calendar};
use domain::ask::{Chip, ChipPart};
use domain::query::{
    Agg, Bin, Calc, CalcKind, Compare, CompareTo, Compared, Dimension, Dir, Filter, Grain, Measure, Op, Order, Query,
};
use domain::{ChartKind, DataType, names};
use jiff::civil::Date;
use std::collections::BTreeSet;

/// A query with what is known about it.
#[derive(Clone, Debug)]
pub(crate) struct Built {
    pub(crate) query: Query,
    pub(crate) chips: Vec<Chip>,
    pub(crate) route: Route,
    /// Natures of the dimensions, or of the raw columns, in order.
    pub(crate) natures: Vec<Nature>,
    /// What was assumed: 0 nothing, 1 much.
    pub(crate) assumed: f64,
    pub(crate) shape: Shape,
}

/// What the answer looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Grouped,
    /// Raw rows as a list.
    Rows,
    /// Raw rows as points, or to be counted in ranges.
    Points,
}

struct Dim {
    column: ColumnRef,
    grain: Option<Grain>,
    bin: Option<Bin>,
    span: Span,
}

struct Num {
    agg: Agg,
    column: Option<ColumnRef>,
    metric: Option<usize>,
    span: Span,
}

/// Makes the query.
pub(crate) fn build(reader: &Reader<'_>, today: Date) -> Result<Built, String> {
    Builder { r: reader, d: reader.draft.clone(), today, assumed: 0.0 }.build()
}

struct Builder<'r, 'a> {
    r: &'r Reader<'a>,
    d: Draft,
    today: Date,
    assumed: f64,
}

impl Builder<'_, '_> {
    fn nature(&self, c: ColumnRef) -> Nature {
        self.r.schema.nature(c)
    }

    fn is_number(&self, c: ColumnRef) -> bool {
        self.r.is_number(c)
    }

    fn kind(&self) -> Option<ChartKind> {
        self.d.chart.map(|c| c.kind)
    }

    fn build(mut self) -> Result<Built, String> {
        // "for every singer" groups only where something is worked out.
        let works_out = !self.d.measures.is_empty()
            || !self.d.counts.is_empty()
            || !self.d.having.is_empty()
            || matches!(self.d.top, Some(Top { by: TopBy::Count(_), .. }));
        if !works_out && !self.d.is_visual && !self.d.selects.is_empty() {
            let entities: Vec<Span> = self.d.entities.iter().map(|e| e.1).collect();
            self.d.groups.retain(|g| !entities.contains(&g.span));
        }
        self.tidy();
        let has_numbers = !self.d.measures.is_empty()
            || !self.d.counts.is_empty()
            || self.d.calc.is_some()
            || self.d.compare.is_some();
        let counts_top = matches!(self.d.top, Some(Top { by: TopBy::Count(_) | TopBy::Column(_, Some(_)), .. }));
        let is_grouped_by = self.d.groups.iter().any(|g| !g.is_color) || self.d.over_time.is_some();
        if has_numbers || counts_top || !self.d.having.is_empty() {
            return self.grouped();
        }
        if self.is_comparison() {
            return self.grouped();
        }
        let mut all: Vec<ColumnRef> = self.d.selects.iter().map(|s| s.column).collect();
        all.extend(self.d.groups.iter().filter_map(|g| g.column));
        let amounts = all.iter().filter(|c| self.nature(**c) == Nature::Amount).count();
        let numbers = all.iter().filter(|c| self.is_number(**c)).count();
        let has_grain = self.d.groups.iter().any(|g| g.grain.is_some() || g.bin.is_some());
        let is_plain = !has_grain && self.d.over_time.is_none();
        let says_axis_of_key = self.d.selects.iter().any(|s| s.axis.is_some() && self.nature(s.column) == Nature::Id);
        match self.kind() {
            Some(ChartKind::Scatter) if numbers >= 2 && is_plain => return self.raw(Shape::Points),
            Some(ChartKind::BoxPlot) if numbers >= 1 => return self.raw(Shape::Points),
            Some(ChartKind::Histogram) if amounts == 1 && all.len() == 1 && !has_grain => {
                return self.raw(Shape::Points);
            }
            Some(_) if says_axis_of_key && is_plain => return self.raw(Shape::Points),
            Some(ChartKind::Table) if !is_grouped_by => return self.raw(Shape::Rows),
            _ => {}
        }
        if is_plain && self.d.is_visual {
            let groups = all.iter().filter(|c| self.nature(**c) != Nature::Amount).count();
            if amounts >= 2 && groups <= 1 && matches!(self.kind(), None | Some(ChartKind::Scatter)) {
                return self.raw(Shape::Points);
            }
            if amounts == 1 && all.len() == 1 && self.kind().is_none() {
                return self.raw(Shape::Points);
            }
            // A number for each name: nothing is to be worked out.
            let has_name = self.d.selects.iter().any(|s| self.nature(s.column) == Nature::Name);
            if has_name && amounts >= 1 && !is_grouped_by && self.d.selects.len() == all.len() {
                return self.raw(Shape::Points);
            }
        }
        if is_grouped_by || (self.d.is_visual && !all.is_empty() && self.d.top.is_none()) {
            return self.grouped();
        }
        self.raw(Shape::Rows)
    }

    /// Puts right what only the whole shows.
    fn tidy(&mut self) {
        // A bin without a column is that of the number that is named.
        let number = self.d.selects.iter().position(|s| self.is_number(s.column));
        for i in 0..self.d.groups.len() {
            if self.d.groups[i].bin.is_some() && self.d.groups[i].column.is_none() {
                if let Some(at) = number.filter(|at| *at < self.d.selects.len()) {
                    self.d.groups[i].column = Some(self.d.selects.remove(at).column);
                } else if let Some(other) =
                    self.d.groups.iter().position(|g| g.bin.is_none() && g.column.is_some_and(|c| self.is_number(c)))
                {
                    self.d.groups[i].column = self.d.groups[other].column;
                    self.d.groups.remove(other);
                }
                break;
            }
        }
        self.d.groups.retain(|g| g.column.is_some() || g.bin.is_none());
        // A time that is named beside its grain is that time.
        for i in 0..self.d.groups.len() {
            if self.d.groups[i].grain.is_some() {
                let times = |c: ColumnRef| self.r.schema.column(c).ty().is_time();
                let named = self.d.selects.iter().position(|s| times(s.column));
                if self.d.groups[i].column.is_none() {
                    self.d.groups[i].column = named
                        .map(|at| self.d.selects[at].column)
                        .or_else(|| self.d.counts.iter().filter_map(|c| c.column).find(|c| times(*c)));
                }
                let column = self.d.groups[i].column;
                self.d.selects.retain(|s| Some(s.column) != column);
                self.d.groups.retain({
                    let mut at = 0;
                    move |g| {
                        at += 1;
                        at - 1 == i || g.grain.is_some() || g.column != column || column.is_none()
                    }
                });
                break;
            }
        }
        // A time is grouped by one grain: the one that was asked for first.
        let mut grained = BTreeSet::new();
        self.d.groups.retain(|g| g.grain.is_none() || grained.insert(g.column));
        if grained.len() > 1 {
            let mut is_named = grained.contains(&None);
            self.d.groups.retain(|g| g.grain.is_none() || g.column.is_some() || !std::mem::take(&mut is_named));
        }
        // The same column twice is one.
        let mut seen = BTreeSet::new();
        self.d.groups.retain(|g| g.column.is_none() || seen.insert((g.column, g.grain.map(Grain::as_str))));
        let grouped: BTreeSet<ColumnRef> = self.d.groups.iter().filter_map(|g| g.column).collect();
        let mut shown = BTreeSet::new();
        self.d.selects.retain(|s| !grouped.contains(&s.column) && shown.insert(s.column));
    }

    /// "compare JFK and LGA": values of one column side by side.
    fn is_comparison(&self) -> bool {
        let says =
            (0..self.r.tokens.len()).any(|i| matches!(self.r.low(i), "compare" | "versus" | "vs" | "comparison"));
        says && self.compared_column().is_some()
    }

    fn compared_column(&self) -> Option<ColumnRef> {
        let equal = |t: &&Test| t.op == Op::Eq;
        let first = self.d.filters.iter().find(equal)?.column;
        (self.d.filters.iter().filter(equal).filter(|t| t.column == first).count() > 1).then_some(first)
    }

    /// The dataset whose rows are asked about.
    fn home(&self, shape: Shape) -> usize {
        let counted = self.d.counts.iter().find_map(|c| c.dataset);
        let had = self.d.having.iter().find_map(|h| h.dataset);
        let top = match self.d.top {
            Some(Top { by: TopBy::Count(d), .. }) => {
                // What happened most often is named apart from who it happened to.
                let shown = self.d.selects.first().map(|s| s.column.0);
                d.or_else(|| self.d.entities.iter().rev().map(|e| e.0).find(|e| Some(*e) != shown))
            }
            _ => None,
        };
        let measured = self.d.measures.iter().find_map(|m| match m.of {
            Of::Column(c) => Some(c.0),
            Of::Metric(m) => {
                self.r.schema.catalog.datasets.iter().position(|d| d.name == self.r.schema.catalog.metrics[m].dataset)
            }
        });
        let entity = self.d.entities.first().map(|e| e.0);
        let named = self
            .d
            .selects
            .iter()
            .map(|s| s.column.0)
            .chain(self.d.groups.iter().filter_map(|g| g.column.map(|c| c.0)))
            .next();
        let amount = self.d.selects.iter().find(|s| self.nature(s.column) == Nature::Amount).map(|s| s.column.0);
        let found = match shape {
            Shape::Grouped => had.or(top).or(counted).or(measured).or(amount).or(entity).or(named),
            _ => entity.or(named),
        };
        found.unwrap_or(self.r.base)
    }

    fn grouped(mut self) -> Result<Built, String> {
        let home = self.home(Shape::Grouped);
        let mut dims: Vec<Dim> = Vec::new();
        let mut nums: Vec<Num> = Vec::new();
        for worked in &self.d.measures {
            let (column, metric) = match worked.of {
                Of::Column(c) => (Some(c), None),
                Of::Metric(m) => (None, Some(m)),
            };
            let agg = worked.agg.or_else(|| column.map(|c| self.r.default_agg(c))).unwrap_or(Agg::Count);
            if !nums.iter().any(|n| n.agg == agg && n.column == column && n.metric == metric) {
                nums.push(Num { agg, column, metric, span: worked.span });
            }
        }
        let has_dims = !self.d.groups.is_empty() || !self.d.selects.is_empty() || self.d.over_time.is_some();
        for count in &self.d.counts {
            // Kinds of things are told apart; things are counted.
            let is_kind =
                count.column.is_some_and(|c| self.nature(c) == Nature::Category) && !has_dims && !self.d.is_visual;
            let column = count.column.filter(|_| count.is_distinct || is_kind);
            let column = column.or_else(|| {
                if count.is_distinct { count.dataset.and_then(|d| self.r.schema.name_of(d)) } else { None }
            });
            let agg = if column.is_some() { Agg::CountDistinct } else { Agg::Count };
            if !nums.iter().any(|n| n.agg == agg && n.column == column && n.metric.is_none()) {
                nums.push(Num { agg, column, metric: None, span: count.span });
            }
        }
        let said = nums.len();
        let compared = if self.is_comparison() { self.compared_column() } else { None };
        let others = self.d.groups.iter().filter(|g| g.column.is_some()).count() + usize::from(compared.is_some());
        let mut loose: Vec<Select> = Vec::new();
        for select in self.d.selects.clone() {
            let nature = self.nature(select.column);
            let is_measured = nums.iter().any(|n| n.column == Some(select.column));
            let is_alone = nature == Nature::Amount
                && said > 0
                && others == 0
                && self.d.selects.len() == 1
                && (self.d.is_visual || self.d.counts.is_empty());
            // A name of every row is what is counted or measured, and no group beside others.
            let is_thing = nature == Nature::Name
                && select.axis.is_none()
                && (others > 0
                    || self.d.over_time.is_some()
                    || self.d.selects.iter().any(|s| {
                        s.column != select.column
                            && matches!(
                                self.nature(s.column),
                                Nature::Category | Nature::Few | Nature::Year | Nature::Time
                            )
                    }));
            if is_thing && self.d.having.is_empty() && self.d.top.is_none() {
                continue;
            }
            if nature.is_group() && select.axis != Some(Axis::Y) || is_alone {
                dims.push(Dim { column: select.column, grain: None, bin: None, span: select.span });
            } else if !is_measured && self.is_number(select.column) {
                loose.push(select);
            } else if !is_measured {
                dims.push(Dim { column: select.column, grain: None, bin: None, span: select.span });
            }
        }
        for select in loose {
            nums.push(Num {
                agg: self.r.default_agg(select.column),
                column: Some(select.column),
                metric: None,
                span: select.span,
            });
            self.assumed += 0.03;
        }
        for group in self.d.groups.clone() {
            let column = match group.column {
                Some(c) => c,
                None => self
                    .r
                    .schema
                    .time_of(home)
                    .or_else(|| self.r.schema.time_of(self.r.base))
                    .ok_or("There is no time to group by.")?,
            };
            // "compare North and South by amount": the amount is compared.
            let is_compared = compared.is_some()
                || !dims.is_empty()
                || self.d.groups.iter().any(|g| g.column.is_some_and(|c| self.nature(c) != Nature::Amount));
            if said == 0
                && self.nature(column) == Nature::Amount
                && group.bin.is_none()
                && !group.is_color
                && is_compared
                && nums.is_empty()
            {
                nums.push(Num {
                    agg: self.r.default_agg(column),
                    column: Some(column),
                    metric: None,
                    span: group.span,
                });
                continue;
            }
            dims.push(Dim { column, grain: group.grain, bin: group.bin, span: group.span });
        }
        dims.sort_by_key(|d| if d.span == (0, 0) { usize::MAX } else { d.span.0 });
        if let Some(span) = self.d.over_time
            && !dims.iter().any(|d| matches!(self.nature(d.column), Nature::Time | Nature::Year))
        {
            let year = self.r.schema.columns(home).find(|c| self.nature(*c) == Nature::Year);
            if let Some(column) = self.r.schema.time_of(home).or(year) {
                dims.insert(0, Dim { column, grain: None, bin: None, span });
            }
        }
        if let Some(column) = compared
            && !dims.iter().any(|d| d.column == column)
        {
            dims.push(Dim { column, grain: None, bin: None, span: (0, 1) });
        }
        // Something that is named is listed where groups are limited: "singers with more than 3 songs".
        if dims.is_empty() && (self.d.top.is_some() || !self.d.having.is_empty()) {
            let counted = self.d.having.iter().find_map(|h| h.dataset);
            let entity = self
                .d
                .entities
                .iter()
                .map(|e| e.0)
                .find(|d| Some(*d) != counted)
                .or_else(|| self.d.entities.first().map(|e| e.0))
                .unwrap_or(self.r.base);
            if let Some(column) = self.r.schema.name_of(entity) {
                dims.push(Dim { column, grain: None, bin: None, span: (0, 0) });
                self.assumed += 0.05;
            }
        }
        let counts_groups =
            self.d.counts.iter().any(|c| matches!(self.r.low(c.span.0), "how" | "number" | "count" | "the"));
        if !self.d.having.is_empty()
            && said > 0
            && self.d.groups.is_empty()
            && counts_groups
            && (dims.iter().all(|d| d.span == (0, 0)) || dims.len() <= 1 && self.r.low(0) == "how")
        {
            return Err("Counting groups that pass a condition is not possible yet.".to_owned());
        }
        if let Some(Top { by: TopBy::Column(c, agg), span, .. }) = self.d.top
            && !nums.iter().any(|n| n.column == Some(c))
        {
            let agg = agg.unwrap_or_else(|| self.r.default_agg(c));
            if self.is_number(c) {
                nums.push(Num { agg, column: Some(c), metric: None, span });
            }
        }
        let counts_top = matches!(self.d.top, Some(Top { by: TopBy::Count(_), .. }));
        let counts_groups = self.d.having.iter().any(|h| h.measure.is_none());
        if (nums.is_empty() || counts_top || counts_groups) && !nums.iter().any(|n| n.agg == Agg::Count) {
            // Ranges of a number, and members of a column, are counted unless something else is said.
            let span = self.d.top.map_or((0, 0), |t| t.span);
            let is_open = nums.is_empty() && !counts_top && !counts_groups;
            if let Some((column, span)) = self.money(home).filter(|_| is_open) {
                nums.push(Num { agg: Agg::Sum, column: Some(column), metric: None, span });
            } else {
                if is_open && !self.d.is_visual {
                    self.assumed += 0.06;
                }
                nums.push(Num { agg: Agg::Count, column: None, metric: None, span });
            }
        }
        for having in &self.d.having {
            if let Some((agg, column)) = having.measure
                && !nums.iter().any(|n| n.agg == agg && n.column == Some(column))
            {
                nums.push(Num { agg, column: Some(column), metric: None, span: having.span });
            }
        }
        self.finish(home, dims, nums)
    }

    /// "Sales by region" means their worth, where the dataset of that name has one.
    fn money(&self, home: usize) -> Option<(ColumnRef, Span)> {
        const WORTH: &[&str] = &["sales", "revenue", "revenues", "turnover", "takings", "earnings"];
        let (_, span) = self.d.entities.iter().find(|(d, _)| *d == home)?;
        let is_worth = (span.0..span.1).any(|i| WORTH.contains(&self.r.low(i)));
        is_worth.then(|| self.r.schema.money_of(home)).flatten().map(|column| (column, *span))
    }

    fn calendar(&self, column: ColumnRef) -> Calendar {
        Calendar::new(self.today, self.r.schema.column(column).extent.as_ref())
    }

    fn finish(mut self, home: usize, mut dims: Vec<Dim>, nums: Vec<Num>) -> Result<Built, String> {
        // A time without a grain gets one that suits; ranges of many numbers are binned.
        for dim in &mut dims {
            let column = self.r.schema.column(dim.column);
            if column.ty().is_time() && dim.grain.is_none() {
                dim.grain = Some(time::suitable(&Calendar::new(self.today, column.extent.as_ref()), column.ty()));
            }
            let counts_only = nums.iter().all(|n| n.agg == Agg::Count);
            if self.r.schema.nature(dim.column) == Nature::Amount
                && dim.bin.is_none()
                && counts_only
                && column.distinct.is_none_or(|d| d > 30)
            {
                dim.bin = Some(Bin::Count(10));
            }
            if column.ty() == DataType::Date && dim.grain == Some(Grain::HourOfDay) {
                return Err(format!("{} has no hours.", column.column.label));
            }
        }
        // One of each: the rows of another dataset were meant to be counted.
        if let ([dim], true) = (dims.as_slice(), nums.iter().all(|n| n.agg == Agg::Count))
            && self.r.schema.column(dim.column).is_unique
            && dim.column.0 == home
        {
            self.assumed += 0.1;
        }
        if let Some((_, span)) = self.d.compare
            && !dims.iter().any(|d| d.grain.is_some_and(|g| !g.is_folded()))
            && self.d.times.is_empty()
            && let Some(column) = self.r.schema.time_of(home)
        {
            let grain = Some(if self.d.compare.is_some_and(|c| c.0) {
                Grain::Year
            } else {
                time::suitable(&self.calendar(column), self.r.schema.column(column).ty())
            });
            dims.insert(0, Dim { column, grain, bin: None, span });
        }
        if matches!(self.d.calc, Some((CalcKind::RunningTotal | CalcKind::PercentChange | CalcKind::MovingAvg, _)))
            && dims.is_empty()
            && let Some(column) = self.r.schema.time_of(home)
        {
            let grain = Some(time::suitable(&self.calendar(column), self.r.schema.column(column).ty()));
            dims.insert(0, Dim { column, grain, bin: None, span: (0, 0) });
        }
        let mut needed: BTreeSet<usize> = dims.iter().map(|d| d.column.0).collect();
        needed.extend(nums.iter().filter_map(|n| n.column.map(|c| c.0)));
        let route = self.route(home, needed)?;
        let written = |c: ColumnRef| route.column(self.r.schema, c);
        let mut query = Query { dataset: self.name(home), joins: route.joins.clone(), ..Query::default() };
        let mut chips = vec![self.dataset_chip(home)];
        let mut natures = Vec::new();
        for dim in &dims {
            query.dimensions.push(Dimension {
                column: written(dim.column),
                grain: dim.grain,
                bin: dim.bin,
                alias: None,
            });
            natures.push(if dim.bin.is_some() { Nature::Amount } else { self.nature(dim.column) });
            let label = &self.r.schema.column(dim.column).column.label;
            let text = match (dim.grain, dim.bin) {
                (Some(grain), _) => format!("{label} by {}", grain.as_str().replace('_', " ")),
                (_, Some(Bin::Width(width))) => format!("{label} in steps of {width}"),
                (_, Some(Bin::Count(n))) => format!("{label} in {n} ranges"),
                _ => label.clone(),
            };
            let part = if dim.grain.is_some() { ChipPart::Time } else { ChipPart::Dimension };
            chips.push(self.chip(part, text, dim.span, Some(written(dim.column))));
        }
        // "a share of" is told by a pie already.
        let is_pie = self.kind() == Some(ChartKind::Pie);
        let calc = self
            .d
            .calc
            .filter(|(kind, _)| !(is_pie && *kind == CalcKind::Share))
            .filter(|(kind, _)| *kind != CalcKind::Share || !dims.is_empty());
        for num in &nums {
            let measure = match num.metric {
                Some(m) => Measure { metric: Some(self.r.schema.catalog.metrics[m].id.clone()), ..Measure::default() },
                None => Measure { agg: Some(num.agg), column: num.column.map(written), ..Measure::default() },
            };
            let of = num.column.map(|c| self.r.schema.column(c).column.label.clone());
            let text = match (num.metric, of) {
                (Some(m), _) => self.r.schema.catalog.metrics[m].name.clone(),
                (None, Some(of)) => format!("{} of {of}", num.agg.label()),
                (None, None) => format!("Number of {}", self.label(home).to_lowercase()),
            };
            chips.push(self.chip(ChipPart::Measure, text, num.span, measure.column.clone()));
            query.measures.push(measure);
        }
        if let Some((kind, span)) = calc {
            let first = query.measures.first().cloned().unwrap_or_default();
            let alias = format!(
                "{}_{}",
                first.output_name().replace('.', "_"),
                serde_json::to_value(kind).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
            );
            let within = (kind == CalcKind::Share).then(Vec::new);
            let worked =
                Measure { calc: Some(Calc { kind, over: None, window: None, within }), alias: Some(alias), ..first };
            let text = domain::query::sentence(
                &Query { measures: vec![Measure { alias: None, ..worked.clone() }], ..Query::default() },
                &|_| None,
            );
            chips.push(self.chip(ChipPart::Measure, text, span, None));
            query.measures.push(worked);
        }
        self.having(&mut query, &mut chips, &written);
        self.filters(&route, home, &mut query, &mut chips)?;
        self.grouped_order(&dims, &nums, &written, &mut query, &mut chips);
        if let Some((year, span)) = self.d.compare {
            let to = if year { CompareTo::PreviousYear } else { CompareTo::PreviousPeriod };
            query.compare = Some(Compare { to, column: None, show: vec![Compared::Previous, Compared::PercentChange] });
            let text = if year { "compared with the year before" } else { "compared with the period before" };
            chips.push(self.chip(ChipPart::Time, text.to_owned(), span, None));
        }
        Ok(Built { query, chips, route, natures, assumed: self.assumed, shape: Shape::Grouped })
    }

    fn having(&self, query: &mut Query, chips: &mut Vec<Chip>, written: &dyn Fn(ColumnRef) -> String) {
        for having in &self.d.having {
            let measure = match having.measure {
                Some((agg, c)) => Measure::of(agg, &written(c)),
                None => {
                    query.measures.iter().find(|m| m.agg == Some(Agg::Count)).cloned().unwrap_or_else(Measure::count)
                }
            };
            let name = measure.output_name();
            query.having = Filter::both(
                query.having.take(),
                Some(Filter::is(&name, having.op, super::conditions::number(having.value))),
            );
            chips.push(self.chip(
                ChipPart::Filter,
                format!("{} {} {}", names::to_label(&name), op_words(having.op), having.value),
                having.span,
                None,
            ));
        }
    }

    fn grouped_order(
        &self,
        dims: &[Dim],
        nums: &[Num],
        written: &dyn Fn(ColumnRef) -> String,
        query: &mut Query,
        chips: &mut Vec<Chip>,
    ) {
        let first_dim = query.dimensions.first().map(|d| d.column.clone());
        let first_num = query.measures.first().map(Measure::output_name);
        let count =
            query.measures.iter().find(|m| m.agg == Some(Agg::Count) && m.column.is_none()).map(Measure::output_name);
        let of = |c: ColumnRef, agg: Option<Agg>| -> Option<String> {
            if agg.is_none() && dims.iter().any(|d| d.column == c) {
                return Some(written(c));
            }
            let at = nums.iter().position(|n| n.column == Some(c) && agg.is_none_or(|a| a == n.agg))?;
            query.measures.get(at).map(Measure::output_name)
        };
        if let Some(top) = self.d.top {
            let by = match top.by {
                TopBy::Any => first_num.clone(),
                TopBy::Column(c, agg) => of(c, agg).or_else(|| first_num.clone()),
                TopBy::Count(_) => count.or_else(|| first_num.clone()),
            };
            if let Some(by) = by.filter(|_| !dims.is_empty()) {
                query.order = vec![Order { by, dir: top.dir }];
                query.limit = Some(top.n);
                let word = if top.dir == Dir::Desc { "Top" } else { "Bottom" };
                chips.push(self.chip(ChipPart::Order, format!("{word} {}", top.n), top.span, None));
            }
        } else if let Some(order) = self.d.order {
            let by = match order.by {
                OrderBy::First => first_dim.or(first_num),
                OrderBy::Measure => first_num.or(first_dim),
                OrderBy::Column(c, agg) => of(c, agg).or(first_dim),
            };
            if let Some(by) = by {
                query.order = vec![Order { by, dir: order.dir }];
                let word = if order.dir == Dir::Desc { "Descending" } else { "Ascending" };
                chips.push(self.chip(ChipPart::Order, word.to_owned(), order.span, None));
            }
        }
    }

    fn name(&self, dataset: usize) -> String {
        self.r.schema.catalog.datasets[dataset].name.clone()
    }

    fn label(&self, dataset: usize) -> &str {
        let dataset = &self.r.schema.catalog.datasets[dataset];
        if dataset.label.is_empty() { &dataset.name } else { &dataset.label }
    }

    fn dataset_chip(&self, home: usize) -> Chip {
        let span = self.d.entities.iter().find(|e| e.0 == home).map_or((0, 0), |e| e.1);
        self.chip(ChipPart::Dataset, self.label(home).to_owned(), span, None)
    }

    fn chip(&self, part: ChipPart, text: String, span: Span, column: Option<String>) -> Chip {
        Chip { part, text, words: self.r.words(span), column, value: None }
    }
}

fn op_words(op: Op) -> &'static str {
    match op {
        Op::Eq | Op::In => "is",
        Op::Ne | Op::NotIn => "is not",
        Op::Gt => "above",
        Op::Gte => "at least",
        Op::Lt => "below",
        Op::Lte => "at most",
        Op::Between => "between",
        Op::NotBetween => "not between",
        Op::Contains => "contains",
        Op::NotContains => "does not contain",
        Op::StartsWith => "starts with",
        Op::EndsWith => "ends with",
        Op::IsNull => "is missing",
        Op::IsNotNull => "is there",
        Op::IsTrue => "is true",
        Op::IsFalse => "is false",
        Op::Relative | Op::TopN => "in",
    }
}
