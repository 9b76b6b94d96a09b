//! Keeps the screen on, where the browser can.

use crate::components::local::Local;
use crate::components::on_window;
use gloo::events::EventListener;
use leptos::{ev, prelude::*};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Keeps the screen on for as long as the calling component lives.
pub(super) fn keep() {
    let listener = Local::<Option<EventListener>>::new();
    Effect::new(move |_| {
        ask();
        // A page that was out of sight has lost it.
        listener.set(Some(EventListener::new(&document(), "visibilitychange", |_| ask())));
    });
    // A browser may want somebody to have touched the page first.
    on_window(ev::pointerdown, |_| ask());
}

fn ask() {
    let lock = || -> Option<js_sys::Promise> {
        let wake = js_sys::Reflect::get(&window().navigator(), &"wakeLock".into()).ok().filter(|w| w.is_object())?;
        let request = js_sys::Reflect::get(&wake, &"request".into()).ok()?.dyn_into::<js_sys::Function>().ok()?;
        request.call1(&wake, &JsValue::from("screen")).ok()?.dyn_into().ok()
    };
    if let Some(lock) = lock() {
        // Without it the wall goes on; the screen may go out.
        leptos::task::spawn_local(async move { _ = JsFuture::from(lock).await });
    }
}
