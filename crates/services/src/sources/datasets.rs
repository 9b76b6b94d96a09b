//! Datasets whose rows lie in a source.

use super::require_admin;
use crate::access::require_edit;
use crate::catalog::Loaded;
use crate::datasets::int;
use crate::{Inner, Services, clock, from_json, new_id, to_json};
use domain::api::LoadResult;
use domain::names::{is_name, nearest, to_label, to_name};
use domain::source::{ChosenTable, MadeDatasets, SourceDatasets};
use domain::{Caller, DataType, Error, ErrorCode, Result};
use engine::sources::{Found, Place};
use engine::{Engine, Segment};
use serde::{Deserialize, Serialize};
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
    pub(crate) async fn segment_of_source(&self, dataset_id: &str) -> Result<Option<Segment>> {
        let Some(row) = self.store.source_table(dataset_id).await? else { return Ok(None) };
        let spec = self.spec(&self.source_row(&row.source_id).await?)?;
        let kept: Kept = from_json(&row.table_json);
        let dialect = Engine::dialect_of(&spec.kind)?;
        let table = semantic::Table { source: row.source_id, dialect, path: kept.path, read_as: kept.read_as };
        let max_age = Duration::from_secs(u64::try_from(row.cache_duration).unwrap_or_default());
        Ok(Some(Segment::of_source(format!("source:{dataset_id}"), Place { spec, table, max_age })))
    }
}

/// Refuses to write where rows are only read.
pub(crate) fn refuse_source(loaded: &Loaded) -> Result<()> {
    if loaded.place().is_none() {
        return Ok(());
    }
    Err(Error::new(ErrorCode::RuleRefused, "The rows of this dataset lie in a source, which is only read.")
        .hint("Change them there; the dataset shows what the source has."))
}

impl Loaded {
    /// Where its rows lie, if that is a source.
    pub(crate) fn place(&self) -> Option<&Place> {
        self.segments.first().and_then(Segment::place)
    }

    /// The same with another age up to which answers are kept, where its source cannot tell.
    pub(crate) fn aged(self: &Arc<Self>, seconds: i64) -> Arc<Self> {
        let Some(place) = self.place() else { return self.clone() };
        let max_age = Duration::from_secs(u64::try_from(seconds).unwrap_or_default());
        if place.max_age == max_age {
            return self.clone();
        }
        let segment = Segment::of_source(self.segments[0].id.clone(), Place { max_age, ..place.clone() });
        Arc::new(Self { segments: vec![segment], ..Self::clone(self) })
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
            if duration > LONGEST {
                return Err(Error::invalid(format!("Answers are kept for at most {LONGEST} seconds."))
                    .field(format!("tables[{i}].cache_duration")));
            }
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

    /// Asks the source what columns the table of a dataset has now.
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

    /// A free name for a dataset: the one asked for, or one made from the table's.
    async fn name_for(&self, wanted: &ChosenTable, table: &str, taken: &[String]) -> Result<String> {
        if let Some(name) = &wanted.name {
            if !is_name(name) {
                return Err(Error::invalid("A name has 1 to 60 of the characters a to z, 0 to 9 and _."));
            }
            if taken.contains(name) || self.load_dataset(name).await?.is_some() {
                return Err(Error::new(ErrorCode::NameTaken, format!("The name `{name}` is taken.")));
            }
            return Ok(name.clone());
        }
        let base = to_name(last_word(table));
        for n in 1..1_000 {
            let name = if n == 1 {
                base.clone()
            } else {
                to_name(&format!("{}_{n}", base.chars().take(50).collect::<String>()))
            };
            if !taken.contains(&name) && self.load_dataset(&name).await?.is_none() {
                return Ok(name);
            }
        }
        Err(Error::new(ErrorCode::NameTaken, "There are too many datasets of this name.").hint("Choose another."))
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

fn find<'f>(found: &'f [Found], name: &str) -> Result<&'f Found> {
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
