//! What uses a dataset, and what no longer fits it after its rows were replaced.

#![allow(clippy::unwrap_used)]

use domain::api::{LoadMode, LoadRequest, LoadResult, MetricPatch, NewDashboard, NewMetric, UsageKind};
use domain::{Caller, UserRole};
use serde_json::json;
use services::{Services, Settings};
use std::time::Duration;
use tempfile::TempDir;

struct House {
    services: Services,
    dir: TempDir,
    owner: Caller,
}

impl House {
    async fn build() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let services = Services::open(Settings {
            data_dir: dir.path().to_owned(),
            fixtures_dir: None,
            paper_dir: None,
            query_timeout: Duration::from_secs(60),
            memory_limit_bytes: 256 << 20,
            threads: 2,
            database: None,
            max_upload_bytes: 1 << 20,
            questions: services::QuestionDefaults::default(),
            sources: services::SourceSettings::default(),
            notify: services::NotifySettings::default(),
            sign_in: services::SignInSettings::default(),
        })
        .await
        .unwrap();
        services.add_user("owner", UserRole::Creator, None).await.unwrap();
        services.add_user("guest", UserRole::Explorer, None).await.unwrap();
        let owner = services.local_caller(Some("owner")).await.unwrap();
        Self { services, dir, owner }
    }

    async fn load(&self, csv: &str, mode: LoadMode) -> LoadResult {
        let path = self.dir.path().join("orders.csv");
        std::fs::write(&path, csv).unwrap();
        let request = LoadRequest { name: "orders".into(), mode, ..LoadRequest::default() };
        self.services.import_file(&self.owner, &path, request).await.unwrap()
    }

    async fn dashboard(&self) -> domain::Dashboard {
        let new: NewDashboard = serde_json::from_value(json!({
            "name": "Orders",
            "layout": {
                "widgets": [
                    {"id": "by_region", "type": "chart", "chart_type": "bar", "title": "By region",
                     "position": {"x": 0, "y": 0, "w": 6, "h": 4},
                     "data_source": {"query": {"dataset": "orders", "dimensions": [{"column": "region"}],
                         "measures": [{"agg": "sum", "column": "amount"}],
                         "filter": {"column": "day", "op": "gte", "value": "2025-01-01"}}}},
                    {"id": "count", "type": "metric", "title": "Orders",
                     "position": {"x": 6, "y": 0, "w": 6, "h": 4},
                     "data_source": {"query": {"dataset": "orders", "measures": [{"agg": "count"}]}}},
                    {"id": "short", "type": "chart", "title": "Course", "position": {"x": 0, "y": 4, "w": 6, "h": 4},
                     "data_source": {"table": "orders", "columns": ["day", "amount"]}},
                    {"id": "words", "type": "text", "title": "", "text": "# Hello",
                     "position": {"x": 6, "y": 4, "w": 6, "h": 4}}],
                "filters": [{"id": "f", "dataset": "orders", "column": "region", "label": "Region"}]}
        }))
        .unwrap();
        self.services.create_dashboard(&self.owner, new).await.unwrap()
    }

    async fn metric(&self) {
        let new: NewMetric = serde_json::from_value(json!({
            "id": "revenue", "name": "Revenue", "target": 5,
            "query": {"dataset": "orders", "measures": [{"agg": "sum", "column": "amount"}]}
        }))
        .unwrap();
        self.services.create_metric(&self.owner, new).await.unwrap();
    }
}

const FIRST: &str = "day,region,amount\n2025-01-01,north,1\n2025-01-02,south,2\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_replacement_says_what_no_longer_fits() {
    let house = House::build().await;
    let loaded = house.load(FIRST, LoadMode::Create).await;
    assert!(loaded.misfits.is_empty());
    house.dashboard().await;
    house.metric().await;

    let wider = "day,region,amount,extra\n2025-01-01,north,1.5,x\n";
    let loaded = house.load(wider, LoadMode::Replace).await;
    assert_eq!(loaded.misfits, [], "a new column, and decimals instead of whole numbers, suit everything");

    let loaded = house.load("day,amount\n2025-01-01,much\n", LoadMode::Replace).await;
    let seen: Vec<_> =
        loaded.misfits.iter().map(|m| (m.usage.kind, m.usage.id.as_str(), m.missing.join(","))).collect();
    assert_eq!(
        seen,
        [
            (UsageKind::Tile, "by_region", "region".to_owned()),
            (UsageKind::Filter, "f", "region".to_owned()),
            (UsageKind::Metric, "revenue", String::new()),
        ],
        "the count and the short form, which groups by what is no number, still work"
    );
    let by_type = loaded.misfits.last().unwrap();
    assert!(by_type.message.contains("amount"), "{}", by_type.message);
    assert_eq!(by_type.usage.dashboard, None);
    assert_eq!(loaded.misfits[0].usage.dashboard.as_ref().unwrap().name, "Orders");
    assert!(loaded.misfits[0].message.contains("`region`"), "{}", loaded.misfits[0].message);

    let again = house.services.misfits(&house.owner, "orders").await.unwrap();
    assert_eq!(again, loaded.misfits, "it can be asked for at any time");
    let loaded = house.load(FIRST, LoadMode::Replace).await;
    assert!(loaded.misfits.is_empty(), "the old columns are back");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_the_caller_may_see_is_named() {
    let house = House::build().await;
    house.load(FIRST, LoadMode::Create).await;
    let dashboard = house.dashboard().await;
    house.metric().await;
    let (services, owner) = (&house.services, &house.owner);
    let guest = services.local_caller(Some("guest")).await.unwrap();
    let hidden = services.column_usages(&guest, "orders", None).await.unwrap_err();
    assert_eq!(hidden.hint, None, "the dataset itself is hidden, also as a suggestion");
    let typo = services.get_dataset(owner, "ordres").await.unwrap_err();
    assert_eq!(typo.hint.as_deref(), Some("Did you mean `orders`?"));
    services.set_grant(owner, "dataset", "orders", "guest", Some(domain::Access::View)).await.unwrap();
    assert_eq!(services.column_usages(&guest, "orders", None).await.unwrap(), []);

    services.set_grant(owner, "dashboard", &dashboard.id, "guest", Some(domain::Access::View)).await.unwrap();
    let seen = services.column_usages(&guest, "orders", Some("amount")).await.unwrap();
    let ids: Vec<_> = seen.iter().map(|u| u.id.as_str()).collect();
    assert_eq!(ids, ["by_region", "short"], "not the metric, which is not shared");
    assert_eq!(seen[0].columns, ["amount", "day", "region"]);

    let patch = MetricPatch { is_public: Some(true), ..MetricPatch::default() };
    assert!(services.update_metric(&guest, "revenue", patch.clone()).await.is_err());
    assert!(services.update_metric(owner, "revenue", patch).await.unwrap().is_public);
    assert_eq!(services.column_usages(&guest, "orders", Some("amount")).await.unwrap().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_is_cleared_by_null_and_kept_by_silence() {
    let house = House::build().await;
    house.load(FIRST, LoadMode::Create).await;
    house.metric().await;
    let patch = |json: &str| serde_json::from_str::<MetricPatch>(json).unwrap();
    let silent = house.services.update_metric(&house.owner, "revenue", patch(r#"{"name": "Sum"}"#)).await.unwrap();
    assert_eq!((silent.def.name.as_str(), silent.def.target), ("Sum", Some(5.0)));
    let cleared = house.services.update_metric(&house.owner, "revenue", patch(r#"{"target": null}"#)).await.unwrap();
    assert_eq!(cleared.def.target, None);
}
