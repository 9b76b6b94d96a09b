//! Looks after a wall that nobody sits at: whether its link still holds, and whether the server runs
//! another build by now.

use super::show::OnWall;
use crate::api::walls::check_wall;
use crate::live::{Status, use_socket};
use crate::session::use_session;
use domain::ErrorCode;
use leptos::prelude::*;
use std::time::Duration;

/// How often a wall without a connection asks whether it still may have one.
const ASK_EVERY: Duration = Duration::from_secs(3);
/// A wall does not load itself anew more often than this, whatever the server says.
const RELOAD_MS: f64 = 60_000.0;
const RELOADED: &str = "wall-reloaded";

/// Watches for as long as the calling component lives.
pub(super) fn watch(wall: OnWall) {
    let socket = use_socket();
    let build = StoredValue::new(use_session().assets().wasm);
    let ask = move || {
        leptos::task::spawn_local(async move {
            match check_wall(wall.screen).await {
                Ok(now) if build.try_with_value(|own| *own != now) == Some(true) => reload(),
                Ok(_) => {}
                Err(error) => {
                    let ends = matches!(error.0.code, ErrorCode::Gone | ErrorCode::SignInRequired);
                    if ends {
                        _ = wall.over.try_set(Some(error.0));
                    }
                }
            }
        });
    };
    Effect::new(move |before: Option<Status>| {
        let status = socket.status().get();
        // A connection that is new may be to another server, one that is lost may have been ended.
        if before.is_some() && before != Some(status) {
            ask();
        }
        status
    });
    Effect::new(move |_| {
        let look = move || {
            if socket.status().get_untracked() != Status::Open && wall.over.with_untracked(Option::is_none) {
                ask();
            }
        };
        if let Ok(clock) = set_interval_with_handle(look, ASK_EVERY) {
            on_cleanup(move || clock.clear());
        }
    });
}

fn reload() {
    let now = js_sys::Date::now();
    let Ok(Some(kept)) = window().session_storage() else { return };
    let last = kept.get_item(RELOADED).ok().flatten().and_then(|text| text.parse::<f64>().ok());
    if last.is_none_or(|last| now - last > RELOAD_MS) {
        _ = kept.set_item(RELOADED, &now.to_string());
        _ = window().location().reload();
    }
}
