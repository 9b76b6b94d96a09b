//! Columns from one list into the other: by mouse, finger or key. Pointer events and not the
//! browser's own dragging, which scripts that move a real mouse cannot rely on.

use super::Report;
use domain::Role;
use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

/// Pixels that a pointer moves before it drags and does not click.
const SLOP: f64 = 4.0;

/// Which list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Available,
    Report,
}

/// A column under way.
#[derive(Clone, Debug, PartialEq)]
struct Drag {
    name: String,
    from: (f64, f64),
    /// How far it has been taken; nothing before it has left its place.
    by: Option<(f64, f64)>,
    /// The list under the pointer, and before which column of it.
    over: Option<(Side, Option<String>)>,
}

#[component]
pub(super) fn Columns(report: Report) -> impl IntoView {
    let drag = RwSignal::new(None::<Drag>);
    let left = NodeRef::<html::Div>::new();
    let right = NodeRef::<html::Div>::new();
    let available = Memo::new(move |_| {
        let taken = report.chosen.get();
        report
            .available
            .with(|all| all.iter().map(|c| c.name.clone()).filter(|name| !taken.contains(name)).collect::<Vec<_>>())
    });
    let over =
        move |side: Side| drag.with(|d| d.as_ref().is_some_and(|d| d.over.as_ref().is_some_and(|(s, _)| *s == side)));
    let item = move |name: String, side: Side| view! { <Item report drag left right name side/> };
    let none = move || report.available.with(Vec::is_empty);
    view! {
        <div class="report-lists" class:is-dragging=move || drag.with(|d| d.as_ref().is_some_and(|d| d.by.is_some()))>
            <section aria-labelledby="available-columns-head">
                <h2 id="available-columns-head">"Available columns"</h2>
                <div
                    node_ref=left
                    id="available-columns"
                    class="report-list available-columns"
                    class:is-over=move || over(Side::Available)
                    data-testid="available-columns"
                    role="group"
                    aria-labelledby="available-columns-head"
                >
                    <For each=move || available.get() key=|name| name.clone() children=move |name| item(name, Side::Available)/>
                    <Show when=none><p class="muted">"Choose a data source first."</p></Show>
                </div>
            </section>
            <section aria-labelledby="report-columns-head">
                <h2 id="report-columns-head">"Columns of the report"</h2>
                <div
                    node_ref=right
                    id="report-columns"
                    class="report-list report-columns"
                    class:is-over=move || over(Side::Report)
                    data-testid="report-columns"
                    role="group"
                    aria-labelledby="report-columns-head"
                >
                    <For each=move || report.chosen.get() key=|name| name.clone() children=move |name| item(name, Side::Report)/>
                    <Show when=move || report.chosen.with(Vec::is_empty)>
                        <p class="muted">"Drag columns here, or press Enter on one."</p>
                    </Show>
                </div>
            </section>
        </div>
    }
    .into_any()
}

/// Puts a column into a list, before another one of it.
fn place(report: Report, name: &str, side: Side, before: Option<&str>) {
    report.chosen.update(|chosen| {
        if before == Some(name) {
            return;
        }
        chosen.retain(|other| other != name);
        if side == Side::Report {
            let at = before.and_then(|before| chosen.iter().position(|other| other == before));
            chosen.insert(at.unwrap_or(chosen.len()), name.to_owned());
        }
    });
}

/// The list under the pointer, and the column of it that the dragged one would stand before.
fn under(
    event: &ev::PointerEvent,
    left: NodeRef<html::Div>,
    right: NodeRef<html::Div>,
    own: &str,
) -> Option<(Side, Option<String>)> {
    let (x, y) = (event.client_x(), event.client_y());
    let hits = |element: &web_sys::Element| {
        let at = element.get_bounding_client_rect();
        let (x, y) = (f64::from(x), f64::from(y));
        (at.left()..=at.right()).contains(&x) && (at.top()..=at.bottom()).contains(&y)
    };
    let side = [(Side::Available, left), (Side::Report, right)]
        .into_iter()
        .find(|(_, list)| list.get_untracked().is_some_and(|list| hits(&list)))?;
    let list = side.1.get_untracked()?;
    let items = crate::components::keys::matching(&list, "[data-column]");
    let below = items.into_iter().find(|item| {
        let at = item.get_bounding_client_rect();
        item.get_attribute("data-column").as_deref() != Some(own) && f64::from(y) < at.top() + at.height() / 2.0
    });
    Some((side.0, below.and_then(|item| item.get_attribute("data-column"))))
}

