//! Trying an alert: what it would say now, and when it would have fired.

use super::def_of;
use super::look::{Before, Found, Look, MOST_PAST, Moment, PAST_MS};
use super::round::{Letter, Line, letter};
use crate::access::{require_edit, require_role, require_scope};
use crate::policies::Reader;
use crate::{Services, clock};
use domain::alert::{
    AlertDef, AlertTest, AlertTestInstance, Backtest, BacktestMoment, BacktestPoint, BacktestSeries, Condition,
    EventKind, NewAlert, Subject,
};
use domain::notify::Recipient;
use domain::people::Scope;
use domain::query::{
    AsOf, Dimension, Filter, Grain, MAX_LIMIT, Measure, Op, Query, Relative, RelativeOf, RelativeUnit,
};
use domain::{Caller, Error, Result, Role, UserRole};
use live::alert::{Course, Outcome, Sample, Usual, judge};
use std::collections::BTreeMap;

/// Courses that are shown.
const SHOWN: usize = 10;
/// Points of a course that are shown.
const POINTS: usize = 1_000;
/// Moments that are shown.
const MOMENTS: usize = 1_000;
const DAYS: u32 = 90;

impl Services {
    /// What an alert would say now. With `send_to`, it says so: to the caller (`me`) or to those whom it
    /// is for (`recipients`).
    ///
    /// # Errors
    /// No right, or a word that is neither.
    pub async fn test_alert(&self, caller: &Caller, id: &str, send_to: Option<&str>) -> Result<AlertTest> {
        let (row, access) = self.alert_for(caller, id).await?;
        require_edit(caller, access, "alert")?;
        let def = def_of(&row)?;
        if self.is_alert_narrowed(&Reader::of(caller), &row, &def).await? {
            return Err(Error::forbidden(
                "Rules decide which rows you see of the data of this alert: it is not yours to try.",
            )
            .hint("Its owner can."));
        }
        let recipients = match send_to {
            None => Vec::new(),
            Some("me") => vec![Recipient::User { id: caller.user_id.clone() }],
            Some("recipients") => def.recipients.clone(),
            Some(_) => return Err(Error::invalid("A test goes to `me` or to the `recipients`.").field("to")),
        };
        let now = clock::now_ms();
        let states = self.states_of(id).await?;
        // The present value, whatever has been seen before.
        let moments = match self.owner_of(&row).await? {
            Ok(owner) => self.look(&row, &def, &owner, Before::default(), now).await?,
            Err(error) => vec![Moment { at: now, seen: Err((error, false)) }],
        };
        let mut test = AlertTest::default();
        match moments.into_iter().next_back().map(|m| m.seen) {
            Some(Ok(found)) => {
                let previous = |name: &str| states.get(name).and_then(|s| s.value);
                test.instances = found.iter().map(|(name, f)| tried(&def, name, f, previous(name), now)).collect();
                test.instances.sort_by(|a, b| (b.holds, &a.instance).cmp(&(a.holds, &b.instance)));
            }
            Some(Err((error, _))) => test.error = Some(error.to_string()),
            None => {}
        }
        let lines: Vec<Line> = match &test.error {
            Some(_) => vec![Line { instance: String::new(), value: String::new(), kind: EventKind::Broken }],
            None => {
                let holding = test.instances.iter().filter(|i| i.holds == Some(true));
                let line = |i: &AlertTestInstance, kind| Line {
                    instance: i.instance.clone(),
                    value: i.formatted_value.clone(),
                    kind,
                };
                holding.map(|i| line(i, EventKind::Fired)).collect()
            }
        };
        let mut said = letter(&row, &def, &lines, test.error.as_deref(), now);
        said.subject = format!("Test: {}", said.subject).chars().take(200).collect();
        if lines.is_empty() {
            let values = test.instances.iter().take(20).map(|i| match i.instance.as_str() {
                "" => i.formatted_value.clone(),
                name => format!("{name}: {}", i.formatted_value),
            });
            let values = values.collect::<Vec<_>>().join(", ");
            said.body.push_str("\nThe condition does not hold now.\n");
            if let Some(field) = said.fields.iter_mut().find(|(name, _)| name == "value") {
                field.1 = values;
            }
        }
        (said.kind, said.template) = ("alert".into(), def.message.clone());
        said.recipients = recipients;
        test.sent = said.recipients.len();
        (test.subject, test.body) = self.say_trial(id, &said).await?;
        test.instances.truncate(100);
        Ok(test)
    }

