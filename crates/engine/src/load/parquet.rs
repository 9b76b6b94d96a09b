//! Parquet: DuckDB reads it; nested values become text.

use super::fill::{describe_relation, typed_columns};
use super::format::explain;
use super::source::{Source, path_text};
use super::{Bench, Job};
use crate::fault;
use domain::dataset::{FileFormat, LoadOptions};
use domain::{Error, Result};

pub(crate) fn open(job: &Job, bench: &Bench) -> Result<Source> {
    let path = std::path::absolute(&job.file).map_err(|e| fault::io("reading a file", &e))?;
    let relation = format!("read_parquet({})", path_text(&path)?);
    let options = LoadOptions { format: Some(FileFormat::Parquet), ..job.options.clone() };
    let described = describe_relation(bench, &relation).map_err(|e| explain(job, &options, &e))?;
    let columns = typed_columns(bench, &relation, &described)?;
    Ok(Source::of_sql(relation, columns, options))
}

/// The sentence for a Parquet file that cannot be read.
pub(crate) fn damaged(message: &str) -> Error {
    let text = if message.contains("magic bytes") || message.contains("too small") || message.contains("footer") {
        "The file is not a complete Parquet file: its end is missing, or it is something else."
    } else {
        "The Parquet file is damaged."
    };
    fault::unusable(text).hint("Export it again and check that the whole file arrives.")
}
