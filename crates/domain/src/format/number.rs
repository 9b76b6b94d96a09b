//! Numbers as people read them.

use super::digits::Digits;
use super::locale::{GAP, Locale, Symbol, minor_digits, symbol};
use super::{Format, NOTHING, Style};

const MINUS: char = '\u{2212}';
/// Thousands, millions, billions (10^9) and trillions (10^12).
const COMPACT: [&str; 5] = ["", "K", "M", "B", "T"];
const BYTES: [&str; 6] = ["B", "KB", "MB", "GB", "TB", "PB"];
/// Larger than this even a table writes powers of ten.
const LONGEST: i32 = 21;

/// Writes a number; where there is none (NaN, infinity) stands [`NOTHING`].
///
/// `compact_default` is what the place wants where the format leaves it open: tiles and axes write
/// 1.2M, tables every digit.
pub fn number(value: f64, format: &Format, compact_default: bool, locale: &str) -> String {
    Digits::of(value).map_or_else(|| NOTHING.to_owned(), |digits| write(digits, format, compact_default, locale))
}

/// Writes a number that came as decimal text, every digit of it; anything else stays as it is.
pub(super) fn number_text(text: &str, format: &Format, compact_default: bool, locale: &str) -> String {
    Digits::parse(text.trim()).map_or_else(|| text.to_owned(), |digits| write(digits, format, compact_default, locale))
}

fn write(mut digits: Digits, format: &Format, compact_default: bool, locale: &str) -> String {
    let locale = Locale::of(locale);
    let compact = format.compact.unwrap_or(compact_default);
    let wanted = format.decimals.map(i32::from);
    let negative = std::mem::take(&mut digits.negative);
    let body = match format.style {
        Style::Number => scaled(digits, compact, wanted, locale),
        Style::Percent => {
            let digits = digits.shifted(2);
            let text = plain(&digits, wanted, default_places(&digits, compact), locale);
            if locale.percent_gap { format!("{text}{GAP}%") } else { format!("{text}%") }
        }
        Style::Currency => currency(digits, format, compact, locale),
        Style::Duration => duration(&digits, wanted, locale),
        Style::Bytes => {
            let (mut digits, mut unit) = (digits.rounded(0), 0);
            while unit + 1 < BYTES.len() && digits.clone().rounded(3 - digits.magnitude()).magnitude() > 3 {
                digits = digits.shifted(-3);
                unit += 1;
            }
            format!("{} {}", plain(&digits, wanted, default_places(&digits, true), locale), BYTES[unit])
        }
        Style::Scientific => scientific(digits, wanted, locale),
    };
    // What is written as zero has no sign.
    let shows_digit = body.chars().any(|c| c.is_ascii_digit() && c != '0');
    let sign = if negative && shows_digit { MINUS.to_string() } else { String::new() };
    format!("{sign}{}{body}{}", format.prefix, format.suffix)
}

/// As many places as the size calls for: whole numbers none; compact ones three digits in all;
/// else two, and below one as many as show four digits.
fn default_places(digits: &Digits, compact: bool) -> i32 {
    if digits.is_integer() {
        0
    } else if compact {
        (3 - digits.magnitude()).clamp(0, 12)
    } else if digits.magnitude() > 0 {
        2
    } else {
        (4 - digits.magnitude()).clamp(2, 12)
    }
}

/// Grouped digits. Places that were asked for are always there; by default zeros at the end go.
fn plain(digits: &Digits, wanted: Option<i32>, default: i32, locale: Locale) -> String {
    let digits = digits.clone().rounded(wanted.unwrap_or(default));
    let (whole, fraction) = digits.written(wanted.unwrap_or(0));
    let mut text = String::with_capacity(whole.len() * 2 + fraction.len());
    for (i, digit) in whole.chars().enumerate() {
        let left = whole.len() - i;
        if i > 0 && left % 3 == 0 && whole.len() >= 3 + locale.group_from {
            text.push(locale.group);
        }
        text.push(digit);
    }
    if !fraction.is_empty() {
        text.push(locale.decimal);
        text.push_str(&fraction);
    }
    text
}

