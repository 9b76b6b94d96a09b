//! Insights: what a dataset says by itself to each of its readers, what is new in it, what they think
//! of that and who is told, and what a chart and a dashboard have to say. What is found is worked out
//! in `intelligence`; here it is decided over which rows, and for whom.

mod board;
mod clock;
mod run;
mod subscribe;
#[cfg(test)]
mod tests;

pub(crate) use clock::JOB;

use crate::access::{require_role, require_scope};
use crate::catalog::Loaded;
use crate::{Services, clock as time};
use domain::discovery::{
    DatasetInsights, GivenThumb, InsightNews, InsightsRequest, NewsItem, ShownFinding, Thumb, WaitingDataset,
};
use domain::insight::{Finding, FindingKind, Insights, Sentence};
use domain::people::Scope;
use domain::{Caller, Error, ErrorCode, Result, UserRole};
use run::Run;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use store::InsightThumbRow;
use tokio::sync::Semaphore;

/// Looks at data that are taken at the same time.
const AT_ONCE: usize = 2;
/// Datasets that the page of news looks through.
const MOST_DATASETS: usize = 200;
/// What the page of news shows.
const MOST_NEWS: usize = 100;
/// A finding that is worth being told of at once: how strong it is, and how sure.
const STRONG: f64 = 0.5;
const SURE: f64 = 0.001;
/// Thumbs that count as given before anybody gave one: a single one must not turn the order around.
const PRIOR: f64 = 3.0;

/// What looking for insights shares.
pub(crate) struct Desk {
    turns: Arc<Semaphore>,
    /// Who looks at what, so that nobody does the same again meanwhile.
    at_it: Mutex<run::Lookers>,
    /// Until when a dataset waits to be looked at, and how long a pause was asked for.
    queued: Mutex<HashMap<String, (i64, i64)>>,
}

impl Default for Desk {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)), at_it: Mutex::default(), queued: Mutex::default() }
    }
}

/// What somebody thinks of findings.
#[derive(Default)]
struct Taste {
    given: HashMap<(String, String), Thumb>,
    /// Thumbs up and down for each kind, over all datasets.
    kinds: HashMap<String, (f64, f64)>,
}

impl Taste {
    fn of(rows: Vec<InsightThumbRow>) -> Self {
        let mut taste = Self::default();
        for row in rows {
            let thumb = if row.thumb > 0 { Thumb::Up } else { Thumb::Down };
            let count = taste.kinds.entry(row.kind).or_default();
            match thumb {
                Thumb::Up => count.0 += 1.0,
                Thumb::Down => count.1 += 1.0,
            }
            taste.given.insert((row.dataset_id, row.finding_id), thumb);
        }
        taste
    }

    fn thumb(&self, dataset_id: &str, finding: &str) -> Option<Thumb> {
        self.given.get(&(dataset_id.to_owned(), finding.to_owned())).copied()
    }

    /// By how much a kind moves up or down.
    fn liking(&self, kind: FindingKind) -> f64 {
        let (up, down) = self.kinds.get(kind.as_str()).copied().unwrap_or_default();
        ((up + PRIOR) / (down + PRIOR)).clamp(0.5, 2.0)
    }
}

/// Whether a finding is worth being told of at once.
fn is_strong(finding: &Finding) -> bool {
    finding.claimed && finding.strength >= STRONG && finding.test.as_ref().is_none_or(|t| t.p_corrected <= SURE)
}

/// Why a finding is shown.
fn why(finding: &Finding, is_new: bool, liking: f64) -> String {
    let mut why = match &finding.test {
        Some(test) if finding.claimed => format!(
            "Chance alone shows it with a probability of {}, after correction for {} tests.",
            probability(test.p_corrected),
            test.tried.max(1)
        ),
        Some(test) => format!(
            "A hint, no claim: after correction for {} tests, chance alone explains it too easily.",
            test.tried.max(1)
        ),
        None if finding.claimed => {
            "It follows from the numbers themselves, so that nothing had to be tested.".to_owned()
        }
        None => "A view of this data worth having; it claims nothing.".to_owned(),
    };
    if is_new {
        why.push_str(" New in this version.");
    }
    if liking > 1.0 {
        why.push_str(" You liked others of its kind.");
    } else if liking < 1.0 {
        why.push_str(" Further down because you did not like others of its kind.");
    }
    why
}

/// A probability as people read it.
fn probability(p: f64) -> String {
    if p < 0.0001 { "less than 0.0001".to_owned() } else { format!("{p:.4}") }
}

/// The findings of a run as somebody meets them, the best first; and how many they do not want to see.
fn shown(run: &Run, dataset_id: &str, taste: &Taste, with_hidden: bool) -> (Vec<ShownFinding>, u64) {
    let mut hidden = 0;
    let mut all = Vec::new();
    let findings = &run.insights.findings;
    for (place, finding) in findings.iter().enumerate() {
        let thumb = taste.thumb(dataset_id, &finding.id);
        if thumb == Some(Thumb::Down) {
            hidden += 1;
            if !with_hidden {
                continue;
            }
        }
        let (is_new, liking) = (run.is_new(&finding.id), taste.liking(finding.kind));
        all.push(ShownFinding {
            is_new,
            is_strong: is_strong(finding),
            thumb,
            rank: (1.0 - place as f64 / findings.len() as f64) * liking,
            why: why(finding, is_new, liking),
            finding: finding.clone(),
        });
    }
    all.sort_by(|a, b| b.rank.total_cmp(&a.rank));
    (all, hidden)
}

