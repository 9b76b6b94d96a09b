//! What people say about the meaning of a dataset: everything else in Orrery uses it.
#![allow(unreachable_pub, reason = "`#[component]` makes its properties `pub`")]

mod calculated;
mod completion;
mod expression;
mod hierarchies;
mod history;
mod levels;
mod measures;
mod relationships;
mod state;
mod synonyms;
mod transfer;
mod uses;

pub(crate) use state::Modelling;

use crate::components::*;
use crate::live::use_topic;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::query_signal_with_options;

/// The parts: id in the address, label.
const PARTS: [(&str, &str); 7] = [
    ("calculated", "Calculated columns"),
    ("measures", "Measures"),
    ("hierarchies", "Hierarchies"),
    ("relationships", "Relationships"),
    ("synonyms", "Synonyms"),
    ("history", "History"),
    ("yaml", "YAML"),
];

/// The tab of those who may change the model.
#[component]
pub(crate) fn ModelTab(modelling: Modelling) -> impl IntoView {
    modelling.load();
    let topic = modelling.dataset.with_untracked(|d| format!("dataset:{}", d.id));
    use_topic(topic, move |_| modelling.refresh());
    let options = NavigateOptions { scroll: false, ..NavigateOptions::default() };
    let (asked, ask) = query_signal_with_options::<String>("part", options);
    let part = Memo::new(move |_| {
        let known = asked.get().filter(|asked| PARTS.iter().any(|(id, _)| id == asked));
        known.unwrap_or_else(|| PARTS[0].0.to_owned())
    });
    let choose = move |id: String| {
        if part.with_untracked(|part| *part != id) {
            ask.set((id != PARTS[0].0).then_some(id));
        }
    };
    let is_there = Memo::new(move |_| modelling.found.with(|f| matches!(f, Some(Ok(_)))));
    let retry = Callback::new(move |()| modelling.load());
    let trouble = move || modelling.found.get().and_then(Result::err).map(|error| view! { <ErrorState error retry/> });
    let segments = PARTS.iter().map(|(id, label)| Segment::new(*id, *label)).collect();
    let body = move || match part.read().as_str() {
        "measures" => view! { <measures::Measures modelling/> }.into_any(),
        "hierarchies" => view! { <hierarchies::Hierarchies modelling/> }.into_any(),
        "relationships" => view! { <relationships::Relationships modelling/> }.into_any(),
        "synonyms" => view! { <synonyms::Synonyms modelling/> }.into_any(),
        "history" => view! { <history::History modelling/> }.into_any(),
        "yaml" => view! { <transfer::Transfer modelling/> }.into_any(),
        _ => view! { <calculated::Calculated modelling/> }.into_any(),
    };
    let said = move || {
        let version = modelling.part(|m| m.version);
        (version > 0).then(|| {
            let who = modelling.part(|m| m.saved_by.clone()).unwrap_or_default();
            let when = modelling.part(|m| m.saved_at.clone()).unwrap_or_default();
            view! { <p class="small muted">{format!("Version {version}, saved by {who} ")}<Time iso=when/></p> }
        })
    };
    view! {
        <div class="model" data-testid="model">
            <div class="model-bar">
                <div class="model-parts"><SegmentedControl label="Parts of the model" segments value=part on_change=choose/></div>
                {said}
            </div>
            {trouble}
            <Show when=move || is_there.get() fallback=move || modelling.found.with(Option::is_none).then(|| view! { <Skeleton height="16rem"/> })>
                <div class="model-part" data-part=move || part.get()>{body}</div>
            </Show>
        </div>
    }
    .into_any()
}
