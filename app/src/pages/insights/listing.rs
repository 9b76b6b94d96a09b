//! What the findings of a page share: which of them is open, adding one to a dashboard, thumbs.

use crate::api::explore::add_to_dashboard;
use crate::api::insights::give_thumb;
use crate::components::local::Local;
use crate::components::toast::Toasts;
use crate::components::*;
use crate::pages::deeds::Deed;
use crate::pages::explore::save::AddTileDialog;
use domain::Tile;
use domain::discovery::{GivenThumb, Thumb};
use domain::insight::FindingKind;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

/// What the findings of a page share. Copy it freely.
#[derive(Clone, Copy)]
pub(super) struct Listing {
    /// The finding whose arithmetic is shown: dataset and id.
    pub(super) opened: RwSignal<Option<String>>,
    adding: RwSignal<bool>,
    tile: RwSignal<Option<Tile>>,
    /// The dashboard that was chosen on this page: slug and name. The next chart goes there at once.
    chosen: RwSignal<Option<(String, String)>>,
    go: Callback<String>,
    deed: Deed,
    toasts: Toasts,
    /// A finding that is hidden now, or shown again.
    on_hide: Callback<(String, bool)>,
}

impl Listing {
    /// For a page; it hears when a finding is to go, and when it is to come back.
    pub(super) fn new(on_hide: Callback<(String, bool)>) -> Self {
        let navigate = Local::holding(use_navigate);
        let go = move |slug: String| {
            _ = navigate.with(|go| go(&format!("/dashboards/{slug}"), NavigateOptions::default()));
        };
        Self {
            chosen: RwSignal::new(None),
            go: Callback::new(go),
            opened: RwSignal::new(None),
            adding: RwSignal::new(false),
            tile: RwSignal::new(None),
            deed: Deed::new(),
            toasts: use_toasts(),
            on_hide,
        }
    }

    /// Asks onto which dashboard.
    fn ask(self, tile: Tile) {
        self.tile.set(Some(tile));
        self.adding.set(true);
    }

    /// Puts a chart onto the dashboard that was chosen, or asks onto which.
    fn add(self, tile: Tile) {
        let Some((slug, _)) = self.chosen.get_untracked() else { return self.ask(tile) };
        self.deed.run(add_to_dashboard(slug, String::new(), tile), move |slug: String| {
            self.toasts.action("Chart added", "Open dashboard", move || _ = self.go.try_run(slug.clone()));
        });
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

/// The button that puts a chart onto a dashboard.
#[component]
pub(super) fn AddButton(listing: Listing, tile: Tile) -> impl IntoView {
    let tile = StoredValue::new(tile);
    let words = move || {
        listing.chosen.with(|c| c.as_ref().map_or("Add to dashboard".to_owned(), |(_, name)| format!("Add to {name}")))
    };
    view! {
        <Button size=Size::Small icon="layout-dashboard" on_click=move |()| listing.add(tile.get_value())>{words}</Button>
        <Show when=move || listing.chosen.with(Option::is_some)>
            <IconButton
                icon="ellipsis"
                size=Size::Small
                label="Add to another dashboard"
                on_click=move |()| listing.ask(tile.get_value())
            />
        </Show>
    }
}

/// The dialog that puts a chart onto a dashboard.
#[component]
pub(super) fn Adding(listing: Listing) -> impl IntoView {
    let title = Signal::derive(move || listing.tile.with(|t| t.as_ref().map(|t| t.title.clone())).unwrap_or_default());
    view! { <AddTileDialog open=listing.adding tile=listing.tile title on_added=move |to| listing.chosen.set(Some(to))/> }
}
