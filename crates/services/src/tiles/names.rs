//! What the columns of a question are, whatever the question calls them: a dataset and a column.
//! Filters that come from other tiles find their columns by this.

use crate::catalog::Loaded;
use domain::query::{Filter, Query};
use std::collections::HashSet;
use std::sync::Arc;

/// A column of a dataset: the id of the one, the name of the other.
pub(crate) type Identity = (String, String);

/// The datasets of a question by the names that qualify their columns; its own comes first.
pub(crate) struct Names(pub(crate) Vec<(String, Arc<Loaded>)>);

impl Names {
    /// What a column of the question is.
    pub(crate) fn meaning(&self, column: &str) -> Option<Identity> {
        let of =
            |loaded: &Loaded, column: &str| loaded.column(column).map(|_| (loaded.row.id.clone(), column.to_owned()));
        if let Some(found) = self.0.iter().find_map(|(_, loaded)| of(loaded, column)) {
            return Some(found);
        }
        self.0.iter().find_map(|(qualifier, loaded)| {
            let names = [qualifier.as_str(), &loaded.row.name, &loaded.row.id];
            names.iter().find_map(|name| of(loaded, column.strip_prefix(name)?.strip_prefix('.')?))
        })
    }

    /// What the question calls a column; nothing where it does not read the column's dataset.
    pub(crate) fn called(&self, (dataset, column): &Identity) -> Option<String> {
        let at = self.0.iter().position(|(_, loaded)| loaded.row.id == *dataset)?;
        let (qualifier, loaded) = &self.0[at];
        loaded.column(column)?;
        let is_shared = self.0.iter().filter(|(_, other)| other.column(column).is_some()).count() > 1;
        Some(if at > 0 || is_shared { format!("{qualifier}.{column}") } else { column.clone() })
    }
}

/// The columns that a filter is about, as it writes them.
pub(crate) fn columns_of(filter: &Filter) -> Vec<&str> {
    let mut names = Vec::new();
    filter.each(&mut |condition| names.push(condition.column.as_str()));
    names
}

/// The filter with its columns called something else; nothing where one of them has no name.
pub(crate) fn renamed(filter: &Filter, name: &dyn Fn(&str) -> Option<String>) -> Option<Filter> {
    let all = |list: &[Filter]| list.iter().map(|f| renamed(f, name)).collect::<Option<Vec<_>>>();
    Some(match filter {
        Filter::And(list) => Filter::And(all(list)?),
        Filter::Or(list) => Filter::Or(all(list)?),
        Filter::Is(condition) => {
            let mut condition = condition.clone();
            condition.column = name(&condition.column)?;
            Filter::Is(condition)
        }
    })
}

/// The columns that a question shows: what it groups by, or lists.
pub(crate) fn shown(query: &Query, names: &Names) -> HashSet<Identity> {
    let dimensions = query.dimensions.iter().map(|d| d.column.as_str());
    dimensions.chain(query.columns.iter().map(String::as_str)).filter_map(|column| names.meaning(column)).collect()
}
