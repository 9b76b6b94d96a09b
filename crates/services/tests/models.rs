//! Models and detectors: who may do what with them, whose rows they tell of, the way back to a version.

#![allow(clippy::unwrap_used)]

mod house;

use domain::learn::{ModelKind, Task, TrainSpec};
use domain::policy::Policies;
use domain::registry::{
    AnomalyStatus, BatchRequest, Judgement, Model, ModelDef, ModelPatch, ModelSource, ModelStatus, NewModel, Retrain,
    RowsToPredict, Trial,
};
use domain::{Access, Caller, Cell, ErrorCode, UserRole};
use house::House;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::Duration;

/// 240 rows around 100, the same each time; `odd` of each region far away from it.
fn sales(odd: &[(&str, f64)]) -> String {
    let mut csv = "day,region,amount,quantity,kind\n".to_owned();
    for i in 0..240_u32 {
        let region = ["North", "South", "West"][i as usize % 3];
        let wave = f64::from((i * 37) % 21) - 10.0;
        let (amount, quantity) = (100.0 + wave, 5 + (i * 7) % 4);
        let kind = if amount >= 100.0 { "large" } else { "small" };
        let (month, day) = (1 + i / 28, 1 + i % 28);
        writeln!(csv, "2025-{month:02}-{day:02},{region},{amount},{quantity},{kind}").unwrap();
    }
    for (i, (region, amount)) in odd.iter().enumerate() {
        writeln!(csv, "2025-11-{:02},{region},{amount},5,large", i + 1).unwrap();
    }
    csv
}

fn new(kind: ModelKind, features: &[&str], target: Option<&str>) -> NewModel {
    let mut spec = TrainSpec::new(kind, features.iter().copied());
    spec.target = target.map(str::to_owned);
    NewModel {
        name: "Mine".into(),
        description: String::new(),
        is_public: false,
        def: ModelDef::new(ModelSource::Dataset { name: "sales".into(), filter: None }, spec),
    }
}

fn detector() -> NewModel {
    let mut new = new(ModelKind::IsolationForest, &["amount", "quantity"], None);
    new.def.spec.parameters.insert("contamination".into(), domain::learn::ParameterValue::Number(0.012));
    new
}

