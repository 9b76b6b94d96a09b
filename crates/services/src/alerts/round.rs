//! One round of checking: what was seen becomes new states, events, and letters that tell of them. One
//! cause, one letter: whatever happened in a round is told together.

use super::look::{Found, Moment};
use domain::alert::{AlertDef, Condition, EventKind, Status};
use domain::notify::Recipient;
use live::alert::{Event, Observation, Outcome, Rule, Sample, State, judge, step};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use store::{AlertEventRow, AlertInstanceRow, AlertRow, LetterRow};

/// Values of a dimension that are named in a letter.
const NAMED: usize = 20;
/// How long a value that is not seen any more is remembered.
const FORGOTTEN_MS: i64 = 7 * 24 * 3_600_000;

/// What is to be told, and to whom. Kept until it is in the hands of whoever delivers it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Letter {
    pub(super) owner_id: String,
    pub(super) recipients: Vec<Recipient>,
    /// Of the notice.
    pub(super) kind: String,
    pub(super) subject: String,
    /// Markdown.
    pub(super) body: String,
    /// What templates can name.
    pub(super) fields: Vec<(String, String)>,
    /// The owner's own words in place of `body`.
    pub(super) template: Option<String>,
}

/// What happened to one value.
pub(super) struct Happened {
    pub(super) instance: String,
    pub(super) event: Event,
}

/// A round in the making.
pub(super) struct Round<'a> {
    pub(super) row: &'a AlertRow,
    pub(super) def: &'a AlertDef,
    pub(super) now: i64,
    states: BTreeMap<String, State>,
    changed: BTreeSet<String>,
    gone: Vec<String>,
    pub(super) happened: Vec<Happened>,
    pub(super) error: Option<String>,
}

impl<'a> Round<'a> {
    pub(super) fn new(row: &'a AlertRow, def: &'a AlertDef, states: BTreeMap<String, State>, now: i64) -> Self {
        let (changed, gone, happened) = (BTreeSet::new(), Vec::new(), Vec::new());
        Self { row, def, now, states, changed, gone, happened, error: None }
    }

    /// Takes in what was seen.
    pub(super) fn take(&mut self, moment: Moment) {
        let at = moment.at;
        let found = match moment.seen {
            Err((error, may_pass)) => {
                self.error = Some(error.to_string());
                return self.step("", at, Outcome::Failed { may_pass });
            }
            Ok(found) => found,
        };
        self.error = None;
        if self.def.for_each.is_none() {
            let found = found.into_values().next().unwrap_or_default();
            return self.look("", at, &found);
        }
        // The alert as a whole is only blind or not.
        let counts_rows = !self.def.condition.needs_number();
        let whole = if found.is_empty() && !counts_rows { Outcome::NoData } else { Outcome::Clear(None) };
        self.step("", at, whole);
        if found.is_empty() && !counts_rows {
            return;
        }
        let known: Vec<String> = self.states.keys().filter(|name| !name.is_empty()).cloned().collect();
        for name in known.iter().filter(|name| !found.contains_key(*name)) {
            self.look(name, at, &Found::default());
            self.forget(name);
        }
        for (name, found) in &found {
            self.look(name, at, found);
        }
    }

    /// A value that is not seen any more, and about which there is nothing to say.
    fn forget(&mut self, name: &str) {
        let Some(state) = self.states.get(name) else { return };
        let is_over = match state.status() {
            Status::Normal => {
                self.def.on_no_data != domain::alert::OnNoData::Alert || !self.def.condition.needs_number()
            }
            Status::NoData => self.now.saturating_sub(state.since()) > FORGOTTEN_MS,
            _ => false,
        };
        if is_over {
            self.states.remove(name);
            self.changed.remove(name);
            self.gone.push(name.to_owned());
        }
    }

