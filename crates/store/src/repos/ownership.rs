//! Who owns what, and handing it on.

use crate::Store;
use crate::error::Explain;
use crate::repos::grants::ThingKind;
use domain::{Error, Result};
use sqlx::{Any, Transaction};

/// Something that somebody owns.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct OwnedRow {
    pub id: String,
    pub name: String,
}

/// What is handed on, and to whom.
#[derive(Clone, Copy, Debug)]
pub struct Handover<'a> {
    pub to: &'a str,
    pub things: &'a [(ThingKind, String)],
    /// Wall links by id.
    pub wall_links: &'a [String],
    /// Definitions of alerts that tell others from now on: id and JSON.
    pub alert_defs: &'a [(String, String)],
    /// Whoever owned it before goes on editing it.
    pub keeps: bool,
}

impl Store {
    /// The things of a kind that somebody owns, by name; dashboards in the trash too.
    ///
    /// # Errors
    /// The database fails.
    pub async fn owned(&self, kind: ThingKind, owner_id: &str) -> Result<Vec<OwnedRow>> {
        let sql = match kind {
            ThingKind::Dashboard => "SELECT id, name FROM dashboards WHERE owner_id = $1 ORDER BY name, id",
            ThingKind::Dataset => "SELECT id, label AS name FROM datasets WHERE owner_id = $1 ORDER BY label, id",
            ThingKind::Metric => "SELECT id, name FROM metrics WHERE owner_id = $1 ORDER BY name, id",
            ThingKind::Report => "SELECT id, name FROM reports WHERE owner_id = $1 ORDER BY name, id",
            ThingKind::Forecast => "SELECT id, name FROM forecasts WHERE owner_id = $1 ORDER BY name, id",
            ThingKind::Alert => "SELECT id, name FROM alerts WHERE owner_id = $1 ORDER BY name, id",
            ThingKind::Folder => "SELECT id, name FROM folders WHERE owner_id = $1 ORDER BY name, id",
            ThingKind::Model => "SELECT id, name FROM ml_models WHERE owner_id = $1 ORDER BY name, id",
        };
        sqlx::query_as(sql).bind(owner_id).fetch_all(&self.reader).await.explain()
    }

    /// The wall links that somebody made.
    ///
    /// # Errors
    /// The database fails.
    pub async fn wall_links_by(&self, owner_id: &str) -> Result<Vec<OwnedRow>> {
        sqlx::query_as("SELECT id, label AS name FROM wall_links WHERE owner_id = $1 ORDER BY label, id")
            .bind(owner_id)
            .fetch_all(&self.reader)
            .await
            .explain()
    }

    /// Hands things on, all of them or none.
    ///
    /// # Errors
    /// One of them is gone, or there is no such user.
    pub async fn hand_over(&self, handover: Handover<'_>) -> Result<()> {
        let mut tx = self.begin().await?;
        for (kind, id) in handover.things {
            hand_over(&mut tx, *kind, id, &handover).await?;
        }
        for link in handover.wall_links {
            sqlx::query("UPDATE wall_links SET owner_id = $1 WHERE id = $2")
                .bind(handover.to)
                .bind(link)
                .execute(&mut *tx)
                .await
                .explain()?;
        }
        for (id, def_json) in handover.alert_defs {
            sqlx::query("UPDATE alerts SET def_json = $1 WHERE id = $2")
                .bind(def_json)
                .bind(id)
                .execute(&mut *tx)
                .await
                .explain()?;
        }
        tx.commit().await.explain()
    }
}

async fn hand_over(tx: &mut Transaction<'_, Any>, kind: ThingKind, id: &str, handover: &Handover<'_>) -> Result<()> {
    const KEEP: &str = "INSERT INTO grants (thing_kind, thing_id, user_id, access) VALUES ($1, $2, $3, 'edit')
                        ON CONFLICT (thing_kind, thing_id, user_id) DO UPDATE SET access = excluded.access";
    let (read, write) = match kind {
        ThingKind::Dashboard => {
            ("SELECT owner_id FROM dashboards WHERE id = $1", "UPDATE dashboards SET owner_id = $1 WHERE id = $2")
        }
        ThingKind::Dataset => {
            ("SELECT owner_id FROM datasets WHERE id = $1", "UPDATE datasets SET owner_id = $1 WHERE id = $2")
        }
        ThingKind::Metric => {
            ("SELECT owner_id FROM metrics WHERE id = $1", "UPDATE metrics SET owner_id = $1 WHERE id = $2")
        }
        ThingKind::Report => {
            ("SELECT owner_id FROM reports WHERE id = $1", "UPDATE reports SET owner_id = $1 WHERE id = $2")
        }
        ThingKind::Forecast => {
            ("SELECT owner_id FROM forecasts WHERE id = $1", "UPDATE forecasts SET owner_id = $1 WHERE id = $2")
        }
        ThingKind::Alert => {
            ("SELECT owner_id FROM alerts WHERE id = $1", "UPDATE alerts SET owner_id = $1 WHERE id = $2")
        }
        ThingKind::Folder => {
            ("SELECT owner_id FROM folders WHERE id = $1", "UPDATE folders SET owner_id = $1 WHERE id = $2")
        }
        ThingKind::Model => {
            ("SELECT owner_id FROM ml_models WHERE id = $1", "UPDATE ml_models SET owner_id = $1 WHERE id = $2")
        }
    };
    let before: Option<String> = sqlx::query_scalar(read).bind(id).fetch_optional(&mut **tx).await.explain()?;
    let before = before.ok_or_else(|| Error::not_found(kind.as_str()))?;
    if before == handover.to {
        return Ok(());
    }
    sqlx::query(write).bind(handover.to).bind(id).execute(&mut **tx).await.explain()?;
    // Who owns a thing needs no grant on it.
    sqlx::query("DELETE FROM grants WHERE thing_kind = $1 AND thing_id = $2 AND user_id = $3")
        .bind(kind.as_str())
        .bind(id)
        .bind(handover.to)
        .execute(&mut **tx)
        .await
        .explain()?;
    if handover.keeps {
        sqlx::query(KEEP).bind(kind.as_str()).bind(id).bind(&before).execute(&mut **tx).await.explain()?;
    }
    Ok(())
}
