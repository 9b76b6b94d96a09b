//! JSON as the document keeps it, and back.

use serde_json::Value;
use std::collections::BTreeMap;
use yrs::{Any, GetString, Number, Out, ReadTxn};

pub(super) fn json_to_any(value: &Value) -> Any {
    match value {
        Value::Null => Any::Null,
        Value::Bool(b) => Any::Bool(*b),
        Value::Number(n) => Any::Number(match n.as_i64() {
            Some(int) => Number::Int(int),
            None => Number::Float(n.as_f64().unwrap_or_default()),
        }),
        Value::String(s) => Any::String(s.as_str().into()),
        Value::Array(a) => Any::Array(a.iter().map(json_to_any).collect::<Vec<_>>().into()),
        Value::Object(o) => {
            Any::from(o.iter().map(|(k, v)| (k.clone(), json_to_any(v))).collect::<std::collections::HashMap<_, _>>())
        }
    }
}

const BEYOND_I32: f64 = 2_147_483_648.0;
const BEYOND_I64: f64 = 9_223_372_036_854_775_808.0;

pub(super) fn any_to_json(any: &Any) -> Value {
    match any {
        Any::Null | Any::Undefined | Any::Buffer(_) => Value::Null,
        Any::Bool(b) => Value::Bool(*b),
        Any::Number(Number::Int(i)) => Value::from(*i),
        // yrs writes an integer of more than 31 bits as a float where that is exact.
        Any::Number(Number::Float(f)) if f.fract() == 0.0 && (BEYOND_I32..=BEYOND_I64).contains(&f.abs()) => {
            Value::from(*f as i64)
        }
        Any::Number(Number::Float(f)) => Value::from(*f),
        Any::String(s) => Value::String(s.to_string()),
        Any::Array(a) => Value::Array(a.iter().map(any_to_json).collect()),
        Any::Map(m) => {
            let sorted: BTreeMap<_, _> = m.iter().collect();
            Value::Object(sorted.into_iter().map(|(k, v)| (k.to_string(), any_to_json(v))).collect())
        }
    }
}

/// A field of a tile, or an entry of another root, without its parts.
pub(super) fn leaf_to_json<T: ReadTxn>(txn: &T, out: &Out) -> Value {
    match out {
        Out::Any(any) => any_to_json(any),
        Out::YText(text) => Value::String(text.get_string(txn)),
        _ => Value::Null,
    }
}
