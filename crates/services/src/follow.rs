//! What a tile follows: the news after which its answer may be another.

use crate::Services;
use crate::policies::Reader;
use crate::query::metrics_in;
use domain::Query;
use domain::{Caller, Result};
use std::collections::BTreeSet;

impl Services {
    /// The topics after whose news a tile asks again: every dataset it reads, or its metric.
    ///
    /// # Errors
    /// The dashboard or the tile is not visible.
    pub async fn tile_topics(&self, caller: &Caller, dashboard: &str, tile: &str) -> Result<Vec<String>> {
        let (row, access) = self.dashboard_for(caller, dashboard).await?;
        let source = self.place_of(&row, access, tile).await?.tile.data_source.unwrap_or_default();
        if let Some(metric) = source.metric {
            return Ok(vec![crate::metrics::topic(&metric)]);
        }
        if let Some(forecast) = source.forecast {
            let dataset = self.dataset_of_forecast(&forecast).await?;
            if dataset.is_empty() {
                return self.topics_of_forecast(&forecast).await;
            }
            return self.topics_of(&Query { dataset, ..Query::default() }).await;
        }
        if let Some(sql) = &source.sql {
            let dataset = self.inline_dataset(sql, &Reader::of(caller)).await?.row.id.clone();
            return self.topics_of(&Query { dataset, ..source.query.unwrap_or_default() }).await;
        }
        if let Some(query) = source.query {
            return self.topics_of(&query).await;
        }
        self.topics_of(&Query { dataset: source.table.unwrap_or_default(), ..Query::default() }).await
    }

    /// The topics of the datasets that a question reads. The dataset of a metric is among the
    /// question's own, or the question is refused.
    async fn topics_of(&self, query: &Query) -> Result<Vec<String>> {
        let mut topics = BTreeSet::new();
        for name in std::iter::once(&query.dataset).chain(query.joins.iter().map(|j| &j.dataset)) {
            let Some(loaded) = self.stored_dataset(name).await? else { continue };
            topics.insert(crate::datasets::topic(&loaded.row.id));
            // What a SELECT reads changes it too.
            topics.extend(self.behind(&loaded).await?.iter().map(|id| crate::datasets::topic(id)));
        }
        Ok(topics.into_iter().collect())
    }

    /// Refuses a question of a tile that its author may not ask.
    pub(crate) async fn check_question(&self, caller: &Caller, query: &Query) -> Result<()> {
        for (i, join) in query.joins.iter().enumerate() {
            let found = self.stored_for(caller, &join.dataset).await;
            found.map_err(|error| error.field(format!("joins[{i}].dataset")))?;
        }
        for metric in metrics_in(query) {
            self.metric_for(caller, metric).await?;
        }
        Ok(())
    }
}
