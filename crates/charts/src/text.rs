//! Words and numbers in sentences.

use domain::format::{self, Format, Style};

/// The language of sentences made without a reader in mind.
pub(crate) const DEFAULT_LOCALE: &str = "en-US";

/// `3,214`
pub(crate) fn count(n: usize) -> String {
    format::number(n as f64, &Format::default(), false, DEFAULT_LOCALE)
}

/// `1 row`, `2 rows`
pub(crate) fn plural(n: usize, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// A change in percent, without its sign: `5.2%`.
pub(crate) fn percent(percent: f64, locale: &str) -> String {
    let format = Format { style: Style::Percent, ..Format::default() };
    format::number(percent.abs() / 100.0, &format, true, locale)
}

/// Names in a sentence: `a, b and c`.
pub(crate) fn list(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
