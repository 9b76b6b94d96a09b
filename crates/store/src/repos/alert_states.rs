//! How alerts stand, what happened to them, and what is still to be told of it.

use crate::Store;
use crate::error::Explain;
use crate::word::{Flag, Word};
use domain::Result;
use domain::alert::{EventKind, Status};
use sqlx::{Any, Transaction};

/// How one value of an alert stands.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct AlertInstanceRow {
    pub alert_id: String,
    /// The value of the dimension; empty for the alert as a whole.
    pub instance: String,
    /// `live::alert::State`.
    pub state_json: String,
}

/// Something that happened to an alert.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct AlertEventRow {
    /// Made of what it is about, so that it is written once.
    pub id: String,
    pub alert_id: String,
    pub instance: String,
    #[sqlx(try_from = "Word")]
    pub kind: EventKind,
    pub at: i64,
    /// Order within one moment.
    pub position: i64,
    pub value: Option<f64>,
    #[sqlx(try_from = "Flag")]
    pub told: bool,
    pub detail: Option<String>,
}

/// Something that is to be told.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct LetterRow {
    pub event_key: String,
    pub alert_id: String,
    pub letter_json: String,
    pub created_at: i64,
}

/// What a check of an alert changes.
#[derive(Clone, Debug)]
pub struct AlertRound<'a> {
    pub alert_id: &'a str,
    /// The round that it was made of.
    pub round: i64,
    pub status: Status,
    pub status_since: i64,
    pub error: Option<&'a str>,
    pub checked_at: i64,
    pub instances: &'a [AlertInstanceRow],
    /// Instances that are no more.
    pub gone: &'a [String],
    pub events: &'a [AlertEventRow],
    pub letters: &'a [LetterRow],
}

impl Store {
    /// Writes what a check changed, all of it or nothing. Answers `false`, and writes nothing, when
    /// somebody else checked the alert in between, or it is gone.
    ///
    /// # Errors
    /// The database fails.
    pub async fn record_alert_round(&self, new: &AlertRound<'_>) -> Result<bool> {
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "UPDATE alerts SET status = $1, status_since = $2, error = $3, checked_at = $4, round = round + 1
             WHERE id = $5 AND round = $6",
        )
        .bind(new.status.as_str())
        .bind(new.status_since)
        .bind(new.error)
        .bind(new.checked_at)
        .bind(new.alert_id)
        .bind(new.round)
        .execute(&mut *tx)
        .await
        .explain()?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        for row in new.instances {
            sqlx::query(
                "INSERT INTO alert_instances (alert_id, instance, state_json) VALUES ($1, $2, $3)
                 ON CONFLICT (alert_id, instance) DO UPDATE SET state_json = excluded.state_json",
            )
            .bind(&row.alert_id)
            .bind(&row.instance)
            .bind(&row.state_json)
            .execute(&mut *tx)
            .await
            .explain()?;
        }
        for instance in new.gone {
            sqlx::query("DELETE FROM alert_instances WHERE alert_id = $1 AND instance = $2")
                .bind(new.alert_id)
                .bind(instance)
                .execute(&mut *tx)
                .await
                .explain()?;
        }
        for event in new.events {
            put_event(&mut tx, event).await?;
        }
        for letter in new.letters {
            sqlx::query(
                "INSERT INTO alert_outbox (event_key, alert_id, letter_json, created_at) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (event_key) DO NOTHING",
            )
            .bind(&letter.event_key)
            .bind(&letter.alert_id)
            .bind(&letter.letter_json)
            .bind(letter.created_at)
            .execute(&mut *tx)
            .await
            .explain()?;
        }
        tx.commit().await.explain()?;
        Ok(true)
    }

    /// How the values of an alert stand.
    ///
    /// # Errors
    /// The database fails.
    pub async fn alert_instances(&self, alert_id: &str) -> Result<Vec<AlertInstanceRow>> {
        sqlx::query_as("SELECT * FROM alert_instances WHERE alert_id = $1 ORDER BY instance")
            .bind(alert_id)
            .fetch_all(&self.reader)
            .await
            .explain()
    }

    /// Adds something that a person did.
    ///
    /// # Errors
    /// There is no such alert.
    pub async fn insert_alert_event(&self, event: &AlertEventRow) -> Result<()> {
        let mut tx = self.begin().await?;
        put_event(&mut tx, event).await?;
        tx.commit().await.explain()
    }

    /// What happened to an alert, newest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn alert_events(&self, alert_id: &str, limit: i64) -> Result<Vec<AlertEventRow>> {
        sqlx::query_as("SELECT * FROM alert_events WHERE alert_id = $1 ORDER BY at DESC, position DESC, id LIMIT $2")
            .bind(alert_id)
            .bind(limit)
            .fetch_all(&self.reader)
            .await
            .explain()
    }

    /// Forgets what happened before `before`. Answers how much went.
    ///
    /// # Errors
    /// The database fails.
    pub async fn prune_alert_events(&self, before: i64) -> Result<u64> {
        self.deleted(sqlx::query("DELETE FROM alert_events WHERE at < $1").bind(before)).await
    }

    /// What is still to be told, oldest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn alert_letters(&self, limit: i64) -> Result<Vec<LetterRow>> {
        sqlx::query_as("SELECT * FROM alert_outbox ORDER BY created_at, event_key LIMIT $1")
            .bind(limit)
            .fetch_all(&self.reader)
            .await
            .explain()
    }

    /// It is in the hands of whoever delivers it.
    ///
    /// # Errors
    /// The database fails.
    pub async fn delete_alert_letter(&self, event_key: &str) -> Result<()> {
        self.deleted(sqlx::query("DELETE FROM alert_outbox WHERE event_key = $1").bind(event_key)).await?;
        Ok(())
    }

    /// How many jobs of a kind are waiting although they were due before `before`.
    ///
    /// # Errors
    /// The database fails.
    pub async fn count_late_jobs(&self, kind: &str, before: i64) -> Result<i64> {
        sqlx::query_scalar("SELECT count(*) FROM jobs WHERE kind = $1 AND status = 'queued' AND due_at < $2")
            .bind(kind)
            .bind(before)
            .fetch_one(&self.reader)
            .await
            .explain()
    }
}

/// Adds an event, unless it is there.
async fn put_event(tx: &mut Transaction<'_, Any>, event: &AlertEventRow) -> Result<()> {
    sqlx::query(
        "INSERT INTO alert_events (id, alert_id, instance, kind, at, position, value, told, detail)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING",
    )
    .bind(&event.id)
    .bind(&event.alert_id)
    .bind(&event.instance)
    .bind(event.kind.as_str())
    .bind(event.at)
    .bind(event.position)
    .bind(event.value)
    .bind(i64::from(event.told))
    .bind(&event.detail)
    .execute(&mut **tx)
    .await
    .explain()?;
    Ok(())
}
