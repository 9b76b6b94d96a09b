//! What a dataset says by itself, on its page.

use super::arithmetic::{looked_words, plain};
use super::card::FindingCard;
use super::listing::{Adding, Listing};
use super::recommended::recommended;
use super::sentence::narrative;
use crate::api::insights::{read_insights, set_insight_subscription};
use crate::components::*;
use crate::pages::deeds::{Answer, Deed};
use crate::session::use_session;
use domain::discovery::{DatasetInsights, InsightSubscription, ShownFinding};
use domain::insight::PartNumber;
use domain::{Dataset, Error, ErrorCode, UserRole};
use leptos::prelude::*;

/// Findings that are shown before one asks for all.
pub(super) const FIRST: usize = 10;

#[component]
pub(crate) fn InsightsTab(dataset: RwSignal<Dataset>) -> impl IntoView {
    if !use_session().has_role(UserRole::Explorer) {
        let error = Error::forbidden("To look for insights you need the role explorer.").hint("Ask an administrator.");
        return view! { <ErrorState error/> }.into_any();
    }
    let name = dataset.with_untracked(|d| d.name.clone());
    let version = Memo::new(move |_| dataset.with(|d| d.version));
    let (with_hidden, wanted) = (RwSignal::new(false), RwSignal::new(true));
    let answer = Answer::of(move || {
        _ = version.get();
        let (name, hidden, wanted) = (name.clone(), with_hidden.get(), wanted.get());
        async move {
            if !wanted {
                return Err(Error::new(ErrorCode::Cancelled, "Looking for insights was cancelled.").into());
            }
            read_insights(name, hidden).await
        }
    });
    let again = move |()| {
        wanted.set(true);
        answer.refetch();
    };
    let body = move || match answer.get() {
        None => view! {
            <div class="insight-wait" role="status">
                <p class="muted"><Spinner/>" Looking at the data"</p>
                <Button size=Size::Small on_click=move |()| wanted.set(false)>"Cancel"</Button>
            </div>
            <Skeleton lines=10/>
        }
        .into_any(),
        Some(Err(error)) => view! { <ErrorState error=error.0 retry=again/> }.into_any(),
        Some(Ok(found)) => view! { <Found found with_hidden/> }.into_any(),
    };
    view! { <div class="stack insights" data-testid="insights">{body}</div> }.into_any()
}

