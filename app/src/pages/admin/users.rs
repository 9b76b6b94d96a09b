//! The users: added, given roles and passwords, shut out.

mod attributes;
mod leaving;

use super::invitations::Invitations;
use crate::api::account::{link_user, reset_totp, sign_in_provider, sign_out_user};
use crate::api::people::{create_user, list_users, update_user};
use crate::components::toast::Toasts;
use crate::components::*;
use crate::pages::account::role_words;
use crate::pages::deeds::{Deed, FormError, day};
use attributes::Attributes;
use domain::UserRole;
use domain::api::UserPatch;
use domain::people::User;
use leaving::Leaving;
use leptos::{ev, prelude::*};

/// What the dialogs are about.
#[derive(Clone, Copy)]
struct Ask {
    deed: Deed,
    reload: Callback<()>,
    user: RwSignal<Option<User>>,
    password: RwSignal<bool>,
    shut_out: RwSignal<bool>,
    attributes: RwSignal<bool>,
    leaving: RwSignal<bool>,
    link: RwSignal<bool>,
    toasts: Toasts,
}

impl Ask {
    fn change(self, id: String, patch: UserPatch, done: &'static str) {
        let (toasts, reload) = (self.toasts, self.reload);
        // After a refusal too: the list then shows again what is true.
        let work = async move {
            let result = update_user(id, patch).await;
            _ = reload.try_run(());
            result
        };
        let close = self.shut_out;
        self.deed.run(work, move |_| {
            _ = close.try_set(false);
            toasts.good(done);
        });
    }
}

/// The page of administrators.
#[component]
pub(super) fn Users() -> impl IntoView {
    let list = Resource::new_blocking(|| (), |()| list_users());
    let reload = Callback::new(move |()| list.refetch());
    let (adding, inviting) = (RwSignal::new(false), RwSignal::new(false));
    let ask = Ask {
        deed: Deed::new(),
        reload,
        user: RwSignal::new(None),
        password: RwSignal::new(false),
        shut_out: RwSignal::new(false),
        attributes: RwSignal::new(false),
        leaving: RwSignal::new(false),
        link: RwSignal::new(false),
        toasts: use_toasts(),
    };
    let body = move || {
        list.get().map(|result| match result {
            Ok(items) => view! {
                <Card flush=true>
                    <Table caption="Users" head=vec![Head::text("Name"), Head::text("Role"), Head::text("State"), Head::number("Last seen"), Head::hidden("Actions")]>
                        {items.into_iter().map(|user| row(user, ask)).collect_view()}
                    </Table>
                </Card>
            }
            .into_any(),
            Err(error) => view! { <ErrorState error=error.0 retry=reload/> }.into_any(),
        })
    };
    let name = move || ask.user.get().map(|u| u.name).unwrap_or_default();
    let deactivate = move |()| {
        let Some(user) = ask.user.get_untracked() else { return };
        ask.change(user.id, UserPatch { is_active: Some(false), ..UserPatch::default() }, "User deactivated");
    };
    view! {
        <div class="stack">
            <div class="toolbar">
                <p class="muted grow">"Who may sign in here, and what they may do."</p>
                <Button icon="plus" on_click=move |()| adding.set(true) attr:data-testid="add-user">"Add user"</Button>
                <Button variant=Variant::Primary icon="mail" on_click=move |()| inviting.set(true) attr:data-testid="invite-user">"Invite"</Button>
            </div>
            <div data-testid="users-table">
                <Transition fallback=|| view! { <Skeleton lines=5/> }>{body}</Transition>
            </div>
            <Invitations open=inviting users=reload/>
            <Dialog open=ask.link title=Signal::derive(move || format!("Let {} sign in with the provider", name())) size=DialogSize::Small light=false>
                <LinkProvider ask/>
            </Dialog>
            <Dialog open=adding title="Add user" light=false><AddUser open=adding reload/></Dialog>
            <Dialog open=ask.password title=Signal::derive(move || format!("Set a password for {}", name())) size=DialogSize::Small light=false>
                <SetPassword ask/>
            </Dialog>
            <ConfirmDialog
                open=ask.shut_out
                title=Signal::derive(move || format!("Deactivate {}?", name()))
                text="Their sessions and tokens stop working at once. What they made stays, and they can be activated again. Alerts, SQL datasets and wall links of theirs stop until they are given to somebody else: see “What they own”."
                confirm="Deactivate user"
                busy=ask.deed.busy
                on_confirm=deactivate
            />
            <Dialog open=ask.attributes title=Signal::derive(move || format!("Attributes of {}", name())) light=false>
                <Attributes open=ask.attributes user=ask.user/>
            </Dialog>
            <Dialog open=ask.leaving title=Signal::derive(move || format!("What {} owns", name()))>
                <Leaving open=ask.leaving user=ask.user/>
            </Dialog>
        </div>
    }
    .into_any()
}

