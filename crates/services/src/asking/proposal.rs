//! A reading that a language model proposes. It is told what the asker may name, and nothing else; what
//! it answers is a question as data or nothing at all, checked like one that the asker had typed. Its
//! words are never run and never shown. What was sent and what came back is written down.

use super::catalog::Askable;
use super::model::{Message, Stored};
use super::{check_question, not_too_often};
use crate::access::{require_role, require_scope};
use crate::{Services, clock, new_id};
use domain::ask::{AskRequest, Reading};
use domain::asking::ModelSends;
use domain::people::Scope;
use domain::{Caller, ChartKind, Error, ErrorCode, Query, Result, UserRole};
use serde_json::{Value, json};
use std::time::Instant;
use store::AskPromptRow;

/// Conversations that are kept.
const KEPT: i64 = 1_000;
/// Characters of them that are kept.
const KEPT_PROMPT: usize = 20_000;
const KEPT_ANSWER: usize = 8_000;
/// Characters of what is told about the data.
const MOST_TOLD: usize = 16_000;
/// Values of a column that are told, where it has no more than `FEW`.
const SAMPLES: usize = 8;
const FEW: u64 = 60;
/// How sure one may be of a proposal: never enough to assert it.
const CONFIDENCE: f64 = 0.4;
/// Rows to reckon with when the kind of chart is chosen.
const SOME_ROWS: usize = 12;

const TASK: &str = r#"You turn a question about data into JSON. Answer with one JSON object and nothing else, in this form; leave out what is not needed:
{"dataset": NAME, "dimensions": [{"column": NAME, "grain": "day|week|month|quarter|year"}],
 "measures": [{"agg": "count|count_distinct|sum|avg|min|max|median", "column": NAME}],
 "filter": {"and": [{"column": NAME, "op": "eq|ne|gt|gte|lt|lte|between|in|not_in|contains|is_null|is_not_null", "value": VALUE}]},
 "order": [{"by": OUTPUT, "dir": "asc|desc"}], "limit": N}
A measure's output is called agg_column, or count; a dimension's like its column. Only columns with a time take a grain. Dates are written YYYY-MM-DD. Use only datasets and columns of this list. If the question cannot be answered with them, answer {}."#;

impl Services {
    /// What a language model makes of a question: a reading to be offered, never an answer.
    ///
    /// # Errors
    /// There is no model, it does not answer, or what it proposes is not a question that the caller may ask.
    pub async fn propose_reading(&self, caller: &Caller, request: &AskRequest) -> Result<Reading> {
        require_scope(caller, Scope::Read)?;
        require_role(caller, UserRole::Explorer, "ask questions of your own")?;
        let question = check_question(&request.question)?;
        let model = self.model_in_use().await?;
        not_too_often(&self.asking.proposals, caller)?;
        let known = self.what_may_be_asked(caller).await?;
        let only = match &request.dataset {
            Some(name) => Some(self.dataset_for(caller, name).await?.0.row.name.clone()),
            None => request.context.as_ref().and_then(|c| known.dataset(&c.query.dataset)).map(|(s, _)| s.name.clone()),
        };
        let told = tell(&known, only.as_deref(), model.sends);
        let messages = [
            Message { role: "system", content: format!("{TASK}\n{told}") },
            Message { role: "user", content: question.to_owned() },
        ];
        let begun = Instant::now();
        let answer = self.chat(&model, &messages).await;
        let elapsed_ms = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
        let read = match &answer {
            Ok(text) => self.reading_of_model(caller, &known, text).await,
            Err(why) => Err(Error::new(ErrorCode::SourceUnavailable, why.clone())
                .hint("Say the question in other words, or try again later.")),
        };
        let outcome = match &read {
            Ok(_) => "used".to_owned(),
            Err(error) => error.message.clone(),
        };
        let [system, user] = &messages;
        self.write_down(caller, &model, question, (&system.content, &user.content), (answer, outcome), elapsed_ms)
            .await;
        read
    }

    /// The question in the answer of a model, if it is one that the caller may ask.
    async fn reading_of_model(&self, caller: &Caller, known: &Askable, text: &str) -> Result<Reading> {
        let refuse = || {
            Error::new(ErrorCode::NotSupported, "The language model found no question that can be asked here.")
                .hint("Say it in other words.")
        };
        let query = question_in(text).ok_or_else(refuse)?;
        let names = std::iter::once(&query.dataset).chain(query.joins.iter().map(|j| &j.dataset));
        if !names.into_iter().all(|name| known.dataset(name).is_some()) {
            return Err(refuse());
        }
        let (loaded, _) = self.dataset_for(caller, &query.dataset).await.map_err(|_| refuse())?;
        let bound = self.bind(&loaded, &query, Some(caller)).await.map_err(|_| refuse())?;
        // Why it does not fit could be about what the caller never named.
        let plan = self.plan_bound(&bound, &query).await.map_err(|_| refuse())?;
        let kind = match query.columns.is_empty() {
            true => charts::suggest(&plan.columns, SOME_ROWS),
            false => ChartKind::Table,
        };
        let label = |name: &str| loaded.column(name).map(|c| c.label.clone());
        Ok(Reading {
            sentence: domain::query::sentence(&query, &label),
            query,
            kind,
            encodings: Default::default(),
            is_stacked: false,
            confidence: CONFIDENCE,
            chips: Vec::new(),
        })
    }

