//! Columns of joined datasets: `airlines.name` is the column `name` of the join called `airlines`.

use domain::query::{Join, Query};
use domain::{Column, Dataset};

/// The columns that a question may name: its dataset's, then those of each join under their
/// qualified names.
pub fn columns(query: &Query, datasets: &[Dataset]) -> Vec<Column> {
    let mut all = find(datasets, &query.dataset).map(|d| d.columns.clone()).unwrap_or_default();
    for join in &query.joins {
        let Some(dataset) = find(datasets, &join.dataset) else { continue };
        all.extend(dataset.columns.iter().map(|column| Column {
            name: format!("{}.{}", join.qualifier(), column.name),
            label: format!("{} ({})", column.label, heading(join, datasets)),
            ..column.clone()
        }));
    }
    all
}

/// The dataset of a name or id.
pub fn find<'a>(datasets: &'a [Dataset], name: &str) -> Option<&'a Dataset> {
    datasets.iter().find(|d| d.name == name || d.id == name)
}

/// What people call a join: the alias, else the dataset.
pub fn heading(join: &Join, datasets: &[Dataset]) -> String {
    let dataset = || find(datasets, &join.dataset).map(|d| d.label.clone());
    let alias = join.alias.as_deref().map(domain::names::to_label);
    alias.or_else(dataset).unwrap_or_else(|| join.dataset.clone())
}

/// The dataset that has a column, and the column's name there.
pub fn home(query: &Query, column: &str) -> (String, String) {
    let of_join = query.joins.iter().find_map(|join| {
        let own = column.strip_prefix(join.qualifier())?.strip_prefix('.')?;
        Some((join.dataset.clone(), own.to_owned()))
    });
    of_join.unwrap_or_else(|| (query.dataset.clone(), column.to_owned()))
}

/// The qualifier of a joined column.
pub fn qualifier<'a>(query: &'a Query, column: &str) -> Option<&'a str> {
    let starts = |join: &&Join| column.strip_prefix(join.qualifier()).is_some_and(|rest| rest.starts_with('.'));
    query.joins.iter().find(starts).map(Join::qualifier)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_joined_column_is_found_at_home() {
        let join = |alias: Option<&str>| Join {
            dataset: "airlines".into(),
            on: vec![("carrier".into(), "carrier".into())],
            kind: Default::default(),
            alias: alias.map(str::to_owned),
        };
        let query = Query { dataset: "flights".into(), joins: vec![join(Some("a")), join(None)], ..Query::default() };
        assert_eq!(home(&query, "a.name"), ("airlines".into(), "name".into()));
        assert_eq!(home(&query, "airlines.name"), ("airlines".into(), "name".into()));
        assert_eq!(home(&query, "carrier"), ("flights".into(), "carrier".into()));
        assert_eq!(qualifier(&query, "airlines.name"), Some("airlines"));
        assert_eq!(qualifier(&query, "a_thing"), None);
    }
}
