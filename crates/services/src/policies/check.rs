//! Whether policies fit the dataset that they are for.

use crate::catalog::Stored;
use domain::names::nearest;
use domain::policy::{ColumnRule, Policies, user_value};
use domain::query::{Condition, Op, Relative};
use domain::{Column, DataType, Error, Result};
use semantic::Policy;
use serde_json::Value;
use std::sync::Arc;

/// Refuses policies that name columns which are not there, or ask for what cannot be worked out: such a
/// rule would show nothing, and nobody would know why.
pub(super) fn check(stored: &Arc<Stored>, policies: &Policies) -> Result<()> {
    policies.check()?;
    for (i, policy) in policies.rows.iter().enumerate() {
        let at = |what: &str| format!("rows[{i}].filter{what}");
        let mut wrong = None;
        policy.filter.each(&mut |condition| {
            if wrong.is_none() {
                wrong = condition_fault(condition, &stored.columns);
            }
        });
        if let Some(error) = wrong {
            return Err(error.field(at("")));
        }
        // What is left is checked as in a question, with a value in the place of what a user brings.
        let tried = domain::policy::Policies { rows: vec![policy.clone()], columns: Vec::new() };
        let sample = super::resolve::sample_policy(stored, &tried);
        plan(stored, &sample).map_err(|error| error.field(at("")))?;
    }
    for (i, policy) in policies.columns.iter().enumerate() {
        for (j, name) in policy.columns.iter().enumerate() {
            let field = format!("columns[{i}].columns[{j}]");
            let calculated = stored.calculated.iter().map(|c| &c.column);
            let Some(column) = stored.columns.iter().chain(calculated).find(|c| c.name == *name) else {
                return Err(unknown(stored, name).field(field));
            };
            if let Some(why) = misfit(policy.rule, column) {
                return Err(Error::invalid(format!("`{name}` is {}: {why}", column.ty.as_str()))
                    .hint("Hide it, or black it out.")
                    .field(field));
            }
        }
    }
    Ok(())
}

/// Plans the reading of all rows under a policy, which says what is wrong with its conditions.
fn plan(stored: &Arc<Stored>, policy: &Policy) -> Result<()> {
    let now = jiff::Timestamp::UNIX_EPOCH;
    let source =
        semantic::Source { name: &stored.row.name, columns: &stored.columns, parts: (&[] as &[String]).into() };
    let dataset = semantic::Dataset::from(source);
    for rule in &policy.rows {
        let query = domain::Query {
            dataset: stored.row.name.clone(),
            measures: vec![domain::query::Measure::count()],
            filter: Some(rule.clone()),
            ..domain::Query::default()
        };
        semantic::plan(&query, &semantic::Context::of(dataset, now))?;
    }
    Ok(())
}

fn unknown(stored: &Stored, name: &str) -> Error {
    let short: String = name.chars().take(80).collect();
    let error = Error::invalid(format!("This dataset has no column `{short}`."));
    match nearest(&short, stored.columns.iter().map(|c| c.name.as_str())) {
        Some(near) => error.hint(format!("Did you mean `{near}`?")),
        None => error,
    }
}

fn condition_fault(condition: &Condition, columns: &[Column]) -> Option<Error> {
    let Some(column) = columns.iter().find(|c| c.name == condition.column) else {
        return Some(
            Error::invalid(format!("This dataset stores no column `{}`.", condition.column))
                .hint("Rules on rows compare stored columns, not calculated ones."),
        );
    };
    if condition.op == Op::TopN {
        return Some(Error::invalid("A rule on rows cannot choose the largest."));
    }
    if condition.op == Op::Relative {
        let relative = serde_json::from_value::<Relative>(condition.value.clone());
        if relative.is_ok_and(|r| r.as_of == domain::query::AsOf::Latest) {
            let error = Error::invalid("A rule on rows counts from today, not from the latest row.");
            return Some(error.hint("Take `as_of` away."));
        }
    }
    let holds_user = |value: &Value| user_value(value).is_some() || value.is_object();
    match user_value(&condition.value) {
        None if condition.value.as_array().is_some_and(|list| list.iter().any(holds_user)) => {
            Some(Error::invalid("What a user brings is a whole value, not a part of a list."))
        }
        None => None,
        Some(name) if name.is_empty() || name.chars().count() > 100 => {
            Some(Error::invalid("The name of an attribute has 1 to 100 characters."))
        }
        Some(_) if column.ty == DataType::Other => {
            Some(Error::invalid(format!("The values of `{}` cannot be compared.", column.name)))
        }
        Some(_) => {
            let takes =
                matches!(condition.op, Op::Eq | Op::Ne | Op::In | Op::NotIn | Op::Gt | Op::Gte | Op::Lt | Op::Lte);
            let is_text = matches!(condition.op, Op::Contains | Op::NotContains | Op::StartsWith | Op::EndsWith);
            if takes || (is_text && column.ty == DataType::Text) {
                return None;
            }
            Some(Error::invalid("This comparison takes no value of the user.").hint("Use `in` or `eq`."))
        }
    }
}

/// Why a rule cannot be worked out for a column.
fn misfit(rule: ColumnRule, column: &Column) -> Option<&'static str> {
    match rule {
        ColumnRule::Hide | ColumnRule::Redact => None,
        ColumnRule::Hash | ColumnRule::Last4 => (!matches!(column.ty, DataType::Text | DataType::Integer))
            .then_some("only text and whole numbers can be shown so."),
        ColumnRule::Bucket(width) => match column.ty {
            DataType::Integer | DataType::Date if width.fract() != 0.0 => Some("its steps are whole."),
            DataType::Integer | DataType::Float | DataType::Decimal | DataType::Date | DataType::Timestamp => None,
            _ => Some("only numbers and dates have steps."),
        },
    }
}
