//! Dashboards, metrics, grants, stars, the audit record and settings.

use crate::{dashboard, fresh, furnished, mirrored, operation};
use domain::metric::Bucket;
use domain::{Access, ErrorCode};
use store::{BucketRow, DashboardMeta, MetricRow, NewReading, ThingKind, ValueRow};

fn metric(id: &str) -> MetricRow {
    MetricRow {
        id: id.into(),
        name: id.into(),
        owner_id: "u1".into(),
        def_json: "{}".into(),
        is_public: false,
        created_at: 1,
        updated_at: 1,
        last_json: None,
        last_at: None,
        members_json: None,
    }
}

#[tokio::test]
async fn a_slug_is_unique_in_the_trash_too() {
    let (store, _dir) = furnished().await;
    assert_eq!(store.dashboard("sales", false).await.unwrap(), Some(dashboard("d1", "sales")));
    store.set_deleted("d1", Some(7)).await.unwrap();
    assert_eq!(store.dashboard("sales", false).await.unwrap(), None);
    assert_eq!(store.dashboard("sales", true).await.unwrap().unwrap().deleted_at, Some(7));
    let refused = store.insert_dashboard(&dashboard("d2", "sales")).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::NameTaken);
    store.insert_dashboard(&dashboard("d2", "other")).await.unwrap();
    let meta = DashboardMeta { slug: "sales".into(), settings_json: "{}".into(), ..DashboardMeta::default() };
    assert_eq!(store.update_dashboard_meta("d2", &meta).await.unwrap_err().code, ErrorCode::NameTaken);
    assert_eq!(store.dashboards().await.unwrap().len(), 1);
    assert_eq!(store.trash().await.unwrap().len(), 1);
    store.set_deleted("d1", None).await.unwrap();
    assert_eq!(store.dashboards().await.unwrap().len(), 2);
}

#[tokio::test]
async fn purging_takes_everything_and_only_from_the_trash() {
    let (store, _dir) = furnished().await;
    store.append_operation("d1", &operation("op", "u1"), &mirrored("x", 5)).await.unwrap();
    store.save_checkpoint("d1", 1, &[1]).await.unwrap();
    store.star("u2", "d1", 1).await.unwrap();
    store.upsert_grant(ThingKind::Dashboard, "d1", "u2", Access::View).await.unwrap();
    store.update_user_default_dashboard("u2", Some("d1")).await.unwrap();
    assert_eq!(store.purge("d1").await.unwrap_err().code, ErrorCode::Conflict);
    store.set_deleted("d1", Some(7)).await.unwrap();
    store.purge("d1").await.unwrap();
    assert_eq!(store.purge("d1").await.unwrap_err().code, ErrorCode::NotFound);
    assert!(store.operations_after("d1", 0).await.unwrap().is_empty());
    assert_eq!(store.latest_checkpoint("d1").await.unwrap(), None);
    assert!(store.starred("u2").await.unwrap().is_empty());
    assert!(store.grants_of_user("u2", ThingKind::Dashboard).await.unwrap().is_empty());
    assert_eq!(store.user("u2").await.unwrap().unwrap().default_dashboard_id, None);
}

#[tokio::test]
async fn the_use_of_a_dashboard_is_written_down_once_a_minute() {
    let (store, _dir) = furnished().await;
    for now in [100_000, 100_001, 170_000] {
        store.touch_generated("d1", now).await.unwrap();
    }
    assert_eq!(store.dashboard("d1", false).await.unwrap().unwrap().last_generated, Some(170_000));
}

#[tokio::test]
async fn a_grant_is_changed_and_taken_back() {
    let (store, _dir) = furnished().await;
    store.upsert_grant(ThingKind::Dashboard, "d1", "u2", Access::View).await.unwrap();
    store.upsert_grant(ThingKind::Dashboard, "d1", "u2", Access::Edit).await.unwrap();
    store.upsert_grant(ThingKind::Metric, "d1", "u2", Access::View).await.unwrap();
    let rows = store.grants_of_thing(ThingKind::Dashboard, "d1").await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].user_name.as_str(), rows[0].access), ("Ben", Access::Edit));
    let mine = store.grants_of_user("u2", ThingKind::Dashboard).await.unwrap();
    assert_eq!(mine.get("d1"), Some(&Access::Edit));
    assert_eq!(store.grant(ThingKind::Metric, "d1", "u2").await.unwrap(), Some(Access::View));
    assert!(store.delete_grant(ThingKind::Dashboard, "d1", "u2").await.unwrap());
    assert!(!store.delete_grant(ThingKind::Dashboard, "d1", "u2").await.unwrap());
    let nobody = store.upsert_grant(ThingKind::Dashboard, "d1", "u9", Access::View).await.unwrap_err();
    assert_eq!(nobody.code, ErrorCode::Conflict);
}

#[tokio::test]
async fn a_star_is_given_once() {
    let (store, _dir) = furnished().await;
    store.star("u1", "d1", 1).await.unwrap();
    store.star("u1", "d1", 2).await.unwrap();
    assert_eq!(store.starred("u1").await.unwrap().into_iter().collect::<Vec<_>>(), ["d1"]);
    assert!(store.starred("u2").await.unwrap().is_empty());
    store.unstar("u1", "d1").await.unwrap();
    assert!(store.starred("u1").await.unwrap().is_empty());
    assert_eq!(store.star("u1", "d9", 1).await.unwrap_err().code, ErrorCode::Conflict);
}

