//! Values that come from outside, one or many, in any order of time.

use super::def_of;
use super::history::moment;
use super::refresh::{MOST_GATHERED, SHOWN_HISTORY, input, reach, written};
use crate::access::require_edit;
use crate::{Services, clock, to_json};
use domain::api::PushedValue;
use domain::metric::{Input, MetricDef, Reading, Trend};
use domain::{Caller, Error, ErrorCode, Result};
use store::{MetricRow, NewReading, ValueRow};

/// Values of one request.
const MOST_VALUES: usize = 1_000;
/// How far the clocks of others may be ahead of ours.
const AHEAD_MS: i64 = 300_000;

struct Taken {
    at: i64,
    value: f64,
    ts: Option<f64>,
}

impl Services {
    /// Takes values from outside. One that is older than the last goes to its place in the history.
    /// They are durable when this returns.
    ///
    /// # Errors
    /// No right, a value that is not a number, or a time that is none: nothing is taken.
    pub async fn push_values(&self, caller: &Caller, id: &str, values: Vec<PushedValue>) -> Result<()> {
        let (row, access) = self.metric_for(caller, id).await?;
        require_edit(caller, access, "metric")?;
        let mut values = read(values, clock::now_ms())?;
        let def = def_of(&row)?;
        let Some(newest) = values.pop_if(|newest| row.last_at.is_none_or(|last| newest.at >= last)) else {
            return self.take_late(&row, &def, &values, None).await;
        };
        if !values.is_empty() {
            self.take_late(&row, &def, &values, Some(newest.at)).await?;
        }
        self.take_value(&row, &def, Ok(Some(newest.value)), newest.at, Some(newest.ts.unwrap_or_default())).await
    }

    /// Puts values where they belong in the past, and shows what that changes. `next` is when the
    /// newest value comes that follows at once.
    async fn take_late(&self, row: &MetricRow, def: &MetricDef, values: &[Taken], next: Option<i64>) -> Result<()> {
        let turn = self.metrics.turn(&def.id).await;
        let rows = match def.gathers() {
            Some(window) => self.gathered_anew(def, i64::from(window) * 1_000, values).await?,
            None => values.iter().map(|v| plain(v.at, Some(v.value), None)).collect(),
        };
        self.keep_reading(NewReading { metric_id: def.id.clone(), values: rows, ..NewReading::default() }).await?;
        let (at, reading) = self.read_anew(row, def).await?;
        if next.is_some() {
            self.metrics.last.put(&def.id, reading, def.refresh_interval, clock::now_ms());
            return Ok(());
        }
        self.tell_reading(def, &reading);
        let last_json = Some(to_json(&reading));
        self.keep_reading(NewReading { metric_id: def.id.clone(), at, last_json, ..NewReading::default() }).await?;
        drop(turn);
        Ok(())
    }

    /// The rows that late values change: their own, and those of every later window that has them.
    async fn gathered_anew(&self, def: &MetricDef, window_ms: i64, values: &[Taken]) -> Result<Vec<ValueRow>> {
        let (Some(first), Some(last)) = (values.first(), values.last()) else { return Ok(Vec::new()) };
        let reach = reach(def, window_ms);
        let mut rows = self.store.values(&def.id, "", first.at - reach - 1, last.at + reach, MOST_GATHERED).await?;
        rows.retain(|row| !values.iter().any(|v| v.at == row.at));
        rows.extend(values.iter().map(|v| plain(v.at, None, Some(v.value))));
        rows.sort_by_key(|row| row.at);
        let inputs: Vec<Input> = rows.iter().filter_map(input).collect();
        rows.retain(|row| row.at >= first.at);
        for row in &mut rows {
            row.value = def.aggregation.at(row.at, window_ms, &inputs);
        }
        Ok(rows)
    }

