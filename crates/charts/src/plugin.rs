//! Plug-in charts: an ECharts option as a template, added by an administrator as data.
//!
//! Nothing in a template runs. Functions cannot be written in JSON; what ECharts would read as code,
//! HTML, an address or a file is refused by [`Plugin::check`]; the tooltip is always ours. The
//! columns of an answer come in where an object with one `$` key stands (docs/plugin-charts.md).

use crate::drawing::{Drawing, Picture, put, sound};
use crate::marker::{self, Room};
use crate::roles::{is_group, is_moment};
use crate::text::count;
use crate::theme::Theme;
use domain::{ChartSpec, Error, ErrorCode, Field, Table};
use serde_json::{Map, Value, json};

/// A template is no longer than this as text, no deeper, and has no more values in it.
pub const MOST_BYTES: usize = 64 * 1024;
const MOST_DEPTH: usize = 16;
const MOST_VALUES: usize = 4000;
const MOST_ENCODINGS: usize = 12;
/// No more rows than this are drawn.
const MOST_ROWS: usize = 10_000;

/// What an option may have; what ECharts offers beyond it draws over the page, loads, or runs.
const ROOTS: &[&str] =
    &["calendar", "dataZoom", "geo", "grid", "legend", "radar", "series", "title", "visualMap", "xAxis", "yAxis"];
/// The series that the page's bundle has.
const SERIES: &[&str] = &[
    "bar", "boxplot", "funnel", "gauge", "graph", "heatmap", "line", "map", "pie", "radar", "sankey", "scatter",
    "sunburst", "treemap",
];
/// Keys that take code, HTML or an address.
const REFUSED: &[&str] = &[
    "appendTo",
    "className",
    "extraCssText",
    "graphic",
    "image",
    "link",
    "renderItem",
    "renderMode",
    "rich",
    "sublink",
    "target",
    "subtarget",
    "toolbox",
    "tooltip",
];

/// The part a column plays in a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoding {
    pub name: String,
    pub label: String,
    pub takes: Takes,
    pub required: bool,
}

/// What columns an encoding takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    Group,
    Time,
    Measure,
    Any,
}

impl Takes {
    fn fits(self, field: &Field) -> bool {
        match self {
            Self::Group => is_group(field),
            Self::Time => is_moment(field),
            Self::Measure => !is_group(field),
            Self::Any => true,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Group => "a category",
            Self::Time => "a date",
            Self::Measure => "a number",
            Self::Any => "a column",
        }
    }
}

/// A template that was checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Plugin {
    pub name: String,
    pub about: String,
    pub encodings: Vec<Encoding>,
    option: Map<String, Value>,
}

fn wrong(field: &str, message: String) -> Error {
    Error::new(ErrorCode::InvalidRequest, message)
        .field(field.to_owned())
        .hint("docs/plugin-charts.md lists what a template may have.")
}

impl Plugin {
    /// Reads a template, `{name, about, encodings: [{name, label, takes, required}], option}`.
    ///
    /// # Errors
    /// It is too large, has what no template may have, or uses an encoding it does not declare.
    pub fn check(json: &str) -> Result<Self, Error> {
        if json.len() > MOST_BYTES {
            return Err(wrong(
                "",
                format!("A template has at most {} bytes; this one has {}.", count(MOST_BYTES), count(json.len())),
            ));
        }
        let value: Value =
            serde_json::from_str(json).map_err(|e| wrong("", format!("The template is no valid JSON: {e}.")))?;
        let text = |of: &Value, key: &str| of[key].as_str().map(|t| t.trim().chars().take(200).collect::<String>());
        let name = text(&value, "name").filter(|n| !n.is_empty());
        let name = name.ok_or_else(|| wrong("name", "A template needs a name.".into()))?;
        let listed = value["encodings"].as_array().map_or(&[][..], Vec::as_slice);
        if listed.len() > MOST_ENCODINGS {
            return Err(wrong("encodings", format!("A template has at most {MOST_ENCODINGS} encodings.")));
        }
        let mut encodings: Vec<Encoding> = Vec::new();
        for (i, one) in listed.iter().enumerate() {
            let at = format!("encodings[{i}]");
            let name =
                text(one, "name").filter(|n| !n.is_empty() && n.chars().all(|c| c.is_ascii_lowercase() || c == '_'));
            let Some(name) = name.filter(|n| encodings.iter().all(|e| e.name != *n)) else {
                return Err(wrong(
                    &at,
                    "An encoding needs a name of its own, of small letters and underscores.".into(),
                ));
            };
            let takes = match one["takes"].as_str() {
                Some("group") => Takes::Group,
                Some("time") => Takes::Time,
                Some("measure") => Takes::Measure,
                None | Some("any") => Takes::Any,
                Some(other) => return Err(wrong(&at, format!("`{other}` is not group, time, measure or any."))),
            };
            let label = text(one, "label").unwrap_or_else(|| domain::names::to_label(&name));
            encodings.push(Encoding { name, label, takes, required: one["required"].as_bool().unwrap_or(true) });
        }
        let Value::Object(option) = &value["option"] else {
            return Err(wrong("option", "A template needs an option, an object.".into()));
        };
        if let Some(root) = option.keys().find(|k| !ROOTS.contains(&k.as_str())) {
            return Err(wrong(
                &format!("option.{root}"),
                format!("`{root}` is not allowed; a template may have {}.", ROOTS.join(", ")),
            ));
        }
        let series = match &option.get("series") {
            Some(Value::Array(list)) => list.iter().collect(),
            Some(one @ Value::Object(_)) => vec![*one],
            _ => return Err(wrong("option.series", "A template needs a series.".into())),
        };
        for one in series {
            let kind = one["type"].as_str().unwrap_or("");
            if !SERIES.contains(&kind) {
                return Err(wrong(
                    "option.series",
                    format!("A series of type `{kind}` cannot be drawn; use {}.", SERIES.join(", ")),
                ));
            }
        }
        let mut walk = Walk { encodings: &encodings, values: 0 };
        for (root, value) in option {
            walk.visit(value, root, &format!("option.{root}"), 1)?;
        }
        let about = text(&value, "about").unwrap_or_default();
        Ok(Self { name, about, option: option.clone(), encodings })
    }

