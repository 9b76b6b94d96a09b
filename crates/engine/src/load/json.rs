//! JSON: one array of objects, or objects one after another (NDJSON). Nested values become text.

use super::fill::{describe_relation, one, typed_columns};
use super::format::explain;
use super::source::{Source, path_text};
use super::{Bench, Job};
use crate::fault;
use domain::dataset::{FileFormat, LoadOptions};
use domain::{Error, Result};
use semantic::sql::{ident, text};
use std::fs::File;
use std::io::Read;

/// Values are nested at most this deep; DuckDB's reader crashes on hostile depths.
const MAX_DEPTH: u32 = 128;
/// The largest single object.
const MAX_OBJECT: u32 = 16 << 20;

pub(crate) fn open(job: &Job, bench: &Bench, format: FileFormat) -> Result<Source> {
    check_depth(job)?;
    let path = std::path::absolute(&job.file).map_err(|e| fault::io("reading a file", &e))?;
    let path = path_text(&path)?;
    let options = LoadOptions { format: Some(format), ..job.options.clone() };
    let shape = if format == FileFormat::Ndjson { "newline_delimited" } else { "auto" };
    let common = format!("{path}, format = '{shape}', maximum_object_size = {MAX_OBJECT}");
    // All of the file decides the types: one value that does not fit would end the load later.
    let detect = format!("read_json({common}, sample_size = -1, maximum_depth = 2, map_inference_threshold = -1)");
    let found = describe_relation(bench, &detect).map_err(|e| explain(job, &options, &e))?;
    if matches!(&found[..], [(name, _)] if name == "json") {
        return Err(fault::unusable("The file is not a list of objects.")
            .hint("Each row must be an object, such as {\"region\": \"North\", \"amount\": 5}."));
    }
    if found.iter().any(|(name, _)| is_renamed(name, &found)) {
        // DuckDB has made names for keys: they can only be read the way they were detected.
        let columns = typed_columns(bench, &detect, &found)?;
        return Ok(Source::of_sql(detect, columns, options));
    }
    // What was detected, but nested values as the JSON text they are.
    let mut declared: Vec<(String, String)> = found
        .into_iter()
        .map(|(name, duck)| {
            let nested = duck.ends_with(']') || duck.starts_with("STRUCT") || duck.starts_with("MAP");
            (name, if nested { "JSON".to_owned() } else { duck })
        })
        .collect();
    widen_doubles(bench, &common, &mut declared)?;
    let relation = declare(&common, &declared)?;
    let columns = typed_columns(bench, &relation, &declared)?;
    Ok(Source::of_sql(relation, columns, options))
}

/// The reader with declared columns.
fn declare(common: &str, columns: &[(String, String)]) -> Result<String> {
    let fields: Result<Vec<String>> =
        columns.iter().map(|(name, duck)| Ok(format!("{}: {}", text(name)?, text(duck)?))).collect();
    Ok(format!("read_json({common}, columns = {{{}}})", fields?.join(", ")))
}

/// Whether a name may be DuckDB's own: for an empty key, or one that differs only in case.
fn is_renamed(name: &str, all: &[(String, String)]) -> bool {
    let number = |rest: &str| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit());
    let numbered = name
        .rsplit_once('_')
        .is_some_and(|(base, n)| number(n) && all.iter().any(|(other, _)| other.eq_ignore_ascii_case(base)));
    numbered || name.strip_prefix('C').is_some_and(number)
}

/// Whole numbers beyond 64 bits are detected as doubles, which would cost them their last digits.
fn widen_doubles(bench: &Bench, common: &str, columns: &mut [(String, String)]) -> Result<()> {
    let doubles: Vec<usize> = (0..columns.len()).filter(|at| columns[*at].1 == "DOUBLE").collect();
    for at in doubles {
        let name = columns[at].0.clone();
        let relation = declare(common, &[(name.clone(), "JSON".into())])?;
        let raw = format!("CAST({} AS VARCHAR)", ident(&name));
        let count = |pattern: &str| format!("count(*) FILTER (WHERE regexp_full_match({raw}, '{pattern}'))");
        let sql = format!(
            "SELECT CASE WHEN {} = 0 OR {} > 0 THEN 0 WHEN {} > 0 THEN 2 ELSE 1 END FROM {relation}",
            count("-?[0-9]{17,}"),
            count(".*[.eE].*"),
            count("-?[0-9]{39,}"),
        );
        match one(bench, &sql)? {
            0 => {}
            1 => columns[at].1 = "DECIMAL(38,0)".into(),
            _ => columns[at].1 = "VARCHAR".into(),
        }
    }
    Ok(())
}

