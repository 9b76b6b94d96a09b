//! Inviting people, and the invitations that wait.

use super::users::roles;
use crate::api::account::{invite_user, list_invitations, resend_invitation, revoke_invitation};
use crate::components::*;
use crate::pages::deeds::{Deed, FormError, day};
use domain::UserRole;
use domain::account::{Invitation, InvitationRequest, NewInvitation};
use domain::names::to_label;
use leptos::{ev, prelude::*};

/// The button, its dialog, and what waits. Nothing is shown of the latter while there is none.
#[component]
pub(super) fn Invitations(open: RwSignal<bool>, users: Callback<()>) -> impl IntoView {
    let list = Resource::new_blocking(|| (), |()| list_invitations());
    let reload = Callback::new(move |()| {
        list.refetch();
        users.run(());
    });
    let (deed, toasts) = (Deed::new(), use_toasts());
    let again = RwSignal::new(None::<NewInvitation>);
    let (showing, asking) = (RwSignal::new(false), RwSignal::new(false));
    let doomed = RwSignal::new(None::<Invitation>);
    let resend = Callback::new(move |id: String| {
        deed.run(resend_invitation(id), move |sent| {
            if sent.link.is_some() {
                _ = again.try_set(Some(sent));
                _ = showing.try_set(true);
            } else {
                toasts.good("Invitation sent again");
            }
            _ = reload.try_run(());
        });
    });
    let revoke = Callback::new(move |invitation: Invitation| {
        doomed.set(Some(invitation));
        asking.set(true);
    });
    let confirmed = move |()| {
        let Some(invitation) = doomed.get_untracked() else { return };
        deed.run(revoke_invitation(invitation.id), move |()| {
            _ = asking.try_set(false);
            toasts.good("Invitation taken back");
            _ = reload.try_run(());
        });
    };
    let body = move || {
        list.get().map(|result| match result {
            Ok(items) if items.is_empty() => ().into_any(),
            Ok(items) => view! {
                <Section title="Invitations" text="Who has not chosen a password yet.">
                    <Card flush=true>
                        <Table caption="Invitations" head=vec![Head::text("Name"), Head::text("E-mail address"), Head::text("Role"), Head::text("Invited by"), Head::number("Expires"), Head::hidden("Actions")]>
                            {items.into_iter().map(|item| row(item, resend, revoke)).collect_view()}
                        </Table>
                    </Card>
                </Section>
            }
            .into_any(),
            Err(error) => view! { <ErrorState error=error.0 retry=reload compact=true/> }.into_any(),
        })
    };
    let name = move || doomed.get().map(|i| i.name).unwrap_or_default();
    view! {
        <div data-testid="invitations">
            <Transition fallback=|| ()>{body}</Transition>
        </div>
        <Dialog open title="Invite somebody" light=false><Invite open reload/></Dialog>
        <Dialog open=showing title="Invitation" light=false>
            {move || again.get().map(|made| view! { <Made made open=showing/> })}
        </Dialog>
        <ConfirmDialog
            open=asking
            title=Signal::derive(move || format!("Take the invitation of {} back?", name()))
            text="Its link stops working, and the account that waits for it goes with it."
            confirm="Take back"
            busy=deed.busy
            on_confirm=confirmed
        />
    }
    .into_any()
}

fn row(item: Invitation, resend: Callback<String>, revoke: Callback<Invitation>) -> AnyView {
    let id = item.id.clone();
    let doomed = item.clone();
    let (again, back) = (format!("Send again: {}", item.name), format!("Take back: {}", item.name));
    let until = if item.is_expired {
        view! { <Badge tone=Tone::Warn>"Expired"</Badge> }.into_any()
    } else {
        day(&item.expires_at).into_any()
    };
    view! {
        <tr>
            <td>{item.name}</td>
            <td>{item.email}</td>
            <td>{to_label(item.role.as_str())}</td>
            <td>{item.invited_by}</td>
            <td class="num">{until}</td>
            <td class="actions">
                <div class="row row-end">
                    <Button size=Size::Small on_click=move |()| resend.run(id.clone()) attr:aria-label=again>"Send again"</Button>
                    <Button size=Size::Small on_click=move |()| revoke.run(doomed.clone()) attr:aria-label=back>"Take back"</Button>
                </div>
            </td>
        </tr>
    }
    .into_any()
}

#[component]
fn Invite(open: RwSignal<bool>, reload: Callback<()>) -> impl IntoView {
    let (deed, toasts) = (Deed::new(), use_toasts());
    let (email, name, groups) =
        (RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(String::new()));
    let role = RwSignal::new("viewer".to_owned());
    let made = RwSignal::new(None::<NewInvitation>);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let list = |text: String| text.split(',').map(|g| g.trim().to_owned()).filter(|g| !g.is_empty()).collect();
        let request = InvitationRequest {
            email: email.get_untracked(),
            name: Some(name.get_untracked()).filter(|n| !n.trim().is_empty()),
            role: UserRole::parse(&role.get_untracked()).unwrap_or(UserRole::Viewer),
            groups: list(groups.get_untracked()),
        };
        deed.submit(invite_user(request), move |sent| {
            _ = reload.try_run(());
            if sent.link.is_some() {
                _ = made.try_set(Some(sent));
            } else {
                toasts.good("Invitation sent");
                _ = open.try_set(false);
            }
        });
    };
    move || {
        match made.get() {
        Some(made) => view! { <Made made open/> }.into_any(),
        None => view! {
            <form class="form" data-testid="invite-form" on:submit=submit>
                <FormError error=deed.error/>
                <Field label="E-mail address" required=true>
                    <TextInput kind="email" value=email on_input=move |v| email.set(v) autocomplete="off" max_length=254 autofocus=true/>
                </Field>
                <Field label="User name" optional=true hint="Empty: what stands before the @.">
                    <TextInput value=name on_input=move |v| name.set(v) autocomplete="off" max_length=100/>
                </Field>
                <Field label="Role">
                    <Select options=roles() value=role on_change=move |v| role.set(v)/>
                </Field>
                <Field label="Groups" optional=true hint="Names of groups, with commas between them.">
                    <TextInput value=groups on_input=move |v| groups.set(v) autocomplete="off"/>
                </Field>
                <div class="form-end">
                    <Button on_click=move |()| open.set(false)>"Cancel"</Button>
                    <Button kind="submit" variant=Variant::Primary busy=deed.busy>"Invite"</Button>
                </div>
            </form>
        }
        .into_any(),
    }
    }
}

/// The link of an invitation that no mail could carry.
#[component]
fn Made(made: NewInvitation, open: RwSignal<bool>) -> impl IntoView {
    let path = made.link.unwrap_or_default();
    // Shown after a click, so there is a window.
    let origin = window().location().origin().unwrap_or_default();
    let link = format!("{origin}{path}");
    view! {
        <div class="form">
            <Notice tone=Tone::Warn>{made.reason}" Copy the link now and hand it over yourself: it is not shown again."</Notice>
            <div class="code-card card">
                <code data-testid="invitation-link">{link.clone()}</code>
                <CopyButton text=link/>
            </div>
            <div class="form-end">
                <Button variant=Variant::Primary on_click=move |()| open.set(false)>"Done"</Button>
            </div>
        </div>
    }
    .into_any()
}
