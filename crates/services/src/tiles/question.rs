//! The question of a tile as the page asks it: with the filters of the page and of other tiles, and
//! after the steps into its detail. What its reader may not ask is refused here.

use super::cubes::Choice;
use super::names::{Identity, Names, columns_of, renamed, shown};
use super::steps;
use crate::Services;
use crate::catalog::Loaded;
use crate::lineage::{first_time, short_form};
use crate::policies::Reader;
use domain::chart::ChartSpec;
use domain::connect::{DrillStep, PageFilter, TileAsk};
use domain::dashboard::{DataSource, Layout, Tile};
use domain::model::Hierarchy;
use domain::query::{Dimension, Filter, Grain, Query};
use domain::{Caller, ChartKind, Error, ErrorCode, Result, UserRole};
use std::collections::HashSet;
use std::sync::Arc;

/// Rows a table tile gets at once.
const TABLE_ROWS: u64 = 1_000;
/// The most steps into the detail of one tile.
const MOST_STEPS: usize = 20;
/// The most filters of a page.
const MOST_FILTERS: usize = 100;

/// A tile's question, ready to be asked.
pub(crate) struct Question {
    pub(crate) loaded: Arc<Loaded>,
    pub(crate) query: Query,
    pub(crate) spec: ChartSpec,
    /// Columns of filters that the question has no place for.
    pub(crate) ignored: Vec<String>,
    pub(crate) names: Names,
    pub(crate) reach: Reach,
    /// The last choice of another tile that narrows it.
    pub(crate) choice: Option<Choice>,
}

/// A filter in the words of a tile.
struct Fitting {
    filter: Filter,
    /// What a choice is grouped by where it was made; empty for other filters, and where the groups
    /// of one would not be those of the other.
    by: Vec<Dimension>,
}

/// What a reader of a dashboard may ask about.
pub(crate) struct Reach {
    /// Columns that the dashboard shows.
    shown: HashSet<Identity>,
    /// Names of columns that it has filters for.
    controls: HashSet<String>,
    /// Datasets that the reader may ask anything.
    free: HashSet<String>,
}

impl Reach {
    /// Whether its rows may be looked at without the right to explore the dashboard.
    pub(crate) fn is_free_of(&self, names: &Names) -> bool {
        names.0.iter().all(|(_, loaded)| self.free.contains(&loaded.row.id))
    }

    /// Whether anything may be asked of a dataset.
    pub(crate) fn is_free(&self, dataset: &str) -> bool {
        self.free.contains(dataset)
    }

    /// Whether the dashboard shows a column, or its reader may see it anyway.
    pub(crate) fn has(&self, column: &Identity) -> bool {
        self.is_free(&column.0) || self.shown.contains(column)
    }

    /// Filtering by a column that is not on the page would answer questions about it.
    fn check_filter(&self, column: &Identity) -> Result<()> {
        if self.has(column) || self.controls.contains(&column.1) {
            return Ok(());
        }
        Err(Error::forbidden(format!("This dashboard has no filter for `{}`.", column.1)).field("f"))
    }
}

impl Services {
    /// The question of a tile under what the page asks of it.
    pub(crate) async fn question_of(
        &self,
        caller: &Caller,
        layout: &Layout,
        tile: &Tile,
        ask: &TileAsk,
    ) -> Result<Question> {
        if ask.drill.len() > MOST_STEPS {
            return Err(Error::invalid(format!("A tile takes at most {MOST_STEPS} steps into its detail.")).field("d"));
        }
        if ask.filters.len() > MOST_FILTERS {
            return Err(Error::invalid(format!("A page has at most {MOST_FILTERS} filters.")).field("f"));
        }
        let reader = Reader::of(caller);
        let (loaded, mut query, kind) = self.own_question(tile, &reader).await?;
        let names = self.names_of(&loaded, &query).await?;
        let reach = self.reach(caller, layout, &names).await?;
        let source = tile.data_source.clone().unwrap_or_default();
        let mut spec = self.chart_of(kind, source).await;
        let hierarchies = if ask.drill.is_empty() { Vec::new() } else { Self::hierarchies(&loaded) };
        for (at, step) in ask.drill.iter().enumerate() {
            check_step(step, &names, &reach, &hierarchies).map_err(|e| e.field(format!("d[{at}]")))?;
            steps::take(&mut query, &mut spec, step, &|column| {
                let (id, name) = names.meaning(column)?;
                names.0.iter().find(|(_, l)| l.row.id == id)?.1.column(&name).map(|c| c.ty)
            });
        }
        let (mut ignored, mut fitting) = (Vec::new(), Vec::new());
        for filter in &ask.filters {
            match self.fitting(&reader, layout, tile, &query, &names, filter).await? {
                Ok(fits) => {
                    for column in columns_of(&fits.filter) {
                        if let Some(column) = names.meaning(column) {
                            reach.check_filter(&column)?;
                        }
                    }
                    fitting.push(fits);
                }
                Err(Some(column)) if !ignored.contains(&column) => ignored.push(column),
                Err(_) => {}
            }
        }
        let last = fitting.iter().rposition(|fits| !fits.by.is_empty()).map(|at| fitting.remove(at));
        for Fitting { filter, .. } in fitting {
            query.filter = Filter::both(query.filter.take(), Some(filter));
        }
        let choice = last.map(|Fitting { filter, by }| {
            let rest = query.clone();
            query.filter = Filter::both(query.filter.take(), Some(filter.clone()));
            Choice { filter, by, rest }
        });
        Ok(Question { loaded, query, spec, ignored, names, reach, choice })
    }

