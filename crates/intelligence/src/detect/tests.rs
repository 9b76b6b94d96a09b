//! Detectors as a whole: what must hold whatever the data, and answers that are known.

use super::*;
use crate::learn::testing::{frame, members, noise, numbers, times};
use crate::learn::{Trained, load, save, train};
use domain::frame::Frame;
use domain::learn::{ModelKind, ParameterValue, Task, TrainSpec};
use domain::{Cell, ErrorCode};
use proptest::prelude::*;

const HOUR: i64 = 3_600_000_000;
const SERIES: [ModelKind; 3] = [ModelKind::SeriesEnsemble, ModelKind::SeasonalResiduals, ModelKind::ChangePoint];
const TABLES: [ModelKind; 2] = [ModelKind::RankEnsemble, ModelKind::IsolationForest];

fn with(mut spec: TrainSpec, name: &str, value: f64) -> TrainSpec {
    spec.parameters.insert(name.into(), ParameterValue::Number(value));
    spec
}

fn trained(frame: &Frame, spec: &TrainSpec) -> Trained {
    train(frame, spec, &mut |_| true).unwrap()
}

fn on_series(kind: ModelKind, values: Vec<f64>) -> (Frame, TrainSpec) {
    let rows = values.len();
    let mut spec = TrainSpec::new(kind, ["value"]);
    spec.time = Some("at".into());
    (frame(vec![times("at", HOUR, rows), numbers("value", values)]), spec)
}

fn oddest(scores: &[f64]) -> usize {
    (0..scores.len()).fold(0, |best, row| if scores[row] > scores[best] { row } else { best })
}

fn days(rows: usize) -> Vec<f64> {
    let chance = noise(5, rows);
    (0..rows).map(|i| 100.0 + 20.0 * (i as f64 / 24.0 * std::f64::consts::TAU).sin() + chance[i]).collect()
}

/// The specification's own: normal values around 100, three far outside, a new 250 is found.
#[test]
fn the_example_of_the_specification() {
    for kind in TABLES {
        let mut values: Vec<f64> = noise(1, 1_000).iter().map(|z| 100.0 + 10.0 * z).collect();
        values.extend([200.0, 300.0, -50.0]);
        let spec = with(TrainSpec::new(kind, ["value"]), "contamination", 0.01);
        let model = trained(&frame(vec![numbers("value", values)]), &spec).model;
        let new = frame(vec![numbers("value", vec![100.0, 95.0, 250.0, 90.0])]);
        let found = score(&model, &new, &ScoreOptions::default()).unwrap();
        assert_eq!(found.anomalies.len(), 1, "{kind:?} {:?} {}", found.scores, found.threshold);
        assert_eq!(found.anomalies[0].data["value"], Cell::Float(250.0));
        assert!(found.anomalies[0].because[0].sentence.starts_with("value 250 is far above the usual"));
        assert_eq!((found.bursts.len(), found.bursts[0].rows), (1, 1));
    }
}

#[test]
fn the_feature_that_is_odd_is_named() {
    let mut amount = noise(2, 500);
    amount[77] = 40.0;
    let region: Vec<&str> = (0..500).map(|i| if i == 123 { "nowhere" } else { ["north", "south"][i % 2] }).collect();
    let data = frame(vec![numbers("amount", amount), numbers("other", noise(3, 500)), members("region", &region)]);
    for kind in TABLES {
        let spec = with(TrainSpec::new(kind, ["amount", "other", "region"]), "contamination", 0.02);
        let found = trained(&data, &spec).detection.unwrap();
        let because = |row: usize| &found.anomalies.iter().find(|a| a.index == row).unwrap().because[0];
        assert!(found.anomalies.iter().any(|a| a.index == 123), "{kind:?} {} {}", found.scores[123], found.threshold);
        assert_eq!(because(77).feature, "amount");
        assert_eq!(because(123).feature, "region");
        assert!(because(123).sentence.contains("rare"), "{}", because(123).sentence);
        assert!(because(77).share > 0.5 && found.histogram.flagged <= 10);
        assert_eq!(found.histogram.bins.iter().map(|bin| bin.rows).sum::<u64>(), 500);
    }
}

