//! Sunbursts: the parts of a whole in rings, parts within parts.

use super::treemap::parts;
use super::{Info, Kind};
use crate::drawing::{Drawing, Picture, put};
use crate::options::FORMAT;
use crate::tree;
use domain::ChartKind;
use serde_json::{Value, json};

pub(super) const KIND: Kind = Kind {
    info: Info {
        kind: ChartKind::Sunburst,
        label: "Sunburst",
        icon: "aperture",
        about: "The parts of a whole in rings, parts within parts.",
        needs: "Categories from coarse to fine, and a number that adds up.",
        options: &[FORMAT],
    },
    suits: parts,
    draw: Some(draw),
};

fn draw(drawing: &Drawing<'_>) -> Picture {
    let mut notes: Vec<String> = drawing.truncated_note().into_iter().collect();
    let (nodes, levels) = tree::nodes(drawing, &mut notes);
    let mut option = drawing.base();
    put(&mut option, "tooltip", tree::tooltip(drawing));
    let mut series = drawing.part(
        r#"{"type":"sunburst","radius":["12%","96%"],"nodeClick":false,"sort":null,
        "label":{"fontSize":11,"minAngle":9,"overflow":"truncate","rotate":"radial"},
        "itemStyle":{"borderColor":"@surface","borderWidth":2,"borderRadius":2},"emphasis":{"focus":"ancestor"}}"#,
    );
    let y = drawing.roles.y.first().copied();
    put(&mut series, "name", y.map_or("", |y| drawing.field(y).label.as_str()));
    put(&mut series, "data", nodes);
    put(&mut option, "series", json!([series]));
    // A name is no longer than its ring is wide, which depends on the room for the whole.
    let named = |side: f64, query: Value| {
        let width = (side * 0.4 / levels.max(1) as f64).floor();
        json!({"query": query, "option": {"series": [{"label": {"width": width, "show": width >= 24.0}}]}})
    };
    let from = |side: u32| json!({"minWidth": side, "minHeight": side});
    let media = [named(170.0, Value::Null), named(240.0, from(240)), named(300.0, from(300)), named(420.0, from(420))];
    put(&mut option, "media", json!(media));
    Picture { option: Value::Object(option), notes }
}
