//! Where the rows of a tile come from, told on demand.

use super::question::Question;
use crate::access::may_see_sql;
use crate::{Services, clock};
use domain::connect::{Provenance, TileAsk};
use domain::{Caller, Result};

impl Services {
    /// Age and version of a tile's data, its question in words and, for those with the right, in SQL.
    ///
    /// # Errors
    /// The tile is not visible, or its question does not work.
    pub async fn tile_provenance(
        &self,
        caller: &Caller,
        dashboard: &str,
        tile: &str,
        ask: &TileAsk,
    ) -> Result<Provenance> {
        let Question { loaded, mut query, names, .. } = self.question_at(caller, dashboard, tile, ask).await?;
        let (answer, cached) = self.answer_in_turn(caller, &loaded, &query).await?;
        let row = &loaded.row;
        let label = |column: &str| {
            let (dataset, name) = names.meaning(column)?;
            names.0.iter().find(|(_, l)| l.row.id == dataset)?.1.column(&name).map(|c| c.label.clone())
        };
        let question = domain::query::sentence(&query, &label);
        query.dataset.clone_from(&row.name);
        let visible = self.stored_for(caller, &row.id).await.is_ok();
        Ok(Provenance {
            dataset: row.label.clone(),
            name: visible.then(|| row.name.clone()),
            version: u64::try_from(row.version).unwrap_or_default(),
            updated_at: clock::rfc3339(row.updated_at),
            rows: match loaded.is_narrowed {
                true => self.rows_seen(&loaded).await?,
                false => u64::try_from(row.row_count).unwrap_or_default(),
            },
            question,
            elapsed_ms: answer.elapsed.as_secs_f64() * 1_000.0,
            cached,
            answered: answer.table.row_count() as u64,
            truncated: answer.table.truncated,
            query: Some(query),
            sql: answer.shown_sql(may_see_sql(caller)),
        })
    }
}
