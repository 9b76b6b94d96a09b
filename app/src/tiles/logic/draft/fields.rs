//! Fields into wells and out of them, and what follows from it.

use super::first::{first_dimension, next_dimension, next_measure};
use super::{Draft, Grains, Pick};
use crate::tiles::logic::conditions::{all_of, parts, top_ten};
use crate::tiles::logic::shape::output_names;
use crate::tiles::logic::wells::Well;
use domain::chart::Encodings;
use domain::query::{Dimension, Dir, Filter, Op, TopN};
use domain::{ChartKind, Column, Role};

impl Draft {
    /// Where a field goes when it is just added.
    pub fn home_of(&self, pick: &Pick, columns: &[Column]) -> Well {
        if self.is_raw() {
            return Well::Columns;
        }
        let role = match pick {
            Pick::Count | Pick::CountIf | Pick::Ratio | Pick::Metric(_) => Role::Measure,
            Pick::Column(name) => columns.iter().find(|c| c.name == *name).map_or(Role::Dimension, |c| c.role),
        };
        let has_time = || self.query.dimensions.first().is_some_and(|d| d.grain.is_some_and(|g| !g.is_folded()));
        if let (false, ChartKind::Plugin(_)) = (self.free, self.kind) {
            return Well::Part(self.home_part(pick, columns).unwrap_or_default());
        }
        match role {
            Role::Measure => Well::Values,
            _ if self.kind == ChartKind::Pivot && !self.free => {
                let rows = self.rows();
                if rows > 0 && rows == self.query.dimensions.len() { Well::Across } else { Well::Groups }
            }
            _ if self.free => Well::Groups,
            Role::Time if !has_time() => Well::X,
            _ if self.query.dimensions.is_empty() || self.most(Well::Split) == 0 => Well::X,
            _ => Well::Split,
        }
    }

    /// Puts a field into a well. A full well gives up its last one. Says `false`, and changes
    /// nothing, where the well has it already.
    pub fn add(&mut self, pick: &Pick, well: Well, columns: &[Column], grains: &Grains) -> bool {
        let room = self.most(well).max(1);
        let room_to_split = self.most(Well::Split) > 0;
        let query = &mut self.query;
        match (well, pick) {
            (Well::Part(at), pick) => return self.add_part(pick, at, columns, grains),
            (Well::Unused, _) => return false,
            (Well::Columns, Pick::Column(name)) => {
                if query.columns.contains(name) {
                    return false;
                }
                query.columns.push(name.clone());
            }
            (Well::Columns, _) => return false,
            (Well::Values, pick) => {
                let kept = query.measures.len().min(room - 1);
                let Some(new) = next_measure(&query.measures[..kept], pick, columns) else { return false };
                if query.measures[kept..].contains(&new) {
                    return false;
                }
                query.measures.truncate(kept);
                query.measures.push(new);
            }
            (Well::Groups | Well::Across, Pick::Column(name)) if !self.free => {
                return self.add_to_pivot(name, well, columns, grains);
            }
            (Well::Groups | Well::Across, Pick::Column(name)) => {
                let Some(new) = next_dimension(&query.dimensions, name, columns, grains) else { return false };
                // Time comes first: it is what runs along an axis.
                let is_time = |d: &Dimension| d.grain.is_some_and(|g| !g.is_folded());
                let leads = is_time(&new) && !query.dimensions.iter().any(is_time);
                query.dimensions.insert(if leads { 0 } else { query.dimensions.len() }, new);
            }
            (Well::X, Pick::Column(name)) => {
                if query.dimensions.first().is_some_and(|d| d.column == *name) {
                    return false;
                }
                let new = first_dimension(name, columns, grains);
                // A time takes the axis, and what was there splits it, if there is room.
                let moves = new.grain.is_some() && query.dimensions.first().is_some_and(|d| d.grain.is_none());
                let has_room = query.dimensions.len() == 1 && room_to_split;
                let replaces = !(moves && has_room);
                if replaces && !query.dimensions.is_empty() {
                    query.dimensions.remove(0);
                }
                query.dimensions.retain(|d| d.column != *name || d.grain != new.grain);
                query.dimensions.insert(0, new);
            }
            (Well::Split, Pick::Column(name)) => {
                let Some(new) = next_dimension(&query.dimensions, name, columns, grains) else { return false };
                query.dimensions.truncate(room);
                query.dimensions.push(new);
            }
            // A number is no group: it goes where it belongs.
            (Well::X | Well::Split | Well::Groups | Well::Across, _) => {
                return self.add(pick, Well::Values, columns, grains);
            }
        }
        self.tidy();
        self.keep_top();
        true
    }

