//! Points: how two numbers go together.

use super::{Info, Kind, measures};
use crate::calendar::wall_ms;
use crate::drawing::{Drawing, Picture, put};
use crate::marker::{self, Room};
use crate::options::{FORMAT, LEGEND, LOG};
use crate::pivot::{largest, members, number, slots};
use crate::places::unique;
use crate::roles::{is_group, is_moment};
use crate::text::{count, plural};
use domain::{ChartKind, Field};
use serde_json::{Map, Value, json};
use std::collections::HashSet;

pub(super) const KIND: Kind = Kind {
    info: Info {
        kind: ChartKind::Scatter,
        label: "Scatter",
        icon: "chart-scatter",
        about: "How two numbers go together, point by point.",
        needs: "Two numbers; a third for the size, a category for each point.",
        options: &[LOG, LEGEND, FORMAT],
    },
    suits,
    draw: Some(draw),
};

/// As many colours as can be told apart; the rest of the members share a grey.
const MOST_COLORS: usize = 10;
/// More points than this are drawn in bulk, all of one size.
const BULK: usize = 3000;
/// Diameter of the smallest and the largest point.
const SIZES: (f64, f64) = (5.0, 36.0);

fn suits(shape: &[Field], rows: usize) -> Option<String> {
    if measures(shape) < 2 {
        Some("Needs two numbers, one for each axis.".to_owned())
    } else if rows == 1 {
        Some("Needs more than one point; this answer has one row.".to_owned())
    } else {
        None
    }
}

struct Point {
    row: usize,
    at: [f64; 2],
}

fn draw(drawing: &Drawing<'_>) -> Picture {
    let mut notes: Vec<String> = drawing.truncated_note().into_iter().collect();
    let points = points(drawing, &mut notes);
    let groups = groups(drawing, &points, &mut notes);
    let bulk = points.len() > BULK;
    if bulk && drawing.roles.size.is_some() {
        notes.push(format!("With more than {} points all are drawn in one size.", count(BULK)));
    }
    let largest =
        |size: usize| points.iter().filter_map(|p| number(&drawing.table.data[size][p.row])).fold(0.0, f64::max);
    let scale = drawing.roles.size.filter(|_| !bulk).map(|size| (size, largest(size)));
    let series: Vec<Value> = groups.iter().map(|g| series(drawing, g, &points, scale, bulk)).collect();

    let mut option = drawing.base();
    let legend = drawing.legend_room().filter(|_| series.len() > 1);
    let [above, right, below] = legend.unwrap_or_default();
    let grid = json!({"left": 2, "right": 14 + right, "top": 8 + above, "bottom": 2 + below, "outerBoundsMode": "same", "outerBoundsContain": "all"});
    put(&mut option, "grid", grid);
    put(&mut option, "xAxis", axis(drawing, drawing.roles.x, true));
    put(&mut option, "yAxis", axis(drawing, drawing.roles.y.first().copied(), false));
    if legend.is_some() {
        put(&mut option, "legend", drawing.legend());
    }
    put(&mut option, "tooltip", drawing.tooltip("item", Value::Null, &tooltip(drawing)));
    put(&mut option, "series", series);
    Picture { option: Value::Object(option), notes }
}

fn position(drawing: &Drawing<'_>, column: usize, row: usize) -> Option<f64> {
    let cell = drawing.table.data[column].get(row)?;
    let field = drawing.field(column);
    if is_moment(field) {
        return cell.as_str().and_then(wall_ms).map(|ms| ms as f64);
    }
    let n = number(cell)?;
    // Zero and below have no place on a logarithmic axis.
    (n > 0.0 || !drawing.options.on("log")).then_some(n)
}

fn points(drawing: &Drawing<'_>, notes: &mut Vec<String>) -> Vec<Point> {
    let (Some(x), Some(y)) = (drawing.roles.x, drawing.roles.y.first().copied()) else { return Vec::new() };
    let rows = drawing.table.row_count();
    let points: Vec<Point> = (0..rows)
        .filter_map(|row| Some(Point { row, at: [position(drawing, x, row)?, position(drawing, y, row)?] }))
        .collect();
    let lost = rows - points.len();
    if lost > 0 {
        notes.push(format!("{} without a place on both axes not shown.", plural(lost, "row", "rows")));
    }
    points
}

struct Group {
    name: String,
    color: String,
    points: Vec<usize>,
}

/// The points by colour.
fn groups(drawing: &Drawing<'_>, points: &[Point], notes: &mut Vec<String>) -> Vec<Group> {
    let all = || (0..points.len()).collect();
    let Some(color) = drawing.roles.color else {
        let name = drawing.roles.y.first().map_or(String::new(), |y| drawing.field(*y).label.clone());
        return vec![Group { name, color: drawing.colors.category(0).to_owned(), points: all() }];
    };
    let (names, of_row) = members(drawing.table, color);
    let mut by_member: Vec<Vec<usize>> = vec![Vec::new(); names.len()];
    for (i, point) in points.iter().enumerate() {
        by_member[of_row[point.row]].push(i);
    }
    if names.len() > MOST_COLORS && names.len() * 2 > points.len() {
        // Nearly every point is a member of its own: its name is in the tooltip.
        let name = drawing.field(color).label.clone();
        return vec![Group { name, color: drawing.colors.category(0).to_owned(), points: all() }];
    }
    let sizes: Vec<f64> = by_member.iter().map(|p| p.len() as f64).collect();
    let shown = largest(&sizes, if names.len() > MOST_COLORS { MOST_COLORS - 1 } else { MOST_COLORS });
    let slots = slots(&shown.iter().map(|i| names[*i].as_str()).collect::<Vec<_>>());
    let mut taken = HashSet::new();
    let mut groups: Vec<Group> = shown
        .iter()
        .zip(slots)
        .map(|(i, slot)| Group {
            name: unique(&names[*i], &mut taken),
            color: drawing.colors.category(slot).to_owned(),
            points: std::mem::take(&mut by_member[*i]),
        })
        .collect();
    let others = names.len() - shown.len();
    if others > 0 {
        notes.push(format!("The {} smallest of {} groups share a grey.", count(others), count(names.len())));
        let points = by_member.into_iter().flatten().collect();
        let name = unique(&format!("Others ({})", count(others)), &mut taken);
        groups.insert(0, Group { name, color: drawing.colors.line_strong.clone(), points });
    }
    groups
}

