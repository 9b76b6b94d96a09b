//! Policies of datasets, and the ways to a thing.

use crate::{dataset, furnished, user};
use domain::Access;
use store::{PolicyRow, ThingKind, WayRow};

fn row(dataset_id: &str, text: &str) -> PolicyRow {
    PolicyRow { dataset_id: dataset_id.into(), policies_json: text.into(), saved_by: "u1".into(), saved_at: 7 }
}

#[tokio::test]
async fn the_last_policies_hold_and_go_with_their_dataset() {
    let (store, _dir) = furnished().await;
    store.insert_dataset(&dataset("ds1", "sales")).await.unwrap();
    assert_eq!(store.policies("ds1").await.unwrap(), None);
    store.put_policies(&row("ds1", "{}")).await.unwrap();
    store.put_policies(&row("ds1", r#"{"rows":[]}"#)).await.unwrap();
    assert_eq!(store.policies("ds1").await.unwrap(), Some(row("ds1", r#"{"rows":[]}"#)));
    assert_eq!(store.all_policies().await.unwrap().len(), 1);
    assert!(store.put_policies(&row("gone", "{}")).await.is_err(), "there is no such dataset");
    store.delete_dataset("ds1").await.unwrap();
    assert!(store.all_policies().await.unwrap().is_empty());
}

#[tokio::test]
async fn the_ways_to_a_thing_are_named() {
    let (store, _dir) = furnished().await;
    store.insert_user(&user("u9", "Nine")).await.unwrap();
    store.upsert_grant(ThingKind::Dataset, "ds1", "u9", Access::View).await.unwrap();
    let ways = store.ways_to(ThingKind::Dataset, "ds1", "u9").await.unwrap();
    let own = WayRow { group_name: String::new(), folder_name: String::new(), access: Access::View };
    assert_eq!(ways, [own]);
    assert!(store.ways_to(ThingKind::Dataset, "other", "u9").await.unwrap().is_empty());
    assert!(store.group_names().await.unwrap().is_empty());
}
