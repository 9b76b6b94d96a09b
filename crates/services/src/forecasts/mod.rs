//! Forecasts: kept, shared, made anew as data arrives, held against what came, and what would be if.
//!
//! Whoever may see a forecast sees it of the rows that they see, as with reports: its maker had the right
//! to the data. Results are kept by a digest of the values they were made of (`make.rs`), so that what was
//! made of rows that somebody does not see is not found by them.

mod again;
mod band;
mod make;
mod overlay;
mod read;
mod scenarios;
mod tile;
mod track;

pub(crate) use again::RECURRING;
pub(crate) use make::Live;

use crate::access::{require_edit, require_owner, require_role, require_scope, visible};
use crate::policies::Reader;
use crate::{Services, clock, from_json, new_id, to_json};
use domain::api::Job;
use domain::forecast::{
    BackTest, ForecastDef, ForecastPatch, ForecastProposal, ForecastResult, ModelKind, NewForecast, Overlay,
    SavedForecast, StepUnit,
};
use domain::people::Scope;
use domain::query::{Agg, Dimension, Grain, Query};
use domain::{Access, Caller, Error, ErrorCode, Result, UserRole};
use make::trial_key;
use read::Read;
use serde_json::json;
use store::{ForecastRow, ThingKind};

/// The most forecasts of one person.
const MOST_FORECASTS: usize = 1_000;
/// Back-tests of one person at the same time.
const MOST_TRIALS: usize = 3;
/// A forecast of fewer values than this says nothing.
const FEWEST: usize = 4;

/// The kind of the jobs that try all models.
const TRIAL: &str = "back_test";

impl Services {
    /// A forecast the caller may see.
    pub(crate) async fn forecast_for(&self, caller: &Caller, id: &str) -> Result<(ForecastRow, Access)> {
        let row = self.store.forecast(id).await?.ok_or_else(|| Error::not_found("forecast"))?;
        let may = self.access_of(caller, ThingKind::Forecast, &row.id, &row.owner_id, row.is_public).await?;
        let access = visible(may, "forecast")?;
        Ok((row, access))
    }

