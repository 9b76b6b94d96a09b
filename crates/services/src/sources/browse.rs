//! A source tried and looked into: whether it answers, its tables and their first rows, what was
//! made of them.

use super::datasets::find;
use super::{require_admin, split};
use crate::catalog::Stored;
use crate::policies::Reader;
use crate::{Services, clock, new_id, to_json};
use domain::lineage::{DatasetLink, SourceUse};
use domain::source::{NewSource, SourcePatch, SourceState, SourceTable, SourceTest, TableLook};
use domain::{Caller, Query, Result};
use engine::Segment;
use engine::sources::{Place, Spec};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::{DatasetRow, SourceRow};

/// The rows that a look into a table shows.
const FIRST_ROWS: u64 = 20;

impl Services {
    /// Whether a source answers. What came of it is kept with the source.
    ///
    /// # Errors
    /// The caller is no administrator, or there is none. That it does not answer is no error.
    pub async fn test_source(&self, caller: &Caller, id: &str) -> Result<SourceTest> {
        require_admin(caller)?;
        let row = self.source_row(id).await?;
        let test = self.tried(self.spec(&row)).await;
        self.keep_state(&row, &test).await?;
        self.record(caller, "test_source", "source", id).await;
        Ok(test)
    }

    /// Whether a source that is not kept yet would answer.
    ///
    /// # Errors
    /// The caller is no administrator, or the form is not right.
    pub async fn try_source(&self, caller: &Caller, new: NewSource) -> Result<SourceTest> {
        require_admin(caller)?;
        let (settings, password) = split(&new.kind, &new.settings)?;
        let test = self.tried(Ok(Spec { kind: new.kind, settings, password, ..Spec::default() })).await;
        self.record(caller, "try_source", "source", "").await;
        Ok(test)
    }

    /// Whether a source would answer after a change; the password that is kept is used where it may be.
    ///
    /// # Errors
    /// The caller is no administrator, the form is not right, or the password must be given anew.
    pub async fn try_source_change(&self, caller: &Caller, id: &str, patch: &SourcePatch) -> Result<SourceTest> {
        require_admin(caller)?;
        let row = self.changed(self.source_row(id).await?, patch)?;
        let test = self.tried(self.spec(&row)).await;
        self.record(caller, "try_source", "source", id).await;
        Ok(test)
    }

    async fn tried(&self, spec: Result<Spec>) -> SourceTest {
        let began = Instant::now();
        let outcome = match spec {
            Ok(spec) => self.engine.test_source(&spec).await,
            Err(error) => Err(error),
        };
        let elapsed_ms = (began.elapsed().as_secs_f64() * 10_000.0).round() / 10.0;
        match outcome {
            Ok(message) => SourceTest { ok: true, message, hint: None, elapsed_ms },
            Err(error) => SourceTest { ok: false, message: error.message, hint: error.hint, elapsed_ms },
        }
    }

    async fn keep_state(&self, row: &SourceRow, test: &SourceTest) -> Result<()> {
        let at = clock::rfc3339(clock::now_ms());
        let state = SourceState { at, ok: test.ok, message: test.message.clone(), hint: test.hint.clone() };
        self.store.save_source_state(&row.id, row.revision, &to_json(&state)).await
    }

    /// The tables of a source, with their columns and the datasets that were made of them.
    ///
    /// # Errors
    /// The caller is no administrator, or the source does not answer.
    pub async fn source_tables(&self, caller: &Caller, id: &str) -> Result<Vec<SourceTable>> {
        require_admin(caller)?;
        let row = self.source_row(id).await?;
        let found = self.engine.source_tables(&self.spec(&row)?).await;
        if let Err(error) = &found {
            let (message, hint) = (error.message.clone(), error.hint.clone());
            self.keep_state(&row, &SourceTest { ok: false, message, hint, elapsed_ms: 0.0 }).await?;
        }
        let mut made: HashMap<String, Vec<DatasetLink>> = HashMap::new();
        for (dataset, table) in self.made_of(id).await? {
            made.entry(table).or_default().push(dataset);
        }
        let mut taken: HashSet<String> = self.store.datasets().await?.into_iter().map(|d| d.name).collect();
        let show = |table: engine::sources::Found| {
            let dataset_name = super::datasets::free_name(&table.name, &taken);
            taken.insert(dataset_name.clone());
            let datasets = made.remove(&table.name).unwrap_or_default();
            SourceTable { name: table.name, rows: table.rows, columns: table.columns, dataset_name, datasets }
        };
        Ok(found?.into_iter().map(show).collect())
    }

    /// The columns and the first rows of a table of a source.
    ///
    /// # Errors
    /// The caller is no administrator, the source does not answer, or has no such table.
    pub async fn look_into_table(&self, caller: &Caller, id: &str, table: &str) -> Result<TableLook> {
        require_admin(caller)?;
        let spec = self.spec(&self.source_row(id).await?)?;
        let found = self.engine.source_tables(&spec).await?;
        let table = find(&found, table)?;
        // A dataset for this one question.
        let row = DatasetRow {
            id: new_id(),
            name: "table".into(),
            label: table.name.clone(),
            description: String::new(),
            owner_id: caller.user_id.clone(),
            columns_json: to_json(&table.columns),
            segments_json: "[]".into(),
            row_count: 0,
            bytes: 0,
            version: 1,
            origin: String::new(),
            is_public: false,
            created_at: 0,
            updated_at: 0,
            profile_json: None,
            profile_version: 0,
        };
        let place = Place { spec, table: table.table.clone(), max_age: Duration::ZERO, version: 0 };
        let segments = vec![Segment::of_source(format!("source:{}", row.id), place)];
        let stored = Stored { segments, ..Stored::new(row, None, None) };
        // The tables of a source are for administrators, who see everything.
        let loaded = self.seen(&Arc::new(stored), &Reader::of(caller)).await?;
        let columns = table.columns.iter().map(|c| c.name.clone()).collect();
        let query = Query { dataset: "table".into(), columns, limit: Some(FIRST_ROWS), ..Query::default() };
        let (answer, _) = self.answer(&loaded, &query, true).await?;
        let rows = (0..answer.table.row_count()).map(|r| answer.table.row(r).cloned().collect()).collect();
        Ok(TableLook { columns: table.columns.clone(), rows })
    }

    /// The datasets that read from a source, each with what uses it.
    ///
    /// # Errors
    /// The caller is no administrator, or there is none.
    pub async fn source_uses(&self, caller: &Caller, id: &str) -> Result<Vec<SourceUse>> {
        require_admin(caller)?;
        self.source_row(id).await?;
        let mut uses = Vec::new();
        for (dataset, table) in self.made_of(id).await? {
            let usages = self.column_usages(caller, &dataset.id, None).await?;
            uses.push(SourceUse { dataset, table, usages });
        }
        Ok(uses)
    }

    /// The datasets of a source with their tables.
    async fn made_of(&self, id: &str) -> Result<Vec<(DatasetLink, String)>> {
        let mut made = Vec::new();
        for table in self.store.source_tables().await?.into_iter().filter(|t| t.source_id == id) {
            if let Some(row) = self.store.dataset(&table.dataset_id).await? {
                made.push((DatasetLink { id: row.id, name: row.name, label: row.label }, table.table_name));
            }
        }
        Ok(made)
    }
}
