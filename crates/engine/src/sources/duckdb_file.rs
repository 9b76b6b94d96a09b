//! A database file of DuckDB, only read.

use super::local::{Files, Local, allowed, quoted, stamp};
use super::{Kind, Reads, Rules, Spec, needed};
use crate::engine;
use domain::Result;
use domain::source::SourceInput;
use std::path::PathBuf;
use std::sync::Arc;

/// The name under which the file is attached.
const CATALOG: &str = "source";

pub(super) const KIND: Kind = Kind {
    name: "duckdb_file",
    label: "DuckDB file",
    about: "A .duckdb file in a folder that the server may read. It is only read, and read anew when it changes.",
    tells_changes: true,
    dialect: semantic::Dialect::DuckDb,
    fields: || {
        vec![needed("path", "Path", "The whole path of the file, such as /srv/data/sales.duckdb.", SourceInput::Text)]
    },
    open,
};

fn open(spec: &Spec, rules: &Rules, engine: &engine::Inner) -> Result<Arc<dyn Reads>> {
    let (path, folders) = (spec.required("path")?.to_owned(), rules.folders.clone());
    let look = move || look(&path, &folders);
    Ok(Arc::new(Local::new(&spec.id, Arc::new(look), engine)))
}

fn look(path: &str, folders: &[PathBuf]) -> Result<Files> {
    let path = allowed(path, folders, "settings.path")?;
    let mut log = path.clone().into_os_string();
    log.push(".wal");
    let log = PathBuf::from(log);
    let mut version = stamp(&path)?;
    if log.exists() {
        version.push_str(&stamp(&log)?);
    }
    let attach = format!("ATTACH {} AS {} (READ_ONLY)", quoted(&path)?, semantic::sql::ident(CATALOG));
    Ok(Files { version, files: vec![path, log], folders: Vec::new(), statements: vec![attach], catalog: CATALOG })
}
