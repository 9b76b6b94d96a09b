//! Policies: which rows and columns of a dataset a person sees. As people write them, with names for
//! users and groups; they are stored with ids.

use crate::model::ModelProblem;
use crate::query::Filter;
use crate::table::Table;
use crate::{Access, Error, ErrorCode, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashSet;

/// The most rules of one kind that a dataset has.
const MOST_RULES: usize = 100;
const MOST_NAMES: usize = 1_000;
/// The most conditions of one rule.
const MOST_CONDITIONS: usize = 200;

/// Whom a rule is for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Audience {
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub everyone: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub except_users: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub except_groups: Vec<String>,
}

impl Audience {
    /// Whether somebody is among them. Whoever is left out is, however they are named besides.
    pub fn includes(&self, user: &str, groups: &[String]) -> bool {
        let has =
            |users: &[String], of: &[String]| users.iter().any(|u| u == user) || of.iter().any(|g| groups.contains(g));
        (self.everyone || has(&self.users, &self.groups)) && !has(&self.except_users, &self.except_groups)
    }

    /// In words, for lists.
    pub fn words(&self) -> String {
        let list = |all: Vec<&String>| match all.as_slice() {
            [] => String::new(),
            [one] => (*one).clone(),
            [head @ .., last] => {
                format!("{} and {last}", head.iter().map(|s| s.as_str()).collect::<Vec<_>>().join(", "))
            }
        };
        let named = list(self.groups.iter().chain(&self.users).collect());
        let who = match (self.everyone, named.is_empty()) {
            (true, _) => "Everyone".to_owned(),
            (false, true) => "Nobody".to_owned(),
            (false, false) => named,
        };
        match list(self.except_groups.iter().chain(&self.except_users).collect()) {
            but if but.is_empty() => who,
            but => format!("{who} except {but}"),
        }
    }

    fn names(&self) -> [(&'static str, &Vec<String>); 4] {
        [
            ("users", &self.users),
            ("groups", &self.groups),
            ("except_users", &self.except_users),
            ("except_groups", &self.except_groups),
        ]
    }
}

/// Rows that its audience sees. A value can be `{"user": "regions"}`: what an attribute of the person
/// says, or their `name`, `email` or `groups`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RowPolicy {
    pub name: String,
    #[serde(default)]
    pub audience: Audience,
    pub filter: Filter,
}

/// What its audience sees in place of values.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ColumnRule {
    /// The column is not there.
    Hide,
    /// Asterisks for text, nothing for all else.
    Redact,
    /// A word or number that stands for the value: the same for the same value.
    Hash,
    /// The last four characters or digits.
    Last4,
    /// The lower end of a stretch of this width; days for dates.
    Bucket(f64),
}

impl ColumnRule {
    /// As lists show it.
    pub fn words(self) -> String {
        match self {
            Self::Hide => "Hidden".into(),
            Self::Redact => "Blacked out".into(),
            Self::Hash => "Replaced by a code".into(),
            Self::Last4 => "Last four only".into(),
            Self::Bucket(width) => format!("Rounded down to steps of {width}"),
        }
    }
}

/// Columns of which its audience sees less.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ColumnPolicy {
    pub name: String,
    #[serde(default)]
    pub audience: Audience,
    pub columns: Vec<String>,
    pub rule: ColumnRule,
}

/// The policies of a dataset. Its owner and administrators see everything.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Policies {
    /// They add up: a row is seen by whom any of them lets see it. Where there are some, and none is for
    /// a person, that person sees no rows.
    pub rows: Vec<RowPolicy>,
    /// Of those that are for a person the strictest holds.
    pub columns: Vec<ColumnPolicy>,
}

