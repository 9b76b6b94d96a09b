#![no_main]

#[path = "../shared/upload.rs"]
mod shared;

use std::sync::LazyLock;

static LOADER: LazyLock<shared::Loader> = LazyLock::new(shared::Loader::open);

libfuzzer_sys::fuzz_target!(|data: &[u8]| LOADER.one(data));
