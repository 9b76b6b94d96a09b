//! A server looks after its data directory: what a killed one left, and whether everything that is
//! there is sound.

use crate::{Services, from_json};
use domain::document::Document;
use domain::{Error, Result};
use engine::Segment;
use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::path::Path;
use std::time::{Duration, SystemTime};
use store::{DashboardRow, DatasetRow};

/// Held by every server on a data directory.
const LOCK: &str = "server.lock";
/// Files that are younger may belong to a load that has not ended.
const YOUNG: Duration = Duration::from_secs(3_600);

/// That a server works on a data directory; over with the process, however it ends.
#[derive(Debug)]
pub(crate) struct Presence(File);

impl Presence {
    /// The lock, and whether no other server holds it. Until [`Presence::settle`] none can begin.
    pub(crate) fn enter(data_dir: &Path) -> std::io::Result<(Self, bool)> {
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(data_dir.join(LOCK))?;
        let is_alone = file.try_lock().is_ok();
        Ok((Self(file), is_alone))
    }

    /// From now on other servers may work here, too.
    pub(crate) fn settle(self) -> std::io::Result<Self> {
        self.0.unlock()?;
        self.0.lock_shared()?;
        Ok(self)
    }

    /// Whether a server works on a data directory right now.
    pub(crate) fn is_anybody_in(data_dir: &Path) -> bool {
        File::open(data_dir.join(LOCK)).is_ok_and(|file| file.try_lock().is_err())
    }
}

impl Services {
    /// Says that a server works here, and clears up after a killed one where there is no other.
    pub(crate) async fn move_in(&self) -> Result<()> {
        let fail = |cause: std::io::Error| Error::invalid(format!("The data directory cannot be used: {cause}."));
        let (presence, is_alone) = Presence::enter(&self.settings.data_dir).map_err(fail)?;
        // Servers that share a PostgreSQL or a Redis may be on other machines.
        if is_alone && self.settings.database.is_none() && !self.hub.is_shared() {
            let released = self.store.release_leases().await?;
            if released > 0 {
                tracing::info!(released, "work that a former server left is taken up again");
            }
            self.clear_strays(SystemTime::now()).await?;
        }
        let settled = tokio::task::spawn_blocking(move || presence.settle()).await.map_err(|_| Error::internal())?;
        let _ = self.presence.set(settled.map_err(fail)?);
        Ok(())
    }

    /// Deletes segment files that no dataset knows: what was being written when a server was killed, or
    /// had been replaced. Answers how many.
    pub(crate) async fn clear_strays(&self, now: SystemTime) -> Result<usize> {
        let stored = self.engine.stored()?;
        let known: HashSet<String> =
            self.store.datasets().await?.iter().flat_map(segments).map(|segment| segment.id).collect();
        let is_old = |id: &str| {
            let changed = self.engine.file(id).ok().and_then(|path| path.metadata().ok()?.modified().ok());
            changed.and_then(|at| now.duration_since(at).ok()).is_some_and(|age| age > YOUNG)
        };
        let strays: Vec<String> = stored.into_iter().filter(|id| !known.contains(id) && is_old(id)).collect();
        for id in &strays {
            tracing::info!(segment = id, "a segment file that belongs to no dataset is deleted");
            self.engine.remove_stray(id);
        }
        Ok(strays.len())
    }

    /// Reads everything there is, and answers what is wrong with it, in sentences.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn faults(&self) -> Result<Vec<String>> {
        let mut faults = self.store.faults().await?;
        for row in self.store.datasets().await? {
            faults.extend(self.faults_of_dataset(row).await?);
        }
        for row in self.store.dashboards().await? {
            faults.extend(self.faults_of_dashboard(&row).await?);
        }
        Ok(faults)
    }

    /// Whether the files of a dataset are sound, and its rows as many as the list of them says.
    async fn faults_of_dataset(&self, row: DatasetRow) -> Result<Vec<String>> {
        let mut wrong = Vec::new();
        let segments: Vec<Segment> = segments(&row).collect();
        for segment in &segments {
            if let Err(error) = self.engine.verify(segment).await {
                wrong.push((segment.id.clone(), format!("dataset {}: {}", row.name, error.message)));
            }
        }
        let rows: u64 = segments.iter().map(|s| s.rows).sum();
        let mut faults = Vec::new();
        if !segments.is_empty() && i64::try_from(rows) != Ok(row.row_count) {
            faults.push(format!("dataset {}: {rows} rows are listed, and {} counted.", row.name, row.row_count));
        }
        if !wrong.is_empty() {
            // A server beside this one may have replaced them meanwhile.
            let now: HashSet<String> =
                self.store.dataset(&row.id).await?.iter().flat_map(self::segments).map(|s| s.id).collect();
            faults.extend(wrong.into_iter().filter(|(id, _)| now.contains(id)).map(|(_, sentence)| sentence));
        }
        Ok(faults)
    }

    /// Whether the log of a dashboard makes what its row and its last checkpoint say.
    async fn faults_of_dashboard(&self, row: &DashboardRow) -> Result<Vec<String>> {
        let log = self.store.operations_after(&row.id, 0).await?;
        let at = format!("dashboard {}", row.slug);
        if log.iter().zip(1..).any(|(operation, seq)| operation.seq != seq) {
            return Ok(vec![format!("{at}: its log has gaps.")]);
        }
        let checkpoint = self.store.latest_checkpoint(&row.id).await?;
        let document = Document::new(1);
        let mut faults = Vec::new();
        for operation in &log {
            if let Err(error) = document.merge(&operation.update_bytes) {
                return Ok(vec![format!("{at}: operation {} cannot be read: {error}", operation.seq)]);
            }
            if let Some((seq, state)) = checkpoint.as_ref().filter(|(seq, _)| *seq == operation.seq) {
                let is_same = Document::load(1, state).is_ok_and(|kept| kept.layout() == document.layout());
                if !is_same {
                    faults.push(format!("{at}: the checkpoint at {seq} is not what the log makes."));
                }
            }
        }
        let version = i64::try_from(log.len()).unwrap_or(i64::MAX);
        // Edits go on: what is newer than the row that was read is no fault.
        if version < row.version {
            faults.push(format!("{at}: its log ends at {version}, {} operations are counted.", row.version));
        }
        if version == row.version && version > 0 {
            let meta = document.meta();
            let name = meta.get("name").and_then(|name| name.as_str()).unwrap_or_default();
            if name != row.name {
                faults.push(format!("{at}: the log calls it `{name}`, its row `{}`.", row.name));
            }
        }
        Ok(faults)
    }
}

/// The files that hold the rows of a dataset.
pub(crate) fn segments(row: &DatasetRow) -> impl Iterator<Item = Segment> + use<> {
    from_json::<Vec<Segment>>(&row.segments_json).into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_server_is_alone_and_the_next_is_not() {
        let dir = tempfile::tempdir().unwrap();
        assert!(!Presence::is_anybody_in(dir.path()));
        let (first, is_alone) = Presence::enter(dir.path()).unwrap();
        assert!(is_alone && Presence::is_anybody_in(dir.path()));
        let first = first.settle().unwrap();
        let (second, is_alone) = Presence::enter(dir.path()).unwrap();
        assert!(!is_alone);
        drop((first, second));
        assert!(!Presence::is_anybody_in(dir.path()));
        assert!(Presence::enter(dir.path()).unwrap().1);
    }
}
