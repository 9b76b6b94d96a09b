//! Heatmaps: a number for every pair of two categories, as colour.

use super::{Info, Kind, groups, needs_a_number};
use crate::drawing::{Drawing, Picture, put};
use crate::marker::{self, Room};
use crate::options::{FORMAT, LABELS};
use crate::pivot::number;
use crate::places::Places;
use crate::scale::Scale;
use crate::text::count;
use domain::{ChartKind, Field};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

pub(super) const KIND: Kind = Kind {
    info: Info {
        kind: ChartKind::Heatmap,
        label: "Heatmap",
        icon: "grid-2x2",
        about: "A number for every pair of two categories, as colour.",
        needs: "Two categories and a number.",
        options: &[LABELS, FORMAT],
    },
    suits,
    draw: Some(draw),
};

/// More columns or rows than this leave no room for a cell.
const MOST: (usize, usize) = (120, 60);
/// Fewer cells than this may show their value, where their columns are wide enough: as many letters
/// stand side by side in a chart of usual width.
const LABELLED: usize = 130;
const LETTERS: usize = 45;

fn suits(shape: &[Field], _rows: usize) -> Option<String> {
    needs_a_number(shape).or_else(|| {
        let n = groups(shape);
        (n < 2).then(|| format!("Needs two categories; this answer has {}.", if n == 0 { "none" } else { "one" }))
    })
}

fn draw(drawing: &Drawing<'_>) -> Picture {
    let mut notes: Vec<String> = drawing.truncated_note().into_iter().collect();
    let mut columns = Places::of(drawing.table, drawing.roles.x, false);
    let mut rows = match drawing.roles.color {
        Some(color) => Places::of(drawing.table, Some(color), false),
        None => Places { labels: vec![String::new()], times: None, of_row: vec![Some(0); drawing.table.row_count()] },
    };
    cut(&mut columns, MOST.0, "columns", &mut notes);
    cut(&mut rows, MOST.1, "rows", &mut notes);
    let (cells, added_up) = cells(drawing, &columns, &rows);
    if added_up {
        notes.push("Rows that fell on the same cell were added up.".into());
    }
    let scale = Scale::of(drawing, cells.values().copied());
    let format = |room| drawing.roles.y.first().map_or(json!({"kind": "number"}), |y| drawing.format(*y, room));
    let labels = match drawing.options.choice("labels") {
        "always" => true,
        "never" => false,
        _ => cells.len() <= LABELLED && columns.labels.len() * scale.letters(drawing) <= LETTERS,
    };
    let data: Vec<Value> = cells
        .iter()
        .map(|((column, row), value)| {
            let point = json!([columns.labels[*column], rows.labels[*row], value]);
            if labels { json!({"value": point, "label": {"color": scale.text_on(drawing, *value)}}) } else { point }
        })
        .collect();

    let mut option = drawing.base();
    let bottom = if cells.is_empty() { 2 } else { 34 };
    let grid = json!({"left": 2, "right": 2, "top": 6, "bottom": bottom, "outerBoundsMode": "same", "outerBoundsContain": "axisLabel"});
    put(&mut option, "grid", grid);
    put(&mut option, "xAxis", axis(drawing, drawing.roles.x, &columns, false));
    put(&mut option, "yAxis", axis(drawing, drawing.roles.color, &rows, true));
    put(&mut option, "visualMap", scale.visual_map(drawing, &format(Room::Short)));
    put(&mut option, "tooltip", drawing.tooltip("item", Value::Null, &tooltip(drawing, &format(Room::Full))));
    let mut series = Map::new();
    put(&mut series, "type", "heatmap");
    put(&mut series, "name", drawing.roles.y.first().map_or("", |y| drawing.field(*y).label.as_str()));
    put(&mut series, "data", data);
    put(&mut series, "itemStyle", json!({"borderColor": drawing.colors.surface, "borderWidth": 1, "borderRadius": 2}));
    put(&mut series, "emphasis", json!({"itemStyle": {"borderColor": drawing.colors.text, "borderWidth": 1}}));
    if labels {
        let formatter = marker::formatter(&{
            let mut format = format(Room::Short);
            format["field"] = 2.into();
            format
        });
        put(&mut series, "label", json!({"show": true, "fontSize": 11, "formatter": formatter}));
        put(&mut series, "labelLayout", json!({"hideOverlap": true}));
    }
    put(&mut option, "series", json!([series]));
    Picture { option: Value::Object(option), notes }
}

fn cut(places: &mut Places, most: usize, what: &str, notes: &mut Vec<String>) {
    let found = places.labels.len();
    if found > most {
        places.reorder(&(0..most).collect::<Vec<_>>());
        notes.push(format!("First {most} of {} {what} shown.", count(found)));
    }
}

type Cells = BTreeMap<(usize, usize), f64>;

/// Values by column and row, and whether some had to be added up.
fn cells(drawing: &Drawing<'_>, columns: &Places, rows: &Places) -> (Cells, bool) {
    let mut cells = Cells::new();
    let mut added_up = false;
    let Some(y) = drawing.roles.y.first() else { return (cells, added_up) };
    for (i, cell) in drawing.table.data[*y].iter().enumerate() {
        if let (Some(column), Some(row), Some(value)) = (columns.of_row[i], rows.of_row[i], number(cell)) {
            let before = cells.get(&(column, row)).copied();
            added_up |= before.is_some();
            cells.insert((column, row), before.unwrap_or(0.0) + value);
        }
    }
    (cells, added_up)
}

fn tooltip(drawing: &Drawing<'_>, value: &Value) -> Value {
    let row = |field: usize, column: Option<usize>| {
        column
            .map(|c| json!({"field": field, "label": drawing.field(c).label, "format": drawing.format(c, Room::Full)}))
    };
    let measure =
        drawing.roles.y.first().map(|y| json!({"field": 2, "label": drawing.field(*y).label, "format": value}));
    let rows: Vec<Value> = row(1, drawing.roles.color).into_iter().chain(measure).collect();
    let title = drawing.roles.x.map_or(json!({"kind": "text"}), |x| drawing.format(x, Room::Full));
    json!({"title": title, "rows": rows})
}

fn axis(drawing: &Drawing<'_>, column: Option<usize>, places: &Places, vertical: bool) -> Value {
    let colors = drawing.colors;
    let mut label = Map::new();
    put(&mut label, "color", colors.muted.as_str());
    put(&mut label, "fontSize", 11);
    put(&mut label, "hideOverlap", true);
    let format = column.map(|c| drawing.format(c, Room::Short)).filter(|f| f["kind"] != "text");
    match format {
        Some(format) => put(&mut label, "formatter", marker::formatter(&format)),
        None => {
            put(&mut label, "width", if vertical { 140 } else { 90 });
            put(&mut label, "overflow", "truncate");
        }
    }
    json!({
        "type": "category",
        "data": places.labels,
        // The first row is on top, as in a table.
        "inverse": vertical,
        "axisLine": {"show": false},
        "axisTick": {"show": false},
        "splitLine": {"show": false},
        "axisLabel": label,
    })
}