fn cut_off() -> Error {
    fault::unusable("The file is not valid JSON: it ends before its last bracket is closed.")
        .hint("Export it again and check that the whole file arrives.")
}

/// Refuses a file whose values are nested deeper than anybody means them, or that is cut off.
fn check_depth(job: &Job) -> Result<()> {
    let report = |e: std::io::Error| fault::io("reading a file", &e);
    let mut file = File::open(&job.file).map_err(report)?;
    let mut buffer = vec![0; 1 << 20];
    let mut depth = Depth::default();
    loop {
        job.check()?;
        let read = file.read(&mut buffer).map_err(report)?;
        if read == 0 {
            // DuckDB takes an array that is never closed for one that ends with its last whole object.
            return if depth.level == 0 { Ok(()) } else { Err(cut_off()) };
        }
        if !depth.add(&buffer[..read]) {
            return Err(fault::unusable(format!("Values in the file are nested more than {MAX_DEPTH} levels deep.")));
        }
    }
}

/// How deep in brackets a text is.
#[derive(Default)]
struct Depth {
    level: u32,
    quoted: bool,
    escaped: bool,
}

impl Depth {
    /// False when it is too deep.
    fn add(&mut self, bytes: &[u8]) -> bool {
        for byte in bytes {
            if self.quoted {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    // No text of valid JSON spans lines: a stray quote hides only one of them.
                    b'"' | b'\n' => self.quoted = false,
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => self.quoted = true,
                b'[' | b'{' => {
                    self.level += 1;
                    if self.level > MAX_DEPTH {
                        return false;
                    }
                }
                b']' | b'}' => self.level = self.level.saturating_sub(1),
                _ => {}
            }
        }
        true
    }
}

/// The sentence for a JSON file that cannot be read.
pub(crate) fn malformed(message: &str) -> Error {
    if message.contains("maximum_object_size") && !message.contains("transform error") {
        return fault::unusable("One object in the file is larger than 16 MB.");
    }
    let line = message
        .split("in record/value ")
        .nth(1)
        .or_else(|| message.split(" in line ").nth(1))
        .map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>())
        .filter(|digits| !digits.is_empty());
    let place = line.map_or(String::new(), |n| format!(" at object {n}"));
    if message.contains("duplicate key") {
        return fault::unusable(format!("An object has the same key twice{place}."));
    }
    if message.contains("encoding") {
        return fault::unusable(format!("The file is not UTF-8{place}.")).hint("Save it with the encoding UTF-8.");
    }
    fault::unusable(format!("The file is not valid JSON{place}."))
        .hint("It must be an array of objects, or one object a line.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_is_counted_outside_of_texts() {
        let nested = |n: usize| "[".repeat(n);
        assert!(Depth::default().add(nested(128).as_bytes()));
        assert!(!Depth::default().add(nested(129).as_bytes()));
        assert!(Depth::default().add(format!("{{\"a\": \"\\\"{}\"}}", nested(500)).as_bytes()));
        assert!(Depth::default().add("[[]]".repeat(500).as_bytes()));
        assert!(!Depth::default().add(format!("\"\n{}", nested(200)).as_bytes()));
    }

    #[test]
    fn names_that_duckdb_made_are_known() {
        let all = [("A".to_owned(), String::new()), ("a_1".to_owned(), String::new())];
        assert!(is_renamed("a_1", &all) && is_renamed("C0", &all));
        assert!(!is_renamed("A", &all) && !is_renamed("b_1", &all) && !is_renamed("Cost", &all));
    }
}
