//! The notations of dates and timestamps that are told apart.

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
    form("%d.%m.%y", b"dmy", '.'),
    form("%m/%d/%y", b"mdy", '/'),
    form("%d/%m/%y", b"dmy", '/'),
];

/// The day-first twin of a month-first form.
pub(crate) fn day_first_twin(form: usize) -> Option<usize> {
    match form {
        3 => Some(4),
        6 => Some(5),
        11 => Some(12),
        _ => None,
    }
}

/// The time of day in a timestamp: DuckDB's pattern.
pub(crate) const CLOCKS: &[&str] = &["%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p"];

/// What a timestamp that is not ISO is made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Stamp {
    /// A bit for each of [`DATES`].
    pub(crate) dates: u16,
    /// Index in [`CLOCKS`]; none for ISO.
    pub(crate) clock: Option<usize>,
}

/// A bit for each date form that reads the text.
pub(crate) fn date_forms(text: &str) -> u16 {
    DATES.iter().enumerate().filter(|(_, f)| reads_date(f, text)).fold(0, |bits, (at, _)| bits | 1 << at)
}

fn reads_date(form: &DateForm, text: &str) -> bool {
    let mut parts = text.split(form.separator);
    let (Some(a), Some(b), Some(c), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let short = form.pattern.is_some_and(|p| p.ends_with("%y"));
    // 1.2.34 is a version, 01.02.34 a date.
    let least = if short && form.separator == '.' { 2 } else { 1 };
    let (mut year, mut month, mut day) = (None, None, None);
    for (part, what) in [a, b, c].into_iter().zip(form.order) {
        match what {
            // As DuckDB reads two digits: 69 is 1969, 68 is 2068.
            b'y' if short => year = digits(part, 2, 2).map(|y| if y < 69 { 2000 + y } else { 1900 + y }),
            b'y' => year = digits(part, 4, if form.pattern.is_none() { 6 } else { 4 }),
            b'm' if form.month_name => month = month_name(part),
            b'm' => month = digits(part, least, 2),
            _ => day = digits(part, least, 2),
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
pub(crate) fn stamp(text: &str) -> Option<Stamp> {
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
            return Some(Stamp { dates: 1, clock: None });
        }
        return None;
    }
    if text.as_bytes()[cut] != b' ' || date.len() != cut {
        return None;
    }
    let clock = CLOCKS.iter().position(|pattern| reads_clock(pattern, rest))?;
    Some(Stamp { dates, clock: Some(clock) })
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

    #[test]
    fn dates_are_read_by_every_form_that_fits() {
        for (text, forms) in [
            ("2024-02-29", 1),
            ("2023-02-29", 0),
            ("31.12.2024", 1 << 2),
            ("12/31/2024", 1 << 3),
            ("05/06/2024", 1 << 3 | 1 << 4),
            ("05-Jan-2024", 1 << 8),
            ("10000-12-31", 1),
            ("2024-13-01", 0),
            ("1.2.3", 0),
            ("1.2.34", 0),
            ("31.12.24", 1 << 10),
            ("12/31/24", 1 << 11),
            ("5/6/99", 1 << 11 | 1 << 12),
            ("29.02.23", 0),
        ] {
            assert_eq!(date_forms(text), forms, "{text}");
        }
    }

    #[test]
    fn timestamps_are_a_date_and_a_clock() {
        let iso = Some(Stamp { dates: 1, clock: None });
        assert_eq!(stamp("2024-03-04T08:14:21.947Z"), iso);
        assert_eq!(stamp("2024-03-04 08:14"), iso);
        assert_eq!(stamp("2024-03-04 08:14:00+02:00"), iso);
        assert_eq!(stamp("4.3.2024 8:14"), Some(Stamp { dates: 1 << 2, clock: Some(1) }));
        assert_eq!(stamp("12/31/2024 11:59:00 PM"), Some(Stamp { dates: 1 << 3, clock: Some(2) }));
        for text in ["2024-01-01 25:00", "2024-01-01", "10:30", "1.1.2024 10:30 XM", "noon: 1.1.2024"] {
            assert_eq!(stamp(text), None, "{text}");
        }
    }
}
