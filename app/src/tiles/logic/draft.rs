//! The question of a tile while somebody edits it.

mod complete;
mod fields;
mod first;
mod parts;
mod pivot;

use super::shape;
use super::wells::{self, Well, WellInfo};
use domain::chart::Encodings;
use domain::dashboard::{DataSource, Tile, TileKind};
use domain::plugin::Encoding;
use domain::query::{Agg, Dimension, Filter, Grain, Measure, Query};
use domain::{ChartKind, Column};
use first::{first_question, group};
pub use parts::Slot;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The grain that suits each time column, where it is known.
pub type Grains = BTreeMap<String, Grain>;

/// Columns of raw rows that a new table begins with.
const FIRST_COLUMNS: usize = 12;

/// A field that can be put into a well.
#[derive(Clone, Debug, PartialEq)]
pub enum Pick {
    Column(String),
    /// The number of rows.
    Count,
    /// The number of rows that pass a test.
    CountIf,
    /// One number over another.
    Ratio,
    /// A metric by its id.
    Metric(String),
}

/// A tile's question in the form that is edited.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    pub kind: ChartKind,
    pub metric: Option<String>,
    /// A forecast by its id, in the place of a question.
    pub forecast: Option<String>,
    /// A SELECT whose rows the question asks, in place of a dataset.
    pub sql: Option<String>,
    pub query: Query,
    pub encodings: Encodings,
    pub options: Map<String, Value>,
    /// The question comes first and the kind follows it: wells take what one likes.
    pub free: bool,
    /// What its plug-in takes; empty for kinds that come with Orrery.
    pub plugin: Vec<Encoding>,
}

impl Draft {
    /// Reads a tile. The short form becomes a question; what plays the part of x comes first.
    pub fn of(tile: &Tile, columns: &[Column], grains: &Grains) -> Self {
        let source = tile.data_source.clone().unwrap_or_default();
        let kind = tile.chart_kind().unwrap_or(ChartKind::Line);
        let query = match (source.query, source.table) {
            (Some(query), _) => query,
            (None, Some(table)) => {
                let filter = super::conditions::all_of(source.filters);
                let mut query = Query { dataset: table, filter, ..Query::default() };
                if kind == ChartKind::Table {
                    query.columns = source.columns;
                } else {
                    group(&mut query, &source.columns, columns, grains);
                }
                query
            }
            // A SELECT by itself shows what it gives, once that is known.
            (None, None) if source.sql.is_some() && !columns.is_empty() => {
                let names: Vec<String> = columns.iter().map(|c| c.name.clone()).collect();
                let mut query = Query::default();
                if kind == ChartKind::Table {
                    query.columns = names;
                } else {
                    group(&mut query, &names, columns, grains);
                }
                query
            }
            (None, None) => Query::default(),
        };
        let (encodings, options) = (source.encodings, source.options);
        let (metric, forecast, sql) = (source.metric, source.forecast, source.sql);
        let plugin = Vec::new();
        let mut draft = Self { kind, metric, forecast, sql, query, encodings, options, free: false, plugin };
        match kind {
            ChartKind::Pivot => draft.lay_out(columns),
            ChartKind::Plugin(_) => {}
            _ => draft.bring_x_first(columns),
        }
        draft
    }

    /// Reads a question whose kind follows it. Nothing in it moves.
    pub fn free(tile: &Tile) -> Self {
        let source = tile.data_source.clone().unwrap_or_default();
        Self {
            kind: tile.chart_kind().unwrap_or(ChartKind::Table),
            metric: None,
            forecast: None,
            sql: source.sql,
            query: source.query.unwrap_or_default(),
            encodings: source.encodings,
            options: source.options,
            free: true,
            plugin: Vec::new(),
        }
    }

    /// The tile with this question.
    pub fn into_tile(self, tile: &Tile) -> Tile {
        let kind = match self.kind {
            ChartKind::Table => TileKind::Table,
            ChartKind::Number => TileKind::Metric,
            _ => TileKind::Chart,
        };
        let has_source =
            self.metric.is_some() || self.forecast.is_some() || self.sql.is_some() || !self.query.dataset.is_empty();
        let asks = self.sql.is_none() || asks(&self.query);
        let source = DataSource {
            query: (self.metric.is_none() && self.forecast.is_none() && asks).then_some(self.query),
            metric: self.metric,
            forecast: self.forecast,
            sql: self.sql,
            encodings: self.encodings,
            options: self.options,
            ..DataSource::default()
        };
        Tile {
            kind,
            chart_type: Some(self.kind.as_str().to_owned()),
            data_source: has_source.then_some(source),
            ..tile.clone()
        }
    }

