//! Datasets and their versions.

use crate::{dataset, fresh, furnished};
use domain::{Access, ErrorCode};
use store::{DatasetMeta, Manifest, Store, ThingKind};
use tokio::task::JoinSet;

fn manifest(segments: &str, rows: i64) -> Manifest {
    Manifest {
        columns_json: dataset("x", "x").columns_json,
        segments_json: segments.into(),
        row_count: rows,
        bytes: rows * 10,
        origin: "b.csv".into(),
        updated_at: 9,
    }
}

fn segment(id: &str) -> String {
    format!(r#"{{"id":"{id}","rows":1,"bytes":7}}"#)
}

async fn segment_ids(store: &Store) -> Vec<String> {
    let row = store.dataset("ds1").await.unwrap().unwrap();
    let list: Vec<serde_json::Value> = serde_json::from_str(&row.segments_json).unwrap();
    list.iter().map(|s| s["id"].as_str().unwrap().to_owned()).collect()
}

async fn with_dataset() -> (Store, crate::place::Place) {
    let (store, dir) = furnished().await;
    store.insert_dataset(&dataset("ds1", "sales")).await.unwrap();
    (store, dir)
}

#[tokio::test]
async fn a_dataset_is_found_by_name_and_id_and_its_name_is_unique() {
    let (store, _dir) = with_dataset().await;
    let row = dataset("ds1", "sales");
    assert_eq!(store.dataset("sales").await.unwrap().as_ref(), Some(&row));
    assert_eq!(store.dataset("ds1").await.unwrap().as_ref(), Some(&row));
    let refused = store.insert_dataset(&dataset("ds2", "sales")).await.unwrap_err();
    assert_eq!(
        (refused.code, refused.message.as_str()),
        (ErrorCode::NameTaken, "There is already a dataset named sales.")
    );
    // A name that is another one's id does not hide that one.
    store.insert_dataset(&dataset("ds2", "ds1")).await.unwrap();
    assert_eq!(store.dataset("ds1").await.unwrap().unwrap().name, "sales");
}

#[tokio::test]
async fn of_two_replacements_of_one_version_one_gets_a_conflict() {
    let (store, _dir) = with_dataset().await;
    assert_eq!(store.replace_segments("ds1", 1, &manifest("[]", 3)).await.unwrap(), 2);
    let late = store.replace_segments("ds1", 1, &manifest("[]", 4)).await.unwrap_err();
    assert_eq!(late.code, ErrorCode::Conflict);
    let row = store.dataset("ds1").await.unwrap().unwrap();
    assert_eq!((row.version, row.row_count, row.origin.as_str(), row.updated_at), (2, 3, "b.csv", 9));
    let missing = store.replace_segments("ds9", 1, &manifest("[]", 4)).await.unwrap_err();
    assert_eq!(missing.code, ErrorCode::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn appends_at_once_all_arrive() {
    let (store, _dir) = with_dataset().await;
    let columns = dataset("x", "x").columns_json;
    let mut tasks = JoinSet::new();
    for i in 0..20 {
        let (store, columns) = (store.clone(), columns.clone());
        tasks.spawn(async move {
            store.append_segment("ds1", &columns, &segment(&format!("n{i}")), 1, 7, 5).await.unwrap()
        });
    }
    let mut versions = tasks.join_all().await;
    versions.sort_unstable();
    assert_eq!(versions, (2..=21).collect::<Vec<i64>>());
    let row = store.dataset("ds1").await.unwrap().unwrap();
    assert_eq!((row.row_count, row.bytes), (30, 240));
    assert_eq!(segment_ids(&store).await.len(), 21);
}

#[tokio::test]
async fn rows_for_other_columns_are_refused() {
    let (store, _dir) = with_dataset().await;
    let relabelled = r#"[{"name":"a","label":"Other","type":"integer","role":"dimension"}]"#;
    assert!(store.append_segment("ds1", relabelled, &segment("n1"), 1, 7, 5).await.is_ok());
    let retyped = r#"[{"name":"a","label":"A","type":"text","role":"measure"}]"#;
    let refused = store.append_segment("ds1", retyped, &segment("n2"), 1, 7, 5).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::Conflict);
    assert_eq!(store.dataset("ds1").await.unwrap().unwrap().version, 2, "nothing of it stays");
}

#[tokio::test]
async fn compaction_keeps_what_was_appended_meanwhile() {
    let (store, _dir) = with_dataset().await;
    let columns = dataset("x", "x").columns_json;
    store.append_segment("ds1", &columns, &segment("n1"), 1, 7, 5).await.unwrap();
    let old = ["s1".to_owned(), "n1".to_owned()];
    store.append_segment("ds1", &columns, &segment("n2"), 1, 7, 5).await.unwrap();
    assert!(store.save_profile("ds1", 3, "{}").await.unwrap());
    assert_eq!(store.compact_segments("ds1", &old, &segment("c1"), 50, 6).await.unwrap(), 4);
    assert_eq!(segment_ids(&store).await, ["c1", "n2"]);
    let row = store.dataset("ds1").await.unwrap().unwrap();
    assert_eq!((row.row_count, row.bytes), (12, 57));
    assert_eq!((row.profile_json.as_deref(), row.profile_version), (Some("{}"), 4), "the rows are the same");
    let again = store.compact_segments("ds1", &old, &segment("c2"), 50, 6).await.unwrap_err();
    assert_eq!(again.code, ErrorCode::Conflict);
}

#[tokio::test]
async fn an_older_profile_does_not_replace_a_newer_one() {
    let (store, _dir) = with_dataset().await;
    assert!(store.save_profile("ds1", 2, "two").await.unwrap());
    assert!(!store.save_profile("ds1", 1, "one").await.unwrap());
    assert_eq!(store.dataset("ds1").await.unwrap().unwrap().profile_json.as_deref(), Some("two"));
    let listed = store.datasets().await.unwrap();
    assert_eq!((listed[0].profile_json.as_deref(), listed[0].profile_version), (None, 2));
}

#[tokio::test]
async fn a_dataset_goes_with_its_grants() {
    let (store, _dir) = with_dataset().await;
    store.upsert_grant(ThingKind::Dataset, "ds1", "u2", Access::View).await.unwrap();
    store.delete_dataset("ds1").await.unwrap();
    assert_eq!(store.grants_of_thing(ThingKind::Dataset, "ds1").await.unwrap(), []);
    assert_eq!(store.delete_dataset("ds1").await.unwrap_err().code, ErrorCode::NotFound);
}

#[tokio::test]
async fn what_is_said_about_a_dataset_changes_without_a_new_version() {
    let (store, _dir) = with_dataset().await;
    let meta = DatasetMeta {
        label: "Sales Data".into(),
        description: "all of it".into(),
        columns_json: "[]".into(),
        is_public: true,
        updated_at: 8,
    };
    store.update_dataset_meta("ds1", &meta).await.unwrap();
    let row = store.dataset("ds1").await.unwrap().unwrap();
    assert_eq!((row.label.as_str(), row.is_public, row.version, row.updated_at), ("Sales Data", true, 1, 8));
}

#[tokio::test]
async fn a_dataset_of_nobody_is_refused() {
    let (store, _dir) = fresh().await;
    assert_eq!(store.insert_dataset(&dataset("ds1", "sales")).await.unwrap_err().code, ErrorCode::Conflict);
}
