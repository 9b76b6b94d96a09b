#![no_main]

#[path = "../shared/sql_gate.rs"]
mod shared;

use std::sync::LazyLock;

static GATE: LazyLock<shared::Gate> = LazyLock::new(shared::Gate::open);

libfuzzer_sys::fuzz_target!(|data: &[u8]| GATE.one(data));
