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

    /// The tag that is wanted most of those known here, as an Accept-Language header says
    /// (RFC 9110, section 12.5.4).
    fn preferred(header: &str) -> Option<Self> {
        let weighed = header.split(',').filter_map(|part| {
            let (tag, rest) = part.split_once(';').unwrap_or((part, ""));
            let weight = rest.trim().strip_prefix("q=").map_or(Some(1.0), |q| q.trim().parse::<f64>().ok())?;
            let language = tag.trim().split(['-', '_']).next()?.to_ascii_lowercase();
            let known = LOCALES.iter().any(|l| l.tag.split('-').next() == Some(&language));
            (known && weight > 0.0).then(|| (weight, Self::of(tag.trim())))
        });
        // Of equals the first counts.
        weighed.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, locale)| locale)
    }

    /// Whether the month comes before the day.
    pub(super) fn month_first(self) -> bool {
        self.tag == "en-US"
    }
}

/// The locale that a reader wants, from the Accept-Language header of a request; en-US where none
/// of those wanted is known.
pub fn preferred_locale(accept_language: &str) -> &'static str {
    Locale::preferred(accept_language).unwrap_or(LOCALES[0]).tag
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

    #[test]
    fn readers_get_the_locale_they_want_most() {
        for (header, tag) in [
            ("", "en-US"),
            ("de", "de-DE"),
            ("de-CH,de;q=0.9", "de-CH"),
            ("xx, fr;q=0.5, it;q=0.7", "it-IT"),
            ("en;q=0.2,de;q=0", "en-US"),
            ("sv;q=high,pl", "pl-PL"),
        ] {
            assert_eq!(preferred_locale(header), tag, "{header}");
        }
    }
}
