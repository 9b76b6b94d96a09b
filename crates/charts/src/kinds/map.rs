//! Maps: a number for every country as colour, or points where they lie.

use super::{Info, Kind, needs_a_number};
use crate::countries;
use crate::drawing::{Drawing, Picture, put};
use crate::marker::Room;
use crate::options::{FORMAT, OptionInfo, choice};
use crate::pivot::{members, number, slots};
use crate::roles::{Roles, is_group};
use crate::scale::Scale;
use crate::text::{count, list, plural};
use domain::chart::Encodings;
use domain::{ChartKind, Field};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) const KIND: Kind = Kind {
    info: Info {
        kind: ChartKind::Map,
        label: "Map",
        icon: "earth",
        about: "Numbers by country as colour, or points where they lie.",
        needs: "A column of countries, or latitude and longitude.",
        options: &[REGION, FORMAT],
    },
    suits,
    draw: Some(draw),
};

const REGION: OptionInfo = choice(
    "region",
    "Part of the world",
    "world",
    &[
        ("world", "World"),
        ("europe", "Europe"),
        ("north_america", "North America"),
        ("south_america", "South America"),
        ("africa", "Africa"),
        ("asia", "Asia"),
        ("oceania", "Oceania"),
    ],
);
/// More points than this are drawn in bulk.
const BULK: usize = 3000;
/// As many colours as can be told apart.
const MOST_COLORS: usize = 9;

/// Whether an answer has latitude and longitude.
fn has_points(shape: &[Field]) -> bool {
    let roles = Roles::of_kind(ChartKind::Map, shape, &Encodings::default());
    roles.x.is_some_and(|x| shape[x].ty.is_number())
        && roles.y.len() == 1
        && shape[roles.y[0]].ty.is_number()
        && ["lat", "latitude"].iter().any(|n| shape[roles.y[0]].name.to_lowercase().ends_with(n))
}

fn suits(shape: &[Field], _rows: usize) -> Option<String> {
    if has_points(shape) {
        return None;
    }
    needs_a_number(shape).or_else(|| {
        let named = shape.iter().any(|f| is_group(f) && !f.ty.is_number() && !f.ty.is_time());
        (!named).then(|| "Needs a column of countries, or one of latitudes and one of longitudes.".to_owned())
    })
}

/// What part of the world is seen: its upper left and lower right corner.
fn bounds(region: &str) -> Value {
    match region {
        "europe" => json!([[-25, 71], [45, 34]]),
        "north_america" => json!([[-170, 75], [-50, 7]]),
        "south_america" => json!([[-85, 14], [-32, -56]]),
        "africa" => json!([[-20, 38], [53, -36]]),
        "asia" => json!([[25, 60], [150, -12]]),
        "oceania" => json!([[110, 2], [180, -48]]),
        _ => json!([[-170, 84], [190, -57]]),
    }
}

fn draw(drawing: &Drawing<'_>) -> Picture {
    let mut notes: Vec<String> = drawing.truncated_note().into_iter().collect();
    let option =
        if has_points(&drawing.table.columns) { points(drawing, &mut notes) } else { countries(drawing, &mut notes) };
    Picture { option, notes }
}

fn countries(drawing: &Drawing<'_>, notes: &mut Vec<String>) -> Value {
    let mut sums: BTreeMap<&'static str, (f64, &'static str)> = BTreeMap::new();
    let mut unknown: Vec<String> = Vec::new();
    let mut added_up = false;
    if let (Some(x), Some(y)) = (drawing.roles.x, drawing.roles.y.first()) {
        for (name, cell) in drawing.table.data[x].iter().zip(&drawing.table.data[*y]) {
            let Some(value) = number(cell) else { continue };
            let text = name.to_text();
            match countries::find(&text) {
                Some(country) => {
                    added_up |= sums.contains_key(country.name);
                    sums.entry(country.name).or_insert((0.0, country.shape)).0 += value;
                }
                None if !unknown.contains(&text) => unknown.push(text),
                None => {}
            }
        }
    }
    if added_up {
        notes.push("Rows of the same country were added up.".into());
    }
    if !unknown.is_empty() {
        let shown: Vec<String> = unknown
            .iter()
            .take(3)
            .map(|n| if n.is_empty() { "(empty)".into() } else { n.chars().take(40).collect() })
            .collect();
        let more = if unknown.len() > 3 { " and others" } else { "" };
        let places = plural(unknown.len(), "place", "places");
        notes.push(format!(
            "{places} not on this map: {}{more}.",
            if more.is_empty() { list(&shown) } else { shown.join(", ") }
        ));
    }
    let y = drawing.roles.y.first().copied();
    let format = |room| y.map_or(json!({"kind": "number"}), |y| drawing.format(y, room));
    let label = y.map_or("", |y| drawing.field(y).label.as_str());
    let scale = Scale::of(drawing, sums.values().map(|(v, _)| *v));
    let mut option = drawing.base();
    let rows = json!([{"label": label, "format": format(Room::Full)}]);
    put(
        &mut option,
        "tooltip",
        drawing.tooltip("item", Value::Null, &json!({"title": {"kind": "text"}, "rows": rows})),
    );
    put(&mut option, "visualMap", scale.visual_map(drawing, &format(Room::Short)));
    let mut series = drawing.part(
        r#"{"type":"map","map":"world","roam":true,"scaleLimit":{"min":1,"max":12},"left":2,"right":2,"top":2,"bottom":36,
        "selectedMode":false,"itemStyle":{"areaColor":"@well","borderColor":"@surface","borderWidth":0.5},
        "label":{"show":false},"emphasis":{"label":{"show":false},"itemStyle":{"areaColor":null,"borderColor":"@text","borderWidth":1}}}"#,
    );
    put(&mut series, "boundingCoords", bounds(drawing.options.choice("region")));
    let renamed: serde_json::Map<String, Value> =
        countries::renamed().map(|c| (c.shape.to_owned(), c.name.into())).collect();
    put(&mut series, "nameMap", renamed);
    put(&mut series, "name", label);
    let data: Vec<Value> = sums.iter().map(|(name, (value, _))| json!({"name": name, "value": value})).collect();
    put(&mut series, "data", data);
    put(&mut option, "series", json!([series]));
    Value::Object(option)
}

