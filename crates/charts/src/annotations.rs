//! What a reader should compare with: lines at values, days and averages, ranges of values and time.

use crate::calendar::wall_ms;
use crate::cartesian::{Plane, Stack};
use crate::drawing::put;
use crate::marker::{self, Room};
use crate::options::{ANNOTATIONS, Options};
use serde_json::{Map, Value};

/// A line across the numbers' axis: where, and what it is called.
struct Level {
    value: f64,
    name: Option<String>,
}

impl Plane<'_> {
    fn annotations(&self) -> Vec<Options<'_>> {
        self.drawing.options.list(ANNOTATIONS.name)
    }

    /// What each place amounts to: each value, or each stack as a whole.
    fn amounts(&self) -> Vec<f64> {
        let series = &self.pivot.series;
        if self.stack != Stack::Stacked {
            return series.iter().flat_map(|s| s.values.iter().flatten().copied()).collect();
        }
        let at = |place: usize| series.iter().filter_map(|s| s.values[place]).sum();
        (0..self.pivot.places.labels.len()).map(at).collect()
    }

    /// The lines along values, the reference line first.
    fn levels(&self) -> Vec<Level> {
        let options = &self.drawing.options;
        let reference = options.number("reference").map(|value| Level { value, name: options.text("reference_label") });
        let level = |a: Options<'_>| {
            let (value, word) = match a.choice("kind") {
                "value" => (a.number("value")?, None),
                "average" => {
                    let all = self.amounts();
                    (all.iter().sum::<f64>() / all.len() as f64, Some("Average"))
                }
                "median" => (crate::stats::quantile(&mut self.amounts(), 0.5)?, Some("Median")),
                _ => return None,
            };
            let name = a.text("label").or_else(|| word.map(str::to_owned));
            Some(Level { value, name }).filter(|l| l.value.is_finite())
        };
        reference.into_iter().chain(self.annotations().into_iter().filter_map(level)).collect()
    }

    /// Lowest and highest value that is marked: the axis has to reach there.
    pub(crate) fn marked(&self) -> Option<(f64, f64)> {
        let bands = self.annotations().into_iter().filter(|a| a.choice("kind") == "band");
        let ends = bands.flat_map(|a| [a.number("value"), a.number("to")]).flatten();
        let all = self.levels().into_iter().map(|l| l.value).chain(ends);
        all.fold(None, |range, v| Some(range.map_or((v, v), |(low, high): (f64, f64)| (low.min(v), high.max(v)))))
    }

    /// Where a date or category lies along the places, as ECharts takes it.
    fn place(&self, text: &str) -> Option<Value> {
        let places = &self.pivot.places;
        if places.times.is_some() {
            return wall_ms(text).map(Value::from);
        }
        if let Some(exact) = places.labels.iter().find(|l| l.as_str() == text) {
            return Some(exact.as_str().into());
        }
        // A day lies in the period that began last before it. ISO dates sort as text.
        wall_ms(text)?;
        let began = places.labels.iter().filter(|l| wall_ms(l).is_some() && l.as_str() <= text).max()?;
        Some(began.as_str().into())
    }

    /// Puts the marks on the first series.
    pub(crate) fn annotate(&self, series: &mut Map<String, Value>) {
        let (value_key, place_key) = if self.horizontal { ("xAxis", "yAxis") } else { ("yAxis", "xAxis") };
        let mut lines: Vec<Value> = Vec::new();
        for level in self.levels() {
            let mut line = self.named(level.name.as_deref());
            put(&mut line, value_key, level.value);
            if level.name.is_none()
                && let Some(y) = self.drawing.roles.y.first()
            {
                let mut label = Map::new();
                let percent = self.stack == Stack::Percent;
                let format = self.drawing.format(*y, Room::Short);
                let format = if percent { serde_json::json!({"kind": "percent"}) } else { format };
                put(&mut label, "formatter", marker::formatter(&format));
                put(&mut line, "label", label);
            }
            lines.push(Value::Object(line));
        }
        let mut areas: Vec<Value> = Vec::new();
        for a in self.annotations() {
            let name = a.text("label");
            let at = a.text("at").and_then(|t| self.place(&t));
            let (key, from, to) = match a.choice("kind") {
                "time" => {
                    if let Some(at) = at {
                        let mut line = self.named(name.as_deref());
                        put(&mut line, place_key, at);
                        let position = r#"{"position":"insideEndTop","rotate":0,"align":"left","padding":[0,0,0,4]}"#;
                        if name.is_some() && !self.horizontal {
                            let mut label = self.drawing.part(position);
                            put(&mut label, "formatter", "{b}");
                            put(&mut line, "label", label);
                        }
                        lines.push(Value::Object(line));
                    }
                    continue;
                }
                "range" => (place_key, at, a.text("until").and_then(|t| self.place(&t))),
                "band" => (value_key, a.number("value").map(Value::from), a.number("to").map(Value::from)),
                _ => continue,
            };
            if let (Some(from), Some(to)) = (from, to) {
                let mut start = Map::new();
                put(&mut start, "name", name.unwrap_or_default());
                put(&mut start, key, from);
                let mut end = Map::new();
                put(&mut end, key, to);
                areas.push(Value::Array(vec![Value::Object(start), Value::Object(end)]));
            }
        }
        if !lines.is_empty() {
            let mut mark = self.drawing.part(
                r#"{"silent":true,"symbol":"none","animation":false,"lineStyle":{"color":"@text","width":1,"type":[4,4]},
                "label":{"color":"@muted","fontSize":11,"position":"insideEndTop","textBorderColor":"@surface","textBorderWidth":2}}"#,
            );
            if self.horizontal {
                // Where categories run down, a line starts at the top.
                mark["label"]["position"] = "start".into();
            }
            put(&mut mark, "data", lines);
            put(series, "markLine", mark);
        }
        if !areas.is_empty() {
            let mut mark = self.drawing.part(
                r#"{"silent":true,"animation":false,"itemStyle":{"color":"@strong","opacity":0.14},
                "label":{"color":"@muted","fontSize":11,"position":"insideTopLeft","formatter":"{b}"}}"#,
            );
            put(&mut mark, "data", areas);
            put(series, "markArea", mark);
        }
    }

    fn named(&self, name: Option<&str>) -> Map<String, Value> {
        let mut line = Map::new();
        if let Some(name) = name {
            put(&mut line, "name", name);
            let mut label = Map::new();
            put(&mut label, "formatter", "{b}");
            put(&mut line, "label", label);
        }
        line
    }
}
