//! Workbooks: XLSX cell by cell, so that a large sheet needs little memory; the other kinds
//! (XLS, XLSB, ODS), which are rare and small, as a whole.

use super::cells::Value;
use super::sheet::Sheet;
use super::source::Source;
use super::{Bench, Job};
use crate::fault;
use calamine::{Data, DataRef, ExcelDateTime, Ods, Reader, Sheets, Xls, Xlsb, Xlsx};
use domain::dataset::{FileFormat, LoadOptions};
use domain::{Error, Result};
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A workbook unpacks to at most this.
const MAX_UNPACKED: u64 = 500 << 20;
/// Workbooks that are read as a whole are at most this large.
const MAX_WHOLE: u64 = 50 << 20;
/// Rows that a preview reads.
const PREVIEW_ROWS: u64 = 1_000;

pub(crate) fn open(job: &Job, bench: &Bench, whole: bool) -> Result<Source> {
    // A hostile workbook may break the reader's assumptions; it must not break ours.
    catch_unwind(AssertUnwindSafe(|| read(job, bench, whole))).unwrap_or_else(|_| Err(damaged(&"the reader panicked")))
}

fn damaged(cause: &dyn std::fmt::Display) -> Error {
    tracing::debug!(error = %cause, "a workbook could not be read");
    fault::unusable("The workbook is damaged, encrypted, or not an Excel file.")
        .hint("Open it in a spreadsheet program and save it again as .xlsx, without a password.")
}

fn read(job: &Job, bench: &Bench, whole: bool) -> Result<Source> {
    let mut file = File::open(&job.file).map_err(|e| fault::io("reading a file", &e))?;
    let size = file.metadata().map_err(|e| fault::io("reading a file", &e))?.len();
    let mut magic = [0; 4];
    let is_zip = file.read_exact(&mut magic).is_ok() && magic == *b"PK\x03\x04";
    if is_zip {
        let unpacked = unpacked_size(&mut file, size).ok_or_else(|| damaged(&"no central directory"))?;
        if unpacked > MAX_UNPACKED {
            return Err(fault::unusable("The workbook is too large: it unpacks to more than 500 MB.")
                .hint("Export the sheet as CSV and load that."));
        }
    }
    let mut book = open_book(job, is_zip)?;
    let names = book.sheet_names();
    let limit = if whole { u64::MAX } else { PREVIEW_ROWS };
    let mut sheet = Sheet::create(bench.folder.path(), limit, job.options.header)?;
    let chosen = match &job.options.sheet {
        Some(name) if !names.contains(name) => {
            return Err(Error::invalid(format!("The workbook has no sheet \"{name}\".")).field("options.sheet"));
        }
        Some(name) => vec![name.clone()],
        None => names.clone(),
    };
    let mut found = None;
    for name in chosen {
        match &mut book {
            Sheets::Xlsx(xlsx) => stream(job, xlsx, &name, &mut sheet)?,
            other if size <= MAX_WHOLE => range(job, other, &name, &mut sheet)?,
            _ => {
                return Err(
                    fault::unusable("Only .xlsx workbooks may be larger than 50 MB.").hint("Save it as .xlsx or CSV.")
                );
            }
        }
        if sheet.has_cells() {
            found = Some(name);
            break;
        }
    }
    let Some(name) = found else { return Err(fault::unusable("The workbook has no cells.")) };
    let (columns, csv, header) = sheet.finish()?;
    let options =
        LoadOptions { format: Some(FileFormat::Xlsx), sheet: Some(name), header: Some(header), ..job.options.clone() };
    let mut source = Source::of_csv(csv, columns, options);
    source.sheets = names;
    Ok(source)
}

/// By content, not by name: what people call `.xls` is often something else.
fn open_book(job: &Job, is_zip: bool) -> Result<Sheets<BufReader<File>>> {
    let open = || File::open(&job.file).map(BufReader::new).map_err(|e| fault::io("reading a file", &e));
    if !is_zip {
        return Xls::new(open()?).map(Sheets::Xls).map_err(|e| damaged(&e));
    }
    match Xlsx::new(open()?) {
        Ok(book) => Ok(Sheets::Xlsx(book)),
        Err(error) => match (Ods::new(open()?), Xlsb::new(open()?)) {
            (Ok(book), _) => Ok(Sheets::Ods(book)),
            (_, Ok(book)) => Ok(Sheets::Xlsb(book)),
            _ => Err(damaged(&error)),
        },
    }
}

