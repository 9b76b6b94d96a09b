//! ARCHITECTURE.md is the map of the house: every crate is on it, and nothing else.

use super::Finding;

/// Compares the crates' folders with what the map names in backticks.
pub(super) fn check(folders: &[String], map: &str) -> Vec<Finding> {
    let named: Vec<&str> = map.lines().flat_map(in_backticks).collect();
    let mut problems = Vec::new();
    for folder in folders {
        let inside = format!("{folder}/");
        let is_named = named.iter().any(|name| *name == folder.as_str() || name.starts_with(inside.as_str()));
        if !is_named {
            problems.push(format!("ARCHITECTURE.md does not mention `{folder}`"));
        }
    }
    for name in named {
        let Some(rest) = name.strip_prefix("crates/") else { continue };
        let krate = rest.split('/').next().unwrap_or_default();
        let is_name = !krate.is_empty() && krate.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        let folder = format!("crates/{krate}");
        if is_name && !folders.contains(&folder) {
            problems.push(format!("ARCHITECTURE.md mentions `{folder}`, which does not exist"));
        }
    }
    problems.sort();
    problems.dedup();
    problems.into_iter().map(Finding::Problem).collect()
}

/// The parts of a line between pairs of backticks.
fn in_backticks(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(folders: &[&str], map: &str) -> Vec<String> {
        let folders: Vec<String> = folders.iter().map(|folder| (*folder).to_owned()).collect();
        check(&folders, map)
            .into_iter()
            .map(|finding| match finding {
                Finding::Problem(text) | Finding::Warning(text) => text,
            })
            .collect()
    }

    #[test]
    fn every_crate_is_on_the_map() {
        let map = "- `app/` pages\n- `crates/domain/src/query.rs` and `crates/engine`\n";
        assert_eq!(problems(&["app", "crates/domain", "crates/engine"], map), Vec::<String>::new());
        assert_eq!(
            problems(&["app", "crates/store"], "`app`, and crates/store without backticks"),
            ["ARCHITECTURE.md does not mention `crates/store`"]
        );
    }

    #[test]
    fn the_map_names_no_crate_that_is_gone() {
        assert_eq!(
            problems(&["app"], "`app` `crates/ghost/src` `crates/ghost` `crates/*` `crates/<name>`"),
            ["ARCHITECTURE.md mentions `crates/ghost`, which does not exist"]
        );
    }
}
