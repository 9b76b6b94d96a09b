//! What Explore holds, as its address says it: the question, and how it is drawn where somebody
//! chose that.

use domain::chart::Encodings;
use domain::dashboard::{DataSource, TileKind};
use domain::{ChartKind, ChartSpec, Error, Query, Result, Tile};
use serde::Serialize;
use serde_json::{Map, Value};

/// The address of Explore.
pub(crate) const PATH: &str = "/explore";

/// A question and how it is drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Question {
    pub(crate) query: Query,
    /// Chosen by a person; else the kind follows the question.
    pub(crate) kind: Option<ChartKind>,
    pub(crate) encodings: Encodings,
    pub(crate) options: Map<String, Value>,
}

/// JSON for an address. The router decodes it twice, so there is no `%` in it.
pub(crate) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default().replace('%', "\\u0025")
}

/// A path with parameters. Only in the browser.
pub(crate) fn address(path: &str, parameters: &[(&'static str, String)]) -> String {
    let encode = |text: &str| String::from(js_sys::encode_uri_component(text));
    let pairs: Vec<String> = parameters.iter().map(|(key, value)| format!("{key}={}", encode(value))).collect();
    if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
}

impl Question {
    /// Reads the parameters of an address.
    ///
    /// # Errors
    /// They say something that is no question.
    pub(crate) fn read(get: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let unreadable = |_| {
            Error::invalid("The question in this address cannot be read.")
                .hint("The link may have been cut off. Begin a new question.")
        };
        let query = match get("q") {
            Some(text) => serde_json::from_str(&text).map_err(unreadable)?,
            // From a page of a dataset.
            None => Query { dataset: get("dataset").unwrap_or_default(), ..Query::default() },
        };
        let encodings = get("e").and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        let options = get("o").and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        Ok(Self { query, kind: get("kind").as_deref().and_then(ChartKind::parse), encodings, options })
    }

    /// The question of a tile, drawn as the tile is.
    pub(crate) fn of(query: Query, spec: ChartSpec) -> Self {
        Self { query, kind: Some(spec.kind), encodings: spec.encodings, options: spec.options }
    }

    /// The parameters of its address.
    pub(crate) fn write(&self) -> Vec<(&'static str, String)> {
        let mut all = Vec::new();
        if !self.query.dataset.is_empty() {
            all.push(("q", json(&self.query)));
        }
        all.extend(self.kind.map(|kind| ("kind", kind.as_str().to_owned())));
        if self.encodings != Encodings::default() {
            all.push(("e", json(&self.encodings)));
        }
        if !self.options.is_empty() {
            all.push(("o", json(&self.options)));
        }
        all
    }

    /// Its address. Only in the browser.
    pub(crate) fn address(&self) -> String {
        address(PATH, &self.write())
    }

    /// A tile that shows it as `kind`.
    pub(crate) fn to_tile(&self, kind: ChartKind) -> Tile {
        let tile_kind = match kind {
            ChartKind::Table => TileKind::Table,
            ChartKind::Number => TileKind::Metric,
            _ => TileKind::Chart,
        };
        let source = DataSource {
            query: Some(self.query.clone()),
            encodings: self.encodings.clone(),
            options: self.options.clone(),
            ..DataSource::default()
        };
        Tile {
            kind: tile_kind,
            chart_type: Some(kind.as_str().to_owned()),
            data_source: Some(source),
            ..Tile::default()
        }
    }

    /// What became of it as a tile that was drawn as `shown`: another kind was chosen by hand.
    pub(crate) fn after(&self, tile: Tile, shown: ChartKind) -> Self {
        let kind = tile.chart_kind().filter(|kind| *kind != shown).or(self.kind);
        let source = tile.data_source.unwrap_or_default();
        Self {
            query: source.query.unwrap_or_default(),
            // What follows the question is laid out by its shape.
            encodings: if kind.is_some() { source.encodings } else { Encodings::default() },
            kind,
            options: source.options,
        }
    }

    /// The part that two questions differ in, in words; nothing where they are the same.
    pub(crate) fn difference(&self, other: &Self) -> Option<&'static str> {
        let (a, b) = (&self.query, &other.query);
        let parts = [
            ("dataset", a.dataset != b.dataset),
            ("joins", a.joins != b.joins),
            ("filter", a.filter != b.filter),
            ("columns", a.columns != b.columns),
            ("dimensions", a.dimensions != b.dimensions),
            ("measures", a.measures != b.measures),
            ("having", a.having != b.having),
            ("order", a.order != b.order),
            ("limit", a.limit != b.limit),
            ("rest", a != b),
            ("kind", self.kind != other.kind),
            ("options", self != other),
        ];
        parts.into_iter().find_map(|(name, differs)| differs.then_some(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::collections::BTreeMap;

    fn question() -> Question {
        let query = json!({"dataset": "flights", "joins": [{"dataset": "airlines", "on": [["carrier", "carrier"]]}],
            "dimensions": [{"column": "time_hour", "grain": "hour_of_day"}, {"column": "distance", "bin": {"width": 2.5}}],
            "measures": [{"agg": "percentile", "column": "dep_delay", "p": 99.5},
                {"agg": "ratio", "numerator": {"agg": "count_if", "filter": {"column": "origin", "op": "eq", "value": "100 % + “ü”"}},
                 "denominator": {"agg": "count"}}],
            "filter": {"or": [{"column": "carrier", "op": "top_n", "value": {"n": 10, "by": "count", "others": true}},
                {"and": [{"column": "origin", "op": "in", "value": ["JFK", null]}]}]},
            "having": {"column": "percentile_dep_delay", "op": "gt", "value": 1}, "offset": 5, "limit": 10,
            "order": [{"by": "ratio", "dir": "desc"}, {"by": "time_hour"}], "timezone": "Europe/Berlin", "week_start": 7,
            "fiscal_year_start": 4, "compare": {"to": "previous_year", "show": ["change"]}, "fill": "zero",
            "others_label": "Rest"});
        Question { query: serde_json::from_value(query).unwrap(), ..Question::default() }
    }

    #[test]
    fn nothing_is_lost_in_the_address() {
        let options = json!({"stacked": true, "title": "50 %"}).as_object().cloned().unwrap();
        for kind in [None, Some(ChartKind::Heatmap)] {
            let encodings = Encodings { x: Some("time_hour".into()), ..Encodings::default() };
            let given = Question { kind, options: options.clone(), encodings, ..question() };
            let written: BTreeMap<&str, String> = given.write().into_iter().collect();
            assert!(written.values().all(|text| !text.contains('%')));
            assert_eq!(Question::read(|key| written.get(key).cloned()).unwrap(), given);
        }
        assert!(Question::read(|key| (key == "q").then(|| "{\"dataset\"".to_owned())).is_err());
        assert_eq!(Question::read(|_| None).unwrap(), Question::default());
    }

    #[test]
    fn a_kind_is_chosen_only_by_choosing_another() {
        let before = question();
        let same = before.after(before.to_tile(ChartKind::Line), ChartKind::Line);
        assert_eq!(same, before);
        let other = before.after(before.to_tile(ChartKind::Bar), ChartKind::Line);
        assert_eq!((other.kind, other.difference(&before)), (Some(ChartKind::Bar), Some("kind")));
    }
}
