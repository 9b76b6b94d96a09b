//! The files of models: one a version, checked by their hash whenever they are read, encrypted where a
//! feature is sensitive, plain data and never a program. Those in use are kept in memory.

use crate::Services;
use domain::{Error, ErrorCode, Result};
use intelligence::learn::{self, MOST_FILE_BYTES, ModelFile, Saved};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use store::LearnedVersionRow;

/// A model in memory takes about so many times the room of its file.
const IN_MEMORY: usize = 2;
/// Encryption and its text make a file larger.
const MOST_STORED: u64 = (MOST_FILE_BYTES as u64) * 2;

/// Models that were used lately.
pub(crate) struct Shelf {
    kept: Mutex<HashMap<(String, i64), Kept>>,
    budget: usize,
}

struct Kept {
    model: Arc<ModelFile>,
    bytes: usize,
    /// The higher, the later.
    used: u64,
}

impl Shelf {
    /// One that takes so many bytes.
    pub(crate) fn of(budget: u64) -> Self {
        Self { kept: Mutex::default(), budget: usize::try_from(budget).unwrap_or(usize::MAX) }
    }

    fn get(&self, id: &str, version: i64) -> Option<Arc<ModelFile>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let latest = kept.values().map(|k| k.used).max().unwrap_or_default();
        let found = kept.get_mut(&(id.to_owned(), version))?;
        found.used = latest + 1;
        Some(found.model.clone())
    }

    fn put(&self, id: &str, version: i64, model: &Arc<ModelFile>, bytes: usize) {
        if bytes > self.budget {
            return;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let used = kept.values().map(|k| k.used).max().unwrap_or_default() + 1;
        kept.insert((id.to_owned(), version), Kept { model: model.clone(), bytes, used });
        while kept.values().map(|k| k.bytes).sum::<usize>() > self.budget {
            let oldest = kept.iter().min_by_key(|(_, k)| k.used).map(|(key, _)| key.clone());
            let Some(oldest) = oldest else { break };
            kept.remove(&oldest);
        }
    }

    pub(super) fn forget(&self, id: &str) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).retain(|(known, _), _| known != id);
    }
}

/// What was written of a version.
pub(super) struct Written {
    pub(super) sha256: String,
    pub(super) bytes: i64,
    pub(super) is_sealed: bool,
}

/// The name of a model's file for encryption: it opens for no other.
fn thing(id: &str, version: i64) -> String {
    format!("model:{id}:{version}")
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn damaged(version: i64) -> Error {
    Error::new(ErrorCode::UnusableFile, format!("The file of version {version} is not the one that was trained."))
        .hint("Go back to another version, or train it again.")
}

/// The folder of a model's files.
pub(super) fn folder(data_dir: &Path, id: &str) -> PathBuf {
    data_dir.join("models").join(id)
}

/// Whether a path below the data directory is that of a model's file.
pub(crate) fn is_model_file(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    let [folder, id, name] = parts.as_slice() else { return false };
    let version = name.strip_suffix(".model").unwrap_or_default();
    *folder == "models"
        && id.len() == 32
        && id.bytes().all(|b| b.is_ascii_hexdigit())
        && (1..=18).contains(&version.len())
        && version.bytes().all(|b| b.is_ascii_digit())
}

/// The files of all models, as paths below the data directory.
pub(crate) fn model_files(data_dir: &Path) -> Vec<String> {
    let names = |folder: &Path| -> Vec<String> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    };
    let root = data_dir.join("models");
    let of = |id: String| {
        let all = names(&root.join(&id));
        all.into_iter().map(move |name| format!("models/{id}/{name}"))
    };
    let mut files: Vec<String> = names(&root).into_iter().flat_map(of).filter(|path| is_model_file(path)).collect();
    files.sort_unstable();
    files
}

impl Services {
    /// Writes the file of a version; it is there whole or not at all.
    pub(super) async fn write_model(&self, id: &str, version: i64, saved: Saved, is_sealed: bool) -> Result<Written> {
        let (bytes, sha256) = if is_sealed {
            let text = String::from_utf8(saved.bytes).map_err(|_| Error::internal())?;
            let sealed = self.vault.seal(&text, &thing(id, version))?.into_bytes();
            let sha256 = hash(&sealed);
            (sealed, sha256)
        } else {
            (saved.bytes, saved.sha256)
        };
        let folder = folder(&self.settings.data_dir, id);
        let length = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        let task = tokio::task::spawn_blocking(move || -> std::io::Result<()> {
            std::fs::create_dir_all(&folder)?;
            let draft = folder.join(format!("{version}.{}.draft", crate::new_id()));
            let mut file = std::fs::File::create(&draft)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            std::fs::rename(&draft, folder.join(format!("{version}.model")))?;
            std::fs::File::open(&folder)?.sync_all()
        });
        task.await.map_err(|_| Error::internal())?.map_err(|cause| {
            tracing::error!(%cause, "writing a model");
            match cause.kind() {
                std::io::ErrorKind::StorageFull => {
                    Error::new(ErrorCode::DiskFull, "The server's disk is full: the model was not kept.")
                }
                _ => Error::internal(),
            }
        })?;
        Ok(Written { sha256, bytes: length, is_sealed })
    }

