//! A job on its way, with how far it is and the way to stop it.

use crate::api::datasets::cancel_job;
use crate::components::*;
use crate::live::use_topic;
use crate::pages::deeds::Deed;
use domain::Error;
use leptos::prelude::*;
use serde::Deserialize;
use serde_json::Value;

/// News of a job; those on the way have only the numbers.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct News {
    pub(super) status: String,
    progress: f64,
    pub(super) result: Option<Value>,
    pub(super) error: Option<Error>,
}

/// How far a job is. `on_end` hears of its end once.
#[component]
pub(super) fn FollowJob(
    #[prop(into)] id: String,
    #[prop(into)] label: String,
    #[prop(into)] on_end: Callback<News>,
) -> impl IntoView {
    let part = RwSignal::new(0.0_f64);
    let ended = StoredValue::new(false);
    use_topic(format!("job:{id}"), move |message| {
        let Some(news) = message.data.and_then(|data| serde_json::from_value::<News>(data).ok()) else { return };
        _ = part.try_set(news.progress);
        let is_over = matches!(news.status.as_str(), "succeeded" | "failed" | "cancelled" | "dead");
        // The present state is told again to whoever begins to follow.
        if is_over && ended.try_get_value() == Some(false) {
            ended.set_value(true);
            _ = on_end.try_run(news);
        }
    });
    let deed = Deed::new();
    let id = StoredValue::new(id);
    let cancel = move |()| deed.run(cancel_job(id.get_value()), |_| ());
    let name = label.clone();
    view! {
        <div class="model-job" data-testid="model-job" role="status">
            <p>{label}</p>
            <ProgressBar value=Signal::derive(move || Some(part.get()).filter(|p| *p > 0.0)) label=name/>
            <Button size=Size::Small icon="x" busy=deed.busy on_click=cancel>"Cancel"</Button>
        </div>
    }
    .into_any()
}
