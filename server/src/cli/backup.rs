//! `orrery backup` and `orrery restore`.

use super::open;
use crate::config::Config;
use crate::control::{self, Order};
use domain::{Error, ErrorCode, Result};
use services::Backup;
use std::path::Path;

/// Makes a backup: by the running server, or here where none runs.
#[allow(clippy::print_stdout, reason = "the command line answers on standard output")]
pub(super) async fn make(folder: &Path, config: &Config) -> Result<()> {
    let whole = std::path::absolute(folder)
        .map_err(|cause| Error::invalid(format!("{} is no folder: {cause}.", folder.display())))?;
    let made: Backup = control::order(&config.data_dir, Order::Backup(whole.clone()), open(config)).await?;
    println!("{}: {}", whole.display(), told(&made));
    if made.has_key {
        println!("It holds secret.key, which opens the passwords of sources and channels: keep it as safe as them.");
    } else {
        println!(
            "The key ORRERY_SECRET_KEY is a setting and not in it: without that key, passwords of sources are lost."
        );
    }
    Ok(())
}

/// Makes a data directory of a backup, and looks at all of it.
#[allow(clippy::print_stdout, reason = "the command line answers on standard output")]
pub(super) async fn restore(folder: &Path, config: &Config) -> Result<()> {
    if config.database.is_some() {
        let error = Error::new(ErrorCode::NotSupported, "ORRERY_DATABASE_URL is set, and a backup holds SQLite.");
        return Err(error.hint("Restore PostgreSQL with pg_restore; docs/backup.md has the commands."));
    }
    let restored = services::restore(folder, &config.data_dir)?;
    println!("{}: {}", config.data_dir.display(), told(&restored));
    let services = open(config).await?;
    let faults = services.faults().await?;
    if let Some(fault) = faults.first() {
        return Err(Error::invalid(format!("What was backed up was not sound: {fault}"))
            .hint("`orrery check` lists everything; an older backup may be better."));
    }
    println!("Everything in it is sound. Start it with `orrery serve`.");
    Ok(())
}

fn told(backup: &Backup) -> String {
    let megabytes = backup.bytes as f64 / 1_048_576.0;
    format!("{} files, {megabytes:.1} MB, as of {}", backup.files, backup.made_at)
}
