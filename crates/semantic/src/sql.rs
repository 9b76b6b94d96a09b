//! SQL as text: quoting, and the few shapes that statements are put together from. Every name and
//! every value enters SQL through [`ident`] and [`text`]; what differs between databases is in
//! [`crate::dialect`].

use domain::{Error, ErrorCode, Result};

/// A quoted identifier. NUL, which no identifier can hold, is dropped.
pub fn ident(name: &str) -> String {
    format!("\"{}\"", name.replace('\0', "").replace('"', "\"\""))
}

/// A text literal. NUL cannot be written in SQL and is refused.
pub fn text(value: &str) -> Result<String> {
    if value.contains('\0') {
        return Err(Error::new(ErrorCode::InvalidQuery, "A text value cannot contain the NUL character."));
    }
    Ok(format!("'{}'", value.replace('\'', "''")))
}

/// `relation."name"`; every column is written this way, so that an output's name never captures it.
pub(crate) fn column(relation: &str, name: &str) -> String {
    format!("{relation}.{}", ident(name))
}

/// The relation that these names lead to.
pub(crate) fn path(names: &[String]) -> String {
    names.iter().map(|n| ident(n)).collect::<Vec<_>>().join(".")
}

/// The table of a part, which is a database of its own.
pub(crate) fn table(part: &str) -> String {
    format!("{}.\"main\".\"data\"", ident(part))
}

/// `DATE '2024-01-31'` and its like. `value` was printed by us: it holds digits and separators only.
pub(crate) fn moment(kind: &str, value: &str) -> String {
    debug_assert!(value.chars().all(|c| c.is_ascii_digit() || "-: .".contains(c)), "{value}");
    format!("{kind} '{value}'")
}

/// A number, read back by the database as exactly this value: plain digits while they are few enough
/// to be converted exactly, else with an exponent, which makes it a double precision literal.
pub(crate) fn number(value: f64) -> String {
    let plain = value.to_string();
    let digits = plain.bytes().filter(u8::is_ascii_digit).count();
    if digits <= 15 { plain } else { double(value) }
}

/// A number as a double precision literal.
pub(crate) fn double(value: f64) -> String {
    format!("{value:e}")
}

/// `name(a, b)`.
pub(crate) fn call(name: &str, args: &[&str]) -> String {
    format!("{name}({})", args.join(", "))
}

/// `CAST(expr AS kind)`.
pub(crate) fn cast(expr: &str, kind: &str) -> String {
    format!("CAST({expr} AS {kind})")
}

/// `expr AS "name"`.
pub(crate) fn named(expr: &str, name: &str) -> String {
    format!("{expr} AS {}", ident(name))
}

/// `left op right`.
pub(crate) fn binary(left: &str, op: &str, right: &str) -> String {
    format!("{left} {op} {right}")
}

/// `expr IS NULL`.
pub(crate) fn is_null(expr: &str) -> String {
    format!("{expr} IS NULL")
}

/// `expr IS NOT NULL`.
pub(crate) fn is_not_null(expr: &str) -> String {
    format!("{expr} IS NOT NULL")
}

/// `NOT test`, where the test is a call.
pub(crate) fn not(test: &str) -> String {
    format!("NOT {test}")
}

/// `(expr)`.
pub(crate) fn group(expr: &str) -> String {
    format!("({expr})")
}

/// `CASE WHEN test THEN value ELSE otherwise END`.
pub(crate) fn case(whens: &[(&str, &str)], otherwise: &str) -> String {
    let whens: Vec<String> = whens.iter().map(|(test, value)| format!("WHEN {test} THEN {value}")).collect();
    format!("CASE {} ELSE {otherwise} END", whens.join(" "))
}

/// `expr IN (a, b)`.
pub(crate) fn within(expr: &str, op: &str, values: &[String]) -> String {
    format!("{expr} {op} ({})", values.join(", "))
}

/// An aggregate over some of its rows.
pub(crate) fn filtered(aggregate: &str, condition: &str) -> String {
    format!("{aggregate} FILTER (WHERE {condition})")
}

/// All of them; nothing to hold is true.
pub(crate) fn all(conditions: &[String]) -> String {
    joined(conditions, " AND ", "TRUE")
}

/// Any of them; nothing to choose from is false.
pub(crate) fn any(conditions: &[String]) -> String {
    joined(conditions, " OR ", "FALSE")
}

fn joined(conditions: &[String], glue: &str, nothing: &str) -> String {
    match conditions {
        [] => nothing.to_owned(),
        [one] => one.clone(),
        many => format!("({})", many.join(glue)),
    }
}

/// A sort key; rows without a value come last whichever the direction.
pub(crate) fn sort(key: &str, ascending: bool) -> String {
    format!("{key} {} NULLS LAST", if ascending { "ASC" } else { "DESC" })
}

/// A statement in parentheses, as a relation or a value.
pub(crate) fn nested(select: &Select) -> String {
    format!("({})", select.line())
}

/// `left JOIN right ON condition`.
pub(crate) fn join(left: &str, is_inner: bool, right: &str, condition: &str) -> String {
    format!("{left} {} {right} ON {condition}", if is_inner { "JOIN" } else { "LEFT JOIN" })
}

/// `left FULL JOIN right ON condition`.
pub(crate) fn full_join(left: &str, right: &str, condition: &str) -> String {
    format!("{left} FULL JOIN {right} ON {condition}")
}

/// Equal, where nothing equals nothing.
pub(crate) fn same(a: &str, b: &str) -> String {
    format!("{a} IS NOT DISTINCT FROM {b}")
}

