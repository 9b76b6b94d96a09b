//! The formats: which one a file has, who opens it, and what its errors mean.

use super::source::Source;
use super::{Bench, Job, arrow, csv, json, parquet, xlsx};
use crate::fault::{self, Kind};
use domain::dataset::{FileFormat, LoadOptions};
use domain::{Error, Result};
use std::fs::File;
use std::io::Read;

/// Opens a job's file. `whole`: all of it will be read.
pub(crate) fn open(job: &Job, bench: &Bench, whole: bool) -> Result<Source> {
    let format = match job.options.format.or_else(|| FileFormat::from_name(&job.file_name)) {
        Some(format) => format,
        None => sniff(job)?,
    };
    match format {
        FileFormat::Csv | FileFormat::Tsv => csv::open(job, bench, format, whole),
        FileFormat::Json | FileFormat::Ndjson => json::open(job, bench, format),
        FileFormat::Parquet => parquet::open(job, bench),
        FileFormat::Xlsx => xlsx::open(job, bench, whole),
        FileFormat::Arrow => arrow::open(job, bench, whole),
    }
}

/// The format of a file whose name does not tell.
fn sniff(job: &Job) -> Result<FileFormat> {
    let mut head = Vec::new();
    let file = File::open(&job.file).map_err(|e| fault::io("reading a file", &e))?;
    file.take(512).read_to_end(&mut head).map_err(|e| fault::io("reading a file", &e))?;
    let first = head.iter().find(|b| !b.is_ascii_whitespace());
    Ok(match (&head[..], first) {
        ([b'P', b'A', b'R', b'1', ..], _) => FileFormat::Parquet,
        ([b'A', b'R', b'R', b'O', b'W', b'1', ..] | [0xFF, 0xFF, 0xFF, 0xFF, ..], _) => FileFormat::Arrow,
        ([b'P', b'K', 3, 4, ..], _) => FileFormat::Xlsx,
        (_, Some(b'{')) => FileFormat::Ndjson,
        (_, Some(b'[')) => FileFormat::Json,
        _ if head.contains(&b'\t') && !head.contains(&b',') => FileFormat::Tsv,
        _ => FileFormat::Csv,
    })
}

/// Why DuckDB could not read the file, without its words, which may hold the file's content.
pub(crate) fn explain(job: &Job, options: &LoadOptions, error: &duckdb::Error) -> Error {
    let message = error.to_string();
    if job.progress.is_cancelled() {
        return fault::cancelled();
    }
    let kind = fault::kind(&message);
    if matches!(kind, Kind::OutOfMemory | Kind::DiskFull | Kind::Interrupted) {
        return fault::writing(error);
    }
    tracing::debug!(error = %message, "a file could not be read");
    match options.format {
        Some(FileFormat::Parquet) => parquet::damaged(&message),
        Some(FileFormat::Json | FileFormat::Ndjson) => json::malformed(&message),
        Some(FileFormat::Csv | FileFormat::Tsv) => fault::unusable("The file cannot be read as delimited text.")
            .hint("Check the character between fields, the quotation marks and the encoding."),
        _ => match kind {
            Kind::Conversion | Kind::Format => fault::unusable("A value in the file cannot be read."),
            _ => fault::internal("reading a file", &message),
        },
    }
}
