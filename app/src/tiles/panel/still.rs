//! Editing tiles without data: text and images.

use crate::components::{Field, TextArea, TextInput};
use crate::tiles::still::image_address;
use domain::Tile;
use domain::dashboard::TileKind;
use leptos::prelude::*;

#[component]
pub(super) fn StillEditor(tile: Signal<Tile>, on_change: Callback<Tile>) -> impl IntoView {
    let text = Signal::derive(move || tile.with(|t| t.text.clone().unwrap_or_default()));
    // At once, so that what others type meanwhile merges with it.
    let typed = Callback::new(move |text: String| {
        let now = tile.get_untracked();
        if now.text.as_deref().unwrap_or_default() != text {
            on_change.run(Tile { text: Some(text), ..now });
        }
    });
    let is_image = Memo::new(move |_| tile.with(|t| t.kind == TileKind::Image));
    let problem = Signal::derive(move || {
        let refused = text.with(|t| !t.trim().is_empty() && image_address(t).is_none());
        refused.then(|| "Use an https address, or one on this server.".to_owned())
    });
    move || {
        if is_image.get() {
            view! {
                <Field label="Address of the image" hint="The title is read out in place of the image." error=problem>
                    <TextInput kind="url" placeholder="https://" max_length=2_000 value=text on_input=typed/>
                </Field>
            }
            .into_any()
        } else {
            view! {
                <Field label="Text" hint="**bold**, *italic*, # heading, - list, [link](address)">
                    <TextArea rows=14 shared=true value=text on_input=typed/>
                </Field>
            }
            .into_any()
        }
    }
}
