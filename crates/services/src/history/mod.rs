//! The history of dashboards: who did what, any moment as it was, the way back to it, moments with a
//! name, and what of the draft its readers see ([`readers`]).
//!
//! The log is the history. A moment is a number of an operation; the document as it was is read from
//! the last checkpoint before it.

mod moments;
mod publish;
mod readers;
mod versions;

pub(crate) use readers::{Shelf, as_listed, draft_for_readers, published_at, readers_topic};

use crate::{Services, clock};
use domain::document::{Document, Edit, Intent, Names};
use domain::history::{Author, LogStep, Timeline, TimelineEntry, TimelineRequest, TimelineStep, Told, tell};
use domain::{Access, Caller, Error, Result};
use store::{DashboardRow, MILESTONE, OperationRow};

/// Operations that are read for one page.
const PAGE: i64 = 200;

impl Services {
    /// A dashboard whose history the caller may see.
    async fn history_of(&self, caller: &Caller, slug_or_id: &str) -> Result<(DashboardRow, Access)> {
        let (row, access) = self.dashboard_for(caller, slug_or_id).await?;
        if access < Access::Edit {
            return Err(Error::forbidden("Only those who may change this dashboard see its history.")
                .hint("Ask its owner for the right."));
        }
        Ok((row, access))
    }

    /// Who did what, newest first.
    ///
    /// # Errors
    /// The dashboard is not visible, or not the caller's to change.
    pub async fn timeline(&self, caller: &Caller, slug_or_id: &str, request: &TimelineRequest) -> Result<Timeline> {
        let (row, _) = self.history_of(caller, slug_or_id).await?;
        let before = request.before.map(|seq| i64::try_from(seq).unwrap_or(i64::MAX));
        let log = match &request.user {
            Some(user) => self.store.operations_before_of(&row.id, user, before, PAGE).await?,
            None => self.store.operations_before(&row.id, before, PAGE).await?,
        };
        let is_full = i64::try_from(log.len()).unwrap_or(PAGE) == PAGE;
        let mut names = self.read_document(&row.id, |document, _| Names::of(&document.snapshot())).await?;
        let steps: Vec<LogStep> = log.into_iter().map(step).collect();
        steps.iter().for_each(|step| names.learn(&step.edit.changes));
        let mut told = tell(steps, &names);
        // The oldest of them may begin on the next page, which then tells all of it.
        if is_full && told.len() > 1 {
            told.pop();
        }
        let next = told.last().filter(|_| is_full).and_then(|told| told.steps.first()).map(|(step, _)| step.seq);
        let people = self.user_names().await?;
        let name = |id: &str| people.get(id).cloned().unwrap_or_default();
        Ok(Timeline { items: told.into_iter().filter_map(|told| entry(told, &name)).collect(), next })
    }

    /// Everybody who ever changed a dashboard, by name.
    ///
    /// # Errors
    /// As [`Services::timeline`].
    pub async fn history_authors(&self, caller: &Caller, slug_or_id: &str) -> Result<Vec<Author>> {
        let (row, _) = self.history_of(caller, slug_or_id).await?;
        let people = self.user_names().await?;
        let ids = self.store.authors(&row.id).await?;
        let author = |id: String| Author { name: people.get(&id).cloned().unwrap_or_default(), id };
        let mut authors: Vec<Author> = ids.into_iter().map(author).collect();
        authors.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        Ok(authors)
    }

    /// The document as it was after an operation. From a checkpoint it is at most a thousand
    /// operations away; where the log is older than they are, they are made on the way.
    pub(crate) async fn document_at(&self, id: &str, seq: i64) -> Result<Document> {
        let (mut at, mut document) = match self.store.checkpoint_before(id, seq).await? {
            Some((at, state)) => (at, Document::load(crate::documents::replica(), &state)?),
            None => (0, Document::new(crate::documents::replica())),
        };
        while at < seq {
            let to = ((at / MILESTONE + 1) * MILESTONE).min(seq);
            let updates = self.store.updates_between(id, at, to).await?;
            let replay = move || {
                document.replay(updates.iter().map(Vec::as_slice))?;
                Ok::<_, Error>(document)
            };
            document = tokio::task::spawn_blocking(replay).await.map_err(|_| Error::internal())??;
            at = to;
            if at % MILESTONE == 0 {
                self.store.keep_milestone(id, at, &document.state()).await?;
            }
        }
        Ok(document)
    }

    /// A step of the log, by its number.
    async fn operation_at(&self, id: &str, seq: u64) -> Result<OperationRow> {
        let found = match i64::try_from(seq) {
            Ok(seq) => self.store.operation(id, seq).await?,
            Err(_) => None,
        };
        found.ok_or_else(|| Error::not_found("moment"))
    }
}

fn step(row: OperationRow) -> LogStep {
    LogStep {
        seq: count(row.seq),
        at: row.created_at,
        user_id: row.user_id,
        intent: match row.intent.as_str() {
            "undo" => Intent::Undo,
            "redo" => Intent::Redo,
            _ => Intent::Edit,
        },
        undone: row.state == "undone",
        edit: crate::from_json::<Edit>(&row.edit_json),
    }
}

fn entry(told: Told, name: &impl Fn(&str) -> String) -> Option<TimelineEntry> {
    let (first, last) = (told.steps.first()?.0.clone(), told.steps.last()?.0.clone());
    let single = told.steps.len() == 1;
    let undone = told.steps.iter().all(|(step, _)| step.undone);
    let line = |(step, words): (LogStep, String)| TimelineStep {
        seq: step.seq,
        at: clock::rfc3339(step.at),
        words,
        undone: step.undone,
    };
    Some(TimelineEntry {
        first: first.seq,
        last: last.seq,
        user_name: name(&first.user_id),
        user_id: first.user_id,
        began_at: clock::rfc3339(first.at),
        ended_at: clock::rfc3339(last.at),
        intent: first.intent,
        words: told.words,
        undone,
        steps: if single { Vec::new() } else { told.steps.into_iter().map(line).collect() },
    })
}

/// A number of the log as it travels.
fn count(seq: i64) -> u64 {
    u64::try_from(seq).unwrap_or_default()
}
