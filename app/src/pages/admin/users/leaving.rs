//! What somebody owns who leaves, and giving it to somebody else.

use crate::api::groups::{leaving_troubles, owned_by, transfer_all};
use crate::components::*;
use crate::pages::deeds::{Answer, Deed};
use crate::pages::sharing::{GiveTo, checked};
use domain::names::to_label;
use domain::people::User;
use domain::sharing::{Owned, OwnedThing};
use leptos::prelude::*;

/// The list, once it is known, and its transfer.
#[component]
pub(super) fn Leaving(open: RwSignal<bool>, user: RwSignal<Option<User>>) -> impl IntoView {
    let id = user.get_untracked().map(|user| user.id).unwrap_or_default();
    let asked = id.clone();
    let owned = Answer::of(move || owned_by(asked.clone()));
    move || match owned.get() {
        None => view! { <Skeleton lines=4/> }.into_any(),
        Some(Ok(owned)) => view! { <Things open id=id.clone() owned/> }.into_any(),
        Some(Err(error)) => {
            view! { <ErrorState compact=true error=error.0 retry=move |()| owned.refetch()/> }.into_any()
        }
    }
}

#[component]
fn Things(open: RwSignal<bool>, id: String, owned: Owned) -> impl IntoView {
    let Owned { things, tokens } = owned;
    let tokens = (!tokens.is_empty()).then(|| {
        let labels = tokens.join(", ");
        view! { <p class="muted">{format!("Their API tokens cannot be given away and end with the account: {labels}.")}</p> }
    });
    if things.is_empty() {
        return view! {
            <div class="form">
                <p class="muted" data-testid="owns-nothing">"They own nothing."</p>
                {tokens}
            </div>
        }
        .into_any();
    }
    let line = |thing: OwnedThing| {
        view! { <li data-testid="owned"><Badge>{to_label(&thing.kind)}</Badge>" "{thing.name}</li> }
    };
    let to = RwSignal::new(String::new());
    let (deed, toasts) = (Deed::new(), use_toasts());
    let (of, from) = (id.clone(), id);
    let checked = checked(to, move |name| leaving_troubles(of.clone(), name));
    let give = move |name: String| {
        deed.submit(transfer_all(from.clone(), name.clone()), move |()| {
            _ = open.try_set(false);
            toasts.good(format!("All of it is {name}’s now"));
        });
    };
    view! {
        <div class="form">
            <ul class="owned-list">{things.into_iter().map(line).collect_view()}</ul>
            {tokens}
            <GiveTo to checked deed label="Transfer all" on_give=give/>
        </div>
    }
    .into_any()
}