fn points(drawing: &Drawing<'_>, notes: &mut Vec<String>) -> Value {
    let table = drawing.table;
    let mut option = drawing.base();
    let (Some(lon), Some(lat)) = (drawing.roles.x, drawing.roles.y.first().copied()) else {
        return drawing.empty("Needs latitudes and longitudes.");
    };
    let at = |row: usize| {
        let (x, y) = (number(&table.data[lon][row])?, number(&table.data[lat][row])?);
        (x.abs() <= 180.0 && y.abs() <= 90.0).then_some([x, y])
    };
    let placed: Vec<(usize, [f64; 2])> = (0..table.row_count()).filter_map(|r| Some((r, at(r)?))).collect();
    let lost = table.row_count() - placed.len();
    if lost > 0 {
        notes.push(format!("{} without a place on earth not shown.", plural(lost, "row", "rows")));
    }
    let size = drawing.roles.size;
    let measure = |row: usize| size.and_then(|s| number(&table.data[s][row])).unwrap_or(0.0).max(0.0);
    let most = placed.iter().map(|(r, _)| measure(*r)).fold(f64::MIN_POSITIVE, f64::max);
    let bulk = placed.len() > BULK;
    if bulk && size.is_some() {
        notes.push(format!("With more than {} points all are drawn in one size.", count(BULK)));
    }
    let (names, of_row) = match drawing.roles.color {
        Some(color) => members(table, color),
        None => (vec![String::new()], vec![0; table.row_count()]),
    };
    // Where nearly every point has a name of its own, the name is in the tooltip and not a colour.
    let colored = names.len() > 1 && names.len() <= MOST_COLORS;
    let slots = slots(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let mut groups: Vec<Vec<Value>> = vec![Vec::new(); if colored { names.len() } else { 1 }];
    for (row, place) in &placed {
        let member = of_row[*row];
        let mut item = json!({"value": [place[0], place[1], measure(*row)]});
        if drawing.roles.color.is_some() {
            item["name"] = names[member].as_str().into();
        }
        if size.is_some() && !bulk {
            item["symbolSize"] = (4.0 + 26.0 * (measure(*row) / most).sqrt()).round().into();
        }
        groups[if colored { member } else { 0 }].push(item);
    }
    let mut geo = drawing.part(
        r#"{"map":"world","roam":true,"scaleLimit":{"min":1,"max":20},"left":2,"right":2,"top":2,"bottom":2,"silent":true,
        "itemStyle":{"areaColor":"@well","borderColor":"@surface","borderWidth":0.5},"emphasis":{"disabled":true}}"#,
    );
    put(&mut geo, "boundingCoords", bounds(drawing.options.choice("region")));
    put(&mut option, "geo", geo);
    let series = groups.into_iter().enumerate().map(|(i, data)| {
        let mut series = drawing.part(
            r#"{"type":"scatter","coordinateSystem":"geo","symbolSize":7,"itemStyle":{"opacity":0.75,"borderColor":"@surface","borderWidth":0.5},
            "emphasis":{"itemStyle":{"opacity":1,"borderColor":"@text"}}}"#,
        );
        series["itemStyle"]["color"] = drawing.colors.category(if colored { slots[i] } else { 0 }).into();
        put(&mut series, "name", if colored { names[i].as_str() } else { "" });
        if bulk {
            put(&mut series, "large", true);
        }
        put(&mut series, "data", data);
        Value::Object(series)
    });
    put(&mut option, "series", series.collect::<Vec<_>>());
    if colored {
        let mut legend = drawing.legend();
        legend["backgroundColor"] = drawing.colors.surface.as_str().into();
        legend["borderRadius"] = 4.into();
        put(&mut option, "legend", legend);
    }
    let size_row =
        size.map(|s| json!({"field": 2, "label": drawing.field(s).label, "format": drawing.format(s, Room::Full)}));
    let place = |field: usize, column: usize| json!({"field": field, "label": drawing.field(column).label, "format": {"kind": "number", "decimals": 2}});
    let rows: Vec<Value> = size_row.into_iter().chain([place(1, lat), place(0, lon)]).collect();
    put(
        &mut option,
        "tooltip",
        drawing.tooltip("item", Value::Null, &json!({"title": {"kind": "text"}, "rows": rows})),
    );
    Value::Object(option)
}
