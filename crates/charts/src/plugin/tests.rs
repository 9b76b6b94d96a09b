use super::*;
use crate::Theme;
use crate::marks::{Mark, members_at};
use crate::testing::{group, measure, table};
use domain::{Cell, ChartKind, Table};
use std::sync::Arc;

/// A chart drawn by a template.
fn spec(template: &Template, options: Value) -> ChartSpec {
    let mut spec = crate::testing::spec(ChartKind::parse("plugin:x").unwrap(), options);
    spec.plugin = Some(Arc::new(template.clone()));
    spec
}

fn shipped(name: &str) -> Template {
    let path = format!("../../docs/plugin-charts/{name}.json");
    check(&std::fs::read_to_string(path).unwrap()).unwrap()
}

const LOLLIPOP: &str = r#"{
  "name": "Lollipop", "about": "Points on sticks.",
  "encodings": [{"name": "x", "label": "Category", "takes": "group"}, {"name": "y", "label": "Value", "takes": "measure"}],
  "option": {
    "grid": {"left": 2, "right": 10, "top": 24, "bottom": 2},
    "xAxis": {"type": "category", "data": {"$column": "x"}},
    "yAxis": {"type": "value", "name": {"$label": "y"}, "axisLabel": {"formatter": {"$format": "y"}, "color": {"$color": "muted"}}},
    "series": [{"type": "bar", "barWidth": 2, "data": {"$column": "y"}}, {"type": "scatter", "data": {"$rows": ["x", "y"]}}]
  }
}"#;

fn refused(option: Value) -> String {
    let json = json!({"name": "n", "encodings": [{"name": "x"}], "option": option}).to_string();
    check(&json).expect_err(&json).message
}

#[test]
fn a_template_is_filled_with_an_answer() {
    let plugin = check(LOLLIPOP).unwrap();
    let t = table(vec![group("region"), measure("amount")], json!([["<b>N</b>", 1], ["S", null]]));
    let picture = crate::picture(&spec(&plugin, json!({"y": "amount"})), &t, Theme::Light);
    assert_eq!(picture.option["xAxis"]["data"], json!(["<b>N</b>", "S"]));
    assert_eq!(picture.option["yAxis"]["name"], "Amount");
    assert_eq!(picture.option["yAxis"]["axisLabel"]["formatter"]["$fmt"]["kind"], "number");
    assert_eq!(picture.option["series"][1]["data"][0], json!(["<b>N</b>", 1]));
    assert_eq!(picture.option["aria"]["enabled"], true);
    assert!(picture.option["tooltip"]["formatter"]["$tooltip"].is_object());
}

#[test]
fn an_answer_that_lacks_a_column_says_which() {
    let plugin = check(LOLLIPOP).unwrap();
    let t = table(vec![group("region")], json!([["N"]]));
    assert_eq!(suits(&plugin, &t.columns).unwrap(), "Needs a number for Value.");
    let picture = crate::picture(&spec(&plugin, json!({})), &t, Theme::Dark);
    assert_eq!(picture.option["title"]["text"], "Needs a number for Value.");
    assert!(crate::picture(&spec(&plugin, json!({})), &Table::default(), Theme::Dark).option.is_object());
}

#[test]
fn nothing_in_a_template_runs_loads_or_becomes_html() {
    let series = |extra: Value| {
        let mut one = json!({"type": "bar", "data": []});
        one.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        json!({ "series": [one] })
    };
    for option in [
        json!({"series": [{"type": "bar"}], "tooltip": {"formatter": "<img onerror=x>"}}),
        json!({"series": [{"type": "bar"}], "graphic": {}}),
        json!({"series": [{"type": "bar"}], "toolbox": {}}),
        json!({"series": [{"type": "custom"}]}),
        json!({"series": []  , "title": {"link": "https://x"}}),
        series(json!({"label": {"formatter": "{b}"}})),
        series(json!({"label": {"formatter": {"$fmt": {}}}})),
        series(json!({"tooltip": {}})),
        series(json!({"label": {"rich": {}}})),
        series(json!({"symbol": "image://https://x/y.png"})),
        series(json!({"itemStyle": {"color": {"image": "x"}}})),
        series(json!({"data": {"$column": "gone"}})),
        series(json!({"data": {"$column": "x", "more": 1}})),
        series(json!({"data": {"$eval": "x"}})),
        series(json!({"onclick": "x"})),
        series(json!({"__proto__": {}})),
        series(json!({"map": "https"})),
    ] {
        refused(option);
    }
    let deep = (0..40).fold(json!(1), |inner, _| json!([inner]));
    assert!(refused(series(json!({ "data": deep }))).contains("levels"));
    assert!(refused(series(json!({"data": vec![1; 5000]}))).contains("values"));
    assert!(check(&" ".repeat(MOST_BYTES + 1)).is_err());
    assert!(check("{").is_err() && check("{}").is_err() && check("[]").is_err());
}

