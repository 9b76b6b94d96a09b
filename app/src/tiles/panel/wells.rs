//! The wells: what the chart is made of, in the words of its kind.

use super::chips::{Chip, Part};
use super::editor::Editor;
use crate::components::{Choice, Combobox, Segment, SegmentedControl};
use crate::tiles::logic::draft::{Draft, Pick, Slot};
use crate::tiles::logic::wells::{Well, WellInfo};
use domain::ChartKind;
use leptos::{ev, prelude::*};

/// A table lists rows as they are, or sums them up.
#[component]
pub(super) fn RawSwitch(editor: Editor) -> impl IntoView {
    let is_table = Memo::new(move |_| editor.draft.with(|d| d.kind == ChartKind::Table));
    let value = Signal::derive(move || if editor.draft.with(Draft::is_raw) { "raw" } else { "grouped" }.to_owned());
    let choose =
        move |word: String| editor.edit(|draft, columns, grains| draft.set_raw(word == "raw", columns, grains));
    view! {
        <Show when=move || is_table.get()>
            <SegmentedControl
                label="Rows of the table"
                segments=vec![Segment::new("grouped", "Summarised"), Segment::new("raw", "Rows as they are")]
                value
                on_change=choose
            />
        </Show>
    }
}

/// What stands in a well, by position.
fn parts(draft: &Draft, well: Well) -> Vec<Part> {
    let query = &draft.query;
    match well {
        Well::Columns => query.columns.iter().cloned().map(Part::Column).collect(),
        Well::Values => query.measures.iter().cloned().map(Part::Measure).collect(),
        Well::X => query.dimensions.iter().take(1).cloned().map(Part::Dimension).collect(),
        Well::Groups if draft.free => query.dimensions.iter().cloned().map(Part::Dimension).collect(),
        Well::Groups => query.dimensions.iter().take(draft.rows()).cloned().map(Part::Dimension).collect(),
        Well::Across => query.dimensions.iter().skip(draft.rows()).cloned().map(Part::Dimension).collect(),
        Well::Split => query.dimensions.iter().skip(1).cloned().map(Part::Dimension).collect(),
        Well::Part(_) => draft.slot(well, 0).and_then(|slot| part_at(draft, slot)).into_iter().collect(),
        Well::Unused => draft.unused().into_iter().filter_map(|slot| part_at(draft, slot)).collect(),
    }
}

fn part_at(draft: &Draft, slot: Slot) -> Option<Part> {
    match slot {
        Slot::Dimension(at) => draft.query.dimensions.get(at).cloned().map(Part::Dimension),
        Slot::Measure(at) => draft.query.measures.get(at).cloned().map(Part::Measure),
    }
}

/// The wells of the chart's kind. What a kind has no well for is still shown, so that it can be removed.
#[component]
pub(crate) fn Wells(editor: Editor) -> impl IntoView {
    let shown = Memo::new(move |_| {
        editor.draft.with(|draft| {
            let own = draft.wells();
            let lost = |well, label: &'static str| WellInfo { well, label: label.into(), hint: "", most: 0 };
            if !draft.plugin.is_empty() && !draft.free {
                let unused = (!draft.unused().is_empty()).then(|| lost(Well::Unused, "Asked for, but not drawn"));
                return own.iter().cloned().chain(unused).collect::<Vec<_>>();
            }
            let extra = || lost(Well::Split, "Also grouped by");
            let homeless = !draft.is_raw()
                && draft.query.dimensions.len() > 1
                && own.iter().all(|w| w.well == Well::X || w.well == Well::Values);
            own.iter().cloned().chain(homeless.then(extra)).collect::<Vec<_>>()
        })
    });
    view! {
        <div class="wells" id="report-columns" data-testid="report-columns">
            {move || shown.get().into_iter().map(|info| view! { <WellBox editor info/> }).collect_view()}
        </div>
    }
}

#[component]
fn WellBox(editor: Editor, info: WellInfo) -> impl IntoView {
    let (well, label) = (info.well, info.label.to_string());
    let over = RwSignal::new(false);
    let parts = Memo::new(move |_| editor.draft.with(|draft| parts(draft, well)));
    let choices = Signal::derive(move || {
        let takes = move |pick: Pick| match well {
            Well::Part(at) => {
                editor.draft.with(|draft| editor.columns.with(|columns| draft.part_takes(at, &pick, columns)))
            }
            well => !matches!(pick, Pick::Count) || well == Well::Values,
        };
        let measures = takes(Pick::Count);
        let numbers = measures.then(|| {
            [("#count", "Count of rows"), ("#count_if", "Count of rows where…"), ("#ratio", "Ratio of two numbers")]
                .map(|(value, label)| Choice::new(value, label))
        });
        let metrics = editor.sources.with(|sources| {
            let own = sources.metrics.iter().filter(|m| measures && editor.takes_metric(m));
            own.map(|m| Choice::new(format!("#metric:{}", m.id), m.name.clone()).hint("metric")).collect::<Vec<_>>()
        });
        let columns = editor.columns.with(|all| {
            let fitting = all.iter().filter(|c| takes(Pick::Column(c.name.clone())));
            fitting.map(|c| Choice::new(c.name.clone(), c.label.clone())).collect::<Vec<_>>()
        });
        numbers.into_iter().flatten().chain(columns).chain(metrics).collect::<Vec<_>>()
    });
    let add = move |name: String| {
        let pick = match name.as_str() {
            "#count" => Pick::Count,
            "#count_if" => Pick::CountIf,
            "#ratio" => Pick::Ratio,
            name => match name.strip_prefix("#metric:") {
                Some(id) => Pick::Metric(id.to_owned()),
                None => Pick::Column(name.to_owned()),
            },
        };
        editor.place(&pick, Some(well), None);
    };
    let accept = move |event: ev::DragEvent| {
        if editor.dragged.with_untracked(Option::is_some) && info.most > 0 {
            event.prevent_default();
            over.set(true);
        }
    };
    let take = move |event: ev::DragEvent| {
        event.prevent_default();
        over.set(false);
        editor.drop_into(well);
    };
    view! {
        <section
            class="well"
            class:is-over=move || over.get()
            class:is-open=move || editor.dragged.with(Option::is_some)
            data-well=well.as_str()
            tabindex="-1"
            aria-label=label.clone()
            on:dragenter=accept
            on:dragover=accept
            on:dragleave=move |_| over.set(false)
            on:drop=take
        >
            <h3 class="builder-head">{label.clone()}</h3>
            <ul class="well-list">
                <For
                    each=move || {
                        let known = |part: &Part| part.column().is_some_and(|name| editor.column(name).is_some());
                        let all = parts.get().into_iter().enumerate();
                        all.map(|(at, part)| (at, part.identity(), known(&part))).collect::<Vec<_>>()
                    }
                    key=|own| own.clone()
                    children=move |(at, ..)| view! { <Chip editor well at parts/> }
                />
            </ul>
            <Show when=move || parts.with(Vec::is_empty)><p class="well-hint">{info.hint}</p></Show>
            {(info.most > 0).then(|| view! {
                <div class="well-add">
                    <Combobox
                        label=format!("Add to {label}")
                        placeholder=MaybeProp::derive(move || {
                            let full = parts.with(Vec::len) >= info.most;
                            Some(if full { "Choose another field" } else { "Add a field" }.to_owned())
                        })
                        options=choices
                        value=Signal::stored(String::new())
                        on_change=add
                    />
                </div>
            })}
        </section>
    }
    .into_any()
}
