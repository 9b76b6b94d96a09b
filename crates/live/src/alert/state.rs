//! The state machine: what was, and what is seen now, become what is and what has happened.
//!
//! A state says how the condition stands (`level`) and, beside it, whether there is anything to judge
//! (`blind`): an alert that fires goes on firing while its question fails, and nobody is told twice when
//! it works again. Who is told is decided here too: an event is told at most once, and one that may not
//! be told yet (quiet hours, a snooze) is owed until it may.

use super::schedule;
use domain::alert::{AlertDef, EventKind, OnNoData, Pending, QuietHours, Renotify, Status};
use serde::{Deserialize, Serialize};

/// How the condition stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    #[default]
    Normal,
    Pending,
    Firing,
    Recovering,
}

/// Why nothing can be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blind {
    NoData,
    Broken,
}

/// One value of an alert as it stands. All times in milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    pub level: Level,
    /// Since when the level is this.
    pub level_since: i64,
    pub blind: Option<Blind>,
    pub blind_since: i64,
    /// People know that it is blind.
    blind_told: bool,
    /// Checks in a row in which the condition held, and since when.
    held: u32,
    held_since: i64,
    /// Checks in a row without data, and since when.
    missing: u32,
    missing_since: i64,
    /// Checks in a row that failed.
    failures: u32,
    /// When people were last told that it fires; nobody knows yet without.
    pub told: Option<i64>,
    /// It has recovered from what people were told, and they do not know.
    owes_recovery: bool,
    /// Who said that they know that it fires.
    pub acknowledged_by: Option<String>,
    /// What was last seen.
    pub value: Option<f64>,
    /// When there last was a value.
    pub data_at: i64,
    /// The moment that was last looked at.
    pub seen_at: i64,
    /// What the clock said then.
    clock: i64,
    /// How many events there were.
    pub sequence: u64,
}

impl State {
    /// What people see.
    pub fn status(&self) -> Status {
        match (self.blind, self.level) {
            (Some(Blind::Broken), _) => Status::Error,
            (_, Level::Firing) => Status::Firing,
            (_, Level::Recovering) => Status::Recovering,
            (Some(Blind::NoData), _) => Status::NoData,
            (None, Level::Pending) => Status::Pending,
            (None, Level::Normal) => Status::Normal,
        }
    }

    /// Since when [`State::status`] is this.
    pub fn since(&self) -> i64 {
        match self.status() {
            Status::Error | Status::NoData => self.blind_since,
            _ => self.level_since,
        }
    }

    /// Whether the condition counts as holding until it has recovered.
    pub fn is_up(&self) -> bool {
        matches!(self.level, Level::Firing | Level::Recovering)
    }

    /// When the mere passing of time changes something, where nothing new is seen before.
    pub fn due(&self, rule: &Rule<'_>, clock: i64) -> Option<i64> {
        let is_known = self.acknowledged_by.is_some();
        let owes_news = self.level == Level::Firing && self.told.is_none() && !is_known;
        let owes = owes_news || self.owes_recovery || self.blind.is_some() && !self.blind_told;
        let waited = |since: i64| match rule.pending {
            Pending::Seconds(s) => Some(since.saturating_add(i64::from(s) * 1_000)),
            Pending::Checks(_) => None,
        };
        let again = match (self.level, self.told, rule.renotify) {
            (Level::Firing, Some(told), Renotify::Every { seconds }) if !is_known => {
                Some(rule.muted_until(clock).max(told.saturating_add(i64::from(seconds) * 1_000)))
            }
            _ => None,
        };
        [
            owes.then(|| rule.muted_until(clock)),
            if self.level == Level::Pending { waited(self.held_since) } else { None },
            (self.level == Level::Recovering).then(|| self.level_since.saturating_add(rule.keep_firing_ms)),
            if self.missing > 0 && self.blind.is_none() { waited(self.missing_since) } else { None },
            again,
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// The clock was set back: every moment that is remembered moves back with it, so that what was
    /// waited for so far still counts.
    fn follow(&mut self, clock: i64) {
        let back = self.clock.saturating_sub(clock);
        if back > 0 {
            // One more, so that the observation that tells of it is later than the one before.
            let back = back.saturating_add(1);
            for moment in [
                &mut self.level_since,
                &mut self.blind_since,
                &mut self.held_since,
                &mut self.missing_since,
                &mut self.data_at,
                &mut self.seen_at,
            ] {
                *moment = moment.saturating_sub(back);
            }
            self.told = self.told.map(|told| told.saturating_sub(back));
        }
        self.clock = clock;
    }
}

/// What is seen at a check.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// The moment that it is about; one that is not later than the last changes nothing.
    pub at: i64,
    /// What the clock says.
    pub clock: i64,
    pub outcome: Outcome,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Holds(Option<f64>),
    /// It does not hold, but has not come back to where it counts as recovered.
    Lingers(Option<f64>),
    Clear(Option<f64>),
    NoData,
    /// The question failed; what may pass by itself counts only when it does not.
    Failed {
        may_pass: bool,
    },
}

/// What of an alert decides over its states.
#[derive(Clone, Debug)]
pub struct Rule<'a> {
    pub pending: Pending,
    pub keep_firing_ms: i64,
    pub on_no_data: OnNoData,
    pub renotify: Renotify,
    pub notify_recovery: bool,
    pub quiet_hours: Option<&'a QuietHours>,
    pub snoozed_until: Option<i64>,
}

