//! What lies between two versions of a model: in words, for those who read its history, and as parts,
//! so that what two people changed at once can be brought together where they changed different ones.

use super::{CalculatedColumn, Hierarchy, Relationship, SemanticModel};
use crate::query::JoinKind;
use std::fmt;

/// A kind of part that a model has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartKind {
    Calculated,
    Hierarchy,
    Relationship,
    Synonyms,
}

/// What became of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    Added,
    Changed,
    Removed,
}

/// One part that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelChange {
    pub part: PartKind,
    pub kind: ChangeKind,
    /// What people call the part.
    pub name: String,
    /// What of it differs, in words.
    pub details: Vec<String>,
}

impl fmt::Display for ModelChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.part {
            PartKind::Calculated => "Calculated column",
            PartKind::Hierarchy => "Hierarchy",
            PartKind::Relationship => "Relationship with",
            PartKind::Synonyms => "Synonyms of",
        };
        let verb = match self.kind {
            ChangeKind::Added => "added",
            ChangeKind::Changed => "changed",
            ChangeKind::Removed => "removed",
        };
        write!(f, "{what} {} {verb}", self.name)
    }
}

/// A part by what it is known by. Two versions of the same part have the same key.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Part<'a> {
    Calculated(&'a CalculatedColumn),
    Hierarchy(&'a Hierarchy),
    Relationship(&'a Relationship),
    Synonyms(&'a str, &'a [String]),
}

impl<'a> Part<'a> {
    /// All parts of a model, in its order.
    fn all(model: &'a SemanticModel) -> Vec<Self> {
        let synonyms = model.synonyms.iter().map(|(column, words)| Part::Synonyms(column, words));
        let calculated = model.calculated.iter().map(Part::Calculated);
        let relationships = model.relationships.iter().map(Part::Relationship);
        let hierarchies = model.hierarchies.iter().map(Part::Hierarchy);
        calculated.chain(hierarchies).chain(relationships).chain(synonyms).collect()
    }

    fn kind(self) -> PartKind {
        match self {
            Part::Calculated(_) => PartKind::Calculated,
            Part::Hierarchy(_) => PartKind::Hierarchy,
            Part::Relationship(_) => PartKind::Relationship,
            Part::Synonyms(..) => PartKind::Synonyms,
        }
    }

    fn key(self) -> (PartKind, &'a str) {
        let name = match self {
            Part::Calculated(column) => column.name.as_str(),
            Part::Hierarchy(hierarchy) => hierarchy.id.as_str(),
            Part::Relationship(relationship) => relationship.qualifier(),
            Part::Synonyms(column, _) => column,
        };
        (self.kind(), name)
    }

    fn name(self) -> String {
        match self {
            Part::Calculated(column) => column.name.clone(),
            Part::Hierarchy(hierarchy) => hierarchy.name.clone(),
            Part::Relationship(relationship) => relationship.qualifier().to_owned(),
            Part::Synonyms(column, _) => column.to_owned(),
        }
    }

    /// What it says, for a part that is new.
    fn said(self) -> Vec<String> {
        match self {
            Part::Calculated(column) => vec![column.expression.clone()],
            Part::Hierarchy(hierarchy) => vec![hierarchy.columns.join(" > ")],
            Part::Relationship(relationship) => vec![pairs(relationship)],
            Part::Synonyms(_, words) => vec![words.join(", ")],
        }
    }

    /// What differs from an earlier version of the same part.
    fn since(self, before: Self) -> Vec<String> {
        match (before, self) {
            (Part::Calculated(a), Part::Calculated(b)) => [
                now_was("expression", &a.expression, &b.expression),
                now_was("label", &a.label, &b.label),
                now_was("role", a.role.map_or("automatic", |r| r.as_str()), b.role.map_or("automatic", |r| r.as_str())),
                now_was("description", &a.description, &b.description),
                (a.format != b.format).then(|| "another format".to_owned()),
            ]
            .into_iter()
            .flatten()
            .collect(),
            (Part::Hierarchy(a), Part::Hierarchy(b)) => {
                [now_was("name", &a.name, &b.name), now_was("levels", &a.columns.join(" > "), &b.columns.join(" > "))]
                    .into_iter()
                    .flatten()
                    .collect()
            }
            (Part::Relationship(a), Part::Relationship(b)) => [
                now_was("dataset", &a.dataset, &b.dataset),
                now_was("columns", &pairs(a), &pairs(b)),
                now_was("rows without a match", fate(a.kind), fate(b.kind)),
                now_was("description", &a.description, &b.description),
            ]
            .into_iter()
            .flatten()
            .collect(),
            (Part::Synonyms(_, a), Part::Synonyms(_, b)) => {
                let only = |some: &[String], other: &[String]| {
                    some.iter().filter(|word| !other.contains(word)).cloned().collect::<Vec<_>>().join(", ")
                };
                let (new, gone) = (only(b, a), only(a, b));
                let said = |word: &str, list: String| (!list.is_empty()).then(|| format!("{word} {list}"));
                [said("added", new), said("removed", gone)].into_iter().flatten().collect()
            }
            _ => Vec::new(),
        }
    }

    /// Puts it into a model, in the place of the one with its key or before the parts that followed it.
    fn put(self, model: &mut SemanticModel, at: usize) {
        fn set<T: Clone>(list: &mut Vec<T>, value: &T, at: usize, is_it: impl Fn(&T) -> bool) {
            match list.iter().position(is_it) {
                Some(own) => list[own] = value.clone(),
                None => list.insert(at.min(list.len()), value.clone()),
            }
        }
        match self {
            Part::Calculated(new) => set(&mut model.calculated, new, at, |c| c.name == new.name),
            Part::Hierarchy(new) => set(&mut model.hierarchies, new, at, |h| h.id == new.id),
            Part::Relationship(new) => {
                set(&mut model.relationships, new, at, |r| r.qualifier() == new.qualifier());
            }
            Part::Synonyms(column, words) => _ = model.synonyms.insert(column.to_owned(), words.to_vec()),
        }
    }

    fn remove(self, model: &mut SemanticModel) {
        match self {
            Part::Calculated(old) => model.calculated.retain(|c| c.name != old.name),
            Part::Hierarchy(old) => model.hierarchies.retain(|h| h.id != old.id),
            Part::Relationship(old) => model.relationships.retain(|r| r.qualifier() != old.qualifier()),
            Part::Synonyms(column, _) => _ = model.synonyms.remove(column),
        }
    }
}

fn now_was(what: &str, before: &str, after: &str) -> Option<String> {
    let word = |text: &str| if text.is_empty() { "nothing".to_owned() } else { format!("“{text}”") };
    (before != after).then(|| format!("{what} {}, before {}", word(after), word(before)))
}

fn pairs(relationship: &Relationship) -> String {
    relationship.on.iter().map(|(here, there)| format!("{here} = {there}")).collect::<Vec<_>>().join(", ")
}

fn fate(kind: JoinKind) -> &'static str {
    match kind {
        JoinKind::Left => "are kept",
        JoinKind::Inner => "are left out",
    }
}

fn find<'a>(parts: &[Part<'a>], key: (PartKind, &str)) -> Option<Part<'a>> {
    parts.iter().copied().find(|part| part.key() == key)
}