fn stream<R: Read + Seek>(job: &Job, xlsx: &mut Xlsx<R>, name: &str, sheet: &mut Sheet) -> Result<()> {
    // Chart sheets have no cells and no reader.
    let Ok(mut cells) = xlsx.worksheet_cells_reader(name) else { return Ok(()) };
    let mut n = 0_u64;
    while let Some(cell) = cells.next_cell().map_err(|e| damaged(&e))? {
        n += 1;
        if n.is_multiple_of(50_000) {
            job.check()?;
        }
        let value = match cell.get_value() {
            DataRef::Int(i) => Value::Number(*i as f64),
            DataRef::Float(f) => Value::Number(*f),
            DataRef::String(s) => Value::Text(s),
            DataRef::SharedString(s) => Value::Text(s),
            DataRef::Bool(b) => Value::Bool(*b),
            DataRef::DateTime(moment) => date_time(moment),
            DataRef::DateTimeIso(s) | DataRef::DurationIso(s) => Value::Iso(s),
            DataRef::Error(_) | DataRef::Empty => continue,
        };
        let (row, column) = cell.get_position();
        if !sheet.put(row, column, value)? {
            return Ok(());
        }
    }
    Ok(())
}

fn range<R: Read + Seek>(job: &Job, book: &mut Sheets<R>, name: &str, sheet: &mut Sheet) -> Result<()> {
    let Ok(range) = book.worksheet_range(name) else { return Ok(()) };
    job.check()?;
    let (row_0, column_0) = range.start().unwrap_or((0, 0));
    for (row, column, cell) in range.used_cells() {
        let value = match cell {
            Data::Int(i) => Value::Number(*i as f64),
            Data::Float(f) => Value::Number(*f),
            Data::String(s) => Value::Text(s),
            Data::Bool(b) => Value::Bool(*b),
            Data::DateTime(moment) => date_time(moment),
            Data::DateTimeIso(s) | Data::DurationIso(s) => Value::Iso(s),
            _ => continue,
        };
        let at = |n: usize, from: u32| u32::try_from(n).unwrap_or(u32::MAX).saturating_add(from);
        if !sheet.put(at(row, row_0), at(column, column_0), value)? {
            return Ok(());
        }
    }
    Ok(())
}

fn date_time(moment: &ExcelDateTime) -> Value<'static> {
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    Value::Moment {
        // A serial number below one is a time of day.
        date: (moment.as_f64() >= 1.0 && moment.is_datetime()).then_some((year, month, day)),
        clock: (hour, minute, second, milli),
    }
}

/// The sum of the sizes that a ZIP archive's central directory declares.
fn unpacked_size(file: &mut File, size: u64) -> Option<u64> {
    const TAIL: u64 = 22 + 65_535;
    let from = size.saturating_sub(TAIL);
    file.seek(SeekFrom::Start(from)).ok()?;
    let mut tail = Vec::new();
    file.take(TAIL).read_to_end(&mut tail).ok()?;
    let end = tail.windows(4).rposition(|w| w == b"PK\x05\x06")?;
    let number = |bytes: &[u8], at: usize, width: usize| -> Option<u64> {
        let slice = bytes.get(at..at + width)?;
        Some(slice.iter().rev().fold(0, |n, b| n << 8 | u64::from(*b)))
    };
    let (length, offset) = (number(&tail, end + 12, 4)?, number(&tail, end + 16, 4)?);
    file.seek(SeekFrom::Start(offset)).ok()?;
    let mut directory = Vec::new();
    file.take(length.min(64 << 20)).read_to_end(&mut directory).ok()?;
    let (mut at, mut sum) = (0, 0_u64);
    while number(&directory, at, 4) == Some(0x0201_4b50) {
        // 0xFFFFFFFF means "see the 64-bit field": far more than is allowed in any case.
        sum = sum.saturating_add(number(&directory, at + 24, 4)?);
        let lengths =
            number(&directory, at + 28, 2)? + number(&directory, at + 30, 2)? + number(&directory, at + 32, 2)?;
        at += 46 + usize::try_from(lengths).ok()?;
    }
    (at > 0).then_some(sum)
}