/// `function OVER (PARTITION BY partition ORDER BY order frame)`.
pub(crate) fn over(function: &str, partition: &[String], order: &[String], frame: &str) -> String {
    let mut parts = Vec::new();
    if !partition.is_empty() {
        parts.push(format!("PARTITION BY {}", partition.join(", ")));
    }
    if !order.is_empty() {
        parts.push(format!("ORDER BY {}", order.join(", ")));
    }
    if !frame.is_empty() {
        parts.push(frame.to_owned());
    }
    format!("{function} OVER ({})", parts.join(" "))
}

/// A relation under a name.
pub(crate) fn aliased(relation: &str, alias: &str) -> String {
    format!("{relation} AS {alias}")
}

/// `a UNION ALL b`.
pub(crate) fn union(selects: &[Select]) -> String {
    format!("({})", selects.iter().map(Select::line).collect::<Vec<_>>().join(" UNION ALL "))
}

/// A named subquery.
#[derive(Clone, Debug)]
pub(crate) struct With {
    name: String,
    select: String,
    is_kept: bool,
}

/// A subquery that is cheap to read twice: a copy in memory would cost more.
pub(crate) fn with(name: &str, select: String) -> With {
    With { name: name.to_owned(), select, is_kept: false }
}

/// A subquery with a small result that is worked out once.
pub(crate) fn kept(name: &str, select: String) -> With {
    With { name: name.to_owned(), select, is_kept: true }
}

impl With {
    fn print(&self) -> String {
        let (name, select) = (ident(&self.name), &self.select);
        if self.is_kept {
            format!("{name} AS MATERIALIZED ({select})")
        } else {
            format!("{name} AS NOT MATERIALIZED ({select})")
        }
    }
}

/// One SELECT: its clauses, each already SQL.
#[derive(Clone, Debug, Default)]
pub(crate) struct Select {
    pub(crate) with: Vec<With>,
    pub(crate) items: Vec<String>,
    pub(crate) from: Vec<String>,
    pub(crate) filter: Vec<String>,
    pub(crate) group: Vec<String>,
    pub(crate) having: Vec<String>,
    pub(crate) order: Vec<String>,
    pub(crate) limit: Option<u64>,
    pub(crate) offset: u64,
}

impl Select {
    /// `SELECT items FROM relation`.
    pub(crate) fn of(items: Vec<String>, relation: impl Into<String>) -> Self {
        Self { items, from: vec![relation.into()], ..Self::default() }
    }

    /// The statement, one clause a line.
    pub(crate) fn print(&self) -> String {
        self.clauses().join("\n")
    }

    /// The statement on one line.
    pub(crate) fn line(&self) -> String {
        self.clauses().join(" ")
    }

    fn clauses(&self) -> Vec<String> {
        let mut out = Vec::new();
        let mut clause = |word: &str, parts: &[String], glue: &str| {
            if !parts.is_empty() {
                out.push(format!("{word} {}", parts.join(glue)));
            }
        };
        let with: Vec<String> = self.with.iter().map(With::print).collect();
        clause("WITH", &with, ",\n");
        clause("SELECT", &self.items, ", ");
        clause("FROM", &self.from, ", ");
        clause("WHERE", &self.filter, " AND ");
        clause("GROUP BY", &self.group, ", ");
        clause("HAVING", &self.having, " AND ");
        clause("ORDER BY", &self.order, ", ");
        if let Some(limit) = self.limit {
            out.push(format!("LIMIT {limit}"));
        }
        if self.offset > 0 {
            out.push(format!("OFFSET {}", self.offset));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_plain_while_that_is_exact() {
        for (value, sql) in [
            (0.1, "0.1"),
            (-500.0, "-500"),
            (1e15, "1e15"),
            (1e300, "1e300"),
            (5e-324, "5e-324"),
            (0.123_456_789_012_345_66, "1.2345678901234566e-1"),
        ] {
            assert_eq!(number(value), sql);
        }
    }

    #[test]
    fn nul_is_kept_out() {
        assert!(text("a\0b").is_err());
        assert_eq!(ident("a\0b"), "\"ab\"");
    }

    /// Reads a quoted token back the way SQL does: a doubled quote is a quote, a single one ends it.
    fn unquote(sql: &str, quote: char) -> Option<String> {
        let inner = sql.strip_prefix(quote)?.strip_suffix(quote)?;
        let mut out = String::new();
        let mut chars = inner.chars();
        while let Some(c) = chars.next() {
            if c == quote && chars.next() != Some(quote) {
                return None;
            }
            out.push(c);
        }
        Some(out)
    }

    proptest! {
        #[test]
        fn a_literal_reads_back_as_what_went_in(value in "[^\0]*") {
            prop_assert_eq!(unquote(&text(&value).unwrap(), '\''), Some(value));
        }

        #[test]
        fn an_identifier_reads_back_as_what_went_in(name in "[^\0]*") {
            prop_assert_eq!(unquote(&ident(&name), '"'), Some(name));
        }

        #[test]
        fn quotes_and_backslashes_do_not_end_a_literal(value in "['\"\\\\;-]{0,20}") {
            prop_assert_eq!(unquote(&text(&value).unwrap(), '\''), Some(value.clone()));
            prop_assert_eq!(unquote(&ident(&value), '"'), Some(value));
        }

        #[test]
        fn a_number_reads_back_as_what_went_in(value in proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL | proptest::num::f64::ZERO) {
            prop_assert_eq!(number(value).parse::<f64>().unwrap(), value);
            prop_assert_eq!(double(value).parse::<f64>().unwrap(), value);
        }
    }
}
