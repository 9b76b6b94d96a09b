//! Asking in words. What may be named is gathered with the asker's eyes (`catalog.rs`), a pure parser
//! reads the question (`intelligence::ask`), and a reading is asked through the same door as any other
//! question. Words that people taught are in `words.rs`; `model.rs` and `proposal.rs` have the language
//! model that an administrator may have set up, which proposes questions and nothing else.

mod catalog;
mod examples;
mod model;
mod proposal;
mod titles;
mod words;

use crate::access::{require_role, require_scope};
use crate::{Buckets, Services, clock};
use domain::api::TileData;
use domain::ask::{AskContext, AskRequest, ChartMatch, MAX_QUESTION, Outcome, Reading, Understanding};
use domain::asking::{AskAnswer, AskWhy, FoundChart};
use domain::connect::Why;
use domain::people::Scope;
use domain::{Caller, Error, ErrorCode, Query, Result, UserRole};
use intelligence::ask::{Surroundings, understand};
use jiff::tz::TimeZone;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Questions that are read at the same time: each keeps a core busy.
const READ_AT_ONCE: usize = 4;
/// Readings that are checked and offered.
const MOST_READINGS: usize = 5;
/// Charts that are offered.
const MOST_FOUND: usize = 4;
/// What one person may ask of a language model: so many at once, and one more after each pause.
const PROPOSALS: (u64, Duration) = (10, Duration::from_secs(6));
/// The same of words that one person teaches.
const TEACHING: (u64, Duration) = (60, Duration::from_secs(1));

/// What asking remembers.
pub(crate) struct Asking {
    known: catalog::Known,
    reading: Semaphore,
    proposals: Buckets,
    teaching: Buckets,
}

impl Default for Asking {
    fn default() -> Self {
        Self {
            known: catalog::Known::default(),
            reading: Semaphore::new(READ_AT_ONCE),
            proposals: Buckets::new(PROPOSALS.0, PROPOSALS.1),
            teaching: Buckets::new(TEACHING.0, TEACHING.1),
        }
    }
}

impl Services {
    /// What is understood of a question in words, and what shows it already. Nothing is asked of the
    /// data yet. Who may not ask questions finds charts and nothing else.
    ///
    /// # Errors
    /// There is no question, it is too long, or it names a dataset or time zone that is not there.
    pub async fn understand(&self, caller: &Caller, request: &AskRequest) -> Result<AskAnswer> {
        require_scope(caller, Scope::Read)?;
        let question = check_question(&request.question)?;
        let today = self.day_of(request.timezone.as_deref())?;
        let dataset = match &request.dataset {
            Some(name) => Some(self.dataset_for(caller, name).await?.0.row.name.clone()),
            None => None,
        };
        let known = self.what_may_be_asked(caller).await?;
        let previous = request.context.clone().map(|context| known.by_name(context));
        let read = {
            let (known, question) = (known.clone(), question.to_owned());
            let _turn = self.asking.reading.acquire().await.map_err(|_| Error::internal())?;
            tokio::task::spawn_blocking(move || {
                let around = Surroundings { previous: previous.as_ref(), dataset: dataset.as_deref(), today };
                understand(&question, &known.catalog, &around)
            })
            .await
        };
        let mut read = read.map_err(|cause| {
            tracing::error!(%cause, "reading a question in words");
            Error::internal()
        })?;
        let mut charts = std::mem::take(&mut read.charts);
        if charts.is_empty() {
            charts = titles::by_title(question, &known.catalog.charts);
        }
        let found = self.found(caller, charts).await;
        if caller.role < UserRole::Explorer {
            read = Understanding {
                reason: "To ask questions of your own you need the role explorer. Charts on dashboards that you may see are found all the same.".into(),
                ..Understanding::default()
            };
            return Ok(AskAnswer { understanding: read, found, ..AskAnswer::default() });
        }
        if let Some(zone) = &request.timezone {
            read.readings.iter_mut().for_each(|r| r.query.timezone = Some(zone.clone()));
        }
        let understanding = self.checked(caller, read).await?;
        let can_propose = understanding.outcome != Outcome::Answer && self.model_is_on().await?;
        Ok(AskAnswer { understanding, found, can_propose, ..AskAnswer::default() })
    }

    /// The same with the answer, where one reading is what was meant.
    ///
    /// # Errors
    /// As [`Services::understand`], or the data cannot be asked now.
    pub async fn ask(&self, caller: &Caller, request: &AskRequest) -> Result<AskAnswer> {
        let mut answer = self.understand(caller, request).await?;
        if answer.understanding.shows()
            && let Some(reading) = answer.understanding.answer()
        {
            let data: TileData = self.preview_tile(caller, &reading.tile()).await?;
            answer.says = charts::describe(&data.spec, &data.table);
            answer.data = Some(data);
        }
        Ok(answer)
    }

