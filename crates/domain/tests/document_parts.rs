//! Values that merge in parts: chart settings, filters, tabs; and places that do not go together.

#![allow(clippy::unwrap_used)]

mod board;

use board::*;
use domain::dashboard::{Layout, Tab};
use domain::document::{Document, Edit, changes_between};
use domain::layout::Position;
use serde_json::{Value, json};

const SOURCE: &str = "tiles/chart/data_source";

fn pair() -> (Document, Document) {
    let a = born(&full_layout());
    let b = copy_of(&a, 2);
    (a, b)
}

fn at(document: &Document, part: &str) -> Option<Value> {
    document.get(&format!("{SOURCE}/{part}"))
}

#[test]
fn two_settings_of_one_chart_change_at_once() {
    let (a, b) = pair();
    set(&a, &format!("{SOURCE}/options/stack"), false);
    edit(&a, &format!("{SOURCE}/options/none"), None);
    set(&b, &format!("{SOURCE}/options/width"), 3);
    set(&b, &format!("{SOURCE}/encodings/x"), "date");
    set(&b, &format!("{SOURCE}/query/limit"), 7);
    exchange(&a, &b);
    for document in [&a, &b, &copy_of(&a, 3)] {
        assert_eq!(at(document, "options/stack"), Some(json!(false)));
        assert_eq!(at(document, "options/width"), Some(json!(3)));
        assert_eq!(at(document, "options/none"), None);
        let source = document.tiles()["chart"].data_source.clone().unwrap();
        assert_eq!((source.encodings.x.as_deref(), source.query.unwrap().limit), (Some("date"), Some(7)));
    }
}

#[test]
fn a_question_about_another_dataset_leaves_parts_of_the_old_one_behind() {
    let (a, b) = pair();
    set(&a, SOURCE, json!({"query": {"dataset": "flights"}}));
    set(&b, &format!("{SOURCE}/query/limit"), 7);
    set(&b, &format!("{SOURCE}/options/stack"), false);
    exchange(&a, &b);
    assert_eq!(a.get(SOURCE), Some(json!({"query": {"dataset": "flights"}, "options": {"stack": false}})));
    // Who goes back to the first dataset does not find the old part there.
    set(&a, SOURCE, json!({"query": {"dataset": "sales"}}));
    exchange(&a, &b);
    assert_eq!(b.get(SOURCE), Some(json!({"query": {"dataset": "sales"}})));
    // A part of what is gone changes nothing.
    edit(&a, SOURCE, None);
    set(&a, &format!("{SOURCE}/options/stack"), true);
    assert_eq!(a.get(SOURCE), None);
}

#[test]
fn a_filter_and_a_tab_merge_in_their_parts() {
    let (a, b) = pair();
    set(&a, "filters/a/label", "Where");
    edit(&b, "filters/a/default", Some(json!(null)));
    set(&a, "tabs/t1/title", "Overview");
    set(&b, "tabs/t1/order", 1);
    exchange(&a, &b);
    let Layout { tabs, filters, .. } = b.layout();
    let found = filters.iter().find(|f| f.id == "a").unwrap();
    assert_eq!((found.label.as_str(), &found.default), ("Where", &None));
    assert_eq!(tabs[0], Tab { id: "t1".into(), title: "Overview".into() });
    // The default of another column is none of this one's.
    let control = json!({"dataset": "sales", "column": "day", "order": 5});
    set(&a, "filters/a", control.clone());
    set(&b, "filters/a/default", json!({"column": "region", "op": "is_null"}));
    exchange(&a, &b);
    assert_eq!(a.get("filters/a"), Some(control));
    // What is removed is gone with its parts, and comes back with them.
    let (removed, update) = edit(&a, "tabs/t1", None);
    b.merge(&update).unwrap();
    assert_eq!(b.layout().tabs.len(), 1);
    undo(&a, &removed);
    exchange(&a, &b);
    assert_eq!(b.layout().tabs[0].title, "Overview");
}

#[test]
fn undo_of_a_part_is_ones_own() {
    let (a, b) = pair();
    let before = a.layout();
    let (mine, update) = set(&a, &format!("{SOURCE}/options/stack"), false);
    b.merge(&update).unwrap();
    let (theirs, update) = set(&b, &format!("{SOURCE}/options/width"), 9);
    a.merge(&update).unwrap();
    undo(&a, &mine);
    exchange(&a, &b);
    assert_eq!((at(&a, "options/stack"), at(&a, "options/width")), (Some(json!(true)), Some(json!(9))));
    undo(&b, &theirs);
    exchange(&a, &b);
    assert_eq!(a.layout(), before);
    // The last option takes its section along, and undo brings both back.
    let (whole, _) = set(&a, SOURCE, json!({"table": "sales", "options": {"only": 1}}));
    let (last, _) = edit(&a, &format!("{SOURCE}/options/only"), None);
    assert_eq!(a.get(SOURCE), Some(json!({"table": "sales"})));
    undo(&a, &last);
    assert_eq!(a.still_standing(&whole), whole);
}