/// Waits until something is so.
async fn until<T>(mut look: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..1_500 {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it never came");
}

async fn ended(house: &House, caller: &Caller, job: &str) -> domain::api::Job {
    until(async || {
        let job = house.services.get_job(caller, job).await.unwrap();
        matches!(job.status.as_str(), "succeeded" | "failed" | "cancelled").then_some(job)
    })
    .await
}

/// A model whose first training is done.
async fn trained(house: &House, caller: &Caller, new: NewModel) -> Model {
    let made = house.services.create_learned(caller, new).await.unwrap();
    if let Some(job) = &made.job {
        let job = ended(house, caller, job).await;
        assert_eq!(job.status, "succeeded", "{:?}", job.error);
    }
    house.services.get_learned(caller, &made.id).await.unwrap()
}

async fn again(house: &House, caller: &Caller, id: &str) {
    let job = house.services.train_learned(caller, id).await.unwrap();
    let job = ended(house, caller, &job.id).await;
    assert_eq!(job.status, "succeeded", "{:?}", job.error);
}

fn rows(rows: Value) -> RowsToPredict {
    RowsToPredict { rows: serde_json::from_value(rows).unwrap() }
}

async fn code<T>(result: impl Future<Output = domain::Result<T>>) -> ErrorCode {
    result.await.err().unwrap().code
}

#[tokio::test(flavor = "multi_thread")]
async fn a_detector_finds_what_is_odd_and_hears_what_is_not() {
    let house = House::build().await;
    house.load("sales", &sales(&[("North", 250.0), ("South", -50.0), ("West", 300.0)])).await;
    let (services, owner) = (&house.services, &house.owner);
    let made = trained(&house, owner, detector()).await;
    assert_eq!((made.status, made.version, made.model_type), (ModelStatus::Active, Some(1), Task::Anomaly));
    let found = services.list_anomalies(owner, &made.id, None).await.unwrap();
    let amounts: Vec<f64> = found.iter().filter_map(|a| a.found.data["amount"].as_f64()).collect();
    for odd in [250.0, -50.0, 300.0] {
        assert!(amounts.contains(&odd), "{amounts:?}");
    }
    assert!(found.iter().all(|a| a.at.is_some() && a.status == AnomalyStatus::New));
    // Rows that a program sends.
    let asked = rows(
        json!([{"amount": 100, "quantity": 6}, {"amount": 95, "quantity": 5}, {"amount": 250, "quantity": 5}, {"amount": 90, "quantity": 7}]),
    );
    let odd = services.detect_rows(owner, &made.id, &asked).await.unwrap();
    assert!(odd.iter().any(|a| a.data["amount"].as_f64() == Some(250.0)), "{odd:?}");
    assert!(odd.iter().all(|a| a.detected_at.is_some() && a.index != 0));
    // Somebody says that one is none: it stays so, whatever is trained and looked at.
    let dismissed = found.iter().find(|a| a.found.data["amount"].as_f64() == Some(300.0)).unwrap();
    let judged = Judgement { status: AnomalyStatus::Dismissed };
    services.judge_anomaly(owner, &made.id, &dismissed.id, judged).await.unwrap();
    again(&house, owner, &made.id).await;
    services.run_detector(owner, &made.id).await.unwrap();
    let new = services.list_anomalies(owner, &made.id, Some("new")).await.unwrap();
    assert!(new.iter().all(|a| a.found.data["amount"].as_f64() != Some(300.0)));
    let kept = services.list_anomalies(owner, &made.id, Some("dismissed")).await.unwrap();
    assert_eq!(kept.len(), 1);
    // A threshold that flags nothing leaves nothing that nobody has judged.
    services.move_threshold(owner, &made.id, 2, 1.0).await.unwrap();
    assert!(services.list_anomalies(owner, &made.id, Some("new")).await.unwrap().is_empty());
    assert_eq!(code(services.move_threshold(owner, &made.id, 2, 1.5)).await, ErrorCode::InvalidRequest);
    assert_eq!(services.flagged(owner, &made.id, Some(0.0)).await.unwrap().flagged, 243);
    assert_eq!(code(services.list_anomalies(owner, &made.id, Some("odd"))).await, ErrorCode::InvalidRequest);
}

#[tokio::test(flavor = "multi_thread")]
async fn to_see_to_use_and_to_train_are_three_rights() {
    let house = House::build().await;
    house.load("sales", &sales(&[])).await;
    let (services, owner) = (&house.services, &house.owner);
    let made = trained(&house, owner, new(ModelKind::Logistic, &["amount", "quantity"], Some("kind"))).await;
    assert!(!made.metrics.is_empty());
    let id = made.id.as_str();
    let ann = house.user("ann", UserRole::Creator).await;
    let vic = house.user("vic", UserRole::Viewer).await;
    let asked = rows(json!([{"amount": 108, "quantity": 6}]));
    for who in [&ann, &vic] {
        assert_eq!(code(services.get_learned(who, id)).await, ErrorCode::NotFound);
        assert_eq!(code(services.predict(who, id, &asked)).await, ErrorCode::NotFound);
        assert!(services.list_learned(who, "").await.unwrap().is_empty());
    }
    services.set_grant(owner, "model", id, "ann", Some(Access::View)).await.unwrap();
    services.get_learned(&ann, id).await.unwrap();
    assert_eq!(code(services.predict(&ann, id, &asked)).await, ErrorCode::Forbidden);
    services.set_grant(owner, "model", id, "ann", Some(Access::Explore)).await.unwrap();
    services.set_grant(owner, "model", id, "vic", Some(Access::Explore)).await.unwrap();
    let said = services.predict(&vic, id, &asked).await.unwrap();
    assert_eq!(said.predictions[0].prediction.value, Cell::Text("large".into()));
    let sure = said.predictions[0].prediction.probability.unwrap();
    assert_eq!(sure, (sure * 100.0).round() / 100.0, "rounded for those who may only use it");
    assert!(said.predictions[0].prediction.probabilities.is_empty());
    let far = rows(json!([{"amount": 90_000, "quantity": 6}]));
    assert_eq!(services.predict(&ann, id, &far).await.unwrap().outside.len(), 1);
    assert_eq!(code(services.train_learned(&ann, id)).await, ErrorCode::Forbidden);
    assert_eq!(code(services.activate_version(&ann, id, 1)).await, ErrorCode::Forbidden);
    assert_eq!(code(services.export_model(&ann, id, 1)).await, ErrorCode::Forbidden);
    assert_eq!(code(services.delete_learned(&ann, id)).await, ErrorCode::Forbidden);
    assert_eq!(code(services.create_learned(&vic, detector())).await, ErrorCode::Forbidden);
    // Who may change it still needs a right to the data to train with.
    services.set_grant(owner, "model", id, "ann", Some(Access::Edit)).await.unwrap();
    assert_eq!(code(services.train_learned(&ann, id)).await, ErrorCode::UnknownDataset);
    let now = services.get_learned(owner, id).await.unwrap();
    assert_eq!((now.prediction_count, now.last_prediction.is_some()), (2, true));
    // What is out of use answers nothing.
    let out = ModelPatch { is_deprecated: Some(true), ..ModelPatch::default() };
    assert_eq!(services.update_learned(owner, id, out).await.unwrap().status, ModelStatus::Deprecated);
    assert_eq!(code(services.predict(owner, id, &asked)).await, ErrorCode::Conflict);
    // Nobody asks as often as it takes to copy a model.
    let busy = house.user("busy", UserRole::Creator).await;
    services.set_grant(owner, "model", id, "busy", Some(Access::Explore)).await.unwrap();
    services
        .update_learned(owner, id, ModelPatch { is_deprecated: Some(false), ..ModelPatch::default() })
        .await
        .unwrap();
    let many = rows(Value::Array(vec![json!({"amount": 100}); 1_000]));
    let mut refused = None;
    for _ in 0..40 {
        if let Err(error) = services.predict(&busy, id, &many).await {
            refused = Some(error.code);
            break;
        }
    }
    assert_eq!(refused, Some(ErrorCode::TooManyRequests));
    services.delete_learned(owner, id).await.unwrap();
    assert_eq!(code(services.get_learned(owner, id)).await, ErrorCode::NotFound);
}

fn own_region() -> Policies {
    serde_json::from_value(json!({"rows": [{"name": "North only", "audience": {"everyone": true},
        "filter": {"column": "region", "op": "eq", "value": "North"}}]}))
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn anomalies_are_told_of_rows_that_the_reader_sees() {
    let house = House::build().await;
    house.load("sales", &sales(&[("North", 250.0), ("South", 280.0), ("West", 300.0)])).await;
    let (services, owner) = (&house.services, &house.owner);
    services.put_dataset_policies(owner, "sales", own_region()).await.unwrap();
    let made = trained(&house, owner, detector()).await;
    let kim = house.user("kim", UserRole::Creator).await;
    services.set_grant(owner, "model", &made.id, "kim", Some(Access::Edit)).await.unwrap();
    // Without a right to the data there are no rows at all.
    assert!(services.list_anomalies(&kim, &made.id, None).await.unwrap().is_empty());
    services.set_grant(owner, "dataset", "sales", "kim", Some(Access::View)).await.unwrap();
    let all = services.list_anomalies(owner, &made.id, None).await.unwrap();
    assert!(all.len() >= 3);
    let seen = services.list_anomalies(&kim, &made.id, None).await.unwrap();
    assert!(!seen.is_empty());
    assert!(seen.iter().all(|a| a.found.data["region"] == Cell::Text("North".into())), "{seen:?}");
    // What is usual in all rows, and where it is concentrated, is not for those who see some of them.
    assert!(seen.iter().all(|a| a.found.carriers.is_empty() && a.found.expected.is_none() && a.found.index == 0));
    assert!(seen.iter().flat_map(|a| &a.found.because).all(|part| part.usual.is_empty()), "{seen:?}");
    assert!(all.iter().flat_map(|a| &a.found.because).any(|part| !part.usual.is_empty()), "{all:?}");
    let asked = rows(json!([{"amount": 9_000, "quantity": 5}]));
    let said = services.detect_rows(&kim, &made.id, &asked).await.unwrap();
    assert!(said.iter().flat_map(|a| &a.because).all(|part| part.usual.is_empty()), "{said:?}");
    let reading = Caller { scope: domain::people::Scope::Read, ..kim.clone() };
    assert_eq!(code(services.run_detector(&reading, &made.id)).await, ErrorCode::Forbidden);
    let hidden = all.iter().find(|a| a.found.data["region"] == Cell::Text("South".into())).unwrap();
    let judged = Judgement { status: AnomalyStatus::Dismissed };
    assert_eq!(code(services.judge_anomaly(&kim, &made.id, &hidden.id, judged)).await, ErrorCode::NotFound);
    // What training found is of all rows.
    let theirs = services.get_learned(&kim, &made.id).await.unwrap();
    assert!(theirs.is_narrowed && theirs.metrics.is_empty() && theirs.drift.is_none());
    assert_eq!(theirs.training_data.map(|data| (data.rows, data.total_rows)), Some((0, 0)));
    assert!(services.learned_versions(&kim, &made.id).await.unwrap()[0].report.is_none());
    assert_eq!(code(services.export_model(&kim, &made.id, 1)).await, ErrorCode::Forbidden);
    // What a threshold would flag is asked of the rows of the reader.
    let flagged = services.flagged(&kim, &made.id, Some(0.0)).await.unwrap();
    assert_eq!(flagged.flagged, 81, "80 and one odd row of the north");
    // Who trains does so with their own eyes, and it says so.
    again(&house, &kim, &made.id).await;
    let versions = services.learned_versions(&kim, &made.id).await.unwrap();
    assert_eq!((versions[0].training.rows, versions[0].training.is_narrowed), (81, true));
    assert_eq!((versions[0].trained_by.as_str(), versions[0].report.is_some()), ("kim", true));
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_are_taken_back_to_and_a_damaged_file_is_refused() {
    let house = House::build().await;
    house.load("sales", &sales(&[])).await;
    let (services, owner) = (&house.services, &house.owner);
    let made = trained(&house, owner, new(ModelKind::Ridge, &["quantity", "region"], Some("amount"))).await;
    again(&house, owner, &made.id).await;
    let active = async || services.get_learned(owner, &made.id).await.unwrap().version;
    assert_eq!(active().await, Some(2));
    services.activate_version(owner, &made.id, 1).await.unwrap();
    assert_eq!(active().await, Some(1));
    assert_eq!(code(services.activate_version(owner, &made.id, 9)).await, ErrorCode::NotFound);
    let both = services.compare_versions(owner, &made.id, &[1, 2]).await.unwrap();
    assert_eq!((both.rows, both.agreement, both.versions.len()), (240, Some(1.0), 2));
    assert!(both.versions[0].metrics.iter().any(|m| m.name == "mae"));
    assert_eq!(code(services.compare_versions(owner, &made.id, &[1])).await, ErrorCode::InvalidRequest);
    // A share of what is asked goes to the version on trial, the same rows each time.
    services.try_version(owner, &made.id, Trial { version: 2, share: 50 }).await.unwrap();
    let asked = rows(Value::Array((0..200).map(|i| json!({"quantity": i, "region": "North"})).collect()));
    let who = async || -> Vec<u32> {
        services.predict(owner, &made.id, &asked).await.unwrap().predictions.iter().map(|p| p.version).collect()
    };
    let first = who().await;
    let tried = first.iter().filter(|v| **v == 2).count();
    assert!((60..140).contains(&tried), "{tried}");
    assert_eq!(first, who().await);
    assert_eq!(
        code(services.try_version(owner, &made.id, Trial { version: 1, share: 10 })).await,
        ErrorCode::InvalidRequest
    );
    services.try_version(owner, &made.id, Trial { version: 2, share: 0 }).await.unwrap();
    assert!(who().await.iter().all(|v| *v == 1));
    // One byte of the file is another.
    let path = house.data_dir().join("models").join(&made.id).join("2.model");
    let mut bytes = std::fs::read(&path).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    assert_eq!(code(services.activate_version(owner, &made.id, 2)).await, ErrorCode::UnusableFile);
    assert_eq!(active().await, Some(1), "the one that answers stays");
    services.predict(owner, &made.id, &rows(json!([{"quantity": 5}]))).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_is_told_once() {
    let house = House::build().await;
    house.load("sales", &sales(&[("North", 250.0)])).await;
    let (services, owner) = (&house.services, &house.owner);
    let made = trained(&house, owner, detector()).await;
    let count = async || services.list_anomalies(owner, &made.id, None).await.unwrap().len();
    let before = count().await;
    let told = async || {
        let inbox = services.list_notifications(owner).await.unwrap();
        inbox.iter().filter(|n| n.link.contains(&made.id)).count()
    };
    assert_eq!(told().await, 0, "nobody is told of what training found");
    let odd = |day: u32, amount: u32| json!([{"day": format!("2025-12-{day:02}"), "region": "West", "amount": amount, "quantity": 5, "kind": "large"}]);
    house.append("sales", odd(1, 900)).await;
    until(async || (count().await == before + 1 && told().await == 1).then_some(())).await;
    // More of it within the hour belongs to the same burst.
    house.append("sales", odd(2, 950)).await;
    house.append("sales", odd(3, 990)).await;
    until(async || (count().await == before + 3).then_some(())).await;
    services.run_detector(owner, &made.id).await.unwrap();
    assert_eq!((count().await, told().await), (before + 3, 1));
    let bursts: std::collections::HashSet<String> =
        services.list_anomalies(owner, &made.id, None).await.unwrap().into_iter().take(3).map(|a| a.burst).collect();
    assert_eq!(bursts.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn data_that_moves_away_is_noticed_and_learned_anew() {
    let house = House::build().await;
    house.load("sales", &sales(&[])).await;
    let (services, owner) = (&house.services, &house.owner);
    let mut new = new(ModelKind::Ridge, &["amount"], Some("quantity"));
    new.def.retrain = Retrain { every: None, on_drift: true };
    let made = trained(&house, owner, new).await;
    assert!(services.learned_drift(owner, &made.id).await.unwrap().psi < 0.1);
    // The same rows, ten times as large.
    let moved: String = sales(&[])
        .lines()
        .enumerate()
        .map(|(i, line)| {
            let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
            if i > 0 {
                cells[2] = format!("{}", cells[2].parse::<f64>().unwrap() * 10.0);
            }
            cells.join(",") + "\n"
        })
        .collect();
    house.load("sales", &moved).await;
    let versions = until(async || {
        let versions = services.learned_versions(owner, &made.id).await.unwrap();
        (versions.len() == 2).then_some(versions)
    })
    .await;
    assert_eq!(versions[0].training.data_version, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_travels_as_a_file_that_is_checked() {
    let house = House::build().await;
    house.load("sales", &sales(&[])).await;
    let (services, owner) = (&house.services, &house.owner);
    let mut secret = new(ModelKind::ClassificationTree, &["amount", "region"], Some("kind"));
    secret.def.sensitive = vec!["region".into()];
    let made = trained(&house, owner, secret).await;
    let stored = std::fs::read(house.data_dir().join("models").join(&made.id).join("1.model")).unwrap();
    assert!(!String::from_utf8_lossy(&stored).contains("North"), "members of a sensitive feature are encrypted");
    let file = services.export_model(owner, &made.id, 1).await.unwrap();
    let there = services.import_model(owner, file.clone()).await.unwrap();
    assert_eq!((there.status, there.def.source.clone()), (ModelStatus::Active, ModelSource::Nothing));
    let asked = rows(json!([{"amount": 108, "region": "North"}, {"amount": 92, "region": "West"}]));
    let here = services.predict(owner, &made.id, &asked).await.unwrap();
    assert_eq!(services.predict(owner, &there.id, &asked).await.unwrap().predictions, here.predictions);
    assert_eq!(code(services.train_learned(owner, &there.id)).await, ErrorCode::NotSupported);
    let text = String::from_utf8(file).unwrap();
    for bad in [
        "not json".to_owned(),
        text.replace("orrery-model-1", "orrery-model-9"),
        text.replacen("\\\"rows\\\":", "\\\"rows\\\": ", 1),
        "{}".to_owned(),
    ] {
        assert_eq!(code(services.import_model(owner, bad.into_bytes())).await, ErrorCode::UnusableFile);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dataset_is_predicted_into_another() {
    let house = House::build().await;
    house.load("sales", &sales(&[])).await;
    let (services, owner) = (&house.services, &house.owner);
    let made = trained(&house, owner, new(ModelKind::ClassificationTree, &["amount"], Some("kind"))).await;
    let request = |name: &str| BatchRequest { dataset: "sales".into(), name: name.into(), filter: None };
    assert_eq!(code(services.predict_dataset(owner, &made.id, request("sales"))).await, ErrorCode::NameTaken);
    for _ in 0..2 {
        let job = services.predict_dataset(owner, &made.id, request("sales_predicted")).await.unwrap();
        let job = ended(&house, owner, &job.id).await;
        assert_eq!((job.status.as_str(), job.result.unwrap()["rows"].clone()), ("succeeded", json!(240)));
    }
    let right = house
        .ask(json!({"dataset": "sales_predicted", "measures": [{"agg": "count"}],
            "filter": {"and": [{"column": "kind", "op": "eq", "value": "large"}, {"column": "prediction", "op": "eq", "value": "large"}]}}))
        .await;
    let large =
        house.ask(json!({"dataset": "sales", "measures": [{"agg": "count"}], "filter": {"column": "kind", "op": "eq", "value": "large"}})).await;
    assert_eq!(right, large);
    // Who may not read the data predicts nothing of it.
    let ann = house.user("ann", UserRole::Creator).await;
    services.set_grant(owner, "model", &made.id, "ann", Some(Access::Explore)).await.unwrap();
    assert_eq!(code(services.predict_dataset(&ann, &made.id, request("mine"))).await, ErrorCode::UnknownDataset);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_learned_is_refused_in_words() {
    let house = House::build().await;
    house.load("sales", &sales(&[])).await;
    let (services, owner) = (&house.services, &house.owner);
    let refused = async |new: NewModel| services.create_learned(owner, new).await.unwrap_err();
    let unknown = refused(new(ModelKind::Ridge, &["amout"], Some("quantity"))).await;
    assert_eq!((unknown.code, unknown.hint.as_deref()), (ErrorCode::UnknownColumn, Some("Did you mean `amount`?")));
    assert_eq!(refused(new(ModelKind::Ridge, &["amount"], None)).await.field.as_deref(), Some("def.spec.target"));
    assert_eq!(
        refused(new(ModelKind::Ridge, &["amount"], Some("amount"))).await.field.as_deref(),
        Some("def.spec.target")
    );
    assert_eq!(refused(new(ModelKind::KMeans, &[], None)).await.field.as_deref(), Some("def.spec.features"));
    assert_eq!(
        refused(new(ModelKind::SeasonalResiduals, &["amount"], None)).await.field.as_deref(),
        Some("def.spec.time")
    );
    let mut wild = detector();
    wild.def.spec.parameters.insert("contamination".into(), domain::learn::ParameterValue::Number(7.0));
    assert_eq!(refused(wild).await.field.as_deref(), Some("def.spec.parameters.contamination"));
    // What goes wrong in the training is told on the model, and it can be tried again.
    house.load("flat", "a,b\n1,x\n2,x\n3,x\n4,x\n").await;
    let mut one_class = new(ModelKind::Logistic, &["a"], Some("b"));
    one_class.def.source = ModelSource::Dataset { name: "flat".into(), filter: None };
    let made = services.create_learned(owner, one_class).await.unwrap();
    let failed = until(async || {
        let model = services.get_learned(owner, &made.id).await.unwrap();
        model.error.clone().filter(|_| model.job.is_none())
    })
    .await;
    assert!(!failed.is_empty());
}
