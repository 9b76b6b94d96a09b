//! Which segments the question instance has open. A segment is attached read-only when first
//! needed, stays attached while it is leased, and is let go when too many are open or when it is
//! removed. Its file is deleted only when no question uses it.

use crate::fault::{self, lock};
use crate::segment::{Folders, Segment, is_id};
use domain::{Error, ErrorCode, Result};
use duckdb::Connection;
use semantic::sql::{ident, text};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// More than this many are attached only while all of them are in use.
pub(crate) const MAX_ATTACHED: usize = 1_000;

pub(crate) struct Attachments {
    inner: Mutex<Inner>,
    folders: Arc<Folders>,
    max: usize,
}

struct Inner {
    connection: Connection,
    open: HashMap<String, Entry>,
    /// Counts leases, to know which segment was used longest ago.
    clock: u64,
    /// Backups that are being made, and what is to be deleted after the last of them.
    holds: usize,
    later: Vec<String>,
}

#[derive(Default)]
struct Entry {
    leases: usize,
    used: u64,
    /// To be deleted as soon as nobody uses it.
    doomed: bool,
}

/// While it lives, no segment file is deleted.
pub struct Hold(Arc<Attachments>);

/// Keeps segments attached until it is dropped.
pub(crate) struct Lease {
    attachments: Arc<Attachments>,
    ids: Vec<String>,
}

impl Attachments {
    /// At most `max` segments stay attached when they are not in use.
    pub(crate) fn new(connection: Connection, folders: Arc<Folders>, max: usize) -> Self {
        let inner = Inner { connection, open: HashMap::new(), clock: 0, holds: 0, later: Vec::new() };
        Self { inner: Mutex::new(inner), folders, max }
    }

    /// Attaches what is not attached yet. Blocks: not for async threads.
    pub(crate) fn lease(self: &Arc<Self>, segments: &[Segment]) -> Result<Lease> {
        let mut lease = Lease { attachments: self.clone(), ids: Vec::with_capacity(segments.len()) };
        let mut inner = lock(&self.inner);
        for segment in segments {
            if let Err(error) = self.attach(&mut inner, segment) {
                // The lease releases what it has, for which it needs the lock.
                drop(inner);
                return Err(error);
            }
            lease.ids.push(segment.id.clone());
        }
        Ok(lease)
    }

    fn attach(&self, inner: &mut Inner, segment: &Segment) -> Result<()> {
        inner.clock += 1;
        let clock = inner.clock;
        if let Some(entry) = inner.open.get_mut(&segment.id) {
            entry.leases += 1;
            entry.used = clock;
            return Ok(());
        }
        if inner.open.len() >= self.max {
            self.make_room(inner);
        }
        if segment.place.is_some() {
            return Err(Error::new(ErrorCode::NotSupported, "Rows that lie in a source are read only there.")
                .hint("Ask a question of that dataset alone, or upload its rows."));
        }
        let path = self.folders.path(&segment.id)?;
        if !path.exists() {
            tracing::warn!(file = %path.display(), "a segment file is not there: it was replaced just now, or is lost");
            return Err(Error::new(ErrorCode::Conflict, "The data changed while the question was asked.").hint(
                format!("Ask again. If that does not help, the file segments/{}.duckdb is missing.", segment.id),
            ));
        }
        let path = path.to_str().ok_or_else(|| fault::internal("path", &"not UTF-8"))?;
        let sql = format!("ATTACH {} AS {} (READ_ONLY)", text(path)?, ident(&segment.catalog()));
        inner.connection.execute_batch(&sql).map_err(|e| fault::damaged(&segment.id, &e))?;
        inner.open.insert(segment.id.clone(), Entry { leases: 1, used: clock, doomed: false });
        Ok(())
    }

    /// Detaches the tenth of the unused segments that were used longest ago.
    fn make_room(&self, inner: &mut Inner) {
        let mut unused: Vec<(u64, String)> =
            inner.open.iter().filter(|(_, e)| e.leases == 0).map(|(id, e)| (e.used, id.clone())).collect();
        unused.sort_unstable();
        for (_, id) in unused.into_iter().take((self.max / 10).max(1)) {
            inner.open.remove(&id);
            detach(inner, &id);
        }
    }

    /// Deletes a segment: now, or when its last lease ends. Blocks.
    pub(crate) fn remove(&self, id: &str) {
        if !is_id(id) {
            return;
        }
        let mut inner = lock(&self.inner);
        match inner.open.get_mut(id) {
            Some(entry) if entry.leases > 0 => entry.doomed = true,
            Some(_) => {
                inner.open.remove(id);
                detach(&inner, id);
                self.delete(&mut inner, id);
            }
            None => self.delete(&mut inner, id),
        }
    }

