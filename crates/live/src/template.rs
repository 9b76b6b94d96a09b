//! Templates of messages: `{field}` stands for a value, `{{` and `}}` for a brace. A template is read
//! once, from the left: values are never read as templates, so nothing loops.

use domain::names::nearest;
use domain::{Error, Result};
use std::collections::BTreeMap;

/// Characters of a template, and of what comes of it.
pub const LONGEST: usize = 10_000;

enum Piece<'a> {
    Text(&'a str),
    Field(&'a str),
}

/// The pieces of a template.
fn pieces(template: &str) -> Result<Vec<Piece<'_>>> {
    if template.chars().count() > LONGEST {
        return Err(Error::invalid("A template has at most 10,000 characters.").field("template"));
    }
    let mut found = Vec::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        let (text, from) = rest.split_at(at);
        found.push(Piece::Text(text));
        if from.starts_with("{{") || from.starts_with("}}") {
            found.push(Piece::Text(&from[..1]));
            rest = &from[2..];
        } else if let Some(inside) = from.strip_prefix('{') {
            let Some((name, after)) = inside.split_once('}') else {
                return Err(Error::invalid("A { in the template has no } after it.")
                    .hint("Write {{ for a brace that is to be seen.")
                    .field("template"));
            };
            let name = name.trim();
            if name.is_empty() || name.len() > 100 || name.contains('{') || name.chars().any(char::is_control) {
                return Err(Error::invalid("Between { and } stands the name of a field.")
                    .hint("Write {{ for a brace that is to be seen.")
                    .field("template"));
            }
            found.push(Piece::Field(name));
            rest = after;
        } else {
            // A lone closing brace means itself.
            found.push(Piece::Text("}"));
            rest = &from[1..];
        }
    }
    found.push(Piece::Text(rest));
    Ok(found)
}

/// Reads a template without filling it. Answers the fields that it names.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub fn check(template: &str) -> Result<Vec<&str>> {
    let name = |piece| if let Piece::Field(name) = piece { Some(name) } else { None };
    Ok(pieces(template)?.into_iter().filter_map(name).collect())
}

/// Fills a template in. What would be too long is cut.
///
/// # Errors
/// The template is faulty, or names a field that there is not.
pub fn render(template: &str, fields: &BTreeMap<&str, String>) -> Result<String> {
    let mut out = String::new();
    let mut room = LONGEST;
    for piece in pieces(template)? {
        let text = match piece {
            Piece::Text(text) => text,
            Piece::Field(name) => fields.get(name).ok_or_else(|| unknown(name, fields))?,
        };
        let before = out.len();
        out.extend(text.chars().take(room));
        room -= out[before..].chars().count();
    }
    Ok(out)
}

fn unknown(name: &str, fields: &BTreeMap<&str, String>) -> Error {
    let error = Error::invalid(format!("The template names `{{{name}}}`, which there is not.")).field("template");
    match nearest(name, fields.keys().copied()) {
        Some(near) => error.hint(format!("Did you mean `{{{near}}}`?")),
        None => error.hint(format!("There are {}.", fields.keys().copied().collect::<Vec<_>>().join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields() -> BTreeMap<&'static str, String> {
        BTreeMap::from([("value", "7".to_owned()), ("metric", "{value}".to_owned()), ("long", "ä".repeat(20_000))])
    }

    #[test]
    fn fields_are_filled_in_once() {
        for (template, expected) in [
            ("", ""),
            ("plain", "plain"),
            ("{value} of { metric }", "7 of {value}"),
            ("{{value}} }} } é", "{value} } } é"),
            ("{{{value}}}", "{7}"),
        ] {
            assert_eq!(render(template, &fields()).unwrap(), expected, "{template}");
        }
        assert_eq!(check("{a} {{b}} {c}").unwrap(), ["a", "c"]);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let error = render("{vaule}", &fields()).unwrap_err();
        assert_eq!(error.hint.as_deref(), Some("Did you mean `{value}`?"));
        assert!(render("{q}", &fields()).unwrap_err().hint.unwrap().contains("value"));
        for bad in ["{", "a {b", "{}", "{ }", "{a{b}}", "{a\nb}", &"x".repeat(LONGEST + 1)] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_comes_of_it_is_bounded() {
        for template in ["{long}", "a{long}{long}b"] {
            assert_eq!(render(template, &fields()).unwrap().chars().count(), LONGEST);
        }
    }
}
