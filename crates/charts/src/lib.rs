//! Charts as data: from a [`ChartSpec`] and an answer to an ECharts option.
//!
//! Pure functions over the domain's words; they run in the browser, and on the server for paper.
//! The option is JSON: functions stand in it as markers (`{"$fmt": …}`, `{"$tooltip": …}`) that
//! `frontend/js/revive.js` brings to life. Nothing a user typed is ever read as HTML or a template.
//!
//! - [`kinds`] has one file for each kind of chart; to add one, begin there.
//! - `cartesian` and `axes` hold what line, area, bar and row share; `places` and `pivot` lay rows
//!   out along an axis and into series.
//! - [`marks`] leads back from a mark on the screen to the members it stands for.
//! - [`pins`] puts what people said about a place of a chart where it belongs.
//! - [`describe`] says in words what a chart shows; [`number`] reads a number tile.
//! - Colours come from `style/tokens.css`, the one file with colour literals.

mod annotations;
mod axes;
mod calendar;
mod cartesian;
mod color;
mod countries;
mod crosstab;
mod describe;
mod drawing;
mod fan;
pub mod graph;
pub mod kinds;
mod links;
mod marker;
pub mod marks;
mod number;
mod options;
pub mod pins;
mod pivot;
mod places;
pub mod plugin;
mod prepare;
mod roles;
mod rules;
mod scale;
mod stats;
mod suggest;
#[cfg(test)]
mod testing;
mod text;
mod theme;
mod tree;
pub mod unusual;

pub use crosstab::{Grid, Head, Level, Line, PivotPlan, PivotView, crosstab, pivot_plan};
pub use describe::{describe, describe_in};
pub use drawing::Picture;
pub use number::{Number, number, number_in};
pub use options::{Input, MOST_ITEMS, OptionInfo};
pub use prepare::prepare;
pub use rules::{Paint, Painter, Tone};
pub use suggest::{Fit, fits, suggest, suggest_for, suits};
pub use theme::{Colors, Theme};

use domain::plugin::PluginName;
use domain::{ChartKind, ChartSpec, Table};
use drawing::{Drawing, sound};
use serde_json::Value;

/// The ECharts option of a chart. Null for kinds that the page draws itself (table, number).
pub fn option(spec: &ChartSpec, table: &Table, theme: Theme) -> Value {
    picture(spec, table, theme).option
}

/// What a reader must know to read a chart right: what was cut, gathered or left out.
pub fn notes(spec: &ChartSpec, table: &Table) -> Vec<String> {
    picture(spec, table, Theme::Light).notes
}

/// Option and notes at once, for a page that shows both.
pub fn picture(spec: &ChartSpec, table: &Table, theme: Theme) -> Picture {
    if let ChartKind::Plugin(name) = spec.kind {
        return of_plugin(spec, name, table, theme);
    }
    let kind = kinds::get(spec.kind);
    let Some(draw) = kind.draw else { return Picture { option: Value::Null, notes: Vec::new() } };
    let table = sound(table);
    let drawing = Drawing::new(spec, &table, theme);
    let mut picture = draw(&drawing);
    if table.row_count() > 0 && !shows_something(&picture.option) {
        // Rows, but nothing in them that this kind can draw: say so instead of bare axes.
        picture.option = drawing.empty("No row has a value to draw.");
    }
    picture
}

fn of_plugin(spec: &ChartSpec, name: PluginName, table: &Table, theme: Theme) -> Picture {
    let table = sound(table);
    let fewer = plugin::drawn_rows(&table);
    let drawing = Drawing::new(spec, fewer.as_ref().unwrap_or(&table), theme);
    match &spec.plugin {
        Some(template) => plugin::picture(template, &drawing, table.row_count()),
        None => plugin::gone(&drawing, name),
    }
}

/// Whether any series has a value.
fn shows_something(option: &Value) -> bool {
    fn has_value(item: &Value) -> bool {
        match item {
            Value::Null => false,
            Value::Object(item) => item.get("value").is_none_or(has_value),
            // Along a time or in a cell the last is the value, the others say where.
            Value::Array(point) => point.last().is_some_and(|v| !v.is_null()),
            _ => true,
        }
    }
    let series = option["series"].as_array();
    // A title is words already.
    !option["title"].is_null()
        || series.into_iter().flatten().any(|s| s["data"].as_array().is_some_and(|d| d.iter().any(has_value)))
}

/// The options a kind knows.
pub fn options(kind: ChartKind) -> &'static [OptionInfo] {
    kinds::get(kind).info.options
}
