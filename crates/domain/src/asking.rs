//! Asking in words as a use case: what comes back with an understanding, words that people teach, and
//! the language model that an administrator may have set up.

use crate::api::TileData;
use crate::ask::{AskRequest, Intent, Meaning, Reading, Understanding};
use crate::dashboard::{DataSource, TileKind};
use crate::query::Query;
use crate::{ChartKind, Tile};
use serde::{Deserialize, Serialize};
use serde_json::Map;

/// What comes back for a question in words.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AskAnswer {
    #[serde(flatten)]
    pub understanding: Understanding,
    /// Charts on dashboards that show it already, the best first.
    pub found: Vec<FoundChart>,
    /// The rows of the first reading, where that is what was meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<TileData>,
    /// What the rows say, in a sentence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub says: String,
    /// A language model may be asked for a reading.
    #[serde(default)]
    pub can_propose: bool,
}

/// A chart that exists.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FoundChart {
    pub title: String,
    /// Name of the dashboard that it is on.
    pub dashboard: String,
    /// Slug of the dashboard.
    pub slug: String,
    /// Id of the tile.
    pub tile: String,
    /// It asks the very question; otherwise its title and parts are alike.
    pub is_exact: bool,
}

/// Which change of a question's measure is to be explained.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AskWhy {
    pub query: Query,
    /// The column of the time.
    pub time: String,
    /// First day of the period, `YYYY-MM-DD`.
    pub from: String,
    /// The day after its last.
    pub until: String,
}

/// A word that is to be known from now on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewWord {
    pub word: String,
    pub meaning: Meaning,
}

/// A word that people taught.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TaughtWord {
    pub id: String,
    pub word: String,
    pub meaning: Meaning,
    /// What people call its meaning.
    pub label: String,
    /// What people call the dataset.
    pub dataset_label: String,
    /// It holds for everybody; else it is a proposal, which holds for who made it.
    pub is_accepted: bool,
    pub made_by: String,
    /// RFC 3339, UTC.
    pub made_at: String,
    /// Whether the caller may accept and forget it.
    pub can_edit: bool,
}

/// What of the data a language model is told besides the names of datasets and columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ModelSends {
    #[default]
    Schema,
    /// A few values of columns that have few.
    Samples,
}

/// The language model that may be asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AskModel {
    /// Where it is, up to the version: `https://…/v1`.
    pub url: String,
    /// Its name there.
    pub model: String,
    pub has_key: bool,
    pub is_on: bool,
    pub sends: ModelSends,
}

/// What is to be changed about it; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct AskModelPatch {
    pub url: Option<String>,
    pub model: Option<String>,
    /// Empty: none. With another address it must be given again.
    pub key: Option<String>,
    pub is_on: Option<bool>,
    pub sends: Option<ModelSends>,
}

/// What was asked of the language model, and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AskPrompt {
    pub id: String,
    /// RFC 3339, UTC.
    pub at: String,
    pub user: String,
    pub question: String,
    pub model: String,
    pub prompt: String,
    pub answer: String,
    /// `used`, or why the answer was not.
    pub outcome: String,
    pub elapsed_ms: u64,
}

impl AskRequest {
    /// A question without anything around it.
    pub fn of(question: impl Into<String>) -> Self {
        Self { question: question.into(), ..Self::default() }
    }
}

impl Understanding {
    /// The reading that is asserted.
    pub fn answer(&self) -> Option<&Reading> {
        self.readings.first().filter(|_| self.outcome == crate::ask::Outcome::Answer)
    }

    /// Whether rows are what is asked for.
    pub fn shows(&self) -> bool {
        self.intent == Intent::Show
    }
}

impl Reading {
    /// A tile that shows it.
    pub fn tile(&self) -> Tile {
        let mut options = Map::new();
        if self.is_stacked {
            options.insert("stack".into(), "stacked".into());
        }
        let source = DataSource {
            query: Some(self.query.clone()),
            encodings: self.encodings.clone(),
            options,
            ..DataSource::default()
        };
        Tile {
            kind: match self.kind {
                ChartKind::Table => TileKind::Table,
                ChartKind::Number => TileKind::Metric,
                _ => TileKind::Chart,
            },
            chart_type: Some(self.kind.as_str().to_owned()),
            data_source: Some(source),
            ..Tile::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_answer_is_an_understanding_with_more() {
        let answer = AskAnswer { says: "Ten.".into(), ..AskAnswer::default() };
        let value = serde_json::to_value(&answer).unwrap();
        assert_eq!((&value["outcome"], &value["intent"]["kind"]), (&json!("refused"), &json!("show")));
        assert_eq!(serde_json::from_value::<AskAnswer>(value).unwrap(), answer);
    }

    #[test]
    fn a_reading_is_drawn_as_it_was_read() {
        let reading = Reading {
            query: Query { dataset: "sales".into(), ..Query::default() },
            kind: ChartKind::Bar,
            encodings: Default::default(),
            is_stacked: true,
            confidence: 1.0,
            sentence: String::new(),
            chips: Vec::new(),
        };
        let tile = reading.tile();
        assert_eq!((tile.chart_kind(), tile.kind), (Some(ChartKind::Bar), TileKind::Chart));
        assert_eq!(tile.data_source.unwrap().options["stack"], "stacked");
    }
}
