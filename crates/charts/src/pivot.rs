//! From long form (one row a point) to series: one for each measure, or each member of the
//! colour column.

use crate::places::{EMPTY, Places, member, unique};
use crate::roles::{Roles, is_moment};
use domain::{Cell, Field, Table, format};
use std::collections::{HashMap, HashSet};

/// More lines or colours than this are not told apart.
pub(crate) const MOST_SERIES: usize = 20;

/// One line, area or colour of bars.
#[derive(Debug)]
pub(crate) struct Series {
    pub(crate) name: String,
    /// Column of the measure.
    pub(crate) y: usize,
    /// Which colour: the same for a member whatever the order of the rows.
    pub(crate) slot: usize,
    /// By place. `None` where there is no row, and where its value is NULL.
    pub(crate) values: Vec<Option<f64>>,
}

/// An answer laid out for drawing.
#[derive(Debug)]
pub(crate) struct Pivot {
    pub(crate) places: Places,
    pub(crate) series: Vec<Series>,
    /// Several rows fell on one point and were added up.
    pub(crate) added_up: bool,
    /// Series there are, drawn or not.
    pub(crate) series_found: usize,
}

/// A finite number.
pub(crate) fn number(cell: &Cell) -> Option<f64> {
    cell.as_f64().filter(|n| n.is_finite())
}

/// What a member of the colour column is called in a legend.
pub(crate) fn series_label(cell: &Cell, field: &Field) -> String {
    if !cell.is_null() && (is_moment(field) || field.grain.is_some()) {
        return format::cell(cell, field, false, "en-US");
    }
    member(cell, field)
}

/// The members of a column in the order they come, and which one each row belongs to.
pub(crate) fn members(table: &Table, column: usize) -> (Vec<String>, Vec<usize>) {
    let field = &table.columns[column];
    let mut names = Vec::new();
    let mut known: HashMap<(bool, String), usize> = HashMap::new();
    let of_row = table.data[column]
        .iter()
        .map(|cell| {
            let name = series_label(cell, field);
            *known.entry((cell.is_null(), name)).or_insert_with_key(|(_, name)| {
                names.push(name.clone());
                names.len() - 1
            })
        })
        .collect();
    (names, of_row)
}

/// Colours by the order of names, not of rows: another order, or a refresh, recolours nothing.
pub(crate) fn slots(names: &[&str]) -> Vec<usize> {
    let mut sorted: Vec<usize> = (0..names.len()).collect();
    // The empty group comes last, so that it does not shift the colours of the others.
    sorted.sort_by_key(|i| (names[*i] == EMPTY, names[*i]));
    let mut slots = vec![0; names.len()];
    for (slot, i) in sorted.into_iter().enumerate() {
        slots[i] = slot;
    }
    slots
}

/// The positions of the `most` largest, in their own order.
pub(crate) fn largest(sizes: &[f64], most: usize) -> Vec<usize> {
    let mut by: Vec<usize> = (0..sizes.len()).collect();
    by.sort_by(|a, b| sizes[*b].total_cmp(&sizes[*a]));
    by.truncate(most);
    by.sort_unstable();
    by
}

impl Pivot {
    pub(crate) fn of(table: &Table, roles: &Roles, places: Places) -> Self {
        let rows = table.row_count();
        let (names, of_row) = match roles.color {
            Some(color) => members(table, color),
            None => (vec![String::new()], vec![0; rows]),
        };
        let mut sizes = vec![0.0; names.len()];
        for y in &roles.y {
            for (cell, member) in table.data[*y].iter().zip(&of_row) {
                sizes[*member] += number(cell).unwrap_or(0.0).abs();
            }
        }
        let measures = roles.y.len();
        let kept = largest(&sizes, (MOST_SERIES / measures.max(1)).max(1));
        let slots = slots(&kept.iter().map(|i| names[*i].as_str()).collect::<Vec<_>>());

        let mut series = Vec::new();
        let mut taken = HashSet::new();
        let mut first_of = vec![None; names.len()];
        for (member, slot) in kept.iter().zip(slots) {
            first_of[*member] = Some(series.len());
            for (i, y) in roles.y.iter().enumerate() {
                let label = &table.columns[*y].label;
                let name = match (roles.color, measures) {
                    (None, _) => label.clone(),
                    (Some(_), 1) => names[*member].clone(),
                    (Some(_), _) => format!("{} · {label}", names[*member]),
                };
                let name = unique(&name, &mut taken);
                series.push(Series { name, y: *y, slot: slot * measures + i, values: vec![None; places.labels.len()] });
            }
        }

        let mut added_up = false;
        let mut seen = vec![vec![false; places.labels.len()]; names.len().min(kept.len())];
        for row in 0..rows {
            let (Some(place), Some(first)) = (places.of_row[row], first_of[of_row[row]]) else { continue };
            let again = std::mem::replace(&mut seen[first / measures.max(1)][place], true);
            added_up |= again;
            for series in &mut series[first..first + measures] {
                if let Some(value) = number(&table.data[series.y][row]) {
                    let sum = series.values[place].get_or_insert(0.0);
                    *sum += value;
                }
            }
        }
        let series_found = names.len() * measures;
        Self { places, series, added_up, series_found }
    }

