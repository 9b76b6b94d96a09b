//! The history of a dashboard: any moment, the way back, names, and what readers see of a draft.
#![allow(clippy::unwrap_used)]

mod house;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use domain::api::{DashboardPatch, ValuesRequest};
use domain::connect::TileAsk;
use domain::dashboard::{Layout, SketchTile};
use domain::document::{Change, Document, Edit, Intent, Operation, TileFate};
use domain::history::{NewVersion, PublishRequest, TimelineRequest};
use domain::people::Scope;
use domain::{Access, Caller, Dashboard, ErrorCode, UserRole};
use house::House;
use serde_json::{Value, json};
use services::{Mailbox, Services};

fn bar(id: &str, title: &str, y: u32, dataset: &str, column: &str) -> Value {
    json!({"id": id, "type": "chart", "chart_type": "bar", "title": title, "position": {"x": 0, "y": y, "w": 6, "h": 4},
        "data_source": {"query": {"dataset": dataset, "dimensions": [{"column": column}],
            "measures": [{"column": "amount", "agg": "sum"}]}}})
}

/// A public dashboard of one chart, with its owner, an editor and a reader.
struct Scene {
    house: House,
    board: Dashboard,
    editor: Caller,
    reader: Caller,
}

impl Scene {
    async fn new() -> Self {
        let house = House::build().await;
        house.load("orders", "region,shop,amount\nNorth,A,10\nSouth,B,20\n").await;
        let board = house.dashboard(json!([bar("a", "Sales", 0, "orders", "region")])).await;
        let editor = house.user("editor", UserRole::Creator).await;
        let reader = house.user("reader", UserRole::Creator).await;
        let s = &house.services;
        s.set_grant(&house.owner, "dashboard", &board.id, "editor", Some(Access::Edit)).await.unwrap();
        s.set_grant(&house.owner, "dataset", "orders", "editor", Some(Access::View)).await.unwrap();
        Self { house, board, editor, reader }
    }

    fn s(&self) -> &Services {
        &self.house.services
    }

    fn owner(&self) -> &Caller {
        &self.house.owner
    }

    /// Makes an edit as a browser would.
    async fn edit(&self, who: &Caller, label: &str, make: impl FnOnce(&Document) -> Vec<Change>) -> Operation {
        let opened = self.s().open_document(who, &self.board.id).await.unwrap();
        let document = Document::load(rand(), &BASE64.decode(&opened.state).unwrap()).unwrap();
        let edit = Edit { label: label.into(), changes: make(&document) };
        self.send(who, &document, edit, Intent::Edit, None).await
    }

    async fn send(
        &self,
        who: &Caller,
        document: &Document,
        edit: Edit,
        intent: Intent,
        target: Option<String>,
    ) -> Operation {
        let update = BASE64.encode(document.apply(&edit).unwrap());
        let operation = Operation { id: format!("op{}", rand()), update, edit, intent, target };
        self.s().apply_operation(who, &self.board.id, &operation).await.unwrap();
        operation
    }

    async fn set(&self, who: &Caller, path: &str, new: Option<Value>) -> Operation {
        self.edit(who, "Change", |document| vec![document.change(path, new)]).await
    }

    async fn layout(&self, who: &Caller) -> Layout {
        self.s().get_dashboard(who, &self.board.slug).await.unwrap().layout
    }

    async fn titles(&self, who: &Caller) -> Vec<String> {
        self.layout(who).await.widgets.into_iter().map(|t| t.title).collect()
    }

    async fn publish(&self, note: &str) -> u64 {
        let request = PublishRequest { note: note.into(), seq: None };
        self.s().publish_dashboard(self.owner(), &self.board.id, &request).await.unwrap().number
    }
}

/// A replica number that nobody else has.
fn rand() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1_000);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

