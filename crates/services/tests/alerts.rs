//! Alerts from end to end: values go in, notices come out, each once.

#![allow(clippy::unwrap_used)]

mod house;

use domain::alert::{Alert, AlertPatch, MetricAlertForm, NewAlert, Status};
use domain::api::{PushedValue, UsageKind};
use domain::{Access, Caller, ErrorCode, UserRole};
use house::House;
use serde_json::{Value, json};

const SALES: &str = "region,day,amount\nNorth,2025-01-01,5\nSouth,2025-01-01,7\nNorth,2025-01-02,6\n";

/// A house with a metric whose values come from outside.
async fn with_metric() -> House {
    let house = House::build().await;
    house.load("sales", SALES).await;
    house.metric("load", json!({"dataset": "sales", "measures": [{"agg": "count"}]})).await;
    house
}

/// A value of the metric from outside.
async fn push_at(house: &House, value: f64, at: Option<&str>) {
    let pushed = PushedValue { value, at: at.map(str::to_owned), ts: None };
    house.services.push_values(&house.owner, "load", vec![pushed]).await.unwrap();
}

async fn push(house: &House, value: f64) {
    push_at(house, value, None).await;
}

fn new(rule: Value) -> NewAlert {
    let mut json = json!({"name": "Too high", "subject": {"type": "metric", "id": "load"},
        "condition": {"type": "above", "value": 10}});
    for (key, value) in rule.as_object().unwrap() {
        json[key] = value.clone();
    }
    serde_json::from_value(json).unwrap()
}

async fn alert(house: &House, rule: Value) -> Alert {
    house.services.create_alert(&house.owner, new(rule)).await.unwrap()
}

/// What happened, oldest first.
async fn events(house: &House, id: &str) -> Vec<String> {
    let events = house.services.alert_events(&house.owner, id).await.unwrap();
    let name = |instance: &str| if instance.is_empty() { String::new() } else { format!(" {instance}") };
    events.iter().rev().map(|e| format!("{}{}", e.kind.as_str(), name(&e.instance))).collect()
}

/// What somebody was told, oldest first.
async fn inbox(house: &House, who: &Caller) -> Vec<String> {
    let notices = house.services.list_notifications(who).await.unwrap();
    notices.into_iter().rev().map(|n| n.subject).collect()
}

async fn status(house: &House, id: &str) -> Status {
    house.services.get_alert(&house.owner, id).await.unwrap().status
}

#[tokio::test]
async fn it_fires_recovers_and_fires_again() {
    let house = with_metric().await;
    let made = alert(&house, json!({})).await;
    assert_eq!((made.status, made.value, made.sentence.as_str()), (Status::Normal, Some(3.0), "load is above 10"));
    for value in [11.0, 12.0, 10.0, 9.0, 20.0] {
        push(&house, value).await;
    }
    assert_eq!(events(&house, &made.id).await, ["fired", "recovered", "fired"]);
    let told = ["Firing: Too high", "Recovered: Too high", "Firing: Too high"];
    assert_eq!(inbox(&house, &house.owner).await, told);
    let now = house.services.get_alert(&house.owner, &made.id).await.unwrap();
    assert_eq!((now.status, now.formatted_value.as_str(), now.instances.len()), (Status::Firing, "20", 1));
    let first = house.services.alert_events(&house.owner, &made.id).await.unwrap().pop().unwrap();
    assert_eq!((first.value, first.told), (Some(11.0), true));
    // A value of the past changes nothing.
    push_at(&house, 1.0, Some("2025-01-01T00:00:00Z")).await;
    assert_eq!(status(&house, &made.id).await, Status::Firing);
}

#[tokio::test]
async fn what_does_not_last_is_told_to_nobody() {
    let house = with_metric().await;
    let made = alert(&house, json!({"pending": {"checks": 3}, "notify_recovery": false})).await;
    for value in [11.0, 11.0, 1.0, 11.0, 11.0] {
        push(&house, value).await;
    }
    assert_eq!(status(&house, &made.id).await, Status::Pending);
    assert_eq!(inbox(&house, &house.owner).await, [""; 0]);
    for value in [11.0, 1.0] {
        push(&house, value).await;
    }
    assert_eq!(events(&house, &made.id).await, ["pending", "calmed", "pending", "fired", "recovered"]);
    assert_eq!(inbox(&house, &house.owner).await, ["Firing: Too high"]);
}

