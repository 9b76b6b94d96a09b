//! Sentences whose numbers open what they stand on.

use domain::insight::{PartNumber, Sentence};
use leptos::prelude::*;

/// A sentence; each number of it that a finding stands behind is a button.
pub(super) fn sentence(sentence: &Sentence, on_open: Callback<PartNumber>) -> AnyView {
    let part = |part: &domain::insight::Part| {
        let text = part.text.clone();
        match part.number.clone() {
            Some(number) if number.finding.is_some() => view! {
                <button
                    type="button"
                    class="insight-number num"
                    title="What this number stands on"
                    data-testid="insight-number"
                    on:click=move |_| on_open.run(number.clone())
                >
                    {text}
                </button>
            }
            .into_any(),
            // How many rows there are stands on nothing but them.
            Some(_) => view! { <span class="num">{text}</span> }.into_any(),
            None => text.into_any(),
        }
    };
    sentence.parts.iter().map(part).collect_view().into_any()
}

/// Sentences as a paragraph.
pub(crate) fn narrative(sentences: &[Sentence], on_open: Callback<PartNumber>) -> AnyView {
    let all = sentences.iter().map(|s| view! { {sentence(s, on_open)}" " }).collect_view();
    view! { <p class="insight-narrative" data-testid="insight-narrative">{all}</p> }.into_any()
}
