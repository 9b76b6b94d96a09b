//! Joins, metric references and calculated columns, asked through the door.

#![allow(clippy::unwrap_used)]

mod house;

use domain::api::{DatasetPatch, MetricPatch, RowsRequest, UsageKind, ValuesRequest};
use domain::model::{ExpressionRequest, SemanticModel};
use domain::{Access, ErrorCode, Query, UserRole};
use house::{House, rows};
use serde_json::{Value, json};

const ORDERS: &str = "order_id,day,customer_id,amount,cost\n\
    1,2025-01-01,7,100,60\n2,2025-01-02,7,50,20\n3,2025-02-01,8,30,30\n4,2025-02-03,9,20,5\n";
const ITEMS: &str = "order_id,product,pieces\n1,apple,1\n1,pear,2\n1,plum,3\n2,apple,4\n3,pear,5\n";
const CUSTOMERS: &str = "id,city\n7,Ulm\n8,Bonn\n";

async fn shop() -> House {
    let house = House::build().await;
    house.load("orders", ORDERS).await;
    house.load("items", ITEMS).await;
    house.load("customers", CUSTOMERS).await;
    house
}

fn model(value: Value) -> SemanticModel {
    serde_json::from_value(value).unwrap()
}

fn margin() -> SemanticModel {
    model(json!({
        "calculated": [
            {"name": "margin_rate", "expression": "margin / amount", "format": "percent"},
            {"name": "margin", "label": "Margin", "expression": "amount - cost"},
            {"name": "size", "expression": "if(amount >= 50, 'large', 'small')"}],
        "hierarchies": [{"name": "Order", "columns": ["size", "order_id"]}],
        "relationships": [{"dataset": "customers", "on": [["customer_id", "id"]]}],
        "synonyms": {"amount": ["Revenue", "turnover"]}
    }))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_join_that_repeats_rows_counts_each_once() {
    let house = shop().await;
    let join = json!([{"dataset": "items", "on": [["order_id", "order_id"]]}]);
    let total = json!({"dataset": "orders", "joins": join,
        "measures": [{"agg": "sum", "column": "amount"}, {"agg": "sum", "column": "pieces"}, {"agg": "count"}]});
    assert_eq!(house.ask(total).await, json!([[200, 15, 4]]), "not 100 three times");
    let by_product = json!({"dataset": "orders", "joins": join, "dimensions": [{"column": "product"}],
        "measures": [{"agg": "sum", "column": "amount"}, {"agg": "avg", "column": "amount"}],
        "filter": {"column": "product", "op": "is_not_null"}, "order": [{"by": "product"}]});
    let expected = json!([["apple", 150, 75.0], ["pear", 130, 65.0], ["plum", 100, 100.0]]);
    assert_eq!(house.ask(by_product).await, expected);
    let inner = json!({"dataset": "orders",
        "joins": [{"dataset": "customers", "on": [["customer_id", "id"]], "kind": "inner", "as": "c"}],
        "dimensions": [{"column": "c.city"}], "measures": [{"agg": "sum", "column": "amount"}],
        "order": [{"by": "c.city"}]});
    assert_eq!(house.ask(inner).await, json!([["Bonn", 30], ["Ulm", 150]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_append_to_a_joined_dataset_is_seen_at_once() {
    let house = shop().await;
    let query = json!({"dataset": "orders", "joins": [{"dataset": "customers", "on": [["customer_id", "id"]]}],
        "dimensions": [{"column": "city"}], "measures": [{"agg": "sum", "column": "amount"}],
        "order": [{"by": "city"}]});
    assert_eq!(house.ask(query.clone()).await, json!([["Bonn", 30], ["Ulm", 150], [null, 20]]));
    house.append("customers", json!([{"id": 9, "city": "Kiel"}])).await;
    assert_eq!(house.ask(query.clone()).await, json!([["Bonn", 30], ["Kiel", 20], ["Ulm", 150]]));
    // Now the customer is there twice: what was unique is not any more.
    house.append("customers", json!([{"id": 9, "city": "Kiel"}])).await;
    let total = json!({"dataset": "orders", "joins": query["joins"].clone(),
        "measures": [{"agg": "sum", "column": "amount"}]});
    assert_eq!(house.ask(total).await, json!([[200]]));
    assert_eq!(house.ask(query).await, json!([["Bonn", 30], ["Kiel", 20], ["Ulm", 150]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_dataset_in_a_join_is_as_one_that_is_not_there() {
    let house = shop().await;
    let guest = house.user("guest", UserRole::Explorer).await;
    house.services.set_grant(&house.owner, "dataset", "orders", "guest", Some(Access::View)).await.unwrap();
    let query = |dataset: &str| {
        let join = json!([{"dataset": dataset, "on": [["customer_id", "id"]]}]);
        let query = json!({"dataset": "orders", "joins": join, "measures": [{"agg": "count"}]});
        serde_json::from_value::<Query>(query).unwrap()
    };
    let hidden = house.services.run_query(&guest, &query("customers"), false).await.unwrap_err();
    let missing = house.services.run_query(&guest, &query("customer_"), false).await.unwrap_err();
    assert_eq!(hidden.code, ErrorCode::UnknownDataset);
    assert_eq!(hidden.field.as_deref(), Some("joins[0].dataset"));
    assert_eq!(hidden.message.replace("customers", "customer_"), missing.message);
    assert_eq!((hidden.hint, missing.hint), (None, None));
    house.services.set_grant(&house.owner, "dataset", "customers", "guest", Some(Access::View)).await.unwrap();
    assert!(house.services.run_query(&guest, &query("customers"), false).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_measures() {
    let house = shop().await;
    house
        .metric(
            "large_share",
            json!({"dataset": "orders", "measures": [{"agg": "ratio",
        "numerator": {"agg": "count_if", "filter": {"column": "amount", "op": "gte", "value": 50}},
        "denominator": {"agg": "count"}}]}),
        )
        .await;
    house
        .metric(
            "rows_by_day",
            json!({"dataset": "orders", "dimensions": [{"column": "day"}],
        "measures": [{"agg": "count"}]}),
        )
        .await;
    let query = |metric: &str| {
        json!({"dataset": "orders", "dimensions": [{"column": "day", "grain": "month"}],
        "measures": [{"metric": metric}], "order": [{"by": "day"}]})
    };
    assert_eq!(house.ask(query("large_share")).await, json!([["2025-01-01", 1.0], ["2025-02-01", 0.0]]));
    let refused = house.refused(query("rows_by_day")).await;
    assert_eq!((refused.code, refused.field.as_deref()), (ErrorCode::MetricNotComposable, Some("measures[0].metric")));
    assert!(refused.hint.is_some());

    // Over a join: the metric stays one of orders.
    let joined = json!({"dataset": "items", "joins": [{"dataset": "orders", "on": [["order_id", "order_id"]]}],
        "measures": [{"metric": "large_share"}, {"agg": "count"}]});
    assert_eq!(house.ask(joined).await, json!([[2.0 / 3.0, 5]]));

    let guest = house.user("guest", UserRole::Explorer).await;
    house.services.set_grant(&house.owner, "dataset", "orders", "guest", Some(Access::View)).await.unwrap();
    let question = serde_json::from_value(query("large_share")).unwrap();
    let hidden = house.services.run_query(&guest, &question, false).await.unwrap_err();
    assert_eq!(hidden.code, ErrorCode::NotFound);
    let patch = MetricPatch { is_public: Some(true), ..MetricPatch::default() };
    house.services.update_metric(&house.owner, "large_share", patch).await.unwrap();
    assert!(house.services.run_query(&guest, &question, false).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn calculated_columns_are_columns_everywhere() {
    let house = shop().await;
    let saved = house.services.put_dataset_model(&house.owner, "orders", margin(), None).await.unwrap();
    assert_eq!((saved.version, saved.misfits.len(), saved.can_edit), (1, 0, true));
    assert_eq!(saved.saved_by.as_deref(), Some("owner"));
    assert_eq!(saved.model.hierarchies[0].id, "order");

    let by_size = json!({"dataset": "orders", "dimensions": [{"column": "size"}],
        "measures": [{"agg": "sum", "column": "margin"}, {"agg": "avg", "column": "margin_rate"}],
        "filter": {"column": "margin", "op": "gt", "value": 0}, "order": [{"by": "size"}]});
    assert_eq!(house.ask(by_size).await, json!([["large", 70, 0.5], ["small", 15, 0.75]]));
    let joined = json!({"dataset": "items", "joins": [{"dataset": "orders", "on": [["order_id", "order_id"]]}],
        "measures": [{"agg": "sum", "column": "orders.margin"}]});
    assert_eq!(house.ask(joined).await, json!([[70]]), "70 and not what each item of an order adds again");

    let dataset = house.services.get_dataset(&house.owner, "orders").await.unwrap();
    let marked: Vec<&str> = dataset.columns.iter().filter(|c| c.is_calculated).map(|c| c.name.as_str()).collect();
    assert_eq!(marked, ["margin", "margin_rate", "size"]);
    assert_eq!(dataset.column("margin").unwrap().label, "Margin");
    let listed = house.services.list_datasets(&house.owner).await.unwrap();
    assert_eq!(listed.iter().find(|d| d.name == "orders").unwrap().columns, dataset.columns);

    let values = house.services.column_values(&house.owner, "orders", "size", &ValuesRequest::default()).await.unwrap();
    assert_eq!(serde_json::to_value(values).unwrap(), json!([["large", 2], ["small", 2]]));
    let profile = house.services.dataset_profile(&house.owner, "orders").await.unwrap();
    let margin = profile.columns.iter().find(|c| c.name == "margin").unwrap();
    assert_eq!((margin.missing, margin.distinct, margin.mean), (0, 4, Some(21.25)));
    assert_eq!(margin.histogram.iter().map(|b| b.count).sum::<u64>(), 4);
    assert!(!profile.columns.iter().find(|c| c.name == "size").unwrap().top.is_empty());
    let page = house.services.dataset_rows(&house.owner, "orders", &RowsRequest::default()).await.unwrap().0;
    assert_eq!(page.table.columns.len(), 8);
    assert_eq!(rows(&page)[0].as_array().unwrap().last().unwrap(), "large");

    let patch = json!({"columns": [{"name": "margin", "label": "Profit", "type": "text", "role": "measure",
        "description": "What is left", "format": "currency"}]});
    let patch: DatasetPatch = serde_json::from_value(patch).unwrap();
    let changed = house.services.update_dataset(&house.owner, "orders", patch).await.unwrap();
    let column = changed.column("margin").unwrap();
    assert_eq!((column.label.as_str(), column.is_calculated), ("Profit", true));
    let history = house.services.model_versions(&house.owner, "orders", None).await.unwrap();
    assert_eq!(history.iter().map(|v| v.version).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(history[1].model.calculated[1].label, "Margin");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_expression_changes_answers_and_profiles() {
    let house = shop().await;
    let put = async |expression: &str| {
        let model = model(json!({"calculated": [{"name": "x", "expression": expression}]}));
        house.services.put_dataset_model(&house.owner, "orders", model, None).await.unwrap();
        let sum = house.ask(json!({"dataset": "orders", "measures": [{"agg": "sum", "column": "x"}]})).await;
        let profile = house.services.dataset_profile(&house.owner, "orders").await.unwrap();
        (sum, profile.columns.iter().find(|c| c.name == "x").and_then(|c| c.mean))
    };
    assert_eq!(put("amount").await, (json!([[200]]), Some(50.0)));
    assert_eq!(put("amount * 2").await, (json!([[400]]), Some(100.0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expression_is_checked_with_its_place() {
    let house = shop().await;
    house.services.put_dataset_model(&house.owner, "orders", margin(), None).await.unwrap();
    let check = async |expression: &str, name: Option<&str>| {
        let request = ExpressionRequest { expression: expression.into(), name: name.map(str::to_owned) };
        let found = house.services.check_expression(&house.owner, "orders", &request).await.unwrap();
        serde_json::to_value(found).unwrap()
    };
    let good = check("margin_rate > 0.5", None).await;
    assert_eq!(good, json!({"type": "boolean", "columns": ["margin_rate"], "fault": null}));
    let bad = check("concat('äö', amuont)", None).await;
    assert_eq!((&bad["type"], &bad["fault"]["start"], &bad["fault"]["end"]), (&json!(null), &json!(13), &json!(19)));
    assert_eq!(bad["fault"]["hint"], "Did you mean `amount`?");
    assert!(check("margin_rate + 1", Some("margin")).await["fault"].is_object(), "it is made of margin");
    assert!(check("margin + 1", Some("margin_rate")).await["fault"].is_null());
    assert!(house.services.expression_functions().iter().any(|f| f.name == "coalesce"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_does_not_fit_is_refused_with_its_field() {
    let house = shop().await;
    house.services.put_dataset_model(&house.owner, "orders", margin(), None).await.unwrap();
    let stranger = house.user("stranger", UserRole::Creator).await;
    house.services.set_grant(&house.owner, "dataset", "orders", "stranger", Some(Access::Edit)).await.unwrap();
    let cases = [
        (json!({"calculated": [{"name": "x", "expression": "amuont"}]}), "calculated[0].expression"),
        (json!({"calculated": [{"name": "amount", "expression": "1"}]}), "calculated[0].name"),
        (
            json!({"calculated": [{"name": "x", "expression": "y"}, {"name": "y", "expression": "x"}]}),
            "calculated[0].expression",
        ),
        (json!({"hierarchies": [{"name": "H", "columns": ["day", "town"]}]}), "hierarchies[0].columns[1]"),
        (json!({"relationships": [{"dataset": "items", "on": []}]}), "relationships[0].on"),
        (json!({"relationships": [{"dataset": "items", "on": [["day", "order_id"]]}]}), "relationships[0].on[0]"),
        (json!({"relationships": [{"dataset": "items", "on": [["order_id", "no"]]}]}), "relationships[0].on[0][1]"),
        (json!({"relationships": [{"dataset": "nothing", "on": [["day", "day"]]}]}), "relationships[0].dataset"),
        (json!({"synonyms": {"amount": ["cost"]}}), "synonyms.amount[0]"),
    ];
    for (wrong, field) in cases {
        let error =
            house.services.put_dataset_model(&house.owner, "orders", model(wrong.clone()), None).await.unwrap_err();
        assert_eq!(error.field.as_deref(), Some(field), "{wrong}: {error}");
    }
    let to_hidden = model(json!({"relationships": [{"dataset": "items", "on": [["order_id", "order_id"]]}]}));
    let error = house.services.put_dataset_model(&stranger, "orders", to_hidden, None).await.unwrap_err();
    assert_eq!((error.code, error.hint), (ErrorCode::UnknownDataset, None), "as one that is not there");

    let late = house.services.put_dataset_model(&house.owner, "orders", margin(), Some(0)).await.unwrap_err();
    assert_eq!(late.code, ErrorCode::PreconditionFailed);
    let guest = house.user("guest", UserRole::Creator).await;
    house.services.set_grant(&house.owner, "dataset", "orders", "guest", Some(Access::View)).await.unwrap();
    let error = house.services.put_dataset_model(&guest, "orders", margin(), None).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::Forbidden);
}

#[tokio::test(flavor = "multi_thread")]
async fn relationships_to_hidden_datasets_are_neither_shown_nor_lost() {
    let house = shop().await;
    house.services.put_dataset_model(&house.owner, "orders", margin(), None).await.unwrap();
    let other = house.user("other", UserRole::Creator).await;
    house.services.set_grant(&house.owner, "dataset", "orders", "other", Some(Access::Edit)).await.unwrap();
    let mut seen = house.services.dataset_model(&other, "orders").await.unwrap();
    assert_eq!(seen.model.relationships, []);
    assert_eq!(house.services.join_suggestions(&other, "orders").await.unwrap(), []);
    seen.model.hierarchies.clear();
    house.services.put_dataset_model(&other, "orders", seen.model, Some(seen.version)).await.unwrap();
    let kept = house.services.dataset_model(&house.owner, "orders").await.unwrap().model;
    assert_eq!((kept.relationships.len(), kept.hierarchies.len()), (1, 0));
    let history = house.services.model_versions(&other, "orders", None).await.unwrap();
    assert!(history.iter().all(|v| v.model.relationships.is_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_synonym_helps_who_writes_it() {
    let house = shop().await;
    house.services.put_dataset_model(&house.owner, "orders", margin(), None).await.unwrap();
    let refused = house.refused(json!({"dataset": "orders", "measures": [{"agg": "sum", "column": "turnover"}]})).await;
    assert_eq!(refused.code, ErrorCode::UnknownColumn);
    assert_eq!(refused.hint.as_deref(), Some("`turnover` is another word for `amount`: write `amount`."));
}

#[tokio::test(flavor = "multi_thread")]
async fn joins_are_suggested_from_the_model_names_and_values() {
    let house = shop().await;
    house.load("places", "town,state\nUlm,BW\nBonn,NW\nKiel,SH\n").await;
    house.services.put_dataset_model(&house.owner, "orders", margin(), None).await.unwrap();
    let found = house.services.join_suggestions(&house.owner, "orders").await.unwrap();
    let stored = &found[0];
    assert_eq!((stored.dataset.as_str(), stored.is_stored, stored.is_unique), ("customers", true, true));
    let items = found.iter().find(|s| s.dataset == "items").unwrap();
    assert_eq!(items.on, [("order_id".to_owned(), "order_id".to_owned())]);
    assert_eq!((items.is_unique, items.overlap), (false, Some(0.75)), "{}", items.reason);
    assert!(found.iter().filter(|s| s.dataset == "customers").count() == 1, "not suggested again: {found:?}");

    let found = house.services.join_suggestions(&house.owner, "customers").await.unwrap();
    let orders = found.iter().find(|s| s.dataset == "orders").unwrap();
    assert_eq!(orders.on, [("id".to_owned(), "customer_id".to_owned())]);
    let places = found.iter().find(|s| s.dataset == "places").unwrap();
    assert_eq!(places.on, [("city".to_owned(), "town".to_owned())], "the names say nothing, the values do");
    assert_eq!((places.overlap, places.is_unique), (Some(1.0), true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_column_takes_only_what_uses_it() {
    let house = shop().await;
    house.services.put_dataset_model(&house.owner, "orders", margin(), None).await.unwrap();
    house
        .dashboard(json!([{"id": "t", "type": "chart", "chart_type": "bar", "title": "Margins",
        "position": {"x": 0, "y": 0, "w": 6, "h": 4}, "data_source": {"query": {"dataset": "orders",
            "dimensions": [{"column": "size"}], "measures": [{"agg": "sum", "column": "margin"}]}}}]))
        .await;
    let users = async |column: &str| {
        let found = house.services.column_usages(&house.owner, "orders", Some(column)).await.unwrap();
        found.into_iter().map(|u| (u.kind, u.id)).collect::<Vec<_>>()
    };
    let of = |kind, id: &str| (kind, id.to_owned());
    assert_eq!(
        users("cost").await,
        [of(UsageKind::Tile, "t"), of(UsageKind::Calculated, "margin_rate"), of(UsageKind::Calculated, "margin")],
        "also what uses it through another column"
    );
    assert_eq!(users("customer_id").await, [of(UsageKind::Relationship, "customers")]);
    let towards = house.services.column_usages(&house.owner, "customers", Some("id")).await.unwrap();
    assert_eq!((towards.len(), towards[0].dataset.as_deref()), (1, Some("orders")));

    let loaded = house.load("orders", "order_id,customer_id,amount\n1,7,100\n2,7,50\n").await;
    let seen: Vec<_> =
        loaded.misfits.iter().map(|m| (m.usage.kind, m.usage.id.as_str(), m.missing.join(","))).collect();
    assert_eq!(
        seen,
        [
            (UsageKind::Tile, "t", "cost,margin".to_owned()),
            (UsageKind::Calculated, "margin_rate", "cost,margin".to_owned()),
            (UsageKind::Calculated, "margin", "cost".to_owned()),
        ]
    );
    let model = house.services.dataset_model(&house.owner, "orders").await.unwrap();
    let fields: Vec<&str> = model.misfits.iter().map(|m| m.field.as_str()).collect();
    assert_eq!(fields, ["calculated[0].expression", "calculated[1].expression"]);
    let rest = json!({"dataset": "orders", "dimensions": [{"column": "size"}], "measures": [{"agg": "count"}]});
    assert_eq!(house.ask(rest).await, json!([["large", 2]]), "the rest of the model goes on");

    // A stored column of the name goes before the calculated one.
    house.load("orders", "order_id,customer_id,amount,size\n1,7,100,XL\n").await;
    let sizes = json!({"dataset": "orders", "columns": ["size"]});
    assert_eq!(house.ask(sizes).await, json!([["XL"]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tile_follows_all_it_reads_and_its_author_may_see_all_of_it() {
    let house = shop().await;
    let tiles = json!([{"id": "t", "type": "chart", "chart_type": "bar", "title": "Cities",
        "position": {"x": 0, "y": 0, "w": 6, "h": 4}, "data_source": {"query": {"dataset": "orders",
            "joins": [{"dataset": "customers", "on": [["customer_id", "id"]]}],
            "dimensions": [{"column": "city"}], "measures": [{"agg": "sum", "column": "amount"}]}}}]);
    let board = house.dashboard(tiles.clone()).await;
    let topics = house.services.tile_topics(&house.owner, &board.id, "t").await.unwrap();
    let mut expected = Vec::new();
    for name in ["orders", "customers"] {
        expected.push(format!("dataset:{}", house.services.get_dataset(&house.owner, name).await.unwrap().id));
    }
    expected.sort();
    assert_eq!(topics, expected);

    let other = house.user("other", UserRole::Creator).await;
    house.services.set_grant(&house.owner, "dataset", "orders", "other", Some(Access::View)).await.unwrap();
    let new = serde_json::from_value(json!({"name": "Mine", "layout": {"widgets": tiles}})).unwrap();
    let refused = house.services.create_dashboard(&other, new).await.unwrap_err();
    assert_eq!((refused.code, refused.field.as_deref()), (ErrorCode::UnknownDataset, Some("joins[0].dataset")));
    let left = house.services.get_dashboard(&other, "mine").await.unwrap_err();
    assert_eq!(left.code, ErrorCode::NotFound, "nothing of it is left behind");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installation_has_a_calendar() {
    let house = House::with(|settings| {
        settings.questions = services::QuestionDefaults::parse("America/New_York", "7", "4").unwrap();
    })
    .await;
    house.load("events", "at,n\n2025-03-02T03:30:00Z,1\n2025-04-01T05:00:00Z,2\n").await;
    let by = |grain: &str| {
        json!({"dataset": "events", "dimensions": [{"column": "at", "grain": grain}],
        "measures": [{"agg": "sum", "column": "n"}], "order": [{"by": "at"}]})
    };
    assert_eq!(house.ask(by("day")).await[0][0], "2025-03-01T00:00:00-05:00", "it was still Saturday there");
    assert_eq!(house.ask(by("week")).await[0][0], "2025-02-23T00:00:00-05:00", "weeks begin on Sunday");
    assert_eq!(house.ask(by("year")).await[1][0], "2025-04-01T00:00:00-04:00", "years begin in April");
    let mut said = by("day");
    said["timezone"] = json!("UTC");
    assert_eq!(house.ask(said).await[0][0], "2025-03-02T00:00:00Z");
}
