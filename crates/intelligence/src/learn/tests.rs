//! Models as a whole: known answers, what must hold whatever the data, and hostile files.

use super::testing::{frame, members, noise, numbers, times};
use super::*;
use domain::Cell;
use domain::learn::{DriftLevel, FeatureKind};
use proptest::prelude::*;

fn spec(kind: ModelKind, features: &[&str], target: &str) -> TrainSpec {
    let mut spec = TrainSpec::new(kind, features.iter().copied());
    spec.target = Some(target.to_owned());
    spec
}

fn trained(frame: &Frame, spec: &TrainSpec) -> Trained {
    train(frame, spec, &mut |_| true).unwrap()
}

fn metric(trained: &Trained, name: &str) -> f64 {
    trained.report.metrics.iter().find(|metric| metric.name == name).unwrap().value
}

const CLASSES: [ModelKind; 4] =
    [ModelKind::Logistic, ModelKind::ClassificationForest, ModelKind::ClassificationTree, ModelKind::NaiveBayes];
const NUMBERS: [ModelKind; 4] =
    [ModelKind::Ridge, ModelKind::ElasticNet, ModelKind::RegressionForest, ModelKind::RegressionTree];

/// Three classes apart along x, noise in y, a member that belongs to one of them.
fn three_classes() -> Frame {
    let (x, y) = (noise(1, 300), noise(2, 300));
    let class: Vec<&str> = (0..300).map(|i| ["a", "b", "c"][i % 3]).collect();
    let shape: Vec<&str> = (0..300)
        .map(|i| {
            if i % 3 == 2 {
                "round"
            } else if i % 7 == 0 {
                ""
            } else {
                "flat"
            }
        })
        .collect();
    let x = x.iter().enumerate().map(|(i, z)| z * 0.5 + 3.0 * (i % 3) as f64).collect();
    frame(vec![numbers("x", x), numbers("y", y), members("shape", &shape), members("class", &class)])
}

