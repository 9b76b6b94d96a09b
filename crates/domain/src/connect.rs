//! How the tiles of a page talk: filters that come from other tiles, steps into the detail, and
//! what a mark of a chart means as a filter.

mod marks;
mod why;

pub use marks::{Covered, any_of, covers, covers_group, member, previous, span, stretch, width_of};
pub use why::{Why, WhyDimension, WhyMember, WhyRequest};

use crate::query::{Dimension, Filter};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A filter of the page. One that came from a tile means that tile's columns, wherever they appear;
/// one of the filter bar means columns by their name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Map<String, Value>", into = "Map<String, Value>")]
pub struct PageFilter {
    /// The id of the tile it was chosen in; travels as the key `tile` of the filter.
    pub tile: Option<String>,
    pub filter: Filter,
}

impl From<Filter> for PageFilter {
    fn from(filter: Filter) -> Self {
        Self { tile: None, filter }
    }
}

impl TryFrom<Map<String, Value>> for PageFilter {
    type Error = String;

    fn try_from(mut map: Map<String, Value>) -> Result<Self, String> {
        let tile = match map.remove("tile") {
            None | Some(Value::Null) => None,
            Some(Value::String(tile)) => Some(tile),
            Some(_) => return Err("`tile` is the id of a tile".into()),
        };
        let filter = serde_json::from_value(Value::Object(map)).map_err(|e| e.to_string())?;
        Ok(Self { tile, filter })
    }
}

impl From<PageFilter> for Map<String, Value> {
    fn from(page: PageFilter) -> Self {
        let mut map = match serde_json::to_value(page.filter) {
            Ok(Value::Object(map)) => map,
            _ => Self::new(),
        };
        if let Some(tile) = page.tile {
            map.insert("tile".into(), tile.into());
        }
        map
    }
}

/// One step into the detail of a tile: only the rows of a mark, and perhaps grouped by something else.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DrillStep {
    /// What the mark stands for, in the tile's own columns; all of it holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on: Vec<Filter>,
    /// The group that gives way, by its column. Default: the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// What the tile is grouped by instead. Absent: the same groups of fewer rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Dimension>,
}

/// What a page asks of a tile on top of the tile's own question.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TileAsk {
    #[serde(rename = "f", skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<PageFilter>,
    #[serde(rename = "d", skip_serializing_if = "Vec::is_empty")]
    pub drill: Vec<DrillStep>,
}

impl From<Vec<Filter>> for TileAsk {
    fn from(filters: Vec<Filter>) -> Self {
        Self { filters: filters.into_iter().map(PageFilter::from).collect(), drill: Vec::new() }
    }
}

/// What of a dataset a tile can be drilled by, for its reader.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DrillChoices {
    /// Columns that it can be grouped by.
    pub columns: Vec<crate::Column>,
    pub hierarchies: Vec<crate::model::Hierarchy>,
    /// Whether the reader may see the SQL.
    pub sql: bool,
}

/// A page of the rows behind a tile.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TileRows {
    pub table: crate::Table,
    /// All rows there are.
    pub total: u64,
}

/// Where the rows of a tile come from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Provenance {
    /// What people call the dataset.
    pub dataset: String,
    /// Its name, where the reader may open its page.
    pub name: Option<String>,
    pub version: u64,
    /// When its rows last changed: RFC 3339, UTC.
    pub updated_at: String,
    /// Rows of the dataset.
    pub rows: u64,
    /// The question in words.
    pub question: String,
    pub elapsed_ms: f64,
    pub cached: bool,
    /// Rows of the answer.
    pub answered: u64,
    pub truncated: bool,
    pub query: Option<crate::Query>,
    /// Only for readers with the right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sql: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_page_filter_says_its_tile() {
        let json = json!({"column": "region", "op": "eq", "value": "West", "tile": "t1"});
        let filter: PageFilter = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(filter.tile.as_deref(), Some("t1"));
        assert_eq!(serde_json::to_value(&filter).unwrap(), json);
        let plain: PageFilter = serde_json::from_value(json!({"column": "a", "op": "is_null"})).unwrap();
        assert_eq!(plain.tile, None);
        assert!(serde_json::from_value::<PageFilter>(json!({"column": "a", "op": "is_null", "tile": 5})).is_err());
        assert!(serde_json::from_value::<PageFilter>(json!({"column": "a", "op": "is_null", "x": 5})).is_err());
    }
}
