//! What would be if: a column that is multiplied, another filter, another future of a driver. A scenario is
//! kept beside a dashboard or a forecast, and seen by whoever sees that, of the rows that they see. Who
//! makes one has the right to the data that it changes, as with a tile.

use super::overlay::overlaid;
use super::tile::table_of;
use super::{def_of, overlay_of, settings_of};
use crate::access::{require_role, require_scope};
use crate::policies::Reader;
use crate::query::Bound;
use crate::{Services, clock, new_id, to_json};
use domain::api::TileData;
use domain::connect::TileAsk;
use domain::forecast::{ChangeKind, NewScenario, Overlay, Scenario, ScenarioOf, TileWhatIf, WhatIf};
use domain::people::Scope;
use domain::query::{Agg, Filter, Measure, Query};
use domain::{Access, Caller, Cell, ChartKind, ChartSpec, DataType, Error, ErrorCode, Result, Role, Table, UserRole};
use std::collections::BTreeMap;
use store::ScenarioRow;

/// The most scenarios of one thing.
const MOST_SCENARIOS: usize = 200;

impl Services {
    /// The thing that scenarios are about, if the caller sees it: its id, and what they may do with it.
    async fn scenario_subject(&self, caller: &Caller, of: ScenarioOf, id: &str) -> Result<(String, Access)> {
        Ok(match of {
            ScenarioOf::Dashboard => {
                let (row, access) = self.dashboard_for(caller, id).await?;
                (row.id, access)
            }
            ScenarioOf::Forecast => {
                let (row, access) = self.forecast_for(caller, id).await?;
                (row.id, access)
            }
        })
    }

    async fn scenario_for(&self, caller: &Caller, id: &str) -> Result<(ScenarioRow, ScenarioOf, Access)> {
        let gone = || Error::not_found("scenario");
        let row = self.store.scenario(id).await?.ok_or_else(gone)?;
        let of = if row.subject_kind == "dashboard" { ScenarioOf::Dashboard } else { ScenarioOf::Forecast };
        let (_, access) = self.scenario_subject(caller, of, &row.subject_id).await.map_err(|_| gone())?;
        Ok((row, of, access))
    }

    /// The scenarios of a dashboard or a forecast, by name.
    ///
    /// # Errors
    /// That is not visible.
    pub async fn list_scenarios(&self, caller: &Caller, of: ScenarioOf, id: &str) -> Result<Vec<Scenario>> {
        let (id, access) = self.scenario_subject(caller, of, id).await?;
        let names = self.user_names().await?;
        let rows = self.store.scenarios(of.as_str(), &id).await?;
        Ok(rows.into_iter().map(|row| shown(caller, row, of, access, &names)).collect())
    }

    /// One scenario.
    ///
    /// # Errors
    /// It is not there, or what it is about is not visible.
    pub async fn get_scenario(&self, caller: &Caller, id: &str) -> Result<Scenario> {
        let (row, of, access) = self.scenario_for(caller, id).await?;
        Ok(shown(caller, row, of, access, &self.user_names().await?))
    }

    /// Keeps a scenario.
    ///
    /// # Errors
    /// No right to what it changes, or a change that does not fit the data.
    pub async fn create_scenario(
        &self,
        caller: &Caller,
        of: ScenarioOf,
        id: &str,
        new: NewScenario,
    ) -> Result<Scenario> {
        require_scope(caller, Scope::Write)?;
        require_role(caller, UserRole::Explorer, "make a scenario")?;
        let (subject, access) = self.scenario_subject(caller, of, id).await?;
        if of == ScenarioOf::Dashboard && access < Access::Explore {
            return Err(Error::forbidden("You may look at this dashboard, but not explore it.")
                .hint("Ask its owner for the right."));
        }
        if self.store.scenarios(of.as_str(), &subject).await?.len() >= MOST_SCENARIOS {
            return Err(
                Error::new(ErrorCode::RuleRefused, "There are 200 scenarios here already.").hint("Delete some.")
            );
        }
        let overlay = self.checked_overlay(caller, of, &subject, new.overlay).await?;
        let row = ScenarioRow {
            id: new_id(),
            subject_kind: of.as_str().to_owned(),
            subject_id: subject,
            name: super::checked_name(&new.name)?,
            owner_id: caller.user_id.clone(),
            overlay_json: to_json(&overlay),
            updated_at: clock::now_ms(),
        };
        self.store.put_scenario(&row).await?;
        self.record(caller, "create", "scenario", &row.id).await;
        self.get_scenario(caller, &row.id).await
    }