/// The parts that differ: those of the later version in its order, then those it no longer has.
pub fn changes(before: &SemanticModel, after: &SemanticModel) -> Vec<ModelChange> {
    let (old, new) = (Part::all(before), Part::all(after));
    let change = |part: Part<'_>, kind, details| ModelChange { part: part.kind(), kind, name: part.name(), details };
    let mut found: Vec<ModelChange> = new
        .iter()
        .filter_map(|part| match find(&old, part.key()) {
            None => Some(change(*part, ChangeKind::Added, part.said())),
            Some(was) if was != *part => Some(change(*part, ChangeKind::Changed, part.since(was))),
            Some(_) => None,
        })
        .collect();
    let gone = old.iter().filter(|part| find(&new, part.key()).is_none());
    found.extend(gone.map(|part| change(*part, ChangeKind::Removed, part.said())));
    found
}

/// `mine`, which was made from `base`, on top of `theirs`, which was saved meanwhile. Nothing where
/// both changed the same part in different ways: then a person decides.
pub fn rebase(base: &SemanticModel, mine: &SemanticModel, theirs: &SemanticModel) -> Option<SemanticModel> {
    let (old, own, other) = (Part::all(base), Part::all(mine), Part::all(theirs));
    let mut merged = theirs.clone();
    for (at, part) in own.iter().enumerate() {
        let was = find(&old, part.key());
        if was == Some(*part) {
            continue;
        }
        let now = find(&other, part.key());
        if now != was && now != Some(*part) {
            return None;
        }
        let before = own[..at].iter().filter(|p| p.kind() == part.kind()).count();
        part.put(&mut merged, before);
    }
    for part in old.iter().filter(|part| find(&own, part.key()).is_none()) {
        match find(&other, part.key()) {
            Some(now) if now != *part => return None,
            _ => part.remove(&mut merged),
        }
    }
    Some(merged)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(text: &str) -> SemanticModel {
        serde_json::from_str(text).unwrap()
    }

    fn base() -> SemanticModel {
        model(
            r#"{"calculated": [{"name": "speed", "expression": "distance / air_time"}],
                "hierarchies": [{"id": "place", "name": "Place", "columns": ["country", "city"]}],
                "relationships": [{"dataset": "airlines", "on": [["carrier", "carrier"]]}],
                "synonyms": {"dest": ["destination", "goal"]}}"#,
        )
    }

    #[test]
    fn differences_have_words() {
        let after = model(
            r#"{"calculated": [{"name": "speed", "expression": "distance / air_time * 60", "role": "measure"},
                               {"name": "late", "expression": "dep_delay > 15"}],
                "hierarchies": [{"id": "place", "name": "Place", "columns": ["country", "region", "city"]}],
                "synonyms": {"dest": ["destination", "target"]}}"#,
        );
        let found = changes(&base(), &after);
        let words: Vec<String> = found.iter().map(|c| format!("{c}: {}", c.details.join("; "))).collect();
        assert_eq!(
            words,
            [
                "Calculated column speed changed: expression “distance / air_time * 60”, before “distance / air_time”; role “measure”, before “automatic”",
                "Calculated column late added: dep_delay > 15",
                "Hierarchy Place changed: levels “country > region > city”, before “country > city”",
                "Synonyms of dest changed: added target; removed goal",
                "Relationship with airlines removed: carrier = carrier",
            ]
        );
        assert_eq!(changes(&after, &after), []);
    }

    #[test]
    fn changes_of_different_parts_come_together() {
        let (mut mine, mut theirs) = (base(), base());
        mine.calculated[0].expression = "1".into();
        mine.relationships.clear();
        theirs.hierarchies[0].name = "Where".into();
        theirs.synonyms.clear();
        let merged = rebase(&base(), &mine, &theirs).unwrap();
        assert_eq!(merged.calculated[0].expression, "1");
        assert!(merged.relationships.is_empty() && merged.synonyms.is_empty());
        assert_eq!(merged.hierarchies[0].name, "Where");
    }

    #[test]
    fn two_changes_of_one_part_are_a_matter_for_people() {
        let (mut mine, mut theirs) = (base(), base());
        mine.calculated[0].expression = "1".into();
        theirs.calculated[0].expression = "2".into();
        assert_eq!(rebase(&base(), &mine, &theirs), None);
        theirs.calculated.clear();
        assert_eq!(rebase(&base(), &mine, &theirs), None, "removed by one, changed by the other");
        let mut removed = base();
        removed.calculated.clear();
        assert_eq!(rebase(&base(), &removed, &removed), Some(removed.clone()), "both removed it");
    }
}
