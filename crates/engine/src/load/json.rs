//! JSON: one array of objects, or objects one after another (NDJSON). Nested values become text.

use super::fill::describe_relation;
use super::format::explain;
use super::source::{Source, path_text, typed_columns};
use super::{Bench, Job};
use crate::fault;
use domain::dataset::{FileFormat, LoadOptions};
use domain::{Error, Result};
use semantic::sql::text;

/// Files up to this size are read twice, so that the types are those of all values.
const WHOLE_BYTES: u64 = 64 << 20;

pub(crate) fn open(job: &Job, bench: &Bench, format: FileFormat) -> Result<Source> {
    let path = std::path::absolute(&job.file).map_err(|e| fault::io("reading a file", &e))?;
    let size = std::fs::metadata(&path).map_err(|e| fault::io("reading a file", &e))?.len();
    let path = path_text(&path)?;
    let options = LoadOptions { format: Some(format), ..job.options.clone() };
    let shape = if format == FileFormat::Ndjson { "newline_delimited" } else { "auto" };
    let sample = if size <= WHOLE_BYTES { -1 } else { 50_000 };
    let common = format!("format = '{shape}', maximum_object_size = 16777216");
    let detect = format!("read_json({path}, {common}, sample_size = {sample}, map_inference_threshold = -1)");
    let described = describe_relation(bench, &detect).map_err(|e| explain(job, &options, &e))?;
    if matches!(&described[..], [(name, _)] if name == "json") {
        return Err(fault::unusable("The file is not a list of objects.")
            .hint("Each row must be an object, such as {\"region\": \"North\", \"amount\": 5}."));
    }
    // What was detected, but nested values as the JSON text they are.
    let declared: Vec<(String, String)> = described
        .into_iter()
        .map(|(name, duck)| {
            let nested = duck.ends_with(']') || duck.starts_with("STRUCT") || duck.starts_with("MAP");
            (name, if nested { "JSON".to_owned() } else { duck })
        })
        .collect();
    let columns = typed_columns(&declared)?;
    let fields: Result<Vec<String>> =
        declared.iter().map(|(name, duck)| Ok(format!("{}: {}", text(name)?, text(duck)?))).collect();
    let relation = format!("read_json({path}, {common}, columns = {{{}}})", fields?.join(", "));
    Ok(Source::of_sql(relation, columns, options))
}

/// The sentence for a JSON file that cannot be read.
pub(crate) fn malformed(message: &str) -> Error {
    if message.contains("maximum_object_size") {
        return fault::unusable("One object in the file is larger than 16 MB.");
    }
    let line = message
        .split("in record/value ")
        .nth(1)
        .or_else(|| message.split(" in line ").nth(1))
        .map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>())
        .filter(|digits| !digits.is_empty());
    let place = line.map_or(String::new(), |n| format!(" at object {n}"));
    fault::unusable(format!("The file is not valid JSON{place}."))
        .hint("It must be an array of objects, or one object a line.")
}
