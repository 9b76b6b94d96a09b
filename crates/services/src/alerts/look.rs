//! What a check sees: values, each with the moment that it is about.

use super::subject::check_number;
use crate::Services;
use domain::alert::{AlertDef, Check, Condition, MOST_INSTANCES, Subject};
use domain::metric::Reading;
use domain::{Caller, Cell, DataType, Error, ErrorCode, Result, Role, Table};
use live::alert::{Course, Usual};
use std::collections::BTreeMap;
use store::AlertRow;

/// The past that is looked at for what is usual: 90 days.
pub(super) const PAST_MS: i64 = 90 * 24 * 3_600_000;
/// The most values of a metric's past.
pub(super) const MOST_PAST: i64 = 100_000;
/// Values that a check catches up with.
const MOST_MISSED: i64 = 1_000;
/// What a value of a dimension is called that is none.
const NONE: &str = "(none)";
/// A metric that is refreshed less often than this is not waited for when it fails.
const SELDOM: u32 = 3_600;

/// One value of the dimension as a check sees it.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    pub(super) value: Option<f64>,
    pub(super) rows: usize,
    /// The time of the row that was looked at, where rows have times.
    pub(super) row_at: Option<i64>,
    /// The time of the latest value.
    pub(super) data_at: Option<i64>,
    pub(super) course: Course,
    /// What was forecast of the value.
    pub(super) band: Option<(f64, f64)>,
}

impl Found {
    /// What is usual for it.
    pub(super) fn usual(&self) -> Usual {
        Usual::new(self.course.iter().filter_map(|(at, value)| Some((*at, (*value)?))))
    }
}

/// What is known of the check before.
#[derive(Clone, Copy, Default)]
pub(super) struct Before {
    /// The moment that was last looked at.
    pub(super) seen_at: i64,
    /// The time that has passed since then changes something by itself.
    pub(super) is_due: bool,
}

/// A check, or one of those that were missed.
pub(super) struct Moment {
    pub(super) at: i64,
    /// By value of the dimension, or why there is nothing to see; whether that may pass by itself.
    pub(super) seen: std::result::Result<BTreeMap<String, Found>, (Error, bool)>,
}

/// Which columns of an answer an alert looks at.
pub(super) struct Look {
    pub(super) measure: Option<usize>,
    pub(super) group: Option<usize>,
    pub(super) time: Option<usize>,
}

/// Whether values of this type are compared with a threshold.
pub(super) fn number_column(ty: DataType) -> bool {
    ty.is_number()
}

impl Look {
    pub(super) fn new(def: &AlertDef, table: &Table) -> Result<Self> {
        let named = |name: &str, field: &str| {
            let near = || domain::names::nearest(name, table.columns.iter().map(|c| c.name.as_str()));
            table.index_of(name).ok_or_else(|| {
                let error = Error::new(ErrorCode::UnknownColumn, format!("The question has no output `{name}`."));
                let error = error.field(field);
                match near() {
                    Some(near) => error.hint(format!("Did you mean `{near}`?")),
                    None => error,
                }
            })
        };
        let group = def.for_each.as_deref().map(|name| named(name, "for_each")).transpose()?;
        let time =
            table.columns.iter().enumerate().position(|(i, c)| {
                Some(i) != group && c.ty.is_time() && (c.role != Role::Measure || c.grain.is_some())
            });
        let first = || {
            let is = |role: Option<Role>| {
                table.columns.iter().enumerate().position(|(i, c)| {
                    Some(i) != group && number_column(c.ty) && role.is_none_or(|role| c.role == role)
                })
            };
            // A question with measures has its numbers there; of raw rows any number will do.
            is(Some(Role::Measure)).or_else(|| {
                let has_measures = table.columns.iter().any(|c| c.role == Role::Measure);
                if has_measures { None } else { is(None) }
            })
        };
        let measure = match def.measure.as_deref() {
            Some(name) => Some(named(name, "measure")?),
            None => first(),
        };
        if def.condition.needs_number() {
            match measure {
                Some(at) => check_number(table, at)?,
                None => {
                    let text = table.columns.iter().position(|c| c.role == Role::Measure).or(Some(0));
                    if let Some(at) = text.filter(|at| *at < table.columns.len()) {
                        check_number(table, at)?;
                    }
                    return Err(Error::invalid("This question has no number to compare.").field("measure"));
                }
            }
        }
        Ok(Self { measure, group, time })
    }

