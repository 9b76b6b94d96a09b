//! Insights through the door: whose eyes, told once, judged, kept apart.

use super::*;
use crate::clock;
use crate::{QuestionDefaults, Settings};
use domain::api::{LoadMode, LoadRequest};
use domain::discovery::{NewInsightSubscription, Since};
use domain::policy::Policies;
use domain::{Access, Query};
use engine::Progress;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::Duration;
use store::UserRow;
use tempfile::TempDir;

struct House {
    services: Services,
    owner: Caller,
    dir: TempDir,
}

/// Two hundred days of sales that rise by one a day. The west sells three times as much as the others,
/// and salaries follow the amounts.
fn sales(days: i64, extra: &str) -> String {
    let mut csv = String::from("day,region,amount,salary\n");
    for day in 0..days {
        for (place, region) in ["North", "South", "West"].iter().enumerate() {
            let noise = (day * 7 + place as i64 * 3) % 5;
            let amount = (100 + day + noise) * if *region == "West" { 3 } else { 1 };
            let date = domain::calendar::iso(domain::calendar::day_of(2024, 1, 1) + day);
            let _ = writeln!(csv, "{date},{region},{amount},{}", amount * 10 + noise);
        }
    }
    csv + extra
}

impl House {
    async fn build() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let settings = Settings {
            data_dir: dir.path().join("data"),
            database: None,
            fixtures_dir: None,
            paper_dir: None,
            query_timeout: Duration::from_secs(60),
            memory_limit_bytes: 256 << 20,
            threads: 2,
            max_upload_bytes: 1 << 20,
            questions: QuestionDefaults::default(),
            sources: crate::SourceSettings::default(),
            notify: crate::NotifySettings::default(),
            sign_in: crate::SignInSettings::default(),
        };
        let services = Services::open(settings).await.unwrap();
        services.add_user("owner", UserRole::Creator, None).await.unwrap();
        let owner = services.local_caller(Some("owner")).await.unwrap();
        let house = Self { services, owner, dir };
        house.load(&sales(200, "")).await;
        house
    }

    async fn load(&self, csv: &str) {
        let path = self.dir.path().join("sales.csv");
        std::fs::write(&path, csv).unwrap();
        let request = LoadRequest { name: "sales".into(), mode: LoadMode::Replace, ..LoadRequest::default() };
        self.services.import_file(&self.owner, &path, request).await.unwrap();
    }

    async fn person(&self, name: &str, role: UserRole, attributes: Value) -> Caller {
        let row = UserRow {
            id: format!("user-{name}"),
            name: name.into(),
            role,
            password_hash: None,
            is_active: true,
            created_at: 1,
            last_seen_at: None,
            default_dashboard_id: None,
            email: None,
            attributes_json: attributes.to_string(),
        };
        self.services.store.insert_user(&row).await.unwrap();
        self.services.local_caller(Some(name)).await.unwrap()
    }

    /// Somebody who sees the dataset.
    async fn reader(&self, name: &str, attributes: Value) -> Caller {
        let caller = self.person(name, UserRole::Explorer, attributes).await;
        self.services.set_grant(&self.owner, "dataset", "sales", name, Some(Access::View)).await.unwrap();
        caller
    }

    async fn insights(&self, caller: &Caller) -> DatasetInsights {
        self.asked(caller, false).await.unwrap()
    }

    async fn asked(&self, caller: &Caller, hidden: bool) -> Result<DatasetInsights> {
        self.services.insights(caller, &InsightsRequest { dataset: "sales".into(), hidden }).await
    }

    /// Looks as the job after a new version does.
    async fn discover(&self) -> u64 {
        let id = self.services.stored_dataset("sales").await.unwrap().unwrap().row.id.clone();
        self.services.discover(&id, &Progress::default()).await.unwrap().people
    }

    async fn subscribe(&self, caller: &Caller, strong_only: bool) {
        let new = NewInsightSubscription { dataset: "sales".into(), strong_only };
        self.services.subscribe_insights(caller, &new).await.unwrap();
    }

    async fn rules(&self) {
        let rules: Policies = serde_json::from_value(json!({
            "rows": [{"name": "Own regions", "audience": {"everyone": true},
                "filter": {"column": "region", "op": "in", "value": {"user": "regions"}}}],
            "columns": [{"name": "Pay", "audience": {"everyone": true}, "columns": ["salary"], "rule": "hide"}]
        }))
        .unwrap();
        self.services.put_dataset_policies(&self.owner, "sales", rules).await.unwrap();
    }
}

