//! The workers: threads that take pictures from one bounded queue.

use super::fonts::Fonts;
use super::raster::{self, Piece};
use super::script::{STACK, Script};
use super::{Limits, PaperError, Size};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use tokio::sync::oneshot;

/// Pictures after which an engine is replaced, in case something piles up in it.
const MOST_DRAWN: u32 = 1000;

/// Where an answer goes, and whether anybody still waits for it.
pub(super) struct Answer<T> {
    send: oneshot::Sender<Result<T, PaperError>>,
    gone: Arc<AtomicBool>,
}

pub(super) enum Task {
    Svg { option: String, size: Size, answer: Answer<String> },
    Sheet { pieces: Vec<Piece>, size: Size, scale: f32, answer: Answer<Vec<u8>> },
}

#[derive(Default)]
struct Queue {
    tasks: VecDeque<Task>,
    /// Workers started so far, and those that wait.
    workers: usize,
    idle: usize,
    closed: bool,
}

struct Shared {
    queue: Mutex<Queue>,
    more: Condvar,
    source: String,
    fonts: Arc<Fonts>,
    limits: Limits,
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) struct Pool(Arc<Shared>);

impl Pool {
    pub(super) fn new(source: String, fonts: Fonts, limits: Limits) -> Self {
        let (queue, more) = (Mutex::default(), Condvar::new());
        Self(Arc::new(Shared { queue, more, source, fonts: Arc::new(fonts), limits }))
    }

    pub(super) fn fonts(&self) -> &Fonts {
        &self.0.fonts
    }

    /// Puts a task into the queue and waits for its answer. Dropping the future stops the task.
    pub(super) async fn run<T>(&self, task: impl FnOnce(Answer<T>) -> Task) -> Result<T, PaperError> {
        let (send, answer) = oneshot::channel();
        let gone = Arc::new(AtomicBool::new(false));
        let _leaving = Leaving(gone.clone());
        self.put(task(Answer { send, gone }))?;
        answer.await.unwrap_or_else(|_| Err(PaperError::Broken("the worker ended".into())))
    }

    fn put(&self, task: Task) -> Result<(), PaperError> {
        let mut queue = self.0.queue();
        if queue.tasks.len() >= self.0.limits.queue {
            return Err(PaperError::Busy);
        }
        queue.tasks.push_back(task);
        if queue.tasks.len() > queue.idle && queue.workers < self.0.limits.threads.max(1) {
            let shared = self.0.clone();
            let worker = thread::Builder::new().name("paper".into()).stack_size(STACK + (4 << 20));
            match worker.spawn(move || work(&shared)) {
                Ok(_) => queue.workers += 1,
                // The workers that there are will come to it.
                Err(_) if queue.workers > 0 => {}
                Err(error) => {
                    queue.tasks.pop_back();
                    return Err(PaperError::Start(error.to_string()));
                }
            }
        }
        self.0.more.notify_one();
        Ok(())
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.0.queue().closed = true;
        self.0.more.notify_all();
    }
}

/// Tells the worker that nobody waits any more.
struct Leaving(Arc<AtomicBool>);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn next(shared: &Shared) -> Option<Task> {
    let mut queue = shared.queue();
    loop {
        if queue.closed {
            return None;
        }
        if let Some(task) = queue.tasks.pop_front() {
            return Some(task);
        }
        queue.idle += 1;
        queue = shared.more.wait(queue).unwrap_or_else(PoisonError::into_inner);
        queue.idle -= 1;
    }
}

fn work(shared: &Shared) {
    let mut engine = Engine::default();
    while let Some(task) = next(shared) {
        match task {
            Task::Svg { option, size, answer } => {
                answer.with(|gone| {
                    // A panic would take the thread and the engine with it.
                    let drawn = catch_unwind(AssertUnwindSafe(|| engine.draw(shared, &option, size, gone)));
                    drawn.unwrap_or_else(|_| {
                        engine = Engine::default();
                        Err(PaperError::Broken("drawing panicked".into()))
                    })
                });
            }
            Task::Sheet { pieces, size, scale, answer } => {
                let paint = || raster::sheet(&pieces, size, scale, &shared.fonts);
                answer.with(|_| {
                    catch_unwind(AssertUnwindSafe(paint))
                        .unwrap_or_else(|_| Err(PaperError::Broken("painting panicked".into())))
                });
            }
        }
    }
}

impl<T> Answer<T> {
    fn with(self, make: impl FnOnce(Arc<AtomicBool>) -> Result<T, PaperError>) {
        if !self.gone.load(Ordering::Relaxed) {
            // One who left meanwhile needs no answer.
            let _ = self.send.send(make(self.gone));
        }
    }
}

/// The engine of a worker: made when it is needed, and again after it hit a limit.
#[derive(Default)]
struct Engine {
    script: Option<Script>,
    drawn: u32,
}

impl Engine {
    fn draw(&mut self, shared: &Shared, option: &str, size: Size, gone: Arc<AtomicBool>) -> Result<String, PaperError> {
        if self.drawn >= MOST_DRAWN {
            *self = Self::default();
        }
        let script = match &mut self.script {
            Some(script) => script,
            none => none.insert(Script::start(&shared.source, &shared.fonts, shared.limits)?),
        };
        let drawn = script.draw(option, size, Box::new(move || gone.load(Ordering::Relaxed)));
        self.drawn += 1;
        if drawn.is_err() {
            *self = Self::default();
        }
        drawn
    }
}
