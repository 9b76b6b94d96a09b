//! From the names in a statement to the datasets that somebody may read, as they are now.

use crate::access::require_sql;
use crate::catalog::{Loaded, Stored};
use crate::policies::Reader;
use crate::{Inner, Services, clock, from_json, to_json};
use domain::people::Scope;
use domain::{Access, Caller, Column, Dataset, Error, ErrorCode, Result, Role};
use engine::Segment;
use engine::sandbox::{Readable, Select};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;
use store::{DatasetRow, StatementRow};

/// What a dataset that is a SELECT says of its origin.
pub(crate) const SQL_ORIGIN: &str = "sql";
/// The ids of statements without a name of their own begin like this.
const INLINE: &str = "sql:";
/// Statements may build on statements so many times.
const MAX_DEPTH: usize = 8;

/// A SELECT that stands for a dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    pub(crate) sql: String,
    /// Ids of the datasets it may read.
    pub(crate) scope: Option<Vec<String>>,
    /// Names it reads.
    pub(crate) reads: Vec<String>,
}

impl From<StatementRow> for Statement {
    fn from(row: StatementRow) -> Self {
        let scope = row.scope_json.as_deref().map(from_json);
        Self { sql: row.sql_text, scope, reads: from_json(&row.reads_json) }
    }
}

/// The datasets behind the names of a statement.
pub(crate) type Bases = BTreeMap<String, Arc<Stored>>;

/// A statement bound to what is read.
pub(crate) struct Binding {
    pub(crate) segment: Segment,
    /// The sum of the versions of its datasets.
    pub(crate) version: i64,
    /// Whether rules hide something of them.
    pub(crate) is_narrowed: bool,
}

impl Services {
    /// The datasets that a statement names, as far as somebody may read them.
    pub(crate) async fn bases(
        &self,
        reader: &Caller,
        select: &Select,
        scope: Option<&HashSet<String>>,
    ) -> Result<Bases> {
        let mut bases = Bases::new();
        for name in select.tables() {
            let Some(found) = self.readable(reader, name).await? else {
                return Err(self.unknown_table(reader, name).await);
            };
            if scope.is_some_and(|ids| !ids.contains(&found.row.id)) {
                let message = format!("The dataset `{name}` is not in the scope of this SQL.");
                return Err(Error::new(ErrorCode::UnknownDataset, message).field("sql").hint("Add it to the scope."));
            }
            bases.insert(name.to_owned(), found);
        }
        Ok(bases)
    }

    /// The SELECT of a tile or a metric as a dataset. Its author needs the right to SQL and to
    /// everything that it reads.
    pub(crate) async fn statement_for(&self, author: &Caller, sql: &str) -> Result<Arc<Loaded>> {
        require_sql(author)?;
        let select = self.engine.read_select(sql).await?;
        self.bases(author, &select, None).await?;
        let (row, statement) = inline(statement_row(sql, &select));
        let stored = Stored { statement: Some(statement), ..Stored::new(row, None, None) };
        let loaded = self.bound(&Arc::new(stored), &Reader::of(author), 0).await?;
        if loaded.columns.is_empty()
            && let [only] = loaded.segments.as_slice()
        {
            // Nobody could ask it anything: this says why.
            self.engine.describe_select(only).await?;
        }
        Ok(loaded)
    }

    /// The same for who edits the tile, with an id by which it can be asked.
    ///
    /// # Errors
    /// No right, SQL that is not allowed or does not work.
    pub async fn dataset_of_sql(&self, author: &Caller, sql: &str) -> Result<Dataset> {
        let kept = self.keep_statement(author, sql).await?;
        self.get_dataset(author, &kept.row.id).await
    }

    /// The same, kept, so that it can be named like a dataset.
    pub(crate) async fn keep_statement(&self, author: &Caller, sql: &str) -> Result<Arc<Loaded>> {
        let loaded = self.statement_for(author, sql).await?;
        let select = self.engine.read_select(sql).await?;
        self.store.put_statement(&statement_row(sql, &select)).await?;
        Ok(loaded)
    }
}

