//! What the form of a source says, checked against its fields.

use super::{Kind, Spec};
use domain::source::SourceInput;
use domain::{Error, Result};
use serde_json::{Map, Value};

/// The most characters of a value.
const MAX_TEXT: usize = 20_000;

/// The settings as they are kept: every field that has a value, defaults left out, secrets too.
pub(super) fn check(kind: &Kind, given: &Map<String, Value>) -> Result<Map<String, Value>> {
    let fields = (kind.fields)();
    if let Some(stray) = given.keys().find(|k| !fields.iter().any(|f| f.name == **k)) {
        let known: Vec<&str> = fields.iter().map(|f| f.name.as_str()).collect();
        let short: String = stray.chars().take(60).collect();
        return Err(Error::invalid(format!("{} has no setting `{short}`.", kind.label))
            .hint(format!("There are {}.", known.join(", ")))
            .field("settings"));
    }
    let mut kept = Map::new();
    for field in &fields {
        let refuse = |what: &str| {
            Err(Error::invalid(format!("{} {what}.", field.label)).field(format!("settings.{}", field.name)))
        };
        let value = given.get(&field.name).filter(|v| !v.is_null() && v.as_str() != Some(""));
        let Some(value) = value else {
            if field.required {
                return refuse("is missing");
            }
            continue;
        };
        let fits = match field.input {
            SourceInput::Number => value.as_u64().is_some_and(|n| (1..=65_535).contains(&n)),
            SourceInput::Flag => value.is_boolean(),
            SourceInput::Choice => value.as_str().is_some_and(|v| field.choices.iter().any(|c| c == v)),
            SourceInput::Text => value.as_str().is_some_and(|v| v.len() <= 1_000 && !v.chars().any(char::is_control)),
            SourceInput::LongText | SourceInput::Secret => {
                value.as_str().is_some_and(|v| v.len() <= MAX_TEXT && !v.contains('\0'))
            }
        };
        if !fits {
            return match field.input {
                SourceInput::Number => refuse("must be a number from 1 to 65535"),
                SourceInput::Flag => refuse("must be true or false"),
                SourceInput::Choice => refuse(&format!("must be one of {}", field.choices.join(", "))),
                SourceInput::Text => refuse("must be one line of text"),
                SourceInput::LongText | SourceInput::Secret => refuse("must be text"),
            };
        }
        kept.insert(field.name.clone(), value.clone());
    }
    Ok(kept)
}

impl Spec {
    /// A text of the form.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.settings.get(name)?.as_str()
    }

    pub(super) fn required(&self, name: &str) -> Result<&str> {
        self.text(name)
            .filter(|t| !t.is_empty())
            .ok_or_else(|| Error::invalid(format!("The source has no `{name}`.")).field(format!("settings.{name}")))
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.settings.get(name).and_then(Value::as_bool).unwrap_or_default()
    }
}
