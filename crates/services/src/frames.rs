//! Rows to be counted with: columns of a dataset in memory, as one reader sees them.

use crate::Services;
use crate::catalog::Loaded;
use crate::query::key_of;
use domain::frame::{Frame, FrameColumn};
use domain::query::{Filter, Measure, Query};
use domain::{Cell, Error, Result};
use std::sync::Arc;

/// The most rows that are read of a dataset; of more, every so many one.
pub(crate) const MAX_ROWS: u64 = 1_000_000;

impl Services {
    /// Columns of a dataset as its reader sees it, those rows that pass the filter. With more than `most`
    /// rows it is every n-th, always the same ones, and [`Frame::total_rows`] says so.
    ///
    /// # Errors
    /// A column or the filter does not fit the dataset, or reading takes too long or too much memory.
    pub(crate) async fn frame(
        &self,
        loaded: &Arc<Loaded>,
        columns: &[String],
        filter: Option<&Filter>,
        most: u64,
    ) -> Result<Frame> {
        let total = self.rows_passing(loaded, filter).await?;
        if columns.is_empty() {
            return Ok(Frame { columns: Vec::new(), rows: 0, total_rows: total });
        }
        let query = Query {
            dataset: loaded.row.name.clone(),
            columns: columns.to_vec(),
            filter: filter.cloned(),
            ..Query::default()
        };
        let every = total.div_ceil(most.max(1));
        // A stride of seven would see nothing but Mondays.
        let every = if every <= 1 { 1 } else { (every..).find(|n| is_prime(*n)).unwrap_or(every) };
        let bound = self.bind(loaded, &query, None).await?;
        let plan = self.plan_sample(&bound, &query, every, most).await?;
        let values = self.engine.frame(&plan, &bound.segments(), &key_of(&plan)).await?;
        let rows = values.first().map_or(0, domain::frame::Values::len);
        let known = |name: &str| loaded.column(name).cloned();
        let columns = plan.columns.into_iter().zip(values).map(|(field, values)| {
            let column = known(&field.name);
            FrameColumn {
                label: field.label,
                ty: field.ty,
                role: column.as_ref().map_or(field.role, |c| c.role),
                format: field.format,
                name: field.name,
                values,
            }
        });
        Ok(Frame { columns: columns.collect(), rows, total_rows: total.max(rows as u64) })
    }

    /// How many rows of a dataset pass a filter, as its reader sees it.
    async fn rows_passing(&self, loaded: &Arc<Loaded>, filter: Option<&Filter>) -> Result<u64> {
        let query = Query {
            dataset: loaded.row.name.clone(),
            measures: vec![Measure::count()],
            filter: filter.cloned(),
            ..Query::default()
        };
        let (answer, _) = self.answer(loaded, &query, false).await?;
        let cell = answer.table.data.first().and_then(|column| column.first());
        cell.and_then(Cell::as_f64).map(|n| n.max(0.0) as u64).ok_or_else(Error::internal)
    }
}

fn is_prime(n: u64) -> bool {
    n > 1 && (2..).take_while(|d| d * d <= n).all(|d| !n.is_multiple_of(d))
}

#[cfg(test)]
mod tests {
    use super::is_prime;

    #[test]
    fn strides_are_primes() {
        let primes: Vec<u64> = (0..20).filter(|n| is_prime(*n)).collect();
        assert_eq!(primes, [2, 3, 5, 7, 11, 13, 17, 19]);
    }
}
