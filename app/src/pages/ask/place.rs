//! What the address of the page says: the words, the answer that they follow up, what was said before,
//! and the question as somebody chose or changed it.

use crate::pages::explore::question::{self, Question};
use domain::ChartKind;
use domain::ask::{AskContext, Reading};

/// The address of the page.
pub(crate) const PATH: &str = "/ask";
/// Words before these that are kept.
const TRAIL: usize = 6;

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Place {
    pub(super) words: String,
    pub(super) after: Option<AskContext>,
    pub(super) trail: Vec<String>,
    pub(super) own: Option<Question>,
}

impl Place {
    /// Reads the parameters of an address; what cannot be read is not there.
    pub(super) fn read(get: impl Fn(&str) -> Option<String>) -> Self {
        let own = get("query").and_then(|_| Question::read(|key| get(if key == "q" { "query" } else { key })).ok());
        Self {
            words: get("q").map(|words| words.trim().to_owned()).unwrap_or_default(),
            after: get("after").and_then(|text| serde_json::from_str(&text).ok()),
            trail: get("trail").and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default(),
            own,
        }
    }

    /// The parameters of its address.
    pub(super) fn write(&self) -> Vec<(&'static str, String)> {
        let mut all = Vec::new();
        if !self.words.is_empty() {
            // The router decodes an address twice.
            all.push(("q", self.words.replace('%', " percent")));
        }
        all.extend(self.after.as_ref().map(|after| ("after", question::json(after))));
        if !self.trail.is_empty() {
            all.push(("trail", question::json(&self.trail)));
        }
        let own = self.own.iter().flat_map(Question::write);
        all.extend(own.map(|(key, value)| (if key == "q" { "query" } else { key }, value)));
        all
    }

    /// Its address. Only in the browser.
    pub(super) fn address(&self) -> String {
        question::address(PATH, &self.write())
    }

    /// Where a question leads that is asked here, after an answer if there is one.
    pub(super) fn next(&self, words: &str, answer: Option<AskContext>) -> Self {
        let mut trail = self.trail.clone();
        // What was not answered is asked anew.
        let after = match answer {
            Some(answer) => {
                trail.push(self.words.clone());
                Some(answer)
            }
            None => self.after.clone(),
        };
        trail.retain(|words| !words.is_empty());
        let trail = trail.split_off(trail.len().saturating_sub(TRAIL));
        Self { words: words.trim().to_owned(), after, trail, own: None }
    }
}

/// The question of a reading, drawn as it was read.
pub(super) fn question_of(reading: &Reading) -> Question {
    let source = reading.tile().data_source.unwrap_or_default();
    let kind = if reading.query.columns.is_empty() { reading.kind } else { ChartKind::Table };
    Question { query: reading.query.clone(), kind: Some(kind), encodings: source.encodings, options: source.options }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Query;
    use serde_json::json;
    use std::collections::BTreeMap;

    fn query(dataset: &str) -> Query {
        let value = json!({"dataset": dataset, "dimensions": [{"column": "region"}], "measures": [{"agg": "count"}],
            "filter": {"column": "region", "op": "eq", "value": "50 % & more"}});
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn nothing_is_lost_in_the_address() {
        let place = Place {
            words: "sales by region".into(),
            after: Some(AskContext { query: query("a"), kind: ChartKind::Bar }),
            trail: vec!["before".into()],
            own: Some(Question { query: query("b"), kind: Some(ChartKind::Pie), ..Question::default() }),
        };
        let written: BTreeMap<&str, String> = place.write().into_iter().collect();
        assert!(written.values().all(|text| !text.contains('%')));
        assert_eq!(Place::read(|key| written.get(key).cloned()), place);
        assert_eq!(Place::read(|key| (key == "after").then(|| "{".to_owned())), Place::default());
    }

    #[test]
    fn an_answer_is_followed_up_and_what_was_not_understood_is_asked_anew() {
        let context = AskContext { query: query("a"), kind: ChartKind::Bar };
        let first = Place::default().next(" sales ", None);
        assert_eq!((first.words.as_str(), first.after.clone(), first.trail.len()), ("sales", None, 0));
        let second = first.next("only west", Some(context.clone()));
        assert_eq!((second.after.clone(), second.trail.clone()), (Some(context.clone()), vec!["sales".to_owned()]));
        let again = second.next("just west", None);
        assert_eq!((again.after, again.trail), (Some(context), vec!["sales".to_owned()]));
    }
}