    fn look(&mut self, name: &str, at: i64, found: &Found) {
        let state = self.states.get(name).cloned().unwrap_or_default();
        let usual = matches!(self.def.condition, Condition::OutsideBand { .. }).then(|| found.usual());
        let sample = Sample {
            at: if usual.is_some() { found.row_at.unwrap_or(at) } else { at },
            value: found.value,
            previous: state.value,
            rows: found.rows,
            data_at: match (found.data_at, found.value) {
                (Some(at), _) => at,
                (None, Some(_)) => at,
                (None, None) => state.data_at.max(self.row.created_at),
            },
            is_up: state.is_up(),
            usual: usual.as_ref(),
            band: found.band,
        };
        let outcome = judge(&self.def.condition, self.def.recover_at, &sample);
        self.step(name, at, outcome);
    }

    fn step(&mut self, name: &str, at: i64, outcome: Outcome) {
        let rule = Rule::of(self.def, self.row.snoozed_until);
        let state = self.states.entry(name.to_owned()).or_default();
        let (next, events) = step(state, &Observation { at, clock: self.now, outcome }, &rule);
        if next != *state {
            *state = next;
            self.changed.insert(name.to_owned());
        }
        self.happened.extend(events.into_iter().map(|event| Happened { instance: name.to_owned(), event }));
    }

    /// How the alert stands: as its most urgent value does.
    pub(super) fn status(&self) -> (Status, i64) {
        let all = self.states.values().map(|s| (s.status(), s.since()));
        let top = all.max_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
        let (status, since) = top.unwrap_or((Status::Normal, self.row.created_at));
        if status == self.row.status { (status, self.row.status_since) } else { (status, since) }
    }

    pub(super) fn instance_rows(&self) -> Vec<AlertInstanceRow> {
        let changed = self.changed.iter().filter_map(|name| Some((name, self.states.get(name)?)));
        changed
            .map(|(name, state)| AlertInstanceRow {
                alert_id: self.row.id.clone(),
                instance: name.clone(),
                state_json: crate::to_json(state),
            })
            .collect()
    }

    pub(super) fn gone(&self) -> &[String] {
        &self.gone
    }

    pub(super) fn event_rows(&self) -> Vec<AlertEventRow> {
        let row = |(position, h): (usize, &Happened)| AlertEventRow {
            id: self.event_id(h),
            alert_id: self.row.id.clone(),
            instance: h.instance.clone(),
            kind: h.event.kind,
            at: h.event.at,
            position: i64::try_from(position).unwrap_or_default(),
            value: h.event.value,
            told: h.event.tell,
            detail: if h.event.kind == EventKind::Broken { self.error.clone() } else { None },
        };
        self.happened.iter().enumerate().map(row).collect()
    }

    /// The same event has the same id, however often it is worked out; a value that was forgotten and
    /// comes back begins to count anew, at another time.
    fn event_id(&self, h: &Happened) -> String {
        let mut hash = Sha256::new();
        hash.update(h.instance.as_bytes());
        let name: String = hash.finalize().iter().take(8).map(|b| format!("{b:02x}")).collect();
        format!("{}-{name}-{}-{}", self.row.id, h.event.sequence, h.event.at)
    }

    /// What is to be told: what the condition did to the recipients, what broke to the owner and those
    /// who can help.
    pub(super) fn letters(&self, administrators: &[String]) -> Vec<LetterRow> {
        let told = self.happened.iter().filter(|h| h.event.tell);
        let (trouble, news): (Vec<&Happened>, Vec<&Happened>) =
            told.partition(|h| matches!(h.event.kind, EventKind::Broken | EventKind::Mended));
        let mut letters = Vec::new();
        if let Some(first) = news.first() {
            let letter = Letter {
                recipients: self.def.recipients.clone(),
                kind: "alert".into(),
                template: self.def.message.clone(),
                ..self.letter(&news)
            };
            letters.push(self.letter_row(self.event_id(first), &letter));
        }
        if let Some(first) = trouble.first() {
            let everybody: BTreeSet<&String> = administrators.iter().chain([&self.row.owner_id]).collect();
            let recipients = everybody.into_iter().map(|id| Recipient::User { id: id.clone() }).collect();
            let letter = Letter { recipients, kind: "problem".into(), ..self.letter(&trouble) };
            letters.push(self.letter_row(self.event_id(first), &letter));
        }
        letters
    }