#[tokio::test]
async fn each_value_of_a_dimension_stands_for_itself_and_one_cause_is_one_message() {
    let house = House::build().await;
    house.load("sales", SALES).await;
    let question = json!({"type": "query", "query": {"dataset": "sales", "dimensions": [{"column": "region"}],
        "measures": [{"agg": "sum", "column": "amount"}]}});
    let rule = json!({"subject": question, "for_each": "region", "check": {"type": "hourly"}, "on_no_data": "ignore"});
    let made = alert(&house, rule.clone()).await;
    // North has 11.
    assert_eq!(events(&house, &made.id).await, ["fired North"]);
    assert_eq!(inbox(&house, &house.owner).await, ["Firing: Too high, North"]);
    let check = async || house.services.check_alert_now(&house.owner, &made.id).await.unwrap();
    house.load("sales", "region,day,amount\nNorth,2025-01-01,1\nSouth,2025-01-01,70\nEast,2025-01-01,80\n").await;
    let now = check().await;
    assert_eq!(
        now.instances.iter().map(|i| (i.instance.as_str(), i.status)).collect::<Vec<_>>(),
        [("East", Status::Firing), ("South", Status::Firing), ("North", Status::Normal)]
    );
    let told = inbox(&house, &house.owner).await;
    assert_eq!(told[1..], ["2 firing, 1 recovered: Too high"]);
    // A region without rows.
    house.load("sales", "region,day,amount\nSouth,2025-01-01,70\n").await;
    assert_eq!(check().await.status, Status::Firing);
    assert_eq!(events(&house, &made.id).await.last().unwrap(), "recovered East");
    let refused = NewAlert { def: domain::alert::AlertDef { for_each: None, ..new(rule).def }, ..new(json!({})) };
    house.load("sales", SALES).await;
    let error = house.services.create_alert(&house.owner, refused).await.unwrap_err();
    assert_eq!(error.field.as_deref(), Some("for_each"));
}

#[tokio::test]
async fn a_snooze_holds_messages_back_and_a_pause_stops_checking() {
    let house = with_metric().await;
    let made = alert(&house, json!({})).await;
    let (services, owner) = (&house.services, &house.owner);
    let snoozed = services.snooze_alert(owner, &made.id, Some("2099-01-01T00:00:00Z")).await;
    assert_eq!(snoozed.unwrap_err().field.as_deref(), Some("until"));
    let soon = services::clock::rfc3339(services::clock::now_ms() + 3_600_000);
    assert!(services.snooze_alert(owner, &made.id, Some(&soon)).await.unwrap().snoozed_until.is_some());
    push(&house, 11.0).await;
    assert_eq!((status(&house, &made.id).await, inbox(&house, owner).await.len()), (Status::Firing, 0));
    services.snooze_alert(owner, &made.id, None).await.unwrap();
    push(&house, 12.0).await;
    assert_eq!(inbox(&house, owner).await, ["Still firing: Too high"]);
    services.pause_alert(owner, &made.id, true).await.unwrap();
    push(&house, 1.0).await;
    assert_eq!(status(&house, &made.id).await, Status::Firing);
    assert_eq!(services.check_alert_now(owner, &made.id).await.unwrap_err().code, ErrorCode::Conflict);
    services.pause_alert(owner, &made.id, false).await.unwrap();
    assert_eq!(status(&house, &made.id).await, Status::Normal);
    let deeds = ["snoozed", "fired", "woken", "reminded", "paused", "recovered", "unpaused"];
    assert_eq!(events(&house, &made.id).await, deeds);
}

#[tokio::test]
async fn people_are_told_again_until_somebody_knows() {
    let house = with_metric().await;
    let made = alert(&house, json!({"renotify": {"type": "each_time"}})).await;
    let (services, owner) = (&house.services, &house.owner);
    assert_eq!(services.acknowledge_alert(owner, &made.id).await.unwrap_err().code, ErrorCode::Conflict);
    for value in [11.0, 12.0] {
        push(&house, value).await;
    }
    assert_eq!(inbox(&house, owner).await.len(), 2);
    let known = services.acknowledge_alert(owner, &made.id).await.unwrap();
    assert_eq!(known.instances[0].acknowledged_by.as_deref(), Some("owner"));
    for value in [13.0, 14.0, 1.0] {
        push(&house, value).await;
    }
    assert_eq!(inbox(&house, owner).await[2..], ["Recovered: Too high"]);
    let happened = ["fired", "reminded", "acknowledged", "recovered"];
    assert_eq!(events(&house, &made.id).await, happened);
}

