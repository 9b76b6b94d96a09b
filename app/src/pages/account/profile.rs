//! Who one is: full name and e-mail address, which a mail confirms.

use super::password::PasswordForm;
use super::two_step::TwoStep;
use crate::api::account::{change_profile, my_profile};
use crate::components::*;
use crate::pages::deeds::{Deed, FormError};
use domain::account::{Profile, ProfilePatch};
use leptos::{ev, prelude::*};

/// What of the account page depends on the profile: profile, password, two-step sign-in.
#[component]
pub(super) fn Own() -> impl IntoView {
    let kept = Resource::new_blocking(|| (), |()| my_profile());
    let reload = Callback::new(move |()| kept.refetch());
    let body = move || {
        kept.get().map(|result| match result {
            Ok(profile) => {
                let password = (profile.has_password && profile.password_sign_in).then(|| profile.name.clone());
                let totp = profile.totp;
                view! {
                    <ProfileForm profile reload/>
                    {password.map(|name| view! { <PasswordForm name/><TwoStep totp reload/> })}
                }
                .into_any()
            }
            Err(error) => view! { <ErrorState compact=true error=error.0 retry=reload/> }.into_any(),
        })
    };
    view! { <Transition fallback=|| view! { <Skeleton lines=6/> }>{body}</Transition> }.into_any()
}

#[component]
fn ProfileForm(profile: Profile, reload: Callback<()>) -> impl IntoView {
    let (deed, toasts) = (Deed::new(), use_toasts());
    let Profile { full_name, email, is_email_verified, pending_email, can_mail, has_password, providers, .. } = profile;
    let name = RwSignal::new(full_name);
    let former = StoredValue::new(email.clone().unwrap_or_default());
    let address = RwSignal::new(email.clone().unwrap_or_default());
    let password = RwSignal::new(String::new());
    let is_other = Memo::new(move |_| address.with(|a| former.with_value(|f| !a.trim().is_empty() && a.trim() != f)));
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let is_other = is_other.get_untracked();
        let patch = ProfilePatch {
            full_name: Some(name.get_untracked()),
            email: is_other.then(|| address.get_untracked()),
            password: (is_other && has_password).then(|| password.get_untracked()),
        };
        deed.submit(change_profile(patch), move |_| {
            toasts.good(if is_other { "A link is on its way to the new address" } else { "Profile saved" });
            _ = reload.try_run(());
        });
    };
    let state = email.map(|_| match is_email_verified {
        true => view! { <Badge tone=Tone::Good>"Confirmed"</Badge> }.into_any(),
        false => view! { <Badge tone=Tone::Warn>"Not confirmed"</Badge> }.into_any(),
    });
    let waiting = pending_email.map(|address| {
        view! { <Notice>{format!("A link was sent to {address}. Follow it to confirm that address.")}</Notice> }
    });
    let hint = if can_mail {
        "A link is sent to another address; it counts once you have followed it."
    } else {
        "This server sends no mail, so the address cannot be changed."
    };
    let known = (!providers.is_empty()).then(|| {
        view! { <p class="muted small">{format!("You also sign in with {}.", providers.join(", "))}</p> }
    });
    view! {
        <Section title="Profile" text="Your own name and the address of your account.">
            <form class="card form" data-testid="profile-form" on:submit=submit>
                <FormError error=deed.error/>
                {waiting}
                <div class="form-row">
                    <Field label="Full name" optional=true>
                        <TextInput value=name on_input=move |v| name.set(v) autocomplete="name" max_length=100/>
                    </Field>
                    <Field label="Account address" optional=true hint>
                        <TextInput kind="email" value=address on_input=move |v| address.set(v) autocomplete="email" max_length=254 disabled=!can_mail/>
                    </Field>
                </div>
                <Show when=move || has_password && is_other.get()>
                    <Field label="Your password" required=true hint="To make sure that it is you who changes the address.">
                        <TextInput kind="password" value=password on_input=move |v| password.set(v) autocomplete="current-password"/>
                    </Field>
                </Show>
                {known}
                <div class="form-end">
                    {state}
                    <Button kind="submit" busy=deed.busy>"Save profile"</Button>
                </div>
            </form>
        </Section>
    }
    .into_any()
}
