//! Several servers on the same data: what one changes, the others forget their copies of.
//!
//! Notices travel before the news they belong to, in the same order for everybody. A server that
//! could not hear for a while forgets everything once it hears again.

use crate::{Inner, Services};
use domain::{Error, Result};
use live::News;
use serde_json::{Value, json};
use std::sync::Arc;

const DATASET: &str = "dataset";
const DOCUMENT: &str = "document";
const PEOPLE: &str = "people";
const METRIC: &str = "metric";
const CANCEL: &str = "cancel";

impl Services {
    /// Works together with the other servers that use this Redis.
    ///
    /// # Errors
    /// The address cannot be read.
    pub fn share_news(&self, url: &str) -> Result<()> {
        let weak = Arc::downgrade(&self.0);
        let hear = move |news| {
            if let Some(inner) = weak.upgrade() {
                Self(inner).hear(news);
            }
        };
        self.hub.share(url, hear).map_err(|cause| Error::invalid(format!("ORRERY_REDIS_URL cannot be used: {cause}.")))
    }

    fn hear(&self, news: News) {
        let (kind, what) = match news {
            News::Notice(kind, what) => (kind, what),
            News::Joined => return self.forget_all(),
        };
        let text = |key: &str| what.get(key).and_then(Value::as_str).unwrap_or_default();
        match kind.as_str() {
            DATASET => self.catalog.forget_named(text("id"), text("name")),
            DOCUMENT => self.documents.forget(text("id")),
            PEOPLE => self.credentials.clear(),
            METRIC => {
                let (services, id) = (self.clone(), text("id").to_owned());
                tokio::spawn(async move { services.reschedule(&id, i64::MAX).await });
            }
            CANCEL => self.cancel_here(text("id")),
            crate::presence::NOTICE => self.hear_presence(&what),
            other => tracing::debug!(kind = other, "a notice of a newer server"),
        }
    }

    fn forget_all(&self) {
        self.catalog.forget_all();
        self.documents.forget_all();
        self.credentials.clear();
        let services = self.clone();
        tokio::spawn(async move { services.reschedule_all().await });
    }
}

impl Inner {
    /// Forgets a dataset that changed, here and elsewhere.
    pub(crate) fn forget_dataset(&self, id: &str, name: &str) {
        self.catalog.forget_named(id, name);
        self.hub.notify_others(DATASET, json!({"id": id, "name": name}));
    }

    /// Forgets a document that is gone, here and elsewhere.
    pub(crate) fn forget_document(&self, id: &str) {
        self.documents.forget(id);
        self.hub.notify_others(DOCUMENT, json!({"id": id}));
    }

    /// Forgets who is who: a right, a session or a token changed.
    pub(crate) fn forget_callers(&self) {
        self.credentials.clear();
        self.hub.notify_others(PEOPLE, Value::Null);
    }

    /// A metric was made, changed or deleted.
    pub(crate) fn tell_of_metric(&self, id: &str) {
        self.hub.notify_others(METRIC, json!({"id": id}));
    }

    /// A job that another server works on is to end.
    pub(crate) fn ask_to_cancel(&self, id: &str) {
        self.hub.notify_others(CANCEL, json!({"id": id}));
    }
}
