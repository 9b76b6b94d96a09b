//! Plug-in charts: an ECharts option as a template, added by an administrator as data.
//!
//! Nothing in a template runs. Functions cannot be written in JSON; what ECharts would read as code,
//! HTML, an address or a file is refused by [`check`]; the tooltip is always ours. The columns of an
//! answer come in where an object with one `$` key stands (docs/plugin-charts.md).

mod check;
mod members;

pub use check::{MOST_BYTES, check, problems};
pub(crate) use members::members;

use crate::drawing::{Drawing, Picture, put};
use crate::marker::{self, Room};
use crate::roles::{Roles, is_group, is_moment};
use crate::text::count;
use domain::plugin::{Encoding, PluginName, Takes, Template};
use domain::{ChartSpec, Field};
use serde_json::{Map, Value, json};

const MOST_ENCODINGS: usize = 12;
/// A row of `$rows` may name an encoding more than once: a box has five values.
const LISTS: usize = 16;
/// No more rows than this are drawn.
const MOST_ROWS: usize = 10_000;

/// What an item of `$items` may have.
fn kinds_of_items(key: &str) -> bool {
    ["name", "value", "source", "target", "x", "y"].contains(&key)
}

/// Whether a column can play a part.
pub fn takes(takes: Takes, field: &Field) -> bool {
    match takes {
        Takes::Group => is_group(field),
        Takes::Time => is_moment(field),
        Takes::Measure => !is_group(field),
        Takes::Any => true,
    }
}

fn words(takes: Takes) -> &'static str {
    match takes {
        Takes::Group => "a category",
        Takes::Time => "a date",
        Takes::Measure => "a number",
        Takes::Any => "a column",
    }
}

/// Why an answer of this shape cannot be drawn by a template; `None` when it can.
pub fn suits(template: &Template, shape: &[Field]) -> Option<String> {
    let chosen = columns(&template.encodings, &Map::new(), shape);
    let lacking = template.encodings.iter().zip(chosen).find(|(e, column)| e.required && column.is_none());
    lacking.map(|(e, _)| format!("Needs {} for {}.", words(e.takes), e.label))
}

/// The column of each encoding: as the options of the chart name it, else, where it is required, the
/// first that fits and is free.
pub fn columns(encodings: &[Encoding], chosen: &Map<String, Value>, shape: &[Field]) -> Vec<Option<usize>> {
    let named = |e: &Encoding| {
        let name = chosen.get(&e.name)?.as_str()?;
        shape.iter().position(|f| f.name == name && takes(e.takes, f))
    };
    let mut columns: Vec<Option<usize>> = encodings.iter().map(named).collect();
    for (i, e) in encodings.iter().enumerate() {
        if columns[i].is_none() && e.required {
            columns[i] = (0..shape.len()).find(|c| takes(e.takes, &shape[*c]) && !columns.contains(&Some(*c)));
        }
    }
    columns
}

/// The parts of the columns in the words of other kinds: what is grouped by, and what is measured.
pub(crate) fn roles(template: &Template, chosen: &Map<String, Value>, shape: &[Field]) -> Roles {
    let used: Vec<usize> = columns(&template.encodings, chosen, shape).into_iter().flatten().collect();
    let mut groups = used.iter().copied().filter(|c| is_group(&shape[*c]));
    let (x, color) = (groups.next(), groups.next());
    Roles { x, y: used.iter().copied().filter(|c| !is_group(&shape[*c])).collect(), color, size: None }
}

/// What stands in the place of a chart whose plug-in was removed.
pub(crate) fn gone(drawing: &Drawing<'_>, name: PluginName) -> Picture {
    let words = format!("The plug-in chart “{}” was removed. Choose another kind of chart.", name.name());
    Picture { option: drawing.empty(&words), notes: Vec::new() }
}

/// The same template for the first rows of an answer, as many as are drawn.
pub(crate) fn drawn_rows(table: &domain::Table) -> Option<domain::Table> {
    (table.row_count() > MOST_ROWS).then(|| {
        let mut table = table.clone();
        table.data.iter_mut().for_each(|column| column.truncate(MOST_ROWS));
        table
    })
}

/// Draws an answer by a template. The chart's options name the columns of the encodings. `found` is how
/// many rows the answer has.
pub(crate) fn picture(template: &Template, drawing: &Drawing<'_>, found: usize) -> Picture {
    let spec: &ChartSpec = drawing.spec;
    let shape = &drawing.table.columns;
    let mut notes: Vec<String> = drawing.truncated_note().into_iter().collect();
    if found > drawing.table.row_count() {
        notes.push(format!("First {} of {} rows shown.", count(drawing.table.row_count()), count(found)));
    }
    if let Some(words) = suits(template, shape) {
        return Picture { option: drawing.empty(&words), notes };
    }
    let columns = columns(&template.encodings, &spec.options, shape);
    let fill = Fill { template, drawing, columns: &columns };
    let mut option = drawing.base();
    for (root, part) in &template.option {
        put(&mut option, root, fill.value(part));
    }
    if let Some(series) = option.get_mut("series").filter(|s| s.is_object()) {
        *series = Value::Array(vec![series.take()]);
    }
    put(&mut option, "tooltip", drawing.tooltip("item", Value::Null, &fill.tooltip()));
    Picture { option: Value::Object(option), notes }
}

