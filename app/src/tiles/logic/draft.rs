//! The question of a tile while somebody edits it.

use super::shape::{self, output_names};
use super::wells::{Well, most};
use domain::chart::Encodings;
use domain::dashboard::{DataSource, Tile, TileKind};
use domain::query::{Agg, Dimension, Filter, Grain, Measure, Op, Order, Query, TopN};
use domain::{ChartKind, Column, Role};
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

    /// Where a field goes when it is just added.
    pub fn home_of(&self, pick: &Pick, columns: &[Column]) -> Well {
        if self.is_raw() {
            return Well::Columns;
        }
        let role = match pick {
            Pick::Count => Role::Measure,
            Pick::Column(name) => columns.iter().find(|c| c.name == *name).map_or(Role::Dimension, |c| c.role),
        };
        let has_time = || self.query.dimensions.first().is_some_and(|d| d.grain.is_some_and(|g| !g.is_folded()));
        match role {
            Role::Measure => Well::Values,
            Role::Time if !has_time() => Well::X,
            _ if self.query.dimensions.is_empty() || most(self.kind, false, Well::Split) == 0 => Well::X,
            _ => Well::Split,
        }
    }

    /// Puts a field into a well. A full well gives up its last one.
    pub fn add(&mut self, pick: &Pick, well: Well, columns: &[Column], grains: &Grains) {
        let most = most(self.kind, self.is_raw(), well).max(1);
        let query = &mut self.query;
        match (well, pick) {
            (Well::Columns, Pick::Column(name)) => {
                if !query.columns.contains(name) {
                    query.columns.push(name.clone());
                }
            }
            (Well::Columns, Pick::Count) => {}
            (Well::Values, pick) => {
                query.measures.truncate(most.saturating_sub(1));
                query.measures.push(first_measure(pick, columns));
            }
            // The count of rows is no group: it goes where it belongs.
            (Well::X | Well::Split, Pick::Count) => self.add(pick, Well::Values, columns, grains),
            (Well::X, Pick::Column(name)) => {
                let new = first_dimension(name, columns, grains);
                // A time takes the axis, and what was there splits it, if there is room.
                let moves = new.grain.is_some() && query.dimensions.first().is_some_and(|d| d.grain.is_none());
                let has_room = query.dimensions.len() == 1 && super::wells::most(self.kind, false, Well::Split) > 0;
                let replaces = !(moves && has_room);
                if replaces && !query.dimensions.is_empty() {
                    query.dimensions.remove(0);
                }
                query.dimensions.retain(|d| d.column != *name || d.grain != new.grain);
                query.dimensions.insert(0, new);
            }
            (Well::Split, Pick::Column(name)) => {
                let new = first_dimension(name, columns, grains);
                query.dimensions.retain(|d| *d != new);
                query.dimensions.truncate(most);
                query.dimensions.push(new);
            }
        }
        self.tidy();
    }

    /// Takes a field out of a well.
    pub fn remove(&mut self, well: Well, index: usize) {
        let query = &mut self.query;
        match well {
            Well::Columns if index < query.columns.len() => _ = query.columns.remove(index),
            Well::Values if index < query.measures.len() => _ = query.measures.remove(index),
            Well::X if index < query.dimensions.len() => _ = query.dimensions.remove(index),
            Well::Split if index + 1 < query.dimensions.len() => _ = query.dimensions.remove(index + 1),
            _ => {}
        }
        self.tidy();
    }

    /// Moves a field of a well one place towards the front, or the back.
    pub fn shift(&mut self, well: Well, index: usize, forward: bool) {
        let query = &mut self.query;
        let swap = |length: usize| {
            let other = if forward { index.checked_sub(1)? } else { index + 1 };
            (index < length && other < length).then_some(other)
        };
        match well {
            Well::Columns => {
                if let Some(other) = swap(query.columns.len()) {
                    query.columns.swap(index, other);
                }
            }
            Well::Values => {
                if let Some(other) = swap(query.measures.len()) {
                    query.measures.swap(index, other);
                }
            }
            Well::X | Well::Split => {
                let at = if well == Well::X { index } else { index + 1 };
                let other = if forward { at.checked_sub(1) } else { Some(at + 1) };
                if let Some(other) = other.filter(|o| at.max(*o) < query.dimensions.len()) {
                    query.dimensions.swap(at, other);
                }
            }
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

    /// After a change of fields: parts are named anew, and what spoke of a field that is gone goes.
    pub fn tidy(&mut self) {
        let names = output_names(&self.query);
        let query = &mut self.query;
        let groups = query.dimensions.len();
        self.encodings = Encodings::default();
        let splits = !matches!(self.kind, ChartKind::Table | ChartKind::Number | ChartKind::Pie);
        if groups > 1 && splits {
            self.encodings.color = names.get(1).cloned();
            if self.kind != ChartKind::Scatter {
                self.encodings.x = names.first().cloned();
            }
        }
        let known = |name: &String| {
            names.contains(name) || query.dimensions.iter().any(|d| d.column == *name) || !query.columns.is_empty()
        };
        query.order.retain(|order| known(&order.by));
        let mut having_fits = true;
        if let Some(having) = &query.having {
            having.each(&mut |c| having_fits &= names.contains(&c.column));
        }
        if !having_fits {
            query.having = None;
        }
        let top_fits = |f: &Filter| match f {
            Filter::Is(c) if c.op == Op::TopN => {
                serde_json::from_value::<TopN>(c.value.clone()).is_ok_and(|top| names.contains(&top.by))
            }
            _ => true,
        };
        if query.filter.is_some() {
            let parts = super::conditions::parts(query.filter.as_ref());
            query.filter = super::conditions::all_of(parts.into_iter().filter(top_fits).collect());
        }
    }
}

/// Whether a question asks for anything.
pub fn asks(query: &Query) -> bool {
    !(query.dimensions.is_empty() && query.measures.is_empty() && query.columns.is_empty())
}

/// A first chart of a dataset: how many rows over time, or by its first category.
fn first_question(query: &mut Query, kind: ChartKind, columns: &[Column], grains: &Grains) {
    if kind == ChartKind::Table {
        query.columns = columns.iter().take(FIRST_COLUMNS).map(|c| c.name.clone()).collect();
        return;
    }
    query.measures = vec![Measure::count()];
    let by_role = |role: Role| columns.iter().find(|c| c.role == role);
    let prefers_time = !matches!(kind, ChartKind::Pie | ChartKind::Row);
    let group = match prefers_time {
        true => by_role(Role::Time).or_else(|| by_role(Role::Dimension)),
        false => by_role(Role::Dimension).or_else(|| by_role(Role::Time)),
    };
    if kind != ChartKind::Number {
        query.dimensions = group.into_iter().map(|c| first_dimension(&c.name, columns, grains)).collect();
    }
}

/// Groups by the named columns: times and categories apart, numbers summed.
fn group(query: &mut Query, names: &[String], columns: &[Column], grains: &Grains) {
    for name in names {
        match columns.iter().find(|c| c.name == *name) {
            Some(column) if column.ty.is_time() && query.dimensions.iter().all(|d| d.grain.is_none()) => {
                query.dimensions.insert(0, first_dimension(name, columns, grains));
            }
            Some(column) if column.ty.is_number() && column.role == Role::Measure => {
                query.measures.push(first_measure(&Pick::Column(name.clone()), columns));
            }
            _ => query.dimensions.push(Dimension { column: name.clone(), ..Dimension::default() }),
        }
    }
    if query.measures.is_empty() {
        query.measures.push(Measure::count());
    }
}

fn first_dimension(name: &str, columns: &[Column], grains: &Grains) -> Dimension {
    let column = columns.iter().find(|c| c.name == name);
    let grain = column.filter(|c| c.ty.is_time()).map(|_| grains.get(name).copied().unwrap_or(Grain::Month));
    // Numbers that are measured have too many values to be a group each.
    let bin = column.filter(|c| c.ty.is_number() && c.role == Role::Measure).map(|_| domain::query::Bin::Count(20));
    Dimension { column: name.to_owned(), grain, bin, alias: None }
}

/// Numbers are summed, parts of a whole averaged, everything else counted.
fn first_measure(pick: &Pick, columns: &[Column]) -> Measure {
    let Pick::Column(name) = pick else { return Measure::count() };
    let column = columns.iter().find(|c| c.name == *name);
    let is_part = column.and_then(|c| c.format.as_ref()).is_some_and(|f| f.style == domain::format::Style::Percent);
    let agg = match column {
        Some(c) if c.ty.is_number() && c.role == Role::Measure => {
            if is_part {
                Agg::Avg
            } else {
                Agg::Sum
            }
        }
        Some(c) if c.ty.is_time() => Agg::Max,
        _ => Agg::CountDistinct,
    };
    Measure::of(agg, name)
}

#[cfg(test)]
#[path = "draft_tests.rs"]
mod tests;
