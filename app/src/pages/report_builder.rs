//! The report builder: columns are dragged into a report, filtered and looked at. The same question
//! as everywhere else, on one plain page; it can go on in Explore or to a dashboard.
//!
//! Existing scripts drive this page with a real mouse: its ids, classes and native lists of choices
//! are a contract (`end2end/tests/explore.spec.ts`).

mod columns;
mod filters;

use crate::api::tiles::{preview_tile, tile_sources};
use crate::components::*;
use crate::pages::explore::question::Question;
use crate::pages::explore::save::AddToDashboard;
use crate::session::use_session;
use columns::Columns;
use domain::query::Filter;
use domain::{ChartKind, Column, Dataset, Error, Query, Table, UserRole};
use filters::{FilterLines, Line};
use leptos::prelude::*;

/// The address of the report builder.
pub(crate) const PATH: &str = "/analytics/report-builder";
/// Rows of a report on this page; a dashboard or Explore show more.
const ROWS: u64 = 500;

/// The report being made. Copy it freely.
#[derive(Clone, Copy)]
pub(super) struct Report {
    datasets: RwSignal<Vec<Dataset>>,
    /// Name of the dataset; empty while none is chosen.
    dataset: RwSignal<String>,
    /// Names of the columns in the report, in their order.
    chosen: RwSignal<Vec<String>>,
    lines: RwSignal<Vec<Line>>,
    available: Memo<Vec<Column>>,
}

impl Report {
    fn new() -> Self {
        let datasets = RwSignal::new(Vec::<Dataset>::new());
        let dataset = RwSignal::new(String::new());
        let available = Memo::new(move |_| {
            let name = dataset.get();
            datasets.with(|all| all.iter().find(|d| d.name == name).map(|d| d.columns.clone())).unwrap_or_default()
        });
        Self { datasets, dataset, chosen: RwSignal::new(Vec::new()), lines: RwSignal::new(Vec::new()), available }
    }

    fn column(self, name: &str) -> Option<Column> {
        self.available.with(|all| all.iter().find(|c| c.name == name).cloned())
    }

    fn choose_dataset(self, name: String) {
        self.chosen.set(Vec::new());
        self.lines.set(Vec::new());
        self.dataset.set(name);
    }

    /// The question that the report asks; nothing while it has no columns.
    fn question(self) -> Option<Question> {
        let columns = self.chosen.get();
        let filters: Vec<Filter> = self.lines.with(|all| all.iter().filter_map(Line::filter).collect());
        let filter = crate::tiles::logic::conditions::all_of(filters);
        let query = Query { dataset: self.dataset.get(), columns, filter, limit: Some(ROWS), ..Query::default() };
        (!query.columns.is_empty()).then(|| Question { query, kind: Some(ChartKind::Table), ..Question::default() })
    }
}

/// The page.
#[component]
pub fn ReportBuilderPage() -> impl IntoView {
    if !use_session().has_role(UserRole::Explorer) {
        let error = Error::forbidden("To build reports you need the role explorer.").hint("Ask an administrator.");
        return view! { <Page><PageHeader title="Report builder"/><ErrorState error/></Page> }.into_any();
    }
    let found = Resource::new_blocking(|| (), |()| tile_sources());
    let page = move || {
        Suspend::new(async move {
            match found.await {
                Ok(sources) => view! { <Builder datasets=sources.datasets/> }.into_any(),
                Err(error) => view! { <ErrorState error=error.0 retry=move |()| found.refetch()/> }.into_any(),
            }
        })
    };
    view! { <Page><Suspense fallback=|| view! { <Skeleton height="24rem"/> }>{page}</Suspense></Page> }.into_any()
}

#[component]
fn Builder(datasets: Vec<Dataset>) -> impl IntoView {
    let report = Report::new();
    report.datasets.set(datasets);
    let question = Signal::derive(move || report.question());
    let tile = Signal::derive(move || question.with(|q| q.as_ref().map(|q| q.to_tile(ChartKind::Table))));
    let title = Signal::derive(move || {
        let name = report.dataset.get();
        let label = report.datasets.with(|all| all.iter().find(|d| d.name == name).map(|d| d.label.clone()));
        format!("Report of {}", label.unwrap_or_default())
    });
    let further = move || {
        question.get().map(|q| {
            let href = if is_server() { String::new() } else { q.address() };
            view! { <LinkButton href icon="compass">"Open in Explore"</LinkButton> }
        })
    };
    let datasets = move || {
        report.datasets.with(|all| {
            let option = |d: &Dataset| view! { <option value=d.name.clone()>{d.label.clone()}</option> };
            all.iter().map(option).collect_view()
        })
    };
    view! {
        <div class="report-builder" data-testid="report-builder">
            <PageHeader title="Report builder" subtitle="Drag columns into the report, filter them, and look at the rows.">
                {further}
                <AddToDashboard tile title/>
            </PageHeader>
            <div class="field report-source">
                <label class="field-label" for="data-source-select">"Data source"</label>
                <select
                    id="data-source-select"
                    class="input select data-source-select"
                    data-testid="data-source-select"
                    prop:value=move || report.dataset.get()
                    on:change=move |event| report.choose_dataset(event_target_value(&event))
                >
                    <option value="">"Choose a data source"</option>
                    {datasets}
                </select>
            </div>
            <Columns report/>
            <FilterLines report/>
            <Preview question/>
        </div>
    }
    .into_any()
}

/// The button that asks, and the rows.
#[component]
fn Preview(question: Signal<Option<Question>>) -> impl IntoView {
    let shown = RwSignal::new(None::<Result<Table, Error>>);
    let busy = RwSignal::new(false);
    let round = StoredValue::new(0u32);
    let look = move |_| {
        let Some(question) = question.get_untracked() else {
            let error = Error::invalid("The report has no columns yet.").hint("Drag at least one column into it.");
            return shown.set(Some(Err(error)));
        };
        busy.set(true);
        round.update_value(|r| *r += 1);
        let own = round.get_value();
        leptos::task::spawn_local(async move {
            let answer = preview_tile(question.to_tile(ChartKind::Table)).await;
            if round.try_get_value() == Some(own) {
                _ = busy.try_set(false);
                _ = shown.try_set(Some(answer.map(|data| data.table).map_err(Into::into)));
            }
        });
    };
    let rows = move || match shown.get() {
        None => view! { <p class="muted">"The rows will stand here."</p> }.into_any(),
        Some(Err(error)) => view! { <ErrorState compact=true error/> }.into_any(),
        Some(Ok(table)) => table_of(table),
    };
    view! {
        <section class="report-preview">
            <button
                type="button"
                id="preview-report"
                class="btn btn-primary preview-report"
                data-testid="preview-report"
                aria-busy=move || busy.get().then_some("true")
                on:click=look
            >
                "Preview report"
            </button>
            <div class:is-stale=move || busy.get() aria-live="polite">{rows}</div>
        </section>
    }
    .into_any()
}

fn table_of(table: Table) -> AnyView {
    let count = table.row_count();
    let note = if table.truncated { format!("The first {count} rows.") } else { format!("{count} rows.") };
    view! {
        <PlainTable table label="Rows of the report" class="report-data-table" id="report-data-table"/>
        <p class="muted small num">{note}</p>
    }
    .into_any()
}
