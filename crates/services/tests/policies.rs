//! Policies through the door: whoever sees less, sees less wherever they look.

#![allow(clippy::unwrap_used)]

mod house;

use domain::api::{RowsRequest, ValuesRequest};
use domain::connect::{PageFilter, TileAsk};
use domain::policy::{ColumnRule, Policies, PolicyTrial};
use domain::query::{Filter, Op};
use domain::rules::{HouseRules, NewDatasets};
use domain::sql::{NewSqlDataset, SqlRequest};
use domain::{Access, Caller, Cell, ErrorCode, Query, UserRole};
use house::{House, rows};
use serde_json::{Value, json};
use store::{Store, UserRow};

/// Not a test: what this program becomes when the engine starts it as a worker.
#[test]
#[ignore = "the worker that the tests start"]
fn sql_worker() {
    services::sql_worker();
}

const SALES: &str = "region,rep,amount,salary\nNorth,Ada Lovelace,10,111111\nSouth,Bob Marley,20,222222\n\
    North,Ada Lovelace,40,333333\nWest,Cat Stevens,80,444444\n";

/// A person with attributes, which somebody else's code lets administrators set.
async fn person(house: &House, name: &str, role: UserRole, attributes: Value) -> Caller {
    let store = Store::open(&house.data_dir().join("orrery.sqlite")).await.unwrap();
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
    store.insert_user(&row).await.unwrap();
    house.services.local_caller(Some(name)).await.unwrap()
}

fn rules() -> Policies {
    serde_json::from_value(json!({
        "rows": [{"name": "Own regions", "audience": {"everyone": true},
            "filter": {"column": "region", "op": "in", "value": {"user": "regions"}}}],
        "columns": [{"name": "Pay", "audience": {"everyone": true}, "columns": ["salary"], "rule": "hide"},
            {"name": "People", "audience": {"everyone": true, "except_users": ["boss"]}, "columns": ["rep"], "rule": "hash"}]
    }))
    .unwrap()
}

/// Sales under rules, and Kim, who is for the north.
async fn house() -> (House, Caller) {
    let arguments = ["sql_worker", "--exact", "--ignored", "--nocapture"].map(Into::into).to_vec();
    engine::sandbox::set_worker(std::env::current_exe().unwrap(), arguments);
    let house = House::build().await;
    house.load("sales", SALES).await;
    let kim = person(&house, "kim", UserRole::Creator, json!({"regions": ["North"]})).await;
    person(&house, "boss", UserRole::Creator, json!({"regions": ["North", "South", "West"]})).await;
    house.services.set_grant(&house.owner, "dataset", "sales", "kim", Some(Access::View)).await.unwrap();
    house.services.put_dataset_policies(&house.owner, "sales", rules()).await.unwrap();
    (house, kim)
}

async fn ask(house: &House, caller: &Caller, query: Value) -> Value {
    let query: Query = serde_json::from_value(query).unwrap();
    rows(&house.services.run_query(caller, &query, false).await.unwrap().0)
}

