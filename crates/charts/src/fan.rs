//! A forecast: what was, what comes, and between which bounds. A line chart is drawn so by itself where the
//! answer has the columns of one.

use crate::cartesian::{Plane, Stack};
use crate::drawing::{Drawing, Picture, put};
use crate::kinds::line_path;
use crate::pivot::Series;
use crate::places::Places;
use domain::Table;
use serde_json::{Map, Value, json};

/// The columns that make a forecast, beside the time: the middle, then from the narrow to the wide band.
const COLUMNS: [&str; 5] = ["yhat", "lo80", "hi80", "lo95", "hi95"];
/// The fillings of the bands; no tooltip tells of them.
const FILLS: [&str; 4] = ["95 % base", "95 % band", "80 % base", "80 % band"];

/// Whether an answer is a forecast.
pub(crate) fn is_forecast(table: &Table) -> bool {
    COLUMNS.iter().all(|name| table.index_of(name).is_some())
}

/// The picture of a forecast; none of anything else.
pub(crate) fn picture(drawing: &Drawing<'_>) -> Option<Picture> {
    if !is_forecast(drawing.table) || drawing.roles.color.is_some() {
        return None;
    }
    let places = Places::of(drawing.table, drawing.roles.x, true);
    let mut plane = Plane::new(drawing, places, Stack::None);
    plane.one_axis = true;
    plane.zero = plane.baseline_at_zero();
    join(drawing, &mut plane.pivot.series);
    let find = |name: &str| {
        let at = drawing.table.index_of(name)?;
        plane.pivot.series.iter().find(|s| s.y == at)
    };
    let hue = drawing.colors.category(0);
    let mut all = Vec::new();
    for (fills, lo, hi, opacity) in [(0, "lo95", "hi95", 0.1), (2, "lo80", "hi80", 0.16)] {
        let (lo, hi) = (find(lo)?, find(hi)?);
        all.extend(band(&plane, [FILLS[fills], FILLS[fills + 1]], (lo, hi), hue, opacity));
    }
    for name in ["lo95", "hi95", "lo80", "hi80"] {
        all.push(edge(&plane, find(name)?, hue));
    }
    let mut named = Vec::new();
    let styles = [
        ("fitted", json!({"color": drawing.colors.line_strong, "width": 1, "type": "solid"})),
        ("y", json!({"color": hue, "width": 2, "type": "solid"})),
        ("yhat", json!({"color": hue, "width": 2, "type": [6, 4]})),
    ];
    for (name, style) in styles {
        let Some(series) = find(name) else { continue };
        let mut line = line_path(&plane, series);
        put(&mut line, "itemStyle", json!({"color": style["color"]}));
        put(&mut line, "lineStyle", style);
        put(&mut line, "showSymbol", false);
        if name == "y" {
            plane.annotate(&mut line);
        }
        named.push(series.name.clone());
        all.push(Value::Object(line));
    }
    if let Some(odd) = find("anomaly").filter(|s| s.values.iter().any(Option::is_some)) {
        let mut marks = line_path(&plane, odd);
        put(&mut marks, "type", "scatter");
        put(&mut marks, "symbolSize", 9);
        put(
            &mut marks,
            "itemStyle",
            json!({"color": "transparent", "borderColor": drawing.colors.bad, "borderWidth": 2}),
        );
        named.push(odd.name.clone());
        all.push(Value::Object(marks));
    }
    let mut option = plane.option(all);
    if option.get("legend").is_some() {
        option["legend"]["data"] = json!(named);
    }
    option["tooltip"]["formatter"]["$tooltip"]["skip"] = json!(FILLS);
    Some(Picture { option, notes: std::mem::take(&mut plane.notes) })
}

/// What comes begins where what was ends: the line has no gap, and the bands open there.
fn join(drawing: &Drawing<'_>, all: &mut [Series]) {
    let at = |name: &str, all: &[Series]| {
        let column = drawing.table.index_of(name)?;
        all.iter().position(|s| s.y == column)
    };
    let (Some(y), Some(yhat)) = (at("y", all), at("yhat", all)) else { return };
    let Some(first) = all[yhat].values.iter().position(Option::is_some) else { return };
    let Some(last) = (0..first).rev().find(|i| all[y].values[*i].is_some()) else { return };
    let value = all[y].values[last];
    for name in COLUMNS {
        if let Some(series) = at(name, all) {
            all[series].values[last] = value;
        }
    }
}

