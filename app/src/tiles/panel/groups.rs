//! Conditions in rows and groups: all of them, or any of them, must hold; groups lie in groups.

use super::editor::Editor;
use super::fields::type_icon;
use crate::components::{Button, Choice, Combobox, Icon, IconButton, Segment, SegmentedControl, Size, Variant};
use crate::tiles::condition::ConditionEditor;
use crate::tiles::logic::draft::Pick;
use crate::tiles::logic::shape;
use crate::tiles::logic::tree::{DEEPEST, Tree, What};
use crate::tiles::logic::words::filter_words;
use domain::query::Filter;
use domain::{Column, Role};
use leptos::{ev, prelude::*};

/// What the rows and groups share. Copy it freely.
#[derive(Clone, Copy)]
struct Groups {
    editor: Editor,
    tree: RwSignal<Tree>,
    /// What can be tested.
    columns: Signal<Vec<Column>>,
    /// Numbers that groups can be ranked by.
    measures: Signal<Vec<Choice>>,
    on_change: Callback<Option<Filter>>,
    add_label: StoredValue<String>,
}

impl Groups {
    /// Changes the tree and tells what came of it.
    fn edit(self, change: impl FnOnce(&mut Tree)) {
        let before = self.tree.with_untracked(Tree::filter);
        self.tree.update(change);
        let now = self.tree.with_untracked(Tree::filter);
        if now != before {
            self.on_change.run(now);
        }
    }

    fn column(self, name: &str) -> Option<Column> {
        self.columns.with(|all| all.iter().find(|c| c.name == name).cloned())
    }
}

/// Edits conditions in groups. A field that is dropped here becomes a row.
#[component]
pub(crate) fn ConditionGroups(
    editor: Editor,
    #[prop(into)] value: Signal<Option<Filter>>,
    #[prop(into)] on_change: Callback<Option<Filter>>,
    /// What can be tested.
    #[prop(into)]
    columns: Signal<Vec<Column>>,
    /// Numbers that groups can be ranked by, for "is in the top".
    #[prop(optional, into)]
    measures: Signal<Vec<Choice>>,
    /// "Add a filter".
    #[prop(into)]
    add_label: String,
) -> impl IntoView {
    let tree = RwSignal::new(Tree::of(value.get_untracked().as_ref()));
    // An undo, or somebody else, may change them.
    Effect::new(move |_| {
        let given = value.with(|filter| Tree::of(filter.as_ref()));
        if tree.with_untracked(Tree::filter) != given.filter() {
            tree.set(given);
        }
    });
    let all = Groups { editor, tree, columns, measures, on_change, add_label: StoredValue::new(add_label) };
    let over = RwSignal::new(false);
    let dragged = move || match editor.dragged.get_untracked().map(|d| d.pick) {
        Some(Pick::Column(name)) if untrack(|| all.column(&name)).is_some() => Some(name),
        _ => None,
    };
    let accept = move |event: ev::DragEvent| {
        if dragged().is_some() {
            event.prevent_default();
            over.set(true);
        }
    };
    let take = move |event: ev::DragEvent| {
        event.prevent_default();
        over.set(false);
        if let Some(name) = dragged() {
            editor.dragged.set(None);
            all.edit(|tree| tree.add_row(0, &name));
        }
    };
    view! {
        <div
            class="condition-groups"
            class:is-over=move || over.get()
            class:is-open=move || editor.dragged.with(Option::is_some)
            on:dragenter=accept
            on:dragover=accept
            on:dragleave=move |_| over.set(false)
            on:drop=take
        >
            {group(all, 0, 1)}
        </div>
    }
    .into_any()
}

