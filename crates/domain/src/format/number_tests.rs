//! Tests of how numbers are written.

use super::super::locale::LOCALES;
use super::*;
use proptest::prelude::*;

fn of(style: Style) -> Format {
    Format { style, ..Format::default() }
}

fn money(code: &str) -> Format {
    Format { style: Style::Currency, currency: Some(code.into()), ..Format::default() }
}

#[test]
fn full_numbers_have_the_digits_their_size_calls_for() {
    let full = |v| number(v, &Format::default(), false, "en-US");
    for (value, text) in [
        (0.0, "0"),
        (-0.0, "0"),
        (7.0, "7"),
        (1234.0, "1,234"),
        (-1234.5, "−1,234.5"),
        (1_234_567.891, "1,234,567.89"),
        (12.3456, "12.35"),
        (1.005, "1.01"),
        (0.012_345_6, "0.01235"),
        (0.5, "0.5"),
        (1e20, "100,000,000,000,000,000,000"),
        (1.5e25, "1.5E25"),
        (1e-12, "1E−12"),
        (f64::NAN, "—"),
        (f64::NEG_INFINITY, "—"),
    ] {
        assert_eq!(full(value), text, "{value}");
    }
}

#[test]
fn compact_numbers_have_three_digits() {
    let compact = |v| number(v, &Format::default(), true, "en-US");
    for (value, text) in [
        (999.0, "999"),
        (1200.0, "1.2K"),
        (1234.0, "1.23K"),
        (12_345.0, "12.3K"),
        (999_499.0, "999K"),
        (999_999.0, "1M"),
        (-3_400_000.0, "−3.4M"),
        (5.6e9, "5.6B"),
        (7.89e12, "7.89T"),
        (12.345, "12.3"),
        (999.96, "1K"),
        (0.012_34, "0.0123"),
        (1e30, "1E30"),
    ] {
        assert_eq!(compact(value), text, "{value}");
    }
    let two = Format { decimals: Some(2), ..Format::default() };
    assert_eq!(number(1_200_000.0, &two, true, "en-US"), "1.20M");
    assert_eq!(number(999.999, &two, true, "en-US"), "1.00K");
}

#[test]
fn the_format_has_the_last_word_on_compactness() {
    let full = Format { compact: Some(false), ..Format::default() };
    assert_eq!(number(1234.0, &full, true, "en-US"), "1,234");
    let compact = Format { compact: Some(true), ..Format::default() };
    assert_eq!(number(1234.0, &compact, false, "en-US"), "1.23K");
}

#[test]
fn every_locale_has_its_separators() {
    for (locale, four, seven) in [
        ("en-US", "1,234.5", "1,234,567.5"),
        ("en-GB", "1,234.5", "1,234,567.5"),
        ("de-DE", "1.234,5", "1.234.567,5"),
        ("fr-FR", "1\u{202f}234,5", "1\u{202f}234\u{202f}567,5"),
        ("es-ES", "1234,5", "1.234.567,5"),
        ("it-IT", "1234,5", "1.234.567,5"),
        ("pt-BR", "1.234,5", "1.234.567,5"),
        ("nl-NL", "1.234,5", "1.234.567,5"),
        ("pl-PL", "1234,5", "1\u{a0}234\u{a0}567,5"),
        ("sv-SE", "1\u{a0}234,5", "1\u{a0}234\u{a0}567,5"),
        ("ja-JP", "1,234.5", "1,234,567.5"),
        ("de-CH", "1\u{2019}234.5", "1\u{2019}234\u{2019}567.5"),
    ] {
        assert_eq!(number(1234.5, &Format::default(), false, locale), four);
        assert_eq!(number(1_234_567.5, &Format::default(), false, locale), seven);
    }
}

#[test]
fn percent_is_a_share_of_one() {
    let percent = |v, compact, locale| number(v, &of(Style::Percent), compact, locale);
    assert_eq!(percent(0.25, true, "en-US"), "25%");
    assert_eq!(percent(0.256_1, true, "en-US"), "25.6%");
    assert_eq!(percent(0.256_1, false, "en-US"), "25.61%");
    assert_eq!(percent(-0.07, true, "de-DE"), "−7\u{a0}%");
    assert_eq!(percent(12.5, true, "en-US"), "1,250%");
    assert_eq!(number(0.256, &Format { decimals: Some(0), ..of(Style::Percent) }, true, "en-US"), "26%");
}

