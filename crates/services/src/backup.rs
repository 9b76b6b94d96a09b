//! A backup is the metadata of one moment with every file that it names, made while people go on
//! working; a restore makes a data directory of one. Segment files never change, so that only their
//! deletion has to wait.

use crate::access::require_admin;
use crate::upkeep::{Presence, segments};
use crate::{Services, clock};
use domain::{Caller, Error, ErrorCode, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write as _};
use std::path::Path;
use store::Store;

/// What is in a backup; written last, so that one without it is not finished.
const LIST: &str = "backup.json";
const METADATA: &str = "orrery.sqlite";
const KEY: &str = "secret.key";
const SEGMENTS: &str = "segments";
/// The present form of backups.
const FORMAT: u32 = 1;
/// Another server may delete files that the metadata named a moment ago; then the moment is a later one.
const TRIES: usize = 5;

/// What a backup holds.
#[derive(Debug, Serialize, Deserialize)]
struct List {
    format: u32,
    /// Of Orrery.
    version: String,
    made_at: String,
    files: Vec<Entry>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    path: String,
    bytes: u64,
    sha256: String,
}

/// A backup that was made or restored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backup {
    pub files: usize,
    pub bytes: u64,
    /// The key of the data directory is in it: whoever has it reads the passwords of sources.
    pub has_key: bool,
    pub made_at: String,
}

impl Services {
    /// Makes a backup in a new or empty folder, while people edit and append.
    ///
    /// # Errors
    /// The caller is no administrator, the folder is not empty or cannot be written, or the metadata is
    /// in PostgreSQL.
    pub async fn backup(&self, caller: &Caller, folder: &Path) -> Result<Backup> {
        require_admin(caller)?;
        if self.settings.database.is_some() {
            return Err(Error::new(
                ErrorCode::NotSupported,
                "The metadata is in PostgreSQL: `orrery backup` does not copy it.",
            )
            .hint("Stop the servers, run pg_dump, and copy the data directory; docs/backup.md has the commands."));
        }
        empty(folder)?;
        fs::create_dir_all(folder.join(SEGMENTS)).map_err(|e| cannot("written", folder, &e))?;
        // Before the moment that is copied: what is named then stays until the end.
        let _hold = self.engine.hold();
        let mut copied = BTreeMap::new();
        for attempt in 1.. {
            match self.copy_moment(folder, &mut copied).await {
                Err(error) if error.code == ErrorCode::Conflict && attempt < TRIES => {}
                done => {
                    done?;
                    break;
                }
            }
        }
        let (data_dir, target) = (self.settings.data_dir.clone(), folder.to_owned());
        let made = blocking(move || finish(&data_dir, &target, copied)).await?;
        self.record(caller, "backup", "server", "").await;
        Ok(made)
    }

    /// Copies the metadata of this moment and the files that it names.
    async fn copy_moment(&self, folder: &Path, copied: &mut BTreeMap<String, Entry>) -> Result<()> {
        let metadata = folder.join(METADATA);
        let _ = fs::remove_file(&metadata);
        private(&metadata).map_err(|e| cannot("written", &metadata, &e))?;
        self.store.copy_to(&metadata).await?;
        let copy = Store::open(&metadata).await?;
        let datasets = copy.datasets().await;
        copy.close().await;
        let named: Vec<String> = datasets?.iter().flat_map(segments).map(|segment| segment.id).collect();
        copied.retain(|path, _| named.iter().any(|id| *path == file_of(id)));
        for id in named {
            let path = file_of(&id);
            if copied.contains_key(&path) {
                continue;
            }
            let (source, target) = (self.engine.file(&id)?, folder.join(&path));
            let entry = blocking(move || match copy_file(&source, &target) {
                Err(error) if error.kind() == ErrorKind::NotFound && !source.exists() => {
                    Err(Error::new(ErrorCode::Conflict, format!("The file {} is missing.", source.display()))
                        .hint("`orrery check` says which dataset it belongs to; restore it, or delete that dataset."))
                }
                Err(error) => Err(cannot("copied", &source, &error)),
                Ok((bytes, sha256)) => Ok((bytes, sha256)),
            });
            let (bytes, sha256) = entry.await?;
            copied.insert(path.clone(), Entry { path, bytes, sha256 });
        }
        Ok(())
    }
}

