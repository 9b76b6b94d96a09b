//! Folders, files and other programs.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

/// Every failure ends the run with a line for a person, so one type of error serves all.
pub(crate) type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// The root of the checkout. Looked up at run time: the binary may be shared by several.
pub(crate) fn root() -> Result<PathBuf> {
    if let Some(root) = std::env::var_os("ORRERY_ROOT") {
        return Ok(root.into());
    }
    let here = std::env::current_dir()?;
    here.ancestors()
        .find(|folder| folder.join("Cargo.lock").exists())
        .map(Path::to_path_buf)
        .ok_or_else(|| "not inside the checkout".into())
}

/// Where cargo puts what it builds.
pub(crate) fn target_dir(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from)
}

/// The settings that `scripts/setup.sh` recorded as `KEY=value` lines.
pub(crate) fn recorded(name: &str) -> Vec<(String, String)> {
    let Some(cache) = std::env::var_os("ORRERY_CACHE") else { return Vec::new() };
    let text = fs::read_to_string(Path::new(&cache).join(name)).unwrap_or_default();
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

/// Runs a program and fails with its name when it does.
pub(crate) fn run(command: &mut Command) -> Result {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().map_err(|error| format!("cannot start {name}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{name} failed ({status})").into()) }
}

/// Runs a program and returns what it printed.
pub(crate) fn output(command: &mut Command) -> Result<Vec<u8>> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("cannot start {name}: {error}"))?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(format!("{name} failed: {}", String::from_utf8_lossy(&output.stderr)).into())
    }
}

/// A file's content, with its name in the error.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()).into())
}

/// A text file's content, with its name in the error.
pub(crate) fn read_text(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()).into())
}

/// All files under a folder, in a fixed order.
pub(crate) fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = walkdir::WalkDir::new(folder)
        .into_iter()
        .filter_map(std::result::Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .collect();
    files.sort();
    files
}

/// SHA-256 of several pieces in hexadecimal; each piece is marked off by its length.
pub(crate) fn digest<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hash = Sha256::new();
    for piece in pieces {
        hash.update((piece.len() as u64).to_le_bytes());
        hash.update(piece);
    }
    hex(&hash.finalize())
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// SHA-256 over the names and contents of files, to see whether a step has new input.
pub(crate) fn digest_files(files: &[PathBuf]) -> Result<String> {
    let mut pieces = Vec::new();
    for file in files {
        pieces.push(file.to_string_lossy().into_owned().into_bytes());
        pieces.push(read(file)?);
    }
    Ok(digest(pieces.iter().map(Vec::as_slice)))
}
