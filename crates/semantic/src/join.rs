//! Joins: which columns must be equal, and what that means for the number of rows.
//!
//! A measure belongs to one dataset, its home: that of its column, or the question's own for a count
//! of rows. Rows of the home that other datasets repeat would count more than once, so such a measure
//! is worked out over rows of the home told apart by their id: each counts once in every group that
//! it takes part in. Whether rows can repeat follows from the unique keys of the datasets: from a row,
//! one knows the row of another dataset when the join's columns there are unique.

use crate::path::Path;
use crate::scope::{self, Scope};
use domain::query::{Join, JoinKind, Query};
use domain::{DataType, ErrorCode, Result};
use std::collections::BTreeSet;

/// The most joins of a question.
const MAX_JOINS: usize = 20;
/// The most pairs of one join.
const MAX_PAIRS: usize = 20;

/// A join that was checked.
pub(crate) struct Link<'a> {
    pub(crate) kind: JoinKind,
    /// Pairs of columns: dataset and name here, name there.
    pub(crate) pairs: Vec<(usize, &'a str, &'a str)>,
}

/// Checks the joins of a question one after the other: each may use the datasets before it.
pub(crate) fn add_all<'a>(mut scope: Scope<'a>, query: &'a Query) -> Result<Scope<'a>> {
    let root = Path::Root("joins");
    if query.joins.len() > MAX_JOINS {
        return Err(root.refuse(format!("A question joins at most {MAX_JOINS} datasets.")));
    }
    for (i, wanted) in query.joins.iter().enumerate() {
        let path = root.at(i);
        let Some(dataset) = scope.ctx.joins.get(i) else {
            let name = scope::shorten(&wanted.dataset);
            return Err(path.key("dataset").error(
                ErrorCode::UnknownDataset,
                format!("There is no dataset `{name}`, or it is not shared with you."),
            ));
        };
        let qualifier = wanted.qualifier();
        if qualifier.is_empty() || qualifier.len() > 200 {
            return Err(path.key("as").refuse("The name of a joined dataset has 1 to 200 characters."));
        }
        if scope.has_qualifier(qualifier) {
            return Err(path
                .refuse(format!("Two datasets of the question are called `{}`.", scope::shorten(qualifier)))
                .hint("Give one of them another name with `as`."));
        }
        // With a name of its own it is meant by that alone, so that a dataset can be joined twice.
        let other = if wanted.alias.is_some() { qualifier } else { dataset.source.name };
        if !dataset.source.parts.is_beside(scope.ctx.base.source.parts) {
            let (here, there) = (scope.ctx.base.source.name, dataset.source.name);
            return Err(path
                .key("dataset")
                .error(
                    ErrorCode::NotSupported,
                    format!("`{here}` and `{there}` lie in different places, so they cannot be joined."),
                )
                .hint("Join datasets of the same source, or upload both."));
        }
        let link = check(&scope, dataset, wanted, &path)?;
        scope.add_table(dataset, [qualifier, other]);
        for (table, here, there) in &link.pairs {
            scope.tables[*table].stored.insert(here);
            scope.tables[i + 1].stored.insert(there);
        }
        scope.links.push(link);
    }
    Ok(scope)
}

fn check<'a>(scope: &Scope<'a>, dataset: &'a crate::Dataset<'a>, wanted: &Join, path: &Path<'_>) -> Result<Link<'a>> {
    let on = path.key("on");
    if wanted.on.is_empty() {
        return Err(on
            .refuse("A join needs `on`: without it every row would meet every other.")
            .hint("Name the columns that must be equal, such as [[\"carrier\", \"carrier\"]]."));
    }
    if wanted.on.len() > MAX_PAIRS {
        return Err(on.refuse(format!("A join has at most {MAX_PAIRS} pairs of columns.")));
    }
    let mut pairs = Vec::with_capacity(wanted.on.len());
    for (i, (here, there)) in wanted.on.iter().enumerate() {
        let pair = on.at(i);
        let (table, left) = scope.find(here, &pair.at(0))?;
        let bare = there.strip_prefix(wanted.qualifier()).and_then(|n| n.strip_prefix('.'));
        let found = dataset.find(there).or_else(|| dataset.find(bare?));
        let right = found.ok_or_else(|| {
            let known = dataset.columns().map(|c| c.name.as_str());
            let message = format!("The dataset `{}` has no column `{}`.", wanted.dataset, scope::shorten(there));
            scope::unknown(&message, there, known, &pair.at(1))
        })?;
        let fits = left.ty == right.ty || (left.ty.is_number() && right.ty.is_number());
        if !fits || left.ty == DataType::Other {
            return Err(pair.refuse(format!(
                "`{}` ({}) cannot equal `{}` ({}).",
                left.name,
                left.ty.as_str(),
                right.name,
                right.ty.as_str()
            )));
        }
        let side = |dataset: &crate::Dataset<'a>, name: &str| {
            dataset.calculated.iter().any(|c| c.column.name == name) || dataset.policy.masks(name)
        };
        for (is_worked_out, place, name) in [
            (side(scope.tables[table].dataset, &left.name), pair.at(0), &left.name),
            (side(dataset, &right.name), pair.at(1), &right.name),
        ] {
            if is_worked_out {
                return Err(place.refuse(format!("`{name}` is not stored, so datasets cannot be joined by it.")));
            }
        }
        pairs.push((table, left.name.as_str(), right.name.as_str()));
    }
    Ok(Link { kind: wanted.kind, pairs })
}

/// Whether a join makes the columns of that name equal in two datasets.
pub(crate) fn equates(links: &[Link<'_>], table: usize, name: &str, first: usize) -> bool {
    table.checked_sub(1).and_then(|i| links.get(i)).is_some_and(|link| {
        link.pairs.iter().any(|(here_table, here, there)| {
            *there == name && *here == name && (*here_table == first || equates(links, *here_table, name, first))
        })
    })
}

/// The datasets whose row is known from a row of `home`.
pub(crate) fn determined(scope: &Scope<'_>, home: usize) -> BTreeSet<usize> {
    let mut known = BTreeSet::from([home]);
    loop {
        let before = known.len();
        for (i, link) in scope.links.iter().enumerate() {
            let child = i + 1;
            let there: Vec<&str> = link.pairs.iter().map(|p| p.2).collect();
            if link.pairs.iter().all(|p| known.contains(&p.0)) && scope.tables[child].dataset.is_unique(&there) {
                known.insert(child);
            }
            if known.contains(&child) {
                for (parent, ..) in &link.pairs {
                    let here: Vec<&str> = link.pairs.iter().filter(|p| p.0 == *parent).map(|p| p.1).collect();
                    if scope.tables[*parent].dataset.is_unique(&here) {
                        known.insert(*parent);
                    }
                }
            }
        }
        if known.len() == before {
            return known;
        }
    }
}

/// Whether a row of `home` can stand in more than one row of the joined datasets.
pub(crate) fn repeats(scope: &Scope<'_>, home: usize) -> bool {
    determined(scope, home).len() < scope.tables.len()
}

/// The dataset whose rows a measure over these datasets is about: the first of `order` that knows
/// them all.
pub(crate) fn home(scope: &Scope<'_>, used: &BTreeSet<usize>, order: &[usize], path: &Path<'_>) -> Result<usize> {
    let all = order.iter().copied().chain(0..scope.tables.len());
    all.into_iter().find(|h| used.is_subset(&determined(scope, *h))).ok_or_else(|| {
        path.refuse(
            "This measure uses columns of datasets that match each other more than once, so it has no one value.",
        )
        .hint("Use columns of one dataset, or join by columns that are unique in one of them.")
    })
}
