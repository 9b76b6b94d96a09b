//! Calendar heatmaps: a number for every day, as colour, one strip a year.

use super::{Info, Kind, needs_a_number};
use crate::calendar::wall_ms;
use crate::drawing::{Drawing, Picture, put};
use crate::marker::Room;
use crate::options::FORMAT;
use crate::pivot::number;
use crate::roles::is_moment;
use crate::scale::Scale;
use crate::text::{count, plural};
use domain::query::Grain;
use domain::{Cell, ChartKind, Field};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const KIND: Kind = Kind {
    info: Info {
        kind: ChartKind::Calendar,
        label: "Calendar heatmap",
        icon: "calendar-days",
        about: "A number for every day of the year, as colour.",
        needs: "A date by day, and a number.",
        options: &[FORMAT],
    },
    suits,
    draw: Some(draw),
};

/// More years than this leave no room for a day.
const MOST_YEARS: usize = 4;

fn is_daily(field: &Field) -> bool {
    is_moment(field) && !matches!(field.grain, Some(Grain::Week | Grain::Month | Grain::Quarter | Grain::Year))
}

fn suits(shape: &[Field], _rows: usize) -> Option<String> {
    needs_a_number(shape).or_else(|| {
        if shape.iter().any(is_daily) {
            None
        } else if shape.iter().any(is_moment) {
            Some("Needs days; this answer has longer periods.".to_owned())
        } else {
            Some("Needs a date, by day.".to_owned())
        }
    })
}

fn draw(drawing: &Drawing<'_>) -> Picture {
    let mut notes: Vec<String> = drawing.truncated_note().into_iter().collect();
    let days = days(drawing, &mut notes);
    let mut years: Vec<&str> = days.keys().filter_map(|d| d.get(..4)).collect::<BTreeSet<_>>().into_iter().collect();
    let found = years.len();
    if found > MOST_YEARS {
        years.drain(..found - MOST_YEARS);
        notes.push(format!("The last {MOST_YEARS} of {} years shown.", count(found)));
    }
    let shown = || days.iter().filter(|(d, _)| years.iter().any(|y| d.starts_with(y)));
    let scale = Scale::of(drawing, shown().map(|(_, v)| *v));
    let format = |room| drawing.roles.y.first().map_or(json!({"kind": "number"}), |y| drawing.format(*y, room));
    let mut option = drawing.base();
    let height = 100.0 / years.len().max(1) as f64;
    let mut calendars = Vec::new();
    let mut series = Vec::new();
    for (i, year) in years.iter().enumerate() {
        let mut calendar = drawing.part(
            r#"{"left":48,"right":6,"cellSize":["auto","auto"],"orient":"horizontal",
            "itemStyle":{"color":"@well","borderColor":"@surface","borderWidth":2},
            "splitLine":{"show":true,"lineStyle":{"color":"@strong","width":1}},
            "dayLabel":{"firstDay":1,"color":"@muted","fontSize":10,"nameMap":"en","margin":6},
            "monthLabel":{"color":"@muted","fontSize":10,"nameMap":"en","margin":6},
            "yearLabel":{"show":true,"position":"left","margin":28,"color":"@text","fontSize":12,"fontWeight":"normal"}}"#,
        );
        put(&mut calendar, "range", *year);
        if years.len() == 1 {
            // The names of the months need their room however low the chart is.
            put(&mut calendar, "top", 20);
            put(&mut calendar, "bottom", 44);
        } else {
            put(&mut calendar, "top", format!("{:.1}%", i as f64 * height * 0.86 + 7.0));
            put(&mut calendar, "height", format!("{:.1}%", height * 0.86 - 9.0));
        }
        calendars.push(Value::Object(calendar));
        let mut days = drawing.part(
            r#"{"type":"heatmap","coordinateSystem":"calendar","emphasis":{"itemStyle":{"borderColor":"@text","borderWidth":1}}}"#,
        );
        put(&mut days, "calendarIndex", i);
        put(&mut days, "name", drawing.roles.y.first().map_or("", |y| drawing.field(*y).label.as_str()));
        let data: Vec<Value> =
            shown().filter(|(d, _)| d.starts_with(year)).map(|(day, value)| json!([day, value])).collect();
        put(&mut days, "data", data);
        series.push(Value::Object(days));
    }
    if years.is_empty() {
        series.push(json!({"type": "heatmap", "coordinateSystem": "calendar", "data": []}));
    }
    put(&mut option, "calendar", calendars);
    put(&mut option, "visualMap", scale.visual_map(drawing, &format(Room::Short)));
    let label = drawing.roles.y.first().map_or("", |y| drawing.field(*y).label.as_str());
    let rows = json!([
        {"field": 0, "label": "", "format": {"kind": "date", "grain": "day", "timezone": "UTC"}},
        {"field": 1, "label": label, "format": format(Room::Full)},
    ]);
    put(&mut option, "tooltip", drawing.tooltip("item", Value::Null, &json!({"rows": rows})));
    put(&mut option, "series", series);
    Picture { option: Value::Object(option), notes }
}

/// The sum of each day; finer times are added up.
fn days(drawing: &Drawing<'_>, notes: &mut Vec<String>) -> BTreeMap<String, f64> {
    let mut days = BTreeMap::new();
    let (Some(x), Some(y)) = (drawing.roles.x.filter(|x| is_moment(drawing.field(*x))), drawing.roles.y.first()) else {
        return days;
    };
    let mut lost = 0;
    let mut added_up = false;
    for (time, cell) in drawing.table.data[x].iter().zip(&drawing.table.data[*y]) {
        let day = time.as_str().filter(|t| wall_ms(t).is_some()).and_then(|t| t.get(..10));
        match (day, number(cell)) {
            (Some(day), Some(value)) => {
                let before = days.get(day).copied();
                added_up |= before.is_some();
                days.insert(day.to_owned(), before.unwrap_or(0.0) + value);
            }
            (None, _) if *time != Cell::Null || number(cell).is_some() => lost += 1,
            _ => {}
        }
    }
    if added_up {
        notes.push("Rows of the same day were added up.".into());
    }
    if lost > 0 {
        notes.push(format!("{} without a date not shown.", plural(lost, "row", "rows")));
    }
    days
}
