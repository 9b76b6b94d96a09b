//! One test of one column (or, in `having`, of one output) as SQL.

use crate::dialect::TextTest;
use crate::literal::{self, Literal, literal};
use crate::path::Path;
use crate::relative;
use crate::scope::{Clock, Operand};
use crate::sql::{self, all, any, binary, within};
use crate::zone::timestamp;
use domain::query::{AsOf, Condition, Op, Relative};
use domain::{DataType, Error, Result};
use serde_json::Value;

/// The most values in one list.
pub(crate) const MAX_VALUES: usize = 10_000;

/// The condition as SQL that is true for the rows it keeps. It can stand in AND and OR as it is.
pub(crate) fn condition(operand: &Operand<'_>, test: &Condition, clock: &Clock<'_>, path: &Path<'_>) -> Result<String> {
    let test = Test { operand, test, clock, path };
    test.check_type()?;
    let column = &operand.sql;
    let ordered = clock.db.ordered(column, operand.ty);
    let is_null = || sql::is_null(column);
    let is_not_null = || sql::is_not_null(column);
    Ok(match test.test.op {
        Op::IsNull => is_null(),
        Op::IsNotNull => is_not_null(),
        Op::IsTrue => binary(column, "=", "TRUE"),
        Op::IsFalse => binary(column, "=", "FALSE"),
        Op::Eq if test.test.value.is_null() => is_null(),
        Op::Ne if test.test.value.is_null() => is_not_null(),
        Op::Eq => match test.value()? {
            Literal::One(v) => binary(column, "=", &v),
            Literal::Day(from, to) => all(&[binary(column, ">=", &from), binary(column, "<", &to)]),
        },
        Op::Ne => match test.value()? {
            Literal::One(v) => binary(column, "IS DISTINCT FROM", &v),
            Literal::Day(from, to) => any(&[binary(column, "<", &from), binary(column, ">=", &to), is_null()]),
        },
        Op::Gt | Op::Gte | Op::Lt | Op::Lte => compare(&ordered, test.test.op, &test.value()?),
        Op::Between => {
            let (lo, hi) = test.bounds()?;
            all(&[compare(&ordered, Op::Gte, &lo), compare(&ordered, Op::Lte, &hi)])
        }
        Op::NotBetween => {
            let (lo, hi) = test.bounds()?;
            any(&[compare(&ordered, Op::Lt, &lo), compare(&ordered, Op::Gt, &hi), is_null()])
        }
        Op::In => test.list(true)?,
        Op::NotIn => test.list(false)?,
        Op::Contains => test.text(TextTest::Contains)?,
        Op::NotContains => any(&[sql::not(&test.text(TextTest::Contains)?), is_null()]),
        Op::StartsWith => test.text(TextTest::StartsWith)?,
        Op::EndsWith => test.text(TextTest::EndsWith)?,
        Op::Relative => test.relative()?,
        Op::TopN => {
            return Err(path
                .key("op")
                .refuse("`top_n` is neither inside `or` nor in a measure or `having`.")
                .hint("Put it in the filter itself, or in its outermost `and`."));
        }
    })
}

/// A comparison; a day begins where it is included and ends where it is passed.
fn compare(column: &str, op: Op, value: &Literal) -> String {
    let (sign, value) = match (op, value) {
        (Op::Gt, Literal::One(v)) => (">", v),
        (Op::Gt, Literal::Day(_, to)) => (">=", to),
        (Op::Gte, Literal::One(v) | Literal::Day(v, _)) => (">=", v),
        (Op::Lt, Literal::One(v) | Literal::Day(v, _)) => ("<", v),
        (_, Literal::One(v)) => ("<=", v),
        (_, Literal::Day(_, to)) => ("<", to),
    };
    binary(column, sign, value)
}

/// The stretch `[from, to)` that a condition on a time is about, where it has two ends.
pub(crate) fn stretch(
    operand: &Operand<'_>,
    test: &Condition,
    clock: &Clock<'_>,
    path: &Path<'_>,
) -> Option<(jiff::Zoned, jiff::Zoned)> {
    let this = Test { operand, test, clock, path };
    let ends = |value: &Value| literal::ends(value, clock.zone);
    match test.op {
        Op::Relative => {
            this.stretch(&serde_json::from_value::<Relative>(test.value.clone()).ok()?, &path.key("value")).ok()
        }
        Op::Eq => ends(&test.value).filter(|(from, to)| from < to),
        Op::Between => match test.value.as_array()?.as_slice() {
            [lo, hi] => Some((ends(lo)?.0, ends(hi)?.1)).filter(|(from, to)| from < to),
            _ => None,
        },
        _ => None,
    }
}

struct Test<'a> {
    operand: &'a Operand<'a>,
    test: &'a Condition,
    clock: &'a Clock<'a>,
    path: &'a Path<'a>,
}