    /// What an answer says of each value of the dimension.
    pub(super) fn read(&self, table: &Table) -> Result<BTreeMap<String, Found>> {
        let mut all: BTreeMap<String, Found> = BTreeMap::new();
        for r in 0..table.row_count() {
            let cell = |at: Option<usize>| at.and_then(|at| table.data[at].get(r));
            let name = match self.group {
                Some(at) => instance_name(&table.data[at][r]),
                None => String::new(),
            };
            if !all.contains_key(&name) && all.len() == MOST_INSTANCES {
                return Err(Error::invalid(format!("There are more than {MOST_INSTANCES} values to tell apart."))
                    .hint("Narrow the question, or choose another column.")
                    .field("for_each"));
            }
            let found = all.entry(name).or_default();
            found.rows += 1;
            let value = cell(self.measure).and_then(Cell::as_f64).filter(|v| v.is_finite());
            let at = cell(self.time).and_then(|c| moment_of(&c.to_text()));
            match at {
                Some(at) => {
                    found.course.push((at, value));
                    if value.is_some() {
                        found.data_at = found.data_at.max(Some(at));
                    }
                    if found.row_at.is_none_or(|known| known <= at) {
                        (found.row_at, found.value) = (Some(at), value);
                    }
                }
                // Without times the first row counts, as it does in a metric.
                None if found.rows == 1 => found.value = value,
                None => {}
            }
        }
        for found in all.values_mut() {
            found.course.sort_by_key(|(at, _)| *at);
        }
        Ok(all)
    }
}

/// The name of a value of a dimension, short enough for a key.
fn instance_name(cell: &Cell) -> String {
    let text = cell.to_text();
    if text.is_empty() { NONE.to_owned() } else { text.chars().take(200).collect() }
}

/// Milliseconds of a date or a time as answers write it.
pub(crate) fn moment_of(text: &str) -> Option<i64> {
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Some(at.as_millisecond());
    }
    let local =
        text.parse::<jiff::civil::DateTime>().ok().or_else(|| Some(text.parse::<jiff::civil::Date>().ok()?.into()))?;
    Some(local.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond())
}

impl Services {
    /// What there is to see now, and what was missed since the check before: values of a metric that nobody
    /// looked at, because the server was stopped in between or two came at once.
    pub(super) async fn look(
        &self,
        row: &AlertRow,
        def: &AlertDef,
        owner: &Caller,
        before: Before,
        now: i64,
    ) -> Result<Vec<Moment>> {
        let failed = |error: Error| {
            let may_pass = error.code.status() >= 500;
            vec![Moment { at: now, seen: Err((error, may_pass)) }]
        };
        if let (Subject::Metric { id }, None) = (&def.subject, &def.for_each) {
            return match self.metric_for(owner, id).await {
                Ok((metric, _)) => match self.require_whole_metric(owner, &metric).await {
                    Ok(()) => self.look_at_metric(row, def, &metric, before, now).await,
                    Err(error) => Ok(failed(error)),
                },
                Err(error) => Ok(failed(error)),
            };
        }
        if let (Subject::Forecast { id }, Condition::OutsideForecast { level }) = (&def.subject, &def.condition) {
            let seen = match self.last_against_band(owner, id, *level).await {
                Ok(last) => {
                    let rows = usize::from(last.value.is_some());
                    let found = Found {
                        value: last.value,
                        rows,
                        row_at: last.at,
                        data_at: last.at,
                        band: last.band,
                        ..Found::default()
                    };
                    Ok(BTreeMap::from([(String::new(), found)]))
                }
                Err(error) => return Ok(failed(error)),
            };
            return Ok(vec![Moment { at: now, seen }]);
        }
        let asked = async {
            let (query, _) = self.question_of_alert(owner, def).await?;
            let answer = self.ask_for_alert(owner, def, &query, true).await?;
            Look::new(def, &answer.table)?.read(&answer.table)
        };
        Ok(match asked.await {
            Ok(found) => vec![Moment { at: now, seen: Ok(found) }],
            Err(error) => failed(error),
        })
    }

