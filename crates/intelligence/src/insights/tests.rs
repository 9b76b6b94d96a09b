//! Planted facts are found, null tables claim nothing, and nothing breaks.

use super::*;
use crate::{FrameColumn, MISSING_MEMBER, MISSING_TIME, Values};
use domain::calendar::day_of;
use domain::{DataType, Role};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

const DAY: i64 = 86_400_000_000;

fn subject() -> Subject {
    Subject { dataset: "table".into(), label: "The table".into(), most: 0 }
}

fn column(name: &str, values: Values) -> FrameColumn {
    let (ty, role) = match &values {
        Values::Number(_) => (DataType::Float, Role::Measure),
        Values::Member { .. } => (DataType::Text, Role::Dimension),
        Values::Time(_) => (DataType::Date, Role::Time),
    };
    FrameColumn { name: name.into(), label: name.into(), ty, role, format: None, values }
}

fn frame(columns: Vec<FrameColumn>) -> Frame {
    let rows = columns.first().map_or(0, |c| c.values.len());
    Frame { columns, rows, total_rows: rows as u64 }
}

fn normal(rng: &mut StdRng) -> f64 {
    crate::stats::normal_quantile(rng.random::<f64>().clamp(1e-12, 1.0 - 1e-12))
}

/// How the values of a measure are spread.
#[derive(Clone, Copy, Debug)]
enum Shape {
    Normal,
    LogNormal,
    Counts,
    Uniform,
    HeavyTails,
    Scores,
}

const SHAPES: [Shape; 6] =
    [Shape::Normal, Shape::LogNormal, Shape::Counts, Shape::Uniform, Shape::HeavyTails, Shape::Scores];

impl Shape {
    fn draw(self, rng: &mut StdRng) -> f64 {
        let z = normal(rng);
        match self {
            Self::Normal => 100.0 + 10.0 * z,
            Self::LogNormal => (3.0 + 0.6 * z).exp(),
            Self::Counts => (2.0 + 1.4 * z).max(0.0).round(),
            Self::Uniform => rng.random_range(0.0..50.0),
            Self::HeavyTails => z / (rng.random::<f64>() + 0.02).sqrt(),
            Self::Scores => f64::from(rng.random_range(1..6)),
        }
    }
}

/// A table in which nothing depends on anything: dates, three dimensions of unequal members, and
/// measures of three shapes.
fn null_table(seed: u64) -> Frame {
    let mut rng = StdRng::seed_from_u64(seed);
    let rows = [300, 800, 1_400][(seed % 3) as usize];
    let days = [90, 400, 730][(seed / 3 % 3) as usize];
    let start = day_of(2023, 1, 1);
    let mut times: Vec<i64> = (0..rows).map(|_| (start + rng.random_range(0..days)) * DAY).collect();
    if seed.is_multiple_of(2) {
        times.sort_unstable();
    }
    let mut columns = vec![column("when", Values::Time(times))];
    for (name, members, uneven) in [("place", 6, 1.0), ("way", 4, 1.8), ("thing", 12, 1.0)] {
        let codes = (0..rows).map(|_| (rng.random::<f64>().powf(uneven) * f64::from(members)) as u32).collect();
        let members = (0..members).map(|m| format!("{name} {m}")).collect();
        columns.push(column(name, Values::Member { codes, members }));
    }
    for m in 0..3 {
        let shape = SHAPES[(seed as usize + m * 2) % SHAPES.len()];
        let values = (0..rows).map(|_| shape.draw(&mut rng)).collect();
        columns.push(column(&format!("measure {m}"), Values::Number(values)));
    }
    frame(columns)
}

#[test]
fn null_tables_claim_nothing() {
    let mut claims: Vec<String> = Vec::new();
    let tables = 120;
    for seed in 0..tables {
        let found = discover(&null_table(seed), &subject());
        let of = found.findings.iter().filter(|f| f.claimed).map(|f| format!("{seed}: {}", f.sentence.text()));
        claims.extend(of.take(1));
    }
    assert!(claims.len() as u64 * 10 <= tables, "{} of {tables}: {claims:#?}", claims.len());
}

fn member_of(frame: &Frame, name: &str, row: usize) -> u32 {
    frame.column(name).unwrap().values.members().unwrap().0[row]
}

/// A null table with one effect put on its first, lognormal measure.
fn planted(seed: u64, effect: impl Fn(&Frame, usize, i64) -> f64) -> Frame {
    let mut table = null_table(18 * seed + 7);
    assert!(table.rows > 700);
    let mut rng = StdRng::seed_from_u64(seed);
    let times = table.columns[0].values.times().unwrap().to_vec();
    let values = (0..table.rows)
        .map(|r| (3.0 + 0.5 * normal(&mut rng)).exp() * effect(&table, r, times[r] / DAY - day_of(2023, 1, 1)))
        .collect();
    table.columns[4].values = Values::Number(values);
    table
}

