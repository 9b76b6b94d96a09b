//! A segment: an immutable DuckDB file with one table, `main.data`. A dataset version is a set of
//! segments. Its id is ours, never a user's, so it can stand in paths and SQL.

use crate::fault;
use crate::sandbox::View;
use crate::sources::Place;
use domain::Result;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One immutable file of rows: `{dir}/segments/{id}.duckdb`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    pub id: String,
    pub rows: u64,
    pub bytes: u64,
    /// Set where it is no file but the SQL of a user, whose rows a worker makes.
    #[serde(skip)]
    pub(crate) view: Option<Arc<View>>,
    /// Set where its rows lie in a source.
    #[serde(skip)]
    pub(crate) place: Option<Arc<Place>>,
}

impl Segment {
    /// Whether it is the SQL of a user.
    pub fn is_view(&self) -> bool {
        self.view.is_some()
    }

    /// The rows of a dataset that lie in a source. `id` tells it from all others.
    pub fn of_source(id: String, place: Place) -> Self {
        Self { id, rows: 0, bytes: 0, view: None, place: Some(Arc::new(place)) }
    }

    /// Where its rows lie, if that is a source.
    pub fn place(&self) -> Option<&Place> {
        self.place.as_deref()
    }

    /// The catalog under which it is attached; its table is `"<catalog>"."main"."data"`.
    pub fn catalog(&self) -> String {
        format!("s_{}", self.id)
    }
}

/// Whether `id` has the only shape we ever make: 32 hexadecimal digits.
pub(crate) fn is_id(id: &str) -> bool {
    id.len() == 32 && id.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// The folders the engine owns. The one for temporary files belongs to this process alone.
#[derive(Debug)]
pub(crate) struct Folders {
    pub(crate) segments: PathBuf,
    pub(crate) temp: PathBuf,
    _own: OwnFolder,
}

/// A folder of this process alone. It gets its name when it is locked, so that nobody takes it for
/// abandoned, and vanishes with the process; what a killed one left, the next one clears away.
#[derive(Debug)]
pub(crate) struct OwnFolder {
    path: PathBuf,
    /// Held for as long as the process lives: says that the folder is in use.
    _lock: File,
}

impl OwnFolder {
    /// Makes one in `parent`, and deletes those that other processes left there.
    pub(crate) fn make(parent: &Path, prefix: &str) -> std::io::Result<Self> {
        clear_abandoned(parent, prefix);
        let name = format!("{prefix}{}", uuid::Uuid::now_v7().simple());
        let (draft, path) = (parent.join(format!(".{name}")), parent.join(name));
        // Others may write in the parent, too.
        fs::DirBuilder::new().mode(0o700).create(&draft)?;
        let lock = File::create(draft.join(LOCK))?;
        lock.try_lock()?;
        fs::rename(&draft, &path)?;
        Ok(Self { path, _lock: lock })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for OwnFolder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.path) {
            tracing::debug!(%error, "a temporary folder was not deleted");
        }
    }
}

impl Folders {
    pub(crate) fn open(dir: &Path) -> Result<Self> {
        let report = |e: std::io::Error| fault::io("data directory", &e);
        let dir = std::path::absolute(dir).map_err(report)?;
        let segments = dir.join("segments");
        let all_temp = dir.join("engine-tmp");
        fs::create_dir_all(&segments).map_err(report)?;
        fs::create_dir_all(&all_temp).map_err(report)?;
        let own = OwnFolder::make(&all_temp, "").map_err(report)?;
        Ok(Self { segments, temp: own.path().to_owned(), _own: own })
    }

    /// The ids of all segment files there are, also of those no dataset knows (any more).
    pub(crate) fn stored(&self) -> Result<Vec<String>> {
        let entries = fs::read_dir(&self.segments).map_err(|e| fault::io("listing segments", &e))?;
        let names = entries.flatten().filter_map(|e| e.file_name().into_string().ok());
        Ok(names.filter_map(|n| n.strip_suffix(".duckdb").filter(|id| is_id(id)).map(str::to_owned)).collect())
    }

