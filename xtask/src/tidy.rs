//! `xtask tidy`: what the compiler does not check. Each rule is a pure function of
//! small inputs; this file fetches the inputs and prints what the rules found.

mod colours;
mod layers;
mod map;
mod sizes;
mod sql;

use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use crate::sh::{self, Result};

/// The part of `cargo metadata` that the rules look at.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

/// A crate of the workspace.
#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: String,
    dependencies: Vec<Dependency>,
    features: std::collections::BTreeMap<String, Vec<String>>,
}

/// A crate that it names in its manifest.
#[derive(Deserialize)]
struct Dependency {
    name: String,
    optional: bool,
}

/// What a rule has to say about a file or a crate.
#[derive(Debug, PartialEq, Eq)]
enum Finding {
    /// Fails the check.
    Problem(String),
    /// Is printed only.
    Warning(String),
}

/// Checks the whole checkout and fails when a rule is broken.
pub(crate) fn check() -> Result {
    let root = sh::root()?;
    let metadata =
        sh::output(Command::new("cargo").current_dir(&root).args(["metadata", "--no-deps", "--format-version=1"]))?;
    let packages = serde_json::from_slice::<Metadata>(&metadata)?.packages;

    let mut findings = layers::check(&packages);
    let folders = crate_folders(&root, &packages);
    let architecture = std::fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap_or_default();
    findings.extend(map::check(&folders, &architecture));
    for path in sources(&root)? {
        let Ok(text) = std::fs::read_to_string(root.join(&path)) else { continue };
        findings.extend(sizes::check(&path, &text));
        findings.extend(colours::check(&path, &text));
        findings.extend(sql::check(&path, &text));
    }

    let mut problems = 0;
    for finding in &findings {
        match finding {
            Finding::Problem(text) => {
                problems += 1;
                println!("error: {text}");
            }
            Finding::Warning(text) => println!("warning: {text}"),
        }
    }
    if problems == 0 { Ok(()) } else { Err(format!("tidy found {problems} problems").into()) }
}

/// Where the crates lie, seen from the root.
fn crate_folders(root: &Path, packages: &[Package]) -> Vec<String> {
    packages
        .iter()
        .filter_map(|package| Path::new(&package.manifest_path).parent())
        .filter_map(|folder| folder.strip_prefix(root).ok())
        .map(|folder| folder.to_string_lossy().replace('\\', "/"))
        .collect()
}

/// The project's own source files: what git tracks, or would track if asked to.
fn sources(root: &Path) -> Result<Vec<String>> {
    let listed = sh::output(Command::new("git").current_dir(root).args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]))?;
    Ok(String::from_utf8(listed)?.split('\0').filter(|path| sizes::is_source(path)).map(str::to_owned).collect())
}
