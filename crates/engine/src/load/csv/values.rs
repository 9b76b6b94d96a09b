//! What the texts of a column are: numbers in one of their notations, dates in one of theirs,
//! truth values, or just text. Only what DuckDB will read the same way counts as anything but text.

use super::dates::{Stamp, date_forms, stamp};

/// Texts that mean "missing" in a column of anything but text.
pub(crate) const MISSING: &[&str] = &[
    "NA", "N/A", "n/a", "na", "NULL", "null", "Null", "None", "none", "\\N", "-", "--", "?", "NaN", "nan", "#N/A",
    "#NA",
];

/// One text, as far as its column's type depends on it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Empty,
    /// One of [`MISSING`], by position.
    Missing(usize),
    Boolean,
    Number(Number),
    /// A bit for each of [`DATES`] that reads it.
    Date(u16),
    Stamp(Stamp),
    Time,
    Text,
}

/// The notation of a number.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub(crate) struct Number {
    /// Digits before the decimal mark, leading zeros not counted.
    pub(crate) whole: u8,
    /// Digits after it.
    pub(crate) fraction: u8,
    pub(crate) exponent: bool,
    /// A decimal mark that can be nothing else.
    pub(crate) mark: Option<char>,
    /// A mark between groups of three that can be nothing else.
    pub(crate) group: Option<char>,
    /// `1,234` or `1.234`: this mark is one or the other.
    pub(crate) unclear: Option<char>,
    /// A currency sign.
    pub(crate) symbol: bool,
    /// `007` is a code, not a number.
    pub(crate) leading_zero: bool,
}

/// Reads one text.
pub(crate) fn classify(raw: &str) -> Kind {
    let text = raw.trim();
    if text.is_empty() {
        return Kind::Empty;
    }
    let first = text.as_bytes()[0];
    if text.len() <= 40
        && (first.is_ascii_digit() || b"+-.$\xC2\xE2(".contains(&first) || text.ends_with(['€', '$', '£', '¥']))
    {
        if let Some(number) = number(text) {
            return Kind::Number(number);
        }
        if first.is_ascii_digit() || first == b'-' || first == b'+' {
            let dates = date_forms(text);
            if dates != 0 {
                return Kind::Date(dates);
            }
            if crate::clock::parse_time(text).is_some() {
                return Kind::Time;
            }
            if let Some(stamp) = stamp(text) {
                return Kind::Stamp(stamp);
            }
        }
    }
    if let Some(at) = MISSING.iter().position(|m| *m == text) {
        return Kind::Missing(at);
    }
    if text.len() <= 5 && ["true", "false", "yes", "no"].iter().any(|w| text.eq_ignore_ascii_case(w)) {
        return Kind::Boolean;
    }
    Kind::Text
}

/// A number, or none where the text is something else.
fn number(text: &str) -> Option<Number> {
    let mut found = Number::default();
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    for symbol in ['$', '€', '£', '¥'] {
        if let Some(bare) = rest.strip_prefix(symbol).or_else(|| rest.strip_suffix(symbol)) {
            rest = bare.trim();
            rest = if text.starts_with(['-', '+']) { rest } else { rest.strip_prefix('-').unwrap_or(rest) };
            found.symbol = true;
            break;
        }
    }
    let (mantissa, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (&rest[..at], Some(&rest[at + 1..])),
        None => (rest, None),
    };
    if let Some(exponent) = exponent {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        if digits.is_empty() || digits.len() > 3 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        found.exponent = true;
    }
    if !mantissa.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    let marks: Vec<(usize, char)> = mantissa.char_indices().filter(|(_, c)| !c.is_ascii_digit()).collect();
    let Some(&(last, mark)) = marks.last() else {
        found.leading_zero = mantissa.len() > 1 && mantissa.starts_with('0');
        found.whole = count(mantissa.trim_start_matches('0').len());
        return Some(found);
    };
    let groups = || marks.iter().map(|(_, c)| *c).next();
    let after = mantissa.len() - last - mark.len_utf8();
    let head = &mantissa[..last];
    match marks.len() {
        1 if matches!(mark, '.' | ',') => {
            // `1.234` may be grouped; `0.123`, `1234.567` and `1.5` cannot.
            let grouped = after == 3 && (1..=3).contains(&head.len()) && !head.starts_with('0');
            if grouped && !found.exponent {
                found.unclear = Some(mark);
            } else {
                found.mark = Some(mark);
            }
            (found.whole, found.fraction) = (count(head.trim_start_matches('0').len()), count(after));
            found.leading_zero = head.len() > 1 && head.starts_with('0');
        }
        _ => {
            let group = groups()?;
            if !matches!(group, '.' | ',' | ' ' | '\'' | '\u{a0}' | '\u{202f}') || found.exponent {
                return None;
            }
            let decimal = (mark != group).then_some(mark);
            if decimal.is_some_and(|d| !matches!(d, '.' | ','))
                || marks[..marks.len() - 1].iter().any(|(_, c)| *c != group)
            {
                return None;
            }
            let grouped = if decimal.is_some() { head } else { mantissa };
            let mut parts = grouped.split(group);
            let first = parts.next()?;
            if !(1..=3).contains(&first.len()) || first.starts_with('0') || parts.any(|p| p.len() != 3) {
                return None;
            }
            found.group = Some(group);
            found.mark = decimal;
            found.fraction = if decimal.is_some() { count(after) } else { 0 };
            found.whole = count(grouped.bytes().filter(u8::is_ascii_digit).count());
        }
    }
    Some(found)
}

fn count(n: usize) -> u8 {
    u8::try_from(n).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> Kind {
        classify(text)
    }

    fn as_number(text: &str) -> Number {
        match kind(text) {
            Kind::Number(n) => n,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn notations_of_numbers() {
        assert_eq!(as_number("12.50").mark, Some('.'));
        assert_eq!(as_number("-4,5").mark, Some(','));
        assert_eq!(as_number("1,234").unclear, Some(','));
        assert_eq!(as_number("0,123").mark, Some(','));
        assert_eq!(as_number("1234,567").mark, Some(','));
        let n = as_number("1.234.567,89");
        assert_eq!((n.group, n.mark, n.fraction, n.whole), (Some('.'), Some(','), 2, 7));
        let n = as_number("$1,234.50");
        assert!(n.symbol && n.group == Some(',') && n.mark == Some('.'));
        assert!(as_number("12,50 €").symbol);
        assert!(as_number("01234").leading_zero);
        assert!(!as_number("0").leading_zero && !as_number("0.5").leading_zero);
        assert!(as_number("1e-5").exponent);
        assert_eq!(as_number("9223372036854775808").whole, 19);
        for text in ["1.2.3", "1,23,456", "12a", "-", "1e", "--1", "192.168.1.1", "1 2", "0x10", "."] {
            assert!(!matches!(kind(text), Kind::Number(_)), "{text} is {:?}", kind(text));
        }
    }

    #[test]
    fn words() {
        assert_eq!(kind("TRUE"), Kind::Boolean);
        assert_eq!(kind("08:30"), Kind::Time);
        assert_eq!(kind("2024-02-29"), Kind::Date(1));
        assert_eq!(kind("2024-01-01 25:00"), Kind::Text);
        assert_eq!(kind("  "), Kind::Empty);
        assert_eq!(kind("NA"), Kind::Missing(0));
        assert_eq!(kind("-"), Kind::Missing(MISSING.iter().position(|m| *m == "-").unwrap()));
        assert_eq!(kind("Déjà"), Kind::Text);
        assert_eq!(kind("€"), Kind::Text);
    }
}
