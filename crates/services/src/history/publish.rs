//! Publishing: the owner decides when readers see what the editors made.

use super::readers::Published;
use super::{count, draft_for_readers, readers_topic};
use crate::access::require_owner;
use crate::{Services, clock, documents, from_json, to_json};
use domain::document::{Snapshot, diff};
use domain::history::{LONGEST_NOTE, Publication, PublishRequest, Publishing, PublishingNews};
use domain::{Caller, Error, ErrorCode, Result};
use serde::Serialize;
use std::collections::HashMap;
use store::{DashboardRow, PublicationRow};

/// So many publications are listed.
const LISTED: i64 = 200;

impl Services {
    /// What readers see, what the draft is, and what publishing it would change.
    ///
    /// # Errors
    /// The dashboard is not visible, or not the caller's to change.
    pub async fn publishing(&self, caller: &Caller, slug_or_id: &str) -> Result<Publishing> {
        let (row, _) = self.history_of(caller, slug_or_id).await?;
        let (draft, seq) = self.read_document(&row.id, |document, version| (document.snapshot(), version)).await?;
        let people = self.user_names().await?;
        let (current, published) = match row.publication {
            Some(number) => {
                let kept = self.store.publication(&row.id, number).await?.ok_or_else(Error::internal)?;
                let snapshot: Snapshot = from_json(&kept.snapshot_json);
                (Some(show(kept, &people)), Some(snapshot))
            }
            None => (None, None),
        };
        let history = self.store.publications(&row.id, LISTED).await?;
        Ok(Publishing {
            current,
            difference: published.as_ref().map(|published| diff(published, &draft)).unwrap_or_default(),
            published,
            draft,
            draft_seq: count(seq),
            history: history.into_iter().map(|row| show(row, &people)).collect(),
        })
    }

    /// Publishes the draft: readers see it from now on, and no later change until the next time.
    ///
    /// # Errors
    /// The caller does not own the dashboard, the note is too long, the draft has changed since it
    /// was looked at, or there is nothing new in it.
    pub async fn publish_dashboard(
        &self,
        caller: &Caller,
        slug_or_id: &str,
        request: &PublishRequest,
    ) -> Result<Publication> {
        let (row, access) = self.dashboard_for(caller, slug_or_id).await?;
        require_owner(caller, access, "dashboard")?;
        let note = request.note.trim();
        if note.chars().count() > LONGEST_NOTE {
            return Err(Error::invalid(format!("A note has at most {LONGEST_NOTE} characters.")).field("note"));
        }
        let _turn = self.shelf.turn.lock().await;
        let now = clock::now_ms();
        let (draft, mirrored, seq) = self
            .read_document(&row.id, |document, seq| (document.snapshot(), documents::mirror(document, now), seq))
            .await?;
        if request.seq.is_some_and(|looked_at| looked_at != count(seq)) {
            return Err(Error::new(ErrorCode::PreconditionFailed, "The draft has changed since you looked at it.")
                .hint("Look at the changes again, then publish.")
                .field("seq"));
        }
        self.refuse_the_same(&row, &draft).await?;
        let kept = PublicationRow {
            dashboard_id: row.id.clone(),
            number: 0,
            seq,
            user_id: caller.user_id.clone(),
            created_at: now,
            note: note.to_owned(),
            name: mirrored.name,
            description: mirrored.description,
            sketch_json: mirrored.sketch_json,
            snapshot_json: to_json(&draft),
        };
        let number = self.store.publish(&kept).await?;
        self.record(caller, "publish", "dashboard", &row.id).await;
        let published = Published::new(number, seq, now, draft)?;
        tell(self, &readers_topic(&row.id), &published.opened());
        tell(self, &publishing_topic(&row.id), &PublishingNews { number: Some(count(number)) });
        // Who reads follows other topics from now on.
        self.rights_changed_for_all().await?;
        let people = HashMap::from([(caller.user_id.clone(), caller.name.clone())]);
        Ok(show(PublicationRow { number, ..kept }, &people))
    }

    /// Readers see every change at once again, beginning with the draft as it is.
    ///
    /// # Errors
    /// The caller does not own the dashboard.
    pub async fn stop_publishing(&self, caller: &Caller, slug_or_id: &str) -> Result<()> {
        let (row, access) = self.dashboard_for(caller, slug_or_id).await?;
        require_owner(caller, access, "dashboard")?;
        let _turn = self.shelf.turn.lock().await;
        self.store.stop_publishing(&row.id).await?;
        self.record(caller, "stop_publishing", "dashboard", &row.id).await;
        let opened = self.read_document(&row.id, draft_for_readers).await??;
        tell(self, &readers_topic(&row.id), &opened);
        tell(self, &publishing_topic(&row.id), &PublishingNews { number: None });
        self.rights_changed_for_all().await
    }

    /// What tells open pages of editors that something was published.
    ///
    /// # Errors
    /// As [`Services::publishing`].
    pub async fn publishing_topic(&self, caller: &Caller, slug_or_id: &str) -> Result<String> {
        let (row, _) = self.history_of(caller, slug_or_id).await?;
        Ok(publishing_topic(&row.id))
    }

    /// What readers see now, for a page that begins to follow [`Services::publishing_topic`].
    ///
    /// # Errors
    /// As [`Services::publishing`].
    pub async fn publishing_now(&self, caller: &Caller, slug_or_id: &str) -> Result<PublishingNews> {
        let (row, _) = self.history_of(caller, slug_or_id).await?;
        Ok(PublishingNews { number: row.publication.map(count) })
    }

    async fn refuse_the_same(&self, row: &DashboardRow, draft: &Snapshot) -> Result<()> {
        let Some(number) = row.publication else { return Ok(()) };
        let kept = self.store.publication(&row.id, number).await?;
        let is_same = kept.is_some_and(|kept| diff(&from_json::<Snapshot>(&kept.snapshot_json), draft).is_empty());
        if is_same {
            return Err(Error::new(ErrorCode::Conflict, "Nothing has changed since the last publication."));
        }
        Ok(())
    }
}

fn tell(services: &Services, topic: &str, news: &impl Serialize) {
    services.hub.publish(topic, serde_json::to_value(news).unwrap_or_default(), false);
}

fn publishing_topic(id: &str) -> String {
    format!("publishing:{id}")
}

fn show(row: PublicationRow, people: &HashMap<String, String>) -> Publication {
    Publication {
        number: count(row.number),
        seq: count(row.seq),
        user_name: people.get(&row.user_id).cloned().unwrap_or_default(),
        at: clock::rfc3339(row.created_at),
        note: row.note,
    }
}
