//! Networks: who is linked with whom, who stands in the middle, who belongs together.

use super::sankey::two_ends;
use super::{Info, Kind};
use crate::drawing::{Drawing, Picture, put};
use crate::graph::{self, Analysis};
use crate::links::Links;
use crate::marker::Room;
use crate::options::{OptionInfo, choice};
use crate::pivot::largest;
use crate::text::{count, plural};
use domain::{ChartKind, Field};
use serde_json::{Map, Value, json};

pub(super) const KIND: Kind = Kind {
    info: Info {
        kind: ChartKind::Network,
        label: "Network graph",
        icon: "network",
        about: "Who is linked with whom, who stands in the middle, who belongs together.",
        needs: "Two columns of names that are linked, and a number.",
        options: &[LAYOUT, SIZE],
    },
    suits: |shape: &[Field], _| two_ends(shape),
    draw: Some(draw),
};

const LAYOUT: OptionInfo =
    choice("layout", "Layout", "force", &[("force", "By their links"), ("circular", "In a circle")]);
const SIZE: OptionInfo = choice(
    "size",
    "Size of the nodes",
    "degree",
    &[("degree", "Number of links"), ("weight", "Weight of the links"), ("betweenness", "Ways that lead over them")],
);
/// More than this is no longer fluent.
const MOST_NODES: usize = 5000;
const MOST_LINKS: usize = 20_000;
/// In a circle more than this lie on each other.
const MOST_IN_CIRCLE: usize = 400;
/// So many nodes are named; the others say it in their tooltip.
const NAMED: usize = 40;
/// Communities with a colour of their own; the rest share a grey.
const COLORED: usize = 9;

/// The graph of an answer, cut to what can be shown.
pub(crate) fn links(drawing: &Drawing<'_>, notes: &mut Vec<String>) -> Links {
    let circular = drawing.options.choice("layout") == "circular";
    let mut links = Links::of(drawing, false);
    if links.lost > 0 {
        notes.push(format!("{} without both ends or a positive weight not shown.", plural(links.lost, "row", "rows")));
    }
    let most = if circular { MOST_IN_CIRCLE } else { MOST_NODES };
    let found = links.names.len();
    if found > most {
        let mut keep = vec![false; found];
        largest(&links.sizes(), most).into_iter().for_each(|i| keep[i] = true);
        links.keep(&keep);
        notes.push(format!("Top {} of {} nodes shown.", count(most), count(found)));
    }
    let found = links.links.len();
    if found > MOST_LINKS {
        let weights: Vec<f64> = links.links.iter().map(|l| l.2).collect();
        links.links = largest(&weights, MOST_LINKS).into_iter().map(|i| links.links[i]).collect();
        notes.push(format!("Top {} of {} links shown.", count(MOST_LINKS), count(found)));
    }
    links
}

fn draw(drawing: &Drawing<'_>) -> Picture {
    let mut notes: Vec<String> = drawing.truncated_note().into_iter().collect();
    let links = links(drawing, &mut notes);
    let n = links.names.len();
    let analysis = graph::analyse(n, &links.links);
    let circular = drawing.options.choice("layout") == "circular";
    let places = if circular {
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by_key(|i| (analysis.community[*i], std::cmp::Reverse(analysis.degree[*i]), *i));
        graph::circle(&order)
    } else {
        graph::spread(n, &links.links, &analysis.community)
    };
    if analysis.communities > COLORED + 1 {
        notes.push(format!("The {COLORED} largest of {} communities have colours.", count(analysis.communities)));
    }
    if analysis.estimated && drawing.options.choice("size") == "betweenness" {
        notes.push("The ways over a node are estimated from a sample.".into());
    }
    let mut option = drawing.base();
    put(&mut option, "animation", false);
    let percent = json!({"kind": "percent", "decimals": 1});
    let y = drawing.roles.y.first().copied();
    let weight = y.map_or(json!({"kind": "number"}), |y| drawing.format(y, Room::Full));
    let label = y.map_or("Weight", |y| drawing.field(y).label.as_str());
    let rows = json!([
        {"field": "data.links", "label": "Links", "format": {"kind": "number"}, "optional": true},
        {"field": "data.between", "label": "Ways over it", "format": percent, "optional": true},
        {"field": "data.community", "label": "Community", "format": {"kind": "number"}, "optional": true},
        {"field": "data.weight", "label": label, "format": weight},
    ]);
    let title = json!({"kind": "text", "field": "data.name"});
    put(&mut option, "tooltip", drawing.tooltip("item", Value::Null, &json!({"title": title, "rows": rows})));
    let large = n > 400;
    let mut series = drawing.part(
        r#"{"type":"graph","layout":"none","roam":true,"scaleLimit":{"min":0.4,"max":12},"left":24,"right":24,"top":24,"bottom":24,"preserveAspect":"contain",
        "edgeSymbol":["none","none"],"label":{"show":false,"position":"right","fontSize":11,"color":"@text","distance":3,
        "textBorderColor":"@surface","textBorderWidth":2},"labelLayout":{"hideOverlap":true},
        "itemStyle":{"borderColor":"@surface","borderWidth":1},"lineStyle":{"color":"@strong","width":1,"opacity":0.5},
        "emphasis":{"focus":"adjacency","label":{"show":true},"lineStyle":{"opacity":0.9}},"blur":{"itemStyle":{"opacity":0.15},"lineStyle":{"opacity":0.05}}}"#,
    );
    if circular {
        series["lineStyle"]["curveness"] = 0.3.into();
    }
    if large {
        series["lineStyle"]["opacity"] = 0.18.into();
        series["lineStyle"]["width"] = 0.5.into();
        // Lighting up the neighbours redraws everything: too slow with many.
        series["emphasis"]["focus"] = "none".into();
    }
    put(&mut series, "data", nodes(drawing, &links, &analysis, &places, circular));
    put(&mut series, "links", edges(&links, n <= MOST_IN_CIRCLE));
    put(&mut option, "series", json!([series]));
    Picture { option: Value::Object(option), notes }
}