#[test]
fn everything_wrong_is_told_with_its_path() {
    let json = json!({"name": " ", "script": "x", "encodings": [{"name": "X"}, {"name": "y", "takes": "sum"}],
        "option": {"graphic": [], "series": [{"type": "custom", "label": {"formatter": "{b}"}, "data": {"$column": "z"}}]}});
    let all = problems(&json.to_string()).unwrap_err();
    let fields: Vec<&str> = all.iter().filter_map(|e| e.field.as_deref()).collect();
    let expected =
        ["script", "name", "encodings[0].name", "encodings[1].takes", "option.graphic", "option.series[0].type"];
    assert_eq!(fields[..6], expected);
    assert!(fields.contains(&"option.series[0].label.formatter") && fields.contains(&"option.series[0].data"));
    let told = check(&json.to_string()).unwrap_err();
    assert!(told.hint.unwrap().contains("7 more things"));
}

#[test]
fn a_plugin_that_was_removed_says_so() {
    let bare = crate::testing::spec(ChartKind::parse("plugin:rose").unwrap(), json!({}));
    let t = table(vec![group("region"), measure("amount")], json!([["N", 1]]));
    let option = crate::option(&bare, &t, Theme::Light);
    assert!(option["title"]["text"].as_str().unwrap().contains("“rose” was removed"));
    assert_eq!(crate::suits(bare.kind, &t.columns, 1), None);
    assert!(crate::options(bare.kind).is_empty() && crate::marks::brush(&bare, &t).is_none());
}

#[test]
fn marks_lead_back_to_their_rows() {
    let rows = json!([["N", 1, 2, 3], ["S", 4, 5, 6], ["W", 4, 5, 6]]);
    let t = table(vec![group("region"), measure("low"), measure("middle"), measure("high")], rows);
    let at = |template: &Template, mark: Mark| members_at(&spec(template, json!({})), &t, &mark);
    let south = [(0, Cell::from("S"))];
    let mark = |name: &str, value: Value| Mark { name: name.into(), value, ..Mark::default() };
    assert_eq!(at(&shipped("lollipop"), mark("S", json!(["S", 4.0]))), south);
    assert_eq!(at(&shipped("rose"), mark("S", json!(4))), south);
    // ECharts tells a box with its position; two of the same spread are told apart by their names.
    assert_eq!(at(&shipped("range"), mark("S", json!([1, 4, 4, 5, 6, 6]))), south);
    assert!(at(&shipped("rose"), mark("Others", json!(4))).is_empty());
    let flow = json!({"name": "Flow", "encodings": [{"name": "a", "takes": "group"}, {"name": "b", "takes": "group"}, {"name": "n", "takes": "measure"}],
        "option": {"series": {"type": "sankey", "links": {"$items": {"source": "a", "target": "b", "value": "n"}}}}});
    let flow = check(&flow.to_string()).unwrap();
    let t = table(vec![group("a"), group("b"), measure("n")], json!([["x", "p", 1], ["y", "q", 2]]));
    let link = Mark { from: Some("y".into()), to: Some("q".into()), ..Mark::default() };
    assert_eq!(members_at(&spec(&flow, json!({})), &t, &link), [(0, Cell::from("y")), (1, Cell::from("q"))]);
}

#[test]
fn what_is_shipped_draws() {
    let rows = json!([["N", 1, 2, 3], ["S", 4, 5, 6]]);
    let t = table(vec![group("region"), measure("low"), measure("middle"), measure("high")], rows);
    for name in ["lollipop", "range", "rose"] {
        let template = shipped(name);
        assert_eq!(suits(&template, &t.columns), None, "{name}");
        for theme in [Theme::Light, Theme::Dark] {
            let picture = crate::picture(&spec(&template, json!({})), &t, theme);
            assert!(picture.option["series"][0]["data"].as_array().is_some_and(|d| d.len() == 2), "{name}");
            let told = crate::describe(&spec(&template, json!({})), &t);
            assert!(
                told.starts_with(&format!("{} chart of", template.name)) || told.starts_with(&template.name),
                "{told}"
            );
        }
    }
}
