//! Bytes from strangers: whatever comes, the document answers with an error or takes it in, and the
//! process lives.

#![allow(clippy::unwrap_used)]

use domain::dashboard::{Layout, Tile};
use domain::document::Document;
use domain::error::ErrorCode;
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
fn use_it(document: &Document, before: &Document) {
    document.layout();
    document.changes_since(before);
    let _ = document.missing(&before.seen());
    if document.validate().is_ok() {
        Document::load(3, &document.state()).unwrap().layout();
        let rename = vec![document.change("tiles/a/title", Some("Renamed".into())), document.change("tiles/b", None)];
        document.apply(&domain::document::Edit { label: String::new(), changes: rename }).unwrap();
        document.layout();
    }
}

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

/// An update of client 2, from clock 0, of blocks.
fn by_two(blocks: &[Vec<u8>]) -> Vec<u8> {
    [vec![1], var(blocks.len() as u64), vec![2, 0], blocks.concat(), vec![0]].concat()
}

/// `meta/a` with encoded values.
fn meta(value: Vec<u8>) -> Vec<u8> {
    by_two(&[[vec![0x28, 1], text("meta"), text("a"), vec![1], value].concat()])
}

/// Maps in maps, the first of them a tile.
fn nested(depth: u64) -> Vec<u8> {
    let inner = (1..depth).map(|i| [vec![0x27, 0, 2], var(i - 1), text("k"), vec![1]].concat());
    let outer = [vec![0x27, 1], text("tiles"), text("x"), vec![1]].concat();
    by_two(&std::iter::once(outer).chain(inner).collect::<Vec<_>>())
}

#[test]
fn what_would_harm_is_refused() {
    let document = born();
    let before = document.state();
    let depth = |n: usize| meta([[117, 1].repeat(n), vec![126]].concat());
    let harm = [
        ("values too deep for the stack", depth(200_000)),
        ("more values than there are bytes", meta([vec![117], var(1 << 30)].concat())),
        ("more keys than there are bytes", meta([vec![118], var(u64::from(u32::MAX))].concat())),
        ("maps too deep for the stack", nested(100_000)),
        ("a list in a map of keys", by_two(&[[vec![0x08, 1], text("tiles"), vec![1, 126]].concat()])),
        ("an unknown root", by_two(&[[vec![0x28, 1], text("other"), text("a"), vec![1, 126]].concat()])),
        (
            "a document in the document",
            by_two(&[[vec![0x29, 1], text("meta"), text("a"), text("g"), vec![118, 0]].concat()]),
        ),
        ("neighbours from two lists", by_two(&[vec![0xc7, 1, 19, 1, 17, 2]])),
        ("a value as a parent", by_two(&[[vec![0x28, 0, 1, 0], text("a"), vec![1, 126]].concat()])),
        ("a clock that overflows", [vec![1, 1, 2], var(u64::from(u32::MAX)), vec![0, 9, 0]].concat()),
        ("a client twice", vec![2, 1, 2, 0, 0, 1, 1, 2, 1, 0, 1, 0]),
        ("more than the update", [meta(vec![126]), vec![0]].concat()),
        ("nothing", vec![]),
    ];
    for (what, update) in harm {
        let error = document.merge(&update).expect_err(what);
        assert_eq!(error.code, ErrorCode::InvalidRequest, "{what}");
        assert_eq!(document.state(), before, "{what}");
    }
    document.merge(&meta(vec![117, 1, 117, 1, 126])).unwrap();
    assert_eq!(document.get("meta/a"), Some(serde_json::json!([[null]])));
}

#[test]
fn what_builds_on_something_absent_waits_outside() {
    let document = born();
    let before = document.state();
    for (what, update) in [
        ("a gap", [vec![1, 1, 2, 5, 0x28, 1], text("meta"), text("a"), vec![1, 126, 0]].concat()),
        ("an unknown neighbour", by_two(&[vec![0x88, 3, 7, 1, 126]])),
        ("a block that needs itself", by_two(&[vec![0x88, 2, 0, 1, 126]])),
        ("blocks that need each other", vec![2, 1, 2, 0, 0x88, 3, 0, 1, 126, 1, 3, 0, 0x88, 2, 0, 1, 126, 0]),
        ("a deletion of what is not there", vec![0, 1, 2, 1, 0, 1]),
    ] {
        assert_eq!(document.merge(&update).expect_err(what).code, ErrorCode::Conflict, "{what}");
        assert_eq!(document.state(), before, "{what}");
    }
}

#[test]
fn maps_in_a_tile_are_no_dashboard() {
    let document = born();
    document.merge(&nested(900)).unwrap();
    document.layout();
    document.validate().unwrap_err();
    // The one that yrs goes down to the end.
    let change = document.change("tiles/x", None);
    document.apply(&domain::document::Edit { label: String::new(), changes: vec![change] }).unwrap();
    document.validate().unwrap();
}

/// Each of these crashed yrs 0.28.1 when it came in without a look at it first.
#[test]
fn what_once_crashed_does_not() {
    let cases: [&[&[u8]]; 3] = [
        &[
            &[
                1, 4, 3, 21, 39, 1, 4, 109, 101, 116, 97, 4, 110, 97, 109, 101, 1, 129, 3, 0, 10, 65, 3, 23, 1, 136, 2,
                14, 2, 120, 121, 1, 1, 1, 4, 17,
            ],
            &[1, 3, 3, 15, 129, 1, 9, 9, 65, 3, 0, 14, 0, 20, 0],
        ],
        &[
            &[1, 3, 2, 3, 10, 13, 0, 7, 0, 8, 1, 1, 1, 7, 16],
            &[
                2, 4, 1, 6, 39, 0, 3, 17, 5, 116, 105, 116, 108, 101, 2, 200, 3, 2, 2, 8, 2, 120, 121, 33, 1, 4, 116,
                97, 98, 115, 4, 116, 121, 112, 101, 22, 199, 3, 5, 2, 5, 1, 1, 2, 15, 132, 2, 16, 7, 195, 188, 240,
                159, 145, 139, 122, 0,
            ],
        ],
        &[
            &[2, 2, 1, 0, 200, 2, 20, 2, 11, 1, 125, 5, 129, 1, 0, 9, 1, 3, 16, 0, 12, 0],
            &[1, 2, 3, 14, 0, 3, 1, 0, 1, 21, 8, 0],
        ],
    ];
    for updates in cases {
        assert_eq!(feed(&updates.iter().map(|update| update.to_vec()).collect::<Vec<_>>()), 0);
    }
}

proptest! {
    #[test]
    fn noise(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        feed(std::slice::from_ref(&bytes));
        let _ = Document::load(1, &bytes);
        let _ = born().missing(&bytes);
    }

    #[test]
    fn a_damaged_update(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 1..6),
    ) {
        let document = born();
        let change = document.change("tiles/a/title", Some("Tïtle 👋 2".into()));
        let update = document.apply(&domain::document::Edit { label: String::new(), changes: vec![change] }).unwrap();
        for mut bytes in [update, document.state(), document.seen()] {
            for (at, byte, how) in &damage {
                let at = at.index(bytes.len());
                match how {
                    0 => bytes[at] = *byte,
                    1 => bytes[at] ^= 1 << (byte % 8),
                    2 => bytes.insert(at, *byte),
                    _ if bytes.len() > 1 => drop(bytes.remove(at)),
                    _ => {}
                }
            }
            let _ = document.missing(&bytes);
            feed(&[bytes]);
        }
    }

    #[test]
    fn a_crafted_update(updates in prop::collection::vec(update(), 1..4)) {
        feed(&updates);
    }
}
