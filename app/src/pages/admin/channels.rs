//! Channels and mail: what leaves the house, tried out, and what did not arrive.

mod dead;
mod form;

use crate::api::inbox::{delete_channel, list_channels, mail_status, test_channel, test_mail};
use crate::components::*;
use crate::pages::deeds::{Deed, FormError, day};
use dead::DeadLetters;
use domain::notify::{Channel, MailState, SendTest};
use form::ChannelForm;
use leptos::{ev, prelude::*};

/// The tab of the administration.
#[component]
pub(super) fn Channels() -> impl IntoView {
    view! {
        <div class="stack" data-testid="channels">
            <Mail/>
            <ChannelList/>
            <DeadLetters/>
        </div>
    }
    .into_any()
}

/// What came of a test.
fn outcome(test: SendTest) -> AnyView {
    let tone = if test.ok { Tone::Good } else { Tone::Bad };
    view! { <Notice tone>{test.message}</Notice> }.into_any()
}

#[component]
fn Mail() -> impl IntoView {
    let state = Resource::new_blocking(|| (), |()| mail_status());
    let body = move || {
        state.get().map(|result| match result {
            Ok(state) => mail(state),
            Err(error) => view! { <ErrorState compact=true error=error.0 retry=move |()| state.refetch()/> }.into_any(),
        })
    };
    view! {
        <Section title="Mail">
            <div class="card stack">
                <Transition fallback=|| view! { <Skeleton lines=3/> }>{body}</Transition>
            </div>
        </Section>
    }
    .into_any()
}

fn mail(state: MailState) -> AnyView {
    let MailState { host, has_public_url } = state;
    let Some(host) = host else {
        return view! {
            <Notice tone=Tone::Warn>"This server sends no mail. Whoever runs it can name a mail server in ORRERY_SMTP_URL."</Notice>
        }
        .into_any();
    };
    view! {
        <p>"Mail leaves through " <strong>{host}</strong> "."</p>
        {(!has_public_url).then(|| view! {
            <Notice tone=Tone::Warn>"Mails cannot lead back here: set ORRERY_PUBLIC_URL to the address of this server."</Notice>
        })}
        <MailTest/>
    }
    .into_any()
}

#[component]
fn MailTest() -> impl IntoView {
    let deed = Deed::new();
    let address = RwSignal::new(String::new());
    let result = RwSignal::new(None::<SendTest>);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        result.set(None);
        deed.submit(test_mail(address.get_untracked()), move |test| _ = result.try_set(Some(test)));
    };
    view! {
        <form class="form" on:submit=submit>
            <FormError error=deed.error/>
            <Field label="Send a test mail to" required=true>
                <TextInput kind="email" autocomplete="email" max_length=254 value=address on_input=move |v| address.set(v)/>
            </Field>
            <div role="status">{move || result.get().map(outcome)}</div>
            <div class="form-end">
                <Button kind="submit" icon="mail" busy=deed.busy>"Send test mail"</Button>
            </div>
        </form>
    }
    .into_any()
}

/// What the buttons of the list do.
#[derive(Clone, Copy)]
struct Deeds {
    test: Callback<Channel>,
    remove: Callback<Channel>,
}

#[component]
fn ChannelList() -> impl IntoView {
    let list = Resource::new_blocking(|| (), |()| list_channels());
    let reload = Callback::new(move |()| list.refetch());
    let (adding, asking) = (RwSignal::new(false), RwSignal::new(false));
    let doomed = RwSignal::new(None::<Channel>);
    let tested = RwSignal::new(None::<(String, SendTest)>);
    let (deed, trying, toasts) = (Deed::new(), Deed::new(), use_toasts());
    let deeds = Deeds {
        test: Callback::new(move |channel: Channel| {
            tested.set(None);
            let name = channel.name;
            trying.run(test_channel(channel.id), move |test| _ = tested.try_set(Some((name, test))));
        }),
        remove: Callback::new(move |channel: Channel| {
            doomed.set(Some(channel));
            asking.set(true);
        }),
    };
    let remove = move |()| {
        let Some(channel) = doomed.get_untracked() else { return };
        deed.run(delete_channel(channel.id), move |()| {
            _ = asking.try_set(false);
            toasts.good("Channel deleted");
            _ = reload.try_run(());
        });
    };
    let made = Callback::new(move |()| {
        _ = adding.try_set(false);
        toasts.good("Channel added");
        _ = reload.try_run(());
    });
    let body = move || {
        list.get().map(|result| match result {
            Ok(items) if items.is_empty() => view! {
                <EmptyState compact=true icon="zap" title="No channels yet" text="A channel takes messages to a chat or to a program of yours."/>
            }
            .into_any(),
            Ok(items) => view! {
                <Table caption="Channels" head=vec![Head::text("Name"), Head::text("Kind"), Head::text("Host"), Head::number("Added"), Head::hidden("Actions")]>
                    {items.into_iter().map(|channel| row(channel, deeds)).collect_view()}
                </Table>
            }
            .into_any(),
            Err(error) => view! { <ErrorState compact=true error=error.0 retry=reload/> }.into_any(),
        })
    };
    let name = move || doomed.get().map(|c| c.name).unwrap_or_default();
    view! {
        <Section title="Channels" text="Where messages of alerts and reports can go besides inboxes and mail. Their addresses and secrets are kept encrypted and never shown again.">
            <div role="status">{move || tested.get().map(|(name, test)| outcome(SendTest { message: format!("{name}: {}", test.message), ..test }))}</div>
            <div class="card card-flush">
                <Transition fallback=|| view! { <Skeleton lines=3/> }>{body}</Transition>
                <div class="card-foot">
                    <Button icon="plus" on_click=move |()| adding.set(true) attr:data-testid="add-channel">"Add channel"</Button>
                </div>
            </div>
            <Dialog open=adding title="Add channel" light=false><ChannelForm open=adding on_saved=made/></Dialog>
            <ConfirmDialog
                open=asking
                title=Signal::derive(move || format!("Delete the channel “{}”?", name()))
                text="Messages that still wait for it are not delivered; their owners are told. Alerts that name it stay."
                confirm="Delete channel"
                busy=deed.busy
                on_confirm=remove
            />
        </Section>
    }
    .into_any()
}

fn row(channel: Channel, deeds: Deeds) -> AnyView {
    let (name, kind) = (channel.name.clone(), channel.kind.label());
    let (to_test, to_remove) = (channel.clone(), channel.clone());
    view! {
        <tr>
            <td><strong>{name.clone()}</strong></td>
            <td>{kind} {channel.has_secret.then(|| view! { " " <Badge>"Signed"</Badge> })}</td>
            <td>{channel.host.unwrap_or_default()}</td>
            <td class="num">{day(&channel.created_at)}</td>
            <td class="actions">
                <div class="row row-end">
                    <Button size=Size::Small on_click=move |()| deeds.test.run(to_test.clone()) attr:aria-label=format!("Test now: {name}")>"Test now"</Button>
                    <Button size=Size::Small on_click=move |()| deeds.remove.run(to_remove.clone()) attr:aria-label=format!("Delete {name}")>"Delete"</Button>
                </div>
            </td>
        </tr>
    }
    .into_any()
}
