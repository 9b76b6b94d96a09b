//! Random questions over random tables: the engine's answer is the one that a second evaluation gives,
//! written from the design and without SQL; and the SQL of a question, read and printed again by the
//! database, means the same.
//!
//! The cases are the same each time. `PROPTEST_CASES` sets how many questions there are, `PROOF_SEED`
//! chooses others; what fails prints the question that shows it, and the seed of its tables.

#![allow(clippy::unwrap_used, unreachable_pub, reason = "a program of tests in several files")]

#[path = "../common/mod.rs"]
mod common;
mod compare;
mod model;
mod questions;
mod round_trip;
mod tables;
mod tape;

use common::{Bed, bed};
use domain::Query;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use std::cell::Cell;
use tables::Sheet;
use tape::Tape;
use tokio::runtime::Runtime;

/// Questions over each set of tables: making tables costs as much as a dozen answers.
const QUESTIONS: u32 = 60;
/// The most choices that make a question.
const CHOICES: usize = 160;

const MOMENTS: [&str; 9] = [
    "2024-05-15T10:20:30Z",
    "2024-03-31T00:30:00Z",
    "2023-12-31T23:59:59Z",
    "2024-01-01T00:10:00Z",
    "2024-11-03T05:30:00Z",
    "2024-02-29T12:00:00Z",
    "2018-11-04T03:30:00Z",
    "2024-10-27T00:59:59Z",
    "2024-11-03T04:30:00Z",
];

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// A random source of its own for each set of tables.
fn random(set: u32) -> TestRng {
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&number("PROOF_SEED").unwrap_or(1).to_le_bytes());
    seed[8..12].copy_from_slice(&set.to_le_bytes());
    TestRng::from_seed(RngAlgorithm::ChaCha, &seed)
}

struct Hall {
    runtime: Runtime,
    bed: Bed,
    sheets: Vec<Sheet>,
}

fn hall(rng: &mut TestRng) -> Hall {
    let bed = bed();
    let choices: Vec<u32> = (0..8_000).map(|_| rng.next_u32()).collect();
    let sheets = tables::tables(&mut Tape::new(&choices), bed.dir.path());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    Hall { runtime, bed, sheets }
}

type Check<'a> = &'a dyn Fn(&Hall, &Query, jiff::Timestamp, &compare::Asked) -> Option<String>;

/// What is wrong with the answer to a question; whether it was refused instead.
fn problem(hall: &Hall, json: &serde_json::Value, now: jiff::Timestamp, check: Check<'_>) -> (Option<String>, bool) {
    let query: Query = serde_json::from_value(json.clone()).unwrap();
    match hall.runtime.block_on(compare::ask(&hall.bed.engine, &hall.sheets, &query, now)) {
        Ok(answer) => (check(hall, &query, now, &answer).map(|p| format!("{p}\n{}", answer.plan.sql)), false),
        Err(error) if error.code.status() == 400 || error.field.as_deref() == Some("fill") => (None, true),
        Err(error) => (Some(format!("{error:?}")), false),
    }
}

/// Asks `part` of four of all questions and checks each answer.
fn prove(part: u32, check: Check<'_>) {
    let cases = number("PROPTEST_CASES").unwrap_or(2_400) as u32;
    let (asked, refused, empty) = (Cell::new(0), Cell::new(0), Cell::new(0));
    for set in (0..cases.div_ceil(QUESTIONS)).filter(|set| set % 4 == part) {
        let mut rng = random(set);
        let hall = hall(&mut rng);
        let config = Config { cases: QUESTIONS, failure_persistence: None, max_shrink_iters: 400, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, rng);
        let outcome = runner.run(&prop::collection::vec(any::<u32>(), CHOICES), |choices| {
            let mut tape = Tape::new(&choices);
            let now: jiff::Timestamp = tape.of(&MOMENTS).parse().unwrap();
            let json = questions::question(&mut tape, &hall.sheets);
            let seen: Check<'_> = &|hall, query, now, asked| {
                empty.set(empty.get() + u32::from(asked.rows.is_empty()));
                check(hall, query, now, asked)
            };
            let (problem, is_refused) = problem(&hall, &json, now, seen);
            asked.set(asked.get() + 1);
            refused.set(refused.get() + u32::from(is_refused));
            problem.map_or(Ok(()), |p| Err(TestCaseError::fail(format!("{json}\nat {now}: {p}"))))
        });
        match outcome {
            Ok(()) => {}
            Err(TestError::Fail(why, _)) => panic!("tables {set}: {why}"),
            Err(TestError::Abort(why)) => panic!("tables {set}: {why}"),
        }
    }
    // Questions without an answer prove nothing.
    let (asked, refused, empty) = (asked.get(), refused.get(), empty.get());
    assert!(refused * 10 < asked, "{refused} of {asked} questions were refused");
    assert!(empty * 3 < asked, "{empty} of {asked} answers were empty");
}

fn answers(part: u32) {
    prove(part, &|hall, query, now, asked| compare::difference(&hall.sheets, query, now, asked));
}

#[test]
fn answers_are_those_of_a_second_evaluation_1() {
    answers(0);
}

#[test]
fn answers_are_those_of_a_second_evaluation_2() {
    answers(1);
}

#[test]
fn answers_are_those_of_a_second_evaluation_3() {
    answers(2);
}

#[test]
fn answers_are_those_of_a_second_evaluation_4() {
    answers(3);
}