fn group(all: Groups, id: u32, depth: usize) -> AnyView {
    let nodes = Memo::new(move |_| all.tree.with(|tree| tree.nodes(id)));
    let is_group = |what: &What| matches!(what, What::Group { .. });
    let node = move |(id, is_group): (u32, bool)| if is_group { inner(all, id, depth + 1) } else { row(all, id) };
    let add = move |column: String| all.edit(|tree| tree.add_row(id, &column));
    let choices = Signal::derive(move || {
        all.columns.with(|columns| {
            let one = |c: &Column| Choice::new(c.name.clone(), c.label.clone()).hint(c.ty.as_str());
            columns.iter().map(one).collect::<Vec<_>>()
        })
    });
    let several = Memo::new(move |_| nodes.with(|n| n.len() > 1));
    let sort = Signal::derive(move || if all.tree.with(|tree| tree.is_any(id)) { "any" } else { "all" }.to_owned());
    let label = all.add_label.get_value();
    view! {
        <Show when=move || several.get()>
            <SegmentedControl
                label="Which must hold"
                segments=vec![Segment::new("all", "All of these"), Segment::new("any", "Any of these")]
                value=sort
                on_change=move |word: String| all.edit(|tree| tree.set_any(id, word == "any"))
            />
        </Show>
        <ul class="filter-rows">
            <For
                each=move || nodes.with(|all| all.iter().map(|n| (n.id, is_group(&n.what))).collect::<Vec<_>>())
                key=|node| node.0
                children=node
            />
        </ul>
        <div class="filter-add">
            <div data-testid=(depth == 1).then_some("panel-add-filter")>
                <Combobox label=label.clone() placeholder=label options=choices value=Signal::stored(String::new()) on_change=add/>
            </div>
            {(depth < DEEPEST).then(|| view! {
                <Button size=Size::Small variant=Variant::Ghost icon="plus" on_click=move |()| all.edit(|tree| tree.add_group(id))>
                    "Group"
                </Button>
            })}
        </div>
    }
    .into_any()
}

fn inner(all: Groups, id: u32, depth: usize) -> AnyView {
    view! {
        <li class="filter-group" role="group" aria-label="Group of conditions">
            <div class="chip-line">
                <span class="chip-name">
                    {move || if all.tree.with(|tree| tree.is_any(id)) { "Any of" } else { "All of" }}
                </span>
                <IconButton icon="x" size=Size::Small label="Remove the group" on_click=move |()| all.edit(|tree| tree.remove(id))/>
            </div>
            {group(all, id, depth)}
        </li>
    }
    .into_any()
}

fn row(all: Groups, id: u32) -> AnyView {
    let own = move |tree: &Tree| match tree.find(id).map(|node| node.what.clone()) {
        Some(What::Row { column, filter }) => Some((column, filter)),
        _ => None,
    };
    let Some((name, _)) = all.tree.with_untracked(own) else { return ().into_any() };
    let value = Signal::derive(move || all.tree.with(own).and_then(|(_, filter)| filter));
    let fallback = domain::names::to_label(&name);
    let column = Memo::new(move |_| all.column(&name));
    let label = Memo::new(move |_| column.with(|c| c.as_ref().map_or_else(|| fallback.clone(), |c| c.label.clone())));
    let set = move |filter: Option<Filter>| all.edit(|tree| tree.set(id, filter));
    let body = move || match column.get() {
        Some(column) => {
            let origin = all.editor.origin(&column.name);
            view! { <ConditionEditor column origin value measures=all.measures on_change=set/> }.into_any()
        }
        None => {
            let words = move || value.get().map(|f| all.columns.with(|c| filter_words(&f, c, &crate::tiles::locale())));
            view! { <p class="muted">{words}</p> }.into_any()
        }
    };
    view! {
        <li class="filter-row">
            <div class="chip-line">
                {move || view! { <Icon name=column.with(|c| c.as_ref().map_or("filter", |c| type_icon(c.ty)))/> }}
                <span class="chip-name truncate" data-testid="filter-field">{move || label.get()}</span>
                <IconButton
                    icon="x"
                    size=Size::Small
                    label=Signal::derive(move || format!("Remove the filter by {}", label.get()))
                    on_click=move |()| all.edit(|tree| tree.remove(id))
                />
            </div>
            {body}
        </li>
    }
    .into_any()
}

/// The numbers of a question that its groups can be ranked by.
pub(crate) fn rankings(editor: Editor) -> Signal<Vec<Choice>> {
    Signal::derive(move || {
        editor.draft.with(|d| {
            let fields = editor.columns.with(|columns| shape::fields(&d.query, columns));
            let own = d.query.dimensions.len() + d.query.measures.len();
            let numbers = fields.into_iter().take(own).filter(|f| f.role == Role::Measure && !d.is_raw());
            numbers.map(|f| Choice::new(f.name, f.label)).collect::<Vec<_>>()
        })
    })
}

/// The filters of the question's rows.
#[component]
pub(crate) fn Filters(editor: Editor) -> impl IntoView {
    let value = Signal::derive(move || editor.draft.with(|d| d.query.filter.clone()));
    let put = move |filter: Option<Filter>| editor.edit(|draft, _, _| draft.query.filter = filter);
    view! { <ConditionGroups editor value on_change=put columns=editor.columns measures=rankings(editor) add_label="Add a filter"/> }
}
