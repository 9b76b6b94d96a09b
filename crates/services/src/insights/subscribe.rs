//! Who is told of what is new in a dataset: in their inbox, and by mail where they want it. Each is told
//! of what their own eyes see, and of one finding once.

use super::run::Run;
use crate::access::require_scope;
use crate::catalog::Loaded;
use crate::secrets::fingerprint;
use crate::{Services, clock};
use domain::chart::{ChartSpec, Encodings};
use domain::discovery::{InsightSubscription, NewInsightSubscription, ShownFinding};
use domain::insight::InsightView;
use domain::notify::{Notice, Recipient};
use domain::people::Scope;
use domain::{Caller, Error, ErrorCode, Result, Table};
use std::sync::Arc;
use store::InsightSubscriptionRow;

/// Subscriptions of one person, and of one dataset.
const MOST_OWN: usize = 200;
const MOST_OF_ONE: usize = 500;
/// Findings that one notice tells.
const MOST_TOLD: usize = 8;
/// What a subject has room for.
const SUBJECT: usize = 200;

/// A dataset as somebody sees it.
pub(super) type Seen = Arc<Loaded>;

pub(super) fn show(row: &InsightSubscriptionRow, loaded: &Loaded) -> InsightSubscription {
    InsightSubscription {
        dataset: loaded.row.name.clone(),
        label: loaded.row.label.clone(),
        strong_only: row.strong_only != 0,
        created_at: clock::rfc3339(row.created_at),
    }
}

/// A text without what would break a line or mean something in Markdown.
fn plain(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars().map(|c| if c.is_control() { ' ' } else { c }) {
        if "\\`*_{}[]<>#|~!".contains(c) {
            safe.push('\\');
        }
        safe.push(c);
    }
    safe
}

/// What stands above the notice.
fn subject(label: &str, news: &[ShownFinding]) -> String {
    let strong = news.iter().find(|n| n.is_strong).map(|n| n.finding.sentence.text());
    let text = match (strong, news.len()) {
        (Some(sentence), _) => format!("{label}: {sentence}"),
        (None, 1) => format!("{label}: a new insight"),
        (None, n) => format!("{label}: {n} new insights"),
    };
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    match line.chars().count() {
        n if n > SUBJECT => line.chars().take(SUBJECT - 1).chain(['…']).collect(),
        _ => line,
    }
}

fn body(news: &[ShownFinding]) -> String {
    let mut lines: Vec<String> = news
        .iter()
        .take(MOST_TOLD)
        .map(|n| format!("- **{}:** {}", n.finding.kind.label(), plain(&n.finding.sentence.text())))
        .collect();
    if news.len() > MOST_TOLD {
        lines.push(format!("- and {} more", news.len() - MOST_TOLD));
    }
    lines.push("\nThese are of the rows that you see, and new to you.".to_owned());
    lines.join("\n")
}

