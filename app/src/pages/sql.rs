//! SQL for those with the right: written with the names there are, run, stopped, explained, and kept
//! as a dataset that everything else can be made of.

mod answer;
mod editor;
mod history;
mod plan;
mod save;
mod schema;
mod state;

use crate::components::*;
use crate::pages::data::count;
use crate::session::use_session;
use answer::Answer;
use domain::{Access, Error};
use editor::SqlEditor;
use history::HistoryMenu;
use leptos::prelude::*;
use save::Actions;
use schema::SchemaTree;
pub(crate) use state::PATH;
use state::{LIMITS, Task, Work};

/// The page.
#[component]
pub fn SqlPage() -> impl IntoView {
    if !use_session().writes_sql() {
        let error = Error::forbidden("To write SQL you need the role creator.").hint("Ask an administrator.");
        return view! { <Page><PageHeader title="SQL"/><ErrorState error/></Page> }.into_any();
    }
    view! { <Page><Writing/></Page> }.into_any()
}

#[component]
fn Writing() -> impl IntoView {
    let work = Work::new();
    let title = Signal::derive(move || {
        work.opened.with(|o| o.as_ref().map_or_else(|| "SQL".to_owned(), |o| format!("SQL of {}", o.dataset.label)))
    });
    view! {
        <div class="sql-page" data-testid="sql-page">
            <PageHeader title plain=true>
                <HistoryMenu work/>
                <Actions work/>
            </PageHeader>
            <Belongs work/>
            <div class="sql-body">
                <SchemaTree work/>
                <div class="sql-work">
                    <div class="sql-box">
                        <Toolbar work/>
                        <SqlEditor work/>
                    </div>
                    <Answer work/>
                </div>
            </div>
        </div>
    }
    .into_any()
}

/// The dataset that the text belongs to.
#[component]
fn Belongs(work: Work) -> impl IntoView {
    let opened = move || {
        work.opened.with(|o| o.as_ref().map(|o| (o.dataset.label.clone(), o.dataset.name.clone(), o.dataset.access))).map(
            |(label, name, access)| {
                let back = move |()| {
                    let sql = work.opened.with_untracked(|o| o.as_ref().map(|o| o.definition.sql.clone()));
                    work.write(&sql.unwrap_or_default());
                };
                view! {
                    <div class="row-wrap sql-belongs" data-testid="sql-belongs">
                        <p>"This is the SELECT of the dataset "<a href=format!("/data/{name}")>{label}</a>"."</p>
                        {(access < Access::Owner).then(|| view! { <p class="muted">"Only its owner can change it; save yours as a new one."</p> })}
                        <Show when=move || work.is_changed()>
                            <Badge tone=Tone::Warn>"Not saved"</Badge>
                            <Button size=Size::Small variant=Variant::Ghost icon="undo-2" on_click=back>"Take the changes back"</Button>
                        </Show>
                        <a class="small" href=PATH>"Write something else"</a>
                    </div>
                }
            },
        )
    };
    let failed = move || {
        work.open_failed.get().map(|error| {
            let again = move |()| work.dataset.get_untracked().into_iter().for_each(|name| work.open(name));
            view! { <ErrorState compact=true error retry=again/> }
        })
    };
    view! {
        {opened}
        {failed}
    }
}

/// Run, stop, explain, and how many rows.
#[component]
fn Toolbar(work: Work) -> impl IntoView {
    let runs = Signal::derive(move || work.running.with(Option::is_some));
    let options: Vec<Choice> =
        LIMITS.iter().map(|rows| Choice::new(rows.to_string(), format!("{} rows", count(*rows)))).collect();
    let options = StoredValue::new(options);
    view! {
        <div class="toolbar sql-toolbar" role="group" aria-label="Run">
            <Button
                variant=Variant::Primary
                icon="play"
                busy=Signal::derive(move || work.running.get() == Some(Task::Run))
                title="Ctrl+Enter runs it, or what is selected"
                attr:data-testid="sql-run"
                on_click=move |()| work.ask(Task::Run)
            >
                "Run"
            </Button>
            <Show when=move || runs.get()>
                <Button icon="square-stop" attr:data-testid="sql-cancel" on_click=move |()| work.cancel()>"Cancel"</Button>
            </Show>
            <Button
                variant=Variant::Ghost
                icon="list-tree"
                busy=Signal::derive(move || work.running.get() == Some(Task::Explain))
                attr:data-testid="sql-explain"
                on_click=move |()| work.ask(Task::Explain)
            >
                "Explain"
            </Button>
            <div class="toolbar-end sql-limit">
                <Select
                    label="Rows at most"
                    options=Signal::derive(move || options.get_value())
                    value=Signal::derive(move || work.limit.get().to_string())
                    on_change=move |rows: String| work.limit.set(rows.parse().unwrap_or(LIMITS[0]))
                />
            </div>
        </div>
    }
    .into_any()
}
