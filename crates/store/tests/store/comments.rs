//! Threads of comments.

use crate::{dashboard, furnished};
use domain::ErrorCode;
use store::{CommentRow, SaidRows, Store, ThreadRow, ThreadsWanted};

fn thread(id: &str, at: i64) -> ThreadRow {
    ThreadRow {
        id: id.into(),
        dashboard_id: "d1".into(),
        tile_id: Some("t1".into()),
        place_json: None,
        about: String::new(),
        created_at: at,
        updated_at: at,
        resolved_at: None,
        resolved_by: None,
    }
}

fn comment(id: &str, thread: &str, author: &str, at: i64) -> CommentRow {
    CommentRow {
        id: id.into(),
        thread_id: thread.into(),
        author_id: author.into(),
        body: format!("{id} says"),
        created_at: at,
        edited_at: None,
        deleted_at: None,
    }
}

async fn begin(store: &Store, id: &str, at: i64) {
    let first = comment(&format!("{id}-1"), id, "u1", at);
    store.insert_thread(&thread(id, at), &first, &["u2".into()]).await.unwrap();
}

fn all<'a>(state: &'a str) -> ThreadsWanted<'a> {
    ThreadsWanted { dashboard_id: "d1", state, user_id: "u2", ..ThreadsWanted::default() }
}

async fn ids(store: &Store, wanted: &ThreadsWanted<'_>) -> Vec<String> {
    let rows = store.threads(wanted, None, 10).await.unwrap();
    assert_eq!(i64::try_from(rows.len()).unwrap(), store.count_threads(wanted).await.unwrap());
    rows.into_iter().map(|t| t.id).collect()
}

fn words(said: &SaidRows) -> Vec<&str> {
    said.comments.iter().map(|c| c.body.as_str()).collect()
}

#[tokio::test]
async fn threads_are_listed_by_their_latest_change() {
    let (store, _dir) = furnished().await;
    for (id, at) in [("a", 1), ("b", 2), ("c", 3)] {
        begin(&store, id, at).await;
    }
    assert_eq!(ids(&store, &all("all")).await, ["c", "b", "a"]);
    store.insert_reply(&comment("a-2", "a", "u2", 9), &[]).await.unwrap();
    assert_eq!(ids(&store, &all("all")).await, ["a", "c", "b"]);
    let page = store.threads(&all("all"), Some((3, "c")), 10).await.unwrap();
    assert_eq!(page.iter().map(|t| t.id.as_str()).collect::<Vec<_>>(), ["b"]);
    let mine = ThreadsWanted { mine: true, ..all("all") };
    assert_eq!(ids(&store, &mine).await, ["a"]);
    let named = ThreadsWanted { mentions: true, ..all("all") };
    assert_eq!(ids(&store, &named).await.len(), 3);
    assert!(ids(&store, &ThreadsWanted { tile_id: Some("t2"), ..all("all") }).await.is_empty());
    let said = store.said_between("d1", 2, 3).await.unwrap();
    assert_eq!(words(&said), ["b-1 says", "c-1 says"]);
    assert_eq!(said.mentions.len(), 2);
    // A thread belongs to its dashboard.
    store.insert_dashboard(&dashboard("d2", "other")).await.unwrap();
    assert_eq!(store.thread("d2", "a").await.unwrap(), None);
    assert!(store.said_between("d2", 0, 99).await.unwrap().comments.is_empty());
    let nobody = store.insert_reply(&comment("x", "nowhere", "u1", 1), &[]).await.unwrap_err();
    assert_eq!(nobody.code, ErrorCode::Conflict);
}

#[tokio::test]
async fn a_reply_opens_what_was_resolved() {
    let (store, _dir) = furnished().await;
    begin(&store, "a", 1).await;
    store.resolve_thread("a", Some("u2"), 5).await.unwrap();
    let row = store.thread("d1", "a").await.unwrap().unwrap();
    assert_eq!((row.resolved_at, row.resolved_by.as_deref(), row.updated_at), (Some(5), Some("u2"), 5));
    assert_eq!(ids(&store, &all("resolved")).await, ["a"]);
    assert!(ids(&store, &all("open")).await.is_empty());
    store.insert_reply(&comment("a-2", "a", "u1", 7), &[]).await.unwrap();
    assert_eq!(ids(&store, &all("open")).await, ["a"]);
    assert_eq!(store.resolve_thread("z", None, 5).await.unwrap_err().code, ErrorCode::NotFound);
}

