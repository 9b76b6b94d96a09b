//! What a chart says, and what changed on a dashboard. Both are about rows that the tiles show already,
//! asked as the tiles are: with the eyes of the caller, and for no column that the page does not show
//! unless the caller may ask anything of its dataset.

use super::run;
use crate::Services;
use crate::catalog::Loaded;
use crate::policies::Reader;
use domain::connect::{TileAsk, previous, stretch};
use domain::discovery::{DashboardChanges, Since, TilesChanged};
use domain::insight::{Explanation, Span};
use domain::query::{Agg, Filter, Grain, Measure, Query};
use domain::{Caller, Cell, DataType, Error, ErrorCode, Result, Role, Table, calendar};
use intelligence::insights::Subject;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Tiles that are looked at.
const MOST_TILES: usize = 40;
/// Sets of rows that are compared: tiles of the same dataset with the same filters share one.
const MOST_SETS: usize = 6;
/// Columns that may explain a change.
const MOST_DIMENSIONS: usize = 12;

/// Rows that some tiles share.
struct Rows {
    loaded: Arc<Loaded>,
    filter: Option<Filter>,
    time: String,
    grain: Grain,
    columns: BTreeSet<String>,
    tiles: Vec<String>,
    titles: Vec<String>,
}

/// A filter without what it says of a column, as far as that can be taken out.
fn without(filter: Filter, column: &str) -> Option<Filter> {
    match filter {
        Filter::And(all) => {
            let left: Vec<Filter> = all.into_iter().filter_map(|f| without(f, column)).collect();
            (!left.is_empty()).then_some(Filter::And(left))
        }
        Filter::Is(condition) if condition.column == column => None,
        other => Some(other),
    }
}

/// What that takes out.
fn only(filter: Filter, column: &str) -> Option<Filter> {
    match filter {
        Filter::And(all) => {
            let left: Vec<Filter> = all.into_iter().filter_map(|f| only(f, column)).collect();
            (!left.is_empty()).then_some(Filter::And(left))
        }
        Filter::Is(condition) if condition.column == column && condition.op != domain::query::Op::TopN => {
            Some(Filter::Is(condition))
        }
        _ => None,
    }
}

/// The first day of the period that a day is in.
fn begin(grain: Grain, day: calendar::Day) -> calendar::Day {
    let (year, month, _) = calendar::civil(day);
    match grain {
        Grain::Week => day - (day + 3).rem_euclid(7),
        Grain::Month => calendar::day_of(year, month, 1),
        Grain::Quarter => calendar::day_of(year, month - (month - 1) % 3, 1),
        Grain::Year => calendar::day_of(year, 1, 1),
        _ => day,
    }
}

/// The stretch before and the one after, up to the last day of the data.
fn spans(since: Since, grain: Grain, latest: calendar::Day) -> Option<(Span, Span)> {
    let span = |from: calendar::Day, to: calendar::Day| Span { from: calendar::iso(from), to: calendar::iso(to) };
    let end = latest + 1;
    if let Some(days) = since.days() {
        return Some((span(end - 2 * days, end - days), span(end - days, end)));
    }
    let grain =
        if matches!(grain, Grain::Week | Grain::Month | Grain::Quarter | Grain::Year) { grain } else { Grain::Day };
    let from = begin(grain, latest);
    let (before, until) = previous(grain, &calendar::iso(from))?;
    let (before, until) = (calendar::parse(&before)?, calendar::parse(&until)?);
    Some((span(before, (before + (end - from)).min(until)), span(from, end)))
}

impl Services {
    /// What a tile's chart says, in sentences: of the rows that it shows, and nothing else.
    ///
    /// # Errors
    /// As [`Services::tile_data`]; it shows a metric, which is one number.
    pub async fn explain_tile(
        &self,
        caller: &Caller,
        dashboard: &str,
        tile: &str,
        ask: &TileAsk,
    ) -> Result<Explanation> {
        let data = self.tile_data(caller, dashboard, tile, ask).await?;
        let query = data.query.ok_or_else(|| {
            Error::new(ErrorCode::NotSupported, "A metric is one number, with nothing behind it here.")
                .hint("Open the metric to see its question and its history.")
        })?;
        self.explained(query, data.table).await
    }

    /// What the answer to a question says, in sentences.
    ///
    /// # Errors
    /// As [`Services::run_query`].
    pub async fn explain_question(&self, caller: &Caller, query: &Query) -> Result<Explanation> {
        let (answer, _) = self.run_query(caller, query, false).await?;
        self.explained(query.clone(), answer.table.clone()).await
    }

