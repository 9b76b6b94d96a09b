#![no_main]

#[path = "../shared/query.rs"]
mod shared;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    shared::one(data);
});
