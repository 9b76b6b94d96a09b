use super::*;
use crate::testing::{field, group, measure, table};
use domain::{ChartKind, DataType, Role};
use serde_json::{Value, json};

fn spec(options: Value) -> ChartSpec {
    crate::testing::spec(ChartKind::Pivot, options)
}

/// Average price by country, city and product, with the totals an engine would answer: they are not
/// the averages of what is below.
fn prices() -> Table {
    let mark = field(GROUPING, DataType::Integer, Role::Dimension);
    let rows = json!([
        ["DE", "Berlin", "tea", 1.0, 0],
        ["DE", "Berlin", "rum", 9.0, 0],
        ["DE", "Bonn", "tea", 3.0, 0],
        ["FR", "Paris", "tea", 4.0, 0],
        ["FR", null, "rum", 8.0, 0],
        ["DE", "Berlin", null, 2.5, 1],
        ["DE", "Bonn", null, 3.0, 1],
        ["FR", "Paris", null, 4.0, 1],
        ["FR", null, null, 8.0, 1],
        ["DE", null, "tea", 1.2, 2],
        ["DE", null, "rum", 9.0, 2],
        ["FR", null, "tea", 4.0, 2],
        ["FR", null, "rum", 8.0, 2],
        ["DE", null, null, 2.7, 3],
        ["FR", null, null, 5.1, 3],
        [null, null, "tea", 1.9, 6],
        [null, null, "rum", 8.4, 6],
        [null, null, null, 3.3, 7],
    ]);
    table(vec![group("country"), group("city"), group("product"), measure("price"), mark], rows)
}

fn names(grid: &Grid) -> Vec<String> {
    grid.lines.iter().map(|l| l.path.join("/")).collect()
}

#[test]
fn the_plan_asks_for_every_total() {
    let plan = pivot_plan(&spec(json!({})), &prices().columns);
    assert_eq!((plan.rows.join(","), plan.columns.join(",")), ("country,city".into(), "product".into()));
    let sets: Vec<String> = plan.sets.iter().map(|s| s.join("+")).collect();
    assert_eq!(sets, ["country+city+product", "country+city", "country+product", "country", "product", ""]);
    let plain = pivot_plan(&spec(json!({"subtotals": false, "totals": false})), &prices().columns);
    assert_eq!(plain.sets.len(), 1);
    let down = pivot_plan(&spec(json!({"rows": ["product", "gone"], "columns": []})), &prices().columns);
    assert_eq!((down.rows.join(","), down.columns.len(), down.sets.len()), ("product".into(), 0, 2));
}

#[test]
fn totals_are_those_of_the_engine() {
    let grid = crosstab(&spec(json!({})), &prices(), &PivotView::default());
    assert_eq!(names(&grid), ["DE", "DE/Berlin", "DE/Bonn", "FR", "FR/Paris", "FR/(empty)", ""]);
    let heads: Vec<String> = grid.heads.iter().map(|h| h.path.join(",")).collect();
    assert_eq!(heads, ["tea", "rum", ""]);
    assert_eq!(grid.heads[2].level, Level::Total);
    let row = |i: usize| grid.lines[i].cells.iter().map(Cell::as_f64).collect::<Vec<_>>();
    assert_eq!(row(0), [Some(1.2), Some(9.0), Some(2.7)]);
    assert_eq!(row(2), [Some(3.0), None, Some(3.0)]);
    assert_eq!(row(6), [Some(1.9), Some(8.4), Some(3.3)]);
    assert!(grid.lines[0].parent && grid.lines[0].level == Level::Subtotal && !grid.lines[1].parent);
    assert!(grid.notes.is_empty(), "{:?}", grid.notes);
}

#[test]
fn rows_fold_and_sort_within_their_parents() {
    let mut view = PivotView { sort: Some((2, true)), ..PivotView::default() };
    let grid = crosstab(&spec(json!({})), &prices(), &view);
    assert_eq!(names(&grid), ["FR", "FR/(empty)", "FR/Paris", "DE", "DE/Bonn", "DE/Berlin", ""]);
    view.sort = Some((1, false));
    view.collapsed.insert(vec!["DE".into()]);
    let grid = crosstab(&spec(json!({})), &prices(), &view);
    assert_eq!(names(&grid), ["FR", "FR/(empty)", "FR/Paris", "DE", ""]);
    assert!(grid.lines[3].collapsed);
}

#[test]
fn an_answer_without_totals_says_so() {
    let t = table(vec![group("a"), group("b"), measure("m")], json!([["x", "p", 1], ["x", "q", 2], ["y", "p", 3]]));
    let grid = crosstab(&spec(json!({})), &t, &PivotView::default());
    assert_eq!(names(&grid), ["x", "y"]);
    assert_eq!(grid.notes, ["Totals are not part of this answer."]);
    let empty = crosstab(&spec(json!({})), &Table::default(), &PivotView::default());
    assert!(empty.lines.is_empty() && empty.heads.is_empty());
}
