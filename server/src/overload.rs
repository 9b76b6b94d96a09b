//! More requests than can be answered: so many are worked on, a few more wait for a moment, and the
//! others are told at once to come back. What was let in gets its answer, and memory stays bounded.
//! Nobody takes all places alone.

use crate::http::Failure;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::{Error, ErrorCode};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Requests that are worked on at the same time, for each core ...
const FOR_EACH_CORE: usize = 32;
/// ... and on the smallest machine.
const LEAST: usize = 64;
/// Uploads at the same time: they take as long as their sender takes.
const UPLOADS: usize = 32;
/// Requests that may wait for a place.
const WAITING: usize = 128;
/// How long they wait.
const PATIENCE: Duration = Duration::from_secs(1);

/// Who is let in.
pub(crate) struct Gate {
    places: Arc<Semaphore>,
    uploads: Arc<Semaphore>,
    waiting: AtomicUsize,
    patience: Duration,
    /// Places that one session or token may have, and all together who have neither.
    most_of_one: usize,
    of_one: Mutex<HashMap<u64, usize>>,
}

/// A place among those that are worked on.
struct Place {
    gate: Arc<Gate>,
    who: u64,
    _permit: OwnedSemaphorePermit,
}

impl Gate {
    pub(crate) fn new() -> Arc<Self> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self::of((cores * FOR_EACH_CORE).max(LEAST), UPLOADS, PATIENCE)
    }

    fn of(at_once: usize, uploads: usize, patience: Duration) -> Arc<Self> {
        Arc::new(Self {
            places: Arc::new(Semaphore::new(at_once)),
            uploads: Arc::new(Semaphore::new(uploads)),
            waiting: AtomicUsize::new(0),
            patience,
            most_of_one: (at_once / 4 * 3).max(1),
            of_one: Mutex::default(),
        })
    }

    async fn enter(self: &Arc<Self>, who: u64, is_upload: bool) -> Result<Place, Error> {
        // The seat is taken first: who waits counts, too.
        let mut seat = self.sit(who)?;
        let places = if is_upload { &self.uploads } else { &self.places };
        let permit = match places.clone().try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => self.wait(places).await?,
        };
        seat.is_taken = false;
        Ok(Place { gate: self.clone(), who, _permit: permit })
    }

    fn sit(self: &Arc<Self>, who: u64) -> Result<Seat, Error> {
        let mut of_one = self.of_one.lock().unwrap_or_else(PoisonError::into_inner);
        let count = of_one.entry(who).or_default();
        if *count >= self.most_of_one {
            return Err(Error::new(ErrorCode::TooManyRequests, "You ask for too many things at once.")
                .hint("Wait for some of the answers, and then ask again."));
        }
        *count += 1;
        Ok(Seat { gate: self.clone(), who, is_taken: true })
    }

    fn stand_up(&self, who: u64) {
        let mut of_one = self.of_one.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = of_one.get_mut(&who) {
            *count -= 1;
            if *count == 0 {
                of_one.remove(&who);
            }
        }
    }

    async fn wait(&self, places: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Error> {
        let busy = || {
            Error::new(ErrorCode::Overloaded, "The server has more to do than it can.")
                .hint("Try again in a few seconds.")
        };
        let before = self.waiting.fetch_add(1, Ordering::Relaxed);
        let _waiting = Waiting(&self.waiting);
        if before >= WAITING {
            return Err(busy());
        }
        match tokio::time::timeout(self.patience, places.clone().acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(busy()),
        }
    }
}

/// One of those that somebody may have at the same time.
struct Seat {
    gate: Arc<Gate>,
    who: u64,
    /// Until a place has it.
    is_taken: bool,
}

impl Drop for Seat {
    fn drop(&mut self) {
        if self.is_taken {
            self.gate.stand_up(self.who);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.gate.stand_up(self.who);
    }
}

struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Lets a request in, or says when to come back.
pub(crate) async fn admit(State(gate): State<Arc<Gate>>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_upload = *request.method() == Method::POST && matches!(path, "/api/v1/datasets" | "/api/v1/uploads");
    match gate.enter(asker(request.headers()), is_upload).await {
        Ok(_place) => next.run(request).await,
        Err(error) => Failure(error).into_response(),
    }
}

/// Tells one session or token from others, before anybody knows whether it is valid.
fn asker(headers: &HeaderMap) -> u64 {
    let mut hasher = DefaultHasher::new();
    for name in [header::AUTHORIZATION, header::COOKIE] {
        headers.get(name).map(|value| value.as_bytes()).hash(&mut hasher);
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_too_much_is_told_and_uploads_have_places_of_their_own() {
        let gate = Gate::of(1, 1, Duration::ZERO);
        let _one = gate.enter(1, false).await.unwrap();
        let late = gate.enter(3, false).await.err().unwrap();
        assert_eq!((late.code, late.code.status()), (ErrorCode::Overloaded, 503));
        assert!(gate.enter(3, true).await.is_ok());
    }

    #[tokio::test]
    async fn places_come_back() {
        let gate = Gate::of(2, 1, Duration::from_secs(60));
        let [one, two] = [gate.enter(1, false).await.unwrap(), gate.enter(2, false).await.unwrap()];
        let waits = tokio::spawn({
            let gate = gate.clone();
            async move { gate.enter(3, false).await.map(drop) }
        });
        tokio::task::yield_now().await;
        drop(one);
        assert!(waits.await.unwrap().is_ok());
        drop(two);
        assert!(gate.of_one.lock().unwrap().is_empty());
        assert_eq!(gate.waiting.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn nobody_takes_all_places() {
        let gate = Gate::of(64, 1, PATIENCE);
        let mut held = Vec::new();
        for _ in 0..48 {
            held.push(gate.enter(1, false).await.unwrap());
        }
        assert_eq!(gate.enter(1, false).await.err().unwrap().code.status(), 429);
        assert!(gate.enter(2, false).await.is_ok());
        held.pop();
        assert!(gate.enter(1, false).await.is_ok());
    }
}
