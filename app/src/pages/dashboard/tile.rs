//! A tile's frame: its place, its header, its handles. What stands in it is `TileView`.

use super::drag::Hand;
use super::keys;
use super::moves::name_of;
use super::presence::Guests;
use super::sight::Sight;
use super::stage::{How, Stage, use_stage};
use super::tile_menu::TileMenu;
use super::title::TitleInput;
use super::trail::Trail;
use crate::components::*;
use crate::tiles::{TileState, TileView};
use domain::Tile;
use domain::dashboard::TileKind;
use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

/// What a press on a tile begins.
fn part_of(event: &ev::PointerEvent) -> Option<How> {
    let element = event.target()?.dyn_into::<web_sys::Element>().ok()?;
    let within = |selector: &str| element.closest(selector).is_ok_and(|found| found.is_some());
    if within(".board-tile-corner") {
        return Some(How::Resize);
    }
    let is_own = within("input, .pop, a, select, textarea") || within("button") && !within("[data-handle]");
    (within(".board-tile-head") && !is_own).then_some(How::Drag)
}

/// Whether a click is meant for something that stands in the tile.
fn is_for_content(event: &ev::MouseEvent) -> bool {
    let element = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    element.is_none_or(|e| e.closest("input, button, a, select, textarea, .board-tile-head").is_ok_and(|f| f.is_some()))
}

/// A tile by its id.
#[component]
pub(super) fn TileFrame(id: String) -> impl IntoView {
    let stage = use_stage();
    let Some(signal) = stage.board.tile_signal(&id) else { return ().into_any() };
    let tile: Signal<Tile> = signal.into();
    let (hand, sight) = (expect_context::<Hand>(), expect_context::<Sight>());
    let node = NodeRef::<html::Section>::new();
    let key = StoredValue::new(id.clone());
    let is = move |set: &std::collections::BTreeSet<String>| key.with_value(|id| set.contains(id));
    let place = Memo::new(move |before: Option<&_>| {
        let now = stage.places.with(|places| key.with_value(|id| places.get(id).copied()));
        now.or(before.copied()).unwrap_or_default()
    });
    // A tile in the hand stays where it was, and the hand carries it from there.
    let held = Memo::new(move |_| {
        stage.lift.with(|lift| {
            let lift =
                lift.as_ref().filter(|lift| lift.how == How::Drag && key.with_value(|id| lift.ids.contains(id)))?;
            key.with_value(|id| lift.before.iter().find(|item| item.id == *id)).map(|item| item.position)
        })
    });
    let lifted = Memo::new(move |_| {
        stage.lift.with(|lift| lift.as_ref().is_some_and(|lift| key.with_value(|id| lift.ids.contains(id))))
    });
    let shown = Memo::new(move |_| held.get().unwrap_or_else(|| place.get()));
    // On a phone tiles lie in reading order, wherever they are in the page.
    let rank = Memo::new(move |_| {
        stage.items.with(|items| key.with_value(|id| items.iter().position(|item| item.id == *id))).unwrap_or_default()
    });
    let selected = Memo::new(move |_| stage.selected.with(is));
    let as_table = Memo::new(move |_| stage.as_table.with(is));
    let state = RwSignal::new(TileState::Loading);
    let on_state = Callback::new(move |next: TileState| {
        if state.try_set(next).is_none() {
            key.with_value(|id| stage.note(id, |seen| seen.state = Some(next)));
        }
    });
    watch(stage, sight, node, key);
    // Words need no data: they are part of the first page.
    let still = tile.with_untracked(|tile| matches!(tile.kind, TileKind::Text | TileKind::Image));
    let near = Memo::new(move |_| {
        still || stage.seen.with(|seen| key.with_value(|id| seen.get(id).is_some_and(|s| s.near == Some(true))))
    });
    let title = Memo::new(move |_| tile.with(|tile| tile.title.clone()));
    let name = Signal::derive(move || name_of(&title.read()));
    let press = move |event: ev::PointerEvent| {
        if let Some(how) = part_of(&event) {
            key.with_value(|id| hand.pressed(&event, id, how));
        }
    };
    let click = move |event: ev::MouseEvent| {
        if stage.editing.get_untracked() && !hand.just_dragged() && !is_for_content(&event) {
            let more = event.shift_key() || event.ctrl_key() || event.meta_key();
            key.with_value(|id| stage.select(id, more));
        }
    };
    let (ask, connect) = (stage.ask_of(tile), stage.connect(tile));
    let body = move || match near.get() {
        true => {
            let dashboard_id = stage.board.id();
            view! { <TileView dashboard_id tile ask on_state view_as_table=as_table connect/> }.into_any()
        }
        false => view! { <Skeleton height="100%"/> }.into_any(),
    };
    view! {
        <section
            node_ref=node
            class="board-tile"
            class:is-selected=move || selected.get()
            class:is-lifted=move || lifted.get()
            class:is-held=move || held.get().is_some()
            class:is-untitled=move || title.with(String::is_empty)
            data-testid="tile"
            data-tile-id=id
            data-state=move || state.get().as_str()
            tabindex="0"
            role="group"
            aria-label=move || name.get()
            style=("--x", move || shown.get().x.to_string())
            style=("--y", move || shown.get().y.to_string())
            style=("--w", move || shown.get().w.to_string())
            style=("--h", move || shown.get().h.to_string())
            style=("--i", move || rank.get().to_string())
            style=("--dx", move || if held.get().is_some() { format!("{}px", stage.offset.get().0) } else { "0px".into() })
            style=("--dy", move || if held.get().is_some() { format!("{}px", stage.offset.get().1) } else { "0px".into() })
            on:pointerdown=press
            on:click=click
            on:keydown=move |event| key.with_value(|id| keys::on_tile(stage, &event, id))
        >
            <header class="board-tile-head">
                <Show when=move || stage.editing.get() fallback=move || view! { <h2 class="board-tile-title">{move || title.get()}</h2> }>
                    <Handle name key lifted/>
                    <TitleInput tile/>
                </Show>
                <super::comments::TileBadge tile/>
                <TileMenu tile/>
            </header>
            <Guests tile=key/>
            <Trail tile/>
            <div class="board-tile-body">{body}</div>
            <Show when=move || stage.editing.get()>
                <div class="board-tile-corner" aria-hidden="true"></div>
            </Show>
        </section>
    }
    .into_any()
}

