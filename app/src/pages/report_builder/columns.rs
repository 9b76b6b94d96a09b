//! Columns from one list into the other: by mouse, finger or key.

use super::Report;
use crate::components::{ListItem, Lists, Moved};
use domain::Role;
use leptos::prelude::*;

/// The ids of the lists, which are their elements' too.
const AVAILABLE: &str = "available-columns";
const REPORT: &str = "report-columns";

#[component]
pub(super) fn Columns(report: Report) -> impl IntoView {
    let on_move = Callback::new(move |moved: Moved| place(report, &moved.item, &moved.to.list, moved.to.before));
    let other = Callback::new(move |(item, list): (String, String)| {
        place(report, &item, if list == REPORT { AVAILABLE } else { REPORT }, None);
    });
    let lists = Lists::with_quick(on_move, other);
    let available = Memo::new(move |_| {
        let taken = report.chosen.get();
        report
            .available
            .with(|all| all.iter().map(|c| c.name.clone()).filter(|name| !taken.contains(name)).collect::<Vec<_>>())
    });
    let item = move |name: String, list: &'static str| view! { <Item report lists name list/> };
    let none = move || report.available.with(Vec::is_empty);
    view! {
        <div class="report-lists" class:is-dragging=move || lists.is_carrying() data-lists="">
            <section aria-labelledby="available-columns-head">
                <h2 id="available-columns-head">"Available columns"</h2>
                <div
                    id=AVAILABLE
                    class="report-list available-columns"
                    class:is-over=move || lists.is_over(AVAILABLE)
                    data-testid="available-columns"
                    data-list=AVAILABLE
                    data-list-label="Available columns"
                    role="group"
                    aria-labelledby="available-columns-head"
                >
                    <For each=move || available.get() key=|name| name.clone() children=move |name| item(name, AVAILABLE)/>
                    <Show when=none><p class="muted">"Choose a data source first."</p></Show>
                </div>
            </section>
            <section aria-labelledby="report-columns-head">
                <h2 id="report-columns-head">"Columns of the report"</h2>
                <div
                    id=REPORT
                    class="report-list report-columns"
                    class:is-over=move || lists.is_over(REPORT)
                    data-testid="report-columns"
                    data-list=REPORT
                    data-list-label="Columns of the report"
                    role="group"
                    aria-labelledby="report-columns-head"
                >
                    <For each=move || report.chosen.get() key=|name| name.clone() children=move |name| item(name, REPORT)/>
                    <Show when=move || report.chosen.with(Vec::is_empty)>
                        <p class="muted">"Drag columns here, or press Enter on one."</p>
                    </Show>
                </div>
            </section>
            <p class="visually-hidden" role="status" aria-live="assertive">{move || lists.spoken.get()}</p>
        </div>
    }
    .into_any()
}

/// Puts a column into a list, before another one of it.
fn place(report: Report, name: &str, list: &str, before: Option<String>) {
    report.chosen.update(|chosen| {
        if before.as_deref() == Some(name) {
            return;
        }
        chosen.retain(|other| other != name);
        if list == REPORT {
            let at = before.and_then(|before| chosen.iter().position(|other| *other == before));
            chosen.insert(at.unwrap_or(chosen.len()), name.to_owned());
        }
    });
}

/// A column. Its text is its label and nothing else.
#[component]
fn Item(report: Report, lists: Lists, name: String, list: &'static str) -> impl IntoView {
    let Some(column) = untrack(|| report.column(&name)) else { return ().into_any() };
    let role = if column.is_calculated {
        "calc"
    } else if column.role == Role::Measure {
        "measure"
    } else {
        "dimension"
    };
    let about = if list == AVAILABLE {
        format!("{}: press Enter to add it to the report", column.label)
    } else {
        format!("{}: press Enter to take it out, Alt and an arrow to move it", column.label)
    };
    view! {
        <ListItem lists list item=name label=column.label.clone() about class=format!("report-column role-{role}")>
            {column.label}
        </ListItem>
    }
    .into_any()
}
