//! The ways to a new dashboard.

use crate::api::dashboards::create_dashboard;
use crate::components::local::Local;
use crate::components::*;
use crate::pages::deeds::Deed;
use domain::Error;
use domain::api::NewDashboard;
use domain::dashboard::Layout;
use leptos::{ev, html, prelude::*};
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

/// A file with a dashboard is small; more than this is something else.
const MAX_FILE: f64 = 5_000_000.0;

/// The button "New" and what it offers.
#[component]
pub(super) fn NewMenu(template_open: RwSignal<bool>, naming: RwSignal<bool>) -> impl IntoView {
    let deed = Deed::new();
    let file = NodeRef::<html::Input>::new();
    let navigate = Local::holding(use_navigate);
    let open = move |slug: String| {
        _ = navigate.with(|go| go(&format!("/dashboards/{slug}"), NavigateOptions::default()));
    };
    let empty = move |()| deed.run(create_dashboard(untitled()), open);
    let pick = move |()| {
        if let Some(input) = file.get_untracked() {
            input.click();
        }
    };
    let picked = move |event: ev::Event| {
        let input = event.target().and_then(|t| t.dyn_into::<web_sys::HtmlInputElement>().ok());
        let Some(input) = input else { return };
        let Some(chosen) = input.files().and_then(|files| files.get(0)) else { return };
        let work = async move {
            let new = read(chosen).await?;
            // The same file can be picked again.
            input.set_value("");
            create_dashboard(new).await
        };
        deed.run(work, open);
    };
    let face = || view! { <Icon name="plus"/><span class="btn-label">"New"</span> };
    view! {
        <div class="card-above" data-testid="new-dashboard">
            <Menu label="New dashboard" face button_class="btn btn-primary" align=Align::End>
                <MenuItem icon="layout-dashboard" on_click=empty>"Empty dashboard"</MenuItem>
                <MenuItem icon="grid-2x2" on_click=move |()| template_open.set(true)>"From template…"</MenuItem>
                <MenuItem icon="file-up" on_click=pick>"Import JSON…"</MenuItem>
                <MenuDivider/>
                <MenuItem icon="folder" on_click=move |()| naming.set(true)>"New folder…"</MenuItem>
            </Menu>
            <input
                node_ref=file
                type="file"
                accept=".json,application/json"
                hidden
                aria-label="Dashboard file"
                data-testid="import-json"
                on:change=picked
            />
        </div>
    }
    .into_any()
}

fn untitled() -> NewDashboard {
    NewDashboard {
        name: "Untitled dashboard".into(),
        description: String::new(),
        slug: None,
        theme: None,
        cache_duration: None,
        layout: Layout::default(),
        settings: serde_json::Map::new(),
        is_public: false,
        is_default: false,
    }
}

/// A dashboard from a file. It gets an address of its own and belongs to nobody else.
async fn read(file: web_sys::File) -> crate::api::Result<NewDashboard> {
    let unreadable =
        || Error::invalid("This file is not a dashboard.").hint("Pick a JSON file that was exported from a dashboard.");
    if file.size() > MAX_FILE {
        return Err(unreadable().into());
    }
    let text = JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string()).ok_or_else(unreadable)?;
    let new = serde_json::from_str::<NewDashboard>(&text).map_err(|_| unreadable())?;
    Ok(NewDashboard { slug: None, is_public: false, is_default: false, ..new })
}