    /// The reading as the history has it, and its time.
    async fn read_anew(&self, row: &MetricRow, def: &MetricDef) -> Result<(i64, Reading)> {
        let before = self.last_reading(row).await?;
        let rows = self.store.values(&def.id, "", i64::MIN, i64::MAX, SHOWN_HISTORY as i64).await?;
        let Some(last) = rows.last() else { return Ok((row.last_at.unwrap_or_default(), before)) };
        let other = rows.iter().rev().find(|r| r.value != last.value).and_then(|r| r.value);
        let period_trend = match def.period {
            Some(period) => Some(self.period_trend(&def.id, period, last.value, last.at).await?),
            None => None,
        };
        let reading = Reading {
            value: last.value,
            formatted_value: written(last.value, def),
            calculated_at: Some(clock::rfc3339(last.at)),
            trend: Trend::between(other, last.value),
            period_trend,
            target_trend: def.target.map(|target| Trend::between(Some(target), last.value)),
            history: rows.iter().map(|r| (clock::rfc3339(r.at), r.value)).collect(),
            ..before
        };
        Ok((last.at, reading))
    }
}

fn plain(at: i64, value: Option<f64>, raw: Option<f64>) -> ValueRow {
    ValueRow { at, member: String::new(), value, raw }
}

/// Checks values and puts them in the order of their times.
fn read(values: Vec<PushedValue>, now: i64) -> Result<Vec<Taken>> {
    if values.is_empty() {
        return Err(Error::invalid("There are no values."));
    }
    if values.len() > MOST_VALUES {
        return Err(Error::new(ErrorCode::TooLarge, format!("One request takes at most {MOST_VALUES} values."))
            .hint("Send them in several requests."));
    }
    let many = values.len() > 1;
    let mut taken = Vec::with_capacity(values.len());
    for (i, PushedValue { value, at, ts }) in values.into_iter().enumerate() {
        let field = |name: &str| if many { format!("[{i}].{name}") } else { name.to_owned() };
        if !value.is_finite() {
            return Err(Error::invalid("The value is not a number.").field(field("value")));
        }
        let at = match at {
            Some(text) => moment(&text, &field("at"))?,
            None => now,
        };
        if at > now + AHEAD_MS {
            return Err(Error::invalid("The time of this value is still to come.")
                .hint("Set the clock of the sender, or leave `at` out.")
                .field(field("at")));
        }
        taken.push(Taken { at, value, ts });
    }
    // Of two of the same time the later in the list counts.
    taken.sort_by_key(|v| v.at);
    taken.reverse();
    taken.dedup_by_key(|v| v.at);
    taken.reverse();
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pushed(value: f64, at: &str) -> PushedValue {
        PushedValue { value, at: Some(at.into()), ts: None }
    }

    #[test]
    fn values_are_put_in_order_and_those_that_are_none_refused() {
        let now = moment("2025-03-01T12:00:00Z", "at").unwrap();
        let list = vec![pushed(3.0, "2025-03-01T11:00:00Z"), pushed(1.0, "2025-03-01T10:00:00Z")];
        assert_eq!(read(list, now).unwrap().iter().map(|t| t.value).collect::<Vec<_>>(), [1.0, 3.0]);
        let bad = |list| read(list, now).map(|_| ()).unwrap_err().field;
        assert_eq!(bad(vec![pushed(f64::NAN, "2025-03-01T11:00:00Z")]).as_deref(), Some("value"));
        assert_eq!(bad(vec![pushed(1.0, "2025-03-01T11:00:00Z"), pushed(1.0, "x")]).as_deref(), Some("[1].at"));
        assert_eq!(bad(vec![pushed(1.0, "2025-03-02T12:00:00Z")]).as_deref(), Some("at"));
        assert_eq!(bad(Vec::new()), None);
    }

    #[test]
    fn of_two_at_the_same_time_the_later_counts() {
        let at = "2025-03-01T11:00:00Z";
        let taken = read(vec![pushed(1.0, at), pushed(2.0, at)], i64::MAX - AHEAD_MS).unwrap();
        assert_eq!(taken.iter().map(|t| t.value).collect::<Vec<_>>(), [2.0]);
    }
}
