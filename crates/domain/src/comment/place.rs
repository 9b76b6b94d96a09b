//! A point or a stretch of a chart's axis, by what lies there: a time or members of a group. Never by a
//! pixel or a row, so that it stays where it is when the data grows.

use crate::calendar::{iso, parse};
use crate::error::{Error, Result};
use crate::format::Moment;
use crate::query::{Condition, Filter, Op};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The most members of one place.
const MOST_VALUES: usize = 50;
const MOST_TEXT: usize = 500;

/// Where on an axis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Place {
    /// A moment, or a time from one until before another.
    Time {
        /// The column of the dataset.
        column: String,
        /// A date or RFC 3339.
        from: String,
        /// The first moment after it; absent: a single moment.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<String>,
    },
    /// Members of a group.
    Values {
        /// The column of the dataset.
        column: String,
        /// As text; null where there is no value.
        values: Vec<Option<String>>,
    },
}

impl Place {
    /// The column it is of.
    pub fn column(&self) -> &str {
        match self {
            Self::Time { column, .. } | Self::Values { column, .. } => column,
        }
    }

    /// Refuses what lies nowhere.
    ///
    /// # Errors
    /// A sentence that says why.
    pub fn check(&self) -> Result<()> {
        let refuse = |field: &str, why: &str| Err(Error::invalid(why).field(format!("place.{field}")));
        if self.column().is_empty() || self.column().chars().count() > MOST_TEXT || self.column().contains('\0') {
            return refuse("column", "A place is on a column, by its name.");
        }
        match self {
            Self::Time { from, until, .. } => {
                let known = |text: &str| text.len() <= 40 && Moment::parse(text).is_some();
                if !known(from) {
                    return refuse("from", "A time is a date, or a date with a time of day.");
                }
                match until {
                    Some(until) if !known(until) => refuse("until", "A time is a date, or a date with a time of day."),
                    Some(until) if until <= from => refuse("until", "The end of a time is after its beginning."),
                    _ => Ok(()),
                }
            }
            Self::Values { values, .. } => {
                let too_long =
                    |v: &Option<String>| v.as_ref().is_some_and(|v| v.chars().count() > MOST_TEXT || v.contains('\0'));
                if values.is_empty() || values.len() > MOST_VALUES || values.iter().any(too_long) {
                    return refuse("values", "A place has 1 to 50 members of at most 500 characters.");
                }
                Ok(())
            }
        }
    }

    /// The place that marks of a chart stand for, by the first condition of each. `None` where they have
    /// no place in common.
    pub fn of_marks(marks: &[Vec<Filter>], is_time: impl Fn(&str) -> bool) -> Option<Self> {
        let parts = marks.iter().map(|mark| Self::of_filter(mark.first()?, &is_time));
        let place = parts.reduce(|a, b| a?.and(b?))??;
        place.check().is_ok().then_some(place)
    }

    fn of_filter(filter: &Filter, is_time: &impl Fn(&str) -> bool) -> Option<Self> {
        match filter {
            Filter::Is(condition) => Self::of_condition(condition, is_time),
            // From the beginning of a period until before the next, or a range of numbers.
            Filter::And(both) => match both.as_slice() {
                [Filter::Is(a), Filter::Is(b)] if a.column == b.column && a.op == Op::Gte && b.op == Op::Lt => {
                    if is_time(&a.column) {
                        let (from, until) = (a.value.as_str()?.to_owned(), b.value.as_str()?.to_owned());
                        return Some(Self::Time { column: a.column.clone(), from, until: Some(until) });
                    }
                    Some(Self::Values { column: a.column.clone(), values: vec![text(&a.value)] })
                }
                _ => None,
            },
            Filter::Or(_) => None,
        }
    }

    fn of_condition(condition: &Condition, is_time: &impl Fn(&str) -> bool) -> Option<Self> {
        let column = condition.column.clone();
        let list = || condition.value.as_array();
        let values = match condition.op {
            Op::Eq if is_time(&column) => {
                let from = condition.value.as_str()?.to_owned();
                let until = day_after(&from);
                return Some(Self::Time { column, from, until });
            }
            Op::Between if is_time(&column) => {
                let (from, last) = (list()?.first()?.as_str()?.to_owned(), list()?.get(1)?.as_str()?);
                let until = day_after(last).or_else(|| (*last > *from).then(|| last.to_owned()));
                return Some(Self::Time { column, from, until });
            }
            Op::Eq => vec![text(&condition.value)],
            Op::In => list()?.iter().map(text).collect(),
            Op::IsNull => vec![None],
            Op::IsTrue => vec![Some("true".to_owned())],
            Op::IsFalse => vec![Some("false".to_owned())],
            _ => return None,
        };
        Some(Self::Values { column, values })
    }