    /// Whether it lists rows as they are.
    pub fn is_raw(&self) -> bool {
        (self.free || self.kind == ChartKind::Table) && !self.query.columns.is_empty()
    }

    /// Where its fields go.
    pub fn wells(&self) -> Cow<'static, [WellInfo]> {
        match (self.free, self.kind) {
            (true, _) => Cow::Borrowed(wells::free_wells(self.is_raw())),
            (false, ChartKind::Plugin(_)) => Cow::Owned(wells::parts(&self.plugin)),
            (false, kind) => Cow::Borrowed(wells::wells(kind, self.is_raw())),
        }
    }

    /// How many fields a well takes.
    pub fn most(&self, well: Well) -> usize {
        wells::most(&self.wells(), well)
    }

    /// Whether there is something to answer.
    pub fn asks(&self) -> bool {
        asks(&self.query) || self.metric.is_some() || self.forecast.is_some()
    }

    fn bring_x_first(&mut self, columns: &[Column]) {
        let fields = shape::fields(&self.query, columns);
        let groups = self.query.dimensions.len();
        let named = |name: &Option<String>| name.as_ref().and_then(|n| fields.iter().position(|f| f.name == *n));
        if self.kind == ChartKind::Scatter {
            let wanted = [
                named(&self.encodings.x),
                self.encodings.y.first().and_then(|y| named(&Some(y.clone()))),
                named(&self.encodings.size),
            ];
            let order: Vec<usize> = wanted.into_iter().flatten().filter_map(|i| i.checked_sub(groups)).collect();
            let rest = (0..self.query.measures.len()).filter(|i| !order.contains(i));
            let all: Vec<usize> = order.iter().copied().chain(rest).collect();
            let measures = std::mem::take(&mut self.query.measures);
            self.query.measures = all.into_iter().filter_map(|i| measures.get(i).cloned()).collect();
            return;
        }
        if self.kind == ChartKind::Table {
            return;
        }
        let moment = || fields.iter().take(groups).position(|f| f.ty.is_time());
        if let Some(x) = named(&self.encodings.x).filter(|i| *i < groups).or_else(moment) {
            let first = self.query.dimensions.remove(x);
            self.query.dimensions.insert(0, first);
        }
    }

    /// Asks another dataset. What it has too stays; a first question takes the place of the rest.
    pub fn set_dataset(&mut self, name: &str, columns: &[Column], grains: &Grains) {
        self.metric = None;
        self.forecast = None;
        self.sql = None;
        let has = |column: &str| columns.iter().any(|c| c.name == column);
        let query = &mut self.query;
        name.clone_into(&mut query.dataset);
        query.joins.clear();
        query.dimensions.retain(|d| has(&d.column));
        query.measures.retain(|m| match (&m.column, m.agg) {
            (Some(column), _) => has(column),
            (None, agg) => agg == Some(Agg::Count),
        });
        query.columns.retain(|c| has(c));
        let kept = super::conditions::parts(query.filter.as_ref());
        let fits = |f: &Filter| {
            let mut all = true;
            f.each(&mut |c| all &= has(&c.column));
            all
        };
        query.filter = super::conditions::all_of(kept.into_iter().filter(fits).collect());
        if !asks(query) {
            let kind = if self.free { ChartKind::Line } else { self.kind };
            first_question(query, kind, columns, grains);
        } else if query.columns.is_empty() && query.measures.is_empty() {
            query.measures.push(Measure::count());
        }
        if !self.free {
            complete::complete(self, columns, grains);
        }
        self.tidy();
        self.lay_out(columns);
    }

    /// Takes a joined dataset out, and with it what is asked of it.
    pub fn remove_join(&mut self, at: usize) {
        let query = &mut self.query;
        if at >= query.joins.len() {
            return;
        }
        let prefix = format!("{}.", query.joins.remove(at).qualifier());
        let is_gone = |name: &str| name.starts_with(&prefix);
        // A dataset that was joined through it has nothing to hold on to any more.
        query.joins.retain(|join| !join.on.iter().any(|(here, _)| is_gone(here)));
        query.dimensions.retain(|d| !is_gone(&d.column));
        query.measures.retain(|m| !names_in(m).into_iter().any(is_gone));
        query.columns.retain(|c| !is_gone(c));
        let kept = super::conditions::parts(query.filter.as_ref());
        let fits = |f: &Filter| {
            let mut all = true;
            f.each(&mut |c| all &= !is_gone(&c.column));
            all
        };
        query.filter = super::conditions::all_of(kept.into_iter().filter(fits).collect());
        self.tidy();
    }

    /// Shows a metric.
    pub fn set_metric(&mut self, id: &str) {
        *self = Self {
            kind: ChartKind::Number,
            metric: Some(id.to_owned()),
            forecast: None,
            sql: None,
            query: Query::default(),
            encodings: Encodings::default(),
            options: std::mem::take(&mut self.options),
            free: self.free,
            plugin: Vec::new(),
        };
    }

    /// Draws it another way. Raw rows are grouped where the kind cannot list them.
    pub fn set_kind(&mut self, kind: ChartKind, columns: &[Column], grains: &Grains) {
        let was_raw = self.is_raw();
        if kind != self.kind {
            self.forget_parts();
        }
        self.kind = kind;
        if was_raw && kind != ChartKind::Table {
            let names = std::mem::take(&mut self.query.columns);
            group(&mut self.query, &names, columns, grains);
            // A chart of many things says less than one of two.
            self.query.dimensions.truncate(2);
            self.query.measures.truncate(2);
        }
        if kind == ChartKind::Number {
            // One number has no categories; over time it has a course.
            self.query.dimensions.retain(|d| d.grain.is_some_and(|g| !g.is_folded()));
            self.query.dimensions.truncate(1);
        }
        if !self.free {
            complete::complete(self, columns, grains);
        }
        self.tidy();
        self.lay_out(columns);
    }

    /// A table of rows as they are, or of groups.
    pub fn set_raw(&mut self, raw: bool, columns: &[Column], grains: &Grains) {
        if raw == self.is_raw() {
            return;
        }
        if raw {
            let dimensions = self.query.dimensions.iter().map(|d| d.column.clone());
            let measures = self.query.measures.iter().filter_map(|m| m.column.clone());
            let mut names: Vec<String> = Vec::new();
            for name in dimensions.chain(measures) {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            if names.is_empty() {
                names = columns.iter().take(FIRST_COLUMNS).map(|c| c.name.clone()).collect();
            }
            self.query.dimensions.clear();
            self.query.measures.clear();
            self.query.columns = names;
        } else {
            let names = std::mem::take(&mut self.query.columns);
            group(&mut self.query, &names, columns, grains);
        }
        self.tidy();
    }

    /// Where in the question that lies which stands in a well.
    pub fn slot(&self, well: Well, index: usize) -> Option<Slot> {
        match well {
            Well::Values => Some(Slot::Measure(index)),
            Well::Split => Some(Slot::Dimension(index + 1)),
            Well::Part(at) => self.slots().get(at).copied().flatten(),
            Well::Unused => self.unused().get(index).copied(),
            Well::Columns => None,
            Well::X | Well::Groups | Well::Across => Some(Slot::Dimension(self.pivot_at(well, index))),
        }
    }

    /// The dimension that stands in a well.
    pub fn dimension_mut(&mut self, well: Well, index: usize) -> Option<&mut Dimension> {
        match self.slot(well, index)? {
            Slot::Dimension(at) => self.query.dimensions.get_mut(at),
            Slot::Measure(_) => None,
        }
    }

    /// The measure that stands in a well.
    pub fn measure_mut(&mut self, well: Well, index: usize) -> Option<&mut Measure> {
        match self.slot(well, index)? {
            Slot::Measure(at) => self.query.measures.get_mut(at),
            Slot::Dimension(_) => None,
        }
    }

    /// Sets an option of the chart; nothing takes it away.
    pub fn set_option(&mut self, name: &str, value: Option<Value>) {
        match value {
            Some(value) => _ = self.options.insert(name.to_owned(), value),
            None => _ = self.options.remove(name),
        }
    }
}

/// Every column that a measure speaks of.
fn names_in(measure: &Measure) -> Vec<&str> {
    let mut names: Vec<&str> = measure.column.iter().chain(&measure.by).map(String::as_str).collect();
    if let Some(filter) = &measure.filter {
        filter.each(&mut |c| names.push(&c.column));
    }
    for side in measure.numerator.iter().chain(&measure.denominator) {
        names.extend(names_in(side));
    }
    names
}

/// Whether a question asks for anything.
pub fn asks(query: &Query) -> bool {
    !(query.dimensions.is_empty() && query.measures.is_empty() && query.columns.is_empty())
}

#[cfg(test)]
mod tests;