    /// What a tile asks by itself; its dataset is named by id.
    pub(crate) async fn own_question(&self, tile: &Tile, reader: &Reader) -> Result<(Arc<Loaded>, Query, ChartKind)> {
        let source = tile.data_source.clone().unwrap_or_default();
        if let Some(sql) = &source.sql {
            let loaded = self.inline_dataset(sql, reader).await?;
            let (query, kind) = Self::question_over_sql(tile, &source, &loaded)?;
            return Ok((loaded, query, kind));
        }
        let dataset = source.query.as_ref().map(|q| q.dataset.clone()).or_else(|| source.table.clone());
        let Some(dataset) = dataset.filter(|d| !d.is_empty()) else {
            return Err(Error::invalid("This tile has no data yet.").hint("Edit it and pick a dataset."));
        };
        let gone = || {
            Error::new(ErrorCode::NotFound, "The dataset of this tile is gone.")
                .hint("Edit the tile and pick another dataset, or remove the tile.")
        };
        let loaded = self.load_dataset(&dataset, reader).await?.ok_or_else(gone)?;
        let kind = tile.chart_kind().ok_or_else(|| Error::invalid("This tile shows no data."))?;
        let mut query = match source.query.clone() {
            Some(query) => query,
            None => {
                let grain = match first_time(&loaded, &source).filter(|_| kind != ChartKind::Table) {
                    Some(time) => self.grain_for(&loaded, time).await,
                    None => Grain::Month,
                };
                short_form(&loaded, kind, &source, grain)
            }
        };
        query.dataset.clone_from(&loaded.row.id);
        if kind == ChartKind::Table && query.limit.is_none() {
            query.limit = Some(TABLE_ROWS);
        }
        Ok((loaded, query, kind))
    }

    /// What a tile asks whose data is a SELECT: a question of its rows, or the rows themselves.
    pub(crate) fn question_over_sql(tile: &Tile, source: &DataSource, loaded: &Loaded) -> Result<(Query, ChartKind)> {
        let kind = tile.chart_kind().ok_or_else(|| Error::invalid("This tile shows no data."))?;
        let mut query = source.query.clone().unwrap_or_else(|| Query {
            columns: loaded.shown().map(|c| c.name.clone()).collect(),
            filter: (!source.filters.is_empty()).then(|| Filter::And(source.filters.clone())),
            ..Query::default()
        });
        query.dataset.clone_from(&loaded.row.id);
        Ok((query, kind))
    }

    /// The datasets that a question reads, with the eyes of the first.
    pub(crate) async fn names_of(&self, loaded: &Arc<Loaded>, query: &Query) -> Result<Names> {
        let mut all = vec![(loaded.row.name.clone(), loaded.clone())];
        for join in &query.joins {
            if let Some(joined) = self.load_dataset(&join.dataset, &loaded.reader).await? {
                all.push((join.qualifier().to_owned(), joined));
            }
        }
        Ok(Names(all))
    }

    async fn reach(&self, caller: &Caller, layout: &Layout, names: &Names) -> Result<Reach> {
        let mut reach = Reach {
            shown: HashSet::new(),
            controls: layout.filters.iter().map(|f| f.column.clone()).collect(),
            free: HashSet::new(),
        };
        if caller.role >= UserRole::Explorer {
            for (_, loaded) in &names.0 {
                if self.stored_for(caller, &loaded.row.id).await.is_ok() {
                    reach.free.insert(loaded.row.id.clone());
                }
            }
            if reach.free.len() == names.0.len() {
                return Ok(reach);
            }
        }
        for tile in layout
            .widgets
            .iter()
            .filter(|t| t.data_source.as_ref().is_some_and(|s| s.metric.is_none() && s.forecast.is_none()))
        {
            // A tile that does not work shows nothing.
            let Ok((loaded, query, _)) = self.own_question(tile, &Reader::of(caller)).await else { continue };
            reach.shown.extend(shown(&query, &self.names_of(&loaded, &query).await?));
        }
        Ok(reach)
    }

