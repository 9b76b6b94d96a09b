//! Progress: how much of a target is reached, for one number or for a few members.

use super::{Info, Kind, needs_a_number};
use crate::drawing::{Drawing, Picture, put};
use crate::marker::{self, Room};
use crate::number::reading;
use crate::options::{FAVOURABLE, FORMAT, RULES, TARGET};
use crate::pivot::number;
use crate::places::Places;
use crate::roles::is_moment;
use crate::text::count;
use domain::format::Style;
use domain::{ChartKind, Field};
use serde_json::{Value, json};

pub(super) const KIND: Kind = Kind {
    info: Info {
        kind: ChartKind::Progress,
        label: "Progress",
        icon: "percent",
        about: "How much of a target is reached.",
        needs: "A number and its target; a category for one bar each.",
        options: &[TARGET, FAVOURABLE, RULES, FORMAT],
    },
    suits: |shape: &[Field], _| needs_a_number(shape),
    draw: Some(draw),
};

/// More bars than this cannot be read.
const MOST_BARS: usize = 25;

/// One bar: what it is called, how far it is, and how far it should be.
pub(super) struct Goal {
    pub(super) name: String,
    pub(super) value: Option<f64>,
    pub(super) target: Option<f64>,
}

/// A goal for each member, or a single one for the latest value. The target is the second measure,
/// else the option.
pub(super) fn goals(drawing: &Drawing<'_>, notes: &mut Vec<String>) -> Vec<Goal> {
    let (table, ys) = (drawing.table, &drawing.roles.y);
    let Some(y) = ys.first().copied() else { return Vec::new() };
    let set = drawing.options.number("target");
    let at = |column: Option<&usize>, row: usize| column.and_then(|c| table.data[*c].get(row)).and_then(number);
    let single = drawing.roles.x.is_none_or(|x| is_moment(drawing.field(x)));
    if single {
        let (value, rows) = reading(drawing);
        let target = rows.last().and_then(|r| at(ys.get(1), *r)).or(set);
        let empty = rows.is_empty();
        return if empty { Vec::new() } else { vec![Goal { name: drawing.field(y).label.clone(), value, target }] };
    }
    let places = Places::of(table, drawing.roles.x, false);
    let mut goals: Vec<Goal> =
        places.labels.iter().map(|n| Goal { name: n.clone(), value: None, target: None }).collect();
    for (row, place) in places.of_row.iter().enumerate() {
        let Some(goal) = place.and_then(|p| goals.get_mut(p)) else { continue };
        for (sum, column) in [(&mut goal.value, ys.first()), (&mut goal.target, ys.get(1))] {
            if let Some(n) = at(column, row) {
                *sum.get_or_insert(0.0) += n;
            }
        }
    }
    let found = goals.len();
    if found > MOST_BARS {
        goals.truncate(MOST_BARS);
        notes.push(format!("First {MOST_BARS} of {} shown.", count(found)));
    }
    for goal in &mut goals {
        goal.target = goal.target.or(set);
    }
    goals
}

