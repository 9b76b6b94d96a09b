//! Small dialogs about one tile: its place in numbers, its tab.

use super::moves::{self, name_of};
use super::stage::{How, use_stage};
use crate::components::*;
use domain::layout::{COLUMNS, MAX_HEIGHT, MAX_ROW, Position};
use leptos::prelude::*;

/// Opens a dialog while `tile` is one, and empties `tile` when it closes.
fn opened_by(tile: RwSignal<Option<String>>) -> RwSignal<bool> {
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(tile.with(Option::is_some)));
    Effect::new(move |before: Option<bool>| {
        let now = open.get();
        if before == Some(true) && !now {
            tile.set(None);
        }
        now
    });
    open
}

/// The place and size of a tile in numbers: for those who cannot or will not drag.
#[component]
pub(crate) fn PlaceDialog() -> impl IntoView {
    let stage = use_stage();
    let open = opened_by(stage.placing);
    let draft = RwSignal::new(Position::default());
    Effect::new(move |_| {
        if let Some(place) = stage.placing.get().and_then(|id| stage.position(&id)) {
            draft.set(place);
        }
    });
    let title = Signal::derive(move || {
        let tile = stage.placing.get().and_then(|id| stage.board.tile(&id));
        format!("Position of {}", name_of(&tile.map(|tile| tile.title).unwrap_or_default()))
    });
    let number = |value: Option<f64>, least: u32, most: u32| {
        value.map(|v| (v.round() as u32).clamp(least, most)).unwrap_or(least)
    };
    // The column gives way to the width.
    let set = move |change: &dyn Fn(&mut Position)| {
        draft.update(|place| {
            change(place);
            place.x = place.x.min(COLUMNS - place.w.min(COLUMNS));
        });
    };
    let save = move || {
        if let Some(id) = stage.placing.get_untracked() {
            let before = stage.items.get_untracked();
            let now = moves::put(&before, &id, draft.get_untracked());
            stage.commit(How::Keys, std::slice::from_ref(&id), &before, &now, false);
            if let Some(place) = stage.position(&id) {
                stage.say(format!("At {}, {}", moves::place_words(place), moves::size_words(place)));
            }
        }
        open.set(false);
    };
    let value = move |read: fn(&Position) -> u32| Signal::derive(move || Some(f64::from(draft.with(read))));
    let footer = move || {
        view! {
            <Button on_click=move |()| open.set(false)>"Cancel"</Button>
            <Button variant=Variant::Primary on_click=move |()| save()>"Move tile"</Button>
        }
    };
    view! {
        <Dialog open title size=DialogSize::Small footer>
            <form
                class="board-place"
                data-testid="place-form"
                on:submit=move |event| {
                    event.prevent_default();
                    save();
                }
            >
                <Field label="Column" hint="1 to 12, from the start of the line">
                    <NumberInput min=1.0 max=12.0 step=1.0 value=value(|p| p.x + 1)
                        on_change=move |v| set(&|p| p.x = number(v, 1, COLUMNS) - 1)/>
                </Field>
                <Field label="Row" hint="From the top; tiles rise as far as they can">
                    <NumberInput min=1.0 step=1.0 value=value(|p| p.y + 1)
                        on_change=move |v| set(&|p| p.y = number(v, 1, MAX_ROW) - 1)/>
                </Field>
                <Field label="Width in columns">
                    <NumberInput min=1.0 max=12.0 step=1.0 value=value(|p| p.w)
                        on_change=move |v| set(&|p| p.w = number(v, 1, COLUMNS))/>
                </Field>
                <Field label="Height in rows">
                    <NumberInput min=1.0 step=1.0 value=value(|p| p.h)
                        on_change=move |v| set(&|p| p.h = number(v, 1, MAX_HEIGHT))/>
                </Field>
                <button type="submit" class="visually-hidden" tabindex="-1">"Move tile"</button>
            </form>
        </Dialog>
    }
}

/// The tab that a tile lies on.
#[component]
pub(crate) fn TabDialog() -> impl IntoView {
    let stage = use_stage();
    let open = opened_by(stage.tabbing);
    let options = Signal::derive(move || {
        let choice = |tab: &domain::dashboard::Tab| Choice::new(tab.id.clone(), tab.title.clone());
        stage.board.tabs().with(|tabs| tabs.iter().map(choice).collect::<Vec<_>>())
    });
    let chosen = RwSignal::new(String::new());
    Effect::new(move |_| {
        if stage.tabbing.with(Option::is_some) {
            chosen.set(stage.tab.get_untracked().unwrap_or_default());
        }
    });
    let save = move |()| {
        if let (Some(id), tab) = (stage.tabbing.get_untracked(), chosen.get_untracked())
            && stage.tab.get_untracked().as_ref() != Some(&tab)
        {
            stage.board.set("Move to tab", &format!("tiles/{id}/tab"), tab.clone());
            stage.toasts.action("Tile moved", "Show it", move || _ = stage.choose_tab.try_run(tab.clone()));
        }
        open.set(false);
    };
    let footer = move || {
        view! {
            <Button on_click=move |()| open.set(false)>"Cancel"</Button>
            <Button variant=Variant::Primary on_click=save>"Move tile"</Button>
        }
    };
    view! {
        <Dialog open title="Move to another tab" size=DialogSize::Small footer>
            <Field label="Tab">
                <Select options value=chosen on_change=move |id| chosen.set(id)/>
            </Field>
        </Dialog>
    }
}
