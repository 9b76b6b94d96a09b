//! A plug-in and its encodings: each is a well of one field. Which output of the question plays which
//! part stands in the chart's options, by the name of the encoding.

use super::complete::{Stock, is_moment};
use super::first::{next_dimension, next_measure};
use super::{Draft, Grains, Pick};
use crate::tiles::logic::shape::{fields, output_names};
use crate::tiles::logic::wells::Well;
use domain::plugin::{ChartPlugin, Encoding, Takes};
use domain::query::{Agg, Dimension, Measure};
use domain::{Column, Role};
use serde_json::Value;

/// Where in a question something lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    Dimension(usize),
    Measure(usize),
}

/// The aggregate that an encoding of this name is after.
fn meant(name: &str) -> Option<Agg> {
    match name {
        "low" | "lower" | "min" | "minimum" => Some(Agg::Min),
        "middle" | "mid" | "median" => Some(Agg::Median),
        "high" | "upper" | "max" | "maximum" => Some(Agg::Max),
        _ => None,
    }
}

impl Draft {
    /// Learns what its plug-in takes. A part that nothing was said about gets the output that the chart
    /// itself would give it.
    pub fn know(&mut self, plugins: &[ChartPlugin], columns: &[Column]) {
        let Some(own) = plugins.iter().find(|p| p.kind() == Some(self.kind)) else { return };
        self.plugin.clone_from(&own.template.encodings);
        if !self.free {
            let shape = fields(&self.query, columns);
            let chosen = charts::plugin::columns(&self.plugin, &self.options, &shape);
            for (e, column) in self.plugin.iter().zip(chosen) {
                if let Some(field) = column.and_then(|c| shape.get(c)) {
                    self.options.insert(e.name.clone(), Value::from(field.name.as_str()));
                }
            }
        }
    }

    /// Draws it by a plug-in.
    pub fn set_plugin(&mut self, plugin: &ChartPlugin, columns: &[Column], grains: &Grains) {
        let Some(kind) = plugin.kind() else { return };
        if kind != self.kind {
            self.forget_parts();
            self.kind = kind;
        }
        self.plugin.clone_from(&plugin.template.encodings);
        self.set_kind(kind, columns, grains);
    }

    /// What its parts are is no option of another kind.
    pub(super) fn forget_parts(&mut self) {
        for e in std::mem::take(&mut self.plugin) {
            self.options.remove(&e.name);
        }
    }

    /// What each encoding is.
    pub fn slots(&self) -> Vec<Option<Slot>> {
        let names = output_names(&self.query);
        let groups = self.query.dimensions.len();
        let slot = |e: &Encoding| {
            let name = self.options.get(&e.name)?.as_str()?;
            let at = names.iter().position(|n| n == name)?;
            let measure = || Slot::Measure(at - groups);
            if at < groups {
                Some(Slot::Dimension(at))
            } else {
                (at < groups + self.query.measures.len()).then(measure)
            }
        };
        self.plugin.iter().map(slot).collect()
    }

    /// What of the question no encoding is.
    pub fn unused(&self) -> Vec<Slot> {
        let slots = self.slots();
        let dimensions = (0..self.query.dimensions.len()).map(Slot::Dimension);
        let all = dimensions.chain((0..self.query.measures.len()).map(Slot::Measure));
        all.filter(|slot| !slots.contains(&Some(*slot))).collect()
    }

    /// Writes down what each encoding is.
    fn set_slots(&mut self, slots: &[Option<Slot>]) {
        let names = output_names(&self.query);
        let groups = self.query.dimensions.len();
        for (e, slot) in self.plugin.iter().zip(slots) {
            let at = slot.map(|slot| match slot {
                Slot::Dimension(at) => at,
                Slot::Measure(at) => groups + at,
            });
            match at.and_then(|at| names.get(at)) {
                Some(name) => _ = self.options.insert(e.name.clone(), Value::from(name.as_str())),
                None => _ = self.options.remove(&e.name),
            }
        }
    }

    /// After a change of details, such as another aggregate, outputs have other names: the parts follow.
    pub fn follow_names(&mut self, before: &Self) {
        let size = |d: &Self| (d.query.dimensions.len(), d.query.measures.len());
        if !self.plugin.is_empty() && !self.free && size(self) == size(before) && self.options == before.options {
            self.set_slots(&before.slots());
        }
    }

    /// Whether an encoding takes a field.
    pub fn part_takes(&self, at: usize, pick: &Pick, columns: &[Column]) -> bool {
        let column = |name: &String| columns.iter().find(|c| c.name == *name);
        match (self.plugin.get(at).map(|e| e.takes), pick) {
            (None, _) => false,
            (Some(Takes::Measure | Takes::Any), _) | (Some(Takes::Group), Pick::Column(_)) => true,
            (Some(Takes::Time), Pick::Column(name)) => column(name).is_some_and(|c| c.ty.is_time()),
            (Some(Takes::Group | Takes::Time), _) => false,
        }
    }

