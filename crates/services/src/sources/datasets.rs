//! Datasets whose rows lie in a source.

use super::require_admin;
use crate::access::require_edit;
use crate::catalog::{Loaded, Stored};
use crate::datasets::int;
use crate::{Inner, Services, clock, from_json, new_id, to_json};
use domain::api::LoadResult;
use domain::names::{is_name, nearest, to_label, to_name};
use domain::source::{ChosenTable, MadeDatasets, SourceDatasets};
use domain::{Caller, DataType, Error, ErrorCode, Result};
use engine::sources::{Found, Place};
use engine::{Engine, Segment};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use store::{DatasetRow, Manifest, SourceTableRow};

/// Seconds for which answers are kept unless somebody says otherwise, and at most.
const CACHE_DURATION: u32 = 300;
const LONGEST: u32 = 86_400;
/// The most tables that are made datasets at once.
const MAX_TABLES: usize = 200;

/// How a table is named and read in SQL, as it is kept.
#[derive(Default, Serialize, Deserialize)]
struct Kept {
    path: Vec<String>,
    read_as: Vec<(String, DataType)>,
}

impl Inner {
    /// The place of a dataset's rows, if that is a source.
    pub(crate) async fn segment_of_source(&self, dataset: &DatasetRow) -> Result<Option<Segment>> {
        let Some(row) = self.store.source_table(&dataset.id).await? else { return Ok(None) };
        let spec = self.spec(&self.source_row(&row.source_id).await?)?;
        let kept: Kept = from_json(&row.table_json);
        let dialect = Engine::dialect_of(&spec.kind)?;
        let table = semantic::Table { source: row.source_id, dialect, path: kept.path, read_as: kept.read_as };
        let max_age = Duration::from_secs(u64::try_from(row.cache_duration).unwrap_or_default());
        let version = u64::try_from(dataset.version).unwrap_or_default();
        let place = Place { spec, table, max_age, version };
        Ok(Some(Segment::of_source(format!("source:{}", dataset.id), place)))
    }
}

/// Refuses to write where rows are only read.
pub(crate) fn refuse_source(loaded: &Stored) -> Result<()> {
    if loaded.place().is_none() {
        return Ok(());
    }
    Err(Error::new(ErrorCode::RuleRefused, "The rows of this dataset lie in a source, which is only read.")
        .hint("Change them there; the dataset shows what the source has."))
}

impl Stored {
    /// Where its rows lie, if that is a source.
    pub(crate) fn place(&self) -> Option<&Place> {
        self.segments.first().and_then(Segment::place)
    }
}

impl Loaded {
    /// The same with another age up to which answers are kept, where its source cannot tell.
    pub(crate) fn aged(self: &Arc<Self>, seconds: i64) -> Arc<Self> {
        let Some(place) = self.place() else { return self.clone() };
        let max_age = Duration::from_secs(u64::try_from(seconds).unwrap_or_default());
        if place.max_age == max_age {
            return self.clone();
        }
        let segment = Segment::of_source(self.segments[0].id.clone(), Place { max_age, ..place.clone() });
        self.with(|stored| stored.segments = vec![segment])
    }
}

