//! Who may know whom. A lower crate never sees a higher one, siblings never see each
//! other, and some libraries stay behind one door.

use super::{Finding, Package};

const MODEL: &[&str] = &["domain", "semantic", "charts"];

/// Each crate with the crates of the workspace it may depend on.
const LAYERS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("semantic", &["domain"]),
    ("charts", &["domain"]),
    ("engine", MODEL),
    ("store", MODEL),
    ("intelligence", MODEL),
    ("live", MODEL),
    ("export", MODEL),
    ("services", &["domain", "semantic", "charts", "engine", "store", "intelligence", "live", "export"]),
    ("app", &["domain", "semantic", "charts", "services"]),
    ("frontend", &["app"]),
    ("server", &["domain", "semantic", "charts", "intelligence", "services", "app"]),
    ("xtask", &[]),
];

/// Libraries that only one crate may use.
const DOORS: &[(&str, &str)] =
    &[("duckdb", "engine"), ("libduckdb-sys", "engine"), ("sqlx", "store"), ("sqlx-core", "store")];

/// Checks every edge between crates.
pub(super) fn check(packages: &[Package]) -> Vec<Finding> {
    let mut problems = Vec::new();
    for package in packages {
        let from = package.name.as_str();
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == from) else {
            problems.push(format!("{from} has no layer: give it one in xtask/src/tidy/layers.rs"));
            continue;
        };
        for dependency in &package.dependencies {
            let to = dependency.name.as_str();
            let inside = packages.iter().any(|package| package.name == to);
            if inside && to != from && !allowed.contains(&to) {
                problems.push(format!("{from} -> {to}: {from} may not know {to}"));
            }
            if let Some((_, owner)) = DOORS.iter().find(|(name, owner)| *name == to && *owner != from) {
                problems.push(format!("{from} -> {to}: only {owner} may use {to}"));
            }
        }
        if from == "app" {
            problems.extend(browser_half(package));
        }
    }
    problems.into_iter().map(Finding::Problem).collect()
}

/// `app` runs in the browser too, where there are no services: only `ssr` may bring them.
fn browser_half(app: &Package) -> Vec<String> {
    let mut problems = Vec::new();
    if app.dependencies.iter().any(|found| found.name == "services" && !found.optional) {
        problems.push("app -> services: must be optional, switched on by the feature ssr".into());
    }
    for (feature, parts) in app.features.iter().filter(|(feature, _)| *feature != "ssr") {
        let brings = |part: &String| part == "ssr" || part == "dep:services" || part.starts_with("services/");
        if parts.iter().any(brings) {
            problems.push(format!("app -> services: the feature {feature} may not switch it on"));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::super::Dependency;
    use super::*;

    fn package(name: &str, needs: &[&str]) -> Package {
        let dependencies = needs.iter().map(|name| Dependency { name: (*name).into(), optional: false }).collect();
        Package { name: name.into(), manifest_path: String::new(), dependencies, features: Default::default() }
    }

    fn problems(packages: &[Package]) -> Vec<String> {
        check(packages)
            .into_iter()
            .map(|finding| match finding {
                Finding::Problem(text) | Finding::Warning(text) => text,
            })
            .collect()
    }

    #[test]
    fn down_is_allowed() {
        let packages = [
            package("domain", &["serde"]),
            package("engine", &["domain", "duckdb"]),
            package("store", &["domain", "sqlx"]),
            package("services", &["domain", "engine", "store"]),
        ];
        assert_eq!(problems(&packages), Vec::<String>::new());
    }

    #[test]
    fn up_and_sideways_are_not() {
        let packages = [
            package("domain", &["engine"]),
            package("engine", &["store"]),
            package("store", &[]),
            package("server", &["engine"]),
        ];
        assert_eq!(
            problems(&packages),
            [
                "domain -> engine: domain may not know engine",
                "engine -> store: engine may not know store",
                "server -> engine: server may not know engine",
            ]
        );
    }

    #[test]
    fn a_library_behind_a_door_stays_there() {
        let packages = [package("services", &["duckdb"]), package("engine", &["sqlx"])];
        assert_eq!(
            problems(&packages),
            ["services -> duckdb: only engine may use duckdb", "engine -> sqlx: only store may use sqlx",]
        );
    }

    #[test]
    fn a_new_crate_needs_a_layer() {
        assert!(problems(&[package("gadgets", &[])])[0].starts_with("gadgets has no layer"));
    }

    #[test]
    fn the_browser_half_of_app_has_no_services() {
        let mut app = package("app", &["services"]);
        assert_eq!(
            problems(&[app_with(&mut app, "ssr", "dep:services"), package("services", &[])]),
            ["app -> services: must be optional, switched on by the feature ssr"]
        );
        let mut app = package("app", &["services"]);
        app.dependencies[0].optional = true;
        assert_eq!(
            problems(&[app_with(&mut app, "ssr", "dep:services"), package("services", &[])]),
            Vec::<String>::new()
        );
        let mut app = package("app", &["services"]);
        app.dependencies[0].optional = true;
        assert_eq!(
            problems(&[app_with(&mut app, "hydrate", "dep:services"), package("services", &[])]),
            ["app -> services: the feature hydrate may not switch it on"]
        );
    }

    fn app_with(app: &mut Package, feature: &str, part: &str) -> Package {
        let mut app = std::mem::replace(app, package("", &[]));
        app.features.insert(feature.into(), vec![part.into()]);
        app
    }
}
