//! What was chosen in the tiles, as chips of the filter bar.

use super::stage::use_stage;
use crate::components::Chip;
use leptos::prelude::*;

/// One chip a tile: what is chosen there, and where. It can be taken back.
#[component]
pub(super) fn ChosenChips() -> impl IntoView {
    let stage = use_stage();
    let chip = move |tile: String| {
        let (id, named) = (tile.clone(), tile.clone());
        let label = Signal::derive(move || {
            let marks = stage.picks.with(|picks| picks.iter().find(|p| p.tile == id).map(|p| p.marks.clone()));
            let words = marks.map(|marks| stage.words_of(&id, &marks)).unwrap_or_default();
            format!("{words}, from {}", stage.tile_name(&id))
        });
        view! {
            <Chip
                label
                attr:data-testid="chosen"
                attr:data-tile=named
                on_remove=move |()| _ = stage.unchoose(Some(&tile))
            />
        }
    };
    view! {
        <For each=move || stage.picks.with(|picks| picks.iter().map(|p| p.tile.clone()).collect::<Vec<_>>()) key=String::clone children=chip/>
    }
    .into_any()
}
