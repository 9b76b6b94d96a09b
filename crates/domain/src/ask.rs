//! A question in words and what was understood of it: readings, each with the chips that a person can
//! correct, what no word was found for, and other words that people taught it.

use crate::chart::{ChartKind, Encodings};
use crate::query::{Grain, Query};
use serde::{Deserialize, Serialize};

/// The longest question, in characters; what is longer is refused.
pub const MAX_QUESTION: usize = 2_000;

/// A question in words.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AskRequest {
    pub question: String,
    /// Only this dataset, by name or id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    /// The answer that the question follows up ("only weekends").
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<AskContext>,
    /// IANA name. Default UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
}

/// An answer that may be followed up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AskContext {
    pub query: Query,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub kind: ChartKind,
}

/// What was understood of a question.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Understanding {
    pub outcome: Outcome,
    /// The likeliest first. One is asserted where `outcome` is `answer`, several are offered where it
    /// is `choice`; none where it is `refused`.
    pub readings: Vec<Reading>,
    /// What is to be done with the first reading.
    pub intent: Intent,
    /// Words that nothing was found for.
    pub unknown: Vec<UnknownWord>,
    /// Charts that people made already and that show it, the best first.
    pub charts: Vec<ChartMatch>,
    /// A sentence that says why it is offered as a choice or refused; empty in an answer.
    pub reason: String,
}

/// Whether a question is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The first reading is what was meant.
    Answer,
    /// One of the readings may be meant: the asker says which.
    Choice,
    /// Nothing is guessed.
    #[default]
    Refused,
}

/// What is to be done with a reading.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Intent {
    /// Ask its query and draw the answer.
    #[default]
    Show,
    /// Its query is the past: a time by grain, and one measure.
    Forecast {
        /// The column of the time.
        time: String,
        grain: Grain,
        /// Steps of the grain.
        horizon: u32,
    },
    /// Why its measure changed: its query is the measure over time, its filter without the period.
    Explain {
        /// The column of the time.
        time: String,
        /// First day of the period to explain, `YYYY-MM-DD`.
        from: String,
        /// The day after its last.
        until: String,
        /// What is said of it: up, down, or nothing.
        direction: Option<ChangeWord>,
    },
    /// What there is to know about the dataset of the query.
    Insights,
}

/// Which way something is said to have gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ChangeWord {
    Up,
    Down,
}

/// One way to understand a question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = AskReading))]
pub struct Reading {
    pub query: Query,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub kind: ChartKind,
    /// Which output plays which part in it; what is absent is chosen from the answer's shape.
    #[serde(default)]
    pub encodings: Encodings,
    /// Bars and areas of several series stand on one another (option `stack`: `stacked`).
    pub is_stacked: bool,
    /// 0 to 1.
    pub confidence: f64,
    /// The question as it was understood, in plain words.
    pub sentence: String,
    pub chips: Vec<Chip>,
}

/// A part of a reading that a person can see and change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Chip {
    pub part: ChipPart,
    /// What it says.
    pub text: String,
    /// The words of the question that it came from; empty where it was assumed.
    pub words: String,
    /// The column that it is about, as the query writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The value that it is about, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// Which part of a question a chip is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ChipPart {
    Dataset,
    Measure,
    Dimension,
    Filter,
    Time,
    Order,
    Chart,
}

/// A word that nothing was found for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnknownWord {
    pub word: String,
    /// What is written most like it, nearest first: each could be taught as its meaning.
    pub nearest: Vec<Suggestion>,
}

/// Something that a word may mean.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Suggestion {
    /// What people call it.
    pub label: String,
    pub meaning: Meaning,
}

/// A word, and what an organisation means by it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Synonym {
    /// One word or several, in small letters.
    pub word: String,
    pub meaning: Meaning,
}

/// What a word means.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Meaning {
    Dataset { dataset: String },
    Column { dataset: String, column: String },
    Value { dataset: String, column: String, value: String },
    Metric { metric: String },
}

/// A chart that shows what is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChartMatch {
    /// As the catalog names it.
    pub id: String,
    pub title: String,
    /// 0 to 1.
    pub score: f64,
    /// It asks the very question; otherwise its title and parts are alike.
    pub is_exact: bool,
}
