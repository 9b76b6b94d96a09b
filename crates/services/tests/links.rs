//! Public and embedded links: what opens them, what their viewers see, and that it is nothing else.
#![allow(clippy::unwrap_used)]

mod house;

use domain::api::ValuesRequest;
use domain::connect::TileAsk;
use domain::link::{LinkKind, LinkPatch, LinkRequest, NewLink, address_of};
use domain::rules::HouseRules;
use domain::{Caller, Dashboard, ErrorCode, UserRole};
use house::House;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use services::Opening;

async fn furnished() -> (House, Dashboard) {
    let house = House::build().await;
    house.load("orders", "region,amount\nNorth,10\nSouth,20\n").await;
    let tile = json!([{"id": "a", "type": "chart", "chart_type": "bar", "position": {"x": 0, "y": 0, "w": 6, "h": 4},
        "data_source": {"query": {"dataset": "orders", "dimensions": [{"column": "region"}],
            "measures": [{"column": "amount", "agg": "sum"}]}}}]);
    let new = json!({"name": "Board", "layout": {"widgets": tile,
        "filters": [{"id": "f", "dataset": "orders", "column": "region"}]}});
    let shown = house.services.create_dashboard(&house.owner, serde_json::from_value(new).unwrap()).await.unwrap();
    (house, shown)
}

fn wanted() -> LinkRequest {
    LinkRequest { label: "Partners".into(), ..LinkRequest::default() }
}

async fn made(house: &House, shown: &Dashboard, request: LinkRequest) -> NewLink {
    house.services.create_link(&house.owner, &shown.slug, request).await.unwrap()
}

fn secret(made: &NewLink) -> &str {
    made.path.strip_prefix("/public/").unwrap()
}

async fn visitor(house: &House, opening: Opening) -> Caller {
    let Opening::Visit { link, sealed, .. } = opening else { panic!("no visit") };
    house.services.caller_from_visit(&link, &sealed).await.unwrap()
}

#[tokio::test]
async fn a_visitor_sees_the_dashboard_and_nothing_else() {
    let (house, shown) = furnished().await;
    let link = made(&house, &shown, wanted()).await;
    let s = &house.services;
    let guest = visitor(&house, s.open_link(secret(&link), None).await.unwrap()).await;
    let address = address_of(&link.link.id);
    assert_eq!(s.get_dashboard(&guest, &address).await.unwrap().name, "Board");
    assert_eq!(s.tile_data(&guest, &address, "a", &TileAsk::default()).await.unwrap().table.row_count(), 2);
    let values = s.filter_values(&guest, &address, "orders", "region", &ValuesRequest::default()).await.unwrap();
    assert_eq!(values.len(), 2);
    assert!(s.get_dataset(&guest, "orders").await.is_err());
    assert!(s.list_dashboards(&guest, "").await.unwrap().is_empty());
    assert!(s.list_links(&guest, &address).await.is_err());
    assert!(s.create_link(&guest, &address, wanted()).await.is_err());
    let query = serde_json::from_value(json!({"dataset": "orders", "measures": [{"agg": "count"}]})).unwrap();
    assert!(s.run_query(&guest, &query, false).await.is_err());
    // Those who are signed in do not reach it by the link's name.
    assert_eq!(s.get_dashboard(&house.owner, &address).await.unwrap_err().code, ErrorCode::NotFound);
    assert_eq!(s.list_links(&house.owner, &shown.id).await.unwrap()[0].opened, 1);
    assert_eq!(s.get_dashboard(&house.owner, &shown.id).await.unwrap().public_links, 1);
}