pub(super) fn roles() -> Vec<Choice> {
    UserRole::ALL.iter().map(|r| Choice::new(r.as_str(), role_words(*r))).collect()
}

fn short_roles() -> Vec<Choice> {
    UserRole::ALL.iter().map(|r| Choice::new(r.as_str(), domain::names::to_label(r.as_str()))).collect()
}

fn row(user: User, ask: Ask) -> AnyView {
    let seen = user.last_seen_at.as_deref().map_or_else(|| "never".to_owned(), day);
    let (id, name, active) = (user.id.clone(), user.name.clone(), user.is_active);
    let role = RwSignal::new(user.role.as_str().to_owned());
    let set_role = {
        let id = id.clone();
        move |value: String| {
            role.set(value.clone());
            let patch = UserPatch { role: UserRole::parse(&value), ..UserPatch::default() };
            ask.change(id.clone(), patch, "Role changed");
        }
    };
    let activate = {
        let user = user.clone();
        move |()| {
            if active {
                ask.user.set(Some(user.clone()));
                ask.shut_out.set(true);
            } else {
                ask.change(id.clone(), UserPatch { is_active: Some(true), ..UserPatch::default() }, "User activated");
            }
        }
    };
    let about = StoredValue::new(user);
    let show = move |dialog: RwSignal<bool>| {
        ask.user.set(Some(about.get_value()));
        dialog.set(true);
    };
    let password = move |()| show(ask.password);
    view! {
        <tr>
            <td><div class="row"><Avatar name=name.clone()/><span>{name.clone()}</span></div></td>
            <td><div class="users-role"><Select options=short_roles() value=role on_change=set_role label=format!("Role of {name}")/></div></td>
            <td>{if active { view! { <Badge tone=Tone::Good>"Active"</Badge> }.into_any() } else { view! { <Badge>"Deactivated"</Badge> }.into_any() }}</td>
            <td class="num">{seen}</td>
            <td class="actions">
                <div class="row row-end">
                    <Button size=Size::Small on_click=password>"Set password"</Button>
                    <Button size=Size::Small on_click=activate>{if active { "Deactivate" } else { "Activate" }}</Button>
                    <Menu label=format!("More for {name}") align=Align::End>{move || more_items(about.get_value(), ask)}</Menu>
                </div>
            </td>
        </tr>
    }
    .into_any()
}

/// What is done to others' signing in, less often.
fn more_items(user: User, ask: Ask) -> AnyView {
    let (deed, toasts) = (ask.deed, ask.toasts);
    let (out, reset) = (user.id.clone(), user.id.clone());
    let sign_out =
        move |()| deed.run(sign_out_user(out.clone()), move |_| toasts.good("All their sessions have ended"));
    let reset = move |()| deed.run(reset_totp(reset.clone()), move |()| toasts.good("Two-step sign-in was reset"));
    let show = move |dialog: RwSignal<bool>| {
        ask.user.set(Some(user.clone()));
        dialog.set(true);
    };
    let (attributes, leaving) = (show.clone(), show.clone());
    view! {
        <MenuItem icon="tag" on_click=move |()| attributes(ask.attributes)>"Attributes"</MenuItem>
        <MenuItem icon="layers" on_click=move |()| leaving(ask.leaving)>"What they own"</MenuItem>
        <MenuDivider/>
        <MenuItem icon="log-out" on_click=sign_out>"Sign out everywhere"</MenuItem>
        <MenuItem icon="key-round" on_click=reset>"Reset two-step sign-in"</MenuItem>
        <MenuItem icon="link" on_click=move |()| show(ask.link)>"Link to the sign-in provider"</MenuItem>
    }
    .into_any()
}

