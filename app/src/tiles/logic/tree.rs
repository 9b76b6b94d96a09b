//! Conditions in groups while somebody edits them: all of, or any of, one within another. A row
//! that is not finished has its place here, and no part in the filter.

use domain::query::Filter;

/// How deep groups may lie in one another. `semantic` takes more than a person can read.
pub const DEEPEST: usize = 5;

/// A row or a group, by an id that stays while its contents change.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub id: u32,
    pub what: What,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A condition on a column; none while it is not finished.
    Row {
        column: String,
        filter: Option<Filter>,
    },
    Group {
        any: bool,
        nodes: Vec<Node>,
    },
}

/// The groups of a filter; the outermost one is always there and has the id 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    root: Node,
    next: u32,
}

impl Tree {
    /// Reads a filter.
    pub fn of(filter: Option<&Filter>) -> Self {
        let mut next = 1;
        let what = match filter {
            None => What::Group { any: false, nodes: Vec::new() },
            Some(Filter::And(all)) => What::Group { any: false, nodes: read_all(all, &mut next) },
            Some(Filter::Or(all)) => What::Group { any: true, nodes: read_all(all, &mut next) },
            Some(one) => What::Group { any: false, nodes: read_all(std::slice::from_ref(one), &mut next) },
        };
        Self { root: Node { id: 0, what }, next }
    }

    /// The filter of what is finished.
    pub fn filter(&self) -> Option<Filter> {
        write(&self.root)
    }

    /// A node by its id.
    pub fn find(&self, id: u32) -> Option<&Node> {
        find(&self.root, id)
    }

    /// The nodes of a group.
    pub fn nodes(&self, group: u32) -> Vec<Node> {
        match self.find(group).map(|node| &node.what) {
            Some(What::Group { nodes, .. }) => nodes.clone(),
            _ => Vec::new(),
        }
    }

    /// Whether one condition of a group is enough.
    pub fn is_any(&self, group: u32) -> bool {
        matches!(self.find(group).map(|node| &node.what), Some(What::Group { any: true, .. }))
    }

    /// Adds a row to a group.
    pub fn add_row(&mut self, group: u32, column: &str) {
        self.push(group, What::Row { column: column.to_owned(), filter: None });
    }

    /// Adds an empty group, of the other sort than the one it is in.
    pub fn add_group(&mut self, group: u32) {
        let any = !self.is_any(group);
        self.push(group, What::Group { any, nodes: Vec::new() });
    }

    /// Finishes a row, or takes its value away.
    pub fn set(&mut self, id: u32, new: Option<Filter>) {
        if let Some(What::Row { filter, .. }) = find_mut(&mut self.root, id).map(|node| &mut node.what) {
            *filter = new;
        }
    }

    /// All of, or any of.
    pub fn set_any(&mut self, group: u32, new: bool) {
        if let Some(What::Group { any, .. }) = find_mut(&mut self.root, group).map(|node| &mut node.what) {
            *any = new;
        }
    }

    /// Takes a row or a group out.
    pub fn remove(&mut self, id: u32) {
        remove(&mut self.root, id);
    }

    fn push(&mut self, group: u32, what: What) {
        let id = self.next;
        if let Some(What::Group { nodes, .. }) = find_mut(&mut self.root, group).map(|node| &mut node.what) {
            nodes.push(Node { id, what });
            self.next += 1;
        }
    }
}

fn read_all(filters: &[Filter], next: &mut u32) -> Vec<Node> {
    let mut node = |filter: &Filter| {
        let id = *next;
        *next += 1;
        let what = match filter {
            Filter::And(all) => What::Group { any: false, nodes: read_all(all, next) },
            Filter::Or(all) => What::Group { any: true, nodes: read_all(all, next) },
            Filter::Is(test) => What::Row { column: test.column.clone(), filter: Some(filter.clone()) },
        };
        Node { id, what }
    };
    filters.iter().map(&mut node).collect()
}

/// A group of one is that one.
fn write(node: &Node) -> Option<Filter> {
    match &node.what {
        What::Row { filter, .. } => filter.clone(),
        What::Group { any, nodes } => {
            let mut parts: Vec<Filter> = nodes.iter().filter_map(write).collect();
            match (parts.len(), any) {
                (0 | 1, _) => parts.pop(),
                (_, true) => Some(Filter::Or(parts)),
                (_, false) => Some(Filter::And(parts)),
            }
        }
    }
}

fn find(node: &Node, id: u32) -> Option<&Node> {
    if node.id == id {
        return Some(node);
    }
    match &node.what {
        What::Group { nodes, .. } => nodes.iter().find_map(|inner| find(inner, id)),
        What::Row { .. } => None,
    }
}

fn find_mut(node: &mut Node, id: u32) -> Option<&mut Node> {
    if node.id == id {
        return Some(node);
    }
    match &mut node.what {
        What::Group { nodes, .. } => nodes.iter_mut().find_map(|inner| find_mut(inner, id)),
        What::Row { .. } => None,
    }
}

fn remove(node: &mut Node, id: u32) {
    if let What::Group { nodes, .. } = &mut node.what {
        nodes.retain(|inner| inner.id != id);
        nodes.iter_mut().for_each(|inner| remove(inner, id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::query::Op;

    fn is(column: &str) -> Filter {
        Filter::is(column, Op::Eq, 1)
    }

    #[test]
    fn groups_survive_the_editor() {
        let nested = Filter::And(vec![is("a"), Filter::Or(vec![is("b"), Filter::And(vec![is("c"), is("d")])])]);
        for filter in [None, Some(is("a")), Some(Filter::Or(vec![is("a"), is("b")])), Some(nested)] {
            assert_eq!(Tree::of(filter.as_ref()).filter(), filter);
        }
    }

    #[test]
    fn what_is_not_finished_is_no_part_of_the_filter() {
        let mut tree = Tree::of(Some(&is("a")));
        tree.add_row(0, "b");
        tree.add_group(0);
        assert_eq!(tree.filter(), Some(is("a")));
        let (row, group) = (tree.nodes(0)[1].id, tree.nodes(0)[2].id);
        assert!(tree.is_any(group), "a group in “all of” is “any of”");
        tree.add_row(group, "c");
        tree.add_row(group, "d");
        let inner = tree.nodes(group);
        tree.set(inner[0].id, Some(is("c")));
        assert_eq!(tree.filter(), Some(Filter::And(vec![is("a"), is("c")])));
        tree.set(inner[1].id, Some(is("d")));
        tree.set(row, Some(is("b")));
        let both = Filter::Or(vec![is("c"), is("d")]);
        assert_eq!(tree.filter(), Some(Filter::And(vec![is("a"), is("b"), both.clone()])));
        tree.remove(row);
        tree.set_any(0, true);
        assert_eq!(tree.filter(), Some(Filter::Or(vec![is("a"), both])));
        tree.remove(group);
        tree.remove(tree.nodes(0)[0].id);
        assert_eq!(tree.filter(), None);
    }
}
