//! The store against a real SQLite file, and by [`on_postgres`] against a real PostgreSQL.

// Helpers too: in tests a panic is the report.
#![allow(clippy::unwrap_used)]

mod alerts;
mod asking;
mod audit;
mod comments;
mod datasets;
mod documents;
mod durability;
mod forecasts;
mod insights;
mod jobs;
mod learned;
mod models;
mod on_postgres;
mod people;
mod place;
mod policies;
#[path = "../../../engine/tests/common/postgres.rs"]
mod postgres;
mod sharing;
mod things;
mod versions;

use domain::UserRole;
use place::Place;
use store::{DashboardRow, DatasetRow, MirroredMeta, NewOperation, Store, UserRow};

/// A store in a folder that goes away with it.
pub(crate) async fn fresh() -> (Store, Place) {
    let place = Place::new().await;
    (place.open().await, place)
}

pub(crate) fn user(id: &str, name: &str) -> UserRow {
    UserRow {
        id: id.into(),
        name: name.into(),
        role: UserRole::Creator,
        password_hash: Some("hash".into()),
        is_active: true,
        created_at: 1,
        last_seen_at: None,
        default_dashboard_id: None,
        email: None,
        attributes_json: "{}".into(),
    }
}

pub(crate) fn dataset(id: &str, name: &str) -> DatasetRow {
    DatasetRow {
        id: id.into(),
        name: name.into(),
        label: name.into(),
        description: String::new(),
        owner_id: "u1".into(),
        columns_json: r#"[{"name":"a","label":"A","type":"integer","role":"measure"}]"#.into(),
        segments_json: r#"[{"id":"s1","rows":10,"bytes":100}]"#.into(),
        row_count: 10,
        bytes: 100,
        version: 1,
        origin: "a.csv".into(),
        is_public: false,
        created_at: 1,
        updated_at: 1,
        profile_json: None,
        profile_version: 0,
    }
}

pub(crate) fn dashboard(id: &str, slug: &str) -> DashboardRow {
    DashboardRow {
        id: id.into(),
        slug: slug.into(),
        name: slug.into(),
        description: String::new(),
        theme: "auto".into(),
        owner_id: "u1".into(),
        is_public: false,
        cache_duration: 0,
        settings_json: "{}".into(),
        sketch_json: "[]".into(),
        created_at: 1,
        updated_at: 1,
        deleted_at: None,
        last_generated: None,
        version: 0,
        publication: None,
    }
}

pub(crate) fn operation(id: &str, user_id: &str) -> NewOperation {
    NewOperation {
        id: id.into(),
        user_id: user_id.into(),
        created_at: 5,
        update_bytes: vec![0, 159, 146, 150],
        edit_json: r#"{"label":"Move tile","changes":[]}"#.into(),
        intent: "edit".into(),
        marks: None,
    }
}

pub(crate) fn mirrored(name: &str, updated_at: i64) -> MirroredMeta {
    MirroredMeta {
        name: name.into(),
        description: "about it".into(),
        theme: "dark".into(),
        sketch_json: "[]".into(),
        updated_at,
    }
}

/// A store with two users and the dashboard `d1` at `sales`.
pub(crate) async fn furnished() -> (Store, Place) {
    let (store, dir) = fresh().await;
    store.insert_user(&user("u1", "Ada")).await.unwrap();
    store.insert_user(&user("u2", "Ben")).await.unwrap();
    store.insert_dashboard(&dashboard("d1", "sales")).await.unwrap();
    (store, dir)
}
