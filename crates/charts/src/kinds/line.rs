//! Lines: how numbers run along a time.

use super::{Info, Kind, needs_a_run};
use crate::cartesian::{Plane, Stack};
use crate::drawing::{Drawing, Picture, put};
use crate::marker::{self, Room};
use crate::options::{ANNOTATIONS, BASELINE, FORMAT, LABELS, LEGEND, LOG, REFERENCE, REFERENCE_LABEL, SMOOTH, ZOOM};
use crate::pivot::Series;
use crate::places::Places;
use domain::ChartKind;
use serde_json::{Map, Value, json};

pub(super) const KIND: Kind = Kind {
    info: Info {
        kind: ChartKind::Line,
        label: "Line",
        icon: "chart-line",
        about: "How numbers develop over time.",
        needs: "A date or an ordered category, and numbers.",
        options: &[SMOOTH, LABELS, BASELINE, LOG, REFERENCE, REFERENCE_LABEL, ANNOTATIONS, ZOOM, LEGEND, FORMAT],
    },
    suits: needs_a_run,
    draw: Some(draw),
};

/// A line of more points than this is thinned to what its pixels can show; its peaks stay.
const MOST_POINTS: usize = 5000;
/// A line of fewer points than this shows them.
const POINTS_SHOWN: usize = 24;

fn draw(drawing: &Drawing<'_>) -> Picture {
    if let Some(forecast) = crate::fan::picture(drawing) {
        return forecast;
    }
    let places = Places::of(drawing.table, drawing.roles.x, true);
    let mut plane = Plane::new(drawing, places, Stack::None);
    if drawing.options.on("log") {
        plane.make_logarithmic();
    }
    plane.zero = plane.baseline_at_zero();
    if plane.pivot.places.labels.len() > MOST_POINTS {
        plane.notes.push("Long lines are thinned to what the screen can show; their peaks stay.".into());
    }
    let series = plane.pivot.series.iter().enumerate().map(|(i, s)| line(&plane, s, i == 0)).collect();
    let option = plane.option(series);
    Picture { option, notes: plane.notes }
}

/// The parts a line and the upper edge of an area share.
pub(crate) fn path(plane: &Plane<'_>, series: &Series) -> Map<String, Value> {
    let drawing = plane.drawing;
    let color = drawing.colors.category(series.slot);
    let many = plane.pivot.places.labels.len();
    let mut line = Map::new();
    put(&mut line, "type", "line");
    put(&mut line, "name", series.name.as_str());
    put(&mut line, "data", plane.points(series));
    put(&mut line, "connectNulls", false);
    put(&mut line, "symbol", "circle");
    put(&mut line, "symbolSize", 5);
    if drawing.options.on("smooth") {
        // Monotone: a curve must not rise above its points.
        put(&mut line, "smooth", 0.4);
        put(&mut line, "smoothMonotone", "x");
    }
    if many > MOST_POINTS {
        put(&mut line, "sampling", "lttb");
    }
    put(&mut line, "itemStyle", json!({"color": color}));
    line
}

pub(super) fn line(plane: &Plane<'_>, series: &Series, first: bool) -> Value {
    let drawing = plane.drawing;
    let mut line = path(plane, series);
    let repeated = series.slot >= drawing.colors.categories.len();
    let dashes = if repeated { json!([6, 4]) } else { json!("solid") };
    let color = drawing.colors.category(series.slot);
    put(&mut line, "lineStyle", json!({"color": color, "width": 2, "type": dashes, "join": "round", "cap": "round"}));
    let few = plane.pivot.places.labels.len() <= POINTS_SHOWN;
    let shown = few || show_lonely_points(&mut line, series);
    put(&mut line, "showSymbol", shown);
    if plane.pivot.series.len() > 1 {
        put(&mut line, "emphasis", json!({"focus": "series"}));
        put(&mut line, "blur", json!({"lineStyle": {"opacity": 0.25}, "itemStyle": {"opacity": 0.25}}));
    }
    if plane.axis_of(series) > 0 {
        put(&mut line, "yAxisIndex", 1);
    }
    let labels = drawing.options.choice("labels");
    if labels == "always" || (labels == "auto" && few && plane.has_room_for_labels()) {
        put(&mut line, "label", label(plane, series, "top"));
        put(&mut line, "labelLayout", json!({"hideOverlap": true}));
        line.insert("showSymbol".into(), true.into());
    }
    if first {
        plane.annotate(&mut line);
    }
    Value::Object(line)
}

/// The value beside a mark.
pub(super) fn label(plane: &Plane<'_>, series: &Series, position: &str) -> Value {
    let drawing = plane.drawing;
    let percent = plane.stack == Stack::Percent;
    let format =
        if percent { json!({"kind": "percent", "decimals": 0}) } else { drawing.format(series.y, Room::Short) };
    let mut label = Map::new();
    put(&mut label, "show", true);
    put(&mut label, "position", position);
    put(&mut label, "fontSize", 11);
    // Inside a mark ECharts picks black or white by the mark's colour.
    put(&mut label, "color", if position == "inside" { Value::Null } else { drawing.colors.muted.as_str().into() });
    put(&mut label, "formatter", marker::formatter(&format));
    Value::Object(label)
}

/// A value between two gaps has no line to be seen by: it alone gets a point. Says whether any has.
fn show_lonely_points(line: &mut Map<String, Value>, series: &Series) -> bool {
    let values = &series.values;
    let missing = |i: Option<usize>| i.and_then(|i| values.get(i)).is_none_or(Option::is_none);
    let lonely: Vec<usize> = (0..values.len())
        .filter(|i| values[*i].is_some() && missing(i.checked_sub(1)) && missing(Some(i + 1)))
        .collect();
    let Some(Value::Array(data)) = line.get_mut("data") else { return false };
    // Points that were left out shift the others.
    if lonely.is_empty() || data.len() != values.len() {
        return false;
    }
    for i in lonely {
        let value = data[i].take();
        data[i] = json!({"value": value, "symbolSize": 5});
    }
    line.insert("symbolSize".into(), 0.into());
    line.insert("showAllSymbol".into(), true.into());
    true
}
