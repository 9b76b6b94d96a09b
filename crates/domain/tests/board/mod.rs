//! What the tests of the document share.

#![allow(dead_code, clippy::unwrap_used)]

use domain::dashboard::{DataSource, FilterControl, Layout, LayoutKind, Tab, Tile, TileKind};
use domain::document::{Document, Edit};
use domain::layout::Position;
use serde_json::{Value, json};

pub(crate) fn tile(id: &str, y: u32) -> Tile {
    let position = Position { x: 0, y, w: 6, h: 4 };
    Tile { id: id.into(), title: format!("Tile {id}"), chart_type: Some("bar".into()), position, ..Tile::default() }
}

pub(crate) fn layout(tiles: &[&str]) -> Layout {
    let widgets = tiles.iter().enumerate().map(|(i, id)| tile(id, 4 * i as u32)).collect();
    Layout { widgets, ..Layout::default() }
}

pub(crate) fn born(layout: &Layout) -> Document {
    let document = Document::new(1);
    document.apply(&Document::birth("Sales", "All of it", "light", layout)).unwrap();
    document
}

pub(crate) fn copy_of(document: &Document, client_id: u64) -> Document {
    Document::load(client_id, &document.state()).unwrap()
}

pub(crate) fn set(document: &Document, path: &str, value: impl Into<Value>) -> (Edit, Vec<u8>) {
    edit(document, path, Some(value.into()))
}

pub(crate) fn edit(document: &Document, path: &str, new: Option<Value>) -> (Edit, Vec<u8>) {
    let edit = Edit { label: "Change".into(), changes: vec![document.change(path, new)] };
    let update = document.apply(&edit).unwrap();
    (edit, update)
}

pub(crate) fn undo(document: &Document, edit: &Edit) -> Vec<u8> {
    document.apply(&document.still_standing(edit).inverse()).unwrap()
}

/// Each takes in what the other has made; afterwards they are the same.
pub(crate) fn exchange(a: &Document, b: &Document) {
    let (to_a, to_b) = (b.missing(&a.seen()).unwrap(), a.missing(&b.seen()).unwrap());
    a.merge(&to_a).unwrap();
    b.merge(&to_b).unwrap();
    assert_eq!(a.layout(), b.layout());
    assert_eq!(a.meta(), b.meta());
    a.validate().unwrap();
}

pub(crate) fn full_layout() -> Layout {
    let data_source: DataSource = serde_json::from_value(json!({
        "query": {
            "dataset": "sales",
            "dimensions": [{"column": "date", "grain": "month"}, {"column": "amount", "bin": {"width": 2.5}}],
            "measures": [{"agg": "sum", "column": "amount", "as": "total"}],
            "filter": {"and": [
                {"column": "amount", "op": "between", "value": [1.5, 3_000_000_000_u64]},
                {"column": "region", "op": "in", "value": ["Süd", "北"]},
            ]},
            "limit": 5_000_000_000_u64,
        },
        "options": {"stack": true, "width": 2.0, "colors": ["#fff", ["a", [1, 2.5, null]]], "none": null},
    }))
    .unwrap();
    let mut chart = tile("chart", 0);
    (chart.tab, chart.data_source) = (Some("t2".into()), Some(data_source));
    let mut number = tile("number", 4);
    (number.kind, number.chart_type, number.title) = (TileKind::Metric, None, String::new());
    number.data_source = Some(DataSource { metric: Some("daily_sales".into()), ..DataSource::default() });
    let mut text = tile("text", 8);
    (text.kind, text.chart_type, text.text) = (TileKind::Text, None, Some("# Hi 👋\n".into()));
    let mut empty = tile("empty", 12);
    (empty.kind, empty.chart_type, empty.text) = (TileKind::Text, None, Some(String::new()));
    let control = |id: &str, default: Value| FilterControl {
        id: id.into(),
        dataset: "sales".into(),
        column: "region".into(),
        label: "Region".into(),
        default: serde_json::from_value(default).unwrap(),
    };
    Layout {
        kind: LayoutKind::Tabs,
        tabs: ["t2", "t1"].map(|id| Tab { id: id.into(), title: format!("Tab {id}") }).into(),
        widgets: vec![chart, number, text, empty],
        filters: vec![
            control("z", json!(null)),
            control("a", json!({"column": "region", "op": "in", "value": ["North", 1.0, 4_294_967_296_u64]})),
        ],
    }
}
