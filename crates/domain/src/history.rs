//! The history of a dashboard: who did what, moments with a name, and what was published.

use crate::document::{Change, Difference, Edit, Intent, Names, Snapshot, facts, net, sentence};
use serde::{Deserialize, Serialize};

/// A pause this long ends what is told together, in milliseconds.
pub const PAUSE_MS: i64 = 5 * 60 * 1000;
/// So many steps are told together at most.
pub const MOST_STEPS: usize = 100;
/// The label of an edit that brings an earlier moment back begins so.
pub const RESTORED: &str = "Restore ";
/// The longest name of a version, in characters.
pub const LONGEST_NAME: usize = 80;
/// The longest note of a publication, in characters.
pub const LONGEST_NOTE: usize = 500;

/// An operation of the log, to be told.
#[derive(Clone, Debug, PartialEq)]
pub struct LogStep {
    pub seq: u64,
    /// Milliseconds since the epoch.
    pub at: i64,
    pub user_id: String,
    pub intent: Intent,
    /// It was taken back later.
    pub undone: bool,
    pub edit: Edit,
}

/// Steps of one person that are told together, from the first to the last.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    pub steps: Vec<(LogStep, String)>,
    pub words: String,
}

/// Tells a stretch of the log, newest first as it is given, in groups: what one person did without a
/// longer pause. Undo and redo are groups of their own.
pub fn tell(newest_first: Vec<LogStep>, names: &Names) -> Vec<Told> {
    let mut groups: Vec<Vec<LogStep>> = Vec::new();
    for step in newest_first {
        let joins = groups.last().and_then(|group| group.last().map(|later| (group.len(), later))).is_some_and(
            |(length, later)| {
                length < MOST_STEPS
                    && later.user_id == step.user_id
                    && later.intent == step.intent
                    && later.at - step.at <= PAUSE_MS
                    && !stands_alone(later)
                    && !stands_alone(&step)
            },
        );
        match groups.last_mut().filter(|_| joins) {
            Some(group) => group.push(step),
            None => groups.push(vec![step]),
        }
    }
    groups
        .into_iter()
        .map(|mut group| {
            group.reverse();
            let words = words_of(&group, names);
            let alone = |step: LogStep| {
                let words = words_of(std::slice::from_ref(&step), names);
                (step, words)
            };
            Told { steps: group.into_iter().map(alone).collect(), words }
        })
        .collect()
}

/// The beginning, and the return of an earlier moment.
fn stands_alone(step: &LogStep) -> bool {
    let is_birth = |c: &Change| c.path == "meta/name" && c.old.is_none();
    is_restored(step) || step.edit.changes.iter().any(is_birth)
}

fn is_restored(step: &LogStep) -> bool {
    step.intent == Intent::Edit && step.edit.label.starts_with(RESTORED)
}

/// What steps of one intent come to, as what follows the name of who did it.
fn words_of(steps: &[LogStep], names: &Names) -> String {
    if let [step] = steps
        && is_restored(step)
        && let Some(what) = step.edit.label.strip_prefix(RESTORED)
    {
        return format!("restored {what}");
    }
    let tell = |changes: &[Change]| sentence(&facts(changes, names), names);
    match steps.first().map(|step| step.intent) {
        // What was taken back is said as it was done.
        Some(Intent::Undo) => {
            let inverses: Vec<Edit> = steps.iter().rev().map(|step| step.edit.inverse()).collect();
            format!("took back: {}", tell(&net(inverses.iter().flat_map(|edit| &edit.changes))))
        }
        Some(Intent::Redo) => {
            format!("made again: {}", tell(&net(steps.iter().flat_map(|step| &step.edit.changes))))
        }
        _ => tell(&net(steps.iter().flat_map(|step| &step.edit.changes))),
    }
}

/// What one person did in one go.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TimelineEntry {
    /// The number of its first step.
    pub first: u64,
    /// The number of its last step: the dashboard as it was afterwards.
    pub last: u64,
    pub user_id: String,
    pub user_name: String,
    /// RFC 3339, UTC.
    pub began_at: String,
    /// RFC 3339, UTC.
    pub ended_at: String,
    /// `edit`, `undo` or `redo`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub intent: Intent,
    /// What follows the name: "moved 3 tiles".
    pub words: String,
    /// All of it was taken back later.
    pub undone: bool,
    /// The single steps, where there are several.
    pub steps: Vec<TimelineStep>,
}

/// One step of an entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TimelineStep {
    pub seq: u64,
    /// RFC 3339, UTC.
    pub at: String,
    pub words: String,
    /// It was taken back later.
    pub undone: bool,
}

/// A page of the timeline, newest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Timeline {
    pub items: Vec<TimelineEntry>,
    /// Give it as `before` to get what was earlier; null at the beginning.
    pub next: Option<u64>,
}

/// Which part of the timeline.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[serde(default)]
pub struct TimelineRequest {
    /// `next` of the former page.
    pub before: Option<u64>,
    /// Id of a person: only what they did.
    pub user: Option<String>,
}

/// Somebody who changed a dashboard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Author {
    pub id: String,
    pub name: String,
}

/// A dashboard as it was after a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Moment {
    /// The number of the step.
    pub seq: u64,
    /// When it was made, RFC 3339, UTC.
    pub at: String,
    pub user_name: String,
    pub dashboard: Snapshot,
}

/// What differs between two moments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MomentDifference {
    pub from: u64,
    pub to: u64,
    #[serde(flatten)]
    pub difference: Difference,
}

/// A moment with a name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NamedVersion {
    pub id: String,
    pub name: String,
    /// The moment: the number of a step.
    pub seq: u64,
    /// Who named it.
    pub user_name: String,
    /// When it was named, RFC 3339, UTC.
    pub created_at: String,
}

/// Names a moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewVersion {
    pub name: String,
    /// The moment; absent: now.
    #[serde(default)]
    pub seq: Option<u64>,
}

/// A state that was published.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Publication {
    /// Counts per dashboard from 1.
    pub number: u64,
    /// The moment: the number of a step.
    pub seq: u64,
    pub user_name: String,
    /// RFC 3339, UTC.
    pub at: String,
    pub note: String,
}

/// What readers of a dashboard see, and what publishing would change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Publishing {
    /// What readers see; null while they see every change at once.
    pub current: Option<Publication>,
    /// That, as it looks.
    pub published: Option<Snapshot>,
    /// The dashboard as its editors see it.
    pub draft: Snapshot,
    /// The number of the draft's last step. Give it when publishing, so that nothing goes out that
    /// was not looked at.
    pub draft_seq: u64,
    /// What publishing would change for readers.
    pub difference: Difference,
    /// Everything that was published, newest first.
    pub history: Vec<Publication>,
}

/// Publishes the draft.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct PublishRequest {
    /// What is new, for the history of publications.
    pub note: String,
    /// `draft_seq` of what was looked at; refused where the draft has changed since.
    pub seq: Option<u64>,
}

/// What open pages of editors are told when somebody publishes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PublishingNews {
    /// What readers see from now on; null: every change at once.
    pub number: Option<u64>,
}