    /// What covers both.
    fn and(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Values { column, mut values }, Self::Values { column: same, values: more }) if column == same => {
                values.extend(more);
                Some(Self::Values { column, values })
            }
            (Self::Time { column, from, until }, Self::Time { column: same, from: start, until: end })
                if column == same =>
            {
                let last = until.unwrap_or_else(|| from.clone()).max(end.unwrap_or_else(|| start.clone()));
                let from = from.min(start);
                let until = (last > from).then_some(last);
                Some(Self::Time { column, from, until })
            }
            _ => None,
        }
    }
}

/// The day after a date; `None` for what has a time of day.
fn day_after(date: &str) -> Option<String> {
    let day = parse(date).filter(|_| date.len() == 10)?;
    Some(iso(day + 1))
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn place(marks: Vec<Vec<Filter>>) -> Value {
        serde_json::to_value(Place::of_marks(&marks, |column| column == "day")).unwrap()
    }

    #[test]
    fn a_mark_of_time_is_a_time() {
        let month = Filter::is("day", Op::Between, json!(["2024-03-01", "2024-03-31"]));
        let west = Filter::is("region", Op::Eq, "West");
        let time = json!({"type": "time", "column": "day", "from": "2024-03-01", "until": "2024-04-01"});
        assert_eq!(place(vec![vec![month, west]]), time);
        let one = Filter::is("day", Op::Eq, "2024-03-01");
        let day = json!({"type": "time", "column": "day", "from": "2024-03-01", "until": "2024-03-02"});
        assert_eq!(place(vec![vec![one.clone()]]), day);
        let other = Filter::is("day", Op::Eq, "2024-03-05");
        let both = json!({"type": "time", "column": "day", "from": "2024-03-01", "until": "2024-03-06"});
        assert_eq!(place(vec![vec![other], vec![one]]), both);
        let hour = Filter::And(vec![
            Filter::is("day", Op::Gte, "2024-03-01T10:00:00Z"),
            Filter::is("day", Op::Lt, "2024-03-01T11:00:00Z"),
        ]);
        assert_eq!(place(vec![vec![hour]])["until"], "2024-03-01T11:00:00Z");
        let instant = Filter::is("day", Op::Eq, "2024-03-01T10:00:00Z");
        assert_eq!(place(vec![vec![instant]])["until"], Value::Null);
    }

    #[test]
    fn other_marks_are_their_members() {
        let is = |v: &str| vec![Filter::is("region", Op::Eq, v)];
        let values = json!({"type": "values", "column": "region", "values": ["West", "East", null]});
        let none = vec![Filter::is("region", Op::IsNull, Value::Null)];
        assert_eq!(place(vec![is("West"), is("East"), none]), values);
        let range = Filter::And(vec![Filter::is("age", Op::Gte, 10), Filter::is("age", Op::Lt, 20)]);
        assert_eq!(place(vec![vec![range]])["values"], json!(["10"]));
        // Nothing in common, and nothing at all.
        assert_eq!(place(vec![is("West"), vec![Filter::is("age", Op::Eq, 1)]]), Value::Null);
        assert_eq!(place(vec![vec![]]), Value::Null);
        assert_eq!(place(vec![]), Value::Null);
        assert_eq!(place((0..51).map(|i| is(&i.to_string())).collect()), Value::Null, "too many to be a place");
    }

    #[test]
    fn what_lies_nowhere_is_refused() {
        let refused = |value: Value, field: &str| {
            let place: Place = serde_json::from_value(value).unwrap();
            assert_eq!(place.check().unwrap_err().field, Some(format!("place.{field}")));
        };
        refused(json!({"type": "time", "column": "", "from": "2024-03-01"}), "column");
        refused(json!({"type": "time", "column": "day", "from": "soon"}), "from");
        refused(json!({"type": "time", "column": "day", "from": "2024-03-01", "until": "2024-03-01"}), "until");
        refused(json!({"type": "values", "column": "region", "values": []}), "values");
        refused(json!({"type": "values", "column": "region", "values": ["x".repeat(501)]}), "values");
    }
}
