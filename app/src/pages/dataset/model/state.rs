//! The model of a dataset while people work on it: what is saved, what is being saved, and forms that
//! are open. It lives as long as the page, so that a look at another tab loses nothing.

use super::super::editing::Editing;
use super::calculated::ColumnForm;
use super::relationships::JoinForm;
use crate::api::models::{read_model, save_model};
use crate::components::local::Local;
use domain::model::{DatasetModel, Hierarchy, SemanticModel, rebase};
use domain::{Column, Dataset, Error, ErrorCode};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::VecDeque;

/// How often a change is put on top of what others saved meanwhile.
const TRIES: usize = 5;

type Change = Box<dyn FnOnce(&mut SemanticModel)>;
type Done = Box<dyn FnOnce(Result<(), Error>)>;

/// The page's state. Copy it freely.
#[derive(Clone, Copy)]
pub(crate) struct Modelling {
    editing: Editing,
    pub(super) dataset: RwSignal<Dataset>,
    /// What is saved; nothing before it was asked for.
    pub(super) found: RwSignal<Option<Result<DatasetModel, Error>>>,
    pub(super) busy: RwSignal<bool>,
    queue: Local<VecDeque<(Change, Done)>>,
    pub(super) column: ColumnForm,
    pub(super) join: JoinForm,
    /// Hierarchies that are not saved yet: they have too few levels.
    pub(super) begun: RwSignal<Vec<Hierarchy>>,
    /// YAML that somebody is about to import.
    pub(super) yaml: RwSignal<String>,
}

/// The error of those who changed the same part at the same time. What they wrote is still there.
pub(super) fn changed_meanwhile(what: &str) -> Error {
    let sentence = format!("Somebody else changed this {what} meanwhile, so yours is not saved.");
    Error::new(ErrorCode::PreconditionFailed, sentence)
        .hint("Look at what is there now, then save again if you still want yours.")
}

impl Modelling {
    pub(crate) fn new(editing: Editing) -> Self {
        Self {
            editing,
            dataset: editing.dataset,
            found: RwSignal::new(None),
            busy: RwSignal::new(false),
            queue: Local::new(),
            column: ColumnForm::new(),
            join: JoinForm::new(),
            begun: RwSignal::new(Vec::new()),
            yaml: RwSignal::new(String::new()),
        }
    }

    pub(super) fn name(self) -> String {
        self.dataset.with_untracked(|d| d.name.clone())
    }

    /// Reads what is saved.
    pub(super) fn load(self) {
        let name = self.name();
        spawn_local(async move {
            let found = read_model(name).await.map_err(Error::from);
            _ = self.found.try_set(Some(found));
        });
    }

    /// Somebody else may have saved: takes over what is newer.
    pub(super) fn refresh(self) {
        let name = self.name();
        spawn_local(async move {
            let Ok(fresh) = read_model(name).await else { return };
            let known = self.found.try_with_untracked(|f| f.as_ref().map(|f| f.as_ref().map_or(0, |m| m.version)));
            if known.flatten().is_some_and(|known| known < fresh.version) {
                self.take(fresh);
            }
        });
    }

    fn take(self, fresh: DatasetModel) {
        _ = self.found.try_set(Some(Ok(fresh)));
        // Calculated columns are columns.
        self.editing.reload();
    }

    /// The model as it is saved.
    pub(super) fn model(self) -> SemanticModel {
        self.found.with(|found| match found {
            Some(Ok(found)) => found.model.clone(),
            _ => SemanticModel::default(),
        })
    }

    /// A part of it.
    pub(super) fn part<T: Default>(self, read: impl FnOnce(&DatasetModel) -> T) -> T {
        self.found.with(|found| match found {
            Some(Ok(found)) => read(found),
            _ => T::default(),
        })
    }

    /// The columns that there are, calculated ones among them.
    pub(super) fn columns(self) -> Vec<Column> {
        self.dataset.with(|d| d.columns.clone())
    }

    /// What people call a column.
    pub(super) fn label_of(self, name: &str) -> String {
        let label = self.dataset.with(|d| d.column(name).map(|c| c.label.clone()));
        label.unwrap_or_else(|| domain::names::to_label(name))
    }

    /// Saves a change, one after the other; `done` hears what came of it.
    pub(super) fn change(
        self,
        change: impl FnOnce(&mut SemanticModel) + 'static,
        done: impl FnOnce(Result<(), Error>) + 'static,
    ) {
        let mut queue = self.queue.replace(VecDeque::new()).unwrap_or_default();
        queue.push_back((Box::new(change), Box::new(done)));
        self.queue.set(queue);
        if !self.busy.get_untracked() {
            self.next();
        }
    }

    fn next(self) {
        let mut queue = self.queue.replace(VecDeque::new()).unwrap_or_default();
        let first = queue.pop_front();
        self.queue.set(queue);
        let Some((change, done)) = first else { return };
        let Some(Some(Ok(found))) = self.found.try_get_untracked() else { return };
        let mut mine = found.model.clone();
        change(&mut mine);
        if mine == found.model {
            done(Ok(()));
            return self.next();
        }
        self.busy.set(true);
        let name = self.name();
        spawn_local(async move {
            let result = self.save(name, found, mine).await;
            _ = self.busy.try_set(false);
            done(result);
            if self.busy.try_get_untracked() == Some(false) {
                self.next();
            }
        });
    }

    /// Saves `mine`, which was made from `base`. What others saved meanwhile stays, unless it is about
    /// the same part: then nothing is saved, and what they made of it is shown.
    async fn save(self, name: String, mut base: DatasetModel, mut mine: SemanticModel) -> Result<(), Error> {
        for _ in 0..TRIES {
            match save_model(name.clone(), mine.clone(), base.version).await {
                Ok(saved) => {
                    self.take(saved);
                    return Ok(());
                }
                Err(error) if error.0.code == ErrorCode::PreconditionFailed => {
                    let theirs = read_model(name.clone()).await.map_err(Error::from)?;
                    let Some(merged) = rebase(&base.model, &mine, &theirs.model) else {
                        self.take(theirs);
                        return Err(changed_meanwhile("part"));
                    };
                    (base, mine) = (theirs, merged);
                }
                Err(error) => return Err(error.0),
            }
        }
        Err(Error::new(ErrorCode::Overloaded, "Others are changing this model right now.").hint("Try again."))
    }
}
