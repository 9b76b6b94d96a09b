//! The people and groups that a thing is shared with.

use super::{Known, Shared, Who, explained, levels, words};
use crate::api::sharing::{self, Thing};
use crate::components::*;
use domain::Access;
use domain::sharing::{Inherited, Sharing};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// What a form gives: to whom, and which right.
type Give = Callback<(Who, Option<Access>)>;

fn choices(thing: Thing) -> Vec<Choice> {
    levels(thing).iter().map(|access| Choice::new(access.as_str(), words(*access))).collect()
}

/// Everybody with a right of their own, then what comes from elsewhere.
#[component]
pub(super) fn Shares(shared: Shared, sharing: Sharing, set: Give) -> impl IntoView {
    let Sharing { owner_name, grants, groups, inherited, .. } = sharing;
    let groups = groups.into_iter().map(|grant| {
        share_row(shared, &grant.group_name, Some("Group"), Who::Group(grant.group_id), grant.access, set)
    });
    let grants = grants
        .into_iter()
        .map(|grant| share_row(shared, &grant.user_name, None, Who::User(grant.user_name.clone()), grant.access, set));
    let rows: Vec<AnyView> = groups.chain(grants).collect();
    let none = rows.is_empty() && inherited.is_empty();
    view! {
        <ul class="share-list">
            <li class="share-row">
                <Avatar name=owner_name.clone()/>
                <span class="share-name">{owner_name}</span>
                "Owner"
            </li>
            {rows}
            {inherited.into_iter().map(inherited_row).collect_view()}
        </ul>
        {none.then(|| view! { <p class="share-none">"Only its owner and administrators can open it, unless everybody can."</p> })}
    }
    .into_any()
}

fn share_row(shared: Shared, name: &str, kind: Option<&'static str>, who: Who, access: Access, set: Give) -> AnyView {
    let (changed, removed) = (who.clone(), who);
    let name = name.to_owned();
    let tools = shared.is_owner.then(|| {
        view! {
            <Select
                options=Signal::stored(choices_with(shared.thing, access))
                value=Signal::stored(access.as_str().to_owned())
                on_change=move |word: String| set.run((changed.clone(), Access::parse(&word)))
                label=format!("What {name} may do")
            />
            <IconButton
                icon="x"
                size=Size::Small
                label=Signal::stored(format!("Take the right from {name}"))
                on_click=move |()| set.run((removed.clone(), None))
            />
        }
    });
    view! {
        <li class="share-row" data-testid="share-row">
            <Avatar name=name.clone()/>
            <span class="share-name">
                {name.clone()}
                {kind.map(|kind| view! { <Badge icon="users">{kind}</Badge> })}
                <span class="share-explained">{explained(shared.thing, access)}</span>
            </span>
            {(!shared.is_owner).then(|| words(access))}
            {tools}
        </li>
    }
    .into_any()
}

/// The levels of a thing, and the one that was given by a program.
fn choices_with(thing: Thing, access: Access) -> Vec<Choice> {
    let mut all = choices(thing);
    if !levels(thing).contains(&access) {
        all.push(Choice::new(access.as_str(), words(access)));
    }
    all
}

/// A right that comes from a folder: changed there.
fn inherited_row(inherited: Inherited) -> AnyView {
    let Inherited { folder_name, name, is_group, access, .. } = inherited;
    let who = name.unwrap_or_else(|| "Everyone who is signed in".to_owned());
    view! {
        <li class="share-row share-inherited" data-testid="share-inherited">
            <Avatar name=who.clone()/>
            <span class="share-name">
                {who}
                {is_group.then(|| view! { <Badge icon="users">"Group"</Badge> })}
                <span class="share-explained">{format!("From the folder {folder_name}")}</span>
            </span>
            {words(access)}
        </li>
    }
    .into_any()
}

#[component]
pub(super) fn AddPerson(thing: Thing, known: Known, set: Give) -> impl IntoView {
    let names = RwSignal::new(Vec::<String>::new());
    let groups = RwSignal::new(Vec::<(String, String)>::new());
    spawn_local(async move {
        _ = names.try_set(sharing::list_names().await.unwrap_or_default());
        _ = groups.try_set(sharing::list_group_names().await.unwrap_or_default());
    });
    let (chosen, access) = (RwSignal::new(String::new()), RwSignal::new("view".to_owned()));
    let options = Signal::derive(move || {
        let (people, teams): (Vec<String>, Vec<String>) = known.with(|known| match known {
            Some(Ok(sharing)) => (
                sharing.grants.iter().map(|grant| grant.user_name.clone()).collect(),
                sharing.groups.iter().map(|grant| grant.group_id.clone()).collect(),
            ),
            _ => Default::default(),
        });
        let person = |name: String| Choice::new(format!("user:{name}"), name);
        let group = |(id, name): (String, String)| Choice::new(format!("group:{id}"), name).hint("group");
        let free = names.get().into_iter().filter(|name| !people.contains(name)).map(person);
        let teams = groups.get().into_iter().filter(|(id, _)| !teams.contains(id)).map(group);
        free.chain(teams).collect::<Vec<_>>()
    });
    let add = move || {
        let who = match chosen.get_untracked().split_once(':') {
            Some(("user", name)) => Who::User(name.to_owned()),
            Some(("group", id)) => Who::Group(id.to_owned()),
            _ => return,
        };
        set.run((who, Access::parse(&access.get_untracked())));
        chosen.set(String::new());
    };
    let hint = move || Access::parse(&access.get()).map(|access| explained(thing, access));
    view! {
        <form
            class="share-add"
            on:submit=move |event| {
                event.prevent_default();
                add();
            }
        >
            <Field label="Person or group">
                <Combobox options value=chosen on_change=move |value| chosen.set(value) placeholder="Name"/>
            </Field>
            <Field label="Right">
                <Select options=Signal::stored(choices(thing)) value=access on_change=move |word| access.set(word)/>
            </Field>
            <Button kind="submit" variant=Variant::Primary disabled=Signal::derive(move || chosen.with(String::is_empty))>"Share"</Button>
            <p class="share-explained share-add-hint">{hint}</p>
        </form>
    }
    .into_any()
}
