//! The history in words, and the difference of two moments.

#![allow(clippy::unwrap_used)]

mod board;

use board::*;
use domain::dashboard::{FilterControl, Layout, Tab};
use domain::document::{Change, Document, Edit, Intent, Names, Snapshot, TileFate, diff, facts, net, sentence};
use domain::history::{LogStep, MOST_STEPS, PAUSE_MS, RESTORED, tell};
use domain::layout::Position;
use serde_json::{Value, json};

fn place(x: u32, y: u32, w: u32, h: u32) -> Value {
    json!({"x": x, "y": y, "w": w, "h": h})
}

/// A dashboard that somebody works on, with its log.
struct Desk {
    document: Document,
    log: Vec<LogStep>,
    now: i64,
}

impl Desk {
    fn new() -> Self {
        let mut desk = Self { document: Document::new(1), log: Vec::new(), now: 0 };
        let birth = Document::birth("Sales", "", "light", &layout(&["a", "b", "c"]));
        desk.document.apply(&birth).unwrap();
        desk.push("ana", Intent::Edit, birth);
        desk
    }

    fn push(&mut self, user: &str, intent: Intent, edit: Edit) {
        let seq = self.log.len() as u64 + 1;
        self.log.push(LogStep { seq, at: self.now, user_id: user.into(), intent, undone: false, edit });
        self.now += 1_000;
    }

    fn make(&mut self, user: &str, path: &str, new: Option<Value>) -> Edit {
        let (edit, _) = edit(&self.document, path, new);
        self.push(user, Intent::Edit, edit.clone());
        edit
    }

    fn told(&self) -> Vec<(String, String)> {
        let mut names = Names::of(&self.document.snapshot());
        self.log.iter().for_each(|step| names.learn(&step.edit.changes));
        let newest: Vec<LogStep> = self.log.iter().rev().cloned().collect();
        tell(newest, &names).into_iter().map(|t| (t.steps[0].0.user_id.clone(), t.words)).collect()
    }

    fn last(&self) -> String {
        self.told().remove(0).1
    }
}

#[test]
fn what_one_person_does_in_one_go_is_one_sentence() {
    let mut desk = Desk::new();
    desk.now += PAUSE_MS + 1;
    for (id, y) in [("a", 8), ("b", 0), ("c", 4)] {
        desk.make("ana", &format!("tiles/{id}/position"), Some(place(0, y, 6, 4)));
    }
    desk.make("ana", "tiles/a/title", Some("Sales".into()));
    desk.make("ana", "tiles/a/title", Some("Sales by region".into()));
    assert_eq!(desk.last(), "moved 3 tiles and renamed “Tile a” to “Sales by region”");
    desk.make("ben", "tiles/b", None);
    desk.make("ben", "meta/name", Some("Revenue".into()));
    assert_eq!(
        desk.told(),
        [
            ("ben".to_owned(), "removed “Tile b” and renamed the dashboard from “Sales” to “Revenue”".to_owned()),
            ("ana".to_owned(), "moved 3 tiles and renamed “Tile a” to “Sales by region”".to_owned()),
            ("ana".to_owned(), "created the dashboard with 3 tiles".to_owned()),
        ]
    );
}

#[test]
fn a_pause_another_person_and_too_many_steps_begin_anew() {
    let mut desk = Desk::new();
    for _ in 0..3 {
        desk.make("ana", "meta/theme", Some("dark".into()));
        desk.now += PAUSE_MS + 1;
        desk.make("ana", "meta/theme", Some("light".into()));
        desk.make("ben", "meta/description", Some(format!("{}", desk.now).into()));
    }
    assert_eq!(desk.told().len(), 1 + 3 * 3);
    let mut busy = Desk::new();
    for i in 0..2 * MOST_STEPS {
        busy.make("ana", "meta/name", Some(format!("Name {i}").into()));
    }
    assert_eq!(busy.told().len(), 3);
}

#[test]
fn undo_and_redo_are_told_as_such() {
    let mut desk = Desk::new();
    let renamed = desk.make("ana", "tiles/a/title", Some("New".into()));
    desk.document.apply(&renamed.inverse()).unwrap();
    desk.push("ana", Intent::Undo, renamed.inverse());
    assert_eq!(desk.last(), "took back: renamed “Tile a” to “New”");
    desk.document.apply(&renamed).unwrap();
    desk.push("ana", Intent::Redo, renamed);
    assert_eq!(desk.last(), "made again: renamed “Tile a” to “New”");
    let restored = Edit { label: format!("{RESTORED}“Before the sale”"), changes: Vec::new() };
    desk.push("ana", Intent::Edit, restored);
    desk.make("ana", "meta/theme", Some("dark".into()));
    assert_eq!(desk.told()[1].1, "restored “Before the sale”");
}

