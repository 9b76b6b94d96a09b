//! Pies: a few parts of one whole.

use super::{Info, Kind, groups, is_moment, needs_a_number};
use crate::drawing::{Drawing, Picture, put};
use crate::marker::Room;
use crate::options::{DONUT, FORMAT, LABELS};
use crate::pivot::{members, number, slots};
use crate::places::unique;
use crate::text::{count, plural};
use domain::{ChartKind, Field};
use serde_json::{Map, Value, json};
use std::collections::HashSet;

pub(super) const KIND: Kind = Kind {
    info: Info {
        kind: ChartKind::Pie,
        label: "Pie",
        icon: "chart-pie",
        about: "A few parts of one whole.",
        needs: "A category of few members, and a number that adds up.",
        options: &[DONUT, LABELS, FORMAT],
    },
    suits,
    draw: Some(draw),
};

/// More slices than this cannot be compared.
const MOST_SLICES: usize = 7;

fn suits(shape: &[Field], _rows: usize) -> Option<String> {
    needs_a_number(shape).or_else(|| {
        if groups(shape) == 0 {
            Some("Needs a category to divide by: group by one.".to_owned())
        } else if groups(shape) > 1 {
            Some(format!("Divides by one category; this answer has {}.", groups(shape)))
        } else if shape.iter().any(is_moment) {
            Some("Times are no parts of a whole; a line or bars show them.".to_owned())
        } else {
            None
        }
    })
}

struct Slice {
    name: String,
    value: f64,
    color: String,
}

fn draw(drawing: &Drawing<'_>) -> Picture {
    let mut notes: Vec<String> = drawing.truncated_note().into_iter().collect();
    let slices = slices(drawing, &mut notes);
    let measure = drawing.roles.y.first().copied();
    let format = |room| measure.map_or(json!({"kind": "number"}), |y| drawing.format(y, room));
    let label = measure.map_or("", |y| drawing.field(y).label.as_str());
    let labels = drawing.options.choice("labels") != "never";
    let colors = drawing.colors;
    let data: Vec<Value> =
        slices.iter().map(|s| json!({"name": s.name, "value": s.value, "itemStyle": {"color": s.color}})).collect();
    let mut option = drawing.base();
    let rows = json!([
        {"label": label, "format": format(Room::Full)},
        {"field": "percent", "label": "Share", "format": {"kind": "number", "decimals": 1, "suffix": "%"}},
    ]);
    put(
        &mut option,
        "tooltip",
        drawing.tooltip("item", Value::Null, &json!({"title": {"kind": "text"}, "rows": rows})),
    );
    let top = if labels { 0 } else { 28 };
    let outer = if labels { "68%" } else { "88%" };
    let mut pie = Map::new();
    put(&mut pie, "type", "pie");
    put(&mut pie, "name", label);
    put(&mut pie, "data", data);
    put(&mut pie, "top", top);
    put(&mut pie, "radius", if drawing.options.on("donut") { json!(["46%", outer]) } else { json!(["0%", outer]) });
    put(&mut pie, "percentPrecision", 1);
    put(&mut pie, "minAngle", 1);
    // The gap between slices keeps neighbours apart for those who do not see their colours.
    put(&mut pie, "itemStyle", json!({"borderColor": colors.surface, "borderWidth": 2, "borderRadius": 3}));
    put(&mut pie, "emphasis", json!({"scaleSize": 4}));
    if labels {
        let label = json!({"color": colors.text, "fontSize": 12, "lineHeight": 16, "formatter": "{b}\n{d}%", "overflow": "truncate"});
        put(&mut pie, "label", label);
        put(&mut pie, "labelLine", json!({"length": 8, "length2": 8, "lineStyle": {"color": colors.line_strong}}));
    } else {
        put(&mut pie, "label", json!({"show": false}));
        put(&mut option, "legend", drawing.legend());
    }
    put(&mut option, "series", json!([pie]));
    Picture { option: Value::Object(option), notes }
}

/// The parts, largest first, the smallest of too many gathered in one.
fn slices(drawing: &Drawing<'_>, notes: &mut Vec<String>) -> Vec<Slice> {
    let (Some(y), Some(by)) = (drawing.roles.y.first(), drawing.roles.x.or(drawing.roles.color)) else {
        return Vec::new();
    };
    let (names, of_row) = members(drawing.table, by);
    let mut sums: Vec<Option<f64>> = vec![None; names.len()];
    for (cell, member) in drawing.table.data[*y].iter().zip(&of_row) {
        if let Some(value) = number(cell) {
            *sums[*member].get_or_insert(0.0) += value;
        }
    }
    if of_row.len() > names.len() {
        notes.push("Rows of the same slice were added up.".into());
    }
    let negative = sums.iter().flatten().filter(|v| **v < 0.0).count();
    if negative > 0 {
        notes.push(format!(
            "{} left out: a slice cannot be negative.",
            plural(negative, "negative value", "negative values")
        ));
    }
    let mut parts: Vec<(usize, f64)> =
        sums.iter().enumerate().filter_map(|(i, v)| v.filter(|v| *v > 0.0).map(|v| (i, v))).collect();
    parts.sort_by(|a, b| b.1.total_cmp(&a.1));
    let rest = if parts.len() > MOST_SLICES { parts.split_off(MOST_SLICES - 1) } else { Vec::new() };
    let shown: Vec<&str> = parts.iter().map(|(i, _)| names[*i].as_str()).collect();
    let slots = slots(&shown);
    let mut taken = HashSet::new();
    let mut slices: Vec<Slice> = parts
        .iter()
        .zip(slots)
        .map(|((i, value), slot)| Slice {
            name: unique(&names[*i], &mut taken),
            value: *value,
            color: drawing.colors.category(slot).to_owned(),
        })
        .collect();
    if !rest.is_empty() {
        let others = count(rest.len());
        notes.push(format!("The {others} smallest slices are gathered in Others."));
        slices.push(Slice {
            name: unique(&format!("Others ({others})"), &mut taken),
            value: rest.iter().map(|(_, v)| v).sum(),
            color: drawing.colors.line_strong.clone(),
        });
    }
    slices
}
