//! Where in a text something is: what an error about SQL points at.

use domain::{Error, ErrorCode};

/// Line and column, both from 1, of a byte of the text. Columns count characters.
pub(super) fn line_and_column(text: &str, byte: usize) -> (usize, usize) {
    let mut end = byte.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = &text[..end];
    let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    (line, before[start..].chars().count() + 1)
}

/// An error about a place in the text. Its field is `sql:LINE:COLUMN`.
pub(super) fn at(code: ErrorCode, message: impl Into<String>, text: &str, byte: Option<usize>) -> Error {
    point(Error::new(code, message), text, byte)
}

/// The same error, pointing at a place.
pub(super) fn point(error: Error, text: &str, byte: Option<usize>) -> Error {
    match byte {
        Some(byte) => {
            let (line, column) = line_and_column(text, byte);
            error.field(format!("sql:{line}:{column}"))
        }
        None => error.field("sql"),
    }
}

/// What the parser did not understand.
pub(super) fn syntax(message: &str, text: &str, byte: Option<usize>) -> Error {
    let near = message.split_once("at or near \"").map(|(_, rest)| rest.strip_suffix('"').unwrap_or(rest));
    let ends = message.contains("at end of input");
    let place = byte.map(|byte| line_and_column(text, byte));
    let place = place.map(|(line, column)| format!(" in line {line}, column {column}")).unwrap_or_default();
    let message = match near {
        Some(near) => format!("This is not SQL: `{}`{place} is not expected there.", short(near)),
        None if ends => "This is not SQL: something is missing at its end.".to_owned(),
        None => format!("This is not SQL that can be read{place}."),
    };
    at(ErrorCode::InvalidQuery, message, text, byte)
}

/// A piece of what a person wrote, short enough for a sentence.
pub(super) fn short(text: &str) -> String {
    let one_line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(60).collect();
    one_line.replace('`', "'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_lines_and_characters() {
        let text = "SELECT 'é',\n  FORM x";
        assert_eq!(line_and_column(text, 0), (1, 1));
        assert_eq!(line_and_column(text, 11), (1, 11));
        assert_eq!(line_and_column(text, text.find("FORM").unwrap()), (2, 3));
        assert_eq!(line_and_column(text, 10_000), (2, 9));
        assert_eq!(line_and_column(text, 9), (1, 9), "inside of a character");
    }

    #[test]
    fn a_syntax_error_says_where() {
        let error = syntax("syntax error at or near \"FORM\"", "SELECT *\nFORM x y", Some(9));
        assert_eq!(error.field.as_deref(), Some("sql:2:1"));
        assert!(error.message.contains("`FORM` in line 2, column 1"), "{error}");
    }
}