#[test]
fn a_spike_and_a_missing_season_are_told_once_each() {
    let mut values = days(1_200);
    for value in &mut values[700..705] {
        *value += 120.0;
    }
    for (i, value) in values[1_000..1_048].iter_mut().enumerate() {
        *value = 100.0 + noise(9, 48)[i];
    }
    let (data, spec) = on_series(ModelKind::SeriesEnsemble, values);
    let result = trained(&data, &spec);
    let found = result.detection.unwrap();
    assert!(result.report.notes.iter().any(|note| note.contains("every 24 rows")), "{:?}", result.report.notes);
    let first: Vec<usize> = found.bursts.iter().map(|burst| burst.first).collect();
    assert!(first.contains(&700), "{first:?}");
    assert!(found.bursts.len() <= 3, "{first:?}");
    let spike = found.anomalies.iter().find(|a| a.index == 700).unwrap();
    assert!(spike.expected.is_some_and(|e| (70.0..130.0).contains(&e)) && spike.at.is_some());
    assert!(!spike.because.is_empty());
}

#[test]
fn a_new_level_is_a_change_point() {
    let values: Vec<f64> =
        noise(4, 800).iter().enumerate().map(|(i, z)| z + if i < 500 { 10.0 } else { 25.0 }).collect();
    let (data, spec) = on_series(ModelKind::ChangePoint, values);
    let found = trained(&data, &spec).detection.unwrap();
    assert!((500..530).contains(&oddest(&found.scores)), "{}", oddest(&found.scores));
    assert!(found.bursts.len() <= 3, "{:?}", found.bursts);
    assert!(found.bursts.iter().any(|burst| (500..530).contains(&burst.first)), "{:?}", found.bursts);
}

/// The score of a moment is the same whatever comes after it.
#[test]
fn nothing_later_is_looked_at() {
    let values = days(600);
    let mut other = values.clone();
    for value in &mut other[400..] {
        *value = 1e6;
    }
    for kind in SERIES {
        let whole = on_series(kind, values.clone());
        let changed = on_series(kind, other.clone());
        let (a, b) =
            (trained(&whole.0, &whole.1).detection.unwrap(), trained(&changed.0, &changed.1).detection.unwrap());
        assert_eq!(a.scores[..400], b.scores[..400], "{kind:?}");
    }
}

#[test]
fn new_rows_go_on_where_training_ended() {
    let mut values = days(900);
    values[850] += 300.0;
    for kind in SERIES {
        let (all, spec) = on_series(kind, values.clone());
        let (mut known, mut new) = (all.clone(), all.clone());
        for (part, range) in [(&mut known, 0..800), (&mut new, 800..900)] {
            part.rows = range.len();
            for column in &mut part.columns {
                match &mut column.values {
                    domain::frame::Values::Number(v) => *v = v[range.clone()].to_vec(),
                    domain::frame::Values::Time(v) => *v = v[range.clone()].to_vec(),
                    domain::frame::Values::Member { .. } => {}
                }
            }
        }
        let model = trained(&known, &spec).model;
        let saved = save(&model).unwrap();
        let model = load(&saved.bytes, Some(&saved.sha256)).unwrap();
        let online = score(&model, &new, &ScoreOptions::default()).unwrap();
        if kind != ModelKind::ChangePoint {
            assert_eq!(oddest(&online.scores), 50, "{kind:?}");
        }
        // What was seen in training is replayed from the beginning.
        let again = score(&model, &known, &ScoreOptions::default()).unwrap();
        let first = trained(&known, &spec).detection.unwrap();
        assert_eq!(again.scores, first.scores, "{kind:?}");
    }
}

#[test]
fn what_people_call_normal_is_not_told_again() {
    let mut values = noise(6, 400);
    values[10] = 30.0;
    let data = frame(vec![numbers("value", values), numbers("other", noise(7, 400))]);
    let spec = with(TrainSpec::new(ModelKind::RankEnsemble, ["value", "other"]), "contamination", 0.01);
    let model = trained(&data, &spec).model;
    let options = ScoreOptions::default();
    assert!(score(&model, &data, &options).unwrap().anomalies.iter().any(|a| a.index == 10));
    let learnt = not_odd(&model, &data, &[10]).unwrap();
    assert!(score(&learnt, &data, &options).unwrap().anomalies.iter().all(|a| a.index != 10));
    assert!(not_odd(&model, &data, &[400]).is_err());
    let mut values = days(500);
    values[400] += 200.0;
    let (data, spec) = on_series(ModelKind::SeriesEnsemble, values);
    let model = trained(&data, &spec).model;
    assert!(score(&model, &data, &options).unwrap().scores[400] >= model.threshold);
    let learnt = not_odd(&model, &data, &[400]).unwrap();
    assert!(learnt.threshold > score(&learnt, &data, &options).unwrap().scores[400] || learnt.threshold >= 0.9);
}

