//! The way into the detail of a tile, and back.

use super::stage::use_stage;
use crate::components::Icon;
use domain::connect::DrillStep;
use domain::{Tile, names};
use leptos::prelude::*;

/// What a step did: "2024 by Quarter".
fn step_words(step: &DrillStep, on: &str) -> String {
    let by = step.to.as_ref().map(|to| match to.grain {
        Some(grain) => names::to_label(grain.as_str()).to_lowercase(),
        None => names::to_label(to.column.rsplit('.').next().unwrap_or_default()).to_lowercase(),
    });
    match (on.is_empty(), by) {
        (true, Some(by)) => format!("By {by}"),
        (false, Some(by)) => format!("{on}, by {by}"),
        (_, None) => on.to_owned(),
    }
}

/// The steps into the detail of a tile; each leads back to where it was.
#[component]
pub(super) fn Trail(tile: Signal<Tile>) -> impl IntoView {
    let stage = use_stage();
    let id = StoredValue::new(tile.with_untracked(|t| t.id.clone()));
    let steps =
        Memo::new(move |_| stage.drills.with(|all| id.with_value(|id| all.get(id).cloned()).unwrap_or_default()));
    let back = move |steps: usize| id.with_value(|id| stage.drill_back(id, steps));
    let items = move || {
        let steps = steps.get();
        let last = steps.len();
        let words = |step: &DrillStep| {
            let on = if step.on.is_empty() {
                String::new()
            } else {
                id.with_value(|id| stage.words_of(id, std::slice::from_ref(&step.on)))
            };
            step_words(step, &on)
        };
        let step = |(at, step): (usize, &DrillStep)| {
            let words = words(step);
            if at + 1 == last {
                return view! { <li aria-current="step"><span class="truncate">{words}</span></li> }.into_any();
            }
            view! { <li><button type="button" class="trail-step truncate" on:click=move |_| back(at + 1)>{words}</button></li> }
                .into_any()
        };
        steps.iter().enumerate().map(step).collect_view()
    };
    view! {
        <Show when=move || steps.with(|steps| !steps.is_empty())>
            <nav class="trail" aria-label="Way into the detail" data-testid="drill-trail">
                <button type="button" class="trail-step" title="Back to the whole tile" on:click=move |_| back(0)>
                    <Icon name="undo-2"/>
                    <span>"All"</span>
                </button>
                <ol>{items}</ol>
            </nav>
        </Show>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::query::{Dimension, Grain};

    #[test]
    fn a_step_is_told_by_what_it_did() {
        let to = |column: &str, grain| DrillStep {
            to: Some(Dimension { column: column.into(), grain, ..Dimension::default() }),
            ..DrillStep::default()
        };
        assert_eq!(step_words(&to("date", Some(Grain::Quarter)), "Date is 2024"), "Date is 2024, by quarter");
        assert_eq!(step_words(&to("airlines.name", None), ""), "By name");
    }
}
