//! PostgreSQL: whole questions are answered there, in its own dialect, over a few connections that
//! can only read.

mod catalog;
mod connect;
mod fault;
mod values;

use super::{Ask, Found, Kind, Reads, Rows, Rules, Spec, field, needed, preset};
use crate::engine;
use crate::fault::{cancelled, lock, overloaded, timeout, too_large};
use connect::{Address, Tls};
use domain::source::{SourceField, SourceInput};
use domain::{Error, ErrorCode, Result};
use futures::StreamExt;
use futures::future::{BoxFuture, FutureExt};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, RowStream};

/// Connections to one server: its own work goes first.
const CONNECTIONS: usize = 4;
/// The most memory that one answer's rows may take.
const MAX_BYTES: usize = 256 << 20;
/// How often a question that nobody waits for is cancelled before its connection is given up, and the
/// time in between.
const CANCELS: u32 = 50;
const BETWEEN_CANCELS: Duration = Duration::from_millis(200);
/// The oldest version whose SQL ours is.
const OLDEST: i32 = 120_000;

pub(super) const KIND: Kind = Kind {
    name: "postgres",
    label: "PostgreSQL",
    about: "A PostgreSQL database, version 12 or later. Whole questions are answered there; nothing is copied, and \
            nothing is ever written.",
    tells_changes: false,
    dialect: semantic::Dialect::Postgres,
    fields,
    open,
};

fn fields() -> Vec<SourceField> {
    vec![
        needed("host", "Host", "Name or address of the server.", SourceInput::Text),
        preset("port", "Port", "Its port.", SourceInput::Number, "5432"),
        needed("database", "Database", "Name of the database.", SourceInput::Text),
        needed("user", "User", "A user that may do nothing but read is the right one.", SourceInput::Text),
        field("password", "Password", "Kept encrypted and never shown again.", SourceInput::Secret),
        SourceField {
            choices: connect::MODES.iter().map(|m| (*m).to_owned()).collect(),
            ..preset(
                "tls",
                "Encryption",
                "verify_full checks the server's certificate and name; require only encrypts; disable does neither.",
                SourceInput::Choice,
                connect::MODES[0],
            )
        },
        field(
            "ca_certificate",
            "CA certificate",
            "PEM text of who signed the server's certificate, where that is not a public authority.",
            SourceInput::LongText,
        ),
    ]
}

fn open(spec: &Spec, rules: &Rules, engine: &engine::Inner) -> Result<Arc<dyn Reads>> {
    let address = Address::of(spec)?;
    let tls = Tls::of(spec)?;
    Ok(Arc::new(Postgres {
        id: spec.id.clone(),
        address,
        tls,
        hosts: rules.hosts.clone(),
        timeout: engine.config.timeout,
        permits: Semaphore::new(CONNECTIONS),
        idle: Mutex::default(),
    }))
}

struct Postgres {
    id: String,
    address: Address,
    tls: Tls,
    hosts: super::Hosts,
    timeout: Duration,
    permits: Semaphore,
    idle: Mutex<Vec<Client>>,
}

/// A connection at work. Dropped before it is done, what it does is cancelled at the server and the
/// connection is given up.
struct Working {
    client: Option<Client>,
    tls: Tls,
}

impl Working {
    fn client(&self) -> Result<&Client> {
        self.client.as_ref().ok_or_else(cancelled)
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        let Some(client) = self.client.take().filter(|c| !c.is_closed()) else { return };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let tls = self.tls.clone();
        runtime.spawn(async move {
            // A request that comes between two statements is forgotten: repeat it until the connection
            // takes the next one.
            let next = client.batch_execute(semantic::session::END);
            futures::pin_mut!(next);
            for _ in 0..CANCELS {
                if let Err(error) = tls.cancel(&client).await {
                    tracing::debug!(%error, "a question could not be cancelled in its source");
                }
                if tokio::time::timeout(BETWEEN_CANCELS, &mut next).await.is_ok() {
                    return;
                }
            }
        });
    }
}

/// What went wrong.
struct Failed {
    error: Error,
    /// Another connection may do better.
    is_lost: bool,
    /// The server has ended the statement: nothing runs any more.
    is_over: bool,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self { error, is_lost: false, is_over: false }
    }
}

impl From<tokio_postgres::Error> for Failed {
    fn from(error: tokio_postgres::Error) -> Self {
        let is_lost = fault::is_lost(&error);
        Self { error: fault::question(&error), is_lost, is_over: !is_lost && error.as_db_error().is_some() }
    }
}

