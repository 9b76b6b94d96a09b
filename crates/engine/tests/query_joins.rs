//! Joins on a real database: no measure counts a row twice, on whichever side of a join.

#![allow(clippy::unwrap_used)]

#[path = "common/ask.rs"]
mod ask;
mod common;

use ask::Desk;
use serde_json::json;

/// Orders with several items and several payments each; customers with several orders.
async fn shop() -> Desk {
    let mut desk = Desk::new();
    desk.csv(
        "orders",
        "id,customer,total,day
        1,ann,100,2024-01-05
        2,ann,50,2024-02-05
        3,bob,30,2024-02-10
        4,eve,20,2024-03-01",
        &["id"],
    )
    .await;
    desk.csv(
        "items",
        "order_id,sku,qty
        1,pen,2
        1,pen,3
        1,ink,1
        2,pen,4
        3,ink,5",
        &[],
    )
    .await;
    desk.csv("customers", "name,city,credit\nann,Rome,10\nbob,Rome,20\nzoe,Oslo,40", &["name"]).await;
    desk.csv("payments", "order_id,paid\n1,60\n1,40\n2,50", &[]).await;
    desk
}

fn items() -> serde_json::Value {
    json!({"dataset": "items", "on": [["id", "order_id"]]})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_total_is_not_multiplied_by_the_items_of_its_order() {
    let desk = shop().await;
    let measures = json!([{"agg": "sum", "column": "total"}, {"agg": "count"}, {"agg": "avg", "column": "total"},
        {"agg": "sum", "column": "qty"}, {"agg": "count", "column": "sku"}]);
    let all = desk.json(json!({"joins": [items()], "measures": measures})).await;
    assert_eq!(all, json!([[200, 4, 50, 15, 5]]));
    // Order 1 has pens on two lines and counts once there.
    let by_sku = desk.json(json!({"joins": [items()], "dimensions": [{"column": "sku"}], "measures": measures,
        "order": [{"by": "sku"}]}));
    assert_eq!(by_sku.await, json!([["ink", 130, 2, 65, 6, 2], ["pen", 150, 2, 75, 9, 3], [null, 20, 1, 20, null, 0]]));
    let inner = json!({"dataset": "items", "on": [["id", "order_id"]], "kind": "inner"});
    let inner = desk.json(json!({"joins": [inner], "measures": measures})).await;
    assert_eq!(inner, json!([[180, 3, 60, 15, 5]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_sides_of_many_do_not_multiply_each_other() {
    let desk = shop().await;
    let payments = json!({"dataset": "payments", "on": [["id", "order_id"]]});
    let rows = desk.json(json!({"joins": [items(), payments], "dimensions": [{"column": "customer"}],
        "measures": [{"agg": "sum", "column": "total"}, {"agg": "sum", "column": "qty"}, {"agg": "sum", "column": "paid"},
            {"agg": "ratio", "numerator": {"agg": "sum", "column": "paid"}, "denominator": {"agg": "sum", "column": "total"}}],
        "order": [{"by": "customer"}]}));
    assert_eq!(
        rows.await,
        json!([["ann", 150, 10, 150, 1], ["bob", 30, 5, null, null], ["eve", 20, null, null, null]])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_side_of_one_counts_once_too() {
    let desk = shop().await;
    let customers = json!({"dataset": "customers", "on": [["customer", "name"]]});
    let rows = desk.json(json!({"joins": [customers], "dimensions": [{"column": "customers.city"}],
        "measures": [{"agg": "sum", "column": "total"}, {"agg": "sum", "column": "credit"},
            {"agg": "count_if", "filter": {"column": "city", "op": "eq", "value": "Rome"}}],
        "order": [{"by": "customers.city"}]}));
    assert_eq!(rows.await, json!([["Rome", 180, 30, 3], [null, 20, null, 0]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn chains_filters_and_tops_over_joins() {
    let mut desk = shop().await;
    let customers = json!({"dataset": "customers", "on": [["customer", "name"]]});
    let query = json!({"joins": [items(), customers], "dimensions": [{"column": "city"}, {"column": "sku"}],
        "measures": [{"agg": "sum", "column": "total"}, {"agg": "p50", "column": "total"}],
        "filter": {"and": [{"column": "items.qty", "op": "gt", "value": 1},
            {"column": "sku", "op": "top_n", "value": {"n": 1, "by": "sum_total"}}]}});
    assert_eq!(desk.json(query.clone()).await, json!([["Rome", "pen", 150, 75]]));
    // Nothing known to be unique: the same numbers.
    for sheet in &mut desk.sheets {
        sheet.unique.clear();
    }
    assert_eq!(desk.json(query).await, json!([["Rome", "pen", 150, 75]]));
    let all = desk.json(json!({"joins": [items()], "measures": [{"agg": "sum", "column": "total"}]})).await;
    assert_eq!(all, json!([[200]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_right_is_refused() {
    let desk = shop().await;
    let payments = json!({"dataset": "payments", "on": [["id", "order_id"]]});
    let error = desk.try_ask(json!({"joins": [items(), payments],
        "measures": [{"agg": "last", "column": "qty", "by": "paid"}]}));
    assert!(error.await.unwrap_err().message.contains("has no one value"));
    let error = desk.try_ask(json!({"joins": [items(), payments], "columns": ["order_id"]})).await.unwrap_err();
    assert_eq!(error.hint.as_deref(), Some("Write `items.order_id` or `payments.order_id`."));
    let error = desk.try_ask(json!({"joins": [{"dataset": "items", "on": []}], "columns": ["id"]})).await.unwrap_err();
    assert!(error.message.contains("every row would meet every other"));
    let error = desk.try_ask(json!({"joins": [{"dataset": "items", "on": [["id", "sku"]]}], "columns": ["id"]}));
    assert!(error.await.unwrap_err().message.contains("cannot equal"));
}

#[tokio::test(flavor = "multi_thread")]
async fn policies_hold_for_joined_datasets_and_keys_can_be_checked() {
    let mut desk = shop().await;
    let rule = json!({"column": "sku", "op": "eq", "value": "ink"});
    desk.sheets[1].policy.rows.push(serde_json::from_value(rule).unwrap());
    desk.sheets[1].policy.hidden.push("sku".into());
    let rows = desk.json(json!({"joins": [items()], "measures": [{"agg": "sum", "column": "qty"}, {"agg": "count"}]}));
    assert_eq!(rows.await, json!([[6, 4]]));
    assert!(desk.try_ask(json!({"joins": [items()], "columns": ["items.sku"]})).await.is_err());
    for (sheet, column, repeats) in [(0, "id", false), (0, "customer", true), (1, "order_id", true)] {
        let sheet = &desk.sheets[sheet];
        let parts = [sheet.segments[0].catalog()];
        let source = semantic::Source { name: sheet.name, columns: &sheet.columns, parts: (&parts).into() };
        let sql =
            semantic::repeats_sql(&semantic::Dataset::from(source), &[column], jiff::Timestamp::UNIX_EPOCH).unwrap();
        let found = desk.bed.engine.scalar(&sql, &sheet.segments).await.unwrap();
        assert_eq!(found, domain::Cell::Bool(repeats), "{column}");
    }
}
