//! What the findings of a page share: which of them is open, adding one to a dashboard, thumbs.

use crate::api::insights::give_thumb;
use crate::components::toast::Toasts;
use crate::components::*;
use crate::pages::deeds::Deed;
use crate::pages::explore::save::AddTileDialog;
use domain::Tile;
use domain::discovery::{GivenThumb, Thumb};
use domain::insight::FindingKind;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// What the findings of a page share. Copy it freely.
#[derive(Clone, Copy)]
pub(super) struct Listing {
    /// The finding whose arithmetic is shown: dataset and id.
    pub(super) opened: RwSignal<Option<String>>,
    adding: RwSignal<bool>,
    tile: RwSignal<Option<Tile>>,
    deed: Deed,
    toasts: Toasts,
    /// A finding that is hidden now, or shown again.
    on_hide: Callback<(String, bool)>,
}

impl Listing {
    /// For a page; it hears when a finding is to go, and when it is to come back.
    pub(super) fn new(on_hide: Callback<(String, bool)>) -> Self {
        Self {
            opened: RwSignal::new(None),
            adding: RwSignal::new(false),
            tile: RwSignal::new(None),
            deed: Deed::new(),
            toasts: use_toasts(),
            on_hide,
        }
    }

    /// Asks onto which dashboard.
    pub(super) fn add(self, tile: Tile) {
        self.tile.set(Some(tile));
        self.adding.set(true);
    }

    /// Says what the reader thinks; `done` once it is remembered.
    pub(super) fn judge(
        self,
        dataset: String,
        finding: String,
        kind: FindingKind,
        thumb: Option<Thumb>,
        done: impl Fn() + 'static,
    ) {
        let given = GivenThumb { dataset, finding: finding.clone(), kind, thumb };
        self.deed.run(give_thumb(given.clone()), move |()| {
            done();
            match thumb {
                Some(Thumb::Down) => {
                    _ = self.on_hide.try_run((finding.clone(), true));
                    self.toasts.action("Hidden; others of its kind move down", "Undo", move || {
                        let (taken_back, id) = (GivenThumb { thumb: None, ..given.clone() }, finding.clone());
                        spawn_local(async move {
                            match give_thumb(taken_back).await {
                                Ok(()) => _ = self.on_hide.try_run((id, false)),
                                Err(error) => self.toasts.error(&error.0),
                            }
                        });
                    });
                }
                Some(Thumb::Up) => self.toasts.good("Others of its kind move up"),
                None => {}
            }
        });
    }
}

/// The dialog that puts a chart onto a dashboard.
#[component]
pub(super) fn Adding(listing: Listing) -> impl IntoView {
    let title = Signal::derive(move || listing.tile.with(|t| t.as_ref().map(|t| t.title.clone())).unwrap_or_default());
    view! { <AddTileDialog open=listing.adding tile=listing.tile title/> }
}
