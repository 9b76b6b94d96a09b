//! The groups: made, named, filled with people.

use crate::api::groups::{create_group, delete_group, list_groups, rename_group, set_member};
use crate::api::sharing::list_names;
use crate::components::*;
use crate::pages::deeds::{Deed, FormError};
use domain::sharing::{Group, Member};
use leptos::{ev, prelude::*};

/// What the dialogs are about.
#[derive(Clone, Copy)]
struct Ask {
    deed: Deed,
    reload: Callback<()>,
    group: RwSignal<Option<Group>>,
    naming: RwSignal<bool>,
    deleting: RwSignal<bool>,
    /// Everybody who can be in a group.
    names: RwSignal<Vec<String>>,
}

/// The page of administrators.
#[component]
pub(super) fn Groups() -> impl IntoView {
    let list = Resource::new_blocking(|| (), |()| list_groups());
    let reload = Callback::new(move |()| list.refetch());
    let own = crate::session::use_session().caller().map(|caller| caller.name);
    let names = RwSignal::new(Vec::new());
    Effect::new(move |_| {
        let own = own.clone();
        leptos::task::spawn_local(async move {
            let mut all = list_names().await.unwrap_or_default();
            all.extend(own);
            all.sort();
            _ = names.try_set(all);
        });
    });
    let ask = Ask {
        deed: Deed::new(),
        reload,
        group: RwSignal::new(None),
        naming: RwSignal::new(false),
        deleting: RwSignal::new(false),
        names,
    };
    let toasts = use_toasts();
    let body = move || {
        list.get().map(|result| match result {
            Ok(groups) if groups.is_empty() => view! {
                <EmptyState icon="users" title="No groups yet" text="Share something with a group once, and everybody who is in it sees it."/>
            }
            .into_any(),
            Ok(groups) => {
                view! { <div class="stack">{groups.into_iter().map(|group| card(group, ask)).collect_view()}</div> }.into_any()
            }
            Err(error) => view! { <ErrorState error=error.0 retry=reload/> }.into_any(),
        })
    };
    let new = move |()| {
        ask.group.set(None);
        ask.naming.set(true);
    };
    let delete = move |()| {
        let Some(group) = ask.group.get_untracked() else { return };
        ask.deed.run(delete_group(group.id), move |()| {
            _ = ask.deleting.try_set(false);
            toasts.good("Group deleted");
            _ = reload.try_run(());
        });
    };
    let named = move || ask.group.get().map(|group| group.name).unwrap_or_default();
    let title =
        Signal::derive(move || if ask.group.with(Option::is_some) { "Rename group" } else { "New group" }.to_owned());
    view! {
        <div class="stack" data-testid="groups">
            <div class="toolbar">
                <p class="muted grow">"People who are given the same rights together."</p>
                <Button variant=Variant::Primary icon="plus" on_click=new attr:data-testid="add-group">"New group"</Button>
            </div>
            <Transition fallback=|| view! { <Skeleton lines=5/> }>{body}</Transition>
            <Dialog open=ask.naming title size=DialogSize::Small light=false><Naming ask/></Dialog>
            <ConfirmDialog
                open=ask.deleting
                title=Signal::derive(move || format!("Delete the group “{}”?", named()))
                text="What was shared with it is no longer shared with those who are in it."
                confirm="Delete group"
                busy=ask.deed.busy
                on_confirm=delete
            />
        </div>
    }
    .into_any()
}

fn card(group: Group, ask: Ask) -> AnyView {
    let own = !group.is_external;
    let id = StoredValue::new(group.id.clone());
    let about = StoredValue::new(group.clone());
    let show = move |dialog: RwSignal<bool>| {
        ask.group.set(Some(about.get_value()));
        dialog.set(true);
    };
    let set = Callback::new(move |(user, is_member): (String, bool)| {
        let work = async move {
            let result = set_member(id.get_value(), user, is_member).await;
            _ = ask.reload.try_run(());
            result
        };
        ask.deed.run(work, |()| {});
    });
    let members = group.members.clone();
    let chip = move |member: Member| {
        let name = member.user_name.clone();
        let removed = member.user_name;
        if own {
            view! { <li><Chip label=Signal::stored(name) on_remove=Callback::new(move |()| set.run((removed.clone(), false)))/></li> }.into_any()
        } else {
            view! { <li><Chip label=Signal::stored(name)/></li> }.into_any()
        }
    };
    let taken: Vec<String> = members.iter().map(|member| member.user_name.clone()).collect();
    let options = Signal::derive(move || {
        let free = ask.names.get().into_iter().filter(|name| !taken.contains(name));
        free.map(|name| Choice::new(name.clone(), name)).collect::<Vec<_>>()
    });
    let name = group.name.clone();
    let none = members.is_empty();
    view! {
        <Card>
            <div data-testid="group" data-name=group.name.clone()>
                <div class="spread">
                    <div class="row">
                        <h3>{group.name.clone()}</h3>
                        {group.is_external.then(|| view! { <Badge icon="key-round">"From the sign-in provider"</Badge> })}
                    </div>
                    <div class="row">
                        {own.then(|| view! { <Button size=Size::Small on_click=move |()| show(ask.naming)>"Rename"</Button> })}
                        <Button size=Size::Small on_click=move |()| show(ask.deleting)>"Delete"</Button>
                    </div>
                </div>
                {none.then(|| view! { <p class="muted">"Nobody is in it yet."</p> })}
                <ul class="row-wrap group-members">{members.into_iter().map(chip).collect_view()}</ul>
                {own.then(|| view! {
                    <div class="group-add">
                        <Combobox
                            options
                            value=Signal::stored(String::new())
                            on_change=move |user: String| set.run((user, true))
                            placeholder="Add a person"
                            label=format!("Add a person to {name}")
                        />
                    </div>
                })}
            </div>
        </Card>
    }
    .into_any()
}

#[component]
fn Naming(ask: Ask) -> impl IntoView {
    let known = ask.group.get_untracked();
    let name = RwSignal::new(known.as_ref().map(|group| group.name.clone()).unwrap_or_default());
    let is_new = known.is_none();
    let id = StoredValue::new(known.map(|group| group.id).unwrap_or_default());
    let deed = Deed::new();
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let name = name.get_untracked();
        let work =
            async move { if is_new { create_group(name).await } else { rename_group(id.get_value(), name).await } };
        deed.submit(work, move |_| {
            _ = ask.naming.try_set(false);
            _ = ask.reload.try_run(());
        });
    };
    view! {
        <form class="form" data-testid="group-form" on:submit=submit>
            <FormError error=deed.error/>
            <Field label="Name" required=true>
                <TextInput value=name on_input=move |text| name.set(text) max_length=100 autofocus=true/>
            </Field>
            <div class="form-end">
                <Button on_click=move |()| ask.naming.set(false)>"Cancel"</Button>
                <Button kind="submit" variant=Variant::Primary busy=deed.busy>{if is_new { "Make group" } else { "Rename" }}</Button>
            </div>
        </form>
    }
    .into_any()
}
