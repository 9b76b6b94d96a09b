//! What is known about the values of a dataset: one pass for the summary, then the most frequent
//! values and the histogram of each column.

use crate::engine::Engine;
use crate::segment::Segment;
use crate::sources;
use domain::dataset::Profile;
use domain::{Cell, Column, Error, Result};
use futures::stream::{self, StreamExt, TryStreamExt};
use semantic::{Source, profile};

/// Statements that run at the same time.
const PARALLEL: usize = 2;
/// Columns summarised in one statement: bounds its memory.
const TOGETHER: usize = 16;

impl Engine {
    /// The profile of the columns over the segments of one version.
    pub async fn profile(&self, columns: &[Column], segments: &[Segment], version: u64) -> Result<Profile> {
        if let Some(place) = segments.first().and_then(Segment::place) {
            return sources::profile(&self.0, place, columns, version).await;
        }
        let parts: Vec<String> = segments.iter().map(Segment::catalog).collect();
        let rows: u64 = segments.iter().map(|s| s.rows).sum();
        let mut found = Profile { version, row_count: rows, columns: Vec::with_capacity(columns.len()) };
        for some in columns.chunks(TOGETHER) {
            let source = Source { name: "profile", columns: some, parts: (&parts).into() };
            let table = self.rows(&profile::summary_sql(&source, rows), segments).await?;
            let row: Vec<Cell> = table.into_iter().filter_map(|c| c.into_iter().next()).collect();
            let (counted, profiles) = profile::read_summary(some, &row);
            found.row_count = counted;
            found.columns.extend(profiles);
        }
        // Collected first: a lazy stream over borrowed columns makes a future that is not `Send`.
        let details: Vec<_> = columns
            .iter()
            .enumerate()
            .map(|(at, column)| {
                let source = Source { name: "profile", columns: std::slice::from_ref(column), parts: (&parts).into() };
                let (top, histogram) = (profile::top_sql(&source, column), profile::histogram_sql(&source, column));
                async move {
                    let top = profile::read_top(&by_row(&self.rows(&top, segments).await?));
                    let histogram = match histogram {
                        Some(sql) => profile::read_histogram(&by_row(&self.rows(&sql, segments).await?)),
                        None => Vec::new(),
                    };
                    Ok::<_, Error>((at, top, histogram))
                }
            })
            .collect();
        let details: Vec<_> = stream::iter(details).buffer_unordered(PARALLEL).try_collect().await?;
        for (at, top, histogram) in details {
            if let Some(column) = found.columns.get_mut(at) {
                (column.top, column.histogram) = (top, histogram);
            }
        }
        Ok(found)
    }
}

fn by_row(columns: &[Vec<Cell>]) -> Vec<Vec<Cell>> {
    let rows = columns.first().map_or(0, Vec::len);
    (0..rows).map(|r| columns.iter().map(|c| c[r].clone()).collect()).collect()
}
