//! From rules as people wrote them to what one person sees. What cannot be worked out hides: a missing
//! attribute, a value that does not fit its column, a rule for nobody.

use crate::catalog::Stored;
use domain::policy::{ColumnRule, Policies, user_value};
use domain::query::{Condition, Filter, Op};
use domain::{Column, DataType};
use semantic::{Mask, Policy, Salt, expression};
use serde_json::Value;
use std::collections::BTreeMap;

/// A person, as far as rules ask.
#[derive(Clone, Debug, Default)]
pub(super) struct Who {
    pub(super) id: String,
    pub(super) name: Option<String>,
    pub(super) email: Option<String>,
    pub(super) is_admin: bool,
    /// Ids.
    pub(super) groups: Vec<String>,
    pub(super) group_names: Vec<String>,
    pub(super) attributes: BTreeMap<String, Vec<String>>,
}

impl Who {
    /// The values of an attribute; none where nothing is said.
    pub(super) fn values(&self, attribute: &str) -> Vec<String> {
        match attribute {
            "name" => self.name.iter().cloned().collect(),
            "email" => self.email.iter().cloned().collect(),
            "groups" => self.group_names.clone(),
            other => self.attributes.get(other).cloned().unwrap_or_default(),
        }
    }
}

/// What passes nothing.
fn never() -> Filter {
    Filter::Or(Vec::new())
}

/// What the policies of a dataset leave for a person who is neither its owner nor an administrator.
pub(super) fn policy(stored: &Stored, policies: &Policies, who: &Who, salt: &dyn Fn() -> Salt) -> Policy {
    let mut found = Policy::OPEN;
    if !policies.rows.is_empty() {
        let own = policies.rows.iter().filter(|p| p.audience.includes(&who.id, &who.groups));
        found.rows.push(Filter::Or(own.map(|p| filled(&p.filter, &stored.columns, who)).collect()));
    }
    for rule in policies.columns.iter().filter(|p| p.audience.includes(&who.id, &who.groups)) {
        for column in &rule.columns {
            let mask = match rule.rule {
                ColumnRule::Hide => {
                    if !found.hides(column) {
                        found.hidden.push(column.clone());
                    }
                    continue;
                }
                ColumnRule::Redact => Mask::Redact,
                ColumnRule::Hash => Mask::Hash(salt()),
                ColumnRule::Last4 => Mask::Last4,
                ColumnRule::Bucket(width) => Mask::Bucket(width),
            };
            let mask = match found.masked.remove(column) {
                Some(other) => other.strictest(mask),
                None => mask,
            };
            found.masked.insert(column.clone(), mask);
        }
    }
    found.masked.retain(|column, _| !found.hidden.contains(column));
    // What is made of a hidden column is hidden with it; each stands after those it uses.
    for calculated in &stored.calculated {
        let uses = expression::columns(&calculated.expression);
        if uses.map_or(true, |uses| uses.iter().any(|u| found.hides(u))) && !found.hides(&calculated.column.name) {
            found.hidden.push(calculated.column.name.clone());
        }
    }
    found
}

/// The rules on rows as they are planned, with a value that fits in the place of each of a user.
pub(super) fn sample_policy(stored: &Stored, policies: &Policies) -> Policy {
    let rows = policies.rows.iter().map(|p| sampled(&p.filter, &stored.columns)).collect();
    Policy { rows, ..Policy::OPEN }
}

fn sampled(filter: &Filter, columns: &[Column]) -> Filter {
    match filter {
        Filter::And(all) => Filter::And(all.iter().map(|f| sampled(f, columns)).collect()),
        Filter::Or(any) => Filter::Or(any.iter().map(|f| sampled(f, columns)).collect()),
        Filter::Is(condition) if user_value(&condition.value).is_some() => {
            let column = columns.iter().find(|c| c.name == condition.column);
            let text = match column.map_or(DataType::Text, |c| c.ty) {
                DataType::Boolean => "true",
                DataType::Integer | DataType::Float | DataType::Decimal => "1",
                DataType::Date => "2024-01-31",
                DataType::Timestamp => "2024-01-31T13:45:00Z",
                DataType::Time => "13:45:00",
                DataType::Text | DataType::Other => "a",
            };
            compared(condition, column.map_or(DataType::Text, |c| c.ty), &[text.to_owned()])
        }
        Filter::Is(_) => filter.clone(),
    }
}

/// A filter with what it asks of the person filled in.
fn filled(filter: &Filter, columns: &[Column], who: &Who) -> Filter {
    match filter {
        Filter::And(all) => Filter::And(all.iter().map(|f| filled(f, columns, who)).collect()),
        Filter::Or(any) => Filter::Or(any.iter().map(|f| filled(f, columns, who)).collect()),
        Filter::Is(condition) => match user_value(&condition.value) {
            None => filter.clone(),
            Some(attribute) => {
                let Some(column) = columns.iter().find(|c| c.name == condition.column) else { return never() };
                compared(condition, column.ty, &who.values(attribute))
            }
        },
    }
}

