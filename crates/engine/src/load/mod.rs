//! Loading a file: opened by its format, read by a DuckDB instance of its own, written as a new
//! segment. Nothing is left behind by a load that fails or is cancelled.

mod arrow;
mod bad;
pub(crate) mod bench;
mod cells;
pub(crate) mod csv;
pub(crate) mod fill;
mod format;
mod json;
mod parquet;
mod preview;
mod sheet;
mod source;
mod xlsx;

use crate::engine::{Engine, Inner};
use crate::fault::{self, lock};
use crate::progress::Progress;
use crate::segment::Segment;
use bench::{Bench, Worker};
use domain::dataset::{BadRow, LoadOptions};
use domain::{Column, Result};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Above this size rows may be stored in another order than the file has, which saves memory.
const KEEP_ORDER_BYTES: u64 = 100 << 20;
/// How often a running load is looked at.
const TICK: Duration = Duration::from_millis(50);

/// A new segment, and what its columns are.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub segment: Segment,
    pub columns: Vec<Column>,
    /// Rows that could not be read and were left out.
    pub rejected: u64,
    /// The first of them.
    pub rejects: Vec<BadRow>,
}

/// What a load works on; also the way to stop it.
pub(crate) struct Job {
    pub(crate) inner: Arc<Inner>,
    pub(crate) file: PathBuf,
    pub(crate) file_name: String,
    pub(crate) options: LoadOptions,
    pub(crate) progress: Progress,
    /// The connection whose statement runs.
    running: Arc<Mutex<Option<Arc<Worker>>>>,
}

impl Job {
    /// Ends the work where somebody has cancelled it.
    pub(crate) fn check(&self) -> Result<()> {
        if self.progress.is_cancelled() { Err(fault::cancelled()) } else { Ok(()) }
    }

    /// A workbench that may read the file and `more`.
    pub(crate) fn bench(&self, keep_order: bool) -> Result<Bench> {
        let config = &self.inner.config;
        let folders = &self.inner.folders;
        let file = std::path::absolute(&self.file).map_err(|e| fault::io("load", &e))?;
        let bench =
            Bench::open(&folders.temp, &folders.segments, &[&file], config.load_memory(), config.threads, keep_order)?;
        *lock(&self.running) = Some(bench.worker.clone());
        self.check()?;
        Ok(bench)
    }

    pub(crate) fn size(&self) -> Result<u64> {
        let size = std::fs::metadata(&self.file).map_err(|e| fault::io("reading a file", &e))?.len();
        self.progress.set_total(size);
        if size == 0 {
            return Err(fault::unusable("The file is empty."));
        }
        Ok(size)
    }

    /// Reports an error of DuckDB, or the wish to stop that caused it.
    pub(crate) fn failed(&self, error: &duckdb::Error) -> domain::Error {
        if self.progress.is_cancelled() { fault::cancelled() } else { fault::writing(error) }
    }
}

impl Engine {
    /// Loads a file as a new segment. With `expect` its columns are cast to those of a dataset.
    pub async fn load(
        &self,
        file: &Path,
        file_name: &str,
        options: &LoadOptions,
        expect: Option<&[Column]>,
        progress: &Progress,
    ) -> Result<Loaded> {
        let expect = expect.map(<[Column]>::to_vec);
        self.work(file, file_name, options, progress, move |job| fill::load(job, expect.as_deref())).await
    }

    /// What would be loaded, from the first part of a file.
    pub async fn preview(
        &self,
        file: &Path,
        file_name: &str,
        options: &LoadOptions,
    ) -> Result<domain::dataset::Preview> {
        self.work(file, file_name, options, &Progress::default(), preview::preview).await
    }

    /// Runs `work` on a thread of its own, one of a few at a time, watched: progress comes from
    /// DuckDB, a cancelled progress or a dropped future stops it.
    pub(crate) async fn work<T, F>(
        &self,
        file: &Path,
        file_name: &str,
        options: &LoadOptions,
        progress: &Progress,
        work: F,
    ) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Job) -> Result<T> + Send + 'static,
    {
        let mut guard = CancelOnDrop(Some(progress.clone()));
        let mut turn = std::pin::pin!(self.0.loads.clone().acquire_owned());
        let permit = loop {
            tokio::select! {
                permit = &mut turn => break permit.map_err(|e| fault::internal("load", &e))?,
                () = tokio::time::sleep(TICK) => if progress.is_cancelled() { return Err(fault::cancelled()) },
            }
        };
        let running: Arc<Mutex<Option<Arc<Worker>>>> = Arc::default();
        let job = Job {
            inner: self.0.clone(),
            file: file.to_owned(),
            file_name: file_name.to_owned(),
            options: options.clone(),
            progress: progress.clone(),
            running: running.clone(),
        };
        let done = Arc::new(AtomicBool::new(false));
        let finished = done.clone();
        let task = tokio::task::spawn_blocking(move || {
            let result = catch_unwind(AssertUnwindSafe(|| work(&job)));
            *lock(&job.running) = None;
            finished.store(true, Ordering::Relaxed);
            drop(permit);
            result.unwrap_or_else(|_| Err(fault::internal("load", &"it panicked")))
        });
        // A task of its own watches, so that a dropped future still stops the work.
        let progress = progress.clone();
        tokio::spawn(async move {
            while !done.load(Ordering::Relaxed) {
                tokio::time::sleep(TICK).await;
                let Some(worker) = lock(&running).clone() else { continue };
                if progress.is_cancelled() {
                    worker.interrupt();
                } else if let Some(fraction) = worker.progress() {
                    progress.set_done((fraction * progress.bytes_total() as f64) as u64);
                }
            }
        });
        let result = task.await.map_err(|e| fault::internal("load", &e))?;
        guard.0 = None;
        result
    }
}

/// Cancels the work when the future that waits for it is dropped.
struct CancelOnDrop(Option<Progress>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        if let Some(progress) = &self.0 {
            progress.cancel();
        }
    }
}
