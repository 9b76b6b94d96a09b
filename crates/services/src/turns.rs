//! Turns: a person has a few questions answered at the same time, and the next one when one is done,
//! in the order they were asked. One page with a hundred charts does not hold up everybody else.

use crate::Services;
use crate::catalog::Loaded;
use crate::query::key_of;
use domain::{Caller, Error, Query, Result};
use engine::Answer;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Questions of one person that are answered at the same time.
const AT_ONCE: usize = 4;

/// Who is being answered.
#[derive(Default)]
pub(crate) struct Turns(Mutex<HashMap<String, Weak<Semaphore>>>);

impl Turns {
    fn of(&self, user: &str) -> Arc<Semaphore> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.get(user).and_then(Weak::upgrade) {
            return known;
        }
        // Whoever waits for nothing is forgotten.
        all.retain(|_, turns| turns.strong_count() > 0);
        let turns = Arc::new(Semaphore::new(AT_ONCE));
        all.insert(user.to_owned(), Arc::downgrade(&turns));
        turns
    }

    /// Waits for the next turn; it ends with what it returns.
    pub(crate) async fn next(&self, user: &str) -> Result<OwnedSemaphorePermit> {
        self.of(user).acquire_owned().await.map_err(|_| Error::internal())
    }
}

impl Services {
    /// Answers a question when it is the caller's turn; at once where the answer is kept.
    pub(crate) async fn answer_in_turn(
        &self,
        caller: &Caller,
        loaded: &Arc<Loaded>,
        query: &Query,
    ) -> Result<(Arc<Answer>, bool)> {
        let bound = self.bind(loaded, query, None).await?;
        let plan = self.plan_bound(&bound, query).await?;
        let (segments, key) = (bound.segments(), key_of(&plan));
        if let Some(kept) = self.engine.kept(&segments, &key).await {
            return Ok((kept, true));
        }
        let _turn = self.turns.next(&caller.user_id).await?;
        self.engine.query(&plan, &segments, &key, false).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn a_person_waits_for_their_own_questions_only() {
        let turns = Turns::default();
        let mut held = Vec::new();
        for _ in 0..AT_ONCE {
            held.push(turns.next("a").await.unwrap());
        }
        let wait = tokio::time::timeout(Duration::from_millis(20), turns.next("a"));
        assert!(wait.await.is_err());
        assert!(turns.next("b").await.is_ok());
        held.pop();
        assert!(turns.next("a").await.is_ok());
        drop(held);
        drop(turns.next("c").await.unwrap());
        _ = turns.of("d");
        assert_eq!(turns.0.lock().unwrap().len(), 1);
    }
}
