//! A chart: a kind, which output columns play which part, and options.

use serde::{Deserialize, Serialize};
use serde_json::Value;

macro_rules! kinds {
    ($($variant:ident, $name:literal, $label:literal;)*) => {
        /// The kinds of chart. Their drawing is in `charts::kinds`, one file each.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum ChartKind { $(#[doc = $label] $variant,)* }

        impl ChartKind {
            /// Every kind, in the order of the picker.
            pub const ALL: &'static [ChartKind] = &[$(ChartKind::$variant,)*];

            /// The wire name.
            pub fn as_str(self) -> &'static str {
                match self { $(ChartKind::$variant => $name,)* }
            }

            /// What people read.
            pub fn label(self) -> &'static str {
                match self { $(ChartKind::$variant => $label,)* }
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
        Self::ALL.iter().copied().find(|k| k.as_str() == text)
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
}