impl Services {
    /// Makes datasets of tables of a source. They belong to the caller, who may share them.
    ///
    /// # Errors
    /// The caller is no administrator, a table is not there, or a name is taken: nothing is made.
    pub async fn make_source_datasets(
        &self,
        caller: &Caller,
        id: &str,
        wanted: SourceDatasets,
    ) -> Result<MadeDatasets> {
        require_admin(caller)?;
        let spec = self.spec(&self.source_row(id).await?)?;
        if wanted.tables.is_empty() || wanted.tables.len() > MAX_TABLES {
            return Err(Error::invalid(format!("Choose 1 to {MAX_TABLES} tables.")).field("tables"));
        }
        let found = self.engine.source_tables(&spec).await?;
        let mut chosen = Vec::new();
        let mut names: Vec<String> = Vec::new();
        for (i, each) in wanted.tables.iter().enumerate() {
            let table = find(&found, &each.table).map_err(|e| e.field(format!("tables[{i}].table")))?;
            let name =
                self.name_for(each, &table.name, &names).await.map_err(|e| e.field(format!("tables[{i}].name")))?;
            let label = each.label.clone().unwrap_or_else(|| to_label(last_word(&table.name)));
            if label.trim().is_empty() || label.chars().count() > 200 {
                return Err(Error::invalid("A label has 1 to 200 characters.").field(format!("tables[{i}].label")));
            }
            let duration = each.cache_duration.unwrap_or(CACHE_DURATION);
            check_duration(duration).map_err(|e| e.field(format!("tables[{i}].cache_duration")))?;
            names.push(name.clone());
            chosen.push((table, name, label, duration));
        }
        let mut datasets = Vec::new();
        for (table, name, label, duration) in chosen {
            let dataset = self.insert_source_dataset(caller, id, table, name, label, duration).await?;
            self.record(caller, "make_dataset", "dataset", &dataset).await;
            datasets.push(self.get_dataset(caller, &dataset).await?);
        }
        Ok(MadeDatasets { datasets })
    }

    /// Asks the source what columns the table of a dataset has now, and forgets the answers it gave.
    ///
    /// # Errors
    /// The caller may not edit the dataset, its rows lie in no source, or the table is gone.
    pub async fn refresh_dataset(&self, caller: &Caller, name_or_id: &str) -> Result<LoadResult> {
        let (loaded, access) = self.dataset_for(caller, name_or_id).await?;
        require_edit(caller, access, "dataset")?;
        let (Some(place), Some(row)) = (loaded.place(), self.store.source_table(&loaded.row.id).await?) else {
            return Err(Error::invalid("The rows of this dataset were uploaded: there is no source to ask."));
        };
        let found = self.engine.source_tables(&place.spec).await?;
        let table = find(&found, &row.table_name)?;
        let mut columns = table.columns.clone();
        for column in &mut columns {
            if let Some(old) = loaded.columns.iter().find(|old| old.name == column.name && old.ty == column.ty) {
                *column = old.clone();
            }
        }
        let kept = Kept { path: table.table.path.clone(), read_as: table.table.read_as.clone() };
        self.store.upsert_source_table(&SourceTableRow { table_json: to_json(&kept), ..row }).await?;
        let manifest = Manifest {
            columns_json: to_json(&columns),
            segments_json: "[]".to_owned(),
            row_count: int(table.rows.unwrap_or_default()),
            bytes: 0,
            origin: loaded.row.origin.clone(),
            updated_at: clock::now_ms(),
        };
        let version = self.store.replace_segments(&loaded.row.id, loaded.row.version, &manifest).await?;
        self.announce(&loaded, version);
        self.record(caller, "refresh_dataset", "dataset", &loaded.row.id).await;
        let misfits = self.misfits(caller, &loaded.row.id).await?;
        let dataset = self.get_dataset(caller, &loaded.row.id).await?;
        Ok(LoadResult { dataset, misfits, rejected: 0, rejects: Vec::new() })
    }

    /// Sets for how long answers of a dataset are kept, where its source cannot tell what changed.
    pub(crate) async fn set_cache_duration(&self, loaded: &Loaded, seconds: u32) -> Result<()> {
        check_duration(seconds).map_err(|e| e.field("cache_duration"))?;
        let Some(row) = self.store.source_table(&loaded.row.id).await? else {
            return Err(Error::invalid("Answers of this dataset are kept until its rows change.")
                .hint("Only where a source cannot tell what changed are they kept for a time.")
                .field("cache_duration"));
        };
        self.store.upsert_source_table(&SourceTableRow { cache_duration: i64::from(seconds), ..row }).await
    }

