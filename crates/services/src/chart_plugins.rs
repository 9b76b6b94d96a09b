//! Kinds of chart that administrators add: templates that were checked, and the tiles that use them.

use crate::access::{require_role, require_scope};
use crate::{Services, clock};
use domain::api::{DashboardLink, PluginUse};
use domain::dashboard::DataSource;
use domain::names::to_name;
use domain::people::Scope;
use domain::plugin::{ChartPlugin, LONGEST_NAME, PluginName, Template};
use domain::{Caller, ChartKind, ChartSpec, Error, ErrorCode, Result, UserRole};
use std::sync::Arc;
use store::ChartPluginRow;

/// The picker has room for so many.
const MOST_PLUGINS: usize = 50;

fn require_right(caller: &Caller) -> Result<()> {
    require_scope(caller, Scope::Admin)?;
    require_role(caller, UserRole::Admin, "change the kinds of chart")
}

impl Services {
    /// The plug-in charts, by name. Whoever draws a chart may know of them.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn list_chart_plugins(&self, caller: &Caller) -> Result<Vec<ChartPlugin>> {
        require_scope(caller, Scope::Read)?;
        let rows = self.store.chart_plugins().await?;
        Ok(rows.into_iter().filter_map(plugin).collect())
    }

    /// One of them.
    ///
    /// # Errors
    /// There is none of that id.
    pub async fn get_chart_plugin(&self, caller: &Caller, id: &str) -> Result<ChartPlugin> {
        require_scope(caller, Scope::Read)?;
        let row = self.store.chart_plugin(id).await?;
        row.and_then(plugin).ok_or_else(|| Error::not_found("plug-in chart"))
    }

    /// The template of one as it was written.
    ///
    /// # Errors
    /// The caller is no administrator, or there is none of that id.
    pub async fn chart_plugin_text(&self, caller: &Caller, id: &str) -> Result<String> {
        require_right(caller)?;
        let row = self.store.chart_plugin(id).await?;
        Ok(row.ok_or_else(|| Error::not_found("plug-in chart"))?.template_json)
    }

    /// Adds a kind of chart.
    ///
    /// # Errors
    /// The caller is no administrator, the template has what none may have, or its name is taken.
    pub async fn create_chart_plugin(&self, caller: &Caller, json: &str) -> Result<ChartPlugin> {
        require_right(caller)?;
        let template = charts::plugin::check(json)?;
        let mut id = to_name(&template.name);
        id.truncate(LONGEST_NAME);
        if PluginName::new(&id).is_none() {
            return Err(Error::invalid("The name needs a letter or a digit.").field("name"));
        }
        if self.store.chart_plugins().await?.len() >= MOST_PLUGINS {
            return Err(Error::new(ErrorCode::Conflict, format!("There are {MOST_PLUGINS} plug-in charts already."))
                .hint("Remove one that nobody uses."));
        }
        let now = clock::now_ms();
        let row = ChartPluginRow {
            id: id.clone(),
            name: template.name,
            template_json: json.to_owned(),
            created_at: now,
            updated_at: now,
        };
        self.store.insert_chart_plugin(&row).await.map_err(|e| e.field("name"))?;
        self.record(caller, "create", "chart_plugin", &id).await;
        self.get_chart_plugin(caller, &id).await
    }

    /// Puts another template in the place of one; the tiles that use it are drawn by it from then on.
    ///
    /// # Errors
    /// As [`Services::create_chart_plugin`], or there is none of that id.
    pub async fn update_chart_plugin(&self, caller: &Caller, id: &str, json: &str) -> Result<ChartPlugin> {
        require_right(caller)?;
        let template = charts::plugin::check(json)?;
        self.store.update_chart_plugin(id, &template.name, json, clock::now_ms()).await?;
        self.record(caller, "update", "chart_plugin", id).await;
        self.get_chart_plugin(caller, id).await
    }

    /// Removes a kind of chart. Tiles that use it stay, and say that it is gone.
    ///
    /// # Errors
    /// The caller is no administrator, or there is none of that id.
    pub async fn delete_chart_plugin(&self, caller: &Caller, id: &str) -> Result<()> {
        require_right(caller)?;
        self.store.delete_chart_plugin(id).await?;
        self.record(caller, "delete", "chart_plugin", id).await;
        Ok(())
    }

    /// The tiles that use a kind of chart, on all dashboards: administrators see every one.
    ///
    /// # Errors
    /// The caller is no administrator, or there is none of that id.
    pub async fn chart_plugin_uses(&self, caller: &Caller, id: &str) -> Result<Vec<PluginUse>> {
        require_right(caller)?;
        let kind = self.get_chart_plugin(caller, id).await?.kind();
        let mut rows = self.store.dashboards().await?;
        rows.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        let mut uses = Vec::new();
        for row in rows {
            let layout = self.read_document(&row.id, |document, _| document.layout()).await?;
            let link = DashboardLink { id: row.id, slug: row.slug, name: row.name };
            for tile in layout.widgets.into_iter().filter(|t| t.chart_kind() == kind) {
                uses.push(PluginUse { dashboard: link.clone(), tile: tile.id, title: tile.title });
            }
        }
        Ok(uses)
    }

    /// What a tile is drawn by, where that was added by an administrator.
    async fn template_of(&self, kind: ChartKind) -> Option<Arc<Template>> {
        let ChartKind::Plugin(name) = kind else { return None };
        // A tile whose plug-in cannot be read is shown as one whose plug-in is gone.
        let row = self.store.chart_plugin(name.name()).await.ok()??;
        plugin(row).map(|plugin| Arc::new(plugin.template))
    }

    /// The chart of a tile, without its question.
    pub(crate) async fn chart_of(&self, kind: ChartKind, source: DataSource) -> ChartSpec {
        let plugin = self.template_of(kind).await;
        ChartSpec { plugin, ..ChartSpec::new(kind, source.encodings, source.options) }
    }
}

/// A stored template, checked again: what is allowed may have become less.
fn plugin(row: ChartPluginRow) -> Option<ChartPlugin> {
    let template = charts::plugin::check(&row.template_json)
        .inspect_err(|error| tracing::warn!(%error, plugin = row.id, "a stored plug-in chart is not used"))
        .ok()?;
    Some(ChartPlugin {
        id: row.id,
        template,
        created_at: clock::rfc3339(row.created_at),
        updated_at: clock::rfc3339(row.updated_at),
    })
}
