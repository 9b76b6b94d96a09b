//! The two axes of a plane and the mark of a reference value.

use crate::cartesian::{Plane, Stack};
use crate::drawing::put;
use crate::marker::{self, Room};
use crate::pivot::Series;
use domain::DataType;
use serde_json::{Map, Value, json};

/// As many letters stand beside each other under a chart of usual width.
const LEVEL_LETTERS: usize = 48;
/// As many names all keep their place when they lean.
const LEANING_NAMES: usize = 20;

impl Plane<'_> {
    /// The columns of each numbers' axis: two where the measures have two units.
    pub(crate) fn axes(&self) -> Vec<Vec<usize>> {
        let mut axes: Vec<Vec<usize>> = Vec::new();
        for y in &self.drawing.roles.y {
            let unit = self.drawing.unit(*y);
            match axes.iter_mut().find(|axis| self.drawing.unit(axis[0]) == unit) {
                Some(axis) => axis.push(*y),
                None => axes.push(vec![*y]),
            }
        }
        if axes.len() == 2 && self.stack == Stack::None && !self.horizontal { axes } else { vec![axes.concat()] }
    }

    /// Which numbers' axis a series belongs to.
    pub(crate) fn axis_of(&self, series: &Series) -> usize {
        self.axes().iter().position(|axis| axis.contains(&series.y)).unwrap_or(0)
    }

    pub(crate) fn value_axis(&self, columns: &[usize], second: bool) -> Value {
        let colors = self.drawing.colors;
        let percent = self.stack == Stack::Percent;
        let format = match columns.first() {
            Some(_) if percent => json!({"kind": "percent", "decimals": 0}),
            Some(column) => self.drawing.format(*column, Room::Short),
            None => json!({"kind": "number", "compact": true}),
        };
        let mut axis = Map::new();
        put(&mut axis, "type", if self.log { "log" } else { "value" });
        // Powers of ten are few enough by themselves.
        put(&mut axis, "splitNumber", if self.log { Value::Null } else { 4.into() });
        put(&mut axis, "scale", if self.zero || self.log { Value::Null } else { true.into() });
        put(&mut axis, "axisLine", json!({"show": false}));
        put(&mut axis, "axisTick", json!({"show": false}));
        // Two grids at once cannot be read.
        put(&mut axis, "splitLine", json!({"show": !second, "lineStyle": {"color": colors.line}}));
        let formatter = marker::formatter(&format);
        let label = json!({"color": colors.muted, "fontSize": 11, "hideOverlap": true, "formatter": formatter});
        put(&mut axis, "axisLabel", label);
        if percent {
            put(&mut axis, "max", 1);
            put(&mut axis, "interval", 0.25);
            return Value::Object(axis);
        }
        if self.labelled && self.stack == Stack::None {
            let below = self.extent().is_some_and(|(low, _)| low < 0.0);
            put(&mut axis, "boundaryGap", json!([if below { 0.1 } else { 0.0 }, 0.1]));
        }
        let whole = |c: &usize| self.drawing.field(*c).ty == DataType::Integer && self.drawing.own_format.is_none();
        if !columns.is_empty() && columns.iter().all(whole) && !self.log {
            put(&mut axis, "minInterval", 1);
        }
        if let [column] = columns {
            self.name_axis(&mut axis, &self.drawing.field(*column).label, second);
        }
        if !second {
            self.make_room_for_reference(&mut axis);
        }
        Value::Object(axis)
    }

    /// One measure: its name stands above the axis. Several are named by the legend.
    fn name_axis(&self, axis: &mut Map<String, Value>, name: &str, second: bool) {
        let (place, align) = match (self.horizontal, second) {
            (true, _) => ("middle", "center"),
            (false, false) => ("end", "left"),
            (false, true) => ("end", "right"),
        };
        put(axis, "name", name);
        put(axis, "nameLocation", place);
        put(axis, "nameGap", if self.horizontal { 24 } else { 10 });
        put(axis, "nameTextStyle", json!({"color": self.drawing.colors.muted, "fontSize": 11, "align": align}));
        put(axis, "nameTruncate", json!({"maxWidth": 240}));
    }

    /// ECharts fits an axis to the data and would leave a reference line beyond it out.
    fn make_room_for_reference(&self, axis: &mut Map<String, Value>) {
        let (Some(reference), Some((low, high))) = (self.drawing.options.number("reference"), self.extent()) else {
            return;
        };
        if reference > high && reference > 0.0 {
            put(axis, "max", nice_beyond(reference * 1.05));
        } else if reference < low && reference < 0.0 && !self.log {
            put(axis, "min", -nice_beyond(-reference * 1.05));
        } else if reference < low && !self.zero && !self.log {
            put(axis, "min", 0);
        }
    }

    pub(crate) fn place_axis(&self) -> Value {
        let colors = self.drawing.colors;
        let mut label = Map::new();
        put(&mut label, "color", colors.muted.as_str());
        put(&mut label, "fontSize", 11);
        put(&mut label, "hideOverlap", true);
        let mut axis = Map::new();
        put(&mut axis, "axisTick", json!({"show": false}));
        put(&mut axis, "axisLine", json!({"show": true, "lineStyle": {"color": colors.line_strong}}));
        put(&mut axis, "splitLine", json!({"show": false}));
        if self.pivot.places.times.is_some() {
            // ECharts names times by what changes: the year, the month, the day.
            put(&mut axis, "type", "time");
        } else {
            put(&mut axis, "type", "category");
            put(&mut axis, "data", json!(self.pivot.places.labels));
            put(&mut axis, "inverse", if self.horizontal { Value::Bool(true) } else { Value::Null });
            put(&mut axis, "boundaryGap", self.bands);
            let format = self.drawing.roles.x.map(|x| self.drawing.format(x, Room::Short));
            match format.filter(|f| f["kind"] != "text") {
                Some(format) => put(&mut label, "formatter", marker::formatter(&format)),
                None => self.fit_names(&mut label),
            }
        }
        put(&mut axis, "axisLabel", label);
        Value::Object(axis)
    }

    /// Names are cut where they are long, and lean where they would hide each other: a bar without
    /// its name says nothing.
    fn fit_names(&self, label: &mut Map<String, Value>) {
        put(label, "overflow", "truncate");
        put(label, "width", if self.horizontal { 160 } else { 110 });
        let names = &self.pivot.places.labels;
        let letters: usize = names.iter().map(|n| n.chars().count().min(16)).sum();
        if !self.horizontal && letters > LEVEL_LETTERS {
            put(label, "rotate", 35);
            if names.len() <= LEANING_NAMES {
                put(label, "interval", 0);
            }
        }
    }

    /// The mark at the reference value, for the first series.
    pub(crate) fn reference(&self) -> Value {
        let Some(value) = self.drawing.options.number("reference") else { return Value::Null };
        let colors = self.drawing.colors;
        let mut at = Map::new();
        put(&mut at, if self.horizontal { "xAxis" } else { "yAxis" }, value);
        let mut label = Map::new();
        put(&mut label, "color", colors.muted.as_str());
        put(&mut label, "fontSize", 11);
        // Where categories run down, a line starts at the top.
        put(&mut label, "position", if self.horizontal { "start" } else { "insideEndTop" });
        if let Some(name) = self.drawing.options.text("reference_label") {
            put(&mut at, "name", name);
            put(&mut label, "formatter", "{b}");
        } else if let Some(y) = self.drawing.roles.y.first() {
            put(&mut label, "formatter", marker::formatter(&self.drawing.format(*y, Room::Short)));
        }
        json!({
            "silent": true,
            "symbol": "none",
            "animation": false,
            "lineStyle": {"color": colors.text, "width": 1, "type": [4, 4]},
            "label": label,
            "data": [at],
        })
    }
}

/// The next round number beyond a positive one: the end of an axis.
fn nice_beyond(value: f64) -> f64 {
    let power = 10_f64.powf(value.abs().max(f64::MIN_POSITIVE).log10().floor());
    let steps = [1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];
    steps.iter().map(|s| s * power).find(|end| *end >= value).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_ends_at_a_round_number() {
        assert_eq!(nice_beyond(87.0), 100.0);
        assert_eq!(nice_beyond(100.0), 100.0);
        assert_eq!(nice_beyond(101.0), 120.0);
        assert_eq!(nice_beyond(0.31), 0.4);
    }
}
