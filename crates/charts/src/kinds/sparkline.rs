//! Sparklines: a line as small as a word, with its last value.

use super::{Info, Kind, needs_a_run};
use crate::drawing::{Drawing, Picture, put};
use crate::marker::{self, Room};
use crate::number::reading;
use crate::options::{FORMAT, OptionInfo, on};
use crate::pivot::number;
use crate::text::count;
use domain::ChartKind;
use serde_json::{Map, Value, json};

pub(super) const KIND: Kind = Kind {
    info: Info {
        kind: ChartKind::Sparkline,
        label: "Sparkline",
        icon: "activity",
        about: "A line as small as a word, with its last value.",
        needs: "A date and a number.",
        options: &[LAST, FORMAT],
    },
    suits: needs_a_run,
    draw: Some(draw),
};

const LAST: OptionInfo = on("last", "Last value beside the line", "");
/// More points than this are not to be seen in so small a line.
const MOST_POINTS: usize = 500;

fn draw(drawing: &Drawing<'_>) -> Picture {
    let mut notes: Vec<String> = drawing.truncated_note().into_iter().collect();
    let mut option = drawing.base();
    let last = drawing.options.on("last");
    let grid =
        if last { r#"{"left":6,"right":64,"top":8,"bottom":8}"# } else { r#"{"left":6,"right":6,"top":8,"bottom":8}"# };
    put(&mut option, "grid", drawing.part(grid));
    line(drawing, &mut option, last, &mut notes);
    Picture { option: Value::Object(option), notes }
}

/// The line without axes; the last point, and its value where there is room, is marked.
pub(super) fn line(drawing: &Drawing<'_>, option: &mut Map<String, Value>, last: bool, notes: &mut Vec<String>) {
    let mut rows = reading(drawing).1;
    if rows.len() > MOST_POINTS {
        notes.push(format!("The last {MOST_POINTS} of {} points shown.", count(rows.len())));
        rows.drain(..rows.len() - MOST_POINTS);
    }
    let y = drawing.roles.y.first().copied();
    let values: Vec<Option<f64>> =
        y.map_or(Vec::new(), |y| rows.iter().map(|r| number(&drawing.table.data[y][*r])).collect());
    let format = |room| y.map_or(json!({"kind": "number"}), |y| drawing.format(y, room));
    let names: Vec<Value> = match drawing.roles.x {
        Some(x) => {
            rows.iter().map(|r| crate::places::member(&drawing.table.data[x][*r], drawing.field(x)).into()).collect()
        }
        None => rows.iter().map(|r| (r + 1).into()).collect(),
    };
    let mut x = drawing.part(r#"{"type":"category","show":false,"boundaryGap":false}"#);
    put(&mut x, "data", names);
    put(option, "xAxis", x);
    put(option, "yAxis", drawing.part(r#"{"type":"value","show":false,"scale":true}"#));
    let end = values.iter().rposition(Option::is_some);
    let mut data: Vec<Value> = values.iter().map(|v| json!(v)).collect();
    if let Some(end) = end {
        let mut item = drawing.part(r#"{"symbolSize":7,"label":{"position":"right","distance":8,"fontSize":13,"fontWeight":550,"color":"@text"}}"#);
        put(&mut item, "value", values[end]);
        item["label"]["show"] = last.into();
        item["label"]["formatter"] = marker::formatter(&format(Room::Short));
        data[end] = Value::Object(item);
    }
    let mut series = drawing.part(
        r#"{"type":"line","symbol":"circle","symbolSize":0,"showSymbol":true,"showAllSymbol":true,"clip":false,
        "itemStyle":{"color":"@cat1"},"lineStyle":{"color":"@cat1","width":2,"join":"round","cap":"round"},
        "areaStyle":{"color":"@cat1","opacity":0.08,"origin":"start"}}"#,
    );
    put(&mut series, "name", y.map_or("", |y| drawing.field(y).label.as_str()));
    put(&mut series, "data", data);
    let pointer = json!({"type": "line", "lineStyle": {"color": drawing.colors.line_strong, "width": 1, "type": "solid"}, "label": {"show": false}});
    let title = drawing.roles.x.map_or(json!({"kind": "text"}), |x| drawing.format(x, Room::Full));
    put(option, "tooltip", drawing.tooltip("axis", pointer, &json!({"title": title, "value": format(Room::Full)})));
    put(option, "series", json!([series]));
}