    /// Changes a scenario.
    ///
    /// # Errors
    /// It is somebody else's, or as [`Services::create_scenario`].
    pub async fn update_scenario(&self, caller: &Caller, id: &str, new: NewScenario) -> Result<Scenario> {
        let (row, of, access) = self.scenario_for(caller, id).await?;
        require_own(caller, &row, access)?;
        let overlay = self.checked_overlay(caller, of, &row.subject_id, new.overlay).await?;
        let name = super::checked_name(&new.name)?;
        let row = ScenarioRow { name, overlay_json: to_json(&overlay), updated_at: clock::now_ms(), ..row };
        self.store.put_scenario(&row).await?;
        self.record(caller, "update", "scenario", id).await;
        self.get_scenario(caller, id).await
    }

    /// Deletes a scenario.
    ///
    /// # Errors
    /// It is somebody else's.
    pub async fn delete_scenario(&self, caller: &Caller, id: &str) -> Result<()> {
        let (row, _, access) = self.scenario_for(caller, id).await?;
        require_own(caller, &row, access)?;
        self.store.delete_scenario(id).await?;
        self.record(caller, "delete", "scenario", id).await;
        Ok(())
    }

    /// Names datasets by id, and refuses what the caller may not ask or the data does not have.
    async fn checked_overlay(
        &self,
        caller: &Caller,
        of: ScenarioOf,
        subject: &str,
        mut overlay: Overlay,
    ) -> Result<Overlay> {
        overlay.check()?;
        for i in 0..overlay.scales.len() {
            let at = |e: Error| e.field(format!("overlay.scales[{i}]"));
            let (loaded, _) = self.dataset_for(caller, &overlay.scales[i].dataset).await.map_err(at)?;
            overlay.scales[i].dataset.clone_from(&loaded.row.id);
            let one = Overlay { scales: vec![overlay.scales[i].clone()], ..Overlay::default() };
            overlaid(&loaded, &one).map_err(at)?;
        }
        for i in 0..overlay.filters.len() {
            let at = |e: Error| e.field(format!("overlay.filters[{i}]"));
            let (loaded, _) = self.dataset_for(caller, &overlay.filters[i].dataset).await.map_err(at)?;
            overlay.filters[i].dataset.clone_from(&loaded.row.id);
            let tried = Query {
                dataset: loaded.row.id.clone(),
                measures: vec![Measure::count()],
                filter: Some(overlay.filters[i].filter.clone()),
                ..Query::default()
            };
            self.run_query(caller, &tried, false).await.map_err(at)?;
        }
        if overlay.drivers.is_empty() {
            return Ok(overlay);
        }
        let drivers: Vec<String> = match (of, self.store.forecast(subject).await?) {
            (ScenarioOf::Forecast, Some(row)) => {
                def_of(&row)?.drivers.iter().map(|d| d.measure.output_name()).collect()
            }
            _ => Vec::new(),
        };
        match overlay.drivers.iter().position(|change| !drivers.contains(&change.regressor)) {
            Some(i) => Err(Error::invalid(format!("There is no driver `{}` here.", overlay.drivers[i].regressor))
                .hint(if drivers.is_empty() { "Only forecasts have drivers.".into() } else { drivers.join(", ") })
                .field(format!("overlay.drivers[{i}].regressor"))),
            None => Ok(overlay),
        }
    }

