//! A list of a column's values to search and tick. It loads when it is shown; charts never wait for it.

use super::logic::words::value_text;
use crate::api::tiles::filter_values;
use crate::components::keys::{Axis, rove};
use crate::components::{Icon, SearchInput, Spinner, debounced};
use domain::format::{self, Format};
use domain::{Column, Error};
use leptos::{ev, html, prelude::*};
use serde_json::Value;

/// Where values come from.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Origin {
    /// The dashboard whose filter asks: its readers get the values without a right to the data.
    pub(crate) dashboard: String,
    pub(crate) dataset: String,
    /// What the column is called there, where that is not its name.
    pub(crate) column: Option<String>,
}

/// Values that a list shows: those that are ticked, then what was found.
fn listed(found: &[(Value, u64)], ticked: &[Value], searching: bool) -> Vec<(Value, Option<u64>)> {
    let count = |value: &Value| found.iter().find(|(v, _)| v == value).map(|(_, n)| *n);
    let mut all: Vec<(Value, Option<u64>)> = Vec::new();
    if !searching {
        all.extend(ticked.iter().filter(|v| count(v).is_none()).map(|v| (v.clone(), None)));
    }
    all.extend(found.iter().map(|(v, n)| (v.clone(), Some(*n))));
    all
}

/// A count in full.
fn written(n: u64) -> String {
    format::number(n as f64, &Format::default(), false, &super::locale())
}

/// Ticks values of a column.
#[component]
pub(super) fn ValueList(
    origin: Origin,
    column: Column,
    ticked: Signal<Vec<Value>>,
    #[prop(into)] on_change: Callback<Vec<Value>>,
) -> impl IntoView {
    let search = RwSignal::new(String::new());
    let asked = RwSignal::new(String::new());
    let found = RwSignal::new(Vec::<(Value, u64)>::new());
    let loading = RwSignal::new(true);
    let failed = RwSignal::new(None::<Error>);
    let ask = debounced(200, Callback::new(move |text: String| asked.set(text)));
    let name = origin.column.clone().unwrap_or_else(|| column.name.clone());
    let again = Trigger::new();
    Effect::new(move |_| {
        again.track();
        let (text, name, origin) = (asked.get(), name.clone(), origin.clone());
        loading.set(true);
        leptos::task::spawn_local(async move {
            let answer = filter_values(origin.dashboard, origin.dataset, name, text.clone()).await;
            // An answer to an earlier search says nothing any more.
            if asked.try_get_untracked().as_ref() != Some(&text) {
                return;
            }
            _ = loading.try_set(false);
            match answer {
                Ok(values) => {
                    _ = failed.try_set(None);
                    _ = found.try_set(values.into_iter().map(|(cell, n)| (cell.to_json(), n)).collect());
                }
                Err(error) => _ = failed.try_set(Some(error.into())),
            }
        });
    });
    let flip = move |value: &Value| {
        let mut now = ticked.get_untracked();
        match now.iter().position(|v| v == value) {
            Some(at) => _ = now.remove(at),
            None => now.push(value.clone()),
        }
        on_change.run(now);
    };
    // What was ticked when the list opened stays on top; it does not jump about at every click.
    let first = ticked.get_untracked();
    let label = column.label.clone();
    let rows = move || {
        let all = found.with(|found| listed(found, &first, !asked.read().is_empty()));
        let none = all.is_empty() && !loading.get() && failed.with(Option::is_none);
        let column = column.clone();
        let row = move |(value, count): (Value, Option<u64>)| {
            let text = value_text(&value, Some(&column), &super::locale());
            let own = value.clone();
            let is_on = Memo::new(move |_| ticked.with(|t| t.contains(&own)));
            view! {
                <label class="option option-tick">
                    <input type="checkbox" prop:checked=move || is_on.get() on:change=move |_| flip(&value)/>
                    <span class="option-label">{text}</span>
                    {count.map(|n| view! { <span class="option-hint num">{written(n)}</span> })}
                </label>
            }
            .into_any()
        };
        view! {
            {all.into_iter().map(row).collect_view()}
            {none.then(|| view! { <p class="option-note">"Nothing matches"</p> })}
        }
    };
    let list = NodeRef::<html::Div>::new();
    let keys = move |event: ev::KeyboardEvent| {
        if let Some(list) = list.get_untracked() {
            rove(&event, &list, "input[type=search], input[type=checkbox]", Axis::Vertical);
        }
    };
    let problem = move || {
        failed.get().map(|error| {
            view! {
                <p class="option-note values-failed" role="alert">
                    {error.message}
                    <button type="button" class="btn btn-ghost btn-sm" on:click=move |_| again.notify()>"Try again"</button>
                </p>
            }
        })
    };
    view! {
        <div class="values" node_ref=list on:keydown=keys>
            <SearchInput
                value=search
                label=format!("Search {label}")
                autofocus=true
                on_input=move |text: String| {
                    search.set(text.clone());
                    ask.run(text);
                }
            />
            <div class="values-list" role="group" aria-label=label.clone() aria-busy=move || loading.get().then_some("true")>
                {rows}
                {problem}
            </div>
            <div class="values-foot">
                <span class="muted num">{move || format!("{} selected", ticked.read().len())}</span>
                <Show when=move || loading.get()><Spinner/></Show>
                <Show when=move || !ticked.read().is_empty()>
                    <button type="button" class="btn btn-ghost btn-sm" on:click=move |_| on_change.run(Vec::new())>
                        <Icon name="x"/>
                        "Untick all"
                    </button>
                </Show>
            </div>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn ticked_values_stay_in_sight_until_one_searches() {
        let found = [(json!("JFK"), 3), (Value::Null, 1)];
        let ticked = [json!("LGA"), json!("JFK")];
        let values = |searching| listed(&found, &ticked, searching).into_iter().map(|(v, _)| v).collect::<Vec<_>>();
        assert_eq!(values(false), [json!("LGA"), json!("JFK"), Value::Null]);
        assert_eq!(values(true), [json!("JFK"), Value::Null]);
    }
}
