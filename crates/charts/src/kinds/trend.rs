//! Trends: the latest value, what changed, and the line it comes from.

use super::{Info, Kind, needs_a_run, sparkline};
use crate::drawing::{Drawing, Picture, put};
use crate::marker::{self, Room};
use crate::number::number_in;
use crate::options::{COMPARE, FAVOURABLE, FORMAT};
use crate::text::DEFAULT_LOCALE;
use domain::ChartKind;
use domain::metric::Direction;
use serde_json::{Value, json};

pub(super) const KIND: Kind = Kind {
    info: Info {
        kind: ChartKind::Trend,
        label: "Trend",
        icon: "trending-up",
        about: "The latest value, what changed, and the line it comes from.",
        needs: "A date and a number.",
        options: &[FORMAT, FAVOURABLE, COMPARE],
    },
    suits: |shape, rows| {
        needs_a_run(shape, rows).or_else(|| {
            let timeless = !shape.iter().any(crate::roles::is_moment);
            timeless.then(|| "Needs a time to run along: group by a date.".to_owned())
        })
    },
    draw: Some(draw),
};

fn draw(drawing: &Drawing<'_>) -> Picture {
    let mut notes: Vec<String> = drawing.truncated_note().into_iter().collect();
    let Some(y) = drawing.roles.y.first().copied() else {
        return Picture { option: drawing.empty("Add a measure to show."), notes };
    };
    let n = number_in(drawing.spec, drawing.table, DEFAULT_LOCALE);
    let short = drawing.format(y, Room::Short);
    let mut label = drawing.part(r#"{"left":0,"top":0,"padding":0,"textStyle":{"color":"@muted","fontSize":12,"lineHeight":16,"fontWeight":"normal"}}"#);
    put(&mut label, "text", n.label.as_str());
    let mut value = drawing.part(
        r#"{"left":0,"top":19,"padding":0,"itemGap":5,"textStyle":{"color":"@text","fontSize":30,"lineHeight":36,"fontWeight":550},
        "subtextStyle":{"color":"@muted","fontSize":12,"lineHeight":16}}"#,
    );
    put(&mut value, "text", marker::text(vec![marker::with(short.clone(), "value", json!(n.value))]));
    if let Some(previous) = n.previous {
        let arrow = match n.trend.direction {
            Direction::Up => "▲ ",
            Direction::Down => "▼ ",
            _ => "",
        };
        let change = match (n.trend.percent_change, n.trend.change) {
            (Some(p), _) => json!({"kind": "percent", "value": p.abs() / 100.0, "compact": true}),
            (None, change) => marker::with(short.clone(), "value", json!(change.map(f64::abs))),
        };
        let mut parts =
            vec![marker::plain(arrow), change, marker::plain(" from "), marker::with(short, "value", previous)];
        if let (Some(x), Some(before)) = (drawing.roles.x, n.previous_at) {
            parts.push(marker::plain(" in "));
            parts.push(marker::with(drawing.format(x, Room::Short), "value", before));
        }
        put(&mut value, "subtext", marker::text(parts));
        let color = match n.good {
            Some(true) => &drawing.colors.good,
            Some(false) => &drawing.colors.bad,
            None => &drawing.colors.muted,
        };
        value["subtextStyle"]["color"] = color.as_str().into();
    }
    let mut option = drawing.base();
    put(&mut option, "title", json!([label, value]));
    put(&mut option, "grid", drawing.part(r#"{"left":2,"right":6,"top":88,"bottom":6}"#));
    sparkline::line(drawing, &mut option, false, &mut notes);
    Picture { option: Value::Object(option), notes }
}
