//! The fuzz targets `sql_gate` and `upload` in short.

#[path = "../../../fuzz/shared/replay.rs"]
mod replay;
#[path = "../../../fuzz/shared/sql_gate.rs"]
mod sql_gate;
#[path = "../../../fuzz/shared/upload.rs"]
mod upload;

#[test]
fn no_statement_reads_what_the_gate_did_not_name() {
    let gate = sql_gate::Gate::open();
    replay::replay("sql_gate", 7, 1_500, |input| gate.one(input));
}

#[test]
fn no_file_is_our_fault() {
    let loader = upload::Loader::open();
    replay::replay("upload", 7, 40, |input| loader.one(input));
}
