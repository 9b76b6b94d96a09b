//! What an alert watches: found, and asked for the right to it.

use super::look::{Look, number_column};
use crate::policies::Reader;
use crate::{Services, clock};
use domain::alert::{AlertDef, Condition, Subject};
use domain::notify::Recipient;
use domain::query::{Dimension, MAX_LIMIT, Query};
use domain::{Caller, DataType, Error, ErrorCode, Result, Table};
use engine::Answer;
use std::sync::Arc;

impl Services {
    /// Checks a rule by asking its question with the caller's rights. Answers it as it is kept, with the
    /// id of the dataset that the question reads.
    pub(super) async fn checked_alert(&self, caller: &Caller, mut def: AlertDef) -> Result<(AlertDef, Option<String>)> {
        def.check()?;
        super::deliver::check_message(&def)?;
        live::alert::check_rule(&def, clock::now_ms())?;
        self.check_recipients_of(caller, &def).await?;
        self.resolve_subject(caller, &mut def).await?;
        let dataset_id = self.try_rule(caller, &mut def).await?;
        Ok((def, dataset_id))
    }

    /// A rule that is only tried: nobody is told.
    pub(super) async fn tried_alert(&self, caller: &Caller, mut def: AlertDef) -> Result<AlertDef> {
        def.check()?;
        live::alert::check_rule(&def, clock::now_ms())?;
        self.resolve_subject(caller, &mut def).await?;
        self.try_rule(caller, &mut def).await?;
        Ok(def)
    }

    async fn check_recipients_of(&self, caller: &Caller, def: &AlertDef) -> Result<()> {
        for (i, recipient) in def.recipients.iter().enumerate() {
            if let Recipient::User { id } = recipient
                && *id != caller.user_id
                && self.store.user(id).await?.is_none()
            {
                return Err(Error::invalid("There is no such user.").field(format!("recipients[{i}].id")));
            }
        }
        Ok(())
    }

    /// A tile becomes what it asks.
    async fn resolve_subject(&self, caller: &Caller, def: &mut AlertDef) -> Result<()> {
        let Subject::Tile { dashboard, tile, .. } = &def.subject else { return Ok(()) };
        let (row, access) = self.dashboard_for(caller, dashboard).await.map_err(|e| e.field("subject.dashboard"))?;
        let place = self.place_of(&row, access, tile).await.map_err(|e| e.field("subject.tile"))?;
        let source = place.tile.data_source.clone().unwrap_or_default();
        if let Some(id) = source.metric {
            def.subject = Subject::Metric { id };
            return Ok(());
        }
        if source.forecast.is_some() {
            return Err(Error::invalid("This tile shows a forecast.")
                .hint("Open the forecast, and let the alert watch that.")
                .field("subject.tile"));
        }
        let own = self.own_question(&place.tile, &Reader::of(caller)).await;
        let (loaded, mut query, _) = own.map_err(|e| e.field("subject.tile"))?;
        query.dataset.clone_from(&loaded.row.id);
        def.label = place.tile.title.trim().to_owned();
        def.subject = Subject::Tile { dashboard: row.id, tile: place.tile.id, query: Some(Box::new(query)) };
        Ok(())
    }

    /// Whether the rule fits what it watches. Fills in how that is called and written.
    async fn try_rule(&self, caller: &Caller, def: &mut AlertDef) -> Result<Option<String>> {
        if let (Subject::Metric { id }, None) = (&def.subject, &def.for_each) {
            let (row, _) = self.metric_for(caller, id).await.map_err(|e| e.field("subject.id"))?;
            // It hears of all rows: whoever does not see them could find out about them.
            self.require_whole_metric(caller, &row).await.map_err(|e| e.field("subject.id"))?;
            let metric = crate::metrics::def_of(&row)?;
            (def.label, def.format) = (metric.name, metric.format);
            return Ok(None);
        }
        if let Subject::Forecast { id } = &def.subject {
            let (row, format) = self.forecast_to_watch(caller, id).await.map_err(|e| e.field("subject.id"))?;
            (def.label, def.format) = (row.name, format);
            return Ok((!row.dataset_id.is_empty()).then_some(row.dataset_id));
        }
        let (query, dataset_id) = self.question_of_alert(caller, def).await?;
        if matches!(def.condition, Condition::OutsideBand { .. }) && def.subject.metric().is_some() {
            let error = Error::invalid("The past of a metric is not kept for each value of a column.");
            return Err(error.hint("Watch a question over time instead.").field("condition"));
        }
        let answer = self.ask_for_alert(caller, def, &query, false).await.map_err(|e| match e.field.clone() {
            Some(field) if !field.starts_with("subject") => e.field(format!("subject.query.{field}")),
            _ => e,
        })?;
        self.fit(def, &answer.table)?;
        if def.label.is_empty() {
            def.label = self.name_of_question(caller, &query).await;
        }
        Ok(Some(dataset_id))
    }

