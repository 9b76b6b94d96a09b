//! The dialog of an upload: one for all its stages.

use super::look::{LeftOut, Looking};
use super::progress::{Loading, Sending};
use super::upload::{Fixed, Stage, Upload};
use crate::components::*;
use domain::api::LoadMode;
use leptos::prelude::*;

/// The dialog of an upload and its hidden file input.
#[component]
pub(crate) fn UploadFlow(upload: Upload) -> impl IntoView {
    Effect::new(move |was: Option<bool>| {
        let open = upload.open.get();
        if was == Some(true) && !open {
            upload.closed();
        }
        open
    });
    let chosen = move |_| {
        if let Some(files) = upload.input.get_untracked().and_then(|input| input.files()) {
            upload.take(&files, upload.fixed.get_untracked());
        }
    };
    let title = move || match upload.fixed.get() {
        Some(Fixed { label, mode: LoadMode::Append, .. }) => format!("Append to {label}"),
        Some(Fixed { label, .. }) => format!("Replace the rows of {label}"),
        None => format!("Load {}", upload.file_name.get()),
    };
    let footer = move || view! { <Footer upload/> };
    view! {
        <input
            node_ref=upload.input
            type="file"
            hidden
            data-testid="file-input"
            aria-label="File to load"
            accept=".csv,.tsv,.tab,.txt,.json,.ndjson,.jsonl,.parquet,.pq,.xlsx,.xlsm,.xls,.xlsb,.ods,.arrow,.arrows,.feather,.ipc"
            on:change=chosen
        />
        <Dialog open=upload.open title size=DialogSize::Large footer light=false attr:data-testid="upload-dialog">
            <div class="upload">
                {move || match upload.stage.get() {
                    Stage::Sending => view! { <Sending upload/> }.into_any(),
                    Stage::Looking => view! { <Looking upload/> }.into_any(),
                    Stage::Loading => view! { <Loading upload/> }.into_any(),
                    Stage::LeftOut => view! { <LeftOut upload/> }.into_any(),
                }}
            </div>
        </Dialog>
    }
    .into_any()
}

/// The buttons of the stage.
#[component]
fn Footer(upload: Upload) -> impl IntoView {
    let close = move |()| upload.open.set(false);
    let load = move || {
        view! {
            <Button
                variant=Variant::Primary
                busy=upload.busy
                disabled=Signal::derive(move || !upload.is_ready() && !upload.busy.get())
                attr:data-testid="load-button"
                on_click=move |()| upload.load()
            >
                {move || match upload.mode.get() {
                    LoadMode::Append => "Append rows",
                    LoadMode::Replace => "Replace rows",
                    LoadMode::Create => "Load",
                }}
            </Button>
        }
    };
    move || {
        match upload.stage.get() {
        Stage::Sending => {
            let failed = move || upload.error.with(Option::is_some);
            view! {
                <Button on_click=close attr:data-testid="upload-cancel">"Cancel"</Button>
                <Show when=failed>
                    <Button variant=Variant::Primary icon="refresh-cw" on_click=move |()| upload.send()>"Try again"</Button>
                </Show>
            }
            .into_any()
        }
        Stage::Looking => view! {
            <Button on_click=close>"Cancel"</Button>
            {load()}
        }
        .into_any(),
        Stage::Loading => view! {
            <Button on_click=move |()| upload.cancel_load() attr:data-testid="load-cancel">"Cancel loading"</Button>
            <Button on_click=close>"Continue in the background"</Button>
        }
        .into_any(),
        Stage::LeftOut => view! {
            <Button variant=Variant::Primary attr:data-testid="load-go-on" on_click=move |()| upload.go_on()>"Go on"</Button>
        }
        .into_any(),
    }
    }
}
