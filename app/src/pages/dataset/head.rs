//! The head of a dataset's page: what it is called, whose it is, what can be done with it.

use super::editing::{Editing, SaveMark, Saved};
use super::misfits::Misfits;
use super::templates::TemplateDialog;
use crate::api::datasets::{dataset_lineage, delete_dataset};
use crate::api::sharing::Thing;
use crate::components::*;
use crate::pages::data::flow::UploadFlow;
use crate::pages::data::upload::{Fixed, Upload};
use crate::pages::data::{bytes, count, plural};
use crate::pages::impact::{ImpactDialog, asking};
use crate::pages::sharing::{ShareDialog, Shared};
use crate::session::use_session;
use domain::api::{DatasetPatch, LoadMode, LoadResult};
use domain::{Dataset, UserRole};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

#[component]
pub(super) fn Head(editing: Editing) -> impl IntoView {
    let dataset = editing.dataset;
    let toasts = use_toasts();
    let may_make = use_session().has_role(UserRole::Creator);
    let may_ask = use_session().has_role(UserRole::Explorer);
    // Rows of a source, or of a SELECT, are what they are there.
    let is_here = dataset.with_untracked(|d| !d.lies_elsewhere() && !d.is_narrowed);
    let may_load = may_make && editing.may_edit() && is_here;
    let edits_sql = dataset.with_untracked(|d| d.origin == "sql") && use_session().writes_sql() && editing.may_edit();
    let upload = Upload::new(Callback::new(move |(loaded, _): (LoadResult, bool)| {
        let fresh = loaded.dataset;
        toasts.good(format!("{} has {} now", fresh.label, plural(fresh.row_count, "row")));
        _ = dataset.try_set(fresh);
    }));
    let public = RwSignal::new(dataset.with_untracked(|d| d.is_public));
    Effect::new(move |_| {
        let on = public.get();
        if dataset.with_untracked(|d| d.is_public != on) {
            dataset.update(|d| d.is_public = on);
        }
    });
    let shared = Shared {
        thing: Thing::Dataset,
        id: StoredValue::new(dataset.with_untracked(|d| d.id.clone())),
        public,
        is_owner: editing.owns(),
        path: Signal::derive(move || dataset.with(|d| format!("/data/{}", d.name))),
    };
    let choose = move |mode| {
        let fixed = dataset.with_untracked(|d| Fixed { name: d.name.clone(), label: d.label.clone(), mode });
        upload.choose(Some(fixed));
    };
    let templates = RwSignal::new(false);
    let deleting = RwSignal::new(false);
    let menu = move || {
        let model = dataset.with_untracked(|d| format!("/models/new?dataset={}", d.name));
        view! {
            <Menu label="More actions" align=Align::End>
                {may_make.then(|| view! { <MenuLink href=model.clone() icon="blocks">"Train a model…"</MenuLink> })}
                {may_load
                    .then(|| {
                        view! {
                            <MenuItem icon="upload" on_click=move |()| choose(LoadMode::Replace)>"Replace…"</MenuItem>
                            <MenuItem icon="plus" on_click=move |()| choose(LoadMode::Append)>"Append…"</MenuItem>
                        }
                    })}
                {editing
                    .owns()
                    .then(|| {
                        view! {
                            {may_load.then(|| view! { <MenuDivider/> })}
                            <MenuItem icon="trash-2" danger=true on_click=move |()| deleting.set(true)>"Delete dataset…"</MenuItem>
                        }
                    })}
            </Menu>
        }
    };
    let heading = move || view! { <Label editing/> };
    view! {
        <PageHeader
            title=Signal::derive(move || dataset.with(|d| d.label.clone()))
            crumbs=vec![Crumb::new("Data", "/data")]
            heading
            plain=true
        >
            {may_ask
                .then(|| {
                    let href = Signal::derive(move || dataset.with(|d| format!("/explore?dataset={}", d.name)));
                    view! { <LinkButton href icon="compass" attr:data-testid="explore-dataset">"Explore"</LinkButton> }
                })}
            {edits_sql.then(|| view! { <LinkButton href=Signal::derive(move || dataset.with(|d| format!("/sql?dataset={}", d.name))) icon="square-terminal">"Edit SQL"</LinkButton> })}
            {editing.may_edit().then(|| view! { <ShareDialog shared/> })}
            {may_make
                .then(|| {
                    view! {
                        <Button variant=Variant::Primary icon="layout-dashboard" attr:data-testid="create-dashboard" on_click=move |()| templates.set(true)>
                            "Create dashboard"
                        </Button>
                    }
                })}
            {(may_make || editing.owns()).then(menu)}
        </PageHeader>
        <Description editing/>
        <Facts editing/>
        <Misfits dataset/>
        {may_load.then(|| view! { <UploadFlow upload/> })}
        <TemplateDialog open=templates dataset/>
        <Delete editing open=deleting/>
    }
    .into_any()
}

