//! What changes mean: from paths and values to what a person would say happened.

use super::compare::{differences_by_field, within};
use super::parts::put;
use super::{Change, Snapshot};
use crate::chart::ChartKind;
use crate::layout::Position;
use crate::names::to_label;
use crate::query::{Query, sentence};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// One thing that happened to a dashboard.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// It was made, with so many tiles.
    Born(usize),
    Named {
        from: String,
        to: String,
    },
    Described,
    Themed,
    Arranged,
    TileAdded {
        id: String,
    },
    TileRemoved {
        id: String,
    },
    TileMoved {
        id: String,
        from: Position,
        to: Position,
    },
    TileNamed {
        id: String,
        from: String,
        to: String,
    },
    TileTurned {
        id: String,
        from: String,
        to: String,
    },
    TileWritten {
        id: String,
    },
    /// It asks another question; what it asked and asks, where that can be said.
    TileAsks {
        id: String,
        from: Option<String>,
        to: Option<String>,
    },
    /// Other settings; which.
    TileSet {
        id: String,
        settings: Vec<String>,
    },
    TileTabbed {
        id: String,
        to: String,
    },
    FilterAdded(String),
    FilterRemoved(String),
    FilterChanged(String),
    FiltersOrdered,
    TabAdded(String),
    TabRemoved(String),
    TabNamed {
        from: String,
        to: String,
    },
    TabsOrdered,
}

impl Fact {
    /// The tile it is about.
    pub fn tile(&self) -> Option<&str> {
        match self {
            Self::TileAdded { id }
            | Self::TileRemoved { id }
            | Self::TileMoved { id, .. }
            | Self::TileNamed { id, .. }
            | Self::TileTurned { id, .. }
            | Self::TileWritten { id }
            | Self::TileAsks { id, .. }
            | Self::TileSet { id, .. }
            | Self::TileTabbed { id, .. } => Some(id),
            _ => None,
        }
    }
}

/// What tiles and tabs are called, as far as it is known.
#[derive(Clone, Debug, Default)]
pub struct Names {
    tiles: BTreeMap<String, String>,
    tabs: BTreeMap<String, String>,
}

impl Names {
    /// The names at one moment.
    pub fn of(snapshot: &Snapshot) -> Self {
        let mut names = Self::default();
        names.learn_from(snapshot);
        names
    }

    /// Adds the names of another moment; those that are known already stay.
    pub fn learn_from(&mut self, snapshot: &Snapshot) {
        for tile in &snapshot.layout.widgets {
            self.tiles.entry(tile.id.clone()).or_insert_with(|| tile.title.clone());
        }
        for tab in &snapshot.layout.tabs {
            self.tabs.entry(tab.id.clone()).or_insert_with(|| tab.title.clone());
        }
    }

    /// Adds the names of what came and went in these changes.
    pub fn learn(&mut self, changes: &[Change]) {
        for Change { path, old, new } in changes {
            let title = [new, old].into_iter().flatten().find_map(|v| v.get("title").and_then(Value::as_str));
            match (path.split('/').collect::<Vec<_>>().as_slice(), title) {
                (["tiles", id], Some(title)) => {
                    self.tiles.entry((*id).to_owned()).or_insert_with(|| title.to_owned());
                }
                (["tabs", id], Some(title)) => {
                    self.tabs.entry((*id).to_owned()).or_insert_with(|| title.to_owned());
                }
                _ => {}
            }
        }
    }

    /// What a tile is called; empty for one without a title, or that nobody remembers.
    pub fn tile(&self, id: &str) -> &str {
        self.tiles.get(id).map(String::as_str).unwrap_or_default()
    }

    fn tab(&self, id: &str) -> String {
        self.tabs.get(id).cloned().unwrap_or_default()
    }
}

/// What a run of changes comes to: of each value the first old and the last new, without those that
/// came back to what they were.
pub fn net<'a>(changes: impl IntoIterator<Item = &'a Change>) -> Vec<Change> {
    let mut all: Vec<Change> = Vec::new();
    for change in changes {
        let whole = all.iter_mut().find_map(|known| Some((within(&change.path, &known.path)?, known)));
        if let Some((steps, whole)) = whole {
            if let Some(value) = &mut whole.new {
                put(value, &steps, change.new.clone());
            }
            continue;
        }
        all.retain(|known| within(&known.path, &change.path).is_none());
        match all.iter_mut().find(|c| c.path == change.path) {
            Some(known) => known.new.clone_from(&change.new),
            None => all.push(change.clone()),
        }
    }
    all.into_iter().filter(|c| c.old != c.new).flat_map(by_fields).collect()
}

