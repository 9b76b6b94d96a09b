//! The document of one browser, what of it waits for the server, and what can be undone. Plain
//! data: no browser, no clock, no signals.

use super::changes::is_change;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use domain::document::{Broadcast, Change, Document, Edit, Intent, Opened, Operation, Step};
use domain::{Error, Result};

/// How many steps can be undone.
const STEPS: usize = 200;

/// An operation that the server has not acknowledged.
pub(super) struct Pending {
    pub(super) operation: Operation,
    /// It was sent on the present connection.
    pub(super) sent: bool,
    /// While more of the same may be added to it: what the document had seen before it.
    gathers_from: Option<Vec<u8>>,
}

/// The document and what belongs to it.
pub(super) struct State {
    pub(super) document: Document,
    version: u64,
    pending: Vec<Pending>,
    undo: Vec<Step>,
    redo: Vec<Step>,
    /// The publication that this is, where it is not the draft.
    published: Option<u64>,
    /// An operation was refused: the document is to be had anew before anything more is sent.
    pub(super) rolls_back: bool,
}

impl State {
    pub(super) fn open(client: u64, opened: &Opened) -> Result<Self> {
        let mut state = Self {
            document: Document::load(client, &decode(&opened.state)?)?,
            version: opened.version,
            pending: Vec::new(),
            undo: Vec::new(),
            redo: Vec::new(),
            published: opened.published,
            rolls_back: false,
        };
        state.stack(opened);
        Ok(state)
    }

    /// Whether what the server opened takes the place of the document: a publication is one of its
    /// own, and so is the draft after it.
    pub(super) fn is_replaced_by(&self, opened: &Opened) -> bool {
        opened.published.is_some() || self.published.is_some()
    }

    /// Takes in the server's document, after a connection was made anew.
    pub(super) fn reopen(&mut self, opened: &Opened) -> Result<()> {
        self.document.merge(&decode(&opened.state)?)?;
        self.version = self.version.max(opened.version);
        self.stack(opened);
        Ok(())
    }

    /// Begins again from the server's document, with what else waits made anew upon it.
    pub(super) fn roll_back(&mut self, client: u64, opened: &Opened, mut id: impl FnMut() -> String) -> Result<()> {
        self.document = Document::load(client, &decode(&opened.state)?)?;
        self.version = opened.version;
        self.published = opened.published;
        self.rolls_back = false;
        let waiting = std::mem::take(&mut self.pending);
        self.stack(opened);
        for Pending { operation, .. } in waiting {
            let mut edit = operation.edit;
            edit.changes.retain(|change| self.has_place(&change.path));
            for change in &mut edit.changes {
                change.old = self.document.get(&change.path);
            }
            edit.changes.retain(is_change);
            if !edit.changes.is_empty() {
                self.make(id(), edit, operation.intent, operation.target)?;
            }
        }
        self.stack(opened);
        Ok(())
    }

    /// Whether a change of this path would change anything: a field needs its tile.
    fn has_place(&self, path: &str) -> bool {
        match path.strip_prefix("tiles/").and_then(|rest| rest.split_once('/')) {
            Some((tile, _)) => self.document.get(&format!("tiles/{tile}")).is_some(),
            None => true,
        }
    }

    /// The steps as the server knows them, and then what waits.
    fn stack(&mut self, opened: &Opened) {
        let real = |step: &&Step| !is_birth(&step.edit);
        self.undo = opened.undo.iter().filter(real).cloned().collect();
        self.redo.clone_from(&opened.redo);
        for pending in &self.pending {
            let Operation { id, edit, intent, target, .. } = &pending.operation;
            let known = |steps: &[Step]| steps.iter().position(|s| Some(&s.id) == target.as_ref());
            match intent {
                Intent::Edit if self.undo.iter().all(|s| s.id != *id) => {
                    self.undo.push(Step { id: id.clone(), edit: edit.clone() });
                    self.redo.clear();
                }
                Intent::Edit => {}
                Intent::Undo => {
                    if let Some(at) = known(&self.undo) {
                        self.redo.push(self.undo.remove(at));
                    }
                }
                Intent::Redo => {
                    if let Some(at) = known(&self.redo) {
                        self.undo.push(self.redo.remove(at));
                    }
                }
            }
        }
    }

    /// Makes an edit. One that gathers joins the edit before it, if that gathers too and is about
    /// the same; it is sent when nothing more comes. Returns whether anything changed.
    pub(super) fn edit(&mut self, id: String, mut edit: Edit, gathers: bool) -> Result<bool> {
        edit.changes.retain(is_change);
        if edit.changes.is_empty() {
            return Ok(false);
        }
        if gathers && self.join(&edit)? {
            return Ok(true);
        }
        self.seal();
        let before = gathers.then(|| self.document.seen());
        let step = Step { id: id.clone(), edit: edit.clone() };
        self.make(id, edit, Intent::Edit, None)?;
        if let Some(last) = self.pending.last_mut() {
            last.gathers_from = before;
        }
        self.undo.push(step);
        if self.undo.len() > STEPS {
            self.undo.remove(0);
        }
        self.redo.clear();
        Ok(true)
    }

    /// Adds an edit to the last one, if that still gathers.
    fn join(&mut self, edit: &Edit) -> Result<bool> {
        let Some(last) = self.pending.last_mut() else { return Ok(false) };
        let Some(before) = last.gathers_from.clone() else { return Ok(false) };
        let all = &mut last.operation.edit;
        let about_the_same = edit.changes.iter().any(|c| all.changes.iter().any(|d| c.path == d.path));
        if all.label != edit.label || !about_the_same {
            return Ok(false);
        }
        self.document.apply(edit)?;
        for change in &edit.changes {
            match all.changes.iter_mut().find(|c| c.path == change.path) {
                Some(known) => known.new.clone_from(&change.new),
                None => all.changes.push(change.clone()),
            }
        }
        last.operation.update = BASE64.encode(self.document.missing(&before)?);
        if let Some(step) = self.undo.last_mut().filter(|step| step.id == last.operation.id) {
            step.edit = last.operation.edit.clone();
        }
        Ok(true)
    }

