//! The SQL worker: a process of its own that answers one statement and ends. It has no environment and
//! no files but the databases in scope, and is told what to do over its standard input, a socket.

use super::wire::{self, Done, Failed, Kind, Order, Run, View};
use super::{confine, explain};
use crate::{duck, types};
use domain::Error;
use duckdb::arrow::array::{Array, RecordBatch};
use duckdb::{Connection, ffi};
use semantic::view;
use std::collections::HashSet;
use std::ffi::{CStr, CString};
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::ptr;
use std::time::Instant;

/// The parser and the planner of DuckDB go as deep as a statement is nested.
const STACK: usize = 256 << 20;
/// Bytes of an Arrow stream that travel together.
const PIECE: usize = 1 << 20;

/// Answers orders until the server hangs up, or the one that is the last has been answered.
pub(crate) fn serve() -> ExitCode {
    confine::close_inherited();
    let Ok(socket) = io::stdin().as_fd().try_clone_to_owned().map(UnixStream::from) else {
        return ExitCode::FAILURE;
    };
    let work = std::thread::Builder::new().stack_size(STACK).spawn(move || work(socket));
    match work.map(std::thread::JoinHandle::join) {
        Ok(Ok(Ok(()))) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn work(mut socket: UnixStream) -> io::Result<()> {
    let Order::Start { memory_bytes, threads, seconds } = order(&mut socket)? else {
        return Err(io::ErrorKind::InvalidData.into());
    };
    confine::limit(memory_bytes, seconds);
    let instance = Instance::open(memory_bytes, threads).map_err(io::Error::other)?;
    wire::send(&mut socket, Kind::Ready, &[])?;
    loop {
        match order(&mut socket) {
            Ok(Order::Parse { sql }) => {
                reply(&mut socket, instance.parse(&sql))?;
            }
            Ok(Order::Print { tree }) => {
                reply(&mut socket, instance.print(&tree))?;
            }
            Ok(Order::Run(run)) => {
                end_with(&socket);
                return match answer(&instance, &mut socket, &run) {
                    Ok(done) => wire::send(&mut socket, Kind::Done, &json(&done)),
                    Err(fault) => fail(&mut socket, &fault),
                };
            }
            Ok(Order::Start { .. }) => return Err(io::ErrorKind::InvalidData.into()),
            // The server does not need this worker any more.
            Err(_) => return Ok(()),
        }
    }
}

fn order(socket: &mut UnixStream) -> io::Result<Order> {
    let (kind, body) = wire::receive(socket)?;
    if kind != Kind::Order {
        return Err(io::ErrorKind::InvalidData.into());
    }
    serde_json::from_slice(&body).map_err(io::Error::other)
}

fn json<T: serde::Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

/// Why an order was not carried out.
enum Fault {
    /// DuckDB's words.
    Duck(String),
    Ours(Error),
    /// The server is gone.
    Socket(io::Error),
}

impl From<duckdb::Error> for Fault {
    fn from(error: duckdb::Error) -> Self {
        Self::Duck(error.to_string())
    }
}

fn reply(socket: &mut UnixStream, text: duckdb::Result<String>) -> io::Result<()> {
    match text {
        Ok(text) => wire::send(socket, Kind::Text, text.as_bytes()),
        Err(error) => fail(socket, &error.into()),
    }
}

fn fail(socket: &mut UnixStream, fault: &Fault) -> io::Result<()> {
    let (error, column, cause) = match fault {
        Fault::Duck(message) => {
            let (error, column) = explain::explain(message);
            (error, column, message.clone())
        }
        Fault::Ours(error) => (error.clone(), None, String::new()),
        Fault::Socket(error) => return Err(io::Error::from(error.kind())),
    };
    wire::send(socket, Kind::Failed, &json(&Failed { error, column, cause }))
}

/// Ends the process when the server hangs up: nobody waits for the rows any more.
fn end_with(socket: &UnixStream) {
    let Ok(mut socket) = socket.try_clone() else { return };
    std::thread::spawn(move || {
        let mut byte = [0; 1];
        let _ = io::Read::read(&mut socket, &mut byte);
        std::process::exit(1);
    });
}

/// The rows of a statement, sent as they come.
fn answer(instance: &Instance, socket: &mut UnixStream, run: &Run) -> Result<Done, Fault> {
    let db = &instance.db;
    for (name, path) in &run.files {
        let attach = view::attach_file(name, path).map_err(Fault::Ours)?;
        db.execute_batch(&attach).map_err(|_| Fault::Ours(changed()))?;
    }
    // Everything is open now: from here on the instance opens nothing, changes no setting, and the
    // system sees to it that this is so.
    duck::seal(db)?;
    let is_confined = confine::seal();
    let mut readable: HashSet<String> = run.files.iter().map(|(name, _)| qualified(name, "data")).collect();
    let mut catalogs = HashSet::new();
    // Numbers for rows cost time: only questions that tell rows apart ask for them.
    let is_numbered = run.sql.contains("rowid");
    for of in &run.views {
        define(instance, of, &mut catalogs, &mut readable, is_numbered)?;
    }
    let began = Instant::now();
    let mut statement = db.prepare(&run.sql)?;
    let schema = statement.stream_arrow([])?.get_schema();
    let pieces = Pieces { socket, waiting: Vec::with_capacity(PIECE) };
    let mut writer = arrow::ipc::writer::StreamWriter::try_new(pieces, &schema).map_err(broken)?;
    let (mut rows, mut bytes, mut is_truncated) = (0_usize, 0_usize, false);
    while let Some(batch) = statement.step()? {
        let take = batch.len().min(run.rows - rows);
        is_truncated = take < batch.len();
        rows += take;
        let batch = RecordBatch::from(&batch).slice(0, take);
        bytes += batch.get_array_memory_size();
        if bytes > run.bytes {
            return Err(Fault::Ours(crate::fault::too_large().field("sql")));
        }
        writer.write(&batch).map_err(broken)?;
        if is_truncated {
            break;
        }
    }
    writer.finish().map_err(broken)?;
    writer.into_inner().and_then(|mut pieces| Ok(pieces.flush()?)).map_err(broken)?;
    let elapsed_us = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    Ok(Done { is_truncated, elapsed_us, is_confined })
}

fn changed() -> Error {
    Error::new(domain::ErrorCode::Conflict, "The data changed while the question was asked.").hint("Ask again.")
}

fn broken(error: arrow::error::ArrowError) -> Fault {
    match error {
        arrow::error::ArrowError::IoError(_, error) => Fault::Socket(error),
        other => Fault::Duck(format!("Arrow Error: {other}")),
    }
}

fn qualified(catalog: &str, table: &str) -> String {
    format!("{catalog}.main.{table}").to_lowercase()
}

/// Makes a user's statement a table: `main.data` of a database of its own, with columns of the types
/// that questions know. It sees the tables of its catalogue, which show what may be seen.
fn define(
    instance: &Instance,
    of: &View,
    catalogs: &mut HashSet<String>,
    readable: &mut HashSet<String>,
    is_numbered: bool,
) -> Result<(), Fault> {
    let db = &instance.db;
    if catalogs.insert(of.catalog.clone()) {
        db.execute_batch(&view::attach_memory(&of.catalog))?;
        for (name, sql) in &of.tables {
            db.execute_batch(&view::create(&of.catalog, name, sql))?;
            readable.insert(qualified(&of.catalog, name));
        }
    }
    db.execute_batch(&view::attach_memory(&of.name))?;
    db.execute_batch(&view::create(&of.name, "asked", &of.sql))?;
    // The second gate: DuckDB's own account of what is read, by whatever way.
    let read = instance.tables(&of.listed).ok_or_else(|| Fault::Duck("the tables are not known".into()))?;
    if let Some(other) = read.iter().find(|name| !readable.contains(*name)) {
        tracing::error!(table = other, "a statement reads what it may not read");
        return Err(Fault::Ours(super::gate::unknown_dataset("?").field("sql")));
    }
    let mut statement = db.prepare(&view::describe(&of.name, "asked"))?;
    let columns = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    let columns: Vec<(String, String)> = columns.collect::<duckdb::Result<_>>()?;
    // Columns without a name are called by their expression, in which a table has the name of ours.
    let ours = [format!("{}.main.", of.catalog), format!("\"{}\".main.", of.catalog)];
    let written = |name: &str| ours.iter().fold(name.to_owned(), |name, ours| name.replace(ours, ""));
    let shown: Vec<(String, String)> =
        columns.iter().map(|(name, duck)| (types::shown(&semantic::sql::ident(name), duck), written(name))).collect();
    db.execute_batch(&view::create(&of.name, "data", &view::select(&shown, &of.name, "asked", is_numbered)))?;
    readable.insert(qualified(&of.name, "data"));
    // What it reads may be read again through it.
    readable.insert(qualified(&of.name, "asked"));
    Ok(())
}

/// Sends what is written in pieces.
struct Pieces<'a> {
    socket: &'a mut UnixStream,
    waiting: Vec<u8>,
}

impl Write for Pieces<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= PIECE {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if !self.waiting.is_empty() {
            wire::send(self.socket, Kind::Rows, &self.waiting)?;
            self.waiting.clear();
        }
        Ok(())
    }
}