/// The placeholders of a kind, as they stand in the series.
fn placeholders<'a>(value: &'a Value, key: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Array(list) => list.iter().for_each(|v| placeholders(v, key, found)),
        Value::Object(map) => {
            for (k, v) in map {
                if k == key {
                    found.push(v);
                } else {
                    placeholders(v, key, found);
                }
            }
        }
        _ => {}
    }
}

/// Puts an answer into a template.
struct Fill<'a> {
    template: &'a Template,
    drawing: &'a Drawing<'a>,
    columns: &'a [Option<usize>],
}

impl Fill<'_> {
    fn column(&self, name: &Value) -> Option<usize> {
        let at = self.template.encodings.iter().position(|e| Some(e.name.as_str()) == name.as_str())?;
        self.columns.get(at).copied().flatten()
    }

    fn cells(&self, name: &Value) -> Vec<Value> {
        let Some(column) = self.column(name) else { return Vec::new() };
        self.drawing.table.data[column].iter().map(domain::Cell::to_json).collect()
    }

    /// What is told of a point: every column of its row where the series has rows, else its value.
    fn tooltip(&self) -> Value {
        let series = &self.template.option["series"];
        let (mut rows, mut items, mut single) = (Vec::new(), Vec::new(), Vec::new());
        placeholders(series, "$rows", &mut rows);
        placeholders(series, "$items", &mut items);
        placeholders(series, "$column", &mut single);
        let told = |column: usize| (&self.drawing.field(column).label, self.drawing.format(column, Room::Full));
        let title = json!({"kind": "text"});
        if let Some(list) = rows.first().and_then(|l| l.as_array()) {
            let mut lines: Vec<Value> = Vec::new();
            let mut seen: Vec<usize> = Vec::new();
            for (at, column) in list.iter().map(|name| self.column(name)).enumerate() {
                let Some(column) = column.filter(|c| !seen.contains(c)) else { continue };
                seen.push(column);
                let (label, format) = told(column);
                lines.push(json!({"field": at, "label": label, "format": format}));
            }
            return json!({ "rows": lines });
        }
        let value = items.first().and_then(|i| i.get("value")).or_else(|| single.first().copied());
        match value.and_then(|name| self.column(name)) {
            Some(column) => {
                let (label, format) = told(column);
                json!({"title": title, "value": format, "label": label})
            }
            None => json!({ "title": title }),
        }
    }

    fn value(&self, part: &Value) -> Value {
        match part {
            Value::Array(list) => Value::Array(list.iter().map(|v| self.value(v)).collect()),
            Value::Object(map) => {
                let placeholder = map.iter().next().filter(|(k, _)| k.starts_with('$'));
                if let Some((key, of)) = placeholder {
                    return self.filled(key, of);
                }
                let mut made = Map::new();
                for (key, value) in map {
                    put(&mut made, key, self.value(value));
                }
                Value::Object(made)
            }
            other => other.clone(),
        }
    }

    fn filled(&self, key: &str, of: &Value) -> Value {
        let table = self.drawing.table;
        let rows = |columns: &[Option<usize>], row: usize| -> Vec<Value> {
            columns.iter().map(|c| c.map_or(Value::Null, |c| table.data[c][row].to_json())).collect()
        };
        match key {
            "$column" => Value::Array(self.cells(of)),
            "$label" => self.column(of).map_or(Value::Null, |c| self.drawing.field(c).label.as_str().into()),
            "$format" => {
                self.column(of).map_or(Value::Null, |c| marker::formatter(&self.drawing.format(c, Room::Short)))
            }
            "$min" | "$max" => {
                let values = self.column(of).map(|c| table.data[c].iter().filter_map(crate::pivot::number));
                let best = values.and_then(|v| if key == "$min" { v.reduce(f64::min) } else { v.reduce(f64::max) });
                json!(best)
            }
            "$color" => of.as_str().and_then(|n| self.drawing.colors.named(n)).map_or(Value::Null, Into::into),
            "$rows" => {
                let columns: Vec<Option<usize>> = of.as_array().into_iter().flatten().map(|n| self.column(n)).collect();
                Value::Array((0..table.row_count()).map(|r| Value::Array(rows(&columns, r))).collect())
            }
            _ => {
                let parts: Vec<(&String, Option<usize>)> =
                    of.as_object().into_iter().flatten().map(|(k, n)| (k, self.column(n))).collect();
                let item = |row: usize| {
                    let mut item = Map::new();
                    for (key, column) in &parts {
                        let Some(cell) = column.map(|c| &table.data[c][row]) else { continue };
                        // What names a thing is text for ECharts, whatever its type.
                        let text = matches!(key.as_str(), "name" | "source" | "target");
                        put(&mut item, key, if text { Value::String(cell.to_text()) } else { cell.to_json() });
                    }
                    Value::Object(item)
                };
                Value::Array((0..table.row_count()).map(item).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests;