#[tokio::test]
async fn revoked_rotated_or_expired_it_is_over_at_once() {
    let (house, shown) = furnished().await;
    let link = made(&house, &shown, wanted()).await;
    let s = &house.services;
    let guest = visitor(&house, s.open_link(secret(&link), None).await.unwrap()).await;
    assert!(s.still_signed_in(&guest).await);
    let again = s.rotate_link(&house.owner, &link.link.id).await.unwrap();
    assert!(!s.still_signed_in(&guest).await);
    assert_eq!(s.open_link(secret(&link), None).await.unwrap_err().code, ErrorCode::Gone);
    let guest = visitor(&house, s.open_link(secret(&again), None).await.unwrap()).await;
    s.revoke_link(&house.owner, &link.link.id).await.unwrap();
    assert!(!s.still_signed_in(&guest).await);
    assert!(s.get_dashboard(&guest, &address_of(&link.link.id)).await.is_err());
    assert_eq!(s.open_link(secret(&again), None).await.unwrap_err().code, ErrorCode::Gone);
    let past = LinkRequest { expires_at: Some("2020-01-01T00:00:00Z".into()), ..wanted() };
    assert!(s.create_link(&house.owner, &shown.id, past).await.is_err());
}

#[tokio::test]
async fn switched_off_for_the_house_no_link_opens_anything() {
    let (house, shown) = furnished().await;
    let link = made(&house, &shown, wanted()).await;
    let s = &house.services;
    let guest = visitor(&house, s.open_link(secret(&link), None).await.unwrap()).await;
    let admin = house.user("admin", UserRole::Admin).await;
    let off = HouseRules { public_links: false, ..HouseRules::default() };
    s.set_house_rules(&house.owner, &off).await.unwrap_err();
    s.set_house_rules(&admin, &off).await.unwrap();
    assert_eq!(s.create_link(&house.owner, &shown.slug, wanted()).await.unwrap_err().code, ErrorCode::Forbidden);
    assert_eq!(s.open_link(secret(&link), None).await.unwrap_err().code, ErrorCode::Gone);
    assert!(!s.still_signed_in(&guest).await);
    // Allowed again, they are as they were.
    s.set_house_rules(&admin, &HouseRules::default()).await.unwrap();
    assert!(s.still_signed_in(&guest).await);
    visitor(&house, s.open_link(secret(&link), None).await.unwrap()).await;
}

#[tokio::test]
async fn a_password_is_asked_for_and_a_new_one_closes_what_was_open() {
    let (house, shown) = furnished().await;
    let request = LinkRequest { password: Some("open sesame".into()), ..wanted() };
    let link = made(&house, &shown, request).await;
    let s = &house.services;
    assert!(matches!(s.open_link(secret(&link), None).await.unwrap(), Opening::Password { wrong: false }));
    assert!(matches!(s.open_link(secret(&link), Some("guess")).await.unwrap(), Opening::Password { wrong: true }));
    let guest = visitor(&house, s.open_link(secret(&link), Some("open sesame")).await.unwrap()).await;
    let patch = LinkPatch { password: Some("another word".into()), ..LinkPatch::default() };
    s.update_link(&house.owner, &link.link.id, patch).await.unwrap();
    assert!(!s.still_signed_in(&guest).await);
    for _ in 0..20 {
        // Those after the last that there was room for are refused.
        _ = s.open_link(secret(&link), Some("guess")).await;
    }
    let error = s.open_link(secret(&link), Some("another word")).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::TooManyRequests);
}

#[tokio::test]
async fn only_the_owner_makes_links() {
    let (house, shown) = furnished().await;
    let other = house.user("other", UserRole::Creator).await;
    let s = &house.services;
    let link = made(&house, &shown, wanted()).await;
    assert_eq!(s.create_link(&other, &shown.id, wanted()).await.unwrap_err().code, ErrorCode::NotFound);
    assert_eq!(s.revoke_link(&other, &link.link.id).await.unwrap_err().code, ErrorCode::NotFound);
    s.set_grant(&house.owner, "dashboard", &shown.id, "other", Some(domain::Access::Edit)).await.unwrap();
    assert_eq!(s.create_link(&other, &shown.id, wanted()).await.unwrap_err().code, ErrorCode::Forbidden);
    assert_eq!(s.rotate_link(&other, &link.link.id).await.unwrap_err().code, ErrorCode::Forbidden);
}

