//! Semantic models and their versions.

use crate::{dataset, furnished};
use domain::ErrorCode;
use store::{ModelRow, Store};
use tokio::task::JoinSet;

fn model(version: i64) -> ModelRow {
    ModelRow {
        dataset_id: "ds1".into(),
        version,
        model_json: format!(r#"{{"v":{version}}}"#),
        saved_by: "u1".into(),
        saved_at: version * 10,
    }
}

async fn with_datasets() -> (Store, crate::place::Place) {
    let (store, dir) = furnished().await;
    store.insert_dataset(&dataset("ds1", "sales")).await.unwrap();
    store.insert_dataset(&dataset("ds2", "orders")).await.unwrap();
    (store, dir)
}

#[tokio::test]
async fn every_version_is_kept_and_the_last_holds() {
    let (store, _dir) = with_datasets().await;
    assert_eq!(store.model("ds1").await.unwrap(), None);
    for version in 1..=3 {
        store.add_model(&model(version)).await.unwrap();
    }
    store.add_model(&ModelRow { dataset_id: "ds2".into(), ..model(1) }).await.unwrap();
    assert_eq!(store.model("ds1").await.unwrap(), Some(model(3)));
    assert_eq!(store.model_versions("ds1", i64::MAX, 2).await.unwrap(), [model(3), model(2)]);
    assert_eq!(store.model_versions("ds1", 2, 10).await.unwrap(), [model(1)]);
    let all: Vec<_> = store.models().await.unwrap().into_iter().map(|m| (m.dataset_id, m.version)).collect();
    assert_eq!(all, [("ds1".to_owned(), 3), ("ds2".to_owned(), 1)]);
    store.delete_dataset("ds1").await.unwrap();
    assert_eq!(store.model("ds1").await.unwrap(), None, "a model goes with its dataset");
}

#[tokio::test]
async fn of_two_who_save_the_same_version_one_is_told() {
    let (store, _dir) = with_datasets().await;
    assert_eq!(store.add_model(&model(2)).await.unwrap_err().code, ErrorCode::PreconditionFailed);
    let mut tasks = JoinSet::new();
    for _ in 0..8 {
        let store = store.clone();
        tasks.spawn(async move { store.add_model(&model(1)).await });
    }
    let saved = tasks.join_all().await.into_iter().filter(Result::is_ok).count();
    assert_eq!(saved, 1);
}
