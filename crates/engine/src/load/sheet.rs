//! A sheet's cells as rows of a CSV file of ours. What each column holds is seen on the way, so
//! that nothing has to be guessed from a sample.

use super::cells::{Seen, Value, render};
use super::csv::{CsvSource, Traits, own};
use super::source::{MAX_COLUMNS, Origin, SourceColumn, too_many_columns, unique_names};
use crate::fault;
use domain::Result;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// The header is looked for among so many rows.
const HEADER_ROWS: usize = 20;

/// One row before it is written: column and text.
#[derive(Clone, Debug, Default)]
struct Row {
    number: u32,
    cells: Vec<(u32, String, Seen)>,
}

impl Row {
    fn is_header(&self, width: usize) -> bool {
        !self.cells.is_empty() && self.cells.iter().all(|(_, _, seen)| seen.text) && self.cells.len() * 5 >= width * 3
    }
}

pub(crate) struct Sheet {
    path: PathBuf,
    out: BufWriter<File>,
    /// Rows that are kept until the header is found.
    first: Vec<Row>,
    settled: bool,
    current: Row,
    header: Option<Row>,
    said: Option<bool>,
    columns: Vec<Seen>,
    rows: u64,
    first_row: u32,
    limit: u64,
}

impl Sheet {
    pub(crate) fn create(folder: &Path, limit: u64, header: Option<bool>) -> Result<Self> {
        let path = folder.join("sheet.csv");
        let file = File::create(&path).map_err(|e| fault::io("writing a sheet", &e))?;
        Ok(Self {
            path,
            out: BufWriter::new(file),
            first: Vec::new(),
            settled: false,
            current: Row::default(),
            header: None,
            said: header,
            columns: Vec::new(),
            rows: 0,
            first_row: 0,
            limit,
        })
    }

    pub(crate) fn has_cells(&self) -> bool {
        self.rows > 0 || !self.first.is_empty() || !self.current.cells.is_empty() || self.header.is_some()
    }

    /// Takes a cell; they come row by row. False when no more are wanted.
    pub(crate) fn put(&mut self, row: u32, column: u32, value: Value<'_>) -> Result<bool> {
        if column as usize >= MAX_COLUMNS {
            return Err(too_many_columns());
        }
        if row != self.current.number {
            self.end_row()?;
            self.current.number = row;
            if self.rows >= self.limit {
                return Ok(false);
            }
        }
        let (text, seen) = render(&value);
        if !text.trim().is_empty() {
            self.current.cells.push((column, text, seen));
        }
        Ok(true)
    }

    fn end_row(&mut self) -> Result<()> {
        let row = std::mem::take(&mut self.current);
        if row.cells.is_empty() {
            return Ok(());
        }
        if self.settled {
            return self.write(&row);
        }
        self.first.push(row);
        if self.first.len() >= HEADER_ROWS { self.settle() } else { Ok(()) }
    }

    /// Decides which row is the header, and writes those after it.
    fn settle(&mut self) -> Result<()> {
        self.settled = true;
        let rows = std::mem::take(&mut self.first);
        let width = rows.iter().map(|r| r.cells.len()).max().unwrap_or(0);
        let at = match self.said {
            Some(false) => None,
            Some(true) => rows.iter().position(|r| r.cells.len() * 5 >= width * 3),
            // The only row of a sheet has values, not names.
            None => rows.iter().position(|r| r.is_header(width)).filter(|_| rows.len() > 1),
        };
        let mut rest = rows.into_iter();
        if let Some(at) = at {
            self.header = rest.by_ref().nth(at);
        }
        for row in rest {
            self.write(&row)?;
        }
        Ok(())
    }

