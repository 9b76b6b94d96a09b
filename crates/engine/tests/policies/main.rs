//! Random rules, people and questions: the answer under rules is the answer to the same question over
//! rows that were filtered and masked beforehand, by an evaluation of its own (`world.rs`), and put into
//! a plain table. Questions of the builder, and SQL over the views that readers get.
//!
//! The cases are the same each time. `PROPTEST_CASES` sets how many questions there are of each kind,
//! `PROOF_SEED` chooses others; what fails prints the rules and both statements.

#![allow(clippy::unwrap_used, unreachable_pub, reason = "a program of tests in several files")]

mod dice;
mod questions;
mod statements;
mod world;

use dice::Dice;
use domain::Query;
use duckdb::Connection;
use semantic::{Context, Dataset, Parts, Policy, Source};
use world::{Hall, Sheet};

/// Questions over each set of tables and rules.
const QUESTIONS: u64 = 25;

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// The rows of a statement as text, in no order; or that it does not work.
pub fn rows(db: &Connection, sql: &str) -> Result<Vec<String>, String> {
    let mut statement = db.prepare(sql).map_err(|e| e.to_string())?;
    let mut found = statement.query([]).map_err(|e| e.to_string())?;
    let mut all = Vec::new();
    while let Some(row) = found.next().map_err(|e| e.to_string())? {
        let width = row.as_ref().column_count();
        let cells: Vec<duckdb::types::Value> = (0..width).map(|i| row.get(i)).collect::<Result<_, _>>().unwrap();
        all.push(format!("{cells:?}"));
    }
    all.sort();
    Ok(all)
}

fn dataset<'a>(sheet: &'a Sheet, part: &'a [String], is_plain: bool) -> Dataset<'a> {
    static OPEN: Policy = Policy::OPEN;
    let columns = if is_plain { &sheet.plain_columns } else { &sheet.columns };
    let source = Source { name: sheet.name, columns, parts: Parts::Segments(part) };
    Dataset { policy: if is_plain { &OPEN } else { &sheet.policy }, ..Dataset::from(source) }
}

/// The SQL of a question over the rows under rules, or over those that were prepared.
fn planned(hall: &Hall, query: &Query, is_plain: bool) -> Result<String, String> {
    let parts: Vec<Vec<String>> = hall.sheets.iter().map(|s| vec![s.part(is_plain)]).collect();
    let all: Vec<Dataset<'_>> = hall.sheets.iter().zip(&parts).map(|(s, p)| dataset(s, p, is_plain)).collect();
    let named = |name: &str| *all.iter().find(|d| d.source.name == name).unwrap();
    let joins: Vec<Dataset<'_>> = query.joins.iter().map(|j| named(&j.dataset)).collect();
    let now = "2024-05-15T10:20:30Z".parse().unwrap();
    let ctx = Context { joins: &joins, ..Context::of(named(&query.dataset), now) };
    semantic::plan(query, &ctx).map(|plan| plan.sql).map_err(|e| e.message)
}

fn sets(mut each: impl FnMut(&mut Dice, &Hall)) {
    let (cases, seed) = (number("PROPTEST_CASES", 2_000), number("PROOF_SEED", 1));
    for set in 0..cases.div_ceil(QUESTIONS) {
        let mut dice = Dice::new(seed.wrapping_mul(1_000_003).wrapping_add(set));
        let hall = Hall::build(&mut dice);
        for _ in 0..QUESTIONS {
            each(&mut dice, &hall);
        }
    }
}

#[test]
fn questions_see_what_is_left_and_nothing_else() {
    let (mut answered, mut refused) = (0_u64, 0_u64);
    sets(|dice, hall| {
        let json = questions::question(dice, hall);
        let query: Query = serde_json::from_value(json.clone()).unwrap();
        let (ruled, plain) = (planned(hall, &query, false), planned(hall, &query, true));
        let (ruled, plain) = match (ruled, plain) {
            (Ok(ruled), Ok(plain)) => (ruled, plain),
            // Datasets are not joined by what only stands for a value.
            (Err(why), _) if why.contains("is not stored") => return refused += 1,
            (Err(_), Err(_)) => return refused += 1,
            (a, b) => panic!("{json}\n{:?}\n{a:?}\n{b:?}", hall.policies()),
        };
        let (a, b) = (rows(&hall.db, &ruled), rows(&hall.db, &plain));
        assert!(a.is_ok(), "{a:?}\n{ruled}");
        assert_eq!(a, b, "{json}\n{:?}\n{ruled}\n{plain}", hall.policies());
        answered += 1;
    });
    assert!(answered > refused, "{answered} answered, {refused} refused");
}

#[test]
fn sql_sees_what_is_left_and_nothing_else() {
    let (mut answered, mut failed) = (0_u64, 0_u64);
    sets(|dice, hall| {
        let sql = statements::statement(dice, hall);
        let ruled = rows(&hall.db, &sql.replace("{t}", "seen.main.sales").replace("{r}", "seen.main.regions"));
        let plain = rows(&hall.db, &sql.replace("{t}", "plain.main.sales").replace("{r}", "plain.main.regions"));
        match (ruled, plain) {
            (Ok(a), Ok(b)) => {
                assert_eq!(a, b, "{sql}\n{:?}\n{}", hall.policies(), hall.views());
                answered += 1;
            }
            (Err(_), Err(_)) => failed += 1,
            (a, b) => panic!("{sql}\n{:?}\n{}\n{a:?}\n{b:?}", hall.policies(), hall.views()),
        }
    });
    assert!(answered > 4 * failed, "{answered} answered, {failed} failed");
}

/// A statement that fails on a row which its reader does not see would tell of that row.
#[test]
fn nothing_is_worked_out_on_rows_that_are_not_seen() {
    let mut dice = Dice::new(7);
    let hall = Hall::of(&mut dice, |sheet| {
        let rule = serde_json::json!({"column": "amount", "op": "lt", "value": 0});
        sheet.policy.rows = vec![serde_json::from_value(rule).unwrap()];
    });
    for sql in [
        "SELECT count(*) FROM {t} WHERE CASE WHEN amount > 0 THEN CAST(region AS INTEGER) > 0 ELSE true END",
        "SELECT count(*) FROM {t} WHERE amount + 9223372036854775800 > 0",
        "SELECT sum(CASE WHEN amount > 0 THEN CAST('x' || region AS INTEGER) ELSE 1 END) FROM {t}",
        "SELECT * FROM {t} a JOIN {t} b ON CASE WHEN a.amount > 0 THEN CAST('x' || b.region AS INTEGER) = 1 ELSE true END",
        "SELECT count(*) FROM {t} WHERE amount < 0 OR CAST('x' || region AS INTEGER) > 0",
    ] {
        let ruled = rows(&hall.db, &sql.replace("{t}", "seen.main.sales"));
        let plain = rows(&hall.db, &sql.replace("{t}", "plain.main.sales"));
        assert!(plain.is_ok(), "{plain:?}");
        assert_eq!(ruled, plain, "{sql}");
    }
}
