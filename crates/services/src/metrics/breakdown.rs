//! A metric by the members of one column: the hundred largest, each with its value, its trend and
//! its past.

use super::def_of;
use super::refresh::{number, written};
use crate::catalog::Loaded;
use crate::{Services, clock, to_json};
use domain::metric::{Breakdown, MemberReading, MetricDef, Trend};
use domain::query::{Dimension, Dir, Order};
use domain::table::Cell;
use domain::{Caller, Error, Query, Result};
use std::collections::HashMap;
use std::sync::Arc;
use store::{MetricRow, NewReading, ValueRow};

/// Members that have values of their own.
const MOST_MEMBERS: usize = 100;
/// Values in the course of a member.
const SHOWN: usize = 60;
const DAY_MS: i64 = 86_400_000;

/// The question by member, largest first, and one more than is shown.
fn question(query: &Query, column: &str) -> Query {
    let mut by_member = query.clone();
    by_member.dimensions =
        vec![Dimension { column: column.to_owned(), alias: Some("member".into()), ..Dimension::default() }];
    if let Some(measure) = by_member.measures.first_mut() {
        measure.alias = Some("value".into());
    }
    by_member.order = vec![Order { by: "value".into(), dir: Dir::Desc }];
    by_member.limit = Some(MOST_MEMBERS as u64 + 1);
    by_member.offset = 0;
    by_member
}

impl Services {
    /// Refuses a breakdown that cannot be.
    pub(super) async fn check_breakdown(&self, caller: &Caller, def: &MetricDef) -> Result<()> {
        let Some(column) = &def.breakdown else { return Ok(()) };
        let refuse = |why: &str| Err(Error::invalid(format!("A breakdown needs {why}.")).field("breakdown"));
        if def.is_pushed() || !def.query.is_one_aggregate() {
            return refuse("a question that is one aggregate of one dataset");
        }
        if def.gathers().is_some() {
            return refuse("values that stand for themselves: take the window or the rate away");
        }
        let asked = self.run_query(caller, &question(&def.query, column), false).await;
        asked.map(|_| ()).map_err(|e| e.field("breakdown"))
    }

    pub(super) async fn members_of(
        &self,
        def: &MetricDef,
        loaded: &Arc<Loaded>,
    ) -> Result<Option<Vec<(Cell, Option<f64>)>>> {
        let Some(column) = &def.breakdown else { return Ok(None) };
        let asks = question(&def.query, column);
        let (answer, _) = self.answer(loaded, &asks, loaded.place().is_some()).await?;
        let [names, values] = answer.table.data.as_slice() else { return Err(Error::internal()) };
        let rows = names.iter().zip(values);
        Ok(Some(rows.map(|(name, value)| (name.clone(), number(value))).collect()))
    }

    /// Keeps the values of the members.
    pub(super) async fn take_members(
        &self,
        row: &MetricRow,
        def: &MetricDef,
        mut members: Vec<(Cell, Option<f64>)>,
        at: i64,
    ) -> Result<()> {
        let before: Breakdown = row.members_json.as_deref().map(crate::from_json).unwrap_or_default();
        let is_same = def.breakdown.as_deref() == Some(before.column.as_str());
        let known: HashMap<String, MemberReading> = match is_same {
            true => before.members.into_iter().map(|m| (to_json(&m.member), m)).collect(),
            false => HashMap::new(),
        };
        let truncated = members.len() > MOST_MEMBERS;
        members.truncate(MOST_MEMBERS);
        let mut values = Vec::with_capacity(members.len());
        let mut readings = Vec::with_capacity(members.len());
        for (member, value) in members {
            let key = to_json(&member);
            let old = known.get(&key);
            let trend = match old {
                Some(old) if old.value == value => old.trend.clone(),
                Some(old) => Trend::between(old.value, value),
                None => Trend::default(),
            };
            readings.push(MemberReading {
                formatted_value: written(value, def),
                member,
                value,
                trend,
                history: Vec::new(),
            });
            values.push(ValueRow { at, member: key, value, raw: None });
        }
        let breakdown = Breakdown {
            column: def.breakdown.clone().unwrap_or_default(),
            members: readings,
            truncated,
            note: None,
            calculated_at: Some(clock::rfc3339(at)),
        };
        self.keep_reading(NewReading {
            metric_id: def.id.clone(),
            members_json: Some(to_json(&breakdown)),
            values,
            ..NewReading::default()
        })
        .await
    }

    /// The members of a metric's breakdown with their values, trends and the course of a day.
    ///
    /// # Errors
    /// The metric is not visible, or has no breakdown.
    pub async fn metric_breakdown(&self, caller: &Caller, id: &str, locale: &str) -> Result<Breakdown> {
        let (row, _) = self.metric_for(caller, id).await?;
        self.require_whole_metric(caller, &row).await?;
        let def = def_of(&row)?;
        let none = || Error::not_found("breakdown").hint("Set `breakdown` of the metric to a column first.");
        let column = def.breakdown.clone().ok_or_else(none)?;
        let mut breakdown: Breakdown = row.members_json.as_deref().map(crate::from_json).unwrap_or_default();
        if breakdown.column != column {
            breakdown = Breakdown { column, ..Breakdown::default() };
        }
        let since = row.last_at.unwrap_or_default() - DAY_MS;
        let mut past: HashMap<String, Vec<(String, Option<f64>)>> = HashMap::new();
        for value in self.store.member_values(id, since).await? {
            past.entry(value.member).or_default().push((clock::rfc3339(value.at), value.value));
        }
        for member in &mut breakdown.members {
            let mut course = past.remove(&to_json(&member.member)).unwrap_or_default();
            course.drain(..course.len().saturating_sub(SHOWN));
            member.history = course;
            if let Some(value) = member.value {
                member.formatted_value = domain::format::number(value, &def.format, true, locale);
            }
        }
        breakdown.note = breakdown
            .truncated
            .then(|| format!("The {MOST_MEMBERS} largest; there are more. Filter the question to see others."));
        Ok(breakdown)
    }
}
