//! Delimited text: encoding, dialect, header and column types are found in a sample; DuckDB reads
//! the rows as text, and expressions turn them into types, strictly.

mod dates;
mod dialect;
mod encoding;
mod gather;
mod records;
mod traits;
mod values;

use super::source::{Origin, Relation, Source, SourceColumn, path_text, too_many_columns, unique_names};
use super::{Bench, Job};
use crate::fault;
use dialect::Sample;
use domain::Result;
use domain::dataset::{BadRow, FileFormat, LoadOptions};
pub(crate) use gather::Gathered;
pub(crate) use records::Dialect;
use records::Records;
use semantic::sql::text;
use std::borrow::Cow;
use std::path::PathBuf;
pub(crate) use traits::{Formats, Shape, Traits, noun};

/// Files up to this size are read again to name the exact lines of bad values.
const EXACT_LINES_BYTES: u64 = 64 << 20;
/// Bad rows of which a record is kept.
pub(crate) const REJECTS_LIMIT: u64 = 100_000;

/// A delimited file that DuckDB can read.
pub(crate) struct CsvSource {
    path: PathBuf,
    /// The first part of it, complete rows only.
    sample_path: PathBuf,
    pub(crate) dialect: Dialect,
    header: bool,
    /// Lines before the header.
    skip: u64,
    first_row: u64,
    width: usize,
    /// Rows may be short: what lacks at their end is missing.
    padded: bool,
    pub(crate) formats: Formats,
}

/// Opens a delimited file. `whole`: all of it will be read.
pub(crate) fn open(job: &Job, bench: &Bench, format: FileFormat, whole: bool) -> Result<Source> {
    let utf8 = encoding::to_utf8(job, bench.folder.path(), whole)?;
    let sample = Sample::read(&utf8.path, &job.options, format)?;
    let formats = Formats {
        comma: job.options.decimal_comma,
        date: job.options.date_format.clone(),
        stamp: job.options.timestamp_format.clone(),
    };
    let traits = sample.traits(&formats);
    let columns: Vec<SourceColumn> = sample
        .names
        .iter()
        .zip(&traits)
        .enumerate()
        .map(|(at, (name, traits))| SourceColumn {
            name: name.clone(),
            origin: Origin::Text { raw: format!("c{at}"), traits: traits.clone() },
        })
        .collect();
    let sample_path = bench.folder.path().join("sample.csv");
    std::fs::write(&sample_path, sample.head()).map_err(|e| fault::io("writing a sample", &e))?;
    let first = |pattern: fn(&Traits) -> bool| traits.iter().filter(|t| pattern(t)).find_map(Traits::pattern);
    let options = LoadOptions {
        format: Some(format),
        delimiter: Some(sample.dialect.delimiter.to_string()),
        quote: Some(sample.dialect.quote.map(String::from).unwrap_or_default()),
        encoding: Some(utf8.encoding.name().to_ascii_lowercase()),
        header: Some(sample.header),
        decimal_comma: Some(
            formats.comma.unwrap_or_else(|| traits.iter().any(|t| t.comma && t.data_type().is_number())),
        ),
        date_format: formats.date.clone().or_else(|| first(|t| matches!(t.shape, Shape::Date(_)))),
        timestamp_format: formats.stamp.clone().or_else(|| first(|t| matches!(t.shape, Shape::Stamp(_)))),
        ..job.options.clone()
    };
    let (bad_row_count, bad_rows) = sample.bad_rows();
    let source = CsvSource {
        path: utf8.path,
        sample_path,
        dialect: sample.dialect,
        header: sample.header,
        skip: sample.skip,
        first_row: sample.first_row,
        width: sample.names.len(),
        padded: false,
        formats,
    };
    Ok(Source { columns, relation: Relation::Csv(source), options, sheets: Vec::new(), bad_rows, bad_row_count })
}

