//! Sankeys: how much goes from where to where.

use super::{Info, Kind, groups, needs_a_number};
use crate::drawing::{Drawing, Picture, put};
use crate::links::Links;
use crate::marker::{self, Room};
use crate::options::FORMAT;
use crate::pivot::{largest, slots};
use crate::text::{count, plural};
use domain::{ChartKind, Field};
use serde_json::{Value, json};

pub(super) const KIND: Kind = Kind {
    info: Info {
        kind: ChartKind::Sankey,
        label: "Sankey",
        icon: "waypoints",
        about: "How much goes from where to where.",
        needs: "Two categories, from and to, and a number.",
        options: &[FORMAT],
    },
    suits: |shape: &[Field], _| needs_a_number(shape).or_else(|| two_ends(shape)),
    draw: Some(draw),
};

/// More nodes than this overlap.
const MOST_NODES: usize = 60;
const MOST_LINKS: usize = 300;

/// Sankey and network: from where, to where.
pub(super) fn two_ends(shape: &[Field]) -> Option<String> {
    let n = groups(shape);
    (n < 2).then(|| {
        let has = if n == 0 { "none" } else { "one" };
        format!("Needs two categories, from where and to where; this answer has {has}.")
    })
}

fn draw(drawing: &Drawing<'_>) -> Picture {
    let mut notes: Vec<String> = drawing.truncated_note().into_iter().collect();
    let mut links = Links::of(drawing, true);
    if links.lost > 0 {
        notes.push(format!("{} without both ends or a positive amount not shown.", plural(links.lost, "row", "rows")));
    }
    let found = links.names.len();
    if found > MOST_NODES {
        let kept = largest(&links.sizes(), MOST_NODES);
        let mut keep = vec![false; found];
        kept.into_iter().for_each(|i| keep[i] = true);
        links.keep(&keep);
        notes.push(format!("Top {MOST_NODES} of {} nodes shown.", count(found)));
    }
    let found = links.links.len();
    if found > MOST_LINKS {
        let weights: Vec<f64> = links.links.iter().map(|l| l.2).collect();
        links.links = largest(&weights, MOST_LINKS).into_iter().map(|i| links.links[i]).collect();
        notes.push(format!("Top {MOST_LINKS} of {} flows shown.", count(found)));
    }
    let back = links.break_cycles();
    if back > 0 {
        notes.push(format!(
            "{} left out: a flow runs one way only.",
            plural(back, "flow that leads back", "flows that lead back")
        ));
    }
    let mut used = vec![false; links.names.len()];
    links.links.iter().for_each(|(a, b, _)| (used[*a], used[*b]) = (true, true));
    links.keep(&used);

    let names: Vec<&str> = links.names.iter().map(String::as_str).collect();
    let slots = slots(&names);
    let mut goes_on = vec![false; names.len()];
    links.links.iter().for_each(|(a, ..)| goes_on[*a] = true);
    let nodes = names.iter().enumerate().map(|(i, name)| {
        // At the right edge the name stands inside, so that it is not cut off.
        let position = if goes_on[i] { "right" } else { "left" };
        json!({"id": i.to_string(), "name": name, "itemStyle": {"color": drawing.colors.category(slots[i])}, "label": {"position": position}})
    });
    let nodes: Vec<Value> = nodes.collect();
    let data: Vec<Value> = links
        .links
        .iter()
        .map(|(a, b, w)| json!({"source": a.to_string(), "target": b.to_string(), "value": w, "from": names[*a], "to": names[*b]}))
        .collect();
    let y = drawing.roles.y.first().copied();
    let format = y.map_or(json!({"kind": "number"}), |y| drawing.format(y, Room::Full));
    let label = y.map_or("", |y| drawing.field(y).label.as_str());
    let rows = json!([
        {"field": "data.from", "label": "From", "format": {"kind": "text"}, "optional": true},
        {"field": "data.to", "label": "To", "format": {"kind": "text"}, "optional": true},
        {"label": label, "format": format},
    ]);
    let mut option = drawing.base();
    let title = json!({"kind": "text", "field": "data.name"});
    put(&mut option, "tooltip", drawing.tooltip("item", Value::Null, &json!({"title": title, "rows": rows})));
    let mut series = drawing.part(
        r#"{"type":"sankey","left":2,"right":2,"top":6,"bottom":6,"nodeWidth":12,"nodeGap":10,"draggable":false,
        "label":{"color":"@text","fontSize":12,"overflow":"truncate","width":130,"textBorderColor":"@surface","textBorderWidth":2},
        "lineStyle":{"color":"gradient","opacity":0.3,"curveness":0.5},"itemStyle":{"borderWidth":0,"borderRadius":2},
        "labelLayout":{"hideOverlap":true},"emphasis":{"focus":"adjacency"}}"#,
    );
    series["label"]["formatter"] = marker::formatter(&json!({"kind": "text", "field": "data.name"}));
    put(&mut series, "name", label);
    put(&mut series, "data", nodes);
    put(&mut series, "links", data);
    put(&mut option, "series", json!([series]));
    Picture { option: Value::Object(option), notes }
}
