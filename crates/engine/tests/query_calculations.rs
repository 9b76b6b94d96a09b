//! Calculations, others, comparisons and gaps on a real database.

#![allow(clippy::unwrap_used)]

#[path = "common/ask.rs"]
mod ask;
mod common;

use ask::Desk;
use domain::ErrorCode;
use serde_json::{Value, json};

/// Sales by day; nothing in March.
async fn sales() -> Desk {
    let mut desk = Desk::new();
    desk.csv(
        "sales",
        "day,region,customer,amount
        2023-02-10,east,a,40
        2024-01-10,east,a,10
        2024-01-20,east,b,30
        2024-01-25,west,c,60
        2024-02-10,east,a,20
        2024-02-11,west,c,80
        2024-04-01,east,d,50
        2024-04-30,north,e,5",
        &[],
    )
    .await;
    desk
}

fn by_month(calc: Value) -> Value {
    json!({"dimensions": [{"column": "day", "grain": "month"}], "filter": {"column": "day", "op": "gte", "value": "2024-01-01"},
        "measures": [{"agg": "sum", "column": "amount"}, {"agg": "sum", "column": "amount", "calc": calc, "as": "x"}]})
}

#[tokio::test(flavor = "multi_thread")]
async fn running_totals_shares_and_ranks() {
    let desk = sales().await;
    let column = async |calc: Value| -> Vec<Value> {
        let rows = desk.json(by_month(calc)).await;
        rows.as_array().unwrap().iter().map(|r| r[2].clone()).collect()
    };
    assert_eq!(column(json!({"kind": "running_total"})).await, [100, 200, 255]);
    assert_eq!(column(json!({"kind": "share"})).await, [json!(0.392157), json!(0.392157), json!(0.215686)]);
    assert_eq!(column(json!({"kind": "rank"})).await, [1, 1, 3]);
    assert_eq!(
        column(json!({"kind": "moving_avg", "window": 2, "over": "row"})).await,
        [json!(100), json!(100), json!(77.5)]
    );
    // March has no rows: April's average over the period is its own, and it has no previous month.
    assert_eq!(column(json!({"kind": "moving_avg", "window": 2})).await, [100, 100, 55]);
    assert_eq!(column(json!({"kind": "change"})).await, [Value::Null, json!(0), Value::Null]);
    assert_eq!(column(json!({"kind": "change", "over": "row"})).await, [Value::Null, json!(0), json!(-45)]);
    assert_eq!(column(json!({"kind": "percent_change", "over": "row"})).await, [Value::Null, json!(0), json!(-45)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_is_of_the_whole() {
    let desk = sales().await;
    let query = json!({"dimensions": [{"column": "region"}],
        "measures": [{"agg": "sum", "column": "amount", "calc": {"kind": "share"}, "as": "share"},
            {"agg": "count_distinct", "column": "customer", "calc": {"kind": "share"}, "as": "people"}, {"agg": "count"}],
        "order": [{"by": "share", "dir": "desc"}]});
    let with = |more: Value| {
        let mut query = query.clone();
        query.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        query
    };
    let all = json!([["east", 0.508475, 0.6, 5], ["west", 0.474576, 0.2, 2], ["north", 0.016949, 0.2, 1]]);
    assert_eq!(desk.json(query.clone()).await, all);
    let first = json!([all[0]]);
    assert_eq!(desk.json(with(json!({"limit": 1}))).await, first);
    assert_eq!(desk.json(with(json!({"having": {"column": "share", "op": "gt", "value": 0.5}}))).await, first);
    let top = json!({"filter": {"column": "region", "op": "top_n", "value": {"n": 1, "by": "count"}}});
    assert_eq!(desk.json(with(top)).await, first);
}

#[tokio::test(flavor = "multi_thread")]
async fn others_are_made_of_rows() {
    let mut desk = sales().await;
    let query = |label: Value| {
        json!({"dimensions": [{"column": "region"}], "others_label": label,
            "measures": [{"agg": "sum", "column": "amount"}, {"agg": "avg", "column": "amount"},
                {"agg": "count_distinct", "column": "customer"}, {"agg": "median", "column": "amount"}],
            "filter": {"column": "region", "op": "top_n", "value": {"n": 1, "by": "sum_amount", "others": true}}})
    };
    let rest = json!([145, 48.333333, 2, 60]);
    let expected = |name: &str| json!([["east", 150, 30, 3, 30], [name, rest[0], rest[1], rest[2], rest[3]]]);
    assert_eq!(desk.json(query(Value::Null)).await, expected("Others"));
    assert_eq!(desk.json(query(json!("The rest"))).await, expected("The rest"));
    assert_eq!(desk.json(query(json!("east"))).await, expected("east (rest)"));
    // A value that is called as the others are is one of them, unless it is a member.
    desk.csv("odd", "name,n\nOthers,9\na,5\nb,1\n,2", &[]).await;
    desk.sheets.swap_remove(0);
    let rows = desk.json(json!({"dimensions": [{"column": "name"}], "measures": [{"agg": "sum", "column": "n"}],
        "filter": {"column": "name", "op": "top_n", "value": {"n": 1, "by": "sum_n", "others": true}}}));
    assert_eq!(rows.await, json!([["Others", 9], ["Others (rest)", 8]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn comparisons_line_up() {
    let desk = sales().await;
    let query = |to: &str, filter: Value| {
        json!({"dimensions": [{"column": "day", "grain": "month"}], "measures": [{"agg": "sum", "column": "amount"}],
            "filter": filter, "compare": {"to": to, "show": ["previous", "change", "percent_change"]}})
    };
    let relative = json!({"column": "day", "op": "relative", "value": {"unit": "month", "n": 2}});
    // March and April against January and February.
    assert_eq!(
        desk.json(query("previous_period", relative)).await,
        json!([["2024-03-01", null, 100, null, null], ["2024-04-01", 55, 100, -45, -45]])
    );
    let between = json!({"column": "day", "op": "between", "value": ["2024-02-01", "2024-02-29"]});
    assert_eq!(desk.json(query("previous_year", between.clone())).await, json!([["2024-02-01", 100, 40, 60, 150]]));
    assert_eq!(desk.json(query("previous_period", between)).await, json!([["2024-02-01", 100, 100, 0, 0]]));
    let all = desk.json(query("previous_period", json!({"and": []}))).await;
    assert_eq!(all[2], json!(["2024-02-01", 100, 100, 0, 0]));
    assert_eq!(all[3], json!(["2024-04-01", 55, null, null, null]), "March has no rows");
    // In total, and by days that the longer month has alone.
    let total = json!({"measures": [{"agg": "sum", "column": "amount"}], "compare": {"to": "previous_period"},
        "filter": {"column": "day", "op": "between", "value": ["2024-02-01", "2024-02-29"]}});
    assert_eq!(desk.json(total).await, json!([[100, 100]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn gaps_are_filled_within_each_series() {
    let desk = sales().await;
    let query = |fill: &str| {
        json!({"dimensions": [{"column": "day", "grain": "month"}, {"column": "region"}],
            "measures": [{"agg": "sum", "column": "amount"}], "fill": fill,
            "filter": {"and": [{"column": "day", "op": "gte", "value": "2024-01-01"},
                {"column": "region", "op": "ne", "value": "north"}]}})
    };
    let column = async |fill: &str| -> Vec<Value> {
        let rows = desk.json(query(fill)).await;
        rows.as_array().unwrap().iter().map(|r| r[2].clone()).collect()
    };
    assert_eq!(column("zero").await, [40, 60, 20, 80, 0, 0, 50, 0]);
    assert_eq!(column("previous").await, [40, 60, 20, 80, 20, 80, 50, 80]);
    assert_eq!(column("null").await[4..], [Value::Null, Value::Null, json!(50), Value::Null]);
    let mut changes = by_month(json!({"kind": "change"}));
    changes["fill"] = json!("zero");
    let rows = desk.json(changes).await;
    assert_eq!(rows[2], json!(["2024-03-01", 0, -100]));
    // The filter's own ends, up to now.
    let ends = json!({"dimensions": [{"column": "day", "grain": "day"}], "measures": [{"agg": "count"}], "fill": "zero",
        "filter": {"column": "day", "op": "relative", "value": {"unit": "month", "of": "current"}}});
    assert_eq!(desk.ask(ends).await.len(), 15);
    let seconds = json!({"dimensions": [{"column": "day", "grain": "day"}, {"column": "customer"}],
        "measures": [{"agg": "count"}], "fill": "zero",
        "filter": {"column": "day", "op": "between", "value": ["1000-01-01", "2024-12-31"]}});
    let error = desk.try_ask(seconds).await.unwrap_err();
    assert_eq!((error.code, error.field.as_deref()), (ErrorCode::QueryTooLarge, Some("fill")));
}

#[tokio::test(flavor = "multi_thread")]
async fn weeks_and_years_begin_where_one_says() {
    let desk = sales().await;
    let query = |grain: &str| {
        json!({"dimensions": [{"column": "day", "grain": grain}], "measures": [{"agg": "sum", "column": "amount"}],
            "week_start": 7, "fiscal_year_start": 2})
    };
    assert_eq!(desk.json(query("year")).await, json!([["2023-02-01", 140], ["2024-02-01", 155]]));
    assert_eq!(desk.json(query("quarter")).await[1], json!(["2023-11-01", 100]));
    // 2024-02-10 was a Saturday, 2024-02-11 a Sunday.
    let weeks = desk.json(query("week")).await;
    assert_eq!((&weeks[4], &weeks[5]), (&json!(["2024-02-04", 20]), &json!(["2024-02-11", 80])));
    let days = desk.json(query("day_of_week")).await;
    assert!(days.as_array().unwrap().contains(&json!([7, 80])), "{days}");
}

#[tokio::test(flavor = "multi_thread")]
async fn long_lists_and_zones() {
    let desk = sales().await;
    let values: Vec<u32> = (0..10_000).collect();
    let query = json!({"measures": [{"agg": "count"}], "filter": {"column": "amount", "op": "in", "value": values}});
    assert_eq!(desk.json(query).await, json!([[8]]));
    let mut desk = Desk::new();
    desk.csv("visits", "at,n\n2024-03-01T04:30:00Z,1\n2024-04-01T03:30:00Z,2\n2023-04-01T03:59:00Z,4", &[]).await;
    let query = |to: &str| {
        json!({"dimensions": [{"column": "at", "grain": "month"}], "measures": [{"agg": "sum", "column": "n"}],
            "timezone": "America/New_York", "compare": {"to": to}, "fill": "zero",
            "filter": {"column": "at", "op": "between", "value": ["2024-02-01", "2024-03-31"]}})
    };
    // In New York they were the 29th of February and the 31st of March, before and after the clocks changed.
    assert_eq!(
        desk.json(query("previous_year")).await,
        json!([["2024-02-01T00:00:00-05:00", 1, 0], ["2024-03-01T00:00:00-05:00", 2, 4]])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_in_one_place_come_by_what_is_left() {
    let desk = sales().await;
    let query = |calc: Value| {
        json!({"dimensions": [{"column": "day", "grain": "month"}, {"column": "region"}], "order": [{"by": "day"}, {"by": "region"}],
            "filter": {"column": "day", "op": "gte", "value": "2024-01-01"},
            "measures": [{"agg": "sum", "column": "amount", "as": "x", "calc": calc}]})
    };
    let total = desk.json(query(json!({"kind": "running_total", "within": []}))).await;
    let values: Vec<&Value> = total.as_array().unwrap().iter().map(|r| &r[2]).collect();
    assert_eq!(values, [40, 100, 120, 200, 250, 255]);
    let change = desk.json(query(json!({"kind": "change", "over": "row", "within": []}))).await;
    assert_eq!(change[1][2], 20);
    // January has a value for each region: none of them is the one of January.
    let error = desk.try_ask(query(json!({"kind": "change", "within": []}))).await.unwrap_err();
    assert_eq!((error.code, error.field.as_deref()), (ErrorCode::InvalidQuery, Some("measures[0].calc.within")));
}

#[tokio::test(flavor = "multi_thread")]
async fn calculations_are_over_all_members_whatever_a_top_leaves() {
    let desk = sales().await;
    let query = json!({"dimensions": [{"column": "customer"}], "order": [{"by": "customer"}],
        "measures": [{"agg": "sum", "column": "amount", "as": "sum"},
            {"agg": "sum", "column": "amount", "as": "total", "calc": {"kind": "running_total"}}],
        "filter": {"column": "customer", "op": "top_n", "value": {"n": 2, "by": "sum"}}});
    // a 70, b 30, c 140, d 50, e 5
    assert_eq!(desk.json(query).await, json!([["a", 70, 70], ["c", 140, 240]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_time_was_not_earlier() {
    let mut desk = Desk::new();
    desk.csv("sales", "day,amount\n2024-01-10,1\n,5\n2024-02-10,2", &[]).await;
    for (grain, to) in [("month", "previous_period"), ("month", "previous_year"), ("day", "previous_year")] {
        let query = json!({"dimensions": [{"column": "day", "grain": grain}], "compare": {"to": to},
            "measures": [{"agg": "sum", "column": "amount", "as": "sum"}]});
        let rows = desk.json(query).await;
        assert_eq!(rows.as_array().unwrap().last(), Some(&json!([null, 5, null])), "{grain} {to}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_comparison_adds_can_be_sorted_by() {
    let desk = sales().await;
    let query = json!({"dimensions": [{"column": "region"}], "measures": [{"agg": "sum", "column": "amount", "as": "sum"}],
        "filter": {"column": "day", "op": "between", "value": ["2024-02-01", "2024-02-29"]},
        "compare": {"to": "previous_period", "show": ["previous", "change"]}, "order": [{"by": "sum_change", "dir": "desc"}]});
    assert_eq!(desk.json(query).await, json!([["west", 80, 60, 20], ["east", 20, 40, -20]]));
}