/// A condition on the values of an attribute.
fn compared(condition: &Condition, ty: DataType, values: &[String]) -> Filter {
    let read: Option<Vec<Value>> = values.iter().map(|text| typed(text, ty)).collect();
    // A list of which a part makes no sense is no list: to leave that part out could show more.
    let Some(read) = read.filter(|read| !read.is_empty()) else { return never() };
    let with = |op: Op, value: Value| Filter::Is(Condition { op, value, ..condition.clone() });
    let each = |op: Op| read.iter().map(|value| with(op, value.clone())).collect::<Vec<_>>();
    match condition.op {
        Op::Eq | Op::In => with(Op::In, Value::Array(read)),
        Op::Ne | Op::NotIn => with(Op::NotIn, Value::Array(read)),
        Op::Contains | Op::StartsWith | Op::EndsWith => Filter::Or(each(condition.op)),
        Op::NotContains => Filter::And(each(condition.op)),
        Op::Gt | Op::Gte | Op::Lt | Op::Lte => match read.as_slice() {
            [one] => with(condition.op, one.clone()),
            _ => never(),
        },
        _ => never(),
    }
}

/// What a text says about a person, as a value of a column.
fn typed(text: &str, ty: DataType) -> Option<Value> {
    Some(match ty {
        DataType::Boolean => Value::Bool(text.parse().ok()?),
        DataType::Integer => Value::from(text.trim().parse::<i64>().ok()?),
        DataType::Float | DataType::Decimal => Value::from(text.trim().parse::<f64>().ok().filter(|n| n.is_finite())?),
        DataType::Other => return None,
        _ => Value::from(text),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn stored() -> Stored {
        let columns = json!([
            {"name": "region", "label": "Region", "type": "text", "role": "dimension"},
            {"name": "level", "label": "Level", "type": "integer", "role": "dimension"},
            {"name": "salary", "label": "Salary", "type": "integer", "role": "measure"}
        ]);
        let model = json!({"calculated": [
            {"name": "twice", "expression": "salary * 2"},
            {"name": "four_times", "expression": "twice * 2"},
            {"name": "next_level", "expression": "level + 1"}
        ]});
        Stored::for_test(&columns.to_string(), &model.to_string())
    }

    fn who(attributes: Value) -> Who {
        Who { id: "u1".into(), attributes: serde_json::from_value(attributes).unwrap(), ..Who::default() }
    }

    fn of(policies: Value, who: &Who) -> Policy {
        let policies: Policies = serde_json::from_value(policies).unwrap();
        policy(&stored(), &policies, who, &|| Salt("s".into()))
    }

    fn rows(filter: Value, who: &Who) -> Value {
        let all = json!({"rows": [{"name": "a", "audience": {"everyone": true}, "filter": filter}]});
        serde_json::to_value(&of(all, who).rows[0]).unwrap()["or"][0].clone()
    }

    #[test]
    fn attributes_become_values_of_their_columns() {
        let kim = who(json!({"regions": ["North", "South"], "levels": ["3"]}));
        assert_eq!(
            rows(json!({"column": "region", "op": "in", "value": {"user": "regions"}}), &kim),
            json!({"column": "region", "op": "in", "value": ["North", "South"]})
        );
        assert_eq!(
            rows(json!({"column": "level", "op": "lte", "value": {"user": "levels"}}), &kim),
            json!({"column": "level", "op": "lte", "value": 3})
        );
    }

    #[test]
    fn what_is_not_known_shows_nothing() {
        let kim = who(json!({"regions": ["North", "South"], "levels": ["3", "high"], "none": []}));
        for (column, op, attribute) in [
            ("region", "in", "missing"),
            ("region", "in", "none"),
            ("region", "not_in", "missing"),
            ("region", "ne", "missing"),
            ("level", "in", "levels"),
            ("level", "not_in", "levels"),
            ("region", "gt", "regions"),
            ("gone", "in", "regions"),
            ("region", "eq", "email"),
        ] {
            let found = rows(json!({"column": column, "op": op, "value": {"user": attribute}}), &kim);
            assert_eq!(found, json!({"or": []}), "{column} {op} {attribute}");
        }
    }

    #[test]
    fn rules_on_rows_add_up_and_none_is_no_row() {
        let rule = |name: &str, users: Value, region: &str| {
            json!({"name": name, "audience": {"users": users},
                "filter": {"column": "region", "op": "eq", "value": region}})
        };
        let all = json!({"rows": [rule("a", json!(["u1"]), "North"), rule("b", json!(["u1", "u2"]), "South")]});
        let kim = of(all.clone(), &who(json!({})));
        assert!(matches!(&kim.rows[..], [Filter::Or(both)] if both.len() == 2));
        let other = of(all, &Who { id: "u3".into(), ..Who::default() });
        assert_eq!(other.rows, [never()]);
    }

    #[test]
    fn the_strictest_rule_on_a_column_wins_and_reaches_what_is_made_of_it() {
        let rule = |name: &str, columns: Value, rule: Value| json!({"name": name, "audience": {"everyone": true}, "columns": columns, "rule": rule});
        let kim = who(json!({}));
        let found = of(
            json!({"columns": [rule("a", json!(["salary", "region"]), json!("last4")),
                rule("b", json!(["salary"]), json!("hide")), rule("c", json!(["region"]), json!("hash"))]}),
            &kim,
        );
        assert_eq!(found.hidden, ["salary", "twice", "four_times"]);
        assert_eq!(found.masked, [("region".to_owned(), Mask::Hash(Salt("s".into())))].into());
    }
}
