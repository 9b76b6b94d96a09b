//! The past of metrics: readings as they come, read back by stretches of time, thinned when old.

use crate::Store;
use crate::error::Explain;
use domain::Result;
use domain::metric::Bucket;
use sqlx::Any;
use sqlx::any::AnyArguments;
use sqlx::query::Query;

/// A value of a metric, or of a member of its breakdown.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ValueRow {
    pub at: i64,
    /// The member as JSON; empty: all of them together.
    pub member: String,
    /// What was shown.
    pub value: Option<f64>,
    /// What came in, where what is shown is gathered from several.
    pub raw: Option<f64>,
}

/// What is left of the values of a minute or an hour.
#[derive(Clone, Debug, PartialEq)]
pub struct BucketRow {
    pub member: String,
    pub bucket: Bucket,
}

#[derive(sqlx::FromRow)]
struct Stored {
    at: i64,
    member: String,
    low: Option<f64>,
    high: Option<f64>,
    total: Option<f64>,
    amount: i64,
    last: Option<f64>,
    last_at: i64,
}

impl From<Stored> for BucketRow {
    fn from(s: Stored) -> Self {
        let Stored { at, member, low, high, total, amount, last, last_at } = s;
        Self { member, bucket: Bucket { at, low, high, total, count: amount, last, last_at } }
    }
}

/// What a refresh, or a value from outside, leaves behind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewReading {
    pub metric_id: String,
    /// When `last_json` was read.
    pub at: i64,
    /// The `domain::metric::Reading` that is the last now.
    pub last_json: Option<String>,
    pub members_json: Option<String>,
    pub values: Vec<ValueRow>,
}

impl Store {
    /// Keeps readings, all of them in one write to the disk. Of two values of the same millisecond
    /// the second stays. What belongs to a metric that is gone is passed over.
    ///
    /// # Errors
    /// The database fails: nothing is kept.
    pub async fn record_readings(&self, readings: &[NewReading]) -> Result<()> {
        let mut tx = self.begin().await?;
        for reading in readings {
            let mut exists = false;
            if let Some(last) = &reading.last_json {
                let done = sqlx::query(LAST)
                    .bind(last)
                    .bind(reading.at)
                    .bind(&reading.metric_id)
                    .execute(&mut *tx)
                    .await
                    .explain()?;
                exists = done.rows_affected() > 0;
            }
            if let Some(members) = &reading.members_json {
                let done = sqlx::query("UPDATE metrics SET members_json = $1 WHERE id = $2")
                    .bind(members)
                    .bind(&reading.metric_id)
                    .execute(&mut *tx)
                    .await
                    .explain()?;
                exists |= done.rows_affected() > 0;
            }
            if !exists {
                let found: Option<i64> = sqlx::query_scalar("SELECT 1 FROM metrics WHERE id = $1")
                    .bind(&reading.metric_id)
                    .fetch_optional(&mut *tx)
                    .await
                    .explain()?;
                if found.is_none() {
                    continue;
                }
            }
            for value in &reading.values {
                let append = sqlx::query(APPEND).bind(&reading.metric_id).bind(value.at).bind(&value.member);
                let append = bind_float(bind_float(append, value.value), value.raw);
                append.execute(&mut *tx).await.explain()?;
            }
        }
        tx.commit().await.explain()
    }

    /// The values later than `after` and not later than `until`, of one member (empty: the whole),
    /// oldest first. Of more than `limit` the newest.
    ///
    /// # Errors
    /// The database fails.
    pub async fn values(&self, id: &str, member: &str, after: i64, until: i64, limit: i64) -> Result<Vec<ValueRow>> {
        let mut rows: Vec<ValueRow> = sqlx::query_as(
            "SELECT at, member, value, raw FROM metric_values
             WHERE metric_id = $1 AND member = $2 AND at > $3 AND at <= $4 ORDER BY at DESC LIMIT $5",
        )
        .bind(id)
        .bind(member)
        .bind(after)
        .bind(until)
        .bind(limit)
        .fetch_all(&self.reader)
        .await
        .explain()?;
        rows.reverse();
        Ok(rows)
    }