    /// Sends a trial to whom it is for, if to anybody. Answers its subject and its text.
    async fn say_trial(&self, id: &str, said: &Letter) -> Result<(String, String)> {
        if !said.recipients.is_empty() {
            self.send_trial(id, said).await?;
        }
        let notice = super::deliver::notice(said, id);
        Ok((notice.subject, notice.body))
    }

    /// When a rule would have fired in the last 90 days.
    ///
    /// # Errors
    /// No right, a rule that cannot be meant, a question that does not work.
    pub async fn backtest_alert(&self, caller: &Caller, new: NewAlert) -> Result<Backtest> {
        require_scope(caller, Scope::Read)?;
        require_role(caller, UserRole::Explorer, "try an alert")?;
        let def = self.tried_alert(caller, new.def).await?;
        let (courses, as_they_come, note) = match (&def.subject, &def.for_each) {
            (Subject::Metric { id }, None) => {
                let (metric, _) = self.metric_for(caller, id).await?;
                self.require_whole_metric(caller, &metric).await?;
                let past = self.past_of_metric(id, clock::now_ms() - PAST_MS, MOST_PAST).await?;
                (BTreeMap::from([(String::new(), past)]), false, None)
            }
            (Subject::Forecast { .. }, _) => {
                (BTreeMap::new(), true, Some("What was forecast before stands on the page of the forecast.".into()))
            }
            _ => self.past_of_question(caller, &def).await?,
        };
        Ok(played(&def, &courses, as_they_come, note))
    }

    /// The last 90 days of a question, by day where it has no times of its own.
    async fn past_of_question(
        &self,
        caller: &Caller,
        def: &AlertDef,
    ) -> Result<(BTreeMap<String, Course>, bool, Option<String>)> {
        let (query, _) = self.question_of_alert(caller, def).await?;
        let nothing = |note: &str| Ok((BTreeMap::new(), true, Some(note.to_owned())));
        let own = self.ask_for_alert(caller, def, &query, false).await?;
        let look = Look::new(def, &own.table)?;
        if look.time.is_some() {
            let found = look.read(&own.table)?;
            let latest = found.values().filter_map(|f| f.row_at).max().unwrap_or_default();
            let courses = found.into_iter().map(|(name, found)| {
                let recent = found.course.into_iter().filter(|(at, _)| latest - at <= PAST_MS).collect();
                (name, recent)
            });
            return Ok((courses.collect(), true, Some("Each point of the question counts as one check.".into())));
        }
        if matches!(def.condition, Condition::NoDataFor { .. }) {
            return nothing("Nobody knows when rows came that are there now.");
        }
        let Some(by_day) = self.by_day(caller, def, query).await? else {
            return nothing("The data has no dates: nothing is known of its past.");
        };
        // The days of a tile's rows are more than the tile shows.
        let asked = match self.ask_for_alert(caller, def, &by_day, false).await {
            Ok(answer) => answer,
            Err(error) if error.code == domain::ErrorCode::Forbidden => {
                return nothing("What is behind the tile is not yours to see: nothing is known of its past.");
            }
            Err(error) => return Err(error),
        };
        let found = Look::new(def, &asked.table)?.read(&asked.table)?;
        let courses = found.into_iter().map(|(name, found)| (name, found.course)).collect();
        let note = "The question by day, over the last 90 days of the data; each day counts as one check.";
        Ok((courses, true, Some(note.into())))
    }

    /// A question with a row for each of its last 90 days.
    async fn by_day(&self, caller: &Caller, def: &AlertDef, mut query: Query) -> Result<Option<Query>> {
        let reader = Reader::of(caller);
        let Some(loaded) = self.load_dataset(&query.dataset, &reader).await? else { return Ok(None) };
        let time = loaded.shown().find(|c| c.role == Role::Time && c.ty.is_time());
        let time = time.or_else(|| loaded.shown().find(|c| c.ty.is_time()));
        let Some(column) = time.map(|c| c.name.clone()) else { return Ok(None) };
        let relative = Relative {
            unit: RelativeUnit::Day,
            n: DAYS,
            of: RelativeOf::Previous,
            include_current: true,
            offset: 0,
            as_of: AsOf::Latest,
        };
        let relative = serde_json::to_value(relative).unwrap_or_default();
        query.filter = Filter::both(query.filter.take(), Some(Filter::is(&column, Op::Relative, relative)));
        if !query.columns.is_empty() {
            // Of raw rows it is told how many there are.
            if def.condition.needs_number() {
                return Ok(None);
            }
            query.columns.clear();
            query.measures = vec![Measure::count()];
        }
        query.dimensions.push(Dimension { column, grain: Some(Grain::Day), ..Dimension::default() });
        query.order.clear();
        query.limit = Some(MAX_LIMIT);
        // The trial must not see more than the caller.
        self.dataset_for(caller, &query.dataset).await?;
        Ok(Some(query))
    }
}

