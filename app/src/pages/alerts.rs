//! Alerts: what is watched, and how it stands.

mod condition;
mod editor;
mod one;
mod people;
mod plot;
mod states;
mod subject;
mod timing;

pub use editor::NewAlertPage;
pub use one::AlertPage;

use crate::api::alerts::list_alerts;
use crate::api::sharing::Thing;
use crate::components::*;
use crate::live::use_topic;
use crate::pages::deeds::in_place;
use crate::pages::folders::{FolderFilter, FolderName, Folders};
use crate::session::use_session;
use domain::UserRole;
use domain::alert::{Alert, Status};
use leptos::prelude::*;
use leptos_router::hooks::query_signal_with_options;
use states::{Rest, StatusBadge, moment};

/// The list: what needs somebody first.
#[component]
pub fn AlertsPage() -> impl IntoView {
    let (search, set_search) = query_signal_with_options::<String>("q", in_place());
    let (only, set_only) = query_signal_with_options::<String>("status", in_place());
    let list = Resource::new_blocking(|| (), |()| list_alerts());
    let reload = Callback::new(move |()| list.refetch());
    let session = use_session();
    if let Some(caller) = session.caller() {
        use_topic(format!("alerts:{}", caller.user_id), move |_| list.refetch());
    }
    let folders = Folders::of(Thing::Alert);
    let makes = session.has_role(UserRole::Explorer);
    let wanted = Signal::derive(move || search.get().unwrap_or_default());
    let status = Signal::derive(move || only.get().unwrap_or_default());
    let body = move || {
        list.get().map(|result| match result {
            Ok(items) if items.is_empty() => empty(makes),
            Ok(items) => view! { <Found items wanted status folders/> }.into_any(),
            Err(error) => view! { <ErrorState error=error.0 retry=reload/> }.into_any(),
        })
    };
    let statuses = || {
        let all = Choice::new("", "All states");
        std::iter::once(all).chain(Status::ALL.iter().map(|s| Choice::new(s.as_str(), s.label()))).collect::<Vec<_>>()
    };
    view! {
        <Page attr:data-testid="alerts">
            <PageHeader title="Alerts" subtitle="Told when a number needs somebody.">
                {makes.then(|| view! { <LinkButton href="/alerts/new" variant=Variant::Primary icon="plus">"New alert"</LinkButton> })}
            </PageHeader>
            <div class="toolbar">
                <SearchInput
                    label="Search alerts"
                    value=wanted
                    on_input=move |text: String| set_search.set((!text.is_empty()).then_some(text))
                />
                <Select
                    options=statuses()
                    value=status
                    on_change=move |v: String| set_only.set((!v.is_empty()).then_some(v))
                    label="State"
                />
                <FolderFilter folders/>
            </div>
            <Transition fallback=|| view! { <Skeleton lines=6/> }>{body}</Transition>
        </Page>
    }
    .into_any()
}

#[component]
fn Found(items: Vec<Alert>, wanted: Signal<String>, status: Signal<String>, folders: Folders) -> impl IntoView {
    let mut items = items;
    items.sort_by(|a, b| (b.status, &a.name).cmp(&(a.status, &b.name)));
    let items = StoredValue::new(items);
    let found = Memo::new(move |_| {
        let (text, status) = (wanted.get().trim().to_lowercase(), Status::parse(&status.get()));
        let has = |own: &str| own.to_lowercase().contains(&text);
        let fits = |a: &&Alert| {
            (has(&a.name) || has(&a.sentence)) && status.is_none_or(|s| a.status == s) && folders.has(&a.id)
        };
        items.with_value(|all| all.iter().filter(fits).cloned().collect::<Vec<Alert>>())
    });
    let head = || {
        vec![Head::text("State"), Head::text("Alert"), Head::number("Value"), Head::text("Since"), Head::text("Owner")]
    };
    view! {
        <Show
            when=move || found.with(|f| !f.is_empty())
            fallback=|| view! { <EmptyState icon="search" title="No such alert" text="Search for another word, or show all states."/> }
        >
            <Card flush=true>
                <Table caption="Alerts" head=head()>{move || found.get().into_iter().map(|alert| row(alert, folders)).collect_view()}</Table>
            </Card>
        </Show>
    }
    .into_any()
}

fn row(alert: Alert, folders: Folders) -> AnyView {
    view! {
        <tr data-testid="alert-row" data-status=alert.status.as_str()>
            <td><div class="row-wrap"><StatusBadge status=alert.status/> <Rest alert=alert.clone()/></div></td>
            <td>
                <a href=format!("/alerts/{}", alert.id)>{alert.name}</a>
                <FolderName folders id=alert.id/>
                <div class="muted small">{alert.sentence}</div>
            </td>
            <td class="num">{alert.formatted_value}</td>
            <td class="small">{moment(&alert.since)}</td>
            <td>{alert.owner_name}</td>
        </tr>
    }
    .into_any()
}

fn empty(makes: bool) -> AnyView {
    let text = "An alert watches a metric or a tile, and tells you when it is above, below or not as usual.";
    if makes {
        view! {
            <EmptyState icon="bell" title="No alerts yet" text>
                <LinkButton href="/alerts/new" variant=Variant::Primary icon="plus">"New alert"</LinkButton>
            </EmptyState>
        }
        .into_any()
    } else {
        view! { <EmptyState icon="bell" title="No alerts yet" text/> }.into_any()
    }
}
