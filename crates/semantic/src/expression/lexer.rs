//! Text to tokens.

use super::{Fault, MAX_LENGTH};
use std::ops::Range;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Number(String),
    Text(String),
    /// A bare word: a column, a function or a keyword.
    Word(String),
    /// A quoted name: always a column.
    Name(String),
    Symbol(&'static str),
}

/// The longest first, so that `<=` is not `<`.
const SYMBOLS: [&str; 17] = ["<=", ">=", "<>", "!=", "==", "+", "-", "*", "/", "%", "=", "<", ">", "(", ")", ",", ";"];

/// The tokens of an expression and where they stand.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, Range<usize>)>, Fault> {
    if text.chars().count() > MAX_LENGTH {
        return Err(Fault::new(&(0..text.len()), format!("An expression has at most {MAX_LENGTH} characters.")));
    }
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let span = |length: usize| at..at + length;
        let length = match c {
            _ if c.is_whitespace() => {
                at += c.len_utf8();
                continue;
            }
            '\'' | '"' | '[' => {
                let close = if c == '[' { ']' } else { c };
                let (value, length) = quoted(rest, close)
                    .ok_or_else(|| Fault::new(&(at..text.len()), format!("The closing {close} is missing.")))?;
                if value.contains('\0') {
                    return Err(Fault::new(&span(length), "A text cannot contain the NUL character."));
                }
                out.push((if c == '\'' { Token::Text(value) } else { Token::Name(value) }, span(length)));
                length
            }
            '0'..='9' | '.' => {
                let length = number(rest);
                let digits = &rest[..length];
                let is_valid = digits.bytes().any(|b| b.is_ascii_digit()) && digits.matches('.').count() <= 1;
                if !is_valid || digits.len() > 40 {
                    return Err(Fault::new(&span(length), "This is not a number.").hint("Write numbers as 12 or 1.5."));
                }
                out.push((Token::Number(digits.to_owned()), span(length)));
                length
            }
            _ if c.is_alphabetic() || c == '_' => {
                let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                out.push((Token::Word(rest[..length].to_owned()), span(length)));
                length
            }
            _ => {
                let Some(symbol) = SYMBOLS.iter().find(|s| rest.starts_with(**s)) else {
                    return Err(Fault::new(&span(c.len_utf8()), format!("`{c}` has no meaning here."))
                        .hint("Put column names with other characters in double quotes, and text in single ones."));
                };
                out.push((Token::Symbol(symbol), span(symbol.len())));
                symbol.len()
            }
        };
        at += length;
    }
    Ok(out)
}

/// The text between quotes, a doubled one standing for itself, and how long it is with them.
fn quoted(text: &str, close: char) -> Option<(String, usize)> {
    let mut value = String::new();
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c != close {
            value.push(c);
        } else if chars.peek().is_some_and(|(_, next)| *next == close) {
            value.push(c);
            chars.next();
        } else {
            return Some((value, at + close.len_utf8()));
        }
    }
    None
}

fn number(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len())
}
