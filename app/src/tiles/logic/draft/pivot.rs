//! The groups of a pivot table: first those that run down, then those that run across. Which is which
//! stands in the chart's options, by the names of the outputs.

use super::first::next_dimension;
use super::{Draft, Grains};
use crate::tiles::logic::shape::{fields, output_names};
use crate::tiles::logic::wells::Well;
use domain::{ChartKind, ChartSpec, Column};
use serde_json::Value;

impl Draft {
    /// How many groups run down; the rest run across.
    pub fn rows(&self) -> usize {
        let names = output_names(&self.query);
        let listed = self.options.get("columns").and_then(Value::as_array);
        let is_across = |name: &String| listed.is_some_and(|l| l.iter().any(|c| c.as_str() == Some(name)));
        let groups = self.query.dimensions.len();
        groups - names.iter().take(groups).rev().take_while(|name| is_across(name)).count()
    }

    /// Writes down which groups run down: the first so many.
    pub(super) fn set_rows(&mut self, rows: usize) {
        let mut names = output_names(&self.query);
        names.truncate(self.query.dimensions.len());
        let across = names.split_off(rows.min(names.len()));
        self.options.insert("rows".into(), names.into());
        self.options.insert("columns".into(), across.into());
    }

    /// Orders the groups as the options, or else the chart itself, lay them out.
    pub(super) fn lay_out(&mut self, columns: &[Column]) {
        // Where the question comes first, the chart lays out what it finds.
        if self.kind != ChartKind::Pivot || self.free {
            self.options.remove("rows");
            self.options.remove("columns");
            return;
        }
        let spec = ChartSpec::new(self.kind, self.encodings.clone(), self.options.clone());
        let plan = charts::pivot_plan(&spec, &fields(&self.query, columns));
        let names = output_names(&self.query);
        let place = |at: &usize| {
            let name = &names[*at];
            let down = plan.rows.iter().position(|n| n == name);
            let across = plan.columns.iter().position(|n| n == name).map(|i| plan.rows.len() + i);
            down.or(across).unwrap_or(usize::MAX)
        };
        let mut order: Vec<usize> = (0..self.query.dimensions.len()).collect();
        order.sort_by_key(place);
        let groups = std::mem::take(&mut self.query.dimensions);
        // What has no place yet comes last, and so runs across.
        self.query.dimensions = order.into_iter().filter_map(|at| groups.get(at).cloned()).collect();
        self.set_rows(plan.rows.len());
    }

    /// Puts a column down or across. Says `false` where it is there already.
    pub(super) fn add_to_pivot(&mut self, name: &str, well: Well, columns: &[Column], grains: &Grains) -> bool {
        let Some(new) = next_dimension(&self.query.dimensions, name, columns, grains) else { return false };
        let (rows, room) = (self.rows(), self.most(well).max(1));
        let groups = &mut self.query.dimensions;
        if well == Well::Across {
            groups.truncate(rows + room - 1);
            groups.push(new);
            self.set_rows(rows);
        } else {
            let at = rows.min(room - 1);
            if rows >= room {
                groups.remove(at);
            }
            groups.insert(at, new);
            self.set_rows(at + 1);
        }
        self.tidy();
        true
    }

    /// The position among all groups of one in a well of a pivot table.
    pub(super) fn pivot_at(&self, well: Well, index: usize) -> usize {
        if well == Well::Across { self.rows() + index } else { index }
    }
}