/// One value as it is now.
fn tried(def: &AlertDef, name: &str, found: &Found, previous: Option<f64>, now: i64) -> AlertTestInstance {
    let usual = matches!(def.condition, Condition::OutsideBand { .. }).then(|| found.usual());
    let sample = Sample {
        at: if usual.is_some() { found.row_at.unwrap_or(now) } else { now },
        value: found.value,
        previous,
        rows: found.rows,
        data_at: found.data_at.unwrap_or(if found.value.is_some() { now } else { 0 }),
        is_up: false,
        usual: usual.as_ref(),
        band: found.band,
    };
    let holds = match judge(&def.condition, def.recover_at, &sample) {
        Outcome::Holds(_) => Some(true),
        Outcome::Lingers(_) | Outcome::Clear(_) => Some(false),
        Outcome::NoData | Outcome::Failed { .. } => None,
    };
    let formatted_value = def.written(found.value);
    AlertTestInstance { instance: name.to_owned(), value: found.value, formatted_value, holds }
}

/// The rule played over the past.
fn played(def: &AlertDef, courses: &BTreeMap<String, Course>, as_they_come: bool, note: Option<String>) -> Backtest {
    let mut result = Backtest { thresholds: def.condition.thresholds(), note, ..Backtest::default() };
    let mut moments = Vec::new();
    for (name, course) in courses {
        for event in live::alert::backtest(def, course, as_they_come) {
            result.fired += usize::from(event.kind == EventKind::Fired);
            moments.push((event.at, name, event));
        }
        if result.series.len() < SHOWN {
            result.series.push(BacktestSeries { instance: name.clone(), points: points(def, course) });
        }
    }
    moments.sort_by_key(|(at, ..)| *at);
    let shown = moments.into_iter().filter(|(.., e)| {
        matches!(e.kind, EventKind::Fired | EventKind::Recovered | EventKind::NoData | EventKind::DataBack)
    });
    result.moments = shown
        .take(MOMENTS)
        .map(|(at, name, event)| BacktestMoment {
            instance: name.clone(),
            at: clock::rfc3339(at),
            kind: event.kind,
            value: event.value,
        })
        .collect();
    let known: usize = courses.values().map(Vec::len).max().unwrap_or_default();
    if result.note.is_none() && known < 2 {
        result.note = Some("There is no history yet.".into());
    } else if i64::try_from(known).is_ok_and(|known| known >= MOST_PAST) {
        result.note = Some("Only the latest 100,000 values were looked at.".into());
    }
    result
}

/// The course, thinned out such that no peak is lost.
fn points(def: &AlertDef, course: &[(i64, Option<f64>)]) -> Vec<BacktestPoint> {
    let usual = match def.condition {
        Condition::OutsideBand { width } => {
            Some((Usual::new(course.iter().filter_map(|(at, v)| Some((*at, (*v)?)))), width))
        }
        _ => None,
    };
    let point = |(at, value): &(i64, Option<f64>)| BacktestPoint {
        at: clock::rfc3339(*at),
        value: *value,
        band: usual.as_ref().and_then(|(usual, width)| usual.band(*at, *width)),
    };
    if course.len() <= POINTS {
        return course.iter().map(point).collect();
    }
    let size = course.len().div_ceil(POINTS / 2);
    let mut kept = Vec::with_capacity(POINTS);
    for part in course.chunks(size) {
        let by_value = |a: &&(i64, Option<f64>), b: &&(i64, Option<f64>)| {
            a.1.unwrap_or(f64::NAN).total_cmp(&b.1.unwrap_or(f64::NAN))
        };
        let numbers = || part.iter().filter(|(_, v)| v.is_some());
        let (low, high) = (numbers().min_by(by_value), numbers().max_by(by_value));
        let mut both: Vec<_> = low.into_iter().chain(high).collect();
        if both.is_empty() {
            both.extend(part.first());
        }
        both.sort_by_key(|(at, _)| *at);
        both.dedup();
        kept.extend(both);
    }
    kept.into_iter().map(point).collect()
}
