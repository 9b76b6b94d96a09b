//! Tests of [`super::state`], with a stand-in for the server.

use super::state::State;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use domain::Tile;
use domain::dashboard::Layout;
use domain::document::{Broadcast, Document, Edit, Opened, Operation};
use serde_json::Value;

/// The server's document.
struct Server {
    document: Document,
    version: u64,
}

impl Server {
    fn new() -> Self {
        let tile = |id: &str| Tile { id: id.into(), title: id.to_uppercase(), ..Tile::default() };
        let layout = Layout { widgets: vec![tile("a"), tile("b")], ..Layout::default() };
        let document = Document::new(1);
        document.apply(&Document::birth("Sales", "", "default", &layout)).unwrap();
        Self { document, version: 1 }
    }

    fn opened(&self) -> Opened {
        Opened {
            state: BASE64.encode(self.document.state()),
            version: self.version,
            undo: vec![],
            redo: vec![],
            published: None,
        }
    }

    fn open(&self, client: u64) -> State {
        State::open(client, &self.opened()).unwrap()
    }

    fn take(&mut self, operation: &Operation) -> Broadcast {
        self.document.merge(&BASE64.decode(&operation.update).unwrap()).unwrap();
        self.version += 1;
        Broadcast {
            id: operation.id.clone(),
            update: operation.update.clone(),
            user_id: "u".into(),
            user_name: "U".into(),
            version: self.version,
        }
    }

    /// Takes what the browser would send, and acknowledges it.
    fn settle(&mut self, state: &mut State) -> Vec<Broadcast> {
        state.seal();
        let mut news = Vec::new();
        while let Some(operation) = state.next_to_send().map(|p| p.operation.clone()) {
            let broadcast = self.take(&operation);
            state.receive(&broadcast).unwrap();
            state.acknowledge(&operation.id);
            news.push(broadcast);
        }
        news
    }
}

fn set(state: &mut State, id: &str, path: &str, value: impl Into<Value>, gathers: bool) -> bool {
    let change = state.document.change(path, Some(value.into()));
    state.edit(id.into(), Edit { label: "Rename".into(), changes: vec![change] }, gathers).unwrap()
}

fn title(document: &Document) -> String {
    document.tiles()["a"].title.clone()
}

#[test]
fn an_edit_arrives_and_can_be_taken_back_and_made_again() {
    let mut server = Server::new();
    let mut state = server.open(2);
    assert!(!state.can_undo(), "the making of the dashboard is no step");
    assert!(set(&mut state, "1", "tiles/a/title", "New", false));
    assert!(!set(&mut state, "2", "tiles/a/title", "New", false), "nothing changes");
    server.settle(&mut state);
    assert_eq!(title(&server.document), "New");
    assert_eq!(state.undo("3".into()).unwrap().unwrap().label, "Undo: Rename");
    server.settle(&mut state);
    assert_eq!(title(&server.document), "A");
    assert!(!state.can_undo() && state.can_redo());
    state.redo("4".into()).unwrap();
    server.settle(&mut state);
    assert_eq!((title(&server.document), state.waiting()), ("New".into(), 0));
}

#[test]
fn typing_is_one_operation_and_one_step() {
    let mut server = Server::new();
    let (mut state, mut other) = (server.open(2), server.open(3));
    set(&mut state, "1", "tiles/a/title", "N", true);
    // Somebody else writes into the document meanwhile.
    set(&mut other, "x", "tiles/b/title", "B2", false);
    let news = server.settle(&mut other);
    state.receive(&news[0]).unwrap();
    set(&mut state, "2", "tiles/a/title", "Ne", true);
    set(&mut state, "3", "tiles/a/title", "New", true);
    assert_eq!(state.waiting(), 1);
    assert!(state.next_to_send().is_none(), "it still gathers");
    server.settle(&mut state);
    assert_eq!((title(&server.document), server.version), ("New".into(), 3));
    state.undo("4".into()).unwrap();
    assert_eq!(title(&state.document), "A");
    assert_eq!(state.document.tiles()["b"].title, "B2");
}

