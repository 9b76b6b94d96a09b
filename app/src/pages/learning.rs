//! Models and detectors: the list, one of them, and the form that makes one.

mod anomalies;
mod card;
mod follow;
mod new;
mod one;
mod pictures;
mod predict;
mod settings;
mod threshold;
mod versions;

pub use new::NewModelPage;
pub use one::ModelPage;

use crate::api::learning::{import_learned, list_learned};
use crate::api::sharing::Thing;
use crate::components::local::Local;
use crate::components::*;
use crate::pages::deeds::{Deed, FormError, in_place};
use crate::pages::folders::{FolderFilter, FolderName, Folders};
use crate::session::use_session;
use domain::UserRole;
use domain::learn::Task;
use domain::registry::{Model, ModelStatus};
use leptos::task::spawn_local;
use leptos::{ev, html, prelude::*};
use leptos_router::NavigateOptions;
use leptos_router::hooks::{query_signal_with_options, use_navigate};
use wasm_bindgen_futures::JsFuture;

/// The tasks, in the order of the form.
const TASKS: [Task; 4] = [Task::Anomaly, Task::Classification, Task::Regression, Task::Clustering];

/// The list.
#[component]
pub fn ModelsPage() -> impl IntoView {
    let (search, set_search) = query_signal_with_options::<String>("q", in_place());
    let (only, set_only) = query_signal_with_options::<String>("type", in_place());
    let list = Resource::new_blocking(|| (), |()| list_learned());
    let reload = Callback::new(move |()| list.refetch());
    let folders = Folders::of(Thing::Model);
    let creator = use_session().has_role(UserRole::Creator);
    let wanted = Signal::derive(move || search.get().unwrap_or_default());
    let task = Signal::derive(move || only.get().unwrap_or_default());
    let body = move || {
        list.get().map(|result| match result {
            Ok(items) if items.is_empty() => empty(creator),
            Ok(items) => view! { <Found items wanted task folders/> }.into_any(),
            Err(error) => view! { <ErrorState error=error.0 retry=reload/> }.into_any(),
        })
    };
    let tasks = || {
        let all = Choice::new("", "All types");
        std::iter::once(all).chain(TASKS.iter().map(|t| Choice::new(t.as_str(), t.label()))).collect::<Vec<_>>()
    };
    view! {
        <Page attr:data-testid="models">
            <PageHeader title="Models" subtitle="What is odd, what comes out, what belongs together: learned from your data, kept by version.">
                {creator.then(|| view! {
                    <ImportModel/>
                    <LinkButton href="/models/new" variant=Variant::Primary icon="plus">"New model"</LinkButton>
                })}
            </PageHeader>
            <div class="toolbar">
                <SearchInput
                    label="Search models"
                    value=wanted
                    on_input=move |text: String| set_search.set((!text.is_empty()).then_some(text))
                />
                <Select
                    options=tasks()
                    value=task
                    on_change=move |v: String| set_only.set((!v.is_empty()).then_some(v))
                    label="Type"
                />
                <FolderFilter folders/>
            </div>
            <Transition fallback=|| view! { <Skeleton lines=6/> }>{body}</Transition>
        </Page>
    }
    .into_any()
}

#[component]
fn Found(items: Vec<Model>, wanted: Signal<String>, task: Signal<String>, folders: Folders) -> impl IntoView {
    let items = StoredValue::new(items);
    let found = Memo::new(move |_| {
        let (text, task) = (wanted.get().trim().to_lowercase(), task.get());
        let has = |own: &str| own.to_lowercase().contains(&text);
        let fits = |m: &&Model| {
            (has(&m.name) || has(&m.description))
                && (task.is_empty() || m.model_type.as_str() == task)
                && folders.has(&m.id)
        };
        items.with_value(|all| all.iter().filter(fits).cloned().collect::<Vec<Model>>())
    });
    let head = || {
        vec![
            Head::text("State"),
            Head::text("Model"),
            Head::text("Type"),
            Head::number("Version"),
            Head::number("Predictions"),
            Head::text("Owner"),
        ]
    };
    view! {
        <Show
            when=move || found.with(|f| !f.is_empty())
            fallback=|| view! { <EmptyState icon="search" title="No such model" text="Search for another word, or show all types."/> }
        >
            <Card flush=true>
                <Table caption="Models" head=head()>{move || found.get().into_iter().map(|model| row(model, folders)).collect_view()}</Table>
            </Card>
        </Show>
    }
    .into_any()
}

