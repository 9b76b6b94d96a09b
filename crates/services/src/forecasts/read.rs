//! The values that a forecast is made of, read with somebody's eyes.

use super::overlay::overlaid;
use crate::Services;
use crate::alerts::moment_of;
use crate::catalog::Loaded;
use crate::policies::Reader;
use domain::forecast::{Assumption, Driver, ForecastDef, Overlay};
use domain::format::Format;
use domain::query::{Agg, Dimension, Filter, Grain, MAX_LIMIT, Measure, Query};
use domain::{Cell, Error, ErrorCode, Result, Table};
use intelligence::forecast::{Regressor, Series};
use jiff::civil::Date;
use jiff::{Span, Timestamp, ToSpan, tz::TimeZone};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Groups that have a forecast of their own, at most: each takes its time and its place.
const MOST_GROUPS: usize = 50;
/// Gaps that are filled with nothing sold, at most.
const MOST_POINTS: usize = 100_000;
/// Readings of a pushed metric that are looked back at: two years.
const PAST_MS: i64 = 2 * 366 * 24 * 3_600_000;

/// What was read.
#[derive(Clone, Debug, Default)]
pub(super) struct Read {
    /// The total, where there are groups.
    pub(super) series: Series,
    pub(super) groups: Vec<(String, Series)>,
    pub(super) regressors: Vec<Regressor>,
    pub(super) format: Format,
}

impl Read {
    /// A digest of all values: the same for all who read the same.
    pub(super) fn digest(&self) -> Sha256 {
        let mut hash = Sha256::new();
        let mut add = |name: &str, series: &Series| {
            hash.update((name.len() as u64).to_le_bytes());
            hash.update(name.as_bytes());
            hash.update((series.times.len() as u64).to_le_bytes());
            series.times.iter().for_each(|t| hash.update(t.to_le_bytes()));
            series.values.iter().for_each(|v| hash.update(v.to_bits().to_le_bytes()));
        };
        add("", &self.series);
        self.groups.iter().for_each(|(name, series)| add(name, series));
        self.regressors.iter().for_each(|r| add(&r.name, &r.series));
        hash
    }
}

impl Services {
    /// Reads what a definition asks for; its dataset is named by id.
    pub(super) async fn read_forecast(&self, def: &ForecastDef, reader: &Reader, overlay: &Overlay) -> Result<Read> {
        if def.dataset.is_empty() {
            return self.read_pushed_metric(def, reader).await;
        }
        let gone = || {
            Error::new(ErrorCode::NotFound, "The dataset of this forecast is gone.")
                .hint("Change the forecast, or delete it.")
        };
        let loaded = self.load_dataset(&def.dataset, reader).await?.ok_or_else(gone)?;
        let loaded = overlaid(&loaded, overlay)?;
        let query = question(def, &loaded, overlay)?;
        let (answer, _) = self.answer(&loaded, &query, false).await?;
        read_table(def, &answer.table)
    }

    /// The past of a metric whose values programs push, the last of each period.
    async fn read_pushed_metric(&self, def: &ForecastDef, reader: &Reader) -> Result<Read> {
        let id = def.metric.as_deref().unwrap_or_default();
        let row = self.store.metric(id).await?.ok_or_else(|| Error::not_found("metric"))?;
        let metric = crate::metrics::def_of(&row)?;
        if !self.sees_metric(reader, &row, &metric).await? {
            return Err(Error::forbidden(
                "Rules decide what you see of the past of this metric: it has no forecast for you.",
            ));
        }
        let now = crate::clock::now_ms();
        let grain = def.grain.unwrap_or(Grain::Day);
        let mut past = self.past(id, "", now - PAST_MS, now).await?;
        past.sort_by_key(|bucket| bucket.at);
        let mut by_period: BTreeMap<i64, f64> = BTreeMap::new();
        for bucket in past {
            if let (Some(at), Some(value)) = (floor_of(bucket.at * 1_000, grain), bucket.last) {
                by_period.insert(at, value);
            }
        }
        let mut series = Series::default();
        for (at, value) in by_period {
            series.times.push(at);
            series.values.push(value);
        }
        drop_unfinished(&mut series, grain);
        Ok(Read { series, format: metric.format, ..Read::default() })
    }
}

