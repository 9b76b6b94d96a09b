//! Files on their way in: staged on disk, previewed, loaded as a job.

use crate::access::{require_edit, require_role, require_scope};
use crate::catalog::Stored;
use crate::datasets::int;
use crate::sources::refuse_source;
use crate::sql::require_rows;
use crate::{Services, clock, new_id, to_json};
use domain::api::{Job, LoadMode, LoadRequest, LoadResult, Staged};
use domain::dataset::{LoadOptions, Preview};
use domain::names::{is_name, to_label, to_name};
use domain::people::Scope;
use domain::{Caller, Error, ErrorCode, Result, UserRole};
use engine::Progress;
use futures::{Stream, StreamExt};
use std::path::{Path, PathBuf};
use std::time::Duration;
use store::{DatasetRow, Manifest};
use tokio::io::AsyncWriteExt;

/// A file that goes away unless it becomes whole, also where whoever sends it is gone and nobody waits
/// for the end any more.
struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Services {
    /// Writes an uploaded file to disk as it arrives. A cut connection leaves nothing behind.
    ///
    /// # Errors
    /// The caller may not load data; the file is too large; the disk is full; the stream ended early.
    pub async fn stage_upload<S, B, E>(&self, caller: &Caller, file_name: &str, mut stream: S) -> Result<Staged>
    where
        S: Stream<Item = Result<B, E>> + Unpin,
        B: AsRef<[u8]>,
        E: std::fmt::Display,
    {
        self.check_may_load(caller)?;
        let id = new_id();
        let path = self.staged_path(caller, &id);
        let part = Part(path.with_extension("part"));
        let bytes = write_stream(&part.0, &mut stream, self.settings.max_upload_bytes).await?;
        tokio::fs::rename(&part.0, &path).await.map_err(disk)?;
        // The last step of a path is kept for its ending and as a first name, never used as a path.
        let file_name = file_name.rsplit(['/', '\\']).next().unwrap_or("file").chars().take(200).collect();
        Ok(Staged { id, file_name, bytes })
    }

    /// Whether the caller may load data at all: asked before a body is read.
    ///
    /// # Errors
    /// They may not.
    pub fn check_may_load(&self, caller: &Caller) -> Result<()> {
        require_scope(caller, Scope::Write)?;
        require_role(caller, UserRole::Creator, "load data")
    }

    fn staged_path(&self, caller: &Caller, id: &str) -> PathBuf {
        self.settings.data_dir.join("uploads").join(format!("{}-{id}", caller.user_id))
    }

    /// Finds a staged file of the caller. Only ids that we made lead to a path.
    fn staged(&self, caller: &Caller, id: &str) -> Result<PathBuf> {
        let gone = || Error::not_found("upload");
        if id.len() != 32 || !id.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(gone());
        }
        let path = self.staged_path(caller, id);
        if path.is_file() { Ok(path) } else { Err(gone()) }
    }

    /// What would be loaded from a staged file.
    ///
    /// # Errors
    /// The file cannot be read with these options.
    pub async fn preview_upload(&self, caller: &Caller, staged: &Staged, options: &LoadOptions) -> Result<Preview> {
        self.check_may_load(caller)?;
        let path = self.staged(caller, &staged.id)?;
        self.engine.preview(&path, &staged.file_name, options).await
    }

    /// Forgets a staged file.
    ///
    /// # Errors
    /// There is none.
    pub async fn discard_upload(&self, caller: &Caller, id: &str) -> Result<()> {
        let path = self.staged(caller, id)?;
        tokio::fs::remove_file(path).await.map_err(disk)
    }

    /// Begins to load a staged file; the job's result is a [`LoadResult`]. A file that cannot be
    /// loaded stays for another try if `keep`.
    ///
    /// # Errors
    /// The name is taken or not valid; the caller may not change that dataset.
    pub async fn load_upload(&self, caller: &Caller, staged: &Staged, request: LoadRequest, keep: bool) -> Result<Job> {
        let path = self.staged(caller, &staged.id)?;
        let target = self.target(caller, &staged.file_name, &request).await?;
        let (caller_for_work, staged) = (caller.clone(), staged.clone());
        self.start_job(caller, "load", |services, progress| async move {
            let loaded =
                services.load_file(&caller_for_work, &path, &staged.file_name, &target, &request, &progress).await;
            if loaded.is_ok() || !keep {
                let _ = tokio::fs::remove_file(&path).await;
            }
            Ok(serde_json::to_value(loaded?).unwrap_or_default())
        })
        .await
    }

    /// Loads a staged file and waits for the end: for small files.
    ///
    /// # Errors
    /// As [`Services::load_upload`], and what is wrong with the file.
    pub async fn load_upload_now(&self, caller: &Caller, staged: &Staged, request: LoadRequest) -> Result<LoadResult> {
        let path = self.staged(caller, &staged.id)?;
        let loaded = async {
            let target = self.target(caller, &staged.file_name, &request).await?;
            self.load_file(caller, &path, &staged.file_name, &target, &request, &Progress::default()).await
        }
        .await;
        let _ = tokio::fs::remove_file(&path).await;
        loaded
    }

    /// Loads a file of this machine: for the command line and the demo.
    ///
    /// # Errors
    /// As [`Services::load_upload_now`].
    pub async fn import_file(&self, caller: &Caller, path: &Path, request: LoadRequest) -> Result<LoadResult> {
        self.check_may_load(caller)?;
        let file_name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let target = self.target(caller, &file_name, &request).await?;
        self.load_file(caller, path, &file_name, &target, &request, &Progress::default()).await
    }

    /// The dataset that a load is for: an existing one, or none yet.
    async fn target(&self, caller: &Caller, file_name: &str, request: &LoadRequest) -> Result<Target> {
        self.check_may_load(caller)?;
        let stem = file_name.rsplit_once('.').map_or(file_name, |(stem, _)| stem);
        let name = if request.name.is_empty() { to_name(stem) } else { request.name.clone() };
        if !is_name(&name) {
            return Err(Error::invalid("A dataset name has 1 to 60 small letters, digits or underscores.")
                .hint(format!("How about `{}`?", to_name(&name)))
                .field("name"));
        }
        let existing = self.stored_dataset(&name).await?;
        match (existing, request.mode) {
            (Some(_), LoadMode::Create) => {
                Err(Error::new(ErrorCode::NameTaken, format!("The name `{name}` is taken."))
                    .hint("Choose another name, or load with mode=replace or mode=append.")
                    .field("name"))
            }
            (Some(_), _) => {
                let (loaded, access) = self.stored_for(caller, &name).await.map_err(|_| {
                    Error::new(ErrorCode::NameTaken, format!("The name `{name}` is taken.")).field("name")
                })?;
                require_edit(caller, access, "dataset")?;
                refuse_source(&loaded)?;
                require_rows(&loaded)?;
                Ok(Target { name, existing: Some(loaded.row.id.clone()) })
            }
            (None, LoadMode::Append) => Err(Error::not_found("dataset").field("name")),
            (None, _) => Ok(Target { name, existing: None }),
        }
    }

    async fn load_file(
        &self,
        caller: &Caller,
        path: &Path,
        file_name: &str,
        target: &Target,
        request: &LoadRequest,
        progress: &Progress,
    ) -> Result<LoadResult> {
        let existing = match &target.existing {
            Some(id) => Some(self.stored_dataset(id).await?.ok_or_else(|| Error::not_found("dataset"))?),
            None => None,
        };
        let expect = existing.as_ref().filter(|_| request.mode == LoadMode::Append).map(|l| l.columns.as_slice());
        let made = self.engine.load(path, file_name, &request.options, expect, progress).await?;
        let segment = made.segment.clone();
        let (rejected, rejects) = (made.rejected, made.rejects.clone());
        let id = match (&existing, request.mode) {
            (Some(loaded), LoadMode::Append) => {
                self.add_segment(loaded, segment).await?;
                loaded.row.id.clone()
            }
            (Some(loaded), _) => self.replace_rows(loaded, made, file_name).await?,
            (None, _) => {
                let label = request.label.clone().unwrap_or_else(|| to_label(&target.name));
                self.insert_dataset(caller, &target.name, &label, file_name, made, false).await?
            }
        };
        self.record(caller, "load", "dataset", &id).await;
        let replaced = existing.is_some() && request.mode == LoadMode::Replace;
        // The rows are in place: not knowing what no longer fits them is no reason to fail.
        let misfits = match replaced {
            true => self.misfits(caller, &id).await.unwrap_or_else(|error| {
                tracing::error!(%error, dataset = id, "looking for what no longer fits");
                Vec::new()
            }),
            false => Vec::new(),
        };
        Ok(LoadResult { dataset: self.get_dataset(caller, &id).await?, misfits, rejected, rejects })
    }

    /// Makes a dataset of what was loaded.
    pub(crate) async fn insert_dataset(
        &self,
        caller: &Caller,
        name: &str,
        label: &str,
        origin: &str,
        made: engine::Loaded,
        is_public: bool,
    ) -> Result<String> {
        let (id, now) = (new_id(), clock::now_ms());
        let row = DatasetRow {
            id: id.clone(),
            name: name.to_owned(),
            label: label.to_owned(),
            description: String::new(),
            owner_id: caller.user_id.clone(),
            columns_json: to_json(&made.columns),
            segments_json: to_json(&[&made.segment]),
            row_count: int(made.segment.rows),
            bytes: int(made.segment.bytes),
            version: 1,
            origin: origin.to_owned(),
            is_public,
            created_at: now,
            updated_at: now,
            profile_json: None,
            profile_version: 0,
        };
        if let Err(error) = self.store.insert_dataset(&row).await {
            self.engine.remove(&made.segment);
            return Err(error);
        }
        self.close_new(&id, &row.owner_id).await?;
        self.discover_first(&id);
        Ok(id)
    }

    /// New rows take the place of the old ones. What people said about a column that is still
    /// there, by name and type, stays.
    pub(crate) async fn replace_rows(&self, loaded: &Stored, mut made: engine::Loaded, origin: &str) -> Result<String> {
        for column in &mut made.columns {
            if let Some(old) = loaded.columns.iter().find(|old| old.name == column.name && old.ty == column.ty) {
                *column = old.clone();
            }
        }
        let manifest = Manifest {
            columns_json: to_json(&made.columns),
            segments_json: to_json(&[&made.segment]),
            row_count: int(made.segment.rows),
            bytes: int(made.segment.bytes),
            origin: origin.to_owned(),
            updated_at: clock::now_ms(),
        };
        match self.store.replace_segments(&loaded.row.id, loaded.row.version, &manifest).await {
            Ok(version) => {
                self.announce(loaded, version);
                loaded.segments.iter().for_each(|old| self.engine.remove(old));
                Ok(loaded.row.id.clone())
            }
            Err(error) => {
                self.engine.remove(&made.segment);
                Err(error)
            }
        }
    }

    /// Files that were staged before the last stop have no page that waits for them.
    pub(crate) fn clear_staging(&self) {
        let Ok(entries) = std::fs::read_dir(self.settings.data_dir.join("uploads")) else { return };
        for entry in entries.flatten() {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// How long the rest of a body that cannot be kept is read.
const DRAIN: Duration = Duration::from_secs(60);

struct Target {
    name: String,
    existing: Option<String>,
}

/// Writes a body to disk. Where that fails the rest is read all the same: a caller who is still
/// sending would not hear why.
async fn write_stream<S, B, E>(path: &Path, stream: &mut S, limit: u64) -> Result<u64>
where
    S: Stream<Item = Result<B, E>> + Unpin,
    B: AsRef<[u8]>,
    E: std::fmt::Display,
{
    let written = write_chunks(path, stream, limit).await;
    if written.is_err() {
        let rest = async {
            let mut bytes = 0;
            while let Some(Ok(chunk)) = stream.next().await {
                bytes += chunk.as_ref().len() as u64;
                if bytes > limit {
                    break;
                }
            }
        };
        let _ = tokio::time::timeout(DRAIN, rest).await;
    }
    written
}

async fn write_chunks<S, B, E>(path: &Path, stream: &mut S, limit: u64) -> Result<u64>
where
    S: Stream<Item = Result<B, E>> + Unpin,
    B: AsRef<[u8]>,
    E: std::fmt::Display,
{
    let mut file = tokio::fs::File::create(path).await.map_err(disk)?;
    let mut bytes = 0_u64;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|cause| {
            tracing::debug!(%cause, "an upload was cut");
            Error::invalid("The upload was cut before its end. Nothing was loaded; try again.")
        })?;
        bytes += chunk.as_ref().len() as u64;
        if bytes > limit {
            let megabytes = limit / 1_048_576;
            return Err(Error::new(ErrorCode::TooLarge, format!("A file can have at most {megabytes} MB here.")));
        }
        file.write_all(chunk.as_ref()).await.map_err(disk)?;
    }
    file.flush().await.map_err(disk)?;
    Ok(bytes)
}