#[test]
fn currencies_stand_where_the_locale_puts_them() {
    for (code, locale, text) in [
        ("USD", "en-US", "−$1,234.50"),
        ("EUR", "de-DE", "−1.234,50\u{a0}€"),
        ("EUR", "fr-FR", "−1\u{202f}234,50\u{a0}€"),
        ("GBP", "en-GB", "−£1,234.50"),
        ("JPY", "ja-JP", "−¥1,235"),
        ("CHF", "de-CH", "−CHF\u{a0}1\u{2019}234.50"),
        ("CHF", "en-US", "−CHF\u{a0}1,234.50"),
        ("BRL", "pt-BR", "−R$\u{a0}1.234,50"),
        ("PLN", "pl-PL", "−1234,50\u{a0}zł"),
    ] {
        assert_eq!(number(-1234.5, &money(code), false, locale), text);
    }
    let tile = |v| number(v, &money("USD"), true, "en-US");
    assert_eq!([tile(950.0), tile(12.5), tile(1_234_567.0)], ["$950", "$12.50", "$1.23M"]);
    assert_eq!(number(-0.001, &money("USD"), false, "en-US"), "$0.00");
}

#[test]
fn durations_are_their_two_largest_units() {
    for (seconds, text) in [
        (0.0, "0 s"),
        (0.25, "250 ms"),
        (0.999_9, "1 s"),
        (1.54, "1.5 s"),
        (42.0, "42 s"),
        (59.7, "1 min"),
        (90.0, "1 min 30 s"),
        (3_599.9, "1 h"),
        (3_900.0, "1 h 5 min"),
        (86_399.0, "1 d"),
        (90_000.0, "1 d 1 h"),
        (-90.0, "−1 min 30 s"),
        (200_000_000.0, "2,314 d 20 h"),
    ] {
        assert_eq!(number(seconds, &of(Style::Duration), true, "en-US"), text, "{seconds}");
    }
}

#[test]
fn bytes_and_powers_of_ten() {
    let bytes = |v| number(v, &of(Style::Bytes), true, "en-US");
    assert_eq!([bytes(0.0), bytes(999.0), bytes(1_234_567.0), bytes(999_999.0)], ["0 B", "999 B", "1.23 MB", "1 MB"]);
    assert_eq!(bytes(1e18), "1,000 PB");
    let power = |v| number(v, &of(Style::Scientific), false, "en-US");
    assert_eq!([power(123_456.0), power(0.000_12), power(9.999e9), power(0.0)], ["1.23E5", "1.2E−4", "1E10", "0"]);
}

#[test]
fn the_sign_stands_before_the_prefix() {
    let f = Format { prefix: "~".into(), suffix: " km".into(), ..Format::default() };
    assert_eq!(number(-1234.0, &f, false, "en-US"), "−~1,234 km");
}

#[test]
fn text_keeps_every_digit() {
    let text = |t| number_text(t, &Format::default(), false, "en-US");
    assert_eq!(text("9007199254740993"), "9,007,199,254,740,993");
    assert_eq!(text("-12345678901234567.25"), "−12,345,678,901,234,567.25");
    assert_eq!(text("not a number"), "not a number");
}

proptest! {
    #[test]
    fn without_separators_it_is_the_number(
        cents in -9_000_000_000_000_i64..9_000_000_000_000, decimals in 0_u8..5, which in 0..LOCALES.len(),
    ) {
        let locale = LOCALES[which];
        let value = cents as f64 / 10_f64.powi(i32::from(decimals));
        let format = Format { decimals: Some(decimals), ..Format::default() };
        let text = number(value, &format, false, locale.tag);
        let back: String = text
            .chars()
            .filter(|c| *c != locale.group)
            .map(|c| if c == locale.decimal { '.' } else if c == MINUS { '-' } else { c })
            .collect();
        prop_assert_eq!(back.parse::<f64>(), Ok(value));
    }

    #[test]
    fn nothing_panics_and_nothing_is_empty(
        bits in any::<u64>(), style in 0_usize..6, decimals in proptest::option::of(0_u8..13), compact in any::<bool>(),
    ) {
        let style = [Style::Number, Style::Percent, Style::Currency, Style::Duration, Style::Bytes, Style::Scientific][style];
        let format = Format { decimals, ..of(style) };
        let text = number(f64::from_bits(bits), &format, compact, "de-DE");
        prop_assert!(!text.is_empty());
    }
}