    async fn explained(&self, query: Query, table: Table) -> Result<Explanation> {
        let explain = move |()| Ok(intelligence::insights::explain(&query, &table));
        Ok(self.counted(async { Ok(()) }, explain).await?.0)
    }

    /// What changed on a dashboard from one stretch of time to the next, under the filters of the page.
    ///
    /// # Errors
    /// The dashboard is not visible, or its rows cannot be read.
    pub async fn dashboard_changes(
        &self,
        caller: &Caller,
        dashboard: &str,
        since: Since,
        ask: &TileAsk,
    ) -> Result<DashboardChanges> {
        let mut found = DashboardChanges::default();
        let sets = self.sets_of(caller, dashboard, since, ask, &mut found.notes).await?;
        if sets.len() > MOST_SETS {
            found
                .notes
                .push(format!("Only the first {MOST_SETS} sets of rows are compared; there are {}.", sets.len()));
        }
        for set in sets.into_iter().take(MOST_SETS) {
            match self.compared(&set, since).await? {
                Some(changed) => found.changes.push(changed),
                None => found.notes.push(format!("There are no rows to compare for {}.", set.titles.join(", "))),
            }
        }
        Ok(found)
    }

    /// The sets of rows that the tiles of a dashboard show.
    async fn sets_of(
        &self,
        caller: &Caller,
        dashboard: &str,
        since: Since,
        ask: &TileAsk,
        notes: &mut Vec<String>,
    ) -> Result<Vec<Rows>> {
        let (row, access) = self.dashboard_for(caller, dashboard).await?;
        let (layout, _) = self.layout_for(&row, access).await?;
        let (mut sets, mut left_out) = (Vec::<Rows>::new(), 0);
        let tiles = layout.widgets.iter().filter(|tile| tile.data_source.is_some());
        for tile in tiles.take(MOST_TILES) {
            let is_metric = tile.data_source.as_ref().is_some_and(|s| s.metric.is_some());
            // A tile that does not work says so itself.
            let asked = if is_metric { None } else { self.question_of(caller, &layout, tile, ask).await.ok() };
            let Some(asked) = asked.filter(|asked| asked.query.joins.is_empty()) else {
                left_out += 1;
                continue;
            };
            // Who may ask nothing of the data sees no day of it that the tile leaves out by itself.
            let kept = match asked.reach.is_free(&asked.loaded.row.id) {
                true => None,
                false => match self.own_question(tile, &Reader::of(caller)).await {
                    Ok((_, own, _)) => own.filter,
                    Err(_) => {
                        left_out += 1;
                        continue;
                    }
                },
            };
            let loaded = &asked.loaded;
            let own = |name: &str| loaded.column(name);
            let may = |name: &str| asked.reach.has(&(loaded.row.id.clone(), name.to_owned()));
            let course = asked.query.dimensions.iter().find_map(|d| {
                let grain = d.grain.filter(|grain| !grain.is_folded())?;
                own(&d.column).map(|column| (column.name.clone(), grain))
            });
            let any = || {
                let mut times = loaded.shown().filter(|c| matches!(c.ty, DataType::Date | DataType::Timestamp));
                times.find(|c| may(&c.name)).map(|c| (c.name.clone(), Grain::Day))
            };
            let Some((time, grain)) = course.or_else(any) else {
                left_out += 1;
                continue;
            };
            let filter = asked.base(&[]).filter.and_then(|filter| without(filter, &time));
            let filter = Filter::both(filter, kept.and_then(|filter| only(filter, &time)));
            let measured = asked.query.measures.iter().filter_map(|m| own(m.column.as_deref()?));
            let measured = measured.filter(|c| c.ty.is_number()).map(|c| c.name.clone());
            let divides = |c: &&domain::Column| {
                matches!(c.ty, DataType::Text | DataType::Boolean) && c.role != Role::Time && may(&c.name)
            };
            let dimensions = loaded.shown().filter(divides).take(MOST_DIMENSIONS).map(|c| c.name.clone());
            let columns = measured.chain(dimensions);
            let same = sets.iter_mut().find(|s| {
                s.loaded.row.id == loaded.row.id
                    && s.filter == filter
                    && s.time == time
                    && (since != Since::Period || s.grain == grain)
            });
            if let Some(same) = same {
                same.columns.extend(columns);
                same.tiles.push(tile.id.clone());
                same.titles.push(tile.title.clone());
            } else {
                sets.push(Rows {
                    columns: columns.collect(),
                    loaded: loaded.clone(),
                    filter,
                    time,
                    grain,
                    tiles: vec![tile.id.clone()],
                    titles: vec![tile.title.clone()],
                });
            }
        }
        if left_out > 0 {
            let tiles = if left_out == 1 { "1 tile is".to_owned() } else { format!("{left_out} tiles are") };
            notes.push(format!("{tiles} left out: metrics, joined data, or no date to compare by."));
        }
        Ok(sets)
    }