/// The question that is asked: the value over time, by group, with its drivers beside it.
fn question(def: &ForecastDef, loaded: &Arc<Loaded>, overlay: &Overlay) -> Result<Query> {
    let measure = match (&def.metric, &def.measure) {
        (Some(id), _) => Measure { metric: Some(id.clone()), ..Measure::default() },
        (None, Some(measure)) => measure.clone(),
        (None, None) => return Err(Error::invalid("Say what is forecast.").field("def.measure")),
    };
    let mut dimensions = vec![Dimension {
        column: def.time.clone(),
        grain: Some(def.grain.unwrap_or(Grain::Day)),
        ..Dimension::default()
    }];
    dimensions.extend(def.group.iter().map(|column| Dimension { column: column.clone(), ..Dimension::default() }));
    let is_here = |name: &str| name == loaded.row.id || name == loaded.row.name;
    let more = overlay.filters.iter().filter(|n| is_here(&n.dataset)).map(|n| n.filter.clone());
    let all: Vec<Filter> = def.filter.iter().cloned().chain(more).collect();
    Ok(Query {
        dataset: loaded.row.id.clone(),
        dimensions,
        measures: std::iter::once(measure).chain(def.drivers.iter().map(|d| d.measure.clone())).collect(),
        filter: match all.len() {
            0 | 1 => all.into_iter().next(),
            _ => Some(Filter::And(all)),
        },
        limit: Some(MAX_LIMIT),
        ..Query::default()
    })
}

fn read_table(def: &ForecastDef, table: &Table) -> Result<Read> {
    if table.truncated {
        return Err(Error::new(ErrorCode::QueryTooLarge, "These are more values than a forecast is made of.")
            .hint("Choose a coarser grain, or fewer groups."));
    }
    let time = table.data.first().ok_or_else(Error::internal)?;
    let at = |row: usize| time.get(row).and_then(|cell| moment_of(&cell.to_text())).map(|ms| ms * 1_000);
    let first = 1 + usize::from(def.group.is_some());
    let number = |column: usize, row: usize| {
        let cell = table.data.get(column).and_then(|c| c.get(row));
        cell.and_then(Cell::as_f64).unwrap_or(f64::NAN)
    };
    let field = table.columns.get(first).ok_or_else(Error::internal)?;
    let grain = def.grain.unwrap_or(Grain::Day);
    let mut groups: BTreeMap<String, BTreeMap<i64, f64>> = BTreeMap::new();
    let mut total: BTreeMap<i64, f64> = BTreeMap::new();
    let mut drivers: Vec<Series> = vec![Series::default(); def.drivers.len()];
    for row in 0..table.row_count() {
        let Some(at) = at(row) else { continue };
        let value = number(first, row);
        if def.group.is_some() {
            let name = table.data[1].get(row).map(Cell::to_text).filter(|name| !name.is_empty());
            let name = name.unwrap_or_else(|| "(none)".into());
            if groups.len() == MOST_GROUPS && !groups.contains_key(&name) {
                return Err(Error::invalid(format!("There are more than {MOST_GROUPS} groups."))
                    .hint("Narrow them by a filter, or group by another column.")
                    .field("def.group"));
            }
            groups.entry(name).or_default().insert(at, value);
            let sum = total.entry(at).or_insert(f64::NAN);
            *sum = if sum.is_nan() { value } else { *sum + if value.is_nan() { 0.0 } else { value } };
        } else {
            total.insert(at, value);
        }
        for (i, series) in drivers.iter_mut().enumerate() {
            series.times.push(at);
            series.values.push(number(first + 1 + i, row));
        }
    }
    let grid = counts_nothing_as_zero(def).then(|| grid_of(&total, grain)).flatten();
    let whole = |values: BTreeMap<i64, f64>| {
        let mut values = values;
        for at in grid.iter().flatten() {
            let value = values.entry(*at).or_insert(0.0);
            if value.is_nan() {
                *value = 0.0;
            }
        }
        let mut series = Series { times: values.keys().copied().collect(), values: values.into_values().collect() };
        drop_unfinished(&mut series, grain);
        series
    };
    let series = whole(total);
    let groups = groups.into_iter().map(|(name, values)| (name, whole(values))).collect();
    let regressors = def.drivers.iter().zip(drivers).map(|(driver, past)| {
        let past = Series { times: past.times, values: past.values };
        regressor(driver, past, &series, grain, &def.settings)
    });
    Ok(Read { regressors: regressors.collect(), series, groups, format: field.format.clone().unwrap_or_default() })
}

