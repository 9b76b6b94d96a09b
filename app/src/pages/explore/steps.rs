//! The steps of the question, from the top down. Each folds, shows the rows it leads to, and what
//! is wrong with it.

use super::calculate::Calculations;
use super::calendar::Calendar;
use super::join::Joins;
use super::preview::StepPreview;
use super::state::Explore;
use super::step::Step;
use super::top::TopGroups;
use crate::components::{Icon, IconButton, Segment, SegmentedControl, Size, unique_id};
use crate::tiles::logic::draft::Draft;
use crate::tiles::logic::shape;
use crate::tiles::panel::{ConditionGroups, Filters, RowLimit, SortKeys, SourcePicker, Wells};
use domain::query::Filter;
use domain::{Column, Error, Role};
use leptos::prelude::*;

#[component]
pub(super) fn Steps(explore: Explore) -> impl IntoView {
    let editor = explore.editor;
    let has_dataset = Memo::new(move |_| editor.dataset.with(Option::is_some));
    let groups = Memo::new(move |_| explore.question.with(|q| q.query.columns.is_empty()));
    view! {
        <div class="explore-steps" data-testid="explore-steps">
            <StepBox explore step=Step::Data><SourcePicker editor datasets_only=true/></StepBox>
            <Show when=move || has_dataset.get()>
                <StepBox explore step=Step::Join><Joins explore/></StepBox>
                <StepBox explore step=Step::Filter><Filters editor/></StepBox>
                <StepBox explore step=Step::Summarise><Summarise explore/></StepBox>
                <Show when=move || groups.get()>
                    <StepBox explore step=Step::Calculate><Calculations explore/></StepBox>
                    <StepBox explore step=Step::Having><Having explore/></StepBox>
                </Show>
                <StepBox explore step=Step::Sort><SortKeys editor/></StepBox>
                <StepBox explore step=Step::Limit>
                    <TopGroups explore/>
                    <RowLimit editor/>
                    <Offset explore/>
                </StepBox>
            </Show>
        </div>
    }
    .into_any()
}

/// What is wrong with a step, as the last answer said.
fn error_of(explore: Explore, step: Step) -> Option<Error> {
    let failed = explore.asked.failed.get()?;
    let about = failed.field.as_deref().and_then(Step::of_field);
    (about == Some(step)).then_some(failed)
}

/// A step: its head, what it consists of, its first rows.
#[component]
fn StepBox(explore: Explore, step: Step, children: ChildrenFn) -> impl IntoView {
    let used = Memo::new(move |_| explore.question.with(|q| step.used(&q.query)));
    let always = matches!(step, Step::Data | Step::Filter | Step::Summarise);
    let open = RwSignal::new(always || used.get_untracked() > 0);
    let looks = RwSignal::new(false);
    let error = Memo::new(move |_| error_of(explore, step));
    Effect::new(move |_| {
        if error.with(Option::is_some) {
            open.set(true);
        }
    });
    let can_look = Memo::new(move |_| {
        explore.question.with(|q| explore.editor.columns.with(|c| step.preview(&q.query, c).is_some()))
    });
    let id = unique_id();
    let badge = move || {
        (step != Step::Data && used.get() > 0).then(|| view! { <span class="tab-badge num">{used.get()}</span> })
    };
    let problem = move || {
        error.get().map(|error| {
            let hint = error.hint.map(|hint| format!(" {hint}"));
            view! { <p class="field-error" role="alert" data-testid="step-error"><Icon name="circle-alert"/><span>{error.message}{hint}</span></p> }
        })
    };
    view! {
        <section
            class="step"
            class:is-open=move || open.get()
            class:has-error=move || error.with(Option::is_some)
            data-step=step.as_str()
            data-testid=format!("step-{}", step.as_str())
            aria-label=step.title()
        >
            <div class="step-head">
                <h3>
                    <button
                        type="button"
                        class="step-fold"
                        aria-expanded=move || if open.get() { "true" } else { "false" }
                        aria-controls=id.clone()
                        on:click=move |_| open.update(|o| *o = !*o)
                    >
                        <Icon name="chevron-right"/>
                        <Icon name=step.icon()/>
                        <span>{step.title()}</span>
                        {badge}
                    </button>
                </h3>
                <Show when=move || can_look.get()>
                    <IconButton
                        icon="eye"
                        size=Size::Small
                        label=format!("Preview after {}", step.title())
                        pressed=MaybeProp::derive(move || Some(looks.get()))
                        on_click=move |()| looks.update(|l| *l = !*l)
                    />
                </Show>
            </div>
            {problem}
            <div class="step-body" id=id.clone() hidden=move || !open.get()>{children()}</div>
            <Show when=move || looks.get() && can_look.get()><StepPreview explore step/></Show>
        </section>
    }
    .into_any()
}

/// Rows as they are, or groups and their numbers.
#[component]
fn Summarise(explore: Explore) -> impl IntoView {
    let editor = explore.editor;
    let value = Signal::derive(move || if editor.draft.with(Draft::is_raw) { "raw" } else { "grouped" }.to_owned());
    let choose =
        move |word: String| editor.edit(|draft, columns, grains| draft.set_raw(word == "raw", columns, grains));
    view! {
        <SegmentedControl
            label="Rows of the answer"
            segments=vec![Segment::new("grouped", "Summarised"), Segment::new("raw", "Rows as they are")]
            value
            on_change=choose
        />
        <Wells editor/>
        <Calendar explore/>
    }
}

/// Which groups stay, by their numbers.
#[component]
fn Having(explore: Explore) -> impl IntoView {
    let editor = explore.editor;
    let value = Signal::derive(move || explore.question.with(|q| q.query.having.clone()));
    let put = move |having: Option<Filter>| editor.edit(|draft, _, _| draft.query.having = having);
    // The numbers of the groups, as if they were columns.
    let columns = Signal::derive(move || {
        let fields = explore.question.with(|q| editor.columns.with(|columns| shape::fields(&q.query, columns)));
        let numbers = fields.into_iter().filter(|f| f.role == Role::Measure && (f.ty.is_number() || f.ty.is_time()));
        let column = |f: domain::Field| Column {
            name: f.name,
            label: f.label,
            ty: f.ty,
            role: f.role,
            description: String::new(),
            format: f.format,
            is_calculated: false,
        };
        numbers.map(column).collect::<Vec<_>>()
    });
    view! { <ConditionGroups editor value on_change=put columns add_label="Only groups where"/> }
}

/// Rows that are passed over. Nobody asks for them by hand; a question that has some can lose them.
#[component]
fn Offset(explore: Explore) -> impl IntoView {
    let offset = Memo::new(move |_| explore.question.with(|q| q.query.offset));
    view! {
        <Show when=move || { offset.get() > 0 }>
            <p class="chip-line">
                <span class="grow">{move || format!("The first {} rows are passed over.", offset.get())}</span>
                <IconButton
                    icon="x"
                    size=Size::Small
                    label="Begin with the first row"
                    on_click=move |()| explore.editor.edit(|draft, _, _| draft.query.offset = 0)
                />
            </p>
        </Show>
    }
}
