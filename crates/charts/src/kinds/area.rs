//! Areas: how a whole and its parts run along a time.

use super::line::{label, path};
use super::{Info, Kind, needs_a_run};
use crate::cartesian::{Plane, Stack};
use crate::drawing::{Drawing, Picture, put};
use crate::options::{ANNOTATIONS, FORMAT, LABELS, LEGEND, REFERENCE, REFERENCE_LABEL, SMOOTH, ZOOM, stack};
use crate::pivot::Series;
use crate::places::Places;
use domain::ChartKind;
use serde_json::{Value, json};

pub(super) const KIND: Kind = Kind {
    info: Info {
        kind: ChartKind::Area,
        label: "Area",
        icon: "chart-area",
        about: "How a whole and its parts develop over time.",
        needs: "A date or an ordered category, and numbers that add up.",
        options: &[stack("stacked"), SMOOTH, LABELS, REFERENCE, REFERENCE_LABEL, ANNOTATIONS, ZOOM, LEGEND, FORMAT],
    },
    suits: needs_a_run,
    draw: Some(draw),
};

fn draw(drawing: &Drawing<'_>) -> Picture {
    let mut stack = Stack::chosen(drawing);
    let places = Places::of(drawing.table, drawing.roles.x, true);
    if drawing.roles.color.is_none() && drawing.roles.y.len() < 2 && stack == Stack::Stacked {
        stack = Stack::None;
    }
    let mut plane = Plane::new(drawing, places, stack);
    if stack != Stack::None {
        // A gap in one layer would tear the layers above it down.
        for value in plane.pivot.series.iter_mut().flat_map(|s| s.values.iter_mut()) {
            value.get_or_insert(0.0);
        }
    }
    let series = plane.pivot.series.iter().enumerate().map(|(i, s)| area(&plane, s, i == 0)).collect();
    let option = plane.option(series);
    Picture { option, notes: plane.notes }
}

fn area(plane: &Plane<'_>, series: &Series, first: bool) -> Value {
    let drawing = plane.drawing;
    let color = drawing.colors.category(series.slot);
    let stacked = plane.stack != Stack::None;
    let repeated = series.slot >= drawing.colors.categories.len();
    let opacity = match (stacked, repeated) {
        (true, false) => 0.75,
        (true, true) => 0.45,
        (false, _) => 0.14,
    };
    let mut area = path(plane, series);
    put(&mut area, "showSymbol", false);
    put(&mut area, "lineStyle", json!({"color": color, "width": if stacked { 1 } else { 2 }}));
    put(&mut area, "areaStyle", json!({"color": color, "opacity": opacity}));
    if stacked {
        put(&mut area, "stack", "all");
    }
    if plane.pivot.series.len() > 1 {
        put(&mut area, "emphasis", json!({"focus": "series"}));
    }
    if plane.axis_of(series) > 0 {
        put(&mut area, "yAxisIndex", 1);
    }
    let labels = drawing.options.choice("labels");
    if labels == "always" {
        put(&mut area, "label", label(plane, series, "top"));
        put(&mut area, "labelLayout", json!({"hideOverlap": true}));
        area.insert("showSymbol".into(), true.into());
    }
    if first {
        plane.annotate(&mut area);
    }
    Value::Object(area)
}