/// By which address an account of the sign-in provider becomes this user's.
#[component]
fn LinkProvider(ask: Ask) -> impl IntoView {
    let (deed, toasts) = (Deed::new(), use_toasts());
    let open = ask.link;
    let address = RwSignal::new(String::new());
    let provider = RwSignal::new(None::<Option<String>>);
    Effect::new(move |_| {
        leptos::task::spawn_local(async move {
            let found = sign_in_provider().await.ok().flatten();
            _ = provider.try_set(Some(found));
        });
    });
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Some(user) = ask.user.get_untracked() else { return };
        deed.submit(link_user(user.id, address.get_untracked()), move |()| {
            _ = open.try_set(false);
            toasts.good("They are linked when they next sign in there");
        });
    };
    let has_none = move || provider.get().is_some_and(|found| found.is_none());
    view! {
        <form class="form" on:submit=submit>
            <FormError error=deed.error/>
            <Show when=has_none>
                <Notice tone=Tone::Warn>"This server has no sign-in provider: ORRERY_OIDC_ISSUER is not set."</Notice>
            </Show>
            <Field label="Their address at the provider" required=true hint="Whom the provider vouches to have this address is this user, from their next sign-in there on.">
                <TextInput kind="email" value=address on_input=move |v| address.set(v) autocomplete="off" max_length=254 autofocus=true/>
            </Field>
            <div class="form-end">
                <Button on_click=move |()| open.set(false)>"Cancel"</Button>
                <Button kind="submit" variant=Variant::Primary busy=deed.busy disabled=Signal::derive(has_none)>"Link"</Button>
            </div>
        </form>
    }
    .into_any()
}

#[component]
fn AddUser(open: RwSignal<bool>, reload: Callback<()>) -> impl IntoView {
    let deed = Deed::new();
    let toasts = use_toasts();
    let (name, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let role = RwSignal::new("creator".to_owned());
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let role = UserRole::parse(&role.get_untracked()).unwrap_or(UserRole::Viewer);
        deed.submit(create_user(name.get_untracked(), role, password.get_untracked()), move |_| {
            _ = open.try_set(false);
            toasts.good("User added");
            _ = reload.try_run(());
        });
    };
    view! {
        <form class="form" data-testid="user-form" on:submit=submit>
            <FormError error=deed.error/>
            <Field label="User name" required=true>
                <TextInput value=name on_input=move |v| name.set(v) autocomplete="off" max_length=100 autofocus=true/>
            </Field>
            <Field label="Role">
                <Select options=roles() value=role on_change=move |v| role.set(v)/>
            </Field>
            <Field label="Password" required=true hint="At least 10 characters. They can change it on their account page.">
                <TextInput kind="password" value=password on_input=move |v| password.set(v) autocomplete="new-password"/>
            </Field>
            <div class="form-end">
                <Button on_click=move |()| open.set(false)>"Cancel"</Button>
                <Button kind="submit" variant=Variant::Primary busy=deed.busy>"Add user"</Button>
            </div>
        </form>
    }
    .into_any()
}

#[component]
fn SetPassword(ask: Ask) -> impl IntoView {
    let deed = Deed::new();
    let toasts = use_toasts();
    let open = ask.password;
    let password = RwSignal::new(String::new());
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Some(user) = ask.user.get_untracked() else { return };
        let patch = UserPatch { password: Some(password.get_untracked()), ..UserPatch::default() };
        deed.submit(update_user(user.id, patch), move |_| {
            _ = open.try_set(false);
            toasts.good("Password set. Their sessions have ended.");
        });
    };
    view! {
        <form class="form" on:submit=submit>
            <FormError error=deed.error/>
            <Field label="New password" required=true hint="At least 10 characters.">
                <TextInput kind="password" value=password on_input=move |v| password.set(v) autocomplete="new-password" autofocus=true/>
            </Field>
            <div class="form-end">
                <Button on_click=move |()| open.set(false)>"Cancel"</Button>
                <Button kind="submit" variant=Variant::Primary busy=deed.busy>"Set password"</Button>
            </div>
        </form>
    }
    .into_any()
}
