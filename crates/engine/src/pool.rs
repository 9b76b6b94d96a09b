//! The bounded pool on which questions run: a fixed number of connections to one instance, a
//! bounded queue before them, a deadline for each job, and a real stop when nobody waits any more. The
//! queue is as long as can be worked off in a few seconds, so that a flood is over soon after it ends.

use crate::fault::{self, lock};
use domain::Result;
use duckdb::{Connection, InterruptHandle};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;

/// How long jobs may have to wait before further ones are turned away.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) struct Pool {
    /// One connection stays here to make others from, should one be lost.
    root: Mutex<Connection>,
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
    waiting: AtomicUsize,
    max_waiting: usize,
    size: usize,
    /// How long jobs took lately, in microseconds.
    usual_us: AtomicU64,
}

/// Says to a running job that nobody wants its result.
pub(crate) struct Stop {
    set: AtomicBool,
    /// Under the lock so that no interrupt reaches a connection after its job has ended.
    finished: Mutex<bool>,
    handle: Arc<InterruptHandle>,
}

impl Stop {
    /// Whether the job should end.
    pub(crate) fn is_set(&self) -> bool {
        self.set.load(Ordering::Relaxed)
    }

    fn finish(&self) {
        *lock(&self.finished) = true;
    }

    /// Interrupts the running statement; false once the job has ended.
    fn interrupt(&self) -> bool {
        let finished = lock(&self.finished);
        if !*finished {
            self.handle.interrupt();
        }
        !*finished
    }
}

/// Stops the job when the future that waits for it is dropped.
struct StopOnDrop(Option<Arc<Stop>>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        let Some(stop) = self.0.take() else { return };
        stop.set.store(true, Ordering::Relaxed);
        if !stop.interrupt() {
            return;
        }
        // DuckDB forgets an interrupt that comes just before a statement begins: repeat it.
        let repeat = async move {
            while stop.interrupt() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(repeat);
        }
    }
}

struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Pool {
    /// `size` connections to the instance of `root`; at most `max_waiting` jobs wait for one.
    pub(crate) fn new(root: Connection, size: usize, max_waiting: usize) -> Result<Self> {
        let idle: duckdb::Result<Vec<Connection>> = (0..size).map(|_| root.try_clone()).collect();
        let idle = idle.map_err(|e| fault::internal("connecting", &e))?;
        Ok(Self {
            root: Mutex::new(root),
            idle: Mutex::new(idle),
            permits: Arc::new(Semaphore::new(size)),
            waiting: AtomicUsize::new(0),
            max_waiting,
            size,
            usual_us: AtomicU64::new(0),
        })
    }

    /// Whether one more would wait for too long behind so many. One for each connection may always wait.
    fn is_full(&self, waiting: usize) -> bool {
        let rounds = (waiting / self.size.max(1)) as u64;
        let wait = Duration::from_micros(self.usual_us.load(Ordering::Relaxed).saturating_mul(rounds));
        waiting >= self.max_waiting || wait > PATIENCE
    }

    fn took(&self, time: Duration) {
        let time = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let usual = self.usual_us.load(Ordering::Relaxed);
        // Lost where two end at once: it is a mean, and the next ones count.
        self.usual_us.store(usual - usual / 8 + time / 8, Ordering::Relaxed);
    }

    /// Runs `work` on a thread where blocking is allowed. Dropping the future stops it.
    pub(crate) async fn run<T, F>(self: &Arc<Self>, timeout: Duration, work: F) -> Result<T>
    where
        F: FnOnce(&Connection, &Stop) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        let deadline = Instant::now() + timeout;
        let permit = {
            let before = self.waiting.fetch_add(1, Ordering::Relaxed);
            let _waiting = Waiting(&self.waiting);
            if self.permits.available_permits() == 0 && self.is_full(before) {
                return Err(fault::overloaded());
            }
            let acquired = tokio::time::timeout_at(deadline, self.permits.clone().acquire_owned()).await;
            acquired.map_err(|_| fault::overloaded())?.map_err(|e| fault::internal("pool", &e))?
        };
        let connection = self.take()?;
        let stop = Arc::new(Stop {
            set: AtomicBool::new(false),
            finished: Mutex::new(false),
            handle: connection.interrupt_handle(),
        });
        let mut guard = StopOnDrop(Some(stop.clone()));
        let pool = self.clone();
        let task = tokio::task::spawn_blocking(move || {
            let began = Instant::now();
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                if stop.is_set() {
                    return Err(fault::cancelled());
                }
                work(&connection, &stop)
            }));
            stop.finish();
            pool.took(began.elapsed());
            let result = match outcome {
                Ok(result) => {
                    lock(&pool.idle).push(connection);
                    result
                }
                // The connection's state is unknown: let it go, `take` makes another one.
                Err(_) => Err(fault::internal("a job", &"it panicked")),
            };
            drop(permit);
            result
        });
        let done = tokio::time::timeout_at(deadline, task).await;
        match done {
            Ok(joined) => {
                guard.0 = None;
                joined.map_err(|e| fault::internal("a job", &e))?
            }
            Err(_) => Err(fault::timeout(timeout.as_secs().max(1))),
        }
    }

    fn take(&self) -> Result<Connection> {
        if let Some(connection) = lock(&self.idle).pop() {
            return Ok(connection);
        }
        lock(&self.root).try_clone().map_err(|e| fault::internal("connecting", &e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ErrorCode;

    const LONG: Duration = Duration::from_secs(20);

    fn pool(size: usize, max_waiting: usize) -> Arc<Pool> {
        Arc::new(Pool::new(Connection::open_in_memory().unwrap(), size, max_waiting).unwrap())
    }

    #[tokio::test]
    async fn a_full_queue_turns_away_and_recovers() {
        let pool = pool(1, 2);
        let (release, wait) = std::sync::mpsc::channel::<()>();
        let busy = tokio::spawn({
            let pool = pool.clone();
            async move { pool.run(LONG, move |_, _| Ok(wait.recv().is_ok())).await }
        });
        tokio::time::sleep(Duration::from_millis(20)).await;
        let waiting: Vec<_> = (0..2)
            .map(|n| {
                let pool = pool.clone();
                tokio::spawn(async move { pool.run(LONG, move |_, _| Ok(n)).await })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(20)).await;
        let error = pool.run(LONG, |_, _| Ok(0)).await.unwrap_err();
        assert_eq!((error.code, error.code.status()), (ErrorCode::Overloaded, 503));
        release.send(()).unwrap();
        assert!(busy.await.unwrap().unwrap());
        for one in waiting {
            assert!(one.await.unwrap().is_ok());
        }
        assert!(pool.run(LONG, |_, _| Ok(0)).await.is_ok());
    }

    #[test]
    fn the_queue_is_as_long_as_a_few_seconds() {
        let pool = pool(4, 1_000);
        assert!(!pool.is_full(999) && pool.is_full(1_000), "nothing is known of how long jobs take");
        for _ in 0..100 {
            pool.took(Duration::from_secs(1));
        }
        assert!(!pool.is_full(20), "five rounds of a second");
        assert!(pool.is_full(24));
        for _ in 0..100 {
            pool.took(Duration::from_secs(60));
        }
        assert!(!pool.is_full(3), "a round may always wait");
        assert!(pool.is_full(4));
        for _ in 0..200 {
            pool.took(Duration::from_millis(2));
        }
        assert!(!pool.is_full(999), "a flood of quick ones waits");
    }

    #[tokio::test]
    async fn a_job_that_panics_costs_nobody_a_connection() {
        let pool = pool(1, 10);
        for _ in 0..3 {
            let error = pool.run(LONG, |_, _| -> Result<()> { panic!("a bug") }).await.unwrap_err();
            assert_eq!(error.code, ErrorCode::Internal);
        }
        let one = pool.run(LONG, |c, _| Ok(c.query_row("SELECT 1", [], |r| r.get::<_, i32>(0)).unwrap()));
        assert_eq!(one.await.unwrap(), 1);
    }

    #[tokio::test]
    async fn an_interrupt_never_hits_the_next_job() {
        let pool = pool(1, 10);
        for _ in 0..50 {
            let slow = pool.run(LONG, |c, _| {
                let sql = "SELECT count(*) FROM range(100000000) a, range(1000) b WHERE a.range + b.range = 3";
                c.execute_batch(sql).map_err(|e| fault::question(&e))
            });
            assert!(tokio::time::timeout(Duration::from_millis(3), slow).await.is_err());
            let next = pool.run(LONG, |c, _| {
                c.execute_batch("SELECT count(*) FROM range(200000)").map_err(|e| fault::question(&e))
            });
            assert_eq!(next.await, Ok(()));
        }
    }
}
