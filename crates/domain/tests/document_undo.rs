//! Undo and redo: the inverse of one's own edit, where it still stands.

#![allow(clippy::unwrap_used)]

mod board;

use board::*;
use domain::document::{Change, Edit};
use serde_json::{Value, json};

#[test]
fn undo_takes_back_only_ones_own_standing_changes() {
    let a = born(&layout(&["a", "b"]));
    let b = copy_of(&a, 2);
    let places = [("tiles/a/position", 0), ("tiles/b/position", 4)];
    let place = |y: u32, w: u32| json!({"x": 0, "y": y, "w": w, "h": 4});
    let changes = places.iter().map(|(path, y)| a.change(*path, Some(place(*y, 12)))).collect();
    let mine = Edit { label: "Widen".into(), changes };
    b.merge(&a.apply(&mine).unwrap()).unwrap();
    let (theirs, update) = set(&b, "tiles/b/position", place(9, 3));
    a.merge(&update).unwrap();

    b.merge(&undo(&a, &mine)).unwrap();
    assert_eq!(a.get("tiles/a/position"), Some(place(0, 6)), "mine is taken back");
    assert_eq!(a.get("tiles/b/position"), Some(place(9, 3)), "theirs stands");
    undo(&b, &theirs);
    exchange(&a, &b);
    assert_eq!(a.get("tiles/b/position"), Some(place(4, 12)), "theirs taken back: mine shows again");
}

#[test]
fn undo_and_redo_of_every_kind_of_change() {
    let document = born(&full_layout());
    let before = document.layout();
    let kinds: [(&str, Option<Value>); 8] = [
        (
            "tiles/new",
            Some(json!({"type": "text", "title": "T", "text": "x", "position": {"x": 0, "y": 99, "w": 1, "h": 1}})),
        ),
        ("tiles/chart", None),
        ("tiles/chart/data_source", None),
        ("tiles/text/text", Some(json!("other"))),
        ("tiles/number/text", Some(json!("was not there"))),
        ("tabs/t1", None),
        ("filters/a", None),
        ("meta/kind", Some(json!("grid"))),
    ];
    for (path, new) in kinds {
        let (made, _) = edit(&document, path, new);
        let after = document.layout();
        assert_ne!(after, before, "{path}");
        let taken_back = document.still_standing(&made).inverse();
        document.apply(&taken_back).unwrap();
        assert_eq!(document.layout(), before, "undo of {path}");
        document.apply(&document.still_standing(&taken_back).inverse()).unwrap();
        assert_eq!(document.layout(), after, "redo of {path}");
        undo(&document, &made);
        assert_eq!(copy_of(&document, 9).layout(), before, "undo again of {path}");
    }
}

#[test]
fn an_edit_that_changes_a_value_twice_is_taken_back_whole() {
    let document = born(&layout(&["a"]));
    let step = |path: &str, old: Option<Value>, new: Option<Value>| Change { path: path.into(), old, new };
    let fresh = json!({"type": "text", "title": "New", "position": {"x": 0, "y": 9, "w": 1, "h": 1}});
    let changes = vec![
        step("meta/name", Some(json!("Sales")), Some(json!("S"))),
        step("meta/name", Some(json!("S")), Some(json!("Sold"))),
        step("tiles/n", None, Some(fresh)),
        step("tiles/n/title", Some(json!("New")), Some(json!("Newer"))),
    ];
    let twice = Edit { label: "Twice".into(), changes };
    document.apply(&twice).unwrap();
    assert_eq!(document.still_standing(&twice), twice);
    undo(&document, &twice);
    assert_eq!(document.meta()["name"], "Sales");
    assert_eq!(document.get("tiles/n"), None);
}
