//! Reports: questions with parameters, kept by those who make things and run by those who may see them.
//!
//! Whoever may see a report may run it, as with the tiles of a dashboard: its maker had the right to
//! the data, and its parameters narrow only the columns that they name.

use crate::access::{require_edit, require_owner, require_role, require_scope, visible};
use crate::catalog::Loaded;
use crate::policies::Reader;
use crate::{Services, clock, from_json, new_id, to_json};
use domain::api::{NewReport, ReportPatch, TileData, ValuesRequest};
use domain::names::is_name;
use domain::people::Scope;
use domain::query::{Filter, MAX_LIMIT, Op};
use domain::report::{MOST_PARAMETERS, Parameter, Report, ReportDef};
use domain::{Access, Caller, Cell, ChartKind, Error, Query, Result, UserRole};
use engine::Answer;
use serde_json::{Map, Value};
use std::collections::HashSet;
use std::sync::Arc;
use store::{ReportRow, ThingKind};

/// What a run answers, besides the rows.
pub struct ReportRun {
    pub answer: Arc<Answer>,
    pub cached: bool,
    query: Query,
    loaded: Arc<Loaded>,
}

impl Services {
    /// A report the caller may see.
    pub(crate) async fn report_for(&self, caller: &Caller, id: &str) -> Result<(ReportRow, Access)> {
        let row = self.store.report(id).await?.ok_or_else(|| Error::not_found("report"))?;
        let may = self.access_of(caller, ThingKind::Report, &row.id, &row.owner_id, row.is_public).await?;
        let access = visible(may, "report")?;
        Ok((row, access))
    }

