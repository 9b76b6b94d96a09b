//! What changed adds up, and charts are explained.

use super::*;
use crate::{FrameColumn, Values};
use domain::calendar::day_of;
use domain::insight::{ChangeAgg, Span};
use domain::query::{Grain, Query};
use domain::{Cell, DataType, Field, Role, Table};

const DAY: i64 = 86_400_000_000;

fn span(from: &str, to: &str) -> Span {
    Span { from: from.into(), to: to.into() }
}

fn column(name: &str, values: Values) -> FrameColumn {
    let (ty, role) = match &values {
        Values::Number(_) => (DataType::Float, Role::Measure),
        Values::Member { .. } => (DataType::Text, Role::Dimension),
        Values::Time(_) => (DataType::Date, Role::Time),
    };
    FrameColumn { name: name.into(), label: name.into(), ty, role, format: None, values }
}

/// Sixty days, three shops a day; the second sells twice as much in the second month.
fn shops() -> Frame {
    let start = day_of(2024, 1, 1);
    let rows = 180;
    let times = (0..rows).map(|r| (start + r / 3) * DAY).collect();
    let codes: Vec<u32> = (0..rows).map(|r| (r % 3) as u32).collect();
    let even: Vec<u32> = (0..rows).map(|r| (r / 3 % 2) as u32).collect();
    let sales =
        (0..rows).map(|r| (10.0 + (r * 7 % 11) as f64) * if r % 3 == 1 && r / 3 >= 30 { 2.0 } else { 1.0 }).collect();
    let names = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect();
    Frame {
        columns: vec![
            column("day", Values::Time(times)),
            column("even", Values::Member { codes: even, members: names(&["yes", "no"]) }),
            column("shop", Values::Member { codes, members: names(&["a", "b", "c"]) }),
            column("sales", Values::Number(sales)),
        ],
        rows: rows as usize,
        total_rows: rows as u64,
    }
}

#[test]
fn a_change_is_split_into_what_its_members_did() {
    let subject = Subject { dataset: "shops".into(), ..Subject::default() };
    let before = span("2024-01-01", "2024-01-31");
    let after = span("2024-01-31", "2024-03-01");
    let told = what_changed(&shops(), &subject, "day", &before, &after).unwrap();
    let sales = told.changes.iter().find(|c| c.column.as_deref() == Some("sales")).unwrap();
    assert_eq!(sales.agg, ChangeAgg::Sum);
    assert!(sales.finding.claimed && sales.change > 0.0);
    assert_eq!(sales.contributions[0].member.value.as_deref(), Some("b"));
    let sum: f64 = sales.contributions.iter().map(|c| c.contribution).sum();
    assert!((sum - sales.change).abs() < 1e-9, "{sum} {}", sales.change);
    for c in &sales.contributions {
        assert!((c.mix + c.rate - c.contribution).abs() < 1e-9);
    }
    // As many rows as before: all of it is rate.
    assert!(sales.contributions[0].mix.abs() < 1e-9);
    let rows = told.changes.iter().find(|c| c.column.is_none()).unwrap();
    assert_eq!((rows.before, rows.after, rows.finding.claimed), (90.0, 90.0, false));
    assert!(sales.finding.view.query.filter.is_some());
    assert!(told.narrative[1].text().contains("shop, b added most"), "{}", told.narrative[1].text());
}

#[test]
fn what_is_no_stretch_of_time_is_refused() {
    let subject = Subject::default();
    let (a, b) = (span("2024-01-01", "2024-02-01"), span("2024-02-01", "2024-01-01"));
    assert_eq!(what_changed(&shops(), &subject, "day", &a, &b).unwrap_err().field.as_deref(), Some("after"));
    assert_eq!(what_changed(&shops(), &subject, "shop", &a, &a).unwrap_err().field.as_deref(), Some("time"));
    let far = span("1999-01-01", "1999-02-01");
    assert!(what_changed(&shops(), &subject, "day", &far, &far).unwrap().changes.iter().all(|c| !c.finding.claimed));
}

fn field(name: &str, ty: DataType, role: Role, grain: Option<Grain>) -> Field {
    Field { name: name.into(), label: name.into(), ty, role, format: None, grain }
}

#[test]
fn bars_are_explained() {
    let table = Table {
        columns: vec![
            field("Region", DataType::Text, Role::Dimension, None),
            field("Sales", DataType::Float, Role::Measure, None),
        ],
        data: vec![
            ["West", "East", "North"].into_iter().map(Cell::from).collect(),
            vec![Cell::Float(60.0), Cell::Float(30.0), Cell::Float(10.0)],
        ],
        truncated: false,
    };
    let query = Query { dataset: "sales".into(), ..Query::default() };
    let told = explain(&query, &table);
    let text = told.narrative[0].text();
    assert!(text.contains("West has the highest value, 60"), "{text}");
    assert!(text.contains("North the lowest, 10") && text.contains("West has 60 %"), "{text}");
    assert!(told.findings.iter().all(|f| !f.claimed && f.view.query == query));
    let none = Table { data: vec![Vec::new(), Vec::new()], ..table };
    assert_eq!(explain(&query, &none).narrative.len(), 1);
}

#[test]
fn a_line_is_explained() {
    let days: Vec<Cell> = (0..40).map(|i| Cell::Text(domain::calendar::iso(day_of(2024, 1, 1) + i))).collect();
    let values: Vec<Cell> = (0..40).map(|i| Cell::Float(100.0 + 5.0 * f64::from(i) + f64::from(i * 7 % 5))).collect();
    let table = Table {
        columns: vec![
            field("Day", DataType::Date, Role::Time, Some(Grain::Day)),
            field("Sales", DataType::Float, Role::Measure, None),
        ],
        data: vec![days, values],
        truncated: false,
    };
    let told = explain(&Query { dataset: "sales".into(), ..Query::default() }, &table);
    assert_eq!(told.findings[0].direction, Some(Direction::Increasing));
    assert!(told.findings.iter().any(|f| f.claimed && f.kind == FindingKind::Trend), "{:?}", told.narrative);
    assert_eq!(told.grain, Some(Grain::Day));
}

#[test]
fn the_narrative_says_the_same_of_two_measures_once_and_leaves_tests_to_its_numbers() {
    let mut table = shops();
    let Values::Number(sales) = &table.columns[3].values else { panic!() };
    let cost = sales.iter().map(|v| v * 0.5).collect();
    table.columns.push(column("cost", Values::Number(cost)));
    let found = discover(&table, &Subject { dataset: "shops".into(), ..Subject::default() });
    let text = found.narrative.iter().map(|s| s.text()).collect::<Vec<_>>().join("\n");
    assert!(text.contains("The same goes for"), "{text}");
    assert!(!text.contains("p <") && !text.contains("p =") && !text.contains(" ("), "{text}");
    assert!(found.findings.iter().any(|f| f.sentence.text().contains("after correction for")), "{text}");
}
