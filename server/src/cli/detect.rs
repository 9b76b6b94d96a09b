//! `orrery detect`: CSV files to scores, without a server.

use domain::{Error, Result};
use std::io::Write;
use std::path::{Path, PathBuf};

/// The largest file that is read.
const MOST_BYTES: u64 = 1 << 30;

/// Scores every CSV file of a folder, in the order of their names, into `file,row,score,flag`.
///
/// # Errors
/// A folder or file that cannot be read, or an output that cannot be written.
#[allow(clippy::print_stderr, reason = "progress of the command line")]
pub(super) fn run(folder: &Path, out: &Path) -> Result<()> {
    let failed = |path: &Path, e: &dyn std::fmt::Display| Error::invalid(format!("{}: {e}.", path.display()));
    let entries = std::fs::read_dir(folder).map_err(|e| failed(folder, &e))?;
    let is_csv = |path: &PathBuf| path.extension().is_some_and(|end| end.eq_ignore_ascii_case("csv"));
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_csv).collect();
    files.sort();
    if files.is_empty() {
        return Err(Error::invalid(format!("There is no CSV file in {}.", folder.display())));
    }
    let mut output = std::io::BufWriter::new(std::fs::File::create(out).map_err(|e| failed(out, &e))?);
    writeln!(output, "file,row,score,flag").map_err(|e| failed(out, &e))?;
    for path in files {
        let size = std::fs::metadata(&path).map_err(|e| failed(&path, &e))?.len();
        if size > MOST_BYTES {
            return Err(failed(&path, &"it has more than 1 GB"));
        }
        let bytes = std::fs::read(&path).map_err(|e| failed(&path, &e))?;
        let scored = intelligence::files::score_csv(&bytes).map_err(|e| failed(&path, &e))?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        // Quoted where CSV needs it.
        let name = if name.contains([',', '"', '\n']) { format!("\"{}\"", name.replace('"', "\"\"")) } else { name };
        let mut flagged = 0;
        for (row, score) in scored.scores.iter().enumerate() {
            let flag = u8::from(*score >= scored.threshold);
            flagged += u64::from(flag);
            writeln!(output, "{name},{row},{score:.6},{flag}").map_err(|e| failed(out, &e))?;
        }
        eprintln!("{name}: {} of {} rows are odd ({})", flagged, scored.scores.len(), scored.kind.info().label);
        scored.notes.iter().for_each(|note| eprintln!("  {note}"));
    }
    output.flush().map_err(|e| failed(out, &e))
}