fn scaled(digits: Digits, compact: bool, wanted: Option<i32>, locale: Locale) -> String {
    let longest = if compact { 18 } else { LONGEST };
    if digits.magnitude() > longest || (digits.magnitude() < -8 && wanted.is_none()) {
        return scientific(digits, wanted, locale);
    }
    let (digits, unit) = if compact { thousands(digits, wanted) } else { (digits, 0) };
    format!("{}{}", plain(&digits, wanted, default_places(&digits, compact), locale), COMPACT[unit])
}

/// Divides by thousands until at most three digits stand before the point, as written: 999,999 is 1M.
fn thousands(mut digits: Digits, wanted: Option<i32>) -> (Digits, usize) {
    let mut unit = 0;
    while unit + 1 < COMPACT.len() {
        let places = wanted.unwrap_or_else(|| default_places(&digits, true));
        if digits.clone().rounded(places).magnitude() <= 3 {
            break;
        }
        digits = digits.shifted(-3);
        unit += 1;
    }
    (digits, unit)
}

fn currency(digits: Digits, format: &Format, compact: bool, locale: Locale) -> String {
    let code = format.currency.as_deref().unwrap_or("USD");
    let minor = i32::from(minor_digits(code));
    let wanted = format.decimals.map(i32::from);
    let (scaled, unit) = if compact { thousands(digits.clone(), wanted) } else { (digits.clone(), 0) };
    let amount = if unit > 0 {
        format!("{}{}", plain(&scaled, wanted, default_places(&scaled, true), locale), COMPACT[unit])
    } else {
        // Amounts keep their cents, so that columns line up; a whole amount on a tile needs none.
        let places = wanted.unwrap_or(if compact && digits.is_integer() { 0 } else { minor });
        plain(&digits, Some(places), places, locale)
    };
    let symbol = symbol(code);
    match locale.symbol {
        Symbol::Before if !symbol.ends_with(char::is_alphabetic) => format!("{symbol}{amount}"),
        Symbol::Before | Symbol::BeforeWithGap => format!("{symbol}{GAP}{amount}"),
        Symbol::After => format!("{amount}{GAP}{symbol}"),
    }
}

/// Seconds in their two largest units, which say enough: `1 h 5 min`.
fn duration(digits: &Digits, wanted: Option<i32>, locale: Locale) -> String {
    let (whole, fraction) = digits.written(0);
    let seconds: f64 = format!("{whole}.{fraction}0").parse().unwrap_or(0.0);
    if digits.is_zero() {
        return "0 s".to_owned();
    }
    if seconds < 0.9995 {
        let digits = digits.clone().shifted(3);
        return format!("{} ms", plain(&digits, wanted, default_places(&digits, true), locale));
    }
    // Rounded to what is shown before it is cut up, so that "59 min 60 s" cannot happen.
    if seconds < 59.5 {
        return format!("{} s", plain(digits, wanted, if seconds < 10.0 { 1 } else { 0 }, locale));
    }
    let pair = |large: f64, large_name: &str, small: f64, small_name: &str| {
        let total = (seconds / small).round();
        let (many, rest) = ((total * small / large).floor(), (total % (large / small)).round());
        let many = plain(&Digits::of(many).unwrap_or_else(|| digits.clone()), None, 0, locale);
        if rest > 0.0 { format!("{many} {large_name} {rest} {small_name}") } else { format!("{many} {large_name}") }
    };
    if seconds < 3_599.5 {
        pair(60.0, "min", 1.0, "s")
    } else if seconds < 86_370.0 {
        pair(3_600.0, "h", 60.0, "min")
    } else {
        pair(86_400.0, "d", 3_600.0, "h")
    }
}

fn scientific(digits: Digits, wanted: Option<i32>, locale: Locale) -> String {
    if digits.is_zero() {
        return plain(&digits, wanted, 0, locale);
    }
    let places = wanted.unwrap_or(2);
    let mut exponent = digits.magnitude() - 1;
    let mut mantissa = digits.shifted(-exponent).rounded(places);
    if mantissa.magnitude() > 1 {
        exponent += 1;
        mantissa = mantissa.shifted(-1);
    }
    let sign = if exponent < 0 { MINUS.to_string() } else { String::new() };
    format!("{}E{sign}{}", plain(&mantissa, wanted, places, locale), exponent.abs())
}

#[cfg(test)]
#[path = "number_tests.rs"]
mod tests;
