//! Every kind of chart through the same hard answers: none panics, every option is JSON without
//! HTML, and what people typed is text only.

use crate::common::*;
use charts::{Theme, kinds};
use domain::query::Grain;
use domain::{Cell, ChartKind, ChartSpec, DataType, Field, Role, Table};
use serde_json::{Map, Value, json};

const HOSTILE: &[&str] = &[
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "{b}{c}{$fmt}",
    "{a|rich}",
    "=cmd|' /C calc'!A0",
    "\u{202e}backwards\u{0}",
    "'\"`\\",
    "",
];

fn shapes() -> Vec<(&'static str, Vec<Field>)> {
    let (g, h) = (group("g"), group("h"));
    let (m, n, o) = (measure("m"), measure("n"), dollars("o"));
    vec![
        ("nothing", vec![]),
        ("group", vec![g.clone()]),
        ("measure", vec![m.clone()]),
        ("group, measure", vec![g.clone(), m.clone()]),
        ("two groups", vec![g.clone(), h.clone(), m.clone()]),
        ("three measures", vec![m.clone(), n.clone(), o.clone()]),
        ("all", vec![g.clone(), h, time("t", Grain::Month), m.clone(), n, o]),
        ("seconds", vec![time("t", Grain::Second), g, m.clone()]),
        ("raw times", vec![field("t", DataType::Timestamp, Role::Time), m.clone()]),
        ("weekdays", vec![time("t", Grain::DayOfWeek), m.clone()]),
        ("bins", vec![field("bin", DataType::Float, Role::Dimension), m]),
    ]
}

/// A cell of row `i`, different enough for each type.
fn cell(field: &Field, i: usize) -> Cell {
    match (field.ty, field.grain) {
        (_, Some(g)) if g.is_folded() => Cell::Int((i % 7) as i64 + 1),
        (_, Some(Grain::Month)) => Cell::Text(format!("{:04}-{:02}-01T00:00:00+01:00", 1990 + i / 12 % 60, i % 12 + 1)),
        (DataType::Timestamp, _) => Cell::Text(format!(
            "2024-01-{:02}T{:02}:{:02}:{:02}Z",
            i / 1440 % 28 + 1,
            i / 60 % 24,
            i % 60,
            i / 40_320 % 60
        )),
        (DataType::Text, _) => Cell::Text(format!("{} {}", field.name, if field.name == "h" { i % 137 } else { i })),
        _ => Cell::Float(wobble(i) * 1e4 - 2e3),
    }
}

fn filled(shape: &[Field], rows: usize, value: impl Fn(&Field, usize) -> Cell) -> Table {
    table(shape.iter().map(|f| (f.clone(), (0..rows).map(|i| value(f, i)).collect())).collect())
}

/// Lists with every choice of their fields, and with junk.
fn lists(fields: &[charts::OptionInfo]) -> Vec<Value> {
    let item = |number: Value, text: &str, choice: usize| {
        let mut item = Map::new();
        for field in fields {
            let value = match field.input {
                charts::Input::Choice { choices, .. } => json!(choices[choice % choices.len()].0),
                charts::Input::Number => number.clone(),
                charts::Input::Text | charts::Input::Column => json!(text),
                _ => json!(true),
            };
            item.insert(field.name.into(), value);
        }
        Value::Object(item)
    };
    let numbers = [json!(5), json!(-1e300), json!(1e300), Value::Null];
    let texts = [HOSTILE[0], "2024-01-15", "1990-03-01", "g 3"];
    let all = (0..6).map(|i| item(numbers[i % 4].clone(), texts[i % 4], i)).collect::<Vec<_>>();
    vec![json!(all), json!([1, null, "x", {}]), json!(vec![item(json!(1), "a", 0); 1000])]
}