    /// A forecast in a scenario, beside the one without.
    ///
    /// # Errors
    /// It is not visible, about a dashboard, or cannot be made.
    pub async fn forecast_what_if(&self, caller: &Caller, scenario: &str) -> Result<WhatIf> {
        let (scenario, of, _) = self.scenario_for(caller, scenario).await?;
        if of != ScenarioOf::Forecast {
            return Err(Error::not_found("scenario"));
        }
        let (row, _) = self.forecast_for(caller, &scenario.subject_id).await?;
        let (def, reader) = (def_of(&row)?, Reader::of(caller));
        let settings = settings_of(&row, &def);
        let overlay = overlay_of(&scenario.overlay_json);
        let plain = self.read_forecast(&def, &reader, &Overlay::default()).await?;
        super::enough(&plain)?;
        let baseline = self.forecast_made(Some(&row.id), &plain, &settings).await?.forecast;
        let changed = self.read_forecast(&def, &reader, &overlay).await?;
        super::enough(&changed)?;
        let then = if overlay.drivers.is_empty() {
            self.forecast_made(None, &changed, &settings).await?.forecast
        } else {
            self.forecast_made_if(&changed, &settings, overlay.drivers.clone()).await?
        };
        let pairs = baseline.forecast.iter().zip(&then.forecast);
        let difference: Vec<f64> = pairs.map(|(before, after)| after.yhat - before.yhat).collect();
        let total: f64 = difference.iter().sum();
        let before: f64 = baseline.forecast.iter().take(difference.len()).map(|p| p.yhat).sum();
        let percent = (before != 0.0).then(|| total / before.abs() * 100.0);
        Ok(WhatIf { baseline, scenario: then, difference, total, percent })
    }

    /// A tile of a dashboard in a scenario, beside itself.
    ///
    /// # Errors
    /// It is not visible, or its question does not work in the scenario.
    pub async fn tile_what_if(&self, caller: &Caller, scenario: &str, tile: &str) -> Result<TileWhatIf> {
        let (scenario, of, _) = self.scenario_for(caller, scenario).await?;
        if of != ScenarioOf::Dashboard {
            return Err(Error::not_found("scenario"));
        }
        let overlay = overlay_of(&scenario.overlay_json);
        let (board, access) = self.dashboard_for(caller, &scenario.subject_id).await?;
        let place = self.place_of(&board, access, tile).await?;
        let source = place.tile.data_source.clone().unwrap_or_default();
        if let Some(id) = &source.forecast {
            let baseline = self.forecast_tile(caller, &place.tile, id, &source).await?;
            return self.forecast_tile_if(caller, id, &overlay, baseline).await;
        }
        let (bound, query, spec) = match &source.metric {
            Some(id) => self.metric_to_ask(caller, id).await?,
            None => {
                let mut asked = self.question_of(caller, &place.layout, &place.tile, &TileAsk::default()).await?;
                asked.prepare();
                (self.bind(&asked.loaded, &asked.query, None).await?, asked.query, asked.spec)
            }
        };
        let (now, _) = self.answer_bound(&bound, &query, false).await?;
        let mut changed = bound;
        for dataset in &mut changed.datasets {
            *dataset = overlaid(dataset, &overlay)?;
        }
        let mut other = query.clone();
        if let Some(base) = changed.datasets.first() {
            let own = overlay.filters.iter().filter(|n| n.dataset == base.row.id || n.dataset == base.row.name);
            for narrowing in own {
                other.filter = Filter::both(other.filter.take(), Some(narrowing.filter.clone()));
            }
        }
        let (then, _) = self.answer_bound(&changed, &other, false).await?;
        let data = |table: Table, query: &Query| TileData {
            spec: spec.clone(),
            query: Some(query.clone()),
            table,
            reading: None,
            elapsed_ms: 0.0,
            cached: false,
            version: 0,
            ignored_filters: Vec::new(),
            sql: None,
            marks: Vec::new(),
        };
        let adds_up = |name: &str| {
            let of = query.measures.iter().find(|m| m.output_name() == name);
            of.is_some_and(|m| m.calc.is_none() && matches!(m.agg, Some(Agg::Sum | Agg::Count | Agg::CountIf)))
        };
        let sums = sums(&now.table, &then.table, &adds_up);
        let difference = difference(&now.table, &then.table).map(|table| TileData {
            spec: ChartSpec { kind: kind_of_difference(spec.kind), ..spec.clone() },
            ..data(table, &query)
        });
        Ok(TileWhatIf {
            baseline: data(now.table.clone(), &query),
            scenario: data(then.table.clone(), &other),
            difference,
            sums,
        })
    }

    /// The question of a metric, as whoever looks may see its rows.
    async fn metric_to_ask(&self, caller: &Caller, id: &str) -> Result<(Bound, Query, ChartSpec)> {
        let row = self.store.metric(id).await?.ok_or_else(|| Error::not_found("metric"))?;
        let def = crate::metrics::def_of(&row)?;
        if def.is_pushed() || def.gathers().is_some() {
            return Err(Error::new(
                ErrorCode::NotSupported,
                "The values of this metric are gathered over time: no scenario changes them.",
            ));
        }
        let gone = || Error::not_found("dataset");
        let loaded = self.load_dataset(&def.query.dataset, &Reader::of(caller)).await?.ok_or_else(gone)?;
        let bound = self.bind(&loaded, &def.query, None).await?;
        Ok((bound, def.query, ChartSpec::new(ChartKind::Number, Default::default(), Default::default())))
    }

