//! Rust to WebAssembly: cargo, wasm-bindgen, wasm-opt.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use wasm_bindgen_cli_support::Bindgen;

use super::{Build, Mode};
use crate::sh::{self, Result};

const TARGET: &str = "wasm32-unknown-unknown";
const FLAGS: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS";

/// What the compiler's WebAssembly may contain, all of it in every browser of the last years.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// The glue in JavaScript and the finished module.
pub(super) fn build(build: &Build) -> Result<(PathBuf, PathBuf)> {
    let raw = compile(build)?;
    let bound = build.work.join("bindgen");
    let glue = bound.join("orrery.js");
    let module = bound.join("orrery_bg.wasm");
    let input = sh::digest([sh::read(&raw)?.as_slice(), build.packages.as_bytes()]);

    build.step("wasm-bindgen", &input, &[glue.clone(), module.clone()], || {
        // Snippets of an earlier build must not stay behind.
        if bound.exists() {
            fs::remove_dir_all(&bound)?;
        }
        let small = build.mode == Mode::Release;
        Bindgen::new()
            .input_path(&raw)
            .out_name("orrery")
            .typescript(false)
            .remove_name_section(small)
            .remove_producers_section(small)
            .web(true)?
            .generate(&bound)?;
        Ok(())
    })?;
    if build.mode == Mode::Dev {
        return Ok((glue, module));
    }

    let optimised = build.work.join("orrery.wasm");
    build.step("wasm-opt", &input, std::slice::from_ref(&optimised), || {
        sh::run(
            Command::new(build.npm_bin("wasm-opt")).arg("-Oz").args(FEATURES).arg(&module).arg("-o").arg(&optimised),
        )
    })?;
    Ok((glue, optimised))
}

/// Compiles with the toolchain that `scripts/setup.sh` found, in a target folder of
/// its own: another compiler in the same folder would make cargo start over each time.
fn compile(build: &Build) -> Result<PathBuf> {
    let profile = format!("wasm-{}", build.mode.name());
    let target = sh::target_dir(&build.root).join("client");
    let mut cargo = Command::new("cargo");
    cargo
        .current_dir(&build.root)
        .args(["build", "--package", "frontend", "--lib", "--target", TARGET])
        .args(["--profile", &profile])
        .env("CARGO_TARGET_DIR", &target);
    for (key, value) in sh::recorded("wasm.env") {
        if key == "ORRERY_WASM_RUSTFLAGS" {
            let flags = std::env::var(FLAGS).unwrap_or_default();
            cargo.env(FLAGS, format!("{flags} {value}"));
        } else {
            cargo.env(key, value);
        }
    }
    sh::run(&mut cargo)?;
    Ok(target.join(TARGET).join(profile).join("frontend.wasm"))
}
