//! Which kind of chart an answer asks for.

use crate::kinds;
use crate::roles::{is_group, is_moment};
use domain::{Cell, ChartKind, Field, Table};

/// More bars than this want to lie: there is more room downwards.
const MANY_BARS: usize = 12;
/// Longer names than this do not fit under a bar.
const LONG_NAME: usize = 14;
/// More pairs than this are easier to find by colour than by length.
const MANY_PAIRS: usize = 40;

/// A kind, and why it does not suit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fit {
    pub kind: ChartKind,
    /// `None` where it suits.
    pub reason: Option<String>,
}

/// Why an answer of this shape and so many rows cannot be shown as `kind`; `None` when it can.
pub fn suits(kind: ChartKind, shape: &[Field], rows: usize) -> Option<String> {
    (kinds::get(kind).suits)(shape, rows)
}

/// Every kind with its fit, in the order of the picker.
pub fn fits(shape: &[Field], rows: usize) -> Vec<Fit> {
    let fit = |k: &kinds::Kind| Fit { kind: k.info.kind, reason: (k.suits)(shape, rows) };
    kinds::all().iter().map(fit).collect()
}

/// The kind that shows an answer of this shape best.
pub fn suggest(shape: &[Field], rows: usize) -> ChartKind {
    choose(shape, rows, false)
}

/// The same, with the answer at hand: long names lie down.
pub fn suggest_for(table: &Table) -> ChartKind {
    let names = |c: &Cell| c.as_str().is_some_and(|t| t.chars().count() > LONG_NAME);
    let first = table.columns.iter().position(|f| is_group(f) && !f.ty.is_time());
    let long = first.is_some_and(|c| table.data.get(c).is_some_and(|cells| cells.iter().any(names)));
    choose(&table.columns, table.row_count(), long)
}

fn choose(shape: &[Field], rows: usize, long_names: bool) -> ChartKind {
    let groups: Vec<&Field> = shape.iter().filter(|f| is_group(f)).collect();
    let measures = shape.len() - groups.len();
    let over_time = groups.iter().any(|f| is_moment(f));
    match (groups.len(), measures) {
        (_, 0) => ChartKind::Table,
        (0, 1) if rows <= 1 => ChartKind::Number,
        (0, 1) => ChartKind::Table,
        (0, _) if rows > 1 => ChartKind::Scatter,
        (0, _) => ChartKind::Table,
        (1 | 2, _) if over_time && rows != 1 => ChartKind::Line,
        (1, 2..) if rows > 3 * MANY_BARS => ChartKind::Scatter,
        // Parts of the cycle keep to their order from left to right.
        (1, _) if groups[0].grain.is_some() => ChartKind::Bar,
        (1, _) if long_names || rows > MANY_BARS => ChartKind::Row,
        (1, _) => ChartKind::Bar,
        (2, 1) if rows > MANY_PAIRS => ChartKind::Heatmap,
        (2, 1) => ChartKind::Bar,
        _ => ChartKind::Table,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{field, group, measure, month, table};
    use domain::query::Grain;
    use domain::{DataType, Role};
    use serde_json::json;

    #[test]
    fn the_shape_of_an_answer_asks_for_a_kind() {
        let (m, n, g, h) = (measure("m"), measure("n"), group("g"), group("h"));
        let weekday = Field { grain: Some(Grain::DayOfWeek), ..field("day", DataType::Integer, Role::Time) };
        for (shape, rows, kind) in [
            (vec![month(), m.clone()], 24, ChartKind::Line),
            (vec![g.clone(), month(), m.clone()], 240, ChartKind::Line),
            (vec![month(), m.clone(), n.clone()], 24, ChartKind::Line),
            (vec![g.clone(), m.clone()], 5, ChartKind::Bar),
            (vec![g.clone(), m.clone()], 13, ChartKind::Row),
            (vec![weekday, m.clone()], 24, ChartKind::Bar),
            (vec![m.clone()], 1, ChartKind::Number),
            (vec![m.clone(), n.clone()], 1, ChartKind::Table),
            (vec![m.clone(), n.clone()], 500, ChartKind::Scatter),
            (vec![g.clone(), m.clone(), n.clone()], 500, ChartKind::Scatter),
            (vec![g.clone(), m.clone(), n.clone()], 5, ChartKind::Bar),
            (vec![g.clone(), h.clone(), m.clone()], 12, ChartKind::Bar),
            (vec![g.clone(), h.clone(), m.clone()], 90, ChartKind::Heatmap),
            (vec![g.clone(), h.clone()], 90, ChartKind::Table),
            (vec![month(), g, h, m], 90, ChartKind::Table),
            (vec![], 0, ChartKind::Table),
        ] {
            assert_eq!(suggest(&shape, rows), kind, "{shape:?}");
            assert_eq!(suits(kind, &shape, rows), None, "what is suggested must suit");
        }
    }

    #[test]
    fn long_names_lie_down() {
        let t = |name: &str| table(vec![group("g"), measure("m")], json!([[name, 1], ["b", 2]]));
        assert_eq!(suggest_for(&t("a")), ChartKind::Bar);
        assert_eq!(suggest_for(&t("a name of some length")), ChartKind::Row);
    }

    #[test]
    fn what_does_not_suit_says_why() {
        let bar = vec![group("g"), measure("m")];
        let why = |kind, rows| suits(kind, &bar, rows).unwrap_or_default();
        assert_eq!(why(ChartKind::Scatter, 5), "Needs two numbers, one for each axis.");
        assert_eq!(why(ChartKind::Heatmap, 5), "Needs two categories; this answer has one.");
        assert_eq!(why(ChartKind::Number, 5), "Shows one number; this answer has 5 rows.");
        assert_eq!(why(ChartKind::Line, 1), "Needs more than one point; this answer has one row.");
        assert_eq!(why(ChartKind::Pie, 5), "");
        let all = fits(&[month(), measure("m")], 5);
        assert_eq!(all.len(), ChartKind::ALL.len());
        assert!(all.iter().any(|f| f.kind == ChartKind::Pie && f.reason.is_some()));
    }
}
