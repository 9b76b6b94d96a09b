//! Counts and sizes in words.

use domain::api::LoadResult;
use domain::format::{Format, Style, number};

/// 1,234,567.
pub(crate) fn count(n: u64) -> String {
    number(n as f64, &Format::default(), false, &crate::session::locale())
}

/// 12.3 MB.
pub(crate) fn bytes(n: f64) -> String {
    number(n, &Format { style: Style::Bytes, ..Format::default() }, true, &crate::session::locale())
}

/// "1 row", "2,000 rows".
pub(crate) fn plural(n: u64, word: &str) -> String {
    format!("{} {word}{}", count(n), if n == 1 { "" } else { "s" })
}

/// What became of a load.
pub(crate) fn loaded(result: &LoadResult) -> String {
    let rows = plural(result.dataset.row_count, "row");
    let left = match result.rejected {
        0 => String::new(),
        n => format!(", {} left out", count(n)),
    };
    format!("Loaded {}: {rows}{left}", result.dataset.label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_not_many() {
        assert_eq!(plural(1, "row"), "1 row");
        assert_eq!(plural(1_200, "row"), "1,200 rows");
    }
}
