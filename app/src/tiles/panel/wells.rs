//! The wells: what the chart is made of, in the words of its kind.

use super::chips::{Chip, Part};
use super::editor::Editor;
use crate::components::{Choice, Combobox, Segment, SegmentedControl};
use crate::tiles::logic::draft::{Draft, Pick};
use crate::tiles::logic::wells::{Well, WellInfo, wells};
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
        Well::Split => query.dimensions.iter().skip(1).cloned().map(Part::Dimension).collect(),
    }
}

/// The wells of the chart's kind. What a kind has no well for is still shown, so that it can be removed.
#[component]
pub(super) fn Wells(editor: Editor) -> impl IntoView {
    let shown = Memo::new(move |_| {
        editor.draft.with(|draft| {
            let own = wells(draft.kind, draft.is_raw());
            let extra = || WellInfo { well: Well::Split, label: "Also grouped by", hint: "", most: 0 };
            let homeless =
                !draft.is_raw() && draft.query.dimensions.len() > 1 && own.iter().all(|w| w.well != Well::Split);
            own.iter().copied().chain(homeless.then(extra)).collect::<Vec<_>>()
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
    let well = info.well;
    let over = RwSignal::new(false);
    let parts = Memo::new(move |_| editor.draft.with(|draft| parts(draft, well)));
    let choices = Signal::derive(move || {
        let count = Choice::new("#count", "Count of rows");
        let takes_count = matches!(well, Well::Values).then_some(count);
        let columns = editor
            .columns
            .with(|all| all.iter().map(|c| Choice::new(c.name.clone(), c.label.clone())).collect::<Vec<_>>());
        takes_count.into_iter().chain(columns).collect::<Vec<_>>()
    });
    let add = move |name: String| {
        let pick = if name == "#count" { Pick::Count } else { Pick::Column(name) };
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
            aria-label=info.label
            on:dragenter=accept
            on:dragover=accept
            on:dragleave=move |_| over.set(false)
            on:drop=take
        >
            <h3 class="builder-head">{info.label}</h3>
            <ul class="well-list">
                <For
                    each=move || parts.get().into_iter().enumerate().map(|(at, part)| (at, part.identity()))
                    key=|own| own.clone()
                    children=move |(at, _)| view! { <Chip editor well at parts/> }
                />
            </ul>
            <Show when=move || parts.with(Vec::is_empty)><p class="well-hint">{info.hint}</p></Show>
            {(info.most > 0).then(|| view! {
                <div class="well-add">
                    <Combobox
                        label=format!("Add to {}", info.label)
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
