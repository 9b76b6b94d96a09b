//! Where rows lie along the axis of categories or of time.
//!
//! Moments are drawn in one of two ways. Fine ones (seconds to days, raw timestamps) lie on a
//! continuous time axis: there may be thousands, unevenly spaced, and the axis chooses which to
//! name. Coarse ones (weeks to years), parts of the cycle (weekday, hour of day) and everything
//! under bars are categories: "Q1 2024" then stands under its own mark, where a time axis would
//! put a tick at some first of January near it, and months are equally wide. So that categories do
//! not hide a month without rows, the missing periods between the first and the last are put in.

use crate::calendar::{periods, wall_ms};
use crate::roles::is_moment;
use domain::query::Grain;
use domain::{Cell, Field, Table};
use std::collections::{HashMap, HashSet};

/// The members of an axis and which of them each row belongs to.
#[derive(Debug, Default)]
pub(crate) struct Places {
    /// In the order they are drawn. Unique. Times as ISO 8601.
    pub(crate) labels: Vec<String>,
    /// On a time axis: milliseconds by the clock of the answer.
    pub(crate) times: Option<Vec<i64>>,
    /// `None` for rows that have no place on a time axis.
    pub(crate) of_row: Vec<Option<usize>>,
}

/// No axis grows beyond this by missing periods.
const MOST_PERIODS: usize = 2000;

/// What stands for NULL where a group needs a name.
pub(crate) const EMPTY: &str = "(empty)";

/// The plain name of a member. Times stay ISO 8601: the reader's language decides how they are shown.
pub(crate) fn member(cell: &Cell, field: &Field) -> String {
    match cell {
        Cell::Null => EMPTY.to_owned(),
        Cell::Text(t) if t.is_empty() => "(blank)".to_owned(),
        // Only the date matters, and an offset would shift it in a browser elsewhere.
        Cell::Text(t) if is_moment(field) && is_coarse(field.grain) => t.get(..10).unwrap_or(t).to_owned(),
        other => other.to_text(),
    }
}

fn is_coarse(grain: Option<Grain>) -> bool {
    matches!(grain, Some(Grain::Day | Grain::Week | Grain::Month | Grain::Quarter | Grain::Year))
}

fn is_fine(grain: Option<Grain>) -> bool {
    matches!(grain, None | Some(Grain::Second | Grain::Minute | Grain::Hour | Grain::Day))
}

impl Places {
    /// The places of the rows of column `x`; without one each row has its own. `continuous` allows
    /// a time axis, and puts numbers in their order.
    pub(crate) fn of(table: &Table, x: Option<usize>, continuous: bool) -> Self {
        let Some(x) = x else {
            let rows = table.row_count();
            let labels = (1..=rows).map(|r| r.to_string()).collect();
            return Self { labels, times: None, of_row: (0..rows).map(Some).collect() };
        };
        let (field, cells) = (&table.columns[x], &table.data[x]);
        if continuous && is_moment(field) && is_fine(field.grain) {
            return Self::on_time_line(cells);
        }
        let mut found = Self::found(cells, field);
        let folded = field.grain.is_some_and(|g| g.is_folded());
        if is_moment(field) {
            found.sort_by(cells, |a, b| a.as_str().cmp(&b.as_str()));
            found.fill_in(field.grain);
        } else if folded || (continuous && field.ty.is_number()) {
            found.sort_by(cells, |a, b| a.as_f64().unwrap_or(f64::MAX).total_cmp(&b.as_f64().unwrap_or(f64::MAX)));
        }
        found.make_unique();
        found
    }

    fn on_time_line(cells: &[Cell]) -> Self {
        let of_cell: Vec<Option<i64>> = cells.iter().map(|c| c.as_str().and_then(wall_ms)).collect();
        let mut times: Vec<i64> = of_cell.iter().flatten().copied().collect();
        times.sort_unstable();
        times.dedup();
        let of_row: Vec<Option<usize>> =
            of_cell.iter().map(|ms| ms.and_then(|ms| times.binary_search(&ms).ok())).collect();
        let mut labels = vec![String::new(); times.len()];
        for (cell, place) in cells.iter().zip(&of_row) {
            if let (Some(text), Some(place)) = (cell.as_str(), *place)
                && labels[place].is_empty()
            {
                text.clone_into(&mut labels[place]);
            }
        }
        Self { labels, times: Some(times), of_row }
    }

    /// Members in the order they come.
    fn found(cells: &[Cell], field: &Field) -> Self {
        let mut places = Self::default();
        let mut known: HashMap<(bool, String), usize> = HashMap::new();
        for cell in cells {
            let label = member(cell, field);
            let next = places.labels.len();
            let place = *known.entry((cell.is_null(), label.clone())).or_insert(next);
            if place == next {
                places.labels.push(label);
            }
            places.of_row.push(Some(place));
        }
        places
    }

