//! The fields of the dataset: drag one into a well, or add it with a click or Enter.

use super::editor::{Dragged, Editor};
use crate::api::tiles::MetricChoice;
use crate::components::keys::{Axis, rove};
use crate::components::{Icon, SearchInput};
use crate::tiles::logic::draft::{Draft, Pick};
use crate::tiles::logic::joined;
use domain::{Column, DataType, Role};
use leptos::{ev, html, prelude::*};

/// From so many fields on, there is a box to search them.
const MANY: usize = 8;

/// The icon of a type.
pub(crate) fn type_icon(ty: DataType) -> &'static str {
    match ty {
        DataType::Date | DataType::Timestamp => "calendar",
        DataType::Time => "clock",
        DataType::Integer | DataType::Float | DataType::Decimal => "hash",
        DataType::Boolean => "toggle-left",
        DataType::Text | DataType::Other => "type",
    }
}

fn is_used(draft: &Draft, pick: &Pick) -> bool {
    let query = &draft.query;
    match pick {
        Pick::Count => query.measures.iter().any(|m| m.column.is_none() && m.agg == Some(domain::query::Agg::Count)),
        Pick::CountIf | Pick::Ratio => false,
        Pick::Metric(id) => query.measures.iter().any(|m| m.metric.as_ref() == Some(id)),
        Pick::Column(name) => {
            query.dimensions.iter().any(|d| d.column == *name)
                || query.measures.iter().any(|m| m.column.as_ref() == Some(name))
                || query.columns.contains(name)
        }
    }
}

#[component]
pub(crate) fn FieldList(
    editor: Editor,
    /// Told which column somebody looks at, by pointer or focus.
    #[prop(optional, into)]
    on_look: Option<Callback<String>>,
) -> impl IntoView {
    let search = RwSignal::new(String::new());
    let list = NodeRef::<html::Ul>::new();
    let many = Memo::new(move |_| editor.columns.with(|c| c.len() > MANY));
    let found = Memo::new(move |_| {
        let text = search.read().trim().to_lowercase();
        editor.columns.with(|columns| {
            let hit = |c: &&Column| {
                let is_called = c.label.to_lowercase().contains(&text) || c.name.to_lowercase().contains(&text);
                is_called || editor.synonyms(&c.name).iter().any(|word| word.to_lowercase().contains(&text))
            };
            columns.iter().filter(hit).cloned().collect::<Vec<_>>()
        })
    });
    let field = move |pick: Pick, label: String, about: String, icon: &'static str, role: &'static str| {
        let (own, added, drag) = (pick.clone(), pick.clone(), pick.clone());
        let look = move || {
            if let (Some(on_look), Pick::Column(name)) = (on_look, &pick) {
                on_look.run(name.clone());
            }
        };
        let look_too = look.clone();
        let used = Memo::new(move |_| editor.draft.with(|d| is_used(d, &own)));
        view! {
            <li>
                <button
                    type="button"
                    class=format!("field-pick role-{role}")
                    class:is-used=move || used.get()
                    draggable="true"
                    title=about
                    on:pointerenter=move |_| look()
                    on:focus=move |_| look_too()
                    on:click=move |_| editor.place(&added, None, None)
                    on:dragstart=move |event: ev::DragEvent| {
                        // Firefox drags nothing that carries nothing.
                        if let Some(data) = event.data_transfer() {
                            _ = data.set_data("text/plain", "field");
                            data.set_effect_allowed("copyMove");
                        }
                        editor.dragged.set(Some(Dragged { pick: drag.clone(), from: None }));
                    }
                    on:dragend=move |_| editor.dragged.set(None)
                >
                    <span class="role-dot" aria-hidden="true"></span>
                    <span class="truncate">{label}</span>
                    <Icon name=icon/>
                    <span class="visually-hidden">{move || if used.get() { ", in use" } else { ", add" }}</span>
                </button>
            </li>
        }
        .into_any()
    };
    let count = move || {
        let raw = editor.draft.with(Draft::is_raw);
        (!raw && search.read().is_empty())
            .then(|| field(Pick::Count, "Count of rows".into(), "How many rows there are".into(), "sigma", "calc"))
    };
    let metrics = move || {
        let text = search.read().trim().to_lowercase();
        let own: Vec<MetricChoice> = editor.sources.with(|sources| {
            let fits = |m: &&MetricChoice| editor.takes_metric(m) && m.name.to_lowercase().contains(&text);
            sources.metrics.iter().filter(fits).cloned().collect()
        });
        // Rows as they are have no numbers of groups.
        let shown = !own.is_empty() && !editor.draft.with(Draft::is_raw);
        shown.then(|| {
            let one = |m: MetricChoice| {
                let about =
                    if m.description.is_empty() { "A measure of this dataset".to_owned() } else { m.description };
                field(Pick::Metric(m.id), m.name, about, "target", "measure")
            };
            view! {
                <li class="field-heading">"Measures"</li>
                {own.into_iter().map(one).collect_view()}
            }
        })
    };
    let all = move || {
        let mut heading = None::<String>;
        let one = |column: Column| {
            let role = match column.role {
                _ if column.is_calculated => "calc",
                Role::Measure => "measure",
                Role::Time | Role::Dimension => "dimension",
            };
            // The columns of each joined dataset stand together.
            let of = editor.draft.with_untracked(|d| joined::qualifier(&d.query, &column.name).map(str::to_owned));
            let head = of.clone().filter(|_| of != heading).map(|of| {
                let join = editor.draft.with_untracked(|d| d.query.joins.iter().find(|j| j.qualifier() == of).cloned());
                let name = join.map(|j| editor.sources.with_untracked(|s| joined::heading(&j, &s.datasets)));
                view! { <li class="field-heading">{name.unwrap_or(of)}</li> }
            });
            heading = of;
            let about = if column.description.is_empty() {
                format!("{} ({})", column.name, column.ty.as_str())
            } else {
                column.description.clone()
            };
            let field = field(Pick::Column(column.name), column.label, about, type_icon(column.ty), role);
            view! { {head} {field} }
        };
        found.get().into_iter().map(one).collect_view()
    };
    let keys = move |event: ev::KeyboardEvent| {
        if let Some(list) = list.get_untracked() {
            rove(&event, &list, "button", Axis::Vertical);
        }
    };
    view! {
        <div class="fields">
            <h3 class="builder-head">"Available"</h3>
            <Show when=move || many.get()>
                <SearchInput label="Search fields" value=search on_input=move |text| search.set(text)/>
            </Show>
            <ul node_ref=list class="field-list" id="available-columns" data-testid="available-columns" aria-label="Available fields" on:keydown=keys>
                {count}
                {all}
                {metrics}
            </ul>
        </div>
    }
    .into_any()
}
