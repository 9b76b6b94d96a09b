//! Charts with a category or time along one axis and numbers along the other: line, area, bar, row.

use crate::drawing::{Drawing, put};
use crate::marker::{self, Room};
use crate::pivot::{Pivot, Series};
use crate::places::Places;
use crate::text::{count, plural};
use serde_json::{Map, Value, json};

/// How series share a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stack {
    None,
    Stacked,
    Percent,
}

impl Stack {
    pub(crate) fn chosen(drawing: &Drawing<'_>) -> Self {
        match drawing.options.choice("stack") {
            "stacked" => Self::Stacked,
            "percent" => Self::Percent,
            _ => Self::None,
        }
    }
}

/// Axes and the series on them.
pub(crate) struct Plane<'a> {
    pub(crate) drawing: &'a Drawing<'a>,
    pub(crate) pivot: Pivot,
    pub(crate) stack: Stack,
    /// Categories run down, numbers to the right.
    pub(crate) horizontal: bool,
    /// Whether the numbers' axis must show zero.
    pub(crate) zero: bool,
    pub(crate) log: bool,
    /// Each category has a band of its own, as bars need; lines run from edge to edge.
    pub(crate) bands: bool,
    /// The measures from this one on have an axis of their own, whatever their unit.
    pub(crate) second: Option<usize>,
    /// Values stand beyond the ends of the marks.
    pub(crate) labelled: bool,
    /// All measures are of one thing, however far apart they lie.
    pub(crate) one_axis: bool,
    pub(crate) notes: Vec<String>,
}

/// A quarter of the largest value: values that all lie further from zero than that differ too
/// little to be seen on an axis from zero.
const FAR_FROM_ZERO: f64 = 0.75;

impl<'a> Plane<'a> {
    pub(crate) fn new(drawing: &'a Drawing<'a>, places: Places, stack: Stack) -> Self {
        // Bars that were cut also leave rows without a place; they have a note of their own.
        let placeless = if places.times.is_some() { places.of_row.iter().filter(|p| p.is_none()).count() } else { 0 };
        let pivot = Pivot::of(drawing.table, &drawing.roles, places);
        let mut notes: Vec<String> = drawing.truncated_note().into_iter().collect();
        if pivot.series.len() < pivot.series_found {
            let (drawn, all) = (count(pivot.series.len()), count(pivot.series_found));
            notes.push(format!("{drawn} of {all} series shown, the largest."));
        }
        if pivot.added_up {
            notes.push("Rows that fell on the same point were added up.".into());
        }
        if placeless > 0 {
            notes.push(format!("{} without a time not shown.", plural(placeless, "row", "rows")));
        }
        let mut plane = Self {
            drawing,
            pivot,
            stack,
            horizontal: false,
            zero: true,
            log: false,
            bands: false,
            second: None,
            labelled: false,
            one_axis: false,
            notes,
        };
        if stack == Stack::Percent {
            let negative = plane.pivot.make_shares();
            if negative > 0 {
                let values = plural(negative, "negative value", "negative values");
                plane.notes.push(format!("{values} counted as 0: shares need positive numbers."));
            }
        }
        plane
    }

    /// A logarithmic axis has no place for zero and below.
    pub(crate) fn make_logarithmic(&mut self) {
        self.log = true;
        let mut lost = 0;
        for value in self.pivot.series.iter_mut().flat_map(|s| s.values.iter_mut()) {
            if value.is_some_and(|v| v <= 0.0) {
                *value = None;
                lost += 1;
            }
        }
        if lost > 0 {
            let values = plural(lost, "value", "values");
            self.notes.push(format!("{values} at or below zero not shown on the logarithmic axis."));
        }
    }

    /// The data of a series. Along a time axis each point says where it is.
    pub(crate) fn points(&self, series: &Series) -> Vec<Value> {
        let Some(times) = &self.pivot.places.times else {
            return series.values.iter().map(|v| json!(v)).collect();
        };
        let points = times.iter().zip(&series.values);
        // Raw timestamps of several series seldom meet; only a grain makes a missing one a gap.
        let gaps =
            self.pivot.series.len() == 1 || self.drawing.roles.x.is_some_and(|x| self.drawing.field(x).grain.is_some());
        points.filter(|(_, v)| gaps || v.is_some()).map(|(t, v)| json!([t, v])).collect()
    }