    /// The model of a version, after its file was found to be the one that was written.
    pub(super) async fn model_of(&self, row: &LearnedVersionRow) -> Result<Arc<ModelFile>> {
        if let Some(kept) = self.learning.shelf.get(&row.model_id, row.version) {
            return Ok(kept);
        }
        let bytes = self.model_bytes(row).await?;
        let version = row.version;
        let size = bytes.len();
        let task = tokio::task::spawn_blocking(move || learn::load(&bytes, None));
        let model = task.await.map_err(|_| Error::internal())?.map_err(|error| {
            tracing::error!(%error, "reading a model");
            damaged(version)
        })?;
        let model = Arc::new(model);
        self.learning.shelf.put(&row.model_id, row.version, &model, size.saturating_mul(IN_MEMORY));
        Ok(model)
    }

    /// The bytes of a version as they were before encryption.
    pub(super) async fn model_bytes(&self, row: &LearnedVersionRow) -> Result<Vec<u8>> {
        let path = folder(&self.settings.data_dir, &row.model_id).join(format!("{}.model", row.version));
        let (wanted, version) = (row.sha256.clone(), row.version);
        let task = tokio::task::spawn_blocking(move || -> Result<Vec<u8>> {
            let missing = |cause: std::io::Error| {
                tracing::error!(%cause, path = %path.display(), "reading a model");
                Error::new(ErrorCode::UnusableFile, format!("The file of version {version} is not there."))
                    .hint("Go back to another version, or train it again.")
            };
            if std::fs::metadata(&path).map_err(missing)?.len() > MOST_STORED {
                return Err(damaged(version));
            }
            let bytes = std::fs::read(&path).map_err(missing)?;
            if hash(&bytes) != wanted {
                tracing::error!(path = %path.display(), "the file of a model has another hash than was written down");
                return Err(damaged(version));
            }
            Ok(bytes)
        });
        let bytes = task.await.map_err(|_| Error::internal())??;
        if !row.is_sealed {
            return Ok(bytes);
        }
        let text = String::from_utf8(bytes).map_err(|_| damaged(version))?;
        let opened = self.vault.try_unseal(&text, &thing(&row.model_id, row.version));
        opened.map(String::into_bytes).ok_or_else(|| {
            Error::new(ErrorCode::UnusableFile, format!("The file of version {version} cannot be decrypted any more."))
                .hint("An administrator can bring the former ORRERY_SECRET_KEY back; or train it again.")
        })
    }

    /// Removes the files of a model that is gone.
    pub(super) fn remove_model(&self, id: &str) {
        self.learning.shelf.forget(id);
        let folder = folder(&self.settings.data_dir, id);
        tokio::task::spawn_blocking(move || match std::fs::remove_dir_all(&folder) {
            Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
                tracing::warn!(%cause, path = %folder.display(), "the files of a deleted model stay");
            }
            _ => {}
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_models_are_taken_for_such() {
        let id = "0123456789abcdef0123456789abcdef";
        assert!(is_model_file(&format!("models/{id}/12.model")));
        for bad in
            ["models/../1.model", &format!("models/{id}/1.model.draft"), &format!("models/{id}/../1.model"), "1.model"]
        {
            assert!(!is_model_file(bad), "{bad}");
        }
        let dir = tempfile::tempdir().unwrap();
        assert!(model_files(dir.path()).is_empty());
        let folder = folder(dir.path(), id);
        std::fs::create_dir_all(&folder).unwrap();
        for name in ["2.model", "1.model", "3.x.draft"] {
            std::fs::write(folder.join(name), b"{}").unwrap();
        }
        assert_eq!(model_files(dir.path()), [format!("models/{id}/1.model"), format!("models/{id}/2.model")]);
    }

    #[test]
    fn what_was_not_used_for_long_makes_room() {
        let frame =
            super::super::rows::frame_of_past(&(0..40).map(|i| (i * 60_000, (i % 7) as f64)).collect::<Vec<_>>());
        let mut spec = domain::learn::TrainSpec::new(domain::learn::ModelKind::IsolationForest, ["value"]);
        spec.parameters.insert("trees".into(), domain::learn::ParameterValue::Number(10.0));
        let model = Arc::new(learn::train(&frame, &spec, &mut |_| true).unwrap().model);
        let shelf = Shelf::of(100);
        shelf.put("a", 1, &model, 40);
        shelf.put("b", 1, &model, 40);
        assert!(shelf.get("a", 1).is_some());
        shelf.put("c", 1, &model, 40);
        assert!(shelf.get("b", 1).is_none(), "the one that was not used since");
        assert!(shelf.get("a", 1).is_some() && shelf.get("c", 1).is_some());
        shelf.put("d", 1, &model, 1_000);
        assert!(shelf.get("d", 1).is_none(), "larger than all the room there is");
    }
}