fn signed(claims: &Value, key: &EncodingKey, alg: Algorithm) -> String {
    jsonwebtoken::encode(&Header::new(alg), claims, key).unwrap()
}

#[tokio::test]
async fn an_embedded_link_is_opened_by_a_token_of_its_own_key_alone() {
    let (house, shown) = furnished().await;
    let link = made(&house, &shown, LinkRequest { kind: LinkKind::Embed, ..wanted() }).await;
    let s = &house.services;
    let id = link.link.id.as_str();
    let key = EncodingKey::from_secret(link.key.as_deref().unwrap().as_bytes());
    let soon = jiff::Timestamp::now().as_second() + 600;
    let claims = json!({"link": id, "exp": soon, "attributes": {"regions": ["North"], "tier": "gold"}});
    let good = signed(&claims, &key, Algorithm::HS256);
    let guest = visitor(&house, s.open_embedded(id, &good).await.unwrap()).await;
    assert_eq!(guest.attributes["regions"], ["North"]);
    assert_eq!(guest.attributes["tier"], ["gold"]);
    let with = |name: &str, value: Value| {
        let mut changed = claims.clone();
        changed[name] = value;
        changed
    };
    let strange = EncodingKey::from_secret(b"another key that nobody gave out");
    let unsigned = format!("{}.{}.", "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0", good.split('.').nth(1).unwrap());
    let bad = [
        signed(&claims, &strange, Algorithm::HS256),
        signed(&claims, &key, Algorithm::HS512),
        signed(&with("link", json!("other")), &key, Algorithm::HS256),
        signed(&with("exp", json!(soon - 7_200)), &key, Algorithm::HS256),
        signed(&with("exp", json!(soon + 8 * 24 * 3_600)), &key, Algorithm::HS256),
        signed(&with("exp", json!("later")), &key, Algorithm::HS256),
        signed(&json!({"link": id}), &key, Algorithm::HS256),
        unsigned,
        String::new(),
        "a.b.c".to_owned(),
    ];
    for (i, token) in bad.iter().enumerate() {
        assert!(s.open_embedded(id, token).await.is_err(), "token {i}");
    }
    // A public link takes no token, and a visit of one link opens no other.
    let public = made(&house, &shown, wanted()).await;
    assert!(s.open_embedded(&public.link.id, &good).await.is_err());
    let Opening::Visit { sealed, .. } = s.open_embedded(id, &good).await.unwrap() else { panic!("no visit") };
    assert!(s.caller_from_visit(&public.link.id, &sealed).await.is_none());
    assert!(s.caller_from_visit(id, &format!("{sealed}x")).await.is_none());
}

#[tokio::test]
async fn a_locked_filter_holds_for_everything() {
    let (house, shown) = furnished().await;
    let s = &house.services;
    let north = serde_json::from_value(json!({"column": "region", "op": "eq", "value": "North"})).unwrap();
    let link = made(&house, &shown, LinkRequest { filters: vec![north], ..wanted() }).await;
    let guest = visitor(&house, s.open_link(secret(&link), None).await.unwrap()).await;
    let address = address_of(&link.link.id);
    let data = s.tile_data(&guest, &address, "a", &TileAsk::default()).await.unwrap();
    assert_eq!(data.table.row_count(), 1);
    let south: TileAsk =
        serde_json::from_value(json!({"f": [{"column": "region", "op": "eq", "value": "South"}]})).unwrap();
    assert_eq!(s.tile_data(&guest, &address, "a", &south).await.unwrap().table.row_count(), 0);
    let values = s.filter_values(&guest, &address, "orders", "region", &ValuesRequest::default()).await.unwrap();
    assert_eq!(values.len(), 1);
    let unknown = serde_json::from_value(json!({"column": "nowhere", "op": "eq", "value": 1})).unwrap();
    let request = LinkRequest { filters: vec![unknown], ..wanted() };
    assert_eq!(s.create_link(&house.owner, &shown.id, request).await.unwrap_err().code, ErrorCode::UnknownColumn);
}
