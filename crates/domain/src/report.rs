//! Reports: questions that people keep, with parameters that others fill in.

use crate::ChartSpec;
use crate::chart::{ChartKind, Encodings};
use crate::error::{Error, Result};
use crate::people::Access;
use crate::query::{Filter, Op, Query, Relative};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A report has no more parameters than this.
pub const MOST_PARAMETERS: usize = 20;

/// How a parameter is filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ParameterKind {
    /// One of the values of the column.
    Choice,
    /// Some of them.
    Choices,
    Text,
    Number,
    /// Two numbers; one of them may be left out.
    NumberRange,
    Date,
    /// Two dates; one of them may be left out.
    DateRange,
    /// A stretch of time such as the last 30 days.
    Period,
}

impl ParameterKind {
    /// What people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Choice => "One value",
            Self::Choices => "Several values",
            Self::Text => "Text",
            Self::Number => "Number",
            Self::NumberRange => "Range of numbers",
            Self::Date => "Date",
            Self::DateRange => "Range of dates",
            Self::Period => "Period",
        }
    }

    /// The stable word of it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Choice => "choice",
            Self::Choices => "choices",
            Self::Text => "text",
            Self::Number => "number",
            Self::NumberRange => "number_range",
            Self::Date => "date",
            Self::DateRange => "date_range",
            Self::Period => "period",
        }
    }

    /// The comparison that it makes where none is given.
    pub fn usual_op(self) -> Op {
        match self {
            Self::Choice | Self::Number | Self::Date => Op::Eq,
            Self::Choices => Op::In,
            Self::Text => Op::Contains,
            Self::NumberRange | Self::DateRange => Op::Between,
            Self::Period => Op::Relative,
        }
    }

    /// Whether values of this form can be compared so.
    pub fn takes(self, op: Op) -> bool {
        use Op as O;
        let ordered = matches!(op, O::Eq | O::Ne | O::Gt | O::Gte | O::Lt | O::Lte);
        match self {
            Self::Choice => matches!(op, O::Eq | O::Ne),
            Self::Choices => matches!(op, O::In | O::NotIn),
            Self::Text => matches!(op, O::Eq | O::Ne | O::Contains | O::NotContains | O::StartsWith | O::EndsWith),
            Self::Number | Self::Date => ordered,
            Self::NumberRange | Self::DateRange => matches!(op, O::Between | O::NotBetween),
            Self::Period => op == O::Relative,
        }
    }
}

/// A part of a report's filter that is filled in when it is run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// `[a-z0-9_]+`, as it is named in addresses.
    pub name: String,
    #[serde(default)]
    pub label: String,
    pub kind: ParameterKind,
    /// The column that it narrows.
    pub column: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub op: Option<Op>,
    /// What holds while nothing is filled in; null for all rows.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub default: Value,
    /// Whether the report waits for a value.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
}

impl Parameter {
    /// The comparison that it makes.
    pub fn op(&self) -> Op {
        self.op.unwrap_or_else(|| self.kind.usual_op())
    }

    /// Whether a value says nothing.
    pub fn is_blank(value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::String(text) => text.trim().is_empty(),
            Value::Array(all) => all.iter().all(Self::is_blank),
            _ => false,
        }
    }

    fn unfit(&self, what: &str) -> Error {
        Error::invalid(format!("“{}” takes {what}.", self.label)).field(format!("parameters.{}", self.name))
    }

    /// The condition that a value makes; none where it is blank and need not be filled in.
    ///
    /// # Errors
    /// The value has another form than the parameter, or is missing.
    pub fn condition(&self, value: &Value) -> Result<Option<Filter>> {
        if Self::is_blank(value) {
            return match self.required {
                true => Err(Error::invalid(format!("“{}” must be filled in.", self.label))
                    .field(format!("parameters.{}", self.name))),
                false => Ok(None),
            };
        }
        let is = |op: Op, value: Value| Ok(Some(Filter::is(&self.column, op, value)));
        match self.kind {
            ParameterKind::Choice => match value {
                Value::String(_) | Value::Number(_) | Value::Bool(_) => is(self.op(), value.clone()),
                _ => Err(self.unfit("one value")),
            },
            ParameterKind::Choices => match value {
                Value::Array(all) if all.iter().all(|v| !v.is_array() && !v.is_object()) => {
                    is(self.op(), value.clone())
                }
                _ => Err(self.unfit("a list of values")),
            },
            ParameterKind::Text => match value {
                Value::String(_) => is(self.op(), value.clone()),
                _ => Err(self.unfit("text")),
            },
            ParameterKind::Number => is(self.op(), self.number(value)?),
            ParameterKind::Date => is(self.op(), self.date(value)?),
            ParameterKind::NumberRange => self.range(value, &|v| self.number(v)),
            ParameterKind::DateRange => self.range(value, &|v| self.date(v)),
            ParameterKind::Period => match serde_json::from_value::<Relative>(value.clone()) {
                Ok(_) => is(Op::Relative, value.clone()),
                Err(_) => Err(self.unfit(r#"a period such as {"unit": "day", "n": 30}"#)),
            },
        }
    }

    fn number(&self, value: &Value) -> Result<Value> {
        let written = || value.as_str().and_then(|t| t.trim().parse::<f64>().ok()).filter(|n| n.is_finite());
        match value {
            Value::Number(_) => Ok(value.clone()),
            _ => written().map(Value::from).ok_or_else(|| self.unfit("a number")),
        }
    }

    fn date(&self, value: &Value) -> Result<Value> {
        let text = value.as_str().map(str::trim).filter(|t| !t.is_empty());
        text.map(Value::from).ok_or_else(|| self.unfit("a date such as 2025-03-01"))
    }

    /// Both ends, or what lies on one side of the one that is given.
    fn range(&self, value: &Value, end: &dyn Fn(&Value) -> Result<Value>) -> Result<Option<Filter>> {
        let Some([low, high]) = value.as_array().map(Vec::as_slice) else {
            return Err(self.unfit("two ends, `[from, to]`"));
        };
        let given = |v: &Value| if Self::is_blank(v) { Ok(None) } else { end(v).map(Some) };
        let outside = self.op() == Op::NotBetween;
        let is = |op: Op, value: Value| Some(Filter::is(&self.column, op, value));
        Ok(match (given(low)?, given(high)?) {
            (Some(low), Some(high)) => is(self.op(), Value::Array(vec![low, high])),
            (Some(low), None) => is(if outside { Op::Lt } else { Op::Gte }, low),
            (None, Some(high)) => is(if outside { Op::Gt } else { Op::Lte }, high),
            (None, None) => None,
        })
    }
}

/// What a report asks, and how it is drawn.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportDef {
    /// The question without the conditions that are parameters.
    pub query: Query,
    /// A kind of chart, as in a tile; a table when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chart_type: Option<String>,
    #[serde(default)]
    pub encodings: Encodings,
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub options: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<Parameter>,
}