impl Inner {
    /// A dataset that a person may read, its own SELECT not bound yet.
    async fn readable(&self, reader: &Caller, name: &str) -> Result<Option<Arc<Stored>>> {
        let Some(found) = self.stored_dataset(name).await? else { return Ok(None) };
        let row = &found.row;
        let may = self.access_of(reader, store::ThingKind::Dataset, &row.id, &row.owner_id, row.is_public).await?;
        // A statement without a name is no table.
        Ok(may.and((!found.is_inline()).then_some(found)))
    }

    /// What statements of tiles and metrics are called.
    pub(crate) fn inline_id(sql: &str) -> String {
        let hash = Sha256::digest(sql.as_bytes());
        let hex: String = hash.iter().take(16).map(|b| format!("{b:02x}")).collect();
        format!("{INLINE}{hex}")
    }

    /// Whether somebody may ask a statement without a name on their own: who may read all it reads.
    pub(crate) async fn may_read_inline(&self, reader: &Caller, loaded: &Stored) -> Result<Option<Access>> {
        for name in loaded.statement.iter().flat_map(|s| &s.reads) {
            if self.readable(reader, name).await?.is_none() {
                return Ok(None);
            }
        }
        Ok(Some(Access::View))
    }

    /// The SELECT of a tile as a dataset, whoever asks: its author was asked for the right.
    pub(crate) async fn inline_dataset(&self, sql: &str, reader: &Reader) -> Result<Arc<Loaded>> {
        let id = Self::inline_id(sql);
        if self.store.statement(&id).await?.is_none() {
            let select = self.engine.read_select(sql).await?;
            self.store.put_statement(&statement_row(sql, &select)).await?;
        }
        self.load_dataset(&id, reader).await?.ok_or_else(Error::internal)
    }

    /// A kept statement without a name as the row of a dataset.
    pub(crate) async fn inline_row(&self, id: &str) -> Result<Option<(DatasetRow, Statement)>> {
        if !id.starts_with(INLINE) {
            return Ok(None);
        }
        Ok(self.store.statement(id).await?.map(inline))
    }

    /// A dataset that is a SELECT, bound to what it reads as that is now. Where that does not work, it
    /// still is there, and says why to whoever asks it something.
    pub(crate) async fn bound(&self, stored: &Arc<Stored>, reader: &Reader, depth: usize) -> Result<Arc<Loaded>> {
        let mut bound = Loaded::of(stored.clone(), self.policy_of(stored, reader).await?, reader);
        let Some(statement) = &stored.statement else { return Ok(Arc::new(bound)) };
        let segment = match self.bind_statement(stored, statement, reader, depth).await {
            Ok(binding) => {
                // It changes whenever one of its tables does.
                bound.row.version += binding.version;
                bound.is_narrowed |= binding.is_narrowed;
                binding.segment
            }
            Err(error) if error.code == ErrorCode::Internal => return Err(error),
            Err(error) => self.engine.broken(error),
        };
        if stored.is_inline()
            && let Ok(columns) = self.engine.describe_select(&segment).await
        {
            bound.columns = columns_of(&columns);
        }
        bound.segments = vec![segment];
        Ok(Arc::new(bound))
    }

    /// What it reads is read with the eyes of who made it and of who reads it: neither sees through it
    /// what they would not see without it.
    async fn bind_statement(
        &self,
        loaded: &Stored,
        statement: &Statement,
        reader: &Reader,
        depth: usize,
    ) -> Result<Binding> {
        let select = self.engine.read_select(&statement.sql).await?;
        let mut bases = Bases::new();
        let owner = match loaded.is_inline() {
            true => None,
            false => Some(self.owner_of(loaded).await?),
        };
        for name in select.tables() {
            let found = match &owner {
                Some(owner) => self.readable(owner, name).await?,
                None => self.stored_dataset(name).await?.filter(|found| !found.is_inline()),
            };
            let in_scope = |found: &Arc<Stored>| statement.scope.as_ref().is_none_or(|s| s.contains(&found.row.id));
            bases.insert(name.to_owned(), found.filter(in_scope).ok_or_else(stopped)?);
        }
        let eyes = owner.map_or_else(|| reader.clone(), |owner| reader.through(&owner));
        self.bind_to(&select, &bases, &eyes, depth).await
    }

