//! Rust to WebAssembly: cargo, wasm-bindgen, wasm-opt.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

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

/// The client in WebAssembly: what every page needs, and what is fetched when a page asks for it.
pub(super) struct Modules {
    /// The glue in JavaScript, which names the parts by their file names.
    pub(super) glue: PathBuf,
    pub(super) main: PathBuf,
    pub(super) parts: Vec<PathBuf>,
    /// Split point to the stems of the parts it needs, for preload links.
    pub(super) needs: BTreeMap<String, Vec<String>>,
}

/// Name of the module that loads the parts, beside the glue.
const LOADER: &str = "parts.js";

/// Compiles, splits at the functions marked `lazy`, binds and shrinks.
pub(super) fn build(build: &Build) -> Result<Modules> {
    let raw = compile(build)?;
    let bound = build.work.join("bindgen");
    let glue = bound.join("orrery.js");
    let module = bound.join("orrery_bg.wasm");
    let needs_file = bound.join("needs.json");
    let input = sh::digest([sh::read(&raw)?.as_slice(), build.packages.as_bytes()]);

    build.step("split and bind", &input, &[glue.clone(), module.clone(), needs_file.clone()], || {
        // Parts and snippets of an earlier build must not stay behind.
        if bound.exists() {
            fs::remove_dir_all(&bound)?;
        }
        fs::create_dir_all(&bound)?;
        let main = build.work.join("main.wasm");
        let needs = split(&raw, &bound, &main)?;
        fs::write(&needs_file, serde_json::to_string(&needs)?)?;
        let small = build.mode == Mode::Release;
        Bindgen::new()
            .input_path(&main)
            .out_name("orrery")
            .typescript(false)
            // The parts link to what the main module exports, by its mangled names.
            .keep_lld_exports(true)
            .demangle(false)
            .remove_name_section(small)
            .remove_producers_section(small)
            .web(true)?
            .generate(&bound)?;
        Ok(())
    })?;
    let needs = serde_json::from_str(&sh::read_text(&needs_file)?)?;
    let mut parts: Vec<PathBuf> = sh::files_under(&bound)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "wasm") && *path != module)
        .collect();
    parts.sort();
    if build.mode == Mode::Dev {
        return Ok(Modules { glue, main: module, parts, needs });
    }

    let shrunk = build.work.join("shrunk");
    let small = |path: &Path| shrunk.join(path.file_name().unwrap_or_default());
    let results: Vec<PathBuf> = std::iter::once(&module).chain(&parts).map(|path| small(path)).collect();
    build.step("wasm-opt", &input, &results, || {
        if shrunk.exists() {
            fs::remove_dir_all(&shrunk)?;
        }
        fs::create_dir_all(&shrunk)?;
        let all: Vec<&PathBuf> = std::iter::once(&module).chain(&parts).collect();
        shrink(&build.npm_bin("wasm-opt"), &all, &small)
    })?;
    Ok(Modules { glue, main: small(&module), parts: parts.iter().map(|path| small(path)).collect(), needs })
}

/// Runs wasm-opt over the modules, as many at once as there are cores: each run uses one.
fn shrink(wasm_opt: &Path, modules: &[&PathBuf], small: &(impl Fn(&Path) -> PathBuf + Sync)) -> Result {
    let next = AtomicUsize::new(0);
    let work = || -> std::result::Result<(), String> {
        while let Some(path) = modules.get(next.fetch_add(1, Ordering::Relaxed)) {
            let mut command = Command::new(wasm_opt);
            command.args(["-Oz", "--strip-debug"]).args(FEATURES).arg(path).arg("-o").arg(small(path));
            sh::run(&mut command).map_err(|error| error.to_string())?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        let running: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let ended = running.into_iter().map(|worker| worker.join().unwrap_or_else(|_| Err("wasm-opt panicked".into())));
        ended.collect::<std::result::Result<(), String>>().map_err(Into::into)
    })
}

/// Cuts the linked module at its split points: `main` gets what wasm-bindgen will bind,
/// `folder` the parts and the script that loads them.
fn split(raw: &Path, folder: &Path, main: &Path) -> Result<BTreeMap<String, Vec<String>>> {
    let wasm = sh::read(raw)?;
    let link_name = format!("./{LOADER}");
    let mut options = wasm_split_cli_support::Options::new(&wasm);
    options.output_dir = folder;
    options.main_out_path = main;
    options.main_module = "./orrery.js";
    options.link_name = &link_name;
    let made = wasm_split_cli_support::transform(options).map_err(|error| format!("splitting failed: {error:#}"))?;
    Ok(made.prefetch_map.into_iter().collect())
}

/// Compiles with the toolchain that `scripts/setup.sh` found, in a target folder of
/// its own: another compiler in the same folder would make cargo start over each time.
fn compile(build: &Build) -> Result<PathBuf> {
    let profile = format!("wasm-{}", build.mode.name());
    let target = sh::target_dir(&build.root).join("client");
    let mut cargo = Command::new("cargo");
    cargo
        .current_dir(&build.root)
        .args(["rustc", "--package", "frontend", "--lib", "--crate-type", "cdylib", "--target", TARGET])
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
    // What refers to what must still be known when the module is split.
    sh::run(cargo.args(["--", "-Clink-arg=--emit-relocs"]))?;
    Ok(target.join(TARGET).join(profile).join("frontend.wasm"))
}