    fn write(&mut self, row: &Row) -> Result<()> {
        if self.rows == 0 {
            self.first_row = row.number + 1;
        }
        let mut line = String::new();
        let mut next = 0;
        for (column, text, seen) in &row.cells {
            let column = *column as usize;
            if column < next {
                // Two cells in one place: the first counts.
                continue;
            }
            if self.columns.len() <= column {
                self.columns.resize(column + 1, Seen::default());
            }
            self.columns[column].add(*seen);
            while next < column {
                line.push(',');
                next += 1;
            }
            line.push('"');
            line.push_str(&text.replace('"', "\"\""));
            line.push('"');
            line.push(',');
            next += 1;
        }
        line.pop();
        line.push('\n');
        self.rows += 1;
        self.out.write_all(line.as_bytes()).map_err(|e| fault::io("writing a sheet", &e))
    }

    /// The columns that hold anything or have a name, where their rows lie, and whether there was
    /// a header.
    pub(crate) fn finish(mut self) -> Result<(Vec<SourceColumn>, CsvSource, bool)> {
        self.end_row()?;
        if !self.settled {
            self.settle()?;
        }
        self.out.flush().map_err(|e| fault::io("writing a sheet", &e))?;
        let header = self.header.take();
        let had_header = header.is_some();
        if self.rows == 0 {
            return Err(fault::unusable("The sheet has a header but no rows."));
        }
        let named = header.map(|h| h.cells).unwrap_or_default();
        let width = self.columns.len().max(named.iter().map(|(c, ..)| *c as usize + 1).max().unwrap_or(0));
        self.columns.resize(width, Seen::default());
        let name = |at: usize| named.iter().find(|(c, ..)| *c as usize == at).map(|(_, text, _)| text.as_str());
        let used: Vec<usize> = (0..width).filter(|at| name(*at).is_some() || self.columns[*at].anything()).collect();
        let raw: Vec<&str> = used.iter().map(|at| name(*at).unwrap_or_default()).collect();
        let names = unique_names(&raw)?;
        let column = |(name, at): (String, usize)| SourceColumn {
            name,
            origin: Origin::Text { raw: format!("c{at}"), traits: Traits::plain(self.columns[at].shape()) },
        };
        let columns = names.into_iter().zip(used.iter().copied()).map(column).collect();
        Ok((columns, own(self.path.clone(), width, u64::from(self.first_row)), had_header))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::csv::Shape;

    #[test]
    fn columns_are_what_all_their_cells_are() {
        let dir = tempfile::tempdir().unwrap();
        let mut sheet = Sheet::create(dir.path(), u64::MAX, None).unwrap();
        let mut put = |row, column, value| sheet.put(row, column, value).unwrap();
        put(0, 1, Value::Text("Stock report"));
        for (at, name) in ["sku", "n", "price", "when"].iter().enumerate() {
            put(2, at as u32 + 1, Value::Text(name));
        }
        put(3, 1, Value::Text("00001"));
        put(3, 2, Value::Number(5.0));
        put(3, 3, Value::Number(1.5));
        put(3, 4, Value::Moment { date: Some((2024, 2, 29)), clock: (0, 0, 0, 0) });
        put(5, 2, Value::Number(7.0));
        put(5, 4, Value::Moment { date: Some((2024, 2, 29)), clock: (12, 0, 0, 0) });
        put(5, 5, Value::Bool(true));
        let (columns, _, header) = sheet.finish().unwrap();
        assert!(header);
        let found: Vec<(&str, Shape)> = columns
            .iter()
            .map(|c| match &c.origin {
                Origin::Text { traits, .. } => (c.name.as_str(), traits.shape),
                Origin::Typed { .. } => unreachable!(),
            })
            .collect();
        let expected = [
            ("sku", Shape::Text),
            ("n", Shape::Integer),
            ("price", Shape::Float),
            ("when", Shape::Stamp(None)),
            ("column_5", Shape::Boolean),
        ];
        assert_eq!(found, expected);
        let written = std::fs::read_to_string(dir.path().join("sheet.csv")).unwrap();
        assert_eq!(written, ",\"00001\",\"5\",\"1.5\",\"2024-02-29\"\n,,\"7\",,\"2024-02-29 12:00:00\",\"true\"\n");
    }
}