    /// The values of the members of the breakdown since then, oldest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn member_values(&self, id: &str, after: i64) -> Result<Vec<ValueRow>> {
        sqlx::query_as(
            "SELECT at, member, value, raw FROM metric_values
             WHERE metric_id = $1 AND at > $2 AND member <> '' ORDER BY at",
        )
        .bind(id)
        .bind(after)
        .fetch_all(&self.reader)
        .await
        .explain()
    }

    /// What is left of older values between two times, oldest first: those of the length `span_ms`.
    ///
    /// # Errors
    /// The database fails.
    pub async fn buckets(&self, id: &str, member: &str, span_ms: i64, from: i64, to: i64) -> Result<Vec<Bucket>> {
        let rows: Vec<Stored> = sqlx::query_as(
            "SELECT at, member, low, high, total, amount, last, last_at FROM metric_buckets
             WHERE metric_id = $1 AND span = $2 AND member = $3 AND at >= $4 AND at <= $5 ORDER BY at",
        )
        .bind(id)
        .bind(span_ms)
        .bind(member)
        .bind(from)
        .bind(to)
        .fetch_all(&self.reader)
        .await
        .explain()?;
        Ok(rows.into_iter().map(|row| BucketRow::from(row).bucket).collect())
    }

    /// What was shown at a time: the last value between `since` and `at`, wherever it is kept.
    ///
    /// # Errors
    /// The database fails.
    pub async fn value_at(&self, id: &str, since: i64, at: i64) -> Result<Option<f64>> {
        let single: Option<(Option<f64>,)> = sqlx::query_as(
            "SELECT value FROM metric_values
             WHERE metric_id = $1 AND member = '' AND at >= $2 AND at <= $3 ORDER BY at DESC LIMIT 1",
        )
        .bind(id)
        .bind(since)
        .bind(at)
        .fetch_optional(&self.reader)
        .await
        .explain()?;
        if let Some((value,)) = single {
            return Ok(value);
        }
        let kept: Option<(Option<f64>,)> = sqlx::query_as(
            "SELECT last FROM metric_buckets
             WHERE metric_id = $1 AND member = '' AND span IN (60000, 3600000) AND at <= $3 AND last_at >= $2
             ORDER BY at DESC LIMIT 1",
        )
        .bind(id)
        .bind(since)
        .bind(at)
        .fetch_optional(&self.reader)
        .await
        .explain()?;
        Ok(kept.and_then(|(value,)| value))
    }

    /// Single values before a time, oldest first, for thinning.
    ///
    /// # Errors
    /// The database fails.
    pub async fn old_values(&self, id: &str, before: i64, limit: i64) -> Result<Vec<ValueRow>> {
        sqlx::query_as(
            "SELECT at, member, value, raw FROM metric_values WHERE metric_id = $1 AND at < $2 ORDER BY at LIMIT $3",
        )
        .bind(id)
        .bind(before)
        .bind(limit)
        .fetch_all(&self.reader)
        .await
        .explain()
    }

    /// Buckets before a time, oldest first, for thinning.
    ///
    /// # Errors
    /// The database fails.
    pub async fn old_buckets(&self, id: &str, span_ms: i64, before: i64, limit: i64) -> Result<Vec<BucketRow>> {
        let rows: Vec<Stored> = sqlx::query_as(
            "SELECT at, member, low, high, total, amount, last, last_at FROM metric_buckets
             WHERE metric_id = $1 AND span = $2 AND at < $3 ORDER BY at LIMIT $4",
        )
        .bind(id)
        .bind(span_ms)
        .bind(before)
        .bind(limit)
        .fetch_all(&self.reader)
        .await
        .explain()?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Puts buckets of the length `span_ms` in the place of what they were made of: single values
    /// (`from_span` 0) or shorter buckets, named by time and member. Where there is a bucket already,
    /// both become one. All of it happens, or nothing.
    ///
    /// # Errors
    /// The database fails.
    pub async fn thin(
        &self,
        id: &str,
        (from_span, made_of): (i64, &[(i64, String)]),
        span_ms: i64,
        buckets: &[BucketRow],
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        for (at, member) in made_of {
            let gone = if from_span == 0 {
                sqlx::query("DELETE FROM metric_values WHERE metric_id = $1 AND at = $2 AND member = $3")
                    .bind(id)
                    .bind(at)
                    .bind(member)
            } else {
                sqlx::query("DELETE FROM metric_buckets WHERE metric_id = $1 AND at = $2 AND member = $3 AND span = $4")
                    .bind(id)
                    .bind(at)
                    .bind(member)
                    .bind(from_span)
            };
            gone.execute(&mut *tx).await.explain()?;
        }
        for BucketRow { member, bucket } in buckets {
            let mut merge = sqlx::query(MERGE).bind(id).bind(span_ms).bind(bucket.at).bind(member);
            for edge in [bucket.low, bucket.high, bucket.total] {
                merge = bind_float(merge, edge);
            }
            let merge = bind_float(merge.bind(bucket.count), bucket.last).bind(bucket.last_at);
            merge.execute(&mut *tx).await.explain()?;
        }
        tx.commit().await.explain()
    }

    /// Forgets what is older than that. Answers how much it was.
    ///
    /// # Errors
    /// The database fails.
    pub async fn forget_history(&self, id: &str, before: i64) -> Result<u64> {
        let sql = "DELETE FROM metric_buckets WHERE metric_id = $1 AND at < $2";
        self.deleted(sqlx::query(sql).bind(id).bind(before)).await
    }
}

/// sqlx gives an absent `f64` of its `Any` database the type of an `f32`, and the other way round. A
/// statement that PostgreSQL prepared with that does not take a value afterwards.
fn bind_float(query: Query<'_, Any, AnyArguments>, value: Option<f64>) -> Query<'_, Any, AnyArguments> {
    match value {
        Some(value) => query.bind(value),
        None => query.bind(None::<f32>),
    }
}

const LAST: &str = "UPDATE metrics SET last_json = $1, last_at = $2
    WHERE id = $3 AND (last_at IS NULL OR last_at <= $2)";
const APPEND: &str = "INSERT INTO metric_values (metric_id, at, member, value, raw) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (metric_id, at, member) DO UPDATE SET value = excluded.value, raw = excluded.raw";
const MERGE: &str = "INSERT INTO metric_buckets (metric_id, span, at, member, low, high, total, amount, last, last_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT (metric_id, span, at, member) DO UPDATE SET
      low = CASE WHEN metric_buckets.low IS NULL OR excluded.low < metric_buckets.low
                 THEN excluded.low ELSE metric_buckets.low END,
      high = CASE WHEN metric_buckets.high IS NULL OR excluded.high > metric_buckets.high
                  THEN excluded.high ELSE metric_buckets.high END,
      total = CASE WHEN metric_buckets.total IS NULL THEN excluded.total
                   ELSE metric_buckets.total + COALESCE(excluded.total, 0.0) END,
      amount = metric_buckets.amount + excluded.amount,
      last = CASE WHEN excluded.last_at >= metric_buckets.last_at THEN excluded.last ELSE metric_buckets.last END,
      last_at = CASE WHEN excluded.last_at >= metric_buckets.last_at
                     THEN excluded.last_at ELSE metric_buckets.last_at END";
