//! The command line reaches a running server through a socket in the data directory: one line
//! with a command, one line with the answer. Only the owner of the directory can open it.

use domain::api::{LoadRequest, LoadResult};
use domain::{Error, Result};
use serde::{Deserialize, Serialize};
use services::Services;
use std::path::{Path, PathBuf};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};

/// A command of the command line.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Import {
    pub(crate) path: PathBuf,
    pub(crate) owner: Option<String>,
    pub(crate) request: LoadRequest,
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
    let result: Result<LoadResult> = match serde_json::from_str::<Import>(&line) {
        Ok(import) => run(services, import).await,
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
pub(crate) async fn run(services: &Services, import: Import) -> Result<LoadResult> {
    let caller = services.local_caller(import.owner.as_deref()).await?;
    services.import_file(&caller, &import.path, import.request).await
}

/// Sends a command to the running server; `None` when none runs.
pub(crate) async fn send(data_dir: &Path, import: &Import) -> Option<Result<LoadResult>> {
    let stream = UnixStream::connect(address(data_dir)).await.ok()?;
    let (read, mut write) = stream.into_split();
    let mut text = serde_json::to_string(import).ok()?;
    text.push('\n');
    write.write_all(text.as_bytes()).await.ok()?;
    let mut line = String::new();
    BufReader::new(read).read_line(&mut line).await.ok()?;
    serde_json::from_str(&line).ok()
}
