//! The server's side of the SQL workers: starting them, one ahead of time, and talking to one. A
//! worker that saw SQL of a user is never used again.

use super::wire::{self, Done, Failed, Kind, Order, Run};
use crate::fault::{self, lock};
use domain::{Error, ErrorCode, Result};
use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::process::{Child, Command};
use tokio::sync::Semaphore;
use tokio::time::Instant;

/// Statements that run at the same time.
pub(super) const TOGETHER: usize = 2;
/// Statements that may wait for their turn.
const MAX_WAITING: usize = 100;
/// An idle worker is let go after so long.
const PATIENCE: Duration = Duration::from_secs(300);

/// The program that becomes a worker, and its arguments. Default: this one, with `sql-worker`.
static PROGRAM: OnceLock<(PathBuf, Vec<OsString>)> = OnceLock::new();

/// Names another program as the worker; the first call holds. For programs, such as tests, whose
/// `sql-worker` is not a worker.
pub fn set_worker(program: PathBuf, arguments: Vec<OsString>) {
    let _ = PROGRAM.set((program, arguments));
}

/// What each worker may use.
#[derive(Clone, Copy, Debug)]
pub(super) struct Share {
    pub(super) memory_bytes: u64,
    pub(super) threads: usize,
    pub(super) timeout: Duration,
}

pub(crate) struct Crew {
    share: Share,
    /// Started, and of no use to anybody yet; the number tells whether it is still the same.
    idle: Mutex<Option<(u64, Worker)>>,
    started: AtomicU64,
    permits: Arc<Semaphore>,
    waiting: AtomicUsize,
    /// Whether the log says already that workers are not confined.
    has_warned: AtomicBool,
}

struct Worker {
    socket: UnixStream,
    /// Killed when it is dropped.
    _process: Child,
}

/// A worker at work, and a place among those that work.
pub(super) struct Session {
    worker: Worker,
    _permit: tokio::sync::OwnedSemaphorePermit,
}

impl Crew {
    pub(super) fn new(share: Share) -> Self {
        Self {
            share,
            idle: Mutex::new(None),
            started: AtomicU64::new(0),
            permits: Arc::new(Semaphore::new(TOGETHER)),
            waiting: AtomicUsize::new(0),
            has_warned: AtomicBool::new(false),
        }
    }

    /// Does something with a worker of its own, within the time that a question may take. Dropping
    /// the future kills the worker.
    pub(super) async fn with<T, F>(self: &Arc<Self>, work: impl FnOnce(Session) -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let deadline = Instant::now() + self.share.timeout;
        let permit = {
            let before = self.waiting.fetch_add(1, Ordering::Relaxed);
            let _waiting = Waiting(&self.waiting);
            if before >= MAX_WAITING && self.permits.available_permits() == 0 {
                return Err(fault::overloaded());
            }
            let turn = tokio::time::timeout_at(deadline, self.permits.clone().acquire_owned()).await;
            turn.map_err(|_| fault::overloaded())?.map_err(|e| fault::internal("SQL workers", &e))?
        };
        let run = async {
            let idle = lock(&self.idle).take();
            let worker = match idle {
                Some((_, worker)) => worker,
                None => self.start().await?,
            };
            work(Session { worker, _permit: permit }).await
        };
        let done = tokio::time::timeout_at(deadline, run).await;
        self.prepare();
        done.unwrap_or_else(|_| Err(fault::timeout(self.share.timeout.as_secs().max(1))))
    }

    /// Starts a worker for whoever comes next.
    fn prepare(self: &Arc<Self>) {
        if lock(&self.idle).is_some() {
            return;
        }
        let crew = self.clone();
        tokio::spawn(async move {
            let Ok(worker) = crew.start().await else { return };
            let number = crew.started.fetch_add(1, Ordering::Relaxed);
            *lock(&crew.idle) = Some((number, worker));
            let crew = Arc::downgrade(&crew);
            tokio::time::sleep(PATIENCE).await;
            let Some(crew) = crew.upgrade() else { return };
            let mut idle = lock(&crew.idle);
            if idle.as_ref().is_some_and(|(n, _)| *n == number) {
                *idle = None;
            }
        });
    }

