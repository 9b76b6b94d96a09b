//! One report: its parameters are filled in, it is run, and its answer is a chart and a table. What is
//! filled in is the address, so that a link leads to the same answer.

mod changes;
mod fields;

use crate::api::reports::{get_report, run_report};
use crate::api::sharing::Thing;
use crate::components::*;
use crate::pages::dashboard::csv;
use crate::pages::explore::question::Question;
use crate::pages::reports::label_of;
use crate::pages::sharing::{ShareDialog, Shared};
use crate::session::use_session;
use crate::tiles::logic::report::{differing, missing, values};
use crate::tiles::{SheetView, TileContent, nothing};
use changes::Changes;
use domain::report::{Parameter, Report};
use domain::{Access, ChartKind, Error, UserRole};
use fields::ParameterField;
use leptos::{ev, prelude::*};
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate, use_params_map};
use serde_json::{Map, Value};

/// The page.
#[component]
pub fn ReportPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|p| p.get("id").unwrap_or_default()));
    let report = Resource::new_blocking(move || id.get(), get_report);
    let reload = Callback::new(move |()| report.refetch());
    let body = move || {
        report.get().map(|result| match result {
            Ok(report) => view! { <Shown report reload/> }.into_any(),
            Err(error) => view! {
                <PageHeader title="Report" crumbs=crumbs()/>
                <ErrorState error=error.0 retry=reload/>
            }
            .into_any(),
        })
    };
    view! {
        <Page attr:data-testid="report">
            <Transition fallback=|| view! { <Skeleton height="16rem"/> }>{body}</Transition>
        </Page>
    }
    .into_any()
}

fn crumbs() -> Vec<Crumb> {
    vec![Crumb::new("Reports", "/reports")]
}

/// A report being run. Copy it freely.
#[derive(Clone, Copy)]
struct Run {
    id: StoredValue<String>,
    data: RwSignal<domain::api::TileData>,
    has: RwSignal<bool>,
    failed: RwSignal<Option<Error>>,
    busy: RwSignal<bool>,
    round: StoredValue<u32>,
}

impl Run {
    fn new(id: String) -> Self {
        Self {
            id: StoredValue::new(id),
            data: RwSignal::new(nothing()),
            has: RwSignal::new(false),
            failed: RwSignal::new(None),
            busy: RwSignal::new(false),
            round: StoredValue::new(0),
        }
    }

    fn ask(self, values: Map<String, Value>) {
        self.busy.set(true);
        self.round.update_value(|r| *r += 1);
        let own = self.round.get_value();
        let id = self.id.get_value();
        leptos::task::spawn_local(async move {
            let answer = run_report(id, values, false).await;
            // An answer to what was filled in before says nothing any more.
            if self.round.try_get_value() != Some(own) {
                return;
            }
            _ = self.busy.try_set(false);
            match answer {
                Ok(data) => {
                    _ = self.failed.try_set(None);
                    _ = self.data.try_set(data);
                    _ = self.has.try_set(true);
                }
                Err(error) => _ = self.failed.try_set(Some(error.into())),
            }
        });
    }
}

#[component]
fn Shown(report: Report, reload: Callback<()>) -> impl IntoView {
    let parameters = StoredValue::new(report.def.parameters.clone());
    let location = use_location();
    let navigate = StoredValue::new(use_navigate());
    let said =
        Memo::new(move |_| location.query.with(|query| parameters.with_value(|all| values(all, |key| query.get(key)))));
    let form = RwSignal::new(said.get_untracked());
    let run = Run::new(report.id.clone());
    let waits = Memo::new(move |_| said.with(|values| parameters.with_value(|all| missing(all, values).map(label_of))));
    // Back, Forward and links fill it in and run it.
    let path = location.pathname;
    let here = StoredValue::new(format!("/reports/{}", report.id));
    Effect::new(move |_| {
        let values = said.get();
        if path.get_untracked() != here.get_value() {
            return;
        }
        form.set(values.clone());
        if waits.get_untracked().is_none() {
            run.ask(values);
        }
    });
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let values = form.get_untracked();
        if values == said.get_untracked() {
            if waits.get_untracked().is_none() {
                run.ask(values);
            }
            return;
        }
        let encode = |text: &str| String::from(js_sys::encode_uri_component(text));
        let pairs: Vec<String> = parameters
            .with_value(|all| differing(all, &values))
            .iter()
            .map(|(name, value)| format!("{name}={}", encode(value)))
            .collect();
        let mark = if pairs.is_empty() { "" } else { "?" };
        let address = format!("{}{mark}{}", here.get_value(), pairs.join("&"));
        navigate.with_value(|go| go(&address, NavigateOptions { scroll: false, ..NavigateOptions::default() }));
    };
    let fields = {
        let id = report.id.clone();
        let field = move |parameter: Parameter| view! { <ParameterField id=id.clone() parameter form/> };
        parameters.get_value().into_iter().map(field).collect_view()
    };
    let has_parameters = !report.def.parameters.is_empty();
    let description = (!report.description.is_empty()).then(|| report.description.clone());
    let (kind, name, same) = (report.def.kind(), report.name.clone(), report.clone());
    view! {
        <PageHeader title=name crumbs=crumbs() subtitle=description>
            <Actions report=same run form/>
            <Changes report reload/>
        </PageHeader>
        <form class="report-form" on:submit=submit data-testid="report-parameters">
            {has_parameters.then(|| view! { <div class="report-fields">{fields}</div> })}
            <Button kind="submit" variant=Variant::Primary icon="play" busy=run.busy attr:data-testid="run-report">"Run report"</Button>
        </form>
        <Answer run waits kind/>
    }
    .into_any()
}

