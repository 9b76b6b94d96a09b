//! From what a person did to the changes of the document that say it.

use domain::Tile;
use domain::dashboard::{FilterControl, Tab};
use domain::document::{Change, Document, changes_between, filter_value, tile_value};
use domain::layout::Item;
use serde_json::{Value, json};

/// The places of tiles that are not where the document has them.
pub fn move_changes(document: &Document, items: &[Item]) -> Vec<Change> {
    let change = |item: &Item| {
        let place = serde_json::to_value(item.position).ok();
        document.change(format!("tiles/{}/position", item.id), place)
    };
    // Somebody may have removed a tile that is being moved.
    items.iter().map(change).filter(|change| change.old.is_some() && is_change(change)).collect()
}

/// The fields, and parts of fields, in which a tile is not as the document has it; a new tile as a
/// whole.
pub fn tile_changes(document: &Document, tile: &Tile) -> Vec<Change> {
    let path = format!("tiles/{}", tile.id);
    let new = tile_value(tile);
    let Some(old) = document.get(&path) else { return vec![Change { path, old: None, new: Some(new) }] };
    let place = format!("{path}/position");
    // A place is moved by the grid alone: the panel may hold one of a moment ago.
    let is_meant = |change: &Change| change.path != place && is_change(change);
    changes_between(&path, &old, &new).into_iter().filter(is_meant).collect()
}

/// The changes that make the tabs into these, in this order.
pub fn order_changes(document: &Document, tabs: &[Tab]) -> Vec<Change> {
    let value = |(i, tab): (usize, &Tab)| (tab.id.clone(), json!({"title": tab.title, "order": (i + 1) * 1024}));
    list_changes(document, "tabs", document.layout().tabs.into_iter().map(|t| t.id), tabs.iter().enumerate().map(value))
}

/// The changes that make the controls of the filter bar into these, in this order.
pub fn filter_changes(document: &Document, controls: &[FilterControl]) -> Vec<Change> {
    let value = |(i, control): (usize, &FilterControl)| (control.id.clone(), filter_value(control, i));
    let present = document.layout().filters.into_iter().map(|f| f.id);
    list_changes(document, "filters", present, controls.iter().enumerate().map(value))
}

fn list_changes(
    document: &Document,
    root: &str,
    present: impl Iterator<Item = String>,
    wanted: impl Iterator<Item = (String, Value)>,
) -> Vec<Change> {
    let wanted: Vec<(String, Value)> = wanted.collect();
    let removed = present.filter(|id| !wanted.iter().any(|(other, _)| other == id)).map(|id| (id, None));
    let removed: Vec<(String, Option<Value>)> = removed.collect();
    let put = wanted.into_iter().map(|(id, value)| (id, Some(value)));
    let change = |(id, new): (String, Option<Value>)| {
        let change = document.change(format!("{root}/{id}"), new);
        match (&change.old, &change.new) {
            (Some(old), Some(new)) => changes_between(&change.path, old, new),
            _ => vec![change],
        }
    };
    removed.into_iter().chain(put).flat_map(change).filter(is_change).collect()
}

/// Whether anything changes. The document may give `1024` back for `1024.0`.
pub(super) fn is_change(change: &Change) -> bool {
    match (&change.old, &change.new) {
        (Some(old), Some(new)) => !same(old, new),
        (old, new) => old != new,
    }
}

fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::dashboard::Layout;
    use domain::document::Edit;
    use domain::layout::Position;

    fn document(layout: &Layout) -> Document {
        let document = Document::new(1);
        document.apply(&Document::birth("Sales", "", "default", layout)).unwrap();
        document
    }

    fn tab(id: &str, title: &str) -> Tab {
        Tab { id: id.into(), title: title.into() }
    }

    #[test]
    fn only_what_moved_is_a_change() {
        let tile = |id: &str, x| Tile { id: id.into(), position: Position { x, y: 0, w: 6, h: 4 }, ..Tile::default() };
        let layout = Layout { widgets: vec![tile("a", 0), tile("b", 6)], ..Layout::default() };
        let document = document(&layout);
        let items = [Item::new("a", tile("a", 0).position), Item::new("b", tile("b", 0).position)];
        let changes = move_changes(&document, &items);
        assert_eq!(changes.iter().map(|c| c.path.as_str()).collect::<Vec<_>>(), ["tiles/b/position"]);
    }

    #[test]
    fn a_tile_changes_field_by_field_and_stays_where_it_is() {
        let mut tile = Tile { id: "a".into(), title: "Old".into(), text: Some("x".into()), ..Tile::default() };
        let document = document(&Layout { widgets: vec![tile.clone()], ..Layout::default() });
        tile.title = "New".into();
        tile.text = None;
        tile.position.x = 3;
        let paths: Vec<_> = tile_changes(&document, &tile).into_iter().map(|c| (c.path, c.new)).collect();
        assert_eq!(paths, [("tiles/a/text".into(), None), ("tiles/a/title".into(), Some("New".into()))]);
        tile.id = "b".into();
        assert_eq!(tile_changes(&document, &tile)[0].path, "tiles/b");
    }

    #[test]
    fn one_option_of_a_chart_is_one_change() {
        let source =
            |stack: bool| serde_json::from_value(json!({"table": "sales", "options": {"stack": stack, "smooth": 1}}));
        let tile = Tile { id: "a".into(), data_source: source(true).unwrap(), ..Tile::default() };
        let document = document(&Layout { widgets: vec![tile.clone()], ..Layout::default() });
        let tile = Tile { data_source: source(false).unwrap(), ..tile };
        let paths: Vec<_> = tile_changes(&document, &tile).into_iter().map(|c| c.path).collect();
        assert_eq!(paths, ["tiles/a/data_source/options/stack"]);
    }

    #[test]
    fn tabs_are_added_renamed_reordered_and_removed() {
        let layout = Layout { tabs: vec![tab("a", "A"), tab("b", "B")], ..Layout::default() };
        let document = document(&layout);
        assert_eq!(order_changes(&document, &layout.tabs), []);
        let wanted = [tab("b", "B"), tab("c", "C")];
        let edit = Edit { label: String::new(), changes: order_changes(&document, &wanted) };
        document.apply(&edit).unwrap();
        assert_eq!(document.layout().tabs, wanted);
    }

    #[test]
    fn controls_of_the_filter_bar_follow_their_list() {
        let control = FilterControl {
            id: "f".into(),
            dataset: "sales".into(),
            column: "region".into(),
            label: String::new(),
            default: None,
        };
        let document = document(&Layout::default());
        let edit = Edit { label: String::new(), changes: filter_changes(&document, std::slice::from_ref(&control)) };
        document.apply(&edit).unwrap();
        assert_eq!(document.layout().filters, std::slice::from_ref(&control));
        assert_eq!(filter_changes(&document, &[control]), []);
        assert_eq!(filter_changes(&document, &[]).len(), 1);
    }
}
