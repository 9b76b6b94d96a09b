//! Calculated columns on a real database.

#![allow(clippy::unwrap_used)]

#[path = "common/ask.rs"]
mod ask;
mod common;

use ask::Desk;
use domain::{Cell, Column, DataType, Role};
use semantic::Calculated;
use semantic::expression::{FUNCTIONS, check};
use serde_json::{Value, json};

async fn desk() -> Desk {
    let mut desk = Desk::new();
    desk.csv(
        "flights",
        "origin,dest,distance,air_time,dep_delay,arr_delay,tailnum,name,carrier,flight,ordered,shipped,time_hour
        JFK,LAX,2475,330,20.5,10.5,N123,United Inc.,UA,15,2024-01-31,2024-02-02,2024-01-31T23:30:00Z
        LGA,ORD,733,0,,-3.5, n9 ,Delta,DL,7,2024-12-31,2025-01-01,2024-07-01T12:00:00Z",
        &[],
    )
    .await;
    desk
}

fn add(desk: &mut Desk, name: &str, expression: &str) {
    let ty = check(expression, &desk.sheets[0].columns).unwrap_or_else(|e| panic!("{expression}: {e:?}"));
    let column = Column {
        name: name.into(),
        label: name.into(),
        ty,
        role: Role::Dimension,
        description: String::new(),
        format: None,
        is_calculated: false,
    };
    desk.sheets[0].calculated.push(Calculated { column, expression: expression.into() });
}

#[tokio::test(flavor = "multi_thread")]
async fn expressions_have_the_values_they_should() {
    let mut desk = desk().await;
    let cases = [
        ("distance / air_time", json!([7.5, null])),
        ("distance % 0", json!([null, null])),
        ("distance * 2 - -1", json!([4951, 1467])),
        ("1 + 2 * 3 = 7 and not false", json!([true, true])),
        ("if(dep_delay > 15, 'late', 'fine')", json!(["late", "fine"])),
        ("case when dep_delay is null then 0 else round(dep_delay) end", json!([21, 0])),
        ("coalesce(dep_delay, arr_delay)", json!([20.5, -3.5])),
        ("max(dep_delay, 30, null)", json!([30, 30])),
        ("concat(origin, '-', dest, '-', distance)", json!(["JFK-LAX-2475", "LGA-ORD-733"])),
        ("upper(trim(tailnum))", json!(["N123", "N9"])),
        ("length(name) + length('ä''b')", json!([14, 8])),
        ("contains(name, 'Inc') or starts_with(name, 'D')", json!([true, true])),
        ("replace(substring(origin, 1, 2), 'J', '%')", json!(["%F", "LG"])),
        ("origin in ('JFK', 'EWR')", json!([true, false])),
        ("date_diff('day', ordered, shipped)", json!([2, 1])),
        ("date_diff('month', ordered, shipped)", json!([1, 1])),
        ("date_add(ordered, 1, 'month')", json!(["2024-02-29", "2025-01-31"])),
        ("date_trunc('quarter', ordered)", json!(["2024-01-01", "2024-10-01"])),
        ("year(ordered) * 100 + month(ordered)", json!([202_401, 202_412])),
        ("day_of_week(ordered)", json!([3, 2])),
        ("hour(time_hour)", json!([23, 12])),
        ("to_number(carrier)", json!([null, null])),
        ("to_number(to_text(flight)) + 0.5", json!([15.5, 7.5])),
        ("to_date('2024-02-30')", json!([null, null])),
        ("date_diff('day', ordered, today())", json!([105, -230])),
        ("power(2, 10) - floor(2.5) - ceil(0.5) - abs(-1)", json!([1020, 1020])),
        ("distance > 1000 and distance / 0 is null", json!([true, false])),
    ];
    for (i, (expression, _)) in cases.iter().enumerate() {
        add(&mut desk, &format!("x{i}"), expression);
    }
    for (i, (expression, expected)) in cases.iter().enumerate() {
        let rows = desk.json(json!({"columns": [format!("x{i}")], "order": [{"by": "origin"}]})).await;
        let found: Vec<Value> = rows.as_array().unwrap().iter().map(|r| r[0].clone()).collect();
        assert_eq!(Value::from(found), *expected, "{expression}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_example_runs_in_every_zone() {
    let mut desk = desk().await;
    for (i, function) in FUNCTIONS.iter().enumerate() {
        add(&mut desk, &format!("f{i}"), function.example);
    }
    for (i, function) in FUNCTIONS.iter().enumerate() {
        for zone in ["UTC", "Europe/Berlin"] {
            let answer = desk.try_ask(json!({"columns": [format!("f{i}")], "timezone": zone})).await;
            assert_eq!(answer.map(|rows| rows.len()).ok(), Some(2), "{} in {zone}", function.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calculated_columns_are_columns() {
    let mut desk = desk().await;
    add(&mut desk, "late", "coalesce(dep_delay, 0) > 15");
    add(&mut desk, "local_hour", "hour(time_hour)");
    let column = desk.sheets[0].calculated[0].column.clone();
    desk.sheets[0].calculated.push(Calculated {
        column: Column { name: "word".into(), ty: DataType::Text, ..column },
        expression: "if(late, 'late', 'fine')".into(),
    });
    let rows = desk.json(json!({"dimensions": [{"column": "word"}, {"column": "local_hour"}],
        "measures": [{"agg": "sum", "column": "distance"}, {"agg": "max", "column": "local_hour"}],
        "filter": {"column": "local_hour", "op": "lt", "value": 20}, "timezone": "Asia/Tokyo", "order": [{"by": "word"}]}));
    assert_eq!(rows.await, json!([["late", 8, 2475, 8]]));
    desk.sheets[0].policy.masked = ["dep_delay", "origin"].map(|c| (c.into(), semantic::Mask::Redact)).into();
    let masked = desk.ask(json!({"columns": ["late", "origin", "dep_delay"]})).await;
    assert!(masked.iter().all(|row| row == &[Cell::Bool(false), Cell::Text("***".into()), Cell::Null]), "{masked:?}");
}
