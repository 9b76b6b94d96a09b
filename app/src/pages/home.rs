//! Home: the dashboard that the caller chose, or what changed lately and what to do first.

use crate::api::dashboards::{DatasetLine, HomeData, home_view};
use crate::components::*;
use crate::pages::dashboards::Sketch;
use crate::pages::deeds::day;
use crate::session::use_session;
use domain::UserRole;
use domain::dashboard::DashboardSummary;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

/// Home.
#[component]
pub fn HomePage() -> impl IntoView {
    let home = Resource::new_blocking(|| (), |()| home_view());
    // The server has led on already; this is for a visit from another page.
    let navigate = use_navigate();
    Effect::new(move |_| {
        if let Some(Ok(HomeData { home: Some(slug), .. })) = home.get() {
            navigate(&format!("/dashboards/{slug}"), NavigateOptions { replace: true, ..NavigateOptions::default() });
        }
    });
    let retry = Callback::new(move |()| home.refetch());
    let body = move || {
        home.get().map(|result| match result {
            Ok(view) if view.home.is_some() => view! { <Skeleton height="12rem"/> }.into_any(),
            Ok(view) => overview(view).into_any(),
            Err(error) => view! { <ErrorState error=error.0 retry/> }.into_any(),
        })
    };
    view! {
        <Page attr:data-testid="home">
            <PageHeader title="Home"/>
            <Transition fallback=|| view! { <Skeleton height="12rem"/> }>{body}</Transition>
        </Page>
    }
    .into_any()
}

fn overview(view: HomeData) -> AnyView {
    let HomeData { dashboards, datasets, .. } = view;
    let starred: Vec<_> = dashboards.iter().filter(|d| d.is_starred).take(8).cloned().collect();
    let recent: Vec<_> = dashboards.into_iter().filter(|d| !d.is_starred).take(8).collect();
    let creator = use_session().has_role(UserRole::Creator);
    let nothing = starred.is_empty() && recent.is_empty();
    view! {
        {creator.then(|| first_steps(datasets.is_empty()))}
        {(nothing && !creator).then(|| view! {
            <EmptyState icon="house" title="Nothing is shared with you yet" text="Dashboards that others share with you appear here."/>
        })}
        {(!starred.is_empty()).then(|| shelf("Starred", starred))}
        {(!recent.is_empty()).then(|| shelf("Changed lately", recent))}
        {(!datasets.is_empty()).then(|| dataset_list(datasets))}
    }
    .into_any()
}

fn shelf(title: &'static str, items: Vec<DashboardSummary>) -> AnyView {
    let card = |item: DashboardSummary| {
        view! {
            <li class="card dash-card">
                <Sketch tiles=item.sketch/>
                <div class="dash-body">
                    <h3 class="truncate"><a class="card-link" href=format!("/dashboards/{}", item.slug)>{item.name}</a></h3>
                    <p class="dash-foot"><span class="truncate">{item.owner_name}</span><time datetime=item.updated_at.clone()>{day(&item.updated_at)}</time></p>
                </div>
            </li>
        }
        .into_any()
    };
    view! { <Section title><ul class="grid-cards">{items.into_iter().map(card).collect_view()}</ul></Section> }
        .into_any()
}

fn dataset_list(items: Vec<DatasetLine>) -> AnyView {
    let row = |item: DatasetLine| {
        let rows = domain::format::number(
            item.rows as f64,
            &domain::format::Format::default(),
            false,
            &crate::session::locale(),
        );
        view! {
            <tr>
                <td><a href=format!("/data/{}", item.name)>{item.label}</a></td>
                <td class="num">{rows}</td>
                <td class="num">{day(&item.updated_at)}</td>
            </tr>
        }
    };
    let head = vec![Head::text("Dataset"), Head::number("Rows"), Head::number("Changed")];
    view! {
        <Section title="Data">
            <Card flush=true>
                <Table caption="Datasets" head>{items.into_iter().map(row).collect_view()}</Table>
            </Card>
        </Section>
    }
    .into_any()
}

fn first_steps(no_data: bool) -> AnyView {
    let step = |icon: &'static str, title: &'static str, text: &'static str, href: &'static str| {
        view! {
            <li class="card step-card">
                <span class="step-icon"><Icon name=icon/></span>
                <div>
                    <h3><a class="card-link" href=href>{title}</a></h3>
                    <p class="muted">{text}</p>
                </div>
            </li>
        }
    };
    let template = if no_data {
        "Load data first; a template then fits itself to it."
    } else {
        "Pick a template; it fits itself to your data."
    };
    view! {
        <Section title="First steps">
            <ul class="grid-cards">
                {step("upload", "Load data", "Drop a CSV, Parquet, Excel or JSON file.", "/data")}
                {step("layout-dashboard", "Make a dashboard from a template", template, "/dashboards?new=template")}
                {step("gauge", "Watch a number", "A metric stays fresh by itself and shows its trend.", "/metrics?new=metric")}
            </ul>
        </Section>
    }
    .into_any()
}
