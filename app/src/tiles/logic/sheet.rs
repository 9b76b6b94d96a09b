//! The table tile: which order, which rows, how wide.

use domain::table::{Cell, Field, Table};
use std::cmp::Ordering;

/// Rows drawn above and below what is in sight.
pub const OVERSCAN: usize = 8;
/// Rows that are looked at to find a column's width.
const SAMPLE: usize = 200;
/// Narrowest and widest column, in characters.
const WIDTHS: (usize, usize) = (6, 42);

/// A column to sort by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    pub column: usize,
    pub descending: bool,
}

impl Sort {
    /// What a click on a header makes of it: up, down, as it came. Numbers begin with the largest.
    pub fn after_click(now: Option<Self>, column: usize, number: bool) -> Option<Self> {
        match now {
            Some(sort) if sort.column == column && sort.descending == number => {
                Some(Self { column, descending: !number })
            }
            Some(sort) if sort.column == column => None,
            _ => Some(Self { column, descending: number }),
        }
    }
}

/// The rows in the order they are shown. What is missing comes last, either way.
pub fn order(table: &Table, sort: Option<Sort>) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..table.row_count()).collect();
    let Some((sort, cells)) = sort.and_then(|sort| Some((sort, table.data.get(sort.column)?))) else { return rows };
    rows.sort_by(|a, b| {
        let (a, b) = (&cells[*a], &cells[*b]);
        match (a.is_null(), b.is_null()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            _ if sort.descending => compare(b, a),
            _ => compare(a, b),
        }
    });
    rows
}

fn compare(a: &Cell, b: &Cell) -> Ordering {
    match (a, b) {
        (Cell::Int(a), Cell::Int(b)) => a.cmp(b),
        // Decimal text is a number; ISO dates are not, and sort as text.
        (a, b) => match (a.as_f64(), b.as_f64()) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            _ => text_key(a).cmp(&text_key(b)),
        },
    }
}

fn text_key(cell: &Cell) -> String {
    cell.as_str().unwrap_or_default().to_lowercase()
}

/// The rows to draw: from the first to before the last, a little more than what is in sight.
pub fn window(scroll: f64, height: f64, row_height: f64, rows: usize) -> (usize, usize) {
    if row_height <= 0.0 {
        return (0, rows.min(OVERSCAN * 4));
    }
    let first = (scroll / row_height).floor().max(0.0) as usize;
    let seen = (height / row_height).ceil().max(1.0) as usize;
    let from = first.saturating_sub(OVERSCAN).min(rows);
    (from, (first + seen + OVERSCAN).min(rows))
}

/// Whether the values of a column stand to the right.
pub fn is_number(field: &Field) -> bool {
    field.ty.is_number() && field.grain.is_none()
}

/// The width of each column in characters: that of its longest text, within reason.
pub fn widths(table: &Table, locale: &str) -> Vec<usize> {
    let step = (table.row_count() / SAMPLE).max(1);
    let column = |(field, cells): (&Field, &Vec<Cell>)| {
        let header = field.label.chars().count() + 3;
        let longest = cells.iter().step_by(step).map(|c| text(c, field, locale).chars().count()).max().unwrap_or(0);
        longest.max(header.min(24)).clamp(WIDTHS.0, WIDTHS.1)
    };
    table.columns.iter().zip(&table.data).map(column).collect()
}

/// A cell as it is shown.
pub fn text(cell: &Cell, field: &Field, locale: &str) -> String {
    domain::format::cell(cell, field, false, locale)
}

/// A cell as it is copied: the value itself, so that a spreadsheet can count with it.
pub fn copied(cell: &Cell) -> String {
    cell.to_text()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{DataType, Role};

    fn table() -> Table {
        let field = |name: &str, ty| Field {
            name: name.into(),
            label: name.into(),
            ty,
            role: Role::Dimension,
            format: None,
            grain: None,
        };
        Table {
            columns: vec![field("n", DataType::Decimal), field("t", DataType::Text)],
            data: vec![
                vec![Cell::Int(10), Cell::Null, "9".into(), Cell::Float(9.5)],
                vec!["beta".into(), "Alpha".into(), Cell::Null, "a rather long text that says a lot of things".into()],
            ],
            truncated: false,
        }
    }

    #[test]
    fn numbers_sort_as_numbers_and_gaps_come_last() {
        let by = |column, descending| order(&table(), Some(Sort { column, descending }));
        assert_eq!(by(0, false), [2, 3, 0, 1]);
        assert_eq!(by(0, true), [0, 3, 2, 1]);
        assert_eq!(by(1, false), [3, 1, 0, 2]);
        assert_eq!(order(&table(), None), [0, 1, 2, 3]);
        assert_eq!(by(7, false), [0, 1, 2, 3]);
    }

    #[test]
    fn three_clicks_come_back_to_the_start() {
        let first = Sort::after_click(None, 0, true);
        assert_eq!(first, Some(Sort { column: 0, descending: true }));
        let second = Sort::after_click(first, 0, true);
        assert_eq!(second, Some(Sort { column: 0, descending: false }));
        assert_eq!(Sort::after_click(second, 0, true), None);
        assert_eq!(Sort::after_click(second, 1, false), Some(Sort { column: 1, descending: false }));
    }

    #[test]
    fn only_what_is_in_sight_is_drawn() {
        assert_eq!(window(0.0, 320.0, 32.0, 1_000), (0, 18));
        assert_eq!(window(3_200.0, 320.0, 32.0, 1_000), (92, 118));
        assert_eq!(window(1e9, 320.0, 32.0, 1_000), (1_000, 1_000));
        assert_eq!(window(0.0, 320.0, 0.0, 10), (0, 10));
    }

    #[test]
    fn columns_are_as_wide_as_their_longest_text() {
        assert_eq!(widths(&table(), "en-US"), [6, 42]);
    }
}
