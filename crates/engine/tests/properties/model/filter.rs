//! Whether a condition holds: "not equal", "not in" and their like keep what has no value, all else
//! drops it; a day among instants is the whole day in the question's zone.

use super::time::{Calendar, DAY};
use super::value::Value;
use domain::DataType;
use domain::query::{AsOf, Condition, Filter, Op, Relative};
use serde_json::Value as Json;
use std::cmp::Ordering;

/// When and where a question is asked.
pub struct Clock {
    pub calendar: Calendar,
    pub now: i64,
}

/// What a condition tests.
pub struct Operand {
    pub value: Value,
    pub ty: DataType,
    /// The latest value of its column.
    pub latest: Option<Value>,
}

/// What it is compared with: one value, or all from one to before another.
enum Literal {
    One(Value),
    Day(Value, Value),
}

pub fn holds(filter: &Filter, operand: &dyn Fn(&str) -> Operand, clock: &Clock) -> bool {
    match filter {
        Filter::And(all) => all.iter().all(|f| holds(f, operand, clock)),
        Filter::Or(any) => any.iter().any(|f| holds(f, operand, clock)),
        Filter::Is(test) => is(&operand(&test.column), test, clock),
    }
}

fn is(operand: &Operand, test: &Condition, clock: &Clock) -> bool {
    let value = &operand.value;
    let literal = |json: &Json| literal(json, operand.ty, clock);
    let list = || test.value.as_array().unwrap().as_slice();
    let is_in = || list().iter().any(|v| if v.is_null() { value.is_null() } else { equals(value, &literal(v)) });
    let is_within = || {
        let (lo, hi) = (literal(&list()[0]), literal(&list()[1]));
        compares(value, Op::Gte, &lo) && compares(value, Op::Lte, &hi)
    };
    match test.op {
        Op::IsNull => value.is_null(),
        Op::IsNotNull => !value.is_null(),
        Op::IsTrue => *value == Value::Bool(true),
        Op::IsFalse => *value == Value::Bool(false),
        Op::Eq if test.value.is_null() => value.is_null(),
        Op::Ne if test.value.is_null() => !value.is_null(),
        Op::Eq => equals(value, &literal(&test.value)),
        Op::Ne => !equals(value, &literal(&test.value)),
        Op::Gt | Op::Gte | Op::Lt | Op::Lte => compares(value, test.op, &literal(&test.value)),
        Op::Between => is_within(),
        Op::NotBetween => !is_within(),
        Op::In => is_in(),
        // Rows without a value are kept, unless the list names them.
        Op::NotIn => !is_in(),
        Op::Contains | Op::StartsWith | Op::EndsWith => text(value, test),
        Op::NotContains => !text(value, &Condition { op: Op::Contains, ..test.clone() }),
        Op::Relative => relative(operand, test, clock),
        Op::TopN => panic!("a top is no condition on a row"),
    }
}

fn equals(value: &Value, literal: &Literal) -> bool {
    match literal {
        _ if value.is_null() => false,
        Literal::One(one) => value == one,
        Literal::Day(from, to) => from <= value && value < to,
    }
}

fn compares(value: &Value, op: Op, literal: &Literal) -> bool {
    if value.is_null() {
        return false;
    }
    let (below, above) = match literal {
        Literal::One(one) => (value.cmp(one) == Ordering::Less, value.cmp(one) == Ordering::Greater),
        Literal::Day(from, to) => (value < from, value >= to),
    };
    match op {
        Op::Gt => above,
        Op::Gte => !below,
        Op::Lt => below,
        _ => !above,
    }
}

fn text(value: &Value, test: &Condition) -> bool {
    let (Value::Text(text), Some(part)) = (value, test.value.as_str()) else { return false };
    let cased = |t: &str| if test.case_sensitive { t.to_owned() } else { t.to_lowercase() };
    let (text, part) = (cased(text), cased(part));
    match test.op {
        Op::Contains => text.contains(&part),
        Op::StartsWith => text.starts_with(&part),
        _ => text.ends_with(&part),
    }
}

fn relative(operand: &Operand, test: &Condition, clock: &Clock) -> bool {
    let (from, to) = relative_stretch(test, operand.latest.as_ref(), clock);
    match operand.value {
        Value::Instant(at) => from <= at && at < to,
        Value::Date(day) => {
            let day_of = |at: i64| clock.calendar.local(at).div_euclid(DAY);
            // A day that is begun belongs to it.
            day_of(from) <= day && day <= day_of(to - 1)
        }
        _ => false,
    }
}

/// The stretch that a relative condition is about.
pub fn relative_stretch(test: &Condition, latest: Option<&Value>, clock: &Clock) -> (i64, i64) {
    let wanted: Relative = serde_json::from_value(test.value.clone()).unwrap();
    let now = match (wanted.as_of, latest) {
        (AsOf::Latest, Some(Value::Instant(at))) => *at,
        (AsOf::Latest, Some(Value::Date(day))) => clock.calendar.instant(day * DAY),
        _ => clock.now,
    };
    clock.calendar.stretch(&wanted, now)
}

fn literal(json: &Json, ty: DataType, clock: &Clock) -> Literal {
    let text = || json.as_str().unwrap();
    Literal::One(match ty {
        DataType::Boolean => Value::Bool(json.as_bool().unwrap()),
        DataType::Integer | DataType::Decimal | DataType::Float => number(json),
        DataType::Text => Value::Text(text().to_owned()),
        DataType::Date => Value::Date(domain::calendar::parse(text()).unwrap()),
        DataType::Time => {
            let time: jiff::civil::Time = text().parse().unwrap();
            let seconds = i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second());
            Value::Time(seconds * 1_000_000 + i64::from(time.subsec_nanosecond()) / 1000)
        }
        _ if text().len() == 10 => {
            let (from, to) = whole_day(text(), clock);
            return Literal::Day(Value::Instant(from), Value::Instant(to));
        }
        _ => Value::Instant(crate::tables::instant(text())),
    })
}

/// A day of the question's zone.
pub fn whole_day(text: &str, clock: &Clock) -> (i64, i64) {
    let day = domain::calendar::parse(text).unwrap();
    (clock.calendar.instant(day * DAY), clock.calendar.instant((day + 1) * DAY))
}

/// A number by its digits.
fn number(json: &Json) -> Value {
    let text = json.as_str().map_or_else(|| json.to_string(), str::to_owned);
    if text.contains(['e', 'E']) {
        return Value::Float(text.parse().unwrap());
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    Value::Decimal(format!("{whole}{fraction}").parse().unwrap(), fraction.len() as u32)
}
