//! Alerts: what a check changes is written as a whole, and once.

use crate::{fresh, user};
use domain::Access;
use domain::alert::{EventKind, Status};
use store::{AlertEventRow, AlertInstanceRow, AlertRound, AlertRow, LetterRow, ThingKind};

fn alert(id: &str) -> AlertRow {
    AlertRow {
        id: id.into(),
        name: id.into(),
        description: String::new(),
        owner_id: "u1".into(),
        def_json: "{}".into(),
        is_public: false,
        is_paused: false,
        snoozed_until: None,
        metric_id: Some("m".into()),
        dataset_id: None,
        on_refresh: true,
        status: Status::Normal,
        status_since: 1,
        error: None,
        checked_at: None,
        round: 0,
        created_at: 1,
        updated_at: 1,
    }
}

fn event(id: &str, at: i64) -> AlertEventRow {
    AlertEventRow {
        id: id.into(),
        alert_id: "a".into(),
        instance: String::new(),
        kind: EventKind::Fired,
        at,
        position: 0,
        value: Some(7.5),
        told: true,
        detail: None,
    }
}

#[tokio::test]
async fn a_round_is_written_whole_or_not_at_all() {
    let (store, _dir) = fresh().await;
    store.insert_user(&user("u1", "ada")).await.unwrap();
    store.insert_alert(&alert("a")).await.unwrap();
    let instance = AlertInstanceRow { alert_id: "a".into(), instance: "North".into(), state_json: "{}".into() };
    let letter = LetterRow { event_key: "e1".into(), alert_id: "a".into(), letter_json: "{}".into(), created_at: 5 };
    let (events, instances, letters) = ([event("e1", 5)], [instance], [letter]);
    let round = |round: i64| AlertRound {
        alert_id: "a",
        round,
        status: Status::Firing,
        status_since: 5,
        error: Some("why"),
        checked_at: 5,
        instances: &instances,
        gone: &[],
        events: &events,
        letters: &letters,
    };
    assert!(store.record_alert_round(&round(0)).await.unwrap());
    assert!(!store.record_alert_round(&round(0)).await.unwrap(), "somebody else was faster");
    assert!(store.record_alert_round(&round(1)).await.unwrap());
    let now = store.alert("a").await.unwrap().unwrap();
    assert_eq!(
        (now.status, now.round, now.error.as_deref(), now.checked_at),
        (Status::Firing, 2, Some("why"), Some(5))
    );
    assert_eq!(store.alert_events("a", 10).await.unwrap(), events);
    assert_eq!(store.alert_letters(10).await.unwrap(), letters);
    assert_eq!(store.alert_instances("a").await.unwrap(), instances);
    store.delete_alert_letter("e1").await.unwrap();
    assert!(store.alert_letters(10).await.unwrap().is_empty());
    let gone = ["North".to_owned()];
    assert!(
        store.record_alert_round(&AlertRound { gone: &gone, instances: &[], letters: &[], ..round(2) }).await.unwrap()
    );
    assert!(store.alert_instances("a").await.unwrap().is_empty());
    store.insert_alert_event(&event("e2", 9)).await.unwrap();
    assert_eq!(store.alert_events("a", 1).await.unwrap()[0].id, "e2");
    assert_eq!(store.prune_alert_events(9).await.unwrap(), 1);
}

#[tokio::test]
async fn alerts_are_found_by_what_they_watch_and_leave_nothing_behind() {
    let (store, _dir) = fresh().await;
    store.insert_user(&user("u1", "ada")).await.unwrap();
    store.insert_alert(&alert("a")).await.unwrap();
    store.insert_alert(&AlertRow { metric_id: None, dataset_id: Some("d".into()), ..alert("b") }).await.unwrap();
    store.insert_alert(&AlertRow { is_paused: true, ..alert("c") }).await.unwrap();
    store.insert_alert(&AlertRow { on_refresh: false, ..alert("d") }).await.unwrap();
    assert_eq!(store.alerts_on_metric("m").await.unwrap(), ["a"]);
    assert_eq!(store.alerts_on_dataset("d").await.unwrap(), ["b"]);
    let changed = AlertRow { name: "z".into(), snoozed_until: Some(9), is_public: true, ..alert("a") };
    store.update_alert(&changed).await.unwrap();
    assert_eq!(store.alert("a").await.unwrap().unwrap(), changed);
    store.upsert_grant(ThingKind::Alert, "a", "u1", Access::View).await.unwrap();
    store.insert_alert_event(&event("e1", 1)).await.unwrap();
    store.delete_alert("a").await.unwrap();
    assert_eq!(store.grant(ThingKind::Alert, "a", "u1").await.unwrap(), None);
    assert!(store.alert_events("a", 10).await.unwrap().is_empty());
    assert!(store.delete_alert("a").await.is_err());
    assert_eq!(store.alerts().await.unwrap().len(), 3);
}
