//! A new link.

use super::{Links, Made};
use crate::api::links::create_link;
use crate::components::*;
use crate::pages::deeds::{Deed, FormError};
use crate::session::use_session;
use crate::tiles::logic::words::filter_words;
use domain::link::{LinkKind, LinkRequest};
use leptos::prelude::*;

/// Whom it is for, and what guards it.
#[component]
pub(super) fn NewLinkForm(links: Links) -> impl IntoView {
    let kind = RwSignal::new(LinkKind::Public.as_str().to_owned());
    let (label, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (until, origins, key) =
        (RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(String::new()));
    let lock = RwSignal::new(true);
    let deed = Deed::new();
    let is_embed = Memo::new(move |_| kind.with(|kind| kind == LinkKind::Embed.as_str()));
    let filters = links.stage.filters;
    let has_filters = Memo::new(move |_| filters.with(|all| !all.is_empty()));
    let locale = use_session().locale();
    let locked = Signal::derive(move || {
        filters.with(|all| {
            let words: Vec<String> = all.iter().map(|filter| filter_words(filter, &[], &locale)).collect();
            words.join(", ")
        })
    });
    let make = move || {
        let given = |text: RwSignal<String>| Some(text.get_untracked().trim().to_owned()).filter(|t| !t.is_empty());
        let embed = is_embed.get_untracked();
        let request = LinkRequest {
            kind: LinkKind::parse(&kind.get_untracked()).unwrap_or_default(),
            label: label.get_untracked(),
            password: Some(password.get_untracked()).filter(|p| !p.is_empty() && !embed),
            // The whole last day counts.
            expires_at: given(until).map(|day| format!("{day}T23:59:59Z")),
            filters: if lock.get_untracked() { filters.get_untracked() } else { Vec::new() },
            origins: origins.get_untracked().split_whitespace().map(str::to_owned).collect(),
            public_key: given(key).filter(|_| embed),
        };
        deed.submit(create_link(links.stage.board.id(), request), move |new| {
            links.made.set(Some(Made { path: new.path, id: new.link.id, key: new.key, embedded: embed }));
            for text in [label, password, until, key] {
                text.set(String::new());
            }
            links.load();
        });
    };
    let segments = vec![
        Segment::new(LinkKind::Public.as_str(), "Public link"),
        Segment::new(LinkKind::Embed.as_str(), "Embedded page"),
    ];
    let guards = move || {
        match is_embed.get() {
        false => view! {
            <Field label="Password" hint="Optional; at least 10 characters.">
                <TextInput value=password on_input=move |text| password.set(text) kind="password" autocomplete="new-password" max_length=200/>
            </Field>
        }
        .into_any(),
        true => view! {
            <Field label="Sites that may show it" hint="One in a line, such as https://intranet.example.com.">
                <TextArea value=origins on_input=move |text| origins.set(text) rows=2/>
            </Field>
            <Field label="Public key" hint="Optional: Ed25519 as PEM. Without it a key for HS256 is made.">
                <TextArea value=key on_input=move |text| key.set(text) rows=2/>
            </Field>
        }
        .into_any(),
    }
    };
    view! {
        <form
            class="link-form"
            on:submit=move |event| {
                event.prevent_default();
                make();
            }
        >
            <FormError error=deed.error/>
            <SegmentedControl label="Kind of link" segments value=kind on_change=move |word: String| kind.set(word)/>
            <Field label="Whom it is for">
                <TextInput value=label on_input=move |text| label.set(text) max_length=100 placeholder="Partners"/>
            </Field>
            <Field label="Until" hint="Optional: the last day it works.">
                <DateInput value=until on_change=move |day: String| until.set(day)/>
            </Field>
            {guards}
            <Show when=move || has_filters.get()>
                <Checkbox
                    checked=lock
                    on_change=move |on: bool| lock.set(on)
                    label="Lock the filters that are set now"
                    hint=locked
                />
            </Show>
            <div>
                <Button
                    kind="submit"
                    variant=Variant::Primary
                    disabled=Signal::derive(move || label.with(|l| l.trim().is_empty()) || deed.busy.get())
                >
                    "Make a link"
                </Button>
            </div>
        </form>
    }
    .into_any()
}
