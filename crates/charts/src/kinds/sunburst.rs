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
        options: &[FORMAT],
    },
    suits: parts,
    draw: Some(draw),
};

fn draw(drawing: &Drawing<'_>) -> Picture {
    let mut notes: Vec<String> = drawing.truncated_note().into_iter().collect();
    let (nodes, _) = tree::nodes(drawing, &mut notes);
    let mut option = drawing.base();
    put(&mut option, "tooltip", tree::tooltip(drawing));
    let mut series = drawing.part(
        r#"{"type":"sunburst","radius":["12%","96%"],"nodeClick":false,"sort":null,
        "label":{"fontSize":11,"minAngle":9,"overflow":"truncate","rotate":"radial","width":76},
        "itemStyle":{"borderColor":"@surface","borderWidth":2,"borderRadius":2},"emphasis":{"focus":"ancestor"}}"#,
    );
    let y = drawing.roles.y.first().copied();
    put(&mut series, "name", y.map_or("", |y| drawing.field(y).label.as_str()));
    put(&mut series, "data", nodes);
    put(&mut option, "series", json!([series]));
    Picture { option: Value::Object(option), notes }
}
