//! Some of many: a button with a list to search and tick.

use super::choice::Choice;
use super::combobox::narrow;
use super::field::FieldContext;
use super::hooks::debounced;
use super::icon::Icon;
use super::keys::{Axis, rove};
use super::popover::{Align, PanelRole, Parts, popover};
use leptos::{ev, html, prelude::*};

const SHOWN: usize = 200;

/// What the button says.
fn summary(selected: &[String], options: &[Choice], placeholder: &str) -> String {
    let label = |value: &String| options.iter().find(|c| c.value == *value).map_or(value.clone(), |c| c.label.clone());
    match selected {
        [] => placeholder.to_owned(),
        [one] => label(one),
        [one, two] => format!("{}, {}", label(one), label(two)),
        [one, two, rest @ ..] => format!("{}, {} and {} more", label(one), label(two), rest.len()),
    }
}

/// The choices to list: those that are ticked stay in sight when the search leaves them out.
fn listed(found: Vec<Choice>, selected: &[String], search: &str) -> Vec<Choice> {
    if !search.trim().is_empty() {
        return found;
    }
    let missing = selected.iter().filter(|value| !found.iter().any(|c| c.value == **value));
    let mut all: Vec<Choice> = missing.map(|value| Choice::new(value.clone(), value.clone())).collect();
    all.extend(found);
    all
}

/// A choice of several. Without `on_search` it searches `options` itself; with it the page
/// fetches `options` for the text (debounced) and sets `loading` meanwhile.
#[component]
pub fn MultiSelect(
    #[prop(into)] options: Signal<Vec<Choice>>,
    #[prop(into)] selected: Signal<Vec<String>>,
    #[prop(into)] on_change: Callback<Vec<String>>,
    /// Names it: "Region".
    #[prop(into)]
    label: Signal<String>,
    /// Shown while nothing is ticked.
    #[prop(default = "Any".into(), into)]
    placeholder: String,
    #[prop(optional, into)] on_search: Option<Callback<String>>,
    #[prop(optional, into)] loading: Signal<bool>,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(default = RwSignal::new(false))] open: RwSignal<bool>,
) -> impl IntoView {
    let panel = NodeRef::<html::Div>::new();
    let search = RwSignal::new(String::new());
    let ask = on_search.map(|on_search| debounced(200, on_search));
    let list = Memo::new(move |_| {
        let text = search.get();
        let found = if ask.is_some() { options.get() } else { options.with(|all| narrow(all, &text)) };
        listed(found, &selected.read(), &text)
    });
    // Ask for the first values when the list opens.
    Effect::new(move |_| {
        if open.get()
            && let Some(on_search) = on_search
        {
            search.set(String::new());
            on_search.run(String::new());
        }
    });
    let flip = move |value: String| {
        let mut now = selected.get_untracked();
        match now.iter().position(|v| *v == value) {
            Some(at) => _ = now.remove(at),
            None => now.push(value),
        }
        on_change.run(now);
    };
    let option = move |choice: Choice| {
        let Choice { value, label, hint } = choice;
        let ticked = Memo::new({
            let value = value.clone();
            move |_| selected.with(|s| s.contains(&value))
        });
        view! {
            <label class="option option-tick">
                <input type="checkbox" prop:checked=move || ticked.get() on:change=move |_| flip(value.clone())/>
                <span class="option-label">{if label.is_empty() { "(empty)".to_owned() } else { label }}</span>
                {hint.map(|hint| view! { <span class="option-hint num">{hint}</span> })}
            </label>
        }
        .into_any()
    };
    let keys = move |event: ev::KeyboardEvent| {
        if let Some(panel) = panel.get_untracked() {
            rove(&event, &panel, "input[type=search], input[type=checkbox]", Axis::Vertical);
        }
    };
    let body = move || {
        let rows = move || {
            let all = list.get();
            let (left_out, none) = (all.len().saturating_sub(SHOWN), all.is_empty() && !loading.get());
            view! {
                {all.into_iter().take(SHOWN).map(option).collect_view()}
                {none.then(|| view! { <div class="option-note">"Nothing matches"</div> })}
                {(left_out > 0).then(|| view! { <div class="option-note">{format!("{left_out} more: type to narrow")}</div> })}
            }
        };
        view! {
            <div class="multi" on:keydown=keys>
                <div class="search">
                    <Icon name="search"/>
                    <input
                        class="input"
                        type="search"
                        autofocus=true
                        autocomplete="off"
                        placeholder="Search"
                        aria-label=move || format!("Search {}", label.get())
                        prop:value=move || search.get()
                        on:input=move |event| {
                            let text = event_target_value(&event);
                            search.set(text.clone());
                            if let Some(ask) = ask {
                                ask.run(text);
                            }
                        }
                    />
                </div>
                <div class="multi-list" role="group" aria-label=move || label.get() aria-busy=move || loading.get().then_some("true")>
                    {rows}
                </div>
                <div class="multi-foot">
                    <span class="muted num">{move || format!("{} selected", selected.read().len())}</span>
                    <button
                        type="button"
                        class="btn btn-ghost btn-sm"
                        disabled=move || selected.read().is_empty()
                        on:click=move |_| on_change.run(Vec::new())
                    >
                        "Clear"
                    </button>
                </div>
            </div>
        }
        .into_any()
    };
    let text = Memo::new(move |_| selected.with(|s| options.with(|o| summary(s, o, &placeholder))));
    let face = move || {
        view! {
            <span class="multi-face" class:is-empty=move || selected.read().is_empty()>{move || text.get()}</span>
            <Icon name="chevron-down"/>
        }
    };
    let spoken = Signal::derive(move || format!("{}: {}", label.get(), text.get()));
    popover(Parts {
        label,
        face: Some(ViewFn::from(face)),
        spoken: Some(spoken),
        icon: None,
        button_class: "input multi-button".into(),
        panel_class: "multi-panel".into(),
        role: PanelRole::Dialog,
        align: Align::Start,
        disabled,
        open,
        panel,
        control: use_context::<FieldContext>(),
        children: std::sync::Arc::new(body),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_button_sums_up() {
        let all = [Choice::new("n", "North")];
        let text = |s: &[&str]| summary(&s.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>(), &all, "Any");
        assert_eq!(text(&[]), "Any");
        assert_eq!(text(&["n"]), "North");
        assert_eq!(text(&["n", "s"]), "North, s");
        assert_eq!(text(&["n", "s", "w", "e"]), "North, s and 2 more");
    }

    #[test]
    fn ticked_values_stay_listed() {
        let found = vec![Choice::new("n", "North")];
        assert_eq!(listed(found.clone(), &["x".into()], "").len(), 2);
        assert_eq!(listed(found, &["x".into()], "nor").len(), 1);
    }
}