#[tokio::test]
async fn every_moment_is_what_the_dashboard_was_and_told_in_words() {
    let scene = Scene::new().await;
    let s = scene.s();
    let mut states = vec![s.get_dashboard(scene.owner(), &scene.board.id).await.unwrap()];
    let (owner, editor) = (scene.owner().clone(), scene.editor.clone());
    for (who, path, new) in [
        (&owner, "tiles/a/title", Some(json!("Sales by region"))),
        (&editor, "tiles/b", Some(bar("b", "By shop", 4, "orders", "shop"))),
        (&editor, "tiles/b/position", Some(json!({"x": 6, "y": 0, "w": 6, "h": 4}))),
        (&owner, "meta/name", Some(json!("Revenue"))),
        (&owner, "tiles/a", None),
    ] {
        scene.set(who, path, new).await;
        states.push(s.get_dashboard(&owner, &scene.board.id).await.unwrap());
    }
    for state in &states {
        let moment = s.moment(&editor, &scene.board.slug, state.version).await.unwrap();
        assert_eq!((&moment.dashboard.name, &moment.dashboard.layout), (&state.name, &state.layout));
    }
    let told = s.timeline(&editor, &scene.board.id, &TimelineRequest::default()).await.unwrap();
    let lines: Vec<_> = told.items.iter().map(|e| (e.user_name.as_str(), e.words.as_str(), e.last)).collect();
    assert_eq!(
        lines,
        [
            ("owner", "renamed the dashboard from “Board” to “Revenue” and removed “Sales by region”", 6),
            ("editor", "added “By shop”", 4),
            ("owner", "renamed “Sales” to “Sales by region”", 2),
            ("owner", "created the dashboard with a tile", 1),
        ]
    );
    assert_eq!(told.next, None);
    let only = TimelineRequest { user: Some(editor.user_id.clone()), before: None };
    let mine = s.timeline(&owner, &scene.board.id, &only).await.unwrap();
    assert_eq!(mine.items.iter().map(|e| e.first).collect::<Vec<_>>(), [3]);
    let authors = s.history_authors(&owner, &scene.board.id).await.unwrap();
    assert_eq!(authors.iter().map(|a| a.name.as_str()).collect::<Vec<_>>(), ["editor", "owner"]);
    let found = s.moment_difference(&owner, &scene.board.id, 1, 6).await.unwrap().difference;
    assert_eq!(found.tile("b").map(|t| t.fate), Some(TileFate::Added));
    assert_eq!(found.tile("a").map(|t| t.fate), Some(TileFate::Removed));
    // A tile of then with the data of today.
    scene.house.append("orders", json!([{"region": "West", "shop": "A", "amount": 5}])).await;
    let tile = s.moment_tile(&owner, &scene.board.id, 1, "a").await.unwrap();
    assert_eq!(tile.table.row_count(), 3);
    assert_eq!(s.moment_tile(&owner, &scene.board.id, 6, "a").await.unwrap_err().code, ErrorCode::NotFound);
    for seq in [0, 7, u64::MAX] {
        assert_eq!(s.moment(&owner, &scene.board.id, seq).await.unwrap_err().code, ErrorCode::NotFound);
    }
}

#[tokio::test]
async fn the_history_is_for_those_who_may_change_the_dashboard() {
    let scene = Scene::new().await;
    let (s, id) = (scene.s(), &scene.board.id);
    let asked = TimelineRequest::default();
    assert_eq!(s.timeline(&scene.reader, id, &asked).await.unwrap_err().code, ErrorCode::Forbidden);
    assert_eq!(s.moment(&scene.reader, id, 1).await.unwrap_err().code, ErrorCode::Forbidden);
    assert_eq!(s.list_versions(&scene.reader, id).await.unwrap_err().code, ErrorCode::Forbidden);
    assert_eq!(s.publishing(&scene.reader, id).await.unwrap_err().code, ErrorCode::Forbidden);
    assert_eq!(s.publishing_topic(&scene.reader, id).await.unwrap_err().code, ErrorCode::Forbidden);
    assert_eq!(s.restore_moment(&scene.reader, id, 1).await.unwrap_err().code, ErrorCode::Forbidden);
    let patch = DashboardPatch { is_public: Some(false), ..DashboardPatch::default() };
    s.update_dashboard(scene.owner(), id, patch, None).await.unwrap();
    assert_eq!(s.timeline(&scene.reader, id, &asked).await.unwrap_err().code, ErrorCode::NotFound);
    // A token that reads looks, and changes nothing.
    let looking = Caller { scope: Scope::Read, ..scene.editor.clone() };
    assert!(s.moment(&looking, id, 1).await.is_ok());
    assert_eq!(s.restore_moment(&looking, id, 1).await.unwrap_err().code, ErrorCode::Forbidden);
    // Publishing is the owner's.
    let publish = PublishRequest::default();
    assert_eq!(s.publish_dashboard(&scene.editor, id, &publish).await.unwrap_err().code, ErrorCode::Forbidden);
    assert_eq!(s.stop_publishing(&scene.editor, id).await.unwrap_err().code, ErrorCode::Forbidden);
}