    /// Where a segment lies.
    pub(crate) fn path(&self, id: &str) -> Result<PathBuf> {
        if !is_id(id) {
            return Err(fault::internal("segment id", &"malformed"));
        }
        Ok(self.segments.join(format!("{id}.duckdb")))
    }

    /// A name for a segment that is being written.
    pub(crate) fn draft(&self) -> Draft {
        let id = uuid::Uuid::now_v7().simple().to_string();
        Draft { path: self.temp.join(format!("{id}.draft")), target: self.segments.join(format!("{id}.duckdb")), id }
    }
}

const LOCK: &str = "in-use";

/// Deletes the temporary folders whose process is gone.
fn clear_abandoned(parent: &Path, prefix: &str) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    let is_ours =
        |name: &std::ffi::OsStr| name.to_str().is_some_and(|name| !name.starts_with('.') && name.starts_with(prefix));
    for folder in entries.flatten().filter(|e| is_ours(&e.file_name())).map(|e| e.path()) {
        let free = File::open(folder.join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok());
        if free && let Err(error) = fs::remove_dir_all(&folder) {
            tracing::warn!(%error, "an abandoned temporary folder could not be deleted");
        }
    }
}

/// A segment being written: under a name of its own until it is complete, deleted if it never is.
pub(crate) struct Draft {
    pub(crate) id: String,
    pub(crate) path: PathBuf,
    target: PathBuf,
}

impl Draft {
    /// Makes the finished file durable and gives it its name.
    pub(crate) fn publish(self, rows: u64) -> Result<Segment> {
        let report = |e: std::io::Error| fault::io("publishing a segment", &e);
        let file = File::open(&self.path).map_err(report)?;
        file.sync_all().map_err(report)?;
        let bytes = file.metadata().map_err(report)?.len();
        fs::rename(&self.path, &self.target).map_err(report)?;
        if let Some(folder) = self.target.parent() {
            // Without this the new name itself may be lost with the power.
            File::open(folder).and_then(|f| f.sync_all()).map_err(report)?;
        }
        Ok(Segment { id: self.id.clone(), rows, bytes, view: None, place: None })
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        let mut wal = self.path.clone().into_os_string();
        wal.push(".wal");
        for path in [self.path.clone(), PathBuf::from(wal)] {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    tracing::warn!(%error, "an unfinished segment could not be deleted");
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_ids_make_paths() {
        let dir = tempfile::tempdir().unwrap();
        let folders = Folders::open(dir.path()).unwrap();
        for bad in ["", "../../etc/passwd", "a", "0123456789abcdef0123456789abcde/", "ABCDEF0123456789abcdef0123456789"]
        {
            assert!(folders.path(bad).is_err(), "{bad}");
        }
        let draft = folders.draft();
        assert!(is_id(&draft.id));
        assert!(folders.path(&draft.id).is_ok());
    }

    #[test]
    fn a_draft_that_is_dropped_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let folders = Folders::open(dir.path()).unwrap();
        let draft = folders.draft();
        std::fs::write(&draft.path, b"half").unwrap();
        drop(draft);
        assert_eq!(std::fs::read_dir(&folders.temp).unwrap().count(), 1, "only the lock");
        let draft = folders.draft();
        std::fs::write(&draft.path, b"whole").unwrap();
        let segment = draft.publish(3).unwrap();
        assert_eq!((segment.rows, segment.bytes), (3, 5));
        assert_eq!(std::fs::read_dir(&folders.temp).unwrap().count(), 1);
        assert_eq!(folders.stored().unwrap(), [segment.id]);
    }

    #[test]
    fn what_a_killed_process_left_is_cleared_but_not_what_is_in_use() {
        let dir = tempfile::tempdir().unwrap();
        let alive = Folders::open(dir.path()).unwrap();
        let left = dir.path().join("engine-tmp/dead");
        std::fs::create_dir_all(&left).unwrap();
        std::fs::write(left.join(LOCK), b"").unwrap();
        std::fs::write(left.join("half.draft"), b"x").unwrap();
        let _second = Folders::open(dir.path()).unwrap();
        assert!(!left.exists());
        assert!(alive.temp.exists());
    }
}
