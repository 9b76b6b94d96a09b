//! Lineage through SELECTs and metrics, and what a change would break.

#![allow(clippy::unwrap_used)]

mod house;

use domain::api::{Usage, UsageKind};
use domain::lineage::OriginKind;
use domain::sql::NewSqlDataset;
use domain::{Access, Caller, Column, ErrorCode, UserRole};
use house::House;
use serde_json::json;

/// Not a test: what this program becomes when the engine starts it as a worker.
#[test]
#[ignore = "the worker that the tests start"]
fn sql_worker() {
    services::sql_worker();
}

async fn house() -> House {
    let arguments = ["sql_worker", "--exact", "--ignored", "--nocapture"].map(Into::into).to_vec();
    engine::sandbox::set_worker(std::env::current_exe().unwrap(), arguments);
    let house = House::build().await;
    house.load("sales", "day,region,amount,note\n2025-01-01,North,10,a\n2025-01-02,South,20,b\n").await;
    house
}

async fn select(house: &House, name: &str, sql: &str) {
    let new = NewSqlDataset { name: name.into(), sql: sql.into(), ..NewSqlDataset::default() };
    house.services.create_sql_dataset(&house.owner, new).await.unwrap();
}

async fn uses(house: &House, caller: &Caller, column: Option<&str>) -> Vec<String> {
    let show = |u: Usage| match u.through {
        Some(through) => format!("{} via {}", u.id, through.name),
        None => u.id,
    };
    house.services.column_usages(caller, "sales", column).await.unwrap().into_iter().map(show).collect()
}

/// A SELECT over sales, one over that, and what asks them.
async fn furnished() -> House {
    let house = house().await;
    select(&house, "by_region", "SELECT region, sum(amount) AS total FROM sales GROUP BY ALL").await;
    select(&house, "largest", "SELECT * FROM by_region ORDER BY total DESC LIMIT 1").await;
    let tile = |id: &str, source: serde_json::Value| {
        json!({"id": id, "type": "chart", "chart_type": "bar", "title": id,
            "position": {"x": 0, "y": 0, "w": 4, "h": 4}, "data_source": source})
    };
    house
        .dashboard(json!([
            tile("direct", json!({"query": {"dataset": "sales", "dimensions": [{"column": "region"}], "measures": [{"agg": "count"}]}})),
            tile("named", json!({"query": {"dataset": "largest", "measures": [{"agg": "sum", "column": "total"}]}})),
            tile("inline", json!({"sql": "SELECT \"day\", amount * 2 AS twice FROM sales"})),
            tile("elsewhere", json!({"sql": "SELECT 1 AS one"})),
        ]))
        .await;
    house
}

#[tokio::test(flavor = "multi_thread")]
async fn what_asks_a_select_uses_what_it_reads() {
    let house = furnished().await;
    let all = uses(&house, &house.owner, None).await;
    assert_eq!(all, ["direct", "inline", "by_region", "largest via by_region", "named via largest"]);
    assert_eq!(uses(&house, &house.owner, Some("day")).await, ["inline"]);
    assert_eq!(
        uses(&house, &house.owner, Some("amount")).await,
        ["inline", "by_region", "largest via by_region", "named via largest"]
    );
    assert!(uses(&house, &house.owner, Some("note")).await.is_empty());
    select(&house, "everything", "SELECT * FROM sales").await;
    assert_eq!(uses(&house, &house.owner, Some("note")).await, ["everything"], "a star reads all");

    // A SELECT that somebody may not see is not there, and neither is what is only seen through it.
    let guest = house.user("guest", UserRole::Explorer).await;
    house.services.set_grant(&house.owner, "dataset", "sales", "guest", Some(Access::View)).await.unwrap();
    assert_eq!(uses(&house, &guest, None).await, ["direct", "inline"]);

    let lineage = house.services.lineage(&house.owner, "largest").await.unwrap();
    assert_eq!(lineage.origin.kind, OriginKind::Sql);
    assert_eq!(lineage.origin.reads.iter().map(|d| d.name.as_str()).collect::<Vec<_>>(), ["by_region"]);
    house.services.set_grant(&house.owner, "dataset", "largest", "guest", Some(Access::View)).await.unwrap();
    assert_eq!(house.services.lineage(&guest, "largest").await.unwrap().origin.reads, [], "hidden from the guest");
    let upload = house.services.lineage(&guest, "sales").await.unwrap().origin;
    assert_eq!((upload.kind, upload.name.as_str()), (OriginKind::Upload, "sales.csv"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_replacement_would_break_is_said_before() {
    let house = furnished().await;
    let (services, owner) = (&house.services, &house.owner);
    let columns = services.get_dataset(owner, "sales").await.unwrap().columns;
    let without = |name: &str| columns.iter().filter(|c| c.name != name).cloned().collect::<Vec<Column>>();
    assert_eq!(services.misfits_with(owner, "sales", columns.clone()).await.unwrap(), []);
    assert_eq!(services.misfits_with(owner, "sales", without("note")).await.unwrap(), [], "nothing uses it");
    let broken = services.misfits_with(owner, "sales", without("amount")).await.unwrap();
    let seen: Vec<_> = broken.iter().map(|m| (m.usage.kind, m.usage.id.as_str(), m.missing.join(","))).collect();
    assert_eq!(
        seen,
        [(UsageKind::Tile, "inline", "amount".to_owned()), (UsageKind::Dataset, "by_region", "amount".to_owned())]
    );
    assert_eq!(services.misfits(owner, "sales").await.unwrap(), [], "nothing happened yet");
    house.load("sales", "day,region,note\n2025-01-01,North,a\n").await;
    let now = services.misfits(owner, "sales").await.unwrap();
    assert_eq!(now.iter().map(|m| m.usage.id.as_str()).collect::<Vec<_>>(), ["inline", "by_region"]);
    assert!(now[0].message.contains("amount"), "{}", now[0].message);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_metric_knows_who_shows_it() {
    let house = house().await;
    house.metric("revenue", json!({"dataset": "sales", "measures": [{"agg": "sum", "column": "amount"}]})).await;
    let tile = |id: &str, source: serde_json::Value| json!({"id": id, "type": "metric", "title": id, "position": {"x": 0, "y": 0, "w": 4, "h": 4}, "data_source": source});
    house
        .dashboard(json!([
            tile("shown", json!({"metric": "revenue"})),
            tile("asked", json!({"query": {"dataset": "sales", "measures": [{"metric": "revenue"}]}})),
            tile("other", json!({"query": {"dataset": "sales", "measures": [{"agg": "count"}]}})),
        ]))
        .await;
    let uses = house.services.metric_usages(&house.owner, "revenue").await.unwrap();
    assert_eq!(uses.iter().map(|u| u.id.as_str()).collect::<Vec<_>>(), ["asked", "shown"]);
    let guest = house.user("guest", UserRole::Explorer).await;
    assert_eq!(house.services.metric_usages(&guest, "revenue").await.unwrap_err().code, ErrorCode::NotFound);
}
