//! SQL is written where values are bound or quoted: `semantic` writes that of questions, `engine` what
//! is done with files of our own, by the same quoting function; everywhere else a statement is a
//! constant, and nothing is put into its text.

use super::Finding;

/// Where statements are put together. The quoting function is in the first.
const WRITERS: [&str; 2] = ["crates/semantic/", "crates/engine/"];
/// The sample data is made of numbers and words of its own.
const OWN: &str = "crates/engine/src/demo.rs";
const VERBS: [&str; 9] =
    ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "CREATE ", "DROP ", "ALTER ", "WITH ", "TRUNCATE "];

/// Looks for statements that are put together, and for values in quotes of their own.
pub(super) fn check(path: &str, text: &str) -> Vec<Finding> {
    let in_tests = path.split('/').any(|part| matches!(part, "tests" | "benches"));
    if !path.ends_with(".rs") || in_tests || path.starts_with("xtask/") {
        return Vec::new();
    }
    // Tests stand at the end of a file.
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let writes = WRITERS.iter().any(|folder| path.starts_with(folder));
    let mut found = Vec::new();
    for (at, _) in code.match_indices("format!(") {
        let Some(literal) = first_literal(&code[at + "format!(".len()..]) else { continue };
        let number = code[..at].lines().count().max(1);
        let is_sql = VERBS.iter().any(|verb| literal.starts_with(verb) && literal.contains('{'));
        if is_sql && !writes {
            found.push(Finding::Problem(format!("{path}:{number}: a statement is put together outside of semantic")));
        }
        if is_sql && literal.contains("'{") && path != OWN {
            found.push(Finding::Problem(format!(
                "{path}:{number}: a value is quoted by hand; semantic has the function"
            )));
        }
    }
    if !path.starts_with("crates/store/tests/") && code.contains("AssertSqlSafe") {
        found.push(Finding::Problem(format!("{path}: a statement is declared safe that is none of ours")));
    }
    found
}

/// The literal that a call begins with.
fn first_literal(code: &str) -> Option<&str> {
    let body = code.trim_start().strip_prefix('"')?;
    let mut escaped = false;
    let end = body.find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    })?;
    Some(&body[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUT_TOGETHER: &str = "fn f() { format!(\"SELECT * FROM {table}\") }";
    const BY_HAND: &str = "fn f() { format!(\n  \"SELECT 1 WHERE a = '{value}'\") }";

    #[test]
    fn statements_are_put_together_in_two_places() {
        assert_eq!(check("crates/services/src/a.rs", PUT_TOGETHER).len(), 1);
        assert_eq!(check("crates/store/src/a.rs", PUT_TOGETHER).len(), 1);
        for fine in ["crates/semantic/src/a.rs", "crates/engine/src/a.rs", "crates/services/tests/a.rs"] {
            assert!(check(fine, PUT_TOGETHER).is_empty(), "{fine}");
        }
        assert!(check("crates/services/src/a.rs", "format!(\"SELECT what you want\")").is_empty(), "a sentence");
        assert!(check("crates/services/src/a.rs", &format!("#[cfg(test)]\n{PUT_TOGETHER}")).is_empty());
    }

    #[test]
    fn nobody_quotes_by_hand() {
        assert_eq!(check("crates/engine/src/a.rs", BY_HAND).len(), 1);
        assert_eq!(check("crates/server/src/a.rs", BY_HAND).len(), 2);
    }
}
