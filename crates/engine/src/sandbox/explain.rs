//! What DuckDB says about the SQL of a user, in sentences of ours. Only names that stand in that SQL,
//! or that its writer may read, are repeated; never a value of a row and never a path.

use super::place::short;
use crate::fault::{self, Kind};
use domain::{Error, ErrorCode};

/// An error, and the column that it is about.
pub(super) fn explain(message: &str) -> (Error, Option<String>) {
    if let Some(raised) = semantic::raised(message) {
        return (raised, None);
    }
    match fault::kind(message) {
        Kind::Interrupted => return (fault::cancelled(), None),
        Kind::OutOfMemory | Kind::DiskFull => return (too_large(), None),
        _ => {}
    }
    let (kind, rest) = message.split_once(": ").unwrap_or(("", message));
    let first = rest.lines().next().unwrap_or_default();
    match kind {
        "Binder Error" => binder(first, rest),
        "Catalog Error" => (catalog(first), None),
        "Parser Error" => (refuse("This is not SQL that can be read."), None),
        "Conversion Error" => (
            refuse("A value cannot be turned into the type that is asked for.")
                .hint("TRY_CAST gives NULL where a value does not fit."),
            None,
        ),
        "Out of Range Error" => (
            refuse("A value is outside the range that its type can hold.").hint("CAST to DOUBLE or DECIMAL first."),
            None,
        ),
        "Invalid Input Error" if first.contains("subquery used as an expression") => (
            refuse("A subquery in place of a value gives more than one row.").hint("Aggregate it, or add LIMIT 1."),
            None,
        ),
        "Invalid Input Error" => (
            refuse("A function cannot work with a value that it is given.")
                .hint("Look at patterns, formats and the parts that functions take; TRY(...) gives NULL instead."),
            None,
        ),
        "Not implemented Error" => (refuse("The database cannot do this."), None),
        "Permission Error" => (refuse("This is not allowed in SQL that reads datasets."), None),
        _ => (refuse("The database cannot answer this SELECT.").hint("Try it in smaller parts."), None),
    }
}

fn refuse(message: impl Into<String>) -> Error {
    Error::new(ErrorCode::InvalidQuery, message).field("sql")
}

fn too_large() -> Error {
    Error::new(ErrorCode::QueryTooLarge, "This SQL needs more memory than one statement may use.")
        .hint("Read fewer rows or columns, or group by less.")
        .field("sql")
}

fn binder(first: &str, all: &str) -> (Error, Option<String>) {
    let name = quoted(first).map(short);
    let near = all.lines().find_map(|line| line.strip_prefix("Candidate bindings: ").and_then(quoted)).map(short);
    let column = |name: &str| {
        let error = Error::new(ErrorCode::UnknownColumn, format!("There is no column `{name}`.")).field("sql");
        match &near {
            Some(near) => error.hint(format!("Did you mean `{near}`?")),
            None => error.hint("Look at the columns of the datasets in FROM."),
        }
    };
    if let Some(name) = name {
        if first.starts_with("Referenced column") {
            return (column(&name), Some(name));
        }
        if let Some((_, rest)) = first.split_once(" does not have a column named ") {
            let missing = quoted(rest).map(short).unwrap_or_default();
            return (column(&missing), Some(missing));
        }
        if first.starts_with("Referenced table") {
            let error = refuse(format!("There is no `{name}` in this FROM."));
            return (error.hint("Columns are named by the dataset or its alias: s.amount for FROM sales s."), None);
        }
        if first.starts_with("Ambiguous reference to column name") {
            let error = refuse(format!("More than one table has a column `{name}`."));
            return (error.hint(format!("Write whose it is, such as s.{name}.")), Some(name));
        }
        if first.contains("must appear in the GROUP BY clause") {
            let error = refuse(format!("`{name}` is neither grouped by nor aggregated."));
            return (error.hint("Add it to GROUP BY, or write any_value(...)."), Some(name));
        }
    }
    if let Some((_, rest)) = first.split_once("No function matches the given name and argument types '") {
        let call = short(rest.split('\'').next().unwrap_or_default());
        let error = refuse(format!("`{call}`: this function does not take values of these types."));
        return (error.hint("Turn them into another type with CAST."), None);
    }
    for (words, sentence) in [
        ("WHERE clause cannot contain aggregates", "WHERE cannot have aggregates: use HAVING."),
        ("aggregate function calls cannot be nested", "An aggregate cannot hold another one: use a subquery."),
        ("cannot contain window", "A window function cannot be used there: use QUALIFY or a subquery."),
        ("Cannot compare values of type", "Values of types that do not fit are compared: use CAST."),
        ("Cannot mix values of type", "Values of types that do not fit are mixed: use CAST."),
        ("same number of result columns", "The SELECTs that are put together have different numbers of columns."),
        ("UNNEST", "UNNEST takes a list or a struct."),
    ] {
        if first.contains(words) {
            return (refuse(sentence), None);
        }
    }
    (
        refuse("The database cannot make sense of this SELECT.").hint("Look at its names and the types of its values."),
        None,
    )
}

fn catalog(first: &str) -> Error {
    let name = first.split_once("with name ").and_then(|(_, rest)| rest.split_whitespace().next()).map(short);
    let name = name.map(|n| n.trim_matches('"').to_owned()).unwrap_or_default();
    if first.starts_with("Table with name") {
        return super::gate::unknown_dataset(&name).field("sql");
    }
    if first.starts_with("Type with name") {
        return refuse(format!("There is no type `{name}`."));
    }
    if first.contains("Function with name") {
        return refuse(format!("The function `{name}` cannot be used like this."));
    }
    refuse("The database does not know a name in this SELECT.")
}

/// What stands between the first two double quotes.
fn quoted(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once('"')?;
    Some(rest.split_once('"')?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_and_values_are_not() {
        let (error, column) =
            explain("Binder Error: Referenced column \"nope\" not found in FROM clause!\nCandidate bindings: \"note\"");
        assert_eq!(error.code, ErrorCode::UnknownColumn);
        assert_eq!((error.hint.as_deref(), column.as_deref()), (Some("Did you mean `note`?"), Some("nope")));
        for message in [
            "Conversion Error: Could not convert string 'SECRET' to INT32",
            "Invalid Input Error: Could not parse string \"SECRET\" according to format specifier \"%Y\"",
            "Out of Range Error: Overflow in addition of INT64 (SECRET + 1)!",
            "IO Error: Cannot open file \"/SECRET\"",
            "Serialization Error: SECRET",
            "SECRET",
            "Binder Error: SECRET",
        ] {
            let (error, _) = explain(message);
            assert!(!format!("{error:?}").contains("SECRET"), "{error:?}");
            assert_ne!(error.code.status(), 500);
        }
    }
}