/// All options of a kind at their defaults, and each at other values.
fn specs(kind: ChartKind) -> Vec<ChartSpec> {
    let mut all = vec![spec(kind, json!({}))];
    for option in charts::options(kind) {
        let values = match option.input {
            charts::Input::Toggle { .. } => vec![json!(true), json!("true")],
            charts::Input::Choice { choices, .. } => choices.iter().map(|(wire, _)| json!(wire)).collect(),
            charts::Input::Number => vec![json!(0), json!(-1e300), json!(1e300), json!("<b>")],
            charts::Input::Text => vec![json!(HOSTILE[0]), json!("x".repeat(100_000))],
            charts::Input::Column => vec![json!("g"), json!("gone"), json!(7)],
            charts::Input::Columns => vec![json!(["g", "h", "gone", 7]), json!([]), json!("g")],
            charts::Input::List { fields } => lists(fields),
            charts::Input::Format => vec![json!("percent"), json!({"prefix": HOSTILE[0]}), json!([])],
        };
        all.extend(values.into_iter().map(|value| spec(kind, json!({ option.name: value, "reference": 5 }))));
    }
    let mut odd = spec(kind, json!({}));
    odd.encodings.x = Some("m".into());
    odd.encodings.y = vec!["g".into(), "gone".into(), "m".into()];
    odd.encodings.color = Some("m".into());
    odd.encodings.size = Some("g".into());
    all.push(odd);
    all
}

/// Draws in both themes, checks what every option must keep, and gives the light one back.
fn draw(spec: &ChartSpec, table: &Table) -> Value {
    charts::describe(spec, table);
    charts::number(spec, table);
    charts::suggest_for(table);
    if spec.kind == ChartKind::Pivot {
        charts::crosstab(spec, table, &charts::PivotView { sort: Some((1, true)), ..Default::default() });
        charts::pivot_plan(spec, &table.columns);
    }
    let painter = charts::Painter::new(spec, table, Theme::Dark);
    (0..table.columns.len())
        .for_each(|c| _ = painter.paint(c, table.data.get(c).and_then(|d| d.first()).unwrap_or(&Cell::Null)));
    for theme in [Theme::Dark, Theme::Light] {
        let picture = charts::picture(spec, table, theme);
        if theme == Theme::Light {
            assert!(picture.notes.iter().all(|n| n.ends_with('.')), "{:?}", picture.notes);
            keeps_to_json(&picture.option, spec.kind);
            return picture.option;
        }
    }
    Value::Null
}

fn keeps_to_json(option: &Value, kind: ChartKind) {
    let page_draws_it = matches!(kind, ChartKind::Table | ChartKind::Number | ChartKind::Pivot);
    assert_eq!(option.is_null(), page_draws_it, "{kind:?}");
    let text = option.to_string();
    assert!(serde_json::from_str::<Value>(&text).is_ok());
    if !page_draws_it {
        assert!(option["series"].is_array(), "{kind:?}");
        assert_eq!(option["aria"]["enabled"], true);
        no_templates(option, false);
    }
}

/// Formatters are markers or one of our own templates, and nothing is styled by CSS text.
fn no_templates(value: &Value, in_data: bool) {
    let entries = |map: &Map<String, Value>| {
        for (key, value) in map {
            if !in_data && key.to_lowercase().ends_with("formatter") {
                let own = value.as_str().is_none_or(|t| t == "{b}" || t == "{b}\n{d}%");
                assert!(own, "{key}: {value}");
            }
            assert_ne!(key, "extraCssText");
            assert_ne!(key, "rich");
            no_templates(value, in_data || key == "data");
        }
    };
    match value {
        Value::Object(map) => entries(map),
        Value::Array(list) => list.iter().for_each(|v| no_templates(v, in_data)),
        _ => {}
    }
}

fn for_every_kind(mut check: impl FnMut(&ChartSpec)) {
    for kind in kinds::all() {
        specs(kind.info.kind).iter().for_each(&mut check);
    }
}

#[test]
fn empty_answers() {
    for (_, shape) in shapes() {
        for_every_kind(|spec| {
            draw(spec, &filled(&shape, 0, cell));
            // An answer over a wire may leave the columns of data out altogether.
            draw(spec, &Table { columns: shape.clone(), data: Vec::new(), truncated: false });
        });
    }
}

#[test]
fn one_row_and_two() {
    for (_, shape) in shapes() {
        for_every_kind(|spec| {
            draw(spec, &filled(&shape, 1, cell));
            draw(spec, &filled(&shape, 2, cell));
        });
    }
}

#[test]
fn nothing_but_null() {
    for (_, shape) in shapes() {
        for_every_kind(|spec| {
            draw(spec, &filled(&shape, 5, |_, _| Cell::Null));
        });
    }
}

#[test]
fn values_that_are_no_numbers() {
    let odd = [
        Cell::Float(f64::NAN),
        Cell::Float(f64::INFINITY),
        Cell::Float(f64::MAX),
        Cell::Float(f64::MIN),
        Cell::Text("inf".into()),
        Cell::Text("123456789012345678901234567890.5".into()),
        Cell::Bool(true),
        Cell::Int(i64::MIN),
        Cell::Null,
    ];
    for (_, shape) in shapes() {
        for_every_kind(|spec| {
            draw(spec, &filled(&shape, 30, |f, i| odd[(i + f.name.len()) % odd.len()].clone()));
        });
    }
}

