//! The two axes of a plane.

use crate::cartesian::{Plane, Stack};
use crate::drawing::put;
use crate::marker::{self, Room};
use crate::pivot::Series;
use crate::stats::nice_beyond;
use domain::DataType;
use serde_json::{Map, Value, json};

/// Measures of one unit whose values are so many times apart cannot be read on one axis.
const FAR_APART: f64 = 12.0;
/// As many letters stand beside each other under a chart of usual width.
const LEVEL_LETTERS: usize = 48;
/// As many names all keep their place when they lean.
const LEANING_NAMES: usize = 20;

impl Plane<'_> {
    /// The columns of each numbers' axis: two where the measures have two units.
    pub(crate) fn axes(&self) -> Vec<Vec<usize>> {
        if let Some(from) = self.second {
            let (first, second) = self.drawing.roles.y.split_at(from.min(self.drawing.roles.y.len()));
            return vec![first.to_vec(), second.to_vec()];
        }
        if self.one_axis {
            return vec![self.drawing.roles.y.clone()];
        }
        let mut axes: Vec<Vec<usize>> = Vec::new();
        for y in &self.drawing.roles.y {
            let unit = self.drawing.unit(*y);
            match axes.iter_mut().find(|axis| self.drawing.unit(axis[0]) == unit) {
                Some(axis) => axis.push(*y),
                None => axes.push(vec![*y]),
            }
        }
        if self.stack != Stack::None {
            return vec![axes.concat()];
        }
        match axes.len() {
            1 => self.by_size(axes.concat()),
            2 => axes,
            _ => vec![axes.concat()],
        }
    }

    /// A count and an average may have the same unit, and yet one of them would lie flat on the axis of
    /// the other: those far apart are parted where the step between them is largest.
    fn by_size(&self, columns: Vec<usize>) -> Vec<Vec<usize>> {
        if columns.len() < 2 || self.log {
            return vec![columns];
        }
        let highest = |y: usize| {
            let drawn = self.pivot.series.iter().filter(|s| s.y == y);
            drawn.flat_map(|s| s.values.iter().flatten()).fold(0.0_f64, |high, v| high.max(v.abs()))
        };
        let mut sizes: Vec<(f64, usize)> =
            columns.iter().map(|y| (highest(*y), *y)).filter(|(h, _)| *h > 0.0).collect();
        sizes.sort_by(|a, b| a.0.total_cmp(&b.0));
        let step = |pair: &[(f64, usize)]| pair[1].0 / pair[0].0;
        let Some(widest) = sizes.windows(2).max_by(|a, b| step(a).total_cmp(&step(b))).filter(|p| step(p) > FAR_APART)
        else {
            return vec![columns];
        };
        // Those like the first measure keep the first axis.
        let limit = widest[1].0;
        let large = highest(columns[0]) >= limit;
        let (first, second) = columns.into_iter().partition(|y| (highest(*y) >= limit) == large);
        vec![first, second]
    }

    /// Where a series says which of the numbers' axes is its own.
    pub(crate) fn index_key(&self) -> &'static str {
        if self.horizontal { "xAxisIndex" } else { "yAxisIndex" }
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
        let (Some((least, most)), Some((low, high))) = (self.marked(), self.extent()) else { return };
        if most > high && most > 0.0 {
            put(axis, "max", nice_beyond(most * 1.05));
        }
        if least < low && least < 0.0 && !self.log {
            put(axis, "min", -nice_beyond(-least * 1.05));
        } else if least < low && !self.zero && !self.log {
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
}

#[cfg(test)]
mod tests {
    use crate::Theme;
    use crate::testing::{group, measure, spec, table};
    use domain::ChartKind;
    use serde_json::{Value, json};

    fn drawn(kind: ChartKind, options: Value, high: f64) -> Value {
        let columns = vec![group("carrier"), measure("flights"), measure("delay")];
        let rows = json!([["AA", high, 12.5], ["UA", high / 2.0, 8.0]]);
        crate::option(&spec(kind, options), &table(columns, rows), Theme::Light)
    }

    #[test]
    fn a_count_and_an_average_have_an_axis_each() {
        for kind in [ChartKind::Line, ChartKind::Bar] {
            let option = drawn(kind, json!({}), 9_000.0);
            assert_eq!(option["yAxis"].as_array().map(Vec::len), Some(2), "{kind:?}");
            assert_eq!((&option["yAxis"][1]["name"], &option["series"][1]["yAxisIndex"]), (&json!("Delay"), &json!(1)));
        }
        let lying = drawn(ChartKind::Row, json!({}), 9_000.0);
        assert_eq!((&lying["xAxis"][1]["name"], &lying["series"][1]["xAxisIndex"]), (&json!("Delay"), &json!(1)));
        assert!(drawn(ChartKind::Bar, json!({}), 20.0)["yAxis"].is_object());
        assert!(drawn(ChartKind::Bar, json!({"stack": "stacked"}), 9_000.0)["yAxis"].is_object());
    }
}