impl Policies {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.columns.is_empty()
    }

    /// Checks what needs no data.
    ///
    /// # Errors
    /// A rule without a name, too many of something, a width that is none.
    pub fn check(&self) -> Result<()> {
        let wrong = |field: String, message: &str| Err(Error::invalid(message).field(field));
        if self.rows.len() > MOST_RULES || self.columns.len() > MOST_RULES {
            return wrong("rows".into(), "A dataset has at most 100 rules on rows and 100 on columns.");
        }
        let names = self.rows.iter().enumerate().map(|(i, p)| (format!("rows[{i}]"), &p.name, &p.audience));
        let columns = self.columns.iter().enumerate().map(|(i, p)| (format!("columns[{i}]"), &p.name, &p.audience));
        let mut seen = HashSet::new();
        for (at, name, audience) in names.chain(columns) {
            if !(1..=100).contains(&name.trim().chars().count()) || name.chars().any(char::is_control) {
                return wrong(format!("{at}.name"), "A rule has a name of 1 to 100 characters, on one line.");
            }
            if !seen.insert(name.trim().to_lowercase()) {
                return wrong(format!("{at}.name"), "Another rule has this name.");
            }
            if audience.names().iter().any(|(_, list)| list.len() > MOST_NAMES) {
                return wrong(format!("{at}.audience"), "A rule names at most 1,000 people: make a group of them.");
            }
        }
        for (i, policy) in self.rows.iter().enumerate() {
            let mut conditions = 0;
            policy.filter.each(&mut |_| conditions += 1);
            if conditions > MOST_CONDITIONS {
                return wrong(format!("rows[{i}].filter"), "A rule has at most 200 conditions.");
            }
        }
        for (i, policy) in self.columns.iter().enumerate() {
            if policy.columns.is_empty() || policy.columns.len() > MOST_NAMES {
                return wrong(format!("columns[{i}].columns"), "Choose the columns that this rule is about.");
            }
            if let ColumnRule::Bucket(width) = policy.rule
                && !(width.is_finite() && (1e-9..=1e12).contains(&width))
            {
                return wrong(format!("columns[{i}].rule"), "The width of a step is a number above zero.");
            }
        }
        Ok(())
    }

    /// The same with other names for users and groups: `name` says what a user (`false`) or a group
    /// (`true`) is called, and its error names the place.
    ///
    /// # Errors
    /// One of them is not known.
    pub fn renamed(mut self, name: &dyn Fn(bool, &str) -> Option<String>, strict: bool) -> Result<Self> {
        let rows = self.rows.iter_mut().enumerate().map(|(i, p)| (format!("rows[{i}].audience"), &mut p.audience));
        let columns = self.columns.iter_mut().enumerate();
        for (at, audience) in rows.chain(columns.map(|(i, p)| (format!("columns[{i}].audience"), &mut p.audience))) {
            let lists = [
                ("users", false, &mut audience.users),
                ("groups", true, &mut audience.groups),
                ("except_users", false, &mut audience.except_users),
                ("except_groups", true, &mut audience.except_groups),
            ];
            for (field, is_group, list) in lists {
                let mut found = Vec::with_capacity(list.len());
                for (i, old) in list.iter().enumerate() {
                    match name(is_group, old) {
                        Some(new) if !found.contains(&new) => found.push(new),
                        Some(_) => {}
                        None if strict => {
                            let what = if is_group { "group" } else { "user" };
                            let short: String = old.chars().take(80).collect();
                            let error = Error::new(ErrorCode::InvalidRequest, format!("There is no {what} `{short}`."));
                            return Err(error.field(format!("{at}.{field}[{i}]")));
                        }
                        // Whoever is gone is named no more.
                        None => {}
                    }
                }
                *list = found;
            }
        }
        Ok(self)
    }
}

/// What of the user a value of a condition stands for: `{"user": "regions"}`.
pub fn user_value(value: &Value) -> Option<&str> {
    let object = value.as_object().filter(|o| o.len() == 1)?;
    object.get("user")?.as_str()
}

/// Rules to be tried, and a person to try them on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PolicyTrial {
    pub policies: Policies,
    /// The name of a user.
    pub user: String,
}

