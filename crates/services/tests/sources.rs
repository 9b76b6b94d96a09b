//! Sources through the door: who may, what is kept, what comes of it.

#![allow(clippy::unwrap_used)]

mod house;
#[path = "../../engine/tests/common/postgres.rs"]
mod postgres;

use domain::api::{DatasetPatch, LoadMode};
use domain::people::Scope;
use domain::source::{ChosenTable, NewSource, SourceDatasets, SourcePatch};
use domain::{Caller, ErrorCode, Query, UserRole};
use house::House;
use postgres::{PASSWORD, Server};
use serde_json::{Value, json};
use services::{Hosts, SourceRules};

async fn open_house() -> (House, Caller) {
    let house = House::with(|settings| {
        settings.sources.rules = SourceRules { hosts: Hosts::parse("127.0.0.1").unwrap(), ..SourceRules::default() };
    })
    .await;
    let admin = house.user("admin", UserRole::Admin).await;
    (house, admin)
}

fn new(server: &Server, name: &str) -> NewSource {
    let settings = json!({"host": "127.0.0.1", "port": server.port, "database": "postgres", "user": "postgres",
        "password": PASSWORD, "tls": "disable"});
    NewSource { name: name.into(), kind: "postgres".into(), settings: settings.as_object().unwrap().clone() }
}

fn tables(names: &[(&str, Option<&str>)]) -> SourceDatasets {
    let chosen = |(table, name): &(&str, Option<&str>)| ChosenTable {
        table: (*table).into(),
        name: name.map(str::to_owned),
        cache_duration: Some(0),
        ..ChosenTable::default()
    };
    SourceDatasets { tables: names.iter().map(chosen).collect() }
}

async fn rows(house: &House, caller: &Caller, query: Value) -> domain::Result<Value> {
    let query: Query = serde_json::from_value(query).unwrap();
    let (answer, _) = house.services.run_query(caller, &query, false).await?;
    let rows = (0..answer.table.row_count()).map(|r| answer.table.row(r).map(domain::Cell::to_json).collect());
    Ok(Value::Array(rows.map(Value::Array).collect::<Vec<_>>()))
}

const TABLES: &str = "CREATE TABLE orders (id int, customer_id int, day date, amount numeric(10, 2));
    CREATE TABLE customers (id int PRIMARY KEY, region text);
    INSERT INTO customers VALUES (1, 'north'), (2, 'south');
    INSERT INTO orders VALUES (1, 1, '2025-01-01', 10.5), (2, 1, '2025-01-02', 20), (3, 2, '2025-02-01', 5);";