    /// A free name for a dataset: the one asked for, or one made from the table's.
    async fn name_for(&self, wanted: &ChosenTable, table: &str, taken: &[String]) -> Result<String> {
        if let Some(name) = &wanted.name {
            if !is_name(name) {
                return Err(Error::invalid("A name has 1 to 60 of the characters a to z, 0 to 9 and _."));
            }
            if taken.contains(name) || self.stored_dataset(name).await?.is_some() {
                return Err(Error::new(ErrorCode::NameTaken, format!("The name `{name}` is taken.")));
            }
            return Ok(name.clone());
        }
        let mut all: HashSet<String> = self.store.datasets().await?.into_iter().map(|d| d.name).collect();
        all.extend(taken.iter().cloned());
        Ok(free_name(table, &all))
    }

    async fn insert_source_dataset(
        &self,
        caller: &Caller,
        source: &str,
        table: &Found,
        name: String,
        label: String,
        duration: u32,
    ) -> Result<String> {
        let (id, now) = (new_id(), clock::now_ms());
        let row = DatasetRow {
            id: id.clone(),
            name,
            label: label.trim().to_owned(),
            description: String::new(),
            owner_id: caller.user_id.clone(),
            columns_json: to_json(&table.columns),
            segments_json: "[]".to_owned(),
            row_count: int(table.rows.unwrap_or_default()),
            bytes: 0,
            version: 1,
            origin: format!("source:{source}/{}", table.name),
            is_public: false,
            created_at: now,
            updated_at: now,
            profile_json: None,
            profile_version: 0,
        };
        self.store.insert_dataset(&row).await?;
        self.close_new(&id, &row.owner_id).await?;
        let kept = Kept { path: table.table.path.clone(), read_as: table.table.read_as.clone() };
        let place = SourceTableRow {
            dataset_id: id.clone(),
            source_id: source.to_owned(),
            table_name: table.name.clone(),
            table_json: to_json(&kept),
            cache_duration: i64::from(duration),
        };
        if let Err(error) = self.store.upsert_source_table(&place).await {
            // The source was deleted meanwhile.
            self.store.delete_dataset(&id).await?;
            return Err(error);
        }
        Ok(id)
    }
}

fn check_duration(seconds: u32) -> Result<()> {
    if seconds <= LONGEST {
        return Ok(());
    }
    Err(Error::invalid(format!("Answers are kept for at most {LONGEST} seconds.")))
}

/// A name for a dataset of a table that no dataset has.
pub(super) fn free_name(table: &str, taken: &HashSet<String>) -> String {
    let base = to_name(last_word(table));
    if !taken.contains(&base) {
        return base;
    }
    let stem: String = base.chars().take(50).collect();
    // One more than there are names is always free.
    let numbered = (2..=taken.len() + 2).map(|n| to_name(&format!("{stem}_{n}")));
    numbered.into_iter().find(|name| !taken.contains(name)).unwrap_or(base)
}

pub(super) fn find<'f>(found: &'f [Found], name: &str) -> Result<&'f Found> {
    found.iter().find(|t| t.name == name).ok_or_else(|| {
        let short: String = name.chars().take(100).collect();
        let error = Error::new(ErrorCode::NotFound, format!("The source has no table `{short}`, or may not read it."));
        match nearest(&short, found.iter().map(|t| t.name.as_str())) {
            Some(near) => error.hint(format!("Did you mean `{near}`?")),
            None => error,
        }
    })
}

/// `orders` of `public.orders`, of `2024/orders.csv` and of `orders.csv.gz`.
fn last_word(table: &str) -> &str {
    let file = table.rsplit('/').next().unwrap_or(table);
    let stem = [".csv.gz", ".csv", ".tsv", ".txt", ".parquet", ".pq"].iter().find_map(|end| file.strip_suffix(end));
    match stem {
        Some(stem) => stem,
        None => file.rsplit('.').next().unwrap_or(file),
    }
}

#[cfg(test)]
mod tests {
    use super::last_word;

    #[test]
    fn datasets_are_called_like_their_tables() {
        let tables = ["public.orders", "2024/orders.csv", "orders.csv.gz", "orders", "main.orders"];
        assert!(tables.iter().all(|t| last_word(t) == "orders"));
    }
}
