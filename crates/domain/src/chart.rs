//! A chart: a kind, which output columns play which part, and options.

use crate::plugin::{PluginName, Template};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use std::sync::Arc;

macro_rules! kinds {
    ($($variant:ident, $name:literal, $label:literal;)*) => {
        /// The kinds of chart. Their drawing is in `charts::kinds`, one file each.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ChartKind {
            $(#[doc = $label] $variant,)*
            /// One that an administrator added.
            Plugin(PluginName),
        }

        impl ChartKind {
            /// Every kind that comes with Orrery, in the order of the picker.
            pub const ALL: &'static [ChartKind] = &[$(ChartKind::$variant,)*];

            /// The wire name.
            pub fn as_str(&self) -> &str {
                match self {
                    $(ChartKind::$variant => $name,)*
                    ChartKind::Plugin(name) => name.as_str(),
                }
            }

            /// What people read. What an administrator called a plug-in stands in its template.
            pub fn label(self) -> &'static str {
                match self {
                    $(ChartKind::$variant => $label,)*
                    ChartKind::Plugin(_) => "Plug-in",
                }
            }
        }
    };
}

kinds! {
    Table, "table", "Table";
    Pivot, "pivot", "Pivot table";
    Number, "number", "Number";
    Trend, "trend", "Trend";
    Line, "line", "Line";
    Area, "area", "Area";
    Bar, "bar", "Bar";
    Row, "row", "Row";
    Combo, "combo", "Combo";
    Pie, "pie", "Pie";
    Scatter, "scatter", "Scatter";
    Histogram, "histogram", "Histogram";
    BoxPlot, "box_plot", "Box plot";
    Heatmap, "heatmap", "Heatmap";
    Calendar, "calendar", "Calendar heatmap";
    Treemap, "treemap", "Treemap";
    Sunburst, "sunburst", "Sunburst";
    Funnel, "funnel", "Funnel";
    Waterfall, "waterfall", "Waterfall";
    Gauge, "gauge", "Gauge";
    Progress, "progress", "Progress";
    Bullet, "bullet", "Bullet";
    Sparkline, "sparkline", "Sparkline";
    Sankey, "sankey", "Sankey";
    Network, "network", "Network graph";
    Radar, "radar", "Radar";
    Map, "map", "Map";
}

impl ChartKind {
    /// Reads the wire name; `kpi` is another name of `number`.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "kpi" {
            return Some(Self::Number);
        }
        let known = Self::ALL.iter().copied().find(|k| k.as_str() == text);
        known.or_else(|| PluginName::parse(text).map(Self::Plugin))
    }
}

impl Serialize for ChartKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ChartKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&word).ok_or_else(|| serde::de::Error::custom(format!("there is no kind of chart `{word}`")))
    }
}

/// Which output columns play which part. What is absent is chosen from the answer's shape.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Encodings {
    /// Category or time axis.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub x: Option<String>,
    /// Measures.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub y: Vec<String>,
    /// One series, slice colour or group per member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
    /// Scatter: area of the point.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
}

/// A chart without its question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChartSpec {
    pub kind: ChartKind,
    #[serde(default)]
    pub encodings: Encodings,
    /// Options by name; `charts::options` says which a kind knows.
    #[serde(default)]
    pub options: serde_json::Map<String, Value>,
    /// What a plug-in is drawn by; none where it was removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plugin: Option<Arc<Template>>,
}

impl ChartSpec {
    /// A chart that comes with Orrery.
    pub fn new(kind: ChartKind, encodings: Encodings, options: serde_json::Map<String, Value>) -> Self {
        Self { kind, encodings, options, plugin: None }
    }
}
