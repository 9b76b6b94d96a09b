//! Renaming and deleting a report, for those who may.

use crate::api::reports::{delete_report, update_report};
use crate::components::local::Local;
use crate::components::*;
use crate::pages::deeds::{Deed, FormError};
use domain::Access;
use domain::api::ReportPatch;
use domain::report::Report;
use leptos::{ev, prelude::*};
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

#[component]
pub(super) fn Changes(report: Report, reload: Callback<()>) -> impl IntoView {
    let access = report.access;
    if access < Access::Edit {
        return ().into_any();
    }
    let (editing, asking) = (RwSignal::new(false), RwSignal::new(false));
    let deed = Deed::new();
    let toasts = use_toasts();
    let id = StoredValue::new(report.id.clone());
    let navigate = Local::holding(use_navigate);
    let delete = move |()| {
        deed.run(delete_report(id.get_value()), move |()| {
            toasts.good("Report deleted");
            _ = navigate.with(|go| go("/reports", NavigateOptions { replace: true, ..NavigateOptions::default() }));
        });
    };
    let name = report.name.clone();
    view! {
        <Menu label="More actions" align=Align::End>
            <MenuItem icon="pencil" on_click=move |()| editing.set(true)>"Rename…"</MenuItem>
            {(access == Access::Owner).then(|| view! {
                <MenuItem icon="trash-2" danger=true on_click=move |()| asking.set(true)>"Delete…"</MenuItem>
            })}
        </Menu>
        <Dialog open=editing title="Rename this report" size=DialogSize::Small light=false>
            <Rename report=report.clone() open=editing reload/>
        </Dialog>
        <ConfirmDialog
            open=asking
            title=format!("Delete the report “{name}”?")
            text="Links to it stop working. The data stays as it is. This cannot be undone."
            confirm="Delete report"
            busy=deed.busy
            on_confirm=delete
        />
    }
    .into_any()
}

#[component]
fn Rename(report: Report, open: RwSignal<bool>, reload: Callback<()>) -> impl IntoView {
    let (name, description) = (RwSignal::new(report.name), RwSignal::new(report.description));
    let deed = Deed::new();
    let toasts = use_toasts();
    let id = report.id;
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let patch = ReportPatch {
            name: Some(name.get_untracked()),
            description: Some(description.get_untracked()),
            ..ReportPatch::default()
        };
        deed.submit(update_report(id.clone(), patch), move |_| {
            _ = open.try_set(false);
            toasts.good("Report saved");
            _ = reload.try_run(());
        });
    };
    view! {
        <form class="form" on:submit=submit>
            <FormError error=deed.error/>
            <Field label="Name" required=true><TextInput value=name max_length=100 autofocus=true on_input=move |text| name.set(text)/></Field>
            <Field label="Description" optional=true>
                <TextInput value=description max_length=500 on_input=move |text| description.set(text)/>
            </Field>
            <div class="form-end">
                <Button on_click=move |()| open.set(false)>"Cancel"</Button>
                <Button kind="submit" variant=Variant::Primary busy=deed.busy>"Save"</Button>
            </div>
        </form>
    }
    .into_any()
}
