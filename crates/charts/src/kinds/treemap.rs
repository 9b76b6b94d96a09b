//! Treemaps: the parts of a whole as areas, parts within parts.

use super::{Info, Kind, needs_a_number};
use crate::drawing::{Drawing, Picture, put};
use crate::marker::{self, Room};
use crate::options::FORMAT;
use crate::roles::is_group;
use crate::tree;
use domain::{ChartKind, Field};
use serde_json::{Value, json};

pub(super) const KIND: Kind = Kind {
    info: Info {
        kind: ChartKind::Treemap,
        label: "Treemap",
        icon: "layout-dashboard",
        about: "The many parts of a whole as areas, parts within parts.",
        needs: "Categories from coarse to fine, and a number that adds up.",
        options: &[FORMAT],
    },
    suits: parts,
    draw: Some(draw),
};

/// Treemap and sunburst: something to divide by.
pub(super) fn parts(shape: &[Field], _rows: usize) -> Option<String> {
    needs_a_number(shape).or_else(|| {
        (!shape.iter().any(is_group)).then(|| "Needs a category to divide by: group by one or more.".to_owned())
    })
}

fn draw(drawing: &Drawing<'_>) -> Picture {
    let mut notes: Vec<String> = drawing.truncated_note().into_iter().collect();
    let (nodes, levels) = tree::nodes(drawing, &mut notes);
    let mut option = drawing.base();
    put(&mut option, "tooltip", tree::tooltip(drawing));
    let mut series = drawing.part(
        r#"{"type":"treemap","left":0,"right":0,"top":0,"bottom":0,"roam":false,"nodeClick":false,"breadcrumb":{"show":false},
        "label":{"show":true,"fontSize":12,"lineHeight":16,"overflow":"truncate","position":"insideTopLeft","padding":[2,2]},
        "upperLabel":{"show":false},"itemStyle":{"borderColor":"@surface","borderWidth":0,"gapWidth":2},
        "emphasis":{"itemStyle":{"borderColor":"@text"}},"visibleMin":60,"childrenVisibleMin":60}"#,
    );
    let y = drawing.roles.y.first().copied();
    let short = y.map_or(json!({"kind": "number", "compact": true}), |y| drawing.format(y, Room::Short));
    series["label"]["formatter"] = marker::pieces(vec![
        json!({"field": "name", "kind": "text"}),
        marker::plain("\n"),
        marker::with(short, "field", "value"),
    ]);
    if levels > 1 {
        put(
            &mut series,
            "levels",
            json!([
                {"itemStyle": {"gapWidth": 4, "borderWidth": 0}},
                {"itemStyle": {"gapWidth": 1, "borderWidth": 2, "borderColor": drawing.colors.surface},
                 "upperLabel": {"show": true, "height": 22, "fontSize": 12, "fontWeight": 550, "overflow": "truncate",
                     "formatter": marker::formatter(&json!({"kind": "text", "field": "name"}))}},
            ]),
        );
    }
    put(&mut series, "name", y.map_or("", |y| drawing.field(y).label.as_str()));
    put(&mut series, "data", nodes);
    put(&mut option, "series", json!([series]));
    Picture { option: Value::Object(option), notes }
}