#[tokio::test]
async fn a_metric_keeps_its_newest_readings() {
    let (store, _dir) = furnished().await;
    store.insert_metric(&metric("revenue")).await.unwrap();
    assert_eq!(store.insert_metric(&metric("revenue")).await.unwrap_err().code, ErrorCode::NameTaken);
    let reading = |at: i64, last: Option<&str>, value: Option<f64>| NewReading {
        metric_id: "revenue".into(),
        at,
        last_json: last.map(Into::into),
        values: vec![ValueRow { at, member: String::new(), value, raw: None }],
        ..NewReading::default()
    };
    let many: Vec<NewReading> = (1..=5).map(|at| reading(at, Some("some"), Some(at as f64 / 2.0))).collect();
    store.record_readings(&many).await.unwrap();
    let gone = NewReading { metric_id: "gone".into(), ..reading(5, Some("x"), Some(1.0)) };
    store.record_readings(&[gone, reading(5, None, None), reading(6, Some("six"), Some(3.0))]).await.unwrap();
    store.record_readings(&[reading(4, Some("four"), Some(2.0))]).await.unwrap();
    let seen = |rows: Vec<ValueRow>| rows.into_iter().map(|r| (r.at, r.value)).collect::<Vec<_>>();
    let newest = store.values("revenue", "", 0, 9, 3).await.unwrap();
    assert_eq!(seen(newest), [(4, Some(2.0)), (5, None), (6, Some(3.0))]);
    assert_eq!(seen(store.values("revenue", "", 1, 3, 9).await.unwrap()).len(), 2, "after 1, until 3");
    assert_eq!(store.value_at("revenue", 0, 4).await.unwrap(), Some(2.0));
    assert_eq!(store.value_at("revenue", 7, 9).await.unwrap(), None);
    store.update_metric("revenue", "Revenue", "{\"a\":1}", true, 9).await.unwrap();
    let row = store.metric("revenue").await.unwrap().unwrap();
    assert_eq!((row.name.as_str(), row.is_public, row.updated_at), ("Revenue", true, 9));
    assert_eq!((row.last_json.as_deref(), row.last_at), (Some("six"), Some(6)));
    store.delete_metric("revenue").await.unwrap();
    assert!(store.metrics().await.unwrap().is_empty());
    assert!(store.values("revenue", "", 0, 9, 9).await.unwrap().is_empty());
}

#[tokio::test]
async fn thinned_values_become_one_bucket_however_late_they_come() {
    let (store, _dir) = furnished().await;
    store.insert_metric(&metric("revenue")).await.unwrap();
    let values = |list: &[(i64, Option<f64>)]| NewReading {
        metric_id: "revenue".into(),
        values: list.iter().map(|(at, v)| ValueRow { at: *at, member: String::new(), value: *v, raw: None }).collect(),
        ..NewReading::default()
    };
    let thin = async |list: &[(i64, Option<f64>)]| {
        store.record_readings(&[values(list)]).await.unwrap();
        let old = store.old_values("revenue", 60_000, 99).await.unwrap();
        let made_of: Vec<(i64, String)> = old.iter().map(|v| (v.at, v.member.clone())).collect();
        let mut bucket = Bucket::of(0, None);
        (bucket.last_at, bucket.at) = (-1, 0);
        old.iter().for_each(|v| bucket.add(&Bucket::of(v.at, v.value)));
        let row = BucketRow { member: String::new(), bucket };
        store.thin("revenue", (0, &made_of), 60_000, &[row]).await.unwrap();
    };
    thin(&[(1_000, Some(5.0)), (50_000, Some(1.0)), (61_000, Some(9.0))]).await;
    thin(&[(2_000, Some(7.0)), (3_000, None)]).await;
    let [bucket] = store.buckets("revenue", "", 60_000, 0, 99_000).await.unwrap()[..] else { panic!("one bucket") };
    assert_eq!((bucket.low, bucket.high, bucket.total, bucket.count), (Some(1.0), Some(7.0), Some(13.0), 3));
    assert_eq!((bucket.last, bucket.last_at), (Some(1.0), 50_000));
    assert_eq!(store.values("revenue", "", 0, 99_000, 9).await.unwrap().len(), 1, "the new value stays single");
    assert_eq!(store.value_at("revenue", 0, 60_000).await.unwrap(), Some(1.0), "from the bucket");
    assert_eq!(store.forget_history("revenue", 60_000).await.unwrap(), 1);
}

#[tokio::test]
async fn a_setting_is_made_once_and_changed() {
    let (store, _dir) = fresh().await;
    assert_eq!(store.setting("key").await.unwrap(), None);
    assert_eq!(store.setting_or_insert("key", "one").await.unwrap(), "one");
    assert_eq!(store.setting_or_insert("key", "two").await.unwrap(), "one");
    store.set_setting("key", "three").await.unwrap();
    store.set_setting("other", "x").await.unwrap();
    assert_eq!(store.settings().await.unwrap().len(), 2);
    assert_eq!(store.setting("key").await.unwrap().as_deref(), Some("three"));
    assert!(store.delete_setting("key").await.unwrap());
    assert!(!store.delete_setting("key").await.unwrap());
}
