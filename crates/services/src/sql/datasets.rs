//! Datasets that are a SELECT: made, changed, and told of what happens to the data they read.

use super::bind::columns_of;
use super::{SQL_ORIGIN, Statement};
use crate::access::{require_edit, require_owner, require_scope, require_sql};
use crate::audit::{Deed, Origin};
use crate::catalog::Stored;
use crate::datasets::topic;
use crate::policies::Reader;
use crate::{Services, clock, new_id, to_json};
use domain::names::{is_name, to_label, to_name};
use domain::people::Scope;
use domain::sql::{NewSqlDataset, SqlDefinition};
use domain::{Access, Caller, Cell, Column, Dataset, Error, ErrorCode, Result};
use engine::Segment;
use std::sync::Arc;
use store::{DatasetRow, Manifest, StatementRow};

/// The most columns of a dataset that is a SELECT.
const MAX_COLUMNS: usize = 1_000;

/// A statement, tried.
struct Tried {
    columns: Vec<Column>,
    rows: i64,
    scope: Option<Vec<String>>,
    reads: Vec<String>,
}

impl Services {
    /// Makes a dataset of a SELECT. What it reads, it reads with the rights of the caller, now and
    /// whenever it is asked.
    ///
    /// # Errors
    /// No right, a name that is taken, SQL that is not allowed or does not work.
    pub async fn create_sql_dataset(&self, caller: &Caller, new: NewSqlDataset) -> Result<Dataset> {
        require_scope(caller, Scope::Write)?;
        require_sql(caller)?;
        let name = if new.name.is_empty() { to_name(&new.label) } else { new.name.clone() };
        if !is_name(&name) {
            return Err(Error::invalid("A dataset name has 1 to 60 small letters, digits or underscores.")
                .hint(format!("How about `{}`?", to_name(&name)))
                .field("name"));
        }
        let label = if new.label.trim().is_empty() { to_label(&name) } else { new.label.trim().to_owned() };
        if label.chars().count() > 200 {
            return Err(Error::invalid("A label has 1 to 200 characters.").field("label"));
        }
        let taken = || Error::new(ErrorCode::NameTaken, format!("The name `{name}` is taken.")).field("name");
        if self.stored_dataset(&name).await?.is_some() {
            return Err(taken().hint("Choose another name."));
        }
        let tried = self.try_statement(caller, &new.sql, new.dataset_scope.as_deref()).await?;
        let (id, now) = (new_id(), clock::now_ms());
        let row = DatasetRow {
            id: id.clone(),
            name: name.clone(),
            label,
            description: new.description.clone(),
            owner_id: caller.user_id.clone(),
            columns_json: to_json(&tried.columns),
            segments_json: "[]".into(),
            row_count: tried.rows,
            bytes: 0,
            version: 1,
            origin: SQL_ORIGIN.into(),
            is_public: new.is_public,
            created_at: now,
            updated_at: now,
            profile_json: None,
            profile_version: 0,
        };
        // The statement first: a dataset without one would be an empty table.
        self.store.put_statement(&statement_row(&id, &new.sql, &tried, now)).await?;
        if let Err(error) = self.store.insert_dataset(&row).await {
            self.store.delete_statement(&id).await?;
            return Err(error);
        }
        self.close_new(&id, &row.owner_id).await?;
        self.record(caller, "create_sql_dataset", "dataset", &id).await;
        self.get_dataset(caller, &id).await
    }

    /// The SELECT of a dataset.
    ///
    /// # Errors
    /// The caller may not change it: its text names datasets that others may not see. Or the dataset
    /// is no SELECT.
    pub async fn sql_definition(&self, caller: &Caller, name_or_id: &str) -> Result<SqlDefinition> {
        let (loaded, access) = self.dataset_for(caller, name_or_id).await?;
        require_sql(caller)?;
        if access < Access::Edit {
            return Err(Error::forbidden("You may look at this dataset, but not at its SQL.")
                .hint("Ask its owner for the right to change it."));
        }
        let Statement { sql, scope, reads } = statement_of(&loaded)?.clone();
        Ok(SqlDefinition { sql, dataset_scope: scope, reads })
    }

