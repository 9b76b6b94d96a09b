//! The command line reaches a running server through a socket in the data directory: one line
//! with a command, one line with the answer. Only the owner of the directory can open it.

use domain::api::{Job, JobsRequest, LoadRequest, LoadResult};
use domain::{Error, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use services::{Origin, Services, Surface};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};

/// A command of the command line. Each has an answer of its own.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Order {
    Import(Box<Import>),
    ListJobs(JobsRequest),
    CancelJob(String),
    RetryJob(String),
    Backup(PathBuf),
}

/// A file to be loaded.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Import {
    pub(crate) path: PathBuf,
    pub(crate) owner: Option<String>,
    pub(crate) request: LoadRequest,
}

/// Whoever uses the command line is on this machine and may read the data directory.
pub(crate) fn origin() -> Arc<Origin> {
    Arc::new(Origin { surface: Surface::Cli, ..Origin::default() })
}

fn address(data_dir: &Path) -> PathBuf {
    data_dir.join("orrery.sock")
}

/// Answers commands until the process ends.
///
/// # Errors
/// The socket cannot be made.
pub(crate) fn listen(services: Services, data_dir: &Path) -> std::io::Result<()> {
    let path = address(data_dir);
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let services = services.clone();
            tokio::spawn(async move {
                if let Err(cause) = answer(&services, stream).await {
                    tracing::debug!(%cause, "a command was cut");
                }
            });
        }
    });
    Ok(())
}

async fn answer(services: &Services, stream: UnixStream) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut line = String::new();
    BufReader::new(read).read_line(&mut line).await?;
    let result = match serde_json::from_str::<Order>(&line) {
        Ok(order) => origin().around(run(services, order)).await,
        Err(cause) => Err(Error::invalid(format!("This command cannot be read: {cause}."))),
    };
    let mut text = serde_json::to_string(&result)?;
    text.push('\n');
    write.write_all(text.as_bytes()).await
}

/// Carries a command out.
///
/// # Errors
/// What the service says.
async fn run(services: &Services, order: Order) -> Result<Value> {
    let owner = match &order {
        Order::Import(import) => import.owner.as_deref(),
        _ => None,
    };
    let caller = services.local_caller(owner).await?;
    let json = |value: serde_json::Result<Value>| value.map_err(|_| Error::internal());
    match order {
        Order::Import(import) => {
            let loaded: LoadResult = services.import_file(&caller, &import.path, import.request).await?;
            json(serde_json::to_value(loaded))
        }
        Order::ListJobs(request) => {
            let jobs: Vec<Job> = services.list_jobs(&caller, &request).await?;
            json(serde_json::to_value(jobs))
        }
        Order::CancelJob(id) => json(serde_json::to_value(services.cancel_job(&caller, &id).await?)),
        Order::Backup(folder) => json(serde_json::to_value(services.backup(&caller, &folder).await?)),
        Order::RetryJob(id) => json(serde_json::to_value(services.retry_job(&caller, &id).await?)),
    }
}

/// Gives a command to the running server, or carries it out where none runs.
///
/// # Errors
/// What the service says.
pub(crate) async fn order<T: DeserializeOwned>(
    data_dir: &Path,
    order: Order,
    open: impl Future<Output = Result<Services>>,
) -> Result<T> {
    let answer = match send(data_dir, &order).await {
        Some(answer) => answer?,
        None => run(&open.await?, order).await?,
    };
    serde_json::from_value(answer)
        .map_err(|cause| Error::invalid(format!("The answer of the server cannot be read: {cause}.")))
}

/// `None` when no server runs.
async fn send(data_dir: &Path, order: &Order) -> Option<Result<Value>> {
    let stream = UnixStream::connect(address(data_dir)).await.ok()?;
    let (read, mut write) = stream.into_split();
    let mut text = serde_json::to_string(order).ok()?;
    text.push('\n');
    write.write_all(text.as_bytes()).await.ok()?;
    let mut line = String::new();
    BufReader::new(read).read_line(&mut line).await.ok()?;
    serde_json::from_str(&line).ok()
}
