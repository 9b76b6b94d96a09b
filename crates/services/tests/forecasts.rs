//! Forecasts: who may make and see them, of which rows, how they are made anew, scored and varied.

#![allow(clippy::unwrap_used)]

mod house;

use domain::alert::NewAlert;
use domain::api::Job;
use domain::connect::TileAsk;
use domain::forecast::{ForecastPatch, ModelKind, NewForecast, NewScenario, SavedForecast, ScenarioOf};
use domain::policy::Policies;
use domain::{Access, Caller, Cell, ErrorCode, UserRole};
use house::House;
use serde_json::{Value, json};
use std::time::Duration;

/// Two years of months in two regions, with a season and a price; `months` of them.
fn sales(months: i64) -> String {
    let mut csv = String::from("day,region,amount,price\n");
    for i in 0..months {
        let (year, month) = (2020 + i / 12, i % 12 + 1);
        for (region, base) in [("North", 100), ("South", 40)] {
            let amount = base + i + [0, 3, 8, 12, 9, 4, -2, -8, -12, -9, -4, 1][(i % 12) as usize];
            csv.push_str(&format!("{year}-{month:02}-01,{region},{amount},{}\n", 10 + i % 5));
        }
    }
    csv
}

fn def() -> Value {
    json!({"dataset": "sales", "measure": {"agg": "sum", "column": "amount"}, "time": "day", "settings": {"horizon": 6}})
}

fn new(def: Value) -> NewForecast {
    serde_json::from_value(json!({"name": "Sales ahead", "def": def})).unwrap()
}

async fn house() -> (House, SavedForecast) {
    let house = House::build().await;
    house.load("sales", &sales(40)).await;
    let made = house.services.create_forecast(&house.owner, new(def())).await.unwrap();
    (house, made)
}

