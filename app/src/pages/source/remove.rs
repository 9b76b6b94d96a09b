//! The question before a source is deleted: the datasets that read from it go too, and with them what
//! uses those.

use crate::api::sources::{delete_source, source_uses};
use crate::components::*;
use crate::pages::data::plural;
use crate::pages::deeds::{Answer, Deed};
use crate::pages::impact::UsageList;
use domain::lineage::SourceUse;
use domain::source::Source;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

#[component]
pub(super) fn Remove(open: RwSignal<bool>, source: RwSignal<Source>) -> impl IntoView {
    let title = Signal::derive(move || source.with(|s| format!("Delete the source “{}”?", s.name)));
    view! { <Dialog open title><Ask open source/></Dialog> }.into_any()
}

#[component]
fn Ask(open: RwSignal<bool>, source: RwSignal<Source>) -> impl IntoView {
    let (id, name) = source.with_untracked(|s| (s.id.clone(), s.name.clone()));
    let asked = id.clone();
    let uses = Answer::of(move || source_uses(asked.clone()));
    let (deed, toasts) = (Deed::new(), use_toasts());
    let navigate = use_navigate();
    let delete = Callback::new(move |()| {
        let (name, navigate) = (name.clone(), navigate.clone());
        deed.run(delete_source(id.clone()), move |()| {
            _ = open.try_set(false);
            toasts.good(format!("{name} deleted"));
            navigate("/data?tab=sources", NavigateOptions::default());
        });
    });
    let body = move || match uses.get() {
        None => view! { <Skeleton lines=3/> }.into_any(),
        Some(Err(error)) => {
            view! { <ErrorState error=error.0 retry=move |()| uses.refetch() compact=true/> }.into_any()
        }
        Some(Ok(list)) => warning(list),
    };
    let confirm = move || match uses.get() {
        Some(Ok(list)) if !list.is_empty() => format!("Delete source and {}", plural(list.len() as u64, "dataset")),
        _ => "Delete source".to_owned(),
    };
    let unknown = Signal::derive(move || !matches!(uses.get(), Some(Ok(_))));
    view! {
        <div class="stack impact" data-testid="impact">
            <p>"Nothing changes in the place itself. Its description and its password are gone for good."</p>
            {body}
        </div>
        <div class="form-end">
            <Button on_click=move |()| open.set(false)>"Cancel"</Button>
            <Button variant=Variant::Danger busy=deed.busy disabled=unknown on_click=delete attr:data-testid="impact-confirm">
                {confirm}
            </Button>
        </div>
    }
    .into_any()
}

fn warning(list: Vec<SourceUse>) -> AnyView {
    if list.is_empty() {
        return view! { <p class="muted">"No dataset reads from it."</p> }.into_any();
    }
    let n = list.len() as u64;
    let head = format!(
        "{} {} from it and {} deleted too",
        plural(n, "dataset"),
        if n == 1 { "reads" } else { "read" },
        if n == 1 { "is" } else { "are" }
    );
    let used = list.iter().any(|each| !each.usages.is_empty());
    let dataset = |each: SourceUse| {
        let none = each.usages.is_empty();
        view! {
            <li class="impact-dataset">
                <p><strong>{each.dataset.label}</strong>{if none { ", which nothing uses" } else { ", used by" }}</p>
                {(!none).then(|| view! { <UsageList usages=each.usages/> })}
            </li>
        }
    };
    view! {
        <Notice tone=Tone::Warn>
            <p class="misfits-head">{head}</p>
            <ul class="impact-datasets">{list.into_iter().map(dataset).collect_view()}</ul>
            {used.then(|| view! { <p>"Tiles and metrics that use them show an error until they ask another dataset."</p> })}
        </Notice>
    }
    .into_any()
}