fn series(drawing: &Drawing<'_>, group: &Group, points: &[Point], scale: Option<(usize, f64)>, bulk: bool) -> Value {
    let extra: Vec<usize> = extra_columns(drawing);
    let data: Vec<Value> = group
        .points
        .iter()
        .map(|i| {
            let point = &points[*i];
            let mut value = vec![json!(point.at[0]), json!(point.at[1])];
            value.extend(extra.iter().map(|c| drawing.table.data[*c][point.row].to_json()));
            let Some((size, largest)) = scale else { return Value::Array(value) };
            let part =
                number(&drawing.table.data[size][point.row]).unwrap_or(0.0).max(0.0) / largest.max(f64::MIN_POSITIVE);
            // The area, not the diameter, is what people compare.
            let diameter = (SIZES.0 + (SIZES.1 - SIZES.0) * part.clamp(0.0, 1.0).sqrt()).round();
            json!({"value": value, "symbolSize": diameter})
        })
        .collect();
    let opacity = match points.len() {
        0..200 => 0.75,
        200..2000 => 0.55,
        _ => 0.45,
    };
    let mut series = Map::new();
    put(&mut series, "type", "scatter");
    put(&mut series, "name", group.name.as_str());
    put(&mut series, "data", data);
    put(&mut series, "encode", json!({"x": 0, "y": 1}));
    put(&mut series, "symbolSize", if points.len() > 500 { 5 } else { 8 });
    put(&mut series, "itemStyle", json!({"color": group.color, "opacity": opacity}));
    put(&mut series, "emphasis", json!({"focus": "series", "itemStyle": {"opacity": 1}}));
    if bulk {
        put(&mut series, "large", true);
        put(&mut series, "largeThreshold", BULK);
    }
    Value::Object(series)
}

/// Columns that say more about a point: its size, and what it is called.
fn extra_columns(drawing: &Drawing<'_>) -> Vec<usize> {
    let roles = &drawing.roles;
    let groups = (0..drawing.table.columns.len()).filter(|c| is_group(drawing.field(*c)) && Some(*c) != roles.x);
    roles.size.into_iter().chain(groups.take(3)).collect()
}

fn tooltip(drawing: &Drawing<'_>) -> Value {
    let row = |dimension: usize, column: usize| {
        let field = drawing.field(column);
        let on_axis = dimension < 2 && is_moment(field);
        let format = if on_axis { marker::time_format(field) } else { drawing.format(column, Room::Full) };
        json!({"field": dimension, "label": field.label, "format": format})
    };
    let (Some(x), Some(y)) = (drawing.roles.x, drawing.roles.y.first()) else { return json!({"rows": []}) };
    let extra = extra_columns(drawing);
    let names = extra.iter().enumerate().filter(|(_, c)| is_group(drawing.field(**c))).map(|(i, c)| row(i + 2, *c));
    let size = drawing.roles.size.map(|c| row(2, c));
    let rows: Vec<Value> = names.chain([row(0, x), row(1, *y)]).chain(size).collect();
    json!({"rows": rows})
}

fn axis(drawing: &Drawing<'_>, column: Option<usize>, horizontal: bool) -> Value {
    let colors = drawing.colors;
    let mut axis = Map::new();
    let mut label = json!({"color": colors.muted, "fontSize": 11, "hideOverlap": true});
    let field = column.map(|c| drawing.field(c));
    if field.is_some_and(is_moment) {
        put(&mut axis, "type", "time");
    } else {
        let log = drawing.options.on("log");
        put(&mut axis, "type", if log { "log" } else { "value" });
        put(&mut axis, "splitNumber", if log { Value::Null } else { 5.into() });
        put(&mut axis, "scale", true);
        let format = column.map_or(json!({"kind": "number", "compact": true}), |c| drawing.format(c, Room::Short));
        label["formatter"] = marker::formatter(&format);
    }
    put(&mut axis, "name", field.map_or(Value::Null, |f| f.label.as_str().into()));
    put(&mut axis, "nameLocation", if horizontal { "middle" } else { "end" });
    put(&mut axis, "nameGap", if horizontal { 24 } else { 10 });
    let align = if horizontal { "center" } else { "left" };
    put(&mut axis, "nameTextStyle", json!({"color": colors.muted, "fontSize": 11, "align": align}));
    put(
        &mut axis,
        "axisLine",
        json!({"show": horizontal, "onZero": false, "lineStyle": {"color": colors.line_strong}}),
    );
    put(&mut axis, "axisTick", json!({"show": false}));
    put(&mut axis, "splitLine", json!({"show": true, "lineStyle": {"color": colors.line}}));
    put(&mut axis, "axisLabel", label);
    Value::Object(axis)
}
