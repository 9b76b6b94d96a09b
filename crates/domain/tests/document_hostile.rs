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
