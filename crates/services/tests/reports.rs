//! Reports: who may make, see and run them, and what their parameters may be.

#![allow(clippy::unwrap_used)]

mod house;

use domain::api::{NewReport, ReportPatch, ValuesRequest};
use domain::report::Report;
use domain::{Access, Error, ErrorCode, UserRole};
use house::{House, rows};
use serde_json::{Map, Value, json};

const SALES: &str = "region,day,amount\nNorth,2025-01-01,5\nNorth,2025-02-01,6\nSouth,2025-02-02,7\n";

fn new(parameters: Value) -> NewReport {
    let json = json!({"name": "Sales", "chart_type": "bar", "parameters": parameters,
        "query": {"dataset": "sales", "dimensions": [{"column": "region"}], "measures": [{"agg": "sum", "column": "amount", "as": "sum"}],
            "filter": {"column": "amount", "op": "gt", "value": 5}}});
    serde_json::from_value(json).unwrap()
}

fn usual() -> Value {
    json!([{"name": "region", "label": "Region", "kind": "choices", "column": "region", "default": ["North"]},
        {"name": "day", "label": "Day", "kind": "date_range", "column": "day"},
        {"name": "amount", "label": "Amount", "kind": "number", "column": "amount", "op": "gte"}])
}

async fn with_report() -> (House, Report) {
    let house = House::build().await;
    house.load("sales", SALES).await;
    let made = house.services.create_report(&house.owner, new(usual())).await.unwrap();
    (house, made)
}

fn values(json: Value) -> Map<String, Value> {
    json.as_object().unwrap().clone()
}

#[tokio::test]
async fn values_narrow_the_question() {
    let (house, report) = with_report().await;
    let run = async |given: Value| {
        let run = house.services.run_report(&house.owner, &report.id, &values(given)).await.unwrap();
        rows(&run.answer)
    };
    assert_eq!(run(json!({})).await, json!([["North", 6]]));
    assert_eq!(run(json!({"region": null})).await, json!([["South", 7], ["North", 6]]));
    assert_eq!(run(json!({"region": null, "day": ["2025-02-02", null]})).await, json!([["South", 7]]));
    // What comes out of an address is text.
    assert_eq!(run(json!({"region": null, "amount": "7"})).await, json!([["South", 7]]));
    let data = house.services.report_data(&house.owner, &report.id, &Map::new(), true).await.unwrap();
    assert_eq!((data.spec.kind.as_str(), data.table.row_count()), ("bar", 1));
    assert!(data.query.unwrap().limit.is_some());
    let found =
        house.services.report_values(&house.owner, &report.id, "region", &ValuesRequest::default()).await.unwrap();
    let found: Vec<String> = found.into_iter().map(|(cell, _)| cell.to_text()).collect();
    assert_eq!(found, ["North", "South"]);
}

#[tokio::test]
async fn what_does_not_fit_is_refused_with_its_place() {
    let (house, report) = with_report().await;
    let refused = async |parameters: Value| -> (ErrorCode, String) {
        let error: Error = house.services.create_report(&house.owner, new(parameters)).await.unwrap_err();
        (error.code, error.field.unwrap_or_default())
    };
    let one = |change: Value| {
        let mut all = usual();
        all[0].as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        all
    };
    assert_eq!(refused(one(json!({"name": "Region!"}))).await.1, "parameters[0].name");
    assert_eq!(refused(one(json!({"name": "day"}))).await.1, "parameters[1].name");
    assert_eq!(refused(one(json!({"op": "gt"}))).await.1, "parameters[0].op");
    assert_eq!(refused(one(json!({"default": "North"}))).await.1, "parameters[0].default");
    let unknown = refused(one(json!({"column": "city"}))).await;
    assert_eq!((unknown.0, unknown.1.starts_with("parameters[0]")), (ErrorCode::UnknownColumn, true), "{}", unknown.1);
    let field = async |given: Value| {
        let run = house.services.run_report(&house.owner, &report.id, &values(given)).await;
        run.err().unwrap().field.unwrap_or_default()
    };
    assert_eq!(field(json!({"regio": 1})).await, "parameters.regio");
    assert_eq!(field(json!({"amount": "much"})).await, "parameters.amount");
}

#[tokio::test]
async fn a_report_is_its_owners_and_those_it_is_shared_with_run_it() {
    let (house, report) = with_report().await;
    let services = &house.services;
    let viewer = house.user("viewer", UserRole::Viewer).await;
    let none = Map::new();
    assert_eq!(services.get_report(&viewer, &report.id).await.unwrap_err().code, ErrorCode::NotFound);
    assert_eq!(services.run_report(&viewer, &report.id, &none).await.err().unwrap().code, ErrorCode::NotFound);
    assert!(services.list_reports(&viewer, "").await.unwrap().is_empty());
    let refused = services.create_report(&viewer, new(usual())).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::Forbidden);
    services.set_grant(&house.owner, "report", &report.id, "viewer", Some(Access::View)).await.unwrap();
    // They have no right to the dataset, and see what the report shows.
    let run = services.run_report(&viewer, &report.id, &none).await.unwrap();
    assert_eq!(rows(&run.answer), json!([["North", 6]]));
    let patch = ReportPatch { name: Some("Mine".into()), ..ReportPatch::default() };
    let refused = services.update_report(&viewer, &report.id, patch.clone()).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::Forbidden);
    assert_eq!(services.update_report(&house.owner, &report.id, patch).await.unwrap().name, "Mine");
    let stranger = house.user("creator", UserRole::Creator).await;
    assert_eq!(services.delete_report(&stranger, &report.id).await.unwrap_err().code, ErrorCode::NotFound);
    let used = services.column_usages(&house.owner, "sales", Some("day")).await.unwrap();
    assert_eq!(
        used.iter().map(|u| (u.kind, u.title.as_str())).collect::<Vec<_>>(),
        [(domain::api::UsageKind::Report, "Mine")]
    );
    services.delete_report(&house.owner, &report.id).await.unwrap();
    assert_eq!(services.get_report(&house.owner, &report.id).await.unwrap_err().code, ErrorCode::NotFound);
    // An editor who may not ask the dataset cannot make it ask for more.
    let again = services.create_report(&house.owner, new(usual())).await.unwrap();
    services.set_grant(&house.owner, "report", &again.id, "creator", Some(Access::Edit)).await.unwrap();
    let wider = ReportPatch { parameters: Some(Vec::new()), ..ReportPatch::default() };
    assert_eq!(services.update_report(&stranger, &again.id, wider).await.unwrap_err().code, ErrorCode::UnknownDataset);
}