impl Services {
    /// The datasets of whose news the caller is told.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn insight_subscriptions(&self, caller: &Caller) -> Result<Vec<InsightSubscription>> {
        let mut shown = Vec::new();
        for row in self.store.insight_subscriptions_of(&caller.user_id).await? {
            // What one may not see any more is not told of, and not named.
            if let Ok((loaded, _)) = self.dataset_for(caller, &row.dataset_id).await {
                shown.push(show(&row, &loaded));
            }
        }
        Ok(shown)
    }

    /// Tells the caller from now on what is new in a dataset. What is there already is not told.
    ///
    /// # Errors
    /// The dataset is not visible, or there are too many subscriptions.
    pub async fn subscribe_insights(
        &self,
        caller: &Caller,
        new: &NewInsightSubscription,
    ) -> Result<InsightSubscription> {
        require_scope(caller, Scope::Write)?;
        let loaded = self.insights_for(caller, &new.dataset).await?;
        let full = |n: usize| {
            Error::new(ErrorCode::RuleRefused, format!("There are {n} subscriptions already."))
                .hint("End one that nobody reads.")
        };
        let own = self.store.insight_subscriptions_of(&caller.user_id).await?;
        let is_new = own.iter().all(|s| s.dataset_id != loaded.row.id);
        if is_new && own.len() >= MOST_OWN {
            return Err(full(MOST_OWN));
        }
        if is_new && self.store.insight_subscribers(&loaded.row.id).await?.len() >= MOST_OF_ONE {
            return Err(full(MOST_OF_ONE));
        }
        let run: Run = self.insight_run(&loaded).await?;
        let known: Vec<&str> = run.insights.findings.iter().map(|f| f.id.as_str()).collect();
        let row = InsightSubscriptionRow {
            user_id: caller.user_id.clone(),
            dataset_id: loaded.row.id.clone(),
            strong_only: i64::from(new.strong_only),
            created_at: clock::now_ms(),
        };
        // Who only changes how they are told still hears of what they were not told yet.
        self.store.subscribe_to_insights(&row, if is_new { &known } else { &[] }).await?;
        self.record(caller, "subscribe_insights", "dataset", &loaded.row.id).await;
        let kept = self.store.insight_subscriptions_of(&caller.user_id).await?;
        let kept = kept.into_iter().find(|s| s.dataset_id == loaded.row.id).unwrap_or(row);
        Ok(show(&kept, &loaded))
    }

    /// Tells the caller no more what is new in a dataset; also of one that they may not see any more.
    ///
    /// # Errors
    /// There is no such subscription.
    pub async fn unsubscribe_insights(&self, caller: &Caller, dataset: &str) -> Result<()> {
        require_scope(caller, Scope::Write)?;
        let none = || Error::not_found("subscription");
        let stored = self.stored_dataset(dataset).await?.ok_or_else(none)?;
        if !self.store.unsubscribe_from_insights(&caller.user_id, &stored.row.id).await? {
            return Err(none());
        }
        self.record(caller, "unsubscribe_insights", "dataset", &stored.row.id).await;
        Ok(())
    }

    /// Tells somebody of findings, and remembers that.
    pub(super) async fn tell_insights(&self, seer: &Caller, loaded: &Arc<Loaded>, news: &[ShownFinding]) -> Result<()> {
        let (dataset, user) = (&loaded.row.id, &seer.user_id);
        let notice = Notice {
            kind: "insight".into(),
            subject: subject(&loaded.row.label, news),
            body: body(news),
            fields: Vec::new(),
            link: format!("/data/{}?tab=insights", loaded.row.name),
            chart: match news.first() {
                Some(first) => self.picture_of_view(loaded, &first.finding.view).await,
                None => None,
            },
        };
        let recipient = Recipient::User { id: user.clone() };
        let ids: Vec<&str> = news.iter().map(|n| n.finding.id.as_str()).collect();
        // Told again after a crash, it is the same event.
        let event = fingerprint(&format!("{dataset}\n{user}\n{}", ids.join("\n")));
        self.notify(&format!("insights:{event}"), user, &[recipient], &notice).await?;
        self.store.tell_insights(user, dataset, &ids, clock::now_ms()).await
    }

    /// A view with the rows of its reader; without it a notice is as good.
    async fn picture_of_view(&self, loaded: &Arc<Loaded>, view: &InsightView) -> Option<(ChartSpec, Table)> {
        if view.needs.is_some() {
            return None;
        }
        let (answer, _) = self.answer(loaded, &view.query, false).await.ok()?;
        let spec = ChartSpec::new(view.chart, Encodings::default(), serde_json::Map::new());
        (answer.table.row_count() > 1).then(|| (spec, answer.table.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_the_data_cannot_dress_up_a_notice() {
        assert_eq!(plain("[click](http://x)\n# Hi"), "\\[click\\](http://x) \\# Hi");
        let long = subject(&format!("a\n{}", "b".repeat(300)), &[]);
        assert!(long.chars().count() == SUBJECT && !long.contains('\n'));
    }
}
