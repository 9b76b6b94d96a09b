//! A dashboard as the API shows it; its living form is [`crate::document`].

use crate::chart::{ChartKind, Encodings};
use crate::layout::Position;
use crate::people::Access;
use crate::query::{Filter, Query};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What a tile shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TileKind {
    #[default]
    Chart,
    Metric,
    Table,
    Text,
    Image,
    Filter,
}

/// A widget on a dashboard. `id` is also `data-tile-id` in the page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tile {
    #[serde(default)]
    pub id: String,
    #[serde(rename = "type")]
    pub kind: TileKind,
    /// Wire name of a [`ChartKind`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chart_type: Option<String>,
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub position: Position,
    /// The tab it lies on, where the layout has tabs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tab: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_source: Option<DataSource>,
    /// Markdown of a text tile, address of an image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl Tile {
    /// The chart kind it draws, if it draws one.
    pub fn chart_kind(&self) -> Option<ChartKind> {
        match self.kind {
            TileKind::Chart => Some(self.chart_type.as_deref().and_then(ChartKind::parse).unwrap_or(ChartKind::Line)),
            TileKind::Metric => {
                Some(self.chart_type.as_deref().and_then(ChartKind::parse).unwrap_or(ChartKind::Number))
            }
            TileKind::Table => Some(ChartKind::Table),
            TileKind::Text | TileKind::Image | TileKind::Filter => None,
        }
    }
}

/// Where a tile's data comes from: `query`, the short form `table`, `sql`, `metric`, or `forecast`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct DataSource {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<Query>,
    /// Short form: name or id of a dataset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// Short form: its columns.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// Short form: conditions, all of which hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<Filter>,
    /// A SELECT; `query`, if there is one too, asks a question of its rows and names no dataset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sql: Option<String>,
    /// Id of a metric.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metric: Option<String>,
    /// Id of a forecast.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forecast: Option<String>,
    #[serde(skip_serializing_if = "is_default_encodings")]
    pub encodings: Encodings,
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub options: Map<String, Value>,
}

fn is_default_encodings(encodings: &Encodings) -> bool {
    *encodings == Encodings::default()
}

/// How tiles are arranged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LayoutKind {
    #[default]
    Grid,
    Tabs,
}

/// A tab of a dashboard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tab {
    pub id: String,
    pub title: String,
}

/// The tab that a tile is seen on: its own, or the first where it names none that is there. None
/// where there are no tabs.
pub fn tab_of<'a>(tabs: &'a [Tab], own: Option<&str>) -> Option<&'a str> {
    let found = tabs.iter().find(|tab| Some(tab.id.as_str()) == own);
    found.or(tabs.first()).map(|tab| tab.id.as_str())
}

/// The arrangement of a dashboard.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Layout {
    pub kind: LayoutKind,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tabs: Vec<Tab>,
    pub widgets: Vec<Tile>,
    /// Controls of the filter bar.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<FilterControl>,
}

impl Layout {
    /// Clears the SQL of its tiles, which stays with those who work with it. Says whether there was any.
    pub fn clear_sql(&mut self) -> bool {
        let sources = self.widgets.iter_mut().filter_map(|tile| tile.data_source.as_mut());
        let texts = sources.filter_map(|source| source.sql.as_mut()).filter(|sql| !sql.is_empty());
        texts.map(String::clear).count() > 0
    }
}

/// A control of the filter bar: it applies to every tile whose dataset has the column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FilterControl {
    pub id: String,
    /// The dataset whose values the control offers.
    pub dataset: String,
    pub column: String,
    #[serde(default)]
    pub label: String,
    /// What it is set to when the page opens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Filter>,
}

/// A dashboard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Dashboard {
    pub id: String,
    pub slug: String,
    pub name: String,
    pub description: String,
    pub theme: String,
    /// Seconds that an answer may be reused for sources that cannot tell when they change.
    pub cache_duration: u32,
    pub layout: Layout,
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub settings: Map<String, Value>,
    pub owner_id: String,
    pub owner_name: String,
    pub access: Access,
    pub is_public: bool,
    /// How many links show it to anybody; 0 for those who may not change it.
    #[serde(default)]
    pub public_links: u64,
    /// The caller's home.
    pub is_default: bool,
    pub is_starred: bool,
    pub created_at: String,
    pub updated_at: String,
    /// When its data was last asked for; null before.
    pub last_generated: Option<String>,
    /// Number of the last operation in its log; also its ETag.
    pub version: u64,
    /// The number of the publication that readers see; null while they see every change at once.
    #[serde(default)]
    pub publication: Option<u64>,
}

/// A dashboard in a list: enough for a card with a small picture of its layout.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DashboardSummary {
    pub id: String,
    pub slug: String,
    pub name: String,
    pub description: String,
    pub owner_name: String,
    pub access: Access,
    pub is_public: bool,
    pub is_default: bool,
    pub is_starred: bool,
    pub updated_at: String,
    /// Kind and place of each tile of the first tab.
    pub sketch: Vec<SketchTile>,
}

/// One tile of a layout's small picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SketchTile {
    /// Chart kind, or `text`, `image`.
    pub kind: String,
    pub position: Position,
}
