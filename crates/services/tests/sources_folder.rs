//! A folder as a source: tried, looked into, made into datasets, asked anew, deleted with them.

#![allow(clippy::unwrap_used)]

mod house;

use domain::api::DatasetPatch;
use domain::lineage::OriginKind;
use domain::source::{ChosenTable, NewSource, Source, SourceDatasets, SourcePatch};
use domain::{Access, Caller, ErrorCode, UserRole};
use house::House;
use serde_json::json;
use services::SourceRules;
use tempfile::TempDir;

async fn open_house() -> (House, Caller, TempDir) {
    let files = tempfile::tempdir().unwrap();
    let folder = files.path().canonicalize().unwrap();
    std::fs::write(folder.join("orders.csv"), "id,amount\n1,10\n2,20\n3,30\n").unwrap();
    std::fs::write(folder.join("people.csv"), "id,name\n1,Ada\n").unwrap();
    let house = House::with(|settings| {
        settings.sources.rules = SourceRules { folders: vec![folder], ..SourceRules::default() };
    })
    .await;
    let admin = house.user("admin", UserRole::Admin).await;
    (house, admin, files)
}

fn folder(path: &std::path::Path) -> NewSource {
    let settings = json!({"path": path.canonicalize().unwrap()});
    NewSource { name: "Files".into(), kind: "folder".into(), settings: settings.as_object().unwrap().clone() }
}

async fn make(house: &House, admin: &Caller, source: &Source, table: &str) -> domain::Dataset {
    let chosen = ChosenTable { table: table.into(), ..ChosenTable::default() };
    let wanted = SourceDatasets { tables: vec![chosen] };
    house.services.make_source_datasets(admin, &source.id, wanted).await.unwrap().datasets.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_says_what_came_of_the_last_try() {
    let (house, admin, files) = open_house().await;
    let services = &house.services;
    let source = services.create_source(&admin, folder(files.path())).await.unwrap();
    assert_eq!(source.state, None);
    assert!(source.tells_changes && source.address().ends_with(files.path().file_name().unwrap().to_str().unwrap()));
    services.test_source(&admin, &source.id).await.unwrap();
    let state = services.get_source(&admin, &source.id).await.unwrap().state.unwrap();
    assert!(state.ok && state.message.contains("2 tables"), "{state:?}");
    // A change that is only tried leaves the source as it is.
    let elsewhere = SourcePatch { settings: json!({"path": "/etc"}).as_object().cloned(), ..SourcePatch::default() };
    let test = services.try_source_change(&admin, &source.id, &elsewhere).await.unwrap();
    assert!(!test.ok && test.hint.unwrap().contains("ORRERY_SOURCE_FOLDERS"));
    assert!(services.get_source(&admin, &source.id).await.unwrap().state.unwrap().ok);
    // Changed for good, it was not tried yet; what fails is kept when its tables are asked for.
    assert_eq!(services.update_source(&admin, &source.id, elsewhere).await.unwrap().state, None);
    assert!(services.source_tables(&admin, &source.id).await.is_err());
    let state = services.get_source(&admin, &source.id).await.unwrap().state.unwrap();
    assert!(!state.ok && state.hint.unwrap().contains("ORRERY_SOURCE_FOLDERS"));
    assert_eq!(services.look_into_table(&house.owner, &source.id, "x").await.unwrap_err().code, ErrorCode::Forbidden);
    assert_eq!(services.source_uses(&house.owner, &source.id).await.unwrap_err().code, ErrorCode::Forbidden);
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_are_looked_into_and_know_their_datasets() {
    let (house, admin, files) = open_house().await;
    let services = &house.services;
    let source = services.create_source(&admin, folder(files.path())).await.unwrap();
    let look = services.look_into_table(&admin, &source.id, "orders.csv").await.unwrap();
    let names: Vec<&str> = look.columns.iter().map(|c| c.name.as_str()).collect();
    assert_eq!((names, look.rows.len()), (vec!["id", "amount"], 3));
    let missing = services.look_into_table(&admin, &source.id, "order.csv").await.unwrap_err();
    assert_eq!(missing.hint.as_deref(), Some("Did you mean `orders.csv`?"));
    let made = make(&house, &admin, &source, "orders.csv").await;
    let tables = services.source_tables(&admin, &source.id).await.unwrap();
    let seen: Vec<_> = tables.iter().map(|t| (t.name.as_str(), t.dataset_name.as_str(), t.datasets.len())).collect();
    assert_eq!(seen, [("orders.csv", "orders_2", 1), ("people.csv", "people", 0)], "a name that is free is proposed");
    assert_eq!(services.count_rows(&admin, &made.name).await.unwrap(), 3);
    let origin = services.lineage(&admin, &made.name).await.unwrap().origin;
    assert_eq!((origin.kind, origin.name.as_str()), (OriginKind::Source, "orders.csv"));
    assert_eq!((origin.source.unwrap().name.as_str(), origin.cache_duration), ("Files", None));
    // Who may see the dataset is told what kind of place it is, and not which.
    services.set_grant(&admin, "dataset", &made.id, "owner", Some(Access::View)).await.unwrap();
    let origin = services.lineage(&house.owner, &made.name).await.unwrap().origin;
    assert_eq!((origin.source, origin.source_kind.as_deref()), (None, Some("CSV or Parquet files")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_goes_with_its_datasets_when_that_is_said() {
    let (house, admin, files) = open_house().await;
    let services = &house.services;
    let source = services.create_source(&admin, folder(files.path())).await.unwrap();
    let made = make(&house, &admin, &source, "orders.csv").await;
    let tile = json!([{"id": "t", "type": "metric", "title": "Orders", "position": {"x": 0, "y": 0, "w": 4, "h": 4},
        "data_source": {"query": {"dataset": "orders", "measures": [{"agg": "sum", "column": "amount"}]}}}]);
    let new = json!({"name": "Board", "layout": {"widgets": tile}});
    services.create_dashboard(&admin, serde_json::from_value(new).unwrap()).await.unwrap();
    let uses = services.source_uses(&admin, &source.id).await.unwrap();
    assert_eq!((uses.len(), uses[0].dataset.name.as_str(), uses[0].usages.len()), (1, "orders", 1));
    assert_eq!(services.delete_source(&admin, &source.id).await.unwrap_err().code, ErrorCode::Conflict);
    services.delete_source_with_datasets(&admin, &source.id).await.unwrap();
    assert_eq!(services.get_source(&admin, &source.id).await.unwrap_err().code, ErrorCode::NotFound);
    assert!(services.get_dataset(&admin, &made.id).await.is_err());
    assert!(files.path().join("orders.csv").exists(), "sources are only read");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_age_of_answers_can_be_set_where_it_matters() {
    let house = House::build().await;
    house.load("plain", "a\n1\n").await;
    let patch = |seconds| DatasetPatch { cache_duration: Some(seconds), ..DatasetPatch::default() };
    let error = house.services.update_dataset(&house.owner, "plain", patch(5)).await.unwrap_err();
    assert_eq!((error.code, error.field.as_deref()), (ErrorCode::InvalidRequest, Some("cache_duration")));
    let error = house.services.update_dataset(&house.owner, "plain", patch(100_000)).await.unwrap_err();
    assert!(error.message.contains("86400"), "{}", error.message);
}
