//! Reports: questions with parameters, to be run by those who did not write them.

use crate::api::reports::list_reports;
use crate::api::sharing::Thing;
use crate::components::*;
use crate::pages::deeds::{day, in_place};
use crate::pages::folders::{FolderFilter, FolderName, Folders};
use crate::session::use_session;
use domain::UserRole;
use domain::report::Report;
use leptos::prelude::*;
use leptos_router::hooks::query_signal_with_options;

/// The list.
#[component]
pub fn ReportsPage() -> impl IntoView {
    let (search, set_search) = query_signal_with_options::<String>("q", in_place());
    let list = Resource::new_blocking(|| (), |()| list_reports());
    let reload = Callback::new(move |()| list.refetch());
    let folders = Folders::of(Thing::Report);
    let creator = use_session().has_role(UserRole::Creator);
    let wanted = Signal::derive(move || search.get().unwrap_or_default());
    let body = move || {
        list.get().map(|result| match result {
            Ok(items) if items.is_empty() => empty(creator),
            Ok(items) => view! { <Found items wanted folders/> }.into_any(),
            Err(error) => view! { <ErrorState error=error.0 retry=reload/> }.into_any(),
        })
    };
    view! {
        <Page attr:data-testid="reports">
            <PageHeader title="Reports" subtitle="Questions that were kept: fill in what you want to know, and run them.">
                {creator.then(|| view! { <LinkButton href="/explore" icon="compass">"Make one in Explore"</LinkButton> })}
            </PageHeader>
            <div class="toolbar">
                <SearchInput
                    label="Search reports"
                    value=wanted
                    on_input=move |text: String| set_search.set((!text.is_empty()).then_some(text))
                />
                <FolderFilter folders/>
            </div>
            <Transition fallback=|| view! { <Skeleton lines=6/> }>{body}</Transition>
        </Page>
    }
    .into_any()
}

#[component]
fn Found(items: Vec<Report>, wanted: Signal<String>, folders: Folders) -> impl IntoView {
    let items = StoredValue::new(items);
    let found = Memo::new(move |_| {
        let text = wanted.get().trim().to_lowercase();
        let has = |own: &str| own.to_lowercase().contains(&text);
        items.with_value(|all| {
            all.iter()
                .filter(|r| (has(&r.name) || has(&r.description)) && folders.has(&r.id))
                .cloned()
                .collect::<Vec<Report>>()
        })
    });
    let head = || vec![Head::text("Report"), Head::text("Filled in"), Head::text("Owner"), Head::number("Changed")];
    view! {
        <Show
            when=move || found.with(|f| !f.is_empty())
            fallback=|| view! { <EmptyState icon="search" title="No report is called so" text="Search for another word."/> }
        >
            <Card flush=true>
                <Table caption="Reports" head=head()>{move || found.get().into_iter().map(|report| row(report, folders)).collect_view()}</Table>
            </Card>
        </Show>
    }
    .into_any()
}

fn row(report: Report, folders: Folders) -> AnyView {
    let labels: Vec<String> = report.def.parameters.iter().map(label_of).collect();
    let labels = if labels.is_empty() { "Nothing".to_owned() } else { labels.join(", ") };
    view! {
        <tr data-testid="report-row">
            <td>
                <a href=format!("/reports/{}", report.id)>{report.name}</a>
                <FolderName folders id=report.id/>
                {(!report.description.is_empty()).then(|| view! { <div class="muted small">{report.description}</div> })}
            </td>
            <td class="small">{labels}</td>
            <td>{report.owner_name}</td>
            <td class="num">{day(&report.updated_at)}</td>
        </tr>
    }
    .into_any()
}

/// What a parameter is called.
pub(crate) fn label_of(parameter: &domain::report::Parameter) -> String {
    if parameter.label.is_empty() { domain::names::to_label(&parameter.name) } else { parameter.label.clone() }
}

fn empty(creator: bool) -> AnyView {
    let text = "A report is a question whose filters others can fill in, such as the region or the period.";
    if creator {
        view! {
            <EmptyState icon="clipboard-list" title="No reports yet" text>
                <LinkButton href="/explore" variant=Variant::Primary icon="compass">"Make one in Explore"</LinkButton>
            </EmptyState>
        }
        .into_any()
    } else {
        view! { <EmptyState icon="clipboard-list" title="No reports yet" text/> }.into_any()
    }
}
