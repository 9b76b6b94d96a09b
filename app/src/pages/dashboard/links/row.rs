//! One link: how it is used, and what can be done with it.

use super::{Links, Made};
use crate::api::links::{revoke_link, rotate_link};
use crate::components::*;
use crate::pages::deeds::Deed;
use crate::session::use_session;
use crate::tiles::logic::words::filter_words;
use domain::link::{LinkKind, PublicLink};
use leptos::prelude::*;

/// A line of the list.
#[component]
pub(super) fn Row(links: Links, link: PublicLink) -> impl IntoView {
    let deed = Deed::new();
    let locale = use_session().locale();
    let is_owner = links.stage.is_owner();
    let embedded = link.kind == LinkKind::Embed;
    let facts = facts(&link, &locale);
    let (id, again, label) = (link.id.clone(), link.id.clone(), link.label.clone());
    let revoke = move |()| {
        deed.run(revoke_link(id.clone()), move |()| {
            links.stage.toasts.good("The link was revoked; its pages are dark now");
            links.load();
        });
    };
    let rotate = move |()| {
        deed.run(rotate_link(again.clone()), move |new| {
            links.made.set(Some(Made { path: new.path, id: new.link.id, key: new.key, embedded }));
            links.load();
        });
    };
    let opened = match &link.last_opened_at {
        Some(at) => view! { {times(link.opened)}", last "<Time iso=at.clone()/> }.into_any(),
        None => view! { "Never opened" }.into_any(),
    };
    view! {
        <li class="link-row" data-testid="public-link-row">
            <div class="link-what">
                <span class="link-label">{link.label.clone()}</span>
                <Badge tone=if embedded { Tone::Accent } else { Tone::Bad }>{if embedded { "Embedded" } else { "Public" }}</Badge>
                {link.is_expired.then(|| view! { <Badge>"Expired"</Badge> })}
                <p class="field-hint">{facts}</p>
                <p class="field-hint">{opened}</p>
            </div>
            {is_owner.then(|| view! {
                <Button size=Size::Small variant=Variant::Ghost on_click=rotate attr:aria-label=format!("New address for {label}")>
                    {if embedded { "New key" } else { "New address" }}
                </Button>
                <Button size=Size::Small on_click=revoke attr:aria-label=format!("Revoke {label}")>"Revoke"</Button>
            })}
        </li>
    }
    .into_any()
}

fn times(opened: u64) -> String {
    match opened {
        1 => "Opened once".to_owned(),
        more => format!("Opened {more} times"),
    }
}

/// What guards it, in a line.
fn facts(link: &PublicLink, locale: &str) -> String {
    let mut facts = Vec::new();
    if link.has_password {
        facts.push("with a password".to_owned());
    }
    if let Some(until) = link.expires_at.as_deref().and_then(|at| at.get(..10)) {
        facts.push(format!("until {until}"));
    }
    facts.extend(link.filters.iter().map(|filter| filter_words(filter, &[], locale)));
    facts.extend(link.origins.iter().cloned());
    facts.push(format!("by {}", link.owner_name));
    facts.join(" · ")
}
