//! Members within members: treemaps and sunbursts.

use crate::color::mix;
use crate::drawing::{Drawing, put};
use crate::pivot::{number, series_label, slots};
use crate::text::{count, plural};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// More parts of one whole than this cannot be seen.
const MOST_CHILDREN: usize = 40;
/// More levels than this leave no room.
const MOST_LEVELS: usize = 5;
/// More leaves than this are gathered by their parents.
const MOST_LEAVES: usize = 1500;

#[derive(Default)]
struct Node {
    name: String,
    value: f64,
    children: Vec<Node>,
    by_name: HashMap<String, usize>,
}

impl Node {
    fn child(&mut self, name: String) -> &mut Node {
        let next = self.children.len();
        let at = *self.by_name.entry(name).or_insert_with_key(|name| {
            self.children.push(Node { name: name.clone(), ..Node::default() });
            next
        });
        &mut self.children[at]
    }

    /// Largest first; the smallest of too many gathered in one. Says how many were.
    fn settle(&mut self, most: usize) -> usize {
        self.children.sort_by(|a, b| b.value.total_cmp(&a.value));
        let mut gathered = 0;
        if self.children.len() > most {
            let rest = self.children.split_off(most - 1);
            gathered += rest.len();
            let value = rest.iter().map(|n| n.value).sum();
            self.children.push(Node { name: format!("Others ({})", count(rest.len())), value, ..Node::default() });
        }
        gathered + self.children.iter_mut().map(|c| c.settle(most)).sum::<usize>()
    }
}

/// The nodes for ECharts, outermost first, and how many levels they have. A node's colour is that of
/// its outermost parent, paler with every level.
pub(crate) fn nodes(drawing: &Drawing<'_>, notes: &mut Vec<String>) -> (Vec<Value>, usize) {
    let table = drawing.table;
    let mut levels = drawing.roles.levels(&table.columns);
    levels.truncate(MOST_LEVELS);
    let (Some(y), false) = (drawing.roles.y.first().copied(), levels.is_empty()) else { return (Vec::new(), 0) };
    let mut root = Node::default();
    let mut left_out = 0;
    for (row, cell) in table.data[y].iter().enumerate() {
        let Some(value) = number(cell).filter(|v| *v > 0.0) else {
            left_out += usize::from(number(cell).is_some_and(|v| v < 0.0));
            continue;
        };
        let mut at = &mut root;
        at.value += value;
        for level in &levels {
            at = at.child(series_label(&table.data[*level][row], drawing.field(*level)));
            at.value += value;
        }
    }
    if left_out > 0 {
        notes.push(format!(
            "{} left out: a part cannot be negative.",
            plural(left_out, "negative value", "negative values")
        ));
    }
    let most = if table.row_count() > MOST_LEAVES { MOST_CHILDREN / 2 } else { MOST_CHILDREN };
    let gathered = root.settle(most);
    if gathered > 0 {
        notes.push(format!("The {} smallest parts are gathered in Others.", count(gathered)));
    }
    let names: Vec<&str> = root.children.iter().map(|c| c.name.as_str()).collect();
    let slots = slots(&names);
    let total = root.value;
    let nodes = root.children.iter().zip(slots).map(|(child, slot)| {
        let others = child.name.starts_with("Others (");
        let color = if others { &drawing.colors.line_strong } else { drawing.colors.category(slot) };
        write(drawing, child, color, 0, total)
    });
    (nodes.collect(), levels.len())
}

fn write(drawing: &Drawing<'_>, node: &Node, color: &str, depth: usize, total: f64) -> Value {
    let shade = mix(color, &drawing.colors.surface, (depth as f64 * 0.22).min(0.7));
    let ink = drawing.colors.ink_on(&shade);
    let mut item = Map::new();
    put(&mut item, "name", node.name.as_str());
    put(&mut item, "value", node.value);
    put(&mut item, "share", node.value / total);
    put(&mut item, "itemStyle", json!({"color": shade}));
    put(&mut item, "label", json!({"color": ink}));
    if !node.children.is_empty() {
        let children = node.children.iter().map(|c| write(drawing, c, color, depth + 1, total));
        put(&mut item, "children", children.collect::<Vec<_>>());
        put(&mut item, "upperLabel", json!({"color": drawing.colors.text}));
    }
    Value::Object(item)
}

/// Value and share of the whole.
pub(crate) fn tooltip(drawing: &Drawing<'_>) -> Value {
    use crate::marker::Room;
    let y = drawing.roles.y.first().copied();
    let format = y.map_or(json!({"kind": "number"}), |y| drawing.format(y, Room::Full));
    let label = y.map_or("", |y| drawing.field(y).label.as_str());
    let rows = json!([
        {"label": label, "format": format},
        {"field": "data.share", "label": "Share", "format": {"kind": "percent", "decimals": 1}},
    ]);
    drawing.tooltip("item", Value::Null, &json!({"title": {"kind": "text"}, "rows": rows}))
}
