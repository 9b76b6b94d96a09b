//! Numbers and times in sentences.

/// A number with as many digits as people compare by.
pub(crate) fn number(value: f64) -> String {
    if !value.is_finite() {
        return if value.is_nan() { "nothing" } else { "infinity" }.to_owned();
    }
    let size = value.abs();
    if size != 0.0 && !(1e-4..1e15).contains(&size) {
        return format!("{value:.2e}");
    }
    let decimals = match size {
        s if s >= 100.0 || value.fract() == 0.0 => 0,
        s if s >= 1.0 => 2,
        s if s >= 0.01 => 3,
        _ => 5,
    };
    let plain = format!("{size:.decimals$}");
    let (whole, part) = plain.split_once('.').unwrap_or((&plain, ""));
    let mut grouped = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let part = part.trim_end_matches('0');
    let is_zero = part.is_empty() && whole == "0";
    let sign = if value < 0.0 && !is_zero { "-" } else { "" };
    if part.is_empty() { format!("{sign}{grouped}") } else { format!("{sign}{grouped}.{part}") }
}

/// A share in percent.
pub(crate) fn percent(share: f64) -> String {
    format!("{} %", number((share * 1_000.0).round() / 10.0))
}

/// A moment in microseconds as ISO 8601.
pub(crate) fn time(micros: i64, is_date: bool) -> String {
    let Ok(moment) = jiff::Timestamp::from_microsecond(micros) else { return String::new() };
    if is_date { moment.strftime("%Y-%m-%d").to_string() } else { moment.to_string() }
}

/// Shortens what a stranger may have written at length.
pub(crate) fn short(text: &str) -> String {
    const MOST: usize = 60;
    if text.chars().count() <= MOST { text.to_owned() } else { text.chars().take(MOST).chain(['…']).collect() }
}

#[cfg(test)]
mod tests {
    use super::{number, percent, time};

    #[test]
    fn people_can_read_it() {
        assert_eq!(number(1_234_567.8), "1,234,568");
        assert_eq!(number(-12.340), "-12.34");
        assert_eq!(number(0.051_7), "0.052");
        assert_eq!(number(100.0), "100");
        assert_eq!(number(0.0), "0");
        assert_eq!(number(f64::INFINITY), "infinity");
        assert_eq!(percent(0.123_4), "12.3 %");
        assert_eq!(time(0, false), "1970-01-01T00:00:00Z");
        assert_eq!(time(0, true), "1970-01-01");
    }
}
