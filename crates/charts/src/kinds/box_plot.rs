//! Box plots: where the middle half of a number lies, and how far the rest reaches. Quartiles come
//! from the query (minimum, p25, median, p75, maximum); from single rows they are taken here.

use super::{Info, Kind, measures, needs_a_number};
use crate::drawing::{Drawing, Picture, put};
use crate::marker::{self, Room};
use crate::options::{FORMAT, LOG};
use crate::pivot::number;
use crate::places::Places;
use crate::stats::quantile;
use crate::text::count;
use domain::{ChartKind, Field};
use serde_json::{Value, json};

pub(super) const KIND: Kind = Kind {
    info: Info {
        kind: ChartKind::BoxPlot,
        label: "Box plot",
        icon: "chart-candlestick",
        about: "Where the middle half of a number lies, and how far it reaches.",
        needs: "A number; a category for one box each.",
        options: &[LOG, FORMAT],
    },
    suits,
    draw: Some(draw),
};

/// More boxes than this cannot be compared.
const MOST_BOXES: usize = 50;
/// Minimum, first quartile, median, third quartile, maximum.
const FIVE: usize = 5;

fn suits(shape: &[Field], rows: usize) -> Option<String> {
    needs_a_number(shape).or_else(|| {
        let n = measures(shape);
        if n == FIVE || (n == 1 && rows != 1) {
            None
        } else if n == 1 {
            Some("Needs several values to see how they spread; this answer has one row.".to_owned())
        } else {
            Some(
                "Needs minimum, lower quartile, median, upper quartile and maximum, or one number in many rows.".into(),
            )
        }
    })
}

fn draw(drawing: &Drawing<'_>) -> Picture {
    let mut notes: Vec<String> = drawing.truncated_note().into_iter().collect();
    let ys = &drawing.roles.y;
    let mut places = match drawing.roles.x {
        Some(x) => Places::of(drawing.table, Some(x), false),
        None => Places { labels: vec![String::new()], times: None, of_row: vec![Some(0); drawing.table.row_count()] },
    };
    let found = places.labels.len();
    if found > MOST_BOXES {
        places.reorder(&(0..MOST_BOXES).collect::<Vec<_>>());
        notes.push(format!("First {MOST_BOXES} of {} shown.", count(found)));
    }
    let boxes = boxes(drawing, &places);
    if ys.len() < FIVE && drawing.table.truncated {
        notes.push("The quartiles are of the rows at hand only.".into());
    }
    notes.push("Lines reach to the smallest and the largest value.".into());
    let log = drawing.options.on("log");
    let low = boxes.iter().flatten().map(|b| b[0]).fold(f64::MAX, f64::min);
    let log = log && low > 0.0;
    if drawing.options.on("log") && !log {
        notes.push("Values at or below zero have no place on a logarithmic axis, so it is even.".into());
    }
    let mut option = drawing.base();
    put(
        &mut option,
        "grid",
        drawing.part(
            r#"{"left":2,"right":10,"top":26,"bottom":2,"outerBoundsMode":"same","outerBoundsContain":"axisLabel"}"#,
        ),
    );
    let mut x = drawing.part(
        r#"{"type":"category","axisTick":{"show":false},"axisLine":{"lineStyle":{"color":"@strong"}},
        "axisLabel":{"color":"@muted","fontSize":11,"hideOverlap":true,"overflow":"truncate","width":110}}"#,
    );
    let x_format = drawing.roles.x.map(|x| drawing.format(x, Room::Short)).filter(|f| f["kind"] != "text");
    if let Some(format) = x_format {
        x["axisLabel"]["formatter"] = marker::formatter(&format);
    }
    put(&mut x, "data", json!(places.labels));
    put(&mut option, "xAxis", x);
    let mut y = drawing.part(
        r#"{"type":"value","scale":true,"splitNumber":4,"axisLine":{"show":false},"axisTick":{"show":false},
        "splitLine":{"lineStyle":{"color":"@line"}},"axisLabel":{"color":"@muted","fontSize":11},
        "nameLocation":"end","nameGap":10,"nameTextStyle":{"color":"@muted","fontSize":11,"align":"left"}}"#,
    );
    if log {
        put(&mut y, "type", "log");
    }
    let middle = ys.get(if ys.len() >= FIVE { 2 } else { 0 }).copied();
    let format = |room| middle.map_or(json!({"kind": "number"}), |y| drawing.format(y, room));
    y["axisLabel"]["formatter"] = marker::formatter(&format(Room::Short));
    put(&mut y, "name", middle.map_or("", |y| drawing.field(y).label.as_str()));
    put(&mut option, "yAxis", y);
    let names = ["Minimum", "Lower quartile", "Median", "Upper quartile", "Maximum"];
    let rows: Vec<Value> =
        (0..FIVE).rev().map(|i| json!({"field": i + 1, "label": names[i], "format": format(Room::Full)})).collect();
    let title = drawing.roles.x.map_or(json!({"kind": "text"}), |x| drawing.format(x, Room::Full));
    put(&mut option, "tooltip", drawing.tooltip("item", Value::Null, &json!({"title": title, "rows": rows})));
    let mut series = drawing.part(
        r#"{"type":"boxplot","boxWidth":[8,40],"itemStyle":{"color":"@well","borderColor":"@cat1","borderWidth":1.5},
        "emphasis":{"itemStyle":{"borderWidth":2,"shadowBlur":0,"shadowOffsetX":0,"shadowOffsetY":0}}}"#,
    );
    let data: Vec<Value> = boxes.iter().map(|b| b.map_or(Value::Null, |five| json!(five))).collect();
    put(&mut series, "data", data);
    put(&mut option, "series", json!([series]));
    Picture { option: Value::Object(option), notes }
}

fn boxes(drawing: &Drawing<'_>, places: &Places) -> Vec<Option<[f64; FIVE]>> {
    let ys = &drawing.roles.y;
    let mut values: Vec<Vec<f64>> = vec![Vec::new(); places.labels.len()];
    let mut boxes = vec![None; places.labels.len()];
    for (row, place) in places.of_row.iter().enumerate() {
        let Some(place) = *place else { continue };
        let cell = |i: usize| ys.get(i).and_then(|y| number(&drawing.table.data[*y][row]));
        if ys.len() >= FIVE {
            if let (Some(a), Some(b), Some(c), Some(d), Some(e)) = (cell(0), cell(1), cell(2), cell(3), cell(4)) {
                let mut five = [a, b, c, d, e];
                five.sort_by(f64::total_cmp);
                boxes[place] = Some(five);
            }
        } else if let Some(value) = cell(0) {
            values[place].push(value);
        }
    }
    for (found, place) in values.iter_mut().zip(&mut boxes) {
        if let (Some(a), Some(b), Some(c), Some(d), Some(e)) = (
            quantile(found, 0.0),
            quantile(found, 0.25),
            quantile(found, 0.5),
            quantile(found, 0.75),
            quantile(found, 1.0),
        ) {
            *place = Some([a, b, c, d, e]);
        }
    }
    boxes
}