/// The times of an answer whose first column they are, as a series.
pub(super) fn times_of(table: &Table) -> Series {
    let cells = table.data.first().map(Vec::as_slice).unwrap_or_default();
    let times: Vec<i64> = cells.iter().filter_map(|c| moment_of(&c.to_text())).map(|ms| ms * 1_000).collect();
    Series { values: vec![1.0; times.len()], times }
}

/// Whether a period without rows is one in which nothing happened.
fn counts_nothing_as_zero(def: &ForecastDef) -> bool {
    let agg = def.measure.as_ref().and_then(|m| m.agg);
    def.metric.is_none() && matches!(agg, Some(Agg::Count | Agg::CountDistinct | Agg::CountIf | Agg::Sum))
}

/// Every period between the first and the last; none where days off are the rule.
fn grid_of(values: &BTreeMap<i64, f64>, grain: Grain) -> Option<Vec<i64>> {
    let (first, last) = (*values.keys().next()?, *values.keys().next_back()?);
    let is_weekend = |at: &i64| {
        let day = Timestamp::from_microsecond(*at).ok().map(|t| t.to_zoned(TimeZone::UTC).weekday());
        matches!(day, Some(jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday))
    };
    if grain == Grain::Day && !values.keys().any(is_weekend) {
        return None;
    }
    let mut all = vec![first];
    let mut at = first;
    while at < last && all.len() < MOST_POINTS {
        at = after(at, grain, 1)?;
        all.push(at);
    }
    // Of a long time in small steps with hardly any rows nothing is filled in.
    (at >= last).then_some(all)
}

/// So many periods later.
pub(super) fn after(at: i64, grain: Grain, n: i64) -> Option<i64> {
    let span: Span = match grain {
        Grain::Second => n.seconds(),
        Grain::Minute => n.minutes(),
        Grain::Hour => n.hours(),
        Grain::Week => n.weeks(),
        Grain::Month => n.months(),
        Grain::Quarter => (3 * n).months(),
        Grain::Year => n.years(),
        _ => n.days(),
    };
    let zoned = Timestamp::from_microsecond(at).ok()?.to_zoned(TimeZone::UTC);
    Some(zoned.checked_add(span).ok()?.timestamp().as_microsecond())
}

/// The beginning of the period of a moment, in UTC.
fn floor_of(at: i64, grain: Grain) -> Option<i64> {
    let zoned = Timestamp::from_microsecond(at).ok()?.to_zoned(TimeZone::UTC);
    let date = zoned.date();
    let day = match grain {
        Grain::Second => return Some(at.div_euclid(1_000_000) * 1_000_000),
        Grain::Minute => return Some(at.div_euclid(60_000_000) * 60_000_000),
        Grain::Hour => return Some(at.div_euclid(3_600_000_000) * 3_600_000_000),
        Grain::Week => date.checked_sub(i64::from(date.weekday().to_monday_zero_offset()).days()).ok()?,
        Grain::Month => date.first_of_month(),
        Grain::Quarter => Date::new(date.year(), (date.month() - 1) / 3 * 3 + 1, 1).ok()?,
        Grain::Year => date.first_of_year(),
        _ => date,
    };
    Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp().as_microsecond())
}

