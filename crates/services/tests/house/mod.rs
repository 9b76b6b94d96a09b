//! An installation of its own for each test.

#![allow(dead_code, reason = "each test uses some of it")]

use domain::api::{LoadMode, LoadRequest, LoadResult, NewMetric};
use domain::{Caller, Dashboard, Error, Query, UserRole};
use serde_json::{Value, json};
use services::{Answer, QuestionDefaults, Services, Settings};
use std::time::Duration;
use tempfile::TempDir;

pub(crate) struct House {
    pub(crate) services: Services,
    pub(crate) owner: Caller,
    dir: TempDir,
}

impl House {
    pub(crate) async fn build() -> Self {
        Self::with(|_| ()).await
    }

    /// One with other settings.
    pub(crate) async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut settings = Settings {
            data_dir: dir.path().join("data"),
            fixtures_dir: None,
            paper_dir: None,
            query_timeout: Duration::from_secs(60),
            memory_limit_bytes: 256 << 20,
            threads: 2,
            database: None,
            max_upload_bytes: 1 << 20,
            questions: QuestionDefaults::default(),
            sources: services::SourceSettings::default(),
            notify: services::NotifySettings::default(),
            sign_in: services::SignInSettings::default(),
        };
        change(&mut settings);
        let services = Services::open(settings).await.unwrap();
        services.add_user("owner", UserRole::Creator, None).await.unwrap();
        let owner = services.local_caller(Some("owner")).await.unwrap();
        Self { services, owner, dir }
    }

    pub(crate) async fn user(&self, name: &str, role: UserRole) -> Caller {
        self.services.add_user(name, role, None).await.unwrap();
        self.services.local_caller(Some(name)).await.unwrap()
    }

    /// A file to be loaded.
    pub(crate) fn file(&self, name: &str, content: &str) -> std::path::PathBuf {
        let path = self.dir.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    pub(crate) fn data_dir(&self) -> std::path::PathBuf {
        self.dir.path().join("data")
    }

    /// Loads CSV under a name; it takes the place of what was there.
    pub(crate) async fn load(&self, name: &str, csv: &str) -> LoadResult {
        let path = self.dir.path().join(format!("{name}.csv"));
        std::fs::write(&path, csv).unwrap();
        let request = LoadRequest { name: name.into(), mode: LoadMode::Replace, ..LoadRequest::default() };
        self.services.import_file(&self.owner, &path, request).await.unwrap()
    }

    pub(crate) async fn append(&self, name: &str, rows: Value) {
        let rows = serde_json::from_value(rows).unwrap();
        self.services.append_rows(&self.owner, name, rows).await.unwrap();
    }

    pub(crate) async fn metric(&self, id: &str, query: Value) {
        let new: NewMetric = serde_json::from_value(json!({"id": id, "name": id, "query": query})).unwrap();
        self.services.create_metric(&self.owner, new).await.unwrap();
    }

    /// A public dashboard of these tiles.
    pub(crate) async fn dashboard(&self, widgets: Value) -> Dashboard {
        let new = json!({"name": "Board", "is_public": true, "layout": {"widgets": widgets}});
        self.services.create_dashboard(&self.owner, serde_json::from_value(new).unwrap()).await.unwrap()
    }

    /// The rows of an answer.
    pub(crate) async fn ask(&self, query: Value) -> Value {
        let query: Query = serde_json::from_value(query).unwrap();
        let (answer, _) = self.services.run_query(&self.owner, &query, false).await.unwrap();
        rows(&answer)
    }

    /// Why a question is refused.
    pub(crate) async fn refused(&self, query: Value) -> Error {
        let query: Query = serde_json::from_value(query).unwrap();
        self.services.run_query(&self.owner, &query, false).await.unwrap_err()
    }
}

pub(crate) fn rows(answer: &Answer) -> Value {
    let json: Value = serde_json::from_slice(&answer.json(false, false)).unwrap();
    json["rows"].clone()
}
