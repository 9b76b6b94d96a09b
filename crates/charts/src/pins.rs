//! What people said about places of a chart, shown where it belongs: a line at a time or category with
//! the number of comments, an area along a stretch. A place is a value of the axis, so it stays where
//! it is when rows come.

use crate::calendar::wall_ms;
use crate::drawing::sound;
use crate::places::{EMPTY, member};
use crate::roles::{Roles, is_moment};
use crate::text::{list, plural};
use crate::theme::Theme;
use domain::comment::Place;
use domain::connect::span;
use domain::{ChartSpec, Field, Table, format};
use serde_json::{Map, Value, json};

/// The series that carries the marks; a click on one of them says it.
pub const SERIES: &str = "threads";
/// More are not told in words.
const MOST_TOLD: usize = 5;

/// A thread with its place on a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Pin {
    /// Its id.
    pub thread: String,
    /// The column of the answer that the place is of.
    pub column: usize,
    pub place: Place,
    /// How many comments it has.
    pub comments: usize,
}

/// An axis that something can be pinned to.
pub(crate) struct Axis {
    /// What ECharts calls it.
    pub(crate) key: &'static str,
    /// What lies along it: names of categories, or moments.
    pub(crate) places: Vec<String>,
    /// A time axis: places are milliseconds there.
    is_time: bool,
}

impl Axis {
    pub(crate) fn of(option: &Value, table: &Table, column: usize) -> Option<Self> {
        let axis = |key: &'static str| {
            let axis = if option[key].is_array() { &option[key][0] } else { &option[key] };
            match axis["type"].as_str()? {
                "category" => {
                    let name = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
                    let places = axis["data"].as_array()?.iter().map(name).collect();
                    Some(Self { key, places, is_time: false })
                }
                "time" => Some(Self { key, places: moments(table, column), is_time: true }),
                _ => None,
            }
        };
        axis("xAxis").or_else(|| axis("yAxis"))
    }

    /// Where a place is, as ECharts takes it.
    pub(crate) fn value(&self, place: &str) -> Value {
        if self.is_time { wall_ms(place).map_or(Value::Null, Value::from) } else { place.into() }
    }

    fn is_lying(&self) -> bool {
        self.key == "yAxis"
    }
}

/// The moments of a column, in their order.
pub(crate) fn moments(table: &Table, column: usize) -> Vec<String> {
    let cells = table.data.get(column).into_iter().flatten();
    let mut all: Vec<(i64, &str)> = cells.filter_map(|c| c.as_str()).filter_map(|t| Some((wall_ms(t)?, t))).collect();
    all.sort_unstable();
    all.dedup_by_key(|(ms, _)| *ms);
    all.into_iter().map(|(_, text)| text.to_owned()).collect()
}

/// Which of the places along an axis a place covers.
pub(crate) fn covered(place: &Place, field: &Field, places: &[String]) -> Vec<usize> {
    let (from, until) = match place {
        Place::Values { values, .. } => {
            let is = |label: &String| values.iter().any(|v| is_called(v.as_deref(), label, field));
            return places.iter().enumerate().filter(|(_, label)| is(label)).map(|(i, _)| i).collect();
        }
        Place::Time { from, until, .. } => (wall_ms(from), until.as_deref().map(wall_ms)),
    };
    let Some(from) = from.filter(|_| is_moment(field)) else { return Vec::new() };
    let within = |ms: i64| match until {
        Some(Some(until)) => from <= ms && ms < until,
        _ => ms == from,
    };
    let all: Vec<usize> = (0..places.len()).filter(|i| wall_ms(&places[*i]).is_some_and(within)).collect();
    if !all.is_empty() {
        return all;
    }
    // A day lies in its month.
    let holds = |label: &String| {
        let (first, end) = span(field.grain?, label)?;
        Some(wall_ms(&first)? <= from && from < wall_ms(&end)?)
    };
    places.iter().position(|label| holds(label) == Some(true)).into_iter().collect()
}

