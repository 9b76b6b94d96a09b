//! Funnels: how many go on from stage to stage.

use super::{Info, Kind, needs_a_group};
use crate::color::mix;
use crate::drawing::{Drawing, Picture, put};
use crate::marker::{self, Room};
use crate::options::{FORMAT, OptionInfo, choice};
use crate::pivot::number;
use crate::places::{Places, unique};
use crate::text::{count, plural};
use domain::ChartKind;
use serde_json::{Value, json};
use std::collections::HashSet;

pub(super) const KIND: Kind = Kind {
    info: Info {
        kind: ChartKind::Funnel,
        label: "Funnel",
        icon: "funnel",
        about: "How many go on from stage to stage.",
        needs: "A category of stages in their order, and a number.",
        options: &[ORDER, FORMAT],
    },
    suits: needs_a_group,
    draw: Some(draw),
};

const ORDER: OptionInfo =
    choice("sort", "Order of the stages", "auto", &[("auto", "As in the question"), ("value", "Largest first")]);
/// More stages than this are no path any more.
const MOST_STAGES: usize = 12;

fn draw(drawing: &Drawing<'_>) -> Picture {
    let mut notes: Vec<String> = drawing.truncated_note().into_iter().collect();
    let mut stages = stages(drawing);
    if drawing.options.choice("sort") == "value" {
        stages.sort_by(|a, b| b.1.total_cmp(&a.1));
    }
    let negative = stages.iter().filter(|s| s.1 < 0.0).count();
    if negative > 0 {
        stages.retain(|s| s.1 >= 0.0);
        notes.push(format!("{} left out.", plural(negative, "negative stage", "negative stages")));
    }
    let found = stages.len();
    if found > MOST_STAGES {
        stages.truncate(MOST_STAGES);
        notes.push(format!("First {MOST_STAGES} of {} stages shown.", count(found)));
    }
    let first = stages.first().map_or(0.0, |s| s.1);
    let colors = drawing.colors;
    let part = |a: f64, b: f64| if b > 0.0 { json!(a / b) } else { Value::Null };
    let mut data = Vec::new();
    for (i, (name, value)) in stages.iter().enumerate() {
        let fade = i as f64 / stages.len().max(2) as f64 * 0.62;
        let before = i.checked_sub(1).map_or(*value, |b| stages[b].1);
        data.push(json!({
            "name": name, "value": value, "share": part(*value, first), "step": part(*value, before),
            "itemStyle": {"color": mix(colors.category(0), &colors.surface, fade)},
        }));
    }
    let format = |room| drawing.roles.y.first().map_or(json!({"kind": "number"}), |y| drawing.format(*y, room));
    let label = drawing.roles.y.first().map_or("", |y| drawing.field(*y).label.as_str());
    let percent = json!({"kind": "percent", "decimals": 1});
    let mut option = drawing.base();
    let rows = json!([
        {"label": label, "format": format(Room::Full)},
        {"field": "data.share", "label": "Of the first", "format": percent},
        {"field": "data.step", "label": "Of the one before", "format": percent},
    ]);
    put(
        &mut option,
        "tooltip",
        drawing.tooltip("item", Value::Null, &json!({"title": {"kind": "text"}, "rows": rows})),
    );
    let mut series = drawing.part(
        r#"{"type":"funnel","left":8,"width":"56%","top":8,"bottom":8,"minSize":"2%","sort":"none","gap":3,
        "funnelAlign":"center","itemStyle":{"borderWidth":0},"labelLine":{"show":false},"labelLayout":{"x":"62%"},
        "label":{"position":"right","color":"@text","fontSize":12,"lineHeight":16},"emphasis":{"label":{"fontSize":12}}}"#,
    );
    let pieces = vec![
        json!({"field": "name", "kind": "text"}),
        marker::plain("\n"),
        marker::with(format(Room::Short), "field", "value"),
        marker::plain(" · "),
        marker::with(percent, "field", "data.share"),
    ];
    series["label"]["formatter"] = marker::pieces(pieces);
    put(&mut series, "name", label);
    put(&mut series, "max", if first > 0.0 { stages.iter().map(|s| s.1).fold(0.0, f64::max) } else { 1.0 });
    put(&mut series, "data", data);
    put(&mut option, "series", json!([series]));
    Picture { option: Value::Object(option), notes }
}

/// Stages by the category, or the measures of a single row.
fn stages(drawing: &Drawing<'_>) -> Vec<(String, f64)> {
    let (table, ys) = (drawing.table, &drawing.roles.y);
    let mut taken = HashSet::new();
    let Some(x) = drawing.roles.x else {
        let value = |y: &usize| table.data[*y].first().and_then(number);
        let stage = |y: &usize| Some((unique(&drawing.field(*y).label, &mut taken), value(y)?));
        return ys.iter().filter_map(stage).collect();
    };
    let Some(y) = ys.first() else { return Vec::new() };
    let places = Places::of(table, Some(x), false);
    let mut sums: Vec<Option<f64>> = vec![None; places.labels.len()];
    for (cell, place) in table.data[*y].iter().zip(&places.of_row) {
        if let (Some(place), Some(value)) = (*place, number(cell)) {
            *sums[place].get_or_insert(0.0) += value;
        }
    }
    places.labels.into_iter().zip(sums).filter_map(|(name, sum)| Some((name, sum?))).collect()
}
