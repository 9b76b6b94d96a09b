//! Several people on one dashboard: who is there, who may change what, and how fast.
#![allow(clippy::unwrap_used)]

mod house;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use domain::document::{Document, Edit, Intent, Operation};
use domain::presence::PresenceNews;
use domain::{Access, Caller, Dashboard, ErrorCode, UserRole};
use house::House;
use serde_json::{Value, json};
use services::{Mailbox, new_page};

async fn furnished() -> (House, Dashboard) {
    let house = House::build().await;
    house.load("orders", "region,amount\nNorth,10\nSouth,20\n").await;
    let dashboard = house
        .dashboard(
            json!([{"id": "a", "type": "chart", "chart_type": "bar", "position": {"x": 0, "y": 0, "w": 6, "h": 4},
            "data_source": {"query": {"dataset": "orders", "dimensions": [{"column": "region"}],
                "measures": [{"column": "amount", "agg": "sum"}]}}}]),
        )
        .await;
    (house, dashboard)
}

async fn share(house: &House, dashboard: &Dashboard, name: &str, access: Access) {
    house.services.set_grant(&house.owner, "dashboard", &dashboard.id, name, Some(access)).await.unwrap();
}

/// What a browser would send for this change.
async fn operation(house: &House, dashboard: &Dashboard, id: &str, path: &str, new: Value) -> Operation {
    let opened = house.services.open_document(&house.owner, &dashboard.id).await.unwrap();
    let document = Document::load(77, &BASE64.decode(opened.state).unwrap()).unwrap();
    let edit = Edit { label: "Change".into(), changes: vec![document.change(path, Some(new))] };
    let update = BASE64.encode(document.apply(&edit).unwrap());
    Operation { id: id.into(), update, edit, intent: Intent::Edit, target: None }
}

fn news(mailbox: &Mailbox) -> Vec<PresenceNews> {
    let read = |frame: std::sync::Arc<services::Frame>| {
        let message: Value = serde_json::from_str(frame.as_str()).unwrap();
        serde_json::from_value(message["data"].clone()).unwrap()
    };
    std::iter::from_fn(|| mailbox.take()).map(read).collect()
}

fn come(house: &House, caller: &Caller, topic: &str) -> (String, Vec<String>) {
    let page = new_page();
    let PresenceNews::All { pages, own } = house.services.presence_come(caller, topic, &page) else { panic!("all") };
    assert_eq!(own, page);
    (page, pages.into_iter().map(|page| page.user_name).collect())
}

#[tokio::test]
async fn people_come_move_and_go_and_names_are_the_servers() {
    let (house, dashboard) = furnished().await;
    let s = &house.services;
    let viewer = house.user("viewer", UserRole::Viewer).await;
    let topic = s.presence_topic(&house.owner, &dashboard.slug).await.unwrap();
    assert_eq!(s.presence_topic(&viewer, &dashboard.id).await.unwrap(), topic);
    let (mine, here) = come(&house, &house.owner, &topic);
    assert_eq!(here, ["owner"]);
    let mailbox = Mailbox::new();
    s.hub().subscribe(&topic, &mailbox);
    let (theirs, here) = come(&house, &viewer, &topic);
    assert_eq!(here, ["owner", "viewer"], "who may only look is seen too");
    s.presence_move(&viewer, &topic, &theirs, json!({"tiles": ["a"]})).unwrap();
    for bad in [json!({"user_name": "owner"}), json!({"tiles": ["x".repeat(81)]}), json!([]), json!({"row": 1e99})] {
        assert_eq!(s.presence_move(&viewer, &topic, &theirs, bad).unwrap_err().code, ErrorCode::InvalidRequest);
    }
    // Nobody moves a page that is not there.
    s.presence_move(&viewer, &topic, "nobody", json!({})).unwrap_err();
    s.presence_beat(&topic, &theirs);
    s.presence_leave(&topic, &theirs);
    s.presence_leave(&topic, &theirs);
    let heard = news(&mailbox);
    let [PresenceNews::Here(came), PresenceNews::Here(moved), PresenceNews::Here(beat), PresenceNews::Left(left)] =
        heard.as_slice()
    else {
        panic!("{heard:?}")
    };
    assert_eq!(
        (came.user_name.as_str(), moved.at.tiles.as_slice(), beat),
        ("viewer", ["a".to_owned()].as_slice(), moved)
    );
    assert_eq!((left, come(&house, &house.owner, &topic).1.len()), (&theirs, 2));
    s.presence_leave(&topic, &mine);
}

#[tokio::test]
async fn nobody_is_present_where_they_may_not_look_and_screens_never() {
    let (house, dashboard) = furnished().await;
    let s = &house.services;
    let request = domain::wall::WallLinkRequest {
        label: "Lobby".into(),
        dashboards: vec![dashboard.id.clone()],
        ..Default::default()
    };
    let link = s.create_wall_link(&house.owner, &request).await.unwrap();
    let (screen, _) = s.caller_from_wall_link(link.path.strip_prefix("/screen/").unwrap()).await.unwrap();
    assert!(s.document_topic(&screen, &dashboard.id).await.is_ok());
    assert_eq!(s.presence_topic(&screen, &dashboard.id).await.unwrap_err().code, ErrorCode::NotFound);
    assert_eq!(s.presence_topic(&house.owner, "no-such-board").await.unwrap_err().code, ErrorCode::NotFound);
}

