//! The chart panel: a tile is edited beside the page, without SQL, and every change shows at once.
//! Explore and the report builder are made of the same parts.

mod asked;
mod chips;
mod editor;
mod fields;
mod groups;
mod kinds;
mod measure;
mod one;
mod options;
mod order;
mod preview;
mod source;
mod still;
mod wells;

pub(crate) use asked::Asked;
pub(crate) use editor::Editor;
pub(crate) use fields::{FieldList, type_icon};
pub(crate) use groups::{ConditionGroups, Filters, rankings};
pub(crate) use kinds::KindPicker;
pub(crate) use one::MeasureEditor;
pub(crate) use options::KindOptions;
pub(crate) use order::{RowLimit, SortKeys};
pub(crate) use source::SourcePicker;
pub(crate) use wells::Wells;

use super::logic::sentence::sentence;
use crate::components::{Field, Section, SidePanel, TextInput};
use domain::Tile;
use domain::dashboard::TileKind;
use leptos::prelude::*;
use preview::Preview;

/// Edits one tile. Every change calls `on_change` with the whole tile.
#[component]
pub fn ChartPanel(
    #[prop(into)] tile: Signal<Tile>,
    #[prop(into)] on_change: Callback<Tile>,
    #[prop(into)] on_close: Callback<()>,
) -> impl IntoView {
    let open = RwSignal::new(true);
    Effect::new(move |_| {
        if !open.get() {
            on_close.run(());
        }
    });
    let still =
        Memo::new(move |_| tile.with(|t| matches!(t.kind, TileKind::Text | TileKind::Image | TileKind::Filter)));
    let title = Signal::derive(move || {
        tile.with(|t| match t.kind {
            TileKind::Text => "Edit text".to_owned(),
            TileKind::Image => "Edit image".to_owned(),
            _ => "Edit chart".to_owned(),
        })
    });
    // Made here and not in the body: the body comes and goes with the panel.
    let editor = Editor::new(tile, on_change);
    view! {
        <div class="chart-panel" data-testid="chart-panel">
            <SidePanel open title>
                <div class="chart-panel-body">
                    <TitleField tile on_change/>
                    {move || if still.get() {
                        view! { <still::StillEditor tile on_change/> }.into_any()
                    } else {
                        view! { <ChartEditor editor/> }.into_any()
                    }}
                </div>
            </SidePanel>
        </div>
    }
    .into_any()
}

#[component]
fn TitleField(tile: Signal<Tile>, on_change: Callback<Tile>) -> impl IntoView {
    // At once, so that what others type meanwhile merges with it.
    let typed = move |title: String| {
        let now = tile.get_untracked();
        if now.title != title {
            on_change.run(Tile { title, ..now });
        }
    };
    view! {
        <Field label="Title">
            <TextInput value=Signal::derive(move || tile.with(|t| t.title.clone())) max_length=200 placeholder="Untitled" shared=true on_input=typed/>
        </Field>
    }
}

#[component]
fn ChartEditor(editor: Editor) -> impl IntoView {
    let words = move || editor.draft.with(|draft| editor.columns.with(|columns| sentence(draft, columns)));
    let has_dataset = Memo::new(move |_| {
        editor.draft.with(|d| d.metric.is_none() && (d.sql.is_some() || !d.query.dataset.is_empty()))
    });
    view! {
        <Preview editor/>
        <p class="chart-sentence" role="status" data-testid="chart-sentence">{words}</p>
        <Section title="Data"><SourcePicker editor/></Section>
        <Section title="Chart"><KindPicker editor/></Section>
        <Show when=move || has_dataset.get()>
            <Section title="Fields">
                <wells::RawSwitch editor/>
                <div class="builder">
                    <FieldList editor/>
                    <Wells editor/>
                </div>
            </Section>
            <Section title="Filters"><Filters editor/></Section>
            <Section title="Order"><order::SortAndLimit editor/></Section>
        </Show>
        <KindOptions editor/>
    }
    .into_any()
}
