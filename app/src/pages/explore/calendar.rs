//! Whose days, weeks and years the question means.

use super::state::Explore;
use crate::components::{Choice, Combobox, Field, Select};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Every time zone that the browser knows.
fn zones() -> Vec<String> {
    let intl = js_sys::Reflect::get(&window(), &"Intl".into());
    let list = intl.and_then(|intl| {
        let all = js_sys::Reflect::get(&intl, &"supportedValuesOf".into())?;
        all.dyn_into::<js_sys::Function>()?.call1(&intl, &"timeZone".into())
    });
    let list = list.ok().and_then(|list| list.dyn_into::<js_sys::Array>().ok()).unwrap_or_default();
    list.iter().filter_map(|zone| zone.as_string()).collect()
}

/// Numbered names as choices, the first of them meant by default.
fn numbered(names: &[&str]) -> Vec<Choice> {
    names.iter().enumerate().map(|(i, name)| Choice::new((i + 1).to_string(), *name)).collect()
}

/// Time zone, first day of the week, first month of the year. Only where the question has to do with time.
#[component]
pub(super) fn Calendar(explore: Explore) -> impl IntoView {
    let editor = explore.editor;
    let has_time = Memo::new(move |_| {
        let dataset_has = editor.columns.with(|all| all.iter().any(|c| c.ty.is_time()));
        dataset_has && explore.question.with(|q| q.query.columns.is_empty())
    });
    let said = Memo::new(move |_| {
        explore.question.with(|q| {
            let q = &q.query;
            q.timezone.is_some() || q.week_start.is_some() || q.fiscal_year_start.is_some()
        })
    });
    let known = RwSignal::new(Vec::new());
    Effect::new(move |_| known.set(zones()));
    let options = Signal::derive(move || {
        let own = explore.question.with(|q| q.query.timezone.clone());
        let rest = known.with(|all| all.iter().filter(|z| *z != "UTC").cloned().collect::<Vec<_>>());
        let utc = Choice::new("UTC", "UTC");
        let missing = own.filter(|own| own != "UTC" && !rest.contains(own));
        let more = missing.into_iter().chain(rest).map(|z| Choice::new(z.clone(), z.replace('_', " ")));
        std::iter::once(utc).chain(more).collect::<Vec<_>>()
    });
    let zone = Signal::derive(move || explore.question.with(|q| q.query.timezone.clone()).unwrap_or("UTC".into()));
    let set_zone = move |zone: String| {
        editor.edit(|draft, _, _| draft.query.timezone = Some(zone).filter(|z| z != "UTC"));
    };
    let week = Signal::derive(move || explore.question.with(|q| q.query.week_start).unwrap_or(1).to_string());
    let set_week = move |n: String| {
        editor.edit(|draft, _, _| draft.query.week_start = n.parse().ok().filter(|n| *n != 1));
    };
    let year = Signal::derive(move || explore.question.with(|q| q.query.fiscal_year_start).unwrap_or(1).to_string());
    let set_year = move |n: String| {
        editor.edit(|draft, _, _| draft.query.fiscal_year_start = n.parse().ok().filter(|n| *n != 1));
    };
    let open = said.get_untracked();
    view! {
        <Show when=move || has_time.get()>
            <details class="step-more" open=open>
                <summary>"Time zone and calendar"</summary>
                <Field label="Time zone"><Combobox options value=zone on_change=set_zone/></Field>
                <Field label="Weeks begin on"><Select options=numbered(&DAYS) value=week on_change=set_week/></Field>
                <Field label="Years begin in"><Select options=numbered(&MONTHS) value=year on_change=set_year/></Field>
            </details>
        </Show>
    }
    .into_any()
}