    async fn start(&self) -> Result<Worker> {
        let report = |e: std::io::Error| fault::internal("starting a SQL worker", &e);
        let (ours, theirs) = std::os::unix::net::UnixStream::pair().map_err(report)?;
        ours.set_nonblocking(true).map_err(report)?;
        let (program, arguments) = match PROGRAM.get() {
            Some(set) => set.clone(),
            None => (std::env::current_exe().map_err(report)?, vec!["sql-worker".into()]),
        };
        let mut command = Command::new(program);
        command.args(arguments).env_clear().current_dir("/").kill_on_drop(true);
        // Where DuckDB's library is found, if not beside the program.
        for name in ["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command.stdin(Stdio::from(OwnedFd::from(theirs))).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().map_err(report)?;
        let socket = UnixStream::from_std(ours).map_err(report)?;
        let mut worker = Worker { socket, _process: process };
        let Share { memory_bytes, threads, timeout } = self.share;
        // As much processor time as all threads could use, and some for starting.
        let seconds = timeout.as_secs().saturating_add(1).saturating_mul(threads as u64 + 1).saturating_add(10);
        worker.order(&Order::Start { memory_bytes, threads, seconds }).await?;
        match worker.receive().await? {
            (Kind::Ready, _) => Ok(worker),
            _ => Err(fault::internal("starting a SQL worker", &"it did not get ready")),
        }
    }

    /// Says once that the system does not confine the workers.
    pub(super) fn note(&self, done: &Done) {
        if !done.is_confined && !self.has_warned.swap(true, Ordering::Relaxed) {
            tracing::warn!("this system does not let SQL workers be confined: only the gates before them hold");
        }
    }
}

struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Session {
    /// A text of a user as the parser reads it.
    pub(super) async fn parse(&mut self, sql: &str) -> Result<String> {
        self.worker.text(&Order::Parse { sql: sql.to_owned() }).await
    }

    /// A tree as SQL.
    pub(super) async fn print(&mut self, tree: String) -> Result<String> {
        self.worker.text(&Order::Print { tree }).await
    }

    /// Rows, as an Arrow stream. The error comes with the column that it is about.
    pub(super) async fn run(mut self, run: Run) -> Result<(Vec<u8>, Done), (Error, Option<String>)> {
        let bare = |error| (error, None);
        // The stream repeats names and types, and numbers take up to a word each.
        let most = run.bytes.saturating_mul(2).saturating_add(64 << 20);
        self.worker.order(&Order::Run(run)).await.map_err(bare)?;
        let mut stream = Vec::new();
        loop {
            let (kind, body) = self.worker.receive().await.map_err(bare)?;
            match kind {
                Kind::Rows if stream.len() + body.len() <= most => stream.extend_from_slice(&body),
                Kind::Rows => return Err(bare(fault::too_large())),
                Kind::Done => {
                    let done = serde_json::from_slice(&body).map_err(|e| bare(fault::internal("a SQL worker", &e)))?;
                    return Ok((stream, done));
                }
                Kind::Failed => return Err(failed(&body)),
                _ => return Err(bare(fault::internal("a SQL worker", &"it answered something else"))),
            }
        }
    }
}

impl Worker {
    async fn order(&mut self, order: &Order) -> Result<()> {
        let body = serde_json::to_vec(order).map_err(|e| fault::internal("a SQL worker", &e))?;
        let head = wire::head(Kind::Order, body.len()).map_err(|_| fault::too_large())?;
        let sent = async {
            self.socket.write_all(&head).await?;
            self.socket.write_all(&body).await
        };
        sent.await.map_err(|e| ended(&e))
    }

    async fn receive(&mut self) -> Result<(Kind, Vec<u8>)> {
        let mut head = [0; 5];
        self.socket.read_exact(&mut head).await.map_err(|e| ended(&e))?;
        let (kind, length) = wire::length(head).map_err(|e| fault::internal("a SQL worker", &e))?;
        let mut body = vec![0; length];
        self.socket.read_exact(&mut body).await.map_err(|e| ended(&e))?;
        Ok((kind, body))
    }

    async fn text(&mut self, order: &Order) -> Result<String> {
        self.order(order).await?;
        match self.receive().await? {
            (Kind::Text, body) => String::from_utf8(body).map_err(|e| fault::internal("a SQL worker", &e)),
            (Kind::Failed, body) => Err(failed(&body).0),
            _ => Err(fault::internal("a SQL worker", &"it answered something else")),
        }
    }
}

fn failed(body: &[u8]) -> (Error, Option<String>) {
    match serde_json::from_slice::<Failed>(body) {
        Ok(Failed { error, column, cause }) => {
            tracing::debug!(cause, "a statement of a user failed");
            (error, column)
        }
        Err(error) => (fault::internal("a SQL worker", &error), None),
    }
}

/// A worker that ended without an answer: it ran into one of its limits, or into a bug of DuckDB's.
/// Neither harms anybody else.
fn ended(cause: &std::io::Error) -> Error {
    tracing::warn!(%cause, "a SQL worker ended before it had answered");
    Error::new(ErrorCode::QueryTooLarge, "This SQL needs more memory or time than one statement may use.")
        .hint("Read fewer rows or columns, group by less, or nest it less deeply.")
        .field("sql")
}
