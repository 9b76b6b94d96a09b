//! The record: read in pages and by what is looked for, and never changed.

use crate::furnished;
use crate::place::Place;
use sqlx::AnyConnection;
use sqlx::{Connection, Executor};
use store::{AuditEntry, AuditFilter, Store};

/// Younger than anything that may go.
const FAR: i64 = 4_000_000_000_000;

async fn write(store: &Store, at: i64, user: Option<&str>, action: &str, thing: &str) {
    let entry = AuditEntry {
        at,
        user_id: user,
        action,
        thing_kind: "dashboard",
        thing_id: thing,
        outcome: "done",
        detail_json: r#"{"note":"50% off_season"}"#,
        surface: "page",
        address: "192.0.2.7",
        agent: "Browser",
        ..AuditEntry::default()
    };
    store.append_audit(&entry).await.unwrap();
}

fn actions(rows: &[store::AuditRow]) -> Vec<&str> {
    rows.iter().map(|row| row.action.as_str()).collect()
}

/// A connection that is not the store's.
async fn raw(place: &Place) -> AnyConnection {
    sqlx::any::install_default_drivers();
    let url = match place {
        Place::Address(url) => url.clone(),
        Place::File(dir) => format!("sqlite://{}", dir.path().join("meta.db").display()),
    };
    AnyConnection::connect(&url).await.unwrap()
}

#[tokio::test]
async fn the_record_is_read_newest_first_in_pages() {
    let (store, _place) = furnished().await;
    for (at, action) in [(10, "a"), (10, "b"), (10, "c"), (11, "d")] {
        write(&store, at, Some("u1"), action, "d1").await;
    }
    let all = AuditFilter::default();
    let first = store.audit_page(&all, None, 2).await.unwrap();
    assert_eq!(actions(&first), ["d", "c"]);
    assert_eq!(first[0].user_name.as_deref(), Some("Ada"));
    assert_eq!((first[0].surface.as_str(), first[0].address.as_str()), ("page", "192.0.2.7"));
    let last = &first[1];
    let rest = store.audit_page(&all, Some((last.at, last.id.as_str())), 9).await.unwrap();
    assert_eq!(actions(&rest), ["b", "a"]);
    assert_eq!(store.count_audit(&all, 100).await.unwrap(), 4);
    assert_eq!(store.count_audit(&all, 3).await.unwrap(), 3, "counted no further");
}

#[tokio::test]
async fn deeds_are_found_by_who_what_when_and_any_word() {
    let (store, _place) = furnished().await;
    write(&store, 10, Some("u1"), "create", "d1").await;
    write(&store, 20, Some("u2"), "delete", "d2").await;
    write(&store, 30, None, "sign_in", "Mallory").await;
    let found = async |change: &dyn Fn(&mut AuditFilter)| {
        let mut filter = AuditFilter::default();
        change(&mut filter);
        let rows = store.audit_page(&filter, None, 9).await.unwrap();
        assert_eq!(store.count_audit(&filter, 9).await.unwrap(), i64::try_from(rows.len()).unwrap());
        rows.into_iter().map(|row| row.action).collect::<Vec<_>>()
    };
    assert_eq!(found(&|f| f.user_id = "u2".into()).await, ["delete"]);
    assert_eq!(found(&|f| f.action = "create".into()).await, ["create"]);
    assert_eq!(found(&|f| f.thing_id = "d2".into()).await, ["delete"]);
    assert_eq!(found(&|f| f.outcome = "refused".into()).await, Vec::<String>::new());
    assert_eq!(found(&|f| (f.since, f.until) = (10, 30)).await, ["delete", "create"]);
    assert_eq!(found(&|f| f.text = "mallory".into()).await, ["sign_in"]);
    assert_eq!(found(&|f| f.text = "BEN".into()).await, ["delete"], "the name of who it was");
    // What LIKE would take for more than itself.
    assert_eq!(found(&|f| f.text = "50% off_season".into()).await.len(), 3);
    assert!(found(&|f| f.text = "50%season".into()).await.is_empty());
    assert!(found(&|f| f.text = "5_%".into()).await.is_empty());
    let (actions, kinds) = store.audit_words().await.unwrap();
    assert_eq!((actions, kinds), (vec!["create".into(), "delete".into(), "sign_in".into()], vec!["dashboard".into()]));
}

#[tokio::test]
async fn nothing_changes_a_deed_and_nothing_deletes_it_before_its_time() {
    let (store, place) = furnished().await;
    write(&store, 10, Some("u1"), "old", "d1").await;
    write(&store, FAR, Some("u1"), "young", "d1").await;
    let mut connection = raw(&place).await;
    let id: String =
        sqlx::query_scalar("SELECT id FROM audit WHERE action = 'old'").fetch_one(&mut connection).await.unwrap();
    for statement in [
        "UPDATE audit SET outcome = 'done'",
        "UPDATE audit SET user_id = NULL WHERE action = 'old'",
        // Nobody has said for how long deeds are kept: for ever.
        "DELETE FROM audit WHERE action = 'old'",
        "DELETE FROM audit",
    ] {
        let refused = connection.execute(statement).await;
        assert!(refused.is_err_and(|e| e.to_string().contains("audit log")), "{statement}");
    }
    let replace = sqlx::query(
        "INSERT INTO audit (id, at, action, thing_kind, thing_id, outcome, detail_json)
         VALUES ($1, 1, 'forged', '', '', 'done', '{}')",
    )
    .bind(&id);
    assert!(replace.execute(&mut connection).await.is_err(), "a second deed of the same id");
    // Another start puts the triggers up again, and they still hold.
    let again = place.open().await;
    again.keep_audit(30).await.unwrap();
    assert!(again.forget_audit(FAR + 1, 100).await.is_err(), "the young one is kept");
    assert_eq!(again.forget_audit(11, 100).await.unwrap(), 1, "the old one may go");
    let left = store.audit_page(&AuditFilter::default(), None, 9).await.unwrap();
    assert_eq!(actions(&left), ["young"]);
}

#[tokio::test]
async fn old_deeds_go_a_few_at_a_time() {
    let (store, _place) = furnished().await;
    store.keep_audit(30).await.unwrap();
    for at in 0..5 {
        write(&store, at, None, "a", "d").await;
    }
    assert_eq!(store.forget_audit(4, 3).await.unwrap(), 3);
    assert_eq!(store.forget_audit(4, 3).await.unwrap(), 1);
    assert_eq!(store.forget_audit(4, 3).await.unwrap(), 0);
    assert_eq!(store.count_audit(&AuditFilter::default(), 9).await.unwrap(), 1);
}