    /// Why an answer of this shape cannot be drawn by it; `None` when it can.
    pub fn suits(&self, shape: &[Field]) -> Option<String> {
        let chosen = self.columns(&Map::new(), shape);
        let lacking = self.encodings.iter().zip(chosen).find(|(e, column)| e.required && column.is_none());
        lacking.map(|(e, _)| format!("Needs {} for {}.", e.takes.words(), e.label))
    }

    /// The column of each encoding: as the options of the chart name it, else the first that fits
    /// and is free.
    fn columns(&self, chosen: &Map<String, Value>, shape: &[Field]) -> Vec<Option<usize>> {
        let named = |e: &Encoding| {
            let name = chosen.get(&e.name)?.as_str()?;
            shape.iter().position(|f| f.name == name && e.takes.fits(f))
        };
        let mut columns: Vec<Option<usize>> = self.encodings.iter().map(named).collect();
        for (i, e) in self.encodings.iter().enumerate() {
            if columns[i].is_none() && e.required {
                columns[i] = (0..shape.len()).find(|c| e.takes.fits(&shape[*c]) && !columns.contains(&Some(*c)));
            }
        }
        columns
    }

    /// Draws an answer by the template. The chart's options name the columns of the encodings.
    pub fn picture(&self, spec: &ChartSpec, table: &Table, theme: Theme) -> Picture {
        let mut table = sound(table).into_owned();
        let found = table.row_count();
        if found > MOST_ROWS {
            table.data.iter_mut().for_each(|column| column.truncate(MOST_ROWS));
        }
        let drawing = Drawing::new(spec, &table, theme);
        let mut notes: Vec<String> = drawing.truncated_note().into_iter().collect();
        if found > MOST_ROWS {
            notes.push(format!("First {} of {} rows shown.", count(MOST_ROWS), count(found)));
        }
        let columns = self.columns(&spec.options, &table.columns);
        if let Some(words) = self.suits(&table.columns) {
            return Picture { option: drawing.empty(&words), notes };
        }
        let fill = Fill { plugin: self, drawing: &drawing, columns: &columns };
        let mut option = drawing.base();
        for (root, part) in &self.option {
            put(&mut option, root, fill.value(part));
        }
        if let Some(series) = option.get_mut("series").filter(|s| s.is_object()) {
            *series = Value::Array(vec![series.take()]);
        }
        let rows = self.encodings.iter().zip(&columns).filter_map(|(e, column)| {
            let field = drawing.field((*column)?);
            let format = drawing.format((*column)?, Room::Full);
            Some((e, json!({"label": field.label, "format": format})))
        });
        // What a point's own value is depends on the series: where it is a list, all of it is told.
        let rows: Vec<Value> = rows.enumerate().map(|(i, (_, row))| marker::with(row, "field", i)).collect();
        let many = self.option["series"].to_string().contains("\"$rows\"");
        let spec = if many { json!({"rows": rows}) } else { json!({"title": {"kind": "text"}}) };
        put(&mut option, "tooltip", drawing.tooltip("item", Value::Null, &spec));
        Picture { option: Value::Object(option), notes }
    }
}

