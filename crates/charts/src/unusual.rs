//! Moments that detectors found unusual, on charts along that time: a line with a dot, and a sentence.

use crate::drawing::sound;
use crate::pins::{Axis, covered, moments};
use crate::roles::{Roles, is_moment};
use crate::text::{list, plural};
use crate::theme::Theme;
use domain::comment::Place;
use domain::registry::TimeMark;
use domain::{ChartSpec, Table, format};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The series that carries the marks.
pub const SERIES: &str = "unusual";
/// More are not told in words.
const MOST_TOLD: usize = 5;

/// Where marks lie among the places along an axis, each once.
fn places_of(marks: &[TimeMark], table: &Table, x: usize, places: &[String]) -> BTreeSet<usize> {
    let field = &table.columns[x];
    let own = marks.iter().filter(|mark| mark.column == field.name);
    own.filter_map(|mark| {
        let place = Place::Time { column: mark.column.clone(), from: mark.at.clone(), until: None };
        covered(&place, field, places).first().copied()
    })
    .collect()
}

/// Puts marks on a drawn chart. What has no place on its axis is left out, as is everything on charts
/// without an axis of time.
pub fn mark(option: &mut Value, spec: &ChartSpec, table: &Table, theme: Theme, marks: &[TimeMark]) {
    if marks.is_empty() || !option["series"].is_array() {
        return;
    }
    let table = &*sound(table);
    let Some(x) = Roles::of_spec(spec, &table.columns).x.filter(|x| is_moment(&table.columns[*x])) else { return };
    let Some(axis) = Axis::of(option, table, x) else { return };
    let colors = theme.colors();
    let line = |at: usize| {
        let mut line = Map::new();
        line.insert(axis.key.into(), axis.value(&axis.places[at]));
        Value::Object(line)
    };
    let lines: Vec<Value> = places_of(marks, table, x, &axis.places).into_iter().map(line).collect();
    if lines.is_empty() {
        return;
    }
    let series = json!({
        "id": SERIES, "type": "line", "data": [], "animation": false,
        "markLine": {
            "silent": true, "symbol": ["none", "circle"], "symbolSize": 7, "animation": false, "z": 5,
            "lineStyle": {"color": colors.bad, "width": 1, "type": [2, 4], "opacity": 0.8},
            "itemStyle": {"color": colors.bad}, "label": {"show": false}, "data": lines,
        },
    });
    if let Some(all) = option["series"].as_array_mut() {
        all.push(series);
    }
}

/// The marks of a chart in a sentence, for those who do not see it.
pub fn marks_in(spec: &ChartSpec, table: &Table, marks: &[TimeMark], locale: &str) -> Option<String> {
    let table = &*sound(table);
    let x = Roles::of_spec(spec, &table.columns).x.filter(|x| is_moment(&table.columns[*x]))?;
    let field = &table.columns[x];
    let places = moments(table, x);
    let found = places_of(marks, table, x, &places);
    if found.is_empty() {
        return None;
    }
    let name = |at: &usize| format::time(&places[*at], field.grain, locale);
    let mut words: Vec<String> = found.iter().take(MOST_TOLD).map(name).collect();
    if found.len() > MOST_TOLD {
        words.push(plural(found.len() - MOST_TOLD, "more moment", "more moments"));
    }
    Some(format!("Found unusual: {}.", list(&words)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{measure, month, spec, table};
    use domain::ChartKind;

    fn mark_at(at: &str, column: &str) -> TimeMark {
        TimeMark { model_id: "m".into(), name: "Odd".into(), column: column.into(), at: at.into() }
    }

    #[test]
    fn a_moment_is_marked_in_the_period_that_it_lies_in() {
        let rows = json!([["2025-01-01", 1], ["2025-02-01", 2], ["2025-03-01", 3]]);
        let table = table(vec![month(), measure("sum")], rows);
        let spec = spec(ChartKind::Line, json!({}));
        let column = table.columns[0].name.clone();
        let drawn = |marks: &[TimeMark]| {
            let mut option = crate::option(&spec, &table, Theme::Light);
            mark(&mut option, &spec, &table, Theme::Light, marks);
            option["series"].as_array().unwrap().iter().find(|s| s["id"] == SERIES).cloned()
        };
        let marks = [mark_at("2025-02-14", &column), mark_at("2025-02-20", &column), mark_at("2031-01-01", &column)];
        let lines = drawn(&marks).unwrap()["markLine"]["data"].as_array().unwrap().len();
        assert_eq!(lines, 1, "both lie in February, and one in no month of the chart");
        assert_eq!(drawn(&[mark_at("2025-02-14", "other")]), None);
        let words = marks_in(&spec, &table, &marks, "en-US").unwrap();
        assert!(words.starts_with("Found unusual: ") && words.contains("2025"), "{words}");
    }
}
