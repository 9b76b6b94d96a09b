//! Bullets: numbers against their targets, on a scale with bands from bad to good.

use super::progress::goals;
use super::{Info, Kind, needs_a_number};
use crate::drawing::{Drawing, Picture, put};
use crate::marker::{self, Room};
use crate::options::{FORMAT, MAXIMUM, MINIMUM, RULES, TARGET};
use crate::stats::nice_beyond;
use domain::{ChartKind, Field};
use serde_json::{Value, json};

pub(super) const KIND: Kind = Kind {
    info: Info {
        kind: ChartKind::Bullet,
        label: "Bullet",
        icon: "target",
        about: "Numbers against their targets, on a scale from bad to good.",
        needs: "A number and its target; a category for one bar each.",
        options: &[TARGET, MINIMUM, MAXIMUM, RULES, FORMAT],
    },
    suits: |shape: &[Field], _| needs_a_number(shape),
    draw: Some(draw),
};

fn draw(drawing: &Drawing<'_>) -> Picture {
    let mut notes: Vec<String> = drawing.truncated_note().into_iter().collect();
    let goals = goals(drawing, &mut notes);
    let Some(y) = drawing.roles.y.first().copied() else {
        return Picture { option: drawing.empty("Add a measure to show."), notes };
    };
    if goals.iter().all(|g| g.target.is_none()) {
        notes.push("Set a target, or add it as a second measure, to measure against.".into());
    }
    let values = || goals.iter().flat_map(|g| [g.value, g.target]).flatten();
    let low = drawing.options.number("min").unwrap_or_else(|| {
        let least = values().fold(0.0, f64::min);
        if least < 0.0 { -nice_beyond(-least) } else { 0.0 }
    });
    let high = drawing.options.number("max").unwrap_or_else(|| nice_beyond(values().fold(f64::MIN_POSITIVE, f64::max)));
    let high = if high > low { high } else { low + 1.0 };
    let rules = drawing.rules();
    let mut option = drawing.base();
    put(
        &mut option,
        "grid",
        drawing.part(
            r#"{"left":2,"right":12,"top":6,"bottom":2,"outerBoundsMode":"same","outerBoundsContain":"axisLabel"}"#,
        ),
    );
    let mut x = drawing.part(
        r#"{"type":"value","splitNumber":4,"axisLine":{"show":false},"axisTick":{"show":false},
        "splitLine":{"show":false},"axisLabel":{"color":"@muted","fontSize":11,"hideOverlap":true}}"#,
    );
    x["axisLabel"]["formatter"] = marker::formatter(&drawing.format(y, Room::Short));
    put(&mut x, "min", low);
    put(&mut x, "max", high);
    put(&mut option, "xAxis", x);
    let mut axis = drawing.part(
        r#"{"type":"category","inverse":true,"axisLine":{"show":false},"axisTick":{"show":false},
        "axisLabel":{"color":"@text","fontSize":12,"overflow":"truncate","width":150}}"#,
    );
    put(&mut axis, "data", goals.iter().map(|g| g.name.as_str().into()).collect::<Vec<Value>>());
    // The bands lie along an axis of their own: on one axis bars stand beside each other.
    let mut behind = axis.clone();
    put(&mut behind, "show", false);
    put(&mut option, "yAxis", json!([axis, behind]));
    let rows = json!([
        {"field": "data.actual", "label": drawing.field(y).label, "format": drawing.format(y, Room::Full)},
        {"field": "data.target", "label": "Target", "format": drawing.format(y, Room::Full)},
    ]);
    put(
        &mut option,
        "tooltip",
        drawing.tooltip("item", Value::Null, &json!({"title": {"kind": "text"}, "rows": rows})),
    );

    let mut series = Vec::new();
    // The bands lie behind the bar, one on the other, each in the tone of its rule.
    let spans: Vec<_> = rules.0.iter().filter_map(|r| Some((r.span(low, high)?, r))).collect();
    let mut edges: Vec<f64> = spans.iter().flat_map(|((a, b), _)| [*a, *b]).chain([low, high]).collect();
    edges.sort_by(f64::total_cmp);
    edges.dedup();
    let bands: Vec<(f64, f64)> =
        if spans.is_empty() { vec![(low, high)] } else { edges.windows(2).map(|w| (w[0], w[1])).collect() };
    let whole = low >= 0.0;
    for (from, to) in bands.iter().filter(|_| whole) {
        let tone = rules.hit(Some((from + to) / 2.0), &drawing.field(y).name).map(|r| r.tone);
        let color = tone.map_or(drawing.colors.well.as_str(), |t| t.soft(drawing.colors));
        let mut band = drawing.part(
            r#"{"type":"bar","stack":"bands","barWidth":24,"yAxisIndex":1,"silent":true,"z":1,"tooltip":{"show":false},"emphasis":{"disabled":true}}"#,
        );
        put(&mut band, "itemStyle", json!({"color": color}));
        let length = if *from == low { *to } else { to - from };
        put(&mut band, "data", vec![Value::from(length); goals.len()]);
        series.push(Value::Object(band));
    }
    let mut actual = drawing.part(r#"{"type":"bar","barWidth":10,"z":3,"itemStyle":{"borderRadius":[0,2,2,0]}}"#);
    put(&mut actual, "name", drawing.field(y).label.as_str());
    let tone = |v: Option<f64>| rules.hit(v, &drawing.field(y).name).map(|r| r.tone.color(drawing.colors));
    let item = |g: &super::progress::Goal| {
        let color = tone(g.value).unwrap_or(drawing.colors.category(0));
        json!({"value": g.value, "actual": g.value, "target": g.target, "itemStyle": {"color": color}})
    };
    put(&mut actual, "data", goals.iter().map(item).collect::<Vec<_>>());
    series.push(Value::Object(actual));
    let mut marks =
        drawing.part(r#"{"type":"scatter","symbol":"rect","symbolSize":[3,24],"z":4,"itemStyle":{"color":"@text"}}"#);
    put(&mut marks, "name", "Target");
    let points = goals
        .iter()
        .enumerate()
        .filter_map(|(i, g)| g.target.map(|t| json!({"value": [t, i], "actual": g.value, "target": g.target})));
    put(&mut marks, "data", points.collect::<Vec<_>>());
    series.push(Value::Object(marks));
    put(&mut option, "series", series);
    Picture { option: Value::Object(option), notes }
}
