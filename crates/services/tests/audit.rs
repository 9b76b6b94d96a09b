//! The audit log: where deeds came from, what was refused, who may read it, and how it is taken out.

#![allow(clippy::unwrap_used)]

mod house;

use domain::audit::AuditRequest;
use domain::{Caller, ErrorCode, UserRole};
use futures::TryStreamExt;
use house::House;
use serde_json::json;
use services::{AuditFormat, Origin, Surface};
use std::sync::Arc;

fn from(address: &str) -> Arc<Origin> {
    Arc::new(Origin {
        surface: Surface::Token,
        credential_id: "t1".into(),
        address: address.into(),
        agent: "=cmd|' /C calc'!A0".into(),
    })
}

async fn actions(house: &House, admin: &Caller, request: AuditRequest) -> Vec<String> {
    let page = house.services.list_audit(admin, &request).await.unwrap();
    page.items.into_iter().map(|deed| deed.action).collect()
}

async fn file(house: &House, admin: &Caller, format: AuditFormat) -> String {
    let stream = house.services.export_audit(admin, &AuditRequest::default(), format).await.unwrap();
    let parts: Vec<_> = stream.try_collect().await.unwrap();
    String::from_utf8(parts.concat()).unwrap()
}

#[tokio::test]
async fn a_deed_says_who_did_it_from_where_and_through_what() {
    let house = House::build().await;
    let admin = house.user("admin", UserRole::Admin).await;
    from("192.0.2.7").around(house.dashboard(json!([]))).await;
    let request = AuditRequest { kind: "dashboard".into(), user: "owner".into(), ..AuditRequest::default() };
    let page = house.services.list_audit(&admin, &request).await.unwrap();
    let [deed] = &page.items[..] else { panic!("{page:?}") };
    assert_eq!((deed.action.as_str(), deed.outcome.as_str()), ("create", "done"));
    assert_eq!((deed.user_name.as_deref(), deed.surface.as_str()), (Some("owner"), "token"));
    assert_eq!((deed.address.as_str(), deed.credential_id.as_str()), ("192.0.2.7", "t1"));
    // What nobody asked for from outside was the server's own doing.
    let request = AuditRequest { action: "create_user".into(), ..AuditRequest::default() };
    assert_eq!(house.services.list_audit(&admin, &request).await.unwrap().items[0].surface, "system");
}

#[tokio::test]
async fn only_administrators_read_it() {
    let house = House::build().await;
    for role in [UserRole::Viewer, UserRole::Creator] {
        let caller = house.user(&format!("some {}", role.as_str()).replace(' ', "_"), role).await;
        let all = AuditRequest::default();
        assert_eq!(house.services.list_audit(&caller, &all).await.unwrap_err().code, ErrorCode::Forbidden);
        assert_eq!(house.services.audit_words(&caller).await.unwrap_err().code, ErrorCode::Forbidden);
        let export = house.services.export_audit(&caller, &all, AuditFormat::Csv).await;
        assert_eq!(export.err().unwrap().code, ErrorCode::Forbidden);
    }
    let mut admin = house.user("admin", UserRole::Admin).await;
    admin.scope = domain::people::Scope::Write;
    assert!(house.services.list_audit(&admin, &AuditRequest::default()).await.is_err(), "a token of less scope");
}

#[tokio::test]
async fn a_flood_of_refusals_fills_a_few_lines() {
    let house = House::build().await;
    let admin = house.user("admin", UserRole::Admin).await;
    for _ in 0..500 {
        let refusal = house.services.record_refusal(Some(&house.owner), "request", "DELETE /api/v1/x", "not_found");
        from("192.0.2.7").around(refusal).await;
    }
    let request = AuditRequest { outcome: "refused".into(), limit: Some(1_000), ..AuditRequest::default() };
    let page = house.services.list_audit(&admin, &request).await.unwrap();
    assert!((1..=21).contains(&page.items.len()), "{}", page.items.len());
    assert_eq!((page.items[0].code.as_str(), page.items[0].thing_id.as_str()), ("not_found", "DELETE /api/v1/x"));
}

#[tokio::test]
async fn pages_follow_each_other_and_bad_filters_are_named() {
    let house = House::build().await;
    let admin = house.user("admin", UserRole::Admin).await;
    for n in 0..5 {
        house.services.record_export(&admin, "report", &n.to_string(), "csv").await;
    }
    let mut request = AuditRequest { action: "export".into(), limit: Some(2), ..AuditRequest::default() };
    let mut seen = Vec::new();
    loop {
        let page = house.services.list_audit(&admin, &request).await.unwrap();
        assert_eq!(page.total, 5);
        seen.extend(page.items.into_iter().map(|deed| deed.thing_id));
        let Some(next) = page.next else { break };
        request.cursor = next;
    }
    assert_eq!(seen, ["4", "3", "2", "1", "0"]);
    for (field, bad) in [
        ("cursor", AuditRequest { cursor: "x".into(), ..AuditRequest::default() }),
        ("outcome", AuditRequest { outcome: "maybe".into(), ..AuditRequest::default() }),
        ("since", AuditRequest { since: "soon".into(), ..AuditRequest::default() }),
        ("limit", AuditRequest { limit: Some(0), ..AuditRequest::default() }),
        ("text", AuditRequest { text: "x".repeat(201), ..AuditRequest::default() }),
    ] {
        let error = house.services.list_audit(&admin, &bad).await.unwrap_err();
        assert_eq!((error.code, error.field.as_deref()), (ErrorCode::InvalidRequest, Some(field)));
    }
    assert!(
        actions(&house, &admin, AuditRequest { until: "1970-01-02".into(), ..Default::default() }).await.is_empty()
    );
    let words = house.services.audit_words(&admin).await.unwrap();
    assert!(words.actions.contains(&"export".to_owned()) && words.kinds.contains(&"report".to_owned()));
    assert_eq!(words.kept_days, 400);
}

#[tokio::test]
async fn a_file_has_all_of_it_without_formulas_and_is_itself_on_the_record() {
    let house = House::build().await;
    let admin = house.user("admin", UserRole::Admin).await;
    from("192.0.2.7").around(house.services.record_export(&admin, "report", "@SUM(A1)", "csv")).await;
    let csv = file(&house, &admin, AuditFormat::Csv).await;
    let lines: Vec<&str> = csv.trim_end().split("\r\n").collect();
    assert!(lines[0].starts_with("at,user_id,user_name,action,"));
    assert!(csv.contains(",'@SUM(A1),") && csv.contains(",'=cmd|' /C calc'!A0,"), "{csv}");
    assert!(lines[1].contains(",export,audit,"), "the newest is that it was taken out: {}", lines[1]);
    let all = actions(&house, &admin, AuditRequest::default()).await;
    assert_eq!(lines.len(), all.len() + 1);
    let ndjson = file(&house, &admin, AuditFormat::Ndjson).await;
    for line in ndjson.lines() {
        let deed: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(deed["at"].is_string() && deed["detail"].is_object());
    }
    assert!(AuditFormat::parse("xlsx").is_err());
}

#[tokio::test]
async fn what_is_kept_is_said_to_the_database() {
    let house = House::build().await;
    let admin = house.user("admin", UserRole::Admin).await;
    house.services.keep_audit(30).await.unwrap();
    assert_eq!(house.services.audit_words(&admin).await.unwrap().kept_days, 30);
    let store = store::Store::open(&house.data_dir().join("orrery.sqlite")).await.unwrap();
    assert!(store.forget_audit(i64::MAX, 10).await.is_err(), "young deeds stay, whoever asks");
}