/// Whether a member is written so.
fn is_called(value: Option<&str>, label: &str, field: &Field) -> bool {
    match value {
        None => label == EMPTY,
        Some("") => label == "(blank)",
        Some(text) if text == label => true,
        Some(text) if field.ty.is_number() => {
            text.parse::<f64>().ok().zip(label.parse::<f64>().ok()).is_some_and(|(a, b)| a == b)
        }
        Some(_) => false,
    }
}

/// First and last of each run of neighbours.
fn runs(covered: &[usize]) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for i in covered {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == *i => *last = *i,
            _ => runs.push((*i, *i)),
        }
    }
    runs
}

/// Puts threads on a drawn chart. What has no place on its axis is left out, as is everything on
/// charts without an axis.
pub fn pin(option: &mut Value, spec: &ChartSpec, table: &Table, theme: Theme, pins: &[Pin]) {
    let table = &*sound(table);
    let Some(x) = Roles::of_spec(spec, &table.columns).x else { return };
    if pins.iter().all(|pin| pin.column != x) || !option["series"].is_array() {
        return;
    }
    let Some(axis) = Axis::of(option, table, x) else { return };
    let field = &table.columns[x];
    let colors = theme.colors();
    // Where a line is, how many comments it tells of, and the thread that it leads to.
    let mut lines: Vec<(Value, usize, String)> = Vec::new();
    let mut areas: Vec<Value> = Vec::new();
    for pin in pins.iter().filter(|pin| pin.column == x) {
        for (i, (first, last)) in runs(&covered(&pin.place, field, &axis.places)).into_iter().enumerate() {
            let from = axis.value(&axis.places[first]);
            if first != last {
                let mut start = Map::new();
                start.insert(axis.key.into(), from.clone());
                let mut end = Map::new();
                end.insert(axis.key.into(), axis.value(&axis.places[last]));
                areas.push(json!([start, end]));
            }
            let told = if i == 0 { pin.comments } else { 0 };
            match lines.iter_mut().find(|(at, ..)| *at == from) {
                Some((_, count, _)) => *count += told,
                None => lines.push((from, told, pin.thread.clone())),
            }
        }
    }
    if lines.is_empty() {
        return;
    }
    let line = |(at, count, thread): (Value, usize, String)| {
        let mut line = Map::new();
        line.insert(axis.key.into(), at);
        line.insert("name".into(), thread.into());
        line.insert("label".into(), json!({"show": count > 0, "formatter": count.to_string()}));
        Value::Object(line)
    };
    let position = if axis.is_lying() { "insideEnd" } else { "end" };
    let label = json!({
        "position": position, "rotate": 0, "distance": 2, "color": colors.surface, "backgroundColor": colors.accent,
        "borderRadius": 8, "padding": [3, 7], "fontSize": 11, "fontWeight": 600,
    });
    let style = json!({"color": colors.accent, "width": 1.5, "type": [3, 3]});
    let mut series = json!({
        "id": SERIES, "type": "line", "data": [], "animation": false,
        "markLine": {
            "symbol": "none", "animation": false, "z": 6, "tooltip": {"show": false}, "lineStyle": style, "label": label,
            "emphasis": {"lineStyle": {"width": 2}},
            "data": lines.into_iter().map(line).collect::<Vec<_>>(),
        },
    });
    if !areas.is_empty() {
        series["markArea"] = json!({
            "silent": true, "animation": false, "itemStyle": {"color": colors.accent, "opacity": 0.1},
            "label": {"show": false}, "data": areas,
        });
    }
    if let Some(all) = option["series"].as_array_mut() {
        all.push(series);
    }
}