/// A column of which a person sees less.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MaskedColumn {
    pub column: String,
    pub rule: ColumnRule,
}

/// What a person would see.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PolicyTest {
    pub user: String,
    /// Owners and administrators see everything.
    pub is_exempt: bool,
    /// Rows they would see.
    pub rows: u64,
    /// Rows there are.
    pub total: u64,
    pub hidden: Vec<String>,
    pub masked: Vec<MaskedColumn>,
    /// The first rows as they would see them.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub sample: Table,
    /// The first rows as they are.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub plain: Table,
    /// Names of the rules that are for them.
    pub rules: Vec<String>,
    /// Why nothing can be shown to them.
    pub error: Option<String>,
}

/// Why somebody can see a dataset, or cannot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessReasons {
    pub user: String,
    /// What they may do with it; nothing: it is not there for them.
    pub access: Option<Access>,
    /// What gives them the right, or that nothing does.
    pub grants: Vec<String>,
    /// What decides which rows and columns they see.
    pub policies: Vec<String>,
}

/// Policies read from YAML, with everything that keeps them from being saved.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PolicyDraft {
    pub policies: Option<Policies>,
    pub problems: Vec<ModelProblem>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn who_is_left_out_is_left_out() {
        let audience: Audience =
            serde_json::from_value(json!({"groups": ["sales"], "users": ["kim"], "except_users": ["eve"]})).unwrap();
        let sales = ["sales".to_owned()];
        assert!(audience.includes("kim", &[]) && audience.includes("lee", &sales));
        assert!(!audience.includes("eve", &sales) && !audience.includes("lee", &[]));
        assert!(!Audience::default().includes("kim", &sales), "nobody");
        assert_eq!(audience.words(), "sales and kim except eve");
        assert_eq!(Audience::default().words(), "Nobody");
    }

    #[test]
    fn rules_are_read_as_they_are_written() {
        let rules = json!([{"rule": "hide"}, {"rule": "last4"}, {"rule": {"bucket": 10.0}}]);
        for rule in rules.as_array().unwrap() {
            let read: ColumnRule = serde_json::from_value(rule["rule"].clone()).unwrap();
            assert_eq!(serde_json::to_value(read).unwrap(), rule["rule"]);
        }
        assert_eq!(user_value(&json!({"user": "regions"})), Some("regions"));
        assert_eq!(user_value(&json!({"user": "regions", "n": 1})), None);
    }

    #[test]
    fn what_cannot_be_meant_is_refused_where_it_stands() {
        let read = |value| serde_json::from_value::<Policies>(value).unwrap().check().unwrap_err().field.unwrap();
        let rule = |rule: Value| json!({"columns": [{"name": "a", "columns": ["x"], "rule": rule}]});
        assert_eq!(read(rule(json!({"bucket": 0.0}))), "columns[0].rule");
        assert_eq!(read(json!({"columns": [{"name": "a", "columns": [], "rule": "hide"}]})), "columns[0].columns");
        assert_eq!(read(json!({"rows": [{"name": " ", "filter": {"and": []}}]})), "rows[0].name");
        let twice = json!({"rows": [{"name": "a", "filter": {"and": []}}, {"name": "A", "filter": {"and": []}}]});
        assert_eq!(read(twice), "rows[1].name");
    }

    #[test]
    fn names_become_ids_and_those_who_are_gone_are_named() {
        let policies: Policies = serde_json::from_value(
            json!({"rows": [{"name": "a", "audience": {"users": ["kim", "gone"]}, "filter": {"and": []}}]}),
        )
        .unwrap();
        let ids = |is_group: bool, name: &str| (!is_group && name == "kim").then(|| "u1".to_owned());
        let error = policies.clone().renamed(&ids, true).unwrap_err();
        assert_eq!(error.field.as_deref(), Some("rows[0].audience.users[1]"));
        assert_eq!(policies.renamed(&ids, false).unwrap().rows[0].audience.users, ["u1"]);
    }
}
