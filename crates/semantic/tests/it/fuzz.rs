//! The fuzz target `query` in short.

#[path = "../../../../fuzz/shared/query.rs"]
mod query;
#[path = "../../../../fuzz/shared/replay.rs"]
mod replay;

#[test]
fn no_question_makes_sql_that_is_not_one_statement() {
    replay::replay("query", 7, 3_000, query::one);
}