    /// The reports the caller may see, latest change first; with `search`, those whose name or
    /// description has it.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn list_reports(&self, caller: &Caller, search: &str) -> Result<Vec<Report>> {
        let rights = self.rights(caller, ThingKind::Report).await?;
        let names = self.user_names().await?;
        let wanted = search.trim().to_lowercase();
        let has = |text: &str| text.to_lowercase().contains(&wanted);
        let mut reports = Vec::new();
        for row in self.store.reports().await? {
            let may = rights.of(&row.id, &row.owner_id, row.is_public);
            if let Some(access) = may.filter(|_| has(&row.name) || has(&row.description)) {
                let owner = names.get(&row.owner_id).cloned().unwrap_or_default();
                reports.push(report(row, access, owner));
            }
        }
        Ok(reports)
    }

    /// One report.
    ///
    /// # Errors
    /// It is not there or not visible.
    pub async fn get_report(&self, caller: &Caller, id: &str) -> Result<Report> {
        let (row, access) = self.report_for(caller, id).await?;
        let owner = self.user_name(&row.owner_id).await?;
        Ok(report(row, access, owner))
    }

    /// Keeps a question as a report.
    ///
    /// # Errors
    /// No right, a question that does not work, or parameters that do not fit it.
    pub async fn create_report(&self, caller: &Caller, new: NewReport) -> Result<Report> {
        require_scope(caller, Scope::Write)?;
        require_role(caller, UserRole::Creator, "make a report")?;
        let def = self.checked_report(caller, &new.name, new.def).await?;
        let now = clock::now_ms();
        let row = ReportRow {
            id: new_id(),
            name: new.name.trim().to_owned(),
            description: new.description,
            owner_id: caller.user_id.clone(),
            def_json: to_json(&def),
            is_public: new.is_public,
            created_at: now,
            updated_at: now,
        };
        self.store.insert_report(&row).await?;
        self.record(caller, "create", "report", &row.id).await;
        self.get_report(caller, &row.id).await
    }

    /// Changes a report.
    ///
    /// # Errors
    /// No right, or what results does not work.
    pub async fn update_report(&self, caller: &Caller, id: &str, patch: ReportPatch) -> Result<Report> {
        let (row, access) = self.report_for(caller, id).await?;
        require_edit(caller, access, "report")?;
        let old: ReportDef = from_json(&row.def_json);
        let is_same_question = patch.query.is_none() && patch.parameters.is_none();
        let name = patch.name.unwrap_or_else(|| row.name.clone());
        let def = ReportDef {
            query: patch.query.unwrap_or(old.query),
            chart_type: patch.chart_type.or(old.chart_type),
            encodings: patch.encodings.unwrap_or(old.encodings),
            options: patch.options.unwrap_or(old.options),
            parameters: patch.parameters.unwrap_or(old.parameters),
        };
        let def = if is_same_question {
            check_words(&name, &def)?;
            def
        } else {
            self.checked_report(caller, &name, def).await?
        };
        let is_public = patch.is_public.unwrap_or(row.is_public);
        if is_public != row.is_public {
            require_owner(caller, access, "report")?;
        }
        let row = ReportRow {
            name: name.trim().to_owned(),
            description: patch.description.unwrap_or(row.description),
            def_json: to_json(&def),
            is_public,
            updated_at: clock::now_ms(),
            ..row
        };
        self.store.update_report(&row).await?;
        self.record(caller, "update", "report", id).await;
        self.get_report(caller, id).await
    }

    /// Deletes a report.
    ///
    /// # Errors
    /// The caller does not own it.
    pub async fn delete_report(&self, caller: &Caller, id: &str) -> Result<()> {
        let (_, access) = self.report_for(caller, id).await?;
        require_owner(caller, access, "report")?;
        self.store.delete_report(id).await?;
        self.record(caller, "delete", "report", id).await;
        Ok(())
    }

    /// Asks a report's question with values for its parameters.
    ///
    /// # Errors
    /// The report is not visible, a value does not fit, or the question does not work any more.
    pub async fn run_report(&self, caller: &Caller, id: &str, values: &Map<String, Value>) -> Result<ReportRun> {
        let (row, _) = self.report_for(caller, id).await?;
        self.run(caller, &from_json(&row.def_json), values).await
    }

    async fn run(&self, caller: &Caller, def: &ReportDef, values: &Map<String, Value>) -> Result<ReportRun> {
        let gone = || Error::not_found("dataset").hint("The dataset of this report is gone; change the report.");
        let loaded = self.load_dataset(&def.query.dataset, &Reader::of(caller)).await?.ok_or_else(gone)?;
        let mut values = values.clone();
        for parameter in &def.parameters {
            if let (Some(value), Some(column)) = (values.get_mut(&parameter.name), loaded.column(&parameter.column)) {
                typed(value, column.ty);
            }
        }
        let query = def.filled(&values)?;
        let is_number = |name: &str| loaded.column(name).is_some_and(|c| c.ty.is_number());
        let asked = charts::prepare(&def.spec(), &query, &is_number);
        let (answer, cached) = self.answer_in_turn(caller, &loaded, &asked).await?;
        Ok(ReportRun { answer, cached, query, loaded })
    }

    /// The same, as a tile shows it; `whole`: with as many rows as a file may have, where the question
    /// does not say how many.
    ///
    /// # Errors
    /// As [`Services::run_report`].
    pub async fn report_data(
        &self,
        caller: &Caller,
        id: &str,
        values: &Map<String, Value>,
        whole: bool,
    ) -> Result<TileData> {
        let (row, _) = self.report_for(caller, id).await?;
        let mut def: ReportDef = from_json(&row.def_json);
        if whole {
            def.query.limit = def.query.limit.or(Some(MAX_LIMIT));
        }
        let ReportRun { answer, cached, query, loaded } = self.run(caller, &def, values).await?;
        let source = domain::dashboard::DataSource {
            encodings: def.encodings.clone(),
            options: def.options.clone(),
            ..Default::default()
        };
        Ok(TileData {
            spec: self.chart_of(def.kind(), source).await,
            query: Some(query),
            table: answer.table.clone(),
            reading: None,
            elapsed_ms: answer.elapsed.as_secs_f64() * 1_000.0,
            cached,
            version: u64::try_from(loaded.row.version).unwrap_or_default(),
            ignored_filters: Vec::new(),
            sql: answer.shown_sql(self.shows_sql(caller)),
            marks: Vec::new(),
        })
    }

    /// The values that a parameter can take, most frequent first.
    ///
    /// # Errors
    /// The report is not visible, or has no such parameter.
    pub async fn report_values(
        &self,
        caller: &Caller,
        id: &str,
        parameter: &str,
        request: &ValuesRequest,
    ) -> Result<Vec<(Cell, u64)>> {
        let (row, _) = self.report_for(caller, id).await?;
        let def: ReportDef = from_json(&row.def_json);
        let found = def.parameters.iter().find(|p| p.name == parameter);
        let column = &found.ok_or_else(|| Error::not_found("parameter"))?.column;
        // A column of a joined dataset is offered by that dataset.
        let joined = def.query.joins.iter().find_map(|join| {
            let own = column.strip_prefix(join.qualifier())?.strip_prefix('.')?;
            Some((join.dataset.as_str(), own))
        });
        let (dataset, column) = joined.unwrap_or((&def.query.dataset, column));
        let loaded = self.load_dataset(dataset, &Reader::of(caller)).await?;
        let loaded = loaded.ok_or_else(|| Error::not_found("dataset"))?;
        self.values_of(&loaded, column, request).await
    }

    /// Checks a definition by asking its question with the caller's rights.
    async fn checked_report(&self, caller: &Caller, name: &str, def: ReportDef) -> Result<ReportDef> {
        check_words(name, &def)?;
        let mut query = def.query.clone();
        let mut parts: Vec<Filter> = query.filter.take().into_iter().collect();
        for (i, parameter) in def.parameters.iter().enumerate() {
            let at = |e: Error| e.field(format!("parameters[{i}].default"));
            let own = Parameter { required: false, ..parameter.clone() }.condition(&parameter.default).map_err(at)?;
            // Without a default it is asked whether the column is there at all.
            parts.push(own.unwrap_or_else(|| Filter::is(&parameter.column, Op::IsNotNull, Value::Null)));
        }
        let fixed = usize::from(def.query.filter.is_some());
        query.filter = (!parts.is_empty()).then_some(Filter::And(parts));
        let asked = charts::prepare(&def.spec(), &query, &|_| false);
        self.run_query(caller, &asked, false).await.map_err(|error| named(error, &def, fixed))?;
        Ok(def)
    }
}

