//! Rules while somebody works on them.

use super::super::editing::Editing;
use crate::api::policies::{Ruled, save_policies};
use crate::components::Choice;
use crate::pages::deeds::Deed;
use domain::policy::{Audience, ColumnPolicy, ColumnRule, Policies, RowPolicy};
use domain::query::Filter;
use domain::{Column, Dataset};
use leptos::prelude::*;

/// The state of the tab. Copy it freely.
#[derive(Clone, Copy)]
pub(super) struct Ruling {
    pub(super) dataset: RwSignal<Dataset>,
    pub(super) saved: RwSignal<Policies>,
    pub(super) rows: RwSignal<Vec<RowDraft>>,
    pub(super) columns: RwSignal<Vec<ColumnDraft>>,
    pub(super) users: StoredValue<Vec<String>>,
    pub(super) groups: StoredValue<Vec<String>>,
    pub(super) deed: Deed,
    next: StoredValue<u32>,
}

/// A rule on rows being written.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct RowDraft {
    pub(super) key: u32,
    pub(super) name: RwSignal<String>,
    pub(super) audience: RwSignal<Audience>,
    pub(super) parts: RwSignal<Parts>,
}

/// The conditions of a rule.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Parts {
    /// Of which all hold, or any; one that is not complete yet is nothing.
    Flat { any: bool, list: Vec<Part> },
    /// Groups in groups: changed as YAML.
    Deep(Filter),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Part {
    pub(super) key: u32,
    pub(super) column: String,
    pub(super) filter: Option<Filter>,
}

/// A rule on columns being written.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct ColumnDraft {
    pub(super) key: u32,
    pub(super) name: RwSignal<String>,
    pub(super) audience: RwSignal<Audience>,
    pub(super) columns: RwSignal<Vec<String>>,
    pub(super) rule: RwSignal<ColumnRule>,
}

impl Ruling {
    pub(super) fn new(editing: Editing, ruled: Ruled) -> Self {
        let ruling = Self {
            dataset: editing.dataset,
            saved: RwSignal::new(ruled.policies.clone()),
            rows: RwSignal::new(Vec::new()),
            columns: RwSignal::new(Vec::new()),
            users: StoredValue::new(ruled.users),
            groups: StoredValue::new(ruled.groups),
            deed: Deed::new(),
            next: StoredValue::new(0),
        };
        ruling.show(ruled.policies);
        ruling
    }

    pub(super) fn name(self) -> String {
        self.dataset.with_untracked(|d| d.name.clone())
    }

    pub(super) fn key(self) -> u32 {
        self.next.update_value(|n| *n += 1);
        self.next.get_value()
    }

    /// Begins with these rules.
    pub(super) fn show(self, policies: Policies) {
        self.rows.set(policies.rows.into_iter().map(|p| self.row_draft(p)).collect());
        self.columns.set(policies.columns.into_iter().map(|p| self.column_draft(p)).collect());
    }

    fn row_draft(self, policy: RowPolicy) -> RowDraft {
        RowDraft {
            key: self.key(),
            name: RwSignal::new(policy.name),
            audience: RwSignal::new(policy.audience),
            parts: RwSignal::new(self.parts(policy.filter)),
        }
    }

    fn column_draft(self, policy: ColumnPolicy) -> ColumnDraft {
        ColumnDraft {
            key: self.key(),
            name: RwSignal::new(policy.name),
            audience: RwSignal::new(policy.audience),
            columns: RwSignal::new(policy.columns),
            rule: RwSignal::new(policy.rule),
        }
    }

    fn parts(self, filter: Filter) -> Parts {
        let (any, list) = match &filter {
            Filter::Is(_) => (false, vec![filter.clone()]),
            Filter::And(list) => (false, list.clone()),
            Filter::Or(list) => (true, list.clone()),
        };
        // Nothing to choose from is no row: that is written as YAML.
        if list.iter().any(|f| !matches!(f, Filter::Is(_))) || (any && list.is_empty()) {
            return Parts::Deep(filter);
        }
        let part = |filter: Filter| {
            let column = if let Filter::Is(c) = &filter { c.column.clone() } else { String::new() };
            Part { key: self.key(), column, filter: Some(filter) }
        };
        Parts::Flat { any, list: list.into_iter().map(part).collect() }
    }

    pub(super) fn add_rows(self) {
        let name = format!("Rows {}", self.rows.with_untracked(Vec::len) + 1);
        let filter = Filter::And(Vec::new());
        let draft = self.row_draft(RowPolicy { name, audience: Audience::default(), filter });
        self.rows.update(|all| all.push(draft));
    }

    pub(super) fn add_columns(self) {
        let name = format!("Columns {}", self.columns.with_untracked(Vec::len) + 1);
        let audience = Audience { everyone: true, ..Audience::default() };
        let draft = self.column_draft(ColumnPolicy { name, audience, columns: Vec::new(), rule: ColumnRule::Hide });
        self.columns.update(|all| all.push(draft));
    }

    /// The rules as they stand in the form.
    pub(super) fn draft(self) -> Policies {
        let rows = self.rows.get().into_iter().map(|d| RowPolicy {
            name: d.name.get().trim().to_owned(),
            audience: d.audience.get(),
            filter: match d.parts.get() {
                Parts::Deep(filter) => filter,
                Parts::Flat { any, list } => {
                    let mut list: Vec<Filter> = list.into_iter().filter_map(|p| p.filter).collect();
                    match (list.len(), any) {
                        (1, _) => list.remove(0),
                        // A rule without conditions is about all rows.
                        (0, _) | (_, false) => Filter::And(list),
                        _ => Filter::Or(list),
                    }
                }
            },
        });
        let columns = self.columns.get().into_iter().map(|d| ColumnPolicy {
            name: d.name.get().trim().to_owned(),
            audience: d.audience.get(),
            columns: d.columns.get(),
            rule: d.rule.get(),
        });
        Policies { rows: rows.collect(), columns: columns.collect() }
    }

    /// Whether conditions lack something: saved as they are they would show more than was meant.
    fn is_whole(self) -> bool {
        let whole = |parts: Parts| match parts {
            Parts::Deep(_) => true,
            Parts::Flat { list, .. } => list.iter().all(|p| p.filter.is_some()),
        };
        self.rows.get_untracked().into_iter().all(|d| whole(d.parts.get_untracked()))
    }

    pub(super) fn changed(self) -> Memo<bool> {
        Memo::new(move |_| self.draft() != self.saved.get())
    }

    /// What keeps the rules from being saved or tried, if anything.
    pub(super) fn ready(self) -> bool {
        if self.is_whole() {
            return true;
        }
        let error = domain::Error::invalid("A condition is not complete.").hint("Finish it, or remove it.");
        self.deed.error.set(Some(error));
        false
    }

    pub(super) fn save(self, done: impl FnOnce(()) + 'static) {
        if !self.ready() {
            return;
        }
        let policies = untrack(move || self.draft());
        self.deed.submit(save_policies(self.name(), policies), move |saved| {
            _ = self.saved.try_set(saved);
            done(());
        });
    }

    pub(super) fn discard(self) {
        self.deed.error.set(None);
        self.show(self.saved.get_untracked());
    }

    /// The columns that a rule on rows can compare.
    pub(super) fn stored(self) -> Vec<Column> {
        self.dataset.with(|d| d.columns.iter().filter(|c| !c.is_calculated).cloned().collect())
    }

    /// The users, to choose from.
    pub(super) fn people(self) -> Vec<Choice> {
        self.users.with_value(|all| all.iter().map(|name| Choice::new(name, name)).collect())
    }
}