    /// A filter of the page in the words of this tile, or the column that it has no place for.
    async fn fitting(
        &self,
        reader: &Reader,
        layout: &Layout,
        tile: &Tile,
        query: &Query,
        names: &Names,
        filter: &PageFilter,
    ) -> Result<Result<Fitting, Option<String>>> {
        let first = || columns_of(&filter.filter).first().map(|c| (*c).to_owned());
        let Some(from) = &filter.tile else {
            let missing = columns_of(&filter.filter).into_iter().find(|column| names.meaning(column).is_none());
            return Ok(match missing {
                Some(missing) => Err(Some(missing.to_owned())),
                None => Ok(Fitting { filter: filter.filter.clone(), by: Vec::new() }),
            });
        };
        // A tile is never narrowed by what was chosen in it, and not by one that is gone.
        if *from == tile.id {
            return Ok(Err(None));
        }
        let Some(chosen) = layout.widgets.iter().find(|t| t.id == *from) else { return Ok(Err(None)) };
        let Ok((loaded, source, _)) = self.own_question(chosen, reader).await else { return Ok(Err(None)) };
        let theirs = self.names_of(&loaded, &source).await?;
        let called = |column: &str| names.called(&theirs.meaning(column)?);
        let Some(here) = renamed(&filter.filter, &called) else { return Ok(Err(first())) };
        let calendar = |q: &Query| (q.timezone.clone(), q.week_start, q.fiscal_year_start);
        let mut by: Vec<Dimension> = Vec::new();
        if calendar(&source) == calendar(query) {
            for column in columns_of(&filter.filter) {
                let group = source.dimensions.iter().find(|d| d.column == column);
                let group =
                    group.cloned().unwrap_or_else(|| Dimension { column: column.into(), ..Dimension::default() });
                let group = called(column).map(|column| Dimension { column, alias: None, ..group });
                by.extend(group.filter(|group| !by.contains(group)));
            }
        }
        Ok(Ok(Fitting { filter: here, by }))
    }

    /// The hierarchies of a dataset, as far as they fit it.
    pub(crate) fn hierarchies(loaded: &Loaded) -> Vec<Hierarchy> {
        let mut all = loaded.model.model.hierarchies.clone();
        all.retain(|h| h.columns.iter().all(|c| loaded.column(c).is_some()));
        all
    }
}

impl Question {
    /// Puts the question as its kind of chart needs it.
    pub(crate) fn prepare(&mut self) {
        let is_number = |name: &str| self.loaded.column(name).is_some_and(|c| c.ty.is_number());
        self.query = charts::prepare(&self.spec, &self.query, &is_number);
        if let Some(choice) = &mut self.choice {
            choice.rest = charts::prepare(&self.spec, &choice.rest, &is_number);
        }
    }

    /// Refuses conditions on what the reader may not ask about.
    pub(crate) fn check_conditions(&self, on: &[Filter]) -> Result<()> {
        check_columns(on, None, &self.names, &self.reach, &Services::hierarchies(&self.loaded))
    }
}

/// Who may ask a dataset anything may go anywhere; a reader of the dashboard goes along what it
/// shows: columns on it, finer times of them, and the hierarchies that they belong to.
fn check_step(step: &DrillStep, names: &Names, reach: &Reach, hierarchies: &[Hierarchy]) -> Result<()> {
    check_columns(&step.on, step.to.as_ref().map(|d| d.column.as_str()), names, reach, hierarchies)
}

fn check_columns(
    on: &[Filter],
    to: Option<&str>,
    names: &Names,
    reach: &Reach,
    hierarchies: &[Hierarchy],
) -> Result<()> {
    for column in on.iter().flat_map(columns_of).chain(to) {
        let unknown = || Error::new(ErrorCode::UnknownColumn, format!("This tile has no column `{column}`."));
        let meant = names.meaning(column).ok_or_else(unknown)?;
        if !reach.has(&meant) && !is_in_hierarchy(&meant, names, reach, hierarchies) {
            return Err(Error::forbidden(format!("This dashboard does not show `{column}`."))
                .hint("Ask its owner for the right to the data."));
        }
    }
    Ok(())
}

/// Whether a column belongs to a hierarchy of which the dashboard shows another.
pub(crate) fn is_in_hierarchy(
    (dataset, column): &Identity,
    names: &Names,
    reach: &Reach,
    hierarchies: &[Hierarchy],
) -> bool {
    let is_own = names.0.first().is_some_and(|(_, loaded)| loaded.row.id == *dataset);
    let shows = |name: &String| reach.has(&(dataset.clone(), name.clone()));
    is_own && hierarchies.iter().any(|h| h.columns.contains(column) && h.columns.iter().any(shows))
}
