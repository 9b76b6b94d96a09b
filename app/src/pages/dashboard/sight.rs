//! Which tiles are near the visible part of the page: one observer for all of them.

use super::stage::Stage;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, IntersectionObserver, IntersectionObserverEntry, IntersectionObserverInit};

/// How far outside the window a tile begins to load.
const MARGIN: &str = "400px 0px";

type OnSight = Closure<dyn FnMut(js_sys::Array)>;

struct Watch {
    observer: IntersectionObserver,
    _on_sight: OnSight,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// Watches tiles come and go. Copy it freely.
#[derive(Clone, Copy)]
pub(super) struct Sight(Option<StoredValue<Option<Watch>, LocalStorage>>);

impl Sight {
    /// Watches for as long as the calling component lives.
    pub(super) fn new(stage: Stage) -> Self {
        if is_server() {
            return Self(None);
        }
        let on_sight: OnSight = Closure::new(move |entries: js_sys::Array| {
            for entry in entries.iter().filter_map(|entry| entry.dyn_into::<IntersectionObserverEntry>().ok()) {
                if let Some(id) = entry.target().get_attribute("data-tile-id") {
                    stage.note(&id, |seen| seen.near = Some(entry.is_intersecting() || seen.near == Some(true)));
                }
            }
        });
        let options = IntersectionObserverInit::new();
        options.set_root_margin(MARGIN);
        let observer = IntersectionObserver::new_with_options(on_sight.as_ref().unchecked_ref(), &options).ok();
        let watch = observer.map(|observer| Watch { observer, _on_sight: on_sight });
        Self(Some(StoredValue::new_local(watch)))
    }

    /// Begins to watch a tile.
    pub(super) fn watch(self, tile: &Element) {
        self.with(|watch| watch.observer.observe(tile));
    }

    /// Stops watching a tile.
    pub(super) fn leave(self, tile: &Element) {
        self.with(|watch| watch.observer.unobserve(tile));
    }

    fn with(self, work: impl FnOnce(&Watch)) {
        if let Some(value) = self.0 {
            value.try_with_value(|watch| watch.as_ref().map(work));
        }
    }
}