    /// The forecasts the caller may see, by name; with `search`, those whose name or description has it.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn list_forecasts(&self, caller: &Caller, search: &str) -> Result<Vec<SavedForecast>> {
        let rights = self.rights(caller, ThingKind::Forecast).await?;
        let names = self.user_names().await?;
        let wanted = search.trim().to_lowercase();
        let has = |text: &str| text.to_lowercase().contains(&wanted);
        let mut all = Vec::new();
        for row in self.store.forecasts().await? {
            let may = rights.of(&row.id, &row.owner_id, row.is_public);
            if let Some(access) = may.filter(|_| has(&row.name) || has(&row.description)) {
                let owner = names.get(&row.owner_id).cloned().unwrap_or_default();
                all.push(self.shown_forecast(row, access, owner).await?);
            }
        }
        Ok(all)
    }

    /// One forecast, without what it says.
    ///
    /// # Errors
    /// It is not there or not visible.
    pub async fn get_forecast(&self, caller: &Caller, id: &str) -> Result<SavedForecast> {
        let (row, access) = self.forecast_for(caller, id).await?;
        let owner = self.user_name(&row.owner_id).await?;
        self.shown_forecast(row, access, owner).await
    }

    async fn shown_forecast(&self, row: ForecastRow, access: Access, owner_name: String) -> Result<SavedForecast> {
        let mut def = def_of(&row)?;
        let label = self.label_of_forecast(&def).await?;
        let champion = ModelKind::ALL.iter().copied().find(|m| m.as_str() == row.champion);
        let model = settings_of(&row, &def).model.unwrap_or_default();
        if let Some(stored) = self.stored_dataset(&def.dataset).await? {
            def.dataset.clone_from(&stored.row.name);
        }
        Ok(SavedForecast {
            id: row.id,
            name: row.name,
            description: row.description,
            def,
            label,
            champion,
            model,
            owner_id: row.owner_id,
            owner_name,
            access,
            is_public: row.is_public,
            created_at: clock::rfc3339(row.created_at),
            updated_at: clock::rfc3339(row.updated_at),
        })
    }

    /// What is forecast, in words that name no value.
    async fn label_of_forecast(&self, def: &ForecastDef) -> Result<String> {
        if let Some(id) = &def.metric {
            return Ok(self.store.metric(id).await?.map_or_else(|| id.clone(), |row| row.name));
        }
        let Some(measure) = &def.measure else { return Ok(String::new()) };
        let of = self.stored_dataset(&def.dataset).await?.map(|d| d.row.label.clone()).unwrap_or_default();
        let name = domain::names::to_label(&measure.output_name());
        Ok(if of.is_empty() { name } else { format!("{name} of {of}") })
    }

    /// Keeps a forecast and makes it once.
    ///
    /// # Errors
    /// No right, a definition that does not fit the data, or too few values.
    pub async fn create_forecast(&self, caller: &Caller, new: NewForecast) -> Result<SavedForecast> {
        require_scope(caller, Scope::Write)?;
        require_role(caller, UserRole::Creator, "keep a forecast")?;
        let name = checked_name(&new.name)?;
        check_description(&new.description)?;
        let own = self.store.owned(ThingKind::Forecast, &caller.user_id).await?.len();
        if own >= MOST_FORECASTS {
            return Err(Error::new(ErrorCode::RuleRefused, "You have 1,000 forecasts: more than anybody reads.")
                .hint("Delete some."));
        }
        let (def, read) = self.proposed_forecast(caller, new.def).await?;
        let champion = match &new.back_test {
            Some(job) => Some(self.trial_of(caller, job, &trial_key(&read, &def.settings)).await?),
            None => None,
        };
        let now = clock::now_ms();
        let row = ForecastRow {
            id: new_id(),
            name,
            description: new.description,
            owner_id: caller.user_id.clone(),
            dataset_id: def.dataset.clone(),
            def_json: to_json(&def),
            champion: champion.as_ref().map(|t| t.champion.as_str().to_owned()).unwrap_or_default(),
            is_public: new.is_public,
            created_at: now,
            updated_at: now,
        };
        // What cannot be made is not kept.
        let made = self.forecast_made(None, &read, &settings_of(&row, &def)).await?;
        self.store.insert_forecast(&row).await?;
        if let Some(trial) = &champion {
            let key = trial_key(&read, &def.settings);
            self.store.put_forecast_result(&row.id, &key, now, &to_json(trial)).await?;
        }
        self.keep_made(&row, &def, &read, &made).await?;
        self.keep_run(&row, &def, &made.forecast, "").await?;
        self.record(caller, "create", "forecast", &row.id).await;
        self.get_forecast(caller, &row.id).await
    }

    /// What a back-test of the caller found, if it was of these values.
    async fn trial_of(&self, caller: &Caller, job: &str, key: &str) -> Result<BackTest> {
        let wrong = || {
            Error::invalid("This back-test was of something else.")
                .hint("Run it again, or leave it out.")
                .field("back_test")
        };
        let job = self.get_job(caller, job).await.map_err(|e| e.field("back_test"))?;
        let result = job.result.filter(|r| job.kind == TRIAL && r["key"] == key).ok_or_else(wrong)?;
        serde_json::from_value(result["back_test"].clone()).map_err(|_| wrong())
    }

    /// Changes a forecast.
    ///
    /// # Errors
    /// No right, or what results does not fit the data.
    pub async fn update_forecast(&self, caller: &Caller, id: &str, patch: ForecastPatch) -> Result<SavedForecast> {
        let (row, access) = self.forecast_for(caller, id).await?;
        require_edit(caller, access, "forecast")?;
        let old = def_of(&row)?;
        let is_new = patch.def.is_some();
        let (mut def, mut champion) = (old.clone(), row.champion.clone());
        if let Some(new) = patch.def {
            // Others will see what the owner sees: whoever changes the question must be able to ask it.
            def = self.proposed_forecast(caller, new).await?.0;
        }
        if let Some(model) = patch.model {
            def.settings.model = model;
        }
        let is_other = ForecastDef { settings: Default::default(), ..def.clone() }
            != ForecastDef { settings: Default::default(), ..old.clone() };
        if is_other {
            champion.clear();
        }
        let is_public = patch.is_public.unwrap_or(row.is_public);
        if is_public != row.is_public {
            require_owner(caller, access, "forecast")?;
        }
        let name = patch.name.as_deref().map(checked_name).transpose()?;
        let description = patch.description.unwrap_or_else(|| row.description.clone());
        check_description(&description)?;
        let before = row.champion.clone();
        let row = ForecastRow {
            name: name.unwrap_or_else(|| row.name.clone()),
            description,
            dataset_id: def.dataset.clone(),
            def_json: to_json(&def),
            champion,
            is_public,
            updated_at: clock::now_ms(),
            ..row
        };
        self.store.update_forecast(&row).await?;
        if is_other {
            self.store.forget_forecast_runs(id).await?;
        }
        let is_model =
            settings_of(&row, &def).model != settings_of(&ForecastRow { champion: before, ..row.clone() }, &old).model;
        if is_new || is_model {
            let note = if is_other { "" } else { "Changed by hand." };
            self.run_as_owner(&row, note).await?;
        }
        self.record(caller, "update", "forecast", id).await;
        self.get_forecast(caller, id).await
    }

    /// Deletes a forecast with all that it said.
    ///
    /// # Errors
    /// The caller does not own it.
    pub async fn delete_forecast(&self, caller: &Caller, id: &str) -> Result<()> {
        let (_, access) = self.forecast_for(caller, id).await?;
        require_owner(caller, access, "forecast")?;
        self.store.delete_forecast(id).await?;
        self.record(caller, "delete", "forecast", id).await;
        Ok(())
    }

    /// What a forecast says to the caller, of the rows that they see.
    ///
    /// # Errors
    /// It is not visible, or cannot be made of those rows.
    pub async fn forecast_result(&self, caller: &Caller, id: &str) -> Result<ForecastResult> {
        let (row, _) = self.forecast_for(caller, id).await?;
        self.result_for(&row, &Reader::of(caller)).await
    }

    /// The same, the right to which has been decided.
    pub(super) async fn result_for(&self, row: &ForecastRow, reader: &Reader) -> Result<ForecastResult> {
        let def = def_of(row)?;
        let read = self.read_forecast(&def, reader, &Overlay::default()).await?;
        enough(&read)?;
        let settings = settings_of(row, &def);
        let made = self.forecast_made(Some(&row.id), &read, &settings).await?;
        let trial = self.store.forecast_result(&row.id, &trial_key(&read, &def.settings)).await?;
        Ok(ForecastResult {
            forecast: made.forecast,
            groups: made.groups,
            format: read.format,
            is_narrowed: !self.reads_as_owner(row, &def, reader).await?,
            back_test: trial.and_then(|json| serde_json::from_str(&json).ok()),
        })
    }

    /// Whether somebody reads all that the owner reads.
    pub(super) async fn reads_as_owner(&self, row: &ForecastRow, def: &ForecastDef, reader: &Reader) -> Result<bool> {
        if def.dataset.is_empty() {
            return Ok(true);
        }
        self.sees_as(&[&def.dataset], reader, &Reader::user(&row.owner_id)).await
    }

    /// What grain, season and horizon suggest themselves; asked with the caller's rights.
    ///
    /// # Errors
    /// No right to the data, a definition that does not fit it, or too few values.
    pub async fn propose_forecast(&self, caller: &Caller, def: ForecastDef) -> Result<ForecastProposal> {
        let (mut def, read) = self.proposed_forecast(caller, def).await?;
        let proposal = intelligence::forecast::propose(&read.series)?;
        let label = self.label_of_forecast(&def).await?;
        if let Some(stored) = self.stored_dataset(&def.dataset).await? {
            def.dataset.clone_from(&stored.row.name);
        }
        Ok(ForecastProposal { def, label, proposal })
    }

    /// A forecast that is not kept, for who makes one.
    ///
    /// # Errors
    /// As [`Services::propose_forecast`].
    pub async fn preview_forecast(&self, caller: &Caller, def: ForecastDef) -> Result<ForecastResult> {
        let (def, read) = self.proposed_forecast(caller, def).await?;
        let made = self.forecast_made(None, &read, &def.settings).await?;
        Ok(ForecastResult {
            forecast: made.forecast,
            groups: made.groups,
            format: read.format,
            is_narrowed: false,
            back_test: None,
        })
    }

    /// Tries all models on what somebody is about to forecast.
    ///
    /// # Errors
    /// As [`Services::propose_forecast`]; too many at once.
    pub async fn try_forecast(&self, caller: &Caller, def: ForecastDef) -> Result<Job> {
        let (def, read) = self.proposed_forecast(caller, def).await?;
        let turn = self.forecasts.rounds.begin_trial(&caller.user_id, MOST_TRIALS)?;
        self.start_job(caller, TRIAL, |services: Services, progress| async move {
            let trial = services.models_tried(&read, &def.settings, progress).await?;
            drop(turn);
            Ok(json!({"key": trial_key(&read, &def.settings), "back_test": trial}))
        })
        .await
    }

    /// A definition with its dataset by id, grain and horizon filled in, and what it reads. Whoever asks must
    /// have the right to the data.
    async fn proposed_forecast(&self, caller: &Caller, mut def: ForecastDef) -> Result<(ForecastDef, Read)> {
        require_role(caller, UserRole::Explorer, "make a forecast")?;
        def.check()?;
        let mut additive = def.measure.as_ref().is_some_and(|m| adds_up(m.agg));
        if let Some(id) = &def.metric {
            let (row, _) = self.metric_for(caller, id).await.map_err(|e| e.field("def.metric"))?;
            self.require_whole_metric(caller, &row).await.map_err(|e| e.field("def.metric"))?;
            let metric = crate::metrics::def_of(&row)?;
            if metric.is_pushed() {
                (def.dataset, def.time) = (String::new(), String::new());
                if def.group.is_some() || !def.drivers.is_empty() || def.filter.is_some() {
                    return Err(Error::invalid("A metric whose values are pushed has no groups, filters or drivers.")
                        .field("def.group"));
                }
            } else if metric.query.is_one_aggregate() {
                additive = metric.query.measures.iter().all(|m| adds_up(m.agg));
                def.dataset = metric.query.dataset;
            } else {
                return Err(Error::invalid("This metric is not one number of a dataset over time.")
                    .hint("Forecast a measure of its dataset instead.")
                    .field("def.metric"));
            }
        }
        if def.group.is_some() && !additive {
            return Err(Error::invalid("Only counts and sums of groups add up to their total.")
                .hint("Leave the group out, or forecast a count or a sum.")
                .field("def.group"));
        }
        if !def.dataset.is_empty() {
            let (loaded, _) = self.dataset_for(caller, &def.dataset).await.map_err(|e| e.field("def.dataset"))?;
            def.dataset.clone_from(&loaded.row.id);
            if def.time.is_empty() {
                let time = loaded.shown().find(|c| c.ty.is_time()).map(|c| c.name.clone());
                def.time = time
                    .ok_or_else(|| Error::invalid("This dataset has no column that tells when.").field("def.time"))?;
            }
            let is_time = loaded.column(&def.time).is_some_and(|c| c.ty.is_time());
            if !is_time {
                return Err(Error::new(
                    ErrorCode::UnknownColumn,
                    format!("`{}` is no column of dates or times.", def.time),
                )
                .field("def.time"));
            }
            // What measures are made of is read here without a further look at rights.
            let measured = Query {
                measures: def.measure.iter().chain(def.drivers.iter().map(|d| &d.measure)).cloned().collect(),
                ..Query::default()
            };
            for id in crate::query::metrics_in(&measured) {
                self.metric_for(caller, id).await.map_err(|e| e.field("def.measure"))?;
            }
            // What a filter names is checked as in a question of their own.
            let tried = Query {
                dataset: loaded.row.id.clone(),
                dimensions: def.group.iter().map(|c| Dimension { column: c.clone(), ..Dimension::default() }).collect(),
                measures: vec![domain::query::Measure::count()],
                filter: def.filter.clone(),
                limit: Some(1),
                ..Query::default()
            };
            self.run_query(caller, &tried, false).await.map_err(|e| placed(e, "def"))?;
            if def.grain.is_none() {
                def.grain = Some(self.grain_to_forecast(caller, &def).await?);
            }
        }
        def.grain = def.grain.or(Some(Grain::Day));
        let read =
            self.read_forecast(&def, &Reader::of(caller), &Overlay::default()).await.map_err(|e| placed(e, "def"))?;
        enough(&read)?;
        if def.settings.horizon == 0 {
            def.settings.horizon = intelligence::forecast::propose(&read.series)?.horizon;
        }
        let read = if def.drivers.is_empty() {
            read
        } else {
            // The assumed future reaches as far as the forecast.
            self.read_forecast(&def, &Reader::of(caller), &Overlay::default()).await?
        };
        Ok((def, read))
    }

    /// The grain of the data where it has one, else what gives enough values and not too many.
    async fn grain_to_forecast(&self, caller: &Caller, def: &ForecastDef) -> Result<Grain> {
        let (loaded, _) = self.dataset_for(caller, &def.dataset).await?;
        let first = match self.grain_for(&loaded, &def.time).await {
            Grain::Hour => Grain::Hour,
            Grain::Day | Grain::Week | Grain::Month => Grain::Day,
            other => other,
        };
        // Where there are rows: a day without any would be one of nothing, and all data would be daily.
        let query = Query {
            dataset: loaded.row.id.clone(),
            dimensions: vec![Dimension { column: def.time.clone(), grain: Some(first), ..Dimension::default() }],
            measures: vec![domain::query::Measure::count()],
            filter: def.filter.clone(),
            limit: Some(domain::query::MAX_LIMIT),
            ..Query::default()
        };
        let (answer, _) = self.run_query(caller, &query, false).await?;
        let series = read::times_of(&answer.table);
        if series.times.len() > 3_000 {
            return Ok(Grain::Week);
        }
        let Ok(found) = intelligence::forecast::propose(&series) else { return Ok(first) };
        Ok(match found.step.unit {
            StepUnit::Week => Grain::Week,
            StepUnit::Month if found.step.n == 3 => Grain::Quarter,
            StepUnit::Month => Grain::Month,
            StepUnit::Quarter => Grain::Quarter,
            StepUnit::Year => Grain::Year,
            StepUnit::Day if found.step.n == 7 => Grain::Week,
            _ => first,
        })
    }
}

