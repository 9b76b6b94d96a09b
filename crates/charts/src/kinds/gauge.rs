//! Gauges: where one number lies between its limits.

use super::{Info, Kind, number::one_number};
use crate::drawing::{Drawing, Picture, put};
use crate::marker::{self, Room};
use crate::number::reading;
use crate::options::{FORMAT, MAXIMUM, MINIMUM, RULES, TARGET};
use crate::rules::Rules;
use crate::stats::nice_beyond;
use domain::ChartKind;
use domain::format::Style;
use serde_json::{Value, json};

pub(super) const KIND: Kind = Kind {
    info: Info {
        kind: ChartKind::Gauge,
        label: "Gauge",
        icon: "gauge",
        about: "Where one number lies between its limits.",
        needs: "One number and the limits of its scale.",
        options: &[MINIMUM, MAXIMUM, TARGET, RULES, FORMAT],
    },
    suits: one_number,
    draw: Some(draw),
};

/// What all rings share.
const RING: &str = r#"{"type":"gauge","startAngle":205,"endAngle":-25,"center":["50%","60%"],"radius":"94%",
    "pointer":{"show":false},"axisTick":{"show":false},"splitLine":{"show":false},"axisLabel":{"show":false},
    "detail":{"show":false},"title":{"show":false},"progress":{"show":false},"axisLine":{"show":false},"silent":true}"#;

fn draw(drawing: &Drawing<'_>) -> Picture {
    let mut notes: Vec<String> = drawing.truncated_note().into_iter().collect();
    let Some(y) = drawing.roles.y.first().copied() else {
        return Picture { option: drawing.empty("Add a measure to show."), notes };
    };
    let value = reading(drawing).0;
    let target = drawing.options.number("target");
    let rules = drawing.rules();
    let (low, high) = limits(drawing, y, value, target, &rules);
    let name = &drawing.field(y).name;
    let hit = rules.hit(value, name).filter(|_| value.is_some());
    let color = hit.map_or(drawing.colors.category(0), |r| r.tone.color(drawing.colors));
    if value.is_some_and(|v| v < low || v > high) {
        notes.push("The value lies beyond the end of the scale.".into());
    }
    let short = drawing.format(y, Room::Short);
    let ring = |text| {
        let mut ring = drawing.part(RING);
        put(&mut ring, "min", low);
        put(&mut ring, "max", high);
        ring.extend(drawing.part(text));
        ring
    };
    let mut dial = ring(
        r#"{"axisLine":{"show":true,"lineStyle":{"width":16,"color":[[1,"@well"]]}},"silent":false,
        "progress":{"show":true,"width":16,"clip":true},"splitNumber":1,
        "axisLabel":{"show":true,"distance":24,"color":"@muted","fontSize":11},
        "detail":{"show":true,"fontSize":28,"fontWeight":550,"offsetCenter":[0,"-22%"],"color":"@text","valueAnimation":false},
        "title":{"show":true,"offsetCenter":[0,"8%"],"color":"@muted","fontSize":12,"width":220,"overflow":"truncate"}}"#,
    );
    dial["progress"]["itemStyle"] = json!({"color": color});
    dial["axisLabel"]["formatter"] = marker::formatter(&short);
    dial["detail"]["formatter"] = marker::formatter(&short);
    let mut title = drawing.field(y).label.clone();
    if let Some(word) = hit.and_then(|r| r.label.as_deref()) {
        title.push_str(" · ");
        title.push_str(word);
    }
    put(&mut dial, "data", json!([{"value": value, "name": title}]));
    put(&mut dial, "name", drawing.field(y).label.as_str());
    let mut series = vec![Value::Object(dial)];
    if let Some(bands) = bands(drawing, &rules, name, low, high) {
        let mut outer = ring(r#"{"radius":"100%","axisLine":{"show":true,"lineStyle":{"width":4}}}"#);
        outer["axisLine"]["lineStyle"]["color"] = bands;
        put(&mut outer, "data", json!([{"value": low}]));
        series.push(Value::Object(outer));
    }
    if let Some(target) = target.filter(|t| (low..=high).contains(t)) {
        let mut hand = ring(
            r#"{"pointer":{"show":true,"icon":"rect","width":3,"length":"20%","offsetCenter":[0,"-80%"],
            "itemStyle":{"color":"@text"}}}"#,
        );
        put(&mut hand, "data", json!([{"value": target}]));
        series.push(Value::Object(hand));
    }
    let mut option = drawing.base();
    let label = drawing.field(y).label.as_str();
    let rows = json!([{"label": label, "format": drawing.format(y, Room::Full)}]);
    put(
        &mut option,
        "tooltip",
        drawing.tooltip("item", Value::Null, &json!({"title": {"kind": "text"}, "rows": rows})),
    );
    put(&mut option, "series", series);
    Picture { option: Value::Object(option), notes }
}

/// The ends of the scale: as chosen, else round numbers that hold everything worth showing.
fn limits(drawing: &Drawing<'_>, y: usize, value: Option<f64>, target: Option<f64>, rules: &Rules) -> (f64, f64) {
    let (least, most) = (-1e15, 1e15);
    let mut worth: Vec<f64> = value.into_iter().chain(target).collect();
    for rule in &rules.0 {
        if let Some((from, to)) = rule.span(least, most) {
            worth.extend([from, to].into_iter().filter(|end| *end != least && *end != most));
        }
    }
    let percent = drawing.unit(y).0 == Style::Percent;
    let high = worth.iter().copied().fold(if percent { 1.0 } else { 0.0 }, f64::max);
    let low = worth.iter().copied().fold(0.0, f64::min);
    let high = if percent && high <= 1.0 { 1.0 } else { nice_beyond(high.max(f64::MIN_POSITIVE)) };
    let low = drawing.options.number("min").unwrap_or(if low < 0.0 { -nice_beyond(-low) } else { 0.0 });
    let high = drawing.options.number("max").unwrap_or(high);
    if low < high { (low, high) } else { (low, low + 1.0) }
}

/// The tones along the scale, as `[[end, colour], …]`.
fn bands(drawing: &Drawing<'_>, rules: &Rules, column: &str, low: f64, high: f64) -> Option<Value> {
    let spans: Vec<(f64, f64)> = rules.0.iter().filter_map(|r| r.span(low, high)).collect();
    if spans.is_empty() {
        return None;
    }
    let mut edges: Vec<f64> = spans.into_iter().flat_map(|(a, b)| [a, b]).chain([high]).collect();
    edges.sort_by(f64::total_cmp);
    edges.dedup();
    let mut from = low;
    let mut bands = Vec::new();
    for edge in edges.into_iter().filter(|e| *e > low) {
        let tone = rules.hit(Some((from + edge) / 2.0), column).map(|r| r.tone.color(drawing.colors));
        bands.push(json!([(edge - low) / (high - low), tone.unwrap_or(&drawing.colors.line)]));
        from = edge;
    }
    Some(Value::Array(bands))
}
