//! Whether somebody sees everything of some data, and what is shown of things that are made of it where
//! they do not: metrics, alerts, pictures, models.

use super::Reader;
use crate::catalog::Loaded;
use crate::{Services, clock};
use domain::alert::AlertDef;
use domain::dataset::Profile;
use domain::metric::{MetricDef, Reading};
use domain::model::SemanticModel;
use domain::{Caller, Error, Query, Result, Tile};
use std::collections::BTreeSet;
use std::sync::Arc;
use store::{AlertRow, MetricRow};

/// What a metric says in the place of its value.
const NOT_SHOWN: &str = "Rules decide which rows you see of the data of this metric.";

impl Services {
    /// The ids of a dataset and of all that it reads.
    async fn with_behind(&self, name_or_id: &str) -> Result<BTreeSet<String>> {
        let Some(stored) = self.stored_dataset(name_or_id).await? else { return Ok(BTreeSet::new()) };
        let mut all = self.behind(&stored).await?;
        all.insert(stored.row.id.clone());
        Ok(all)
    }

    /// Whether no rule hides anything of a dataset, or of what it reads, from somebody.
    pub(crate) async fn sees_all(&self, name_or_id: &str, reader: &Reader) -> Result<bool> {
        self.sees_as(&[name_or_id], reader, &Reader::everything()).await
    }