fn row(model: Model, folders: Folders) -> AnyView {
    let about = match &model.training_data {
        Some(data) => data.label.clone(),
        None => String::new(),
    };
    view! {
        <tr data-testid="model-row" data-status=model.status.as_str()>
            <td><StatusBadge model=model.clone()/></td>
            <td>
                <a href=format!("/models/{}", model.id)>{model.name}</a>
                <FolderName folders id=model.id/>
                <div class="muted small">{about}</div>
            </td>
            <td class="small">{model.model_type.label()} <div class="muted">{model.kind.info().label}</div></td>
            <td class="num">{model.version.map_or_else(|| "—".to_owned(), |v| v.to_string())}</td>
            <td class="num">{model.prediction_count}</td>
            <td>{model.owner_name}</td>
        </tr>
    }
    .into_any()
}

/// How a model stands.
#[component]
fn StatusBadge(model: Model) -> impl IntoView {
    let (tone, icon, words) = match (model.status, &model.job, &model.error) {
        (ModelStatus::Deprecated, ..) => (Tone::Neutral, "pause", model.status.label()),
        (_, Some(_), _) => (Tone::Accent, "clock", "Training"),
        (ModelStatus::Training, None, Some(_)) => (Tone::Warn, "triangle-alert", "Not trained"),
        (ModelStatus::Training, ..) => (Tone::Accent, "clock", "Training"),
        (ModelStatus::Active, ..) => (Tone::Good, "check", "Active"),
    };
    view! { <Badge tone icon>{words}</Badge> }
}

fn empty(creator: bool) -> AnyView {
    let text = "A detector finds what is odd in your data as it comes; a model predicts a column, or finds groups.";
    if creator {
        view! {
            <EmptyState icon="sparkles" title="No models yet" text>
                <LinkButton href="/models/new" variant=Variant::Primary icon="plus">"Train a model"</LinkButton>
            </EmptyState>
        }
        .into_any()
    } else {
        view! { <EmptyState icon="sparkles" title="No models yet" text/> }.into_any()
    }
}

/// Takes a model that was downloaded elsewhere.
#[component]
fn ImportModel() -> impl IntoView {
    let open = RwSignal::new(false);
    let input = NodeRef::<html::Input>::new();
    let deed = Deed::new();
    let navigate = Local::holding(use_navigate);
    let picked = move |_: ev::Event| {
        let file = input.get_untracked().and_then(|input| input.files()).and_then(|files| files.get(0));
        let Some(file) = file else { return };
        spawn_local(async move {
            let Ok(text) = JsFuture::from(file.text()).await else { return };
            let text = text.as_string().unwrap_or_default();
            deed.submit(import_learned(text), move |model: Model| {
                _ = open.try_set(false);
                _ = navigate.with(|go| go(&format!("/models/{}", model.id), NavigateOptions::default()));
            });
        });
    };
    view! {
        <Button icon="upload" on_click=move |()| open.set(true) attr:data-testid="import-model">"Add a file"</Button>
        <Dialog open title="Add a model from a file" size=DialogSize::Small>
            <FormError error=deed.error/>
            <p>"Choose a file that was downloaded from a model of another installation. It is checked, is never run, and learns nothing more."</p>
            <input node_ref=input type="file" accept=".json,application/json" aria-label="File of a model" data-testid="model-file" on:change=picked/>
        </Dialog>
    }
    .into_any()
}