fn total() -> Value {
    json!({"dataset": "sales", "measures": [{"agg": "count"}, {"agg": "sum", "column": "amount"}]})
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_lists_profiles_and_counts_are_of_what_is_seen() {
    let (house, kim) = house().await;
    let services = &house.services;
    assert_eq!(ask(&house, &kim, total()).await, json!([[2, 50]]));
    assert_eq!(ask(&house, &house.owner, total()).await, json!([[4, 150]]));
    let query: Query = serde_json::from_value(total()).unwrap();
    let (answer, _) = services.run_query(&kim, &query, false).await.unwrap();
    assert_eq!(answer.shown_sql(true), None, "the rule stands in it");
    assert!(services.run_query(&house.owner, &query, false).await.unwrap().0.shown_sql(true).is_some());
    let hidden: Query = serde_json::from_value(json!({"dataset": "sales", "columns": ["salary"]})).unwrap();
    let error = services.run_query(&kim, &hidden, false).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::UnknownColumn);
    // The dataset as it is told of.
    let seen = services.get_dataset(&kim, "sales").await.unwrap();
    assert_eq!((seen.row_count, seen.bytes, seen.is_narrowed), (2, 0, true));
    assert!(seen.column("salary").is_none() && seen.column("rep").is_some());
    let listed = services.list_datasets(&kim).await.unwrap().remove(0);
    assert_eq!((listed.row_count, listed.is_narrowed), (0, true));
    assert!(listed.column("salary").is_none());
    assert_eq!(services.count_rows(&kim, "sales").await.unwrap(), 2);
    // Rows, values, profile.
    let page = services.dataset_rows(&kim, "sales", &RowsRequest::default()).await.unwrap().0;
    let shown = rows(&page).to_string();
    assert!(!shown.contains("Ada") && !shown.contains("111111") && !shown.contains("South"), "{shown}");
    let values = services.column_values(&kim, "sales", "region", &ValuesRequest::default()).await.unwrap();
    assert_eq!(values, [(Cell::from("North"), 2)]);
    let reps = services.column_values(&kim, "sales", "rep", &ValuesRequest::default()).await.unwrap();
    assert!(matches!(&reps[..], [(Cell::Text(code), 2)] if code.len() == 16), "{reps:?}");
    assert!(services.column_values(&kim, "sales", "salary", &ValuesRequest::default()).await.is_err());
    let profile = services.dataset_profile(&kim, "sales").await.unwrap();
    let said = serde_json::to_string(&profile).unwrap();
    assert_eq!(profile.row_count, 2);
    assert!(!said.contains("Ada") && !said.contains("salary") && !said.contains("South"), "{said}");
    let whole = services.dataset_profile(&house.owner, "sales").await.unwrap();
    assert_eq!((whole.row_count, whole.columns.len()), (4, 4), "nobody else's profile was changed by it");
    // Whoever has no attribute sees no row.
    let lee = person(&house, "lee", UserRole::Explorer, json!({})).await;
    services.set_grant(&house.owner, "dataset", "sales", "lee", Some(Access::View)).await.unwrap();
    assert_eq!(ask(&house, &lee, total()).await, json!([[0, null]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_holds_for_the_next_question() {
    let (house, kim) = house().await;
    assert_eq!(ask(&house, &kim, total()).await, json!([[2, 50]]));
    let mut other = rules();
    other.rows[0].filter = serde_json::from_value(json!({"column": "region", "op": "eq", "value": "West"})).unwrap();
    house.services.put_dataset_policies(&house.owner, "sales", other).await.unwrap();
    assert_eq!(ask(&house, &kim, total()).await, json!([[1, 80]]), "and not what was kept");
    house.services.put_dataset_policies(&house.owner, "sales", Policies::default()).await.unwrap();
    assert_eq!(ask(&house, &kim, total()).await, json!([[4, 150]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn tiles_filters_and_what_is_behind_them_are_of_what_is_seen() {
    let (house, kim) = house().await;
    let services = &house.services;
    let query = json!({"dataset": "sales", "dimensions": [{"column": "region"}], "measures": [{"agg": "sum", "column": "amount"}],
        "order": [{"by": "region"}]});
    let board = house
        .dashboard(json!([
            {"id": "chart", "type": "chart", "chart_type": "bar", "position": {"x": 0, "y": 0, "w": 6, "h": 4}, "data_source": {"query": query}},
            {"id": "other", "type": "chart", "chart_type": "pie", "position": {"x": 6, "y": 0, "w": 6, "h": 4}, "data_source": {"query": query}}
        ]))
        .await;
    let ask = TileAsk::default();
    let regions = |data: &domain::api::TileData| data.table.data[0].clone();
    let own = services.tile_data(&kim, &board.id, "chart", &ask).await.unwrap();
    assert_eq!(regions(&own), [Cell::from("North")]);
    let all = services.tile_data(&house.owner, &board.id, "chart", &ask).await.unwrap();
    assert_eq!(regions(&all).len(), 3);
    // Kept answers of one are not given to the other.
    assert_eq!(regions(&services.tile_data(&kim, &board.id, "chart", &ask).await.unwrap()), [Cell::from("North")]);
    let behind = services.tile_rows(&kim, &board.id, "chart", &ask, &RowsRequest::default()).await.unwrap();
    assert_eq!(behind.total, 2);
    assert!(behind.table.columns.iter().all(|c| c.name != "salary"));
    let told = services.tile_provenance(&kim, &board.id, "chart", &ask).await.unwrap();
    assert_eq!((told.rows, told.sql), (2, None));
    let choices = services.drill_choices(&kim, &board.id, "chart", &ask).await.unwrap();
    assert!(choices.columns.iter().all(|c| c.name != "salary"));
    // Whoever sees the dashboard without a right to the data sees it under the rules too.
    let lee = person(&house, "lee", UserRole::Viewer, json!({"regions": ["West"]})).await;
    let lees = services.tile_data(&lee, &board.id, "chart", &ask).await.unwrap();
    assert_eq!(regions(&lees), [Cell::from("West")]);
    // A choice in another tile is answered from a cube of one's own.
    let west = Filter::is("region", Op::In, json!(["West"]));
    let ask = TileAsk { filters: vec![PageFilter { tile: Some("other".into()), filter: west }], ..TileAsk::default() };
    let all = services.tile_data(&house.owner, &board.id, "chart", &ask).await.unwrap();
    assert_eq!(regions(&all), [Cell::from("West")]);
    let none = services.tile_data(&kim, &board.id, "chart", &ask).await.unwrap();
    assert!(!regions(&none).contains(&Cell::from("West")));
}

#[tokio::test(flavor = "multi_thread")]
async fn sql_and_datasets_of_sql_launder_nothing() {
    let (house, kim) = house().await;
    let services = &house.services;
    let sql = async |caller: &Caller, text: &str| {
        let request = SqlRequest { sql: text.into(), ..SqlRequest::default() };
        services.run_sql(caller, &request).await.map(|answer| rows(&answer))
    };
    assert_eq!(sql(&kim, "SELECT count(*), sum(amount) FROM sales").await.unwrap(), json!([[2, 50]]));
    assert_eq!(sql(&house.owner, "SELECT count(*), sum(amount) FROM sales").await.unwrap(), json!([[4, 150]]));
    assert!(sql(&kim, "SELECT salary FROM sales").await.is_err());
    for hidden in
        ["FROM query('SELECT salary FROM sales')", "FROM query_table('sales')", "SELECT * FROM \"s_1\".main.data"]
    {
        assert!(sql(&kim, hidden).await.is_err(), "{hidden}");
    }
    let explain = SqlRequest { sql: "SELECT * FROM sales".into(), ..SqlRequest::default() };
    let error = services.explain_sql(&kim, &explain).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::RuleRefused);
    assert!(!format!("{error:?}").contains("North"));
    // A view of the owner's, which everybody may see.
    let new = NewSqlDataset {
        name: "view".into(),
        sql: "SELECT region, amount FROM sales".into(),
        is_public: true,
        ..NewSqlDataset::default()
    };
    services.create_sql_dataset(&house.owner, new).await.unwrap();
    let of_view = json!({"dataset": "view", "measures": [{"agg": "count"}, {"agg": "sum", "column": "amount"}]});
    assert_eq!(ask(&house, &kim, of_view.clone()).await, json!([[2, 50]]));
    assert_eq!(ask(&house, &house.owner, of_view.clone()).await, json!([[4, 150]]));
    assert_eq!(services.get_dataset(&kim, "view").await.unwrap().row_count, 2);
    let listed = services.list_datasets(&kim).await.unwrap().into_iter().find(|d| d.name == "view").unwrap();
    assert_eq!((listed.row_count, listed.is_narrowed), (0, true));
    // A view of Kim's shows others no more than Kim sees.
    let new = NewSqlDataset {
        name: "kims".into(),
        sql: "SELECT * FROM sales".into(),
        is_public: true,
        ..NewSqlDataset::default()
    };
    services.create_sql_dataset(&kim, new).await.unwrap();
    let of_kims = json!({"dataset": "kims", "measures": [{"agg": "count"}]});
    assert_eq!(ask(&house, &house.owner, of_kims).await, json!([[2]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_and_alerts_tell_each_what_they_may_know() {
    let (house, kim) = house().await;
    let services = &house.services;
    let new = json!({"id": "revenue", "name": "Revenue", "is_public": true,
        "query": {"dataset": "sales", "measures": [{"agg": "sum", "column": "amount"}]}});
    services.create_metric(&house.owner, serde_json::from_value(new).unwrap()).await.unwrap();
    assert_eq!(services.get_metric(&house.owner, "revenue").await.unwrap().reading.value, Some(150.0));
    let kims = services.get_metric(&kim, "revenue").await.unwrap().reading;
    assert_eq!((kims.value, kims.history.len()), (Some(50.0), 0));
    assert!(services.is_metric_narrowed(&kim, "revenue").await.unwrap());
    assert!(!services.is_metric_narrowed(&house.owner, "revenue").await.unwrap());
    let listed = services.list_metrics(&kim).await.unwrap().remove(0).reading;
    assert_eq!(listed.value, None);
    let refused = services.metric_history(&kim, "revenue", &domain::api::HistoryRequest::default()).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::Forbidden);
    let tile = json!([{"id": "n", "type": "metric", "position": {"x": 0, "y": 0, "w": 3, "h": 2}, "data_source": {"metric": "revenue"}}]);
    let board = house.dashboard(tile).await;
    let shown = services.tile_data(&kim, &board.id, "n", &TileAsk::default()).await.unwrap();
    assert_eq!(shown.reading.unwrap().reading.value, Some(50.0));
    // Whoever does not see all of it cannot wait for what it does.
    let alert = json!({"name": "High", "subject": {"type": "metric", "id": "revenue"}, "is_public": true,
        "condition": {"type": "above", "value": 100},
        "recipients": [{"type": "user", "id": kim.user_id}, {"type": "user", "id": house.owner.user_id}]});
    let refused = services.create_alert(&kim, serde_json::from_value(alert.clone()).unwrap()).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::Forbidden);
    // The owner's fires, and tells Kim that, without the value.
    let made = services.create_alert(&house.owner, serde_json::from_value(alert).unwrap()).await.unwrap();
    assert_eq!(made.value, Some(150.0));
    let seen = services.get_alert(&kim, &made.id).await.unwrap();
    assert_eq!((seen.value, seen.instances.len()), (None, 0));
    assert!(services.alert_events(&kim, &made.id).await.unwrap().iter().all(|e| e.value.is_none()));
    let owners = services.list_notifications(&house.owner).await.unwrap().remove(0);
    assert!(owners.body.contains("150"), "{}", owners.body);
    let kims = services.list_notifications(&kim).await.unwrap().remove(0);
    assert!(!kims.body.contains("150") && kims.subject == "Firing: High", "{} {}", kims.subject, kims.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_tried_before_they_are_saved_and_explained_afterwards() {
    let (house, kim) = house().await;
    let services = &house.services;
    let mut other = rules();
    other.rows[0].filter = serde_json::from_value(json!({"column": "region", "op": "ne", "value": "West"})).unwrap();
    let test = services
        .test_policies(&house.owner, "sales", PolicyTrial { policies: other, user: "kim".into() })
        .await
        .unwrap();
    assert_eq!((test.rows, test.total, test.is_exempt), (3, 4, false));
    assert_eq!(test.hidden, ["salary"]);
    assert_eq!(test.masked[0].rule, ColumnRule::Hash);
    assert_eq!((test.sample.row_count(), test.plain.row_count()), (3, 4));
    assert_eq!(test.rules, ["Own regions", "Pay", "People"]);
    assert_eq!(ask(&house, &kim, total()).await, json!([[2, 50]]), "nothing was saved");
    let exempt = PolicyTrial { policies: rules(), user: "owner".into() };
    let exempt = services.test_policies(&house.owner, "sales", exempt).await.unwrap();
    assert!(exempt.is_exempt && exempt.rows == 4);
    let why = services.why_access(&house.owner, "sales", "kim").await.unwrap();
    assert_eq!(why.access, Some(Access::View));
    assert_eq!(why.grants, ["The dataset is shared with kim, to look at it."]);
    assert!(why.policies.iter().any(|s| s.contains("Own regions")), "{why:?}");
    assert_eq!(services.why_access(&kim, "sales", "me").await.unwrap().user, "kim");
    let refused = services.why_access(&kim, "sales", "owner").await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::Forbidden);
    assert_eq!(services.dataset_policies(&kim, "sales").await.unwrap_err().code, ErrorCode::Forbidden);
    assert!(services.put_dataset_policies(&kim, "sales", Policies::default()).await.is_err());
    // Out and in again.
    let text = services.policies_to_yaml(&services.dataset_policies(&house.owner, "sales").await.unwrap()).unwrap();
    assert_eq!(services.policies_of_yaml(&text).unwrap(), rules());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_refused_where_it_stands() {
    let (house, _) = house().await;
    let field = async |policies: Value| {
        let policies = serde_json::from_value(policies).unwrap();
        house.services.put_dataset_policies(&house.owner, "sales", policies).await.unwrap_err().field.unwrap()
    };
    let row = |filter: Value| json!({"rows": [{"name": "a", "audience": {"everyone": true}, "filter": filter}]});
    assert_eq!(field(row(json!({"column": "nowhere", "op": "eq", "value": 1}))).await, "rows[0].filter");
    assert_eq!(field(row(json!({"column": "amount", "op": "eq", "value": "x"}))).await, "rows[0].filter");
    assert_eq!(
        field(row(json!({"column": "amount", "op": "between", "value": {"user": "x"}}))).await,
        "rows[0].filter"
    );
    assert_eq!(field(row(json!({"column": "region", "op": "in", "value": [{"user": "x"}]}))).await, "rows[0].filter");
    let column = |name: &str, rule: Value| json!({"columns": [{"name": "a", "columns": [name], "rule": rule}]});
    assert_eq!(field(column("nowhere", json!("hide"))).await, "columns[0].columns[0]");
    assert_eq!(field(column("region", json!({"bucket": 5.0}))).await, "columns[0].columns[0]");
    let unknown = json!({"rows": [{"name": "a", "audience": {"users": ["nobody-here"]}, "filter": {"and": []}}]});
    assert_eq!(field(unknown).await, "rows[0].audience.users[0]");
}

#[tokio::test(flavor = "multi_thread")]
async fn new_datasets_are_closed_where_the_administrator_wants_that() {
    let house = House::build().await;
    let admin = house.user("admin", UserRole::Admin).await;
    let kim = house.user("kim", UserRole::Explorer).await;
    let rules = house.services.house_rules(&admin).await.unwrap();
    assert_eq!(rules, HouseRules::default());
    let closed = HouseRules { new_datasets: NewDatasets::Closed, ..rules };
    assert!(house.services.set_house_rules(&kim, &closed).await.is_err());
    assert_eq!(house.services.set_house_rules(&admin, &closed).await.unwrap(), closed);
    house.load("sales", SALES).await;
    house.services.set_grant(&house.owner, "dataset", "sales", "kim", Some(Access::View)).await.unwrap();
    assert_eq!(ask(&house, &kim, total()).await, json!([[0, null]]));
    assert_eq!(ask(&house, &house.owner, total()).await, json!([[4, 150]]));
    house.services.put_dataset_policies(&house.owner, "sales", Policies::default()).await.unwrap();
    assert_eq!(ask(&house, &kim, total()).await, json!([[4, 150]]));
}