    /// Whether somebody sees of datasets at least what another does who made something of them.
    pub(crate) async fn sees_as(&self, datasets: &[&str], reader: &Reader, maker: &Reader) -> Result<bool> {
        for name in datasets {
            for id in self.with_behind(name).await? {
                let Some(stored) = self.stored_dataset(&id).await? else { continue };
                let own = self.policy_of(&stored, reader).await?;
                if !own.is_open() && own != self.policy_of(&stored, maker).await? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Whether any of the tiles shows data of which somebody does not see everything.
    pub(crate) async fn is_narrowed_for(&self, caller: &Caller, tiles: &[&Tile]) -> Result<bool> {
        let reader = Reader::of(caller);
        for source in tiles.iter().filter_map(|tile| tile.data_source.as_ref()) {
            if let Some(metric) = &source.metric {
                let Some(row) = self.store.metric(metric).await? else { continue };
                if !self.sees_metric(&reader, &row, &crate::metrics::def_of(&row)?).await? {
                    return Ok(true);
                }
                continue;
            }
            if let Some(forecast) = &source.forecast {
                let dataset = self.dataset_of_forecast(forecast).await?;
                // Values that are pushed have no rows that the conditions of a link could be about.
                if dataset.is_empty() && reader.0.iter().any(|subject| !subject.locked.is_empty()) {
                    return Ok(true);
                }
                if !dataset.is_empty() && !self.sees_as(&[&dataset], &reader, &Reader::everything()).await? {
                    return Ok(true);
                }
                continue;
            }
            let inline = match &source.sql {
                Some(sql) => Some(self.inline_dataset(sql, &Reader::everything()).await?.row.id.clone()),
                None => None,
            };
            let mut names: Vec<&str> = source.query.as_ref().map(datasets_of).unwrap_or_default();
            names.extend(source.table.as_deref().into_iter().chain(inline.as_deref()));
            if !self.sees_as(&names, &reader, &Reader::everything()).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    // --- metrics

    /// Whether what a metric reads is what somebody would read: its owner sees no more than they do.
    pub(crate) async fn sees_metric(&self, reader: &Reader, row: &MetricRow, def: &MetricDef) -> Result<bool> {
        if def.is_pushed() {
            // It has no rows that the conditions of a link could be about.
            return Ok(reader.0.iter().all(|subject| subject.locked.is_empty()));
        }
        self.sees_as(&datasets_of(&def.query), reader, &Reader::user(&row.owner_id)).await
    }

    /// Whether the readings of a metric are not for the caller.
    ///
    /// # Errors
    /// The metric is not visible.
    pub async fn is_metric_narrowed(&self, caller: &Caller, id: &str) -> Result<bool> {
        let (row, _) = self.metric_for(caller, id).await?;
        Ok(!self.sees_metric(&Reader::of(caller), &row, &crate::metrics::def_of(&row)?).await?)
    }

    /// Refuses what is of all rows of a metric's data to who does not see them all.
    pub(crate) async fn require_whole_metric(&self, caller: &Caller, row: &MetricRow) -> Result<()> {
        if self.sees_metric(&Reader::of(caller), row, &crate::metrics::def_of(row)?).await? {
            return Ok(());
        }
        let hint = "Its value on its page is worked out over the rows that you see; ask a question for more.";
        Err(Error::forbidden(format!("{NOT_SHOWN} Its past is of all rows.")).hint(hint))
    }

    /// The reading of a metric for the caller, if it is not the one that all share: worked out over the
    /// rows that they see. With `is_brief` only that there is another one.
    pub(crate) async fn own_reading(
        &self,
        caller: &Caller,
        row: &MetricRow,
        is_brief: bool,
    ) -> Result<Option<Reading>> {
        let (reader, def) = (Reader::of(caller), crate::metrics::def_of(row)?);
        if self.sees_metric(&reader, row, &def).await? {
            return Ok(None);
        }
        let none = |why: String| Reading { formatted_value: "—".into(), error: Some(why), ..Reading::default() };
        if is_brief {
            return Ok(Some(none(format!("{NOT_SHOWN} Open it to see its value for those."))));
        }
        if def.is_pushed() {
            return Ok(Some(none(format!("{NOT_SHOWN} It is told from outside and has none."))));
        }
        if def.gathers().is_some() {
            return Ok(Some(none(format!("{NOT_SHOWN} It is gathered over time from all of them."))));
        }
        let asked = async {
            let gone = || Error::not_found("dataset");
            let loaded = self.load_dataset(&def.query.dataset, &reader).await?.ok_or_else(gone)?;
            self.answer(&loaded, &def.query, false).await
        };
        Ok(Some(match asked.await {
            Ok((answer, _)) => crate::metrics::reading_alone(&answer.table, &def, clock::now_ms()),
            Err(error) => none(error.to_string()),
        }))
    }

    // --- alerts

    /// The question of an alert, and the user with whose eyes it is asked.
    async fn watched(&self, row: &AlertRow, def: &AlertDef) -> Result<Option<(Query, String)>> {
        if let domain::alert::Subject::Forecast { id } = &def.subject {
            let dataset = self.dataset_of_forecast(id).await?;
            let query = Query { dataset, ..Query::default() };
            return Ok((!query.dataset.is_empty()).then(|| (query, row.owner_id.clone())));
        }
        let Some(id) = def.subject.metric() else {
            return Ok(def.subject.query().map(|query| (query.clone(), row.owner_id.clone())));
        };
        let Some(metric) = self.store.metric(id).await? else { return Ok(None) };
        let query = crate::metrics::def_of(&metric)?.query;
        // For each value of a column it is asked anew, by the owner of the alert.
        Ok(Some((query, if def.for_each.is_some() { row.owner_id.clone() } else { metric.owner_id })))
    }

    /// Whether an alert looks at rows that somebody does not see.
    pub(crate) async fn is_alert_narrowed(&self, reader: &Reader, row: &AlertRow, def: &AlertDef) -> Result<bool> {
        let Some((query, maker)) = self.watched(row, def).await? else { return Ok(false) };
        Ok(!self.sees_as(&datasets_of(&query), reader, &Reader::user(&maker)).await?)
    }

    /// Whether there are rules on what an alert looks at, for whomever.
    pub(crate) async fn has_alert_rules(&self, row: &AlertRow, def: &AlertDef) -> Result<bool> {
        let Some((query, _)) = self.watched(row, def).await? else { return Ok(false) };
        for name in datasets_of(&query) {
            for id in self.with_behind(name).await? {
                if self.stored_dataset(&id).await?.is_some_and(|stored| !stored.policies.is_empty()) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    // --- profiles

    /// What is known of the values that a reader sees.
    pub(crate) async fn profile_seen(&self, loaded: &Arc<Loaded>) -> Result<Profile> {
        let version = u64::try_from(loaded.row.version).unwrap_or_default();
        let mut profile = Profile { version, row_count: self.rows_seen(loaded).await?, columns: Vec::new() };
        for column in loaded.shown() {
            match self.profile_calculated(loaded, column).await {
                Ok(found) => profile.columns.push(found),
                Err(error) => tracing::warn!(%error, column = column.name, "a column has no profile for this reader"),
            }
        }
        Ok(profile)
    }
}

impl Loaded {
    /// A model without what is about columns that are hidden from its reader.
    pub(crate) fn without_hidden(&self, mut model: SemanticModel) -> SemanticModel {
        let hidden = &self.policy.hidden;
        if hidden.is_empty() {
            return model;
        }
        let mut hides: BTreeSet<String> = hidden.iter().cloned().collect();
        loop {
            let before = hides.len();
            for column in &model.calculated {
                let uses = semantic::expression::columns(&column.expression);
                if uses.map_or(true, |uses| uses.iter().any(|u| hides.contains(u))) {
                    hides.insert(column.name.clone());
                }
            }
            if hides.len() == before {
                break;
            }
        }
        model.calculated.retain(|c| !hides.contains(&c.name));
        model.hierarchies.retain(|h| !h.columns.iter().any(|c| hides.contains(c)));
        model.synonyms.retain(|column, _| !hides.contains(column));
        model.relationships.retain(|r| !r.on.iter().any(|(here, _)| hides.contains(here)));
        model
    }
}

/// The datasets that a question names.
fn datasets_of(query: &Query) -> Vec<&str> {
    std::iter::once(query.dataset.as_str()).chain(query.joins.iter().map(|j| j.dataset.as_str())).collect()
}
