//! Which datasets a dashboard reads, by its document alone: nobody's right is asked for here.

use crate::Services;
use domain::Result;
use domain::dashboard::{DataSource, Layout};
use std::collections::{BTreeMap, BTreeSet};

impl Services {
    /// The datasets that the tiles and filter controls of a dashboard read, label by id. Those that are
    /// gone are not among them, and of a SELECT in a tile what it reads is.
    pub(crate) async fn datasets_read(&self, layout: &Layout) -> Result<BTreeMap<String, String>> {
        let mut open: BTreeSet<String> = layout.filters.iter().map(|control| control.dataset.clone()).collect();
        for source in layout.widgets.iter().filter_map(|tile| tile.data_source.as_ref()) {
            open.extend(self.names_read(source).await?);
        }
        let (mut found, mut looked) = (BTreeMap::new(), BTreeSet::new());
        while let Some(name) = open.pop_first() {
            if !looked.insert(name.clone()) {
                continue;
            }
            let Some(dataset) = self.stored_dataset(&name).await? else { continue };
            if dataset.is_inline() {
                open.extend(dataset.statement.iter().flat_map(|statement| statement.reads.clone()));
            } else {
                found.insert(dataset.row.id.clone(), dataset.row.label.clone());
            }
        }
        Ok(found)
    }

    /// The names that a tile's source writes. A metric is the same number for everybody and reads nothing
    /// for its reader.
    async fn names_read(&self, source: &DataSource) -> Result<BTreeSet<String>> {
        let mut names = BTreeSet::new();
        if let Some(sql) = &source.sql {
            let select = self.engine.read_select(sql).await?;
            names.extend(select.tables().map(str::to_owned));
        }
        names.extend(source.table.clone());
        if let Some(forecast) = &source.forecast {
            names.insert(self.dataset_of_forecast(forecast).await?);
        }
        if let Some(query) = &source.query {
            names.insert(query.dataset.clone());
            names.extend(query.joins.iter().map(|join| join.dataset.clone()));
        }
        Ok(names)
    }
}