    /// Each value as its part of what lies on the same place. Says how many were negative: they
    /// are no part of anything and count as nothing.
    pub(crate) fn make_shares(&mut self) -> usize {
        let mut negative = 0;
        for place in 0..self.places.labels.len() {
            let values = || self.series.iter().filter_map(move |s| s.values[place]);
            negative += values().filter(|v| *v < 0.0).count();
            let total: f64 = values().map(|v| v.max(0.0)).sum();
            for series in &mut self.series {
                series.values[place] = series.values[place].filter(|_| total > 0.0).map(|v| v.max(0.0) / total);
            }
        }
        negative
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{group, measure, month, table};
    use domain::chart::Encodings;
    use serde_json::json;

    fn pivot(t: &Table) -> Pivot {
        let roles = Roles::of(&t.columns, &Encodings::default());
        Pivot::of(t, &roles, Places::of(t, roles.x, true))
    }

    fn sales() -> Table {
        let rows = json!([
            ["2024-01-01", "South", 3],
            ["2024-01-01", "North", 5],
            ["2024-02-01", "North", null],
            ["2024-04-01", "South", 4],
            ["2024-04-01", null, 1],
        ]);
        table(vec![month(), group("region"), measure("amount")], rows)
    }

    #[test]
    fn missing_combinations_are_gaps() {
        let p = pivot(&sales());
        let of = |name: &str| &p.series.iter().find(|s| s.name == name).unwrap().values;
        assert_eq!(*of("South"), [Some(3.0), None, None, Some(4.0)]);
        assert_eq!(*of("North"), [Some(5.0), None, None, None]);
        assert_eq!(*of(EMPTY), [None, None, None, Some(1.0)]);
        assert!(!p.added_up);
    }

    #[test]
    fn a_member_keeps_its_colour_in_any_order_of_rows() {
        let slots = |t: &Table| -> Vec<(String, usize)> {
            let mut all: Vec<_> = pivot(t).series.into_iter().map(|s| (s.name, s.slot)).collect();
            all.sort();
            all
        };
        let mut turned = sales();
        turned.data.iter_mut().for_each(|column| column.reverse());
        assert_eq!(slots(&sales()), slots(&turned));
        assert_eq!(slots(&sales()), [(EMPTY.to_owned(), 2), ("North".to_owned(), 0), ("South".to_owned(), 1)]);
    }

    #[test]
    fn rows_on_the_same_point_are_added_up_and_it_is_known() {
        let t = table(vec![group("g"), measure("m")], json!([["a", 1], ["a", 2], ["b", null]]));
        let p = pivot(&t);
        assert_eq!(p.series[0].values, [Some(3.0), None]);
        assert!(p.added_up);
    }

    #[test]
    fn the_largest_series_stay() {
        let rows: Vec<_> = (0..50).map(|i| json!(["x", format!("s{i:02}"), i])).collect();
        let p = pivot(&table(vec![group("g"), group("h"), measure("m")], json!(rows)));
        assert_eq!((p.series.len(), p.series_found), (MOST_SERIES, 50));
        assert_eq!(p.series[0].name, "s30");
    }

    #[test]
    fn two_measures_of_the_same_label_stay_two() {
        let t = table(vec![group("g"), measure("m"), measure("m")], json!([["a", 1, 2]]));
        let names: Vec<String> = pivot(&t).series.into_iter().map(|s| s.name).collect();
        assert_eq!(names, ["M", "M (2)"]);
    }

    #[test]
    fn shares_add_up_to_one() {
        let t = table(vec![group("g"), measure("m"), measure("n")], json!([["a", 1, 3], ["b", 0, 0], ["c", -1, 2]]));
        let mut p = pivot(&t);
        assert_eq!(p.make_shares(), 1);
        assert_eq!(p.series[0].values, [Some(0.25), None, Some(0.0)]);
        assert_eq!(p.series[1].values, [Some(0.75), None, Some(1.0)]);
    }
}
