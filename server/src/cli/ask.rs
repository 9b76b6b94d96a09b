//! `orrery ask`: questions in words over tables in files, without a server.

use clap::Args;
use domain::{Error, ErrorCode, Result};
use intelligence::files::ask::{Tables, day_of, questions};
use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

#[derive(Args)]
pub(super) struct Ask {
    /// JSON lines of id, question, db, and the table where it is known.
    #[arg(long)]
    questions: PathBuf,
    /// Folder with one folder of CSV files for each db.
    #[arg(long)]
    tables: PathBuf,
    /// JSON lines that are written: id, sql (null where nothing is asserted), chart, outcome, choices.
    #[arg(long)]
    out: PathBuf,
}

#[allow(clippy::print_stdout, reason = "the command line answers on standard output")]
pub(super) fn run(args: &Ask) -> Result<()> {
    let asked = questions(&fs::read_to_string(&args.questions).map_err(|e| unusable(&args.questions, &e))?)?;
    let mut known: HashMap<String, Tables> = HashMap::new();
    let mut out = std::io::BufWriter::new(fs::File::create(&args.out).map_err(|e| unusable(&args.out, &e))?);
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let today = day_of(since.as_secs());
    let mut asserted = 0;
    for question in &asked {
        if !known.contains_key(&question.db) {
            known.insert(question.db.clone(), tables(&args.tables, &question.db)?);
        }
        let Some(tables) = known.get(&question.db) else { continue };
        let answer = tables.answer(question, today);
        asserted += usize::from(answer.sql.is_some());
        let line = serde_json::to_string(&answer).map_err(|_| Error::internal())?;
        writeln!(out, "{line}").map_err(|e| unusable(&args.out, &e))?;
    }
    out.flush().map_err(|e| unusable(&args.out, &e))?;
    println!("{} questions, {asserted} answered: {}", asked.len(), args.out.display());
    Ok(())
}

/// The CSV files of a folder, by name.
fn tables(root: &Path, db: &str) -> Result<Tables> {
    if db.is_empty() || Path::new(db).components().count() != 1 || db.starts_with('.') {
        return Err(Error::invalid(format!("`{db}` is not the name of a folder.")));
    }
    let folder = root.join(db);
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder).map_err(|e| unusable(&folder, &e))? {
        let path = entry.map_err(|e| unusable(&folder, &e))?.path();
        let name = path.file_stem().and_then(|n| n.to_str()).map(str::to_owned);
        if let Some(name) = name.filter(|_| path.extension().is_some_and(|e| e.eq_ignore_ascii_case("csv"))) {
            files.push((name, fs::read(&path).map_err(|e| unusable(&path, &e))?));
        }
    }
    files.sort();
    Tables::read(&files)
}

fn unusable(path: &Path, error: &std::io::Error) -> Error {
    Error::new(ErrorCode::UnusableFile, format!("{}: {error}.", path.display()))
}
