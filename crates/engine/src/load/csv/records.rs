//! Rows of a delimited text, read the way DuckDB's strict reader reads them. For the sample of a
//! file and for the lines it refuses; whole files are DuckDB's.

use std::borrow::Cow;

/// The characters that give a file its shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dialect {
    pub(crate) delimiter: char,
    pub(crate) quote: Option<char>,
    /// What stands before a quote inside quotes: the quote itself, or a backslash.
    pub(crate) escape: Option<char>,
}

impl Dialect {
    pub(crate) fn of(delimiter: char) -> Self {
        Self { delimiter, quote: Some('"'), escape: Some('"') }
    }
}

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Record<'a> {
    /// Line on which it begins, from 1.
    pub(crate) line: u64,
    pub(crate) fields: Vec<Cow<'a, str>>,
    /// A quote that is not closed, or text after a closing quote.
    pub(crate) broken: bool,
    /// Nothing at all on the line.
    pub(crate) blank: bool,
    /// It ends with a line break, so nothing of it is cut off.
    pub(crate) complete: bool,
}

/// Reads `text` row by row.
pub(crate) struct Records<'a> {
    text: &'a str,
    at: usize,
    line: u64,
    dialect: Dialect,
    max_fields: usize,
}

impl<'a> Records<'a> {
    pub(crate) fn new(text: &'a str, dialect: Dialect) -> Self {
        Self { text, at: 0, line: 1, dialect, max_fields: usize::MAX }
    }

    /// Counts lines from `line`.
    pub(crate) fn first_line(mut self, line: u64) -> Self {
        self.line = line;
        self
    }

    /// Stops splitting a row after so many fields: a bound for hostile headers.
    pub(crate) fn max_fields(mut self, max: usize) -> Self {
        self.max_fields = max;
        self
    }

    /// Where the next row begins.
    pub(crate) fn position(&self) -> usize {
        self.at
    }

    fn line_break(&self, at: usize) -> usize {
        let bytes = self.text.as_bytes();
        match bytes.get(at) {
            Some(b'\r') if bytes.get(at + 1) == Some(&b'\n') => 2,
            Some(b'\r' | b'\n') => 1,
            _ => 0,
        }
    }

    /// A quoted field that begins at `at`: its text, and where it ends. None if it never does.
    fn quoted(&mut self, at: usize, quote: char) -> Option<(Cow<'a, str>, usize)> {
        let escape = self.dialect.escape.unwrap_or(quote);
        let mut value: Cow<'a, str> = Cow::Borrowed("");
        let mut from = at + quote.len_utf8();
        let mut chars = self.text[from..].char_indices().peekable();
        let base = from;
        while let Some((offset, c)) = chars.next() {
            let here = base + offset;
            if c == '\n' {
                self.line += 1;
            }
            if c == escape
                && chars.peek().is_some_and(|(_, next)| *next == quote || (escape != quote && *next == escape))
            {
                let (next, kept) = chars.next()?;
                value.to_mut().push_str(&self.text[from..here]);
                value.to_mut().push(kept);
                from = base + next + kept.len_utf8();
            } else if c == quote {
                let rest = &self.text[from..here];
                if value.is_empty() {
                    value = Cow::Borrowed(rest);
                } else {
                    value.to_mut().push_str(rest);
                }
                return Some((value, here + quote.len_utf8()));
            }
        }
        None
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        if self.at >= self.text.len() {
            return None;
        }
        let text = self.text;
        let mut record = Record { line: self.line, fields: Vec::new(), broken: false, blank: false, complete: false };
        let mut at = self.at;
        if self.line_break(at) > 0 {
            record.blank = true;
        }
        loop {
            let mut end;
            let rest = &text[at..];
            let opened = self.dialect.quote.filter(|q| rest.starts_with(*q));
            let line = self.line;
            let field = match opened.and_then(|q| self.quoted(at, q)) {
                Some((value, after)) => {
                    end = after;
                    value
                }
                None => {
                    record.broken |= opened.is_some();
                    self.line = line;
                    end = at;
                    Cow::Borrowed("")
                }
            };
            let stop = |c: char| c == self.dialect.delimiter || c == '\n' || c == '\r';
            let tail = text[end..].find(stop).map_or(text.len(), |n| end + n);
            let field = if tail == end {
                field
            } else {
                record.broken |= opened.is_some();
                let whole = Cow::Borrowed(&text[at..tail]);
                end = tail;
                whole
            };
            record.fields.push(field);
            let newline = self.line_break(end);
            if newline > 0 {
                self.at = end + newline;
                self.line += 1;
                record.complete = true;
                return Some(record);
            }
            if end >= text.len() {
                self.at = text.len();
                return Some(record);
            }
            at = end + self.dialect.delimiter.len_utf8();
            if record.fields.len() >= self.max_fields {
                self.at = text.len();
                return Some(record);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Vec<Vec<String>> {
        Records::new(text, Dialect::of(',')).map(|r| r.fields.into_iter().map(Cow::into_owned).collect()).collect()
    }

    #[test]
    fn quotes_hold_delimiters_line_breaks_and_quotes() {
        assert_eq!(read("a,\"b,c\"\r\n\"x\ny\",\"q\"\"q\"\n"), [["a", "b,c"], ["x\ny", "q\"q"]]);
        assert_eq!(read("a,\n,b"), [["a", ""], ["", "b"]]);
        assert_eq!(read("\"\""), [[""]]);
        let lines: Vec<u64> = Records::new("a\n\"b\nc\"\nd\n", Dialect::of(',')).map(|r| r.line).collect();
        assert_eq!(lines, [1, 2, 4]);
    }

    #[test]
    fn broken_quotes_are_seen() {
        let broken: Vec<bool> = Records::new("\"a\"b,c\nok,\"x\n", Dialect::of(',')).map(|r| r.broken).collect();
        assert_eq!(broken, [true, true]);
        let backslash = Dialect { escape: Some('\\'), ..Dialect::of(',') };
        let fields: Vec<_> = Records::new("\"a\\\"b\",c", backslash).next().unwrap().fields;
        assert_eq!(fields, ["a\"b", "c"]);
    }

    #[test]
    fn a_hostile_header_is_not_split_to_its_end() {
        let header = ",".repeat(1_000_000);
        let first = Records::new(&header, Dialect::of(',')).max_fields(2_001).next().unwrap();
        assert_eq!(first.fields.len(), 2_001);
    }

    proptest! {
        #[test]
        fn what_is_written_with_quotes_reads_back(rows in prop::collection::vec(prop::collection::vec("[a\",\n\r é]{0,5}", 2), 1..6)) {
            let text: String = rows.iter().map(|row| {
                let cells: Vec<String> = row.iter().map(|c| format!("\"{}\"", c.replace('"', "\"\""))).collect();
                cells.join(",") + "\n"
            }).collect();
            prop_assert_eq!(read(&text), rows);
        }

        #[test]
        fn no_text_makes_it_panic_or_stand_still(text in "[a\",;\n\r\\\\é\u{10FFFF}]{0,40}") {
            for delimiter in [',', ';', 'é'] {
                let count = Records::new(&text, Dialect::of(delimiter)).count();
                prop_assert!(count <= text.len());
            }
        }
    }
}
