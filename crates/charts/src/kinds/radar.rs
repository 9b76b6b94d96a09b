//! Radars: the profile of a few things over several numbers or categories.

use super::{Info, Kind, groups, measures, needs_a_number};
use crate::drawing::{Drawing, Picture, put};
use crate::marker::{self, Room};
use crate::options::{FORMAT, LEGEND, OptionInfo, on};
use crate::pivot::{Pivot, members, number, slots};
use crate::places::{Places, unique};
use crate::roles::Roles;
use crate::stats::nice_beyond;
use crate::text::count;
use domain::{ChartKind, Field};
use serde_json::{Value, json};
use std::collections::HashSet;

pub(super) const KIND: Kind = Kind {
    info: Info {
        kind: ChartKind::Radar,
        label: "Radar",
        icon: "radar",
        about: "The profile of a few things over several numbers.",
        needs: "A category and a few numbers, or a number by two categories.",
        options: &[FILL, LEGEND, FORMAT],
    },
    suits,
    draw: Some(draw),
};

const FILL: OptionInfo = on("fill", "Filled", "");
const MOST_SPOKES: usize = 16;
const MOST_SHAPES: usize = 8;

fn suits(shape: &[Field], rows: usize) -> Option<String> {
    needs_a_number(shape).or_else(|| {
        if measures(shape) >= 3 && groups(shape) <= 1 {
            None
        } else if groups(shape) == 0 {
            Some("Needs three numbers or more, or a category to go round.".to_owned())
        } else if rows < 3 && rows > 0 {
            Some("Needs three points or more to go round.".to_owned())
        } else {
            None
        }
    })
}

/// What goes round, how far out each may lie, and the shapes.
struct Profile {
    spokes: Vec<(String, f64)>,
    shapes: Vec<(String, usize, Vec<Option<f64>>)>,
}

