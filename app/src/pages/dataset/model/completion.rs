//! What can stand where somebody writes in an expression. Only reading: the server knows what is right.

use domain::model::ExpressionFunction;
use domain::{Column, Role};

/// The most that is offered at once.
const MOST: usize = 80;

/// What a stretch of an expression is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word: a column, a function or an operator.
    Word,
    /// A name in quotes.
    Name,
    /// A text, finished or not.
    Text,
    Number,
    Other,
}

/// A stretch of an expression, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// An expression in pieces that are it when put together, whatever is wrong with it.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut found: Vec<Piece> = Vec::new();
    let mut start = 0;
    while let Some(first) = text[start..].chars().next() {
        let rest = &text[start..];
        let run = |fits: fn(char) -> bool| rest.find(|c: char| !fits(c)).unwrap_or(rest.len());
        let (kind, length) = match first {
            '\'' => (Kind::Text, quoted(rest, '\'')),
            '"' => (Kind::Name, quoted(rest, '"')),
            '[' => (Kind::Name, quoted(rest, ']')),
            c if c.is_ascii_digit() => (Kind::Number, run(|c| c.is_ascii_digit() || c == '.')),
            c if is_word(c) => (Kind::Word, run(is_word)),
            c => (Kind::Other, c.len_utf8()),
        };
        let end = start + length;
        match found.last_mut().filter(|last| kind == Kind::Other && last.kind == Kind::Other) {
            Some(last) => last.end = end,
            None => found.push(Piece { kind, start, end }),
        }
        start = end;
    }
    found
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// How long a quoted stretch is, up to its end or that of the text.
fn quoted(text: &str, close: char) -> usize {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == close && chars.next_if(|(_, next)| *next == close).is_none() {
            return at + close.len_utf8();
        }
    }
    text.len()
}

/// The word at the caret: what of it stands before it, and the bytes that a choice takes the place of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) typed: String,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// What is being written at the caret; nothing inside a text or a number.
pub(super) fn wanted(text: &str, caret: usize) -> Option<Wanted> {
    let caret = caret.min(text.len());
    let at = |piece: &&Piece| piece.start < caret && caret <= piece.end;
    let Some(piece) = pieces(text).iter().find(at).copied() else {
        return Some(Wanted { typed: String::new(), start: caret, end: caret });
    };
    let written = &text[piece.start..caret];
    match piece.kind {
        Kind::Word => Some(Wanted { typed: written.to_owned(), start: piece.start, end: piece.end }),
        Kind::Name if caret == piece.end && is_closed(&text[piece.start..piece.end]) => None,
        Kind::Name => Some(Wanted { typed: written[1..].to_owned(), start: piece.start, end: piece.end }),
        Kind::Text if caret == piece.end && is_closed(&text[piece.start..piece.end]) => None,
        Kind::Text | Kind::Number => None,
        Kind::Other => Some(Wanted { typed: String::new(), start: caret, end: caret }),
    }
}

fn is_closed(text: &str) -> bool {
    let close = if text.starts_with('[') { ']' } else { text.chars().next().unwrap_or('"') };
    text.len() > 1 && text.ends_with(close)
}

/// Something that can be written.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Offer {
    Column(Column),
    Function(ExpressionFunction),
    /// An operator in words: how it is called, what it writes, what it does, an example.
    Word(&'static str, &'static str, &'static str, &'static str),
}

/// The operators that are words.
const WORDS: [(&str, &str, &str, &str); 8] = [
    ("and", "and ", "Both tests hold.", "dep_delay > 0 and distance > 500"),
    ("or", "or ", "At least one of the tests holds.", "origin = 'JFK' or dest = 'JFK'"),
    ("not", "not ", "The test does not hold.", "not contains(name, 'Air')"),
    ("in", "in ()", "One of several values.", "origin in ('JFK', 'LGA')"),
    ("is null", "is null", "There is no value.", "dep_time is null"),
    ("is not null", "is not null", "There is a value.", "dep_time is not null"),
    (
        "case",
        "case when  then  else  end",
        "The first test that holds decides.",
        "case when distance > 2000 then 'far' else 'near' end",
    ),
    ("true", "true", "Yes; the other is false.", "if(dep_delay > 15, true, false)"),
];

