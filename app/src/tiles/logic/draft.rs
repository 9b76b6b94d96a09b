//! The question of a tile while somebody edits it.

mod fields;
mod first;

use super::shape;
use super::wells::Well;
use domain::chart::Encodings;
use domain::dashboard::{DataSource, Tile, TileKind};
use domain::query::{Agg, Dimension, Filter, Grain, Measure, Order, Query};
use domain::{ChartKind, Column};
use first::{first_question, group};
use serde_json::{Map, Value};
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
}

/// A tile's question in the form that is edited.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    pub kind: ChartKind,
    pub metric: Option<String>,
    pub query: Query,
    pub encodings: Encodings,
    pub options: Map<String, Value>,
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
            (None, None) => Query::default(),
        };
        let mut draft =
            Self { kind, metric: source.metric, query, encodings: source.encodings, options: source.options };
        draft.bring_x_first(columns);
        draft
    }

    /// The tile with this question.
    pub fn into_tile(self, tile: &Tile) -> Tile {
        let kind = match self.kind {
            ChartKind::Table => TileKind::Table,
            ChartKind::Number => TileKind::Metric,
            _ => TileKind::Chart,
        };
        let has_source = self.metric.is_some() || !self.query.dataset.is_empty();
        let source = DataSource {
            query: self.metric.is_none().then_some(self.query),
            metric: self.metric,
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
        self.kind == ChartKind::Table && !self.query.columns.is_empty()
    }

    /// Whether there is something to answer.
    pub fn asks(&self) -> bool {
        asks(&self.query) || self.metric.is_some()
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
            first_question(query, self.kind, columns, grains);
        } else if query.columns.is_empty() && query.measures.is_empty() {
            query.measures.push(Measure::count());
        }
        self.tidy();
    }

    /// Shows a metric.
    pub fn set_metric(&mut self, id: &str) {
        *self = Self {
            kind: ChartKind::Number,
            metric: Some(id.to_owned()),
            query: Query::default(),
            encodings: Encodings::default(),
            options: std::mem::take(&mut self.options),
        };
    }

    /// Draws it another way. Raw rows are grouped where the kind cannot list them.
    pub fn set_kind(&mut self, kind: ChartKind, columns: &[Column], grains: &Grains) {
        let was_raw = self.is_raw();
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
        self.tidy();
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

    /// The dimension that stands in a well.
    pub fn dimension_mut(&mut self, well: Well, index: usize) -> Option<&mut Dimension> {
        self.query.dimensions.get_mut(if well == Well::X { index } else { index + 1 })
    }

    /// Sorts by an output, or as the chart does by itself.
    pub fn set_sort(&mut self, order: Option<Order>) {
        self.query.order = order.into_iter().collect();
    }

    /// Sets an option of the chart; nothing takes it away.
    pub fn set_option(&mut self, name: &str, value: Option<Value>) {
        match value {
            Some(value) => _ = self.options.insert(name.to_owned(), value),
            None => _ = self.options.remove(name),
        }
    }
}

/// Whether a question asks for anything.
pub fn asks(query: &Query) -> bool {
    !(query.dimensions.is_empty() && query.measures.is_empty() && query.columns.is_empty())
}

#[cfg(test)]
mod tests;
