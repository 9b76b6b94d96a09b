//! What a crash between two writes leaves behind, and what becomes of it.

use super::*;
use crate::{QuestionDefaults, Settings};
use domain::alert::{Condition, EventKind, Subject};
use domain::api::{LoadMode, LoadRequest, NewMetric};
use std::time::Duration;
use tempfile::TempDir;

fn settings(dir: &TempDir) -> Settings {
    Settings {
        data_dir: dir.path().to_owned(),
        database: None,
        fixtures_dir: None,
        paper_dir: None,
        query_timeout: Duration::from_secs(10),
        memory_limit_bytes: 64 << 20,
        threads: 1,
        max_upload_bytes: 1 << 20,
        questions: QuestionDefaults::default(),
        sources: crate::SourceSettings::default(),
        notify: crate::NotifySettings::default(),
        sign_in: crate::SignInSettings::default(),
    }
}

/// A metric at 3 with an alert above 10.
async fn prepared(dir: &TempDir) -> (Services, Caller, String) {
    let services = Services::open(settings(dir)).await.unwrap();
    services.add_user("ada", UserRole::Creator, None).await.unwrap();
    let ada = services.local_caller(Some("ada")).await.unwrap();
    let path = dir.path().join("rows.csv");
    std::fs::write(&path, "a\n1\n2\n3\n").unwrap();
    let request = LoadRequest { name: "rows".into(), mode: LoadMode::Create, ..LoadRequest::default() };
    services.import_file(&ada, &path, request).await.unwrap();
    let json = r#"{"id": "load", "name": "Load", "query": {"dataset": "rows", "measures": [{"agg": "count"}]}}"#;
    services.create_metric(&ada, serde_json::from_str::<NewMetric>(json).unwrap()).await.unwrap();
    let def = AlertDef::new(Subject::Metric { id: "load".into() }, Condition::Above { value: 10.0 });
    let new = NewAlert { name: "High".into(), description: String::new(), def, is_public: false, is_paused: false };
    let made = services.create_alert(&ada, new).await.unwrap();
    (services, ada, made.id)
}

async fn told(services: &Services, who: &Caller) -> Vec<String> {
    services.list_notifications(who).await.unwrap().into_iter().rev().map(|n| n.subject).collect()
}

/// Keeps a value of the metric, and nothing else.
async fn keep(services: &Services, at: i64, value: f64) {
    let kept = store::ValueRow { at, member: String::new(), value: Some(value), raw: None };
    let reading = store::NewReading { metric_id: "load".into(), at, values: vec![kept], ..Default::default() };
    services.store.record_readings(&[reading]).await.unwrap();
}

/// Writes a value, and everything that comes of it up to the letters: then the process is gone.
async fn check_without_delivery(services: &Services, id: &str, value: f64) {
    keep(services, crate::clock::now_ms(), value).await;
    let row = services.store.alert(id).await.unwrap().unwrap();
    assert!(services.check_once(&row, &def_of(&row).unwrap()).await.unwrap());
}

#[tokio::test]
async fn a_crash_between_check_and_delivery_neither_loses_nor_doubles() {
    let dir = tempfile::tempdir().unwrap();
    let (services, ada, id) = prepared(&dir).await;
    check_without_delivery(&services, &id, 50.0).await;
    assert_eq!(told(&services, &ada).await, [""; 0]);
    let letter = services.store.alert_letters(10).await.unwrap().pop().unwrap();
    drop(services);
    let services = Services::open(settings(&dir)).await.unwrap();
    services.deliver_letters().await.unwrap();
    assert_eq!(told(&services, &ada).await, ["Firing: High"]);
    // The process was gone before the letter was taken out of the outbox.
    let round = services.store.alert(&id).await.unwrap().unwrap();
    let again = store::AlertRound {
        alert_id: &id,
        round: round.round,
        status: round.status,
        status_since: round.status_since,
        error: None,
        checked_at: 1,
        instances: &[],
        gone: &[],
        events: &[],
        letters: &[letter],
    };
    assert!(services.store.record_alert_round(&again).await.unwrap());
    services.deliver_letters().await.unwrap();
    assert_eq!(told(&services, &ada).await, ["Firing: High"]);
    assert!(services.store.alert_letters(10).await.unwrap().is_empty());
}

