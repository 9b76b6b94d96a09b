//! The fuzz target `query` in short.

#[path = "../../../../fuzz/shared/query.rs"]
mod query;
#[path = "../../../../fuzz/shared/replay.rs"]
mod replay;

#[test]
fn no_question_makes_sql_that_is_not_one_statement() {
    let planned = std::cell::Cell::new(0);
    replay::replay("query", 7, 100_000, |input| planned.set(planned.get() + query::one(input)));
    assert!(planned.get() > 200, "only {} became SQL: the corpus has grown old", planned.get());
}