fn found_in_ten(table: &Frame, is: impl Fn(&Finding) -> bool) -> bool {
    discover(table, &subject()).findings.iter().take(10).any(|f| f.claimed && is(f))
}

fn recall(effect: impl Fn(&Frame, usize, i64) -> f64, is: impl Fn(&Finding) -> bool) -> u32 {
    (0..10).map(|seed| u32::from(found_in_ten(&planted(seed, &effect), &is))).sum()
}

fn about(f: &Finding, kind: FindingKind, members: &[&str]) -> bool {
    let named: Vec<&str> = f.members.iter().filter_map(|m| m.value.as_deref()).collect();
    f.kind == kind && f.columns.first().is_some_and(|c| c == "measure 0") && named == members
}

#[test]
fn planted_members_are_found() {
    let low = recall(
        |t, r, _| if member_of(t, "place", r) == 2 { 0.7 } else { 1.0 },
        |f| about(f, FindingKind::Low, &["place 2"]),
    );
    let high = recall(
        |t, r, _| if member_of(t, "thing", r) == 5 { 1.6 } else { 1.0 },
        |f| about(f, FindingKind::Top, &["thing 5"]),
    );
    let both = recall(
        |t, r, _| if member_of(t, "place", r) == 1 && member_of(t, "way", r) == 1 { 2.0 } else { 1.0 },
        |f| about(f, FindingKind::Interaction, &["place 1", "way 1"]),
    );
    assert!(low >= 9 && high >= 9 && both >= 9, "{low} {high} {both}");
}

#[test]
fn what_is_planted_in_time_is_found() {
    let trend = recall(
        |_, _, day| 1.0 + 0.0012 * day as f64,
        |f| about(f, FindingKind::Trend, &[]) && f.direction == Some(Direction::Increasing),
    );
    let of_member = recall(
        |t, r, day| if member_of(t, "way", r) == 0 { 1.0 - 0.001 * day as f64 } else { 1.0 },
        |f| about(f, FindingKind::Trend, &["way 0"]) && f.direction == Some(Direction::Decreasing),
    );
    let change = recall(
        |_, _, day| if day >= 400 { 1.35 } else { 1.0 },
        |f| {
            about(f, FindingKind::ChangePoint, &[])
                && ["2024-01-01", "2024-02-01", "2024-03-01"].contains(&f.at.as_deref().unwrap_or(""))
        },
    );
    let spike = recall(
        |_, _, day| if (334..365).contains(&day) { 1.7 } else { 1.0 },
        |f| about(f, FindingKind::Spike, &[]) && f.at.as_deref() == Some("2023-12"),
    );
    // 2023 began on a Sunday.
    let weekly = recall(
        |_, _, day| if day % 7 == 5 { 1.5 } else { 1.0 },
        |f| about(f, FindingKind::Weekly, &[]) && f.weekday == Some(5),
    );
    assert!(
        [trend, of_member, change, spike, weekly].iter().all(|n| *n >= 9),
        "{trend} {of_member} {change} {spike} {weekly}"
    );
}

#[test]
fn measures_that_go_together_are_found_and_their_traps_named() {
    let mut rng = StdRng::seed_from_u64(1);
    let a: Vec<f64> = (0..400).map(|_| normal(&mut rng)).collect();
    let b: Vec<f64> = a.iter().map(|a| 0.4 * a + normal(&mut rng)).collect();
    let table = frame(vec![column("a", Values::Number(a)), column("b", Values::Number(b))]);
    let found = discover(&table, &subject());
    assert_eq!(found.correlations.len(), 1);
    assert!(found.correlations[0].caveats.is_empty());
    // Two lines over time with nothing else in common.
    let line = |rng: &mut StdRng, slope: f64| -> Vec<f64> {
        (0..400).map(|i| slope * f64::from(i) + 20.0 * normal(rng)).collect()
    };
    let times = (0..400).map(|i| (day_of(2022, 1, 1) + i) * DAY).collect();
    let (a, b) = (line(&mut rng, 1.0), line(&mut rng, 2.0));
    let table = frame(vec![
        column("when", Values::Time(times)),
        column("a", Values::Number(a)),
        column("b", Values::Number(b)),
    ]);
    let found = discover(&table, &subject());
    assert!(found.correlations.iter().all(|c| c.caveats.contains(&Caveat::SharedTrend)), "{:?}", found.correlations);
    // Within each group the other way round.
    let codes: Vec<u32> = (0..400).map(|i| i / 100).collect();
    let a: Vec<f64> = codes.iter().map(|g| f64::from(*g) * 5.0 + normal(&mut rng)).collect();
    let b: Vec<f64> = a.iter().zip(&codes).map(|(a, g)| f64::from(*g) * 10.0 - a + 0.3 * normal(&mut rng)).collect();
    let members = ["p", "q", "r", "s"].map(String::from).to_vec();
    let table = frame(vec![
        column("group", Values::Member { codes, members }),
        column("a", Values::Number(a)),
        column("b", Values::Number(b)),
    ]);
    let found = discover(&table, &subject());
    assert!(found.correlations[0].caveats.contains(&Caveat::Simpson), "{:?}", found.correlations);
}

