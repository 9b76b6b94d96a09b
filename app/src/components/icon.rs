//! Icons from the sprite.

use crate::session::use_session;
use leptos::prelude::*;

/// An icon beside a word that says the same. Names are those of `frontend/icons.txt`.
#[component]
pub fn Icon(name: &'static str) -> impl IntoView {
    view! {
        <svg class="icon" aria-hidden="true" focusable="false">
            <use_ href=use_session().icon(name)></use_>
        </svg>
    }
}

/// The mark of the product: a planet on its orbit.
#[component]
pub fn Mark() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 24 24" fill="none" aria-hidden="true" focusable="false">
            <circle class="mark-sun" cx="12" cy="12" r="3.75"></circle>
            <circle class="mark-orbit" cx="12" cy="12" r="9"></circle>
            <circle class="mark-planet" cx="18.4" cy="5.6" r="3.25"></circle>
        </svg>
    }
}
