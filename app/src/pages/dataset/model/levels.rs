//! What becomes of hierarchies when a column is taken from one list to another.

use crate::components::Moved;
use domain::model::Hierarchy;
use domain::names::to_name;

/// The list of all columns.
pub(super) const AVAILABLE: &str = "available";
/// The place where a new hierarchy begins.
pub(super) const NEW: &str = "new";

/// The saved hierarchies, and those that are not saved in the place of their saved selves or after them.
pub(super) fn shown(saved: &[Hierarchy], begun: &[Hierarchy]) -> Vec<Hierarchy> {
    let now = |h: &Hierarchy| begun.iter().find(|b| b.id == h.id).unwrap_or(h).clone();
    let new = begun.iter().filter(|b| !saved.iter().any(|h| h.id == b.id));
    saved.iter().map(now).chain(new.cloned()).collect()
}

/// The name of a hierarchy that nobody has named.
fn usual_name(columns: &[String], label: &dyn Fn(&str) -> String) -> String {
    match columns {
        [] => "Hierarchy".to_owned(),
        [only] => label(only),
        [first, .., last] => format!("{} to {}", label(first), label(last)),
    }
}

/// The hierarchies that a move changes.
pub(super) fn moved(all: &[Hierarchy], moved: &Moved, label: &dyn Fn(&str) -> String) -> Vec<Hierarchy> {
    let Moved { item, from, to } = moved;
    let find = |id: &str| all.iter().find(|h| h.id == id);
    let with = |hierarchy: &Hierarchy, columns: Vec<String>| {
        let is_usual = hierarchy.name == usual_name(&hierarchy.columns, label);
        let name = if is_usual { usual_name(&columns, label) } else { hierarchy.name.clone() };
        Hierarchy { name, columns, ..hierarchy.clone() }
    };
    let without =
        |hierarchy: &Hierarchy| with(hierarchy, hierarchy.columns.iter().filter(|c| *c != item).cloned().collect());
    let left = find(from).filter(|_| from != &to.list).map(without);
    if to.list == NEW {
        let name = label(item);
        let base = Some(to_name(item)).filter(|id| !id.is_empty() && ![AVAILABLE, NEW].contains(&id.as_str()));
        let base: String = base.unwrap_or_else(|| "levels".to_owned()).chars().take(54).collect();
        let numbered = (2..).map(|n| format!("{base}_{n}"));
        let id = std::iter::once(base.clone()).chain(numbered).find(|id| find(id).is_none()).unwrap_or_default();
        return left.into_iter().chain([Hierarchy { id, name, columns: vec![item.clone()] }]).collect();
    }
    let joined = find(&to.list).and_then(|hierarchy| {
        let mut columns = hierarchy.columns.clone();
        columns.retain(|c| c != item);
        let at = to.before.as_ref().and_then(|before| columns.iter().position(|c| c == before));
        columns.insert(at.unwrap_or(columns.len()), item.clone());
        (columns != hierarchy.columns).then(|| with(hierarchy, columns))
    });
    left.into_iter().chain(joined).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::Spot;
    use domain::names::to_label;

    fn go(all: &[Hierarchy], item: &str, from: &str, list: &str, before: Option<&str>) -> Vec<Hierarchy> {
        let to = Spot { list: list.into(), before: before.map(Into::into) };
        moved(all, &Moved { item: item.into(), from: from.into(), to }, &to_label)
    }

    fn place() -> Hierarchy {
        let columns = vec!["country".into(), "city".into()];
        Hierarchy { id: "country".into(), name: "Country to City".into(), columns }
    }

    #[test]
    fn a_column_begins_a_hierarchy_and_others_join_it() {
        let begun = go(&[], "country", AVAILABLE, NEW, None);
        assert_eq!((begun[0].id.as_str(), begun[0].name.as_str()), ("country", "Country"));
        let grown = go(&begun, "city", AVAILABLE, "country", None);
        assert_eq!(grown, [place()]);
        let between = go(&grown, "region", AVAILABLE, "country", Some("city"));
        assert_eq!(between[0].columns, ["country", "region", "city"]);
        assert_eq!(go(&grown, "country", AVAILABLE, NEW, None)[0].id, "country_2");
    }

    #[test]
    fn levels_move_and_leave() {
        let all = [place(), Hierarchy { id: "x".into(), name: "Mine".into(), columns: vec!["a".into(), "b".into()] }];
        assert_eq!(go(&all, "city", "country", "country", Some("country"))[0].columns, ["city", "country"]);
        assert!(go(&all, "city", "country", "country", None).is_empty(), "it is there already");
        assert_eq!(go(&all, "city", "country", AVAILABLE, None)[0].columns, ["country"]);
        let both = go(&all, "city", "country", "x", Some("b"));
        assert_eq!(both[0].columns, ["country"]);
        assert_eq!((both[1].name.as_str(), both[1].columns.len()), ("Mine", 3));
    }

    #[test]
    fn what_is_not_saved_stands_for_what_is() {
        let short = Hierarchy { columns: vec!["country".into()], ..place() };
        let new = Hierarchy { id: "new".into(), ..Hierarchy::default() };
        assert_eq!(shown(&[place()], &[short.clone(), new.clone()]), [short, new]);
    }
}
