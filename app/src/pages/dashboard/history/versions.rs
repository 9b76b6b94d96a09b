//! Moments with a name: to find again, to link to, to compare with.

use super::state::use_history;
use crate::api::history::{forget_version, name_version, rename_version};
use crate::components::*;
use crate::pages::deeds::{Deed, FormError};
use domain::history::{LONGEST_NAME, NamedVersion};
use leptos::prelude::*;

/// Names the moment that is looked at.
#[component]
pub(super) fn NameButton() -> impl IntoView {
    let history = use_history();
    let (open, deed) = (RwSignal::new(false), Deed::new());
    let toasts = use_toasts();
    let save = Callback::new(move |name: String| {
        let (id, seq) = (history.id.get_value(), history.at.get_untracked());
        deed.submit(name_version(id, seq, name), move |version: NamedVersion| {
            open.set(false);
            toasts.good(format!("Named “{}”", version.name));
            history.versions.update(|all| {
                all.push(version);
                all.sort_by_key(|version| std::cmp::Reverse(version.seq));
            });
        });
    });
    view! {
        <Button icon="pencil" on_click=move |()| open.set(true) attr:data-testid="name-version">"Name this version"</Button>
        <NameDialog open deed title="Name this version" button="Save name" start=Signal::stored(String::new()) on_save=save/>
    }
    .into_any()
}

/// Asks for a name.
#[component]
fn NameDialog(
    open: RwSignal<bool>,
    deed: Deed,
    title: &'static str,
    button: &'static str,
    /// What stands in the field when it opens.
    start: Signal<String>,
    on_save: Callback<String>,
) -> impl IntoView {
    let draft = RwSignal::new(String::new());
    Effect::new(move |_| {
        if open.get() {
            draft.set(start.get_untracked());
            deed.error.set(None);
        }
    });
    let longest = LONGEST_NAME as u32;
    let is_blank = Signal::derive(move || draft.with(|text| text.trim().is_empty()));
    let save = move || {
        let name = draft.get_untracked().trim().to_owned();
        if !name.is_empty() {
            on_save.run(name);
        }
    };
    let footer = move || {
        view! {
            <Button on_click=move |()| open.set(false)>"Cancel"</Button>
            <Button variant=Variant::Primary busy=deed.busy disabled=is_blank on_click=move |()| save()>{button}</Button>
        }
    };
    view! {
        <Dialog open title size=DialogSize::Small footer>
            <form on:submit=move |event| {
                event.prevent_default();
                save();
            }>
                <FormError error=deed.error/>
                <Field label="Name" hint="It stays with this moment, whatever happens to the dashboard.">
                    <TextInput
                        value=draft
                        on_input=move |text| draft.set(text)
                        max_length=longest
                        placeholder="Before the relaunch"
                        autofocus=true
                    />
                </Field>
            </form>
        </Dialog>
    }
    .into_any()
}

/// The moments that have a name.
#[component]
pub(super) fn Versions() -> impl IntoView {
    let history = use_history();
    let deed = Deed::new();
    let chosen = RwSignal::new(None::<NamedVersion>);
    let renaming = RwSignal::new(false);
    let toasts = use_toasts();
    let rename = Callback::new(move |name: String| {
        let Some(version) = chosen.get_untracked() else { return };
        deed.submit(rename_version(history.id.get_value(), version.id, name), move |new: NamedVersion| {
            renaming.set(false);
            history.versions.update(|all| {
                if let Some(known) = all.iter_mut().find(|v| v.id == new.id) {
                    *known = new;
                }
            });
        });
    });
    let forget = Callback::new(move |version: NamedVersion| {
        let id = version.id.clone();
        deed.run(forget_version(history.id.get_value(), version.id), move |()| {
            toasts.good(format!("The name “{}” is gone; the moment stays in the history", version.name));
            history.versions.update(|all| all.retain(|v| v.id != id));
        });
    });
    let line = move |version: NamedVersion| {
        let (seq, name) = (version.seq, version.name.clone());
        let (own, gone) = (version.clone(), version.clone());
        let start = move |()| {
            chosen.set(Some(own.clone()));
            renaming.set(true);
        };
        view! {
            <li class="history-version" data-testid="named-version">
                <a
                    href=format!("?at={seq}")
                    aria-current=move || (history.at.get() == seq).then_some("true")
                >
                    {name.clone()}
                </a>
                <span class="muted small">{version.user_name}" · "<Time iso=version.created_at/></span>
                <Menu label=format!("Actions of {name}") align=Align::End button_class="btn btn-ghost btn-sm">
                    <MenuItem icon="pencil" on_click=start.clone()>"Rename"</MenuItem>
                    <MenuItem icon="x" on_click={
                        let gone = gone.clone();
                        move |()| forget.run(gone.clone())
                    }>"Remove the name"</MenuItem>
                </Menu>
            </li>
        }
        .into_any()
    };
    let list = move || {
        let versions = history.versions.get();
        if versions.is_empty() {
            return view! { <p class="muted small">"Name a moment to find it again."</p> }.into_any();
        }
        view! { <ul class="history-versions">{versions.into_iter().map(line).collect_view()}</ul> }.into_any()
    };
    let start = Signal::derive(move || chosen.with(|v| v.as_ref().map(|v| v.name.clone()).unwrap_or_default()));
    view! {
        <section aria-labelledby="history-versions">
            <h2 id="history-versions">"Named versions"</h2>
            {list}
        </section>
        <NameDialog open=renaming deed title="Rename the version" button="Rename" start on_save=rename/>
    }
    .into_any()
}