    /// "The first 12 bars" is a matter of bars: split in two, they would be cut to six. The limit
    /// becomes a condition on the bars themselves.
    fn keep_top(&mut self) {
        let names = output_names(&self.query);
        let query = &mut self.query;
        let (Some(limit), [bars, _, ..], [order, ..]) = (query.limit, &query.dimensions[..], &query.order[..]) else {
            return;
        };
        let is_measure = names.iter().skip(query.dimensions.len()).any(|name| *name == order.by);
        let plain = bars.grain.is_none() && bars.bin.is_none();
        if self.free
            || matches!(self.kind, ChartKind::Table | ChartKind::Plugin(_))
            || order.dir != Dir::Desc
            || !is_measure
            || !plain
            || limit > 1_000
        {
            return;
        }
        let mut top = top_ten(&bars.column, &order.by);
        let count = TopN { n: u32::try_from(limit).unwrap_or(10), by: order.by.clone(), others: false };
        top.value = serde_json::to_value(count).unwrap_or_default();
        let mut all = parts(query.filter.as_ref());
        all.push(Filter::Is(top));
        query.filter = all_of(all);
        query.limit = None;
    }

    /// Takes a field out of a well.
    pub fn remove(&mut self, well: Well, index: usize) {
        let (rows, at) = (self.rows(), self.pivot_at(well, index));
        let query = &mut self.query;
        match well {
            Well::Part(_) | Well::Unused => return self.remove_part(well, index),
            Well::Columns if index < query.columns.len() => _ = query.columns.remove(index),
            Well::Values if index < query.measures.len() => _ = query.measures.remove(index),
            Well::X | Well::Groups | Well::Across if at < query.dimensions.len() => _ = query.dimensions.remove(at),
            Well::Split if index + 1 < query.dimensions.len() => _ = query.dimensions.remove(index + 1),
            _ => {}
        }
        if self.kind == ChartKind::Pivot {
            self.set_rows(rows - usize::from(well == Well::Groups && index < rows));
        }
        self.tidy();
    }

    /// Moves a field of a well one place towards the front, or the back.
    pub fn shift(&mut self, well: Well, index: usize, forward: bool) {
        let (rows, first) = (self.rows(), self.pivot_at(well, index));
        let is_pivot = self.kind == ChartKind::Pivot && !self.free;
        let query = &mut self.query;
        let swap = |length: usize| {
            let other = if forward { index.checked_sub(1)? } else { index + 1 };
            (index < length && other < length).then_some(other)
        };
        match well {
            // One place each.
            Well::Part(_) | Well::Unused => return,
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
            Well::X | Well::Split | Well::Groups | Well::Across => {
                let at = if well == Well::Split { index + 1 } else { first };
                let other = if forward { at.checked_sub(1) } else { Some(at + 1) };
                // Down stays down, and across stays across.
                let stays = |o: &usize| !is_pivot || (at < rows) == (*o < rows);
                if let Some(other) = other.filter(|o| at.max(*o) < query.dimensions.len() && stays(o)) {
                    query.dimensions.swap(at, other);
                }
            }
        }
        if is_pivot {
            self.set_rows(rows);
        }
        self.tidy();
    }

    /// After a change of fields: parts are named anew, and what spoke of a field that is gone goes.
    pub fn tidy(&mut self) {
        let names = output_names(&self.query);
        let query = &mut self.query;
        let groups = query.dimensions.len();
        self.encodings = Encodings::default();
        let splits = !matches!(
            self.kind,
            ChartKind::Table
                | ChartKind::Number
                | ChartKind::Pie
                | ChartKind::Pivot
                | ChartKind::Map
                | ChartKind::Plugin(_)
        );
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
            let parts = parts(query.filter.as_ref());
            query.filter = all_of(parts.into_iter().filter(top_fits).collect());
        }
    }
}