/// The sentences that are not about findings that are hidden.
fn told(narrative: &[Sentence], findings: &[ShownFinding], all: &Insights) -> Vec<Sentence> {
    let shown: HashSet<&str> = findings.iter().map(|f| f.finding.id.as_str()).collect();
    let gone: HashSet<&str> = all.findings.iter().map(|f| f.id.as_str()).filter(|id| !shown.contains(id)).collect();
    let about = |sentence: &Sentence| {
        let mut ids = sentence.parts.iter().filter_map(|part| part.number.as_ref()?.finding.as_deref());
        ids.any(|id| gone.contains(id))
    };
    narrative.iter().filter(|sentence| !about(sentence)).cloned().collect()
}

impl Services {
    async fn taste_of(&self, caller: &Caller) -> Result<Taste> {
        Ok(Taste::of(self.store.insight_thumbs(&caller.user_id).await?))
    }

    /// A dataset that the caller may look for insights in.
    async fn insights_for(&self, caller: &Caller, dataset: &str) -> Result<Arc<Loaded>> {
        require_role(caller, UserRole::Explorer, "look for insights")?;
        if dataset.is_empty() {
            return Err(Error::invalid("Say of which dataset.").field("dataset"));
        }
        let (loaded, _) = self.dataset_for(caller, dataset).await?;
        if loaded.is_inline() {
            let error = Error::new(ErrorCode::NotSupported, "This is the SELECT of a tile, and no dataset.");
            return Err(error.hint("Explain the tile, or save the SELECT as a dataset.").field("dataset"));
        }
        Ok(loaded)
    }

    /// What a dataset says by itself, over the rows and columns that the caller sees. Worked out once for
    /// each version and each way of seeing it.
    ///
    /// # Errors
    /// The dataset is not visible, or it cannot be read.
    pub async fn insights(&self, caller: &Caller, request: &InsightsRequest) -> Result<DatasetInsights> {
        let loaded = self.insights_for(caller, &request.dataset).await?;
        let run = self.insight_run(&loaded).await?;
        let taste = self.taste_of(caller).await?;
        let (findings, hidden) = shown(&run, &loaded.row.id, &taste, request.hidden);
        let subscription = self.store.insight_subscriptions_of(&caller.user_id).await?;
        let subscription = subscription.into_iter().find(|s| s.dataset_id == loaded.row.id);
        let narrative = told(&run.insights.narrative, &findings, &run.insights);
        let Insights { summary_stats, trends, anomalies, correlations, recommendations, looked, .. } = run.insights;
        Ok(DatasetInsights {
            dataset: loaded.row.name.clone(),
            label: loaded.row.label.clone(),
            version: u64::try_from(run.version).unwrap_or_default(),
            found_at: time::rfc3339(run.found_at),
            summary_stats,
            trends,
            anomalies,
            correlations,
            recommendations,
            narrative,
            findings,
            looked,
            hidden,
            left_out: run::left_out(&loaded),
            subscription: subscription.map(|s| subscribe::show(&s, &loaded)),
        })
    }

    /// Remembers what the caller thinks of a finding: it moves others of its kind up or down, and a thumb
    /// down hides it.
    ///
    /// # Errors
    /// The dataset is not visible, or the id can be none.
    pub async fn give_thumb(&self, caller: &Caller, given: &GivenThumb) -> Result<()> {
        require_scope(caller, Scope::Write)?;
        given.check()?;
        let loaded = self.insights_for(caller, &given.dataset).await?;
        let Some(thumb) = given.thumb else {
            return self.store.clear_insight_thumb(&caller.user_id, &loaded.row.id, &given.finding).await;
        };
        // What was never found cannot be judged, and would be kept for ever.
        let seen = self.store.insights_seen(&loaded.row.id, &run::eyes_of(&loaded)).await?;
        if !seen.contains_key(&given.finding) {
            return Err(Error::not_found("finding").field("finding"));
        }
        let row = InsightThumbRow {
            dataset_id: loaded.row.id.clone(),
            finding_id: given.finding.clone(),
            kind: given.kind.as_str().to_owned(),
            thumb: if thumb == Thumb::Up { 1 } else { -1 },
        };
        self.store.set_insight_thumb(&caller.user_id, &row, time::now_ms()).await
    }

    /// What is new in all datasets that the caller may see, of what was found for those who see the same.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn insight_news(&self, caller: &Caller) -> Result<InsightNews> {
        require_role(caller, UserRole::Explorer, "look for insights")?;
        let taste = self.taste_of(caller).await?;
        let mut news = InsightNews::default();
        for dataset in self.list_datasets(caller).await?.into_iter().take(MOST_DATASETS) {
            // Gone, or taken away, in this moment.
            let Ok((loaded, _)) = self.dataset_for(caller, &dataset.id).await else { continue };
            let Some(run) = self.kept_run(&loaded).await? else {
                news.waiting.push(WaitingDataset { dataset: dataset.name, label: dataset.label });
                continue;
            };
            news.looked_at += 1;
            let found_at = time::rfc3339(run.found_at);
            let (findings, _) = shown(&run, &loaded.row.id, &taste, false);
            let items = findings.into_iter().filter(|shown| shown.is_new && shown.finding.claimed);
            news.items.extend(items.map(|shown| NewsItem {
                dataset: dataset.name.clone(),
                label: dataset.label.clone(),
                found_at: found_at.clone(),
                shown,
            }));
        }
        news.items.sort_by(|a, b| b.found_at.cmp(&a.found_at).then(b.shown.rank.total_cmp(&a.shown.rank)));
        news.items.truncate(MOST_NEWS);
        Ok(news)
    }
}