    fn letter_row(&self, event_key: String, letter: &Letter) -> LetterRow {
        LetterRow {
            event_key,
            alert_id: self.row.id.clone(),
            letter_json: crate::to_json(letter),
            created_at: self.now,
        }
    }

    fn letter(&self, news: &[&Happened]) -> Letter {
        let lines: Vec<Line> = news
            .iter()
            .map(|h| Line { instance: h.instance.clone(), value: self.def.written(h.event.value), kind: h.event.kind })
            .collect();
        letter(self.row, self.def, &lines, self.error.as_deref(), self.now)
    }
}

/// What a letter says of one value.
pub(super) struct Line {
    pub(super) instance: String,
    pub(super) value: String,
    pub(super) kind: EventKind,
}

/// What is told of one thing.
fn word(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Reminded => "Still firing",
        EventKind::Recovered | EventKind::RecoveryTold => "Recovered",
        EventKind::NoData => "No data",
        EventKind::DataBack => "Data is back",
        EventKind::Broken => "Not working",
        EventKind::Mended => "Works again",
        _ => "Firing",
    }
}

/// The words of a letter; whom it is for, and what kind of notice it is, is the caller's to say.
pub(super) fn letter(row: &AlertRow, def: &AlertDef, lines: &[Line], error: Option<&str>, now: i64) -> Letter {
    // Of what happened to a value one after the other, the last says how it is.
    let last: BTreeMap<&str, &Line> = lines.iter().map(|line| (line.instance.as_str(), line)).collect();
    let last: Vec<&Line> = last.into_values().collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for line in &last {
        *counts.entry(word(line.kind)).or_default() += 1;
    }
    let status = match (last.as_slice(), counts.len()) {
        ([], _) => "Normal".to_owned(),
        ([line], _) => word(line.kind).to_owned(),
        (_, 1) => format!("{} ({})", word(last[0].kind), last.len()),
        _ => counts.iter().map(|(word, n)| format!("{n} {}", word.to_lowercase())).collect::<Vec<_>>().join(", "),
    };
    let of = match last.as_slice() {
        [line] if !line.instance.is_empty() => format!(", {}", one_line(&line.instance)),
        _ => String::new(),
    };
    let subject: String = format!("{status}: {}{of}", one_line(&row.name)).chars().take(200).collect();
    let mut body = format!("{}.\n", plain(&def.sentence()));
    if let Some(error) = error.filter(|_| lines.iter().any(|l| l.kind == EventKind::Broken)) {
        body.push_str(&format!("\nThe alert does not work: {}\n", plain(error)));
        body.push_str("\nNobody is told of the condition until it works again.\n");
    } else {
        body.push('\n');
        for line in lines.iter().take(NAMED) {
            let name = if line.instance.is_empty() { "Value" } else { &line.instance };
            body.push_str(&format!("- {}: {} ({})\n", plain(name), plain(&line.value), word(line.kind).to_lowercase()));
        }
        if lines.len() > NAMED {
            body.push_str(&format!("- and {} more\n", lines.len() - NAMED));
        }
    }
    if !row.description.trim().is_empty() {
        body.push_str(&format!("\n{}\n", plain(row.description.trim())));
    }
    let named: Vec<&str> = last.iter().map(|l| l.instance.as_str()).filter(|n| !n.is_empty()).take(NAMED).collect();
    let values: Vec<String> = last
        .iter()
        .take(NAMED)
        .map(|l| if l.instance.is_empty() { l.value.clone() } else { format!("{}: {}", l.instance, l.value) })
        .collect();
    let fields = [
        ("alert", row.name.clone()),
        ("description", row.description.clone()),
        ("status", status),
        ("subject", def.label.clone()),
        ("condition", def.condition.sentence(&def.format)),
        ("value", values.join(", ")),
        ("instances", named.join(", ")),
        ("count", last.len().to_string()),
        ("time", crate::clock::rfc3339(now)),
        ("error", error.unwrap_or_default().to_owned()),
    ];
    Letter {
        owner_id: row.owner_id.clone(),
        recipients: Vec::new(),
        kind: String::new(),
        subject,
        body,
        fields: fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        template: None,
    }
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Text that markdown shows as it is.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '!' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
