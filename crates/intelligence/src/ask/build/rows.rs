//! Questions for rows as they are, and which rows a question is about.

use super::{Builder, Built, Shape, op_words};
use crate::ask::draft::*;
use crate::ask::lexicon::ColumnRef;
use crate::ask::schema::{Nature, Route};
use domain::ask::{Chip, ChipPart};
use domain::query::{Dimension, Dir, Filter, Op, Order, Query};
use serde_json::Value;
use std::collections::BTreeSet;

/// Columns of raw rows that are shown where none are named.
const MOST_COLUMNS: usize = 30;

impl Builder<'_, '_> {
    pub(super) fn raw(mut self, shape: Shape) -> Result<Built, String> {
        let mut shown: Vec<(ColumnRef, Span)> = self.d.selects.iter().map(|s| (s.column, s.span)).collect();
        shown.extend(self.d.groups.iter().filter_map(|g| g.column.map(|c| (c, g.span))));
        let mut home = self.home(shape);
        if shown.is_empty() {
            if self.d.entities.is_empty()
                && self.d.filters.is_empty()
                && self.d.times.is_empty()
                && self.d.top.is_none()
                && self.d.order.is_none()
            {
                return Err("It is not said what is asked for.".to_owned());
            }
            if let Some(test) = self.d.filters.first().filter(|_| self.d.entities.is_empty()) {
                home = test.column.0;
            }
            // Which one, or all there is to know.
            match self.r.schema.name_of(home).filter(|_| self.d.top.is_some() || self.d.order.is_some()) {
                Some(name) => shown.push((name, (0, 0))),
                None => shown.extend(self.r.schema.columns(home).take(MOST_COLUMNS).map(|c| (c, (0, 0)))),
            }
            self.assumed += 0.1;
        }
        // What they are ordered by is worth seeing.
        let key = match (self.d.top, self.d.order) {
            (Some(Top { by: TopBy::Column(c, _), .. }), _) => Some(c),
            (None, Some(Ordered { by: OrderBy::Column(c, _), .. })) => Some(c),
            _ => None,
        };
        let mut needed: BTreeSet<usize> = shown.iter().map(|(c, _)| c.0).collect();
        needed.extend(key.map(|c| c.0));
        // The dataset that was named shows nothing of its own: its rows only choose.
        if !needed.contains(&home) && !self.d.filters.iter().any(|f| f.column.0 == home) {
            self.assumed += 0.12;
        }
        let route = self.route(home, needed)?;
        let written = |c: ColumnRef| route.column(self.r.schema, c);
        let mut query = Query { dataset: self.name(home), joins: route.joins.clone(), ..Query::default() };
        let mut chips = vec![self.dataset_chip(home)];
        let mut natures = Vec::new();
        for (column, span) in &shown {
            let name = written(*column);
            if !query.columns.contains(&name) {
                query.columns.push(name.clone());
                natures.push(self.nature(*column));
                let part = if self.nature(*column) == Nature::Amount { ChipPart::Measure } else { ChipPart::Dimension };
                if *span != (0, 0) || shown.len() == 1 {
                    chips.push(self.chip(part, self.r.schema.column(*column).column.label.clone(), *span, Some(name)));
                }
            }
        }
        self.filters(&route, home, &mut query, &mut chips)?;
        if let Some(top) = self.d.top {
            let amount = shown.iter().map(|s| s.0).find(|c| self.nature(*c) == Nature::Amount);
            let by = match top.by {
                TopBy::Column(c, _) => Some(c),
                _ => amount,
            };
            let Some(by) = by else { return Err("It is not said what the largest is measured by.".to_owned()) };
            query.order = vec![Order { by: written(by), dir: top.dir }];
            query.limit = Some(top.n);
            let word = if top.dir == Dir::Desc { "Largest" } else { "Smallest" };
            let label = &self.r.schema.column(by).column.label;
            chips.push(self.chip(ChipPart::Order, format!("{word} {label}"), top.span, Some(written(by))));
        } else if let Some(order) = self.d.order {
            let by = match order.by {
                OrderBy::Column(c, _) => written(c),
                OrderBy::First => query.columns.first().cloned().unwrap_or_default(),
                OrderBy::Measure => query.columns.get(1).or(query.columns.first()).cloned().unwrap_or_default(),
            };
            let word = if order.dir == Dir::Desc { "Descending" } else { "Ascending" };
            chips.push(self.chip(ChipPart::Order, word.to_owned(), order.span, Some(by.clone())));
            query.order = vec![Order { by, dir: order.dir }];
        }
        if self.d.is_distinct && query.order.is_empty() && shape == Shape::Rows {
            // Different members are groups without a measure.
            query.dimensions =
                query.columns.drain(..).map(|column| Dimension { column, ..Dimension::default() }).collect();
        }
        Ok(Built { query, chips, route, natures, assumed: self.assumed, shape })
    }