#[test]
fn every_kind_of_change_has_its_words() {
    let document = born(&full_layout());
    let names = Names::of(&document.snapshot());
    let said = |path: &str, new: Option<Value>| sentence(&facts(&[document.change(path, new)], &names), &names);
    let title = |id: &str| document.tiles()[id].title.clone();
    let chart = title("chart");
    for (path, new, words) in [
        ("meta/description", Some(json!("x")), "changed the description".to_owned()),
        ("meta/theme", Some(json!("dark")), "changed the theme".to_owned()),
        ("tiles/chart", None, format!("removed “{chart}”")),
        ("tiles/chart/chart_type", Some(json!("pie")), format!("changed “{chart}” to pie")),
        ("tiles/chart/title", Some(json!("")), format!("took the title of “{chart}” away")),
        ("tiles/new", Some(json!({"type": "text", "title": ""})), "added an untitled tile".to_owned()),
        ("tabs/new", Some(json!({"title": "Details", "order": 9})), "added the tab “Details”".to_owned()),
        (
            "filters/new",
            Some(json!({"dataset": "s", "column": "order_date"})),
            "added the filter “Order date”".to_owned(),
        ),
        ("filters/a", None, String::new()),
        ("tabs/t1", None, String::new()),
    ] {
        let sentence = said(path, new);
        assert!(words.is_empty() || sentence == words, "{path}: {sentence}");
        assert!(sentence.starts_with(char::is_lowercase) && !sentence.contains("tiles/"), "{path}: {sentence}");
    }
    let mut source = document.get("tiles/chart/data_source").unwrap();
    source["query"]["limit"] = json!(3);
    let asked = said("tiles/chart/data_source", Some(source.clone()));
    assert_eq!(asked, format!("changed the question of “{chart}”"));
    let mut source = document.get("tiles/chart/data_source").unwrap();
    source["options"] = json!({"show_legend": false});
    assert_eq!(said("tiles/chart/data_source", Some(source)), format!("changed the settings of “{chart}”"));
}

#[test]
fn many_things_are_counted_and_what_was_put_back_is_said_so() {
    let names = Names::default();
    let change = |path: &str, old: Value, new: Value| Change { path: path.into(), old: Some(old), new: Some(new) };
    let there = change("meta/theme", "light".into(), "dark".into());
    let back = change("meta/theme", "dark".into(), "light".into());
    assert!(net([&there, &back]).is_empty());
    assert_eq!(sentence(&facts(&net([&there, &back]), &names), &names), "changed something and put it back");
    let many = [
        there,
        change("meta/name", "a".into(), "b".into()),
        change("meta/description", "a".into(), "b".into()),
        change("tiles/x/text", "a".into(), "b".into()),
        change("tiles/x/position", place(0, 0, 1, 1), place(0, 0, 2, 1)),
        change("tabs/t", json!({"title": "A", "order": 1}), json!({"title": "A", "order": 2})),
    ];
    let said = sentence(&facts(&many, &names), &names);
    assert!(said.ends_with("and changed 2 more things"), "{said}");
}

#[test]
fn parts_of_values_are_told_as_what_they_are_parts_of() {
    let document = born(&full_layout());
    let names = Names::of(&document.snapshot());
    let source = "tiles/chart/data_source";
    let change = |path: &str, new: Value| document.change(path, Some(new));
    let said = |changes: &[Change]| sentence(&facts(&net(changes), &names), &names);
    let looks = [
        change(&format!("{source}/options/stack"), json!(false)),
        change(&format!("{source}/encodings/x"), json!("date")),
    ];
    let chart = &document.tiles()["chart"].title;
    assert_eq!(said(&looks), format!("changed the settings of “{chart}”"));
    assert_eq!(
        said(&[change(&format!("{source}/query/limit"), json!(5))]),
        format!("changed the question of “{chart}”")
    );
    assert_eq!(said(&[change("tabs/t1/title", json!("More"))]), "renamed the tab “Tab t1” to “More”");
    assert_eq!(said(&[change("tabs/t1/order", json!(1))]), "reordered the tabs");
    assert_eq!(said(&[change("filters/a/label", json!("Where"))]), "changed the filter “Where”");
    assert_eq!(said(&[change("filters/a/order", json!(9))]), "reordered the filters");
    // A part of what came in the same go is part of it.
    let came = [change("tabs/new", json!({"title": "A", "order": 1})), change("tabs/new/title", json!("B"))];
    assert_eq!(net(&came)[0].new, Some(json!({"title": "B", "order": 1})));
    assert_eq!(said(&came), "added the tab “B”");
}

#[test]
fn a_tile_that_came_and_was_changed_is_one_that_came() {
    let mut desk = Desk::new();
    desk.now += PAUSE_MS + 1;
    desk.make("ana", "tiles/d", Some(json!({"type": "text", "title": "", "position": place(0, 20, 3, 3)})));
    desk.make("ana", "tiles/d/title", Some("Words".into()));
    desk.make("ana", "tiles/d/text", Some("Hello".into()));
    let changes: Vec<Change> = desk.log.iter().skip(1).flat_map(|s| s.edit.changes.clone()).collect();
    let net = net(&changes);
    assert_eq!(net.len(), 1);
    assert_eq!(net[0].new.as_ref().unwrap()["text"], "Hello");
    assert_eq!(desk.last(), "added “Words”");
    desk.make("ana", "tiles/d", None);
    assert_eq!(desk.last(), "changed something and put it back");
}

