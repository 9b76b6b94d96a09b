//! Named moments and publications.

use crate::{dashboard, furnished, mirrored, operation};
use domain::ErrorCode;
use store::{MILESTONE, PublicationRow, VersionRow};

fn version(id: &str, seq: i64) -> VersionRow {
    VersionRow {
        id: id.into(),
        dashboard_id: "d1".into(),
        seq,
        name: id.to_uppercase(),
        user_id: "u1".into(),
        created_at: seq,
    }
}

fn publication(name: &str, seq: i64) -> PublicationRow {
    PublicationRow {
        dashboard_id: "d1".into(),
        number: 0,
        seq,
        user_id: "u2".into(),
        created_at: seq,
        note: "new".into(),
        name: name.into(),
        description: "about".into(),
        sketch_json: "[1]".into(),
        snapshot_json: "{\"a\":1}".into(),
    }
}

#[tokio::test]
async fn moments_get_and_lose_their_names() {
    let (store, _dir) = furnished().await;
    for row in [version("a", 3), version("b", 9)] {
        store.insert_version(&row).await.unwrap();
    }
    assert_eq!(store.versions("d1").await.unwrap(), [version("b", 9), version("a", 3)]);
    store.rename_version("d1", "a", "Before the sale").await.unwrap();
    assert_eq!(store.versions("d1").await.unwrap()[1].name, "Before the sale");
    // Only by the dashboard they belong to.
    assert_eq!(store.rename_version("d2", "a", "x").await.unwrap_err().code, ErrorCode::NotFound);
    assert_eq!(store.delete_version("d2", "a").await.unwrap_err().code, ErrorCode::NotFound);
    store.delete_version("d1", "a").await.unwrap();
    assert_eq!(store.versions("d1").await.unwrap().len(), 1);
}

#[tokio::test]
async fn publications_are_numbered_and_one_of_them_is_shown() {
    let (store, _dir) = furnished().await;
    assert_eq!(store.publication_number("d1").await.unwrap(), None);
    assert!(store.published().await.unwrap().is_empty());
    assert_eq!(store.publish(&publication("First", 3)).await.unwrap(), 1);
    assert_eq!(store.publish(&publication("Second", 5)).await.unwrap(), 2);
    assert_eq!(store.dashboard("d1", false).await.unwrap().unwrap().publication, Some(2));
    assert_eq!(store.publication_number("d1").await.unwrap(), Some(2));
    let shown = store.published().await.unwrap();
    assert_eq!((shown.len(), shown["d1"].name.as_str(), shown["d1"].sketch_json.as_str()), (1, "Second", "[1]"));
    let first = store.publication("d1", 1).await.unwrap().unwrap();
    assert_eq!(first, PublicationRow { number: 1, ..publication("First", 3) });
    store.stop_publishing("d1").await.unwrap();
    assert_eq!(store.publication_number("d1").await.unwrap(), None);
    assert!(store.published().await.unwrap().is_empty());
    // A number is never used again.
    assert_eq!(store.publish(&publication("Third", 7)).await.unwrap(), 3);
    let numbers: Vec<i64> = store.publications("d1", 10).await.unwrap().iter().map(|p| p.number).collect();
    assert_eq!(numbers, [3, 2, 1]);
    let stranger = PublicationRow { dashboard_id: "d9".into(), ..publication("x", 1) };
    assert_eq!(store.publish(&stranger).await.unwrap_err().code, ErrorCode::NotFound);
    store.set_deleted("d1", Some(1)).await.unwrap();
    store.purge("d1").await.unwrap();
    assert!(store.publications("d1", 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn milestones_stay_when_newer_checkpoints_come() {
    let (store, _dir) = furnished().await;
    for seq in [MILESTONE - 100, MILESTONE, MILESTONE + 100, MILESTONE + 200, MILESTONE + 300] {
        store.save_checkpoint("d1", seq, &[1]).await.unwrap();
    }
    let before = async |seq: i64| store.checkpoint_before("d1", seq).await.unwrap().map(|(seq, _)| seq);
    assert_eq!(before(MILESTONE - 1).await, None);
    assert_eq!(before(MILESTONE + 150).await, Some(MILESTONE));
    assert_eq!(before(i64::MAX).await, Some(MILESTONE + 300));
    store.keep_milestone("d1", MILESTONE, &[9]).await.unwrap();
    assert_eq!(store.checkpoint_before("d1", MILESTONE).await.unwrap(), Some((MILESTONE, vec![1])));
}

#[tokio::test]
async fn a_stretch_of_the_log_is_read_alone() {
    let (store, _dir) = furnished().await;
    store.insert_dashboard(&dashboard("d2", "other")).await.unwrap();
    for i in 1..=5_u8 {
        let user = if i % 2 == 0 { "u2" } else { "u1" };
        let new = store::NewOperation { update_bytes: vec![i], ..operation(&format!("op{i}"), user) };
        store.append_operation("d1", &new, &mirrored("x", 5)).await.unwrap();
        store.append_operation("d2", &new, &mirrored("x", 5)).await.unwrap();
    }
    assert_eq!(store.updates_between("d1", 1, 4).await.unwrap(), [vec![2], vec![3], vec![4]]);
    assert_eq!(store.operation("d1", 4).await.unwrap().map(|o| o.id).as_deref(), Some("op4"));
    assert_eq!(store.operation("d1", 6).await.unwrap(), None);
    let numbers = |rows: Vec<store::OperationRow>| rows.iter().map(|o| o.seq).collect::<Vec<_>>();
    assert_eq!(numbers(store.operations_before_of("d1", "u1", None, 2).await.unwrap()), [5, 3]);
    assert_eq!(numbers(store.operations_before_of("d1", "u1", Some(3), 9).await.unwrap()), [1]);
    assert_eq!(store.authors("d1").await.unwrap(), ["u1", "u2"]);
}