#[test]
fn a_chosen_threshold_flags_what_it_says() {
    let data = frame(vec![numbers("a", noise(8, 300)), numbers("b", noise(9, 300))]);
    let model = trained(&data, &TrainSpec::new(ModelKind::RankEnsemble, ["a", "b"])).model;
    let at = |threshold| score(&model, &data, &ScoreOptions { threshold: Some(threshold), ..ScoreOptions::default() });
    let flagged = |threshold| at(threshold).unwrap().histogram.flagged;
    assert_eq!(flagged(0.0), 300);
    assert!(flagged(0.3) > flagged(0.6) && flagged(1.0) == 0);
    assert!(at(1.5).is_err() && at(f64::NAN).is_err());
}

#[test]
fn ten_million_points_are_sampled_and_it_is_said() {
    let values: Vec<f64> = (0..10_000_000_u64).map(|i| (i.wrapping_mul(2_654_435_761) % 1_000) as f64).collect();
    let data = frame(vec![numbers("value", values)]);
    let spec = with(TrainSpec::new(ModelKind::IsolationForest, ["value"]), "trees", 10.0);
    let result = trained(&data, &spec);
    assert!(result.report.is_sample && result.detection.is_none());
    assert_eq!(result.report.notes[0], "Trained on 200,000 of 10,000,000 rows.");
    let (data, spec) = on_series(ModelKind::ChangePoint, (0..300_000_u32).map(|i| f64::from(i % 7)).collect());
    let result = trained(&data, &with(spec, "window", 3.0));
    assert!(result.report.is_sample);
    assert!(result.detection.unwrap().notes[0].contains("the last 200,000"));
}

#[test]
fn hopeless_data_is_refused_with_a_sentence() {
    for kind in TABLES {
        let code = |columns| train(&frame(columns), &TrainSpec::new(kind, ["a"]), &mut |_| true).unwrap_err().code;
        assert_eq!(code(vec![numbers("a", vec![5.0; 20])]), ErrorCode::RuleRefused);
        assert_eq!(code(vec![numbers("a", vec![f64::NAN; 20])]), ErrorCode::RuleRefused);
        assert_eq!(code(vec![members("a", &["x"; 20])]), ErrorCode::RuleRefused);
        assert_eq!(code(vec![numbers("a", vec![1.0])]), ErrorCode::RuleRefused);
        assert_eq!(code(vec![numbers("b", vec![1.0, 2.0])]), ErrorCode::UnknownColumn);
    }
    let data = frame(vec![numbers("a", noise(1, 500))]);
    let stopped = train(&data, &TrainSpec::new(ModelKind::RankEnsemble, ["a"]), &mut |_| false).unwrap_err();
    assert_eq!(stopped.code, ErrorCode::Cancelled);
}

#[test]
fn two_points_gaps_infinities_and_duplicates_do_no_harm() {
    let odd = vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1.0, 1.0, 2.0, f64::MAX, f64::MIN, 0.0, -0.0];
    for kind in TABLES {
        for values in [vec![1.0, 2.0], odd.clone(), [odd.clone(), vec![3.0; 40]].concat(), vec![1.0, f64::NAN, 1.0]] {
            let found = trained(&frame(vec![numbers("a", values)]), &TrainSpec::new(kind, ["a"])).detection.unwrap();
            assert!(found.scores.iter().all(|s| (0.0..=1.0).contains(s)), "{kind:?} {:?}", found.scores);
        }
    }
    for kind in SERIES {
        for values in [vec![1.0, 2.0], odd.clone(), [noise(1, 200), odd.clone(), noise(2, 200)].concat()] {
            let (data, spec) = on_series(kind, values);
            let result = trained(&data, &spec);
            let found = result.detection.unwrap();
            assert!(found.scores.iter().all(|s| (0.0..=1.0).contains(s)), "{kind:?} {:?}", found.scores);
            let saved = save(&result.model).unwrap();
            load(&saved.bytes, Some(&saved.sha256)).unwrap();
        }
    }
}

