//! What a template may have. Everything that is wrong with one is told at once, each with its path.

use super::{LISTS, MOST_ENCODINGS, kinds_of_items};
use crate::text::count;
use crate::theme::Theme;
use domain::plugin::{Encoding, Takes, Template};
use domain::{Error, ErrorCode};
use serde_json::{Map, Value};

/// A template is no longer than this as text, no deeper, and has no more values in it.
pub const MOST_BYTES: usize = 64 * 1024;
const MOST_DEPTH: usize = 16;
const MOST_VALUES: usize = 4000;
/// No more problems than this are told.
const MOST_PROBLEMS: usize = 20;
/// Names and sentences are no longer than this.
const LONGEST_TEXT: usize = 200;

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

/// Reads a template, `{name, about, encodings: [{name, label, takes, required}], option}`.
///
/// # Errors
/// It is too large, has what no template may have, or uses an encoding it does not declare. The first
/// problem is told; [`problems`] has all of them.
pub fn check(json: &str) -> Result<Template, Error> {
    problems(json).map_err(|mut all| {
        let others = all.len() - 1;
        let first = all.swap_remove(0);
        let more = match others {
            0 => String::new(),
            1 => " One more thing is wrong with it.".to_owned(),
            n => format!(" {n} more things are wrong with it."),
        };
        first.hint(format!("docs/plugin-charts.md lists what a template may have.{more}"))
    })
}

/// Reads a template.
///
/// # Errors
/// Everything that is wrong with it, at least one thing, each with its path in `field`.
pub fn problems(json: &str) -> Result<Template, Vec<Error>> {
    let mut found = Problems(Vec::new());
    if json.len() > MOST_BYTES {
        let (most, has) = (count(MOST_BYTES), count(json.len()));
        found.add("", format!("A template has at most {most} bytes; this one has {has}."));
        return Err(found.0);
    }
    let value: Value = match serde_json::from_str(json) {
        Ok(value @ Value::Object(_)) => value,
        Ok(_) => {
            found.add("", "A template is an object with a name, encodings and an option.".into());
            return Err(found.0);
        }
        Err(cause) => {
            found.add("", format!("The template is no valid JSON: {cause}."));
            return Err(found.0);
        }
    };
    for key in value.as_object().into_iter().flat_map(Map::keys) {
        if !["name", "about", "encodings", "option"].contains(&key.as_str()) {
            found.add(key, format!("`{key}` is not part of a template: it has name, about, encodings and option."));
        }
    }
    let name = text(&value, "name").unwrap_or_default();
    if name.is_empty() {
        found.add("name", "A template needs a name.".into());
    }
    let encodings = encodings(&value, &mut found);
    let option = match &value["option"] {
        Value::Object(option) => option.clone(),
        _ => {
            found.add("option", "A template needs an option, an object.".into());
            return Err(found.0);
        }
    };
    if let Some(root) = option.keys().find(|k| !ROOTS.contains(&k.as_str())) {
        found.add(
            &format!("option.{root}"),
            format!("`{root}` is not allowed; a template may have {}.", ROOTS.join(", ")),
        );
    }
    series(&option, &mut found);
    let mut walk = Walk { encodings: &encodings, values: 0, found: &mut found };
    for (root, value) in option.iter().filter(|(root, _)| ROOTS.contains(&root.as_str())) {
        walk.visit(value, root, &format!("option.{root}"), 1);
    }
    if !found.0.is_empty() {
        return Err(found.0);
    }
    Ok(Template { name, about: text(&value, "about").unwrap_or_default(), encodings, option })
}

fn text(of: &Value, key: &str) -> Option<String> {
    of[key].as_str().map(|t| t.trim().chars().take(LONGEST_TEXT).collect::<String>())
}

fn encodings(value: &Value, found: &mut Problems) -> Vec<Encoding> {
    let listed = value["encodings"].as_array().map_or(&[][..], Vec::as_slice);
    if listed.is_empty() {
        found.add("encodings", "A template needs at least one encoding: a column that it draws.".into());
    }
    if listed.len() > MOST_ENCODINGS {
        found.add("encodings", format!("A template has at most {MOST_ENCODINGS} encodings."));
    }
    let mut encodings: Vec<Encoding> = Vec::new();
    for (i, one) in listed.iter().take(MOST_ENCODINGS).enumerate() {
        let at = format!("encodings[{i}]");
        let is_name = |n: &String| {
            !n.is_empty()
                && n.chars().all(|c| c.is_ascii_lowercase() || c == '_')
                && encodings.iter().all(|e| e.name != *n)
        };
        let Some(name) = text(one, "name").filter(is_name) else {
            let message = "An encoding needs a name of its own, of small letters and underscores.";
            found.add(&format!("{at}.name"), message.into());
            continue;
        };
        let takes = match one["takes"].as_str() {
            Some("group") => Takes::Group,
            Some("time") => Takes::Time,
            Some("measure") => Takes::Measure,
            None | Some("any") => Takes::Any,
            Some(other) => {
                found.add(&format!("{at}.takes"), format!("`{other}` is not group, time, measure or any."));
                Takes::Any
            }
        };
        let label = text(one, "label").filter(|l| !l.is_empty()).unwrap_or_else(|| domain::names::to_label(&name));
        encodings.push(Encoding { name, label, takes, required: one["required"].as_bool().unwrap_or(true) });
    }
    encodings
}

