//! Numbers in files, to the last bit: a list of them is one text, since a number of JSON may come
//! back a little different.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt::Write;

fn text(values: &[f64]) -> String {
    let mut text = String::with_capacity(values.len() * 20);
    for (i, value) in values.iter().enumerate() {
        let _ = write!(text, "{}{value:e}", if i > 0 { " " } else { "" });
    }
    text
}

fn list(text: &str) -> Result<Vec<f64>, &'static str> {
    let number = |part: &str| part.parse().ok().filter(|v: &f64| v.is_finite()).ok_or("a number is none");
    text.split_ascii_whitespace().map(number).collect()
}

pub(crate) fn serialize<S: Serializer>(values: &[f64], to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&text(values))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<f64>, D::Error> {
    list(&String::deserialize(from)?).map_err(D::Error::custom)
}

/// Several lists.
pub(crate) mod lists {
    use super::{Deserialize, Deserializer, Error, Serialize, Serializer, list, text};

    pub(crate) fn serialize<S: Serializer>(lists: &[Vec<f64>], to: S) -> Result<S::Ok, S::Error> {
        lists.iter().map(|values| text(values)).collect::<Vec<String>>().serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Vec<f64>>, D::Error> {
        let texts = Vec::<String>::deserialize(from)?;
        texts.iter().map(|values| list(values).map_err(D::Error::custom)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{list, text};

    #[test]
    fn every_bit_comes_back() {
        let values = [0.1 + 0.2, -1e-308, 1.0 / 3.0, f64::MAX, 0.0, 5e-324];
        assert_eq!(list(&text(&values)).unwrap(), values);
        assert!(list("1 x").is_err() && list("NaN").is_err() && list("1e999").is_err());
        assert!(list("").unwrap().is_empty());
    }
}
