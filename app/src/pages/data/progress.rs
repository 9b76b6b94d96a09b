//! What is seen while a file is on its way, and while it is being loaded.

use super::upload::Upload;
use super::{bytes, plural};
use crate::components::*;
use crate::live::{Status, use_socket};
use domain::Error;
use domain::api::Job;
use leptos::prelude::*;
use serde::Deserialize;
use serde_json::Value;

/// News of a job. Those on the way have only the numbers.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct News {
    pub(super) id: String,
    pub(super) status: String,
    pub(super) progress: f64,
    pub(super) bytes_done: u64,
    pub(super) bytes_total: u64,
    pub(super) rows: u64,
    pub(super) result: Option<Value>,
    pub(super) error: Option<Error>,
}

impl News {
    /// From 0 to 1.
    pub(crate) fn progress(&self) -> f64 {
        self.progress
    }
}

impl From<Job> for News {
    fn from(job: Job) -> Self {
        let Job { id, status, progress, bytes_done, bytes_total, rows, result, error, .. } = job;
        Self { id, status, progress, bytes_done, bytes_total, rows, result, error }
    }
}

/// An error in its place: what is wrong, and what to do.
#[component]
pub(super) fn Refusal(upload: Upload) -> impl IntoView {
    move || {
        upload.error.get().map(|error| {
            view! {
                <Notice tone=Tone::Bad>
                    <p>{error.message}</p>
                    {error.hint.map(|hint| view! { <p>{hint}</p> })}
                </Notice>
            }
        })
    }
}

/// The file is on its way.
#[component]
pub(super) fn Sending(upload: Upload) -> impl IntoView {
    let failed = move || upload.error.with(Option::is_some);
    let words = move || {
        let (done, total) = upload.sent.get();
        if failed() {
            format!("Stopped at {} of {}", bytes(done), bytes(total))
        } else if total > 0.0 && done >= total {
            "Arrived; the server is looking at it".to_owned()
        } else {
            format!("{} of {} sent", bytes(done), bytes(total))
        }
    };
    let part = Signal::derive(move || {
        let (done, total) = upload.sent.get();
        (total > 0.0).then(|| done / total)
    });
    view! {
        <div class="upload-progress" data-testid="upload-progress">
            <Refusal upload/>
            <ProgressBar value=part label="Bytes sent"/>
            <p class="num">{words}</p>
        </div>
    }
    .into_any()
}

/// The file is being loaded.
#[component]
pub(super) fn Loading(upload: Upload) -> impl IntoView {
    let status = use_socket().status();
    let part = Signal::derive(move || upload.news.with(|n| (n.progress > 0.0).then_some(n.progress)));
    let words = move || {
        upload.news.with(|n| {
            let rows = plural(n.rows, "row");
            match n.bytes_total {
                0 => format!("{rows} so far"),
                total => format!("{} of {} read, {rows} so far", bytes(n.bytes_done as f64), bytes(total as f64)),
            }
        })
    };
    view! {
        <div class="upload-progress" data-testid="load-progress">
            <ProgressBar value=part label="Part that is loaded"/>
            <p class="num">{words}</p>
            <Show when=move || status.get() == Status::Offline>
                <Notice tone=Tone::Warn>
                    "The connection is lost. The server goes on loading; news come when the connection is back."
                </Notice>
            </Show>
        </div>
    }
    .into_any()
}