impl ReportDef {
    /// The kind of chart it is drawn as.
    pub fn kind(&self) -> ChartKind {
        self.chart_type.as_deref().and_then(ChartKind::parse).unwrap_or(ChartKind::Table)
    }

    /// The chart without its question.
    pub fn spec(&self) -> ChartSpec {
        ChartSpec::new(self.kind(), self.encodings.clone(), self.options.clone())
    }

    /// The question with every column that it may be narrowed by.
    pub fn widest(&self) -> Query {
        let named = |p: &Parameter| Filter::is(&p.column, Op::IsNotNull, Value::Null);
        let parts: Vec<Filter> =
            self.query.filter.clone().into_iter().chain(self.parameters.iter().map(named)).collect();
        Query { filter: (!parts.is_empty()).then_some(Filter::And(parts)), ..self.query.clone() }
    }

    /// The question with values; a parameter that has none among them takes its default.
    ///
    /// # Errors
    /// A value has another form than its parameter, is missing, or belongs to none.
    pub fn filled(&self, values: &Map<String, Value>) -> Result<Query> {
        if let Some(unknown) = values.keys().find(|name| self.parameters.iter().all(|p| p.name != **name)) {
            let names: Vec<&str> = self.parameters.iter().map(|p| p.name.as_str()).collect();
            let error = Error::invalid(format!("This report has no parameter `{unknown}`."));
            let hint = match crate::names::nearest(unknown, names.iter().copied()) {
                Some(near) => format!("Did you mean `{near}`?"),
                None if names.is_empty() => "It has none.".to_owned(),
                None => format!("It has {}.", names.join(", ")),
            };
            return Err(error.hint(hint).field(format!("parameters.{unknown}")));
        }
        let mut parts: Vec<Filter> = self.query.filter.clone().into_iter().collect();
        for parameter in &self.parameters {
            parts.extend(parameter.condition(values.get(&parameter.name).unwrap_or(&parameter.default))?);
        }
        let filter = if parts.len() > 1 { Some(Filter::And(parts)) } else { parts.pop() };
        Ok(Query { filter, ..self.query.clone() })
    }
}

/// A report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Report {
    pub id: String,
    pub name: String,
    pub description: String,
    #[serde(flatten)]
    pub def: ReportDef,
    pub owner_id: String,
    pub owner_name: String,
    pub access: Access,
    pub is_public: bool,
    /// RFC 3339.
    pub created_at: String,
    pub updated_at: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn report() -> ReportDef {
        serde_json::from_value(json!({
            "query": {"dataset": "sales", "measures": [{"agg": "count"}], "filter": {"column": "quantity", "op": "gt", "value": 1}},
            "parameters": [
                {"name": "region", "label": "Region", "kind": "choices", "column": "region", "default": ["North"]},
                {"name": "amount", "label": "Amount", "kind": "number_range", "column": "amount"},
                {"name": "since", "label": "Since", "kind": "date", "column": "date", "op": "gte", "required": true}]
        }))
        .unwrap()
    }

    fn filter(values: Value) -> Result<Value> {
        let query = report().filled(values.as_object().unwrap())?;
        Ok(serde_json::to_value(query.filter).unwrap())
    }

    #[test]
    fn values_become_conditions_and_defaults_hold_where_there_are_none() {
        let own = json!({"column": "quantity", "op": "gt", "value": 1});
        let since = json!({"column": "date", "op": "gte", "value": "2025-01-01"});
        let north = json!({"column": "region", "op": "in", "value": ["North"]});
        assert_eq!(filter(json!({"since": "2025-01-01"})).unwrap(), json!({"and": [own, north, since]}));
        // Nothing chosen is all rows, also where there is a default.
        let amount = json!({"column": "amount", "op": "gte", "value": 5.0});
        let given = json!({"region": [], "since": "2025-01-01", "amount": ["5", null]});
        assert_eq!(filter(given).unwrap(), json!({"and": [own, amount, since]}));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let refused = |values: Value| {
            let error = filter(values).unwrap_err();
            (error.field.unwrap_or_default(), error.message)
        };
        assert_eq!(refused(json!({})), ("parameters.since".into(), "“Since” must be filled in.".into()));
        assert_eq!(refused(json!({"sinse": 1})).0, "parameters.sinse");
        for (name, value) in
            [("amount", json!("much")), ("amount", json!(["a", 1])), ("region", json!({})), ("since", json!(7))]
        {
            let field = refused(json!({"since": "2025-01-01", name: value})).0;
            assert_eq!(field, format!("parameters.{name}"));
        }
    }
}