/// A tile that was put in the place of itself, as what differs.
fn by_fields(change: Change) -> Vec<Change> {
    match (&change.old, &change.new) {
        (Some(old @ Value::Object(_)), Some(new @ Value::Object(_))) if is_whole_tile(&change.path) => {
            let one = |value: &Value| BTreeMap::from([(change.path.clone(), value.clone())]);
            differences_by_field(&one(old), &one(new))
        }
        _ => vec![change],
    }
}

/// What changes mean, in their order.
pub fn facts(changes: &[Change], names: &Names) -> Vec<Fact> {
    if changes.iter().any(|c| c.path == "meta/name" && c.old.is_none()) {
        let tiles = changes.iter().filter(|c| is_whole_tile(&c.path)).count();
        return vec![Fact::Born(tiles)];
    }
    let mut facts: Vec<Fact> = Vec::new();
    for change in changes {
        for fact in of_change(change, names) {
            // Settings change part by part, and are one thing.
            if let Fact::TileSet { id, settings } = &fact {
                let known = facts.iter_mut().find_map(|known| match known {
                    Fact::TileSet { id: other, settings } if other == id => Some(settings),
                    _ => None,
                });
                if let Some(known) = known {
                    known.extend(settings.iter().filter(|new| !known.contains(new)).cloned().collect::<Vec<_>>());
                    continue;
                }
            }
            // The type and the kind of a tile change together, and order is one thing.
            let same = |known: &Fact| match (known, &fact) {
                (Fact::TileTurned { id: a, .. }, Fact::TileTurned { id: b, .. }) => a == b,
                _ => *known == fact,
            };
            if !facts.iter().any(same) {
                facts.push(fact);
            }
        }
    }
    facts
}

fn is_whole_tile(path: &str) -> bool {
    path.strip_prefix("tiles/").is_some_and(|rest| !rest.contains('/'))
}

fn of_change(change: &Change, names: &Names) -> Vec<Fact> {
    let steps: Vec<&str> = change.path.split('/').collect();
    let (old, new) = (change.old.as_ref(), change.new.as_ref());
    match steps.as_slice() {
        ["meta", "name"] => vec![Fact::Named { from: text(old), to: text(new) }],
        ["meta", "description"] => vec![Fact::Described],
        ["meta", "theme"] => vec![Fact::Themed],
        ["meta", _] => vec![Fact::Arranged],
        ["tiles", id] => match (old, new) {
            (None, Some(_)) => vec![Fact::TileAdded { id: (*id).to_owned() }],
            (Some(_), None) => vec![Fact::TileRemoved { id: (*id).to_owned() }],
            _ => by_fields(change.clone()).iter().flat_map(|c| of_change(c, names)).collect(),
        },
        ["tiles", id, field] => of_field((*id).to_owned(), field, old, new, names),
        ["tiles", id, "data_source", "query", ..] => {
            vec![Fact::TileAsks { id: (*id).to_owned(), from: None, to: None }]
        }
        ["tiles", id, "data_source", _, name @ ..] => {
            vec![Fact::TileSet { id: (*id).to_owned(), settings: vec![to_label(&name.join("/")).to_lowercase()] }]
        }
        ["filters", id] => of_filter(id, old, new),
        ["filters", _, "order"] => vec![Fact::FiltersOrdered],
        ["filters", id, _] => {
            let column = |v: Option<&Value>| v?.get("column")?.as_str().map(to_label);
            let label = |v: Option<&Value>| v?.as_str().filter(|label| !label.is_empty()).map(str::to_owned);
            let name = column(new).or_else(|| column(old)).or_else(|| label(new)).or_else(|| label(old));
            vec![Fact::FilterChanged(name.unwrap_or_else(|| (*id).to_owned()))]
        }
        ["tabs", _] => of_tab(old, new),
        ["tabs", _, "title"] => vec![Fact::TabNamed { from: text(old), to: text(new) }],
        ["tabs", _, _] => vec![Fact::TabsOrdered],
        _ => Vec::new(),
    }
}