#[test]
fn an_edit_of_a_whole_and_then_a_part_of_it_stands_whole() {
    let (a, _) = pair();
    let step = |path: &str, new: Value| a.change(path, Some(new));
    let changes = vec![
        step(SOURCE, json!({"query": {"dataset": "sales"}})),
        step(&format!("{SOURCE}/options/stack"), json!(true)),
        step(&format!("{SOURCE}/query/limit"), json!(5)),
        step("tabs/new", json!({"title": "New", "order": 3})),
        step("tabs/new/title", json!("Newer")),
    ];
    let both = Edit { label: "Both".into(), changes };
    let before = copy_of(&a, 7);
    a.apply(&both).unwrap();
    assert_eq!(a.still_standing(&both), both);
    assert_eq!(before.changes_since(&a).len(), a.changes_since(&before).len());
    let seen = Edit { label: String::new(), changes: a.changes_since(&before) };
    before.apply(&seen).unwrap();
    assert_eq!(before.changes_since(&a), []);
}

#[test]
fn what_differs_is_said_in_parts_where_that_says_it_all() {
    let paths = |path: &str, old: Value, new: Value| {
        changes_between(path, &old, &new).into_iter().map(|c| c.path).collect::<Vec<_>>()
    };
    let with = |source: Value| json!({"title": "T", "data_source": source});
    let query = |dataset: &str, limit: u32| json!({"query": {"dataset": dataset, "limit": limit}});
    assert_eq!(paths("tiles/a", with(query("s", 1)), with(query("s", 2))), ["tiles/a/data_source/query/limit"]);
    assert_eq!(paths("tiles/a", with(query("s", 1)), with(query("t", 1))), ["tiles/a/data_source"]);
    assert_eq!(paths("tiles/a", with(query("s", 1)), with(json!({"metric": "m"}))), ["tiles/a/data_source"]);
    assert_eq!(paths("tiles/a", with(query("s", 1)), json!({"title": "U"})), ["tiles/a/data_source", "tiles/a/title"]);
    let options = |key: &str| with(json!({"table": "s", "options": {key: 1}}));
    let both = ["tiles/a/data_source/options/a/b", "tiles/a/data_source/options/c"];
    assert_eq!(paths("tiles/a", options("a/b"), options("c")), both);
    assert_eq!(paths("tiles/a", options(""), options("c")), ["tiles/a/data_source"], "no name for a part");
    let (old, new) = (json!({"column": "x", "label": "A"}), json!({"column": "x", "label": "B"}));
    assert_eq!(paths("filters/f", old.clone(), new.clone()), ["filters/f/label"]);
    assert_eq!(paths("filters/f", json!({"column": "y", "label": "A"}), new), ["filters/f"]);
    assert_eq!(paths("meta/name", json!("a"), json!("b")), ["meta/name"]);
}

#[test]
fn parts_must_be_what_a_dashboard_can_hold() {
    for (path, value) in [
        (format!("{SOURCE}/query/limit"), json!("many")),
        (format!("{SOURCE}/query/no_such_thing"), json!(1)),
        (format!("{SOURCE}/encodings/x"), json!([1])),
        ("filters/a/label".to_owned(), json!(7)),
        ("filters/a/default".to_owned(), json!(5)),
    ] {
        let (a, _) = pair();
        set(&a, &path, value);
        a.validate().unwrap_err();
        // Also while it is not seen, for it may be some day.
        set(&a, "tiles/chart/data_source/options/x", 1);
        a.validate().unwrap_err();
    }
    let (a, _) = pair();
    for path in ["query/dataset", "query/", "elsewhere/x", "options"] {
        a.apply(&Edit { label: String::new(), changes: vec![a.change(format!("{SOURCE}/{path}"), Some(json!("x")))] })
            .unwrap_err();
    }
    a.apply(&Edit { label: String::new(), changes: vec![a.change("filters/a/column", Some(json!("x")))] }).unwrap_err();
    let smuggled = json!({"type": "text", "data_source/options/x": 1});
    a.apply(&Edit { label: String::new(), changes: vec![a.change("tiles/s", Some(smuggled))] }).unwrap_err();
}

#[test]
fn tiles_that_two_people_put_on_one_place_are_settled_the_same_for_all() {
    let a = born(&layout(&["a", "b", "c"]));
    let b = copy_of(&a, 2);
    set(&a, "tiles/a/position", json!({"x": 6, "y": 0, "w": 6, "h": 4}));
    set(&b, "tiles/b/position", json!({"x": 4, "y": 0, "w": 6, "h": 6}));
    exchange(&a, &b);
    let places = |document: &Document| {
        let widgets = document.layout().widgets.into_iter();
        widgets.map(|t| (t.id, t.position)).collect::<Vec<_>>()
    };
    let place = |x, y, w, h| Position { x, y, w, h };
    let settled = [("b", place(4, 0, 6, 6)), ("a", place(6, 6, 6, 4)), ("c", place(0, 6, 6, 4))];
    let mut found = places(&a);
    found.sort_by_key(|(id, _)| settled.iter().position(|(other, _)| *other == id.as_str()));
    assert_eq!(found, settled.map(|(id, place)| (id.to_owned(), place)));
    assert_eq!(places(&a), places(&b));
    assert_eq!(a.tiles()["a"].position, place(6, 0, 6, 4), "what is stored is what each person did");
    // The next move writes down what is seen.
    let tiles: Vec<_> = a.layout().widgets;
    let changes =
        tiles.iter().map(|t| a.change(format!("tiles/{}/position", t.id), serde_json::to_value(t.position).ok()));
    a.apply(&Edit { label: "Move".into(), changes: changes.collect() }).unwrap();
    exchange(&a, &b);
    assert_eq!(places(&b), places(&a));
    assert_eq!(b.tiles()["a"].position, place(6, 6, 6, 4));
}