    /// Lowest and highest of what is drawn; stacks as a whole.
    pub(crate) fn extent(&self) -> Option<(f64, f64)> {
        let all = self.pivot.series.iter().flat_map(|s| s.values.iter().flatten().copied());
        let range = |values: &mut dyn Iterator<Item = f64>| {
            values.fold(None, |range: Option<(f64, f64)>, v| {
                Some(range.map_or((v, v), |(lo, hi)| (lo.min(v), hi.max(v))))
            })
        };
        if self.stack == Stack::None {
            return range(&mut all.into_iter());
        }
        let sums = (0..self.pivot.places.labels.len()).flat_map(|place| {
            let at = self.pivot.series.iter().filter_map(move |s| s.values[place]);
            let (above, below) = at.fold((0.0, 0.0), |(a, b), v| if v > 0.0 { (a + v, b) } else { (a, b + v) });
            [above, below]
        });
        range(&mut sums.into_iter())
    }

    /// Whether the axis may leave zero out, as the option says.
    pub(crate) fn baseline_at_zero(&self) -> bool {
        match self.drawing.options.choice("baseline") {
            "zero" => true,
            "data" => false,
            _ => self.extent().is_none_or(|(low, high)| {
                let (near, far) = if low > 0.0 { (low, high) } else { (-high, -low) };
                near < far * FAR_FROM_ZERO
            }),
        }
    }

    /// Fewer than this and a mark has room for its value.
    pub(crate) fn has_room_for_labels(&self) -> bool {
        self.pivot.series.len() == 1 && self.pivot.places.labels.len() <= 12
    }

    fn tooltip(&self) -> Value {
        let drawing = self.drawing;
        let format = |s: &Series| {
            if self.stack == Stack::Percent { json!({"kind": "percent"}) } else { drawing.format(s.y, Room::Full) }
        };
        let title = match (drawing.roles.x, &self.pivot.places.times) {
            (Some(x), Some(_)) => marker::time_format(drawing.field(x)),
            (Some(x), None) => drawing.format(x, Room::Full),
            (None, _) => json!({"kind": "text"}),
        };
        let mut spec = Map::new();
        put(&mut spec, "title", title);
        let first = self.pivot.series.first().map(&format);
        if self.pivot.series.iter().any(|s| Some(format(s)) != first) {
            let by_name: Map<String, Value> = self.pivot.series.iter().map(|s| (s.name.clone(), format(s))).collect();
            put(&mut spec, "series", by_name);
        }
        put(&mut spec, "value", first.unwrap_or(Value::Null));
        let pointer = json!({
            "type": if self.bands { "shadow" } else { "line" },
            "lineStyle": {"color": drawing.colors.line_strong, "width": 1, "type": "solid"},
            "shadowStyle": {"color": drawing.colors.text, "opacity": 0.05},
            "label": {"show": false},
        });
        drawing.tooltip("axis", pointer, &Value::Object(spec))
    }

    /// The room of the legend, where there is more than one name to tell.
    fn legend_room(&self) -> Option<[u32; 3]> {
        self.drawing.legend_room().filter(|_| self.pivot.series.len() > 1)
    }

    fn grid(&self, named: bool) -> Value {
        let [above, right, below] = self.legend_room().unwrap_or_default();
        let reference = self.marked().is_some();
        let name = if (named && !self.horizontal) || (self.horizontal && reference) { 18 } else { 0 };
        // Labels count as part of the grid, so that none is cut off at the edges.
        json!({
            "left": 2,
            "right": 10 + right,
            "top": 8 + above + name,
            "bottom": below + if self.drawing.options.on("zoom") { 40 } else { 2 },
            "outerBoundsMode": "same",
            "outerBoundsContain": if self.horizontal { "all" } else { "axisLabel" },
        })
    }

    fn zoom(&self) -> Value {
        let colors = self.drawing.colors;
        json!([{
            "id": "zoom",
            "type": "slider",
            "xAxisIndex": 0,
            "height": 18,
            "bottom": 6,
            "showDetail": false,
            "brushSelect": false,
            "borderColor": colors.line,
            "fillerColor": colors.shadow,
            "handleStyle": {"color": colors.surface, "borderColor": colors.line_strong},
        }])
    }

    /// The whole option around the series.
    pub(crate) fn option(&self, series: Vec<Value>) -> Value {
        let mut option = self.drawing.base();
        let axes = self.axes();
        let mut values: Vec<Value> =
            axes.iter().enumerate().map(|(i, columns)| self.value_axis(columns, i > 0)).collect();
        let named = values.iter().any(|axis| axis.get("name").is_some());
        put(&mut option, "grid", self.grid(named));
        let values = if values.len() == 1 { values.remove(0) } else { Value::Array(values) };
        let (x, y) = if self.horizontal { (values, self.place_axis()) } else { (self.place_axis(), values) };
        put(&mut option, "xAxis", x);
        put(&mut option, "yAxis", y);
        if self.legend_room().is_some() {
            put(&mut option, "legend", self.drawing.legend());
        }
        if self.drawing.options.on("zoom") {
            put(&mut option, "dataZoom", self.zoom());
        }
        put(&mut option, "tooltip", self.tooltip());
        put(&mut option, "series", series);
        Value::Object(option)
    }
}
