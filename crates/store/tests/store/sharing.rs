//! Groups, folders, and handing things on.

use crate::{dashboard, dataset, furnished};
use domain::{Access, ErrorCode};
use store::{FolderRow, GroupRow, Handover, MOST_LEVELS, Store, ThingKind};

fn folder(id: &str, parent: Option<&str>) -> FolderRow {
    FolderRow {
        id: id.into(),
        name: id.into(),
        parent_id: parent.map(str::to_owned),
        owner_id: "u1".into(),
        is_public: false,
        created_at: 1,
        updated_at: 1,
    }
}

fn group(id: &str, name: &str) -> GroupRow {
    GroupRow { id: id.into(), name: name.into(), is_external: false, created_at: 1 }
}

/// What the two ways to ask say of a dashboard; they are one rule.
async fn may(store: &Store, user: &str, id: &str) -> Option<Access> {
    let one = store.grant(ThingKind::Dashboard, id, user).await.unwrap();
    let all = store.grants_of_user(user, ThingKind::Dashboard).await.unwrap();
    assert_eq!(all.get(id).copied(), one);
    one
}

#[tokio::test]
async fn a_group_brings_its_grants_while_one_is_in_it() {
    let (store, _dir) = furnished().await;
    store.insert_group(&group("g", "Sales")).await.unwrap();
    assert_eq!(store.insert_group(&group("h", "SALES")).await.unwrap_err().code, ErrorCode::NameTaken);
    store.upsert_group_grant(ThingKind::Dashboard, "d1", "g", Access::Comment).await.unwrap();
    assert_eq!(may(&store, "u2", "d1").await, None);
    store.add_member("g", "u2").await.unwrap();
    store.add_member("g", "u2").await.unwrap();
    assert_eq!(may(&store, "u2", "d1").await, Some(Access::Comment));
    store.upsert_grant(ThingKind::Dashboard, "d1", "u2", Access::View).await.unwrap();
    assert_eq!(may(&store, "u2", "d1").await, Some(Access::Comment));
    assert_eq!(store.group_grant(ThingKind::Dashboard, "d1", "g").await.unwrap(), Some(Access::Comment));
    assert_eq!(store.group_grants_of_thing(ThingKind::Dashboard, "d1").await.unwrap()[0].group_name, "Sales");
    assert!(store.remove_member("g", "u2").await.unwrap());
    assert_eq!(may(&store, "u2", "d1").await, Some(Access::View));
    store.add_member("g", "u2").await.unwrap();
    assert!(store.delete_group("g").await.unwrap());
    assert_eq!(may(&store, "u2", "d1").await, Some(Access::View));
    assert!(store.groups_of("u2").await.unwrap().is_empty());
}

#[tokio::test]
async fn what_holds_for_a_folder_holds_for_what_lies_in_it() {
    let (store, _dir) = furnished().await;
    store.insert_folder(&folder("top", None)).await.unwrap();
    store.insert_folder(&folder("in", Some("top"))).await.unwrap();
    store.place_thing(ThingKind::Dashboard, "d1", Some("in")).await.unwrap();
    assert_eq!(may(&store, "u2", "d1").await, None);
    // Its owner edits what lies in it.
    assert_eq!(may(&store, "u1", "d1").await, Some(Access::Edit));
    store.upsert_grant(ThingKind::Folder, "top", "u2", Access::Explore).await.unwrap();
    assert_eq!(may(&store, "u2", "d1").await, Some(Access::Explore));
    assert_eq!(store.grant(ThingKind::Folder, "in", "u2").await.unwrap(), Some(Access::Explore));
    store.delete_grant(ThingKind::Folder, "top", "u2").await.unwrap();
    store.update_folder("top", "top", true, 2).await.unwrap();
    assert_eq!(may(&store, "u2", "d1").await, Some(Access::View));
    store.insert_group(&group("g", "Sales")).await.unwrap();
    store.upsert_group_grant(ThingKind::Folder, "in", "g", Access::Edit).await.unwrap();
    assert_eq!(store.group_grant(ThingKind::Dashboard, "d1", "g").await.unwrap(), Some(Access::Edit));
    let all = store.grants_of_group("g", ThingKind::Dashboard).await.unwrap();
    assert_eq!(all.get("d1"), Some(&Access::Edit));
    store.place_thing(ThingKind::Dashboard, "d1", None).await.unwrap();
    assert_eq!(may(&store, "u2", "d1").await, None);
}

