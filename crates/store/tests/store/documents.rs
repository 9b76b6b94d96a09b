//! The logs of dashboards.

use crate::{dashboard, furnished, mirrored, operation};
use domain::ErrorCode;
use std::task::Poll;
use store::{Mark, NewOperation};
use tokio::task::JoinSet;

#[tokio::test(flavor = "multi_thread")]
async fn operations_at_once_get_numbers_without_gaps() {
    let (store, _dir) = furnished().await;
    let mut tasks = JoinSet::new();
    for i in 0..20 {
        let store = store.clone();
        tasks.spawn(async move {
            store.append_operation("d1", &operation(&format!("op{i}"), "u1"), &mirrored("now", 5)).await.unwrap()
        });
    }
    let mut numbers = tasks.join_all().await;
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=20).collect::<Vec<i64>>());
    let log = store.operations_after("d1", 0).await.unwrap();
    assert_eq!(log.iter().map(|o| o.seq).collect::<Vec<_>>(), numbers);
    assert_eq!(store.dashboard("d1", false).await.unwrap().unwrap().version, 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_operation_from_twenty_tasks_stands_once() {
    let (store, _dir) = furnished().await;
    store.append_operation("d1", &operation("first", "u1"), &mirrored("first", 4)).await.unwrap();
    let mut tasks = JoinSet::new();
    for _ in 0..20 {
        let store = store.clone();
        tasks.spawn(
            async move { store.append_operation("d1", &operation("op", "u1"), &mirrored("new", 5)).await.unwrap() },
        );
    }
    assert_eq!(tasks.join_all().await, vec![2; 20]);
    // A late repetition does not turn the mirrored name back.
    store.append_operation("d1", &operation("third", "u2"), &mirrored("newest", 6)).await.unwrap();
    assert_eq!(store.append_operation("d1", &operation("op", "u1"), &mirrored("new", 5)).await.unwrap(), 2);
    let row = store.dashboard("d1", false).await.unwrap().unwrap();
    assert_eq!((row.version, row.name.as_str(), row.theme.as_str(), row.updated_at), (3, "newest", "dark", 6));
    assert_eq!(store.operations_after("d1", 0).await.unwrap().len(), 3);
}

#[tokio::test]
async fn an_operation_comes_back_as_it_was() {
    let (store, _dir) = furnished().await;
    let sent = operation("op", "u2");
    store.append_operation("d1", &sent, &mirrored("x", 5)).await.unwrap();
    let kept = store.operations_after("d1", 0).await.unwrap().remove(0);
    assert_eq!((kept.seq, kept.id, kept.user_id, kept.created_at), (1, sent.id, sent.user_id, sent.created_at));
    assert_eq!((kept.update_bytes, kept.edit_json), (sent.update_bytes, sent.edit_json));
    assert_eq!((kept.intent.as_str(), kept.state.as_str()), ("edit", "done"));
}

#[tokio::test]
async fn an_undo_marks_what_it_undoes_in_the_same_breath() {
    let (store, _dir) = furnished().await;
    store.append_operation("d1", &operation("a", "u1"), &mirrored("x", 5)).await.unwrap();
    store.append_operation("d1", &operation("b", "u2"), &mirrored("x", 5)).await.unwrap();
    let undo =
        NewOperation { intent: "undo".into(), marks: Some(Mark { seq: 1, undone: true }), ..operation("c", "u1") };
    store.append_operation("d1", &undo, &mirrored("x", 5)).await.unwrap();
    let mine = store.operations_of_user("d1", "u1", 10).await.unwrap();
    let seen: Vec<_> = mine.iter().map(|o| (o.seq, o.intent.as_str(), o.state.as_str())).collect();
    assert_eq!(seen, [(3, "undo", "done"), (1, "edit", "undone")]);
    store.mark_operation("d1", 1, false).await.unwrap();
    assert_eq!(store.operations_of_user("d1", "u1", 10).await.unwrap()[1].state, "done");
    assert_eq!(store.mark_operation("d1", 9, true).await.unwrap_err().code, ErrorCode::NotFound);
}

#[tokio::test]
async fn history_is_read_in_pages() {
    let (store, _dir) = furnished().await;
    for i in 1..=5 {
        store.append_operation("d1", &operation(&format!("op{i}"), "u1"), &mirrored("x", 5)).await.unwrap();
    }
    let numbers = |page: Vec<store::OperationRow>| page.iter().map(|o| o.seq).collect::<Vec<_>>();
    assert_eq!(numbers(store.operations_before("d1", None, 2).await.unwrap()), [5, 4]);
    assert_eq!(numbers(store.operations_before("d1", Some(4), 9).await.unwrap()), [3, 2, 1]);
    assert_eq!(numbers(store.operations_after("d1", 3).await.unwrap()), [4, 5]);
}

#[tokio::test]
async fn checkpoints_never_drop_the_log() {
    let (store, _dir) = furnished().await;
    assert_eq!(store.latest_checkpoint("d1").await.unwrap(), None);
    for i in 1..=4u8 {
        store.append_operation("d1", &operation(&format!("op{i}"), "u1"), &mirrored("x", 5)).await.unwrap();
        store.save_checkpoint("d1", i64::from(i), &[i, 0, 255]).await.unwrap();
    }
    store.save_checkpoint("d1", 4, &[9]).await.unwrap();
    assert_eq!(store.latest_checkpoint("d1").await.unwrap(), Some((4, vec![9])));
    assert_eq!(store.operations_after("d1", 0).await.unwrap().len(), 4);
}

#[tokio::test]
async fn the_same_id_in_two_dashboards_is_two_operations() {
    let (store, _dir) = furnished().await;
    store.insert_dashboard(&dashboard("d2", "other")).await.unwrap();
    assert_eq!(store.append_operation("d1", &operation("op", "u1"), &mirrored("x", 5)).await.unwrap(), 1);
    assert_eq!(store.append_operation("d2", &operation("op", "u1"), &mirrored("x", 5)).await.unwrap(), 1);
    let missing = store.append_operation("d9", &operation("op", "u1"), &mirrored("x", 5)).await.unwrap_err();
    assert_eq!(missing.code, ErrorCode::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn appends_given_up_half_way_leave_nothing_half_done() {
    let (store, _dir) = furnished().await;
    let mut given_up = 0;
    for patience in 0..40 {
        let (op, meta) = (operation(&format!("op{patience}"), "u1"), mirrored("x", 5));
        let mut append = Box::pin(store.append_operation("d1", &op, &meta));
        // Polls it so many times, then drops it: a client that went away.
        let mut left = patience;
        let end = std::future::poll_fn(|context| {
            if left == 0 {
                return Poll::Ready(None);
            }
            left -= 1;
            append.as_mut().poll(context).map(Some)
        });
        given_up += usize::from(end.await.is_none());
    }
    assert!(given_up > 3, "{given_up} were dropped");
    let seq = store.append_operation("d1", &operation("last", "u1"), &mirrored("x", 5)).await.unwrap();
    let log = store.operations_after("d1", 0).await.unwrap();
    assert_eq!(log.len() as i64, seq);
    assert_eq!(log.iter().map(|o| o.seq).collect::<Vec<_>>(), (1..=seq).collect::<Vec<_>>());
    assert_eq!(store.dashboard("d1", false).await.unwrap().unwrap().version, seq);
}