    async fn forecast_tile_if(
        &self,
        caller: &Caller,
        id: &str,
        overlay: &Overlay,
        baseline: TileData,
    ) -> Result<TileWhatIf> {
        let row = self.store.forecast(id).await?.ok_or_else(|| Error::not_found("forecast"))?;
        let def = def_of(&row)?;
        let read = self.read_forecast(&def, &Reader::of(caller), overlay).await?;
        super::enough(&read)?;
        let then = self.forecast_made(None, &read, &settings_of(&row, &def)).await?.forecast;
        let table = table_of(&then, &read.format, def.grain);
        let only = |table: &Table| Table {
            columns: [0, 3].map(|c| table.columns[c].clone()).to_vec(),
            data: [0, 3].map(|c| table.data[c].clone()).to_vec(),
            truncated: false,
        };
        let (now, later) = (only(&baseline.table), only(&table));
        let difference = difference(&now, &later).map(|table| TileData {
            spec: ChartSpec::new(ChartKind::Bar, Default::default(), Default::default()),
            table,
            ..baseline.clone()
        });
        Ok(TileWhatIf {
            sums: sums(&now, &later, &|_| true),
            scenario: TileData { table, ..baseline.clone() },
            baseline,
            difference,
        })
    }
}

fn require_own(caller: &Caller, row: &ScenarioRow, access: Access) -> Result<()> {
    require_scope(caller, Scope::Write)?;
    if caller.user_id == row.owner_id || access >= Access::Edit {
        return Ok(());
    }
    Err(Error::forbidden("Somebody else made this scenario.").hint("Make one of your own."))
}

fn shown(
    caller: &Caller,
    row: ScenarioRow,
    of: ScenarioOf,
    access: Access,
    names: &std::collections::HashMap<String, String>,
) -> Scenario {
    let overlay = overlay_of(&row.overlay_json);
    Scenario {
        is_own: require_own(caller, &row, access).is_ok(),
        words: words(&overlay),
        owner_name: names.get(&row.owner_id).cloned().unwrap_or_default(),
        id: row.id,
        name: row.name,
        of,
        subject: row.subject_id,
        overlay,
        updated_at: clock::rfc3339(row.updated_at),
    }
}

/// What is different, in words.
fn words(overlay: &Overlay) -> String {
    let mut all: Vec<String> = overlay.scales.iter().map(|s| format!("{} {}", s.column, signed(s.percent))).collect();
    all.extend(overlay.drivers.iter().map(|change| match change.kind {
        ChangeKind::Percent => format!("future of {} {}", change.regressor, signed(change.value)),
        ChangeKind::Add => format!("future of {} changed by {}", change.regressor, change.value),
        ChangeKind::Set => format!("future of {} set to {}", change.regressor, change.value),
    }));
    for narrowing in &overlay.filters {
        let mut columns = Vec::new();
        narrowing.filter.each(&mut |condition| {
            if !columns.contains(&condition.column) {
                columns.push(condition.column.clone());
            }
        });
        all.push(format!("only some by {}", columns.join(", ")));
    }
    all.join(", ")
}

fn signed(percent: f64) -> String {
    format!("{}{percent} %", if percent >= 0.0 { "+" } else { "" })
}

fn kind_of_difference(kind: ChartKind) -> ChartKind {
    match kind {
        ChartKind::Number | ChartKind::Gauge | ChartKind::Progress => ChartKind::Number,
        ChartKind::Line | ChartKind::Area | ChartKind::Sparkline | ChartKind::Trend => ChartKind::Line,
        ChartKind::Table | ChartKind::Pivot => ChartKind::Table,
        _ => ChartKind::Bar,
    }
}

/// The cells that tell one row from another.
fn key_of(table: &Table, row: usize) -> String {
    let own = table.columns.iter().zip(&table.data).filter(|(c, _)| c.role != Role::Measure);
    let cells: Vec<String> = own.map(|(_, cells)| to_json(&cells.get(row))).collect();
    cells.join("|")
}

