//! All models side by side: the job that tries them, and what it found.

use super::picture::{plain, share};
use crate::api;
use crate::api::jobs::cancel_job;
use crate::components::local::Local;
use crate::components::*;
use crate::live::{Socket, Subscription, use_socket};
use domain::Error;
use domain::api::Job;
use domain::forecast::{BackTest, ModelKind};
use domain::live::ServerMessage;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use serde_json::Value;

/// News of the job; those on the way have only the numbers.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct News {
    status: String,
    progress: f64,
    result: Option<Value>,
    error: Option<Error>,
}

/// A back-test on its way. Copy it freely.
#[derive(Clone, Copy)]
pub(crate) struct TrialRun {
    /// The job that is followed, or was.
    pub(crate) job: RwSignal<Option<String>>,
    pub(crate) running: RwSignal<bool>,
    progress: RwSignal<f64>,
    pub(crate) found: RwSignal<Option<BackTest>>,
    error: RwSignal<Option<Error>>,
    following: Local<Option<Subscription>>,
    socket: Socket,
    done: Callback<()>,
}

impl TrialRun {
    /// `done` is called when one has ended well.
    pub(crate) fn new(done: Callback<()>) -> Self {
        Self {
            job: RwSignal::new(None),
            running: RwSignal::new(false),
            progress: RwSignal::new(0.0),
            found: RwSignal::new(None),
            error: RwSignal::new(None),
            following: Local::new(),
            socket: use_socket(),
            done,
        }
    }

    /// Begins one and follows it.
    pub(crate) fn start(self, work: impl Future<Output = api::Result<Job>> + 'static) {
        if self.running.get_untracked() {
            return;
        }
        self.running.set(true);
        self.progress.set(0.0);
        self.error.set(None);
        spawn_local(async move {
            match work.await {
                Ok(job) => {
                    let topic = format!("job:{}", job.id);
                    _ = self.job.try_set(Some(job.id));
                    let hear = move |message: ServerMessage| self.hear(message);
                    let subscription = self.socket.subscribe(topic, Default::default(), hear);
                    self.following.set(Some(subscription));
                }
                Err(error) => self.end(Some(error.0)),
            }
        });
    }

    fn hear(self, message: ServerMessage) {
        if let Some(error) = message.error {
            return self.end(Some(error));
        }
        let Some(news) = message.data.and_then(|data| serde_json::from_value::<News>(data).ok()) else { return };
        match news.status.as_str() {
            "succeeded" => {
                let found = news.result.and_then(|mut result| serde_json::from_value(result["back_test"].take()).ok());
                _ = self.found.try_set(found);
                self.end(None);
                _ = self.done.try_run(());
            }
            "failed" => self.end(Some(news.error.unwrap_or_else(Error::internal))),
            "cancelled" => self.end(None),
            _ => _ = self.progress.try_set(news.progress),
        }
    }

    fn end(self, error: Option<Error>) {
        self.following.set(None);
        _ = self.running.try_set(false);
        _ = self.error.try_set(error);
    }

    fn cancel(self) {
        let Some(job) = self.job.get_untracked() else { return };
        spawn_local(async move {
            if let Err(error) = cancel_job(job).await {
                _ = self.error.try_set(Some(error.0));
            }
        });
    }
}

/// How far a back-test is, and what went wrong.
#[component]
pub(crate) fn TrialProgress(run: TrialRun) -> impl IntoView {
    let value = Signal::derive(move || Some(run.progress.get()));
    view! {
        <Show when=move || run.running.get()>
            <div class="row" data-testid="trial-progress">
                <ProgressBar value label="Trying all models"/>
                <Button on_click=move |()| run.cancel()>"Cancel"</Button>
            </div>
        </Show>
        {move || run.error.get().map(|error| view! { <Notice tone=Tone::Bad>{error.to_string()}</Notice> })}
    }
}

/// What a back-test found, side by side; with `on_choose` another model than the champion can be taken.
#[component]
pub(crate) fn TrialTable(
    trial: BackTest,
    /// The model that is used.
    #[prop(into)]
    chosen: Signal<ModelKind>,
    #[prop(optional)] on_choose: Option<Callback<ModelKind>>,
) -> impl IntoView {
    let head = vec![
        Head::text("Model"),
        Head::number("MASE"),
        Head::number("MAE"),
        Head::number("RMSE"),
        Head::number("MAPE"),
        Head::number("sMAPE"),
        Head::number("In 80 %"),
        Head::number("In 95 %"),
        Head::hidden("Use it"),
    ];
    let champion = trial.champion;
    let count = trial.cutoffs.len();
    let row = move |score: domain::forecast::ModelScore| {
        let (model, a) = (score.model, score.accuracy);
        let is_used = Memo::new(move |_| chosen.get() == model);
        let failed = score.error.map(|why| view! { <div class="muted small">{why}</div> });
        let choose = on_choose.map(|on_choose| {
            let label = format!("Use {}", model.label());
            view! {
                <Button size=Size::Small disabled=Signal::derive(move || is_used.get()) on_click=move |()| on_choose.run(model) attr:aria-label=label>"Use"</Button>
            }
        });
        view! {
            <tr data-testid="trial-row" data-model=model.as_str() class:is-used=move || is_used.get()>
                <td>
                    <span title=model.description()>{score.label}</span>" "
                    {(model == champion).then(|| view! { <Badge tone=Tone::Good icon="star">"Champion"</Badge> })}
                    {move || is_used.get().then(|| view! { <Badge tone=Tone::Accent>"In use"</Badge> })}
                    {failed}
                </td>
                <td class="num">{plain(a.mase)}</td>
                <td class="num">{plain(a.mae)}</td>
                <td class="num">{plain(a.rmse)}</td>
                <td class="num">{plain(a.mape)}</td>
                <td class="num">{plain(a.smape)}</td>
                <td class="num">{share(a.coverage80)}</td>
                <td class="num">{share(a.coverage95)}</td>
                <td class="actions">{choose}</td>
            </tr>
        }
        .into_any()
    };
    let notes = trial.notes.clone();
    view! {
        <p class="muted small">
            {format!("Every model forecast {} steps from {count} moments of the past. Smaller errors are better; below 1, MASE beats repeating the last season.", trial.horizon)}
        </p>
        <Card flush=true attr:data-testid="trial-table">
            <Table caption="Models side by side" head>{trial.models.into_iter().map(row).collect_view()}</Table>
        </Card>
        {notes.into_iter().map(|note| view! { <p class="muted small">{note}</p> }).collect_view()}
    }
    .into_any()
}