#[test]
fn a_part_with_another_rate_is_found() {
    let mut rng = StdRng::seed_from_u64(3);
    let codes: Vec<u32> = (0..1200).map(|_| rng.random_range(0..4)).collect();
    let whole: Vec<f64> = (0..1200).map(|_| f64::from(rng.random_range(1..12))).collect();
    let part: Vec<f64> = codes
        .iter()
        .zip(&whole)
        .map(|(code, n)| {
            (0..*n as u32).filter(|_| rng.random::<f64>() < if *code == 1 { 0.12 } else { 0.05 }).count() as f64
        })
        .collect();
    let members = ["a", "b", "c", "d"].map(String::from).to_vec();
    let table = frame(vec![
        column("group", Values::Member { codes, members }),
        column("sold", Values::Number(whole)),
        column("returned", Values::Number(part)),
    ]);
    let found = discover(&table, &subject());
    let rate = found.findings.iter().find(|f| f.kind == FindingKind::SegmentRate).unwrap();
    assert_eq!(rate.columns, ["returned", "sold", "group"]);
    assert_eq!(rate.members[0].value.as_deref(), Some("b"));
    assert!(!found.findings.iter().any(|f| f.kind == FindingKind::Top && f.columns[0] == "returned"));
}

/// The specification's two tests.
#[test]
fn a_rising_series_and_an_outlier_are_found() {
    for seed in 0..10 {
        let mut rng = StdRng::seed_from_u64(seed);
        let times = (0..100).map(|i| (day_of(2023, 1, 1) + i) * DAY).collect();
        let values = (0..100).map(|i| f64::from(i) + 5.0 * normal(&mut rng)).collect();
        let found = discover(
            &frame(vec![column("date", Values::Time(times)), column("value", Values::Number(values))]),
            &subject(),
        );
        assert!(found.trends.iter().any(|t| t.direction == Direction::Increasing), "{seed}: {:?}", found.trends);

        let mut values: Vec<f64> = (0..300).map(|_| 100.0 + 10.0 * normal(&mut rng)).collect();
        values[150] = 250.0;
        let found = discover(&frame(vec![column("value", Values::Number(values))]), &subject());
        assert_eq!(found.anomalies.iter().map(|a| a.value).collect::<Vec<_>>(), [250.0], "{seed}");
        assert_eq!(found.anomalies[0].row, Some(150));
    }
}

#[test]
fn a_walk_without_a_goal_is_rarely_a_trend() {
    let mut claims = 0;
    for seed in 0..40 {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut level = 0.0;
        let times = (0..200).map(|i| (day_of(2023, 1, 1) + i) * DAY).collect();
        let values = (0..200)
            .map(|_| {
                level = 0.7 * level + normal(&mut rng);
                level
            })
            .collect();
        let found = discover(
            &frame(vec![column("date", Values::Time(times)), column("value", Values::Number(values))]),
            &subject(),
        );
        claims += i32::from(found.findings.iter().any(|f| f.claimed));
    }
    assert!(claims <= 6, "{claims} of 40");
}