    /// Binds a statement to datasets that it may read, as somebody sees them.
    pub(crate) async fn bind_to(
        &self,
        select: &Arc<Select>,
        bases: &Bases,
        reader: &Reader,
        depth: usize,
    ) -> Result<Binding> {
        if depth >= MAX_DEPTH {
            let message = "This SQL reads datasets that are SQL, too many times over.";
            return Err(Error::new(ErrorCode::InvalidQuery, message).hint("A dataset cannot be made of itself."));
        }
        let now = jiff::Timestamp::now();
        let mut tables = Vec::with_capacity(bases.len());
        let (mut version, mut is_narrowed) = (0, false);
        for (name, base) in bases {
            let base = Box::pin(self.bound(base, reader, depth + 1)).await?;
            version += base.row.version;
            is_narrowed |= base.is_narrowed;
            let parts = base.parts();
            let sql = semantic::view::readable_sql(&base.dataset(&parts), now)?;
            tables.push(Readable { name: name.clone(), sql, segments: base.segments.clone() });
        }
        Ok(Binding { segment: self.engine.bind(select, tables), version, is_narrowed })
    }

    /// The owner of a dataset, who must still be somebody who may write SQL.
    pub(crate) async fn owner_of(&self, loaded: &Stored) -> Result<Caller> {
        let owner = self.store.user(&loaded.row.owner_id).await?.filter(|user| user.is_active).ok_or_else(stopped)?;
        let owner = self.caller_of(&owner, Scope::Read, "").await?;
        require_sql(&owner).map_err(|_| stopped())?;
        Ok(owner)
    }

    /// The ids of all datasets that a statement reads, directly or through others.
    pub(crate) async fn behind(&self, loaded: &Stored) -> Result<BTreeSet<String>> {
        let mut found = BTreeSet::new();
        let mut open: Vec<String> = loaded.statement.iter().flat_map(|s| s.reads.clone()).collect();
        while let Some(name) = open.pop() {
            let Some(base) = self.stored_dataset(&name).await? else { continue };
            if found.insert(base.row.id.clone()) {
                open.extend(base.statement.iter().flat_map(|s| s.reads.clone()));
            }
        }
        Ok(found)
    }
}

impl Stored {
    /// Whether it is a SELECT without a name, of a tile or a metric.
    pub(crate) fn is_inline(&self) -> bool {
        self.row.id.starts_with(INLINE)
    }
}

/// How a statement without a name is kept.
fn statement_row(sql: &str, select: &Select) -> StatementRow {
    let reads: Vec<&str> = select.tables().collect();
    StatementRow {
        id: Inner::inline_id(sql),
        sql_text: sql.to_owned(),
        scope_json: None,
        reads_json: to_json(&reads),
        created_at: clock::now_ms(),
    }
}

/// The row of a dataset that such a statement stands for.
fn inline(row: StatementRow) -> (DatasetRow, Statement) {
    let (created_at, updated_at) = (row.created_at, row.created_at);
    let dataset =
        DatasetRow { label: "SQL".into(), origin: SQL_ORIGIN.into(), created_at, updated_at, ..blank_row(&row.id) };
    (dataset, row.into())
}

/// A dataset of which nothing is known but its id.
pub(crate) fn blank_row(id: &str) -> DatasetRow {
    DatasetRow {
        id: id.to_owned(),
        name: id.to_owned(),
        label: String::new(),
        description: String::new(),
        owner_id: String::new(),
        columns_json: "[]".into(),
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
    }
}

/// Why a dataset that is SQL answers no more.
fn stopped() -> Error {
    Error::new(
        ErrorCode::RuleRefused,
        "The SQL of this dataset reads data that is gone, or that its owner may not read.",
    )
    .hint("Ask its owner to look at it.")
}

/// Columns of a statement, with a first guess at what they are for.
pub(crate) fn columns_of(described: &[(String, domain::DataType)]) -> Vec<Column> {
    let column = |(name, ty): &(String, domain::DataType)| {
        let (role, format) = engine::roles::guess(name, *ty, &engine::roles::Facts::default());
        let role = if ty.is_time() { Role::Time } else { role };
        Column {
            name: name.clone(),
            label: domain::names::to_label(name),
            ty: *ty,
            role,
            description: String::new(),
            format,
            is_calculated: false,
        }
    };
    described.iter().map(column).collect()
}
