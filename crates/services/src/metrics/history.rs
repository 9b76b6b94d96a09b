//! The past of a metric: any stretch of it with as many points as are wanted, and what a value is
//! compared with.

use super::{def_of, refresh::MOST_GATHERED};
use crate::{Services, clock};
use domain::api::{HistoryRequest, HistoryValue, MetricHistory};
use domain::metric::{Bucket, Period, Reading, Trend, Trends, reduce};
use domain::{Caller, Error, Result};
use store::MetricRow;

pub(super) const MINUTE_MS: i64 = 60_000;
pub(super) const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 86_400_000;
const DEFAULT_POINTS: u32 = 500;
const MOST_POINTS: u32 = 5_000;

impl Services {
    /// The reading of a metric: from the cache while that has it, else from the store.
    pub(super) async fn last_reading(&self, row: &MetricRow) -> Result<Reading> {
        if let Some(reading) = self.metrics.last.get(&row.id, clock::now_ms()) {
            return Ok(reading);
        }
        let now = self.store.metric(&row.id).await?;
        Ok(now.and_then(|row| row.last_json).as_deref().map(crate::from_json).unwrap_or_default())
    }

    /// A stretch of the past of a metric, or of a member of its breakdown.
    ///
    /// # Errors
    /// The metric is not visible, or the stretch is none.
    pub async fn metric_history(&self, caller: &Caller, id: &str, request: &HistoryRequest) -> Result<MetricHistory> {
        let (row, _) = self.metric_for(caller, id).await?;
        self.require_whole_metric(caller, &row).await?;
        let to = match &request.to {
            Some(text) => moment(text, "to")?,
            None => clock::now_ms(),
        };
        let from = match &request.from {
            Some(text) => moment(text, "from")?,
            None => to - DAY_MS,
        };
        if from >= to {
            return Err(Error::invalid("The stretch ends before it begins.").field("from"));
        }
        let points = request.points.unwrap_or(DEFAULT_POINTS);
        if !(1..=MOST_POINTS).contains(&points) {
            return Err(Error::invalid("A history has 1 to 5,000 points.").field("points"));
        }
        let member = request.member.as_ref().map(|m| crate::to_json(&domain::Cell::Text(m.clone())));
        let all = self.past(&row.id, member.as_deref().unwrap_or_default(), from, to).await?;
        let points = reduce(all, from, to, points as usize);
        let point = |b: &Bucket| HistoryValue {
            at: clock::rfc3339(b.at),
            value: b.last,
            min: b.low,
            max: b.high,
            avg: b.mean(),
            count: u64::try_from(b.count).unwrap_or_default(),
        };
        Ok(MetricHistory {
            from: clock::rfc3339(from),
            to: clock::rfc3339(to),
            points: points.iter().map(point).collect(),
        })
    }

    /// What is kept between two times, as finely as it is.
    pub(crate) async fn past(&self, id: &str, member: &str, from: i64, to: i64) -> Result<Vec<Bucket>> {
        let mut all = self.store.buckets(id, member, HOUR_MS, from, to).await?;
        all.extend(self.store.buckets(id, member, MINUTE_MS, from, to).await?);
        let single = self.store.values(id, member, from - 1, to, MOST_GATHERED).await?;
        all.extend(single.into_iter().map(|v| Bucket::of(v.at, v.value)));
        Ok(all)
    }

    /// Where the value of a metric stands beside those of before and its target.
    ///
    /// # Errors
    /// It is not visible.
    pub async fn metric_trends(&self, caller: &Caller, id: &str) -> Result<Trends> {
        let (row, _) = self.metric_for(caller, id).await?;
        self.require_whole_metric(caller, &row).await?;
        let (def, reading) = (def_of(&row)?, self.last_reading(&row).await?);
        let at = row.last_at.unwrap_or_default();
        let [hour, day, week, month] = Period::ALL;
        let of = async |period| self.period_trend(id, period, reading.value, at).await;
        Ok(Trends {
            recent: reading.trend.clone(),
            hour: of(hour).await?,
            day: of(day).await?,
            week: of(week).await?,
            month: of(month).await?,
            target: Trend::between(def.target, reading.value),
        })
    }

    /// The change from what was shown one period before: the last value then, unless that was more
    /// than another period old.
    pub(super) async fn period_trend(&self, id: &str, period: Period, value: Option<f64>, at: i64) -> Result<Trend> {
        let then = at - period.ms();
        let before = self.store.value_at(id, then - period.ms(), then).await?;
        Ok(Trend::between(before, value))
    }
}

/// A time that somebody wrote, in milliseconds.
pub(super) fn moment(text: &str, field: &str) -> Result<i64> {
    let parsed = text.parse::<jiff::Timestamp>();
    let bad = |_| Error::invalid("The time is not RFC 3339, such as 2025-03-01T12:00:00Z.").field(field);
    Ok(parsed.map_err(bad)?.as_millisecond())
}
