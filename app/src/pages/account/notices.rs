//! How the caller is told: by mail and which, and by this browser.

use crate::api::inbox::{my_preferences, set_notify_preferences, try_notice};
use crate::components::*;
use crate::pages::deeds::{Deed, FormError};
use crate::pages::inbox::desktop;
use domain::notify::{KINDS, NotifyPreferences};
use leptos::task::spawn_local;
use leptos::{ev, prelude::*};

/// The section of the account page.
#[component]
pub(super) fn Notices() -> impl IntoView {
    let kept = Resource::new_blocking(|| (), |()| my_preferences());
    let body = move || {
        kept.get().map(|result| match result {
            Ok(kept) => view! { <Mails kept/> }.into_any(),
            Err(error) => view! { <ErrorState compact=true error=error.0 retry=move |()| kept.refetch()/> }.into_any(),
        })
    };
    view! {
        <Section title="Notifications" text="Your inbox has everything you are told; mails and this browser can tell you too.">
            <div class="card stack" data-testid="notices">
                <Transition fallback=|| view! { <Skeleton lines=4/> }>{body}</Transition>
                <ThisBrowser/>
            </div>
        </Section>
    }
    .into_any()
}

#[component]
fn Mails(kept: NotifyPreferences) -> impl IntoView {
    let (saving, trying, toasts) = (Deed::new(), Deed::new(), use_toasts());
    let address = RwSignal::new(kept.email.unwrap_or_default());
    let muted = RwSignal::new(kept.muted);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let email = Some(address.get_untracked()).filter(|a| !a.trim().is_empty());
        let wanted = NotifyPreferences { email, muted: muted.get_untracked() };
        saving.submit(set_notify_preferences(wanted), move |kept| {
            _ = address.try_set(kept.email.unwrap_or_default());
            toasts.good("Saved");
        });
    };
    let kind = move |(kind, label): (&'static str, &'static str)| {
        let wanted = Signal::derive(move || muted.with(|m| m.iter().all(|k| k != kind)));
        let change = move |on: bool| {
            muted.update(|m| {
                m.retain(|k| k != kind);
                if !on {
                    m.push(kind.to_owned());
                }
            });
        };
        view! { <Checkbox label checked=wanted on_change=change/> }
    };
    view! {
        <form class="form" on:submit=submit>
            <FormError error=saving.error/>
            <Field label="E-mail address" optional=true hint="Where mails for you go. Without one, you get none.">
                <TextInput kind="email" autocomplete="email" max_length=254 value=address on_input=move |v| address.set(v)/>
            </Field>
            <fieldset class="notice-kinds">
                <legend class="field-label">"By mail"</legend>
                {KINDS.into_iter().map(kind).collect_view()}
            </fieldset>
            <div class="form-end">
                <Button busy=trying.busy on_click=move |()| trying.run(try_notice(), |()| ())>"Send a test notice"</Button>
                <Button kind="submit" variant=Variant::Primary busy=saving.busy>"Save"</Button>
            </div>
        </form>
    }
    .into_any()
}

/// The switch for the browser's own notices; it is on in this browser only.
#[component]
fn ThisBrowser() -> impl IntoView {
    let on = RwSignal::new(false);
    let trouble = RwSignal::new(None::<&'static str>);
    Effect::new(move |_| on.set(desktop::is_on()));
    let change = move |wanted: bool| {
        trouble.set(None);
        if !wanted {
            desktop::turn_off();
            on.set(false);
            return;
        }
        spawn_local(async move {
            let result = desktop::turn_on().await;
            _ = on.try_set(result.is_ok());
            _ = trouble.try_set(result.err());
        });
    };
    view! {
        <Switch
            label="Notifications of this browser"
            hint="Shown when something arrives while this page is in the background."
            checked=on
            on_change=change
        />
        {move || trouble.get().map(|text| view! { <Notice tone=Tone::Warn>{text}</Notice> })}
    }
    .into_any()
}
