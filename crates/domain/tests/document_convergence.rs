//! Several people edit at once, and the network delivers late, twice and in any order, or not at all
//! for a while: in the end all have the same dashboard, and it is a valid one.

#![allow(clippy::unwrap_used)]

use domain::dashboard::{Layout, Tile, tab_of};
use domain::document::{Change, Document, Edit};
use domain::error::ErrorCode;
use domain::layout::{self, Item};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

/// One person's step; indexes choose among what is there at the time.
#[derive(Clone, Debug)]
enum Step {
    Add(Index),
    Remove(Index),
    Move(Index, u32, u32),
    Title(Index, Index, String),
    Text(Index, String),
    Name(String),
    Theme(bool),
    Filter(Index, bool),
    FilterPart(Index, &'static str, Index),
    Tab(Index, bool),
    TabPart(Index, &'static str, Index),
    /// Onto a tab, or onto none.
    Onto(Index, Option<Index>),
    /// Another dataset, or a chart without a question.
    Source(Index, Option<&'static str>),
    /// A part of the question or of the looks, or nothing there.
    Part(Index, &'static str, Option<u8>),
    Undo(Index),
    Redo,
    /// Tell each other all that is known: the connection is back.
    Meet(Index),
    /// Hear what some of the others sent, up to so many updates, in this order.
    Hear(Vec<Index>),
}

fn words() -> impl Strategy<Value = String> {
    prop::collection::vec(select(vec!["a", "Ü", "👋", "👋🏽", "é", " ", "日", "zz"]), 0..4).prop_map(|w| w.concat())
}

fn step() -> impl Strategy<Value = Step> {
    let pick = any::<Index>;
    prop_oneof![
        2 => pick().prop_map(Step::Add),
        1 => pick().prop_map(Step::Remove),
        3 => (pick(), 0..7_u32, 0..20_u32).prop_map(|(tile, x, y)| Step::Move(tile, x, y)),
        4 => (pick(), pick(), words()).prop_map(|(tile, at, words)| Step::Title(tile, at, words)),
        1 => (pick(), words()).prop_map(|(tile, words)| Step::Text(tile, words)),
        1 => words().prop_map(Step::Name),
        1 => any::<bool>().prop_map(Step::Theme),
        1 => (pick(), any::<bool>()).prop_map(|(filter, keep)| Step::Filter(filter, keep)),
        2 => (pick(), select(vec!["label", "default", "order"]), pick()).prop_map(|(f, part, to)| Step::FilterPart(f, part, to)),
        1 => (pick(), any::<bool>()).prop_map(|(tab, keep)| Step::Tab(tab, keep)),
        2 => (pick(), select(vec!["title", "order"]), pick()).prop_map(|(tab, part, to)| Step::TabPart(tab, part, to)),
        1 => (pick(), prop::option::of(pick())).prop_map(|(tile, tab)| Step::Onto(tile, tab)),
        1 => (pick(), prop::option::of(select(vec!["sales", "flights"]))).prop_map(|(tile, name)| Step::Source(tile, name)),
        5 => (pick(), select(PARTS.to_vec()), prop::option::of(1..4_u8)).prop_map(|(tile, part, to)| Step::Part(tile, part, to)),
        3 => pick().prop_map(Step::Undo),
        2 => Just(Step::Redo),
        1 => pick().prop_map(Step::Meet),
        5 => prop::collection::vec(pick(), 1..6).prop_map(Step::Hear),
    ]
}

struct Person {
    document: Document,
    /// What they did and took back, for undo and redo.
    done: Vec<Edit>,
    undone: Vec<Edit>,
}

const IDS: [&str; 5] = ["a", "b", "c", "d", "e"];
const PARTS: [&str; 6] =
    ["query/limit", "query/offset", "encodings/x", "encodings/color", "options/stack", "options/a/b"];

fn source(dataset: &str) -> Value {
    json!({"query": {"dataset": dataset, "limit": 10}, "options": {"stack": true}})
}

impl Person {
    /// Makes the step's edit, if it is one, and returns the update for the others.
    fn act(&mut self, step: &Step) -> Option<Vec<u8>> {
        let document = &self.document;
        let tiles: Vec<Tile> = document.tiles().into_values().collect();
        let pick = |at: &Index| (!tiles.is_empty()).then(|| at.get(&tiles));
        let id = |at: &Index| *at.get(&IDS);
        let kept = |keep: bool, value: Value| keep.then_some(value);
        let change = match step {
            Step::Add(at) => {
                let tile = json!({"type": "chart", "title": id(at), "text": "", "position": {"x": 0, "y": 0, "w": 6, "h": 4},
                        "data_source": source("sales")});
                document.change(format!("tiles/{}", id(at)), Some(tile))
            }
            Step::Remove(at) => document.change(format!("tiles/{}", pick(at)?.id), None),
            Step::Move(at, x, y) => {
                let place = json!({"x": x, "y": y, "w": 6, "h": 4});
                document.change(format!("tiles/{}/position", pick(at)?.id), Some(place))
            }
            Step::Title(at, into, words) => {
                let Tile { id, title, .. } = pick(at)?;
                // Some letters in the middle give way to others.
                let letters: Vec<char> = title.chars().collect();
                let from = into.index(letters.len() + 1);
                let to = (from + 2).min(letters.len());
                let new = letters[..from]
                    .iter()
                    .chain(&words.chars().collect::<Vec<_>>())
                    .chain(&letters[to..])
                    .collect::<String>();
                document.change(format!("tiles/{id}/title"), Some(new.into()))
            }
            Step::Text(at, words) => {
                document.change(format!("tiles/{}/text", pick(at)?.id), Some(words.as_str().into()))
            }
            Step::Theme(dark) => document.change("meta/theme", Some(if *dark { "dark" } else { "light" }.into())),
            Step::FilterPart(at, part, to) => {
                document.get(&format!("filters/{}", id(at)))?;
                let value = match *part {
                    "label" => json!(id(to)),
                    "order" => json!(to.index(4)),
                    _ => json!({"column": "region", "op": "eq", "value": id(to)}),
                };
                document.change(format!("filters/{}/{part}", id(at)), Some(value))
            }
            Step::TabPart(at, part, to) => {
                document.get(&format!("tabs/{}", id(at)))?;
                let value = if *part == "title" { json!(id(to)) } else { json!(to.index(4)) };
                document.change(format!("tabs/{}/{part}", id(at)), Some(value))
            }
            Step::Onto(at, tab) => {
                document.change(format!("tiles/{}/tab", pick(at)?.id), tab.as_ref().map(|tab| id(tab).into()))
            }
            Step::Source(at, dataset) => {
                document.change(format!("tiles/{}/data_source", pick(at)?.id), dataset.map(source))
            }
            Step::Part(at, part, to) => {
                let path = format!("tiles/{}/data_source", pick(at)?.id);
                document.get(&path)?;
                let value = to.map(|to| if part.starts_with("encodings") { json!(id_of(to)) } else { json!(to) });
                document.change(format!("{path}/{part}"), value)
            }
            Step::Name(words) => document.change("meta/name", Some(words.as_str().into())),
            Step::Filter(at, keep) => {
                let control = json!({"dataset": "sales", "column": "region", "order": 1.5});
                document.change(format!("filters/{}", id(at)), kept(*keep, control))
            }
            Step::Tab(at, keep) => document
                .change(format!("tabs/{}", id(at)), kept(*keep, json!({"title": id(at), "order": 2_147_483_649_u64}))),
            Step::Undo(at) => {
                if self.done.is_empty() {
                    return None;
                }
                let edit = self.done.remove(at.index(self.done.len()));
                let back = document.still_standing(&edit).inverse();
                self.undone.push(edit);
                return Some(document.apply(&back).unwrap());
            }
            Step::Redo => {
                let edit = self.undone.pop()?;
                let again = document.still_standing(&edit.inverse()).inverse();
                self.done.push(edit);
                return Some(document.apply(&again).unwrap());
            }
            Step::Hear(_) | Step::Meet(_) => return None,
        };
        let Change { path, new, .. } = &change;
        let (path, new) = (path.clone(), new.clone());
        let edit = Edit { label: String::new(), changes: vec![change] };
        let update = document.apply(&edit).unwrap();
        assert_eq!(document.get(&path), new, "what one writes is there");
        assert_eq!(document.still_standing(&edit), edit, "and stands");
        self.done.push(edit);
        Some(update)
    }

    fn hear(&self, update: &[u8]) {
        let before = self.document.layout();
        match self.document.merge(update) {
            Ok(()) => {}
            Err(error) if error.code == ErrorCode::Conflict => assert_eq!(self.document.layout(), before),
            Err(error) => panic!("a real update was refused: {error}"),
        }
    }
}

fn id_of(number: u8) -> &'static str {
    IDS[usize::from(number) % IDS.len()]
}

/// On every tab tiles lie on the grid, and none over another; and nobody sees another order of them.
fn assert_settled(document: &Document) {
    let Layout { tabs, widgets, .. } = document.layout();
    for tile in &widgets {
        assert!(tile.position.is_on_grid());
        let same_tab = |other: &&Tile| tab_of(&tabs, other.tab.as_deref()) == tab_of(&tabs, tile.tab.as_deref());
        for other in widgets.iter().filter(same_tab).filter(|other| other.id != tile.id) {
            assert!(!tile.position.overlaps(other.position), "{} lies over {}", tile.id, other.id);
        }
    }
    // Settling what is settled changes nothing: the page draws the stored places by the same rule.
    for tab in tabs.iter().map(|tab| Some(tab.id.as_str())).chain([None]) {
        let on_tab = |tile: &&Tile| tab_of(&tabs, tile.tab.as_deref()) == tab;
        let seen: Vec<Item> = widgets.iter().filter(on_tab).map(|t| Item::new(&t.id, t.position)).collect();
        let tiles = document.tiles();
        let stored: Vec<Item> = tiles.values().filter(on_tab).map(|t| Item::new(&t.id, t.position)).collect();
        assert_eq!(layout::view(&seen), layout::view(&stored));
    }
}

/// As many cases as are asked for; without that enough to find what is wrong with every push.
fn cases() -> ProptestConfig {
    let asked = ProptestConfig::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { asked.cases } else { 500 };
    ProptestConfig { cases, ..asked }
}

fn people(count: usize) -> Vec<Person> {
    let chart = |id: &str| Tile {
        id: id.into(),
        title: "Tïtle 👋".into(),
        data_source: serde_json::from_value(source("sales")).unwrap(),
        ..Tile::default()
    };
    let widgets = ["a", "b"].map(chart).into();
    let first = Document::new(1);
    first.apply(&Document::birth("Sales", "", "light", &Layout { widgets, ..Layout::default() })).unwrap();
    let state = first.state();
    let copies = (0..count).map(|i| Document::load(u64::MAX - i as u64, &state).unwrap());
    copies.map(|document| Person { document, done: Vec::new(), undone: Vec::new() }).collect()
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn everybody_ends_with_the_same_dashboard(
        count in 2..=8_usize,
        steps in prop::collection::vec((any::<Index>(), step()), 1..50),
        shuffle in prop::collection::vec(any::<Index>(), 0..40),
    ) {
        let mut people = people(count);
        let mut sent: Vec<Vec<u8>> = Vec::new();
        for (who, step) in &steps {
            if let Step::Meet(whom) = step {
                let [one, other] = [who, whom].map(|at| &people[at.index(count)].document);
                let (to_one, to_other) = (other.missing(&one.seen()).unwrap(), one.missing(&other.seen()).unwrap());
                one.merge(&to_one).unwrap();
                other.merge(&to_other).unwrap();
            }
            let person = &mut people[who.index(count)];
            if let Step::Hear(which) = step {
                which.iter().filter(|_| !sent.is_empty()).for_each(|at| person.hear(&sent[at.index(sent.len())]));
            }
            sent.extend(person.act(step));
        }
        // Everybody hears everything, each in an order of their own, some of it twice; what came
        // before what it builds on is told again.
        for (i, person) in people.iter().enumerate() {
            let mut order: Vec<&Vec<u8>> = sent.iter().collect();
            for (at, to) in shuffle.iter().enumerate().filter(|_| !sent.is_empty()) {
                order.swap((at + i) % sent.len(), to.index(sent.len()));
            }
            order.iter().for_each(|update| person.hear(update));
            while !order.is_empty() {
                let waiting = order.len();
                order.retain(|update| person.document.merge(update).is_err());
                prop_assert!(order.len() < waiting, "an update never fits");
            }
        }
        let seen = people[0].document.layout();
        assert_settled(&people[0].document);
        for person in &people {
            person.document.validate().unwrap();
            prop_assert_eq!(person.document.layout(), seen.clone());
            prop_assert_eq!(person.document.meta(), people[0].document.meta());
            prop_assert_eq!(person.document.changes_since(&people[0].document), []);
            let loaded = Document::load(9, &person.document.state()).unwrap();
            prop_assert_eq!(loaded.layout(), seen.clone(), "and so does who comes later");
        }
    }

    #[test]
    fn who_was_away_catches_up(steps in prop::collection::vec((0..2_usize, step()), 1..40)) {
        let mut people = people(2);
        for (who, step) in &steps {
            people[*who].act(step);
        }
        let [a, b] = [&people[0].document, &people[1].document];
        a.merge(&b.missing(&a.seen()).unwrap()).unwrap();
        b.merge(&a.missing(&b.seen()).unwrap()).unwrap();
        prop_assert_eq!(a.layout(), b.layout());
        prop_assert_eq!(a.meta(), b.meta());
    }

    #[test]
    fn a_title_becomes_whatever_is_typed(titles in prop::collection::vec(words(), 1..12)) {
        let (a, b) = (&people(2)[0].document, &people(2)[1].document);
        for title in titles {
            let edit = Edit { label: String::new(), changes: vec![a.change("tiles/a/title", Some(title.clone().into()))] };
            b.merge(&a.apply(&edit).unwrap()).unwrap();
            prop_assert_eq!(&a.tiles()["a"].title, &title);
            prop_assert_eq!(&b.tiles()["a"].title, &title);
        }
    }
}
