//! Compaction: several segments become one, with the same rows in the same order.

use crate::engine::Engine;
use crate::fault;
use crate::load::{Job, fill};
use crate::progress::Progress;
use crate::segment::Segment;
use domain::dataset::LoadOptions;
use domain::{Error, Result};
use semantic::sql::{ident, text};
use std::path::Path;

impl Engine {
    /// Writes the rows of `segments` as one new segment. The old ones stay until they are removed.
    pub async fn compact(&self, segments: &[Segment]) -> Result<Segment> {
        if segments.is_empty() {
            return Err(Error::invalid("There is nothing to compact."));
        }
        let segments = segments.to_vec();
        let options = LoadOptions::default();
        let work = move |job: &Job| merge(job, &segments);
        self.work(Path::new("compaction"), "compaction", &options, &Progress::default(), work).await
    }
}

fn merge(job: &Job, segments: &[Segment]) -> Result<Segment> {
    let bench = job.bench(true)?;
    let draft = job.inner.folders.draft();
    fill::attach(&bench, &draft)?;
    let mut parts = Vec::with_capacity(segments.len());
    for segment in segments {
        let path = job.inner.folders.path(&segment.id)?;
        let path = path.to_str().ok_or_else(|| fault::internal("path", &"not UTF-8"))?;
        let catalog = ident(&segment.catalog());
        let attach = format!("ATTACH {} AS {catalog} (READ_ONLY)", text(path)?);
        bench.worker.execute(&attach).map_err(|e| job.failed(&e))?;
        parts.push(format!("SELECT * FROM {catalog}.main.data"));
    }
    let sql = format!("CREATE TABLE draft.main.data AS {}", parts.join(" UNION ALL BY NAME "));
    bench.worker.execute(&sql).map_err(|e| job.failed(&e))?;
    let rows = fill::one(&bench, "SELECT count(*) FROM draft.main.data")?;
    let expected: u64 = segments.iter().map(|s| s.rows).sum();
    if rows != expected {
        return Err(fault::internal("compaction", &format!("{rows} rows instead of {expected}")));
    }
    fill::detach(job, &bench)?;
    job.check()?;
    draft.publish(rows)
}
