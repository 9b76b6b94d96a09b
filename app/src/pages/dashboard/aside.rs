//! Work that others' deeds came between: the right to edit was taken away, or the tile one was at
//! was removed. It is shown until one has decided what becomes of it.

use super::moves::name_of;
use super::stage::{Stage, use_stage};
use super::tile_deeds;
use crate::board::Lost;
use crate::components::*;
use domain::Tile;
use leptos::prelude::*;

/// Says which tiles this person is at: in the panel, by their title, in the hand.
pub(super) fn engage(stage: Stage) {
    let lifted = Memo::new(move |_| stage.lift.with(|lift| lift.as_ref().map(|lift| lift.ids.clone())));
    Effect::new(move |_| {
        let at = stage.panel.get().into_iter().chain(stage.titling.get()).chain(lifted.get().into_iter().flatten());
        stage.board.engage(at.collect());
    });
}

/// Takes note of the tiles that others removed while this person was at them.
pub(super) fn note_lost(stage: Stage) {
    let Some(Lost { tiles, by }) = stage.board.take_lost() else { return };
    if stage.can_edit() {
        stage.lost.update(|lost| {
            lost.retain(|(old, _)| tiles.iter().all(|tile| tile.id != old.id));
            lost.extend(tiles.into_iter().map(|tile| (tile, by.clone())));
        });
    }
}

/// What became of one's work, and what can be done about it.
#[component]
pub(super) fn Aside() -> impl IntoView {
    let stage = use_stage();
    let board = stage.board;
    let may_edit = stage.may_edit();
    // Who had the right when the page opened and has it no more is told; others never had it.
    let had = StoredValue::new(false);
    let closed = Memo::new(move |_| {
        let may = may_edit.get();
        had.update_value(|had| *had |= may);
        !may && had.get_value() && board.gone().with(Option::is_none)
    });
    let count = Memo::new(move |_| board.set_aside().with(Vec::len));
    let right = move || {
        (closed.get() || count.get() > 0).then(|| {
            let head = move || match (closed.get(), may_edit.get()) {
                (_, true) => "You may edit this dashboard again.",
                (true, false) => "Your right to edit this dashboard was taken away. You can still look at it.",
                (false, false) => "You cannot edit this dashboard now.",
            };
            let kept = move || match count.get() {
                0 => None,
                1 => Some("Your last change could not be saved. It is kept in this browser.".to_owned()),
                n => Some(format!("Your last {n} changes could not be saved. They are kept in this browser.")),
            };
            let words = Signal::derive(move || {
                board.set_aside().track();
                board.aside_words()
            });
            view! {
                <div class="board-aside" role="status" data-testid="editing-closed">
                    <Notice tone=Tone::Warn>
                        <p>{head}</p>
                        {move || kept().map(|text| view! { <p>{text}</p> })}
                        <Show when=move || count.get() != 0>
                            <div class="board-aside-deeds">
                                <Show when=move || may_edit.get()>
                                    <Button size=Size::Small variant=Variant::Primary on_click=move |()| board.take_up()>"Make them again"</Button>
                                </Show>
                                <CopyButton text=words label="Copy as text" variant=Variant::Secondary/>
                                <Button size=Size::Small variant=Variant::Ghost on_click=move |()| board.forget_aside()>"Forget them"</Button>
                            </div>
                        </Show>
                    </Notice>
                </div>
            }
        })
    };
    let lost = move |(tile, by): (Tile, Option<String>)| {
        let (id, name) = (tile.id.clone(), name_of(&tile.title));
        let who = by.unwrap_or_else(|| "Somebody".to_owned());
        let forget = move |id: &str| stage.lost.update(|lost| lost.retain(|(tile, _)| tile.id != id));
        let tile = StoredValue::new(tile);
        let back = move |()| {
            let tile = tile.get_value();
            stage.set_editing(true);
            board.put_tile("Bring tile back", &tile);
            forget(&tile.id);
            tile_deeds::reveal(tile.id);
        };
        view! {
            <div class="board-aside" role="status" data-testid="tile-lost">
                <Notice tone=Tone::Warn>
                    <p>{format!("{who} removed “{name}” while you were editing it.")}</p>
                    <div class="board-aside-deeds">
                        <Button size=Size::Small variant=Variant::Primary on_click=back>"Bring it back"</Button>
                        <Button size=Size::Small variant=Variant::Ghost on_click=move |()| forget(&id)>"Let it go"</Button>
                    </div>
                </Notice>
            </div>
        }
    };
    view! {
        {right}
        <For each=move || stage.lost.get() key=|(tile, _)| tile.id.clone() children=lost/>
    }
    .into_any()
}
