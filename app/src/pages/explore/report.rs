//! A question becomes a report: those of its conditions that readers may change become parameters.

use super::state::Explore;
use crate::api::reports::create_report;
use crate::components::local::Local;
use crate::components::*;
use crate::pages::deeds::{Deed, FormError};
use crate::tiles::locale;
use crate::tiles::logic::conditions::{all_of, parts};
use crate::tiles::logic::report::{default_of, free_name, offers};
use crate::tiles::logic::words::value_words;
use domain::api::NewReport;
use domain::names::to_label;
use domain::query::{Condition, Filter, Op};
use domain::report::{Parameter, ParameterKind, ReportDef};
use domain::{Query, UserRole};
use leptos::{ev, prelude::*};
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use serde_json::Value;

/// A condition of the question, and what becomes of it.
#[derive(Clone)]
struct Line {
    condition: Condition,
    /// The condition in words.
    words: String,
    offers: Vec<(ParameterKind, Op)>,
    /// Whether readers are asked for it.
    on: RwSignal<bool>,
    label: RwSignal<String>,
    kind: RwSignal<String>,
    keeps: RwSignal<bool>,
    required: RwSignal<bool>,
}

impl Line {
    fn chosen(&self) -> Option<(ParameterKind, Op)> {
        let word = self.kind.get_untracked();
        self.offers.iter().copied().find(|(kind, _)| kind.as_str() == word).or(self.offers.first().copied())
    }

    fn parameter(&self, taken: &[String]) -> Option<Parameter> {
        let (kind, op) = self.chosen()?;
        let default = if self.keeps.get_untracked() { default_of(&self.condition, kind) } else { Value::Null };
        Some(Parameter {
            name: free_name(&self.condition.column, taken),
            label: self.label.get_untracked().trim().to_owned(),
            kind,
            column: self.condition.column.clone(),
            op: (op != kind.usual_op()).then_some(op),
            default,
            required: self.required.get_untracked(),
        })
    }
}

/// The button "Create report…" and its dialog.
#[component]
pub(super) fn CreateReport(
    explore: Explore,
    /// The name that is proposed.
    title: Signal<String>,
    /// Whether nothing is asked yet.
    none: Signal<bool>,
) -> impl IntoView {
    if !crate::session::use_session().has_role(UserRole::Creator) {
        return ().into_any();
    }
    let open = RwSignal::new(false);
    view! {
        <Button icon="clipboard-list" disabled=none on_click=move |()| open.set(true) attr:data-testid="create-report">
            "Create report…"
        </Button>
        <Dialog open title="Create report" light=false>
            <Form explore open title/>
        </Dialog>
    }
    .into_any()
}

fn lines(explore: Explore) -> Vec<Line> {
    let query = explore.question.with_untracked(|q| q.query.clone());
    let columns = explore.editor.columns.get_untracked();
    let line = |part: &Filter| {
        let Filter::Is(condition) = part else { return None };
        let column = columns.iter().find(|c| c.name == condition.column);
        let offers = offers(condition, column);
        let (first, _) = *offers.first()?;
        Some(Line {
            words: value_words(condition, column, &locale()),
            label: RwSignal::new(column.map_or_else(|| to_label(&condition.column), |c| c.label.clone())),
            on: RwSignal::new(true),
            kind: RwSignal::new(first.as_str().to_owned()),
            keeps: RwSignal::new(true),
            required: RwSignal::new(false),
            condition: condition.clone(),
            offers,
        })
    };
    parts(query.filter.as_ref()).iter().filter_map(line).collect()
}

/// The question without the conditions that are asked for, and the parameters in their place.
fn split(query: Query, lines: &[Line]) -> (Query, Vec<Parameter>) {
    let asked: Vec<&Line> = lines.iter().filter(|line| line.on.get_untracked()).collect();
    let is_asked = |part: &Filter| asked.iter().any(|line| *part == Filter::Is(line.condition.clone()));
    let kept = parts(query.filter.as_ref()).into_iter().filter(|part| !is_asked(part)).collect();
    let mut parameters: Vec<Parameter> = Vec::new();
    for line in asked {
        let taken: Vec<String> = parameters.iter().map(|p| p.name.clone()).collect();
        parameters.extend(line.parameter(&taken));
    }
    (Query { filter: all_of(kept), ..query }, parameters)
}