    /// Ends the gathering.
    pub(super) fn seal(&mut self) {
        if let Some(last) = self.pending.last_mut() {
            last.gathers_from = None;
        }
    }

    fn make(&mut self, id: String, edit: Edit, intent: Intent, target: Option<String>) -> Result<()> {
        let update = BASE64.encode(self.document.apply(&edit)?);
        let operation = Operation { id, update, edit, intent, target };
        self.pending.push(Pending { operation, sent: false, gathers_from: None });
        Ok(())
    }

    /// Takes back the last own edit of which something still stands. Returns what changed.
    pub(super) fn undo(&mut self, id: String) -> Result<Option<Edit>> {
        self.seal();
        while let Some(step) = self.undo.pop() {
            let standing = self.document.still_standing(&step.edit);
            if !standing.changes.is_empty() {
                let label = format!("Undo: {}", step.edit.label);
                let edit = Edit { label, ..standing.inverse() };
                self.make(id, edit.clone(), Intent::Undo, Some(step.id.clone()))?;
                self.redo.push(step);
                return Ok(Some(edit));
            }
        }
        Ok(None)
    }

    /// Makes the last edit again that was taken back, where nobody changed it since.
    pub(super) fn redo(&mut self, id: String) -> Result<Option<Edit>> {
        self.seal();
        while let Some(step) = self.redo.pop() {
            let standing = self.document.still_standing(&step.edit.inverse());
            if !standing.changes.is_empty() {
                let edit = Edit { label: step.edit.label.clone(), ..standing.inverse() };
                self.make(id, edit.clone(), Intent::Redo, Some(step.id.clone()))?;
                self.undo.push(step);
                return Ok(Some(edit));
            }
        }
        Ok(None)
    }

    pub(super) fn can_undo(&self) -> bool {
        !self.undo.is_empty()
    }

    pub(super) fn can_redo(&self) -> bool {
        !self.redo.is_empty()
    }

    /// How many operations are not acknowledged.
    pub(super) fn waiting(&self) -> usize {
        self.pending.len()
    }

    /// Every operation that is not acknowledged, oldest first.
    pub(super) fn operations(&self) -> Vec<&Operation> {
        self.pending.iter().map(|p| &p.operation).collect()
    }

    /// The oldest operation that can be sent now: it gathers no more, and those before it are sent.
    pub(super) fn next_to_send(&mut self) -> Option<&mut Pending> {
        let next = self.pending.iter_mut().find(|p| !p.sent)?;
        (next.gathers_from.is_none() && !self.rolls_back).then_some(next)
    }

    /// The connection is new: nothing was sent on it yet.
    pub(super) fn unsend(&mut self) {
        self.pending.iter_mut().for_each(|p| p.sent = false);
    }

    /// The oldest operation that was sent.
    pub(super) fn oldest_sent(&self) -> Option<String> {
        self.pending.first().filter(|p| p.sent).map(|p| p.operation.id.clone())
    }

    /// The server has it.
    pub(super) fn acknowledge(&mut self, id: &str) {
        self.pending.retain(|p| p.operation.id != id);
    }

    /// The server does not take it. Returns false where that says nothing, because one it builds
    /// on did not arrive.
    pub(super) fn refuse(&mut self, id: &str) -> bool {
        let Some(at) = self.pending.iter().position(|p| p.operation.id == id) else { return false };
        if self.rolls_back || self.pending[..at].iter().any(|p| !p.sent) {
            self.pending[at].sent = false;
            return false;
        }
        self.pending.remove(at);
        self.rolls_back = true;
        true
    }

    /// Takes over operations that another tab kept. Those that do not fit are dropped.
    pub(super) fn adopt(&mut self, operations: Vec<Operation>) {
        for operation in operations {
            let known = self.pending.iter().any(|p| p.operation.id == operation.id);
            let fits = decode(&operation.update).and_then(|update| self.document.merge(&update)).is_ok();
            if !known && fits {
                if operation.intent == Intent::Edit {
                    self.undo.push(Step { id: operation.id.clone(), edit: operation.edit.clone() });
                }
                self.pending.push(Pending { operation, sent: false, gathers_from: None });
            }
        }
    }

    /// Takes in what somebody did. An error: something before it is missing.
    pub(super) fn receive(&mut self, news: &Broadcast) -> Result<()> {
        // News are of the draft.
        if news.version <= self.version || self.published.is_some() {
            return Ok(());
        }
        let is_own = self.pending.iter().any(|p| p.operation.id == news.id);
        if !is_own {
            self.document.merge(&decode(&news.update)?)?;
        }
        if news.version > self.version + 1 {
            return Err(Error::new(domain::ErrorCode::Conflict, "Some changes did not arrive."));
        }
        self.version = news.version;
        Ok(())
    }
}

/// The edit that made the dashboard cannot be taken back: it would be gone.
fn is_birth(edit: &Edit) -> bool {
    edit.changes.iter().any(|c: &Change| c.path == "meta/name" && c.old.is_none())
}

fn decode(text: &str) -> Result<Vec<u8>> {
    BASE64.decode(text).map_err(|_| Error::invalid("The update is not base64."))
}
