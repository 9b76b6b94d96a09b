//! A backup that is made while people work, restored elsewhere and compared.

#![allow(clippy::unwrap_used)]

mod house;

use domain::{ErrorCode, Query, UserRole};
use house::{House, rows};
use serde_json::{Value, json};
use services::{Services, restore};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

async fn ask(services: &Services, query: Value) -> Value {
    let root = services.local_caller(None).await.unwrap();
    let query: Query = serde_json::from_value(query).unwrap();
    rows(&services.run_query(&root, &query, true).await.unwrap().0)
}

/// How many rows came with each append, and which parts of it.
fn batches() -> Value {
    json!({"dataset": "events", "dimensions": [{"column": "batch"}], "limit": 100_000,
        "measures": [{"agg": "count"}, {"agg": "count_distinct", "column": "part", "as": "parts"}],
        "order": [{"by": "batch"}]})
}

async fn reopened(dir: &Path) -> Services {
    let mut settings = None;
    House::with(|s| settings = Some(services::Settings { data_dir: dir.to_owned(), ..s.clone() })).await;
    Services::open(settings.unwrap()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_one_moment_of_a_busy_server() {
    let house = Arc::new(House::build().await);
    let root = house.user("root", UserRole::Admin).await;
    house.load("events", "batch,part\n0,0\n").await;
    house.load("still", "n\n1\n2\n3\n").await;
    let board = house
        .dashboard(json!([{"type": "text", "text": "# Hello", "position": {"x": 0, "y": 0, "w": 6, "h": 2}}]))
        .await;
    let (busy, done) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicU64::new(0)));
    let appends = tokio::spawn({
        let (house, busy, done) = (house.clone(), busy.clone(), done.clone());
        async move {
            // Enough for segments to be merged, and so deleted, several times.
            for batch in 1.. {
                let part = |part: u64| json!({"batch": batch, "part": part});
                house.append("events", json!([part(0), part(1), part(2)])).await;
                done.store(batch, Ordering::SeqCst);
                if !busy.load(Ordering::SeqCst) && batch > 60 {
                    break;
                }
            }
        }
    });
    let edits = tokio::spawn({
        let (house, busy, id) = (house.clone(), busy.clone(), board.id.clone());
        async move {
            let mut edits = 0;
            while busy.load(Ordering::SeqCst) {
                edits += 1;
                let patch = json!({"name": format!("Board {edits}"), "description": format!("Board {edits}")});
                let patch = serde_json::from_value(patch).unwrap();
                house.services.update_dashboard(&house.owner, &id, patch, None).await.unwrap();
            }
        }
    });
    let place = tempfile::tempdir().unwrap();
    let mut moments = Vec::new();
    for i in 0..4 {
        let backup = place.path().join(format!("backup-{i}"));
        let before = done.load(Ordering::SeqCst);
        let made = house.services.backup(&root, &backup).await.unwrap();
        assert!(made.has_key && made.files > 2);
        moments.push((backup, before, done.load(Ordering::SeqCst)));
    }
    busy.store(false, Ordering::SeqCst);
    tokio::try_join!(appends, edits).unwrap();
    let still = ask(&house.services, json!({"dataset": "still", "columns": ["n"]})).await;
    for (i, (backup, before, after)) in moments.iter().enumerate() {
        let target = place.path().join(format!("data-{i}"));
        restore(backup, &target).unwrap();
        let restored = reopened(&target).await;
        assert_eq!(restored.faults().await.unwrap(), Vec::<String>::new());
        assert_eq!(ask(&restored, json!({"dataset": "still", "columns": ["n"]})).await, still);
        let told = ask(&restored, batches()).await;
        let told = told.as_array().unwrap();
        // Whole appends without a gap, at least those that had been acknowledged.
        let last = told.len() as u64 - 1;
        assert!((*before..=after + 1).contains(&last), "{before} {last} {after}");
        assert!(told[1..].iter().zip(1..).all(|(row, batch)| *row == json!([batch, 3, 3])), "{told:?}");
        let root = restored.local_caller(None).await.unwrap();
        let kept = restored.get_dashboard(&root, &board.id).await.unwrap();
        assert_eq!(kept.layout.widgets, board.layout.widgets);
        let same = kept.name == kept.description || (kept.name == "Board" && kept.description.is_empty());
        assert!(same, "{} {}", kept.name, kept.description);
        // What a token or a password opened, it opens again.
        let names = |all: Vec<domain::people::User>| all.into_iter().map(|u| u.name).collect::<Vec<_>>();
        assert_eq!(names(restored.all_users().await.unwrap()), names(house.services.all_users().await.unwrap()));
    }
    assert_eq!(house.services.faults().await.unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_refuses_what_would_do_harm() {
    let house = House::build().await;
    let root = house.user("root", UserRole::Admin).await;
    house.load("sales", "a\n1\n").await;
    let place = tempfile::tempdir().unwrap();
    let (backup, target) = (place.path().join("backup"), place.path().join("data"));
    assert_eq!(house.services.backup(&house.owner, &backup).await.unwrap_err().code, ErrorCode::Forbidden);
    house.services.backup(&root, &backup).await.unwrap();
    let error = house.services.backup(&root, &backup).await.unwrap_err();
    assert!(error.message.contains("not empty"), "{error}");
    let error = restore(&backup, &house.data_dir()).unwrap_err();
    assert!(error.message.contains("not empty"), "{error}");
    let error = restore(place.path(), &target).unwrap_err();
    assert!(error.message.contains("no backup.json"), "{error}");
    let segment = std::fs::read_dir(backup.join("segments")).unwrap().next().unwrap().unwrap().path();
    let sound = std::fs::read(&segment).unwrap();
    let mut bytes = sound.clone();
    bytes[5_000] ^= 1;
    std::fs::write(&segment, &bytes).unwrap();
    let error = restore(&backup, &target).unwrap_err();
    assert!(error.message.contains(segment.file_name().unwrap().to_str().unwrap()), "{error}");
    std::fs::remove_file(&segment).unwrap();
    assert_eq!(restore(&backup, &target).unwrap_err().code, ErrorCode::UnusableFile);
    assert!(!target.exists(), "nothing was written");
    std::fs::write(&segment, &sound).unwrap();
    let list = std::fs::read_to_string(backup.join("backup.json")).unwrap();
    std::fs::write(backup.join("backup.json"), list.replace("secret.key", "../../etc/key")).unwrap();
    assert!(restore(&backup, &target).unwrap_err().message.contains("../../etc/key"));
    std::fs::write(backup.join("backup.json"), list).unwrap();
    restore(&backup, &target).unwrap();
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(target.join("secret.key")).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_segment_is_named_and_everything_else_answers() {
    let house = House::build().await;
    house.load("sound", "n\n1\n2\n").await;
    // Numbers that do not get small, so that its file is the larger one.
    let numbers: String = (0..140_000_u64).map(|i| format!("{}\n", i * 7_919 % 1_000_003)).collect();
    let made = house.load("broken", &format!("n\n{numbers}")).await;
    assert_eq!(house.services.faults().await.unwrap(), Vec::<String>::new());
    let segments = house.data_dir().join("segments");
    let largest = std::fs::read_dir(segments)
        .unwrap()
        .map(|e| e.unwrap().path())
        .max_by_key(|p| p.metadata().unwrap().len())
        .unwrap();
    let mut bytes = std::fs::read(&largest).unwrap();
    bytes[..4_096].fill(0x5a);
    std::fs::write(&largest, bytes).unwrap();
    let name = largest.file_name().unwrap().to_str().unwrap().to_owned();
    // A server that has read the file keeps its blocks: damage is seen by one that starts on it.
    let services = reopened(&house.data_dir()).await;
    let owner = services.local_caller(Some("owner")).await.unwrap();
    let broken = json!({"dataset": made.dataset.name, "measures": [{"agg": "sum", "column": "n"}]});
    let error = services.run_query(&owner, &serde_json::from_value(broken).unwrap(), false).await.unwrap_err();
    assert!(error.message.contains(&name) && error.hint.is_some(), "{error}");
    let sound = json!({"dataset": "sound", "measures": [{"agg": "count"}]});
    let (answer, _) = services.run_query(&owner, &serde_json::from_value(sound).unwrap(), false).await.unwrap();
    assert_eq!(rows(&answer), json!([[2]]));
    let faults = services.faults().await.unwrap();
    assert!(faults.len() == 1 && faults[0].contains("broken") && faults[0].contains(&name), "{faults:?}");
}
