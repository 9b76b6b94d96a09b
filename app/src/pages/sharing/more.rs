//! What else the dialog can tell and do: who sees it and why, seeing it as somebody else, giving it away.

use super::{Shared, words};
use crate::api::sharing;
use crate::components::*;
use crate::pages::deeds::{Answer, Deed, FormError};
use domain::sharing::{Trouble, Viewer};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::future::Future;

/// Everybody who can see it, and why.
#[component]
pub(super) fn WhoSees(shared: Shared) -> impl IntoView {
    let Shared { thing, id, .. } = shared;
    let viewers = Answer::of(move || sharing::who_sees(thing, id.get_value()));
    move || {
        match viewers.get() {
        None => view! { <Skeleton lines=3/> }.into_any(),
        Some(Ok(list)) => {
            view! { <ul class="share-list" data-testid="viewers">{list.into_iter().map(viewer_row).collect_view()}</ul> }
                .into_any()
        }
        Some(Err(error)) => {
            view! { <ErrorState compact=true error=error.0 retry=move |()| viewers.refetch()/> }.into_any()
        }
    }
    }
}

fn viewer_row(viewer: Viewer) -> AnyView {
    let reasons: Vec<String> = viewer.reasons.iter().map(|by| by.reason.words()).collect();
    view! {
        <li class="share-row" data-testid="viewer">
            <Avatar name=viewer.user_name.clone()/>
            <span class="share-name">
                {viewer.user_name}
                <span class="share-explained">{reasons.join("; ")}</span>
            </span>
            {words(viewer.access)}
        </li>
    }
    .into_any()
}

/// The names to choose a person from.
fn people() -> RwSignal<Vec<Choice>> {
    let people = RwSignal::new(Vec::new());
    spawn_local(async move {
        let names = sharing::list_names().await.unwrap_or_default();
        _ = people.try_set(names.into_iter().map(|name| Choice::new(name.clone(), name)).collect());
    });
    people
}

/// Opens the dashboard as a person or a group sees it.
#[component]
pub(super) fn ViewAs(shared: Shared) -> impl IntoView {
    let options = RwSignal::new(Vec::new());
    spawn_local(async move {
        let names = sharing::list_names().await.unwrap_or_default();
        let groups = sharing::list_group_names().await.unwrap_or_default();
        let person = |name: String| Choice::new(format!("user:{name}"), name);
        let group = |(id, name): (String, String)| Choice::new(format!("group:{id}"), name).hint("group");
        _ = options.try_set(names.into_iter().map(person).chain(groups.into_iter().map(group)).collect::<Vec<_>>());
    });
    let chosen = RwSignal::new(String::new());
    let deed = Deed::new();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let value = chosen.get_untracked();
        let Some((kind, name)) = value.split_once(':') else { return };
        let work = sharing::begin_view_as(shared.id.get_value(), name.to_owned(), kind == "group");
        let path = shared.path;
        deed.submit(work, move |()| _ = window().location().set_href(&path.get_untracked()));
    };
    view! {
        <form class="form" on:submit=submit>
            <FormError error=deed.error/>
            <p class="muted">"You see this dashboard with the rows and columns that they see. Nothing can be changed meanwhile, and it is written down that you looked."</p>
            <div class="share-add">
                <Field label="View as">
                    <Combobox options value=chosen on_change=move |value| chosen.set(value) placeholder="Person or group"/>
                </Field>
                <Button kind="submit" icon="eye" busy=deed.busy disabled=Signal::derive(move || chosen.with(String::is_empty))>"View"</Button>
            </div>
        </form>
    }
    .into_any()
}

/// Its owner may not sign in any more.
#[component]
pub(super) fn Left(name: String) -> impl IntoView {
    view! {
        <Notice tone=Tone::Warn>
            {format!("Its owner, {name}, has left. Give it to somebody else below, so that what depends on its owner goes on.")}
        </Notice>
    }
}

/// What would break if it were the chosen person's: with the name that was asked about.
type Checked = Answer<Option<(String, Vec<Trouble>)>>;

/// Asks whenever another person is chosen.
pub(crate) fn checked<F>(to: RwSignal<String>, ask: impl Fn(String) -> F + 'static) -> Checked
where
    F: Future<Output = crate::api::Result<Vec<Trouble>>> + 'static,
{
    Answer::of(move || {
        let name = to.get();
        let asked = (!name.is_empty()).then(|| ask(name.clone()));
        async move {
            match asked {
                Some(asked) => asked.await.map(|troubles| Some((name, troubles))),
                None => Ok(None),
            }
        }
    })
}

/// Chooses who is to own it, says what would break, and gives it.
#[component]
pub(crate) fn GiveTo(
    to: RwSignal<String>,
    checked: Checked,
    deed: Deed,
    label: &'static str,
    #[prop(into)] on_give: Callback<String>,
) -> impl IntoView {
    let options = people();
    let known = Signal::derive(move || match checked.get() {
        Some(Ok(Some((name, troubles)))) if name == to.get() => Some(troubles),
        _ => None,
    });
    let refused = move || match checked.get() {
        Some(Err(error)) => Some(view! { <Notice tone=Tone::Bad>{error.0.to_string()}</Notice> }),
        _ => None,
    };
    view! {
        <FormError error=deed.error/>
        <Field label="New owner">
            <Combobox options value=to on_change=move |name| to.set(name) placeholder="Name"/>
        </Field>
        {refused}
        {move || known.get().map(|found| view! { <Troubles found/> })}
        <div class="form-end">
            <Button
                variant=Variant::Danger
                busy=deed.busy
                disabled=Signal::derive(move || known.with(Option::is_none))
                on_click=move |()| on_give.run(to.get_untracked())
            >
                {label}
            </Button>
        </div>
    }
    .into_any()
}

/// Gives it to another creator.
#[component]
pub(super) fn HandOver(shared: Shared) -> impl IntoView {
    let Shared { thing, id, .. } = shared;
    let to = RwSignal::new(String::new());
    let deed = Deed::new();
    let checked = checked(to, move |name| sharing::transfer_troubles(thing, id.get_value(), name));
    let give = move |name: String| {
        deed.submit(sharing::transfer_thing(thing, id.get_value(), name), move |()| {
            // What this person may do is another matter now.
            _ = window().location().reload();
        });
    };
    view! {
        <div class="form">
            <p class="muted">"The new owner decides who may do what. You keep the right to edit."</p>
            <GiveTo to checked deed label="Give it away" on_give=give/>
        </div>
    }
    .into_any()
}

/// What would break.
#[component]
fn Troubles(found: Vec<Trouble>) -> impl IntoView {
    if found.is_empty() {
        return view! { <p class="muted" data-testid="no-troubles">"Nothing stops working."</p> }.into_any();
    }
    let line = |trouble: Trouble| view! { <li><strong>{trouble.name}</strong>": "{trouble.reason}</li> };
    view! {
        <Notice tone=Tone::Warn>
            <ul class="share-troubles" data-testid="troubles">{found.into_iter().map(line).collect_view()}</ul>
        </Notice>
    }
    .into_any()
}