impl Offer {
    /// What stands in the list.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Column(column) => &column.name,
            Self::Function(function) => &function.name,
            Self::Word(name, ..) => name,
        }
    }

    /// A word about it: a type, the arguments.
    pub(super) fn hint(&self) -> String {
        match self {
            Self::Column(column) => column.ty.as_str().to_owned(),
            Self::Function(function) => {
                function.signature[function.name.len().min(function.signature.len())..].to_owned()
            }
            Self::Word(..) => "operator".to_owned(),
        }
    }

    /// What it is, in a sentence.
    pub(super) fn about(&self) -> String {
        match self {
            Self::Column(column) if column.description.is_empty() => column.label.clone(),
            Self::Column(column) => format!("{}: {}", column.label, column.description),
            Self::Function(function) => function.doc.clone(),
            Self::Word(_, _, doc, _) => (*doc).to_owned(),
        }
    }

    pub(super) fn example(&self) -> Option<&str> {
        match self {
            Self::Column(_) => None,
            Self::Function(function) => Some(&function.example),
            Self::Word(.., example) => Some(example),
        }
    }

    /// The class of its colour.
    pub(super) fn role(&self) -> &'static str {
        match self {
            Self::Column(column) if column.is_calculated => "calc",
            Self::Column(column) => match column.role {
                Role::Time => "time",
                Role::Dimension => "dimension",
                Role::Measure => "measure",
            },
            Self::Function(_) | Self::Word(..) => "calc",
        }
    }

    /// The word for what it is, for those who see no colours.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Column(column) if column.is_calculated => "calculated column",
            Self::Column(_) => "column",
            Self::Function(_) => "function",
            Self::Word(..) => "operator",
        }
    }

    /// What it writes, and how many bytes from its start the caret then stands.
    fn written(&self) -> (String, usize) {
        let (text, back) = match self {
            Self::Column(column) if is_plain(&column.name) => (column.name.clone(), 0),
            Self::Column(column) => (format!("\"{}\"", column.name.replace('"', "\"\"")), 0),
            Self::Function(function) => {
                let takes = !function.signature.ends_with("()");
                (format!("{}()", function.name), usize::from(takes))
            }
            Self::Word("in", text, ..) => ((*text).to_owned(), 1),
            Self::Word("case", text, ..) => ((*text).to_owned(), " then  else  end".len()),
            Self::Word(_, text, ..) => ((*text).to_owned(), 0),
        };
        let caret = text.len() - back;
        (text, caret)
    }
}

/// Whether a name needs no quotes.
fn is_plain(name: &str) -> bool {
    let starts = name.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_');
    const KEYWORDS: [&str; 13] =
        ["and", "or", "not", "in", "is", "null", "true", "false", "case", "when", "then", "else", "end"];
    starts && name.chars().all(is_word) && !KEYWORDS.contains(&name.to_lowercase().as_str())
}

/// What fits what was typed, the best first; everything where nothing was typed.
pub(super) fn offers(typed: &str, columns: &[Column], functions: &[ExpressionFunction]) -> Vec<Offer> {
    let typed = typed.to_lowercase();
    let words = WORDS.iter().map(|(name, text, doc, example)| Offer::Word(name, text, doc, example));
    let all =
        columns.iter().cloned().map(Offer::Column).chain(functions.iter().cloned().map(Offer::Function)).chain(words);
    let mut found: Vec<(u8, Offer)> = all
        .filter_map(|offer| {
            let name = offer.name().to_lowercase();
            let label = match &offer {
                Offer::Column(column) => column.label.to_lowercase(),
                _ => String::new(),
            };
            let rank = match () {
                () if name == typed => 0,
                () if name.starts_with(&typed) => 1,
                () if label.starts_with(&typed) => 2,
                () if name.contains(&typed) || label.contains(&typed) => 3,
                () => return None,
            };
            Some((rank, offer))
        })
        .collect();
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, offer)| offer).take(MOST).collect()
}

/// The text with an offer written into it, and the byte where the caret then stands.
pub(super) fn complete(text: &str, wanted: &Wanted, offer: &Offer) -> (String, usize) {
    let (mut new, caret) = offer.written();
    let rest = &text[wanted.end..];
    // The brackets are there already.
    if matches!(offer, Offer::Function(_)) && rest.starts_with('(') {
        new.truncate(new.len() - 2);
        return (format!("{}{new}{rest}", &text[..wanted.start]), wanted.start + new.len() + 1);
    }
    (format!("{}{new}{rest}", &text[..wanted.start]), wanted.start + caret)
}

