//! The engine: one locked-down DuckDB instance for questions, one for appends, and one more for
//! each load while it lasts, because memory limit and access rules belong to an instance.

use crate::append::Writer;
use crate::attach::{Attachments, MAX_ATTACHED};
use crate::cache::Answers;
use crate::cube::{self, Prepared};
use crate::duck::{self, Limits};
use crate::fault;
use crate::pool::Pool;
use crate::sandbox::{self, Crew, Select};
use crate::segment::{Folders, Segment};
use crate::sources::{Rules, Sources};
use domain::{Cell, DataType, Result};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Semaphore;

const MIB: u64 = 1 << 20;
/// Loads and previews that run at the same time.
const LOADS: usize = 2;
/// Jobs that may wait for a connection before further ones are turned away.
const MAX_WAITING: usize = 1_000;

/// What the engine may use, and where its files lie.
#[derive(Clone, Debug)]
pub struct Config {
    pub dir: PathBuf,
    /// For all DuckDB instances together.
    pub memory_limit_bytes: u64,
    pub threads: usize,
    /// Time a question may take, waiting included.
    pub timeout: Duration,
    /// Memory for kept answers.
    pub cache_bytes: u64,
    /// What sources may reach.
    pub sources: Rules,
}

/// What the engine has done since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Questions that DuckDB was asked.
    pub executed: u64,
    /// Questions answered from what was kept.
    pub hits: u64,
    /// Bytes that kept answers take.
    pub cached_bytes: u64,
}

/// Cheap to clone; the last clone closes everything.
#[derive(Clone)]
pub struct Engine(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) config: Config,
    pub(crate) folders: Arc<Folders>,
    pub(crate) pool: Arc<Pool>,
    pub(crate) attachments: Arc<Attachments>,
    pub(crate) answers: Answers,
    /// Single values and lists of values by their SQL, which names the immutable segments it reads.
    pub(crate) scalars: moka::future::Cache<String, Cell>,
    pub(crate) lists: moka::future::Cache<String, Arc<Vec<(Cell, u64)>>>,
    /// Cubes by the key of their question; nothing where there can be none.
    pub(crate) cubes: moka::future::Cache<String, Option<Arc<Prepared>>>,
    pub(crate) writer: Arc<Writer>,
    pub(crate) loads: Arc<Semaphore>,
    /// The processes that run SQL of users.
    pub(crate) crew: Arc<Crew>,
    /// Statements of users by their text, the columns of bound ones by their id, and those ids by
    /// what they stand for.
    pub(crate) selects: moka::future::Cache<String, Arc<Select>>,
    pub(crate) described: moka::future::Cache<String, Arc<Vec<(String, DataType)>>>,
    pub(crate) view_ids: Mutex<HashMap<String, String>>,
    pub(crate) sources: Sources,
    pub(crate) executed: AtomicU64,
    pub(crate) hits: AtomicU64,
}

impl Engine {
    /// Opens the folders in `config.dir` and the instance for questions.
    pub fn open(config: Config) -> Result<Self> {
        let folders = Arc::new(Folders::open(&config.dir)?);
        let root = duck::open(&Limits {
            memory_bytes: config.question_memory(),
            threads: config.threads,
            temp: &folders.temp.join("questions"),
            temp_bytes: config.temp_bytes(),
            folders: &[&folders.segments],
            files: &[],
            keep_order: true,
        })?;
        duck::lock(&root)?;
        let connect = || root.try_clone().map_err(|e| fault::internal("connecting", &e));
        let attachments = Arc::new(Attachments::new(connect()?, folders.clone(), MAX_ATTACHED));
        let writer = Arc::new(Writer::open(&folders)?);
        let pool = Arc::new(Pool::new(root, (config.threads * 2).max(4), MAX_WAITING)?);
        let answers = Answers::new(config.cache_bytes);
        Ok(Self(Arc::new(Inner {
            folders,
            pool,
            attachments,
            answers,
            scalars: moka::future::Cache::new(10_000),
            lists: moka::future::Cache::new(500),
            cubes: cube::kept(config.cache_bytes / 4),
            writer,
            loads: Arc::new(Semaphore::new(LOADS)),
            crew: Arc::new(sandbox::crew(&config)),
            selects: moka::future::Cache::new(2_000),
            described: moka::future::Cache::new(2_000),
            view_ids: Mutex::default(),
            sources: Sources::new(config.sources.clone()),
            executed: AtomicU64::new(0),
            hits: AtomicU64::new(0),
            config,
        })))
    }

    /// Deletes a segment once no question uses it.
    pub fn remove(&self, segment: &Segment) {
        if segment.is_view() || segment.place.is_some() {
            return;
        }
        let (attachments, id) = (self.0.attachments.clone(), segment.id.clone());
        // Detaching waits for DuckDB: not on an async thread.
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(move || attachments.remove(&id))),
            Err(_) => attachments.remove(&id),
        }
    }

    /// The ids of all segment files there are, so that those of no dataset can be removed.
    pub fn stored(&self) -> Result<Vec<String>> {
        self.0.folders.stored()
    }

    /// What it has done so far.
    pub fn counters(&self) -> Counters {
        Counters {
            executed: self.0.executed.load(Ordering::Relaxed),
            hits: self.0.hits.load(Ordering::Relaxed),
            cached_bytes: self.0.answers.weight(),
        }
    }
}

impl Config {
    /// Half is for questions, a quarter for SQL of users (see [`sandbox`]) ...
    fn question_memory(&self) -> u64 {
        (self.memory_limit_bytes / 2).max(64 * MIB)
    }

    /// ... and a quarter is for loads.
    pub(crate) fn load_memory(&self) -> u64 {
        (self.memory_limit_bytes / 4 / LOADS as u64).max(128 * MIB)
    }

    /// What may spill to disk before a question is refused.
    pub(crate) fn temp_bytes(&self) -> u64 {
        (self.memory_limit_bytes * 8).max(2_048 * MIB)
    }
}
