//! Colours live in one file, so that light, dark and paper change together.

use super::Finding;

const TOKENS: &str = "style/tokens.css";
const PAINTED: [&str; 5] = ["rs", "css", "js", "mjs", "ts"];
const FUNCTIONS: [&str; 7] = ["rgb(", "rgba(", "hsl(", "hsla(", "hwb(", "oklch(", "oklab("];

/// Looks for colours written out in a file.
pub(super) fn check(path: &str, text: &str) -> Vec<Finding> {
    if !is_checked(path) {
        return Vec::new();
    }
    text.lines()
        .enumerate()
        // Tests stand at the end of a Rust file and may name colours they expect.
        .take_while(|(_, line)| !(path.ends_with(".rs") && line.trim() == "#[cfg(test)]"))
        .filter(|(_, line)| !is_comment(line))
        .filter_map(|(index, line)| Some((index, literal(line)?)))
        .map(|(index, found)| {
            let number = index + 1;
            Finding::Problem(format!("{path}:{number}: {found} belongs in {TOKENS}"))
        })
        .collect()
}

fn is_checked(path: &str) -> bool {
    let painted = path.rsplit_once('.').is_some_and(|(_, end)| PAINTED.contains(&end));
    let in_tests = path.split('/').any(|part| part == "tests" || part == "fixtures");
    let is_test = [".test.", ".spec.", "_tests."].iter().any(|part| path.contains(part));
    painted && path != TOKENS && !in_tests && !is_test
}

fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("//") || line.starts_with("/*") || line.starts_with("* ")
}

/// The first colour in a line.
fn literal(line: &str) -> Option<&str> {
    hexadecimal(line).or_else(|| called(line))
}

/// `#rgb` and its longer forms, standing alone.
fn hexadecimal(line: &str) -> Option<&str> {
    let bytes = line.as_bytes();
    for (at, _) in line.match_indices('#') {
        let before = at.checked_sub(1).map(|index| bytes[index]);
        // An entity (&#123;), an address (page#abc) and a raw identifier (r#abc) are none.
        if before.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'&') {
            continue;
        }
        let digits = bytes[at + 1..].iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        let end = at + 1 + digits;
        let after = bytes.get(end).copied().unwrap_or(b' ');
        let alone = !(after.is_ascii_alphanumeric() || matches!(after, b'-' | b'_' | b'('));
        if matches!(digits, 3 | 4 | 6 | 8) && alone {
            return Some(&line[at..end]);
        }
    }
    None
}

/// `rgb(…)` and the like with numbers in it; with variables in it, it is no literal.
fn called(line: &str) -> Option<&str> {
    FUNCTIONS.iter().find_map(|function| {
        line.match_indices(function).find_map(|(at, _)| {
            let part_of_word = at > 0 && matches!(line.as_bytes()[at - 1], b'-' | b'_' | b'a'..=b'z' | b'A'..=b'Z');
            let inside = line[at + function.len()..].trim_start();
            let is_number = inside.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-'));
            (is_number && !part_of_word).then(|| &line[at..at + function.len()])
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_found() {
        for line in [
            "color: #fff;",
            "background:#12345678",
            "let c = \"#5470c6\";",
            "fill: rgb(0 0 0 / 50%)",
            "oklch(0.7 0.1 200)",
            "border: 1px solid hsl( 10deg 20% 30%)",
        ] {
            assert!(literal(line).is_some(), "{line}");
        }
    }

    #[test]
    fn what_only_looks_like_a_colour_is_let_through() {
        for line in [
            "#[derive(Debug)]",
            "#add-tile { margin: 0 }",
            "format!(\"{:#06x} {n:#?}\")",
            "r#type, r#\"text\"#",
            "&#123; page#abc",
            "superset#16224",
            "fn parse_rgb(value: &str)",
            "text.strip_prefix(\"oklch(\")",
            "rgb(var(--shade))",
            "format!(\"rgb({r}, {g}, {b})\")",
            "color-mix(in oklch, var(--a), var(--b))",
        ] {
            assert_eq!(literal(line), None, "{line}");
        }
    }

    #[test]
    fn only_the_tokens_and_tests_may_name_colours() {
        let text = "a { color: #fff }\n";
        assert_eq!(check("style/tokens.css", text), []);
        assert_eq!(check("crates/charts/tests/bars.rs", text), []);
        assert_eq!(check("frontend/js/format.test.mjs", text), []);
        assert_eq!(check("crates/charts/src/theme_tests.rs", text), []);
        assert_eq!(check("README.md", text), []);
        assert_eq!(
            check("style/main.css", text),
            [Finding::Problem("style/main.css:1: #fff belongs in style/tokens.css".into())]
        );
        assert_eq!(check("crates/charts/src/theme.rs", "let c = \"#fff\";").len(), 1);
        assert_eq!(check("a.rs", "// see #123\n#[cfg(test)]\nlet c = \"#fff\";"), []);
    }
}
