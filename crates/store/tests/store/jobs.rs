//! Jobs and their leases.

use crate::fresh;
use std::collections::HashSet;
use store::{JobRow, JobStatus, Outcome};
use tokio::task::JoinSet;

fn job(id: &str, due_at: i64, unique_key: Option<&str>) -> JobRow {
    JobRow {
        id: id.into(),
        kind: "load".into(),
        owner_id: "u1".into(),
        status: JobStatus::Queued,
        progress: 0.0,
        result_json: None,
        error_json: None,
        created_at: 1,
        updated_at: 1,
        due_at,
        lease_until: None,
        lease_owner: None,
        attempts: 0,
        payload_json: "{}".into(),
        unique_key: unique_key.map(Into::into),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_job_is_given_to_two_claimers() {
    let (store, dir) = fresh().await;
    for i in 0..60 {
        assert!(store.insert_job(&job(&format!("j{i:02}"), 10, None)).await.unwrap());
    }
    // Two instances with connections of their own, four workers each.
    let second = dir.open().await;
    let mut tasks = JoinSet::new();
    for worker in 0..8 {
        let store = if worker % 2 == 0 { store.clone() } else { second.clone() };
        tasks.spawn(async move {
            let mut mine = Vec::new();
            loop {
                let claimed = store.claim_due(10, &format!("w{worker}"), 1000, 3).await.unwrap();
                if claimed.is_empty() {
                    return mine;
                }
                mine.extend(claimed.into_iter().map(|j| j.id));
            }
        });
    }
    let claimed: Vec<String> = tasks.join_all().await.into_iter().flatten().collect();
    assert_eq!(claimed.len(), 60);
    assert_eq!(claimed.iter().collect::<HashSet<_>>().len(), 60);
}

#[tokio::test]
async fn jobs_are_claimed_when_due_in_order() {
    let (store, _dir) = fresh().await;
    for (id, due) in [("b", 20), ("a", 10), ("c", 30)] {
        store.insert_job(&job(id, due, None)).await.unwrap();
    }
    assert_eq!(store.next_due().await.unwrap(), Some(10));
    assert!(store.claim_due(9, "w", 5, 9).await.unwrap().is_empty());
    let claimed = store.claim_due(20, "w", 5, 9).await.unwrap();
    assert_eq!(claimed.iter().map(|j| j.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!((claimed[0].status, claimed[0].attempts, claimed[0].lease_until), (JobStatus::Running, 1, Some(25)));
}

#[tokio::test]
async fn a_silent_holder_loses_the_job_and_cannot_end_it_any_more() {
    let (store, _dir) = fresh().await;
    store.insert_job(&job("j", 0, None)).await.unwrap();
    assert_eq!(store.claim_due(0, "slow", 100, 1).await.unwrap().len(), 1);
    assert!(store.heartbeat_job("j", "slow", 150, 0.5, 50).await.unwrap());
    assert!(store.claim_due(150, "quick", 100, 1).await.unwrap().is_empty(), "the lease still lasts");
    let again = store.claim_due(151, "quick", 100, 1).await.unwrap();
    assert_eq!((again[0].attempts, again[0].progress), (2, 0.5));
    assert!(!store.heartbeat_job("j", "slow", 999, 0.9, 160).await.unwrap());
    assert!(!store.finish_job("j", "slow", &Outcome::Cancelled, 160).await.unwrap());
    let outcome = Outcome::Succeeded { result_json: Some("42".into()) };
    assert!(store.finish_job("j", "quick", &outcome, 170).await.unwrap());
    let row = store.job("j").await.unwrap().unwrap();
    assert_eq!((row.status, row.progress, row.result_json.as_deref()), (JobStatus::Succeeded, 1.0, Some("42")));
    assert!(store.claim_due(i64::MAX, "w", 1, 9).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_key_belongs_to_one_unfinished_job() {
    let (store, _dir) = fresh().await;
    assert!(store.insert_job(&job("j1", 0, Some("metric:a"))).await.unwrap());
    assert!(!store.insert_job(&job("j2", 0, Some("metric:a"))).await.unwrap());
    assert!(store.insert_job(&job("j3", 5, None)).await.unwrap(), "no key, no limit");
    assert_eq!(store.job_by_key("metric:a").await.unwrap().unwrap().id, "j1");
    assert_eq!(store.count_open_jobs("u1").await.unwrap(), 2);
    store.claim_due(0, "w", 10, 9).await.unwrap();
    let failed = Outcome::Failed { error_json: "{}".into() };
    assert!(store.finish_job("j1", "w", &failed, 1).await.unwrap());
    assert!(store.insert_job(&job("j2", 0, Some("metric:a"))).await.unwrap());
    assert!(store.delete_job_by_key("metric:a").await.unwrap());
    assert_eq!(store.prune_jobs(2).await.unwrap(), 1, "only what is finished");
    assert_eq!(store.jobs_of("u1", 9).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_recurs_goes_back_into_the_queue() {
    let (store, _dir) = fresh().await;
    store.insert_job(&job("j", 0, Some("k"))).await.unwrap();
    store.claim_due(0, "w", 10, 1).await.unwrap();
    assert!(!store.update_job("j", 5, "{}", 1).await.unwrap(), "it runs");
    assert!(store.reschedule_job("j", "w", 60, true, None, 2).await.unwrap());
    assert!(!store.reschedule_job("j", "w", 90, true, None, 2).await.unwrap(), "no longer the caller's");
    assert!(store.update_job("j", 70, "{\"a\":1}", 3).await.unwrap());
    let row = store.job_by_key("k").await.unwrap().unwrap();
    assert_eq!((row.status, row.due_at, row.attempts, row.lease_owner), (JobStatus::Queued, 70, 0, None));
    assert_eq!(row.payload_json, "{\"a\":1}");
}

#[tokio::test]
async fn a_cancelled_job_tells_its_holder_to_stop() {
    let (store, _dir) = fresh().await;
    store.insert_job(&job("j", 0, Some("k"))).await.unwrap();
    store.claim_due(0, "w", 10, 1).await.unwrap();
    assert!(store.cancel_job("j", 1).await.unwrap());
    assert!(!store.heartbeat_job("j", "w", 20, 0.5, 2).await.unwrap());
    assert!(!store.cancel_job("j", 3).await.unwrap());
    let row = store.job("j").await.unwrap().unwrap();
    assert!(row.status.is_final() && row.unique_key.is_none());
}

#[tokio::test]
async fn a_dead_job_is_listed_and_can_be_done_again() {
    let (store, _dir) = fresh().await;
    store.insert_job(&job("j", 0, Some("key"))).await.unwrap();
    store.claim_due(0, "w", 5, 9).await.unwrap();
    assert!(store.reschedule_job("j", "w", 9, false, Some("\"why\""), 1).await.unwrap());
    let again = store.claim_due(9, "w", 5, 9).await.unwrap();
    assert_eq!((again[0].attempts, again[0].error_json.as_deref()), (2, Some("\"why\"")));
    let dead = Outcome::Dead { error_json: "\"gave up\"".into() };
    assert!(store.finish_job("j", "w", &dead, 10).await.unwrap());
    assert!(store.claim_due(1_000, "w", 5, 9).await.unwrap().is_empty(), "dead is the end");
    let ids = |jobs: Vec<JobRow>| jobs.into_iter().map(|j| j.id).collect::<Vec<_>>();
    assert_eq!(ids(store.jobs(Some(JobStatus::Dead), 9).await.unwrap()), ["j"]);
    assert!(store.jobs(Some(JobStatus::Queued), 9).await.unwrap().is_empty());
    // Its key is free, and while another has it nobody may take it back.
    store.insert_job(&job("k", 50, Some("key"))).await.unwrap();
    assert_eq!(store.retry_job("j", Some("key"), 20).await.unwrap_err().code, domain::ErrorCode::NameTaken);
    assert!(store.retry_job("j", None, 20).await.unwrap());
    assert!(!store.retry_job("j", None, 20).await.unwrap(), "it waits already");
    let row = store.job("j").await.unwrap().unwrap();
    assert_eq!((row.status, row.attempts, row.error_json, row.due_at), (JobStatus::Queued, 0, None, 20));
    assert_eq!(ids(store.jobs(None, 9).await.unwrap()).len(), 2);
}

#[tokio::test]
async fn a_clock_that_was_set_back_holds_up_nothing() {
    let (store, _dir) = fresh().await;
    let (now, hour) = (10_000_000, 3_600_000);
    store.insert_job(&job("j", 0, None)).await.unwrap();
    assert_eq!(store.claim_due(now, "before", 30_000, 9).await.unwrap().len(), 1);
    assert!(store.claim_due(now - 20_000, "another", 30_000, 9).await.unwrap().is_empty(), "clocks differ by seconds");
    // An hour earlier the lease would last for an hour and more.
    let again = store.claim_due(now - hour, "after", 30_000, 9).await.unwrap();
    assert_eq!(again.len(), 1);
    assert!(!store.heartbeat_job("j", "before", now, 0.5, now).await.unwrap(), "whoever had it is told");
}

#[tokio::test]
async fn the_only_server_waits_for_no_lease_of_a_dead_one() {
    let (store, _dir) = fresh().await;
    store.insert_job(&job("j", 0, None)).await.unwrap();
    store.claim_due(10, "dead", 30_000, 9).await.unwrap();
    assert!(store.claim_due(11, "w", 30_000, 9).await.unwrap().is_empty());
    assert_eq!(store.release_leases().await.unwrap(), 1);
    assert_eq!(store.claim_due(11, "w", 30_000, 9).await.unwrap().len(), 1);
}