#[tokio::test]
async fn folders_make_a_tree_that_is_not_too_deep() {
    let (store, _dir) = furnished().await;
    let names: Vec<String> = (0..MOST_LEVELS).map(|level| format!("f{level}")).collect();
    for (level, name) in names.iter().enumerate() {
        let parent = level.checked_sub(1).map(|above| names[above].as_str());
        store.insert_folder(&folder(name, parent)).await.unwrap();
    }
    let deep = store.insert_folder(&folder("deep", Some(&names[MOST_LEVELS - 1]))).await.unwrap_err();
    assert_eq!(deep.code, ErrorCode::RuleRefused);
    assert_eq!(store.move_folder("f0", Some("f3"), 2).await.unwrap_err().code, ErrorCode::RuleRefused);
    assert_eq!(store.move_folder("f0", Some("f0"), 2).await.unwrap_err().code, ErrorCode::RuleRefused);
    store.insert_folder(&folder("side", None)).await.unwrap();
    // With its seven levels it would end in the ninth.
    store.insert_folder(&folder("below", Some("side"))).await.unwrap();
    assert_eq!(store.move_folder("f1", Some("below"), 2).await.unwrap_err().code, ErrorCode::RuleRefused);
    store.move_folder("f1", Some("side"), 2).await.unwrap();
    assert_eq!(store.folder("f1").await.unwrap().unwrap().parent_id.as_deref(), Some("side"));
    assert_eq!(store.move_folder("f1", Some("nowhere"), 2).await.unwrap_err().code, ErrorCode::NotFound);
}

#[tokio::test]
async fn what_lay_in_a_deleted_folder_moves_up() {
    let (store, _dir) = furnished().await;
    store.insert_folder(&folder("top", None)).await.unwrap();
    store.insert_folder(&folder("in", Some("top"))).await.unwrap();
    store.insert_folder(&folder("inner", Some("in"))).await.unwrap();
    store.place_thing(ThingKind::Dashboard, "d1", Some("in")).await.unwrap();
    store.upsert_grant(ThingKind::Folder, "in", "u2", Access::Edit).await.unwrap();
    store.delete_folder("in").await.unwrap();
    assert_eq!(store.folder("inner").await.unwrap().unwrap().parent_id.as_deref(), Some("top"));
    assert_eq!(store.folder_of(ThingKind::Dashboard, "d1").await.unwrap().as_deref(), Some("top"));
    assert_eq!(may(&store, "u2", "d1").await, None);
    store.delete_folder("top").await.unwrap();
    assert_eq!(store.folder_of(ThingKind::Dashboard, "d1").await.unwrap(), None);
    assert_eq!(store.delete_folder("top").await.unwrap_err().code, ErrorCode::NotFound);
}

#[tokio::test]
async fn all_is_handed_on_or_nothing() {
    let (store, _dir) = furnished().await;
    store.insert_dashboard(&dashboard("d2", "second")).await.unwrap();
    store.insert_dataset(&dataset("own", "own")).await.unwrap();
    store.upsert_grant(ThingKind::Dashboard, "d1", "u2", Access::View).await.unwrap();
    let mut things = vec![(ThingKind::Dashboard, "d1".to_owned()), (ThingKind::Dataset, "own".to_owned())];
    let handover = Handover { to: "u2", things: &things, wall_links: &[], alert_defs: &[], keeps: true };
    store.hand_over(handover).await.unwrap();
    assert_eq!(store.dashboard("d1", false).await.unwrap().unwrap().owner_id, "u2");
    assert!(store.owned(ThingKind::Dataset, "u2").await.unwrap().iter().any(|o| o.id == "own"));
    // Who had it goes on editing it; who has it needs no grant.
    assert_eq!(may(&store, "u1", "d1").await, Some(Access::Edit));
    assert_eq!(may(&store, "u2", "d1").await, None);
    things = vec![(ThingKind::Dashboard, "d2".to_owned()), (ThingKind::Metric, "gone".to_owned())];
    let handover = Handover { to: "u2", things: &things, wall_links: &[], alert_defs: &[], keeps: false };
    assert_eq!(store.hand_over(handover).await.unwrap_err().code, ErrorCode::NotFound);
    assert_eq!(store.dashboard("d2", false).await.unwrap().unwrap().owner_id, "u1");
}