    pub(super) fn route(&self, home: usize, mut needed: BTreeSet<usize>) -> Result<Route, String> {
        needed.extend(self.d.filters.iter().map(|f| f.column.0));
        needed.extend(self.d.times.iter().filter_map(|t| t.2.map(|c| c.0)));
        needed.remove(&home);
        self.r.schema.route(home, &needed).ok_or_else(|| "Nothing says how these datasets belong together.".to_owned())
    }

    pub(super) fn filters(
        &mut self,
        route: &Route,
        home: usize,
        query: &mut Query,
        chips: &mut Vec<Chip>,
    ) -> Result<(), String> {
        let mut all: Vec<Filter> = Vec::new();
        let tests = self.d.filters.clone();
        let mut i = 0;
        while i < tests.len() {
            let name = route.column(self.r.schema, tests[i].column);
            let mut end = i + 1;
            while tests.get(end).is_some_and(|t| t.is_or) {
                end += 1;
            }
            let group = &tests[i..end];
            let same = group.iter().all(|t| t.column == tests[i].column && t.op == Op::Eq);
            if same && group.len() > 1 {
                let values: Vec<Value> = group.iter().map(|t| t.value.clone()).collect();
                all.push(Filter::is(&name, Op::In, values));
            } else if group.len() > 1 {
                all.push(Filter::Or(
                    group
                        .iter()
                        .map(|t| Filter::is(&route.column(self.r.schema, t.column), t.op, t.value.clone()))
                        .collect(),
                ));
            } else {
                all.push(Filter::is(&name, tests[i].op, tests[i].value.clone()));
            }
            for test in group {
                let label = &self.r.schema.column(test.column).column.label;
                let value = value_text(&test.value);
                let text = format!("{label} {} {value}", op_words(test.op)).trim_end().to_owned();
                let mut chip =
                    self.chip(ChipPart::Filter, text, test.span, Some(route.column(self.r.schema, test.column)));
                chip.value = Some(value).filter(|v| !v.is_empty());
                chips.push(chip);
            }
            i = end;
        }
        for (said, span, named) in self.d.times.clone() {
            let column = named.or_else(|| self.time_for(home, route)).ok_or("There is no time to choose from.")?;
            let name = route.column(self.r.schema, column);
            let calendar = self.calendar(column);
            let (filter, text) = said
                .filter(&name, self.r.schema.column(column).ty(), &calendar)
                .ok_or("That time cannot be found in the data.")?;
            all.push(filter);
            chips.push(self.chip(ChipPart::Time, text, span, Some(name)));
        }
        query.filter = match all.len() {
            0 => None,
            1 => all.pop(),
            _ => Some(Filter::And(all)),
        };
        Ok(())
    }

    /// The time that "last month" is about.
    fn time_for(&self, home: usize, route: &Route) -> Option<ColumnRef> {
        let is_time = |c: &ColumnRef| self.r.schema.column(*c).ty().is_time();
        let grouped = self.d.groups.iter().filter_map(|g| g.column).find(is_time);
        let selected = self.d.selects.iter().map(|s| s.column).find(is_time);
        let reached = |c: &ColumnRef| {
            c.0 == home || route.joins.iter().any(|j| j.dataset == self.r.schema.catalog.datasets[c.0].name)
        };
        let other = || (0..self.r.schema.catalog.datasets.len()).filter_map(|d| self.r.schema.time_of(d)).find(reached);
        grouped.or(selected).filter(reached).or_else(|| self.r.schema.time_of(home)).or_else(other)
    }
}

fn value_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().map(value_text).collect::<Vec<_>>().join(" and "),
        other => other.to_string(),
    }
}
