//! Rules of the whole installation: what new datasets begin with, and whether links let strangers in.

use crate::api::policies::{read_house_rules, save_house_rules};
use crate::components::*;
use crate::pages::deeds::Deed;
use domain::rules::{HouseRules, NewDatasets};
use leptos::prelude::*;

/// The tab of the administration.
#[component]
pub(super) fn Rules() -> impl IntoView {
    let rules = Resource::new_blocking(|| (), |()| read_house_rules());
    let body = move || {
        rules.get().map(|result| match result {
            Ok(rules) => view! { <Switches rules/> }.into_any(),
            Err(error) => view! { <ErrorState compact=true error=error.0 retry=move |()| rules.refetch()/> }.into_any(),
        })
    };
    view! {
        <Section title="Rules for everybody">
            <div class="card stack" data-testid="house-rules">
                <Transition fallback=|| view! { <Skeleton lines=3/> }>{body}</Transition>
            </div>
        </Section>
    }
    .into_any()
}

#[component]
fn Switches(rules: HouseRules) -> impl IntoView {
    let (rules, deed) = (RwSignal::new(rules), Deed::new());
    let set = move |change: &dyn Fn(&mut HouseRules)| {
        let before = rules.get_untracked();
        let mut wanted = before.clone();
        change(&mut wanted);
        // Shown at once, and taken back where the server refuses.
        rules.set(wanted.clone());
        let saved = save_house_rules(wanted);
        let told = async move {
            let answer = saved.await;
            if answer.is_err() {
                _ = rules.try_set(before);
            }
            answer
        };
        deed.run(told, move |saved| _ = rules.try_set(saved));
    };
    view! {
        <Switch
            label="New datasets begin closed"
            hint="Nobody but the owner sees their rows until the owner changes the rule that they begin with."
            checked=Signal::derive(move || rules.with(|r| r.new_datasets == NewDatasets::Closed))
            on_change=move |on: bool| {
                set(&|r| r.new_datasets = if on { NewDatasets::Closed } else { NewDatasets::Open });
            }
            disabled=Signal::derive(move || deed.busy.get())
        />
        <Switch
            label="Public and embedded links"
            hint="Owners can show a dashboard to people without an account. Switched off, links that were made before open nothing either."
            checked=Signal::derive(move || rules.with(|r| r.public_links))
            on_change=move |on: bool| set(&|r| r.public_links = on)
            disabled=Signal::derive(move || deed.busy.get())
        />
    }
    .into_any()
}
