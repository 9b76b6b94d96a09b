//! SQL through the door: rights, datasets that are a SELECT, tiles and metrics of one.

#![allow(clippy::unwrap_used)]

mod house;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use domain::connect::TileAsk;
use domain::document::{Document, Edit, Intent, Operation};
use domain::query::Filter;
use domain::sql::{NewSqlDataset, SqlDefinition, SqlRequest};
use domain::{Access, Caller, Error, ErrorCode, UserRole};
use house::{House, rows};
use serde_json::{Value, json};
use services::Mailbox;
use std::time::Duration;

/// Not a test: what this program becomes when the engine starts it as a worker.
#[test]
#[ignore = "the worker that the tests start"]
fn sql_worker() {
    services::sql_worker();
}

const SALES: &str = "day,region,amount\n2025-01-01,North,10\n2025-01-02,South,20\n2025-02-01,North,40\n";
const STAFF: &str = "name,salary\nAda,987654\n";

async fn house() -> House {
    let arguments = ["sql_worker", "--exact", "--ignored", "--nocapture"].map(Into::into).to_vec();
    engine::sandbox::set_worker(std::env::current_exe().unwrap(), arguments);
    let house = House::build().await;
    house.load("sales", SALES).await;
    house.load("staff", STAFF).await;
    house
}

fn request(sql: &str) -> SqlRequest {
    SqlRequest { sql: sql.into(), ..SqlRequest::default() }
}

impl House {
    async fn sql(&self, caller: &Caller, sql: &str) -> Result<Value, Error> {
        self.services.run_sql(caller, &request(sql)).await.map(|answer| rows(&answer))
    }

    async fn dataset(&self, name: &str, sql: &str) -> Result<domain::Dataset, Error> {
        let new = NewSqlDataset { name: name.into(), sql: sql.into(), ..NewSqlDataset::default() };
        self.services.create_sql_dataset(&self.owner, new).await
    }

