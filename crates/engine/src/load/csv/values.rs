//! What the texts of a column are: numbers in one of their notations, dates in one of theirs,
//! truth values, or just text. Only what DuckDB will read the same way counts as anything but text.

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
    /// A bit for each of [`STAMPS`] that reads it.
    Stamp(u16),
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

/// A date notation: DuckDB's pattern, none for ISO 8601; the order of its parts; their separator.
pub(crate) struct DateForm {
    pub(crate) pattern: Option<&'static str>,
    order: [u8; 3],
    separator: char,
    month_name: bool,
}

const fn form(pattern: &'static str, order: &[u8; 3], separator: char) -> DateForm {
    DateForm { pattern: Some(pattern), order: *order, separator, month_name: false }
}

/// ISO first; of two that read the same texts the earlier one is taken, see `prefer_day_first`.
pub(crate) const DATES: &[DateForm] = &[
    DateForm { pattern: None, order: *b"ymd", separator: '-', month_name: false },
    form("%Y/%m/%d", b"ymd", '/'),
    form("%d.%m.%Y", b"dmy", '.'),
    form("%m/%d/%Y", b"mdy", '/'),
    form("%d/%m/%Y", b"dmy", '/'),
    form("%d-%m-%Y", b"dmy", '-'),
    form("%m-%d-%Y", b"mdy", '-'),
    form("%Y.%m.%d", b"ymd", '.'),
    DateForm { pattern: Some("%d-%b-%Y"), order: *b"dmy", separator: '-', month_name: true },
    DateForm { pattern: Some("%d %b %Y"), order: *b"dmy", separator: ' ', month_name: true },
];

/// The day-first twin of a month-first form.
pub(crate) fn day_first_twin(form: usize) -> Option<usize> {
    match form {
        3 => Some(4),
        6 => Some(5),
        _ => None,
    }
}

/// The time of day in a timestamp: DuckDB's pattern.
pub(crate) const CLOCKS: &[&str] = &["%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p"];

/// A timestamp's bit: ISO in bit 0, ISO with an offset in bit 1, then date form times clock.
pub(crate) const STAMP_ISO: u16 = 1;
pub(crate) const STAMP_ZONED: u16 = 2;

/// What a timestamp that is not ISO is made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Stamp {
    /// A bit for each of [`DATES`].
    pub(crate) dates: u16,
    /// Index in [`CLOCKS`]; none for ISO.
    pub(crate) clock: Option<usize>,
    pub(crate) zoned: bool,
}