#[tokio::test]
async fn values_that_came_before_a_crash_are_caught_up_with() {
    let dir = tempfile::tempdir().unwrap();
    let (services, ada, id) = prepared(&dir).await;
    let now = crate::clock::now_ms();
    for (i, value) in [50.0, 1.0, 60.0].into_iter().enumerate() {
        keep(&services, now + i as i64, value).await;
    }
    while crate::clock::now_ms() < now + 3 {
        tokio::task::yield_now().await;
    }
    drop(services);
    let services = Services::open(settings(&dir)).await.unwrap();
    services.check_alert(&id).await.unwrap();
    let kinds: Vec<EventKind> = services.alert_events(&ada, &id).await.unwrap().iter().rev().map(|e| e.kind).collect();
    assert_eq!(kinds, [EventKind::Fired, EventKind::Recovered, EventKind::Fired]);
    // One cause, one message.
    assert_eq!(told(&services, &ada).await, ["Firing: High"]);
}

#[tokio::test]
async fn of_two_who_check_at_once_one_tells() {
    let dir = tempfile::tempdir().unwrap();
    let (services, ada, id) = prepared(&dir).await;
    let second = Services::open(settings(&dir)).await.unwrap();
    keep(&services, crate::clock::now_ms(), 50.0).await;
    let (a, b, c) = tokio::join!(services.check_alert(&id), second.check_alert(&id), services.check_alert(&id));
    a.and(b).and(c).unwrap();
    assert_eq!(told(&services, &ada).await, ["Firing: High"]);
    // A round that was made of what is no longer true is not written.
    let row = services.store.alert(&id).await.unwrap().unwrap();
    let stale = AlertRow { round: row.round - 1, ..row };
    assert!(!services.check_once(&stale, &def_of(&stale).unwrap()).await.unwrap());
}

#[tokio::test]
async fn a_tick_is_done_by_one_process_and_the_next_is_later() {
    let dir = tempfile::tempdir().unwrap();
    let (services, ada, id) = prepared(&dir).await;
    let patch = AlertPatch { check: Some(domain::alert::Check::EveryMinute), ..AlertPatch::default() };
    services.update_alert(&ada, &id, patch).await.unwrap();
    let job = services.store.job_by_key(&clock::job_key(&id)).await.unwrap().unwrap();
    let now = crate::clock::now_ms();
    assert!(job.due_at > now && job.due_at <= now + 60_000);
    // An hour of downtime: sixty ticks were missed, one is done.
    let late = now + 3_600_000;
    let claim = async |who: &str| {
        let mut claimed = services.store.claim_due(late, who, 30_000, 10).await.unwrap();
        // The dataset is looked at by another job.
        claimed.retain(|job| job.kind == clock::JOB);
        claimed
    };
    let claimed = claim("one").await;
    assert_eq!(claimed.len(), 1);
    assert!(claim("two").await.is_empty());
    services.work_on_alert(&claimed[0], "one").await.unwrap();
    let job = services.store.job_by_key(&clock::job_key(&id)).await.unwrap().unwrap();
    assert!(job.due_at > crate::clock::now_ms() && job.due_at <= crate::clock::now_ms() + 60_000);
    // Paused, it is not due at all.
    services.pause_alert(&ada, &id, true).await.unwrap();
    assert!(services.store.job_by_key(&clock::job_key(&id)).await.unwrap().is_none());
}

#[tokio::test]
async fn a_clock_that_was_set_back_delays_no_alert() {
    let dir = tempfile::tempdir().unwrap();
    let (services, ada, id) = prepared(&dir).await;
    let patch = AlertPatch { check: Some(domain::alert::Check::EveryMinute), ..AlertPatch::default() };
    services.update_alert(&ada, &id, patch).await.unwrap();
    let earlier = crate::clock::now_ms() - 24 * 3_600_000;
    services.requeue_alerts(earlier).await.unwrap();
    let job = services.store.job_by_key(&clock::job_key(&id)).await.unwrap().unwrap();
    assert!(job.due_at > earlier && job.due_at <= earlier + 60_000, "a day ahead is too far");
    services.requeue_alerts(earlier).await.unwrap();
    assert_eq!(services.store.job_by_key(&clock::job_key(&id)).await.unwrap().unwrap().due_at, job.due_at);
}

#[tokio::test]
async fn a_monitor_learns_that_checking_has_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let (services, ..) = prepared(&dir).await;
    let beat = services.alert_heartbeat().await.unwrap();
    assert!(!beat.is_alive && beat.checked_at.is_none());
    services.alerts.beat(crate::clock::now_ms());
    assert!(services.alert_heartbeat().await.unwrap().is_alive);
    services.alerts.beat(crate::clock::now_ms() - 61_000);
    assert!(!services.alert_heartbeat().await.unwrap().is_alive);
}
