//! The gate without a worker: for fuzzing and its tests, which try thousands of statements a second.
//! Nothing of it runs a statement.

use super::gate;
use super::worker::Instance;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};

/// As deep as in a worker.
const STACK: usize = 256 << 20;

type Question = (String, Sender<Option<Passed>>);

/// A statement that passed the gate.
pub struct Passed {
    /// What every table that it may read begins with.
    pub prefix: String,
    /// The tables that it reads, as DuckDB lists them.
    pub reads: Vec<String>,
}

/// A parser, and the gate behind it.
pub struct Probe(Mutex<Sender<Question>>);

impl Probe {
    /// Starts one, on a thread of its own.
    ///
    /// # Errors
    /// DuckDB does not open.
    pub fn open() -> Result<Self, String> {
        let (ask, questions) = channel::<Question>();
        let (started, begins) = channel();
        let work = move || match Instance::open(super::LEAST_MEMORY, 1) {
            Ok(instance) => {
                let _ = started.send(Ok(()));
                serve(&instance, &questions);
            }
            Err(cause) => {
                let _ = started.send(Err(cause));
            }
        };
        std::thread::Builder::new().stack_size(STACK).spawn(work).map_err(|e| e.to_string())?;
        begins.recv().map_err(|e| e.to_string())??;
        Ok(Self(Mutex::new(ask)))
    }

    /// What becomes of a statement; nothing where it is refused.
    ///
    /// # Panics
    /// The gate panicked.
    pub fn judge(&self, sql: &str) -> Option<Passed> {
        let (answer, answers) = channel();
        let asked = self.0.lock().unwrap_or_else(PoisonError::into_inner).send((sql.to_owned(), answer));
        assert!(asked.is_ok(), "the gate panicked at a statement before this one");
        match answers.recv() {
            Ok(answer) => answer,
            Err(_) => panic!("the gate panicked at {sql}"),
        }
    }
}

fn serve(instance: &Instance, questions: &Receiver<Question>) {
    while let Ok((sql, answer)) = questions.recv() {
        let _ = answer.send(judge(instance, &sql));
    }
}

/// The steps of [`super::view`], in this process.
fn judge(instance: &Instance, text: &str) -> Option<Passed> {
    const CATALOG: &str = "u_0123456789abcdef0123456789abcdef";
    if text.len() > super::view::MAX_TEXT || text.contains('\0') {
        return None;
    }
    let passed = gate::check(text, &instance.parse(text).ok()?, CATALOG).ok()?;
    let printed = instance.print(&passed.tree.to_string()).ok()?;
    gate::verify(&printed, &instance.parse(&printed).ok()?, CATALOG, &passed.tables).ok()?;
    let listed = match gate::without_asof(&passed.tree) {
        Some(plain) => instance.print(&plain.to_string()).ok()?,
        None => printed,
    };
    let reads = instance.tables(&listed)?;
    Some(Passed { prefix: format!("{CATALOG}.main."), reads })
}
