//! The last questions of this browser, to go back to.

use super::question::Question;
use super::state::Explore;
use crate::components::*;
use crate::tiles::logic::sentence::sentence;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// Where they are kept.
const KEY: &str = "orrery.questions";
/// Questions that are kept.
const KEPT: usize = 50;

/// A question that was answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Past {
    /// Its address.
    address: String,
    sentence: String,
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

/// Keeps every question that gets an answer.
pub(super) fn keep(explore: Explore) -> RwSignal<String> {
    let kept = use_local_storage(KEY, "[]");
    let answered = explore.asked;
    Effect::new(move |_| {
        answered.data.track();
        if !answered.has.get() || answered.loading.get_untracked() || answered.failed.with_untracked(Option::is_some) {
            return;
        }
        let new = Past {
            address: explore.question.with_untracked(Question::address),
            sentence: words(explore),
            at: String::from(js_sys::Date::new_0().to_iso_string()),
        };
        kept.update(|text| {
            let all = remember(read(text), new);
            *text = serde_json::to_string(&all).unwrap_or_default();
        });
    });
    kept
}

/// What this browser kept; whatever else stands there counts as nothing.
fn read(text: &str) -> Vec<Past> {
    let all: Vec<Past> = serde_json::from_str(text).unwrap_or_default();
    // An address leads to Explore and nowhere else.
    all.into_iter().filter(|past| past.address.starts_with(super::question::PATH)).collect()
}

/// The question in words, as far as columns are known.
pub(super) fn words(explore: Explore) -> String {
    explore.editor.draft.with(|draft| explore.editor.columns.with(|columns| sentence(draft, columns)))
}

#[component]
pub(super) fn HistoryMenu(kept: RwSignal<String>) -> impl IntoView {
    let all = Memo::new(move |_| kept.with(|text| read(text)));
    let face = || view! { <Icon name="history"/><span class="btn-label">"History"</span> };
    let open = RwSignal::new(false);
    let line = move |past: Past| {
        view! {
            <li>
                <a href=past.address class="past-question" on:click=move |_| open.set(false)>
                    <span>{past.sentence}</span>
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
            <ol class="past-questions" data-testid="question-history">{all.into_iter().map(line).collect_view()}</ol>
            <Button size=Size::Small variant=Variant::Ghost icon="trash-2" on_click=move |()| kept.set("[]".into())>"Forget them"</Button>
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
    fn a_question_stands_there_once_and_old_ones_go() {
        let past = |n: usize| Past { address: format!("/explore?q={n}"), sentence: String::new(), at: String::new() };
        let mut all = Vec::new();
        for n in 0..60 {
            all = remember(all, past(n));
        }
        all = remember(all, past(20));
        assert_eq!((all.len(), &all[0], &all[1]), (KEPT, &past(20), &past(59)));
        let text =
            serde_json::to_string(&[past(1), Past { address: "https://example.com".into(), ..past(2) }]).unwrap();
        assert_eq!(read(&text), [past(1)]);
        assert_eq!(read("nonsense"), []);
    }
}