fn of_field(id: String, field: &str, old: Option<&Value>, new: Option<&Value>, names: &Names) -> Vec<Fact> {
    let place =
        |v: Option<&Value>| v.and_then(|v| serde_json::from_value::<Position>(v.clone()).ok()).unwrap_or_default();
    vec![match field {
        "position" => Fact::TileMoved { id, from: place(old), to: place(new) },
        "title" => Fact::TileNamed { id, from: text(old), to: text(new) },
        "chart_type" | "type" => Fact::TileTurned { id, from: kind(old), to: kind(new) },
        "text" => Fact::TileWritten { id },
        "tab" => Fact::TileTabbed { id, to: names.tab(&text(new)) },
        "data_source" => return of_source(id, old, new),
        other => Fact::TileSet { id, settings: vec![to_label(other).to_lowercase()] },
    }]
}

/// What a tile asks, and how it shows it: both stand in its data source.
fn of_source(id: String, old: Option<&Value>, new: Option<&Value>) -> Vec<Fact> {
    let part = |v: Option<&Value>, key: &str| v.and_then(|v| v.get(key)).filter(|v| !v.is_null()).cloned();
    let look = ["options", "encodings"];
    let keys = |v: Option<&Value>| v.and_then(Value::as_object).into_iter().flat_map(|o| o.keys().cloned()).collect();
    let all: BTreeSet<String> = [keys(old), keys(new)].into_iter().flat_map(|keys: Vec<String>| keys).collect();
    let mut facts = Vec::new();
    if all.iter().any(|key| !look.contains(&key.as_str()) && part(old, key) != part(new, key)) {
        facts.push(Fact::TileAsks { id: id.clone(), from: question(old), to: question(new) });
    }
    let mut settings: Vec<String> = Vec::new();
    for key in look {
        let (old, new) = (part(old, key), part(new, key));
        let names: BTreeSet<String> = [keys(old.as_ref()), keys(new.as_ref())].into_iter().flatten().collect();
        let differs = |name: &&String| part(old.as_ref(), name) != part(new.as_ref(), name);
        settings.extend(names.iter().filter(differs).map(|name| to_label(name).to_lowercase()));
    }
    if !settings.is_empty() {
        facts.push(Fact::TileSet { id, settings });
    }
    facts
}

/// A question in words, where there is one.
fn question(source: Option<&Value>) -> Option<String> {
    let source = source?;
    if let Some(metric) = source.get("metric").and_then(Value::as_str) {
        return Some(format!("the metric {metric}"));
    }
    let query: Query = serde_json::from_value(source.get("query")?.clone()).ok()?;
    let words = sentence(&query, &|name| Some(to_label(name.rsplit('.').next().unwrap_or(name)).to_lowercase()));
    let of = if query.dataset.is_empty() { String::new() } else { format!(" of {}", query.dataset) };
    Some(format!("{words}{of}"))
}

fn of_filter(id: &str, old: Option<&Value>, new: Option<&Value>) -> Vec<Fact> {
    let name = |v: Option<&Value>| {
        let text = |key: &str| v.and_then(|v| v.get(key)).and_then(Value::as_str).filter(|t| !t.is_empty());
        text("label").map(str::to_owned).or_else(|| text("column").map(to_label)).unwrap_or_else(|| id.to_owned())
    };
    vec![match (old, new) {
        (None, _) => Fact::FilterAdded(name(new)),
        (_, None) => Fact::FilterRemoved(name(old)),
        _ if without_order(old) == without_order(new) => Fact::FiltersOrdered,
        _ => Fact::FilterChanged(name(new)),
    }]
}

fn of_tab(old: Option<&Value>, new: Option<&Value>) -> Vec<Fact> {
    let title = |v: Option<&Value>| text(v.and_then(|v| v.get("title")));
    vec![match (old, new) {
        (None, _) => Fact::TabAdded(title(new)),
        (_, None) => Fact::TabRemoved(title(old)),
        _ if title(old) == title(new) => Fact::TabsOrdered,
        _ => Fact::TabNamed { from: title(old), to: title(new) },
    }]
}

fn without_order(value: Option<&Value>) -> Option<Value> {
    let mut value = value?.clone();
    if let Some(map) = value.as_object_mut() {
        map.remove("order");
    }
    Some(value)
}

fn text(value: Option<&Value>) -> String {
    value.and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn kind(value: Option<&Value>) -> String {
    let word = text(value);
    match ChartKind::parse(&word) {
        Some(ChartKind::Plugin(name)) => name.name().to_owned(),
        Some(kind) => kind.label().to_lowercase(),
        None => to_label(&word).to_lowercase(),
    }
}
