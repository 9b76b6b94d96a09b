//! Why somebody can see the dataset, or cannot, under the rules that are saved.

use super::state::Ruling;
use crate::api::policies::why_access;
use crate::components::*;
use crate::pages::deeds::{Deed, FormError};
use domain::policy::AccessReasons;
use leptos::prelude::*;

#[component]
pub(super) fn Why(ruling: Ruling) -> impl IntoView {
    let user = RwSignal::new(String::new());
    let found = RwSignal::new(None::<AccessReasons>);
    let deed = Deed::new();
    let choose = move |name: String| {
        user.set(name.clone());
        found.set(None);
        deed.submit(why_access(ruling.name(), name), move |reasons| _ = found.try_set(Some(reasons)));
    };
    view! {
        <div data-testid="why-user">
            <Combobox label="Person" placeholder="Choose a person" options=ruling.people() value=user on_change=choose/>
        </div>
        <FormError error=deed.error/>
        <div aria-live="polite">{move || found.get().map(shown)}</div>
    }
    .into_any()
}

fn shown(reasons: AccessReasons) -> AnyView {
    let head = match reasons.access {
        Some(access) => format!("{} can see the dataset: {}.", reasons.user, access.as_str()),
        None => format!("{} cannot see the dataset.", reasons.user),
    };
    let list = |all: Vec<String>| all.into_iter().map(|text| view! { <li>{text}</li> }).collect_view();
    view! {
        <div data-testid="access-reasons">
            <p><strong>{head}</strong></p>
            <ul class="reasons">{list(reasons.grants)}{list(reasons.policies)}</ul>
        </div>
    }
    .into_any()
}
