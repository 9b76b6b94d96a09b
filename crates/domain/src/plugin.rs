//! Plug-in charts: kinds of chart that an administrator added as a template. What a template may
//! have, and how it is drawn, is in `charts::plugin`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;

/// What stands before the name of a plug-in where a kind of chart is named.
pub const PREFIX: &str = "plugin:";
/// The longest name, in bytes.
pub const LONGEST_NAME: usize = 32;
const ROOM: usize = PREFIX.len() + LONGEST_NAME;

/// The name of a plug-in, `plugin:` before it. It has a place of its own and is copied, so that a kind
/// of chart is one word everywhere, whoever made it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PluginName {
    bytes: [u8; ROOM],
    length: u8,
}

impl PluginName {
    /// The name of nothing.
    pub const NONE: Self = Self { bytes: [0; ROOM], length: 0 };

    /// Reads a name: small letters, digits and underscores.
    pub fn new(name: &str) -> Option<Self> {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        if name.is_empty() || name.len() > LONGEST_NAME || !name.bytes().all(fits) {
            return None;
        }
        let mut bytes = [0; ROOM];
        let length = PREFIX.len() + name.len();
        bytes[..PREFIX.len()].copy_from_slice(PREFIX.as_bytes());
        bytes[PREFIX.len()..length].copy_from_slice(name.as_bytes());
        Some(Self { bytes, length: u8::try_from(length).ok()? })
    }

    /// Reads the word of a kind of chart.
    pub fn parse(word: &str) -> Option<Self> {
        word.strip_prefix(PREFIX).and_then(Self::new)
    }

    /// The word of the kind, such as `plugin:lollipop`.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.length)]).unwrap_or_default()
    }

    /// The name alone.
    pub fn name(&self) -> &str {
        self.as_str().strip_prefix(PREFIX).unwrap_or_default()
    }
}

impl fmt::Debug for PluginName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The part a column plays in a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Encoding {
    pub name: String,
    pub label: String,
    pub takes: Takes,
    pub required: bool,
}

/// What columns an encoding takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Takes {
    /// A category or a time.
    Group,
    Time,
    Measure,
    Any,
}

/// A template that was checked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = ChartTemplate))]
pub struct Template {
    pub name: String,
    pub about: String,
    pub encodings: Vec<Encoding>,
    /// The ECharts option with its placeholders.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub option: Map<String, Value>,
}

/// A plug-in chart of this installation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChartPlugin {
    /// Its name in addresses; as a kind of chart it is called `plugin:` and this.
    pub id: String,
    #[serde(flatten)]
    pub template: Template,
    /// RFC 3339.
    pub created_at: String,
    pub updated_at: String,
}

impl ChartPlugin {
    /// The kind of chart that it is.
    pub fn kind(&self) -> Option<crate::ChartKind> {
        PluginName::new(&self.id).map(crate::ChartKind::Plugin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ChartKind;
    use serde_json::json;

    #[test]
    fn a_plugin_is_a_kind_like_any_other() {
        let kind = ChartKind::parse("plugin:box_2").unwrap();
        assert_eq!(kind.as_str(), "plugin:box_2");
        assert_eq!(serde_json::to_value(kind).unwrap(), json!("plugin:box_2"));
        assert_eq!(serde_json::from_value::<ChartKind>(json!("plugin:box_2")).unwrap(), kind);
        assert_eq!(PluginName::parse("plugin:box_2").unwrap().name(), "box_2");
        let long = format!("plugin:{}", "a".repeat(LONGEST_NAME));
        assert_eq!(ChartKind::parse(&long).unwrap().as_str(), long);
        for bad in ["plugin:", "plugin:A", "plugin:a b", "plugin:../x", &format!("{long}a"), "box", "plugin"] {
            assert_eq!(ChartKind::parse(bad), None, "{bad}");
        }
        assert!(serde_json::from_value::<ChartKind>(json!("nothing")).is_err());
    }
}
