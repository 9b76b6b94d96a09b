//! One of many: a text box that narrows a list.

use super::choice::Choice;
use super::field::wiring;
use super::hooks::unique_id;
use super::icon::Icon;
use super::keys::{Axis, Step};
use leptos::{ev, html, prelude::*};

/// More are not drawn; the list says how many are left out.
const SHOWN: usize = 100;

/// The choices whose label or value contains every word, those that start with the text first.
pub(crate) fn narrow(options: &[Choice], search: &str) -> Vec<Choice> {
    let search = search.trim().to_lowercase();
    let words: Vec<&str> = search.split_whitespace().collect();
    let mut found: Vec<(bool, &Choice)> = options
        .iter()
        .filter_map(|choice| {
            let label = choice.label.to_lowercase();
            let value = choice.value.to_lowercase();
            let hit = words.iter().all(|word| label.contains(word) || value.contains(word));
            hit.then(|| (!label.starts_with(&search), choice))
        })
        .collect();
    found.sort_by_key(|(later, _)| *later);
    found.into_iter().map(|(_, choice)| choice.clone()).collect()
}

/// A searchable choice. Typing narrows, arrows move, Enter takes, Escape gives up.
#[component]
pub fn Combobox(
    #[prop(into)] options: Signal<Vec<Choice>>,
    #[prop(into)] value: Signal<String>,
    #[prop(into)] on_change: Callback<String>,
    #[prop(optional, into)] placeholder: MaybeProp<String>,
    /// Names it where no field does.
    #[prop(optional, into)]
    label: MaybeProp<String>,
    #[prop(optional, into)] disabled: Signal<bool>,
) -> impl IntoView {
    let field = wiring();
    let (list_id, panel) = (unique_id(), NodeRef::<html::Div>::new());
    let open = RwSignal::new(false);
    let typed = RwSignal::new(None::<String>);
    let active = RwSignal::new(0usize);
    let found = Memo::new(move |_| options.with(|all| narrow(all, typed.read().as_deref().unwrap_or_default())));
    let chosen = move || {
        let value = value.get();
        let label = options.with(|all| all.iter().find(|c| c.value == value).map(|c| c.label.clone()));
        label.unwrap_or(value)
    };
    let show = move || {
        if !open.get_untracked() {
            let at = found.with_untracked(|f| f.iter().position(|c| c.value == value.get_untracked()));
            active.set(at.filter(|at| *at < SHOWN).unwrap_or(0));
            open.set(true);
        }
    };
    let hide = move || {
        open.set(false);
        typed.set(None);
    };
    let take = move |at: usize| {
        if let Some(choice) = found.with_untracked(|f| f.get(at).cloned()) {
            on_change.run(choice.value);
        }
        hide();
    };
    let keys = move |event: ev::KeyboardEvent| {
        let length = found.with_untracked(|f| f.len().min(SHOWN));
        match event.key().as_str() {
            "Enter" if open.get_untracked() => {
                event.prevent_default();
                take(active.get_untracked());
            }
            "Escape" if open.get_untracked() => {
                event.prevent_default();
                event.stop_propagation();
                hide();
            }
            // Home and End belong to the text.
            key @ ("ArrowDown" | "ArrowUp") => {
                event.prevent_default();
                let step = Step::of(key, Axis::Vertical, false);
                if !open.get_untracked() {
                    show();
                } else if let Some(next) = step.and_then(|s| s.from(Some(active.get_untracked()), length)) {
                    active.set(next);
                    scroll_to(panel, next);
                }
            }
            _ => {}
        }
    };
    Effect::new(move |_| {
        let wanted = open.get();
        if let Some(panel) = panel.get() {
            _ = if wanted { panel.show_popover() } else { panel.hide_popover() };
        }
    });
    let option = {
        let list_id = list_id.clone();
        move |at: usize, choice: Choice| {
            let own = choice.value.clone();
            view! {
                <div
                    role="option"
                    class="option"
                    id=format!("{list_id}-{at}")
                    class:is-active=move || active.get() == at
                    aria-selected=move || if value.with(|v| *v == own) { "true" } else { "false" }
                    on:pointermove=move |_| active.set(at)
                    on:mousedown=move |event| {
                        event.prevent_default();
                        take(at);
                    }
                >
                    <span class="option-label">{choice.label}</span>
                    {choice.hint.map(|hint| view! { <span class="option-hint">{hint}</span> })}
                </div>
            }
            .into_any()
        }
    };
    let list = move || {
        if !open.get() {
            return ().into_any();
        }
        let all = found.get();
        let (left_out, none) = (all.len().saturating_sub(SHOWN), all.is_empty());
        let option = option.clone();
        view! {
            {all.into_iter().take(SHOWN).enumerate().map(|(at, choice)| option(at, choice)).collect_view()}
            {none.then(|| view! { <div class="option-note">"Nothing matches"</div> })}
            {(left_out > 0).then(|| view! { <div class="option-note">{format!("{left_out} more: type to narrow")}</div> })}
        }
        .into_any()
    };
    let active_id = list_id.clone();
    let select_all = |event: ev::FocusEvent| event_target::<web_sys::HtmlInputElement>(&event).select();
    view! {
        <div class="combobox pop">
            <input
                class="input pop-button"
                type="text"
                role="combobox"
                autocomplete="off"
                spellcheck="false"
                id=field.id
                value=untrack(chosen)
                prop:value=move || typed.get().unwrap_or_else(chosen)
                placeholder=move || placeholder.get()
                required=field.required
                disabled=disabled
                aria-label=move || label.get()
                aria-describedby=field.describedby
                aria-invalid=move || field.invalid.get().then_some("true")
                aria-autocomplete="list"
                aria-controls=list_id.clone()
                aria-expanded=move || if open.get() { "true" } else { "false" }
                aria-activedescendant=move || open.get().then(|| format!("{active_id}-{}", active.get()))
                on:keydown=keys
                on:click=move |_| show()
                on:blur=move |_| hide()
                on:focus=select_all
                on:input=move |event| {
                    typed.set(Some(event_target_value(&event)));
                    active.set(0);
                    open.set(true);
                }
            />
            <span class="combobox-mark"><Icon name="chevron-down"/></span>
            <div node_ref=panel id=list_id class="pop-panel option-list" popover="manual" role="listbox" aria-label=move || label.get()>
                {list}
            </div>
        </div>
    }
    .into_any()
}

/// Brings an option into sight.
fn scroll_to(panel: NodeRef<html::Div>, at: usize) {
    let Some(panel) = panel.get_untracked() else { return };
    if let Some(option) = super::keys::matching(&panel, "[role=option]").get(at) {
        let (top, bottom) = (option.offset_top(), option.offset_top() + option.offset_height());
        if top < panel.scroll_top() {
            panel.set_scroll_top(top - 4);
        } else if bottom > panel.scroll_top() + panel.client_height() {
            panel.set_scroll_top(bottom - panel.client_height() + 4);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_must_occur_and_starts_come_first() {
        let all = [Choice::new("a", "Total amount"), Choice::new("b", "Amount"), Choice::new("c", "Region")];
        let labels = |s: &str| narrow(&all, s).into_iter().map(|c| c.label).collect::<Vec<_>>();
        assert_eq!(labels("amount"), ["Amount", "Total amount"]);
        assert_eq!(labels("amount tot"), ["Total amount"]);
        assert_eq!(labels("").len(), 3);
        assert!(labels("zzz").is_empty());
    }
}
