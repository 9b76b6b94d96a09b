//! Putting a thing into a folder, and making and naming folders.

use super::path_of;
use crate::api::folders::{create_folder, effect_of_move, list_folders, move_thing, update_folder};
use crate::api::sharing::Thing;
use crate::components::*;
use crate::pages::deeds::{Answer, Deed, FormError};
use domain::Access;
use domain::sharing::{Folder, FolderPatch, MoveEffect, NewFolder};
use leptos::{ev, prelude::*};

/// At the top: in no folder.
const NOWHERE: &str = "top";

/// The dialog in which a thing is put somewhere else.
#[component]
pub(crate) fn MoveDialog(
    open: RwSignal<bool>,
    thing: Thing,
    id: StoredValue<String>,
    #[prop(into)] done: Callback<()>,
) -> impl IntoView {
    let moved = Callback::new(move |()| {
        _ = open.try_set(false);
        _ = done.try_run(());
    });
    view! {
        <Dialog open title="Move to folder" size=DialogSize::Small>
            <MovePanel thing id done=moved/>
        </Dialog>
    }
}

/// Where a thing is to lie, and who gains or loses by it.
#[component]
pub(crate) fn MovePanel(thing: Thing, id: StoredValue<String>, #[prop(into)] done: Callback<()>) -> impl IntoView {
    let folders = Answer::of(list_folders);
    let chosen = RwSignal::new(String::new());
    let deed = Deed::new();
    let toasts = use_toasts();
    let target = move |chosen: String| (chosen != NOWHERE).then_some(chosen);
    let effect = Answer::of(move || {
        let to = chosen.get();
        let asked = (!to.is_empty()).then(|| effect_of_move(thing, id.get_value(), target(to.clone())));
        async move {
            match asked {
                Some(asked) => asked.await.map(|effect| Some((to, effect))),
                None => Ok(None),
            }
        }
    });
    let known = Signal::derive(move || match effect.get() {
        Some(Ok(Some((to, effect)))) if to == chosen.get() => Some(effect),
        _ => None,
    });
    let refused = move || match effect.get() {
        Some(Err(error)) => Some(view! { <Notice tone=Tone::Bad>{error.0.to_string()}</Notice> }),
        _ => None,
    };
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        deed.submit(move_thing(thing, id.get_value(), target(chosen.get_untracked())), move |_| {
            toasts.good("Moved");
            _ = done.try_run(());
        });
    };
    let options = Signal::derive(move || {
        let mut choices = vec![Choice::new(NOWHERE, "No folder")];
        if let Some(Ok(all)) = folders.get() {
            let own = id.get_value();
            let fits = |folder: &&Folder| folder.access >= Access::Edit && folder.id != own;
            choices.extend(all.iter().filter(fits).map(|f| Choice::new(f.id.clone(), path_of(&all, &f.id))));
        }
        choices
    });
    view! {
        <form class="form" data-testid="move-form" on:submit=submit>
            <FormError error=deed.error/>
            <p class="muted">"What is shared on a folder holds for everything in it."</p>
            <Field label="Folder">
                <Combobox options value=chosen on_change=move |to| chosen.set(to) placeholder="Choose a folder"/>
            </Field>
            {refused}
            {move || known.get().map(effect_words)}
            <div class="form-end">
                <Button
                    kind="submit"
                    variant=Variant::Primary
                    busy=deed.busy
                    disabled=Signal::derive(move || known.with(Option::is_none))
                >
                    "Move"
                </Button>
            </div>
        </form>
    }
    .into_any()
}

fn effect_words(effect: MoveEffect) -> AnyView {
    if effect.is_empty() {
        return view! { <p class="muted" data-testid="move-effect">"Nobody's rights change by this."</p> }.into_any();
    }
    let line = |words: &'static str, names: Vec<String>| {
        (!names.is_empty()).then(|| view! { <p>{words}" "<strong>{few(&names)}</strong></p> })
    };
    view! {
        <Notice tone=Tone::Warn>
            <div data-testid="move-effect">
                {line("Will see it, or may do more with it:", effect.gain)}
                {line("Will no longer see it, or may do less with it:", effect.lose)}
            </div>
        </Notice>
    }
    .into_any()
}

/// Names, the first of them where there are many.
fn few(names: &[String]) -> String {
    const SHOWN: usize = 12;
    let more = names.len().saturating_sub(SHOWN);
    let first = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{first} and {more} more") } else { first }
}

/// Makes a folder, or gives one another name.
#[component]
pub(crate) fn FolderDialog(
    open: RwSignal<bool>,
    /// The one that is named anew; a new one where there is none.
    #[prop(into)]
    folder: Signal<Option<Folder>>,
    /// Where a new one lies.
    #[prop(into)]
    parent: Signal<Option<String>>,
    #[prop(into)] done: Callback<()>,
) -> impl IntoView {
    let title =
        Signal::derive(move || if folder.with(Option::is_some) { "Rename folder" } else { "New folder" }.to_owned());
    view! {
        <Dialog open title size=DialogSize::Small light=false>
            <FolderForm open folder parent done/>
        </Dialog>
    }
}

#[component]
fn FolderForm(
    open: RwSignal<bool>,
    folder: Signal<Option<Folder>>,
    parent: Signal<Option<String>>,
    done: Callback<()>,
) -> impl IntoView {
    let deed = Deed::new();
    let known = folder.get_untracked();
    let is_new = known.is_none();
    let name = RwSignal::new(known.as_ref().map(|folder| folder.name.clone()).unwrap_or_default());
    let id = StoredValue::new(known.map(|folder| folder.id).unwrap_or_default());
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let name = name.get_untracked();
        let close = move |_: Folder| {
            _ = open.try_set(false);
            _ = done.try_run(());
        };
        if is_new {
            deed.submit(create_folder(NewFolder { name, parent_id: parent.get_untracked() }), close);
        } else {
            let patch = FolderPatch { name: Some(name), ..FolderPatch::default() };
            deed.submit(update_folder(id.get_value(), patch), close);
        }
    };
    view! {
        <form class="form" data-testid="folder-form" on:submit=submit>
            <FormError error=deed.error/>
            <Field label="Name" required=true>
                <TextInput value=name on_input=move |text| name.set(text) max_length=100 autofocus=true/>
            </Field>
            <div class="form-end">
                <Button on_click=move |()| open.set(false)>"Cancel"</Button>
                <Button kind="submit" variant=Variant::Primary busy=deed.busy>
                    {if is_new { "Make folder" } else { "Rename" }}
                </Button>
            </div>
        </form>
    }
    .into_any()
}
