//! SQL of people who have the right: run, explained, completed, and kept as a dataset.
//!
//! Whose rights count: a statement that is run, those of the caller. A saved one, those of its owner at
//! the moment it is read: it reads what they may read then, and stops where they may not any more.
//! Whoever may see the dataset sees its rows, as with one that was loaded; but of the datasets that it
//! reads only what their policies let both of them see. A tile's or a metric's is
//! checked when it is written, with the rights of its author, like every other question of a tile.

mod bind;
mod datasets;

#[cfg(test)]
pub(crate) use bind::blank_row;
pub(crate) use bind::{SQL_ORIGIN, Statement};
pub(crate) use datasets::require_rows;

use crate::Services;
use crate::access::require_sql;
use crate::policies::Reader;
use bind::Binding;
use domain::names::nearest;
use domain::sql::{SqlDataset, SqlFunction, SqlPlan, SqlRequest, SqlSchema};
use domain::{Caller, Error, ErrorCode, Result};
use engine::Answer;
use std::collections::HashSet;

/// Rows of an answer when nothing is said.
const DEFAULT_ROWS: u64 = 1_000;
/// The most rows of an answer.
const MAX_ROWS: u64 = 100_000;

impl Services {
    /// Runs a SELECT over datasets the caller may see. Dropping the future stops it.
    ///
    /// # Errors
    /// No right, SQL that is not allowed or does not work, too much time or memory.
    pub async fn run_sql(&self, caller: &Caller, request: &SqlRequest) -> Result<Answer> {
        let outcome = async {
            let limit = request.limit.unwrap_or(DEFAULT_ROWS);
            if !(1..=MAX_ROWS).contains(&limit) {
                return Err(Error::invalid("The limit is 1 to 100,000.").field("limit"));
            }
            let bound = self.bind_for(caller, request).await?.segment;
            self.engine.run_select(&bound, usize::try_from(limit).unwrap_or(usize::MAX)).await
        };
        self.written_down(caller, "run_sql", &request.sql, outcome).await
    }

    /// How DuckDB would answer a SELECT.
    ///
    /// # Errors
    /// As [`Services::run_sql`].
    pub async fn explain_sql(&self, caller: &Caller, request: &SqlRequest) -> Result<SqlPlan> {
        let outcome = async {
            let bound = self.bind_for(caller, request).await?;
            if bound.is_narrowed {
                // It would show the rules, and how much they leave out.
                let message = "Rules decide what you see of this data, so its plan is not shown.";
                return Err(Error::new(ErrorCode::RuleRefused, message).hint("Run the SQL to see its rows."));
            }
            Ok(SqlPlan { plan: self.engine.explain_select(&bound.segment).await? })
        };
        self.written_down(caller, "explain_sql", &request.sql, outcome).await
    }

    /// What the caller can write in SQL.
    ///
    /// # Errors
    /// No right.
    pub async fn sql_schema(&self, caller: &Caller) -> Result<SqlSchema> {
        require_sql(caller)?;
        let datasets = self.list_datasets(caller).await?.into_iter();
        let datasets = datasets.map(|d| SqlDataset { name: d.name, label: d.label, columns: d.columns }).collect();
        let functions = self.engine.sql_functions().await?.into_iter();
        let functions = functions
            .map(|f| SqlFunction { name: f.name, signature: f.signature, description: f.description })
            .collect();
        Ok(SqlSchema { datasets, functions })
    }

    /// A statement over what the caller may see.
    async fn bind_for(&self, caller: &Caller, request: &SqlRequest) -> Result<Binding> {
        require_sql(caller)?;
        let select = self.engine.read_select(&request.sql).await?;
        let scope = self.scope_of(caller, request.dataset_scope.as_deref()).await?;
        let bases = self.bases(caller, &select, scope.as_ref()).await?;
        self.bind_to(&select, &bases, &Reader::of(caller), 0).await
    }

    /// The ids of the datasets that a scope names, all of which the caller can see.
    pub(crate) async fn scope_of(&self, caller: &Caller, scope: Option<&[String]>) -> Result<Option<HashSet<String>>> {
        let Some(scope) = scope else { return Ok(None) };
        if scope.len() > 1_000 {
            return Err(Error::invalid("A scope has at most 1,000 datasets.").field("dataset_scope"));
        }
        let mut ids = HashSet::new();
        for (i, name) in scope.iter().enumerate() {
            let found = self.stored_for(caller, name).await;
            ids.insert(found.map_err(|e| e.field(format!("dataset_scope[{i}]")))?.0.row.id.clone());
        }
        Ok(Some(ids))
    }

    /// The same words for a table that is hidden as for one that is not there.
    pub(crate) async fn unknown_table(&self, caller: &Caller, name: &str) -> Error {
        let message = format!("There is no dataset `{name}`, or it is not shared with you.");
        let error = Error::new(ErrorCode::UnknownDataset, message).field("sql");
        let seen = self.list_datasets(caller).await.unwrap_or_default();
        match nearest(name, seen.iter().map(|d| d.name.as_str())) {
            Some(near) => error.hint(format!("Did you mean `{near}`?")),
            None => error,
        }
    }
}