/// The files that are not segments, and the list.
fn finish(data_dir: &Path, folder: &Path, copied: BTreeMap<String, Entry>) -> Result<Backup> {
    let mut files: Vec<Entry> = copied.into_values().collect();
    for path in crate::learning::model_files(data_dir) {
        let (source, target) = (data_dir.join(&path), folder.join(&path));
        private_below(&target)?;
        match copy_file(&source, &target) {
            Ok((bytes, sha256)) => files.push(Entry { path, bytes, sha256 }),
            // Its model was deleted a moment ago.
            Err(error) if error.kind() == ErrorKind::NotFound => _ = fs::remove_file(&target),
            Err(error) => return Err(cannot("copied", &source, &error)),
        }
    }
    let key = data_dir.join(KEY);
    let has_key = key.exists();
    if has_key {
        let target = folder.join(KEY);
        private(&target).map_err(|e| cannot("written", &target, &e))?;
        let (bytes, sha256) = copy_file(&key, &target).map_err(|e| cannot("copied", &key, &e))?;
        files.push(Entry { path: KEY.into(), bytes, sha256 });
    }
    let metadata = folder.join(METADATA);
    let (bytes, sha256) = hash_file(&metadata).map_err(|e| cannot("read", &metadata, &e))?;
    files.push(Entry { path: METADATA.into(), bytes, sha256 });
    let made_at = clock::rfc3339(clock::now_ms());
    let list = List { format: FORMAT, version: env!("CARGO_PKG_VERSION").into(), made_at, files };
    let written = (|| {
        File::open(&metadata)?.sync_all()?;
        let draft = folder.join(format!("{LIST}.draft"));
        let mut file = File::create(&draft)?;
        file.write_all(serde_json::to_string_pretty(&list)?.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, folder.join(LIST))?;
        File::open(folder.join(SEGMENTS))?.sync_all()?;
        File::open(folder)?.sync_all()
    })();
    written.map_err(|e: std::io::Error| cannot("written", folder, &e))?;
    Ok(told(&list))
}

fn told(list: &List) -> Backup {
    Backup {
        files: list.files.len(),
        bytes: list.files.iter().map(|f| f.bytes).sum(),
        has_key: list.files.iter().any(|f| f.path == KEY),
        made_at: list.made_at.clone(),
    }
}

/// Makes a data directory of a backup. Nothing is written unless all of the backup is sound.
///
/// # Errors
/// It is no backup or a damaged one, with the files that are; a server runs on the directory, or it is
/// not empty.
pub fn restore(backup: &Path, data_dir: &Path) -> Result<Backup> {
    if Presence::is_anybody_in(data_dir) {
        return Err(Error::new(ErrorCode::Conflict, format!("A server works on {}.", data_dir.display()))
            .hint("Stop it, move its data directory away, and restore into a new one."));
    }
    empty(data_dir)?;
    let list = read_list(backup)?;
    let mut damaged = Vec::new();
    for entry in &list.files {
        match hash_file(&backup.join(&entry.path)) {
            Ok((bytes, sha256)) if bytes == entry.bytes && sha256 == entry.sha256 => {}
            Ok(_) => damaged.push(format!("{} is not what was written", entry.path)),
            Err(error) => damaged.push(format!("{} cannot be read ({error})", entry.path)),
        }
    }
    if !damaged.is_empty() {
        return Err(Error::new(ErrorCode::UnusableFile, format!("This backup is damaged: {}.", damaged.join("; ")))
            .hint("Use another backup. Nothing was restored."));
    }
    fs::create_dir_all(data_dir.join(SEGMENTS)).map_err(|e| cannot("written", data_dir, &e))?;
    // The metadata last: a directory without it is no installation.
    let (metadata, others): (Vec<&Entry>, Vec<&Entry>) = list.files.iter().partition(|e| e.path == METADATA);
    for entry in others.into_iter().chain(metadata) {
        let target = data_dir.join(&entry.path);
        if !entry.path.starts_with(SEGMENTS) {
            private_below(&target)?;
        }
        let (_, sha256) = copy_file(&backup.join(&entry.path), &target).map_err(|e| cannot("copied", &target, &e))?;
        if sha256 != entry.sha256 {
            return Err(Error::new(ErrorCode::UnusableFile, format!("{} changed while it was copied.", entry.path))
                .hint(format!("Empty {} and restore again.", data_dir.display())));
        }
    }
    for folder in [data_dir.join(SEGMENTS), data_dir.to_owned()] {
        File::open(&folder).and_then(|f| f.sync_all()).map_err(|e| cannot("written", &folder, &e))?;
    }
    Ok(told(&list))
}