    /// Puts another SELECT in its place. Only its owner may: their rights are what it reads with.
    ///
    /// # Errors
    /// No right, SQL that is not allowed or does not work, or that reads the dataset itself.
    pub async fn update_sql_dataset(&self, caller: &Caller, name_or_id: &str, new: SqlDefinition) -> Result<Dataset> {
        let (loaded, access) = self.dataset_for(caller, name_or_id).await?;
        require_edit(caller, access, "dataset")?;
        require_owner(caller, access, "dataset")?;
        require_sql(caller)?;
        statement_of(&loaded)?;
        let stored = self.stored_dataset(&loaded.row.id).await?.ok_or_else(|| Error::not_found("dataset"))?;
        // Administrators may mend what is another's, with that one's rights.
        let reader = match caller.user_id == loaded.row.owner_id {
            true => caller.clone(),
            false => self.owner_of(&loaded).await?,
        };
        let mut tried = self.try_statement(&reader, &new.sql, new.dataset_scope.as_deref()).await?;
        let reads = loaded.with(|stored| stored.statement = Some(statement(&new.sql, &tried)));
        if self.behind(&reads).await?.contains(&loaded.row.id) {
            return Err(Error::new(ErrorCode::InvalidQuery, "A dataset cannot be made of itself.").field("sql"));
        }
        for column in &mut tried.columns {
            if let Some(old) = loaded.columns.iter().find(|old| old.name == column.name && old.ty == column.ty) {
                *column = old.clone();
            }
        }
        let (id, now) = (loaded.row.id.clone(), clock::now_ms());
        self.store.put_statement(&statement_row(&id, &new.sql, &tried, now)).await?;
        let manifest = Manifest {
            columns_json: to_json(&tried.columns),
            segments_json: "[]".into(),
            row_count: tried.rows,
            bytes: 0,
            origin: SQL_ORIGIN.into(),
            updated_at: now,
        };
        let version = self.store.replace_segments(&id, stored.row.version, &manifest).await?;
        self.announce(&loaded, version);
        self.record(caller, "update_sql_dataset", "dataset", &id).await;
        self.get_dataset(caller, &id).await
    }

    /// Runs a statement once, for its columns and the number of its rows.
    async fn try_statement(&self, reader: &Caller, sql: &str, scope: Option<&[String]>) -> Result<Tried> {
        let select = self.engine.read_select(sql).await?;
        let scope = self.scope_of(reader, scope).await?;
        let bases = self.bases(reader, &select, scope.as_ref()).await?;
        let bound = self.bind_to(&select, &bases, &Reader::of(reader), 0).await?.segment;
        let columns = columns_of(&self.engine.describe_select(&bound).await?);
        if columns.len() > MAX_COLUMNS {
            let message = format!("A dataset has at most {MAX_COLUMNS} columns, this SELECT gives {}.", columns.len());
            return Err(Error::new(ErrorCode::InvalidQuery, message).field("sql"));
        }
        let rows = self.rows_of(&bound).await?;
        let mut scope: Option<Vec<String>> = scope.map(|ids| ids.into_iter().collect());
        scope.iter_mut().for_each(|ids| ids.sort());
        Ok(Tried { columns, rows, scope, reads: select.tables().map(str::to_owned).collect() })
    }

    /// How many rows a statement gives.
    async fn rows_of(&self, bound: &Segment) -> Result<i64> {
        let sql = semantic::view::count_sql(&bound.catalog());
        match self.engine.scalar(&sql, std::slice::from_ref(bound)).await? {
            Cell::Int(rows) => Ok(rows),
            _ => Ok(0),
        }
    }

