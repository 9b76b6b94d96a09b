//! `xtask deny`: the licences, bans and sources of `deny.toml`, checked against what cargo resolves for
//! the platforms named there. The file is cargo-deny's; that program looks for advisories as well,
//! but takes longer to build than everything else together.

mod licence;

use crate::sh::{self, Result};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// The part of `deny.toml` that is checked.
#[derive(Deserialize)]
struct Rules {
    graph: Graph,
    licenses: Licenses,
    bans: Bans,
    sources: Sources,
}

#[derive(Deserialize)]
struct Graph {
    targets: Vec<String>,
}

#[derive(Deserialize)]
struct Licenses {
    allow: Vec<String>,
    #[serde(default)]
    exceptions: Vec<Exception>,
}

/// A licence that one crate may have.
#[derive(Deserialize)]
struct Exception {
    #[serde(rename = "crate")]
    name: String,
    allow: Vec<String>,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Banned>,
}

#[derive(Deserialize)]
struct Banned {
    #[serde(rename = "crate")]
    name: String,
}

#[derive(Deserialize)]
struct Sources {
    #[serde(rename = "allow-registry")]
    registries: Vec<String>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
    source: Option<String>,
    dependencies: Vec<Dependency>,
}

/// A crate that another names.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct Dependency {
    name: String,
    req: String,
    source: Option<String>,
}

/// Checks what the program is made of, and fails when a rule is broken.
pub(crate) fn check() -> Result {
    let root = sh::root()?;
    let text = String::from_utf8(sh::read(&root.join("deny.toml"))?)?;
    let rules: Rules = toml::from_str(&text).map_err(|error| format!("deny.toml: {error}"))?;
    let mut packages = BTreeSet::new();
    for target in &rules.graph.targets {
        let asked = ["metadata", "--format-version=1", "--locked", "--filter-platform", target];
        let metadata = sh::output(Command::new("cargo").current_dir(&root).args(asked))?;
        packages.extend(serde_json::from_slice::<Metadata>(&metadata)?.packages);
    }
    let packages: Vec<Package> = packages.into_iter().collect();
    let problems = problems(&rules, &packages);
    for problem in &problems {
        println!("error: {problem}");
    }
    let several = several(&packages);
    println!("{} crates; {} of them in more than one version: {}", packages.len(), several.len(), several.join(", "));
    if problems.is_empty() { Ok(()) } else { Err(format!("deny found {} problems", problems.len()).into()) }
}

fn problems(rules: &Rules, packages: &[Package]) -> Vec<String> {
    let mut found = Vec::new();
    for package in packages {
        let name = format!("{} {}", package.name, package.version);
        if rules.bans.deny.iter().any(|banned| banned.name == package.name) {
            found.push(format!("{name} is banned in deny.toml"));
        }
        let Some(source) = &package.source else {
            // A crate of ours names each of the others' with a version.
            let wild = package.dependencies.iter().filter(|d| d.req == "*" && d.source.is_some());
            found.extend(wild.map(|d| format!("{name} takes any version of {}", d.name)));
            continue;
        };
        let registry = source.strip_prefix("registry+").or_else(|| source.strip_prefix("sparse+"));
        if !registry.is_some_and(|registry| rules.sources.registries.iter().any(|known| known == registry)) {
            found.push(format!("{name} comes from {source}, which deny.toml does not name"));
        }
        let own = rules.licenses.exceptions.iter().filter(|e| e.name == package.name).flat_map(|e| &e.allow);
        let allowed: Vec<&str> = rules.licenses.allow.iter().chain(own).map(String::as_str).collect();
        match &package.license {
            None => found.push(format!("{name} names no licence")),
            Some(text) => match licence::is_met(text, &allowed) {
                Ok(true) => {}
                Ok(false) => found.push(format!("{name} is under `{text}`, which deny.toml does not allow")),
                Err(what) => found.push(format!("{name} is under `{text}`, which cannot be read: {what}")),
            },
        }
    }
    found
}

/// The crates that are there in more than one version.
fn several(packages: &[Package]) -> Vec<String> {
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in packages {
        versions.entry(&package.name).or_default().insert(&package.version);
    }
    versions.into_iter().filter(|(_, versions)| versions.len() > 1).map(|(name, _)| name.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CRATES: &str = "registry+https://github.com/rust-lang/crates.io-index";

    fn rules() -> Rules {
        toml::from_str(
            r#"
            graph = { targets = [] }
            bans = { deny = [{ crate = "openssl" }] }
            sources = { allow-registry = ["https://github.com/rust-lang/crates.io-index"] }
            [licenses]
            allow = ["MIT", "Apache-2.0"]
            exceptions = [{ crate = "roots", allow = ["CDLA-Permissive-2.0"] }]
            "#,
        )
        .unwrap()
    }

    fn package(name: &str, license: Option<&str>, source: Option<&str>) -> Package {
        Package {
            name: name.into(),
            version: "1.0.0".into(),
            license: license.map(Into::into),
            source: source.map(Into::into),
            dependencies: Vec::new(),
        }
    }

    #[test]
    fn what_fits_is_let_in() {
        let packages = [
            package("a", Some("MIT OR GPL-3.0"), Some(CRATES)),
            package("roots", Some("CDLA-Permissive-2.0"), Some(CRATES)),
            package("ours", Some("Proprietary"), None),
        ];
        assert_eq!(problems(&rules(), &packages), Vec::<String>::new());
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let of = |package: Package| problems(&rules(), &[package]).join("; ");
        assert!(of(package("a", Some("GPL-3.0"), Some(CRATES))).contains("`GPL-3.0`"));
        assert!(of(package("a", Some("CDLA-Permissive-2.0"), Some(CRATES))).contains("does not allow"));
        assert!(of(package("a", None, Some(CRATES))).contains("no licence"));
        assert!(of(package("openssl", Some("MIT"), Some(CRATES))).contains("banned"));
        assert!(of(package("a", Some("MIT"), Some("git+https://example.com/a"))).contains("git+https"));
        let any = Dependency { name: "b".into(), req: "*".into(), source: Some(CRATES.into()) };
        assert!(of(Package { dependencies: vec![any], ..package("ours", None, None) }).contains("any version of b"));
    }

    #[test]
    fn crates_in_several_versions_are_counted() {
        let other = Package { version: "2.0.0".into(), ..package("a", Some("MIT"), Some(CRATES)) };
        let all = [package("a", Some("MIT"), Some(CRATES)), other, package("b", Some("MIT"), Some(CRATES))];
        assert_eq!(several(&all), ["a"]);
    }
}