/// The handle of a tile: taken by a finger, or by the keyboard.
#[component]
fn Handle(name: Signal<String>, key: StoredValue<String>, lifted: Memo<bool>) -> impl IntoView {
    let stage = use_stage();
    view! {
        <button
            type="button"
            class="board-tile-handle"
            data-handle=""
            data-testid="tile-handle"
            aria-label=move || format!("Move {}", name.get())
            aria-pressed=move || if lifted.get() { "true" } else { "false" }
            disabled=move || stage.phone.get()
            on:keydown=move |event| key.with_value(|id| keys::on_handle(stage, &event, id))
            on:blur=move |_| keys::on_leave(stage)
        >
            <Icon name="grip-vertical"/>
        </button>
    }
}

/// Watches the tile come near while it is on the page, and forgets it afterwards.
fn watch(stage: Stage, sight: Sight, node: NodeRef<html::Section>, key: StoredValue<String>) {
    Effect::new(move |_| {
        let Some(element) = node.get() else { return };
        sight.watch(&element);
        let element = send_wrapper(element);
        on_cleanup(move || {
            sight.leave(&element);
            key.try_with_value(|id| stage.seen.try_update(|seen| seen.remove(id)));
        });
    });
}

/// An element for a cleanup, which runs where it was made.
fn send_wrapper(element: web_sys::HtmlElement) -> leptos::__reexports::send_wrapper::SendWrapper<web_sys::HtmlElement> {
    leptos::__reexports::send_wrapper::SendWrapper::new(element)
}