    /// The encoding that a field is best for: a free one first.
    pub(super) fn home_part(&self, pick: &Pick, columns: &[Column]) -> Option<usize> {
        let measures = is_number(pick, columns);
        let slots = self.slots();
        let suits = |at: &usize| match self.plugin[*at].takes {
            Takes::Measure => measures,
            Takes::Group | Takes::Time => !measures && self.part_takes(*at, pick, columns),
            Takes::Any => true,
        };
        let fitting: Vec<usize> = (0..self.plugin.len()).filter(suits).collect();
        let free = fitting.iter().find(|at| slots[**at].is_none());
        free.or(fitting.last()).copied()
    }

    /// Puts a field into the place of an encoding. Says `false` where it is there already.
    pub(super) fn add_part(&mut self, pick: &Pick, at: usize, columns: &[Column], grains: &Grains) -> bool {
        let Some(takes) = self.plugin.get(at).map(|e| e.takes) else { return false };
        if !self.part_takes(at, pick, columns) {
            // A number is no group: it goes where it belongs.
            let home = self.home_part(pick, columns).filter(|home| *home != at);
            return home.is_some_and(|home| self.add_part(pick, home, columns, grains));
        }
        let as_measure = takes == Takes::Measure || (takes == Takes::Any && is_number(pick, columns));
        let mut slots = self.slots();
        let query = &mut self.query;
        match (as_measure, slots[at], pick) {
            (true, Some(Slot::Measure(own)), _) => {
                let others: Vec<Measure> = others(&query.measures, own);
                let Some(new) = next_measure(&others, pick, columns).filter(|new| *new != query.measures[own]) else {
                    return false;
                };
                query.measures[own] = new;
            }
            (true, ..) => {
                let Some(new) = next_measure(&query.measures, pick, columns) else { return false };
                query.measures.push(new);
                slots[at] = Some(Slot::Measure(query.measures.len() - 1));
            }
            (false, Some(Slot::Dimension(own)), Pick::Column(name)) => {
                if query.dimensions[own].column == *name {
                    return false;
                }
                let others: Vec<Dimension> = others(&query.dimensions, own);
                let Some(new) = next_dimension(&others, name, columns, grains) else { return false };
                query.dimensions[own] = new;
            }
            (false, _, Pick::Column(name)) => {
                let Some(new) = next_dimension(&query.dimensions, name, columns, grains) else { return false };
                query.dimensions.push(new);
                slots[at] = Some(Slot::Dimension(query.dimensions.len() - 1));
            }
            (false, ..) => return false,
        }
        self.set_slots(&slots);
        self.tidy();
        true
    }

    /// Takes a field out of a place.
    pub(super) fn remove_part(&mut self, well: Well, index: usize) {
        let Some(gone) = self.slot(well, index) else { return };
        let mut slots = self.slots();
        match gone {
            Slot::Dimension(at) => _ = self.query.dimensions.remove(at),
            Slot::Measure(at) => _ = self.query.measures.remove(at),
        }
        for slot in &mut slots {
            *slot = match (*slot, gone) {
                (Some(own), gone) if own == gone => None,
                (Some(Slot::Dimension(own)), Slot::Dimension(at)) if own > at => Some(Slot::Dimension(own - 1)),
                (Some(Slot::Measure(own)), Slot::Measure(at)) if own > at => Some(Slot::Measure(own - 1)),
                (kept, _) => kept,
            };
        }
        self.set_slots(&slots);
        self.tidy();
    }

    /// Fills the parts with what the question has and what the dataset offers; the rest goes.
    pub(super) fn complete_parts(&mut self, stock: &Stock<'_>) {
        if self.plugin.is_empty() {
            return;
        }
        let (mut dimensions, mut measures) = (Vec::new(), Vec::new());
        let mut had: Vec<Dimension> = std::mem::take(&mut self.query.dimensions);
        let mut numbers: Vec<Measure> = std::mem::take(&mut self.query.measures);
        let wanted: Vec<&Encoding> =
            self.plugin.iter().filter(|e| matches!(e.takes, Takes::Measure | Takes::Any) && e.required).collect();
        if numbers.len() < wanted.len() && wanted.iter().all(|e| meant(&e.name).is_some()) {
            let own = numbers.iter().find_map(|m| m.column.clone());
            let column = own.or_else(|| stock.number(&[]).map(|c| c.name.clone()));
            let made = |column: String| {
                wanted.iter().filter_map(|e| Some(Measure::of(meant(&e.name)?, &column))).collect::<Vec<_>>()
            };
            numbers = column.map(made).unwrap_or(numbers);
        }
        let mut slots = Vec::new();
        for e in &self.plugin {
            let slot = match e.takes {
                Takes::Measure | Takes::Any => {
                    let own = (!numbers.is_empty()).then(|| numbers.remove(0));
                    let first = || stock.number(&measures).map(|c| Pick::Column(c.name.clone())).unwrap_or(Pick::Count);
                    let more = || next_measure(&measures, &first(), stock.columns).filter(|_| e.required);
                    own.or_else(more).map(|m| {
                        measures.push(m);
                        Slot::Measure(measures.len() - 1)
                    })
                }
                Takes::Group | Takes::Time => {
                    let fits = |d: &Dimension| e.takes == Takes::Group || is_moment(d);
                    let own = had.iter().position(fits).map(|at| had.remove(at));
                    let time = || stock.time().filter(|t| dimensions.iter().all(|d: &Dimension| d.column != t.column));
                    let more = || match e.takes {
                        Takes::Group => stock.category(&dimensions).or_else(time),
                        _ => time(),
                    };
                    own.or_else(|| more().filter(|_| e.required)).map(|d| {
                        dimensions.push(d);
                        Slot::Dimension(dimensions.len() - 1)
                    })
                }
            };
            slots.push(slot);
        }
        (self.query.dimensions, self.query.measures) = (dimensions, measures);
        self.set_slots(&slots);
    }
}