/// A column. Its text is its label and nothing else.
#[component]
fn Item(
    report: Report,
    drag: RwSignal<Option<Drag>>,
    left: NodeRef<html::Div>,
    right: NodeRef<html::Div>,
    name: String,
    side: Side,
) -> impl IntoView {
    let Some(column) = untrack(|| report.column(&name)) else { return ().into_any() };
    let role = if column.is_calculated {
        "calc"
    } else if column.role == Role::Measure {
        "measure"
    } else {
        "dimension"
    };
    let own = StoredValue::new(name.clone());
    let is_own = move |d: &Drag| own.with_value(|own| *own == d.name);
    let press = move |event: ev::PointerEvent| {
        if event.button() != 0 {
            return;
        }
        // Moves are heard until the button is up, wherever the pointer is.
        if let Some(element) = event.current_target().and_then(|t| t.dyn_into::<web_sys::Element>().ok()) {
            _ = element.set_pointer_capture(event.pointer_id());
        }
        let from = (f64::from(event.client_x()), f64::from(event.client_y()));
        drag.set(Some(Drag { name: own.get_value(), from, by: None, over: None }));
    };
    let travel = move |event: ev::PointerEvent| {
        let Some(now) = drag.get_untracked().filter(is_own) else { return };
        let by = (f64::from(event.client_x()) - now.from.0, f64::from(event.client_y()) - now.from.1);
        if now.by.is_some() || by.0.hypot(by.1) > SLOP {
            let over = under(&event, left, right, &now.name);
            drag.set(Some(Drag { by: Some(by), over, ..now }));
        }
    };
    let release = move |event: ev::PointerEvent| {
        let Some(now) = drag.get_untracked().filter(is_own) else { return };
        drag.set(None);
        if now.by.is_some()
            && let Some((side, before)) = under(&event, left, right, &now.name)
        {
            place(report, &now.name, side, before.as_deref());
        }
    };
    let other = if side == Side::Available { Side::Report } else { Side::Available };
    let keys = move |event: ev::KeyboardEvent| {
        let step = |by: i32| {
            report.chosen.update(|chosen| {
                let at = own.with_value(|own| chosen.iter().position(|name| name == own));
                let to = at.and_then(|at| at.checked_add_signed(by as isize)).filter(|to| *to < chosen.len());
                if let (Some(at), Some(to)) = (at, to) {
                    chosen.swap(at, to);
                }
            });
        };
        match event.key().as_str() {
            "Enter" | " " => own.with_value(|own| place(report, own, other, None)),
            "ArrowUp" if event.alt_key() && side == Side::Report => step(-1),
            "ArrowDown" if event.alt_key() && side == Side::Report => step(1),
            "Escape" if drag.with_untracked(Option::is_some) => drag.set(None),
            _ => return,
        }
        event.prevent_default();
    };
    let moved = move || {
        drag.with(|d| {
            let (x, y) = d.as_ref().filter(|d| is_own(d))?.by?;
            Some(format!("transform:translate({x}px,{y}px)"))
        })
    };
    let marks = move || {
        drag.with(|d| {
            d.as_ref().is_some_and(|d| {
                let before = d.over.as_ref().filter(|(s, _)| *s == side).and_then(|(_, before)| before.as_ref());
                before.is_some_and(|before| own.with_value(|own| own == before))
            })
        })
    };
    let about = if side == Side::Available {
        format!("{}: press Enter to add it to the report", column.label)
    } else {
        format!("{}: press Enter to take it out, Alt and an arrow to move it", column.label)
    };
    view! {
        <div
            class=format!("report-column role-{role}")
            class:is-lifted=move || moved().is_some()
            class:is-marked=marks
            role="button"
            tabindex="0"
            aria-label=about
            data-column=name
            style=moved
            on:pointerdown=press
            on:pointermove=travel
            on:pointerup=release
            on:pointercancel=move |_| drag.set(None)
            on:keydown=keys
            on:dblclick=move |_| own.with_value(|own| place(report, own, other, None))
        >{column.label}</div>
    }
    .into_any()
}