/// The end of a job; how long it takes is the machine's business.
async fn ended(house: &House, caller: &Caller, job: &Job) -> Job {
    loop {
        let now = house.services.get_job(caller, &job.id).await.unwrap();
        if !matches!(now.status.as_str(), "queued" | "running") {
            return now;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forecast_goes_on_with_the_data_and_proposes_what_was_not_said() {
    let (house, made) = house().await;
    assert_eq!(made.def.grain, Some(domain::query::Grain::Month), "as the data has it");
    let said = house.services.forecast_result(&house.owner, &made.id).await.unwrap();
    assert_eq!(said.forecast.forecast.len(), 6);
    assert_eq!(said.forecast.history.len(), 40);
    let first = &said.forecast.forecast[0];
    assert_eq!(first.ds, "2023-05-01");
    assert!(
        first.lo95 <= first.lo80 && first.lo80 <= first.yhat && first.yhat <= first.hi80 && first.hi80 <= first.hi95
    );
    assert!((180.0..280.0).contains(&first.yhat), "{first:?}");
    assert!(!said.is_narrowed);
    // The shape of the contract.
    let json = serde_json::to_value(&said).unwrap();
    assert!(json["metrics"]["mase"].is_number() && json["anomalies"].is_array(), "{}", json["metrics"]);
    assert_eq!(json["model_info"]["type"], "ensemble");
    let proposal = house
        .services
        .propose_forecast(
            &house.owner,
            serde_json::from_value(json!({"dataset": "sales", "measure": {"agg": "count"}, "time": "day"})).unwrap(),
        )
        .await
        .unwrap();
    assert!(proposal.def.settings.horizon > 0);
    let rows = house.services.forecast_values(&house.owner, &made.id).await.unwrap();
    assert_eq!(rows.table.row_count(), 46);
    let csv = String::from_utf8(rows.csv().to_vec()).unwrap();
    assert!(csv.starts_with("ds,y,fitted,yhat,lo80"), "{}", &csv[..40]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_forecast_is_refused_with_its_place() {
    let (house, _) = house().await;
    let refused = async |change: Value| {
        let mut def = def();
        def.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let error = house.services.create_forecast(&house.owner, new(def)).await.unwrap_err();
        (error.code, error.field.unwrap_or_default())
    };
    assert_eq!(refused(json!({"time": "region"})).await.1, "def.time");
    assert_eq!(refused(json!({"dataset": "nothing"})).await.0, ErrorCode::UnknownDataset);
    assert_eq!(refused(json!({"grain": "month_of_year"})).await.1, "def.grain");
    assert_eq!(refused(json!({"settings": {"horizon": 100_000}})).await.1, "def.settings.horizon");
    assert_eq!(refused(json!({"settings": {"floor": 5.0, "cap": 1.0}})).await.1, "def.settings.floor");
    assert_eq!(refused(json!({"measure": {"agg": "avg", "column": "amount"}, "group": "region"})).await.1, "def.group");
    assert_eq!(refused(json!({"measure": null})).await.1, "def.measure");
    let few = json!({"filter": {"column": "day", "op": "lt", "value": "2020-04-01"}});
    assert_eq!(refused(few).await.0, ErrorCode::RuleRefused, "three months are too few");
    let missing = refused(json!({"filter": {"column": "city", "op": "eq", "value": "x"}})).await;
    assert_eq!(missing.0, ErrorCode::UnknownColumn);
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_add_up_to_their_total() {
    let (house, _) = house().await;
    let mut grouped = def();
    grouped["group"] = "region".into();
    let made = house.services.create_forecast(&house.owner, new(grouped)).await.unwrap();
    let said = house.services.forecast_result(&house.owner, &made.id).await.unwrap();
    assert_eq!(said.groups.iter().map(|g| g.name.as_str()).collect::<Vec<_>>(), ["North", "South"]);
    for (step, point) in said.forecast.forecast.iter().enumerate() {
        let sum: f64 = said.groups.iter().map(|g| g.forecast.forecast[step].yhat).sum();
        assert!((sum - point.yhat).abs() < 1e-6 * point.yhat.abs(), "{sum} {point:?}");
    }
    let rows = house.services.forecast_values(&house.owner, &made.id).await.unwrap();
    assert_eq!(rows.table.columns[1].name, "group");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forecast_is_its_owners_and_those_it_is_shared_with_see_it() {
    let (house, made) = house().await;
    let services = &house.services;
    let viewer = house.user("viewer", UserRole::Viewer).await;
    assert_eq!(services.get_forecast(&viewer, &made.id).await.unwrap_err().code, ErrorCode::NotFound);
    assert_eq!(services.forecast_result(&viewer, &made.id).await.unwrap_err().code, ErrorCode::NotFound);
    assert_eq!(services.forecast_track(&viewer, &made.id).await.unwrap_err().code, ErrorCode::NotFound);
    assert!(services.list_forecasts(&viewer, "").await.unwrap().is_empty());
    assert_eq!(services.create_forecast(&viewer, new(def())).await.unwrap_err().code, ErrorCode::Forbidden);
    services.set_grant(&house.owner, "forecast", &made.id, "viewer", Some(Access::View)).await.unwrap();
    assert_eq!(services.forecast_result(&viewer, &made.id).await.unwrap().forecast.forecast.len(), 6);
    let patch = ForecastPatch { name: Some("Mine".into()), ..ForecastPatch::default() };
    assert_eq!(
        services.update_forecast(&viewer, &made.id, patch.clone()).await.unwrap_err().code,
        ErrorCode::Forbidden
    );
    assert_eq!(services.update_forecast(&house.owner, &made.id, patch).await.unwrap().name, "Mine");
    let stranger = house.user("creator", UserRole::Creator).await;
    assert_eq!(services.delete_forecast(&stranger, &made.id).await.unwrap_err().code, ErrorCode::NotFound);
    // Who may edit it but not ask the dataset cannot make it say more.
    services.set_grant(&house.owner, "forecast", &made.id, "creator", Some(Access::Edit)).await.unwrap();
    let wider = ForecastPatch { def: Some(serde_json::from_value(def()).unwrap()), ..ForecastPatch::default() };
    assert_eq!(services.update_forecast(&stranger, &made.id, wider).await.unwrap_err().code, ErrorCode::UnknownDataset);
    let used = services.column_usages(&house.owner, "sales", Some("amount")).await.unwrap();
    assert_eq!(used.iter().map(|u| u.title.as_str()).collect::<Vec<_>>(), ["Mine"]);
    services.delete_forecast(&house.owner, &made.id).await.unwrap();
    assert_eq!(services.get_forecast(&house.owner, &made.id).await.unwrap_err().code, ErrorCode::NotFound);
}

/// Kim, who is for the north.
async fn with_rules(house: &House) -> Caller {
    let kim = house.user("kim", UserRole::Creator).await;
    house.services.set_grant(&house.owner, "dataset", "sales", "kim", Some(Access::View)).await.unwrap();
    let rules: Policies = serde_json::from_value(json!({"rows": [{"name": "North", "audience": {"everyone": true},
        "filter": {"column": "region", "op": "eq", "value": "North"}}]}))
    .unwrap();
    house.services.put_dataset_policies(&house.owner, "sales", rules).await.unwrap();
    kim
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_shown_what_was_made_of_rows_they_do_not_see() {
    let (house, made) = house().await;
    let services = &house.services;
    let job = services.back_test_forecast(&house.owner, &made.id).await.unwrap();
    assert_eq!(ended(&house, &house.owner, &job).await.status, "succeeded");
    let board = house
        .dashboard(json!([{"id": "next", "type": "chart", "position": {"x": 0, "y": 0, "w": 6, "h": 4}, "data_source": {"forecast": made.id}}]))
        .await;
    let kim = with_rules(&house).await;
    services.set_grant(&house.owner, "forecast", &made.id, "kim", Some(Access::Edit)).await.unwrap();
    let all = services.forecast_result(&house.owner, &made.id).await.unwrap();
    let own = services.forecast_result(&kim, &made.id).await.unwrap();
    assert!(own.is_narrowed && !all.is_narrowed);
    assert_eq!(own.forecast.history[0].y, Some(100.0));
    assert_eq!(all.forecast.history[0].y, Some(140.0));
    assert!(own.forecast.forecast[0].yhat < all.forecast.forecast[0].yhat * 0.85);
    // What all models did was measured on all rows, and so was what was said before.
    assert!(all.back_test.is_some() && own.back_test.is_none());
    assert_eq!(services.forecast_track(&kim, &made.id).await.unwrap_err().code, ErrorCode::Forbidden);
    assert_eq!(services.back_test_forecast(&kim, &made.id).await.unwrap_err().code, ErrorCode::Forbidden);
    assert!(services.forecast_track(&house.owner, &made.id).await.is_ok());
    // A tile, a file and an alert are no way around.
    let tile = services.tile_data(&kim, &board.id, "next", &TileAsk::default()).await.unwrap();
    assert_eq!(tile.table.data[1][0], Cell::Float(100.0));
    let whole = services.tile_data(&house.owner, &board.id, "next", &TileAsk::default()).await.unwrap();
    assert_eq!(whole.table.data[1][0], Cell::Float(140.0));
    let rows = services.forecast_values(&kim, &made.id).await.unwrap();
    assert_eq!(rows.table.data[1][0], Cell::Float(100.0));
    let error = services.create_alert(&kim, alert(&made.id)).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::Forbidden);
}

fn alert(forecast: &str) -> NewAlert {
    serde_json::from_value(json!({"name": "Out of band", "subject": {"type": "forecast", "id": forecast},
        "condition": {"type": "outside_forecast", "level": 95}}))
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_models_are_tried_and_the_best_is_used_until_somebody_says_otherwise() {
    let (house, made) = house().await;
    let services = &house.services;
    assert_eq!((made.champion, made.model), (None, ModelKind::Ensemble));
    let job = services.try_forecast(&house.owner, made.def.clone()).await.unwrap();
    let job = ended(&house, &house.owner, &job).await;
    assert_eq!(job.status, "succeeded", "{:?}", job.error);
    let tried = &job.result.unwrap()["back_test"];
    assert_eq!(tried["models"].as_array().unwrap().len(), ModelKind::ALL.len());
    let champion: ModelKind = serde_json::from_value(tried["champion"].clone()).unwrap();
    let kept = NewForecast { back_test: Some(job.id.clone()), ..new(def()) };
    let kept = services.create_forecast(&house.owner, kept).await.unwrap();
    assert_eq!((kept.champion, kept.model), (Some(champion), champion));
    // Of something else it is no proof.
    let mut other = def();
    other["filter"] = json!({"column": "region", "op": "eq", "value": "North"});
    let wrong = NewForecast { back_test: Some(job.id), ..new(other) };
    assert_eq!(services.create_forecast(&house.owner, wrong).await.unwrap_err().field.as_deref(), Some("back_test"));
    let patch = ForecastPatch { model: Some(Some(ModelKind::Drift)), ..ForecastPatch::default() };
    let drift = services.update_forecast(&house.owner, &kept.id, patch).await.unwrap();
    assert_eq!((drift.champion, drift.model), (Some(champion), ModelKind::Drift));
    let said = services.forecast_result(&house.owner, &kept.id).await.unwrap();
    assert_eq!(said.forecast.model_info.model, ModelKind::Drift);
    let patch = ForecastPatch { model: Some(None), ..ForecastPatch::default() };
    assert_eq!(services.update_forecast(&house.owner, &kept.id, patch).await.unwrap().model, champion);
}

#[tokio::test(flavor = "multi_thread")]
async fn new_data_makes_it_anew_and_scores_what_was_said() {
    let (house, made) = house().await;
    let services = &house.services;
    let before = services.forecast_track(&house.owner, &made.id).await.unwrap();
    assert_eq!(before.runs.len(), 1);
    assert_eq!((before.runs[0].until.as_str(), &before.runs[0].accuracy), ("2023-04-01", &None));
    let watch = services.create_alert(&house.owner, alert(&made.id)).await.unwrap();
    assert_eq!(watch.status, domain::alert::Status::Normal);
    // A month as it was to be expected, and one far from it.
    house
        .append("sales", json!([{"day": "2023-05-01", "region": "North", "amount": 149, "price": 10}, {"day": "2023-05-01", "region": "South", "amount": 89, "price": 10},
            {"day": "2023-06-01", "region": "North", "amount": 5000, "price": 10}]))
        .await;
    let track = loop {
        let now = services.forecast_track(&house.owner, &made.id).await.unwrap();
        if now.runs.len() > 1 {
            break now;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(track.runs[0].until, "2023-06-01");
    let scored = track.runs[1].accuracy.as_ref().unwrap();
    assert_eq!(scored.n, 2);
    assert!(scored.mae.unwrap() > 1_000.0, "{scored:?}");
    let said = services.forecast_result(&house.owner, &made.id).await.unwrap();
    assert_eq!(said.forecast.forecast[0].ds, "2023-07-01");
    loop {
        let now = services.get_alert(&house.owner, &watch.id).await.unwrap();
        if now.status == domain::alert::Status::Firing {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn scenarios_change_columns_filters_and_drivers_and_are_seen_with_ones_own_eyes() {
    let (house, _) = house().await;
    let services = &house.services;
    let mut driven = def();
    driven["drivers"] = json!([{"measure": {"agg": "avg", "column": "price"}}]);
    let made = services.create_forecast(&house.owner, new(driven)).await.unwrap();
    let scenario =
        |overlay: Value| -> NewScenario { serde_json::from_value(json!({"name": "If", "overlay": overlay})).unwrap() };
    let of = ScenarioOf::Forecast;
    let more = scenario(json!({"scales": [{"dataset": "sales", "column": "amount", "percent": 10.0}]}));
    let more = services.create_scenario(&house.owner, of, &made.id, more).await.unwrap();
    assert_eq!(more.words, "amount +10 %");
    let found = services.forecast_what_if(&house.owner, &more.id).await.unwrap();
    let percent = found.percent.unwrap();
    assert!((percent - 10.0).abs() < 0.5, "{percent}");
    assert_eq!(found.difference.len(), 6);
    let north = scenario(
        json!({"filters": [{"dataset": "sales", "filter": {"column": "region", "op": "eq", "value": "North"}}]}),
    );
    let north = services.create_scenario(&house.owner, of, &made.id, north).await.unwrap();
    assert!(services.forecast_what_if(&house.owner, &north.id).await.unwrap().percent.unwrap() < -10.0);
    let price = scenario(json!({"drivers": [{"regressor": "avg_price", "kind": "percent", "value": 20.0}]}));
    let price = services.create_scenario(&house.owner, of, &made.id, price).await.unwrap();
    assert_eq!(services.forecast_what_if(&house.owner, &price.id).await.unwrap().difference.len(), 6);
    let refused = async |overlay: Value| {
        services
            .create_scenario(&house.owner, of, &made.id, scenario(overlay))
            .await
            .unwrap_err()
            .field
            .unwrap_or_default()
    };
    assert_eq!(refused(json!({})).await, "overlay");
    assert_eq!(
        refused(json!({"drivers": [{"regressor": "weather", "kind": "percent", "value": 1.0}]})).await,
        "overlay.drivers[0].regressor"
    );
    assert_eq!(
        refused(json!({"scales": [{"dataset": "sales", "column": "region", "percent": 1.0}]})).await,
        "overlay.scales[0]"
    );
    // On a dashboard.
    let query = json!({"dataset": "sales", "dimensions": [{"column": "region"}], "measures": [{"agg": "sum", "column": "amount"}]});
    let board = house
        .dashboard(json!([{"id": "by_region", "type": "chart", "chart_type": "bar", "position": {"x": 0, "y": 0, "w": 6, "h": 4}, "data_source": {"query": query}},
            {"id": "next", "type": "chart", "position": {"x": 6, "y": 0, "w": 6, "h": 4}, "data_source": {"forecast": made.id}}]))
        .await;
    let dearer = scenario(json!({"scales": [{"dataset": "sales", "column": "amount", "percent": 5.0}]}));
    let dearer = services.create_scenario(&house.owner, ScenarioOf::Dashboard, &board.id, dearer).await.unwrap();
    let tile = services.tile_what_if(&house.owner, &dearer.id, "by_region").await.unwrap();
    let (label, now, then) = &tile.sums[0];
    assert!((then / now - 1.05).abs() < 1e-9, "{label} {now} {then}");
    assert_eq!(tile.difference.unwrap().table.row_count(), 2);
    let next = services.tile_what_if(&house.owner, &dearer.id, "next").await.unwrap();
    assert!(next.sums[0].2 > next.sums[0].1);
    // Kim sees the scenario of the rows she sees, and nobody who does not see the dashboard sees it.
    let kim = with_rules(&house).await;
    let own = services.tile_what_if(&kim, &dearer.id, "by_region").await.unwrap();
    assert_eq!(own.baseline.table.data[0], [Cell::from("North")]);
    assert!((own.sums[0].2 / own.sums[0].1 - 1.05).abs() < 1e-9);
    assert_eq!(services.forecast_what_if(&kim, &more.id).await.unwrap_err().code, ErrorCode::NotFound);
    assert_eq!(services.delete_scenario(&kim, &dearer.id).await.unwrap_err().code, ErrorCode::Forbidden);
    // Who has no right to the data makes no scenario of it.
    let lee = house.user("lee", UserRole::Creator).await;
    services.set_grant(&house.owner, "dashboard", &board.id, "lee", Some(Access::Edit)).await.unwrap();
    let sly = scenario(json!({"scales": [{"dataset": "sales", "column": "amount", "percent": 5.0}]}));
    let error = services.create_scenario(&lee, ScenarioOf::Dashboard, &board.id, sly).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::UnknownDataset);
    services.delete_scenario(&house.owner, &dearer.id).await.unwrap();
    assert!(services.list_scenarios(&house.owner, ScenarioOf::Dashboard, &board.id).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_metric_is_forecast_over_time_and_what_is_pushed_by_its_past() {
    let (house, _) = house().await;
    house.metric("revenue", json!({"dataset": "sales", "measures": [{"agg": "sum", "column": "amount"}]})).await;
    let of_metric = new(json!({"metric": "revenue", "time": "day", "settings": {"horizon": 3}}));
    let made = house.services.create_forecast(&house.owner, of_metric).await.unwrap();
    assert_eq!(made.label, "revenue");
    let said = house.services.forecast_result(&house.owner, &made.id).await.unwrap();
    assert_eq!(said.forecast.history[0].y, Some(140.0));
    // Who does not see the metric does not get at it as a measure of its dataset.
    let kim = house.user("kim", UserRole::Creator).await;
    house.services.set_grant(&house.owner, "dataset", "sales", "kim", Some(Access::View)).await.unwrap();
    let hidden =
        new(json!({"dataset": "sales", "measure": {"metric": "revenue"}, "time": "day", "settings": {"horizon": 3}}));
    assert_eq!(house.services.create_forecast(&kim, hidden).await.unwrap_err().code, ErrorCode::NotFound);
    let used = house.services.metric_usages(&house.owner, "revenue").await.unwrap();
    assert!(used.iter().any(|u| u.kind == domain::api::UsageKind::Forecast), "{used:?}");
}