/// What is pinned to a chart, in a sentence for those who do not see it.
pub fn pins_in(spec: &ChartSpec, table: &Table, pins: &[Pin], locale: &str) -> Option<String> {
    let table = &*sound(table);
    let x = Roles::of_spec(spec, &table.columns).x?;
    let field = &table.columns[x];
    let places = match is_moment(field) {
        true => moments(table, x),
        false => {
            let mut labels: Vec<String> = table.data.get(x)?.iter().map(|cell| member(cell, field)).collect();
            let mut seen = std::collections::HashSet::new();
            labels.retain(|label| seen.insert(label.clone()));
            labels
        }
    };
    let name = |i: usize| match is_moment(field) {
        true => format::time(&places[i], field.grain, locale),
        false => places[i].clone(),
    };
    let told = |pin: &Pin| {
        let covered = covered(&pin.place, field, &places);
        let (first, last) = (*covered.first()?, *covered.last()?);
        let comments = plural(pin.comments, "comment", "comments");
        Some(match covered.len() {
            1 => format!("{comments} at {}", name(first)),
            2.. if is_moment(field) => format!("{comments} from {} to {}", name(first), name(last)),
            _ => format!("{comments} at {}", list(&covered.iter().map(|i| name(*i)).collect::<Vec<_>>())),
        })
    };
    let mut words: Vec<String> = pins.iter().filter(|pin| pin.column == x).filter_map(told).collect();
    if words.is_empty() {
        return None;
    }
    let more = words.len().saturating_sub(MOST_TOLD);
    words.truncate(MOST_TOLD);
    if more > 0 {
        words.push(plural(more, "more thread", "more threads"));
    }
    Some(format!("Threads: {}.", list(&words)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{group, measure, month, spec, table};
    use domain::ChartKind;
    use domain::query::Grain;

    fn time(from: &str, until: Option<&str>) -> Place {
        Place::Time { column: "month".into(), from: from.into(), until: until.map(str::to_owned) }
    }

    fn values(list: &[&str]) -> Place {
        Place::Values { column: "region".into(), values: list.iter().map(|v| Some((*v).to_owned())).collect() }
    }

    fn pinned(thread: &str, place: Place) -> Pin {
        Pin { thread: thread.into(), column: 0, place, comments: 2 }
    }

    /// The series of the threads, if there is one.
    fn drawn(kind: ChartKind, table: &Table, pins: &[Pin]) -> Option<Value> {
        let spec = spec(kind, json!({}));
        let mut option = crate::option(&spec, table, Theme::Light);
        pin(&mut option, &spec, table, Theme::Light, pins);
        option["series"].as_array()?.iter().find(|s| s["id"] == SERIES).cloned()
    }

    fn months(rows: Value) -> Table {
        table(vec![month(), measure("amount")], rows)
    }

    #[test]
    fn a_month_is_marked_where_it_stands_whatever_comes() {
        let march = pinned("t", time("2024-03-01", Some("2024-04-01")));
        let few = months(json!([["2024-02-01", 1], ["2024-03-01", 2]]));
        let many = months(json!([["2023-01-01", 1], ["2024-02-01", 1], ["2024-03-01", 2], ["2024-09-01", 3]]));
        for table in [few, many] {
            for kind in [ChartKind::Bar, ChartKind::Line, ChartKind::Area] {
                let series = drawn(kind, &table, std::slice::from_ref(&march)).unwrap();
                let line = &series["markLine"]["data"];
                assert_eq!((&line[0]["xAxis"], &line[0]["name"]), (&json!("2024-03-01"), &json!("t")));
                assert_eq!(line[0]["label"]["formatter"], "2");
                assert!(series["markArea"].is_null() && line[1].is_null());
            }
        }
    }

    #[test]
    fn a_day_lies_in_its_month_and_a_month_covers_its_days() {
        let t = months(json!([["2024-02-01", 1], ["2024-03-01", 2]]));
        let day = drawn(ChartKind::Bar, &t, &[pinned("t", time("2024-03-17", Some("2024-03-18")))]).unwrap();
        assert_eq!(day["markLine"]["data"][0]["xAxis"], "2024-03-01");
        // Before the first and after the last there is nothing to mark.
        assert_eq!(drawn(ChartKind::Bar, &t, &[pinned("t", time("2024-04-01", Some("2024-04-02")))]), None);
        let days = Field { grain: Some(Grain::Day), ..month() };
        let rows = json!([["2024-02-29", 1], ["2024-03-01", 2], ["2024-03-20", 1], ["2024-04-01", 1]]);
        let whole = drawn(
            ChartKind::Line,
            &table(vec![days, measure("m")], rows),
            &[pinned("t", time("2024-03-01", Some("2024-04-01")))],
        )
        .unwrap();
        // A time axis: milliseconds.
        let area = &whole["markArea"]["data"][0];
        assert_eq!(
            (&area[0]["xAxis"], &area[1]["xAxis"]),
            (&json!(1_709_251_200_000_i64), &json!(1_710_892_800_000_i64))
        );
        assert_eq!(whole["markLine"]["data"][0]["xAxis"], area[0]["xAxis"]);
    }

    #[test]
    fn categories_are_marked_by_name_on_whichever_axis() {
        let t = table(vec![group("region"), measure("m")], json!([["West", 1], ["East", 2], ["North", 3], [null, 4]]));
        let bar = drawn(ChartKind::Bar, &t, &[pinned("t", values(&["East"]))]).unwrap();
        assert_eq!(bar["markLine"]["data"][0]["xAxis"], "East");
        let row = drawn(ChartKind::Row, &t, &[pinned("t", values(&["East"]))]).unwrap();
        assert_eq!(row["markLine"]["data"][0]["yAxis"], "East");
        let none = Place::Values { column: "region".into(), values: vec![None] };
        assert_eq!(drawn(ChartKind::Bar, &t, &[pinned("t", none)]).unwrap()["markLine"]["data"][0]["xAxis"], EMPTY);
        // Apart from each other: one tells, the other only marks.
        let two = drawn(ChartKind::Bar, &t, &[pinned("t", values(&["West", "North"]))]).unwrap();
        let lines = two["markLine"]["data"].as_array().unwrap();
        assert_eq!(lines.iter().map(|l| l["label"]["show"].as_bool()).collect::<Vec<_>>(), [Some(true), Some(false)]);
    }

    #[test]
    fn threads_at_one_place_are_counted_together() {
        let t = table(vec![group("region"), measure("m")], json!([["West", 1], ["East", 2]]));
        let both =
            drawn(ChartKind::Bar, &t, &[pinned("a", values(&["East"])), pinned("b", values(&["East"]))]).unwrap();
        let lines = both["markLine"]["data"].as_array().unwrap();
        assert_eq!((lines.len(), &lines[0]["label"]["formatter"], &lines[0]["name"]), (1, &json!("4"), &json!("a")));
    }

    #[test]
    fn without_an_axis_or_on_another_column_nothing_is_drawn() {
        let t = table(vec![group("region"), measure("m")], json!([["West", 1], ["East", 2]]));
        let east = pinned("t", values(&["East"]));
        assert_eq!(drawn(ChartKind::Pie, &t, std::slice::from_ref(&east)), None);
        assert_eq!(drawn(ChartKind::Treemap, &t, std::slice::from_ref(&east)), None);
        assert_eq!(drawn(ChartKind::Bar, &t, &[Pin { column: 1, ..east.clone() }]), None);
        assert_eq!(drawn(ChartKind::Bar, &t, &[pinned("t", values(&["Gone"]))]), None);
        assert_eq!(drawn(ChartKind::Bar, &t, &[pinned("t", time("2024-03-01", None))]), None);
        assert_eq!(drawn(ChartKind::Bar, &t, &[]), None);
    }

    #[test]
    fn what_is_pinned_is_told() {
        let t = months(json!([["2024-02-01", 1], ["2024-03-01", 2], ["2024-04-01", 2]]));
        let line = spec(ChartKind::Line, json!({}));
        let pins = [
            Pin { comments: 1, ..pinned("a", time("2024-03-01", Some("2024-04-01"))) },
            pinned("b", time("2024-02-01", Some("2024-05-01"))),
            pinned("c", time("2030-01-01", Some("2030-02-01"))),
        ];
        let words = pins_in(&line, &t, &pins, "en-US").unwrap();
        assert_eq!(words, "Threads: 1 comment at Mar 2024 and 2 comments from Feb 2024 to Apr 2024.");
        assert_eq!(pins_in(&line, &t, &pins[2..], "en-US"), None);
        let regions = table(vec![group("region"), measure("m")], json!([["West", 1], ["East", 2]]));
        let words = pins_in(&spec(ChartKind::Pie, json!({})), &regions, &[pinned("t", values(&["East"]))], "en-US");
        assert_eq!(words.as_deref(), Some("Threads: 2 comments at East."));
    }
}