#[component]
fn Found(found: DatasetInsights, with_hidden: RwSignal<bool>) -> impl IntoView {
    let DatasetInsights { dataset, label, narrative: said, findings, recommendations, looked, .. } = found;
    let (left_out, subscription) = (found.left_out, found.subscription);
    let hidden = RwSignal::new(found.hidden);
    let all = StoredValue::new(findings);
    let gone = RwSignal::new(Vec::<String>::new());
    let on_hide = Callback::new(move |(id, is_hidden): (String, bool)| {
        // Where hidden ones are shown, they stay where they are.
        if !with_hidden.get_untracked() {
            gone.update(|gone| if is_hidden { gone.push(id) } else { gone.retain(|g| *g != id) });
        }
        hidden.update(|n| *n = if is_hidden { *n + 1 } else { n.saturating_sub(1) });
    });
    let listing = Listing::new(on_hide);
    let whole = RwSignal::new(false);
    let shown = Memo::new(move |_| {
        let most = if whole.get() { usize::MAX } else { FIRST };
        let ids = all.with_value(|all| all.iter().map(|f| f.finding.id.clone()).collect::<Vec<_>>());
        gone.with(|gone| ids.into_iter().filter(|id| !gone.contains(id)).take(most).collect::<Vec<_>>())
    });
    let rest = Memo::new(move |_| {
        let all = all.with_value(Vec::len);
        all.saturating_sub(shown.with(Vec::len)).saturating_sub(gone.with(Vec::len))
    });
    let open = {
        let dataset = dataset.clone();
        Callback::new(move |number: PartNumber| {
            let Some(id) = number.finding else { return };
            if shown.with_untracked(|shown| !shown.contains(&id)) {
                whole.set(true);
            }
            listing.opened.set(Some(format!("{dataset}/{id}")));
            reveal(id);
        })
    };
    let top = (!said.is_empty()).then(|| narrative(&said, open));
    let card = {
        let dataset = dataset.clone();
        move |id: String| {
            let found = all.with_value(|all| all.iter().find(|f| f.finding.id == id).cloned());
            found.map(|shown: ShownFinding| view! { <FindingCard shown listing dataset=dataset.clone() label=None/> })
        }
    };
    let empty = move || {
        shown.with(Vec::is_empty).then(|| {
            view! {
                <EmptyState
                    icon="lightbulb"
                    title="Nothing stands out"
                    text="What is here could all be chance, or there are too few rows. Look again when there are more."
                />
            }
        })
    };
    let sample = looked_words(&looked);
    let columns =
        (left_out > 0).then(|| format!(" {} columns were left out: there are too many.", plain(left_out as f64)));
    view! {
        <div class="toolbar">
            <p class="muted small" data-testid="looked">{sample}{columns}</p>
            <div class="toolbar-end"><Telling dataset=dataset.clone() label subscription/></div>
        </div>
        {top}
        <ul class="insight-list" data-testid="findings">
            <For each=move || shown.get() key=|id| id.clone() children=card/>
        </ul>
        {empty}
        <div class="insight-more">
            <Show when=move || { rest.get() > 0 }>
                <Button on_click=move |()| whole.set(true)>{move || format!("Show {} more", rest.get())}</Button>
            </Show>
            <Show when=move || { hidden.get() > 0 }>
                <Button variant=Variant::Ghost icon="eye" on_click=move |()| with_hidden.update(|on| *on = !*on)>
                    {move || if with_hidden.get() { "Hide what I hid".to_owned() } else { format!("Show {} hidden", hidden.get()) }}
                </Button>
            </Show>
        </div>
        {recommended(&recommendations, listing)}
        <Adding listing/>
    }
    .into_any()
}

/// Brings a finding into sight, once it is in the page.
fn reveal(id: String) {
    request_animation_frame(move || {
        let all = document().query_selector_all("[data-finding]");
        let Ok(all) = all else { return };
        for at in 0..all.length() {
            use wasm_bindgen::JsCast;
            let card = all.item(at).and_then(|node| node.dyn_into::<web_sys::Element>().ok());
            if let Some(card) = card.filter(|card| card.get_attribute("data-finding").as_deref() == Some(id.as_str())) {
                card.scroll_into_view();
            }
        }
    });
}

/// Whether one is told of what is new here.
#[component]
fn Telling(dataset: String, label: String, subscription: Option<InsightSubscription>) -> impl IntoView {
    let word = |s: &Option<InsightSubscription>| match s {
        None => "none",
        Some(s) if s.strong_only => "strong",
        Some(_) => "all",
    };
    let value = RwSignal::new(word(&subscription).to_owned());
    let (deed, toasts) = (Deed::new(), use_toasts());
    let options = vec![
        Choice::new("none", "Do not tell me"),
        Choice::new("strong", "Tell me of strong findings"),
        Choice::new("all", "Tell me of all new findings"),
    ];
    let change = move |wanted: String| {
        let (is_wanted, strong) = (wanted != "none", wanted == "strong");
        let (before, dataset) = (value.get_untracked(), dataset.clone());
        value.set(wanted);
        let label = label.clone();
        deed.run(
            async move {
                let kept = set_insight_subscription(dataset, is_wanted, strong).await;
                if kept.is_err() {
                    _ = value.try_set(before);
                }
                kept
            },
            move |kept| match kept {
                Some(_) => toasts.good(format!("You will be told what is new in {label}, in the inbox and by mail")),
                None => toasts.good(format!("You are not told of {label} any more")),
            },
        );
    };
    view! {
        <div data-testid="insight-subscription">
            <Select options value on_change=change label="What I am told of this dataset" disabled=deed.busy/>
        </div>
    }
}
