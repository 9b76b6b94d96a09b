//! The browser's own notices: shown while the page is hidden, by browsers in which somebody asked for
//! them. Spoken to by name, because a browser may have none.

use domain::notify::Notification;
use js_sys::{Array, Function, Object, Reflect};
use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Where this browser keeps that it was asked for.
const KEY: &str = "orrery.notices";

fn class() -> Option<Function> {
    Reflect::get(&window(), &"Notification".into()).ok()?.dyn_into().ok()
}

fn permission() -> Option<String> {
    Reflect::get(&class()?.into(), &"permission".into()).ok()?.as_string()
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

/// Whether this browser shows them.
pub(crate) fn is_on() -> bool {
    let asked = storage().and_then(|s| s.get_item(KEY).ok().flatten()).is_some();
    asked && permission().as_deref() == Some("granted")
}

/// Turns them off in this browser.
pub(crate) fn turn_off() {
    if let Some(storage) = storage() {
        _ = storage.remove_item(KEY);
    }
}

/// Asks the browser, which asks its user. Answers what keeps it from being on, in a sentence.
pub(crate) async fn turn_on() -> Result<(), &'static str> {
    let class = class().ok_or("This browser has no notifications, or this address is not secure (https).")?;
    let ask = Reflect::get(&class, &"requestPermission".into()).ok().and_then(|f| f.dyn_into::<Function>().ok());
    let asked = ask.and_then(|ask| ask.call0(&class).ok()).and_then(|p| p.dyn_into::<js_sys::Promise>().ok());
    if let Some(asked) = asked {
        _ = JsFuture::from(asked).await;
    }
    if permission().as_deref() != Some("granted") {
        return Err("The browser does not allow it: change it in the browser's settings for this page.");
    }
    storage().and_then(|s| s.set_item(KEY, "on").ok()).ok_or("This browser does not remember the choice.")
}

/// Shows a notice if the page is hidden and they are wanted. Answers whether it did.
pub(super) fn show(notification: &Notification) -> bool {
    let hidden = Reflect::get(&document(), &"hidden".into()).ok().and_then(|h| h.as_bool()).unwrap_or(false);
    if !hidden || !is_on() {
        return false;
    }
    let Some(class) = class() else { return false };
    let options = Object::new();
    // Of several pages of one browser, the last one's notice takes the place of the others'.
    for (name, value) in [("tag", &notification.id), ("body", &plain(&notification.body))] {
        _ = Reflect::set(&options, &name.into(), &value.as_str().into());
    }
    let arguments = Array::of2(&notification.subject.as_str().into(), &options);
    let Ok(shown) = Reflect::construct(&class, &arguments) else { return false };
    let link = notification.link.clone();
    let open = Closure::once_into_js(move || {
        _ = window().focus();
        _ = window().location().set_href(&link);
    });
    _ = Reflect::set(&shown, &JsValue::from_str("onclick"), &open);
    true
}

/// The words of a short Markdown text.
fn plain(text: &str) -> String {
    text.replace("**", "").chars().take(200).collect()
}
