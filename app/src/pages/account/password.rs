//! Changing one's own password.

use crate::api::people::change_password;
use crate::components::*;
use crate::pages::deeds::{Deed, FormError};
use leptos::{ev, prelude::*};

/// The form.
#[component]
pub(super) fn PasswordForm(name: String) -> impl IntoView {
    let deed = Deed::new();
    let toasts = use_toasts();
    let (old, new, again) = (RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(String::new()));
    let differ = RwSignal::new(None::<String>);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if new.get_untracked() != again.get_untracked() {
            differ.set(Some("The two are not the same.".into()));
            return;
        }
        differ.set(None);
        deed.submit(change_password(old.get_untracked(), new.get_untracked()), move |()| {
            for field in [old, new, again] {
                _ = field.try_set(String::new());
            }
            toasts.good("Password changed. Your other sessions have ended.");
        });
    };
    view! {
        <Section title="Password" text="Changing it ends your other sessions; API tokens stay.">
            <form class="card form" data-testid="password-form" on:submit=submit>
                <FormError error=deed.error/>
                // Password managers want to know whose password it is.
                <input type="text" name="username" autocomplete="username" value=name readonly hidden/>
                <Field label="Present password" required=true>
                    <TextInput kind="password" autocomplete="current-password" value=old on_input=move |v| old.set(v)/>
                </Field>
                <div class="form-row">
                    <Field label="New password" required=true hint="At least 10 characters.">
                        <TextInput kind="password" autocomplete="new-password" value=new on_input=move |v| new.set(v)/>
                    </Field>
                    <Field label="New password again" required=true error=differ>
                        <TextInput kind="password" autocomplete="new-password" value=again on_input=move |v| again.set(v)/>
                    </Field>
                </div>
                <div class="form-end">
                    <Button kind="submit" busy=deed.busy>"Change password"</Button>
                </div>
            </form>
        </Section>
    }
    .into_any()
}