#[tokio::test]
async fn who_says_too_often_where_they_are_is_thinned_out_and_then_refused() {
    let (house, dashboard) = furnished().await;
    let s = &house.services;
    let topic = s.presence_topic(&house.owner, &dashboard.id).await.unwrap();
    let (page, _) = come(&house, &house.owner, &topic);
    let mailbox = Mailbox::new();
    s.hub().subscribe(&topic, &mailbox);
    let refused = (0..2_000)
        .map(|i| s.presence_move(&house.owner, &topic, &page, json!({"editing": i % 2 == 0})))
        .find_map(Result::err);
    assert_eq!(refused.unwrap().code, ErrorCode::TooManyRequests);
    assert!(news(&mailbox).len() < 100, "most were dropped");
    let other = house.user("other", UserRole::Creator).await;
    let (page, _) = come(&house, &other, &topic);
    s.presence_move(&other, &topic, &page, json!({})).unwrap();
}

#[tokio::test]
async fn edits_come_at_a_pace_and_the_same_again_is_taken_later() {
    let (house, dashboard) = furnished().await;
    let s = &house.services;
    let first = operation(&house, &dashboard, "first", "meta/name", "Renamed".into()).await;
    let refused = async {
        for _ in 0..1_000 {
            if let Err(error) = s.receive_operation(&house.owner, &dashboard.id, &first).await {
                return Some(error.code);
            }
        }
        None
    };
    assert_eq!(refused.await, Some(ErrorCode::TooManyRequests));
    // Somebody else goes on meanwhile.
    house.user("editor", UserRole::Creator).await;
    share(&house, &dashboard, "editor", Access::Edit).await;
    let editor = s.local_caller(Some("editor")).await.unwrap();
    let theirs = operation(&house, &dashboard, "theirs", "meta/description", "Words".into()).await;
    s.receive_operation(&editor, &dashboard.id, &theirs).await.unwrap();
    let again = s.apply_operation(&house.owner, &dashboard.id, &first).await.unwrap();
    assert_eq!(s.apply_operation(&house.owner, &dashboard.id, &first).await.unwrap(), again, "and once");
}

#[tokio::test]
async fn a_right_that_is_taken_away_holds_for_the_next_operation_and_is_told() {
    let (house, dashboard) = furnished().await;
    let s = &house.services;
    let editor = house.user("editor", UserRole::Creator).await;
    share(&house, &dashboard, "editor", Access::Edit).await;
    let op = operation(&house, &dashboard, "1", "tiles/a/title", "Theirs".into()).await;
    s.receive_operation(&editor, &dashboard.id, &op).await.unwrap();
    let mailbox = Mailbox::new();
    s.hub().subscribe(&services::rights_topic(&editor.user_id), &mailbox);
    share(&house, &dashboard, "editor", Access::View).await;
    assert!(mailbox.take().is_some(), "their pages are told");
    assert_eq!(s.document_topic(&editor, &dashboard.id).await.unwrap().1, Access::View);
    let op = operation(&house, &dashboard, "2", "tiles/a/title", "Again".into()).await;
    assert_eq!(s.receive_operation(&editor, &dashboard.id, &op).await.unwrap_err().code, ErrorCode::Forbidden);
    assert_eq!(s.get_dashboard(&house.owner, &dashboard.id).await.unwrap().layout.widgets[0].title, "Theirs");
}

#[tokio::test]
async fn parts_of_a_question_are_checked_like_the_whole_and_looks_are_free() {
    let (house, dashboard) = furnished().await;
    let s = &house.services;
    // May edit the dashboard and may not see its dataset.
    let editor = house.user("editor", UserRole::Creator).await;
    share(&house, &dashboard, "editor", Access::Edit).await;
    let part = |part: &str| format!("tiles/a/data_source/{part}");
    let looks = operation(&house, &dashboard, "1", &part("options/stack"), json!(true)).await;
    s.apply_operation(&editor, &dashboard.id, &looks).await.unwrap();
    let asks = operation(&house, &dashboard, "2", &part("query/limit"), json!(5)).await;
    s.apply_operation(&editor, &dashboard.id, &asks).await.unwrap_err();
    s.apply_operation(&house.owner, &dashboard.id, &asks).await.unwrap();
    let metric = json!([{"metric": "no_such_metric"}]);
    let hidden = operation(&house, &dashboard, "3", &part("query/measures"), metric).await;
    s.apply_operation(&house.owner, &dashboard.id, &hidden).await.unwrap_err();
    let broken = operation(&house, &dashboard, "4", &part("query/limit"), json!("many")).await;
    s.apply_operation(&house.owner, &dashboard.id, &broken).await.unwrap_err();
    let tile = &s.get_dashboard(&house.owner, &dashboard.id).await.unwrap().layout.widgets[0];
    let source = tile.data_source.clone().unwrap();
    assert_eq!((source.options["stack"].clone(), source.query.unwrap().limit), (json!(true), Some(5)));
}