#[tokio::test]
async fn a_moment_comes_back_and_undo_takes_that_back() {
    let scene = Scene::new().await;
    let (s, owner) = (scene.s(), scene.owner().clone());
    let then = scene.layout(&owner).await;
    scene.set(&owner, "tiles/a/title", Some(json!("Other"))).await;
    scene.set(&owner, "tiles/b", Some(bar("b", "By shop", 4, "orders", "shop"))).await;
    scene.set(&owner, "meta/name", Some(json!("Revenue"))).await;
    let before = scene.layout(&owner).await;
    let version = s.restore_moment(&scene.editor, &scene.board.id, 1).await.unwrap();
    assert_eq!(version, 5);
    assert_eq!(scene.layout(&owner).await, then);
    assert_eq!(s.get_dashboard(&owner, &scene.board.id).await.unwrap().name, "Board");
    // It is the last step of whoever restored, and nobody else's.
    let opened = s.open_document(&scene.editor, &scene.board.id).await.unwrap();
    let step = opened.undo.last().unwrap().clone();
    assert!(step.edit.label.starts_with("Restore the dashboard of "), "{}", step.edit.label);
    let document = Document::load(rand(), &BASE64.decode(&opened.state).unwrap()).unwrap();
    let back = document.still_standing(&step.edit).inverse();
    scene.send(&scene.editor, &document, back, Intent::Undo, Some(step.id)).await;
    assert_eq!(scene.layout(&owner).await, before);
    let told = s.timeline(&owner, &scene.board.id, &TimelineRequest::default()).await.unwrap().items;
    assert!(told[0].words.starts_with("took back: "), "{}", told[0].words);
    assert!(told[1].words.starts_with("restored the dashboard of ") && told[1].undone, "{:?}", told[1]);
    // The same once more changes nothing.
    s.restore_moment(&owner, &scene.board.id, 4).await.unwrap();
    assert_eq!(s.get_dashboard(&owner, &scene.board.id).await.unwrap().version, 6);
}

#[tokio::test]
async fn nobody_brings_data_back_that_they_may_not_see() {
    let scene = Scene::new().await;
    let (s, owner) = (scene.s(), scene.owner().clone());
    scene.house.load("salaries", "name,amount\nAda,1\n").await;
    scene.set(&owner, "tiles/s", Some(bar("s", "Salaries", 4, "salaries", "name"))).await;
    // While the dashboard shows it, so does its history.
    assert!(s.moment_tile(&scene.editor, &scene.board.id, 2, "s").await.is_ok());
    scene.set(&owner, "tiles/s", None).await;
    assert!(s.moment_tile(&scene.editor, &scene.board.id, 2, "s").await.is_err());
    assert!(s.moment_tile(&owner, &scene.board.id, 2, "s").await.is_ok());
    let refused = s.restore_moment(&scene.editor, &scene.board.id, 2).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::Forbidden);
    assert!(!refused.message.contains("salaries"), "{refused}");
    assert!(s.restore_moment(&owner, &scene.board.id, 2).await.is_ok());
}