fn others<T: Clone>(all: &[T], own: usize) -> Vec<T> {
    all.iter().enumerate().filter(|(i, _)| *i != own).map(|(_, one)| one.clone()).collect()
}

fn is_number(pick: &Pick, columns: &[Column]) -> bool {
    match pick {
        Pick::Column(name) => columns.iter().any(|c| c.name == *name && c.role == Role::Measure),
        Pick::Count | Pick::CountIf | Pick::Ratio | Pick::Metric(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tiles::logic::testing::flights;
    use domain::{ChartKind, Tile};
    use serde_json::json;

    fn range() -> ChartPlugin {
        let text = include_str!("../../../../../docs/plugin-charts/range.json");
        ChartPlugin { id: "range".into(), template: charts::plugin::check(text).unwrap(), ..ChartPlugin::default() }
    }

    fn tile(kind: &str, options: Value) -> Tile {
        let json = json!({"type": "chart", "chart_type": kind, "data_source": {"options": options, "query": {"dataset": "flights",
            "dimensions": [{"column": "origin"}], "measures": [{"agg": "avg", "column": "dep_delay"}]}}});
        serde_json::from_value(json).unwrap()
    }

    fn names(draft: &Draft) -> Vec<&str> {
        let part = |e: &Encoding| draft.options.get(&e.name).and_then(Value::as_str).unwrap_or_default();
        draft.plugin.iter().map(part).collect()
    }

    #[test]
    fn a_plugin_begins_with_something_to_see() {
        let mut draft = Draft::of(&tile("bar", json!({})), &flights(), &Grains::new());
        draft.set_plugin(&range(), &flights(), &Grains::new());
        assert_eq!(names(&draft), ["origin", "min_dep_delay", "median_dep_delay", "max_dep_delay"]);
        assert!(draft.unused().is_empty());
        let labels: Vec<String> = draft.wells().iter().map(|w| w.label.to_string()).collect();
        assert_eq!(labels, ["One bar for each", "Low", "Middle", "High"]);
        let shape = fields(&draft.query, &flights());
        assert_eq!(charts::plugin::suits(&range().template, &shape), None);
        // Another kind knows nothing of its parts.
        draft.set_kind(ChartKind::Bar, &flights(), &Grains::new());
        assert!(draft.options.is_empty() && draft.plugin.is_empty());
    }

    #[test]
    fn parts_follow_what_is_edited() {
        let mut draft = Draft::of(&tile("bar", json!({})), &flights(), &Grains::new());
        draft.set_plugin(&range(), &flights(), &Grains::new());
        let before = draft.clone();
        draft.measure_mut(Well::Part(1), 0).unwrap().agg = Some(Agg::Avg);
        draft.follow_names(&before);
        assert_eq!(names(&draft), ["origin", "avg_dep_delay", "median_dep_delay", "max_dep_delay"]);
        draft.remove(Well::Part(1), 0);
        assert_eq!(names(&draft), ["origin", "", "median_dep_delay", "max_dep_delay"]);
        assert!(draft.add(&Pick::Count, Well::Part(1), &flights(), &Grains::new()));
        assert_eq!(names(&draft), ["origin", "count", "median_dep_delay", "max_dep_delay"]);
        // A number goes to where numbers go; a category takes the place of the one before.
        draft.remove(Well::Part(3), 0);
        assert!(draft.add(&Pick::Ratio, Well::Part(0), &flights(), &Grains::new()));
        assert_eq!(draft.slots()[3], Some(Slot::Measure(2)));
        assert!(draft.add(&Pick::Column("carrier".into()), Well::Part(0), &flights(), &Grains::new()));
        assert_eq!((names(&draft)[0], draft.query.dimensions.len()), ("carrier", 1));
        assert!(!draft.add(&Pick::Column("carrier".into()), Well::Part(0), &flights(), &Grains::new()));
    }

    #[test]
    fn a_stored_tile_knows_its_parts() {
        let options = json!({"high": "avg_dep_delay"});
        let mut draft = Draft::of(&tile("plugin:range", options), &flights(), &Grains::new());
        draft.know(&[range()], &flights());
        assert_eq!(names(&draft), ["origin", "", "", "avg_dep_delay"]);
        assert_eq!(draft.home_of(&Pick::Count, &flights()), Well::Part(1));
        draft.query.measures.push(Measure::count());
        assert_eq!(draft.unused(), [Slot::Measure(1)]);
        draft.remove(Well::Unused, 0);
        assert_eq!(draft.query.measures.len(), 1);
    }
}