#[test]
fn nothing_breaks_it() {
    let numbers = |values: Vec<f64>| column("number", Values::Number(values));
    let members = |codes: Vec<u32>| column("member", Values::Member { codes, members: vec!["a".into(), "b".into()] });
    let odd = [
        frame(vec![]),
        frame(vec![numbers(vec![])]),
        frame(vec![numbers(vec![1.0])]),
        frame(vec![numbers(vec![1.0, 2.0]), members(vec![0, 1]), column("t", Values::Time(vec![0, DAY]))]),
        frame(vec![
            numbers(vec![f64::NAN; 50]),
            members(vec![MISSING_MEMBER; 50]),
            column("t", Values::Time(vec![MISSING_TIME; 50])),
        ]),
        frame(vec![numbers(vec![7.0; 50]), members(vec![0; 50]), column("t", Values::Time(vec![DAY; 50]))]),
        frame(vec![
            numbers((0..90).map(|i| if i % 3 == 0 { f64::INFINITY } else { f64::from(i) }).collect()),
            members((0..90).map(|i| i % 2).collect()),
        ]),
        frame(vec![
            numbers((0..60).map(|i| f64::from(i) * 1e306).collect()),
            numbers((0..60).map(|i| f64::from(i) * 1e-306).collect()),
        ]),
        frame(vec![
            column("t", Values::Time((0..60).map(|i| i64::MIN + 1 + i * DAY).collect())),
            numbers((0..60).map(f64::from).collect()),
        ]),
    ];
    for table in odd {
        let found = discover(&table, &subject());
        let text = serde_json::to_string(&found).unwrap();
        let back: Insights = serde_json::from_str(&text).unwrap();
        assert_eq!(back.findings.len(), found.findings.len());
        assert!(!found.narrative.is_empty());
    }
}

#[test]
fn unit_order_and_run_do_not_matter() {
    let ids = |table: &Frame| -> Vec<String> {
        let found = discover(table, &subject());
        let mut ids: Vec<String> = found.findings.iter().filter(|f| f.claimed).map(|f| f.id.clone()).collect();
        ids.sort();
        ids
    };
    let table = planted(3, |t, r, day| if member_of(t, "place", r) == 2 { 0.6 } else { 1.0 + 0.001 * day as f64 });
    let claimed = ids(&table);
    assert!(claimed.len() >= 2, "{claimed:?}");
    assert_eq!(discover(&table, &subject()), discover(&table, &subject()));
    let scaled = |by: f64, plus: f64| {
        let mut other = table.clone();
        for c in &mut other.columns {
            if let Values::Number(values) = &mut c.values {
                values.iter_mut().for_each(|v| *v = *v * by + plus);
            }
        }
        other
    };
    assert_eq!(ids(&scaled(1000.0, 0.0)), claimed);
    assert_eq!(ids(&scaled(0.01, 1000.0)), claimed);
    let mut turned = table.clone();
    for c in &mut turned.columns {
        match &mut c.values {
            Values::Number(v) => v.reverse(),
            Values::Member { codes, .. } => codes.reverse(),
            Values::Time(v) => v.reverse(),
        }
    }
    assert_eq!(ids(&turned), claimed);
}

#[test]
fn every_claim_says_what_it_stands_on() {
    let table = planted(1, |t, r, _| if member_of(t, "place", r) == 2 { 0.6 } else { 1.0 });
    let found = discover(&table, &subject());
    for finding in found.findings.iter().filter(|f| f.claimed) {
        let test = finding.test.as_ref().unwrap();
        assert!(test.p <= test.p_corrected && test.p_corrected < test.threshold && test.tried > 1);
        assert!(finding.view.query.dataset == "table" && !finding.columns.is_empty());
        let numbers: Vec<_> = finding.sentence.parts.iter().filter_map(|p| p.number.as_ref()).collect();
        assert!(numbers.iter().all(|n| n.finding.as_deref() == Some(&finding.id)));
        assert!(numbers.iter().any(|n| n.basis == domain::insight::Basis::Test));
    }
    assert!(found.recommendations.iter().all(|r| r.confidence > 0.0 && !r.description.is_empty()));
}

#[test]
fn the_state_of_the_data_is_told() {
    let codes: Vec<u32> = (0..200)
        .map(|i| {
            if i % 10 == 0 {
                MISSING_MEMBER
            } else if i % 7 == 0 {
                1
            } else {
                0
            }
        })
        .collect();
    let mut sizes: Vec<f64> = (0..200).map(|i| 10.0 + f64::from(i % 17)).collect();
    sizes[3..9].fill(-999.0);
    let weights = (0..200).map(|i| (1.0 + f64::from(i % 13) / 10.0) * if i % 5 == 0 { 1000.0 } else { 1.0 }).collect();
    let table = frame(vec![
        column("name", Values::Member { codes, members: vec!["North".into(), "north ".into()] }),
        column("size", Values::Number(sizes)),
        column("weight", Values::Number(weights)),
        column("same", Values::Number(vec![3.0; 200])),
    ]);
    let found = discover(&table, &subject());
    let told: Vec<String> =
        found.findings.iter().filter(|f| f.kind == FindingKind::Quality).map(|f| f.sentence.text()).collect();
    for part in ["name is missing in 20 rows", "two units", "-999", "same is 3 in every row", "\u{201c}North\u{201d}"] {
        assert!(told.iter().any(|t| t.contains(part)), "{part}: {told:#?}");
    }
}