/// Reads one text. The second value is set for timestamps.
pub(crate) fn classify(raw: &str) -> (Kind, Option<Stamp>) {
    let text = raw.trim();
    if text.is_empty() {
        return (Kind::Empty, None);
    }
    let first = text.as_bytes()[0];
    if text.len() <= 40
        && (first.is_ascii_digit() || b"+-.$\xC2\xE2(".contains(&first) || text.ends_with(['€', '$', '£', '¥']))
    {
        if let Some(number) = number(text) {
            return (Kind::Number(number), None);
        }
        if first.is_ascii_digit() || first == b'-' || first == b'+' {
            let dates = date_forms(text);
            if dates != 0 {
                return (Kind::Date(dates), None);
            }
            if crate::clock::parse_time(text).is_some() {
                return (Kind::Time, None);
            }
            if let Some(stamp) = stamp(text) {
                let bit = if stamp.zoned { STAMP_ZONED } else { STAMP_ISO };
                return (Kind::Stamp(bit), Some(stamp));
            }
        }
    }
    if let Some(at) = MISSING.iter().position(|m| *m == text) {
        return (Kind::Missing(at), None);
    }
    if text.len() <= 5 && ["true", "false", "yes", "no"].iter().any(|w| text.eq_ignore_ascii_case(w)) {
        return (Kind::Boolean, None);
    }
    (Kind::Text, None)
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

/// A bit for each date form that reads the text.
fn date_forms(text: &str) -> u16 {
    DATES.iter().enumerate().filter(|(_, f)| reads_date(f, text)).fold(0, |bits, (at, _)| bits | 1 << at)
}

fn reads_date(form: &DateForm, text: &str) -> bool {
    let mut parts = text.split(form.separator);
    let (Some(a), Some(b), Some(c), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let (mut year, mut month, mut day) = (None, None, None);
    for (part, what) in [a, b, c].into_iter().zip(form.order) {
        match what {
            b'y' => year = digits(part, 4, if form.pattern.is_none() { 6 } else { 4 }),
            b'm' if form.month_name => month = month_name(part),
            b'm' => month = digits(part, 1, 2),
            _ => day = digits(part, 1, 2),
        }
    }
    let (Some(year), Some(month), Some(day)) = (year, month, day) else { return false };
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return false;
    }
    let number = crate::clock::days(i64::from(year), month, day);
    crate::clock::civil(number) == (i64::from(year), month, day)
}

fn digits(text: &str, min: usize, max: usize) -> Option<u32> {
    ((min..=max).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

fn month_name(text: &str) -> Option<u32> {
    const NAMES: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    NAMES.iter().position(|n| text.eq_ignore_ascii_case(n)).and_then(|n| u32::try_from(n + 1).ok())
}

/// A date and a time of day.
fn stamp(text: &str) -> Option<Stamp> {
    // The date ends at a T or at the first blank after which a digit and a colon come.
    let colon = text.find(':')?;
    let cut = text[..colon].rfind([' ', 'T', 't'])?;
    let (date, rest) = (text[..cut].trim_end(), text[cut + 1..].trim_start());
    let dates = date_forms(date);
    if dates == 0 {
        return None;
    }
    if dates & 1 == 1 {
        let zone = rest.find(['Z', 'z', '+', '-']);
        let clock = zone.map_or(rest, |at| rest[..at].trim_end());
        if crate::clock::parse_time(clock).is_some() && crate::clock::parse_timestamp(text).is_some() {
            return Some(Stamp { dates: 1, clock: None, zoned: zone.is_some() });
        }
        return None;
    }
    if text.as_bytes()[cut] != b' ' || date.len() != cut {
        return None;
    }
    let clock = CLOCKS.iter().position(|pattern| reads_clock(pattern, rest))?;
    Some(Stamp { dates, clock: Some(clock), zoned: false })
}

fn reads_clock(pattern: &str, text: &str) -> bool {
    let half_day = pattern.ends_with("%p");
    let clock = match text.split_once(' ') {
        Some((clock, half)) if half_day => {
            if !half.eq_ignore_ascii_case("am") && !half.eq_ignore_ascii_case("pm") {
                return false;
            }
            clock
        }
        None if !half_day => text,
        _ => return false,
    };
    let parts: Vec<Option<u32>> = clock.split(':').map(|p| digits(p, 1, 2)).collect();
    if parts.len() != if pattern.contains("%S") { 3 } else { 2 } {
        return false;
    }
    let hours = if half_day { 1..=12 } else { 0..=23 };
    parts.iter().enumerate().all(|(at, p)| p.is_some_and(|n| if at == 0 { hours.contains(&n) } else { n < 60 }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> Kind {
        classify(text).0
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
    fn dates_and_timestamps() {
        assert_eq!(kind("2024-02-29"), Kind::Date(1));
        assert_eq!(kind("2023-02-29"), Kind::Text);
        assert_eq!(kind("31.12.2024"), Kind::Date(1 << 2));
        assert_eq!(kind("12/31/2024"), Kind::Date(1 << 3));
        assert_eq!(kind("05/06/2024"), Kind::Date(1 << 3 | 1 << 4));
        assert_eq!(kind("05-Jan-2024"), Kind::Date(1 << 8));
        assert_eq!(kind("10000-12-31"), Kind::Date(1));
        assert_eq!(classify("2024-03-04T08:14:21.947Z").1, Some(Stamp { dates: 1, clock: None, zoned: true }));
        assert_eq!(classify("2024-03-04 08:14").1, Some(Stamp { dates: 1, clock: None, zoned: false }));
        assert_eq!(classify("4.3.2024 8:14").1, Some(Stamp { dates: 1 << 2, clock: Some(1), zoned: false }));
        assert_eq!(classify("12/31/2024 11:59:00 PM").1.unwrap().clock, Some(2));
        assert_eq!(kind("08:30"), Kind::Time);
        assert_eq!(kind("2024-01-01 25:00"), Kind::Text);
    }

    #[test]
    fn words() {
        assert_eq!(kind("TRUE"), Kind::Boolean);
        assert_eq!(kind("  "), Kind::Empty);
        assert_eq!(kind("NA"), Kind::Missing(0));
        assert_eq!(kind("-"), Kind::Missing(MISSING.iter().position(|m| *m == "-").unwrap()));
        assert_eq!(kind("Déjà"), Kind::Text);
        assert_eq!(kind("€"), Kind::Text);
    }
}