fn nodes(drawing: &Drawing<'_>, links: &Links, a: &Analysis, places: &[[f64; 2]], circular: bool) -> Vec<Value> {
    let n = links.names.len();
    let measure: Vec<f64> = match drawing.options.choice("size") {
        "weight" => a.strength.clone(),
        "betweenness" => a.betweenness.clone(),
        _ => a.degree.iter().map(|d| *d as f64).collect(),
    };
    let most = measure.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    // Smaller where there are many.
    let (small, big) = if n > 1000 {
        (2.5, 12.0)
    } else if n > 200 {
        (5.0, 24.0)
    } else {
        (8.0, 36.0)
    };
    let mut named = vec![false; n];
    let most_named = if circular { n.min(60) } else { NAMED };
    largest(&measure, if n > 400 { NAMED / 3 } else { most_named }).into_iter().for_each(|i| named[i] = true);
    (0..n)
        .map(|i| {
            let size = small + (big - small) * (measure[i] / most).clamp(0.0, 1.0).sqrt();
            let color = match a.community[i] {
                _ if a.degree[i] == 0 => &drawing.colors.line_strong,
                c if c < COLORED => drawing.colors.category(c),
                _ => &drawing.colors.line_strong,
            };
            let mut node = Map::new();
            put(&mut node, "id", i.to_string());
            put(&mut node, "name", links.names[i].as_str());
            put(&mut node, "x", round(places[i][0]));
            put(&mut node, "y", round(places[i][1]));
            put(&mut node, "symbolSize", (size * 10.0).round() / 10.0);
            put(&mut node, "itemStyle", json!({"color": color}));
            put(&mut node, "links", a.degree[i]);
            put(&mut node, "between", (a.betweenness[i] * 1e4).round() / 1e4);
            put(&mut node, "community", a.community[i] + 1);
            put(&mut node, "weight", a.strength[i]);
            if named[i] {
                let mut label = json!({"show": true});
                if circular && places[i][0] < 0.0 {
                    label["position"] = "left".into();
                }
                put(&mut node, "label", label);
            }
            Value::Object(node)
        })
        .collect()
}

fn round(x: f64) -> f64 {
    (x * 100.0).round() / 100.0
}

/// Links between nodes; heavier ones are wider where there are few enough to see it.
fn edges(links: &Links, weighted: bool) -> Vec<Value> {
    let most = links.links.iter().map(|l| l.2).fold(f64::MIN_POSITIVE, f64::max);
    links
        .links
        .iter()
        .map(|(a, b, w)| {
            let mut edge = Map::new();
            put(&mut edge, "source", a.to_string());
            put(&mut edge, "target", b.to_string());
            put(&mut edge, "weight", *w);
            if weighted {
                put(&mut edge, "name", format!("{} – {}", links.names[*a], links.names[*b]));
                put(&mut edge, "lineStyle", json!({"width": round(0.6 + 3.4 * (w / most).sqrt())}));
            }
            Value::Object(edge)
        })
        .collect()
}