#[tokio::test]
async fn no_data_is_told_or_not_as_one_likes() {
    let house = House::build().await;
    house.load("sales", SALES).await;
    let subject = json!({"type": "query", "query": {"dataset": "sales",
        "measures": [{"agg": "sum", "column": "amount"}], "filter": {"column": "region", "op": "eq", "value": "North"}}});
    let rule = |on_no_data: &str| json!({"name": on_no_data, "subject": subject, "on_no_data": on_no_data, "check": {"type": "daily"}});
    let mut ids = Vec::new();
    for policy in ["alert", "ignore", "keep_last"] {
        ids.push(alert(&house, rule(policy)).await.id);
    }
    let rows = json!({"type": "query", "query": {"dataset": "sales", "columns": ["region"]}});
    let any = json!({"name": "any", "subject": rows, "condition": {"type": "any_row"}, "check": {"type": "daily"}});
    ids.push(alert(&house, any).await.id);
    house.load("sales", "region,day,amount\nSouth,2025-01-01,70\n").await;
    for id in &ids {
        house.services.check_alert_now(&house.owner, id).await.unwrap();
    }
    let mut all = Vec::new();
    for id in &ids {
        all.push(events(&house, id).await);
    }
    assert_eq!(all, [vec!["fired", "no_data"], vec!["fired", "recovered"], vec!["fired"], vec!["fired"]]);
    // It fires all the same while there is nothing to see.
    assert_eq!(status(&house, &ids[0]).await, Status::Firing);
}

#[tokio::test]
async fn an_alert_that_breaks_says_so_once_to_those_who_can_help() {
    let house = House::build().await;
    let admin = house.user("admin", UserRole::Admin).await;
    house.load("sales", SALES).await;
    let subject =
        json!({"type": "query", "query": {"dataset": "sales", "measures": [{"agg": "sum", "column": "amount"}]}});
    let made = alert(&house, json!({"subject": subject, "check": {"type": "weekly"}})).await;
    house.load("sales", "region,day\nNorth,2025-01-01\n").await;
    for _ in 0..3 {
        house.services.check_alert_now(&house.owner, &made.id).await.unwrap();
    }
    let now = house.services.get_alert(&house.owner, &made.id).await.unwrap();
    assert_eq!(now.status, Status::Error);
    assert!(now.error.unwrap().contains("amount"));
    assert_eq!(inbox(&house, &house.owner).await, ["Firing: Too high", "Not working: Too high"]);
    assert_eq!(inbox(&house, &admin).await, ["Not working: Too high"]);
    house.load("sales", SALES).await;
    house.services.check_alert_now(&house.owner, &made.id).await.unwrap();
    assert_eq!(events(&house, &made.id).await, ["fired", "broken", "mended"]);
    assert_eq!(inbox(&house, &admin).await.len(), 2);
    // An owner who has left asks nothing any more.
    let patch = domain::api::UserPatch { is_active: Some(false), ..Default::default() };
    house.services.update_user(&admin, &house.owner.user_id, patch).await.unwrap();
    house.services.check_alert_now(&admin, &made.id).await.unwrap();
    assert_eq!(house.services.get_alert(&admin, &made.id).await.unwrap().status, Status::Error);
    assert_eq!(inbox(&house, &admin).await.len(), 3);
}

