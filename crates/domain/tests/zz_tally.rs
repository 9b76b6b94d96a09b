//! Bytes from strangers: whatever comes, the document answers with an error or takes it in, and the
//! process lives.

use domain::dashboard::{Layout, Tile};
use domain::document::Document;
use proptest::prelude::*;
use proptest::sample::select;

/// The clock of the first client once it is born.
const BORN: u64 = 28;

fn born() -> Document {
    let widgets = ["a", "b"].map(|id| Tile { id: id.into(), title: "Tïtle 👋".into(), ..Tile::default() }).into();
    let document = Document::new(1);
    document.apply(&Document::birth("Sales", "", "light", &Layout { widgets, ..Layout::default() })).unwrap();
    document
}

/// Everything that the server does with a document after it took in an update.
#[allow(dead_code)]
fn use_it(document: &Document, before: &Document) {
    document.layout();
    document.changes_since(before);
    let _ = document.missing(&before.seen());
    if document.validate().is_ok() {
        let copy = Document::load(3, &document.state()).unwrap();
        assert_eq!(copy.layout(), document.layout());
        let rename = vec![document.change("tiles/a/title", Some("Renamed".into())), document.change("tiles/b", None)];
        document.apply(&domain::document::Edit { label: String::new(), changes: rename }).unwrap();
        document.layout();
    }
}

#[allow(dead_code)]
fn feed(updates: &[Vec<u8>]) -> usize {
    let (document, before) = (born(), born());
    let taken = updates.iter().filter(|update| document.merge(update).is_ok()).count();
    use_it(&document, &before);
    taken
}

fn var(mut n: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while n >= 0x80 {
        bytes.push(n as u8 | 0x80);
        n >>= 7;
    }
    bytes.push(n as u8);
    bytes
}

fn text(s: &str) -> Vec<u8> {
    [var(s.len() as u64), s.as_bytes().to_vec()].concat()
}

fn small() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![20 => 0..24u64, 1 => select(vec![127, 128, 1 << 31, (1 << 32) - 1, 1 << 53, u64::MAX])].prop_map(var)
}

fn client() -> impl Strategy<Value = Vec<u8>> {
    select(vec![1_u64, 2, 3]).prop_map(var)
}

/// Mostly something that is there.
fn id() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        8 => (0..32_u64).prop_map(|clock| [var(1), var(clock)].concat()),
        4 => (2..4_u64, 0..4_u64).prop_map(|(client, clock)| [var(client), var(clock)].concat()),
        1 => (client(), small()).prop_map(|(client, clock)| [client, clock].concat()),
    ]
}

/// Mostly the next clock of a client.
fn start() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        6 => select(vec![(2, 0), (3, 0), (2, 2), (3, 3), (1, BORN)]).prop_map(|(client, clock)| [var(client), var(clock)].concat()),
        1 => (client(), small()).prop_map(|(client, clock)| [client, clock].concat()),
    ]
}

fn key() -> impl Strategy<Value = Vec<u8>> {
    select(vec!["a", "b", "title", "position", "type", "name"]).prop_map(text)
}

fn content() -> impl Strategy<Value = (u8, Vec<u8>)> {
    prop_oneof![
        small().prop_map(|length| (1, length)),
        select(vec!["", "x", "ü👋z", "abc"]).prop_map(|s| (4, text(s))),
        select(vec![1_u8, 2]).prop_map(|kind| (7, vec![kind])),
        select(vec![vec![1, 126], vec![2, 120, 121], vec![1, 117, 1, 126], vec![1, 125, 5], vec![0]])
            .prop_map(|values| (8, values)),
    ]
}

/// A block as yrs writes it, of things that do not fit together.
fn block() -> impl Strategy<Value = Vec<u8>> {
    let parent = prop_oneof![
        (select(vec!["tiles", "meta", "tabs", "filters"]), key())
            .prop_map(|(root, key)| (0x20, [vec![1], text(root), key].concat())),
        (id(), key()).prop_map(|(id, key)| (0x20, [vec![0], id, key].concat())),
        id().prop_map(|id| (0, [vec![0], id].concat())),
        id().prop_map(|id| (0x80, id)),
        id().prop_map(|id| (0x40, id)),
        (id(), id()).prop_map(|(left, right)| (0xc0, [left, right].concat())),
    ];
    prop_oneof![
        12 => (parent, content()).prop_map(|((flags, parent), (kind, content))| [vec![flags | kind], parent, content].concat()),
        1 => small().prop_map(|length| [vec![0], length].concat()),
        1 => small().prop_map(|length| [vec![10], length].concat()),
    ]
}

