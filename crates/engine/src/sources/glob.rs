//! The files below a folder whose path fits a pattern: `*` and `?` stand for characters of a name,
//! `**` for any folders. Links that lead out of the folder are not followed.

use domain::{Error, ErrorCode, Result};
use std::path::Path;

/// How deep folders are looked through, and how many entries are looked at.
const MAX_DEPTH: usize = 12;
const MAX_ENTRIES: usize = 100_000;

/// Paths below `root`, with slashes, in their order.
pub(super) fn files(root: &Path, pattern: &str, most: usize) -> Result<Vec<String>> {
    let unreadable = |_| {
        Error::new(ErrorCode::SourceUnavailable, "The folder of this source cannot be read.")
            .hint("Check that the server may read it.")
    };
    let pattern: Vec<&str> = pattern.split('/').filter(|p| !p.is_empty()).collect();
    let (mut found, mut looked) = (Vec::new(), 0);
    let mut open = vec![(root.to_path_buf(), String::new(), 0)];
    while let Some((folder, prefix, depth)) = open.pop() {
        for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            looked += 1;
            if looked > MAX_ENTRIES {
                return Err(too_many(MAX_ENTRIES));
            }
            let Ok(name) = entry.file_name().into_string() else { continue };
            let path = format!("{prefix}{name}");
            let Ok(real) = entry.path().canonicalize() else { continue };
            if !real.starts_with(root) || name.starts_with('.') {
                continue;
            }
            if real.is_dir() {
                if depth < MAX_DEPTH && !entry.path().is_symlink() {
                    open.push((entry.path(), format!("{path}/"), depth + 1));
                }
            } else if fits(&pattern, &path.split('/').collect::<Vec<_>>()) {
                found.push(path);
            }
        }
    }
    if found.len() > most {
        return Err(too_many(most));
    }
    found.sort();
    Ok(found)
}

fn too_many(most: usize) -> Error {
    Error::new(ErrorCode::SourceUnavailable, format!("The folder has more than {most} such files."))
        .hint("Choose a smaller folder or a narrower pattern.")
        .field("settings.pattern")
}

fn fits(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern, path) {
        ([], []) => true,
        (["**", rest @ ..], _) => fits(rest, path) || path.split_first().is_some_and(|(_, below)| fits(pattern, below)),
        ([first, rest @ ..], [name, below @ ..]) => name_fits(first, name) && fits(rest, below),
        _ => false,
    }
}

/// Whether a name fits, in time that grows with the product of the lengths.
fn name_fits(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n, mut star) = (0, 0, None);
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(c) if *c == '?' || *c == name[n] => (p, n) = (p + 1, n + 1),
            _ => match star {
                // The last star takes one character more.
                Some((at, taken)) => {
                    star = Some((at, taken + 1));
                    (p, n) = (at + 1, taken + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        let fits = |pattern: &str, path: &str| {
            fits(&pattern.split('/').collect::<Vec<_>>(), &path.split('/').collect::<Vec<_>>())
        };
        for (pattern, path, expected) in [
            ("*", "a.csv", true),
            ("*", "x/a.csv", false),
            ("*.csv", "a.csv", true),
            ("*.csv", "a.csv.gz", false),
            ("**/*.csv", "a.csv", true),
            ("**/*.csv", "x/y/a.csv", true),
            ("x/**", "x/y/a.csv", true),
            ("x/**/*", "x/y/a.csv", true),
            ("20??-*.parquet", "2024-01.parquet", true),
            ("20??-*.parquet", "2024.parquet", false),
            ("*a*a*a*", "aaaaaaaaaaaaaaaaaaaaaaaab", true),
            ("*a*b*c", "aaaaaaaaaaaaaaaaaaaaaaaab", false),
        ] {
            assert_eq!(fits(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_do_not_lead_out() {
        let (inside, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let root = inside.path().canonicalize().unwrap();
        std::fs::write(outside.path().join("secret.csv"), "a\n1\n").unwrap();
        std::fs::write(root.join("own.csv"), "a\n1\n").unwrap();
        std::fs::create_dir(root.join("sub")).unwrap();
        std::fs::write(root.join("sub/b.csv"), "a\n1\n").unwrap();
        std::os::unix::fs::symlink(outside.path().join("secret.csv"), root.join("link.csv")).unwrap();
        std::os::unix::fs::symlink(outside.path(), root.join("linked")).unwrap();
        std::os::unix::fs::symlink(&root, root.join("sub/loop")).unwrap();
        assert_eq!(files(&root, "**/*", 10).unwrap(), ["own.csv", "sub/b.csv"]);
        assert!(files(&root, "**/*", 1).is_err());
    }
}
