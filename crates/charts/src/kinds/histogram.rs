//! Histograms: how often a number falls into each of equal ranges. The ranges come from the query,
//! so that every row is counted; the picture only closes the gaps between them.

use super::bar::bar;
use super::{Info, Kind, needs_a_number};
use crate::cartesian::{Plane, Stack};
use crate::drawing::{Drawing, Picture, put};
use crate::marker::{self, Room};
use crate::options::{ANNOTATIONS, FORMAT, LABELS, LOG, REFERENCE, REFERENCE_LABEL};
use crate::pivot::number;
use crate::places::Places;
use crate::roles::is_group;
use crate::text::count;
use domain::{ChartKind, Field};

pub(super) const KIND: Kind = Kind {
    info: Info {
        kind: ChartKind::Histogram,
        label: "Histogram",
        icon: "chart-no-axes-column",
        about: "How often a number falls into each range.",
        needs: "A number in ranges.",
        options: &[LABELS, LOG, REFERENCE, REFERENCE_LABEL, ANNOTATIONS, FORMAT],
    },
    suits,
    draw: Some(draw),
};

/// More ranges than this are no ranges any more.
const MOST_BINS: usize = 400;

fn suits(shape: &[Field], _rows: usize) -> Option<String> {
    needs_a_number(shape).or_else(|| {
        let ranges = shape.iter().any(|f| is_group(f) && f.ty.is_number() && f.grain.is_none());
        (!ranges).then(|| "Needs a number in ranges: group by a number and give it a bin.".to_owned())
    })
}

fn draw(drawing: &Drawing<'_>) -> Picture {
    let mut places = Places::of(drawing.table, drawing.roles.x, true);
    let mut notes = Vec::new();
    let width = close_gaps(drawing, &mut places, &mut notes);
    let mut plane = Plane::new(drawing, places, Stack::Stacked);
    plane.bands = true;
    plane.notes.extend(notes);
    if drawing.options.on("log") && plane.pivot.series.len() < 2 {
        plane.stack = Stack::None;
        plane.make_logarithmic();
    }
    plane.labelled = match drawing.options.choice("labels") {
        "always" => true,
        "never" => false,
        _ => plane.has_room_for_labels(),
    };
    if plane.pivot.series.len() < 2 {
        plane.stack = Stack::None;
    }
    let series = plane.pivot.series.iter().enumerate().map(|(i, s)| {
        let mut bar = bar(&plane, s, i);
        bar["barCategoryGap"] = "4%".into();
        bar["barMaxWidth"] = "100%".into();
        bar
    });
    let series = series.collect();
    let mut option = plane.option(series);
    if let (Some(x), Some(width)) = (drawing.roles.x, width) {
        // A range has two ends; where there are many, its beginning is enough on the axis.
        let format = |room| marker::with(drawing.format_of_number(x, room), "range", width);
        let few = plane.pivot.places.labels.len() <= 8;
        let axis = if few { format(Room::Short) } else { drawing.format_of_number(x, Room::Short) };
        option["xAxis"]["axisLabel"]["formatter"] = marker::formatter(&axis);
        option["tooltip"]["formatter"]["$tooltip"]["title"] = format(Room::Full);
        if let Some(axis) = option["xAxis"].as_object_mut() {
            put(axis, "name", drawing.field(x).label.as_str());
            put(axis, "nameLocation", "middle");
            put(axis, "nameGap", 24);
            put(axis, "nameTextStyle", drawing.part(r#"{"color":"@muted","fontSize":11}"#));
        }
        option["grid"]["outerBoundsContain"] = "all".into();
        option["grid"]["top"] = if plane.pivot.series.len() > 1 { 36 } else { 8 }.into();
    }
    Picture { option, notes: plane.notes }
}

/// Puts the ranges without rows between those with some, and tells their width.
fn close_gaps(drawing: &Drawing<'_>, places: &mut Places, notes: &mut Vec<String>) -> Option<f64> {
    let x = drawing.roles.x?;
    let mut edges: Vec<Option<f64>> = vec![None; places.labels.len()];
    for (cell, place) in drawing.table.data[x].iter().zip(&places.of_row) {
        if let (Some(place), Some(value)) = (*place, number(cell)) {
            edges[place] = Some(value);
        }
    }
    let mut known: Vec<f64> = edges.iter().flatten().copied().collect();
    // Numbers written as text stand where their text does.
    known.sort_by(f64::total_cmp);
    let width = known.windows(2).map(|w| w[1] - w[0]).filter(|w| *w > 0.0).fold(f64::MAX, f64::min);
    if known.len() < 2 || width == f64::MAX {
        return None;
    }
    let (first, last) = (known[0], known[known.len() - 1]);
    let bins = (last - first) / width;
    if !bins.is_finite() || bins >= MOST_BINS as f64 {
        if known.len() > MOST_BINS {
            places.reorder(&(0..MOST_BINS).collect::<Vec<_>>());
            notes.push(format!("First {MOST_BINS} of {} ranges shown; choose wider ones.", count(known.len())));
        }
        return None;
    }
    let bins = bins.round() as usize;
    let at = |edge: f64| ((edge - first) / width).round() as usize;
    // Ranges of several widths are shown as they are.
    if edges.iter().flatten().any(|e| (first + at(*e) as f64 * width - e).abs() > width * 1e-3) {
        return None;
    }
    let rest: Vec<String> =
        edges.iter().zip(&places.labels).filter(|(e, _)| e.is_none()).map(|(_, l)| l.clone()).collect();
    let mut next = bins + 1;
    let moved: Vec<usize> = edges
        .iter()
        .map(|edge| {
            edge.map(at).unwrap_or_else(|| {
                next += 1;
                next - 1
            })
        })
        .collect();
    for place in &mut places.of_row {
        *place = place.map(|old| moved[old]);
    }
    let mut labels: Vec<String> =
        (0..=bins).map(|i| serde_json::Value::from(round(first + i as f64 * width, width)).to_string()).collect();
    for (old, edge) in edges.iter().enumerate() {
        if let Some(edge) = edge {
            labels[at(*edge)].clone_from(&places.labels[old]);
        }
    }
    labels.extend(rest);
    places.labels = labels;
    Some(width)
}

/// Adding widths leaves dust behind the point; ranges have none.
fn round(edge: f64, width: f64) -> f64 {
    let step = 10_f64.powf(width.log10().floor() - 6.0);
    let rounded = (edge / step).round() * step;
    if rounded.is_finite() { format!("{rounded:.12}").parse().unwrap_or(rounded) } else { edge }
}