    /// Refuses a rule that the columns of an answer do not allow.
    fn fit(&self, def: &mut AlertDef, table: &Table) -> Result<()> {
        let look = Look::new(def, table)?;
        let folded = |name: &str| Some(name) == def.for_each.as_deref();
        if def.for_each.is_none() && def.condition.needs_number() {
            let group = table
                .columns
                .iter()
                .enumerate()
                .find(|(i, c)| c.role == domain::Role::Dimension && Some(*i) != look.measure && !folded(&c.name));
            if let Some((_, group)) = group.filter(|_| table.row_count() > 1) {
                return Err(Error::invalid(format!("This question has a row for each `{}`.", group.name))
                    .hint(format!("Let the alert watch each value of `{}`, or a question with one number.", group.name))
                    .field("for_each"));
            }
        }
        if matches!(def.condition, Condition::OutsideBand { .. }) && look.time.is_none() {
            return Err(Error::invalid("What is usual is known of metrics, and of questions over time.")
                .hint("Add a date to the question, or watch a metric.")
                .field("condition"));
        }
        if let Some(measure) = look.measure {
            def.format = table.columns[measure].format.clone().unwrap_or_default();
        }
        Ok(())
    }

    async fn name_of_question(&self, caller: &Caller, query: &Query) -> String {
        match self.dataset_for(caller, &query.dataset).await {
            Ok((loaded, _)) => loaded.row.label.clone(),
            Err(_) => "The question".to_owned(),
        }
    }

    /// The question of an alert, with the id of its dataset.
    pub(super) async fn question_of_alert(&self, owner: &Caller, def: &AlertDef) -> Result<(Query, String)> {
        let mut query = match (&def.subject, def.subject.query()) {
            (_, Some(query)) => query.clone(),
            (Subject::Metric { id }, None) => {
                let (row, _) = self.metric_for(owner, id).await.map_err(|e| e.field("subject.id"))?;
                let mut query = crate::metrics::def_of(&row)?.query;
                if query.dataset.is_empty() || !query.dimensions.is_empty() || !query.columns.is_empty() {
                    return Err(Error::invalid("This metric cannot be asked for each value of a column.")
                        .hint("Only one that is a number of a dataset can.")
                        .field("for_each"));
                }
                let column = def.for_each.clone().unwrap_or_default();
                query.dimensions.push(Dimension { column, ..Dimension::default() });
                query
            }
            _ => return Err(Error::invalid("This tile shows no data.").field("subject")),
        };
        // Of a course of time the end counts, and of the values of a column each.
        query.limit = query.limit.or(Some(MAX_LIMIT));
        let gone = || {
            Error::new(ErrorCode::UnknownDataset, format!("There is no dataset `{}`.", query.dataset))
                .field("subject.query.dataset")
        };
        let loaded = self.stored_dataset(&query.dataset).await?.ok_or_else(gone)?;
        Ok((query, loaded.row.id.clone()))
    }

    /// Asks with the rights of the owner. Who may see a tile may ask what it asks, and nothing else.
    pub(super) async fn ask_for_alert(
        &self,
        owner: &Caller,
        def: &AlertDef,
        query: &Query,
        fresh: bool,
    ) -> Result<Arc<Answer>> {
        let Some(loaded) = self.load_dataset(&query.dataset, &Reader::of(owner)).await? else {
            return Err(Error::new(ErrorCode::UnknownDataset, "The dataset of this alert is gone."));
        };
        // A source says nothing when its rows change.
        let fresh = fresh && loaded.place().is_some();
        if let Subject::Tile { dashboard, tile, query: Some(kept) } = &def.subject
            && self.dataset_for(owner, &query.dataset).await.is_err()
        {
            let gone = |_| Error::not_found("tile").hint("The tile of this alert is gone: make the alert anew.");
            let (row, access) = self.dashboard_for(owner, dashboard).await.map_err(gone)?;
            let place = self.place_of(&row, access, tile).await.map_err(gone)?;
            let (shown, mut now, _) = self.own_question(&place.tile, &Reader::of(owner)).await?;
            now.dataset.clone_from(&shown.row.id);
            let is_extended = query.dimensions != kept.dimensions || query.filter != kept.filter;
            if now != **kept || is_extended {
                return Err(Error::forbidden("The tile of this alert asks something else now.")
                    .hint("Make the alert anew from the tile."));
            }
            return Ok(self.answer(&loaded, query, fresh).await?.0);
        }
        Ok(self.run_query(owner, query, fresh).await?.0)
    }
}

/// Refuses to compare what is no number.
pub(super) fn check_number(table: &Table, at: usize) -> Result<()> {
    let column = &table.columns[at];
    if number_column(column.ty) {
        return Ok(());
    }
    let kind = if column.ty == DataType::Text { "text" } else { column.ty.as_str() };
    Err(Error::invalid(format!("`{}` is {kind}: only numbers can be compared with a threshold.", column.name))
        .hint("Count its rows, or choose a number.")
        .field("measure"))
}