/// A period that is not over yet is no value: the month has only begun.
fn drop_unfinished(series: &mut Series, grain: Grain) {
    let now = crate::clock::now_ms() * 1_000;
    let Some((at, last)) = series.times.iter().copied().enumerate().max_by_key(|(_, t)| *t) else { return };
    if last <= now && after(last, grain, 1).is_some_and(|end| end > now) {
        series.times.remove(at);
        series.values.remove(at);
    }
}

/// A driver with the future that is assumed of it.
fn regressor(
    driver: &Driver,
    mut past: Series,
    value: &Series,
    grain: Grain,
    settings: &domain::forecast::Settings,
) -> Regressor {
    let last = value.times.iter().copied().max().unwrap_or_default();
    let kept: BTreeSet<i64> = value.times.iter().copied().collect();
    // What was read of an unfinished period is not known of the driver either.
    let rows: Vec<usize> = (0..past.times.len()).filter(|i| kept.contains(&past.times[*i])).collect();
    past = Series {
        times: rows.iter().map(|i| past.times[*i]).collect(),
        values: rows.iter().map(|i| past.values[*i]).collect(),
    };
    let newest = (0..past.times.len()).filter(|i| past.values[*i].is_finite()).max_by_key(|i| past.times[*i]);
    let level = newest.map(|i| past.values[i]);
    let horizon = if settings.horizon == 0 { domain::forecast::MAX_HORIZON.min(400) } else { settings.horizon };
    let ahead = |step: usize| after(last, grain, i64::try_from(step + 1).unwrap_or(1));
    match (&driver.assumption, level) {
        (Assumption::Level { percent }, Some(level)) => {
            for at in (0..horizon).filter_map(ahead) {
                past.times.push(at);
                past.values.push(level * (1.0 + percent / 100.0));
            }
        }
        (Assumption::Values { values }, _) => {
            for step in 0..horizon {
                if let (Some(at), Some(value)) = (ahead(step), values.get(step).or(values.last())) {
                    past.times.push(at);
                    past.values.push(*value);
                }
            }
        }
        _ => {}
    }
    Regressor { name: driver.measure.output_name(), series: past }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn micros(day: &str) -> i64 {
        moment_of(day).unwrap() * 1_000
    }

    #[test]
    fn periods_follow_the_calendar() {
        assert_eq!(after(micros("2024-01-31"), Grain::Month, 1), Some(micros("2024-02-29")));
        assert_eq!(after(micros("2024-01-01"), Grain::Quarter, 2), Some(micros("2024-07-01")));
        assert_eq!(floor_of(micros("2024-05-16"), Grain::Quarter), Some(micros("2024-04-01")));
        assert_eq!(floor_of(micros("2024-05-16"), Grain::Week), Some(micros("2024-05-13")));
    }

    #[test]
    fn days_without_rows_are_days_without_sales_unless_nobody_works_on_weekends() {
        let days = |all: &[&str]| all.iter().map(|d| (micros(d), 1.0)).collect::<BTreeMap<_, _>>();
        let open = days(&["2024-05-17", "2024-05-18", "2024-05-21"]);
        assert_eq!(grid_of(&open, Grain::Day).map(|all| all.len()), Some(5));
        assert_eq!(grid_of(&days(&["2024-05-17", "2024-05-20"]), Grain::Day), None);
    }

    #[test]
    fn a_driver_takes_the_future_that_is_assumed() {
        let value = Series { times: vec![micros("2024-01-01"), micros("2024-01-02")], values: vec![1.0, 2.0] };
        let past = Series { times: value.times.clone(), values: vec![10.0, 20.0] };
        let settings = domain::forecast::Settings { horizon: 3, ..Default::default() };
        let of = |assumption| {
            let driver = Driver { measure: Measure::count(), assumption };
            regressor(&driver, past.clone(), &value, Grain::Day, &settings).series.values
        };
        assert_eq!(of(Assumption::LastSeason), [10.0, 20.0]);
        assert_eq!(of(Assumption::Level { percent: 50.0 }), [10.0, 20.0, 30.0, 30.0, 30.0]);
        assert_eq!(of(Assumption::Values { values: vec![7.0, 8.0] }), [10.0, 20.0, 7.0, 8.0, 8.0]);
    }
}