fn adds_up(agg: Option<Agg>) -> bool {
    matches!(agg, Some(Agg::Count | Agg::CountIf | Agg::Sum))
}

/// The place of an error within the definition.
fn placed(error: Error, within: &str) -> Error {
    match error.field.clone() {
        Some(field) if !field.starts_with(within) => error.field(format!("{within}.{field}")),
        _ => error,
    }
}

fn enough(read: &Read) -> Result<()> {
    let known = read.series.values.iter().filter(|v| v.is_finite()).count();
    if known >= FEWEST {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::RuleRefused,
        format!("A forecast needs at least {FEWEST} periods with values; here are {known}."),
    )
    .hint("Choose a finer grain, or a wider filter.")
    .field("def.grain"))
}

pub(crate) fn def_of(row: &ForecastRow) -> Result<ForecastDef> {
    serde_json::from_str(&row.def_json).map_err(|cause| {
        tracing::error!(%cause, forecast = row.id, "reading a stored forecast");
        Error::internal()
    })
}

/// How it is forecast: by the model somebody chose, else by the champion.
fn settings_of(row: &ForecastRow, def: &ForecastDef) -> domain::forecast::Settings {
    let champion = ModelKind::ALL.iter().copied().find(|m| m.as_str() == row.champion);
    domain::forecast::Settings { model: def.settings.model.or(champion), ..def.settings.clone() }
}

fn checked_name(name: &str) -> Result<String> {
    let name = name.trim();
    if (1..=100).contains(&name.chars().count()) {
        return Ok(name.to_owned());
    }
    Err(Error::invalid("A name has 1 to 100 characters.").field("name"))
}

fn check_description(text: &str) -> Result<()> {
    if text.chars().count() <= 2_000 {
        return Ok(());
    }
    Err(Error::invalid("A description has at most 2,000 characters.").field("description"))
}

/// A scenario's changes, as they were kept.
fn overlay_of(json: &str) -> Overlay {
    from_json(json)
}