fn draw(drawing: &Drawing<'_>) -> Picture {
    let mut notes: Vec<String> = drawing.truncated_note().into_iter().collect();
    let mut goals = goals(drawing, &mut notes);
    let Some(y) = drawing.roles.y.first().copied() else {
        return Picture { option: drawing.empty("Add a measure to show."), notes };
    };
    if goals.iter().all(|g| g.target.is_none()) {
        let most = goals.iter().filter_map(|g| g.value).fold(0.0, f64::max);
        let share = drawing.unit(y).0 == Style::Percent;
        let target = if share { 1.0 } else { most };
        if !share {
            let words = if goals.len() > 1 {
                "Without a target, bars are measured against the largest."
            } else {
                "Set a target to measure against."
            };
            notes.push(words.into());
        }
        goals.iter_mut().for_each(|g| g.target = Some(target));
    }
    let rules = drawing.rules();
    let falling = drawing.options.choice("favourable") == "down";
    let short = drawing.format(y, Room::Short);
    let single = goals.len() == 1;
    let mut data = Vec::new();
    for goal in &goals {
        let part = goal.value.zip(goal.target).filter(|(_, t)| *t != 0.0).map(|(v, t)| v / t);
        let tone = rules.hit(goal.value, &drawing.field(y).name).map(|r| r.tone.color(drawing.colors));
        let met = part.is_some_and(|p| if falling { p <= 1.0 } else { p >= 1.0 });
        let color = tone.unwrap_or(if met && !falling { &drawing.colors.good } else { drawing.colors.category(0) });
        data.push(json!({
            "value": part.map(|p| p.clamp(0.0, 1.0)), "part": part, "actual": goal.value, "target": goal.target,
            "itemStyle": {"color": color, "borderRadius": 99},
        }));
    }
    let mut option = drawing.base();
    let mut series = drawing.part(
        r#"{"type":"bar","barWidth":12,"showBackground":true,"backgroundStyle":{"color":"@well","borderRadius":99},
        "label":{"show":true,"position":"insideRight","fontSize":12,"color":"@text"}}"#,
    );
    if let (true, Some(goal)) = (single, goals.first()) {
        single_title(drawing, &mut option, goal, &short);
        series["label"]["show"] = false.into();
        put(&mut option, "grid", drawing.part(r#"{"left":0,"right":0,"top":88,"height":14}"#));
    } else {
        put(
            &mut option,
            "grid",
            drawing.part(
                r#"{"left":2,"right":52,"top":4,"bottom":4,"outerBoundsMode":"same","outerBoundsContain":"axisLabel"}"#,
            ),
        );
        // The shares stand in a column of their own, right of the bars.
        series["label"]["show"] = false.into();
    }
    put(&mut option, "xAxis", drawing.part(r#"{"type":"value","min":0,"max":1,"show":false}"#));
    let mut axis = drawing.part(
        r#"{"type":"category","inverse":true,"axisLine":{"show":false},"axisTick":{"show":false},
        "axisLabel":{"color":"@text","fontSize":12,"overflow":"truncate","width":150}}"#,
    );
    put(&mut axis, "data", goals.iter().map(|g| g.name.as_str().into()).collect::<Vec<Value>>());
    if let Some(format) =
        drawing.roles.x.map(|x| drawing.format(x, Room::Short)).filter(|f| f["kind"] != "text" && !single)
    {
        axis["axisLabel"]["formatter"] = marker::formatter(&format);
    }
    if single {
        put(&mut axis, "show", false);
    }
    put(&mut option, "yAxis", axis);
    let percent = json!({"kind": "percent", "decimals": 0});
    let rows = json!([
        {"field": "data.actual", "label": drawing.field(y).label, "format": drawing.format(y, Room::Full)},
        {"field": "data.target", "label": "Target", "format": drawing.format(y, Room::Full)},
        {"field": "data.part", "label": "Reached", "format": {"kind": "percent", "decimals": 1}},
    ]);
    put(
        &mut option,
        "tooltip",
        drawing.tooltip("item", Value::Null, &json!({"title": {"kind": "text"}, "rows": rows})),
    );
    put(&mut series, "data", data.clone());
    let mut all = vec![Value::Object(series)];
    if !single {
        // Points at the end of every scale carry the words, aligned whatever the bar's length.
        let mut words = drawing.part(
            r#"{"type":"scatter","symbolSize":0.01,"silent":true,"tooltip":{"show":false},"clip":false,
            "label":{"show":true,"position":"right","distance":8,"fontSize":12,"color":"@text"}}"#,
        );
        words["label"]["formatter"] = marker::formatter(&marker::with(percent, "field", "data.part"));
        let mut points = Vec::new();
        for (i, item) in data.iter().enumerate() {
            points.push(json!({"value": [1, i], "part": item["part"]}));
        }
        put(&mut words, "data", points);
        all.push(Value::Object(words));
    }
    put(&mut option, "series", all);
    Picture { option: Value::Object(option), notes }
}

/// `72%` large, `$720K of $1M` beside it.
fn single_title(drawing: &Drawing<'_>, option: &mut serde_json::Map<String, Value>, goal: &Goal, short: &Value) {
    let part = goal.value.zip(goal.target).filter(|(_, t)| *t != 0.0).map(|(v, t)| v / t);
    let mut label = drawing.part(r#"{"left":0,"top":0,"padding":0,"textStyle":{"color":"@muted","fontSize":12,"lineHeight":16,"fontWeight":"normal"}}"#);
    put(&mut label, "text", goal.name.as_str());
    let mut value = drawing.part(
        r#"{"left":0,"top":20,"padding":0,"itemGap":4,"textStyle":{"color":"@text","fontSize":30,"lineHeight":36,"fontWeight":550},
        "subtextStyle":{"color":"@muted","fontSize":12,"lineHeight":16}}"#,
    );
    let percent = json!({"kind": "percent", "decimals": 0, "value": part});
    put(&mut value, "text", marker::text(vec![percent]));
    let amount = |v: Option<f64>| marker::with(short.clone(), "value", json!(v));
    put(&mut value, "subtext", marker::text(vec![amount(goal.value), marker::plain(" of "), amount(goal.target)]));
    put(option, "title", json!([label, value]));
}