    /// Tells everyone who watches a dataset that is a SELECT over this one. The others were told.
    pub(crate) fn announce_dependents(&self, loaded: &Stored) {
        let (services, id) = (self.clone(), loaded.row.id.clone());
        tokio::spawn(async move {
            if let Err(error) = services.tell_dependents(&id).await {
                tracing::warn!(%error, dataset = id, "what is made of this dataset was not told of its change");
            }
        });
    }

    async fn tell_dependents(&self, id: &str) -> Result<()> {
        for row in self.store.statements().await? {
            let Some(made) = self.stored_dataset(&row.id).await? else { continue };
            if !self.behind(&made).await?.contains(id) {
                continue;
            }
            let version = self.seen(&made, &Reader::everything()).await?.row.version;
            self.hub.publish(&topic(&made.row.id), serde_json::json!({"version": version}), true);
            self.refresh_metrics_of(&made.row.id, &made.row.name);
            if !made.is_inline() {
                self.discover_later(&made.row.id);
            }
        }
        Ok(())
    }

    /// Does what somebody asked with SQL, and writes down who it was and how it ended, also where
    /// nobody waits for the end.
    pub(super) async fn written_down<T>(
        &self,
        caller: &Caller,
        action: &'static str,
        sql: &str,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let text = sql.chars().take(4_000).collect();
        let (services, user, origin) = (self.clone(), caller.user_id.clone(), Origin::now());
        let mut note = Note { services, user, action, text, origin, open: true };
        let outcome = work.await;
        note.open = false;
        match &outcome {
            Ok(_) => note.write("done", None).await,
            Err(error) => note.write("refused", Some(error.code)).await,
        }
        outcome
    }
}

/// A line of the audit log that is yet to be written.
struct Note {
    services: Services,
    user: String,
    action: &'static str,
    text: String,
    origin: Arc<Origin>,
    open: bool,
}

impl Note {
    async fn write(&self, outcome: &str, code: Option<ErrorCode>) {
        let code = code.map_or("", ErrorCode::as_str);
        let deed = Deed {
            user_id: Some(&self.user),
            action: self.action,
            kind: "sql",
            id: "",
            outcome,
            code,
            detail: serde_json::json!({"sql": self.text}),
        };
        // Where nobody waits any more, the origin is the one that was when it began.
        self.origin.clone().around(self.services.record_deed(deed)).await;
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        let Some(runtime) = self.open.then(tokio::runtime::Handle::try_current).and_then(std::result::Result::ok)
        else {
            return;
        };
        let note = Self {
            services: self.services.clone(),
            user: std::mem::take(&mut self.user),
            action: self.action,
            text: std::mem::take(&mut self.text),
            origin: self.origin.clone(),
            open: false,
        };
        runtime.spawn(async move { note.write("cancelled", None).await });
    }
}

/// Refuses to put rows into a dataset that is a SELECT.
pub(crate) fn require_rows(loaded: &Stored) -> Result<()> {
    if loaded.statement.is_none() {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::NotSupported,
        format!("`{}` is a SELECT: no rows can be loaded into it.", loaded.row.name),
    )
    .hint("Load them into one of the datasets that it reads."))
}

fn statement_of(loaded: &Stored) -> Result<&Statement> {
    loaded.statement.as_ref().ok_or_else(|| Error::invalid("This dataset is no SELECT: its rows were loaded."))
}

fn statement(sql: &str, tried: &Tried) -> Statement {
    Statement { sql: sql.to_owned(), scope: tried.scope.clone(), reads: tried.reads.clone() }
}

fn statement_row(id: &str, sql: &str, tried: &Tried, now: i64) -> StatementRow {
    StatementRow {
        id: id.to_owned(),
        sql_text: sql.to_owned(),
        scope_json: tried.scope.as_ref().map(to_json),
        reads_json: to_json(&tried.reads),
        created_at: now,
    }
}