#[test]
fn ten_thousand_rows() {
    for (_, shape) in shapes() {
        let table = filled(&shape, 10_000, cell);
        for kind in kinds::all() {
            let option = draw(&spec(kind.info.kind, json!({})), &table);
            let points: usize = option["series"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|s| s["data"].as_array())
                .map(Vec::len)
                .sum();
            assert!(points <= 20 * 10_000, "{:?} has {points} points", kind.info.kind);
        }
    }
}

#[test]
fn a_long_line_is_thinned_and_says_so() {
    let shape = [time("t", Grain::Second), measure("m")];
    let at = |f: &Field, i: usize| {
        if f.role == Role::Time {
            Cell::Text(format!("2024-01-01T{:02}:{:02}:{:02}Z", i / 3600, i / 60 % 60, i % 60))
        } else {
            cell(f, i)
        }
    };
    let table = filled(&shape, 6000, at);
    let line = spec(ChartKind::Line, json!({}));
    assert_eq!(draw(&line, &table)["series"][0]["sampling"], "lttb");
    assert_eq!(charts::notes(&line, &table).len(), 1);
}

#[test]
fn what_people_typed_is_text() {
    let names = || texts(HOSTILE.iter().copied());
    let mut columns = vec![(group("g"), names()), (group("h"), names()), (measure("m"), floats((0..8).map(f64::from)))];
    columns.push((measure("n"), floats((0..8).map(|i| f64::from(i) / 3.0))));
    for (field, _) in &mut columns {
        field.label = HOSTILE[0].into();
        field.name = format!("{}{}", field.name, HOSTILE[1]);
    }
    let table = table(columns);
    for_every_kind(|spec| {
        draw(spec, &table);
    });
}

#[test]
fn our_own_words_have_no_html() {
    let table = filled(&[group("g"), group("h"), measure("m"), measure("n")], 60, cell);
    for kind in kinds::all() {
        let option = charts::option(&spec(kind.info.kind, json!({})), &table, Theme::Light).to_string();
        assert!(!option.contains('<') && !option.contains("function"), "{:?}", kind.info.kind);
        let info = serde_json::to_string(&kind.info).unwrap();
        assert!(!info.contains('<') && info.contains("\"options\""));
    }
}

#[test]
fn what_is_cut_is_said() {
    let many = filled(&[group("g"), measure("m")], 3214, cell);
    assert_eq!(charts::notes(&spec(ChartKind::Bar, json!({})), &many), ["First 50 of 3,214 shown."]);
    assert_eq!(charts::notes(&spec(ChartKind::Row, json!({"sort": "value"})), &many), ["Top 50 of 3,214 shown."]);
    let pie = charts::notes(&spec(ChartKind::Pie, json!({})), &flights_by_carrier());
    assert_eq!(pie, ["The 4 smallest slices are gathered in Others."]);
    let mut cut = flights_by_carrier();
    cut.truncated = true;
    let notes = charts::notes(&spec(ChartKind::Row, json!({})), &cut);
    assert_eq!(notes, ["Only the first 10 rows of the answer are drawn; there are more."]);
}

#[test]
fn bars_begin_at_zero_and_legends_at_two_series() {
    let option = charts::option(&spec(ChartKind::Bar, json!({})), &flights_by_carrier(), Theme::Light);
    assert!(option["yAxis"].get("scale").is_none() && option.get("legend").is_none());
    let option = charts::option(&spec(ChartKind::Bar, json!({})), &sales_by_month_and_region(), Theme::Light);
    assert_eq!(option["legend"]["type"], "scroll");
    assert_eq!(option["series"].as_array().unwrap().len(), 4);
}

#[test]
fn gaps_are_gaps_in_lines_and_nothing_in_stacks() {
    let table = sales_by_month_and_region();
    let west = |kind| {
        let option = charts::option(&spec(kind, json!({})), &table, Theme::Light);
        let series = option["series"].as_array().unwrap();
        series.iter().find(|s| s["name"] == "West").unwrap()["data"][0].clone()
    };
    assert_eq!(west(ChartKind::Line), Value::Null);
    assert_eq!(west(ChartKind::Area), json!(0.0));
}