fn series(option: &Map<String, Value>, found: &mut Problems) {
    let series: Vec<(String, &Value)> = match option.get("series") {
        Some(Value::Array(list)) if !list.is_empty() => {
            list.iter().enumerate().map(|(i, one)| (format!("option.series[{i}].type"), one)).collect()
        }
        Some(one @ Value::Object(_)) => vec![("option.series.type".to_owned(), one)],
        _ => return found.add("option.series", "A template needs a series.".into()),
    };
    for (at, one) in series {
        let kind = one["type"].as_str().unwrap_or("");
        if !SERIES.contains(&kind) {
            found.add(&at, format!("A series of type `{kind}` cannot be drawn; use {}.", SERIES.join(", ")));
        }
    }
}

struct Problems(Vec<Error>);

impl Problems {
    fn add(&mut self, field: &str, message: String) {
        if self.0.len() < MOST_PROBLEMS {
            self.0.push(Error::new(ErrorCode::InvalidRequest, message).field(field.to_owned()));
        }
    }
}

/// Looks at every value of a template.
struct Walk<'a> {
    encodings: &'a [Encoding],
    values: usize,
    found: &'a mut Problems,
}

impl Walk<'_> {
    fn visit(&mut self, value: &Value, key: &str, at: &str, depth: usize) {
        self.values += 1;
        if depth > MOST_DEPTH || self.values > MOST_VALUES {
            if depth > MOST_DEPTH || self.values == MOST_VALUES + 1 {
                let most = count(MOST_VALUES);
                self.found.add(at, format!("A template has at most {MOST_DEPTH} levels and {most} values."));
            }
            return;
        }
        let formatter = key.to_lowercase().ends_with("formatter");
        let placeholder = value.as_object().is_some_and(|o| o.keys().any(|k| k.starts_with('$')));
        if formatter && !value.as_object().is_some_and(|o| o.contains_key("$format")) {
            let message = r#"A formatter is written {"$format": "encoding"}; text there could become HTML."#;
            return self.found.add(at, message.into());
        }
        if placeholder {
            return self.placeholder(value, formatter, at);
        }
        match value {
            Value::String(text) => self.text(text, key, at),
            Value::Array(list) => {
                for (i, v) in list.iter().enumerate() {
                    self.visit(v, key, &format!("{at}[{i}]"), depth + 1);
                }
            }
            Value::Object(map) => {
                for (k, v) in map {
                    let at = format!("{at}.{k}");
                    let event = k.strip_prefix("on").is_some_and(|rest| {
                        rest.starts_with(char::is_uppercase) || matches!(k.as_str(), "onclick" | "onload")
                    });
                    if REFUSED.contains(&k.as_str()) || event || k == "__proto__" || k == "constructor" {
                        self.found.add(&at, format!("`{k}` is not allowed in a template."));
                        continue;
                    }
                    self.visit(v, k, &at, depth + 1);
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str, key: &str, at: &str) {
        let low = text.trim_start().to_lowercase();
        let starts = ["image://", "javascript:", "data:", "http:", "https:", "//"];
        if starts.iter().any(|p| low.starts_with(p)) || low.contains("url(") {
            self.found.add(at, "A template loads nothing: addresses and pictures are not allowed.".into());
        }
        if key == "map" && text != "world" {
            self.found.add(at, "The only map is `world`.".into());
        }
    }

    fn placeholder(&mut self, value: &Value, formatter: bool, at: &str) {
        let Some((key, of)) = value.as_object().filter(|o| o.len() == 1).and_then(|o| o.iter().next()) else {
            return self.found.add(at, "A placeholder is an object with one `$` key and nothing else.".into());
        };
        let undeclared = |name: &Value| self.encodings.iter().all(|e| Some(e.name.as_str()) != name.as_str());
        // The first name in it that no encoding has.
        let mut unknown: Option<String> = None;
        let mut known = |name: &Value| {
            let missing = undeclared(name);
            if missing && unknown.is_none() {
                unknown = Some(name.as_str().map_or_else(|| name.to_string(), str::to_owned));
            }
            !missing
        };
        let fine = match key.as_str() {
            "$column" | "$label" | "$min" | "$max" => !formatter && known(of),
            "$format" => formatter && known(of),
            "$rows" => {
                !formatter
                    && of.as_array().is_some_and(|l| !l.is_empty() && l.len() <= LISTS && l.iter().all(&mut known))
            }
            "$items" => {
                let items = of.as_object().filter(|o| !o.is_empty() && !formatter);
                items.is_some_and(|o| o.iter().all(|(k, v)| kinds_of_items(k) && known(v)))
            }
            "$color" => !formatter && of.as_str().is_some_and(|n| Theme::Light.colors().named(n).is_some()),
            _ => false,
        };
        if let Some(name) = unknown {
            self.found.add(at, format!("No encoding is called `{name}`; declare it in `encodings`."));
        } else if !fine {
            self.found.add(at, format!("`{key}` cannot stand here, or not in this form."));
        }
    }
}
