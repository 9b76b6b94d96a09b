//! What languages do differently with numbers: separators, where the currency and the percent
//! sign go. A table instead of ICU: it must be small in the browser and equal on both sides.

/// A space that does not break a line.
pub(super) const GAP: char = '\u{a0}';
/// The narrow one that French groups digits with.
const NARROW_GAP: char = '\u{202f}';

/// Where the currency symbol stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Symbol {
    /// `$1.00`; a symbol that ends in a letter keeps a gap all the same: `CHF 1.00`.
    Before,
    /// `R$ 1,00`
    BeforeWithGap,
    /// `1,00 €`
    After,
}

/// The habits of one locale.
#[derive(Clone, Copy, Debug)]
pub(super) struct Locale {
    pub(super) tag: &'static str,
    pub(super) group: char,
    pub(super) decimal: char,
    /// How many digits must stand before the first separator: with 2, 1234 has none.
    pub(super) group_from: usize,
    /// Whether a gap stands before the percent sign.
    pub(super) percent_gap: bool,
    pub(super) symbol: Symbol,
}

const fn locale(
    tag: &'static str,
    group: char,
    decimal: char,
    group_from: usize,
    percent_gap: bool,
    symbol: Symbol,
) -> Locale {
    Locale { tag, group, decimal, group_from, percent_gap, symbol }
}

/// The first of a language also serves its regions that are not listed (`de-AT` is written as `de-DE`).
pub(super) const LOCALES: &[Locale] = &[
    locale("en-US", ',', '.', 1, false, Symbol::Before),
    locale("en-GB", ',', '.', 1, false, Symbol::Before),
    locale("de-DE", '.', ',', 1, true, Symbol::After),
    locale("fr-FR", NARROW_GAP, ',', 1, true, Symbol::After),
    locale("es-ES", '.', ',', 2, true, Symbol::After),
    locale("it-IT", '.', ',', 2, false, Symbol::After),
    locale("pt-BR", '.', ',', 1, false, Symbol::BeforeWithGap),
    locale("nl-NL", '.', ',', 1, false, Symbol::BeforeWithGap),
    locale("pl-PL", GAP, ',', 2, false, Symbol::After),
    locale("sv-SE", GAP, ',', 1, true, Symbol::After),
    locale("ja-JP", ',', '.', 1, false, Symbol::Before),
    locale("de-CH", '\u{2019}', '.', 1, false, Symbol::BeforeWithGap),
];

impl Locale {
    /// The habits of a language tag, of its language, or else those of en-US.
    pub(super) fn of(tag: &str) -> Self {
        let language = |tag: &str| tag.split(['-', '_']).next().unwrap_or("").to_ascii_lowercase();
        let wanted = language(tag);
        LOCALES
            .iter()
            .find(|l| l.tag.eq_ignore_ascii_case(tag))
            .or_else(|| LOCALES.iter().find(|l| language(l.tag) == wanted))
            .copied()
            .unwrap_or(LOCALES[0])
    }

    /// Whether the month comes before the day.
    pub(super) fn month_first(self) -> bool {
        self.tag == "en-US"
    }
}

/// Symbols of currencies; a code that is not here is its own symbol.
const CURRENCIES: &[(&str, &str)] = &[
    ("USD", "$"),
    ("EUR", "€"),
    ("GBP", "£"),
    ("JPY", "¥"),
    ("CNY", "CN¥"),
    ("INR", "₹"),
    ("KRW", "₩"),
    ("BRL", "R$"),
    ("CAD", "CA$"),
    ("AUD", "A$"),
    ("NZD", "NZ$"),
    ("HKD", "HK$"),
    ("SGD", "S$"),
    ("MXN", "MX$"),
    ("PLN", "zł"),
    ("CZK", "Kč"),
    ("HUF", "Ft"),
    ("SEK", "kr"),
    ("NOK", "kr"),
    ("DKK", "kr"),
    ("TRY", "₺"),
    ("ILS", "₪"),
    ("UAH", "₴"),
    ("RUB", "₽"),
    ("VND", "₫"),
    ("ZAR", "R"),
];

/// How a currency is written, by its ISO 4217 code.
pub(super) fn symbol(code: &str) -> &str {
    CURRENCIES.iter().find(|(known, _)| known.eq_ignore_ascii_case(code)).map_or(code, |(_, symbol)| symbol)
}

/// How many digits its smallest coin takes.
pub(super) fn minor_digits(code: &str) -> u8 {
    if ["JPY", "KRW", "VND", "CLP", "ISK", "XAF", "XOF"].iter().any(|c| c.eq_ignore_ascii_case(code)) { 0 } else { 2 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_that_is_not_listed_follows_its_language() {
        for (wanted, got) in [
            ("de-AT", "de-DE"),
            ("de-CH", "de-CH"),
            ("FR", "fr-FR"),
            ("pt_PT", "pt-BR"),
            ("xx", "en-US"),
            ("", "en-US"),
        ] {
            assert_eq!(Locale::of(wanted).tag, got);
        }
    }

    #[test]
    fn unknown_currencies_are_their_own_symbol() {
        assert_eq!(symbol("eur"), "€");
        assert_eq!(symbol("XYZ"), "XYZ");
    }
}