    /// From now on, and until what it answers is dropped, no file is deleted.
    pub(crate) fn hold(self: &Arc<Self>) -> Hold {
        lock(&self.inner).holds += 1;
        Hold(self.clone())
    }

    fn end_hold(&self) {
        let mut inner = lock(&self.inner);
        inner.holds -= 1;
        if inner.holds == 0 {
            for id in std::mem::take(&mut inner.later) {
                self.delete(&mut inner, &id);
            }
        }
    }

    fn release(&self, ids: &[String]) {
        let mut inner = lock(&self.inner);
        for id in ids {
            let Some(entry) = inner.open.get_mut(id) else { continue };
            entry.leases -= 1;
            if entry.leases == 0 && entry.doomed {
                inner.open.remove(id);
                detach(&inner, id);
                self.delete(&mut inner, id);
            }
        }
    }

    fn delete(&self, inner: &mut Inner, id: &str) {
        if inner.holds > 0 {
            inner.later.push(id.to_owned());
            return;
        }
        let Ok(path) = self.folders.path(id) else { return };
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                tracing::warn!(%error, segment = id, "a segment could not be deleted");
            }
            _ => {}
        }
    }
}

fn detach(inner: &Inner, id: &str) {
    let catalog = ident(&format!("s_{id}"));
    if let Err(error) = inner.connection.execute_batch(&format!("DETACH {catalog}")) {
        tracing::warn!(%error, segment = id, "a segment could not be detached");
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.end_hold();
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.attachments.release(&self.ids);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(folders: &Folders) -> Segment {
        let draft = folders.draft();
        let db = Connection::open(&draft.path).unwrap();
        db.execute_batch("CREATE TABLE data AS SELECT 1 AS a").unwrap();
        db.close().unwrap();
        draft.publish(1).unwrap()
    }

    #[test]
    fn what_a_backup_may_need_is_deleted_after_it() {
        let dir = tempfile::tempdir().unwrap();
        let folders = Arc::new(Folders::open(dir.path()).unwrap());
        let attachments = Arc::new(Attachments::new(Connection::open_in_memory().unwrap(), folders.clone(), 3));
        let [a, b] = [segment(&folders), segment(&folders)];
        let holds = [attachments.hold(), attachments.hold()];
        attachments.remove(&a.id);
        let [first, second] = holds;
        drop(first);
        assert_eq!(folders.stored().unwrap().len(), 2, "one of two backups is still being made");
        drop(second);
        assert_eq!(folders.stored().unwrap(), std::slice::from_ref(&b.id));
        attachments.remove(&b.id);
        assert!(folders.stored().unwrap().is_empty());
    }

    #[test]
    fn the_longest_unused_segments_make_room() {
        let dir = tempfile::tempdir().unwrap();
        let folders = Arc::new(Folders::open(dir.path()).unwrap());
        let db = Connection::open_in_memory().unwrap();
        let attachments = Arc::new(Attachments::new(db.try_clone().unwrap(), folders.clone(), 3));
        let attached = || {
            let sql = "SELECT count(*) FROM duckdb_databases() WHERE database_name LIKE 's\\_%' ESCAPE '\\'";
            db.query_row(sql, [], |r| r.get::<_, i64>(0)).unwrap()
        };
        let segments: Vec<Segment> = (0..5).map(|_| segment(&folders)).collect();
        let first = attachments.lease(&segments[..1]).unwrap();
        for one in &segments {
            let _lease = attachments.lease(std::slice::from_ref(one)).unwrap();
            let sql = format!("SELECT a FROM {}.main.data", one.catalog());
            assert_eq!(db.query_row(&sql, [], |r| r.get::<_, i32>(0)).unwrap(), 1);
        }
        assert_eq!(attached(), 3);
        let all = attachments.lease(&segments).unwrap();
        assert_eq!(attached(), 5, "what is in use stays");
        attachments.remove(&segments[0].id);
        drop(all);
        assert_eq!(folders.stored().unwrap().len(), 5, "still leased once");
        drop(first);
        assert_eq!(folders.stored().unwrap().len(), 4);
        assert!(attachments.lease(&segments).is_err(), "one of them is gone");
        assert!(attachments.lease(&segments[1..]).is_ok());
    }
}
