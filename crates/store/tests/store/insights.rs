//! Insights: runs, what was seen first when, thumbs, subscriptions.

use crate::{dataset, furnished};
use domain::ErrorCode;
use store::{InsightRunRow, InsightSubscriptionRow, InsightThumbRow, Store};

async fn with_dataset() -> (Store, crate::place::Place) {
    let (store, dir) = furnished().await;
    store.insert_dataset(&dataset("ds1", "sales")).await.unwrap();
    (store, dir)
}

fn run(eyes: &str, version: i64) -> InsightRunRow {
    InsightRunRow {
        dataset_id: "ds1".into(),
        eyes: eyes.into(),
        state: format!("state {version}"),
        version,
        found_at: version * 10,
        elapsed_ms: version,
        insights_json: "{}".into(),
    }
}

#[tokio::test]
async fn a_finding_keeps_the_version_in_which_it_was_first() {
    let (store, _dir) = with_dataset().await;
    assert_eq!(store.insight_run("ds1", "all").await.unwrap(), None);
    assert_eq!(store.insight_effort("ds1").await.unwrap(), 0);
    store.save_insight_run(&run("all", 1), &["a", "b"]).await.unwrap();
    store.save_insight_run(&run("north", 1), &["b"]).await.unwrap();
    store.save_insight_run(&run("all", 2), &["b", "c"]).await.unwrap();
    assert_eq!(store.insight_run("ds1", "all").await.unwrap(), Some(run("all", 2)));
    assert_eq!(store.insight_effort("ds1").await.unwrap(), 2);
    let seen = store.insights_seen("ds1", "all").await.unwrap();
    let mut seen: Vec<_> = seen.iter().map(|(id, version)| (id.as_str(), *version)).collect();
    seen.sort_unstable();
    assert_eq!(seen, [("a", 1), ("b", 1), ("c", 2)]);
    assert_eq!(store.insights_seen("ds1", "north").await.unwrap().len(), 1);
    let nowhere = InsightRunRow { dataset_id: "nowhere".into(), ..run("all", 1) };
    assert_eq!(store.save_insight_run(&nowhere, &[]).await.unwrap_err().code, ErrorCode::Conflict);
}

#[tokio::test]
async fn ways_of_seeing_are_bounded() {
    let (store, _dir) = with_dataset().await;
    for n in 0..70 {
        store.save_insight_run(&run(&format!("eyes {n:02}"), n), &["a"]).await.unwrap();
    }
    assert_eq!(store.insight_run("ds1", "eyes 05").await.unwrap(), None, "the oldest go");
    assert!(store.insights_seen("ds1", "eyes 05").await.unwrap().is_empty());
    assert!(store.insight_run("ds1", "eyes 06").await.unwrap().is_some());
}

#[tokio::test]
async fn thumbs_are_each_ones_own() {
    let (store, _dir) = with_dataset().await;
    let thumb = |finding: &str, thumb| InsightThumbRow {
        dataset_id: "ds1".into(),
        finding_id: finding.into(),
        kind: "trend".into(),
        thumb,
    };
    store.set_insight_thumb("u1", &thumb("a", 1), 1).await.unwrap();
    store.set_insight_thumb("u1", &thumb("a", -1), 2).await.unwrap();
    store.set_insight_thumb("u2", &thumb("b", 1), 3).await.unwrap();
    assert_eq!(store.insight_thumbs("u1").await.unwrap(), [thumb("a", -1)]);
    store.clear_insight_thumb("u1", "ds1", "a").await.unwrap();
    store.clear_insight_thumb("u1", "ds1", "a").await.unwrap();
    assert!(store.insight_thumbs("u1").await.unwrap().is_empty());
    assert_eq!(store.insight_thumbs("u2").await.unwrap(), [thumb("b", 1)]);
}

#[tokio::test]
async fn who_subscribes_knows_what_is_there() {
    let (store, _dir) = with_dataset().await;
    let wanted = |user: &str, strong_only| InsightSubscriptionRow {
        user_id: user.into(),
        dataset_id: "ds1".into(),
        strong_only,
        created_at: 5,
    };
    store.subscribe_to_insights(&wanted("u1", 0), &["a", "b"]).await.unwrap();
    store.subscribe_to_insights(&wanted("u2", 0), &[]).await.unwrap();
    store.subscribe_to_insights(&wanted("u1", 1), &[]).await.unwrap();
    assert_eq!(store.insight_subscriptions_of("u1").await.unwrap(), [wanted("u1", 1)]);
    assert_eq!(store.insight_subscribers("ds1").await.unwrap(), [wanted("u1", 1), wanted("u2", 0)]);
    store.tell_insights("u1", "ds1", &["b", "c"], 6).await.unwrap();
    let mut told: Vec<String> = store.insights_told("u1", "ds1").await.unwrap().into_iter().collect();
    told.sort_unstable();
    assert_eq!(told, ["a", "b", "c"]);
    assert!(store.insights_told("u2", "ds1").await.unwrap().is_empty());
    assert!(store.unsubscribe_from_insights("u1", "ds1").await.unwrap());
    assert!(!store.unsubscribe_from_insights("u1", "ds1").await.unwrap());
    // With the dataset everything goes that was found in it.
    store.save_insight_run(&run("all", 1), &["a"]).await.unwrap();
    store.delete_dataset("ds1").await.unwrap();
    assert!(store.insight_subscribers("ds1").await.unwrap().is_empty());
    assert_eq!(store.insight_run("ds1", "all").await.unwrap(), None);
}
