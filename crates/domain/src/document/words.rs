//! Facts as sentences: "moved 3 tiles and renamed “Sales” to “Sales by region”".

use super::facts::{Fact, Names};
use crate::layout::Position;
use std::mem::discriminant;

/// So many things are said before the rest is counted.
const SAID: usize = 4;
/// Longer names are cut.
const LONGEST_NAME: usize = 60;

/// What happened, as what follows the name of who did it.
pub fn sentence(facts: &[Fact], names: &Names) -> String {
    let mut phrases: Vec<(usize, String)> = Vec::new();
    let mut told: Vec<&Fact> = Vec::new();
    for fact in facts {
        if told.iter().any(|other| discriminant(*other) == discriminant(fact)) {
            continue;
        }
        let same: Vec<&Fact> = facts.iter().filter(|other| discriminant(*other) == discriminant(fact)).collect();
        phrases.push((same.len(), phrase(&same, names)));
        told.push(fact);
    }
    if phrases.is_empty() {
        return "changed something and put it back".to_owned();
    }
    let rest: usize = phrases.iter().skip(SAID).map(|(count, _)| count).sum();
    let mut said: Vec<String> = phrases.into_iter().take(SAID).map(|(_, phrase)| phrase).collect();
    match rest {
        0 => {}
        1 => said.push("changed one more thing".to_owned()),
        _ => said.push(format!("changed {rest} more things")),
    }
    list(&said)
}