/// Which parameter an error of the question is about.
fn named(error: Error, def: &ReportDef, fixed: usize) -> Error {
    let at = |field: &str| {
        let number = field.strip_prefix("filter.and[")?.split(']').next()?.parse::<usize>().ok()?;
        number.checked_sub(fixed).filter(|at| *at < def.parameters.len())
    };
    match error.field.as_deref().and_then(at) {
        Some(at) => error.field(format!("parameters[{at}]")),
        None => match error.field.clone() {
            Some(field) => error.field(format!("query.{field}")),
            None => error,
        },
    }
}

/// Checks what needs no data.
fn check_words(name: &str, def: &ReportDef) -> Result<()> {
    if !(1..=100).contains(&name.trim().chars().count()) {
        return Err(Error::invalid("A report needs a name of 1 to 100 characters.").field("name"));
    }
    if let Some(kind) = def.chart_type.as_deref().filter(|kind| ChartKind::parse(kind).is_none()) {
        return Err(Error::invalid(format!("There is no chart type `{kind}`.")).field("chart_type"));
    }
    if def.parameters.len() > MOST_PARAMETERS {
        let message = format!("A report has at most {MOST_PARAMETERS} parameters.");
        return Err(Error::invalid(message).field("parameters"));
    }
    let mut seen = HashSet::new();
    for (i, parameter) in def.parameters.iter().enumerate() {
        let wrong = |key: &str, message: String| Error::invalid(message).field(format!("parameters[{i}].{key}"));
        if !is_name(&parameter.name) || !seen.insert(&parameter.name) {
            let message = "A parameter has a name of its own, of small letters, digits and underscores.";
            return Err(wrong("name", message.into()));
        }
        if parameter.label.chars().count() > 100 {
            return Err(wrong("label", "A label has at most 100 characters.".into()));
        }
        if !parameter.kind.takes(parameter.op()) {
            let (kind, op) = (parameter.kind.as_str(), to_json(&parameter.op()));
            return Err(wrong("op", format!("A parameter of the kind `{kind}` cannot be compared by {op}.")));
        }
    }
    Ok(())
}

/// Values out of addresses are text; a column of numbers or yes and no means the number.
fn typed(value: &mut Value, ty: domain::DataType) {
    match value {
        Value::Array(all) => all.iter_mut().for_each(|v| typed(v, ty)),
        Value::String(text) if ty == domain::DataType::Boolean => match text.as_str() {
            "true" => *value = true.into(),
            "false" => *value = false.into(),
            _ => {}
        },
        Value::String(text) if ty == domain::DataType::Integer => {
            if let Ok(number) = text.trim().parse::<i64>() {
                *value = number.into();
            }
        }
        Value::String(text) if ty.is_number() => {
            if let Some(number) = text.trim().parse::<f64>().ok().filter(|n| n.is_finite()) {
                *value = number.into();
            }
        }
        _ => {}
    }
}

fn report(row: ReportRow, access: Access, owner_name: String) -> Report {
    Report {
        def: from_json(&row.def_json),
        id: row.id,
        name: row.name,
        description: row.description,
        owner_id: row.owner_id,
        owner_name,
        access,
        is_public: row.is_public,
        created_at: clock::rfc3339(row.created_at),
        updated_at: clock::rfc3339(row.updated_at),
    }
}
