//! The trash: what can be brought back, or deleted for good.

use crate::api::dashboards::{list_trash, purge};
use crate::api::document::restore;
use crate::components::*;
use crate::pages::deeds::{Deed, day};
use domain::dashboard::DashboardSummary;
use leptos::prelude::*;

/// The caller's dashboards in the trash.
#[component]
pub(super) fn TrashView() -> impl IntoView {
    let list = Resource::new_blocking(|| (), |()| list_trash());
    let reload = Callback::new(move |()| list.refetch());
    let doomed = RwSignal::new(None::<DashboardSummary>);
    let asking = RwSignal::new(false);
    let toasts = use_toasts();
    let deed = Deed::new();
    let bring_back = Callback::new(move |id: String| {
        deed.run(restore(id), move |_| {
            toasts.good("Dashboard restored");
            _ = reload.try_run(());
        });
    });
    let ask = Callback::new(move |item: DashboardSummary| {
        doomed.set(Some(item));
        asking.set(true);
    });
    let delete = move |()| {
        let Some(item) = doomed.get_untracked() else { return };
        deed.run(purge(item.id), move |()| {
            _ = asking.try_set(false);
            toasts.good("Dashboard deleted");
            _ = reload.try_run(());
        });
    };
    let body = move || {
        list.get().map(|result| match result {
            Ok(items) if items.is_empty() => {
                view! { <EmptyState icon="trash-2" title="The trash is empty" text="Dashboards that you move to the trash wait here until you delete them for good."/> }.into_any()
            }
            Ok(items) => view! {
                <Card flush=true>
                    <Table caption="Dashboards in the trash" head=vec![Head::text("Name"), Head::number("Last change"), Head::hidden("Actions")]>
                        {items.into_iter().map(|item| row(item, bring_back, ask)).collect_view()}
                    </Table>
                </Card>
            }
            .into_any(),
            Err(error) => view! { <ErrorState error=error.0 retry=reload/> }.into_any(),
        })
    };
    let title = move || format!("Delete “{}” for good?", doomed.get().map(|d| d.name).unwrap_or_default());
    view! {
        <Page attr:data-testid="trash-view">
            <PageHeader title="Trash" crumbs=vec![Crumb::new("Dashboards", "/dashboards")]/>
            <Transition fallback=|| view! { <Skeleton lines=4/> }>{body}</Transition>
            <ConfirmDialog
                open=asking
                title=Signal::derive(title)
                text="The dashboard and its history are lost. This cannot be undone; the data it shows stays."
                confirm="Delete for good"
                busy=deed.busy
                on_confirm=delete
            />
        </Page>
    }
    .into_any()
}

fn row(item: DashboardSummary, bring_back: Callback<String>, ask: Callback<DashboardSummary>) -> AnyView {
    let id = item.id.clone();
    let name = item.name.clone();
    view! {
        <tr data-testid="trash-row">
            <td>{name}</td>
            <td class="num">{day(&item.updated_at)}</td>
            <td class="actions">
                <div class="row row-end">
                    <Button size=Size::Small icon="undo-2" on_click=move |()| bring_back.run(id.clone())>"Restore"</Button>
                    <Button size=Size::Small variant=Variant::Danger icon="trash-2" on_click=move |()| ask.run(item.clone())>"Delete for good"</Button>
                </div>
            </td>
        </tr>
    }
    .into_any()
}
