//! Several people edit at once, and the network delivers late, twice and in any order: in the end
//! all have the same dashboard.

#![allow(clippy::unwrap_used)]

use domain::dashboard::{Layout, Tile};
use domain::document::{Change, Document, Edit};
use domain::error::ErrorCode;
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
    Filter(Index, bool),
    Tab(Index, bool),
    Undo(Index),
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
        1 => (pick(), any::<bool>()).prop_map(|(filter, keep)| Step::Filter(filter, keep)),
        1 => (pick(), any::<bool>()).prop_map(|(tab, keep)| Step::Tab(tab, keep)),
        3 => pick().prop_map(Step::Undo),
        5 => prop::collection::vec(pick(), 1..6).prop_map(Step::Hear),
    ]
}

struct Person {
    document: Document,
    /// What they did, for undo.
    done: Vec<Edit>,
}

const IDS: [&str; 5] = ["a", "b", "c", "d", "e"];

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
                let tile =
                    json!({"type": "text", "title": id(at), "text": "", "position": {"x": 0, "y": 0, "w": 6, "h": 4}});
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
                return Some(document.apply(&back).unwrap());
            }
            Step::Hear(_) => return None,
        };
        let Change { path, new, .. } = &change;
        let (path, new) = (path.clone(), new.clone());
        let edit = Edit { label: String::new(), changes: vec![change] };
        let update = document.apply(&edit).unwrap();
        assert_eq!(document.get(&path), new, "what one writes is there");
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

fn people(count: usize) -> Vec<Person> {
    let widgets = ["a", "b"].map(|id| Tile { id: id.into(), title: "Tïtle 👋".into(), ..Tile::default() }).into();
    let first = Document::new(1);
    first.apply(&Document::birth("Sales", "", "light", &Layout { widgets, ..Layout::default() })).unwrap();
    let state = first.state();
    let copies = (0..count).map(|i| Document::load(u64::MAX - i as u64, &state).unwrap());
    copies.map(|document| Person { document, done: Vec::new() }).collect()
}

proptest! {
    #[test]
    fn everybody_ends_with_the_same_dashboard(
        count in 2..=5_usize,
        steps in prop::collection::vec((any::<Index>(), step()), 1..60),
        shuffle in prop::collection::vec(any::<Index>(), 0..40),
    ) {
        let mut people = people(count);
        let mut sent: Vec<Vec<u8>> = Vec::new();
        for (who, step) in &steps {
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