#[tokio::test]
async fn alerts_are_of_those_who_may_see_them() {
    let house = with_metric().await;
    let services = &house.services;
    let other = house.user("other", UserRole::Creator).await;
    let made = alert(&house, json!({})).await;
    assert_eq!(services.list_alerts(&other, "").await.unwrap().len(), 0);
    let hidden = [
        services.get_alert(&other, &made.id).await.err(),
        services.alert_events(&other, &made.id).await.err(),
        services.snooze_alert(&other, &made.id, None).await.err(),
        services.acknowledge_alert(&other, &made.id).await.err(),
        services.test_alert(&other, &made.id, Some("me")).await.err(),
        services.delete_alert(&other, &made.id).await.err(),
        services.alert_now(&other, &made.id).await.err(),
        services.create_alert(&other, new(json!({}))).await.err(),
    ];
    for error in hidden {
        assert_eq!(error.unwrap().code, ErrorCode::NotFound);
    }
    services.set_grant(&house.owner, "alert", &made.id, "other", Some(Access::Edit)).await.unwrap();
    assert_eq!(services.list_alerts(&other, "HIGH").await.unwrap()[0].access, Access::Edit);
    // Who may edit an alert cannot make it watch what they may not see.
    let patch = AlertPatch { check: Some(domain::alert::Check::Hourly), ..AlertPatch::default() };
    assert_eq!(services.update_alert(&other, &made.id, patch).await.unwrap_err().code, ErrorCode::NotFound);
    let patch = AlertPatch { name: Some("Renamed".into()), ..AlertPatch::default() };
    assert_eq!(services.update_alert(&other, &made.id, patch).await.unwrap().name, "Renamed");
    let viewer = house.user("viewer", UserRole::Viewer).await;
    assert_eq!(services.create_alert(&viewer, new(json!({}))).await.unwrap_err().code, ErrorCode::Forbidden);
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused() {
    let house = with_metric().await;
    let text = json!({"type": "query", "query": {"dataset": "sales", "columns": ["region"]}});
    let sums =
        json!({"type": "query", "query": {"dataset": "sales", "measures": [{"agg": "sum", "column": "amount"}]}});
    let cron = |expression: &str| json!({"check": {"type": "cron", "expression": expression}});
    for (rule, field) in [
        (json!({"name": "a\nb"}), "name"),
        (json!({"subject": {"type": "metric", "id": "gone"}}), "subject.id"),
        (json!({"subject": text}), "measure"),
        (json!({"subject": text, "measure": "region"}), "measure"),
        (json!({"subject": sums, "measure": "avg"}), "measure"),
        (json!({"subject": sums, "condition": {"type": "outside_band", "width": 3}}), "condition"),
        (cron("0 0 30 2 *"), "check.expression"),
        (cron("soon"), "check.expression"),
        (json!({"check": {"type": "cron", "expression": "0 8 * * *", "time_zone": "Mars"}}), "check.time_zone"),
        (json!({"renotify": {"type": "every", "seconds": 0}}), "renotify.seconds"),
        (json!({"message": "{nothing}"}), "message"),
        (json!({"recipients": [{"type": "user", "id": "nobody"}]}), "recipients[0].id"),
    ] {
        let error = house.services.create_alert(&house.owner, new(rule.clone())).await.unwrap_err();
        assert_eq!(error.field.as_deref(), Some(field), "{rule}: {error}");
    }
    assert_eq!(house.services.list_alerts(&house.owner, "").await.unwrap().len(), 0);
    let unnamed = house.services.create_alert(&house.owner, new(json!({"name": " "}))).await.unwrap();
    assert_eq!(unnamed.name, "load is above 10");
}

#[tokio::test]
async fn the_form_of_the_specification_makes_an_alert() {
    let house = with_metric().await;
    let form = |metric: &str| -> MetricAlertForm {
        serde_json::from_value(json!({"metric_name": metric, "threshold_value": 2, "comparison": ">",
            "notification_email": "ops@example.com", "alert_frequency": "weekly"}))
        .unwrap()
    };
    let made = house.services.create_metric_alert(&house.owner, form("load")).await.unwrap();
    assert_eq!((made.name.as_str(), made.status), ("load > 2", Status::Firing));
    assert!(made.next_check_at.is_some());
    assert_eq!(made.def.recipients, [domain::notify::Recipient::Email { address: "ops@example.com".into() }]);
    let error = house.services.create_metric_alert(&house.owner, form("sales")).await.unwrap_err();
    assert_eq!((error.code, error.field.as_deref()), (ErrorCode::NotFound, Some("metric_name")));
}

#[tokio::test]
async fn a_tile_is_watched_by_whoever_sees_it() {
    let house = with_metric().await;
    let query = json!({"dataset": "sales", "dimensions": [{"column": "region"}], "measures": [{"agg": "sum", "column": "amount"}]});
    let board = house
        .dashboard(json!([{"id": "t1", "type": "chart", "chart_type": "bar", "title": "By region", "data_source": {"query": query}},
            {"id": "t2", "type": "metric", "data_source": {"metric": "load"}}]))
        .await;
    let other = house.user("other", UserRole::Explorer).await;
    let tile = |tile: &str| json!({"type": "tile", "dashboard": board.slug, "tile": tile});
    let rule = |id: &str, extra: Value| {
        let mut rule = json!({"subject": tile(id), "check": {"type": "hourly"}});
        for (key, value) in extra.as_object().unwrap() {
            rule[key] = value.clone();
        }
        new(rule)
    };
    let made = house.services.create_alert(&other, rule("t1", json!({"for_each": "region"}))).await.unwrap();
    assert_eq!((made.status, made.def.label.as_str()), (Status::Firing, "By region"));
    // The metric itself is not theirs.
    let error = house.services.create_alert(&other, rule("t2", json!({}))).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::NotFound);
    let own = house.services.create_alert(&house.owner, rule("t2", json!({}))).await.unwrap();
    assert_eq!(own.def.subject.metric(), Some("load"));
    // No column but what the tile shows.
    let error = house.services.create_alert(&other, rule("t1", json!({"for_each": "day"}))).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::UnknownColumn);
    let used = house.services.column_usages(&house.owner, "sales", None).await.unwrap();
    let alerts = |kind: &UsageKind| *kind == UsageKind::Alert;
    assert_eq!(used.iter().filter(|u| alerts(&u.kind)).count(), 1);
    let used = house.services.metric_usages(&house.owner, "load").await.unwrap();
    assert_eq!(used.iter().filter(|u| alerts(&u.kind)).count(), 1);
}

