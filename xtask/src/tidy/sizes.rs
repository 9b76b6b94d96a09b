//! Files that one can read in one sitting.

use super::Finding;

const MOST: usize = 800;
const MANY: usize = 500;
const SOURCES: [&str; 7] = ["rs", "ts", "js", "mjs", "css", "py", "sh"];

/// Whether a path is a source file, by its ending.
pub(super) fn is_source(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, extension)| SOURCES.contains(&extension))
}

/// Checks the length of a file.
pub(super) fn check(path: &str, text: &str) -> Option<Finding> {
    let lines = text.lines().count();
    if lines > MOST {
        Some(Finding::Problem(format!("{path} has {lines} lines: {MOST} is the most, split it")))
    } else if lines > MANY {
        Some(Finding::Warning(format!("{path} has {lines} lines: think of splitting it")))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_is_a_warning_and_too_long_a_problem() {
        assert_eq!(check("a.rs", &"x\n".repeat(MANY)), None);
        assert!(matches!(check("a.rs", &"x\n".repeat(MANY + 1)), Some(Finding::Warning(_))));
        assert!(matches!(check("a.rs", &"x\n".repeat(MOST)), Some(Finding::Warning(_))));
        assert!(matches!(check("a.rs", &"x\n".repeat(MOST + 1)), Some(Finding::Problem(_))));
    }

    #[test]
    fn sources_are_known_by_their_ending() {
        assert!(is_source("crates/domain/src/lib.rs"));
        assert!(is_source("end2end/server.ts"));
        assert!(!is_source("Cargo.lock"));
        assert!(!is_source("Makefile"));
        assert!(!is_source("fixtures/sales.csv"));
    }
}
