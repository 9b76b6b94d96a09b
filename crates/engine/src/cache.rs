//! Answers that are kept, and questions that are being answered. Identical questions in flight
//! run once: whoever still waits drives the run on, and when nobody waits any more it stops.

use crate::answer::Answer;
use crate::fault::lock;
use domain::Result;
use futures::FutureExt;
use futures::future::{BoxFuture, Shared, WeakShared};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

type Numbered = (u64, WeakShared<Run>);
type Run = BoxFuture<'static, Result<Arc<Answer>>>;

/// Kept answers, by the caller's key, which holds the plan, the policies and the data's version.
pub(crate) struct Answers {
    kept: moka::future::Cache<Arc<str>, Arc<Answer>>,
    running: Arc<Running>,
}

#[derive(Default)]
struct Running {
    /// Each with a number of its own, so that a run takes only itself out.
    by_key: Mutex<HashMap<Arc<str>, Numbered>>,
    next: std::sync::atomic::AtomicU64,
}

/// Takes a run out of the list when it ends, however it ends.
struct Entered {
    running: Arc<Running>,
    key: Arc<str>,
    number: u64,
}

impl Drop for Entered {
    fn drop(&mut self) {
        let mut by_key = lock(&self.running.by_key);
        if by_key.get(&self.key).is_some_and(|(number, _)| *number == self.number) {
            by_key.remove(&self.key);
        }
    }
}

impl Answers {
    pub(crate) fn new(bytes: u64) -> Self {
        let kept = moka::future::Cache::builder()
            .max_capacity(bytes)
            .weigher(|key: &Arc<str>, answer: &Arc<Answer>| {
                u32::try_from(key.len() + answer.weight()).unwrap_or(u32::MAX)
            })
            .build();
        Self { kept, running: Arc::default() }
    }

    pub(crate) async fn get(&self, key: &str) -> Option<Arc<Answer>> {
        self.kept.get(key).await
    }

    /// Joins the run of that key, or starts the one that `start` makes. An error is kept for
    /// nobody but those who waited for it.
    pub(crate) async fn run<F>(&self, key: &str, start: impl FnOnce() -> F) -> Result<Arc<Answer>>
    where
        F: Future<Output = Result<Answer>> + Send + 'static,
    {
        let shared = {
            let mut by_key = lock(&self.running.by_key);
            match by_key.get(key).and_then(|(_, run)| run.upgrade()) {
                Some(run) => run,
                None => {
                    let number = self.running.next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    let key: Arc<str> = key.into();
                    let run = self.enter(key.clone(), number, start());
                    if let Some(weak) = run.downgrade() {
                        by_key.insert(key, (number, weak));
                    }
                    run
                }
            }
        };
        shared.await
    }

    fn enter<F>(&self, key: Arc<str>, number: u64, work: F) -> Shared<Run>
    where
        F: Future<Output = Result<Answer>> + Send + 'static,
    {
        let entered = Entered { running: self.running.clone(), key: key.clone(), number };
        let kept = self.kept.clone();
        let run: Run = async move {
            let answer = Arc::new(work.await?);
            kept.insert(key, answer.clone()).await;
            drop(entered);
            Ok(answer)
        }
        .boxed();
        run.shared()
    }

    /// Bytes that kept answers take, about.
    pub(crate) fn weight(&self) -> u64 {
        self.kept.weighted_size()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Error, Table};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    fn answer() -> Answer {
        Answer::new(Table::default(), Duration::ZERO, String::new())
    }

    #[tokio::test]
    async fn identical_questions_in_flight_run_once_even_when_the_first_caller_leaves() {
        let answers = Arc::new(Answers::new(1 << 20));
        let runs = Arc::new(AtomicUsize::new(0));
        let ask = || {
            let (answers, runs) = (answers.clone(), runs.clone());
            async move {
                let work = || async move {
                    runs.fetch_add(1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    Ok(answer())
                };
                answers.run("k", work).await
            }
        };
        let first = tokio::spawn(ask());
        tokio::time::sleep(Duration::from_millis(10)).await;
        let others: Vec<_> = (0..10).map(|_| tokio::spawn(ask())).collect();
        tokio::time::sleep(Duration::from_millis(10)).await;
        first.abort();
        for other in others {
            assert!(other.await.unwrap().is_ok());
        }
        assert_eq!(runs.load(Ordering::SeqCst), 1);
        assert!(answers.get("k").await.is_some());
        assert!(lock(&answers.running.by_key).is_empty());
    }

    #[tokio::test]
    async fn an_error_is_not_kept_and_an_abandoned_run_leaves_nothing() {
        let answers = Answers::new(1 << 20);
        assert!(answers.run("k", || async { Err(Error::internal()) }).await.is_err());
        assert!(answers.get("k").await.is_none());
        assert!(answers.run("k", || async { Ok(answer()) }).await.is_ok());
        let forever = answers.run("x", || async {
            tokio::time::sleep(Duration::from_secs(60)).await;
            Ok(answer())
        });
        assert!(tokio::time::timeout(Duration::from_millis(20), forever).await.is_err());
        assert!(lock(&answers.running.by_key).is_empty());
    }
}