/// A file of ours: comma, quotes, no header, short rows. Its rows begin on `first_row` of the
/// original.
pub(crate) fn own(path: PathBuf, width: usize, first_row: u64) -> CsvSource {
    CsvSource {
        sample_path: path.clone(),
        path,
        dialect: Dialect::of(','),
        header: false,
        skip: 0,
        first_row,
        width,
        padded: true,
        formats: Formats::default(),
    }
}

impl CsvSource {
    /// The reader, every column as text under the names c0, c1 ...
    pub(crate) fn relation(&self, sample: bool) -> Result<String> {
        let path = path_text(if sample { &self.sample_path } else { &self.path })?;
        let columns: Vec<String> = (0..self.width).map(|at| format!("'c{at}': 'VARCHAR'")).collect();
        let character = |c: Option<char>| text(&c.map(String::from).unwrap_or_default());
        Ok(format!(
            "read_csv({path}, auto_detect = false, strict_mode = true, null_padding = {}, parallel = {}, \
             store_rejects = true, rejects_limit = {REJECTS_LIMIT}, header = {}, skip = {}, delim = {}, quote = {}, \
             escape = {}, columns = {{{}}})",
            self.padded,
            // DuckDB cannot pad rows with line breaks in quotes in parallel.
            !self.padded,
            self.header,
            self.skip,
            text(&self.dialect.delimiter.to_string())?,
            character(self.dialect.quote)?,
            character(self.dialect.quote.and(self.dialect.escape))?,
            columns.join(", "),
        ))
    }

    /// The fields of a line that the reader refused.
    pub(crate) fn fields<'a>(&self, line: &'a str) -> Vec<Cow<'a, str>> {
        Records::new(line, self.dialect).next().map(|r| r.fields).unwrap_or_default()
    }

    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// The lines on which the rows with these numbers (from 1, ascending) begin, bad rows not
    /// counted. Exact for files of moderate size.
    pub(crate) fn lines(&self, numbers: &[u64]) -> Vec<u64> {
        let near = || numbers.iter().map(|n| n + self.first_row - 1).collect();
        let Ok(size) = std::fs::metadata(&self.path).map(|m| m.len()) else { return near() };
        if size > EXACT_LINES_BYTES {
            return near();
        }
        let Ok(bytes) = std::fs::read(&self.path) else { return near() };
        let content = String::from_utf8_lossy(&bytes);
        let content = content.strip_prefix('\u{feff}').unwrap_or(&content);
        let good = |r: &records::Record<'_>| !r.broken && r.fields.len() == self.width;
        let rows = dialect::records(content, self.dialect, self.skip)
            .skip(usize::from(self.header))
            .filter(|r| good(r) && !(r.blank && self.width > 1));
        let mut wanted = numbers.iter().peekable();
        let mut out = Vec::with_capacity(numbers.len());
        for (record, number) in rows.zip(1_u64..) {
            if wanted.peek() == Some(&&number) {
                out.push(record.line);
                wanted.next();
            }
            if wanted.peek().is_none() {
                return out;
            }
        }
        near()
    }
}

/// Why a row of the wrong shape cannot be read.
pub(crate) fn shape_problem(found: usize, width: usize, broken: bool) -> Option<String> {
    let fields = |n: usize| if n == 1 { "1 field".to_owned() } else { format!("{n} fields") };
    if broken {
        Some("a quotation mark is not closed, or text follows a closing one".into())
    } else if found == width {
        None
    } else {
        Some(format!("{} instead of {width}", fields(found)))
    }
}

/// The problem with one row of the sample, if there is one.
fn problem(record: &records::Record<'_>, width: usize) -> Option<BadRow> {
    if record.blank && width > 1 {
        return None;
    }
    shape_problem(record.fields.len(), width, record.broken).map(|reason| BadRow { line: record.line, reason })
}

/// The names in a header, or refused when there are too many.
fn names(fields: &[Cow<'_, str>]) -> Result<Vec<String>> {
    if fields.len() > super::source::MAX_COLUMNS {
        return Err(too_many_columns());
    }
    unique_names(fields)
}