/// Scenario less baseline, row by row; none where there is no number, or rows cannot be told apart.
fn difference(now: &Table, then: &Table) -> Option<Table> {
    let is_measure = |c: &domain::Field| c.role == Role::Measure && c.ty.is_number();
    let names = |t: &Table| t.columns.iter().map(|c| c.name.clone()).collect::<Vec<_>>();
    if !now.columns.iter().any(is_measure) || names(now) != names(then) {
        return None;
    }
    let by_key: BTreeMap<String, usize> = (0..then.row_count()).map(|r| (key_of(then, r), r)).collect();
    let before: BTreeMap<String, usize> = (0..now.row_count()).map(|r| (key_of(now, r), r)).collect();
    if by_key.len() < then.row_count() || before.len() < now.row_count() {
        return None;
    }
    let mut rows: Vec<(Option<usize>, Option<usize>)> =
        (0..now.row_count()).map(|r| (Some(r), by_key.get(&key_of(now, r)).copied())).collect();
    rows.extend((0..then.row_count()).filter(|r| !before.contains_key(&key_of(then, *r))).map(|r| (None, Some(r))));
    let mut table =
        Table { columns: now.columns.clone(), data: Vec::new(), truncated: now.truncated || then.truncated };
    for (c, column) in table.columns.iter_mut().enumerate() {
        let measure = is_measure(column);
        let cell = |(b, s): &(Option<usize>, Option<usize>)| {
            if !measure {
                let own = b.map(|b| &now.data[c][b]).or(s.map(|s| &then.data[c][s]));
                return own.cloned().unwrap_or_default();
            }
            let number = |t: &Table, r: &Option<usize>| r.and_then(|r| t.data[c].get(r)).and_then(Cell::as_f64);
            match (number(now, b), number(then, s)) {
                (None, None) => Cell::Null,
                // What is not there any more is gone with all it had.
                (b, s) => Cell::Float(s.unwrap_or_default() - b.unwrap_or_default()),
            }
        };
        table.data.push(rows.iter().map(cell).collect());
        if measure {
            column.ty = DataType::Float;
        }
    }
    Some(table)
}

/// What the values of a measure amount to, now and then, where that means something.
fn sums(now: &Table, then: &Table, adds_up: &dyn Fn(&str) -> bool) -> Vec<(String, f64, f64)> {
    let sum = |t: &Table, name: &str| -> f64 {
        t.index_of(name).map_or(0.0, |c| t.data[c].iter().filter_map(Cell::as_f64).filter(|v| v.is_finite()).sum())
    };
    let single = now.row_count() <= 1 && then.row_count() <= 1;
    let measures = now.columns.iter().filter(|c| c.role == Role::Measure && c.ty.is_number());
    let told = measures.filter(|c| single || adds_up(&c.name));
    told.map(|c| (c.label.clone(), sum(now, &c.name), sum(then, &c.name))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Field;

    fn table(rows: &[(&str, f64)]) -> Table {
        let field =
            |name: &str, ty, role| Field { name: name.into(), label: name.into(), ty, role, format: None, grain: None };
        Table {
            columns: vec![
                field("region", DataType::Text, Role::Dimension),
                field("sum", DataType::Integer, Role::Measure),
            ],
            data: vec![
                rows.iter().map(|(name, _)| Cell::from(*name)).collect(),
                rows.iter().map(|(_, n)| Cell::Float(*n)).collect(),
            ],
            truncated: false,
        }
    }

    #[test]
    fn differences_are_by_row_and_what_is_gone_is_less() {
        let found =
            difference(&table(&[("North", 10.0), ("South", 4.0)]), &table(&[("South", 5.0), ("West", 1.0)])).unwrap();
        assert_eq!(found.data[0], ["North", "South", "West"].map(Cell::from));
        assert_eq!(found.data[1], [-10.0, 1.0, 1.0].map(Cell::Float));
        assert!(difference(&table(&[("North", 1.0), ("North", 2.0)]), &table(&[])).is_none(), "rows that are the same");
    }

    #[test]
    fn averages_are_not_added_up() {
        let two = table(&[("North", 10.0), ("South", 4.0)]);
        assert!(sums(&two, &two, &|_| false).is_empty());
        assert_eq!(sums(&two, &table(&[("North", 11.0)]), &|_| true), [("sum".to_owned(), 14.0, 11.0)]);
    }
}
