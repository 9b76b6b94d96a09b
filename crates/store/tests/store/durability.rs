//! Acknowledged means durable.

use crate::{dashboard, dataset, fresh, furnished, mirrored, operation, user};
use store::Store;

#[tokio::test]
async fn reopening_keeps_everything() {
    let (store, dir) = furnished().await;
    store.insert_dataset(&dataset("ds1", "sales")).await.unwrap();
    store.append_operation("d1", &operation("op", "u1"), &mirrored("renamed", 5)).await.unwrap();
    store.set_setting("key", "value").await.unwrap();
    drop(store);
    let store = Store::open(&dir.path().join("meta.db")).await.unwrap();
    assert_eq!(store.user("u1").await.unwrap(), Some(user("u1", "Ada")));
    assert_eq!(store.dataset("sales").await.unwrap(), Some(dataset("ds1", "sales")));
    assert_eq!(store.dashboard("sales", false).await.unwrap().unwrap().name, "renamed");
    assert_eq!(store.operations_after("d1", 0).await.unwrap().len(), 1);
    assert_eq!(store.setting("key").await.unwrap().as_deref(), Some("value"));
    store.close().await;
    assert!(store.setting("key").await.is_err());
}

/// What `kill -9` leaves behind: the files as they are while the store is still open.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_in_the_files() {
    let (store, dir) = furnished().await;
    let mut tasks = tokio::task::JoinSet::new();
    for i in 0..20 {
        let store = store.clone();
        tasks.spawn(async move {
            store.append_operation("d1", &operation(&format!("op{i}"), "u1"), &mirrored("x", 5)).await.unwrap()
        });
    }
    tasks.join_all().await;
    let copy = tempfile::tempdir().unwrap();
    for name in ["meta.db", "meta.db-wal"] {
        std::fs::copy(dir.path().join(name), copy.path().join(name)).unwrap();
    }
    let revived = Store::open(&copy.path().join("meta.db")).await.unwrap();
    assert_eq!(revived.operations_after("d1", 0).await.unwrap().len(), 20);
    assert_eq!(revived.dashboard("d1", false).await.unwrap().unwrap().version, 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_do_not_wait_for_writers() {
    let (store, _dir) = furnished().await;
    let mut tasks = tokio::task::JoinSet::new();
    for i in 0..30 {
        let store = store.clone();
        tasks.spawn(async move {
            if i % 3 == 0 {
                store.insert_dashboard(&dashboard(&format!("x{i}"), &format!("slug-{i}"))).await.unwrap();
            } else {
                store.dashboards().await.unwrap();
            }
        });
    }
    tasks.join_all().await;
    assert_eq!(store.dashboards().await.unwrap().len(), 11);
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let (_store, dir) = fresh().await;
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?}", entry.file_name());
    }
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_a_clear_error() {
    let dir = tempfile::tempdir().unwrap();
    let refused = Store::open(&dir.path().join("no/such/meta.db")).await.unwrap_err();
    assert_eq!(refused.message, "The metadata database cannot be opened.");
}

#[tokio::test]
async fn the_store_in_memory_works_alike() {
    let store = Store::memory().await.unwrap();
    store.insert_user(&user("u1", "Ada")).await.unwrap();
    store.insert_dashboard(&dashboard("d1", "sales")).await.unwrap();
    assert_eq!(store.append_operation("d1", &operation("op", "u1"), &mirrored("x", 5)).await.unwrap(), 1);
    store.ping().await.unwrap();
    assert_eq!(store.users().await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_one_moment_while_others_write() {
    let (store, dir) = furnished().await;
    let writing = {
        let store = store.clone();
        tokio::spawn(async move {
            for i in 0..200 {
                store.append_operation("d1", &operation(&format!("op{i}"), "u1"), &mirrored("x", i)).await.unwrap();
            }
        })
    };
    for i in 0..3 {
        let target = dir.path().join(format!("copy{i}.db"));
        store.copy_to(&target).await.unwrap();
        assert!(store.copy_to(&target).await.is_err(), "what is there is not written over");
        let copy = Store::open(&target).await.unwrap();
        assert_eq!(copy.faults().await.unwrap(), Vec::<String>::new());
        // The row of a dashboard and its log are written together.
        let version = copy.dashboard("d1", false).await.unwrap().unwrap().version;
        assert_eq!(copy.operations_after("d1", 0).await.unwrap().len(), usize::try_from(version).unwrap());
        copy.close().await;
    }
    writing.await.unwrap();
}

#[tokio::test]
async fn a_damaged_file_is_told_from_a_sound_one() {
    let (store, dir) = furnished().await;
    assert_eq!(store.faults().await.unwrap(), Vec::<String>::new());
    store.close().await;
    let path = dir.path().join("meta.db");
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8_192].fill(0x5a);
    std::fs::write(&path, &bytes).unwrap();
    // Either it does not open, or it says what is wrong.
    match Store::open(&path).await {
        Ok(store) => assert!(store.faults().await.map_or(true, |faults| !faults.is_empty())),
        Err(error) => assert!(error.hint.unwrap().contains("meta.db")),
    }
    bytes[..4_096].fill(0x5a);
    std::fs::write(&path, &bytes).unwrap();
    let error = Store::open(&path).await.unwrap_err();
    assert!(error.hint.as_deref().unwrap().contains("meta.db") && error.hint.unwrap().contains("restore"));
}
