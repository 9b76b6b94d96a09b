//! Rows to look at a template with, before it is kept.

use domain::plugin::{Encoding, Takes};
use domain::query::Grain;
use domain::{Cell, DataType, Field, Role, Table};

const NAMES: [&str; 6] = ["North", "East", "South", "West", "Centre", "Overseas"];
const THINGS: [&str; 3] = ["Coffee", "Tea", "Cocoa"];

/// An answer with a column for each encoding, and some rows.
pub(super) fn sample(encodings: &[Encoding]) -> Table {
    let groups = encodings.iter().filter(|e| matches!(e.takes, Takes::Group | Takes::Time)).count();
    let has_time = encodings.iter().any(|e| e.takes == Takes::Time);
    let rows = match groups {
        0 => 1,
        1 if has_time => 12,
        1 => NAMES.len(),
        _ => 4 * THINGS.len(),
    };
    let (mut group, mut number) = (0, 0);
    let mut table = Table::default();
    for e in encodings {
        let (cells, ty, role): (Vec<Cell>, _, _) = match e.takes {
            Takes::Time => {
                let month = |r: usize| Cell::from(format!("2025-{:02}-01", r % 12 + 1).as_str());
                ((0..rows).map(month).collect(), DataType::Date, Role::Time)
            }
            Takes::Group => {
                group += 1;
                let first = group == 1;
                let name = |r: usize| match (groups, first) {
                    (1, _) => NAMES[r % NAMES.len()],
                    (_, true) => NAMES[r / THINGS.len() % NAMES.len()],
                    _ => THINGS[r % THINGS.len()],
                };
                ((0..rows).map(|r| Cell::from(name(r))).collect(), DataType::Text, Role::Dimension)
            }
            Takes::Measure | Takes::Any => {
                number += 1;
                // Later numbers are larger: what goes from low to high looks as it should.
                let value = |r: usize| Cell::Float(((r * 37 + 23) % 60 + 20 * number) as f64);
                ((0..rows).map(value).collect(), DataType::Float, Role::Measure)
            }
        };
        let grain = (e.takes == Takes::Time).then_some(Grain::Month);
        table.columns.push(Field { name: e.name.clone(), label: e.label.clone(), ty, role, format: None, grain });
        table.data.push(cells);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shipped_can_be_looked_at() {
        for (_, text) in super::super::editor::EXAMPLES {
            let template = charts::plugin::check(text).unwrap();
            let table = sample(&template.encodings);
            assert_eq!(charts::plugin::suits(&template, &table.columns), None, "{}", template.name);
            assert!(table.row_count() >= 6);
        }
    }
}