/// The function whose brackets are open at the caret, and which of its arguments is being written.
pub(super) fn call_at(text: &str, caret: usize) -> Option<(String, usize)> {
    let mut open: Vec<(Option<String>, usize)> = Vec::new();
    let mut last = None;
    for piece in pieces(text).into_iter().take_while(|p| p.start < caret) {
        let own = &text[piece.start..piece.end.min(caret)];
        if piece.kind != Kind::Other {
            last = (piece.kind == Kind::Word).then(|| own.to_lowercase());
            continue;
        }
        for c in own.chars() {
            match c {
                '(' => open.push((last.take(), 0)),
                ')' => _ = open.pop(),
                ',' => {
                    if let Some((_, at)) = open.last_mut() {
                        *at += 1;
                    }
                }
                c if c.is_whitespace() => continue,
                _ => {}
            }
            last = None;
        }
    }
    open.into_iter().rev().find_map(|(name, at)| name.map(|name| (name, at)))
}

/// The byte of a character.
pub(super) fn byte_of(text: &str, chars: usize) -> usize {
    text.char_indices().nth(chars).map_or(text.len(), |(at, _)| at)
}

/// The byte of a place as browsers count, in UTF-16.
pub(super) fn byte_of_utf16(text: &str, units: usize) -> usize {
    let mut seen = 0;
    for (at, c) in text.char_indices() {
        if seen >= units {
            return at;
        }
        seen += c.len_utf16();
    }
    text.len()
}

/// The place of a byte as browsers count.
pub(super) fn utf16_of_byte(text: &str, byte: usize) -> usize {
    text.get(..byte).unwrap_or(text).encode_utf16().count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tiles::logic::testing::flights;

    fn functions() -> Vec<ExpressionFunction> {
        let function = |name: &str, signature: &str| ExpressionFunction {
            name: name.into(),
            signature: signature.into(),
            doc: "Does it.".into(),
            example: String::new(),
        };
        vec![function("round", "round(number, digits)"), function("today", "today()")]
    }

    #[test]
    fn pieces_are_the_text_again() {
        for text in ["", "a + 'it''s' * 1.5", "\"Dep delay", "[x]]y] é(", "round(distance / 1.609, 1) >= 'ü"] {
            let all: String = pieces(text).iter().map(|p| &text[p.start..p.end]).collect();
            assert_eq!(all, text);
        }
    }

    #[test]
    fn the_word_at_the_caret_is_what_is_completed() {
        let typed = |text: &str, caret: usize| wanted(text, caret).map(|w| w.typed);
        assert_eq!(typed("distance / air", 14).as_deref(), Some("air"));
        assert_eq!(typed("distance / air", 3).as_deref(), Some("dis"));
        assert_eq!(typed("distance / ", 11).as_deref(), Some(""));
        assert_eq!(typed("", 0).as_deref(), Some(""));
        assert_eq!(typed("origin = 'JF", 12), None, "inside a text");
        assert_eq!(typed("12", 2), None);
        assert_eq!(typed("\"Dep", 4).as_deref(), Some("Dep"));
    }

    #[test]
    fn offers_are_written_in_place_of_the_word() {
        let (columns, functions) = (flights(), functions());
        let write = |text: &str, name: &str| {
            let at = wanted(text, text.len()).unwrap();
            let found = offers(&at.typed, &columns, &functions);
            let offer = found.iter().find(|o| o.name() == name).unwrap_or_else(|| panic!("{name} is not offered"));
            complete(text, &at, offer)
        };
        assert_eq!(write("2 * dep_d", "dep_delay"), ("2 * dep_delay".into(), 13));
        assert_eq!(write("ro", "round"), ("round()".into(), 6));
        assert_eq!(write("tod", "today"), ("today()".into(), 7));
        assert_eq!(write("origin i", "in"), ("origin in ()".into(), 11));
        let (text, at) = ("ro(1)", Wanted { typed: "ro".into(), start: 0, end: 2 });
        assert_eq!(complete(text, &at, &Offer::Function(functions[0].clone())), ("round(1)".into(), 6));
        assert_eq!(offers("round", &columns, &functions)[0].name(), "round");
        assert!(offers("", &columns, &functions).len() > columns.len());
        assert!(offers("zzz", &columns, &functions).is_empty());
    }

    #[test]
    fn the_open_call_is_known() {
        assert_eq!(call_at("round(distance / 2, ", 20), Some(("round".into(), 1)));
        assert_eq!(call_at("if(contains(a, 'x, ('), ", 24), Some(("if".into(), 1)));
        assert_eq!(call_at("(a + ", 5), None);
        assert_eq!(call_at("round(a)", 8), None);
    }

    #[test]
    fn places_are_counted_as_browsers_do() {
        assert_eq!(byte_of_utf16("a😀b", 3), 5);
        assert_eq!(utf16_of_byte("a😀b", 5), 3);
        assert_eq!(byte_of("é+x", 2), 3);
    }
}
