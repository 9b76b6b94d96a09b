//! A file from anywhere: looked at, and loaded if that says it can be. The first byte chooses the name
//! under which it comes. It is a dataset in the end, or refused with a reason that is not our fault.

use domain::ErrorCode;
use domain::dataset::LoadOptions;
use engine::{Config, Engine, Progress};
use std::time::Duration;

const NAMES: [&str; 8] = ["a.csv", "a.tsv", "a.json", "a.ndjson", "a.parquet", "a.xlsx", "a.arrow", "a"];

pub(crate) struct Loader {
    engine: Engine,
    folder: tempfile::TempDir,
    runtime: tokio::runtime::Runtime,
}

impl Loader {
    pub(crate) fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let config = Config {
            dir: folder.path().to_owned(),
            memory_limit_bytes: 512 << 20,
            threads: 1,
            timeout: Duration::from_secs(20),
            cache_bytes: 1 << 20,
            sources: engine::sources::Rules::default(),
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let engine = runtime.block_on(async { Engine::open(config) }).expect("the engine opens");
        Self { engine, folder, runtime }
    }

    /// One input.
    pub(crate) fn one(&self, data: &[u8]) {
        let Some((first, content)) = data.split_first() else { return };
        let name = NAMES[usize::from(*first) % NAMES.len()];
        let path = self.folder.path().join("upload");
        std::fs::write(&path, content).expect("a file");
        self.runtime.block_on(async {
            let sane = |error: domain::Error, deed: &str| {
                assert_ne!(error.code, ErrorCode::Internal, "{deed} as {name}: {error}");
                assert!(!error.message.is_empty());
            };
            let options = match self.engine.preview(&path, name, &LoadOptions::default()).await {
                Ok(preview) => preview.options,
                Err(error) => return sane(error, "looked at"),
            };
            match self.engine.load(&path, name, &options, None, &Progress::default()).await {
                Ok(loaded) => {
                    assert!(!loaded.columns.is_empty(), "a dataset without columns");
                    self.engine.verify(&loaded.segment).await.expect("what was written can be read");
                    self.engine.remove(&loaded.segment);
                }
                Err(error) => sane(error, "loaded"),
            }
        });
    }
}
