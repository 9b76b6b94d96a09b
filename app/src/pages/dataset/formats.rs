//! The formats a column can be given by a word, and which word a format is.

use crate::components::Choice;
use domain::format::{Format, Style};

/// The word, its label, and the format.
fn all() -> Vec<(&'static str, &'static str, Format)> {
    let style = |style| Format { style, ..Format::default() };
    let currency = |code: &str| Format { style: Style::Currency, currency: Some(code.into()), ..Format::default() };
    let digits = |n| Format { decimals: Some(n), ..Format::default() };
    vec![
        ("number", "Number", Format::default()),
        ("number0", "Number, whole", digits(0)),
        ("number2", "Number, 2 decimals", digits(2)),
        ("percent", "Percent", style(Style::Percent)),
        ("usd", "Currency, USD", currency("USD")),
        ("eur", "Currency, EUR", currency("EUR")),
        ("gbp", "Currency, GBP", currency("GBP")),
        ("duration", "Duration, from seconds", style(Style::Duration)),
        ("bytes", "Bytes", style(Style::Bytes)),
        ("scientific", "Scientific", style(Style::Scientific)),
    ]
}

/// The word of a format: empty for none, `own` for one that has no word.
pub(super) fn word(format: Option<&Format>) -> String {
    let Some(format) = format else { return String::new() };
    let dollar = Format { style: Style::Currency, ..Format::default() };
    if *format == dollar {
        return "usd".into();
    }
    all().into_iter().find(|(_, _, f)| f == format).map_or("own", |(word, ..)| word).to_owned()
}

/// The format of a word.
pub(super) fn format(word: &str) -> Option<Format> {
    all().into_iter().find(|(w, ..)| *w == word).map(|(.., format)| format)
}

/// What can be chosen, while `now` is.
pub(super) fn choices(now: &str) -> Vec<Choice> {
    let mut list = vec![Choice::new("", "Automatic")];
    list.extend(all().into_iter().map(|(word, label, _)| Choice::new(word, label)));
    if now == "own" {
        list.push(Choice::new("own", "As it is set"));
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_formats_match() {
        for (name, _, made) in all() {
            assert_eq!(word(Some(&made)), name);
            assert_eq!(format(name), Some(made));
        }
        assert_eq!(word(None), "");
        assert_eq!(word(Some(&Format { suffix: " km".into(), ..Format::default() })), "own");
        assert_eq!(format("own"), None);
    }
}
