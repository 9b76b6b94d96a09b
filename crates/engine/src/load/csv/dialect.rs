//! The sample of a delimited file: its dialect, its header, and what its columns hold.

use super::records::{Dialect, Record, Records};
use super::values::{self, Kind};
use super::{Formats, Gathered, Traits, names, problem};
use crate::fault;
use crate::load::source::{MAX_COLUMNS, too_many_columns};
use domain::dataset::{BadRow, FileFormat, LoadOptions};
use domain::{Error, Result};
use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// What is read from the start of a file, and from its middle and end.
const HEAD: u64 = 2 << 20;
const WINDOW: u64 = 256 << 10;
/// Rows that are looked at for types.
const ROWS: usize = 20_000;
/// Rows that are looked at for the dialect.
const DIALECT_ROWS: usize = 500;

/// The parts of a file that were looked at.
pub(crate) struct Sample {
    /// From the start, UTF-8, complete rows.
    text: String,
    /// From the middle and the end, beginning after a line break.
    windows: Vec<String>,
    pub(crate) dialect: Dialect,
    pub(crate) header: bool,
    pub(crate) skip: u64,
    /// The line of the first row.
    pub(crate) first_row: u64,
    pub(crate) names: Vec<String>,
}

impl Sample {
    pub(crate) fn read(path: &Path, options: &LoadOptions, format: FileFormat) -> Result<Self> {
        let (mut text, windows, all) = parts(path)?;
        if text.trim().is_empty() {
            return Err(fault::unusable("The file is empty."));
        }
        let mut skip = 0;
        let mut delimiter = one_char(options.delimiter.as_deref(), "options.delimiter")?;
        if delimiter.is_none() && format == FileFormat::Tsv {
            delimiter = Some('\t');
        }
        // Excel's own hint, on a line before the header.
        if let Some(hint) = text.strip_prefix("sep=").and_then(|r| r.chars().next()) {
            skip = 1;
            delimiter = delimiter.or(Some(hint));
        }
        let quote = match options.quote.as_deref() {
            Some("") => Some(None),
            other => one_char(other, "options.quote")?.map(Some),
        };
        let dialect = detect(&text, skip, delimiter, quote);
        if !all {
            text.truncate(complete(&text, dialect)?);
        }
        let mut rows = records(&text, dialect, skip).max_fields(MAX_COLUMNS + 1);
        let first = rows.next().ok_or_else(|| fault::unusable("The file is empty."))?;
        if first.fields.len() > MAX_COLUMNS {
            return Err(too_many_columns());
        }
        let rest: Vec<Record<'_>> = rows.take(ROWS).collect();
        let header = options.header.unwrap_or_else(|| has_header(&first, &rest));
        if header && all && rest.iter().all(|r| r.blank) {
            return Err(fault::unusable("The file has a header but no rows."));
        }
        let (names, first_row) = if header {
            (names(&first.fields)?, rest.first().map_or(first.line + 1, |r| r.line))
        } else {
            let width = mode(std::iter::once(&first).chain(&rest).take(DIALECT_ROWS)).0;
            ((1..=width).map(|n| format!("column_{n}")).collect(), first.line)
        };
        Ok(Self { dialect, header, skip, first_row, names, windows, text })
    }

    /// The complete rows from the start, for a first look.
    pub(crate) fn head(&self) -> &str {
        &self.text
    }

    fn rows(&self) -> impl Iterator<Item = Record<'_>> {
        records(&self.text, self.dialect, self.skip).skip(usize::from(self.header)).take(ROWS)
    }

    /// What each column is.
    pub(crate) fn traits(&self, formats: &Formats) -> Vec<Traits> {
        let width = self.names.len();
        let mut gathered = vec![Gathered::default(); width];
        let mut add = |record: &Record<'_>| {
            if problem(record, width).is_none() && !(record.blank && width > 1) {
                record.fields.iter().zip(&mut gathered).for_each(|(field, column)| column.add(field));
            }
        };
        self.rows().for_each(|record| add(&record));
        for window in &self.windows {
            Records::new(window, self.dialect).filter(|r| r.complete).for_each(|record| add(&record));
        }
        let comma = gathered.iter().any(|g| g.comma && g.is_typed())
            || (self.dialect.delimiter == ';' && !gathered.iter().any(|g| g.point && g.is_typed()));
        gathered.iter().map(|g| g.finish(comma, comma, formats)).collect()
    }

    /// Rows of the sample that cannot be read: how many, and the first ten.
    pub(crate) fn bad_rows(&self) -> (u64, Vec<BadRow>) {
        let mut bad = self.rows().filter_map(|record| problem(&record, self.names.len()));
        let first: Vec<BadRow> = bad.by_ref().take(10).collect();
        (first.len() as u64 + bad.count() as u64, first)
    }
}

