//! One model: its card, what it found or predicts, its versions, its settings.

use super::StatusBadge;
use super::anomalies::AnomaliesTab;
use super::card::CardTab;
use super::follow::FollowJob;
use super::predict::PredictTab;
use super::settings::SettingsTab;
use super::versions::VersionsTab;
use crate::api::learning::{delete_learned, get_learned, train_learned};
use crate::api::sharing::Thing;
use crate::components::local::Local;
use crate::components::*;
use crate::pages::deeds::{Deed, in_place};
use crate::pages::sharing::{ShareDialog, Shared};
use domain::Access;
use domain::learn::Task;
use domain::registry::{Model, ModelSource, ModelVersion};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{query_signal_with_options, use_navigate, use_params_map};

/// The page.
#[component]
pub fn ModelPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|p| p.get("id").unwrap_or_default()));
    let model = Resource::new_blocking(move || id.get(), get_learned);
    let reload = Callback::new(move |()| model.refetch());
    let body = move || {
        model.get().map(|result| match result {
            Ok((model, versions)) => view! { <Shown model versions reload/> }.into_any(),
            Err(error) => view! {
                <PageHeader title="Model" crumbs=crumbs()/>
                <ErrorState error=error.0 retry=reload/>
            }
            .into_any(),
        })
    };
    view! {
        <Page attr:data-testid="model">
            <Transition fallback=|| view! { <Skeleton height="16rem"/> }>{body}</Transition>
        </Page>
    }
    .into_any()
}

fn crumbs() -> Vec<Crumb> {
    vec![Crumb::new("Models", "/models")]
}

#[component]
fn Shown(model: Model, versions: Vec<ModelVersion>, reload: Callback<()>) -> impl IntoView {
    let (tab, set_tab) = query_signal_with_options::<String>("tab", in_place());
    let is_detector = model.model_type == Task::Anomaly;
    let may_use = model.access >= Access::Explore;
    let may_edit = model.access >= Access::Edit;
    let mut tabs = vec![TabItem::new("card", "Card")];
    if is_detector {
        tabs.push(TabItem::new("anomalies", "Anomalies"));
    } else if may_use {
        tabs.push(TabItem::new("predict", "Predict"));
    }
    tabs.push(TabItem::new("versions", "Versions"));
    if may_edit {
        tabs.push(TabItem::new("settings", "Settings"));
    }
    let known: Vec<String> = tabs.iter().map(|t| t.id.clone()).collect();
    let value = Signal::derive(move || tab.get().filter(|t| known.contains(t)).unwrap_or_else(|| "card".into()));
    let about = (!model.description.is_empty()).then(|| model.description.clone());
    let job = model.job.clone().map(|id| {
        let on_end = Callback::new(move |_| _ = reload.try_run(()));
        view! { <FollowJob id label="Training" on_end/> }
    });
    let error = model.error.clone().map(|error| view! { <Notice tone=Tone::Warn>{error}</Notice> });
    let (heading, of_deeds) = (model.clone(), model.clone());
    let model = StoredValue::new(model);
    let versions = StoredValue::new(versions);
    view! {
        <PageHeader title=heading.name.clone() crumbs=crumbs() subtitle=about>
            <Deeds model=of_deeds.clone() reload/>
        </PageHeader>
        <div class="row-wrap model-state" data-testid="model-state">
            <StatusBadge model=heading.clone()/>
            {heading.version.map(|v| view! { <Badge>{format!("Version {v}")}</Badge> })}
            {heading.trial.map(|t| view! { <Badge tone=Tone::Accent>{format!("Version {} on {} %", t.version, t.share)}</Badge> })}
        </div>
        {job}
        {error}
        <Tabs label="Model" tabs value on_change=move |id: String| set_tab.set((id != "card").then_some(id))/>
        <TabPanel id="card" value><CardTab model=model.get_value() versions=versions.get_value() reload/></TabPanel>
        {is_detector.then(|| view! {
            <TabPanel id="anomalies" value><AnomaliesTab model=model.get_value()/></TabPanel>
        })}
        {(!is_detector && may_use).then(|| view! {
            <TabPanel id="predict" value><PredictTab model=model.get_value() versions=versions.get_value()/></TabPanel>
        })}
        <TabPanel id="versions" value>
            <VersionsTab model=model.get_value() versions=versions.get_value() reload/>
        </TabPanel>
        {may_edit.then(|| view! {
            <TabPanel id="settings" value><SettingsTab model=model.get_value() reload/></TabPanel>
        })}
    }
    .into_any()
}

#[component]
fn Deeds(model: Model, reload: Callback<()>) -> impl IntoView {
    let deed = Deed::new();
    let navigate = Local::holding(use_navigate);
    let toasts = use_toasts();
    let id = StoredValue::new(model.id.clone());
    let deleting = RwSignal::new(false);
    let is_owner = model.access == Access::Owner;
    let shared = Shared {
        thing: Thing::Model,
        id,
        public: RwSignal::new(model.is_public),
        is_owner,
        path: Signal::stored(format!("/models/{}", model.id)),
    };
    let learns = model.access >= Access::Edit && model.def.source != ModelSource::Nothing && model.job.is_none();
    let train = move |()| {
        deed.run(train_learned(id.get_value()), move |_| {
            toasts.info("Training has begun.");
            _ = reload.try_run(());
        });
    };
    let delete = move |()| {
        deed.run(delete_learned(id.get_value()), move |()| {
            _ = navigate.with(|go| go("/models", NavigateOptions::default()));
        });
    };
    let print = move |()| _ = window().print();
    let title = format!("Delete “{}”?", model.name);
    view! {
        {learns.then(|| view! {
            <Button icon="refresh-cw" busy=deed.busy on_click=train attr:data-testid="retrain">"Train again"</Button>
        })}
        <ShareDialog shared/>
        <Menu label="More">
            <MenuItem icon="file-text" on_click=print>"Print the card"</MenuItem>
            {is_owner.then(|| view! {
                <MenuDivider/>
                <MenuItem icon="trash-2" danger=true on_click=move |()| deleting.set(true)>"Delete model"</MenuItem>
            })}
        </Menu>
        <ConfirmDialog
            open=deleting
            title
            text="All its versions and what it found go with it."
            confirm="Delete model"
            busy=deed.busy
            on_confirm=delete
        />
    }
    .into_any()
}
