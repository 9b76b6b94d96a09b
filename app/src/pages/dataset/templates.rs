//! A dashboard of this dataset, from a template that suits its columns.

use crate::api::datasets::{dashboard_from_template, templates_for};
use crate::components::*;
use domain::api::Template;
use domain::{Dataset, Error};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

#[component]
pub(super) fn TemplateDialog(open: RwSignal<bool>, dataset: RwSignal<Dataset>) -> impl IntoView {
    let title = Signal::derive(move || dataset.with(|d| format!("Create a dashboard of {}", d.label)));
    view! { <Dialog open title><Choose dataset/></Dialog> }.into_any()
}

#[component]
fn Choose(dataset: RwSignal<Dataset>) -> impl IntoView {
    // No resource: that would call up the placeholder of the whole page, and this dialog would leave
    // the document with the page's content.
    let templates = RwSignal::new(None::<crate::api::Result<Vec<Template>>>);
    let load = move || {
        let name = dataset.with_untracked(|d| d.name.clone());
        templates.set(None);
        spawn_local(async move {
            _ = templates.try_set(Some(templates_for(name).await));
        });
    };
    load();
    // The template that is being made into a dashboard.
    let making = RwSignal::new(None::<String>);
    let error = RwSignal::new(None::<Error>);
    let navigate = use_navigate();
    let make = Callback::new(move |id: String| {
        if making.with_untracked(Option::is_some) {
            return;
        }
        making.set(Some(id.clone()));
        error.set(None);
        let (name, navigate) = (dataset.with_untracked(|d| d.name.clone()), navigate.clone());
        spawn_local(async move {
            match dashboard_from_template(id, name).await {
                Ok(slug) => navigate(&format!("/dashboards/{slug}"), NavigateOptions::default()),
                Err(refused) => {
                    _ = making.try_set(None);
                    _ = error.try_set(Some(refused.0));
                }
            }
        });
    });
    let list = move || {
        match templates.get() {
                None => view! { <Skeleton height="12rem"/> }.into_any(),
                Some(Ok(list)) if list.is_empty() => view! {
                    <EmptyState
                        compact=true
                        icon="layout-dashboard"
                        title="No template suits these columns"
                        text="Templates need a number, and a time or a group. Change the roles of the columns, or begin with an empty dashboard."
                    >
                        <LinkButton href="/dashboards">"Go to dashboards"</LinkButton>
                    </EmptyState>
                }
                .into_any(),
                Some(Ok(list)) => view! {
                    <ul class="template-list">
                        {list.into_iter().map(|template| view! { <Offer template making make/> }).collect_view()}
                    </ul>
                }
                .into_any(),
                Some(Err(failed)) => {
                    view! { <ErrorState compact=true error=failed.0 retry=move |()| load()/> }.into_any()
                }
    }
    };
    view! {
        {move || error.get().map(|error| view! { <Notice tone=Tone::Bad>{error.to_string()}</Notice> })}
        {list}
    }
    .into_any()
}

#[component]
fn Offer(template: Template, making: RwSignal<Option<String>>, make: Callback<String>) -> impl IntoView {
    let Template { id, name, description, sketch, .. } = template;
    let own = id.clone();
    let busy = move || making.with(|m| m.as_ref() == Some(&own));
    let rows = sketch.iter().map(|t| t.position.y + t.position.h).max().unwrap_or(1).max(1);
    let tile = |(x, y, w, h): (u32, u32, u32, u32)| {
        view! { <rect x=x.to_string() y=y.to_string() width=w.to_string() height=h.to_string() rx="0.3"></rect> }
    };
    let tiles = sketch.iter().map(|t| tile((t.position.x, t.position.y, t.position.w, t.position.h))).collect_view();
    view! {
        <li>
            <button
                type="button"
                class="template-offer"
                data-testid=format!("template-{id}")
                aria-busy=move || busy().then_some("true")
                on:click=move |_| make.run(id.clone())
            >
                <svg class="template-sketch" viewBox=format!("0 0 12 {rows}") preserveAspectRatio="none" aria-hidden="true">{tiles}</svg>
                <span>
                    <strong>{name}</strong>
                    <span class="check-hint">{description}</span>
                </span>
            </button>
        </li>
    }
    .into_any()
}
