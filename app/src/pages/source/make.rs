//! Tables become datasets, one after another, each with the name that is proposed for it.

use crate::api::sources::make_source_dataset;
use crate::components::*;
use crate::pages::data::plural;
use domain::Error;
use domain::names::{is_name, to_label, to_name};
use domain::source::{ChosenTable, Source, TableEntry};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Seconds for which answers are kept unless somebody says otherwise, and at most.
const DURATION: f64 = 300.0;
const LONGEST: f64 = 86_400.0;

/// How far a table is.
#[derive(Clone, Debug, PartialEq)]
enum Step {
    Waiting,
    Making,
    /// With the name of the dataset.
    Made(String),
    Failed(Error),
}

/// A table that is to become a dataset. Copy it freely.
#[derive(Clone, Copy)]
struct Line {
    table: StoredValue<String>,
    name: RwSignal<String>,
    step: RwSignal<Step>,
}

impl Line {
    fn new(table: TableEntry) -> Self {
        Self {
            table: StoredValue::new(table.name),
            name: RwSignal::new(table.dataset_name),
            step: RwSignal::new(Step::Waiting),
        }
    }

    fn is_made(self) -> bool {
        self.step.with(|step| matches!(step, Step::Made(_)))
    }
}

#[component]
pub(super) fn MakeDialog(
    open: RwSignal<bool>,
    source: RwSignal<Source>,
    /// The tables that are chosen.
    wanted: Callback<(), Vec<TableEntry>>,
    /// Something was made, and the dialog is closed.
    on_done: Callback<()>,
) -> impl IntoView {
    let made = RwSignal::new(false);
    // What is made after the dialog was closed is told too.
    Effect::new(move |_| {
        if !open.get() && made.get() {
            made.set(false);
            on_done.run(());
        }
    });
    view! {
        <Dialog open title="Make datasets" size=DialogSize::Large light=false>
            <Make open source tables=wanted.run(()) made/>
        </Dialog>
    }
    .into_any()
}

#[component]
fn Make(
    open: RwSignal<bool>,
    source: RwSignal<Source>,
    tables: Vec<TableEntry>,
    made: RwSignal<bool>,
) -> impl IntoView {
    let id = source.with_untracked(|s| s.id.clone());
    let keeps_by_time = source.with_untracked(|s| !s.tells_changes);
    let lines = StoredValue::new(tables.into_iter().map(Line::new).collect::<Vec<_>>());
    let total = lines.with_value(Vec::len);
    let duration = RwSignal::new(Some(DURATION));
    let busy = RwSignal::new(false);
    let done = Signal::derive(move || lines.with_value(|lines| lines.iter().filter(|l| l.is_made()).count()));
    let begun = Signal::derive(move || busy.get() || done.get() > 0);
    let is_ready = Signal::derive(move || lines.with_value(|lines| lines.iter().all(|l| problem(lines, *l).is_none())));
    let start = Callback::new(move |()| {
        busy.set(true);
        let id = id.clone();
        let seconds = duration.get_untracked().unwrap_or(DURATION).clamp(0.0, LONGEST) as u32;
        spawn_local(async move {
            for line in lines.try_get_value().unwrap_or_default() {
                if untrack(|| line.step.try_get()).is_none_or(|step| matches!(step, Step::Made(_))) {
                    continue;
                }
                let name = line.name.get_untracked();
                let chosen = ChosenTable {
                    table: line.table.get_value(),
                    label: Some(to_label(&name)),
                    name: Some(name.clone()),
                    cache_duration: keeps_by_time.then_some(seconds),
                };
                line.step.set(Step::Making);
                let step = match make_source_dataset(id.clone(), chosen).await {
                    Ok(_) => {
                        _ = made.try_set(true);
                        Step::Made(name)
                    }
                    Err(error) => Step::Failed(error.0),
                };
                if line.step.try_set(step).is_some() {
                    // The dialog is closed: what is made so far stays, the rest is not wanted.
                    return;
                }
            }
            _ = busy.try_set(false);
        });
    });
    let all_made = Signal::derive(move || done.get() == total);
    let rows = lines.with_value(|all| all.iter().map(|line| view! { <Row line=*line lines busy/> }).collect_view());
    view! {
        <div class="stack" data-testid="make-form">
            <p class="muted">
                {format!("{} of {}. The names are used in addresses and questions; labels can be changed later.", plural(total as u64, "table"), source.with_untracked(|s| s.name.clone()))}
            </p>
            {keeps_by_time.then(|| view! {
                <Field label="Keep answers for" hint="This source cannot tell when rows change: an answer is kept so long. 0 asks anew each time.">
                    <NumberInput value=duration on_change=move |v| duration.set(v) min=0.0 max=LONGEST step=1.0 unit="seconds" disabled=begun/>
                </Field>
            })}
            <ul class="make-list">{rows}</ul>
            <Show when=move || begun.get()>
                <ProgressBar value=Signal::derive(move || Some(done.get() as f64 / total.max(1) as f64)) label="Tables that are datasets now"/>
                <p class="num" role="status">{move || format!("{} of {} made", done.get(), plural(total as u64, "dataset"))}</p>
            </Show>
        </div>
        <div class="form-end">
            <Button on_click=move |()| open.set(false)>{move || if begun.get() { "Close" } else { "Cancel" }}</Button>
            <Show when=move || !all_made.get()>
                <Button
                    variant=Variant::Primary
                    busy=busy
                    disabled=Signal::derive(move || !is_ready.get())
                    on_click=start
                    attr:data-testid="make-start"
                >
                    {move || if done.get() > 0 { "Make the others".to_owned() } else { format!("Make {}", plural(total as u64, "dataset")) }}
                </Button>
            </Show>
        </div>
    }
    .into_any()
}

/// What is wrong with a name.
fn problem(lines: &[Line], line: Line) -> Option<String> {
    if line.is_made() {
        return None;
    }
    let name = line.name.get();
    if !is_name(&name) {
        return Some(format!("1 to 60 small letters, digits or underscores. How about {}?", to_name(&name)));
    }
    let twice = lines.iter().filter(|l| l.name.with(|n| *n == name)).count() > 1;
    twice.then(|| "Two tables have this name.".to_owned())
}

#[component]
fn Row(line: Line, lines: StoredValue<Vec<Line>>, busy: RwSignal<bool>) -> impl IntoView {
    let table = line.table.get_value();
    let error = Signal::derive(move || {
        let failed = line.step.with(|step| match step {
            Step::Failed(error) => Some(error.to_string()),
            _ => None,
        });
        failed.or_else(|| lines.with_value(|lines| problem(lines, line)))
    });
    let type_name = move |name: String| {
        line.name.set(name);
        line.step.set(Step::Waiting);
    };
    let mark = move || match line.step.get() {
        Step::Waiting | Step::Failed(_) => ().into_any(),
        Step::Making => view! { <Spinner label="Making"/> }.into_any(),
        Step::Made(name) => {
            view! { <a class="make-made" href=format!("/data/{name}")><Icon name="check"/>"Open"</a> }.into_any()
        }
    };
    view! {
        <li class="make-line">
            <Field label=format!("Dataset of {table}") error>
                <TextInput
                    value=line.name
                    on_input=type_name
                    max_length=60
                    disabled=Signal::derive(move || busy.get() || line.is_made())
                />
            </Field>
            <div class="make-step" role="status">{mark}</div>
        </li>
    }
    .into_any()
}
