//! An option is JSON and cannot carry functions. Where ECharts wants one stands a marker, which
//! `frontend/js/revive.js` turns into a function that writes in the reader's language.

use crate::roles::is_moment;
use domain::Field;
use domain::format::{Format, Style};
use domain::query::Grain;
use domain::{DataType, Role};
use serde_json::{Map, Value, json};

/// How many digits the place has room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    /// Axes and labels: 1.2M.
    Short,
    /// Tooltips: every digit.
    Full,
}

/// The format of a column's values as `formatValue` of `frontend/js/format.js` takes it.
pub(crate) fn format(field: &Field, own: Option<&Format>, room: Room) -> Value {
    if is_moment(field) || field.grain.is_some_and(|g| g.is_folded()) {
        return json!({"kind": "date", "grain": field.grain});
    }
    // A whole number one groups by is a name (a year, a house number): it gets no separators.
    let is_name = field.role != Role::Measure && field.ty == DataType::Integer && field.format.is_none();
    if !field.ty.is_number() || is_name {
        return json!({"kind": "text"});
    }
    let plain = Format::default();
    number_format(own.or(field.format.as_ref()).unwrap_or(&plain), room)
}

pub(crate) fn number_format(format: &Format, room: Room) -> Value {
    let mut spec = Map::new();
    spec.insert("kind".into(), json!(format.style));
    let compact = room == Room::Short && format.compact.unwrap_or(true);
    // The cents of a column say nothing beside thousands: $500K, not $500.00K.
    if let Some(decimals) = format.decimals.filter(|_| !(compact && format.style == Style::Currency)) {
        spec.insert("decimals".into(), decimals.into());
    }
    if compact {
        spec.insert("compact".into(), true.into());
    }
    if format.style == Style::Currency {
        spec.insert("currency".into(), format.currency.as_deref().unwrap_or("USD").into());
    }
    for (key, text) in [("prefix", &format.prefix), ("suffix", &format.suffix)] {
        if !text.is_empty() {
            spec.insert(key.into(), text.as_str().into());
        }
    }
    Value::Object(spec)
}

/// The format of moments on a time axis, which come as milliseconds.
pub(crate) fn time_format(field: &Field) -> Value {
    let grain = field.grain.or((field.ty == DataType::Date).then_some(Grain::Day));
    json!({"kind": "date", "grain": grain, "timezone": "UTC"})
}

/// A formatter of axes and labels.
pub(crate) fn formatter(format: &Value) -> Value {
    json!({"$fmt": format})
}

/// A formatter of several pieces: each a format with `field` (`"data.share"`) or `{"text"}`.
pub(crate) fn pieces(parts: Vec<Value>) -> Value {
    json!({"$fmt": {"parts": parts}})
}

/// Text of a title in the reader's language: each piece a format with its `value`, or `{"text"}`.
pub(crate) fn text(parts: Vec<Value>) -> Value {
    json!({"$text": {"parts": parts}})
}

/// A piece of text as it is.
pub(crate) fn plain(text: impl Into<String>) -> Value {
    json!({"text": text.into()})
}

/// A format with one more key.
pub(crate) fn with(mut format: Value, key: &str, value: impl Into<Value>) -> Value {
    format[key] = value.into();
    format
}

/// A builder of tooltips. `spec`: `{title, value, series: {name: format}, rows: [{field, label, format}], label}`.
pub(crate) fn tooltip(spec: &Value) -> Value {
    json!({"$tooltip": spec})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{field, group, measure, month};

    #[test]
    fn formats_follow_the_column() {
        assert_eq!(format(&month(), None, Room::Short), json!({"kind": "date", "grain": "month"}));
        assert_eq!(format(&group("g"), None, Room::Short), json!({"kind": "text"}));
        assert_eq!(format(&measure("m"), None, Room::Short), json!({"kind": "number", "compact": true}));
        assert_eq!(format(&measure("m"), None, Room::Full), json!({"kind": "number"}));
        let year = field("year", DataType::Integer, Role::Dimension);
        assert_eq!(format(&year, None, Room::Full), json!({"kind": "text"}));
    }

    #[test]
    fn a_format_of_ones_own_wins() {
        let euro =
            Format { style: Style::Currency, currency: Some("EUR".into()), decimals: Some(0), ..Format::default() };
        let spec = format(&measure("m"), Some(&euro), Room::Full);
        assert_eq!(spec, json!({"kind": "currency", "currency": "EUR", "decimals": 0}));
        let short = format(&measure("m"), Some(&euro), Room::Short);
        assert_eq!(short, json!({"kind": "currency", "currency": "EUR", "compact": true}));
        let full = Format { compact: Some(false), suffix: " km".into(), ..Format::default() };
        assert_eq!(format(&measure("m"), Some(&full), Room::Short), json!({"kind": "number", "suffix": " km"}));
    }
}