fn disk(cause: std::io::Error) -> Error {
    tracing::error!(%cause, "writing an upload");
    if cause.kind() == std::io::ErrorKind::StorageFull {
        return Error::new(ErrorCode::DiskFull, "The server's disk is full. Nothing was loaded.")
            .hint("Ask an administrator to make room.");
    }
    Error::internal()
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::stream;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Chunks of 10 bytes, and how many have been read.
    fn body(chunks: usize, read: &AtomicUsize) -> impl Stream<Item = std::result::Result<[u8; 10], String>> + Unpin {
        stream::iter(0..chunks).map(move |_| {
            read.fetch_add(1, Ordering::Relaxed);
            Ok([7; 10])
        })
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_full_disk_is_told_after_the_whole_body() {
        let read = AtomicUsize::new(0);
        let error = write_stream(Path::new("/dev/full"), &mut body(20, &read), 1_000).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::DiskFull);
        assert_eq!(read.load(Ordering::Relaxed), 20);
    }

    #[tokio::test]
    async fn a_body_beyond_the_limit_is_refused_and_read_no_further_than_that_again() {
        let folder = tempfile::tempdir().unwrap();
        let read = AtomicUsize::new(0);
        let error = write_stream(&folder.path().join("a"), &mut body(1_000, &read), 100).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::TooLarge);
        assert!(read.load(Ordering::Relaxed) < 30, "{}", read.load(Ordering::Relaxed));
    }
}
