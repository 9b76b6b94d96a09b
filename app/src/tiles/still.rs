//! Tiles without data: text and images.

use super::TileState;
use crate::components::{EmptyState, Markdown};
use domain::Tile;
use domain::dashboard::TileKind;
use leptos::prelude::*;

/// An address that an image may have: https, or on this server.
pub(super) fn image_address(text: &str) -> Option<String> {
    let text = text.trim();
    let clean = !text.chars().any(|c| c.is_control() || c == '\\') && !text.is_empty();
    let scheme = text.find([':', '/', '?', '#']).filter(|at| text[*at..].starts_with(':')).map(|at| &text[..at]);
    let known = match scheme {
        Some(scheme) => scheme.eq_ignore_ascii_case("https"),
        None => !text.starts_with("//"),
    };
    (clean && known).then(|| text.to_owned())
}

/// Text (Markdown) or an image.
#[component]
pub(super) fn Still(tile: Signal<Tile>, on_state: Callback<TileState>) -> impl IntoView {
    let text = Signal::derive(move || tile.with(|t| t.text.clone().unwrap_or_default()));
    let is_image = Memo::new(move |_| tile.with(|t| t.kind == TileKind::Image));
    let is_blank = Memo::new(move |_| text.with(|t| t.trim().is_empty()));
    Effect::new(move |_| on_state.run(if is_blank.get() { TileState::Empty } else { TileState::Ready }));
    let image = move || {
        match text.with(|t| image_address(t)) {
        Some(address) => view! {
            <img class="tile-image" src=address alt=move || tile.with(|t| t.title.clone()) loading="lazy" referrerpolicy="no-referrer"/>
        }
        .into_any(),
        None => view! {
            <EmptyState compact=true icon="image" title="This address cannot be shown" text="Use an https address, or one on this server."/>
        }
        .into_any(),
    }
    };
    let body = move || {
        match (is_blank.get(), is_image.get()) {
        (true, true) => view! {
            <EmptyState compact=true icon="image" title="No image yet" text="Edit the tile and give it the address of an image."/>
        }
        .into_any(),
        (true, false) => view! { <EmptyState compact=true icon="type" title="No text yet" text="Edit the tile and write something."/> }
            .into_any(),
        (false, true) => image(),
        (false, false) => view! { <div class="tile-text"><Markdown text/></div> }.into_any(),
    }
    };
    view! { <div class="tile-view">{body}</div> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_come_from_https_or_from_here() {
        for good in ["https://a.example/x.png", "/x.png", "x.png", " HTTPS://a.example/x "] {
            assert!(image_address(good).is_some(), "{good}");
        }
        for bad in
            ["", "http://a.example/x", "//a.example/x", "javascript:alert(1)", "data:image/png;base64,xx", "a\\b"]
        {
            assert_eq!(image_address(bad), None, "{bad}");
        }
    }
}
