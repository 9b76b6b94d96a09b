//! The grid: twelve columns, tiles placed by their numbers, so that what is drawn on the server
//! stays where it is.

use super::drag::Hand;
use super::presence::Pointers;
use super::sight::Sight;
use super::stage::{How, use_stage};
use super::tile::TileFrame;
use domain::layout::{self, Position};
use leptos::{ev, prelude::*};
use std::time::Duration;

/// How long after a change tiles glide to their places.
const GLIDE: Duration = Duration::from_millis(400);

/// The tiles of the present tab.
#[component]
pub(super) fn Grid() -> impl IntoView {
    let stage = use_stage();
    let (hand, sight) = (Hand::new(stage), Sight::new(stage));
    provide_context(hand);
    provide_context(sight);
    // While somebody moves tiles about, elements stay where they are in the page: moved elements
    // lose focus and motion. Afterwards they follow the reading order again.
    let order = Memo::new(move |before: Option<&Vec<String>>| {
        let ids = stage.items.with(|items| items.iter().map(|item| item.id.clone()).collect::<Vec<_>>());
        match before.filter(|_| stage.editing.get()) {
            Some(before) => {
                let mut kept: Vec<String> = before.iter().filter(|id| ids.contains(id)).cloned().collect();
                kept.extend(ids.into_iter().filter(|id| !before.contains(id)));
                kept
            }
            None => ids,
        }
    });
    let rows = Memo::new(move |_| {
        let bottom = |items: &[layout::Item]| layout::height(items);
        let now = stage.lift.with(|lift| lift.as_ref().map_or(0, |lift| bottom(&lift.now)));
        stage.items.with(|items| bottom(items)).max(now)
    });
    let glides = glide();
    // True once the browser has taken over: nobody has looked at a tile before.
    let alive = RwSignal::new(false);
    Effect::new(move |_| alive.set(true));
    let ready = Memo::new(move |_| alive.get() && stage.is_ready());
    let forget = move |event: ev::MouseEvent| {
        if event.target() == event.current_target() && !hand.just_dragged() {
            stage.selected.update(std::collections::BTreeSet::clear);
        }
    };
    let lifted = Memo::new(move |_| stage.lift.with(|lift| lift.as_ref().map(|lift| lift.how)));
    let ghosts = move || {
        stage.lift.with(|lift| {
            let lift = lift.as_ref().filter(|lift| lift.how == How::Drag)?;
            let of = |item: &&layout::Item| lift.ids.contains(&item.id);
            Some(lift.now.iter().filter(of).map(|item| ghost(item.position)).collect_view())
        })
    };
    view! {
        <div
            node_ref=stage.grid
            class="board-grid"
            class:is-editing=move || stage.editing.get()
            class:is-moving=move || lifted.get().is_some()
            class:is-gliding=move || glides.get()
            data-testid="dashboard-grid"
            data-ready=move || ready.get().then_some("true")
            style=("--rows", move || rows.get().to_string())
            on:click=forget
        >
            <For each=move || order.get() key=String::clone let:id>
                <TileFrame id/>
            </For>
            {ghosts}
            <Pointers/>
        </div>
        <div class="visually-hidden" role="status" aria-live="assertive" data-testid="announcer">{move || stage.spoken.get()}</div>
    }
    .into_any()
}

/// Where a dragged tile would come to lie.
fn ghost(position: Position) -> AnyView {
    let Position { x, y, w, h } = position;
    view! { <div class="board-ghost" aria-hidden="true" style=format!("--x:{x};--y:{y};--w:{w};--h:{h}")></div> }
        .into_any()
}

/// True for a moment after places have changed, whoever changed them.
fn glide() -> Signal<bool> {
    let stage = use_stage();
    let gliding = RwSignal::new(false);
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let stop = move || {
        if let Some(timer) = timer.try_get_value().flatten() {
            timer.clear();
        }
    };
    Effect::new(move |before: Option<()>| {
        stage.places.track();
        if before.is_some() {
            stop();
            gliding.set(true);
            timer.set_value(set_timeout_with_handle(move || gliding.set(false), GLIDE).ok());
        }
    });
    on_cleanup(stop);
    gliding.into()
}