#[tokio::test]
async fn moments_have_names() {
    let scene = Scene::new().await;
    let (s, id) = (scene.s(), &scene.board.id);
    scene.set(scene.owner(), "meta/name", Some(json!("Revenue"))).await;
    let new = |name: &str, seq| NewVersion { name: name.into(), seq };
    let first = s.name_version(&scene.editor, id, &new(" First ", Some(1))).await.unwrap();
    assert_eq!((first.name.as_str(), first.seq, first.user_name.as_str()), ("First", 1, "editor"));
    assert_eq!(s.name_version(scene.owner(), id, &new("Now", None)).await.unwrap().seq, 2);
    for (bad, field) in [(new(" ", None), "name"), (new(&"x".repeat(81), None), "name"), (new("x", Some(9)), "seq")] {
        assert_eq!(s.name_version(scene.owner(), id, &bad).await.unwrap_err().field.as_deref(), Some(field));
    }
    assert_eq!(s.rename_version(scene.owner(), id, &first.id, "Birth").await.unwrap().name, "Birth");
    s.restore_moment(scene.owner(), id, 1).await.unwrap();
    let told = s.timeline(scene.owner(), id, &TimelineRequest::default()).await.unwrap().items;
    assert_eq!(told[0].words, "restored “Birth”");
    s.forget_version(&scene.editor, id, &first.id).await.unwrap();
    assert_eq!(s.forget_version(&scene.editor, id, &first.id).await.unwrap_err().code, ErrorCode::NotFound);
    assert_eq!(s.list_versions(&scene.editor, id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn readers_see_what_was_published_on_every_surface() {
    let scene = Scene::new().await;
    let (s, id, reader) = (scene.s(), &scene.board.id, &scene.reader);
    let filter = json!({"dataset": "orders", "column": "shop", "label": "Shop", "order": 1});
    assert_eq!(scene.publish("").await, 1);
    let published = s.get_dashboard(scene.owner(), id).await.unwrap();
    // The draft goes on.
    scene.set(&scene.editor, "meta/name", Some(json!("Secret plan"))).await;
    scene.set(&scene.editor, "meta/description", Some(json!("Hidden words"))).await;
    scene.set(&scene.editor, "tiles/a/title", Some(json!("Draft title"))).await;
    scene.set(&scene.editor, "tiles/b", Some(bar("b", "Draft tile", 4, "orders", "shop"))).await;
    scene.set(&scene.editor, "filters/f", Some(filter)).await;
    scene.set(&scene.editor, "tabs/t", Some(json!({"title": "Draft tab", "order": 1}))).await;

    // The page.
    let seen = s.get_dashboard(reader, &scene.board.slug).await.unwrap();
    assert_eq!((seen.name.as_str(), seen.description.as_str(), seen.version), ("Board", "", published.version));
    assert_eq!(seen.layout, published.layout);
    assert_ne!(seen.updated_at, s.get_dashboard(scene.owner(), id).await.unwrap().updated_at);
    assert_eq!(seen.publication, Some(1));
    // Its document, and what is told of it.
    let opened = s.open_document(reader, id).await.unwrap();
    assert_eq!((opened.published, opened.version), (Some(1), published.version));
    let bytes = BASE64.decode(&opened.state).unwrap();
    for word in ["Secret", "Hidden", "Draft"] {
        assert!(!String::from_utf8_lossy(&bytes).contains(word), "{word}");
    }
    assert_eq!(Document::load(1, &bytes).unwrap().layout(), published.layout);
    let drafts = s.open_document(&scene.editor, id).await.unwrap();
    assert_eq!((drafts.published, drafts.version), (None, 7));
    let (topic, _) = s.document_topic(reader, id).await.unwrap();
    let (drafts_topic, _) = s.document_topic(&scene.editor, id).await.unwrap();
    assert_ne!(topic, drafts_topic);
    let (theirs, ours) = (Mailbox::new(), Mailbox::new());
    s.hub().subscribe(&topic, &theirs);
    s.hub().subscribe(&drafts_topic, &ours);
    scene.set(&scene.editor, "meta/theme", Some(json!("dark"))).await;
    assert!(ours.take().is_some());
    assert!(theirs.take().is_none());
    // Its tiles.
    assert!(s.tile_data(reader, id, "a", &TileAsk::default()).await.is_ok());
    assert_eq!(s.tile_data(reader, id, "b", &TileAsk::default()).await.unwrap_err().code, ErrorCode::NotFound);
    assert_eq!(s.tile_topics(reader, id, "b").await.unwrap_err().code, ErrorCode::NotFound);
    assert!(s.tile_data(&scene.editor, id, "b", &TileAsk::default()).await.is_ok());
    // Its filters: the dataset itself is not the reader's.
    let values = ValuesRequest::default();
    assert!(s.filter_values(reader, id, "orders", "shop", &values).await.is_err());
    assert_eq!(s.filter_columns(reader, id, &[("orders".into(), "shop".into())]).await.unwrap(), [None]);
    assert_eq!(s.filter_values(&scene.editor, id, "orders", "shop", &values).await.unwrap().len(), 2);
    // Lists and search.
    let listed = s.list_dashboards(reader, "").await.unwrap().remove(0);
    assert_eq!((listed.name.as_str(), listed.description.as_str()), ("Board", ""));
    assert_eq!(listed.sketch.iter().map(|t: &SketchTile| t.position.y).collect::<Vec<_>>(), [0]);
    assert!(s.list_dashboards(reader, "secret").await.unwrap().is_empty());
    assert_eq!(s.list_dashboards(&scene.editor, "secret").await.unwrap().len(), 1);
    // What uses a dataset, for who may see that but not the draft.
    s.set_grant(scene.owner(), "dataset", "orders", "reader", Some(Access::View)).await.unwrap();
    let uses = serde_json::to_string(&s.column_usages(reader, "orders", None).await.unwrap()).unwrap();
    assert!(uses.contains("Sales") && !uses.contains("Draft") && !uses.contains("Secret"), "{uses}");
    // A copy is of what one sees.
    let copy = s.duplicate_dashboard(reader, id).await.unwrap();
    assert_eq!((copy.name.as_str(), copy.layout.widgets.len()), ("Board (copy)", 1));

    // The next publication reaches open pages at once.
    assert_eq!(scene.publish("Shops").await, 2);
    let told: Value = serde_json::from_slice(&theirs.take().unwrap().text_as("doc:x")).unwrap();
    assert_eq!(told["data"]["published"], 2);
    assert_eq!(s.get_dashboard(reader, id).await.unwrap().name, "Secret plan");
    assert!(s.tile_data(reader, id, "b", &TileAsk::default()).await.is_ok());
    assert_eq!(s.filter_values(reader, id, "orders", "shop", &values).await.unwrap().len(), 2);
}

#[tokio::test]
async fn publishing_is_reviewed_noted_and_ended() {
    let scene = Scene::new().await;
    let (s, id, owner) = (scene.s(), &scene.board.id, scene.owner().clone());
    let start = s.publishing(&scene.editor, id).await.unwrap();
    assert!(start.current.is_none() && start.history.is_empty() && start.difference.is_empty());
    scene.publish("The first").await;
    let same = s.publish_dashboard(&owner, id, &PublishRequest::default()).await.unwrap_err();
    assert_eq!(same.code, ErrorCode::Conflict);
    scene.set(&scene.editor, "tiles/a/title", Some(json!("Other"))).await;
    let review = s.publishing(&owner, id).await.unwrap();
    assert_eq!(review.current.as_ref().map(|p| p.note.as_str()), Some("The first"));
    assert_eq!(review.difference.tile("a").unwrap().words, ["renamed from “Sales” to “Other”"]);
    // What came after the look is not published unseen.
    scene.set(&scene.editor, "tiles/b", Some(bar("b", "By shop", 4, "orders", "shop"))).await;
    let looked_at = PublishRequest { note: String::new(), seq: Some(review.draft_seq) };
    let stale = s.publish_dashboard(&owner, id, &looked_at).await.unwrap_err();
    assert_eq!(stale.code, ErrorCode::PreconditionFailed);
    assert_eq!(scene.titles(&scene.reader).await, ["Sales"]);
    let now = s.publishing(&owner, id).await.unwrap().draft_seq;
    let seen = PublishRequest { note: " With shops ".into(), seq: Some(now) };
    s.publish_dashboard(&owner, id, &seen).await.unwrap();
    assert_eq!(scene.titles(&scene.reader).await, ["Other", "By shop"]);
    let long = PublishRequest { note: "x".repeat(501), seq: None };
    assert_eq!(s.publish_dashboard(&owner, id, &long).await.unwrap_err().field.as_deref(), Some("note"));
    let listed = s.publishing(&owner, id).await.unwrap().history;
    let notes: Vec<_> = listed.iter().map(|p| (p.number, p.note.as_str())).collect();
    assert_eq!(notes, [(2, "With shops"), (1, "The first")]);
    // Off: readers follow the draft again, from what it is.
    scene.set(&scene.editor, "tiles/a/title", Some(json!("Third"))).await;
    let (topic, _) = s.document_topic(&scene.reader, id).await.unwrap();
    let mailbox = Mailbox::new();
    s.hub().subscribe(&topic, &mailbox);
    s.stop_publishing(&owner, id).await.unwrap();
    let told: Value = serde_json::from_slice(&mailbox.take().unwrap().text_as("doc:x")).unwrap();
    assert!(told["data"]["state"].is_string() && told["data"]["published"].is_null());
    assert_eq!(scene.titles(&scene.reader).await, ["Third", "By shop"]);
    scene.set(&scene.editor, "tiles/a/title", Some(json!("Fourth"))).await;
    assert!(mailbox.take().is_some());
    // On again goes on counting.
    assert_eq!(scene.publish("").await, 3);
}

#[tokio::test]
async fn a_screen_shows_what_was_published() {
    let scene = Scene::new().await;
    let s = scene.s();
    scene.publish("").await;
    scene.set(&scene.editor, "tiles/a/title", Some(json!("Draft title"))).await;
    let request = domain::wall::WallLinkRequest {
        label: "Lobby".into(),
        dashboards: vec![scene.board.slug.clone()],
        ..Default::default()
    };
    let made = s.create_wall_link(scene.owner(), &request).await.unwrap();
    let (screen, _) = s.caller_from_wall_link(made.path.strip_prefix("/screen/").unwrap()).await.unwrap();
    assert_eq!(s.get_dashboard(&screen, &scene.board.id).await.unwrap().layout.widgets[0].title, "Sales");
    assert_eq!(s.open_document(&screen, &scene.board.id).await.unwrap().published, Some(1));
}

#[tokio::test]
async fn a_long_log_is_read_from_its_milestones() {
    let scene = Scene::new().await;
    let (s, id, owner) = (scene.s(), &scene.board.id, scene.owner().clone());
    let opened = s.open_document(&owner, id).await.unwrap();
    let document = Document::load(rand(), &BASE64.decode(&opened.state).unwrap()).unwrap();
    for i in 0..1_205 {
        let changes = vec![document.change("meta/name", Some(json!(format!("Name {i}"))))];
        scene.send(&owner, &document, Edit { label: "Rename dashboard".into(), changes }, Intent::Edit, None).await;
    }
    for seq in [2, 999, 1_000, 1_001, 1_203] {
        let moment = s.moment(&owner, id, seq).await.unwrap();
        assert_eq!(moment.dashboard.name, format!("Name {}", seq - 2));
    }
    // Page by page every step is told once.
    let (mut before, mut told) = (None, Vec::new());
    loop {
        let page = s.timeline(&owner, id, &TimelineRequest { before, user: None }).await.unwrap();
        told.extend(page.items.iter().map(|e| (e.first, e.last)));
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(told.first().map(|t| t.1), Some(1_206));
    assert_eq!(told.last().map(|t| t.0), Some(1));
    assert!(told.windows(2).all(|pair| pair[0].0 == pair[1].1 + 1), "{told:?}");
}