/// "a, b and c".
fn list(parts: &[String]) -> String {
    match parts.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// A name between marks; a tile without a name is one.
pub(super) fn quoted(name: &str) -> String {
    let name = name.trim();
    match name.chars().count() {
        0 => "an untitled tile".to_owned(),
        n if n > LONGEST_NAME => format!("“{}…”", name.chars().take(LONGEST_NAME).collect::<String>().trim_end()),
        _ => format!("“{name}”"),
    }
}

/// Several facts of one kind.
fn phrase(same: &[&Fact], names: &Names) -> String {
    let [fact] = same else { return plural(same) };
    let tile = |id: &str| quoted(names.tile(id));
    match fact {
        Fact::Born(0) => "created the dashboard".to_owned(),
        Fact::Born(1) => "created the dashboard with a tile".to_owned(),
        Fact::Born(n) => format!("created the dashboard with {n} tiles"),
        Fact::Named { from, to } => format!("renamed the dashboard from {} to {}", quoted(from), quoted(to)),
        Fact::Described => "changed the description".to_owned(),
        Fact::Themed => "changed the theme".to_owned(),
        Fact::Arranged => "changed the arrangement".to_owned(),
        Fact::TileAdded { id } => format!("added {}", tile(id)),
        Fact::TileRemoved { id } => format!("removed {}", tile(id)),
        Fact::TileMoved { id, from, to } if is_resized(from, to) => format!("resized {}", tile(id)),
        Fact::TileMoved { id, .. } => format!("moved {}", tile(id)),
        Fact::TileNamed { from, to, .. } if from.trim().is_empty() => format!("named a tile {}", quoted(to)),
        Fact::TileNamed { from, to, .. } if to.trim().is_empty() => format!("took the title of {} away", quoted(from)),
        Fact::TileNamed { from, to, .. } => format!("renamed {} to {}", quoted(from), quoted(to)),
        Fact::TileTurned { id, to, .. } => format!("changed {} to {to}", tile(id)),
        Fact::TileWritten { id } => format!("rewrote {}", tile(id)),
        Fact::TileAsks { id, .. } => format!("changed the question of {}", tile(id)),
        Fact::TileSet { id, .. } => format!("changed the settings of {}", tile(id)),
        Fact::TileTabbed { id, to } if to.is_empty() => format!("moved {} to another tab", tile(id)),
        Fact::TileTabbed { id, to } => format!("moved {} to the tab {}", tile(id), quoted(to)),
        Fact::FilterAdded(name) => format!("added the filter {}", quoted(name)),
        Fact::FilterRemoved(name) => format!("removed the filter {}", quoted(name)),
        Fact::FilterChanged(name) => format!("changed the filter {}", quoted(name)),
        Fact::FiltersOrdered => "reordered the filters".to_owned(),
        Fact::TabAdded(name) => format!("added the tab {}", quoted(name)),
        Fact::TabRemoved(name) => format!("removed the tab {}", quoted(name)),
        Fact::TabNamed { from, to } => format!("renamed the tab {} to {}", quoted(from), quoted(to)),
        Fact::TabsOrdered => "reordered the tabs".to_owned(),
    }
}

fn plural(same: &[&Fact]) -> String {
    let n = same.len();
    let resized = |fact: &&Fact| matches!(fact, Fact::TileMoved { from, to, .. } if is_resized(from, to));
    match same.first() {
        Some(Fact::TileAdded { .. }) => format!("added {n} tiles"),
        Some(Fact::TileRemoved { .. }) => format!("removed {n} tiles"),
        Some(Fact::TileMoved { .. }) if same.iter().all(resized) => format!("resized {n} tiles"),
        Some(Fact::TileMoved { .. }) => format!("moved {n} tiles"),
        Some(Fact::TileNamed { .. }) => format!("renamed {n} tiles"),
        Some(Fact::TileTurned { .. }) => format!("changed the kind of {n} tiles"),
        Some(Fact::TileWritten { .. }) => format!("rewrote {n} texts"),
        Some(Fact::TileAsks { .. }) => format!("changed the questions of {n} tiles"),
        Some(Fact::TileSet { .. }) => format!("changed the settings of {n} tiles"),
        Some(Fact::TileTabbed { .. }) => format!("moved {n} tiles to another tab"),
        Some(Fact::FilterAdded(_)) => format!("added {n} filters"),
        Some(Fact::FilterRemoved(_)) => format!("removed {n} filters"),
        Some(Fact::FilterChanged(_)) => format!("changed {n} filters"),
        Some(Fact::TabAdded(_)) => format!("added {n} tabs"),
        Some(Fact::TabRemoved(_)) => format!("removed {n} tabs"),
        Some(Fact::TabNamed { .. }) => format!("renamed {n} tabs"),
        _ => format!("changed {n} things"),
    }
}

fn is_resized(from: &Position, to: &Position) -> bool {
    (from.x, from.y) == (to.x, to.y) && (from.w, from.h) != (to.w, to.h)
}

/// A fact about a tile that is named already.
pub(super) fn detail(fact: &Fact) -> String {
    match fact {
        Fact::TileMoved { from, to, .. } => {
            let place = |p: &Position| format!("column {}, row {}", p.x + 1, p.y + 1);
            let size = |p: &Position| format!("{} by {}", p.w, p.h);
            let moved =
                ((from.x, from.y) != (to.x, to.y)).then(|| format!("moved from {} to {}", place(from), place(to)));
            let sized =
                ((from.w, from.h) != (to.w, to.h)).then(|| format!("resized from {} to {}", size(from), size(to)));
            list(&moved.into_iter().chain(sized).collect::<Vec<_>>())
        }
        Fact::TileNamed { from, to, .. } if from.trim().is_empty() => format!("title: {}", quoted(to)),
        Fact::TileNamed { from, to, .. } if to.trim().is_empty() => format!("title {} taken away", quoted(from)),
        Fact::TileNamed { from, to, .. } => format!("renamed from {} to {}", quoted(from), quoted(to)),
        Fact::TileTurned { from, to, .. } => format!("kind: {from} became {to}"),
        Fact::TileWritten { .. } => "another text".to_owned(),
        Fact::TileAsks { to: Some(to), .. } => format!("another question: {to}"),
        Fact::TileAsks { .. } => "another question".to_owned(),
        Fact::TileSet { settings, .. } => format!("settings: {}", settings.join(", ")),
        Fact::TileTabbed { to, .. } if to.is_empty() => "on another tab".to_owned(),
        Fact::TileTabbed { to, .. } => format!("on the tab {}", quoted(to)),
        _ => String::new(),
    }
}