    async fn write_down(
        &self,
        caller: &Caller,
        model: &Stored,
        question: &str,
        (system, user): (&str, &str),
        (answer, outcome): (std::result::Result<String, String>, String),
        elapsed_ms: i64,
    ) {
        // Both databases take any text but this.
        let cut = |text: &str, most: usize| -> String { text.chars().filter(|c| *c != '\0').take(most).collect() };
        let row = AskPromptRow {
            id: new_id(),
            at: clock::now_ms(),
            user_id: caller.user_id.clone(),
            question: cut(question, KEPT_ANSWER),
            model: model.model.clone(),
            prompt: cut(&format!("{system}\n\n{user}"), KEPT_PROMPT),
            answer: cut(&answer.unwrap_or_default(), KEPT_ANSWER),
            outcome: cut(&outcome, 300),
            elapsed_ms,
        };
        if self.store.add_ask_prompt(&row, KEPT).await.is_err() {
            tracing::error!("what was asked of the language model could not be written down");
        }
        self.record(caller, "ask_model", "question", &row.id).await;
    }
}

/// What the asker may name, as far as there is room for it.
fn tell(known: &Askable, only: Option<&str>, sends: ModelSends) -> String {
    let mut text = String::new();
    for dataset in known.catalog.datasets.iter().filter(|d| only.is_none_or(|only| d.name == only)) {
        let columns: Vec<Value> = dataset
            .columns
            .iter()
            .map(|c| {
                let mut one = json!({"column": c.column.name, "label": c.column.label, "type": c.column.ty.as_str()});
                let is_few = c.distinct.is_some_and(|n| n <= FEW);
                if sends == ModelSends::Samples && is_few && !c.values.is_empty() {
                    one["values"] = c.values.iter().take(SAMPLES).map(domain::Cell::to_json).collect();
                }
                one
            })
            .collect();
        let line = json!({"dataset": dataset.name, "label": dataset.label, "columns": columns}).to_string();
        if text.len() + line.len() > MOST_TOLD {
            break;
        }
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// The question in an answer: one object, perhaps with words or a fence around it. Names that it gives
/// to outputs are shown, so they are plain.
fn question_in(text: &str) -> Option<Query> {
    let (start, end) = (text.find('{')?, text.rfind('}')?);
    let value: Value = serde_json::from_str(text.get(start..=end)?).ok()?;
    if !has_plain_names(&value) {
        return None;
    }
    let query: Query = serde_json::from_value(value).ok()?;
    let asks = !(query.dimensions.is_empty() && query.measures.is_empty() && query.columns.is_empty());
    (asks && !query.dataset.is_empty()).then_some(query)
}

fn has_plain_names(value: &Value) -> bool {
    let is_plain = |text: &str| {
        text.chars().count() <= 60 && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | ' ' | '-' | '%'))
    };
    match value {
        Value::Object(map) => map.iter().all(|(key, value)| match (key.as_str(), value) {
            ("as" | "others_label", Value::String(text)) => is_plain(text),
            (_, value) => has_plain_names(value),
        }),
        Value::Array(all) => all.iter().all(has_plain_names),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_question_is_taken_from_an_answer() {
        let fenced = "Here you are:\n```json\n{\"dataset\": \"sales\", \"measures\": [{\"agg\": \"count\"}]}\n```";
        assert_eq!(question_in(fenced).unwrap().dataset, "sales");
        for bad in [
            "",
            "{}",
            "}{",
            "DROP TABLE users",
            r#"{"sql": "SELECT * FROM users"}"#,
            r#"{"dataset": "sales"}"#,
            r#"{"dataset": "sales", "measures": [{"agg": "count"}], "sql": "DELETE"}"#,
            r#"{"dataset": "sales", "measures": [{"agg": "count", "as": "<img src=x onerror=alert(1)>"}]}"#,
            r#"{"dataset": "sales", "measures": [{"agg": "count"}], "others_label": "<b>"}"#,
            r#"[{"dataset": "sales"}]"#,
        ] {
            assert_eq!(question_in(bad), None, "{bad}");
        }
        assert_eq!(question_in(&"{\"and\":[".repeat(5_000)), None, "deep, and no end");
    }
}
