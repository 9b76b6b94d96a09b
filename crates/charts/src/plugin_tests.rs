use super::*;
use crate::testing::{group, measure, spec, table};
use domain::ChartKind;

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
    Plugin::check(&json).expect_err(&json).message
}

#[test]
fn a_template_is_filled_with_an_answer() {
    let plugin = Plugin::check(LOLLIPOP).unwrap();
    let t = table(vec![group("region"), measure("amount")], json!([["<b>N</b>", 1], ["S", null]]));
    let picture = plugin.picture(&spec(ChartKind::Bar, json!({"y": "amount"})), &t, Theme::Light);
    assert_eq!(picture.option["xAxis"]["data"], json!(["<b>N</b>", "S"]));
    assert_eq!(picture.option["yAxis"]["name"], "Amount");
    assert_eq!(picture.option["yAxis"]["axisLabel"]["formatter"]["$fmt"]["kind"], "number");
    assert_eq!(picture.option["series"][1]["data"][0], json!(["<b>N</b>", 1]));
    assert_eq!(picture.option["aria"]["enabled"], true);
    assert!(picture.option["tooltip"]["formatter"]["$tooltip"].is_object());
}

#[test]
fn an_answer_that_lacks_a_column_says_which() {
    let plugin = Plugin::check(LOLLIPOP).unwrap();
    let t = table(vec![group("region")], json!([["N"]]));
    assert_eq!(plugin.suits(&t.columns).unwrap(), "Needs a number for Value.");
    let picture = plugin.picture(&spec(ChartKind::Bar, json!({})), &t, Theme::Dark);
    assert_eq!(picture.option["title"]["text"], "Needs a number for Value.");
    assert!(plugin.picture(&spec(ChartKind::Bar, json!({})), &Table::default(), Theme::Dark).option.is_object());
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
    assert!(Plugin::check(&" ".repeat(MOST_BYTES + 1)).is_err());
    assert!(Plugin::check("{").is_err() && Plugin::check("{}").is_err() && Plugin::check("[]").is_err());
}
