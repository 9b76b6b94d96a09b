//! The document of a dashboard: what one person does, and what two do at once.

#![allow(clippy::unwrap_used)]

mod board;

use board::*;
use domain::document::{Change, Document, Edit, MAX_TILES, Operation};
use domain::layout::Position;
use serde_json::{Value, json};

#[test]
fn a_dashboard_comes_back_as_it_was_born() {
    let layout = full_layout();
    let document = born(&layout);
    assert_eq!(document.layout(), layout);
    assert_eq!(copy_of(&document, 2).layout(), layout, "and after a trip over the wire");
    assert_eq!(document.meta()["name"], "Sales");
    document.validate().unwrap();
    assert_eq!(document.edit_towards("Same", "Sales", "All of it", "light", &layout).changes, []);
    let loaded = copy_of(&document, 3);
    assert_eq!(loaded.edit_towards("Same", "Sales", "All of it", "light", &layout).changes, []);
}

#[test]
fn a_document_can_become_any_other_dashboard() {
    let document = born(&full_layout());
    let target = layout(&["number", "b"]);
    let edit = document.edit_towards("Replace", "New", "", "dark", &target);
    let before = copy_of(&document, 2);
    document.apply(&edit).unwrap();
    assert_eq!(document.layout(), target);
    assert_eq!(document.changes_since(&before), edit.changes);
    undo(&document, &edit);
    assert_eq!(document.layout(), full_layout());
}

#[test]
fn values_come_back_equal() {
    let document = born(&layout(&["a"]));
    let numbers = [json!(0), json!(-1), json!(i32::MAX), json!(i64::from(i32::MAX) + 1), json!(3_000_000_000_u64)];
    let more =
        [json!(1_i64 << 53), json!((1_i64 << 53) + 1), json!(i64::MAX), json!(i64::MIN), json!(-3_000_000_000_i64)];
    let floats = [json!(1.5), json!(1.0), json!(-0.1), json!(1e300), json!(0.1_f32), json!(1024.0)];
    let others = [
        json!(null),
        json!(true),
        json!(""),
        json!("ü👋"),
        json!([]),
        json!({}),
        json!([[1, [2.5, [null]]], {"a": [1]}]),
    ];
    for value in [&numbers[..], &more, &floats, &others].concat() {
        for path in ["meta/x", "tiles/a/options", "filters/f"] {
            let (made, _) = set(&document, path, value.clone());
            assert_eq!(document.get(path), Some(value.clone()), "{path}");
            assert_eq!(copy_of(&document, 2).get(path), Some(value.clone()), "{path}, over the wire");
            let sent: Edit = serde_json::from_value(serde_json::to_value(&made).unwrap()).unwrap();
            assert_eq!(copy_of(&document, 3).still_standing(&sent).changes.len(), 1, "{path}: {value}");
        }
    }
}

#[test]
fn a_null_is_not_the_same_as_nothing_on_the_wire() {
    let change = Change { path: "meta/x".into(), old: None, new: Some(Value::Null) };
    let wire = serde_json::to_value(&change).unwrap();
    assert_eq!(wire, json!({"path": "meta/x", "new": null}));
    assert_eq!(serde_json::from_value::<Change>(wire).unwrap(), change);
    let op = json!({"id": "1", "update": "", "edit": {"label": "", "changes": []}});
    assert_eq!(serde_json::from_value::<Operation>(op).unwrap().target, None);
}

#[test]
fn two_people_write_one_title_letter_by_letter() {
    let a = born(&layout(&["a"]));
    let b = copy_of(&a, 2);
    set(&a, "tiles/a/title", "My Tile a");
    set(&b, "tiles/a/title", "Tile a 👋, by day");
    exchange(&a, &b);
    assert_eq!(a.get("tiles/a/title"), Some(json!("My Tile a 👋, by day")));
    set(&a, "tiles/a/title", "My Tile, by day");
    set(&b, "tiles/a/title", "My Tile a 👋🏽, by month");
    exchange(&a, &b);
    a.tiles()["a"].title.strip_suffix(", by month").unwrap();
}

#[test]
fn title_and_place_of_a_tile_change_at_once() {
    let a = born(&layout(&["a", "b"]));
    let b = copy_of(&a, 2);
    set(&a, "tiles/a/title", "Renamed");
    set(&b, "tiles/a/position", json!({"x": 6, "y": 0, "w": 3, "h": 2}));
    exchange(&a, &b);
    let tile = &a.tiles()["a"];
    assert_eq!((tile.title.as_str(), tile.position), ("Renamed", Position { x: 6, y: 0, w: 3, h: 2 }));
}

#[test]
fn of_two_places_one_wins_whole() {
    let a = born(&layout(&["a"]));
    let b = copy_of(&a, 2);
    set(&a, "tiles/a/position", json!({"x": 1, "y": 1, "w": 1, "h": 1}));
    set(&b, "tiles/a/position", json!({"x": 2, "y": 2, "w": 2, "h": 2}));
    exchange(&a, &b);
    let p = a.tiles()["a"].position;
    assert!([(1, 1, 1, 1), (2, 2, 2, 2)].contains(&(p.x, p.y, p.w, p.h)));
}

#[test]
fn a_tile_deleted_under_an_edit_stays_deleted() {
    let a = born(&layout(&["a", "b"]));
    let b = copy_of(&a, 2);
    let (deleted, _) = edit(&a, "tiles/a", None);
    set(&b, "tiles/a/title", "Too late");
    set(&b, "tiles/a/position", json!({"x": 2, "y": 2, "w": 2, "h": 2}));
    exchange(&a, &b);
    assert_eq!(a.tiles().len(), 1);
    let (late, _) = set(&b, "tiles/a/title", "Much too late");
    assert_eq!(b.get("tiles/a"), None);
    assert_eq!(b.still_standing(&late).changes, []);
    undo(&a, &deleted);
    exchange(&a, &b);
    assert_eq!(b.tiles()["a"].title, "Tile a");
}

#[test]
fn an_edit_that_cannot_be_made_changes_nothing() {
    let document = born(&layout(&["a"]));
    let state = document.state();
    let good = document.change("meta/name", Some(json!("Half done")));
    let long = format!("tabs/{}", "x".repeat(81));
    for path in ["tiles/a/b/c", "tiles", "tiles/", "other/x", "meta/x/y", "tiles/a/", "", "/", &long, "tiles/t"] {
        let bad = Change { path: path.to_owned(), old: None, new: Some(json!("not a tile")) };
        let edit = Edit { label: String::new(), changes: vec![good.clone(), bad] };
        document.apply(&edit).unwrap_err();
        assert_eq!(document.state(), state, "{path}");
    }
}

#[test]
fn a_document_must_be_a_dashboard() {
    for (path, value) in [
        ("tiles/a/position", json!({"x": 11, "y": 0, "w": 2, "h": 1})),
        ("tiles/a/position", json!({"x": 0, "y": 0, "w": 0, "h": 1})),
        ("tiles/a/position", json!("here")),
        ("tiles/a/type", json!("spaceship")),
        ("filters/f", json!({"label": "no column"})),
    ] {
        let document = born(&layout(&["a"]));
        set(&document, path, value);
        document.validate().unwrap_err();
        document.layout();
    }
    let ids: Vec<String> = (0..=MAX_TILES).map(|i| format!("t{i}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    born(&layout(&ids[..MAX_TILES])).validate().unwrap();
    born(&layout(&ids)).validate().unwrap_err();
}

#[test]
fn the_server_can_hold_it_across_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Document>();
}