impl<'a> Rule<'a> {
    /// That of an alert.
    pub fn of(def: &'a AlertDef, snoozed_until: Option<i64>) -> Self {
        Self {
            pending: def.pending,
            keep_firing_ms: i64::from(def.keep_firing) * 1_000,
            on_no_data: def.on_no_data,
            renotify: def.renotify,
            notify_recovery: def.notify_recovery,
            quiet_hours: def.quiet_hours.as_ref(),
            snoozed_until,
        }
    }

    /// Whether nobody may be told now.
    pub fn is_muted(&self, clock: i64) -> bool {
        self.snoozed_until.is_some_and(|until| clock < until)
            || self.quiet_hours.is_some_and(|quiet| schedule::is_quiet(quiet, clock))
    }

    /// When people may be told again, from a moment on.
    fn muted_until(&self, clock: i64) -> i64 {
        let mut at = self.snoozed_until.map_or(clock, |until| until.max(clock));
        // A day has no more minutes.
        for _ in 0..=1_440 {
            if !self.is_muted(at) {
                break;
            }
            at = (at.div_euclid(60_000) + 1) * 60_000;
        }
        at
    }

    fn is_long_enough(&self, checks: u32, since: i64, at: i64) -> bool {
        match self.pending {
            Pending::Checks(n) => checks >= n.max(1),
            Pending::Seconds(s) => at.saturating_sub(since) >= i64::from(s) * 1_000,
        }
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub kind: EventKind,
    pub at: i64,
    pub value: Option<f64>,
    /// People are to be told.
    pub tell: bool,
    /// Counts the events of a state.
    pub sequence: u64,
    /// What people see afterwards.
    pub status: Status,
}

/// So many failures in a row that may pass by themselves are told.
const PATIENCE: u32 = 3;

/// What comes of an observation.
pub fn step(state: &State, seen: &Observation, rule: &Rule<'_>) -> (State, Vec<Event>) {
    let mut s = state.clone();
    s.follow(seen.clock);
    if seen.at <= s.seen_at {
        return (s, Vec::new());
    }
    s.seen_at = seen.at;
    let mut turn =
        Turn { s, at: seen.at, clock: seen.clock, muted: rule.is_muted(seen.clock), rule, events: Vec::new() };
    match &seen.outcome {
        Outcome::Failed { may_pass } => turn.fail(*may_pass),
        Outcome::NoData => turn.miss(),
        Outcome::Holds(value) => turn.see(*value, true),
        Outcome::Lingers(value) => {
            let is_up = turn.s.is_up();
            turn.see(*value, is_up);
        }
        Outcome::Clear(value) => turn.see(*value, false),
    }
    (turn.s, turn.events)
}

/// One observation at work.
struct Turn<'a> {
    s: State,
    at: i64,
    clock: i64,
    muted: bool,
    rule: &'a Rule<'a>,
    events: Vec<Event>,
}