    /// What carries the change of a question's measure in a period, against the period before.
    ///
    /// # Errors
    /// The question does not fit the data, or its measure is not made of its members'.
    pub async fn ask_why(&self, caller: &Caller, request: &AskWhy) -> Result<Why> {
        require_role(caller, UserRole::Explorer, "ask questions of your own")?;
        let (loaded, _) = self.dataset_for(caller, &request.query.dataset).await?;
        // The right to what it joins is decided here too.
        let bound = self.bind(&loaded, &request.query, Some(caller)).await?;
        self.plan_bound(&bound, &request.query).await?;
        self.why_of_question(caller, request).await
    }

    /// Only what can be asked is offered: readings whose questions do not hold are left out.
    async fn checked(&self, caller: &Caller, mut read: Understanding) -> Result<Understanding> {
        let asserted = read.outcome == Outcome::Answer;
        let mut why = None;
        let mut readings: Vec<Reading> = Vec::new();
        let had = !read.readings.is_empty();
        for (at, reading) in read.readings.into_iter().take(MOST_READINGS).enumerate() {
            match self.holds(caller, &reading.query).await {
                Ok(()) => readings.push(reading),
                Err(error) => {
                    tracing::debug!(%error, "a reading does not hold");
                    if at == 0 {
                        why = Some(error);
                    }
                }
            }
        }
        read.readings = readings;
        if let Some(error) = why.filter(|_| had) {
            let error = error.message;
            (read.outcome, read.reason) = match read.readings.is_empty() {
                true => (Outcome::Refused, format!("This was understood, but it cannot be asked. {error}")),
                false if asserted => (Outcome::Choice, "The likeliest reading cannot be asked.".to_owned()),
                false => (read.outcome, read.reason),
            };
        }
        Ok(read)
    }

    /// Checks a question as it is checked when it is asked.
    async fn holds(&self, caller: &Caller, query: &Query) -> Result<()> {
        let (loaded, _) = self.dataset_for(caller, &query.dataset).await?;
        let bound = self.bind(&loaded, query, Some(caller)).await?;
        self.plan_bound(&bound, query).await.map(|_| ())
    }

    /// The charts that were found, as far as the caller may see them at this moment.
    async fn found(&self, caller: &Caller, matches: Vec<ChartMatch>) -> Vec<FoundChart> {
        let mut found = Vec::new();
        for one in matches.into_iter().take(MOST_FOUND) {
            let Some((dashboard, tile)) = one.id.split_once('/') else { continue };
            let Ok(board) = self.get_dashboard(caller, dashboard).await else { continue };
            if !board.layout.widgets.iter().any(|t| t.id == tile) {
                continue;
            }
            found.push(FoundChart {
                title: one.title,
                dashboard: board.name,
                slug: board.slug,
                tile: tile.to_owned(),
                is_exact: one.is_exact,
            });
        }
        found
    }

    /// What day it is for somebody.
    fn day_of(&self, zone: Option<&str>) -> Result<jiff::civil::Date> {
        let filled = self.settings.questions.fill(&Query::default()).timezone.clone();
        let zone = match zone.map(str::to_owned).or(filled) {
            Some(name) => TimeZone::get(&name).map_err(|_| {
                Error::invalid("This is no time zone.").hint("Give a name such as Europe/Berlin.").field("timezone")
            })?,
            None => TimeZone::UTC,
        };
        Ok(jiff::Timestamp::now().to_zoned(zone).date())
    }
}

/// Takes room for one more deed of somebody.
fn not_too_often(room: &Buckets, caller: &Caller) -> Result<()> {
    let moment = u64::try_from(clock::now_ms()).unwrap_or_default().saturating_mul(1_000);
    room.take(&caller.user_id, moment).map_err(|_| {
        Error::new(ErrorCode::TooManyRequests, "That was a lot in a short time.").hint("Wait a minute, then go on.")
    })
}

/// A question that can be read.
fn check_question(question: &str) -> Result<&str> {
    let question = question.trim();
    if question.is_empty() {
        return Err(Error::invalid("There is no question.").hint("Say what you want to know.").field("question"));
    }
    if question.chars().count() > MAX_QUESTION {
        return Err(Error::invalid(format!("A question has at most {MAX_QUESTION} characters."))
            .hint("Ask for one thing at a time.")
            .field("question"));
    }
    Ok(question)
}

/// The context of a follow-up calls its dataset by its name, as readings do.
fn named(mut context: AskContext, name: Option<&str>) -> AskContext {
    if let Some(name) = name {
        name.clone_into(&mut context.query.dataset);
    }
    context
}
