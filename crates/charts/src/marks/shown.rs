//! Chosen marks stay as they are, the others step back. Lines, which have no marks of their own to
//! speak of, get the stretch behind them.

use super::{Mark, Members, members_at};
use crate::theme::Theme;
use domain::{ChartSpec, Table};
use serde_json::{Value, json};

/// How strong the marks are that were not chosen.
const FAINT: f64 = 0.28;

/// Lets the marks step back that `is_chosen` is false for; it is asked about every one.
pub fn emphasise(
    option: &mut Value,
    spec: &ChartSpec,
    table: &Table,
    theme: Theme,
    is_chosen: &dyn Fn(&Members) -> bool,
) {
    let places = places_of(option);
    let Some(all) = option["series"].as_array_mut() else { return };
    let mut stretches = None;
    for series in all.iter_mut() {
        let name = series["name"].as_str().unwrap_or_default().to_owned();
        let is_line = series["type"] == "line";
        let mut chosen = Vec::new();
        visit(&mut series["data"], &mut Vec::new(), &mut |at, path, item| {
            let mark = mark_of(&name, places.get(at).map(String::as_str), path, item);
            let hit = is_chosen(&members_at(spec, table, &mark));
            if is_line {
                chosen.push(hit);
            } else if !hit {
                fade(item);
            }
        });
        if is_line {
            let any = chosen.iter().any(|c| *c);
            if !any {
                for style in ["lineStyle", "areaStyle", "itemStyle"] {
                    if style != "areaStyle" || series["areaStyle"].is_object() {
                        series[style]["opacity"] = FAINT.into();
                    }
                }
            } else if chosen.iter().any(|c| !c) && stretches.is_none() {
                stretches = Some(runs(&chosen, &series["data"], &places));
            }
        }
        if let Some(links) = series["links"].as_array_mut() {
            for link in links {
                let end = |key: &str| link[key].as_str().map(str::to_owned);
                let mark = Mark { from: end("from"), to: end("to"), ..Mark::default() };
                if !is_chosen(&members_at(spec, table, &mark)) {
                    link["lineStyle"]["opacity"] = 0.08.into();
                }
            }
        }
    }
    if let (Some(stretches), Some(first)) = (stretches, all.first_mut()) {
        mark_stretches(first, stretches, theme);
    }
}

/// The names along the axis of categories.
fn places_of(option: &Value) -> Vec<String> {
    let category = |axis: &Value| {
        let axis = if axis.is_array() { &axis[0] } else { axis };
        let data = axis["data"].as_array().filter(|_| axis["type"] == "category")?;
        Some(data.iter().map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).collect())
    };
    category(&option["xAxis"]).or_else(|| category(&option["yAxis"])).unwrap_or_default()
}

type Visit<'a> = dyn FnMut(usize, &[String], &mut Value) + 'a;

/// Every item with its position and the names of what it lies in.
fn visit(data: &mut Value, path: &mut Vec<String>, f: &mut Visit<'_>) {
    for (at, item) in data.as_array_mut().into_iter().flatten().enumerate() {
        let name = item["name"].as_str().unwrap_or_default().to_owned();
        path.push(name);
        if item.get("children").is_some_and(|c| c.as_array().is_some_and(|c| !c.is_empty())) {
            visit(&mut item["children"], path, f);
        } else {
            f(at, path, item);
        }
        path.pop();
    }
}

fn mark_of(series: &str, place: Option<&str>, path: &[String], item: &Value) -> Mark {
    Mark {
        series: series.to_owned(),
        name: item["name"].as_str().or(place).unwrap_or_default().to_owned(),
        value: item.get("value").unwrap_or(item).clone(),
        path: path.to_vec(),
        ..Mark::default()
    }
}

fn fade(item: &mut Value) {
    if item.is_null() {
        return;
    }
    if !item.is_object() {
        *item = json!({"value": item.take()});
    }
    item["itemStyle"]["opacity"] = FAINT.into();
    item["emphasis"]["itemStyle"]["opacity"] = 0.6.into();
    if item["label"].is_object() {
        item["label"]["opacity"] = 0.6.into();
    }
}

/// First and last place of each run of chosen points.
fn runs(chosen: &[bool], data: &Value, places: &[String]) -> Vec<(Value, Value)> {
    let place = |i: usize| match places.get(i) {
        Some(name) => Value::from(name.as_str()),
        None => data[i].get(0).or_else(|| data[i]["value"].get(0)).cloned().unwrap_or_default(),
    };
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for i in (0..chosen.len()).filter(|i| chosen[*i]) {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == i => *last = i,
            _ => runs.push((i, i)),
        }
    }
    runs.into_iter().map(|(from, to)| (place(from), place(to))).collect()
}

fn mark_stretches(series: &mut Value, stretches: Vec<(Value, Value)>, theme: Theme) {
    let colors = theme.colors();
    for (from, to) in stretches {
        let (part, item) = if from == to {
            let line = json!({"color": colors.accent, "width": 1.5, "type": "solid", "opacity": 0.8});
            ("markLine", json!({"xAxis": from, "lineStyle": line, "label": {"show": false}, "symbol": "none"}))
        } else {
            let area = json!({"color": colors.accent, "opacity": 0.1});
            ("markArea", json!([{"xAxis": from, "itemStyle": area, "label": {"show": false}}, {"xAxis": to}]))
        };
        if !series[part].is_object() {
            series[part] = json!({"silent": true, "animation": false, "symbol": "none", "data": []});
        }
        if let Some(data) = series[part]["data"].as_array_mut() {
            data.push(item);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{group, measure, month, spec, table};
    use domain::{Cell, ChartKind};

    fn drawn(kind: ChartKind, table: &Table, chosen: &dyn Fn(&Members) -> bool) -> Value {
        let spec = spec(kind, json!({}));
        let mut option = crate::option(&spec, table, Theme::Light);
        emphasise(&mut option, &spec, table, Theme::Light, chosen);
        option
    }

    #[test]
    fn other_bars_step_back() {
        let t = table(vec![group("region"), measure("amount")], json!([["West", 1], ["East", 2]]));
        let option = drawn(ChartKind::Bar, &t, &|m| m.contains(&(0, Cell::from("East"))));
        let data = &option["series"][0]["data"];
        assert_eq!(
            (data[0]["itemStyle"]["opacity"].as_f64(), &data[1]["itemStyle"]["opacity"]),
            (Some(FAINT), &Value::Null)
        );
        let pie = drawn(ChartKind::Pie, &t, &|m| m.contains(&(0, Cell::from("East"))));
        let faint: Vec<_> =
            pie["series"][0]["data"].as_array().unwrap().iter().map(|s| !s["itemStyle"]["opacity"].is_null()).collect();
        assert_eq!(faint, [false, true]);
    }

    #[test]
    fn a_line_shows_the_stretch() {
        let rows = json!([["2024-01-01", 1], ["2024-02-01", 2], ["2024-03-01", 3]]);
        let t = table(vec![month(), measure("m")], rows);
        let late = |m: &Members| m.iter().any(|(_, c)| c.as_str().is_some_and(|t| t >= "2024-02"));
        let option = drawn(ChartKind::Line, &t, &late);
        let area = &option["series"][0]["markArea"]["data"][0];
        assert_eq!((&area[0]["xAxis"], &area[1]["xAxis"]), (&json!("2024-02-01"), &json!("2024-03-01")));
        let one = drawn(ChartKind::Line, &t, &|m| m.contains(&(0, Cell::from("2024-02-01"))));
        assert_eq!(one["series"][0]["markLine"]["data"][0]["xAxis"], json!("2024-02-01"));
    }
}
