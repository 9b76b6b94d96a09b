//! The rows behind a tile, and what it can be drilled by.

use super::names::{Identity, Names, columns_of};
use super::question::{Question, is_in_hierarchy};
use super::steps;
use crate::Services;
use crate::access::may_see_sql;
use domain::api::RowsRequest;
use domain::connect::{DrillChoices, TileAsk, TileRows};
use domain::query::{Dir, Measure, Order, Query};
use domain::{Access, Caller, Column, Error, ErrorCode, Result};

/// Rows of one page, by default and at most.
const PAGE: (u64, u64) = (100, 1_000);

impl Services {
    /// The rows that a tile, or a mark of it, is made of: a page of them, and how many there are.
    ///
    /// # Errors
    /// The tile is not visible, its reader may neither explore the dashboard nor see the data, the page
    /// asks about a column that the dashboard does not show, or the dashboard shows no column of the rows.
    pub async fn tile_rows(
        &self,
        caller: &Caller,
        dashboard: &str,
        tile: &str,
        ask: &TileAsk,
        request: &RowsRequest,
    ) -> Result<TileRows> {
        let (_, access) = self.dashboard_for(caller, dashboard).await?;
        let asked = self.question_at(caller, dashboard, tile, ask).await?;
        if access < Access::Explore && !asked.reach.is_free_of(&asked.names) {
            return Err(Error::forbidden("You may look at this dashboard, but not at the rows behind it.")
                .hint("Ask its owner for the right to explore it."));
        }
        let columns = row_columns(&asked);
        if columns.is_empty() {
            return Err(Error::forbidden("This dashboard shows no columns of single rows.")
                .hint("Ask its owner for the right to the data."));
        }
        let Question { loaded, query, .. } = asked;
        let order = match &request.sort {
            Some(sort) if columns.contains(sort) => {
                let dir = if request.descending { Dir::Desc } else { Dir::Asc };
                vec![Order { by: sort.clone(), dir }]
            }
            Some(sort) => {
                let sentence = format!("These rows have no column `{sort}`.");
                return Err(Error::new(ErrorCode::UnknownColumn, sentence).field("sort"));
            }
            None => Vec::new(),
        };
        let filter = steps::plain(query.filter);
        let mut base = Query { dataset: query.dataset, filter, timezone: query.timezone, ..Query::default() };
        let is_used = |qualifier: &str| {
            let of = |name: &str| name.strip_prefix(qualifier).is_some_and(|rest| rest.starts_with('.'));
            columns.iter().any(|c| of(c)) || base.filter.iter().flat_map(columns_of).any(|c| of(c) || !c.contains('.'))
        };
        base.joins = query
            .joins
            .into_iter()
            .filter(|j| j.kind == domain::query::JoinKind::Inner || is_used(j.qualifier()))
            .collect();
        let count = Query { measures: vec![Measure::count()], ..base.clone() };
        let limit = request.limit.unwrap_or(PAGE.0).clamp(1, PAGE.1);
        let page = Query { columns, order, limit: Some(limit), offset: request.offset, ..base };
        let (answer, _) = self.answer_in_turn(caller, &loaded, &page).await?;
        let (total, _) = self.answer_in_turn(caller, &loaded, &count).await?;
        let total = total.table.data.first().and_then(|c| c.first()).and_then(domain::Cell::as_f64);
        Ok(TileRows { table: answer.table.clone(), total: total.unwrap_or_default().max(0.0) as u64 })
    }

    /// What the caller can drill a tile by.
    ///
    /// # Errors
    /// The tile is not visible.
    pub async fn drill_choices(
        &self,
        caller: &Caller,
        dashboard: &str,
        tile: &str,
        ask: &TileAsk,
    ) -> Result<DrillChoices> {
        let asked = self.question_at(caller, dashboard, tile, ask).await?;
        let hierarchies = Self::hierarchies(&asked.loaded);
        let mut columns: Vec<Column> = Vec::new();
        for (at, (_, loaded)) in asked.names.0.iter().enumerate() {
            for column in loaded.shown() {
                let identity = (loaded.row.id.clone(), column.name.clone());
                let may =
                    asked.reach.has(&identity) || is_in_hierarchy(&identity, &asked.names, &asked.reach, &hierarchies);
                let Some(name) = asked.names.called(&identity).filter(|_| may) else { continue };
                let label =
                    if at == 0 { column.label.clone() } else { format!("{}: {}", loaded.row.label, column.label) };
                columns.push(Column { name, label, ..column.clone() });
            }
        }
        let hierarchies = hierarchies
            .into_iter()
            .filter(|h| h.columns.iter().all(|c| columns.iter().any(|known| known.name == *c)))
            .collect();
        Ok(DrillChoices { columns, hierarchies, sql: may_see_sql(caller) })
    }
}

/// The columns of single rows that the reader may see: all of the dataset, or those of the dashboard.
fn row_columns(asked: &Question) -> Vec<String> {
    let names: &Names = &asked.names;
    let mut columns = Vec::new();
    let Some((_, base)) = names.0.first() else { return columns };
    let own = base.shown().map(|c| (base.row.id.clone(), c.name.clone()));
    let joined = asked.query.dimensions.iter().filter_map(|d| names.meaning(&d.column));
    let all: Vec<Identity> = own.chain(joined).collect();
    for identity in all.iter().filter(|i| asked.reach.has(i)) {
        if let Some(name) = names.called(identity).filter(|name| !columns.contains(name)) {
            columns.push(name);
        }
    }
    columns
}
