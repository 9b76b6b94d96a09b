//! What the command palette finds besides pages: dashboards, datasets, metrics and reports by name.

use crate::api::dashboards::{Findable, Named, find_everything};
use crate::components::palette::{Command, use_palette};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Fills the palette with what the caller may open. Once, at the top of the application.
pub(crate) fn provide_finder() {
    let palette = use_palette();
    palette.set_search(Callback::new(move |text: String| {
        // The names come whole when the palette opens; it narrows them itself. Who types at once
        // is ahead of that.
        if text.is_empty() || palette.found.with_untracked(Vec::is_empty) {
            spawn_local(async move {
                if let Ok(found) = find_everything().await {
                    _ = palette.found.try_set(commands(found));
                }
            });
        }
    }));
}

/// Dashboards first: they are what people mostly look for.
fn commands(found: Findable) -> Vec<Command> {
    let list = |items: Vec<Named>, icon: &'static str, kind: &'static str, under: &'static str| {
        items.into_iter().map(move |item| Command::go(icon, item.name, kind, format!("/{under}/{}", item.key)))
    };
    list(found.dashboards, "layout-dashboard", "Dashboard", "dashboards")
        .chain(list(found.datasets, "database", "Dataset", "data"))
        .chain(list(found.metrics, "gauge", "Metric", "metrics"))
        .chain(list(found.reports, "clipboard-list", "Report", "reports"))
        .collect()
}