fn update() -> impl Strategy<Value = Vec<u8>> {
    let clients = prop::collection::vec((start(), prop::collection::vec(block(), 1..5)), 0..3);
    let deleted = prop::collection::vec((client(), prop::collection::vec((small(), small()), 1..3)), 0..2);
    (clients, deleted).prop_map(|(clients, deleted)| {
        let mut bytes = var(clients.len() as u64);
        for (start, blocks) in clients {
            bytes.extend([var(blocks.len() as u64), start, blocks.concat()].concat());
        }
        bytes.extend(var(deleted.len() as u64));
        for (client, ranges) in deleted {
            bytes.extend([client, var(ranges.len() as u64)].concat());
            bytes.extend(ranges.into_iter().flat_map(|(clock, length)| [clock, length].concat()));
        }
        bytes
    })
}


use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
thread_local!(static WHERE: RefCell<String> = RefCell::new(String::new()));

fn damage(bytes: &mut Vec<u8>, damage: &[(prop::sample::Index, u8, u8)]) {
    for (at, byte, how) in damage {
        let at = at.index(bytes.len());
        match how {
            0 => bytes[at] = *byte,
            1 => bytes[at] ^= 1 << (byte % 8),
            2 => bytes.insert(at, *byte),
            _ if bytes.len() > 1 => drop(bytes.remove(at)),
            _ => {}
        }
    }
}

#[test]
fn tally() {
    std::panic::set_hook(Box::new(|info| {
        let bt = if std::env::var("BT").is_ok() { std::backtrace::Backtrace::force_capture().to_string() } else { String::new() };
        WHERE.with(|w| { let mut w = w.borrow_mut(); if !w.is_empty() { w.push_str(" && ") }
            *w += &format!("{} {}{}", info.location().map(|l| l.to_string()).unwrap_or_default().rsplit('/').next().unwrap(), info.payload().downcast_ref::<String>().cloned().or(info.payload().downcast_ref::<&str>().map(|s| s.to_string())).unwrap_or_default(), bt.lines().filter(|l| l.contains("yrs::") || l.contains("domain::")).collect::<String>()) });
    }));
    let n: usize = std::env::var("N").map(|n| n.parse().unwrap()).unwrap_or(10000);
    let mut runner = TestRunner::new(ProptestConfig { ..ProptestConfig::default() });
    let crafted = prop::collection::vec(update(), 1..4);
    let damages = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 1..6);
    let mut tally: BTreeMap<String, (usize, Vec<Vec<u8>>)> = BTreeMap::new();
    let (mut taken, mut valid, mut total) = (0, 0, 0);
    for round in 0..n {
        let updates = if round % 2 == 0 { crafted.new_tree(&mut runner).unwrap().current() } else {
            let d = damages.new_tree(&mut runner).unwrap().current();
            let document = born();
            let change = document.change("tiles/a/title", Some("Tïtle 👋 2".into()));
            let mut update = if round % 4 == 1 { document.state() } else { document.apply(&domain::document::Edit { label: String::new(), changes: vec![change] }).unwrap() };
            damage(&mut update, &d);
            vec![update]
        };
        WHERE.with(|w| w.borrow_mut().clear());
        let (document, before) = (born(), born());
        if std::env::var("LOG").is_ok() { std::fs::write("/dev/shm/zz_last", format!("{updates:?}")).unwrap(); }
        let mut stage = "merge".to_string();
        total += updates.len();
        let r = catch_unwind(AssertUnwindSafe(|| {
             for u in &updates { if document.merge(u).is_ok() { taken += 1 } }
            stage = "layout".into(); 
            document.layout();
            document.changes_since(&before);
            stage = "validate".into();
            let ok = document.validate().is_ok();
            stage = format!("missing ok={ok}");
            let _ = document.missing(&before.seen());
            stage = format!("state ok={ok}"); 
            let state = document.state();
            if ok {
                valid += 1;
                stage = "load".into(); 
                let copy = Document::load(3, &state).unwrap();
                stage = "copy".into();
                assert_eq!(copy.layout(), document.layout());
                stage = "apply".into(); 
                let rename = vec![document.change("tiles/a/title", Some("Renamed".into())), document.change("tiles/b", None)];
                document.apply(&domain::document::Edit { label: String::new(), changes: rename }).unwrap();
                document.layout();
            }
        }));
        if r.is_err() {
            let key = format!("{stage}: {}", WHERE.with(|w| w.borrow().clone()));
            let e = tally.entry(key).or_default();
            e.0 += 1;
            e.1 = if e.1.is_empty() || updates.concat().len() < e.1.concat().len() { updates } else { e.1.clone() };
        }
    }
    eprintln!("{total} updates, {taken} taken, {valid} valid of {n}");
    for (k, (c, e)) in tally { eprintln!("{c:6} {k}\n        {e:?}"); }
}

#[test]
fn one() {
    let updates: Vec<Vec<u8>> = serde_json::from_str(&std::env::var("CASE").unwrap()).unwrap();
    feed(&updates);
}

#[test]
fn born_clock() {
    eprintln!("seen {:?}", born().seen());
}