#[test]
fn every_classifier_finds_classes_that_are_apart() {
    let data = three_classes();
    for kind in CLASSES {
        let result = trained(&data, &spec(kind, &["x", "y", "shape"], "class"));
        assert!(metric(&result, "accuracy") > 0.95, "{kind:?} {:?}", result.report.metrics);
        assert!(metric(&result, "roc_auc") > 0.97 && metric(&result, "f1") > 0.95, "{kind:?}");
        for metric in &result.report.metrics {
            assert!(metric.low.unwrap() <= metric.value && metric.value <= metric.high.unwrap(), "{metric:?}");
        }
        let confusion = result.report.confusion.as_ref().unwrap();
        assert_eq!(confusion.classes, ["a", "b", "c"]);
        assert_eq!(confusion.counts.iter().flatten().sum::<u64>(), 300);
        assert_eq!(result.report.importance[2].feature, "y", "{kind:?} {:?}", result.report.importance);
        let said = predict(&result.model, &data).unwrap();
        assert_eq!(said.classes, ["a", "b", "c"]);
        for row in &said.rows {
            assert!((row.probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            assert!(row.probability.is_some_and(|p| (1.0 / 3.0..=1.0).contains(&p)));
        }
        assert_eq!(said.rows[2].value, Cell::Text("c".into()));
    }
}

#[test]
fn every_regression_finds_a_plane() {
    let (a, b, e) = (noise(3, 400), noise(4, 400), noise(5, 400));
    let y = (0..400).map(|i| 1_000.0 + 30.0 * a[i] - 10.0 * b[i] + e[i]).collect();
    let data = frame(vec![numbers("a", a), numbers("b", b), numbers("noise", noise(6, 400)), numbers("y", y)]);
    for kind in NUMBERS {
        let result = trained(&data, &spec(kind, &["a", "b", "noise"], "y"));
        let least = if matches!(kind, ModelKind::Ridge) { 0.99 } else { 0.75 };
        assert!(metric(&result, "r2") > least, "{kind:?} {:?}", result.report.metrics);
        assert!(metric(&result, "mae") <= metric(&result, "rmse"));
        let order: Vec<&str> = result.report.importance.iter().map(|i| i.feature.as_str()).collect();
        assert_eq!(order, ["a", "b", "noise"], "{kind:?}");
        let said = predict(&result.model, &data).unwrap();
        let within = said.rows.iter().zip(data.column("y").unwrap().values.numbers().unwrap());
        let within = within.filter(|(row, y)| row.low.unwrap() <= **y && **y <= row.high.unwrap()).count();
        assert!(within > 300, "{kind:?} {within}");
    }
}

/// What ridge gives on four points by hand: (X'X + 1) w = X'y with x scaled.
#[test]
fn ridge_is_what_the_formula_says() {
    let x = vec![-1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0];
    let y: Vec<f64> = x.iter().map(|x| 2.0 * x + 5.0).collect();
    let result = trained(&frame(vec![numbers("x", x), numbers("y", y)]), &spec(ModelKind::Ridge, &["x"], "y"));
    let said = predict(&result.model, &frame(vec![numbers("x", vec![1.0, 0.0])])).unwrap();
    let value = |row: usize| said.rows[row].value.as_f64().unwrap();
    assert!((value(0) - (5.0 + 2.0 * 10.0 / 11.0)).abs() < 1e-9 && (value(1) - 5.0).abs() < 1e-9);
}

#[test]
fn groups_are_found_and_their_number_is_proposed() {
    let centre = |i: usize| [(0.0, 0.0), (8.0, 0.0), (0.0, 8.0), (8.0, 8.0)][i % 4];
    let (x, y) = (noise(7, 400), noise(8, 400));
    let data = frame(vec![
        numbers("x", (0..400).map(|i| centre(i).0 + 0.5 * x[i]).collect()),
        numbers("y", (0..400).map(|i| centre(i).1 + 0.5 * y[i]).collect()),
        members("corner", &(0..400).map(|i| ["sw", "se", "nw", "ne"][i % 4]).collect::<Vec<_>>()),
    ]);
    for kind in [ModelKind::KMeans, ModelKind::Dbscan] {
        let result = trained(&data, &TrainSpec::new(kind, ["x", "y"]));
        assert_eq!(metric(&result, "clusters"), 4.0, "{kind:?} {:?}", result.report.clusters);
        assert!(metric(&result, "silhouette") > 0.8);
        let said = predict(&result.model, &data).unwrap();
        let same = (0..400).filter(|i| said.rows[*i].value == said.rows[i % 4].value).count();
        assert!(same > 360, "{kind:?} {same}");
        let groups = &result.report.clusters.as_ref().unwrap().groups;
        assert!(groups.iter().all(|group| !group.traits.is_empty()), "{groups:?}");
    }
    let far = frame(vec![numbers("x", vec![500.0]), numbers("y", vec![0.0])]);
    let model = trained(&data, &TrainSpec::new(ModelKind::Dbscan, ["x", "y"])).model;
    assert_eq!(predict(&model, &far).unwrap().rows[0].value, Cell::Null);
}

#[test]
fn rows_far_outside_are_flagged_and_drift_is_measured() {
    let data = three_classes();
    let model = trained(&data, &spec(ModelKind::Logistic, &["x", "y", "shape"], "class")).model;
    assert_eq!(drift(&model, &data).unwrap().level, DriftLevel::Steady);
    let moved = frame(vec![
        numbers("x", noise(9, 300).iter().map(|z| z + 6.0).collect()),
        numbers("y", noise(10, 300)),
        members("shape", &["round"; 300]),
    ]);
    let report = drift(&model, &moved).unwrap();
    assert_eq!(report.level, DriftLevel::Shifted);
    let level = |name: &str| report.features.iter().find(|f| f.feature == name).unwrap().level;
    assert_eq!((level("x"), level("shape")), (DriftLevel::Shifted, DriftLevel::Shifted));
    assert!(level("y") < DriftLevel::Shifted);
    let odd = frame(vec![
        numbers("x", vec![1.0, 900.0, f64::NEG_INFINITY]),
        numbers("y", vec![0.0, f64::NAN, 0.0]),
        members("shape", &["flat", "flat", "square"]),
    ]);
    let said = predict(&model, &odd).unwrap();
    assert_eq!(said.outside_rows, 2);
    assert_eq!(said.outside[0].index, 1);
    assert_eq!(said.outside[1].because.len(), 2, "{:?}", said.outside);
    assert!(drift(&model, &odd).unwrap().is_thin);
}

#[test]
fn what_cannot_be_learnt_is_refused_with_its_field() {
    let data = frame(vec![
        numbers("x", noise(1, 60)),
        members("one", &["a"; 60]),
        members("many", &(0..60).map(|i| NAMES[i]).collect::<Vec<_>>()),
        numbers("nothing", vec![f64::NAN; 60]),
        times("at", 1_000_000, 60),
    ]);
    let refused = |spec: &TrainSpec| train(&data, spec, &mut |_| true).unwrap_err();
    let field = |spec: &TrainSpec| refused(spec).field.unwrap_or_default();
    assert_eq!(field(&spec(ModelKind::Logistic, &["x"], "one")), "target");
    assert_eq!(field(&spec(ModelKind::Logistic, &["x"], "many")), "target");
    assert_eq!(field(&spec(ModelKind::Logistic, &["x"], "at")), "target");
    assert_eq!(field(&spec(ModelKind::Ridge, &["x"], "one")), "target");
    assert_eq!(field(&spec(ModelKind::Ridge, &["x"], "absent")), "target");
    assert_eq!(field(&spec(ModelKind::Ridge, &["x"], "x")), "features");
    assert_eq!(refused(&spec(ModelKind::Ridge, &["x"], "nothing")).code, ErrorCode::RuleRefused);
    assert_eq!(field(&TrainSpec::new(ModelKind::Ridge, ["x"])), "target");
    assert_eq!(field(&TrainSpec::new(ModelKind::SeriesEnsemble, ["x"])), "time");
    assert_eq!(field(&TrainSpec::new(ModelKind::KMeans, Vec::<String>::new())), "features");
    assert_eq!(field(&TrainSpec::new(ModelKind::KMeans, ["x", "x"])), "features");
    let stopped = train(&data, &spec(ModelKind::RegressionForest, &["at"], "x"), &mut |_| false).unwrap_err();
    assert_eq!(stopped.code, ErrorCode::Cancelled);
}

const NAMES: [&str; 60] = {
    const ALL: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ01234567";
    let mut names = [""; 60];
    let mut i = 0;
    while i < 60 {
        names[i] = ALL.split_at(i).1.split_at(1).0;
        i += 1;
    }
    names
};

#[test]
fn gaps_times_and_constants_are_taken_as_they_come() {
    let x = noise(1, 200);
    let y: Vec<f64> = x.iter().map(|x| x * 3.0).collect();
    let gaps = x.iter().enumerate().map(|(i, x)| if i % 5 == 0 { f64::NAN } else { *x }).collect();
    let data = frame(vec![
        numbers("x", gaps),
        numbers("same", vec![1.0; 200]),
        numbers("nothing", vec![f64::NAN; 200]),
        times("at", 7_000_000_000, 200),
        numbers("y", y),
    ]);
    for kind in NUMBERS {
        let result = trained(&data, &spec(kind, &["x", "same", "nothing", "at"], "y"));
        assert!(metric(&result, "r2") > 0.5, "{kind:?} {:?}", result.report.metrics);
        let features = &result.report.features;
        assert_eq!(features[0].missing, 0.2);
        assert!(features[1].is_constant && features[2].is_constant && features[3].kind == FeatureKind::Time);
        assert_eq!(result.report.notes.len(), 2, "{:?}", result.report.notes);
        let said = predict(&result.model, &data).unwrap();
        assert!(said.rows.iter().all(|row| row.value != Cell::Null));
    }
}

#[test]
fn a_file_comes_back_as_it_was() {
    let data = three_classes();
    let specs = CLASSES.map(|kind| spec(kind, &["x", "y", "shape"], "class")).into_iter().chain([
        spec(ModelKind::RegressionTree, &["x", "shape"], "y"),
        spec(ModelKind::ElasticNet, &["x", "shape"], "y"),
        TrainSpec::new(ModelKind::KMeans, ["x", "y"]),
        TrainSpec::new(ModelKind::Dbscan, ["x", "y"]),
    ]);
    for spec in specs {
        let model = trained(&data, &spec).model;
        let saved = save(&model).unwrap();
        let again = load(&saved.bytes, Some(&saved.sha256)).unwrap();
        let (a, b) = (predict(&model, &data).unwrap(), predict(&again, &data).unwrap());
        let same = a.rows.iter().zip(&b.rows).filter(|(a, b)| match (a.value.as_f64(), b.value.as_f64()) {
            (Some(a), Some(b)) => (a - b).abs() < 1e-9,
            _ => a.value == b.value,
        });
        assert_eq!(same.count(), 300, "{:?}", spec.kind);
    }
}

/// Whatever is changed in a file: it is refused, or it can be used.
#[test]
fn a_hostile_file_never_breaks_anything() {
    let data = three_classes();
    let tree = trained(&data, &spec(ModelKind::ClassificationTree, &["x", "y", "shape"], "class")).model;
    let groups = trained(&data, &TrainSpec::new(ModelKind::KMeans, ["x", "y"])).model;
    let saved = save(&tree).unwrap();
    assert_eq!(load(&saved.bytes, Some("00")).unwrap_err().code, ErrorCode::UnusableFile);
    assert!(load(b"{}", None).is_err() && load(b"", None).is_err() && load(b"[[[[[[", None).is_err());
    let deep = "[".repeat(100_000);
    assert!(load(deep.as_bytes(), None).is_err());
    let mut refused = 0;
    for model in [tree, groups] {
        let whole: serde_json::Value = serde_json::from_slice(&save(&model).unwrap().bytes).unwrap();
        let mut paths = Vec::new();
        collect(&whole, String::new(), &mut paths);
        for path in &paths {
            for value in [
                serde_json::json!(null),
                serde_json::json!(-1),
                serde_json::json!(1e300),
                serde_json::json!(65_535),
                serde_json::json!(4_000_000_000_u32),
                serde_json::json!([]),
                serde_json::json!("x"),
                serde_json::json!({}),
            ] {
                let mut changed = whole.clone();
                *changed.pointer_mut(path).unwrap() = value;
                match load(&serde_json::to_vec(&changed).unwrap(), None) {
                    Ok(model) => drop(predict(&model, &data)),
                    Err(error) => {
                        assert_eq!(error.code, ErrorCode::UnusableFile);
                        refused += 1;
                    }
                }
            }
        }
    }
    assert!(refused > 500, "{refused}");
}

/// The places of a document, at most a few of each long list.
fn collect(value: &serde_json::Value, path: String, out: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(map) => map.iter().for_each(|(k, v)| collect(v, format!("{path}/{k}"), out)),
        serde_json::Value::Array(list) => {
            list.iter().enumerate().take(4).for_each(|(i, v)| collect(v, format!("{path}/{i}"), out));
        }
        _ => {}
    }
    out.push(path);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn any_rows_give_a_model_or_a_sentence(
        a in prop::collection::vec(prop_oneof![6 => -1e3..1e3_f64, 1 => Just(f64::NAN), 1 => Just(f64::INFINITY), 1 => Just(1e300)], 4..40),
        classes in 1..4_usize,
    ) {
        let class: Vec<&str> = (0..a.len()).map(|i| ["a", "b", "c", ""][i % (classes + 1)]).collect();
        let data = frame(vec![numbers("x", a.clone()), numbers("y", a.iter().rev().copied().collect()), members("class", &class)]);
        for info in ModelKind::ALL.iter().filter(|info| info.task != Task::Anomaly) {
            let mut spec = TrainSpec::new(info.kind, ["x"]);
            match info.task {
                Task::Classification => spec.target = Some("class".into()),
                Task::Regression => spec.target = Some("y".into()),
                _ => {}
            }
            match train(&data, &spec, &mut |_| true) {
                Ok(result) => {
                    prop_assert_eq!(&result.model, &train(&data, &spec, &mut |_| true).unwrap().model);
                    let said = predict(&result.model, &data).unwrap();
                    prop_assert_eq!(said.rows.len(), a.len());
                    for metric in &result.report.metrics {
                        prop_assert!(metric.value.is_finite(), "{:?} {metric:?}", info.kind);
                    }
                    let saved = save(&result.model).unwrap();
                    load(&saved.bytes, Some(&saved.sha256)).unwrap();
                }
                Err(error) => prop_assert!(error.code != ErrorCode::Internal && !error.message.is_empty(), "{error:?}"),
            }
        }
    }
}