impl Turn<'_> {
    fn event(&mut self, kind: EventKind, tell: bool) {
        self.s.sequence += 1;
        let (value, sequence, status) = (self.s.value, self.s.sequence, self.s.status());
        self.events.push(Event { kind, at: self.at, value, tell, sequence, status });
    }

    fn enter(&mut self, level: Level) {
        self.s.level = level;
        self.s.level_since = self.at;
    }

    /// There is something to judge.
    fn see(&mut self, value: Option<f64>, holds: bool) {
        self.s.value = value;
        if value.is_some() {
            self.s.data_at = self.at;
        }
        self.sighted();
        self.judge(holds);
    }

    /// Whatever hindered the sight is over.
    fn sighted(&mut self) {
        (self.s.failures, self.s.missing) = (0, 0);
        let was_told = std::mem::take(&mut self.s.blind_told);
        match self.s.blind.take() {
            Some(Blind::Broken) => self.event(EventKind::Mended, was_told && !self.muted),
            Some(Blind::NoData) => {
                let tell = was_told && self.rule.notify_recovery && !self.muted;
                self.event(EventKind::DataBack, tell);
            }
            None => {}
        }
    }

    fn judge(&mut self, holds: bool) {
        match (self.s.level, holds) {
            (Level::Normal | Level::Pending, true) => {
                if self.s.level == Level::Normal {
                    (self.s.held, self.s.held_since) = (0, self.at);
                }
                self.s.held = self.s.held.saturating_add(1);
                if self.rule.is_long_enough(self.s.held, self.s.held_since, self.at) {
                    self.fire();
                } else if self.s.level == Level::Normal {
                    self.enter(Level::Pending);
                    self.event(EventKind::Pending, false);
                }
            }
            (Level::Pending, false) => {
                self.enter(Level::Normal);
                self.event(EventKind::Calmed, false);
            }
            (Level::Normal, false) => self.pay_recovery(),
            (Level::Firing, true) => self.go_on(),
            (Level::Recovering, true) => {
                self.enter(Level::Firing);
                self.event(EventKind::Resumed, false);
                self.go_on();
            }
            (Level::Firing, false) if self.rule.keep_firing_ms > 0 => {
                self.enter(Level::Recovering);
                self.event(EventKind::Recovering, false);
            }
            (Level::Firing, false) => self.recover(),
            (Level::Recovering, false) => {
                if self.at.saturating_sub(self.s.level_since) >= self.rule.keep_firing_ms {
                    self.recover();
                }
            }
        }
    }

    fn fire(&mut self) {
        self.enter(Level::Firing);
        // The news that it fires says that it had recovered.
        self.s.owes_recovery = false;
        self.s.acknowledged_by = None;
        self.s.told = (!self.muted).then_some(self.clock);
        self.event(EventKind::Fired, !self.muted);
    }

    /// It fires as before.
    fn go_on(&mut self) {
        if self.muted || self.s.acknowledged_by.is_some() {
            return;
        }
        let is_due = match (self.s.told, self.rule.renotify) {
            (None, _) | (Some(_), Renotify::EachTime) => true,
            (Some(told), Renotify::Every { seconds }) => self.clock.saturating_sub(told) >= i64::from(seconds) * 1_000,
            (Some(_), Renotify::Once) => false,
        };
        if is_due {
            self.s.told = Some(self.clock);
            self.event(EventKind::Reminded, true);
        }
    }

    fn recover(&mut self) {
        self.enter(Level::Normal);
        let is_news = self.s.told.take().is_some() && self.rule.notify_recovery;
        self.s.acknowledged_by = None;
        self.s.owes_recovery = is_news && self.muted;
        self.event(EventKind::Recovered, is_news && !self.muted);
    }

    fn pay_recovery(&mut self) {
        if self.s.owes_recovery && !self.muted {
            self.s.owes_recovery = false;
            self.event(EventKind::RecoveryTold, true);
        }
    }

    fn miss(&mut self) {
        if self.s.blind == Some(Blind::Broken) || self.s.failures > 0 {
            // The question works, it only has no answer.
            let missing = (self.s.missing, self.s.missing_since);
            self.sighted();
            (self.s.missing, self.s.missing_since) = missing;
        }
        match self.rule.on_no_data {
            OnNoData::KeepLast => {}
            OnNoData::Ignore => {
                self.s.value = None;
                self.sighted();
                self.judge(false);
            }
            OnNoData::Alert => {
                if self.s.blind == Some(Blind::NoData) {
                    return self.remind_blind();
                }
                if self.s.missing == 0 {
                    self.s.missing_since = self.at;
                }
                self.s.missing = self.s.missing.saturating_add(1);
                if self.rule.is_long_enough(self.s.missing, self.s.missing_since, self.at) {
                    self.s.value = None;
                    self.go_blind(Blind::NoData, EventKind::NoData);
                }
            }
        }
    }

    fn fail(&mut self, may_pass: bool) {
        self.s.failures = self.s.failures.saturating_add(1);
        if self.s.blind == Some(Blind::Broken) {
            return self.remind_blind();
        }
        if !may_pass || self.s.failures >= PATIENCE {
            self.go_blind(Blind::Broken, EventKind::Broken);
        }
    }

    fn go_blind(&mut self, blind: Blind, kind: EventKind) {
        self.s.blind = Some(blind);
        self.s.blind_since = self.at;
        self.s.blind_told = !self.muted;
        self.event(kind, !self.muted);
    }

    /// Nobody was told when it happened: now they are.
    fn remind_blind(&mut self) {
        if !self.s.blind_told && !self.muted {
            self.s.blind_told = true;
            let kind = if self.s.blind == Some(Blind::Broken) { EventKind::Broken } else { EventKind::NoData };
            self.event(kind, true);
        }
    }
}

#[cfg(test)]
mod tests;
