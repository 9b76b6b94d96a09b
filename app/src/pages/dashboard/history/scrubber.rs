//! The way through the moments: a slider, step by step, and what to compare with.

use super::state::{Against, use_history};
use super::time_words;
use crate::components::*;
use leptos::prelude::*;

/// A pause of this long, in milliseconds, and the moment is looked at.
const PAUSE: u64 = 180;

/// The slider with its steps and the choice of a comparison.
#[component]
pub(super) fn Scrubber() -> impl IntoView {
    let history = use_history();
    let last = history.last;
    // Where the slider is while it is moved; the moment follows.
    let held = RwSignal::new(history.at.get_untracked());
    Effect::new(move |_| held.set(history.at.get()));
    let settle = debounced(PAUSE, Callback::new(move |seq: u64| history.look_at(seq)));
    let slide = move |event| {
        if let Ok(seq) = event_target_value(&event).parse::<u64>() {
            held.set(seq);
            settle.run(seq);
        }
    };
    let step = move |by: i64| {
        let seq = held.get_untracked().saturating_add_signed(by).clamp(1, last);
        held.set(seq);
        history.look_at(seq);
    };
    use_shortcuts().add("History", "[", "The step before", Callback::new(move |()| step(-1)));
    use_shortcuts().add("History", "]", "The step after", Callback::new(move |()| step(1)));
    let words = move || {
        let at = held.get();
        let known = history.moment.get().and_then(Result::ok).filter(|moment| moment.seq == at);
        match known {
            Some(moment) => {
                format!("Step {at} of {last}, {} by {}", time_words(&moment.at), moment.user_name)
            }
            None => format!("Step {at} of {last}"),
        }
    };
    let options = Signal::derive(move || {
        let mut options = vec![
            Choice::new("", "Compare with nothing"),
            Choice::new("before", "Compare with what was before"),
            Choice::new("now", "Compare with the dashboard now"),
        ];
        if let Some(seq) = history.published {
            options.push(Choice::new(seq.to_string(), "Compare with what is published"));
        }
        history.versions.with(|versions| {
            for version in versions.iter().filter(|v| Some(v.seq) != history.published) {
                options.push(Choice::new(version.seq.to_string(), format!("Compare with “{}”", version.name)));
            }
        });
        // An address may name any step.
        let chosen = history.with.get().write();
        if options.iter().all(|option| option.value != chosen) {
            options.push(Choice::new(chosen.clone(), format!("Compare with step {chosen}")));
        }
        options
    });
    let at_first = Signal::derive(move || held.get() <= 1);
    let at_last = Signal::derive(move || held.get() >= last);
    view! {
        <div class="history-scrubber" role="group" aria-label="Moment">
            <IconButton icon="chevron-left" label="The step before" disabled=at_first on_click=move |()| step(-1)/>
            <input
                type="range"
                class="history-range"
                min="1"
                max=last.to_string()
                step="1"
                value=history.at.get_untracked().to_string()
                prop:value=move || held.get().to_string()
                aria-label="Moment of the history"
                aria-valuetext=words
                data-testid="moment-slider"
                on:input=slide
            />
            <IconButton icon="chevron-right" label="The step after" disabled=at_last on_click=move |()| step(1)/>
            <div class="history-with">
                <Select
                    label="Compare with"
                    options
                    value=Signal::derive(move || history.with.get().write())
                    on_change=move |text: String| history.compare(Against::read(&text))
                />
            </div>
        </div>
        <p class="history-when num" data-testid="moment-words">
            {words}
            {move || history.name_of(held.get()).map(|name| view! { " "<Badge tone=Tone::Accent>{name}</Badge> })}
            {move || (history.published == Some(held.get())).then(|| view! { " "<Badge tone=Tone::Good>"Published"</Badge> })}
        </p>
    }
    .into_any()
}