/// Looks at every value of a template.
struct Walk<'a> {
    encodings: &'a [Encoding],
    values: usize,
}

impl Walk<'_> {
    fn visit(&mut self, value: &Value, key: &str, at: &str, depth: usize) -> Result<(), Error> {
        self.values += 1;
        if depth > MOST_DEPTH || self.values > MOST_VALUES {
            return Err(wrong(
                at,
                format!("A template has at most {MOST_DEPTH} levels and {} values.", count(MOST_VALUES)),
            ));
        }
        let formatter = key.to_lowercase().ends_with("formatter");
        let placeholder = value.as_object().is_some_and(|o| o.keys().any(|k| k.starts_with('$')));
        if formatter && !value.as_object().is_some_and(|o| o.contains_key("$format")) {
            return Err(wrong(
                at,
                r#"A formatter is written {"$format": "encoding"}; text there could become HTML."#.into(),
            ));
        }
        if placeholder {
            return self.placeholder(value, formatter, at);
        }
        match value {
            Value::String(text) => {
                let low = text.trim_start().to_lowercase();
                let bad =
                    ["image://", "javascript:", "data:", "http:", "https:", "//"].iter().any(|p| low.starts_with(p))
                        || low.contains("url(");
                if bad {
                    return Err(wrong(at, "A template loads nothing: addresses and pictures are not allowed.".into()));
                }
                if key == "map" && text != "world" {
                    return Err(wrong(at, "The only map is `world`.".into()));
                }
                Ok(())
            }
            Value::Array(list) => {
                list.iter().enumerate().try_for_each(|(i, v)| self.visit(v, key, &format!("{at}[{i}]"), depth + 1))
            }
            Value::Object(map) => map.iter().try_for_each(|(k, v)| {
                let at = format!("{at}.{k}");
                let event = k.strip_prefix("on").is_some_and(|rest| {
                    rest.starts_with(char::is_uppercase) || matches!(k.as_str(), "onclick" | "onload")
                });
                if REFUSED.contains(&k.as_str()) || event || k == "__proto__" || k == "constructor" {
                    return Err(wrong(&at, format!("`{k}` is not allowed in a template.")));
                }
                self.visit(v, k, &at, depth + 1)
            }),
            _ => Ok(()),
        }
    }

    fn placeholder(&self, value: &Value, formatter: bool, at: &str) -> Result<(), Error> {
        let Some((key, of)) = value.as_object().filter(|o| o.len() == 1).and_then(|o| o.iter().next()) else {
            return Err(wrong(at, "A placeholder is an object with one `$` key and nothing else.".into()));
        };
        let known = |name: &Value| name.as_str().is_some_and(|n| self.encodings.iter().any(|e| e.name == n));
        let fine = match key.as_str() {
            "$column" | "$label" | "$min" | "$max" => known(of) && !formatter,
            "$format" => known(of) && formatter,
            "$rows" => {
                of.as_array().is_some_and(|l| !l.is_empty() && l.len() <= MOST_ENCODINGS && l.iter().all(known))
                    && !formatter
            }
            "$items" => {
                of.as_object().is_some_and(|o| {
                    !o.is_empty()
                        && o.iter().all(|(k, v)| {
                            ["name", "value", "source", "target", "x", "y"].contains(&k.as_str()) && known(v)
                        })
                }) && !formatter
            }
            "$color" => of.as_str().is_some_and(|n| Theme::Light.colors().named(n).is_some()) && !formatter,
            _ => false,
        };
        if fine {
            Ok(())
        } else {
            Err(wrong(at, format!("`{key}` cannot stand here, or names an encoding that is not declared.")))
        }
    }
}

/// Puts an answer into a template.
struct Fill<'a> {
    plugin: &'a Plugin,
    drawing: &'a Drawing<'a>,
    columns: &'a [Option<usize>],
}

impl Fill<'_> {
    fn column(&self, name: &Value) -> Option<usize> {
        let at = self.plugin.encodings.iter().position(|e| Some(e.name.as_str()) == name.as_str())?;
        self.columns.get(at).copied().flatten()
    }

    fn cells(&self, name: &Value) -> Vec<Value> {
        let Some(column) = self.column(name) else { return Vec::new() };
        self.drawing.table.data[column].iter().map(domain::Cell::to_json).collect()
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
#[path = "plugin_tests.rs"]
mod tests;
