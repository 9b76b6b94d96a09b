//! The versions of the model: who changed what, and the way back.

use super::state::Modelling;
use crate::api::models::model_versions;
use crate::components::*;
use domain::Error;
use domain::model::{ModelChange, ModelVersion, SemanticModel, changes};
use leptos::prelude::*;
use leptos::task::spawn_local;

#[component]
pub(super) fn History(modelling: Modelling) -> impl IntoView {
    let versions = RwSignal::new(Vec::<ModelVersion>::new());
    let failed = RwSignal::new(None::<Error>);
    let loading = RwSignal::new(true);
    // Whether there are older ones than those that are shown.
    let more = RwSignal::new(false);
    let load = move |before: Option<u64>| {
        loading.set(true);
        let name = modelling.name();
        spawn_local(async move {
            let found = model_versions(name, before).await;
            _ = loading.try_set(false);
            match found {
                Ok(found) => {
                    _ = more.try_set(found.last().is_some_and(|v| v.version > 1));
                    _ = failed.try_set(None);
                    versions.try_update(|all| {
                        if before.is_none() {
                            all.clear();
                        }
                        all.extend(found);
                    });
                }
                Err(error) => _ = failed.try_set(Some(error.into())),
            }
        });
    };
    // Each version that is saved, by whomever, shows at once.
    let version = Memo::new(move |_| modelling.part(|m| m.version));
    Effect::new(move |_| {
        _ = version.get();
        load(None);
    });
    let wanted = RwSignal::new(None::<ModelVersion>);
    let list = move || {
        let all = versions.get();
        let known = all.len();
        let nothing = SemanticModel::default();
        let entries: Vec<AnyView> = all
            .iter()
            .enumerate()
            .filter(|(at, version)| at + 1 < known || version.version == 1)
            .map(|(at, version)| {
                let before = all.get(at + 1).map_or(&nothing, |v| &v.model);
                entry(version, changes(before, &version.model), at == 0, wanted)
            })
            .collect();
        view! { <ol class="model-history">{entries}</ol> }
    };
    let last = move || versions.with(|all| all.last().map(|v| v.version));
    view! {
        {move || failed.get().map(|error| view! { <ErrorState error compact=true retry=move |()| load(None)/> })}
        {move || if !versions.with(Vec::is_empty) {
            list().into_any()
        } else if loading.get() {
            view! { <Skeleton lines=6/> }.into_any()
        } else {
            view! {
                <EmptyState icon="history" title="Nothing was changed yet" text="Every change of this model will be kept here, and can be taken back."/>
            }
            .into_any()
        }}
        <Show when=move || more.get()>
            <Button busy=loading on_click=move |()| load(last())>"Older versions"</Button>
        </Show>
        <Restore modelling wanted/>
    }
    .into_any()
}

/// One version: its number, who and when, and what differs from the one before.
fn entry(
    version: &ModelVersion,
    changes: Vec<ModelChange>,
    is_now: bool,
    wanted: RwSignal<Option<ModelVersion>>,
) -> AnyView {
    let own = version.clone();
    let number = version.version;
    view! {
        <li class="model-version" data-testid="model-version" data-version=number.to_string()>
            <div class="spread">
                <p class="row">
                    <strong>{format!("Version {number}")}</strong>
                    <span class="muted">{version.saved_by.clone()}</span>
                    <span class="muted"><Time iso=version.saved_at.clone()/></span>
                    {is_now.then(|| view! { <Badge tone=Tone::Accent>"Now"</Badge> })}
                </p>
                {(!is_now).then(|| view! {
                    <Button
                        size=Size::Small
                        icon="undo-2"
                        title=format!("Restore version {number}")
                        on_click=move |()| wanted.set(Some(own.clone()))
                    >
                        "Restore…"
                    </Button>
                })}
            </div>
            {change_list(&changes, "Only the order of its parts changed.")}
        </li>
    }
    .into_any()
}

/// Changes in words.
pub(super) fn change_list(changes: &[ModelChange], none: &'static str) -> AnyView {
    if changes.is_empty() {
        return view! { <p class="muted small">{none}</p> }.into_any();
    }
    let line = |change: &ModelChange| {
        let details =
            change.details.iter().map(|text| view! { <li><code class="model-expression">{text.clone()}</code></li> });
        view! { <li>{change.to_string()}<ul>{details.collect_view()}</ul></li> }
    };
    view! { <ul class="model-changes">{changes.iter().map(line).collect_view()}</ul> }.into_any()
}

/// Asks before a version takes the place of the present one.
#[component]
fn Restore(modelling: Modelling, wanted: RwSignal<Option<ModelVersion>>) -> impl IntoView {
    let toasts = use_toasts();
    let open = RwSignal::new(false);
    let failed = RwSignal::new(None::<Error>);
    Effect::new(move |_| {
        if wanted.with(Option::is_some) {
            failed.set(None);
            open.set(true);
        }
    });
    Effect::new(move |_| {
        if !open.get() {
            wanted.set(None);
        }
    });
    let restore = move |()| {
        let Some(version) = wanted.get_untracked() else { return };
        let number = version.version;
        modelling.change(
            move |model| *model = version.model,
            move |result| match result {
                Ok(()) => {
                    _ = open.try_set(false);
                    toasts.good(format!("The model is that of version {number} again"));
                }
                Err(error) => _ = failed.try_set(Some(error)),
            },
        );
    };
    let difference = move || {
        wanted.with(|wanted| {
            let wanted = wanted.as_ref()?;
            let now = modelling.model();
            Some(change_list(&changes(&now, &wanted.model), "Nothing: it is the same as now."))
        })
    };
    let footer = move || {
        view! {
            <Button on_click=move |()| open.set(false)>"Cancel"</Button>
            <Button variant=Variant::Primary busy=modelling.busy on_click=restore>"Restore"</Button>
        }
    };
    let title = Signal::derive(move || {
        format!("Restore version {}?", wanted.with(|w| w.as_ref().map(|w| w.version)).unwrap_or_default())
    });
    view! {
        <Dialog open title footer>
            {move || failed.get().map(|error| view! { <Notice tone=Tone::Bad>{error.to_string()}</Notice> })}
            <p>"It becomes the next version; the present one stays in the history. This changes:"</p>
            {difference}
        </Dialog>
    }
    .into_any()
}
