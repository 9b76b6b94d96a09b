//! What somebody would see under the rules as they stand in the form, beside what there is.

use super::state::Ruling;
use crate::api::policies::try_policies;
use crate::components::*;
use crate::pages::deeds::{Deed, FormError};
use domain::policy::{PolicyTest, PolicyTrial};
use leptos::prelude::*;

#[component]
pub(super) fn Trial(ruling: Ruling) -> impl IntoView {
    let user = RwSignal::new(String::new());
    let found = RwSignal::new(None::<PolicyTest>);
    let deed = Deed::new();
    let run = move |()| {
        if !ruling.ready() {
            return;
        }
        let trial = PolicyTrial { policies: untrack(move || ruling.draft()), user: user.get_untracked() };
        found.set(None);
        deed.submit(try_policies(ruling.name(), trial), move |test| _ = found.try_set(Some(test)));
    };
    let has_user = Memo::new(move |_| !user.with(String::is_empty));
    let choose = move |name: String| {
        user.set(name);
        run(());
    };
    view! {
        <p class="muted">"Nothing is saved by it."</p>
        <div class="row-wrap">
            <div data-testid="trial-user">
                <Combobox label="Sample user" placeholder="Choose a person" options=ruling.people() value=user on_change=choose/>
            </div>
            <Button busy=deed.busy disabled=Signal::derive(move || !has_user.get()) on_click=run attr:data-testid="run-trial">"Try again"</Button>
        </div>
        <FormError error=deed.error/>
        <div aria-live="polite">{move || found.get().map(shown)}</div>
    }
    .into_any()
}

fn shown(test: PolicyTest) -> AnyView {
    let sentence = match (test.is_exempt, test.error.as_ref()) {
        (true, _) => format!("{} sees everything: rules do not hold for owners and administrators.", test.user),
        (_, Some(error)) => error.clone(),
        _ => format!("{} sees {} of {} rows.", test.user, test.rows, test.total),
    };
    let rules = match test.rules.as_slice() {
        [] => "No rule is for them.".to_owned(),
        names => format!("Rules for them: {}.", names.join(", ")),
    };
    let hidden = (!test.hidden.is_empty()).then(|| format!("Hidden: {}.", test.hidden.join(", ")));
    let masked = test.masked.iter().map(|m| format!("{} ({})", m.column, m.rule.words().to_lowercase()));
    let masked: Vec<String> = masked.collect();
    let masked = (!masked.is_empty()).then(|| format!("Changed: {}.", masked.join(", ")));
    view! {
        <div class="policy-trial" data-testid="policy-test">
            <p><strong data-testid="policy-rows">{sentence}</strong></p>
            <p class="muted small">{rules}</p>
            {hidden.map(|text| view! { <p class="small" data-testid="policy-hidden">{text}</p> })}
            {masked.map(|text| view! { <p class="small" data-testid="policy-masked">{text}</p> })}
            <div class="policy-sides">
                <div>
                    <h3>"As they would see it"</h3>
                    <PlainTable table=test.sample label="First rows as they would see them" id="policy-sample"/>
                </div>
                <div>
                    <h3>"As it is"</h3>
                    <PlainTable table=test.plain label="First rows as they are" id="policy-plain"/>
                </div>
            </div>
        </div>
    }
    .into_any()
}