/// A file that nobody else reads, with its folder.
fn private_below(target: &Path) -> Result<()> {
    let folder = target.parent().map_or(Ok(()), fs::create_dir_all);
    folder.and_then(|()| private(target)).map_err(|e| cannot("written", target, &e))
}

fn read_list(backup: &Path) -> Result<List> {
    let unusable = |message: String| Error::new(ErrorCode::UnusableFile, message);
    let text = fs::read_to_string(backup.join(LIST)).map_err(|_| {
        unusable(format!("{} is no backup, or one that was not finished: it has no {LIST}.", backup.display()))
            .hint("Name the folder that `orrery backup` wrote.")
    })?;
    let list: List =
        serde_json::from_str(&text).map_err(|e| unusable(format!("{LIST} of this backup is damaged: {e}.")))?;
    if list.format != FORMAT {
        return Err(unusable(format!("This backup has the form {}, which this version does not know.", list.format))
            .hint(format!("Restore it with Orrery {}.", list.version)));
    }
    let is_segment = |path: &str| {
        let id = path.strip_prefix("segments/").and_then(|name| name.strip_suffix(".duckdb"));
        id.is_some_and(|id| id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    let is_known = |path: &str| is_segment(path) || crate::learning::is_model_file(path);
    if let Some(other) = list.files.iter().find(|f| f.path != METADATA && f.path != KEY && !is_known(&f.path)) {
        return Err(unusable(format!("The backup names a file that none of ours is called: {}.", other.path)));
    }
    if !list.files.iter().any(|f| f.path == METADATA) {
        return Err(unusable("The backup holds no metadata.".into()));
    }
    Ok(list)
}

/// Refuses a folder that holds anything.
fn empty(folder: &Path) -> Result<()> {
    match fs::read_dir(folder).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Error::new(ErrorCode::Conflict, format!("{} is not empty.", folder.display()))
            .hint("Name a folder that is new or empty: nothing is written over.")),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(cannot("read", folder, &error)),
    }
}

fn file_of(id: &str) -> String {
    format!("{SEGMENTS}/{id}.duckdb")
}

fn cannot(deed: &str, path: &Path, cause: &std::io::Error) -> Error {
    let code = if cause.kind() == ErrorKind::StorageFull { ErrorCode::DiskFull } else { ErrorCode::InvalidRequest };
    Error::new(code, format!("{} cannot be {deed}: {cause}.", path.display()))
}

/// Makes an empty file that nobody but its owner reads.
fn private(path: &Path) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    std::os::unix::fs::OpenOptionsExt::mode(options.create_new(true).write(true), 0o600);
    options.open(path).map(drop)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::internal())?
}

/// Copies a file, durably, and answers its length and SHA-256.
fn copy_file(source: &Path, target: &Path) -> std::io::Result<(u64, String)> {
    let mut output = fs::OpenOptions::new().create(true).truncate(true).write(true).open(target)?;
    let told = read_all(source, |piece| output.write_all(piece))?;
    output.sync_all()?;
    Ok(told)
}

fn hash_file(path: &Path) -> std::io::Result<(u64, String)> {
    read_all(path, |_| Ok(()))
}

fn read_all(path: &Path, mut each: impl FnMut(&[u8]) -> std::io::Result<()>) -> std::io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut piece = vec![0; 1 << 20];
    let mut bytes = 0;
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            break;
        }
        hash.update(&piece[..read]);
        each(&piece[..read])?;
        bytes += read as u64;
    }
    let hex = hash.finalize().iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    Ok((bytes, hex))
}
