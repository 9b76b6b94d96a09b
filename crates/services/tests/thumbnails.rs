//! Pictures of dashboards: who sees them, and when they are drawn anew.

#![allow(clippy::unwrap_used)]

mod house;

use domain::{ErrorCode, UserRole};
use house::House;
use serde_json::json;
use std::path::PathBuf;

async fn house() -> House {
    let paper = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/paper");
    assert!(paper.join("paper.js").exists(), "run `xtask paper` first");
    House::with(|settings| settings.paper_dir = Some(paper)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_follows_the_dashboard_and_its_data() {
    let house = house().await;
    house.load("sales", "region,amount\nNorth,5\nSouth,7\n").await;
    let new = json!({"name": "Sales", "layout": {"kind": "grid", "widgets": [
        {"type": "chart", "chart_type": "bar", "title": "By region", "position": {"x": 0, "y": 0, "w": 6, "h": 4},
            "data_source": {"query": {"dataset": "sales", "dimensions": [{"column": "region"}],
                "measures": [{"agg": "sum", "column": "amount"}]}}},
        {"type": "text", "text": "# Hello", "position": {"x": 6, "y": 0, "w": 6, "h": 2}}]}});
    let made = house.services.create_dashboard(&house.owner, serde_json::from_value(new).unwrap()).await.unwrap();
    let first = house.services.thumbnail(&house.owner, &made.slug, false).await.unwrap();
    assert_eq!(&first.png[1..4], b"PNG");
    let again = house.services.thumbnail(&house.owner, &made.slug, false).await.unwrap();
    assert_eq!((&again.tag, &again.png), (&first.tag, &first.png));
    let dark = house.services.thumbnail(&house.owner, &made.slug, true).await.unwrap();
    assert_ne!(dark.png, first.png);
    house.append("sales", json!([{"region": "East", "amount": 90}])).await;
    // The one before is shown until the new one is drawn.
    let mut newer = house.services.thumbnail(&house.owner, &made.slug, false).await.unwrap();
    while newer.tag == first.tag {
        tokio::task::yield_now().await;
        newer = house.services.thumbnail(&house.owner, &made.slug, false).await.unwrap();
    }
    assert_ne!(newer.png, first.png);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_see_a_dashboard_sees_no_picture_of_it() {
    let house = house().await;
    let new = serde_json::from_value(json!({"name": "Mine", "layout": {"kind": "grid", "widgets": []}})).unwrap();
    let made = house.services.create_dashboard(&house.owner, new).await.unwrap();
    let other = house.user("other", UserRole::Viewer).await;
    let error = house.services.thumbnail(&other, &made.id, false).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::NotFound);
    let without = House::build().await;
    let new = serde_json::from_value(json!({"name": "Mine", "layout": {"kind": "grid", "widgets": []}})).unwrap();
    let made = without.services.create_dashboard(&without.owner, new).await.unwrap();
    let error = without.services.thumbnail(&without.owner, &made.id, false).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_gets_no_picture_of_a_draft() {
    let house = house().await;
    let s = &house.services;
    let text = json!({"type": "text", "text": "# Hello", "position": {"x": 0, "y": 0, "w": 6, "h": 2}});
    let made = house.dashboard(json!([text])).await;
    let reader = house.user("reader", UserRole::Viewer).await;
    s.publish_dashboard(&house.owner, &made.id, &Default::default()).await.unwrap();
    let first = s.thumbnail(&reader, &made.id, false).await.unwrap();
    let mut layout = made.layout.clone();
    layout.widgets[0].text = Some("# A secret plan, much longer than before".into());
    let patch = domain::api::DashboardPatch { layout: Some(layout), ..Default::default() };
    s.update_dashboard(&house.owner, &made.id, patch, None).await.unwrap();
    let draft = s.thumbnail(&house.owner, &made.id, false).await.unwrap();
    assert_ne!(draft.png, first.png);
    let again = s.thumbnail(&reader, &made.id, false).await.unwrap();
    assert_eq!((&again.tag, &again.png), (&first.tag, &first.png));
    s.publish_dashboard(&house.owner, &made.id, &Default::default()).await.unwrap();
    // The one before is shown until the new one is drawn.
    let mut newer = s.thumbnail(&reader, &made.id, false).await.unwrap();
    while newer.tag == first.tag {
        tokio::task::yield_now().await;
        newer = s.thumbnail(&reader, &made.id, false).await.unwrap();
    }
    assert_eq!(newer.png, draft.png);
}