/// The start of the file, windows into the rest, and whether the start is all of it.
fn parts(path: &Path) -> Result<(String, Vec<String>, bool)> {
    let report = |e: std::io::Error| fault::io("reading a file", &e);
    let mut file = File::open(path).map_err(report)?;
    let size = file.metadata().map_err(report)?.len();
    let mut read = |at: u64, length: u64| -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(at)).map_err(report)?;
        (&mut file).take(length).read_to_end(&mut bytes).map_err(report)?;
        Ok(bytes)
    };
    let head = String::from_utf8_lossy(&read(0, HEAD)?).into_owned();
    let head = head.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(head);
    let mut windows = Vec::new();
    if size > HEAD + 2 * WINDOW {
        for at in [size / 2, size - WINDOW] {
            let text = String::from_utf8_lossy(&read(at, WINDOW)?).into_owned();
            if let Some(cut) = text.find('\n') {
                windows.push(text[cut + 1..].to_owned());
            }
        }
    }
    Ok((head, windows, size <= HEAD))
}

/// The rows after the first `skip` lines.
pub(crate) fn records(text: &str, dialect: Dialect, skip: u64) -> Records<'_> {
    let mut rest = text;
    for _ in 0..skip {
        rest = rest.find('\n').map_or("", |at| &rest[at + 1..]);
    }
    Records::new(rest, dialect).first_line(skip + 1)
}

/// Where the last complete row of a cut text ends.
fn complete(text: &str, dialect: Dialect) -> Result<usize> {
    let mut rows = Records::new(text, dialect);
    let mut end = 0;
    while let Some(record) = rows.next() {
        if !record.complete {
            break;
        }
        end = rows.position();
    }
    if end == 0 {
        return Err(fault::unusable("The first line is longer than 2 MB.")
            .hint("Check that this is a delimited file with one row a line."));
    }
    Ok(end)
}

fn one_char(option: Option<&str>, field: &str) -> Result<Option<char>> {
    let Some(text) = option.filter(|o| !o.is_empty()) else { return Ok(None) };
    let mut chars = if text == "\\t" { "\t" } else { text }.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) if c != '\n' && c != '\r' && c != '\0' => Ok(Some(c)),
        _ => Err(Error::invalid(format!("{field} must be one character.")).field(field)),
    }
}

/// The delimiter under which the rows have the most, and the most equal, numbers of fields.
fn detect(text: &str, skip: u64, delimiter: Option<char>, quote: Option<Option<char>>) -> Dialect {
    let single = !text.contains('"') && text.matches("','").count() + text.matches("';'").count() > 1;
    let quote = quote.unwrap_or(Some(if single { '\'' } else { '"' }));
    let backslash = quote.is_some_and(|q| text.contains(&format!("\\{q}")) && !text.contains(&format!("{q}{q}")));
    let dialect = |delimiter| Dialect { delimiter, quote, escape: if backslash { Some('\\') } else { quote } };
    if let Some(delimiter) = delimiter {
        return dialect(delimiter);
    }
    let score = |delimiter: char| {
        let rows: Vec<Record<'_>> = records(text, dialect(delimiter), skip)
            .filter(|r| !r.blank)
            .take(DIALECT_ROWS)
            .map(|mut r| {
                r.fields.truncate(MAX_COLUMNS + 1);
                r
            })
            .collect();
        let (width, count) = mode(rows.iter());
        if width < 2 {
            return 0.0;
        }
        let share = count as f64 / rows.len() as f64;
        let header = if rows.first().is_some_and(|r| r.fields.len() == width) { 1.0 } else { 0.5 };
        share * share * (width as f64).sqrt() * header
    };
    let best = [',', ';', '\t', '|'].into_iter().map(|d| (score(d), d));
    let best = best.fold((0.0, ','), |best, next| if next.0 > best.0 { next } else { best });
    dialect(best.1)
}