/// What else can be done with it.
#[component]
fn Actions(report: Report, run: Run, form: RwSignal<Map<String, Value>>) -> impl IntoView {
    let public = RwSignal::new(report.is_public);
    let (id, name) = (StoredValue::new(report.id.clone()), report.name.clone());
    let here = format!("/reports/{}", report.id);
    let shared = Shared {
        thing: Thing::Report,
        id,
        public,
        is_owner: report.access == Access::Owner,
        path: Signal::derive(move || here.clone()),
    };
    let toasts = use_toasts();
    let saving = RwSignal::new(false);
    let download = move |()| {
        saving.set(true);
        let (values, name) = (form.get_untracked(), name.clone());
        leptos::task::spawn_local(async move {
            let answer = run_report(id.get_value(), values, true).await;
            _ = saving.try_set(false);
            match answer {
                Ok(data) => {
                    csv::save(&format!("{}.csv", csv::file_name(&name)), "text/csv;charset=utf-8", &csv::of(&data));
                    if data.table.truncated {
                        let rows = data.table.row_count();
                        toasts.info(format!("The file has the first {rows} rows. Narrow the report to get the rest."));
                    }
                }
                Err(error) => toasts.error(&error.0),
            }
        });
    };
    let def = report.def;
    let asks = use_session().has_role(UserRole::Explorer);
    let explore = move || {
        let query = run.data.with(|d| d.query.clone()).filter(|_| asks && run.has.get())?;
        let href = Question::of(query, def.spec()).address();
        Some(view! { <LinkButton href icon="compass">"Open in Explore"</LinkButton> })
    };
    let none = Signal::derive(move || !run.has.get());
    view! {
        {explore}
        <Button icon="download" disabled=none busy=saving on_click=download>"Download CSV"</Button>
        {(report.access >= Access::Edit).then(|| view! { <ShareDialog shared/> })}
    }
    .into_any()
}

/// The answer as a chart and a table, or what there is to do.
#[component]
fn Answer(run: Run, waits: Memo<Option<String>>, kind: ChartKind) -> impl IntoView {
    let is_sheet = matches!(kind, ChartKind::Table | ChartKind::Pivot);
    let rows = Memo::new(move |_| run.data.with(|d| d.table.row_count()));
    let spec = Signal::derive(move || run.data.with(|d| d.spec.clone()));
    let drawn = RwSignal::new(false);
    let body = move || {
        if let Some(label) = waits.get() {
            return view! {
                <EmptyState icon="clipboard-list" title="Something is to be filled in first" text=format!("Fill in “{label}”, then run the report.")/>
            }
            .into_any();
        }
        if let Some(error) = run.failed.get() {
            return view! { <ErrorState error/> }.into_any();
        }
        if !run.has.get() {
            return view! { <Skeleton height="24rem"/> }.into_any();
        }
        if rows.get() == 0 {
            return view! { <EmptyState icon="filter" title="No rows match" text="Fill in something else, or leave more of it open."/> }
                .into_any();
        }
        view! {
            <div class="report-chart" class:is-sheet=is_sheet data-testid="report-chart">
                <TileContent data=run.data spec title="Answer of the report" on_ready=move |()| drawn.set(true) on_error=|_| ()/>
            </div>
            {(!is_sheet).then(|| view! {
                <div class="report-rows" data-testid="report-rows">
                    <SheetView data=run.data label="Rows of the report"/>
                </div>
            })}
        }
        .into_any()
    };
    view! {
        <section
            class="report-answer"
            class:is-stale=move || run.busy.get() && run.has.get()
            aria-label="Answer"
            aria-busy=move || run.busy.get().then_some("true")
            data-testid="report-answer"
            data-drawn=move || drawn.get().then_some("true")
        >
            {body}
        </section>
    }
    .into_any()
}
