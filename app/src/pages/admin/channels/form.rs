//! The form of a channel.

use crate::api::inbox::create_channel;
use crate::components::*;
use crate::pages::deeds::{Deed, FormError};
use domain::notify::{ChannelKind, NewChannel};
use leptos::{ev, prelude::*};

#[component]
pub(super) fn ChannelForm(open: RwSignal<bool>, on_saved: Callback<()>) -> impl IntoView {
    let deed = Deed::new();
    let (name, url, secret) =
        (RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(String::new()));
    let kind = RwSignal::new(ChannelKind::default());
    let kinds: Vec<Choice> = ChannelKind::ALL.iter().map(|k| Choice::new(k.as_str(), k.label())).collect();
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let signs = kind.get_untracked() == ChannelKind::Webhook;
        let new = NewChannel {
            name: name.get_untracked(),
            kind: kind.get_untracked(),
            url: url.get_untracked().trim().to_owned(),
            secret: Some(secret.get_untracked()).filter(|s| signs && !s.is_empty()),
        };
        deed.submit(create_channel(new), move |_| on_saved.run(()));
    };
    view! {
        <form class="form" data-testid="channel-form" on:submit=submit>
            <FormError error=deed.error/>
            <Field label="Name" required=true>
                <TextInput value=name on_input=move |v| name.set(v) autocomplete="off" max_length=100 autofocus=true/>
            </Field>
            <Field label="Kind">
                <Select
                    options=kinds
                    value=Signal::derive(move || kind.get().as_str().to_owned())
                    on_change=move |v: String| kind.set(ChannelKind::parse(&v).unwrap_or_default())
                />
            </Field>
            <Field label="Address" required=true hint="Hosts inside the server's own network must be listed in ORRERY_WEBHOOK_HOSTS.">
                <TextInput kind="url" value=url on_input=move |v| url.set(v) autocomplete="off" max_length=2000 placeholder="https://…"/>
            </Field>
            {move || (kind.get() == ChannelKind::Webhook).then(|| view! {
                <Field label="Secret" optional=true hint="Messages are signed with it, so that their reader knows they come from here.">
                    <TextInput kind="password" value=secret on_input=move |v| secret.set(v) autocomplete="new-password" max_length=200/>
                </Field>
            })}
            <div class="form-end">
                <Button on_click=move |()| open.set(false)>"Cancel"</Button>
                <Button kind="submit" variant=Variant::Primary busy=deed.busy>"Add channel"</Button>
            </div>
        </form>
    }
    .into_any()
}
