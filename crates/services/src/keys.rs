//! What the services remember about the columns of datasets: which of them are unique, which other
//! words there are for them.

use crate::Services;
use crate::catalog::Loaded;
use domain::table::Cell;
use domain::{Error, ErrorCode};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// More than this is never worth remembering.
const MAX_KNOWN: usize = 10_000;

/// Whether the values of columns repeat, by dataset and columns.
#[derive(Default)]
pub(crate) struct Keys(Mutex<HashMap<(String, Vec<String>), Known>>);

struct Known {
    segments: Vec<String>,
    repeats: bool,
}

impl Keys {
    /// What is known for these segments. What repeats goes on repeating when rows are added.
    fn recall(&self, loaded: &Loaded, columns: &[String]) -> Option<bool> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.get(&(loaded.row.id.clone(), columns.to_vec()))?;
        let is_there = |id: &String| loaded.segments.iter().any(|s| s.id == *id);
        let holds = found.segments.iter().all(is_there);
        (holds && (found.repeats || found.segments.len() == loaded.segments.len())).then_some(found.repeats)
    }

    fn remember(&self, loaded: &Loaded, columns: Vec<String>, repeats: bool) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAX_KNOWN {
            known.clear();
        }
        let segments = loaded.segments.iter().map(|s| s.id.clone()).collect();
        known.insert((loaded.row.id.clone(), columns), Known { segments, repeats });
    }
}

impl Services {
    /// Whether no two rows share the values of these columns. It is found out once for each version
    /// of the data; when that fails the answer is no, which is always right and sometimes slower.
    pub(crate) async fn is_unique(&self, loaded: &Loaded, columns: &[&str]) -> bool {
        let mut names: Vec<String> = columns.iter().map(|c| (*c).to_owned()).collect();
        names.sort();
        // The rows of a source change without a word, and so may those of a SELECT; what they answered
        // is kept for a while where that can be.
        // What is true of all rows says something to those who do not see them all.
        let is_kept = loaded.place().is_none() && loaded.statement.is_none() && !loaded.is_narrowed;
        let known = if is_kept { self.keys.recall(loaded, &names) } else { None };
        if let Some(repeats) = known {
            return !repeats;
        }
        let parts = loaded.parts();
        let Ok(sql) = semantic::repeats_sql(&loaded.dataset(&parts), columns, jiff::Timestamp::now()) else {
            return false;
        };
        match self.engine.scalar(&sql, &loaded.segments).await {
            Ok(Cell::Bool(repeats)) => {
                if is_kept {
                    self.keys.remember(loaded, names, repeats);
                }
                !repeats
            }
            Ok(_) => false,
            Err(error) => {
                tracing::warn!(%error, dataset = loaded.row.name, "whether columns are unique could not be found out");
                false
            }
        }
    }
}

/// An unknown column that is another word for one that there is.
pub(crate) fn explain_synonym(error: Error, datasets: &[Arc<Loaded>]) -> Error {
    if error.code != ErrorCode::UnknownColumn {
        return error;
    }
    for loaded in datasets {
        for (column, words) in &loaded.model.model.synonyms {
            let named = |word: &&String| error.message.to_lowercase().contains(&format!("`{}`", word.to_lowercase()));
            if loaded.column(column).is_some()
                && let Some(word) = words.iter().find(named)
            {
                return error.hint(format!("`{word}` is another word for `{column}`: write `{column}`."));
            }
        }
    }
    error
}
