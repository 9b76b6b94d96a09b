//! Models, their versions, and what detectors found.

use crate::{fresh, user};
use domain::{Access, ErrorCode};
use store::{AnomalyRow, LearnedRow, LearnedVersionRow, Store, ThingKind};

fn model(id: &str) -> LearnedRow {
    LearnedRow {
        id: id.into(),
        name: id.into(),
        description: String::new(),
        owner_id: "u1".into(),
        model_type: "anomaly".into(),
        def_json: "{}".into(),
        dataset_id: Some("ds1".into()),
        metric_id: None,
        status: "training".into(),
        job_id: None,
        error: None,
        active_version: None,
        trial_version: None,
        trial_share: 0,
        is_public: false,
        last_prediction_at: None,
        prediction_count: 0,
        seen_json: "{}".into(),
        retrain_at: None,
        created_at: 1,
        updated_at: 1,
    }
}

fn version(number: i64) -> LearnedVersionRow {
    LearnedVersionRow {
        model_id: "m".into(),
        version: number,
        def_json: "{}".into(),
        training_json: "{}".into(),
        report_json: "{}".into(),
        threshold: Some(0.5),
        sha256: "ab".into(),
        bytes: 10,
        is_sealed: true,
        trained_by: "u1".into(),
        trained_at: number * 10,
        last_prediction_at: None,
        prediction_count: 0,
    }
}

fn anomaly(id: &str, row_key: &str, at: i64) -> AnomalyRow {
    AnomalyRow {
        id: id.into(),
        model_id: "m".into(),
        version: 1,
        row_key: row_key.into(),
        burst: "b".into(),
        at: Some("2025-01-01".into()),
        score: 0.75,
        body: "{}".into(),
        is_sealed: false,
        status: "new".into(),
        status_by: None,
        status_at: None,
        data_version: 1,
        detected_at: at,
    }
}

async fn furnished() -> (Store, crate::place::Place) {
    let (store, dir) = fresh().await;
    store.insert_user(&user("u1", "ada")).await.unwrap();
    store.insert_learned(&model("m")).await.unwrap();
    (store, dir)
}

#[tokio::test]
async fn versions_answer_in_turn() {
    let (store, _dir) = furnished().await;
    assert_eq!(store.next_learned_version("m").await.unwrap(), 1);
    store.add_learned_version(&version(1), true, Some(99)).await.unwrap();
    store.add_learned_version(&version(2), false, Some(120)).await.unwrap();
    let taken = store.add_learned_version(&version(2), true, None).await.unwrap_err();
    assert_eq!(taken.code, ErrorCode::NameTaken);
    let now = store.learned("m").await.unwrap().unwrap();
    assert_eq!((now.active_version, now.status.as_str(), now.retrain_at), (Some(1), "active", Some(120)));
    store.try_learned("m", Some((2, 30)), 5).await.unwrap();
    store.activate_learned("m", 2, 6).await.unwrap();
    let now = store.learned("m").await.unwrap().unwrap();
    assert_eq!((now.active_version, now.trial_version, now.trial_share), (Some(2), None, 0));
    assert_eq!(store.activate_learned("m", 7, 6).await.unwrap_err().code, ErrorCode::NotFound);
    store.move_threshold("m", 2, 0.9).await.unwrap();
    store.count_predictions("m", 2, 40, 77).await.unwrap();
    let all = store.learned_versions("m").await.unwrap();
    assert_eq!(all.iter().map(|v| (v.version, v.prediction_count)).collect::<Vec<_>>(), [(2, 40), (1, 0)]);
    assert_eq!((all[0].threshold, all[0].is_sealed, all[0].last_prediction_at), (Some(0.9), true, Some(77)));
    let due: Vec<String> = store.learned_due(120).await.unwrap().into_iter().map(|m| m.id).collect();
    assert_eq!((due.as_slice(), store.learned_due(119).await.unwrap().len()), (["m".to_owned()].as_slice(), 0));
    assert_eq!(store.learned_from("ds1").await.unwrap().len(), 1);
    store.upsert_grant(ThingKind::Model, "m", "u1", Access::Explore).await.unwrap();
    store.delete_learned("m").await.unwrap();
    assert_eq!(store.grant(ThingKind::Model, "m", "u1").await.unwrap(), None);
    assert!(store.learned_versions("m").await.unwrap().is_empty(), "versions go with their model");
}

#[tokio::test]
async fn one_job_trains_a_model_at_a_time() {
    let (store, _dir) = furnished().await;
    assert!(store.begin_training("m", "a job that is gone", 2).await.unwrap());
    assert!(store.begin_training("m", "another", 3).await.unwrap(), "nobody works on the former");
    store.end_training("m", Some("why"), None, 4).await.unwrap();
    let now = store.learned("m").await.unwrap().unwrap();
    assert_eq!((now.job_id, now.error.as_deref(), now.status.as_str()), (None, Some("why"), "training"));
}

#[tokio::test]
async fn a_row_is_found_once() {
    let (store, _dir) = furnished().await;
    let some = [anomaly("a1", "k1", 5), anomaly("a2", "k2", 6)];
    assert_eq!(store.add_anomalies(&some).await.unwrap(), ["a1", "a2"]);
    assert_eq!(store.add_anomalies(&[anomaly("a3", "k2", 7), anomaly("a4", "k4", 8)]).await.unwrap(), ["a4"]);
    store.judge_anomaly("m", "a1", "dismissed", "u1", 9).await.unwrap();
    assert_eq!(store.judge_anomaly("m", "nobody", "dismissed", "u1", 9).await.unwrap_err().code, ErrorCode::NotFound);
    let ids = async |status: Option<&str>| -> Vec<String> {
        store.anomalies("m", status, 9).await.unwrap().into_iter().map(|a| a.id).collect()
    };
    assert_eq!(ids(None).await, ["a4", "a2", "a1"]);
    assert_eq!(ids(Some("dismissed")).await, ["a1"]);
    store.forget_anomalies("m").await.unwrap();
    assert_eq!(ids(None).await, ["a1"], "what somebody judged stays");
    assert_eq!(store.anomaly("m", "a1").await.unwrap().unwrap().status_by.as_deref(), Some("u1"));
}
