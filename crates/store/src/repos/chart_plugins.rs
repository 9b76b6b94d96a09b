//! Kinds of chart that administrators added.

use crate::Store;
use crate::error::Explain;
use crate::repos::users::found;
use domain::Result;

/// A plug-in chart.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ChartPluginRow {
    pub id: String,
    pub name: String,
    /// The template as it was written.
    pub template_json: String,
    pub created_at: i64,
    pub updated_at: i64,
}

impl Store {
    /// Adds one.
    ///
    /// # Errors
    /// `NameTaken`: the id.
    pub async fn insert_chart_plugin(&self, plugin: &ChartPluginRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO chart_plugins (id, name, template_json, created_at, updated_at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(&plugin.id)
        .bind(&plugin.name)
        .bind(&plugin.template_json)
        .bind(plugin.created_at)
        .bind(plugin.updated_at)
        .execute(&self.writer)
        .await
        .or_taken(|| format!("There is already a plug-in chart `{}`.", plugin.id))?;
        Ok(())
    }

    /// The one of that id.
    ///
    /// # Errors
    /// The database fails.
    pub async fn chart_plugin(&self, id: &str) -> Result<Option<ChartPluginRow>> {
        sqlx::query_as("SELECT * FROM chart_plugins WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.reader)
            .await
            .explain()
    }

    /// All of them by name.
    ///
    /// # Errors
    /// The database fails.
    pub async fn chart_plugins(&self) -> Result<Vec<ChartPluginRow>> {
        sqlx::query_as("SELECT * FROM chart_plugins ORDER BY name, id").fetch_all(&self.reader).await.explain()
    }

    /// Puts another template in the place of one.
    ///
    /// # Errors
    /// There is no such plug-in.
    pub async fn update_chart_plugin(&self, id: &str, name: &str, template_json: &str, updated_at: i64) -> Result<()> {
        let done = sqlx::query("UPDATE chart_plugins SET name = $1, template_json = $2, updated_at = $3 WHERE id = $4")
            .bind(name)
            .bind(template_json)
            .bind(updated_at)
            .bind(id)
            .execute(&self.writer)
            .await
            .explain()?;
        found(done.rows_affected(), "plug-in chart")
    }

    /// Removes one.
    ///
    /// # Errors
    /// There is no such plug-in.
    pub async fn delete_chart_plugin(&self, id: &str) -> Result<()> {
        let done =
            sqlx::query("DELETE FROM chart_plugins WHERE id = $1").bind(id).execute(&self.writer).await.explain()?;
        found(done.rows_affected(), "plug-in chart")
    }
}