#[test]
fn undo_leaves_alone_what_somebody_changed_since() {
    let mut server = Server::new();
    let (mut state, mut other) = (server.open(2), server.open(3));
    set(&mut state, "1", "tiles/b/title", "First", false);
    set(&mut state, "2", "tiles/a/text", "Mine", false);
    for news in server.settle(&mut state) {
        other.receive(&news).unwrap();
    }
    set(&mut other, "x", "tiles/a/text", "Theirs", false);
    for news in server.settle(&mut other) {
        state.receive(&news).unwrap();
    }
    // The last step does not stand any more, so the one before it is taken back.
    state.undo("3".into()).unwrap();
    assert_eq!(state.document.tiles()["b"].title, "B");
    assert_eq!(state.document.tiles()["a"].text.as_deref(), Some("Theirs"));
    assert_eq!(state.undo("4".into()).unwrap(), None);
}

#[test]
fn a_refused_edit_is_taken_back_and_the_others_are_made_anew() {
    let mut server = Server::new();
    let mut state = server.open(2);
    set(&mut state, "bad", "tiles/a/title", "Bad", false);
    set(&mut state, "good", "tiles/b/title", "Good", false);
    while let Some(next) = state.next_to_send() {
        next.sent = true;
    }
    assert!(state.refuse("bad"));
    assert!(!state.refuse("good"), "it builds on the one before");
    assert!(state.next_to_send().is_none(), "nothing is sent meanwhile");
    let mut fresh = 0;
    let id = || {
        fresh += 1;
        format!("fresh{fresh}")
    };
    state.roll_back(9, &server.opened(), id).unwrap();
    assert_eq!(title(&state.document), "A");
    server.settle(&mut state);
    assert_eq!(server.document.tiles()["b"].title, "Good");
    assert_eq!((title(&server.document), state.can_undo()), ("A".into(), true));
}

#[test]
fn what_another_tab_left_is_sent_once_more() {
    let mut server = Server::new();
    let mut first = server.open(2);
    set(&mut first, "1", "tiles/a/title", "Kept", false);
    set(&mut first, "2", "tiles/b/title", "Kept too", false);
    let kept: Vec<Operation> = first.operations().into_iter().cloned().collect();
    // The second without the first has nothing to build on.
    let mut broken = server.open(4);
    broken.adopt(kept[1..].to_vec());
    assert_eq!(broken.waiting(), 0);
    let mut second = server.open(3);
    second.adopt(kept.clone());
    second.adopt(kept);
    assert_eq!((second.waiting(), title(&second.document)), (2, "Kept".into()));
    server.settle(&mut second);
    assert_eq!(title(&server.document), "Kept");
}

#[test]
fn a_gap_in_what_others_did_is_seen() {
    let mut server = Server::new();
    let (mut state, mut other) = (server.open(2), server.open(3));
    set(&mut other, "1", "tiles/a/title", "One", false);
    set(&mut other, "2", "tiles/a/title", "Two", false);
    let news = server.settle(&mut other);
    assert!(state.receive(&news[1]).is_err());
    state.reopen(&server.opened()).unwrap();
    assert_eq!(title(&state.document), "Two");
    assert!(state.receive(&news[1]).is_ok(), "what is known comes again");
}

#[test]
fn after_a_new_connection_the_steps_are_the_servers_and_what_waits() {
    let server = Server::new();
    let mut state = server.open(2);
    set(&mut state, "1", "tiles/a/title", "One", false);
    state.undo("2".into()).unwrap();
    set(&mut state, "3", "tiles/b/title", "Two", false);
    state.reopen(&server.opened()).unwrap();
    assert!(state.can_undo() && !state.can_redo());
    state.undo("4".into()).unwrap();
    assert_eq!(state.document.tiles()["b"].title, "B");
}
