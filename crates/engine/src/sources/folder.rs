//! CSV and Parquet files in a folder: each a table, or all of them together one.

use super::local::{Files, Local, allowed, quoted, stamp};
use super::{Kind, Reads, Rules, Spec, field, glob, needed, preset};
use crate::engine;
use domain::source::SourceInput;
use domain::{Error, ErrorCode, Result};
use semantic::sql::ident;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The most files of one source.
const MAX_FILES: usize = 1_000;
/// The table that all files together are.
const ALL: &str = "files";

pub(super) const KIND: Kind = Kind {
    name: "folder",
    label: "CSV or Parquet files",
    about: "Files in a folder that the server may read, as they are at the moment of asking.",
    tells_changes: true,
    dialect: semantic::Dialect::DuckDb,
    fields: || {
        vec![
            needed("path", "Folder", "The whole path of the folder, such as /srv/data/exports.", SourceInput::Text),
            preset(
                "pattern",
                "Files",
                "Which files: * stands for any characters of a name, ** for any folders, such as **/*.parquet.",
                SourceInput::Text,
                "*",
            ),
            field(
                "one_table",
                "One table",
                "All files are parts of one table, their columns matched by name. Otherwise each file is a table.",
                SourceInput::Flag,
            ),
        ]
    },
    open,
};

fn open(spec: &Spec, rules: &Rules, engine: &engine::Inner) -> Result<Arc<dyn Reads>> {
    let (path, folders) = (spec.required("path")?.to_owned(), rules.folders.clone());
    let (pattern, is_one) = (spec.text("pattern").unwrap_or("*").to_owned(), spec.flag("one_table"));
    let look = move || look(&path, &pattern, is_one, &folders);
    Ok(Arc::new(Local::new(&spec.id, Arc::new(look), engine)))
}

fn look(path: &str, pattern: &str, is_one: bool, folders: &[PathBuf]) -> Result<Files> {
    let root = allowed(path, folders, "settings.path")?;
    let names = glob::files(&root, pattern, MAX_FILES)?;
    let known: Vec<(String, PathBuf, &'static str)> = names
        .into_iter()
        .filter_map(|name| Some((name.clone(), root.join(&name), reader(Path::new(&name))?)))
        .collect();
    if known.is_empty() {
        return Err(Error::new(
            ErrorCode::SourceUnavailable,
            "No CSV or Parquet file in this folder fits the pattern.",
        )
        .hint("Check the folder and the pattern; names end in .csv, .tsv, .txt, .csv.gz or .parquet.")
        .field("settings.pattern"));
    }
    let mut version = format!("{is_one}|");
    for (_, path, _) in &known {
        version.push_str(&stamp(path)?);
        version.push('\n');
    }
    let view = |name: &str, reader: &str, files: &[&PathBuf]| -> Result<String> {
        let files: Vec<String> = files.iter().map(|f| quoted(f)).collect::<Result<_>>()?;
        let files = files.join(", ");
        Ok(format!("CREATE VIEW {} AS SELECT * FROM {reader}([{files}], union_by_name = true)", ident(name)))
    };
    let statements = if is_one {
        let reader = known[0].2;
        if known.iter().any(|(_, _, r)| *r != reader) {
            return Err(Error::new(ErrorCode::SourceUnavailable, "CSV and Parquet files cannot be one table.")
                .hint("Let the pattern choose one kind, such as *.parquet.")
                .field("settings.pattern"));
        }
        vec![view(ALL, reader, &known.iter().map(|(_, path, _)| path).collect::<Vec<_>>())?]
    } else {
        known.iter().map(|(name, path, reader)| view(name, reader, &[path])).collect::<Result<_>>()?
    };
    Ok(Files { version, files: Vec::new(), folders: vec![root], statements, catalog: "memory" })
}

/// The function that reads such a file.
fn reader(path: &Path) -> Option<&'static str> {
    let name = path.file_name()?.to_str()?.to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    let (_, ending) = name.rsplit_once('.')?;
    match ending {
        "csv" | "tsv" | "txt" => Some("read_csv"),
        "parquet" | "pq" => Some("read_parquet"),
        _ => None,
    }
}