#[component]
fn Form(explore: Explore, open: RwSignal<bool>, title: Signal<String>) -> impl IntoView {
    let name = RwSignal::new(title.get_untracked());
    let description = RwSignal::new(String::new());
    let public = RwSignal::new(false);
    let lines = lines(explore);
    let deed = Deed::new();
    let toasts = use_toasts();
    let navigate = Local::holding(use_navigate);
    let body = match lines.is_empty() {
        true => view! {
            <p class="muted">
                "The question has no filter that readers could change, so the report always asks the same. Add a filter to the question first to make it a parameter."
            </p>
        }
        .into_any(),
        false => lines.iter().map(|line| view! { <LineFields line=line.clone()/> }).collect_view().into_any(),
    };
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let question = explore.question.get_untracked();
        let (query, parameters) = split(question.query, &lines);
        let def = ReportDef {
            query,
            chart_type: Some(explore.shown.get_untracked().as_str().to_owned()),
            encodings: question.encodings,
            options: question.options,
            parameters,
        };
        let new = NewReport {
            name: name.get_untracked().trim().to_owned(),
            description: description.get_untracked().trim().to_owned(),
            def,
            is_public: public.get_untracked(),
        };
        deed.submit(create_report(new), move |report| {
            _ = open.try_set(false);
            toasts.good("Report created");
            _ = navigate.with(|go| go(&format!("/reports/{}", report.id), NavigateOptions::default()));
        });
    };
    view! {
        <form class="form" on:submit=submit data-testid="report-form">
            <FormError error=deed.error/>
            <Field label="Name" required=true><TextInput value=name max_length=100 on_input=move |text| name.set(text)/></Field>
            <Field label="Description" optional=true>
                <TextInput value=description max_length=500 on_input=move |text| description.set(text)/>
            </Field>
            <fieldset class="report-lines">
                <legend>"Parameters"</legend>
                {body}
            </fieldset>
            <Checkbox
                checked=public
                on_change=move |on| public.set(on)
                label="Everybody who signs in may run it"
                hint="Otherwise only you, until you share it."
            />
            <div class="dialog-foot">
                <Button on_click=move |()| open.set(false)>"Cancel"</Button>
                <Button kind="submit" variant=Variant::Primary busy=deed.busy>"Create report"</Button>
            </div>
        </form>
    }
    .into_any()
}

/// One condition: asked for or not, and how.
#[component]
fn LineFields(line: Line) -> impl IntoView {
    let Line { words, offers, on, label, kind, keeps, required, condition } = line;
    let heading = format!("{}: {words}", label.get_untracked());
    let options: Vec<Choice> = offers.iter().map(|(kind, _)| Choice::new(kind.as_str(), kind.label())).collect();
    let many = options.len() > 1;
    let options = StoredValue::new(options);
    // A value that has no counterpart in the chosen form is no default.
    let fits = Memo::new(move |_| {
        let word = kind.get();
        let chosen = offers.iter().find(|(kind, _)| kind.as_str() == word);
        chosen.is_some_and(|(kind, _)| !default_of(&condition, *kind).is_null())
    });
    view! {
        <div class="report-line" data-testid="report-line">
            <Checkbox checked=on on_change=move |yes| on.set(yes) label=heading/>
            <Show when=move || on.get()>
                <div class="report-line-fields">
                    <Field label="Label"><TextInput value=label max_length=100 on_input=move |text| label.set(text)/></Field>
                    {many.then(|| view! {
                        <Field label="Filled in as"><Select options=options.get_value() value=kind on_change=move |word| kind.set(word)/></Field>
                    })}
                    <Show when=move || fits.get()>
                        <Checkbox checked=keeps on_change=move |yes| keeps.set(yes) label="Begins with the value of the question"/>
                    </Show>
                    <Checkbox checked=required on_change=move |yes| required.set(yes) label="Must be filled in"/>
                </div>
            </Show>
        </div>
    }
    .into_any()
}
