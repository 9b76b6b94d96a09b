//! The last stage of an upload: the load as a job, followed over the socket.

use super::progress::News;
use super::upload::{Stage, Upload};
use crate::api::datasets::{cancel_job, load_upload};
use domain::Error;
use domain::api::{LoadMode, LoadRequest, LoadResult};
use domain::names::is_name;
use leptos::prelude::*;
use leptos::task::spawn_local;

impl Upload {
    /// Whether everything is decided that must be.
    pub(super) fn is_ready(self) -> bool {
        let skips = self.wanted.with(|w| w.skip_bad_rows);
        let readable = self.preview.with(|p| p.as_ref().is_some_and(|p| p.bad_row_count == 0 || skips));
        let named = self.name.with(|n| is_name(n));
        let free = self.fixed.with(Option::is_some) || self.mode.get() != LoadMode::Create || self.holder().is_none();
        let read = self.wanted.with(|w| !w.columns.is_empty());
        read && readable && named && free && !self.busy.get()
    }

    /// Begins to load.
    pub(super) fn load(self) {
        let Some(staged) = self.staged.get_untracked() else { return };
        // A name that turned out to be free is simply new.
        let free = self.fixed.with_untracked(Option::is_none) && untrack(|| self.holder().is_none());
        let request = LoadRequest {
            name: self.name.get_untracked(),
            label: None,
            mode: if free { LoadMode::Create } else { self.mode.get_untracked() },
            options: self.wanted.get_untracked(),
        };
        self.busy.set(true);
        self.error.set(None);
        spawn_local(async move {
            let result = load_upload(staged, request).await;
            _ = self.busy.try_set(false);
            match result {
                Ok(job) => {
                    let topic = format!("job:{}", job.id);
                    _ = self.news.try_set(News::from(job));
                    _ = self.stage.try_set(Stage::Loading);
                    let heard = move |message: domain::live::ServerMessage| {
                        if let Some(error) = message.error {
                            self.failed(error);
                        } else if let Some(news) = message.data.and_then(|data| serde_json::from_value(data).ok()) {
                            self.hear(news);
                        }
                    };
                    let subscription = self.socket.subscribe(topic, Default::default(), heard);
                    self.local(|local| local.following = Some(subscription));
                }
                Err(error) => _ = self.error.try_set(Some(error.0)),
            }
        });
    }

    fn hear(self, news: News) {
        match news.status.as_str() {
            "succeeded" => {
                let loaded = news.result.and_then(|result| serde_json::from_value::<LoadResult>(result).ok());
                self.unfollow();
                self.staged.set(None);
                self.local(|local| local.file = None);
                let in_sight = self.open.get_untracked();
                if in_sight && loaded.as_ref().is_some_and(|l| l.rejected > 0) {
                    self.loaded.set(loaded);
                    self.stage.set(Stage::LeftOut);
                    return;
                }
                self.open.set(false);
                if let Some(loaded) = loaded {
                    self.done.run((loaded, in_sight));
                }
            }
            "failed" => self.failed(news.error.unwrap_or_else(Error::internal)),
            "cancelled" => {
                self.unfollow();
                self.stage.set(Stage::Looking);
                self.toasts.info("Loading was cancelled. Nothing has changed.");
            }
            _ => self.news.update(|old| {
                let id = std::mem::take(&mut old.id);
                *old = News { id, ..news };
            }),
        }
    }

    /// On to what was loaded, once the rows left out have been seen.
    pub(super) fn go_on(self) {
        if let Some(loaded) = self.loaded.try_update(Option::take).flatten() {
            self.open.set(false);
            self.done.run((loaded, true));
        }
    }

    /// Back to the decisions, none of which is lost.
    fn failed(self, error: Error) {
        self.unfollow();
        self.stage.set(Stage::Looking);
        if !self.open.get_untracked() {
            self.toasts.error(&error);
        }
        self.error.set(Some(error));
    }

    fn unfollow(self) {
        // Dropped outside of the update: it sends a message.
        drop(self.local(|local| local.following.take()));
    }

    /// Stops a load; the news of its end come over the socket.
    pub(super) fn cancel_load(self) {
        let id = self.news.with_untracked(|news| news.id.clone());
        spawn_local(async move {
            if let Err(error) = cancel_job(id).await {
                self.toasts.error(&error.0);
            }
        });
    }
}