/// The DuckDB of this process: the safe connection, and a plain one for the call that only the C
/// interface has.
pub(super) struct Instance {
    db: Connection,
    plain: ffi::duckdb_connection,
}

impl Instance {
    pub(super) fn open(memory_bytes: u64, threads: usize) -> Result<Self, String> {
        let database = duck::open_raw().map_err(|e| e.to_string())?;
        // SAFETY: the handle is open, and stays so until the process ends.
        let db = unsafe { Connection::open_from_raw(database) }.map_err(|e| e.to_string())?;
        duck::restrict_worker(&db, memory_bytes, threads).map_err(|e| e.to_string())?;
        let mut plain: ffi::duckdb_connection = ptr::null_mut();
        // SAFETY: as above; the handle is used only if the call succeeds.
        if unsafe { ffi::duckdb_connect(database, &mut plain) } != ffi::DuckDBSuccess {
            return Err("connecting".into());
        }
        Ok(Self { db, plain })
    }

    /// The text that a statement of ours makes of a text.
    fn text(&self, statement: &str, of: &str) -> duckdb::Result<String> {
        self.db.query_row(statement, [of], |row| row.get(0))
    }

    /// A text of a user as the parser reads it, as JSON.
    pub(super) fn parse(&self, sql: &str) -> duckdb::Result<String> {
        self.text("SELECT json_serialize_sql($1::VARCHAR, skip_null := true, skip_default := true)", sql)
    }