    async fn share(&self, dataset: &str, user: &str, access: Option<Access>) {
        self.services.set_grant(&self.owner, "dataset", dataset, user, access).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sql_sees_what_its_caller_may_see() {
    let house = house().await;
    let query = "SELECT region, sum(amount) AS total FROM sales GROUP BY ALL ORDER BY ALL";
    assert_eq!(house.sql(&house.owner, query).await.unwrap(), json!([["North", 50], ["South", 20]]));
    let other = house.user("other", UserRole::Creator).await;
    let hidden = house.sql(&other, query).await.unwrap_err();
    let absent = house.sql(&other, "SELECT * FROM nothing").await.unwrap_err();
    assert_eq!(hidden.code, ErrorCode::UnknownDataset);
    assert_eq!(hidden.message.replace("sales", "nothing"), absent.message, "hidden and absent say the same");
    assert_eq!((hidden.hint, absent.hint), (None, None), "nothing is suggested that may not be seen");
    house.share("sales", "other", Some(Access::View)).await;
    assert_eq!(house.sql(&other, query).await.unwrap(), json!([["North", 50], ["South", 20]]));
    for role in [UserRole::Explorer, UserRole::Viewer] {
        let caller = house.user(role.as_str(), role).await;
        assert_eq!(house.sql(&caller, "SELECT 1").await.unwrap_err().code, ErrorCode::Forbidden);
        assert!(house.services.sql_schema(&caller).await.is_err());
        assert!(house.services.explain_sql(&caller, &request("SELECT 1")).await.is_err());
    }
    let schema = house.services.sql_schema(&other).await.unwrap();
    assert_eq!(schema.datasets.iter().map(|d| d.name.as_str()).collect::<Vec<_>>(), ["sales"]);
    assert!(schema.functions.len() > 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scope_narrows_what_may_be_read() {
    let house = house().await;
    let ask = |sql: &str, scope: &[&str]| {
        let scope = Some(scope.iter().map(|s| (*s).to_owned()).collect());
        let request = SqlRequest { dataset_scope: scope, ..request(sql) };
        let (services, owner) = (house.services.clone(), house.owner.clone());
        async move { services.run_sql(&owner, &request).await.map(|answer| rows(&answer)) }
    };
    assert_eq!(ask("SELECT count(*) FROM sales", &["sales"]).await.unwrap(), json!([[3]]));
    let outside = ask("SELECT * FROM staff", &["sales"]).await.unwrap_err();
    assert_eq!(outside.code, ErrorCode::UnknownDataset);
    assert!(!outside.to_string().contains("987654"));
    let unknown = ask("SELECT 1", &["sales", "nothing"]).await.unwrap_err();
    assert_eq!(unknown.field.as_deref(), Some("dataset_scope[1]"));
    let id = house.services.get_dataset(&house.owner, "sales").await.unwrap().id;
    assert_eq!(ask(&format!("SELECT count(*) FROM \"{id}\""), &[&id]).await.unwrap(), json!([[3]]), "an id is a name");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_select_is_a_dataset_like_any_other() {
    let house = house().await;
    let made = house
        .dataset(
            "monthly",
            "SELECT date_trunc('month', day) AS month, region, sum(amount) AS total FROM sales GROUP BY ALL",
        )
        .await;
    let made = made.unwrap();
    assert_eq!((made.origin.as_str(), made.row_count, made.version), ("sql", 3, 2));
    let types: Vec<_> = made.columns.iter().map(|c| (c.name.as_str(), c.ty.as_str())).collect();
    assert_eq!(types, [("month", "timestamp"), ("region", "text"), ("total", "integer")]);
    let question = json!({"dataset": "monthly", "dimensions": [{"column": "region"}],
        "measures": [{"agg": "sum", "column": "total"}], "filter": {"column": "total", "op": "gt", "value": 15},
        "order": [{"by": "region"}]});
    assert_eq!(house.ask(question.clone()).await, json!([["North", 40], ["South", 20]]));
    // Joined with a table, where rows repeat.
    let joined = json!({"dataset": "monthly", "joins": [{"dataset": "sales", "on": [["region", "region"]]}],
        "measures": [{"agg": "sum", "column": "total"}, {"agg": "sum", "column": "amount"}]});
    assert_eq!(house.ask(joined).await, json!([[70, 70]]));
    let profile = house.services.dataset_profile(&house.owner, "monthly").await.unwrap();
    assert_eq!((profile.row_count, profile.columns[1].distinct), (3, 2));
    // It changes with what it reads, answers, profile and version.
    house.append("sales", json!([{"day": "2025-02-07", "region": "South", "amount": 100}])).await;
    assert_eq!(house.ask(question).await, json!([["North", 40], ["South", 120]]));
    assert_eq!(house.services.get_dataset(&house.owner, "monthly").await.unwrap().version, 3);
    let profile = house.services.dataset_profile(&house.owner, "monthly").await.unwrap();
    assert_eq!(profile.row_count, 4);
    // SQL over it, and a dataset over it.
    house.dataset("top", "SELECT region FROM monthly ORDER BY total DESC LIMIT 1").await.unwrap();
    assert_eq!(house.sql(&house.owner, "SELECT region FROM top").await.unwrap(), json!([["South"]]));
    let before = house.services.get_dataset(&house.owner, "top").await.unwrap().version;
    house.append("sales", json!([{"day": "2025-04-07", "region": "North", "amount": 500}])).await;
    assert_eq!(house.sql(&house.owner, "SELECT region FROM top").await.unwrap(), json!([["North"]]));
    assert_eq!(house.services.get_dataset(&house.owner, "top").await.unwrap().version, before + 1);
    for (name, sql, code) in [
        ("monthly", "SELECT 1 AS a", ErrorCode::NameTaken),
        ("Bad Name", "SELECT 1 AS a", ErrorCode::InvalidRequest),
        ("other", "SELECT * FROM nothing", ErrorCode::UnknownDataset),
        ("other", "DROP TABLE sales", ErrorCode::InvalidQuery),
        ("other", "SELECT nope FROM sales", ErrorCode::UnknownColumn),
    ] {
        assert_eq!(house.dataset(name, sql).await.unwrap_err().code, code, "{sql}");
    }
    let rows = serde_json::from_value(json!([{"region": "x"}])).unwrap();
    assert_eq!(
        house.services.append_rows(&house.owner, "monthly", rows).await.unwrap_err().code,
        ErrorCode::NotSupported
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn it_can_be_changed_but_not_be_made_of_itself() {
    let house = house().await;
    house.dataset("one", "SELECT region, amount FROM sales").await.unwrap();
    house.dataset("two", "SELECT * FROM one").await.unwrap();
    let put = |sql: &str| SqlDefinition { sql: sql.into(), ..SqlDefinition::default() };
    for loops in ["SELECT * FROM one", "SELECT region, amount FROM two"] {
        let error = house.services.update_sql_dataset(&house.owner, "one", put(loops)).await.unwrap_err();
        assert_eq!(
            (error.code, error.message.as_str()),
            (ErrorCode::InvalidQuery, "A dataset cannot be made of itself.")
        );
    }
    let changed =
        house.services.update_sql_dataset(&house.owner, "one", put("SELECT region FROM sales")).await.unwrap();
    assert_eq!(changed.columns.len(), 1);
    let definition = house.services.sql_definition(&house.owner, "one").await.unwrap();
    assert_eq!((definition.sql.as_str(), definition.reads), ("SELECT region FROM sales", vec!["sales".to_owned()]));
    let other = house.user("other", UserRole::Creator).await;
    house.share("one", "other", Some(Access::View)).await;
    let error = house.services.sql_definition(&other, "one").await.unwrap_err();
    assert_eq!(error.code, ErrorCode::Forbidden, "it names a dataset that is hidden from them");
    let explained = house.services.explain_sql(&other, &request("SELECT * FROM one")).await.unwrap().plan;
    assert!(explained.contains("table: one") && !explained.contains("sales"), "{explained}");
    house.share("one", "other", Some(Access::Edit)).await;
    let error = house.services.update_sql_dataset(&other, "one", put("SELECT 1 AS a")).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::Forbidden, "it would read with its owner's rights");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rights_of_its_owner_count_when_it_is_read() {
    let house = house().await;
    let author = house.user("author", UserRole::Creator).await;
    let reader = house.user("reader", UserRole::Explorer).await;
    house.share("sales", "author", Some(Access::View)).await;
    let new = NewSqlDataset {
        name: "shared".into(),
        sql: "SELECT count(*) AS n FROM sales".into(),
        is_public: true,
        ..NewSqlDataset::default()
    };
    house.services.create_sql_dataset(&author, new).await.unwrap();
    let question = serde_json::from_value(json!({"dataset": "shared", "columns": ["n"]})).unwrap();
    let ask = || async { house.services.run_query(&reader, &question, false).await.map(|(answer, _)| rows(&answer)) };
    assert_eq!(ask().await.unwrap(), json!([[3]]), "whoever may see it sees its rows");
    assert_eq!(house.services.sql_definition(&reader, "shared").await.unwrap_err().code, ErrorCode::Forbidden);
    house.share("sales", "author", None).await;
    let error = ask().await.unwrap_err();
    assert_eq!(error.code, ErrorCode::RuleRefused, "the owner lost the right");
    house.share("sales", "author", Some(Access::View)).await;
    assert_eq!(ask().await.unwrap(), json!([[3]]));
    house.services.delete_dataset(&house.owner, "sales").await.unwrap();
    assert_eq!(ask().await.unwrap_err().code, ErrorCode::RuleRefused);
    // It can still be looked at and removed.
    assert_eq!(house.services.get_dataset(&author, "shared").await.unwrap().name, "shared");
    house.services.delete_dataset(&author, "shared").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_waits_for_is_written_down_too() {
    let house = house().await;
    let endless = "SELECT count(*) FROM range(3000000) a, range(3000000) b WHERE (a.range * b.range) % 7 = 3";
    let slow = house.sql(&house.owner, endless);
    assert!(tokio::time::timeout(Duration::from_millis(500), slow).await.is_err());
    house.sql(&house.owner, "SELECT 1").await.unwrap();
    let store = store::Store::open(&house.data_dir().join("orrery.sqlite")).await.unwrap();
    let written = async || {
        let rows = store
            .audit_page(&store::AuditFilter::default(), None, 50)
            .await
            .unwrap()
            .into_iter()
            .filter(|row| row.action == "run_sql");
        rows.map(|row| row.outcome).collect::<Vec<_>>()
    };
    for _ in 0..200 {
        if written().await.len() == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let mut outcomes = written().await;
    outcomes.sort();
    assert_eq!(outcomes, ["cancelled", "done"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tile_of_sql_is_filtered_like_any_other() {
    let house = house().await;
    let sql = "SELECT region, sum(amount) AS total FROM sales GROUP BY ALL ORDER BY ALL";
    let tile = |sql: &str| {
        json!([
            {"id": "t1", "type": "table", "data_source": {"sql": sql}},
            {"id": "t2", "type": "chart", "chart_type": "bar", "data_source": {"sql": sql, "query":
                {"dataset": "", "dimensions": [{"column": "region"}], "measures": [{"agg": "max", "column": "total"}],
                 "order": [{"by": "region"}]}}}
        ])
    };
    let board = house.dashboard(tile(sql)).await;
    let viewer = house.user("viewer", UserRole::Viewer).await;
    let data = |tile: &'static str, filters: Value| {
        let ask = TileAsk::from(serde_json::from_value::<Vec<Filter>>(filters).unwrap());
        let (services, viewer, board) = (house.services.clone(), viewer.clone(), board.id.clone());
        async move { services.tile_data(&viewer, &board, tile, &ask).await }
    };
    let all = data("t1", json!([])).await.unwrap();
    assert_eq!(all.table.row_count(), 2);
    assert!(all.sql.is_none(), "a viewer is not told the SQL");
    assert!(!serde_json::to_string(&all).unwrap().contains("SELECT"));
    let north = json!([{"column": "region", "op": "eq", "value": "North"}]);
    for tile in ["t1", "t2"] {
        let found = data(tile, north.clone()).await.unwrap();
        let row: Vec<_> = found.table.row(0).cloned().collect();
        assert_eq!(
            (found.table.row_count(), row[0].as_str(), row[1].as_f64()),
            (1, Some("North"), Some(50.0)),
            "{tile}"
        );
    }
    // New rows are seen, and the tile follows the news of what it reads.
    house.append("sales", json!([{"day": "2025-03-01", "region": "East", "amount": 1}])).await;
    assert_eq!(data("t1", json!([])).await.unwrap().table.row_count(), 3);
    let sales = house.services.get_dataset(&house.owner, "sales").await.unwrap().id;
    let topics = house.services.tile_topics(&viewer, &board.id, "t1").await.unwrap();
    assert!(topics.contains(&format!("dataset:{sales}")), "{topics:?}");
    // Who may not write SQL, or not read what it reads, cannot put it there.
    for (name, role) in [("explorer", UserRole::Explorer), ("stranger", UserRole::Creator)] {
        let caller = house.user(name, role).await;
        let new = json!({"name": name, "layout": {"widgets": tile(sql)}});
        let outcome = house.services.create_dashboard(&caller, serde_json::from_value(new).unwrap()).await;
        let error = outcome.unwrap_err();
        assert!(matches!(error.code, ErrorCode::Forbidden | ErrorCode::UnknownDataset), "{name}: {error:?}");
        let left = house.services.list_dashboards(&caller, "").await.unwrap();
        assert!(left.iter().all(|d| d.name != name), "nothing is left of what was refused");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_metric_of_sql_moves_with_its_data() {
    let house = house().await;
    house.services.start().await.unwrap();
    house.metric("revenue", json!("SELECT sum(amount) AS revenue FROM sales")).await;
    let read = || async { house.services.get_metric(&house.owner, "revenue").await.unwrap().reading.value };
    assert_eq!(read().await, Some(70.0));
    house.append("sales", json!([{"day": "2025-03-01", "region": "East", "amount": 30}])).await;
    for _ in 0..200 {
        if read().await == Some(100.0) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(read().await, Some(100.0));
    let words = json!({"id": "w", "name": "w", "query": "SELECT region FROM sales"});
    let error = house.services.create_metric(&house.owner, serde_json::from_value(words).unwrap()).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidQuery, "it has no number");
    let viewer = house.user("explorer", UserRole::Explorer).await;
    let new = json!({"id": "x", "name": "x", "query": "SELECT 1 AS one"});
    assert!(house.services.create_metric(&viewer, serde_json::from_value(new).unwrap()).await.is_err());
}

/// The document of a dashboard as somebody's browser opens it, byte by byte.
async fn opened(house: &House, who: &Caller, board: &str) -> Vec<u8> {
    let opened = house.services.open_document(who, board).await.unwrap();
    BASE64.decode(opened.state).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_text_of_sql_stays_with_those_who_edit() {
    let house = house().await;
    let tile = |id: &str, sql: &str| json!({"id": id, "type": "table", "position": {"x": 0, "y": 0, "w": 6, "h": 4}, "data_source": {"sql": sql}});
    let board = house.dashboard(json!([tile("a", "SELECT name AS unspoken FROM staff")])).await;
    let (s, id) = (&house.services, &board.id);
    let viewer = house.user("viewer", UserRole::Viewer).await;
    let tells = |bytes: &[u8], word: &str| String::from_utf8_lossy(bytes).contains(word);
    let theirs = opened(&house, &viewer, id).await;
    assert!(!tells(&theirs, "unspoken"));
    assert!(tells(&opened(&house, &house.owner, id).await, "unspoken"));
    // The tile is there all the same.
    let document = Document::load(1, &theirs).unwrap();
    assert_eq!(document.layout().widgets[0].data_source.as_ref().unwrap().sql.as_deref(), Some(""));
    assert!(s.tile_data(&viewer, id, "a", &TileAsk::default()).await.is_ok());

    // What the owner changes reaches them as a document of its own.
    let (topic, _) = s.document_topic(&viewer, id).await.unwrap();
    let mailbox = Mailbox::new();
    s.hub().subscribe(&topic, &mailbox);
    let edit = async |path: &str, new: Option<Value>| {
        let document = Document::load(2, &opened(&house, &house.owner, id).await).unwrap();
        let edit = Edit { label: "Change".into(), changes: vec![document.change(path, new)] };
        let update = BASE64.encode(document.apply(&edit).unwrap());
        let operation = Operation { id: path.replace('/', "-"), update, edit, intent: Intent::Edit, target: None };
        s.apply_operation(&house.owner, id, &operation).await.unwrap();
        let told: Value = serde_json::from_slice(&mailbox.take().unwrap().text_as("doc:x")).unwrap();
        BASE64.decode(told["data"]["state"].as_str().expect("a whole document")).unwrap()
    };
    let other = json!({"sql": "SELECT salary AS unspeakable FROM staff"});
    let told = edit("tiles/a/data_source", Some(other)).await;
    assert!(!tells(&told, "unspeakable") && !tells(&told, "unspoken"));
    // Without SQL they follow the draft itself again, which has forgotten what stood there.
    let told = edit("tiles/a", None).await;
    assert!(!tells(&told, "unspeakable") && !tells(&told, "unspoken"));
    assert!(Document::load(1, &told).unwrap().layout().widgets.is_empty());
}
