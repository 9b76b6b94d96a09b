//! Whom an alert tells.

use crate::api::alerts::{People, alert_people};
use crate::components::*;
use crate::pages::deeds::Answer;
use domain::notify::{Recipient, check_address};
use leptos::{ev, prelude::*};

/// The recipients: people and channels to choose from, addresses to type.
#[component]
pub(super) fn RecipientFields(
    recipients: Signal<Vec<Recipient>>,
    #[prop(into)] on_change: Callback<Vec<Recipient>>,
) -> impl IntoView {
    let people = Answer::of(alert_people);
    let known = Memo::new(move |_| people.get().and_then(Result::ok).unwrap_or_default());
    let is_address = |r: &Recipient| matches!(r, Recipient::Email { .. });
    let chosen = Memo::new(move |_| {
        recipients.with(|all| all.iter().filter(|r| !is_address(r)).map(ToString::to_string).collect::<Vec<String>>())
    });
    let options = Signal::derive(move || {
        let People { known, .. } = known.get();
        known.into_iter().map(|n| Choice::new(n.id, n.name)).collect::<Vec<Choice>>()
    });
    let choose = move |wanted: Vec<String>| {
        let addresses =
            recipients.with_untracked(|all| all.iter().filter(|r| is_address(r)).cloned().collect::<Vec<_>>());
        on_change.run(wanted.iter().filter_map(|text| Recipient::parse(text)).chain(addresses).collect());
    };
    let (typed, wrong) = (RwSignal::new(String::new()), RwSignal::new(None::<String>));
    let add = move || {
        let address = typed.get_untracked().trim().to_owned();
        if address.is_empty() {
            return;
        }
        match check_address(&address) {
            Ok(()) => {
                let mut all = recipients.get_untracked();
                let new = Recipient::Email { address };
                if !all.iter().any(|r| r.to_string() == new.to_string()) {
                    all.push(new);
                    on_change.run(all);
                }
                typed.set(String::new());
                wrong.set(None);
            }
            Err(error) => wrong.set(Some(error.to_string())),
        }
    };
    let press = move |event: ev::KeyboardEvent| {
        if event.key() == "Enter" {
            event.prevent_default();
            add();
        }
    };
    let addresses = move || {
        let all = recipients.get().into_iter();
        let chips = all.filter_map(|r| match r {
            Recipient::Email { address } => Some(address),
            _ => None,
        });
        let chip = |address: String| {
            let gone = address.clone();
            let remove = move |()| {
                let mut all = recipients.get_untracked();
                all.retain(|r| !matches!(r, Recipient::Email { address } if *address == gone));
                on_change.run(all);
            };
            view! { <Chip label=address on_remove=remove/> }
        };
        chips.map(chip).collect_view()
    };
    view! {
        <Field label="People and channels" hint="People get it in their inbox, and by mail if they want it.">
            <MultiSelect options selected=chosen on_change=choose label="People and channels" placeholder="Nobody" attr:data-testid="alert-people"/>
        </Field>
        <Field label="E-mail addresses" optional=true error=wrong hint="For those without an account; Enter adds one.">
            <TextInput value=typed on_input=move |v| typed.set(v) kind="email" placeholder="ada@example.com" on:keydown=press on:blur=move |_| add()/>
        </Field>
        <div class="row-wrap">{addresses}</div>
    }
    .into_any()
}
