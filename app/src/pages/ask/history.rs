//! The last questions of this browser, to go back to.

use super::place::{PATH, Place};
use crate::components::*;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// Where they are kept.
pub(super) const KEY: &str = "orrery.asked";
/// Questions that are kept.
const KEPT: usize = 50;

/// A question that was answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Past {
    address: String,
    words: String,
    /// RFC 3339.
    at: String,
}

/// Puts a question first. One that was asked before moves up; the oldest go.
fn remember(mut all: Vec<Past>, new: Past) -> Vec<Past> {
    all.retain(|past| past.address != new.address);
    all.insert(0, new);
    all.truncate(KEPT);
    all
}

/// What this browser kept; whatever else stands there counts as nothing.
fn read(text: &str) -> Vec<Past> {
    let all: Vec<Past> = serde_json::from_str(text).unwrap_or_default();
    // An address leads to this page and nowhere else.
    all.into_iter().filter(|past| past.address.starts_with(&format!("{PATH}?"))).collect()
}

/// Keeps a question. Only in the browser.
pub(super) fn keep(past: RwSignal<String>, place: &Place) {
    if place.words.is_empty() {
        return;
    }
    let mut words = place.trail.clone();
    words.push(place.words.clone());
    let at = String::from(js_sys::Date::new_0().to_iso_string());
    let new = Past { address: place.address(), words: words.join(", "), at };
    _ = past.try_update(|text| {
        let all = remember(read(text), new);
        *text = serde_json::to_string(&all).unwrap_or_default();
    });
}

#[component]
pub(super) fn HistoryMenu(past: RwSignal<String>) -> impl IntoView {
    let all = Memo::new(move |_| past.with(|text| read(text)));
    let face = || view! { <Icon name="history"/><span class="btn-label">"History"</span> };
    let open = RwSignal::new(false);
    let line = move |past: Past| {
        view! {
            <li>
                <a href=past.address class="past-question" on:click=move |_| open.set(false)>
                    <span>{past.words}</span>
                    <span class="muted small"><Time iso=past.at/></span>
                </a>
            </li>
        }
    };
    let body = move || {
        let all = all.get();
        if all.is_empty() {
            return view! { <p class="muted">"Questions you ask in this browser will stand here."</p> }.into_any();
        }
        view! {
            <ol class="past-questions" data-testid="ask-history">{all.into_iter().map(line).collect_view()}</ol>
            <Button size=Size::Small variant=Variant::Ghost icon="trash-2" on_click=move |()| past.set("[]".into())>"Forget them"</Button>
        }
        .into_any()
    };
    view! {
        <Popover label="Earlier questions" face open panel_class="explore-history" align=Align::End>{body}</Popover>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_stands_there_once_and_leads_nowhere_else() {
        let past = |n: usize| Past { address: format!("/ask?q={n}"), words: String::new(), at: String::new() };
        let mut all = Vec::new();
        for n in 0..60 {
            all = remember(all, past(n));
        }
        all = remember(all, past(20));
        assert_eq!((all.len(), &all[0], &all[1]), (KEPT, &past(20), &past(59)));
        let other = Past { address: "https://example.com".into(), ..past(2) };
        assert_eq!(read(&serde_json::to_string(&[past(1), other]).unwrap()), [past(1)]);
        assert_eq!(read("nonsense"), []);
    }
}