fn any_table() -> impl Strategy<Value = Vec<Vec<f64>>> {
    let value = prop_oneof![8 => -100.0..100.0_f64, 1 => Just(f64::NAN), 1 => Just(0.0), 1 => -1e6..1e6_f64];
    (1..4_usize, 20..60_usize)
        .prop_flat_map(move |(cols, rows)| prop::collection::vec(prop::collection::vec(value.clone(), rows), cols))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn scale_and_shift_make_no_difference(table in any_table(), power in -6..6_i32, shift in -64..64_i32) {
        // Steps that a float takes exactly.
        let rounded = |v: &f64| (v * 16.0).round() / 16.0;
        let plain: Vec<Vec<f64>> = table.iter().map(|column| column.iter().map(rounded).collect()).collect();
        let scale = 2.0_f64.powi(power);
        let moved: Vec<Vec<f64>> =
            plain.iter().map(|column| column.iter().map(|v| (v + f64::from(shift)) * scale).collect()).collect();
        let names: Vec<String> = (0..plain.len()).map(|i| format!("f{i}")).collect();
        let of = |table: &[Vec<f64>]| {
            frame(table.iter().zip(&names).map(|(column, name)| numbers(name, column.clone())).collect())
        };
        for kind in TABLES {
            let spec = TrainSpec::new(kind, names.clone());
            let (a, b) = (train(&of(&plain), &spec, &mut |_| true), train(&of(&moved), &spec, &mut |_| true));
            match (a, b) {
                (Ok(a), Ok(b)) => {
                    let (a, b) = (a.detection.unwrap(), b.detection.unwrap());
                    // A row may fall to the other side of a division by rounding.
                    let near = a.scores.iter().zip(&b.scores).filter(|(a, b)| (*a - *b).abs() < 0.02).count();
                    prop_assert!(near * 10 >= a.scores.len() * 9, "{:?}\n{:?}", a.scores, b.scores);
                }
                (a, b) => prop_assert_eq!(a.is_ok(), b.is_ok()),
            }
        }
        for kind in SERIES {
            let (a, b) = (on_series(kind, plain[0].clone()), on_series(kind, moved[0].clone()));
            if let (Ok(a), Ok(b)) = (train(&a.0, &a.1, &mut |_| true), train(&b.0, &b.1, &mut |_| true)) {
                for (a, b) in a.detection.unwrap().scores.iter().zip(&b.detection.unwrap().scores) {
                    prop_assert!((a - b).abs() < 1e-6, "{kind:?} {a} {b}");
                }
            }
        }
    }

    #[test]
    fn the_same_rows_give_the_same_scores(table in any_table()) {
        let names: Vec<String> = (0..table.len()).map(|i| format!("f{i}")).collect();
        let data = frame(table.iter().zip(&names).map(|(column, name)| numbers(name, column.clone())).collect());
        for info in ModelKind::of(Task::Anomaly).filter(|info| !info.is_series) {
            let spec = TrainSpec::new(info.kind, names.clone());
            if let (Ok(a), Ok(b)) = (train(&data, &spec, &mut |_| true), train(&data, &spec, &mut |_| true)) {
                prop_assert_eq!(a.model.clone(), b.model);
                let found = a.detection.unwrap();
                prop_assert!(found.scores.iter().all(|s| (0.0..=1.0).contains(s)));
                prop_assert!(found.histogram.flagged as usize <= (data.rows as f64 * 0.05).ceil() as usize);
                let saved = save(&a.model).unwrap();
                let again = load(&saved.bytes, Some(&saved.sha256)).unwrap();
                let scored = score(&again, &data, &ScoreOptions::default()).unwrap();
                for (a, b) in scored.scores.iter().zip(&found.scores) {
                    prop_assert!((a - b).abs() < 1e-9, "{a} {b}");
                }
            }
        }
    }
}
