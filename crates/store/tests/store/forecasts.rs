//! Forecasts, what they said, and scenarios.

use crate::furnished;
use domain::Access;
use store::{ForecastRow, ForecastRunRow, ScenarioRow, ThingKind};

fn forecast(id: &str, dataset: &str) -> ForecastRow {
    ForecastRow {
        id: id.into(),
        name: format!("Forecast {id}"),
        description: String::new(),
        owner_id: "u1".into(),
        def_json: "{}".into(),
        dataset_id: dataset.into(),
        champion: String::new(),
        is_public: false,
        created_at: 1,
        updated_at: 1,
    }
}

fn run(until: &str, made_at: i64) -> ForecastRunRow {
    ForecastRunRow {
        forecast_id: "f1".into(),
        made_at,
        until: until.into(),
        model: "theta".into(),
        note: String::new(),
        points_json: "[]".into(),
    }
}

fn scenario(id: &str, kind: &str, subject: &str) -> ScenarioRow {
    ScenarioRow {
        id: id.into(),
        subject_kind: kind.into(),
        subject_id: subject.into(),
        name: id.into(),
        owner_id: "u1".into(),
        overlay_json: "{}".into(),
        updated_at: 1,
    }
}

#[tokio::test]
async fn a_forecast_is_kept_changed_and_goes_with_all_it_said() {
    let (store, _dir) = furnished().await;
    store.insert_forecast(&forecast("f1", "ds1")).await.unwrap();
    store.insert_forecast(&forecast("f2", "ds2")).await.unwrap();
    assert_eq!(store.forecasts_of_dataset("ds1").await.unwrap(), ["f1"]);
    let changed = ForecastRow { is_public: true, def_json: "{\"a\":1}".into(), ..forecast("f1", "ds1") };
    store.update_forecast(&changed).await.unwrap();
    assert!(!store.set_champion("f1", "{}", "ets").await.unwrap(), "of a definition that is gone");
    assert!(store.set_champion("f1", "{\"a\":1}", "ets").await.unwrap());
    assert_eq!(store.forecast("f1").await.unwrap().unwrap(), ForecastRow { champion: "ets".into(), ..changed });
    store.upsert_grant(ThingKind::Forecast, "f1", "u1", Access::View).await.unwrap();
    store.put_forecast_result("f1", "k", 1, "1").await.unwrap();
    store.put_forecast_run(&run("2024-01-01", 1)).await.unwrap();
    store.put_scenario(&scenario("s1", "forecast", "f1")).await.unwrap();
    store.put_scenario(&scenario("s2", "dashboard", "f1")).await.unwrap();
    store.delete_forecast("f1").await.unwrap();
    assert_eq!(store.forecast("f1").await.unwrap(), None);
    assert_eq!(store.forecast_result("f1", "k").await.unwrap(), None);
    assert!(store.forecast_runs("f1").await.unwrap().is_empty());
    assert_eq!(store.scenario("s1").await.unwrap(), None);
    assert!(store.scenario("s2").await.unwrap().is_some(), "of something else");
    assert!(store.grants_of_thing(ThingKind::Forecast, "f1").await.unwrap().is_empty());
    assert!(store.delete_forecast("f1").await.is_err());
    assert!(store.put_forecast_result("f1", "k", 1, "1").await.is_err(), "nothing is kept of what is gone");
    assert_eq!(store.owned(ThingKind::Forecast, "u1").await.unwrap().len(), 1);
}

#[tokio::test]
async fn results_and_runs_are_bounded_and_the_newest_stay() {
    let (store, _dir) = furnished().await;
    store.insert_forecast(&forecast("f1", "ds1")).await.unwrap();
    for i in 0..45 {
        store.put_forecast_result("f1", &format!("k{i:02}"), i, "1").await.unwrap();
    }
    store.put_forecast_result("f1", "k44", 99, "2").await.unwrap();
    assert_eq!(store.forecast_result("f1", "k00").await.unwrap(), None);
    assert_eq!(store.forecast_result("f1", "k44").await.unwrap().as_deref(), Some("2"));
    assert!(store.forecast_result("f1", "k05").await.unwrap().is_some());
    for year in 1_800..2_005 {
        store.put_forecast_run(&run(&format!("{year}-01-01"), i64::from(year))).await.unwrap();
    }
    store.put_forecast_run(&run("2004-01-01", 9_999)).await.unwrap();
    let runs = store.forecast_runs("f1").await.unwrap();
    assert_eq!((runs.len(), runs[0].made_at, runs[199].until.as_str()), (200, 9_999, "1805-01-01"));
    store.forget_forecast_runs("f1").await.unwrap();
    assert!(store.forecast_runs("f1").await.unwrap().is_empty());
}

#[tokio::test]
async fn scenarios_are_listed_by_what_they_are_about() {
    let (store, _dir) = furnished().await;
    store.put_scenario(&scenario("b", "dashboard", "d1")).await.unwrap();
    store.put_scenario(&scenario("a", "dashboard", "d1")).await.unwrap();
    store.put_scenario(&scenario("c", "forecast", "d1")).await.unwrap();
    let renamed = ScenarioRow { name: "z".into(), ..scenario("a", "dashboard", "d1") };
    store.put_scenario(&renamed).await.unwrap();
    let names: Vec<String> = store.scenarios("dashboard", "d1").await.unwrap().into_iter().map(|s| s.name).collect();
    assert_eq!(names, ["b", "z"]);
    store.delete_scenario("a").await.unwrap();
    assert!(store.delete_scenario("a").await.is_err());
}