fn moment(change: impl FnOnce(&mut Layout)) -> Snapshot {
    let mut layout = full_layout();
    change(&mut layout);
    Snapshot { name: "Sales".into(), description: String::new(), theme: "light".into(), layout }
}

#[test]
fn a_difference_names_what_came_went_moved_and_changed() {
    let before = moment(|_| ());
    assert!(diff(&before, &before).is_empty());
    let after = Snapshot {
        name: "Revenue".into(),
        ..moment(|layout| {
            layout.widgets.retain(|t| t.id != "text");
            layout.widgets.push(tile("new", 40));
            for tile in &mut layout.widgets {
                match tile.id.as_str() {
                    "chart" => tile.chart_type = Some("pie".into()),
                    "number" => tile.position = Position { x: 3, y: 30, w: 2, h: 2 },
                    _ => {}
                }
            }
            layout.tabs.push(Tab { id: "t9".into(), title: "More".into() });
            layout.filters.push(FilterControl {
                id: "f9".into(),
                dataset: "sales".into(),
                column: "region".into(),
                label: String::new(),
                default: None,
            });
        })
    };
    let difference = diff(&before, &after);
    let fate = |id: &str| difference.tile(id).map(|t| t.fate);
    assert_eq!(fate("new"), Some(TileFate::Added));
    assert_eq!(fate("text"), Some(TileFate::Removed));
    assert_eq!(fate("chart"), Some(TileFate::Changed));
    assert_eq!(fate("number"), Some(TileFate::Moved));
    let number = difference.tile("number").unwrap();
    assert_eq!(number.to, Some(Position { x: 3, y: 30, w: 2, h: 2 }));
    assert!(number.words[0].contains("to column 4, row 31"), "{:?}", number.words);
    assert!(difference.tile("chart").unwrap().words[0].starts_with("kind: "));
    assert!(difference.others.contains(&"Renamed the dashboard from “Sales” to “Revenue”".to_owned()));
    assert!(difference.others.contains(&"Added the tab “More”".to_owned()));
    assert!(difference.others.contains(&"Added the filter “Region”".to_owned()));
    assert_eq!(difference.count(), 4 + 3);
    assert_eq!(difference.tiles[0].fate, TileFate::Added);
    // There and back: the same things, the other way round.
    let back = diff(&after, &before);
    assert_eq!(back.tile("new").map(|t| t.fate), Some(TileFate::Removed));
    assert_eq!(back.count(), difference.count());
}

#[test]
fn another_question_is_said_in_words() {
    let before = moment(|_| ());
    let after = moment(|layout| {
        for tile in layout.widgets.iter_mut().filter(|t| t.id == "chart") {
            let query = tile.data_source.as_mut().unwrap().query.as_mut().unwrap();
            query.dimensions.clear();
        }
    });
    let words = diff(&before, &after).tile("chart").unwrap().words.clone();
    assert!(words[0].starts_with("another question: ") && words[0].contains("of sales"), "{words:?}");
}

#[test]
fn a_snapshot_is_a_document_that_shows_the_same() {
    let document = born(&full_layout());
    let snapshot = document.snapshot();
    let copy = snapshot.document(7).unwrap();
    assert_eq!(copy.snapshot(), snapshot);
    copy.validate().unwrap();
    // What was removed before is not in it.
    set(&document, "tiles/text/text", "A secret plan");
    edit(&document, "tiles/text", None);
    let bytes = document.snapshot().document(8).unwrap().state();
    assert!(!String::from_utf8_lossy(&bytes).contains("secret plan"));
}

#[test]
fn a_replayed_log_is_the_document() {
    let author = Document::new(3);
    let mut log = vec![author.apply(&Document::birth("Sales", "", "light", &layout(&["a", "b"]))).unwrap()];
    let mut states = vec![author.snapshot()];
    for i in 0..300 {
        let (path, new) = match i % 4 {
            0 => ("tiles/a/title".to_owned(), Some(json!(format!("Title {i}")))),
            1 => (format!("tiles/n{i}"), Some(json!({"type": "text", "title": "n", "position": place(0, i, 3, 3)}))),
            2 => (format!("tiles/n{}", i - 1), None),
            _ => ("meta/name".to_owned(), Some(json!(format!("Name {i}")))),
        };
        log.push(edit(&author, &path, new).1);
        states.push(author.snapshot());
    }
    for at in [0, 1, 57, 150, 300] {
        let replayed = Document::new(9);
        replayed.replay(log[..=at].iter().map(Vec::as_slice)).unwrap();
        assert_eq!(replayed.snapshot(), states[at], "after {at}");
        // In two goes, over a checkpoint.
        let again = Document::load(10, &replayed.state()).unwrap();
        again.replay(log[at + 1..].iter().map(Vec::as_slice)).unwrap();
        assert_eq!(again.snapshot(), author.snapshot());
    }
    assert!(Document::new(1).replay([b"nonsense".as_slice()]).is_err());
}