    /// A tree as SQL.
    pub(super) fn print(&self, tree: &str) -> duckdb::Result<String> {
        self.text("SELECT json_deserialize_sql($1::JSON)", tree)
    }

    /// The tables that a statement reads, through views and all; lower case.
    pub(super) fn tables(&self, sql: &str) -> Option<Vec<String>> {
        let sql = CString::new(sql).ok()?;
        // SAFETY: the connection is open; list, values and strings are read before they are given
        // back, each once.
        unsafe {
            let mut list = ffi::duckdb_get_table_names(self.plain, sql.as_ptr(), true);
            if list.is_null() {
                return None;
            }
            let names = (0..ffi::duckdb_get_list_size(list)).map(|i| {
                let mut value = ffi::duckdb_get_list_child(list, i);
                let text = ffi::duckdb_get_varchar(value);
                // An alias may follow: `"s_1".main."data" AS t`. Names of ours have no spaces.
                let name = CStr::from_ptr(text).to_string_lossy().replace('"', "").to_lowercase();
                let name = name.split_whitespace().next().unwrap_or_default().to_owned();
                ffi::duckdb_free(text.cast());
                ffi::duckdb_destroy_value(&mut value);
                name
            });
            let names = names.collect();
            ffi::duckdb_destroy_value(&mut list);
            Some(names)
        }
    }
}