fn draw(drawing: &Drawing<'_>) -> Picture {
    let mut notes: Vec<String> = drawing.truncated_note().into_iter().collect();
    let by_measure = drawing.roles.y.len() >= 3;
    let mut profile = if by_measure { of_measures(drawing) } else { of_members(drawing) };
    let (spokes, shapes) = (profile.spokes.len(), profile.shapes.len());
    if spokes > MOST_SPOKES {
        profile.spokes.truncate(MOST_SPOKES);
        profile.shapes.iter_mut().for_each(|s| s.2.truncate(MOST_SPOKES));
        notes.push(format!("First {MOST_SPOKES} of {} directions shown.", count(spokes)));
    }
    if shapes > MOST_SHAPES {
        profile.shapes.truncate(MOST_SHAPES);
        notes.push(format!("First {MOST_SHAPES} of {} shapes shown.", count(shapes)));
    }
    if by_measure {
        notes.push("Each number has a scale of its own, from zero to its largest value.".into());
    }
    let negative = profile.shapes.iter().flat_map(|s| &s.2).flatten().any(|v| *v < 0.0);
    if negative {
        notes.push("Values below zero are drawn in the middle.".into());
    }
    let legend = drawing.legend_room().filter(|_| profile.shapes.len() > 1);
    let [above, right, below] = legend.unwrap_or_default();
    let mut option = drawing.base();
    let mut radar = drawing.part(
        r#"{"shape":"polygon","splitNumber":4,"axisName":{"color":"@muted","fontSize":11},
        "axisLine":{"lineStyle":{"color":"@line"}},"splitLine":{"lineStyle":{"color":"@line"}},"splitArea":{"show":false}}"#,
    );
    let down = if above > 0 {
        "57%"
    } else if below > 0 {
        "46%"
    } else {
        "51%"
    };
    put(&mut radar, "center", json!([if right > 0 { "38%" } else { "50%" }, down]));
    put(&mut radar, "radius", if above + below > 0 { "68%" } else { "76%" });
    // Days of the week and hours have names in the reader's language.
    let named = drawing.roles.x.filter(|_| !by_measure).map(|x| drawing.format(x, Room::Short));
    if let Some(format) = named.filter(|format| format["kind"] != "text") {
        radar["axisName"]["formatter"] = marker::formatter(&format);
    }
    let spokes: Vec<Value> = profile.spokes.iter().map(|(n, max)| json!({"name": n, "min": 0, "max": max})).collect();
    // A radar without spokes makes ECharts stumble.
    put(&mut radar, "indicator", if spokes.is_empty() { json!([{"name": "", "max": 1}]) } else { json!(spokes) });
    put(&mut option, "radar", radar);
    let format = |i: usize| {
        let y = if by_measure { drawing.roles.y.get(i) } else { drawing.roles.y.first() };
        y.map_or(json!({"kind": "number"}), |y| drawing.format(*y, Room::Full))
    };
    let rows: Vec<Value> = profile
        .spokes
        .iter()
        .enumerate()
        .map(|(i, (name, _))| json!({"field": i, "label": name, "format": format(i)}))
        .collect();
    put(
        &mut option,
        "tooltip",
        drawing.tooltip("item", Value::Null, &json!({"title": {"kind": "text"}, "rows": rows})),
    );
    if legend.is_some() {
        put(&mut option, "legend", drawing.legend());
    }
    let fill = drawing.options.on("fill");
    let mut data = Vec::new();
    for (name, slot, values) in &profile.shapes {
        let color = drawing.colors.category(*slot);
        let mut item = drawing.part(r#"{"symbolSize":5,"lineStyle":{"width":2}}"#);
        put(&mut item, "name", name.as_str());
        put(&mut item, "value", json!(values.iter().map(|v| v.map(|v| v.max(0.0))).collect::<Vec<_>>()));
        put(&mut item, "itemStyle", json!({"color": color}));
        if fill {
            put(&mut item, "areaStyle", json!({"color": color, "opacity": 0.12}));
        }
        data.push(Value::Object(item));
    }
    let mut series = drawing.part(r#"{"type":"radar","symbol":"circle","emphasis":{"lineStyle":{"width":3}}}"#);
    put(&mut series, "data", data);
    put(&mut option, "series", json!([series]));
    Picture { option: Value::Object(option), notes }
}

fn reach(values: impl Iterator<Item = f64>) -> f64 {
    let most = values.fold(0.0, f64::max);
    if most > 0.0 { nice_beyond(most) } else { 1.0 }
}

/// One spoke a measure, one shape a row's member.
fn of_measures(drawing: &Drawing<'_>) -> Profile {
    let (table, ys) = (drawing.table, &drawing.roles.y);
    let mut taken = HashSet::new();
    let spokes = ys
        .iter()
        .map(|y| (unique(&drawing.field(*y).label, &mut taken), reach(table.data[*y].iter().filter_map(number))));
    let spokes = spokes.collect();
    let (names, of_row) = match drawing.roles.x.or(drawing.roles.color) {
        Some(x) => members(table, x),
        None => ((1..=table.row_count()).map(|r| r.to_string()).collect(), (0..table.row_count()).collect()),
    };
    let slots = slots(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let mut taken = HashSet::new();
    let mut shapes: Vec<(String, usize, Vec<Option<f64>>)> =
        names.iter().zip(slots).map(|(n, slot)| (unique(n, &mut taken), slot, vec![None; ys.len()])).collect();
    for (row, member) in of_row.iter().enumerate() {
        for (i, y) in ys.iter().enumerate() {
            if let Some(value) = number(&table.data[*y][row]) {
                *shapes[*member].2[i].get_or_insert(0.0) += value;
            }
        }
    }
    Profile { spokes, shapes }
}

/// One spoke a member of x, one shape a member of the colour.
fn of_members(drawing: &Drawing<'_>) -> Profile {
    let roles = Roles { y: drawing.roles.y.first().copied().into_iter().collect(), ..drawing.roles.clone() };
    let places = Places::of(drawing.table, roles.x, false);
    let pivot = Pivot::of(drawing.table, &roles, places);
    let most = reach(pivot.series.iter().flat_map(|s| s.values.iter().flatten().copied()));
    Profile {
        spokes: pivot.places.labels.iter().map(|l| (l.clone(), most)).collect(),
        shapes: pivot.series.into_iter().map(|s| (s.name, s.slot, s.values)).collect(),
    }
}