fn ids(found: &DatasetInsights) -> Vec<&str> {
    found.findings.iter().map(|f| f.finding.id.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_planted_is_found_and_asked_for_once() {
    let house = House::build().await;
    let found = house.insights(&house.owner).await;
    let rises = |f: &ShownFinding| {
        f.finding.kind == FindingKind::Trend && f.finding.direction == Some(domain::insight::Direction::Increasing)
    };
    assert!(found.findings.iter().any(rises), "{:?}", ids(&found));
    assert!(found.findings.iter().all(|f| f.is_new), "there is no former version");
    assert_eq!((found.looked.rows, found.looked.total_rows), (600, 600));
    assert!(!found.narrative.is_empty() && !found.summary_stats.is_empty());
    let again = house.insights(&house.owner).await;
    assert_eq!(again.found_at, found.found_at, "it was kept");
    let told = |found: &DatasetInsights| found.narrative.iter().map(|s| s.text()).collect::<Vec<_>>();
    assert_eq!((ids(&again), told(&again)), (ids(&found), told(&found)));
    // Each question of a finding works.
    for shown in found.findings.iter().filter(|f| f.finding.view.needs.is_none()) {
        let answer = house.services.run_query(&house.owner, &shown.finding.view.query, false).await;
        assert!(answer.is_ok(), "{}: {:?}", shown.finding.id, answer.err());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_and_viewers_find_nothing() {
    let house = House::build().await;
    let stranger = house.person("stranger", UserRole::Creator, json!({})).await;
    let error = house.asked(&stranger, false).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::UnknownDataset);
    assert_eq!(house.services.start_insights(&stranger, "sales").await.unwrap_err().code, ErrorCode::UnknownDataset);
    let new = NewInsightSubscription { dataset: "sales".into(), strong_only: false };
    let error = house.services.subscribe_insights(&stranger, &new).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::UnknownDataset);
    let news = house.services.insight_news(&stranger).await.unwrap();
    assert!(news.items.is_empty() && news.waiting.is_empty());
    let viewer = house.person("viewer", UserRole::Viewer, json!({})).await;
    house.services.set_grant(&house.owner, "dataset", "sales", "viewer", Some(Access::View)).await.unwrap();
    assert_eq!(house.asked(&viewer, false).await.unwrap_err().code, ErrorCode::Forbidden);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_of_rows_and_columns_they_do_not_see() {
    let house = House::build().await;
    let kim = house.reader("kim", json!({"regions": ["North", "South"]})).await;
    let before = house.insights(&kim).await;
    assert!(serde_json::to_string(&before).unwrap().contains("salary"), "no rule yet");
    house.rules().await;
    let whole = house.insights(&house.owner).await;
    let said = serde_json::to_string(&whole).unwrap();
    assert!(said.contains("salary") && said.contains("West"), "the owner sees everything");
    let own = house.insights(&kim).await;
    let said = serde_json::to_string(&own).unwrap();
    assert!(!said.contains("salary") && !said.contains("Salary") && !said.contains("West"), "{said}");
    assert_eq!((own.looked.rows, own.looked.total_rows), (400, 400));
    // Whoever has the same rules has the same findings, others have their own.
    let lee = house.reader("lee", json!({"regions": ["North", "South"]})).await;
    assert_eq!(house.insights(&lee).await.found_at, own.found_at);
    let max = house.reader("max", json!({"regions": ["West"]})).await;
    let theirs = serde_json::to_string(&house.insights(&max).await).unwrap();
    assert!(!theirs.contains("North") && !theirs.contains("salary"), "{theirs}");
    // A change of the rules holds for the next look.
    house.services.put_dataset_policies(&house.owner, "sales", Policies::default()).await.unwrap();
    assert_eq!(house.insights(&kim).await.looked.rows, 600);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_in_no_former_version_is_new() {
    let house = House::build().await;
    let first = house.insights(&house.owner).await;
    house.load(&sales(201, "")).await;
    let second = house.insights(&house.owner).await;
    assert_eq!(second.version, first.version + 1);
    for shown in &second.findings {
        let was = ids(&first).contains(&shown.finding.id.as_str());
        assert_eq!(shown.is_new, !was, "{}", shown.finding.id);
    }
    assert!(second.findings.iter().any(|f| !f.is_new));
    // And the page of news says the same.
    let news = house.services.insight_news(&house.owner).await.unwrap();
    assert!(news.items.iter().all(|item| !ids(&first).contains(&item.shown.finding.id.as_str())));
    assert_eq!(news.looked_at, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thumb_down_hides_for_one_and_moves_the_kind() {
    let house = House::build().await;
    let ben = house.reader("ben", json!({})).await;
    let found = house.insights(&house.owner).await;
    let first = found.findings[0].clone();
    let given = |thumb| GivenThumb {
        dataset: "sales".into(),
        finding: first.finding.id.clone(),
        kind: first.finding.kind,
        thumb,
    };
    house.services.give_thumb(&house.owner, &given(Some(Thumb::Down))).await.unwrap();
    let now = house.insights(&house.owner).await;
    assert!(!ids(&now).contains(&first.finding.id.as_str()));
    assert_eq!(now.hidden, 1);
    assert!(ids(&house.insights(&ben).await).contains(&first.finding.id.as_str()), "that is the owner's alone");
    let says = |found: &DatasetInsights, words: &str| {
        let mut of_kind = found.findings.iter().filter(|f| f.finding.kind == first.finding.kind).peekable();
        of_kind.peek().is_some() && of_kind.all(|f| f.why.contains(words))
    };
    let all = house.asked(&house.owner, true).await.unwrap();
    assert!(says(&all, "you did not like others"));
    assert!(all.findings[0].finding.kind != first.finding.kind || all.findings[0].rank < 1.0);
    let hidden = all.findings.iter().find(|f| f.finding.id == first.finding.id).unwrap();
    assert_eq!(hidden.thumb, Some(Thumb::Down));
    house.services.give_thumb(&house.owner, &given(Some(Thumb::Up))).await.unwrap();
    let liked = house.insights(&house.owner).await;
    assert!(says(&liked, "You liked others of its kind"));
    assert_eq!(liked.findings[0].finding.id, first.finding.id);
    house.services.give_thumb(&house.owner, &given(None)).await.unwrap();
    assert_eq!(ids(&house.insights(&house.owner).await), ids(&found));
    // What was never found cannot be judged.
    let stray = GivenThumb { finding: "nothing".into(), ..given(Some(Thumb::Up)) };
    assert_eq!(house.services.give_thumb(&house.owner, &stray).await.unwrap_err().code, ErrorCode::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_is_told_of_what_is_new_once_and_with_their_own_eyes() {
    let house = House::build().await;
    let kim = house.reader("kim", json!({"regions": ["North"]})).await;
    house.rules().await;
    house.subscribe(&house.owner, false).await;
    house.subscribe(&kim, false).await;
    assert_eq!(house.discover().await, 0, "what is there already is known");
    // Another column, which falls from day to day.
    let csv = sales(200, "").replace("day,region,amount,salary\n", "");
    let mut wider = String::from("day,region,amount,salary,units\n");
    for (i, line) in csv.lines().enumerate() {
        let _ = writeln!(wider, "{line},{}", 2_000 - 5 * (i / 3) + (i * 5) % 7);
    }
    house.load(&wider).await;
    assert_eq!(house.discover().await, 2);
    assert_eq!(house.discover().await, 0, "nothing is told twice");
    for (who, sees) in [(&house.owner, true), (&kim, false)] {
        let inbox = house.services.list_notifications(who).await.unwrap();
        assert_eq!(inbox.len(), 1, "{inbox:?}");
        let text = format!("{} {}", inbox[0].subject, inbox[0].body).to_lowercase();
        assert_eq!(inbox[0].kind, "insight");
        assert_eq!(inbox[0].link, "/data/sales?tab=insights");
        assert!(text.contains("units"), "{text}");
        assert!(sees || (!text.contains("salary") && !text.contains("west")), "{text}");
    }
    // Who lost the right is told nothing more, and who is told no more neither.
    house.services.set_grant(&house.owner, "dataset", "sales", "kim", None).await.unwrap();
    house.services.unsubscribe_insights(&house.owner, "sales").await.unwrap();
    house.load(&sales(150, "")).await;
    house.load(&wider.replace("units", "pieces")).await;
    assert_eq!(house.discover().await, 0);
    assert!(house.services.insight_subscriptions(&kim).await.unwrap().is_empty(), "nor is it named");
    assert_eq!(house.services.unsubscribe_insights(&house.owner, "sales").await.unwrap_err().code, ErrorCode::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_version_is_looked_at_by_itself_once() {
    let house = House::build().await;
    let waits = async || {
        let id = house.services.stored_dataset("sales").await.unwrap().unwrap().row.id.clone();
        house.services.store.job_by_key(&format!("{JOB}:{id}")).await.unwrap()
    };
    while waits().await.is_none() {
        tokio::task::yield_now().await;
    }
    let job = waits().await.unwrap();
    house.load(&sales(201, "")).await;
    // One look is enough for both, and it is taken earlier.
    while waits().await.unwrap().due_at >= job.due_at {
        tokio::task::yield_now().await;
    }
    assert_eq!(waits().await.unwrap().id, job.id);
    let told = house.services.do_discovery(&job.payload_json, &Progress::default()).await.unwrap();
    assert_eq!(told, json!({"version": 2, "looks": 1, "told": 0}));
    let stopped = Progress::default();
    stopped.cancel();
    house.load(&sales(202, "")).await;
    let error = house.services.do_discovery(&job.payload_json, &stopped).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::Cancelled);
    assert!(job.due_at > clock::now_ms() - 60_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn charts_and_dashboards_say_what_their_readers_see() {
    let house = House::build().await;
    let days = json!({"dataset": "sales", "dimensions": [{"column": "day", "grain": "day"}],
        "measures": [{"agg": "sum", "column": "amount"}]});
    let new = json!({"name": "Board", "is_public": true, "layout": {"widgets": [
        {"id": "days", "type": "chart", "chart_type": "line", "title": "Sales a day",
            "position": {"x": 0, "y": 0, "w": 6, "h": 4}, "data_source": {"query": days}}]}});
    let board = house.services.create_dashboard(&house.owner, serde_json::from_value(new).unwrap()).await.unwrap();
    let ask = domain::connect::TileAsk::default();
    let said = house.services.explain_tile(&house.owner, &board.id, "days", &ask).await.unwrap();
    assert!(said.findings.iter().any(|f| f.kind == FindingKind::Trend), "{said:?}");
    let query: Query = serde_json::from_value(days).unwrap();
    let same = house.services.explain_question(&house.owner, &query).await.unwrap();
    assert_eq!(same.findings.len(), said.findings.len());
    let found = house.services.dashboard_changes(&house.owner, &board.id, Since::Week, &ask).await.unwrap();
    let [set] = &found.changes[..] else { panic!("{found:?}") };
    assert_eq!(set.titles, ["Sales a day"]);
    assert_eq!((set.changed.after.to.as_str(), set.changed.before.from.as_str()), ("2024-07-19", "2024-07-05"));
    let amount = set.changed.changes.iter().find(|c| c.column.as_deref() == Some("amount")).unwrap();
    assert!(amount.change > 0.0, "{amount:?}");
    assert!(amount.contributions.iter().any(|c| c.member.value.as_deref() == Some("West")));
    // Who sees the dashboard alone learns of no column that it does not show.
    let guest = house.person("guest", UserRole::Viewer, json!({})).await;
    let theirs = house.services.dashboard_changes(&guest, &board.id, Since::Week, &ask).await.unwrap();
    let text = serde_json::to_string(&theirs).unwrap();
    assert!(!text.contains("West") && !text.contains("region") && !text.contains("salary"), "{text}");
    // Nor of a day that it leaves out.
    let new = json!({"name": "Early", "is_public": true, "layout": {"widgets": [
        {"id": "days", "type": "chart", "chart_type": "line", "title": "Sales a day",
            "position": {"x": 0, "y": 0, "w": 6, "h": 4},
            "data_source": {"query": {"dataset": "sales", "dimensions": [{"column": "day", "grain": "day"}],
                "measures": [{"agg": "sum", "column": "amount"}],
                "filter": {"column": "day", "op": "lt", "value": "2024-07-05"}}}}]}});
    let early = house.services.create_dashboard(&house.owner, serde_json::from_value(new).unwrap()).await.unwrap();
    let theirs = house.services.dashboard_changes(&guest, &early.id, Since::Week, &ask).await.unwrap();
    assert_eq!(theirs.changes[0].changed.after.to, "2024-07-05");
    let all = house.services.dashboard_changes(&house.owner, &early.id, Since::Week, &ask).await.unwrap();
    assert_eq!(all.changes[0].changed.after.to, "2024-07-19");
    house.rules().await;
    let kim = house.reader("kim", json!({"regions": ["North"]})).await;
    let own = house.services.dashboard_changes(&kim, &board.id, Since::Week, &ask).await.unwrap();
    let text = serde_json::to_string(&own).unwrap();
    assert!(text.contains("2024-07-19") && !text.contains("West") && !text.contains("salary"), "{text}");
    let private = house.person("private", UserRole::Explorer, json!({})).await;
    let patch = serde_json::from_value(json!({"is_public": false})).unwrap();
    house.services.update_dashboard(&house.owner, &board.id, patch, None).await.unwrap();
    let error = house.services.explain_tile(&private, &board.id, "days", &ask).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::NotFound);
    let error = house.services.dashboard_changes(&private, &board.id, Since::Week, &ask).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::NotFound);
}
