//! Bars: numbers side by side. They always start at zero, because their length is what is read.

use super::line::label;
use super::{Info, Kind, needs_a_group};
use crate::cartesian::{Plane, Stack};
use crate::drawing::{Drawing, Picture, put};
use crate::options::{
    ANNOTATIONS, FORMAT, LABELS, LEGEND, LOG, OptionInfo, REFERENCE, REFERENCE_LABEL, RULES, SORT, stack,
};
use crate::pivot::{Pivot, Series};
use crate::places::Places;
use crate::roles::is_moment;
use crate::text::count;
use domain::ChartKind;
use serde_json::{Map, Value, json};

pub(super) const KIND: Kind = Kind {
    info: Info {
        kind: ChartKind::Bar,
        label: "Bar",
        icon: "chart-column",
        about: "Numbers of a few categories or periods side by side.",
        needs: "A category or a date, and numbers.",
        options: OPTIONS,
    },
    suits: needs_a_group,
    draw: Some(|drawing| bars(drawing, false)),
};

pub(super) const OPTIONS: &[OptionInfo] =
    &[stack("none"), SORT, LABELS, LOG, REFERENCE, REFERENCE_LABEL, ANNOTATIONS, RULES, LEGEND, FORMAT];

/// More named bars than this cannot be read.
const MOST_BARS: usize = 50;

/// Bars that stand, or lie.
pub(super) fn bars(drawing: &Drawing<'_>, horizontal: bool) -> Picture {
    let mut places = Places::of(drawing.table, drawing.roles.x, false);
    let measured = drawing.roles.x.is_none() && drawing.table.row_count() == 1;
    if measured {
        // One row without a category: the measures are what is compared, by their names.
        places.labels = vec![String::new()];
    }
    let note = order(drawing, &mut places);
    let mut plane = Plane::new(drawing, places, Stack::chosen(drawing));
    plane.horizontal = horizontal;
    plane.bands = true;
    // Lengths on top of each other do not add up where steps multiply.
    if drawing.options.on("log") && plane.stack == Stack::None {
        plane.make_logarithmic();
    }
    plane.labelled = wants_labels(&plane);
    plane.notes.extend(note);
    let series = plane.pivot.series.iter().enumerate().map(|(i, s)| bar(&plane, s, i)).collect();
    let option = plane.option(series);
    Picture { option, notes: plane.notes }
}

/// Puts the bars in order and cuts what is too many; periods are never cut.
pub(super) fn order(drawing: &Drawing<'_>, places: &mut Places) -> Option<String> {
    let over_time = drawing.roles.x.is_some_and(|x| is_moment(drawing.field(x)));
    let found = places.labels.len();
    let sums = sums(drawing, places);
    let mut order: Vec<usize> = (0..found).collect();
    match drawing.options.choice("sort") {
        "value" => order.sort_by(|a, b| sums[*b].total_cmp(&sums[*a])),
        "name" => order.sort_by(|a, b| places.labels[*a].cmp(&places.labels[*b])),
        _ if over_time || found <= MOST_BARS => return None,
        _ => {}
    }
    let falling = order.windows(2).all(|w| sums[w[0]] >= sums[w[1]]);
    let cut = found > MOST_BARS && !over_time;
    if cut {
        order.truncate(MOST_BARS);
    }
    places.reorder(&order);
    let which = if falling { "Top" } else { "First" };
    cut.then(|| format!("{which} {MOST_BARS} of {} shown.", count(found)))
}

/// The sum of each place's first measure over all colours.
fn sums(drawing: &Drawing<'_>, places: &Places) -> Vec<f64> {
    let mut sums = vec![0.0; places.labels.len()];
    if let Some(y) = drawing.roles.y.first() {
        for (cell, place) in drawing.table.data[*y].iter().zip(&places.of_row) {
            if let Some(place) = *place {
                sums[place] += crate::pivot::number(cell).unwrap_or(0.0);
            }
        }
    }
    sums
}

fn wants_labels(plane: &Plane<'_>) -> bool {
    match plane.drawing.options.choice("labels") {
        "always" => true,
        "never" => false,
        _ => plane.stack == Stack::None && plane.has_room_for_labels(),
    }
}

fn has_negative(pivot: &Pivot) -> bool {
    pivot.series.iter().any(|s| s.values.iter().flatten().any(|v| *v < 0.0))
}

/// The values; below zero the label stands at the other end of the bar.
fn data(plane: &Plane<'_>, series: &Series) -> Vec<Value> {
    let turned = plane.labelled && plane.stack == Stack::None;
    let position = if plane.horizontal { "left" } else { "bottom" };
    let rules = plane.drawing.rules();
    let column = &plane.drawing.field(series.y).name;
    let item = |value: &Option<f64>| {
        let tone = rules.hit(*value, column).map(|r| r.tone.color(plane.drawing.colors));
        let turned = turned && value.is_some_and(|v| v < 0.0);
        if tone.is_none() && !turned {
            return json!(value);
        }
        let mut item = Map::new();
        put(&mut item, "value", *value);
        if turned {
            put(&mut item, "label", json!({"position": position}));
        }
        if let Some(tone) = tone {
            put(&mut item, "itemStyle", json!({"color": tone}));
        }
        Value::Object(item)
    };
    series.values.iter().map(item).collect()
}

pub(super) fn bar(plane: &Plane<'_>, series: &Series, index: usize) -> Value {
    let drawing = plane.drawing;
    let color = drawing.colors.category(series.slot);
    let stacked = plane.stack != Stack::None;
    let mut style = Map::new();
    put(&mut style, "color", color);
    if series.slot >= drawing.colors.categories.len() {
        put(&mut style, "opacity", 0.55);
    }
    // Only an end away from zero is round, and below zero that is the other one.
    if !stacked && !has_negative(&plane.pivot) {
        put(&mut style, "borderRadius", if plane.horizontal { json!([0, 3, 3, 0]) } else { json!([3, 3, 0, 0]) });
    }
    let mut bar = Map::new();
    put(&mut bar, "type", "bar");
    put(&mut bar, "name", series.name.as_str());
    put(&mut bar, "data", data(plane, series));
    put(&mut bar, "itemStyle", style);
    put(&mut bar, "barMaxWidth", if plane.horizontal { 28 } else { 48 });
    put(&mut bar, "barCategoryGap", "28%");
    put(&mut bar, "barGap", "10%");
    if stacked {
        put(&mut bar, "stack", "all");
    }
    if plane.pivot.series.len() > 1 {
        put(&mut bar, "emphasis", json!({"focus": "series"}));
        put(&mut bar, "blur", json!({"itemStyle": {"opacity": 0.25}}));
    }
    if plane.axis_of(series) > 0 {
        put(&mut bar, plane.index_key(), 1);
    }
    if plane.labelled {
        let position = match (stacked, plane.horizontal) {
            (true, _) => "inside",
            (false, true) => "right",
            (false, false) => "top",
        };
        put(&mut bar, "label", label(plane, series, position));
        put(&mut bar, "labelLayout", json!({"hideOverlap": true}));
    }
    if index == 0 {
        plane.annotate(&mut bar);
    }
    Value::Object(bar)
}