/// What a connection is wanted for.
enum Job {
    Version,
    Columns,
    Question(Ask),
}

/// What came of it.
enum Done {
    Version(i32, String),
    Columns(Vec<catalog::Read>),
    Question(Rows),
}

/// Does it in a transaction that can only read and ends by itself.
async fn work(client: &Client, job: &Job, left: Duration) -> Result<Done, Failed> {
    let millis = left.as_millis().clamp(1, 86_400_000);
    client.batch_execute(&semantic::session::begin(millis)).await?;
    let done = match job {
        Job::Version => {
            let (number, name) = catalog::version(client).await?;
            Done::Version(number, name)
        }
        Job::Columns => Done::Columns(catalog::columns(client).await?),
        Job::Question(ask) => Done::Question(read(client, ask).await?),
    };
    client.batch_execute(semantic::session::END).await?;
    Ok(done)
}

impl Postgres {
    /// Does something over a connection, within the time that a question has. A connection that the
    /// server has closed since it was last used is replaced.
    async fn run_job(&self, job: Job) -> Result<Done> {
        let deadline = Instant::now() + self.timeout;
        let permit = timeout_at(deadline, self.permits.acquire()).await;
        let _permit = permit.map_err(|_| overloaded())?.map_err(|_| cancelled())?;
        let run = async {
            loop {
                let idle = lock(&self.idle).pop();
                let is_new = idle.is_none();
                let client = match idle {
                    Some(client) => client,
                    None => connect::connect(&self.address, &self.tls, &self.hosts).await?,
                };
                let mut working = Working { client: Some(client), tls: self.tls.clone() };
                let left = deadline.saturating_duration_since(Instant::now());
                match work(working.client()?, &job, left).await {
                    Ok(done) => {
                        lock(&self.idle).extend(working.client.take());
                        return Ok(done);
                    }
                    Err(failed) if failed.is_lost && !is_new => {}
                    Err(failed) => {
                        if failed.is_over && working.client()?.batch_execute(semantic::session::END).await.is_ok() {
                            lock(&self.idle).extend(working.client.take());
                        }
                        return Err(failed.error);
                    }
                }
            }
        };
        timeout_at(deadline, run).await.map_err(|_| timeout(self.timeout.as_secs().max(1)))?
    }
}

async fn read(client: &Client, ask: &Ask) -> Result<Rows, Failed> {
    let nothing = std::iter::empty::<(&(dyn ToSql + Sync), Type)>();
    let stream: RowStream = client.query_typed_raw(&ask.sql, nothing).await?;
    futures::pin_mut!(stream);
    let zone = crate::clock::Zone::of(&ask.timezone);
    let mut columns: Vec<Vec<domain::Cell>> = vec![Vec::new(); ask.types.len()];
    let (mut rows, mut bytes) = (0_usize, 0_usize);
    while let Some(row) = stream.next().await {
        let row = row?;
        if rows == ask.limit {
            return Ok((columns, true));
        }
        if columns.is_empty() {
            columns = vec![Vec::new(); row.len()];
        }
        for (at, column) in columns.iter_mut().enumerate() {
            let cell = values::cell(&row, at, ask.types.get(at).copied(), &zone)?;
            bytes += crate::convert::weight(&cell);
            column.push(cell);
        }
        if bytes > MAX_BYTES {
            return Err(too_large().into());
        }
        rows += 1;
    }
    Ok((columns, false))
}

impl Reads for Postgres {
    fn version(&self) -> BoxFuture<'_, Result<Option<String>>> {
        std::future::ready(Ok(None)).boxed()
    }

    fn test(&self) -> BoxFuture<'_, Result<String>> {
        async move {
            let Done::Version(number, name) = self.run_job(Job::Version).await? else { return Err(Error::internal()) };
            if number < OLDEST {
                return Err(Error::new(
                    ErrorCode::NotSupported,
                    format!("PostgreSQL {name} answers, but questions need version 12 or later."),
                ));
            }
            Ok(format!("PostgreSQL {name} answers."))
        }
        .boxed()
    }

    fn tables(&self) -> BoxFuture<'_, Result<Vec<Found>>> {
        async move {
            let Done::Columns(columns) = self.run_job(Job::Columns).await? else { return Err(Error::internal()) };
            Ok(catalog::tables(columns, &self.id))
        }
        .boxed()
    }

    fn run(&self, ask: Ask) -> BoxFuture<'_, Result<Rows>> {
        async move {
            let Done::Question(rows) = self.run_job(Job::Question(ask)).await? else { return Err(Error::internal()) };
            Ok(rows)
        }
        .boxed()
    }
}
