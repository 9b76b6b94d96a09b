//! Waterfalls: how gains and losses lead from one total to another.

use super::{Info, Kind, needs_a_group};
use crate::cartesian::{Plane, Stack};
use crate::drawing::{Drawing, Picture, put};
use crate::marker::{self, Room};
use crate::options::{ANNOTATIONS, FORMAT, LABELS, OptionInfo, on, toggle};
use crate::places::{Places, unique};
use crate::text::count;
use domain::ChartKind;
use serde_json::{Value, json};
use std::collections::HashSet;

pub(super) const KIND: Kind = Kind {
    info: Info {
        kind: ChartKind::Waterfall,
        label: "Waterfall",
        icon: "chart-gantt",
        about: "How gains and losses lead from one total to another.",
        needs: "A category or a date, and a number that adds up.",
        options: &[TOTAL, OPENING, LABELS, ANNOTATIONS, FORMAT],
    },
    suits: needs_a_group,
    draw: Some(draw),
};

const TOTAL: OptionInfo = on("total", "Total at the end", "");
const OPENING: OptionInfo = toggle("opening", "The first is an opening balance", "");
/// More steps than this cannot be followed; the rest is gathered.
const MOST_STEPS: usize = 30;

struct Step {
    from: f64,
    to: f64,
    total: bool,
}

fn draw(drawing: &Drawing<'_>) -> Picture {
    let places = Places::of(drawing.table, drawing.roles.x, false);
    let mut plane = Plane::new(drawing, places, Stack::None);
    plane.bands = true;
    let changes: Vec<Option<f64>> = plane.pivot.series.first().map(|s| s.values.clone()).unwrap_or_default();
    if plane.pivot.series.len() > 1 {
        plane.notes.push("Only the first measure is drawn.".into());
    }
    plane.pivot.series.truncate(1);
    let (steps, labels) = steps(&mut plane, &changes);
    plane.pivot.places = Places { labels, times: None, of_row: Vec::new() };
    // The axis has to reach what is drawn, not the single changes.
    if let Some(series) = plane.pivot.series.first_mut() {
        series.values = steps.iter().map(|s| Some(if s.to.abs() > s.from.abs() { s.to } else { s.from })).collect();
    }
    plane.labelled = match drawing.options.choice("labels") {
        "always" => true,
        "never" => false,
        _ => steps.len() <= 16,
    };
    let mut option = plane.option(series(&plane, &steps));
    if let Some(y) = drawing.roles.y.first() {
        let rows = json!([
            {"field": "data.change", "label": "Change", "format": drawing.format(*y, Room::Full)},
            {"field": "data.total", "label": "Then", "format": drawing.format(*y, Room::Full)},
        ]);
        let title = drawing.roles.x.map_or(json!({"kind": "text"}), |x| drawing.format(x, Room::Full));
        option["tooltip"] = drawing.tooltip("item", Value::Null, &json!({"title": title, "rows": rows}));
    }
    if let Some(map) = option.as_object_mut() {
        map.remove("legend");
    }
    Picture { option, notes: plane.notes }
}

fn steps(plane: &mut Plane<'_>, changes: &[Option<f64>]) -> (Vec<Step>, Vec<String>) {
    let options = &plane.drawing.options;
    let (ends, opens) = (options.on("total"), options.on("opening"));
    let mut labels = std::mem::take(&mut plane.pivot.places.labels);
    let mut changes: Vec<f64> = changes.iter().map(|c| c.unwrap_or(0.0)).collect();
    let mut taken: HashSet<String> = labels.iter().cloned().collect();
    if changes.len() > MOST_STEPS {
        let rest: f64 = changes.split_off(MOST_STEPS - 1).iter().sum();
        let gathered = labels.split_off(MOST_STEPS - 1).len();
        changes.push(rest);
        labels.push(unique(&format!("Others ({})", count(gathered)), &mut taken));
        plane.notes.push(format!("The last {} steps are gathered in Others.", count(gathered)));
    }
    let mut at = 0.0;
    let mut steps: Vec<Step> = Vec::new();
    for (i, change) in changes.into_iter().enumerate() {
        let total = opens && i == 0;
        steps.push(Step { from: at, to: at + change, total });
        at += change;
    }
    if ends && !steps.is_empty() {
        steps.push(Step { from: 0.0, to: at, total: true });
        labels.push(unique("Total", &mut taken));
    }
    (steps, labels)
}

fn series(plane: &Plane<'_>, steps: &[Step]) -> Vec<Value> {
    let drawing = plane.drawing;
    let colors = drawing.colors;
    // Each box stands on an unseen one. With `all` they stack from wherever the first ends, so that a
    // box may lie on both sides of zero.
    let mut base = drawing.part(
        r#"{"type":"bar","stack":"all","stackStrategy":"all","silent":true,"barMaxWidth":56,"barCategoryGap":"30%",
        "itemStyle":{"color":"transparent"},"emphasis":{"disabled":true}}"#,
    );
    put(&mut base, "data", steps.iter().map(|s| s.from.min(s.to).into()).collect::<Vec<Value>>());
    let mut boxes =
        drawing.part(r#"{"type":"bar","stack":"all","stackStrategy":"all","barMaxWidth":56,"barCategoryGap":"30%"}"#);
    let format = drawing.roles.y.first().map_or(json!({"kind": "number"}), |y| drawing.format(*y, Room::Short));
    let data: Vec<Value> = steps
        .iter()
        .map(|s| {
            let change = s.to - s.from;
            let color = match (s.total, change < 0.0) {
                (true, _) => &colors.line_strong,
                (false, false) => colors.category(0),
                (false, true) => colors.category(1),
            };
            json!({"value": change.abs(), "change": change, "total": s.to, "itemStyle": {"color": color}})
        })
        .collect();
    put(&mut boxes, "data", data);
    put(&mut boxes, "name", drawing.roles.y.first().map_or("", |y| drawing.field(*y).label.as_str()));
    if plane.labelled {
        let mut label = drawing.part(r#"{"show":true,"position":"top","fontSize":11,"color":"@muted"}"#);
        put(&mut label, "formatter", marker::formatter(&marker::with(format, "field", "data.change")));
        put(&mut boxes, "label", label);
        put(&mut boxes, "labelLayout", json!({"hideOverlap": true}));
    }
    plane.annotate(&mut boxes);
    // From the end of one step to the begin of the next; the boxes hide the upright parts.
    let mut links = drawing.part(
        r#"{"type":"line","step":"end","symbol":"none","silent":true,"z":1,"lineStyle":{"color":"@strong","width":1},
        "tooltip":{"show":false},"emphasis":{"disabled":true}}"#,
    );
    put(&mut links, "data", steps.iter().map(|s| s.to.into()).collect::<Vec<Value>>());
    vec![Value::Object(base), Value::Object(boxes), Value::Object(links)]
}