/// The area between two lines: one that is not seen, and on top of it their distance.
fn band(plane: &Plane<'_>, names: [&str; 2], (lo, hi): (&Series, &Series), hue: &str, opacity: f64) -> [Value; 2] {
    let distance = lo.values.iter().zip(&hi.values).map(|(lo, hi)| Some(hi.as_ref()? - lo.as_ref()?)).collect();
    let base = Series { name: names[0].to_owned(), y: lo.y, slot: lo.slot, values: lo.values.clone() };
    let top = Series { name: names[1].to_owned(), y: hi.y, slot: hi.slot, values: distance };
    [(&base, 0.0), (&top, opacity)].map(|(series, opacity)| {
        let mut line = quiet(plane, series);
        put(&mut line, "stack", names[1]);
        // Both on the same side of zero or not.
        put(&mut line, "stackStrategy", "all");
        put(&mut line, "lineStyle", json!({"opacity": 0}));
        put(&mut line, "itemStyle", json!({"color": hue}));
        put(&mut line, "areaStyle", json!({"color": hue, "opacity": opacity}));
        Value::Object(line)
    })
}

/// The edge of a band, for the tooltip more than for the eye.
fn edge(plane: &Plane<'_>, series: &Series, hue: &str) -> Value {
    let mut line = quiet(plane, series);
    put(&mut line, "lineStyle", json!({"color": hue, "width": 1, "opacity": 0.25, "type": "solid"}));
    put(&mut line, "itemStyle", json!({"color": hue}));
    Value::Object(line)
}

fn quiet(plane: &Plane<'_>, series: &Series) -> Map<String, Value> {
    let mut line = line_path(plane, series);
    put(&mut line, "showSymbol", false);
    put(&mut line, "silent", true);
    put(&mut line, "emphasis", json!({"disabled": true}));
    line
}

#[cfg(test)]
mod tests {
    use crate::Theme;
    use crate::testing::{measure, spec, table};
    use domain::{ChartKind, DataType, Field, Role};
    use serde_json::{Value, json};

    fn forecast() -> Value {
        let ds = Field {
            name: "ds".into(),
            label: "Date".into(),
            ty: DataType::Date,
            role: Role::Time,
            format: None,
            grain: Some(domain::query::Grain::Month),
        };
        let mut columns = vec![ds];
        columns.extend(["y", "fitted", "yhat", "lo80", "hi80", "lo95", "hi95", "anomaly"].map(measure));
        let rows = json!([
            ["2024-01-01", 10.0, null, null, null, null, null, null, null],
            ["2024-02-01", 1200.0, 11.0, null, null, null, null, null, 1200.0],
            ["2024-03-01", 12.0, 12.5, null, null, null, null, null, null],
            ["2024-04-01", null, null, 13.0, 12.0, 14.0, -1.0, 15.0, null]
        ]);
        crate::option(&spec(ChartKind::Line, json!({})), &table(columns, rows), Theme::Light)
    }

    #[test]
    fn what_comes_begins_where_what_was_ends() {
        let option = forecast();
        let series = option["series"].as_array().unwrap();
        let named =
            |name: &str| series.iter().find(|s| s["name"] == name).unwrap_or_else(|| panic!("{name}: {option}"));
        assert_eq!(named("Yhat")["data"], json!([null, null, 12.0, 13.0]));
        assert_eq!(named("95 % base")["data"], json!([null, null, 12.0, -1.0]));
        assert_eq!(named("95 % band")["data"], json!([null, null, 0.0, 16.0]));
        assert_eq!(named("80 % band")["stack"], named("80 % base")["stack"]);
        assert_eq!(named("Anomaly")["type"], "scatter");
    }

    #[test]
    fn one_axis_whatever_stands_out_and_the_legend_names_no_edges() {
        let option = forecast();
        assert!(option["yAxis"].is_object(), "{}", option["yAxis"]);
        assert_eq!(option["legend"]["data"], json!(["Fitted", "Y", "Yhat", "Anomaly"]));
    }
}