    async fn compared(&self, set: &Rows, since: Since) -> Result<Option<TilesChanged>> {
        let row = &set.loaded.row;
        let newest = Query {
            dataset: row.id.clone(),
            measures: vec![Measure::of(Agg::Max, &set.time)],
            filter: set.filter.clone(),
            ..Query::default()
        };
        let (answer, _) = self.answer(&set.loaded, &newest, false).await?;
        let latest = answer.table.data.first().and_then(|column| column.first()).and_then(Cell::as_str);
        let latest = latest.and_then(|text| calendar::parse(text.get(..10)?));
        let Some((before, after)) = latest.and_then(|day| spans(since, set.grain, day)) else { return Ok(None) };
        let rows = Filter::both(set.filter.clone(), Some(stretch(&set.time, &before.from, &after.to)));
        let columns: Vec<String> = std::iter::once(set.time.clone()).chain(set.columns.iter().cloned()).collect();
        let most = run::rows_for(columns.len());
        let subject = Subject { dataset: row.name.clone(), label: row.label.clone(), ..Subject::default() };
        let time = set.time.clone();
        let (mut changed, _) = self
            .counted(async { self.frame(&set.loaded, &columns, rows.as_ref(), most).await }, move |frame| {
                intelligence::insights::what_changed(&frame, &subject, &time, &before, &after)
            })
            .await?;
        // The questions of what was found are of the rows that were looked at.
        for change in &mut changed.changes {
            let query = &mut change.finding.view.query;
            query.filter = Filter::both(set.filter.clone(), query.filter.take());
        }
        Ok(Some(TilesChanged {
            tiles: set.tiles.clone(),
            titles: set.titles.clone(),
            label: row.label.clone(),
            changed,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::query::Op;

    #[test]
    fn stretches_end_with_the_data_and_are_as_long_as_each_other() {
        let day = |text: &str| calendar::parse(text).unwrap();
        let (before, after) = spans(Since::Week, Grain::Month, day("2024-03-10")).unwrap();
        assert_eq!((before.from.as_str(), before.to.as_str()), ("2024-02-26", "2024-03-04"));
        assert_eq!((after.from.as_str(), after.to.as_str()), ("2024-03-04", "2024-03-11"));
        // The month has ten days so far: as many of the one before.
        let (before, after) = spans(Since::Period, Grain::Month, day("2024-03-10")).unwrap();
        assert_eq!((before.from.as_str(), before.to.as_str()), ("2024-02-01", "2024-02-11"));
        assert_eq!((after.from.as_str(), after.to.as_str()), ("2024-03-01", "2024-03-11"));
        // The former month may be shorter.
        let (before, _) = spans(Since::Period, Grain::Month, day("2023-03-31")).unwrap();
        assert_eq!((before.from.as_str(), before.to.as_str()), ("2023-02-01", "2023-03-01"));
        let (before, after) = spans(Since::Period, Grain::Week, day("2024-03-13")).unwrap();
        assert_eq!((before.from.as_str(), after.from.as_str()), ("2024-03-04", "2024-03-11"));
        let (before, after) = spans(Since::Period, Grain::Quarter, day("2024-03-13")).unwrap();
        assert_eq!((before.from.as_str(), after.from.as_str()), ("2023-10-01", "2024-01-01"));
    }

    #[test]
    fn the_dates_of_a_filter_give_way() {
        let west = Filter::is("region", Op::Eq, "West");
        let all = Filter::And(vec![Filter::is("date", Op::Gt, "2024-01-01"), west.clone()]);
        assert_eq!(without(all.clone(), "date"), Some(Filter::And(vec![west])));
        assert_eq!(without(Filter::is("date", Op::Gt, "2024-01-01"), "date"), None);
        assert_eq!(only(all, "date"), Some(Filter::And(vec![Filter::is("date", Op::Gt, "2024-01-01")])));
    }
}
