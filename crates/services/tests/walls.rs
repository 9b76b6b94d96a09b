//! Wall links: what a screen may see, and that it is nothing else.
#![allow(clippy::unwrap_used)]

mod house;

use domain::connect::TileAsk;
use domain::document::{Edit, Intent, Operation};
use domain::people::Scope;
use domain::wall::WallLinkRequest;
use domain::{Caller, Dashboard, ErrorCode, UserRole};
use house::House;
use serde_json::json;
use services::Mailbox;

async fn furnished() -> (House, Dashboard, Dashboard) {
    let house = House::build().await;
    house.load("orders", "region,amount\nNorth,10\nSouth,20\n").await;
    let tile = |id: &str| {
        json!([{"id": id, "type": "chart", "chart_type": "bar", "position": {"x": 0, "y": 0, "w": 6, "h": 4},
            "data_source": {"query": {"dataset": "orders", "dimensions": [{"column": "region"}],
                "measures": [{"column": "amount", "agg": "sum"}]}}}])
    };
    let (shown, hidden) = (house.dashboard(tile("a")).await, house.dashboard(tile("b")).await);
    (house, shown, hidden)
}

fn request(dashboard: &Dashboard) -> WallLinkRequest {
    WallLinkRequest { label: "Lobby".into(), dashboards: vec![dashboard.slug.clone()], ..WallLinkRequest::default() }
}

async fn screen(house: &House, dashboard: &Dashboard) -> (Caller, String) {
    let made = house.services.create_wall_link(&house.owner, &request(dashboard)).await.unwrap();
    let secret = made.path.strip_prefix("/screen/").unwrap().to_owned();
    let (caller, options) = house.services.caller_from_wall_link(&secret).await.unwrap();
    assert_eq!(options, "every=20");
    (caller, secret)
}

#[tokio::test]
async fn a_screen_sees_its_dashboards_and_nothing_else() {
    let (house, shown, hidden) = furnished().await;
    let (caller, _) = screen(&house, &shown).await;
    let s = &house.services;
    assert_eq!(s.screen_dashboards(&caller).await.unwrap(), vec![shown.id.clone()]);
    assert!(s.get_dashboard(&caller, &shown.slug).await.is_ok());
    let tile = s.tile_data(&caller, &shown.id, "a", &TileAsk::default()).await.unwrap();
    assert_eq!(tile.table.row_count(), 2);
    // Public or not: what is not on the wall is not there.
    let not_found = |code: ErrorCode| matches!(code, ErrorCode::NotFound | ErrorCode::UnknownDataset);
    assert!(not_found(s.get_dashboard(&caller, &hidden.id).await.unwrap_err().code));
    assert!(not_found(s.tile_data(&caller, &hidden.id, "b", &TileAsk::default()).await.unwrap_err().code));
    assert!(not_found(s.get_dataset(&caller, "orders").await.unwrap_err().code));
    let query = serde_json::from_value(json!({"dataset": "orders", "measures": [{"agg": "count"}]})).unwrap();
    assert!(s.run_query(&caller, &query, false).await.is_err());
    assert!(s.list_dashboards(&caller, "").await.unwrap().is_empty());
    assert!(s.list_datasets(&caller).await.unwrap().is_empty());
    assert!(s.list_metrics(&caller).await.unwrap().is_empty());
    assert!(s.list_users(&caller).await.is_err());
    assert!(s.list_tokens(&caller).await.unwrap().is_empty());
    assert!(s.create_wall_link(&caller, &request(&shown)).await.is_err());
    let operation =
        Operation { id: "o".into(), update: String::new(), edit: Edit::default(), intent: Intent::Edit, target: None };
    assert_eq!(s.apply_operation(&caller, &shown.id, &operation).await.unwrap_err().code, ErrorCode::Forbidden);
}

#[tokio::test]
async fn a_revoked_link_ends_and_its_sockets_hear_of_it() {
    let (house, shown, _) = furnished().await;
    let (caller, secret) = screen(&house, &shown).await;
    let s = &house.services;
    assert!(s.still_signed_in(&caller).await);
    let mailbox = Mailbox::new();
    s.hub().subscribe(&services::rights_topic(&caller.user_id), &mailbox);
    let stranger = house.user("stranger", UserRole::Creator).await;
    let links = s.list_wall_links(&house.owner, &shown.slug).await.unwrap();
    assert!(links[0].last_seen_at.is_some());
    assert!(s.list_wall_links(&stranger, &shown.slug).await.is_err());
    assert_eq!(s.revoke_wall_link(&stranger, &links[0].id).await.unwrap_err().code, ErrorCode::NotFound);
    s.revoke_wall_link(&house.owner, &links[0].id).await.unwrap();
    assert!(mailbox.take().is_some());
    assert!(!s.still_signed_in(&caller).await);
    assert!(s.caller_from_wall_link(&secret).await.is_none());
    assert!(s.get_dashboard(&caller, &shown.id).await.is_err());
}

#[tokio::test]
async fn a_screen_sees_no_more_than_its_owner() {
    let (house, shown, _) = furnished().await;
    let (caller, secret) = screen(&house, &shown).await;
    let s = &house.services;
    s.delete_dashboard(&house.owner, &shown.id).await.unwrap();
    assert!(s.screen_dashboards(&caller).await.unwrap().is_empty());
    let patch = domain::api::UserPatch { is_active: Some(false), ..Default::default() };
    let admin = Caller { scope: Scope::Admin, ..house.user("root", UserRole::Admin).await };
    s.update_user(&admin, &house.owner.user_id, patch).await.unwrap();
    assert!(s.caller_from_wall_link(&secret).await.is_none());
}

#[tokio::test]
async fn what_does_not_fit_is_refused() {
    let (house, shown, _) = furnished().await;
    let stranger = house.user("stranger", UserRole::Creator).await;
    let s = &house.services;
    assert_eq!(s.create_wall_link(&stranger, &request(&shown)).await.unwrap_err().code, ErrorCode::Forbidden);
    for (change, field) in [
        (json!({"label": " "}), "label"),
        (json!({"dashboards": []}), "dashboards"),
        (json!({"dashboards": ["nowhere"]}), "dashboards[0]"),
        (json!({"every": 1}), "every"),
        (json!({"dim": "late"}), "dim"),
    ] {
        let mut asked = serde_json::to_value(request(&shown)).unwrap();
        asked.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let error = s.create_wall_link(&house.owner, &serde_json::from_value(asked).unwrap()).await.unwrap_err();
        assert_eq!(error.field.as_deref(), Some(field), "{error}");
    }
}