impl Test<'_> {
    /// Whether the operator suits the column at all.
    fn check_type(&self) -> Result<()> {
        let ty = self.operand.ty;
        let (fits, needs) = match self.test.op {
            Op::IsNull | Op::IsNotNull | Op::TopN => (true, ""),
            Op::Eq | Op::Ne | Op::In | Op::NotIn => (ty != DataType::Other, "a value that can be compared"),
            Op::Gt | Op::Gte | Op::Lt | Op::Lte | Op::Between | Op::NotBetween => {
                (!matches!(ty, DataType::Other | DataType::Boolean), "a value that has an order")
            }
            Op::Contains | Op::NotContains | Op::StartsWith | Op::EndsWith => (ty == DataType::Text, "text"),
            Op::Relative => (ty.is_time(), "a date or a timestamp"),
            Op::IsTrue | Op::IsFalse => (ty == DataType::Boolean, "a boolean"),
        };
        if fits {
            return Ok(());
        }
        let op = wire_name(self.test.op);
        let (name, ty) = (self.operand.name, ty.as_str());
        Err(self.path.key("op").refuse(format!("`{op}` needs {needs}, but `{name}` has the type {ty}.")))
    }

    fn value(&self) -> Result<Literal> {
        self.literal(&self.test.value, &self.path.key("value"))
    }

    fn literal(&self, value: &Value, path: &Path<'_>) -> Result<Literal> {
        literal(value, self.operand.ty, self.clock.zone, self.operand.name).map_err(|e| at(e, path))
    }

    fn bounds(&self) -> Result<(Literal, Literal)> {
        let path = self.path.key("value");
        match self.test.value.as_array().map(Vec::as_slice) {
            Some([lo, hi]) => Ok((self.literal(lo, &path.at(0))?, self.literal(hi, &path.at(1))?)),
            _ => Err(path.refuse(format!("`{}` takes two values: [from, to].", wire_name(self.test.op)))),
        }
    }

    /// One of a list, or none of it. Rows without a value are kept by "none of", as by "not equal";
    /// null in the list means them.
    fn list(&self, positive: bool) -> Result<String> {
        let path = self.path.key("value");
        let Some(values) = self.test.value.as_array() else {
            return Err(path.refuse(format!("`{}` takes a list of values.", wire_name(self.test.op))));
        };
        if values.len() > MAX_VALUES {
            return Err(path.refuse(format!("The list has {} values; at most {MAX_VALUES} are allowed.", values.len())));
        }
        let column = &self.operand.sql;
        let (mut plain, mut tests, mut has_null) = (Vec::new(), Vec::new(), false);
        for (i, value) in values.iter().enumerate() {
            if value.is_null() {
                has_null = true;
                continue;
            }
            match (self.literal(value, &path.at(i))?, positive) {
                (Literal::One(v), _) => plain.push(v),
                (Literal::Day(from, to), true) => {
                    tests.push(all(&[binary(column, ">=", &from), binary(column, "<", &to)]));
                }
                (Literal::Day(from, to), false) => {
                    tests.push(any(&[binary(column, "<", &from), binary(column, ">=", &to)]));
                }
            }
        }
        if !plain.is_empty() {
            tests.insert(0, within(column, if positive { "IN" } else { "NOT IN" }, &plain));
        }
        Ok(match (positive, has_null) {
            (true, false) => any(&tests),
            (true, true) => any(&[tests, vec![sql::is_null(column)]].concat()),
            (false, true) => all(&[tests, vec![sql::is_not_null(column)]].concat()),
            (false, false) if tests.is_empty() => all(&tests),
            (false, false) => any(&[all(&tests), sql::is_null(column)]),
        })
    }

    fn text(&self, test: TextTest) -> Result<String> {
        let Literal::One(value) = self.value()? else { return Err(Error::internal()) };
        Ok(self.clock.db.text_test(test, &self.operand.sql, &value, self.test.case_sensitive))
    }

    fn relative(&self) -> Result<String> {
        let path = self.path.key("value");
        let wanted: Relative = serde_json::from_value(self.test.value.clone()).map_err(|_| {
            path.refuse("A relative date is an object such as {\"unit\": \"month\", \"n\": 3, \"of\": \"previous\"}.")
                .hint(
                    "Units: minute, hour, day, week, month, quarter, year; of: previous, current, next, to_date; \
                 also include_current, offset and as_of (now or latest).",
                )
        })?;
        let is_date = self.operand.ty == DataType::Date;
        if is_date && relative::is_within_a_day(wanted.unit) {
            return Err(path.refuse(format!("`{}` holds dates, which have no hours.", self.operand.name)));
        }
        let (from, to) = self.stretch(&wanted, &path)?;
        let (from, to) = if is_date {
            let (from, to) = relative::dates(&from, &to).map_err(|e| at(e, &path))?;
            (literal::date_literal(from), literal::date_literal(to))
        } else {
            (timestamp(from.timestamp()), timestamp(to.timestamp()))
        };
        let column = &self.operand.sql;
        Ok(all(&[binary(column, ">=", &from), binary(column, "<", &to)]))
    }

    fn stretch(&self, wanted: &Relative, path: &Path<'_>) -> Result<(jiff::Zoned, jiff::Zoned)> {
        relative::resolve(wanted, &self.now(wanted, path)?, self.clock.calendar).map_err(|e| at(e, path))
    }

    /// The moment that a relative date is relative to.
    fn now(&self, wanted: &Relative, path: &Path<'_>) -> Result<jiff::Zoned> {
        let zone = self.clock.zone;
        let now = self.clock.now.to_zoned(zone.tz().clone());
        match (wanted.as_of, self.operand.latest) {
            (AsOf::Now, _) => Ok(now),
            (AsOf::Latest, None) => Err(path.key("as_of").refuse("The latest value is known of columns only.")),
            // A dataset without values has no latest one; any stretch of it is empty.
            (AsOf::Latest, Some(latest)) => Ok(latest.and_then(|text| literal::latest(text, zone)).unwrap_or(now)),
        }
    }
}

/// The error, about this place.
fn at(error: Error, path: &Path<'_>) -> Error {
    error.field(path.to_string())
}

/// The operator as the question writes it.
fn wire_name(op: Op) -> String {
    serde_json::to_value(op).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}