#[tokio::test]
async fn the_past_says_how_often_it_would_have_fired() {
    let house = House::build().await;
    let rows: String =
        (1..=28).map(|day| format!("North,2025-02-{day:02},{}\n", if day % 7 == 0 { 100 } else { day })).collect();
    house.load("sales", &format!("region,day,amount\n{rows}")).await;
    house.metric("load", json!({"dataset": "sales", "measures": [{"agg": "count"}]})).await;
    let subject =
        json!({"type": "query", "query": {"dataset": "sales", "measures": [{"agg": "sum", "column": "amount"}]}});
    let at = async |value: f64| {
        let rule =
            json!({"subject": subject, "condition": {"type": "above", "value": value}, "check": {"type": "hourly"}});
        house.services.backtest_alert(&house.owner, new(rule)).await.unwrap()
    };
    let played = at(50.0).await;
    assert_eq!((played.fired, played.series[0].points.len(), played.thresholds), (4, 28, vec![50.0]));
    assert_eq!(played.moments[0].at, "2025-02-07T00:00:00.000Z");
    assert_eq!(at(1_000.0).await.fired, 0);
    // The days whose number is above, each week anew.
    assert_eq!(at(9.5).await.fired, 2);
    let by_region = json!({"subject": {"type": "query", "query": {"dataset": "sales", "dimensions": [{"column": "region"}],
        "measures": [{"agg": "sum", "column": "amount"}]}}, "for_each": "region", "condition": {"type": "above", "value": 50}});
    let played = house.services.backtest_alert(&house.owner, new(by_region)).await.unwrap();
    assert_eq!((played.fired, played.series[0].instance.as_str()), (4, "North"));
    for value in [5.0, 20.0, 5.0, 30.0] {
        // Of one millisecond only the last value is kept.
        let last = services::clock::now_ms();
        while services::clock::now_ms() == last {
            tokio::task::yield_now().await;
        }
        push(&house, value).await;
    }
    let played = house.services.backtest_alert(&house.owner, new(json!({}))).await.unwrap();
    // 28 rows, then the values.
    assert_eq!((played.fired, played.series[0].points.len()), (3, 5));
    let other = house.user("other", UserRole::Explorer).await;
    assert_eq!(house.services.backtest_alert(&other, new(json!({}))).await.unwrap_err().code, ErrorCode::NotFound);
}

#[tokio::test]
async fn a_test_says_what_it_would_say() {
    let house = with_metric().await;
    let made =
        alert(&house, json!({"message": "{subject} {condition}: {value}", "condition": {"type": "below", "value": 2}}))
            .await;
    let services = &house.services;
    let test = services.test_alert(&house.owner, &made.id, None).await.unwrap();
    assert_eq!(
        (test.sent, test.subject.as_str(), test.body.as_str()),
        (0, "Test: Normal: Too high", "load is below 2: 3")
    );
    assert_eq!(test.instances[0].holds, Some(false));
    push(&house, 1.0).await;
    let test = services.test_alert(&house.owner, &made.id, Some("me")).await.unwrap();
    assert_eq!((test.sent, test.body.as_str()), (1, "load is below 2: 1"));
    assert_eq!(inbox(&house, &house.owner).await, ["Firing: Too high", "Test: Firing: Too high"]);
    assert!(services.test_alert(&house.owner, &made.id, Some("all")).await.is_err());
}