    /// Orders the members by a cell of theirs, NULL last.
    fn sort_by(&mut self, cells: &[Cell], order: impl Fn(&Cell, &Cell) -> std::cmp::Ordering) {
        let mut first = vec![&Cell::Null; self.labels.len()];
        for (cell, place) in cells.iter().zip(&self.of_row) {
            if let Some(place) = *place {
                first[place] = cell;
            }
        }
        let mut by: Vec<usize> = (0..first.len()).collect();
        by.sort_by(|a, b| first[*a].is_null().cmp(&first[*b].is_null()).then_with(|| order(first[*a], first[*b])));
        self.reorder(&by);
    }

    /// Draws the members in this order; those it leaves out lose their rows.
    pub(crate) fn reorder(&mut self, order: &[usize]) {
        let mut now = vec![None; self.labels.len()];
        for (new, old) in order.iter().enumerate() {
            now[*old] = Some(new);
        }
        self.labels = order.iter().map(|old| std::mem::take(&mut self.labels[*old])).collect();
        for place in &mut self.of_row {
            *place = place.and_then(|old| now[old]);
        }
    }

    fn fill_in(&mut self, grain: Option<Grain>) {
        let dated = self.labels.len() - usize::from(self.labels.last().is_some_and(|l| l == EMPTY));
        let Some((grain, [first, .., last])) = grain.zip(self.labels.get(..dated)) else { return };
        let Some(all) = periods(first, last, grain, MOST_PERIODS) else { return };
        let at: HashMap<&str, usize> = all.iter().enumerate().map(|(i, label)| (label.as_str(), i)).collect();
        // An answer whose weeks start on Sunday, or a source with its own quarters, has other steps.
        if self.labels[..dated].iter().any(|label| !at.contains_key(label.as_str())) {
            return;
        }
        let moved: Vec<usize> = self.labels.iter().map(|l| at.get(l.as_str()).copied().unwrap_or(all.len())).collect();
        for place in &mut self.of_row {
            *place = place.map(|old| moved[old]);
        }
        let rest = self.labels.split_off(dated);
        self.labels = all;
        self.labels.extend(rest);
    }

    /// NULL and a text that reads "(empty)" are two members; an axis tells them apart by name.
    fn make_unique(&mut self) {
        let mut taken = HashSet::new();
        for label in &mut self.labels {
            *label = unique(label, &mut taken);
        }
    }
}

/// The name, or the first of `name (2)`, `name (3)`, … that is free.
pub(crate) fn unique(name: &str, taken: &mut HashSet<String>) -> String {
    let mut free = name.to_owned();
    let mut n = 2;
    while !taken.insert(free.clone()) {
        free = format!("{name} ({n})");
        n += 1;
    }
    free
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{field, group, month, table};
    use domain::{DataType, Role};
    use serde_json::json;

    #[test]
    fn months_without_rows_have_a_place() {
        let t = table(vec![month()], json!([["2024-04-01T00:00:00+02:00"], [null], ["2024-01-01T00:00:00+01:00"]]));
        let places = Places::of(&t, Some(0), true);
        assert_eq!(places.labels, ["2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01", EMPTY]);
        assert_eq!(places.of_row, [Some(3), Some(4), Some(0)]);
        assert!(places.times.is_none());
    }

    #[test]
    fn fine_times_lie_on_a_line_by_the_clock_of_the_answer() {
        let at = field("at", DataType::Timestamp, Role::Time);
        let rows = json!([["2024-01-01T02:00:00+02:00"], [null], ["2024-01-01T01:00:00+02:00"], ["junk"]]);
        let places = Places::of(&table(vec![at], rows), Some(0), true);
        assert_eq!(places.times, Some(vec![1_704_070_800_000, 1_704_074_400_000]));
        assert_eq!(places.of_row, [Some(1), None, Some(0), None]);
    }

    #[test]
    fn names_keep_their_order_and_null_is_not_a_text() {
        let t = table(vec![group("g")], json!([["b"], ["a"], [null], [EMPTY], ["b"], [""]]));
        let places = Places::of(&t, Some(0), false);
        assert_eq!(places.labels, ["b", "a", "(empty)", "(empty) (2)", "(blank)"]);
        assert_eq!(places.of_row, [Some(0), Some(1), Some(2), Some(3), Some(0), Some(4)]);
    }

    #[test]
    fn parts_of_the_cycle_are_in_their_order() {
        let day = Field { grain: Some(Grain::DayOfWeek), ..field("day", DataType::Integer, Role::Time) };
        let places = Places::of(&table(vec![day], json!([[7], [1], [null], [3]])), Some(0), false);
        assert_eq!(places.labels, ["1", "3", "7", EMPTY]);
    }

    #[test]
    fn without_a_column_each_row_has_its_place() {
        let t = table(vec![crate::testing::measure("m")], json!([[1], [2]]));
        assert_eq!(Places::of(&t, None, true).labels, ["1", "2"]);
    }
}