/// The most frequent number of fields, and how often it occurs.
fn mode<'a, 'b: 'a>(rows: impl Iterator<Item = &'a Record<'b>>) -> (usize, usize) {
    let mut counts: HashMap<usize, usize> = HashMap::new();
    for row in rows.filter(|r| !r.blank) {
        *counts.entry(row.fields.len()).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(width, count)| (*count, *width)).unwrap_or((1, 0))
}

/// Names stand in the first row unless something in it is plainly a value.
fn has_header(first: &Record<'_>, rest: &[Record<'_>]) -> bool {
    let kinds: Vec<Kind> = first.fields.iter().map(|f| values::classify(f)).collect();
    let is_value =
        |k: &Kind| matches!(k, Kind::Number(_) | Kind::Date(_) | Kind::Stamp(_) | Kind::Time | Kind::Boolean);
    if !kinds.iter().any(is_value) {
        return !kinds.iter().all(|k| matches!(k, Kind::Empty));
    }
    // `country,2019,2020`: years as names, above values that are no years.
    let year = |text: &str| text.trim().parse::<u32>().is_ok_and(|y| (1_900..=2_100).contains(&y));
    let years = first.fields.iter().zip(&kinds).filter(|(_, k)| is_value(k)).all(|(f, _)| year(f));
    let names = kinds.contains(&Kind::Text);
    let below = rest
        .iter()
        .take(100)
        .any(|r| r.fields.iter().zip(&kinds).any(|(f, k)| is_value(k) && !year(f) && !f.trim().is_empty()));
    years && names && below
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(text: &str) -> Result<Sample> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f.csv");
        std::fs::write(&path, text).unwrap();
        Sample::read(&path, &LoadOptions::default(), FileFormat::Csv)
    }

    #[test]
    fn the_delimiter_is_found() {
        for (text, delimiter) in [
            ("a,b\n1,2\n", ','),
            ("a;b\n1,5;2,5\n3,5;4,5\n", ';'),
            ("a\tb c\n1\t2,3\n", '\t'),
            ("a|b|c\n1|2|3\n", '|'),
            ("just\none\ncolumn\n", ','),
            ("sep=;\na;b\n1;2\n", ';'),
            ("name,note\nx,\"a;b;c\"\ny,\"d;e\"\n", ','),
        ] {
            assert_eq!(sample(text).unwrap().dialect.delimiter, delimiter, "{text:?}");
        }
    }

    #[test]
    fn the_header_is_found() {
        assert!(sample("id,name\n1,x\n").unwrap().header);
        assert!(!sample("1,x\n2,y\n").unwrap().header);
        assert!(sample("country,2019,2020\nDE,1.5,2.5\n").unwrap().header);
        assert!(sample("first,second\nx,y\n").unwrap().header);
        assert!(!sample("2024-01-01,5\n2024-01-02,6\n").unwrap().header);
        assert_eq!(sample("1,x\n2,y\n").unwrap().names, ["column_1", "column_2"]);
        assert_eq!(sample("sep=;\na;b\n1;2\n").unwrap().first_row, 3);
    }

    #[test]
    fn empty_and_hostile_files_are_refused_at_once() {
        for (text, word) in [
            ("", "empty"),
            ("  \n\n", "empty"),
            ("a,b\n", "no rows"),
            (&",".repeat(3_000_000)[..], "2 MB"),
            (&format!("{}\n1\n", "c,".repeat(5_000)), "columns"),
        ] {
            let error = sample(text).err().unwrap();
            assert!(error.message.contains(word), "{word}: {error}");
        }
    }

    #[test]
    fn bad_rows_are_counted() {
        let found = sample("a,b\n1,2\n3\n\n4,5,6\n\"x,7\n").unwrap();
        let (count, rows) = found.bad_rows();
        assert_eq!(count, 3);
        assert_eq!(rows.iter().map(|r| r.line).collect::<Vec<_>>(), [3, 5, 6]);
        assert_eq!(rows[0].reason, "1 field instead of 2");
    }
}