/// The label: a heading that can be edited.
#[component]
fn Label(editing: Editing) -> impl IntoView {
    let state = RwSignal::new(Saved::Untouched);
    let label = move || editing.dataset.with(|d| d.label.clone());
    let change = move |event| {
        let text = event_target_value(&event).trim().to_owned();
        editing.save(DatasetPatch { label: Some(text), ..DatasetPatch::default() }, state);
    };
    let name = move || editing.dataset.with(|d| d.name.clone());
    view! {
        <div class="dataset-title">
            <h1 class:visually-hidden=editing.may_edit()>{label}</h1>
            {editing
                .may_edit()
                .then(|| {
                    view! {
                        <input
                            class="quiet-input title-input"
                            type="text"
                            maxlength="200"
                            aria-label="Label"
                            data-testid="dataset-label"
                            value=untrack(label)
                            prop:value=label
                            on:change=change
                        />
                    }
                })}
            <SaveMark state/>
        </div>
        <code class="dataset-name">{name}</code>
    }
    .into_any()
}

#[component]
fn Description(editing: Editing) -> impl IntoView {
    let state = RwSignal::new(Saved::Untouched);
    let text = move || editing.dataset.with(|d| d.description.clone());
    let change = move |event| {
        let description = Some(event_target_value(&event).trim().to_owned());
        editing.save(DatasetPatch { description, ..DatasetPatch::default() }, state);
    };
    if !editing.may_edit() {
        return view! { <p class="dataset-description">{text}</p> }.into_any();
    }
    view! {
        <div class="dataset-description">
            <input
                class="quiet-input"
                type="text"
                maxlength="2000"
                placeholder="Say what one row is, and where the data comes from"
                aria-label="Description"
                data-testid="dataset-description"
                value=untrack(text)
                prop:value=text
                on:change=change
            />
            <SaveMark state/>
        </div>
    }
    .into_any()
}

/// Owner, rows, size, version, and who may see it.
#[component]
fn Facts(editing: Editing) -> impl IntoView {
    let dataset = editing.dataset;
    // What lies in a source or is a SELECT takes no room here.
    let is_here = dataset.with_untracked(|d| !d.lies_elsewhere());
    let rows = if dataset.with_untracked(|d| d.is_narrowed) { "Rows you see" } else { "Rows" };
    let fact = |label: &'static str, value: AnyView| view! { <div><dt>{label}</dt><dd class="num">{value}</dd></div> };
    view! {
        <div class="dataset-facts">
            <dl>
                {fact("Owner", (move || dataset.with(|d| d.owner_name.clone())).into_any())}
                {fact(rows, view! { <span data-testid="row-count">{move || count(dataset.with(|d| d.row_count))}</span> }.into_any())}
                {is_here.then(|| fact("Size", (move || bytes(dataset.with(|d| d.bytes) as f64)).into_any()))}
                {fact("Version", (move || dataset.with(|d| d.version).to_string()).into_any())}
                {fact("Seen by", (move || if dataset.with(|d| d.is_public) { "everybody" } else { "those it is shared with" }).into_any())}
                {fact("Changed", view! { <Time iso=Signal::derive(move || dataset.with(|d| d.updated_at.clone()))/> }.into_any())}
            </dl>
        </div>
    }
    .into_any()
}

#[component]
fn Delete(editing: Editing, open: RwSignal<bool>) -> impl IntoView {
    let (toasts, navigate) = (use_toasts(), use_navigate());
    let busy = RwSignal::new(false);
    let (label, name) = editing.dataset.with_untracked(|d| (d.label.clone(), d.name.clone()));
    let delete = move |()| {
        let (label, name, navigate) = (label.clone(), name.clone(), navigate.clone());
        busy.set(true);
        spawn_local(async move {
            let result = delete_dataset(name).await;
            _ = busy.try_set(false);
            match result {
                Ok(()) => {
                    _ = open.try_set(false);
                    toasts.good(format!("{label} deleted"));
                    navigate("/data", NavigateOptions::default());
                }
                Err(error) => toasts.error(&error.0),
            }
        });
    };
    let asked = StoredValue::new(editing.dataset.with_untracked(|d| d.name.clone()));
    view! {
        <ImpactDialog
            open
            title=Signal::derive(move || editing.dataset.with(|d| format!("Delete the dataset “{}”?", d.label)))
            text=Signal::derive(move || editing.dataset.with(what_goes))
            effect="They show an error until they ask another dataset."
            confirm="Delete dataset"
            busy
            ask=asking(move || async move { Ok(dataset_lineage(asked.get_value()).await?.usages) })
            on_confirm=delete
        />
    }
    .into_any()
}

/// What is lost with a dataset.
fn what_goes(dataset: &Dataset) -> String {
    if dataset.is_of_source() {
        return "Its rows stay in the source. What was said about its columns here is gone for good.".to_owned();
    }
    if dataset.lies_elsewhere() {
        return "Its SQL is gone for good; the data it reads stays.".to_owned();
    }
    format!("Its {} are gone for good.", plural(dataset.row_count, "row"))
}