    async fn look_at_metric(
        &self,
        row: &AlertRow,
        def: &AlertDef,
        metric: &store::MetricRow,
        Before { seen_at, is_due }: Before,
        now: i64,
    ) -> Result<Vec<Moment>> {
        let reading: Reading = metric.last_json.as_deref().map(crate::from_json).unwrap_or_default();
        let interval = crate::metrics::def_of(metric)?.refresh_interval;
        let past = match def.condition {
            Condition::OutsideBand { .. } => self.past_of_metric(&metric.id, now - PAST_MS, MOST_PAST).await?,
            _ => Vec::new(),
        };
        let found = |at: i64, value: Option<f64>| {
            let course = past.iter().filter(|(moment, _)| *moment < at).copied().collect();
            let rows = usize::from(value.is_some());
            let found = Found { value, rows, row_at: Some(at), data_at: value.map(|_| at), course, band: None };
            BTreeMap::from([(String::new(), found)])
        };
        let mut moments = Vec::new();
        let waits = def.check == Check::OnRefresh && !matches!(def.condition, Condition::NoDataFor { .. });
        if waits {
            // A new alert does not fire for what was before it.
            let after = if seen_at > 0 { seen_at } else { row.created_at.min(now) };
            let mut points = self.past_of_metric(&metric.id, after, MOST_MISSED).await?;
            if seen_at == 0 && points.is_empty() {
                points = self.past_of_metric(&metric.id, 0, 1).await?;
            }
            for (at, value) in points {
                // A value that says it is of the future is of now.
                moments.push(Moment { at: at.min(now), seen: Ok(found(at, value)) });
            }
        }
        if let Some(error) = reading.error {
            let error = Error::invalid(format!("The metric could not be refreshed: {error}"));
            moments.push(Moment { at: now.max(seen_at + 1), seen: Err((error, interval < SELDOM)) });
        } else if !waits || is_due && moments.is_empty() {
            let data_at = self.last_value_at(&metric.id, &reading).await?;
            let mut seen = found(now, reading.value);
            for found in seen.values_mut() {
                found.data_at = data_at;
            }
            moments.push(Moment { at: now, seen: Ok(seen) });
        }
        Ok(moments)
    }

    /// When a metric last had a value.
    async fn last_value_at(&self, metric: &str, reading: &Reading) -> Result<Option<i64>> {
        let in_reading = reading.history.iter().rev().find(|(_, value)| value.is_some());
        if let Some((at, _)) = in_reading {
            return Ok(moment_of(at));
        }
        let past = self.past_of_metric(metric, 0, MOST_PAST).await?;
        Ok(past.into_iter().rev().find(|(_, value)| value.is_some()).map(|(at, _)| at))
    }

    /// The values of a metric after a moment, oldest first; of more than `limit` the newest.
    pub(super) async fn past_of_metric(&self, id: &str, after: i64, limit: i64) -> Result<Course> {
        let mut past = self.past(id, "", after + 1, crate::clock::now_ms()).await?;
        past.sort_by_key(|bucket| bucket.at);
        let skipped = past.len().saturating_sub(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(past.into_iter().skip(skipped).map(|bucket| (bucket.at, bucket.last)).collect())
    }
}