#[tokio::test]
async fn a_deleted_comment_keeps_its_place_while_something_follows() {
    let (store, _dir) = furnished().await;
    begin(&store, "a", 1).await;
    store.insert_reply(&comment("a-2", "a", "u2", 2), &[]).await.unwrap();
    store.insert_reply(&comment("a-3", "a", "u1", 3), &[]).await.unwrap();
    store.react("a-1", "u2", "heart", 4).await.unwrap();
    assert!(store.delete_comment("a", "a-1", 5).await.unwrap());
    let said = store.said_in("a").await.unwrap();
    assert_eq!(words(&said), ["", "a-2 says", "a-3 says"]);
    assert_eq!(said.comments[0].deleted_at, Some(5));
    assert!(said.mentions.is_empty() && said.reactions.is_empty());
    assert_eq!(store.delete_comment("a", "a-1", 5).await.unwrap_err().code, ErrorCode::NotFound);
    assert_eq!(store.update_comment("a-1", "back", &[], 6).await.unwrap_err().code, ErrorCode::NotFound);
    // The last one goes whole.
    assert!(store.delete_comment("a", "a-3", 6).await.unwrap());
    assert_eq!(words(&store.said_in("a").await.unwrap()), ["", "a-2 says"]);
    // With the last that stands goes the thread.
    assert!(!store.delete_comment("a", "a-2", 7).await.unwrap());
    assert_eq!(store.thread("d1", "a").await.unwrap(), None);
}

#[tokio::test]
async fn words_and_names_change_together() {
    let (store, _dir) = furnished().await;
    begin(&store, "a", 1).await;
    store.update_comment("a-1", "other words", &["u1".into()], 4).await.unwrap();
    let said = store.said_in("a").await.unwrap();
    assert_eq!((words(&said), said.comments[0].edited_at), (vec!["other words"], Some(4)));
    assert_eq!(said.mentions.iter().map(|m| m.user_id.as_str()).collect::<Vec<_>>(), ["u1"]);
    assert_eq!(store.thread("d1", "a").await.unwrap().unwrap().updated_at, 4);
    for _ in 0..2 {
        store.react("a-1", "u2", "eyes", 5).await.unwrap();
    }
    store.react("a-1", "u1", "eyes", 6).await.unwrap();
    let who = |said: SaidRows| said.reactions.into_iter().map(|r| r.user_id).collect::<Vec<_>>();
    assert_eq!(who(store.said_in("a").await.unwrap()), ["u2", "u1"]);
    store.unreact("a-1", "u2", "eyes").await.unwrap();
    assert_eq!(who(store.said_in("a").await.unwrap()), ["u1"]);
}

#[tokio::test]
async fn what_was_seen_is_each_ones_own() {
    let (store, _dir) = furnished().await;
    begin(&store, "a", 1).await;
    begin(&store, "b", 2).await;
    store.read_threads("d1", Some("a"), "u2").await.unwrap();
    let seen = store.reads_of("d1", "u2").await.unwrap();
    assert_eq!((seen.len(), seen["a"].as_str()), (1, "a-1"));
    assert!(store.reads_of("d1", "u1").await.unwrap().is_empty());
    store.insert_reply(&comment("a-2", "a", "u1", 3), &[]).await.unwrap();
    store.read_threads("d1", None, "u2").await.unwrap();
    let seen = store.reads_of("d1", "u2").await.unwrap();
    assert_eq!((seen["a"].as_str(), seen["b"].as_str()), ("a-2", "b-1"));
}

#[tokio::test]
async fn comments_go_with_their_dashboard() {
    let (store, _dir) = furnished().await;
    begin(&store, "a", 1).await;
    store.read_threads("d1", None, "u2").await.unwrap();
    store.set_deleted("d1", Some(7)).await.unwrap();
    store.purge("d1").await.unwrap();
    assert!(store.said_in("a").await.unwrap().comments.is_empty());
}
