//! The SQL of questions, read by the database as a tree and printed again: reading that and printing
//! it once more changes nothing, and it has the same answer. The first time the database puts it in
//! words of its own (`1e1` becomes `10.0`, an interval a call), so the texts are compared from then on.

use crate::compare::{self, Asked};
use crate::{Hall, prove};
use domain::Cell;
use semantic::Plan;

/// The statement as the database prints its tree.
fn printed(db: &duckdb::Connection, sql: &str) -> Result<String, String> {
    let through = "SELECT json_deserialize_sql(json_serialize_sql(?::VARCHAR))";
    db.query_row(through, [sql], |row| row.get(0)).map_err(|e| format!("{e}: {sql}"))
}

/// Equal, but for the last digits of what threads add up in another order.
fn alike(a: &[Cell], b: &[Cell]) -> bool {
    let cell = |(a, b): (&Cell, &Cell)| match (a, b) {
        (Cell::Float(a), Cell::Float(b)) => (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0),
        _ => a == b,
    };
    a.len() == b.len() && a.iter().zip(b).all(cell)
}

fn problem(db: &duckdb::Connection, hall: &Hall, asked: &Asked) -> Result<(), String> {
    let once = printed(db, &asked.plan.sql)?;
    let twice = printed(db, &once)?;
    if once != twice {
        return Err(format!("printed once: {once}\nprinted twice: {twice}"));
    }
    let plan = Plan { sql: once, ..asked.plan.clone() };
    let answer = hall.runtime.block_on(compare::run(&hall.bed.engine, &hall.sheets, plan));
    let answer = answer.map_err(|e| e.to_string())?;
    // Which of all rows come first is nobody's promise without an order.
    let mut left: Vec<&Vec<Cell>> = asked.rows.iter().collect();
    for row in &answer.rows {
        let Some(at) = left.iter().position(|l| alike(l, row)).or((asked.truncated).then_some(0)) else {
            return Err(format!("{row:?} is only in the answer of what was printed: {}", answer.plan.sql));
        };
        left.remove(at);
    }
    if left.is_empty() { Ok(()) } else { Err(format!("{left:?} is missing in the answer of: {}", answer.plan.sql)) }
}

#[test]
fn sql_read_and_printed_again_is_the_same_question() {
    let db = duckdb::Connection::open_in_memory().unwrap();
    prove(0, &|hall, _, _, asked| problem(&db, hall, asked).err());
}