#[tokio::test(flavor = "multi_thread")]
async fn tables_become_datasets_that_are_asked_where_they_lie() {
    let server = Server::start();
    server.sql(TABLES);
    let (house, admin) = open_house().await;
    let services = &house.services;
    assert!(services.try_source(&admin, new(&server, "x")).await.unwrap().ok);
    let source = services.create_source(&admin, new(&server, "Shop")).await.unwrap();
    assert!(source.has_password && services.test_source(&admin, &source.id).await.unwrap().ok);
    let seen = services.source_tables(&admin, &source.id).await.unwrap();
    assert_eq!(seen.iter().map(|t| t.name.as_str()).collect::<Vec<_>>(), ["public.customers", "public.orders"]);
    let wanted = tables(&[("public.orders", None), ("public.customers", Some("clients"))]);
    let made = services.make_source_datasets(&admin, &source.id, wanted).await.unwrap().datasets;
    assert_eq!((made[0].name.as_str(), made[1].name.as_str()), ("orders", "clients"));
    assert_eq!(made[0].origin, format!("source:{}/public.orders", source.id));
    // The same door as for all data: joins, values, rows, profiles, metrics.
    let joined = json!({"dataset": "orders", "joins": [{"dataset": "clients", "on": [["customer_id", "id"]]}],
        "dimensions": [{"column": "clients.region"}], "measures": [{"agg": "sum", "column": "amount"}]});
    assert_eq!(rows(&house, &admin, joined.clone()).await.unwrap(), json!([["north", 30.5], ["south", 5.0]]));
    let stranger = house.user("stranger", UserRole::Explorer).await;
    assert_eq!(rows(&house, &stranger, joined).await.unwrap_err().code, ErrorCode::UnknownDataset);
    let profile = services.dataset_profile(&admin, "orders").await.unwrap();
    assert_eq!((profile.row_count, profile.columns.len()), (3, 4));
    let values = services.column_values(&admin, "clients", "region", &Default::default()).await.unwrap();
    assert_eq!(values.len(), 2);
    let latest = json!({"dataset": "orders", "measures": [{"agg": "count"}], "filter": {"column": "day", "op": "relative",
        "value": {"unit": "month", "of": "current", "as_of": "latest"}}});
    assert_eq!(rows(&house, &admin, latest).await.unwrap(), json!([[1]]));
    house.load("uploaded", "customer_id,x\n1,2\n").await;
    let apart = json!({"dataset": "orders", "joins": [{"dataset": "uploaded", "on": [["customer_id", "customer_id"]]}],
        "measures": [{"agg": "count"}]});
    assert_eq!(rows(&house, &admin, apart).await.unwrap_err().code, ErrorCode::NotSupported);
    // Only read.
    let rows_to_add = serde_json::from_value(json!([{"id": 9}])).unwrap();
    assert_eq!(services.append_rows(&admin, "orders", rows_to_add).await.unwrap_err().code, ErrorCode::RuleRefused);
    let path = house.file("orders.csv", "id\n1\n");
    for mode in [LoadMode::Replace, LoadMode::Append] {
        let request = domain::api::LoadRequest { name: "orders".into(), mode, ..Default::default() };
        assert_eq!(services.import_file(&admin, &path, request).await.unwrap_err().code, ErrorCode::RuleRefused);
    }
    // What changes there is seen here when it is asked for.
    server.sql("ALTER TABLE orders ADD COLUMN note text; ALTER TABLE orders DROP COLUMN amount; INSERT INTO orders VALUES (4, 2, '2025-03-01', 'x')");
    let result = services.refresh_dataset(&admin, "orders").await.unwrap();
    let names: Vec<&str> = result.dataset.columns.iter().map(|c| c.name.as_str()).collect();
    assert_eq!((names, result.dataset.version), (vec!["id", "customer_id", "day", "note"], 2));
    let count = json!({"dataset": "orders", "measures": [{"agg": "count", "column": "note"}, {"agg": "count"}]});
    assert_eq!(rows(&house, &admin, count).await.unwrap(), json!([[1, 4]]));
    // A source that is read from stays; once its datasets are gone it may go.
    assert_eq!(services.delete_source(&admin, &source.id).await.unwrap_err().code, ErrorCode::Conflict);
    for name in ["orders", "clients"] {
        services.delete_dataset(&admin, name).await.unwrap();
    }
    services.delete_source(&admin, &source.id).await.unwrap();
    assert_eq!(services.get_source(&admin, &source.id).await.unwrap_err().code, ErrorCode::NotFound);
    assert_eq!(server.sql("SELECT count(*) FROM orders"), "4");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_tables_or_none_become_datasets() {
    let server = Server::start();
    server.sql(TABLES);
    let (house, admin) = open_house().await;
    let source = house.services.create_source(&admin, new(&server, "Shop")).await.unwrap();
    house.load("taken", "a\n1\n").await;
    for (wanted, code, field) in [
        (tables(&[("public.orders", None), ("public.order", None)]), ErrorCode::NotFound, "tables[1].table"),
        (
            tables(&[("public.orders", None), ("public.customers", Some("taken"))]),
            ErrorCode::NameTaken,
            "tables[1].name",
        ),
        (tables(&[("public.orders", Some("a b"))]), ErrorCode::InvalidRequest, "tables[0].name"),
        (
            tables(&[("public.orders", Some("x")), ("public.customers", Some("x"))]),
            ErrorCode::NameTaken,
            "tables[1].name",
        ),
        (tables(&[]), ErrorCode::InvalidRequest, "tables"),
    ] {
        let error = house.services.make_source_datasets(&admin, &source.id, wanted).await.unwrap_err();
        assert_eq!((error.code, error.field.as_deref()), (code, Some(field)));
    }
    assert_eq!(house.services.list_datasets(&admin).await.unwrap().len(), 1);
    let twice = tables(&[("public.orders", None), ("public.orders", None)]);
    let made = house.services.make_source_datasets(&admin, &source.id, twice).await.unwrap().datasets;
    assert_eq!((made[0].name.as_str(), made[1].name.as_str()), ("orders", "orders_2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_are_for_administrators_and_passwords_for_nobody() {
    let (house, admin) = open_house().await;
    let services = &house.services;
    let settings = json!({"host": "127.0.0.1", "port": 1, "database": "d", "user": "u", "password": "s3cret-s3cret"});
    let settings = settings.as_object().unwrap().clone();
    let new = |name: &str| NewSource { name: name.into(), kind: "postgres".into(), settings: settings.clone() };
    let mut reading = admin.clone();
    reading.scope = Scope::Write;
    for caller in [&house.owner, &reading] {
        assert_eq!(services.create_source(caller, new("a")).await.unwrap_err().code, ErrorCode::Forbidden);
        assert_eq!(services.list_sources(caller).await.unwrap_err().code, ErrorCode::Forbidden);
        assert_eq!(services.try_source(caller, new("a")).await.unwrap_err().code, ErrorCode::Forbidden);
        assert_eq!(services.get_source(caller, "x").await.unwrap_err().code, ErrorCode::Forbidden);
    }
    let source = services.create_source(&admin, new("Shop")).await.unwrap();
    assert_eq!(services.create_source(&admin, new(" sHOP ")).await.unwrap_err().code, ErrorCode::NameTaken);
    let listed = serde_json::to_string(&services.list_sources(&admin).await.unwrap()).unwrap();
    assert!(listed.contains("\"has_password\":true") && !listed.contains("s3cret"), "{listed}");
    let test = services.test_source(&admin, &source.id).await.unwrap();
    assert!(!test.ok && !test.message.contains("s3cret"), "{test:?}");
    // Nothing below the data directory holds it either.
    let mut open = vec![house.data_dir()];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(path).unwrap().map(|e| e.unwrap().path()));
        } else if let Ok(bytes) = std::fs::read(&path) {
            assert!(!bytes.windows(6).any(|w| w == b"s3cret"), "{}", path.display());
        }
    }
    // The password stays with the place it was given for.
    let patch = |key: &str, value: Value| {
        let mut settings = settings.clone();
        settings.remove("password");
        settings.insert(key.into(), value);
        SourcePatch { settings: Some(settings), ..SourcePatch::default() }
    };
    for (key, value) in
        [("host", json!("10.0.0.1")), ("port", json!(2)), ("user", json!("v")), ("tls", json!("disable"))]
    {
        let error = services.update_source(&admin, &source.id, patch(key, value)).await.unwrap_err();
        assert_eq!(error.field.as_deref(), Some("settings.password"), "{key}");
    }
    let changed = services.update_source(&admin, &source.id, patch("database", json!("e"))).await.unwrap();
    assert!(changed.has_password && changed.settings["database"] == "e");
    let changed = services.update_source(&admin, &source.id, patch("password", json!("an0ther"))).await.unwrap();
    assert!(changed.has_password && !serde_json::to_string(&changed).unwrap().contains("an0ther"));
    // A form that is not right says where.
    for (key, value, field) in [
        ("port", json!("5432"), "settings.port"),
        ("port", json!(0), "settings.port"),
        ("host", json!(""), "settings.host"),
        ("tls", json!("maybe"), "settings.tls"),
        ("colour", json!("red"), "settings"),
    ] {
        let error = services.update_source(&admin, &source.id, patch(key, value)).await.unwrap_err();
        assert_eq!((error.code, error.field.as_deref()), (ErrorCode::InvalidRequest, Some(field)));
    }
    let strange = NewSource { name: "y".into(), kind: "oracle".into(), settings: Default::default() };
    assert_eq!(services.create_source(&admin, strange).await.unwrap_err().field.as_deref(), Some("kind"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_moves_takes_its_datasets_along() {
    let (one, two) = (Server::start(), Server::start());
    one.sql("CREATE TABLE t (a int); INSERT INTO t VALUES (1)");
    two.sql("CREATE TABLE t (a int); INSERT INTO t VALUES (2)");
    let (house, admin) = open_house().await;
    let source = house.services.create_source(&admin, new(&one, "Shop")).await.unwrap();
    house.services.make_source_datasets(&admin, &source.id, tables(&[("public.t", None)])).await.unwrap();
    let sum = json!({"dataset": "t", "measures": [{"agg": "sum", "column": "a"}]});
    assert_eq!(rows(&house, &admin, sum.clone()).await.unwrap(), json!([[1]]));
    let patch = SourcePatch { settings: Some(new(&two, "x").settings), ..SourcePatch::default() };
    house.services.update_source(&admin, &source.id, patch).await.unwrap();
    assert_eq!(rows(&house, &admin, sum).await.unwrap(), json!([[2]]));
    let checked = house.services.test_all_sources().await.unwrap();
    assert!(checked.len() == 1 && checked[0].1.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn refreshing_a_dataset_asks_anew_whatever_was_kept() {
    let server = Server::start();
    server.sql("CREATE TABLE t (a int); INSERT INTO t VALUES (1)");
    let (house, admin) = open_house().await;
    let source = house.services.create_source(&admin, new(&server, "Shop")).await.unwrap();
    assert!(!source.tells_changes);
    house.services.make_source_datasets(&admin, &source.id, tables(&[("public.t", None)])).await.unwrap();
    let patch = DatasetPatch { cache_duration: Some(3_600), ..DatasetPatch::default() };
    house.services.update_dataset(&admin, "t", patch).await.unwrap();
    let origin = house.services.lineage(&admin, "t").await.unwrap().origin;
    assert_eq!((origin.cache_duration, origin.source_kind.as_deref()), (Some(3_600), Some("PostgreSQL")));
    let sum = json!({"dataset": "t", "measures": [{"agg": "sum", "column": "a"}]});
    assert_eq!(rows(&house, &admin, sum.clone()).await.unwrap(), json!([[1]]));
    server.sql("UPDATE t SET a = 2");
    assert_eq!(rows(&house, &admin, sum.clone()).await.unwrap(), json!([[1]]), "kept for an hour");
    house.services.refresh_dataset(&admin, "t").await.unwrap();
    assert_eq!(rows(&house, &admin, sum).await.unwrap(), json!([[2]]));
    // A change is tried with the password that is kept, but only where that may go.
    let mut settings = new(&server, "x").settings;
    settings.remove("password");
    let patch = SourcePatch { settings: Some(settings.clone()), ..SourcePatch::default() };
    assert!(house.services.try_source_change(&admin, &source.id, &patch).await.unwrap().ok);
    settings.insert("user".into(), json!("somebody"));
    let patch = SourcePatch { settings: Some(settings), ..SourcePatch::default() };
    let refused = house.services.try_source_change(&admin, &source.id, &patch).await.unwrap_err();
    assert_eq!(refused.field.as_deref(), Some("settings.password"));
}
