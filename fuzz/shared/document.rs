//! Updates of a dashboard's document from a stranger, one after another, and edits as JSON: the
//! document takes them in or answers with an error, and stays one that can be used.

use domain::dashboard::{Layout, Tile};
use domain::document::{Document, Edit};

/// What stands between two updates.
const BETWEEN: [u8; 2] = [0xfe, 0xff];

fn born() -> Document {
    let widgets = ["a", "b"].map(|id| Tile { id: id.into(), title: "Tïtle 👋".into(), ..Tile::default() }).into();
    let document = Document::new(1);
    let birth = Document::birth("Sales", "", "light", &Layout { widgets, ..Layout::default() });
    document.apply(&birth).expect("a dashboard is born");
    document
}

/// One input.
pub(crate) fn one(data: &[u8]) {
    let (document, before) = (born(), born());
    let mut rest = data;
    for _ in 0..8 {
        let end = rest.windows(2).position(|pair| pair == BETWEEN).unwrap_or(rest.len());
        take(&document, &rest[..end]);
        if end == rest.len() {
            break;
        }
        rest = &rest[end + 2..];
    }
    document.layout();
    document.changes_since(&before);
    document.missing(&before.seen()).expect("its own state vector");
    let _ = document.missing(data);
    if document.validate().is_ok() {
        let copy = Document::load(3, &document.state()).expect("its own state");
        assert_eq!(copy.layout(), document.layout(), "a copy is the same dashboard");
        let rename = document.change("tiles/a/title", Some("Renamed".into()));
        let edit = Edit { label: String::new(), changes: vec![rename, document.change("tiles/b", None)] };
        if document.apply(&edit).is_ok() {
            document.layout();
            let back = document.still_standing(&edit);
            assert!(back.changes.len() <= edit.changes.len());
        }
    }
}

fn take(document: &Document, piece: &[u8]) {
    if piece.first() == Some(&b'{') {
        if let Ok(edit) = serde_json::from_slice::<Edit>(piece) {
            let _ = document.apply(&edit);
        }
        return;
    }
    let before = document.state();
    if document.merge(piece).is_ok() {
        document.merge(piece).expect("what was taken in can be taken in twice");
    } else {
        assert_eq!(document.state(), before, "what is refused changes nothing");
    }
}
