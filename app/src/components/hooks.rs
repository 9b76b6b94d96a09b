//! Small helpers that touch the browser. On the server they give their first value and do nothing.

use super::local::Local;
use gloo::events::EventListener;
use leptos::prelude::*;
use leptos::reactive::spawn_local_scoped_with_cancellation;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use wasm_bindgen::JsCast;

/// An id for an element. Ids made by the server and ids made by the browser never meet, so an
/// element that was hydrated keeps its own; use ids in static attributes only.
pub fn unique_id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let side = if cfg!(feature = "ssr") { 's' } else { 'b' };
    format!("{side}{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Calls `then` once the calls have paused for `millis`, with the last value.
pub fn debounced<T: Send + Sync + 'static>(millis: u64, then: Callback<T>) -> Callback<T> {
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let stop = move || {
        if let Some(handle) = timer.try_get_value().flatten() {
            handle.clear();
        }
    };
    on_cleanup(stop);
    Callback::new(move |value: T| {
        stop();
        let run = move || {
            _ = then.try_run(value);
        };
        timer.set_value(set_timeout_with_handle(run, Duration::from_millis(millis)).ok());
    })
}

/// As [`debounced`], for what somebody types: what still waits when its field goes away is told
/// then, and not lost.
pub fn typed<T: Send + Sync + 'static>(millis: u64, then: Callback<T>) -> Callback<T> {
    let waiting = StoredValue::new(None::<T>);
    let tell = move || {
        if let Some(value) = waiting.try_update_value(Option::take).flatten() {
            _ = then.try_run(value);
        }
    };
    let later = debounced(millis, Callback::new(move |()| tell()));
    on_cleanup(tell);
    Callback::new(move |value: T| {
        waiting.set_value(Some(value));
        later.run(());
    })
}

/// One piece of work at a time: another one, [`OneAtATime::cancel`] or leaving the page ends it, and
/// with it the request it waits for, so that the server stops as well.
#[derive(Clone, Copy)]
pub struct OneAtATime(StoredValue<Option<Owner>>);

impl OneAtATime {
    /// Nothing under way.
    pub fn new() -> Self {
        let work = Self(StoredValue::new(None));
        on_cleanup(move || work.cancel());
        work
    }

    /// Begins, in the place of what is under way.
    pub fn start(self, work: impl Future<Output = ()> + 'static) {
        self.cancel();
        let owner = Owner::new();
        owner.with(|| spawn_local_scoped_with_cancellation(work));
        _ = self.0.try_set_value(Some(owner));
    }

    /// Ends what is under way.
    pub fn cancel(self) {
        if let Some(owner) = self.0.try_update_value(Option::take).flatten() {
            owner.cleanup();
        }
    }
}

impl Default for OneAtATime {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether a media query holds. False in the first render, then as the browser says.
pub fn use_media(query: &'static str) -> Signal<bool> {
    let holds = RwSignal::new(false);
    let listener = Local::<Option<EventListener>>::new();
    Effect::new(move |_| {
        let Ok(Some(list)) = window().match_media(query) else { return };
        holds.set(list.matches());
        let target = list.clone();
        listener.set(Some(EventListener::new(&target, "change", move |_| {
            _ = holds.try_set(list.matches());
        })));
    });
    holds.into()
}

/// A value kept in this browser. It starts as `initial` and takes the kept value after hydration;
/// set it and it is kept.
pub fn use_local_storage(key: impl Into<String>, initial: &str) -> RwSignal<String> {
    let (key, value) = (key.into(), RwSignal::new(initial.to_owned()));
    let storage = || window().local_storage().ok().flatten();
    Effect::new(move |read: Option<()>| {
        let now = value.get();
        let Some(storage) = storage() else { return };
        if read.is_some() {
            _ = storage.set_item(&key, &now);
        } else if let Ok(Some(kept)) = storage.get_item(&key) {
            value.set(kept);
        }
    });
    value
}

/// Seconds since `running` became true, while it is.
pub fn use_seconds(running: Signal<bool>) -> Signal<u32> {
    let seconds = RwSignal::new(0u32);
    let clock = StoredValue::new(None::<IntervalHandle>);
    let stop = move || {
        if let Some(clock) = clock.try_update_value(Option::take).flatten() {
            clock.clear();
        }
    };
    Effect::new(move |_| {
        stop();
        if running.get() {
            seconds.set(0);
            let tick = move || _ = seconds.try_update(|s| *s += 1);
            clock.set_value(set_interval_with_handle(tick, Duration::from_secs(1)).ok());
        }
    });
    on_cleanup(stop);
    seconds.into()
}

/// Listens on the window for as long as the calling component lives.
pub fn on_window<E>(event: E, handler: impl Fn(E::EventType) + 'static)
where
    E: leptos::tachys::html::event::EventDescriptor + 'static,
    E::EventType: JsCast,
{
    if is_server() {
        return;
    }
    let handle = window_event_listener(event, handler);
    on_cleanup(move || handle.remove());
}

/// Moves the focus to an element, if it is there.
pub fn focus(element: Option<web_sys::HtmlElement>) {
    if let Some(element) = element {
        _ = element.focus();
    }
}

/// The first element inside `root` that matches.
pub fn find(root: &web_sys::Element, selector: &str) -> Option<web_sys::HtmlElement> {
    root.query_selector(selector).ok().flatten()?.dyn_into().ok()
}

/// Whether a key pressed there is text for a field, and so no shortcut.
pub fn is_typing(event: &web_sys::KeyboardEvent) -> bool {
    let target = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|element| {
        element
            .closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true]")
            .is_ok_and(|found| found.is_some())
    })
}
