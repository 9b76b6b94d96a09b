//! The question as chips: what is asked of which data, by what, under which conditions, in which order,
//! as which chart. Each opens the editor of its part.

use super::talk::Talk;
use crate::components::*;
use crate::tiles::logic::conditions::{all_of, parts};
use crate::tiles::logic::sentence::capital;
use crate::tiles::logic::shape;
use crate::tiles::logic::words::filter_words;
use crate::tiles::panel::{Filters, KindPicker, RowLimit, SortKeys, SourcePicker, Wells, type_icon};
use crate::tiles::{ConditionEditor, locale};
use domain::query::{Condition, Dir, Filter, Query};
use domain::{Column, query};
use leptos::prelude::*;

#[component]
pub(super) fn Chips(talk: Talk) -> impl IntoView {
    let editor = talk.editor;
    let dataset = move || {
        let label = editor.dataset.with(|d| d.as_ref().map(|d| d.label.clone()));
        label.unwrap_or_else(|| talk.question.with(|q| q.query.dataset.clone()))
    };
    let said = move |part: &dyn Fn(&Query) -> Query| {
        talk.question.with(|q| {
            editor.columns.with(|columns| {
                let label = |name: &str| {
                    let column = columns.iter().find(|c| c.name == name).map(|c| c.label.clone());
                    column.or_else(|| editor.metric_name(name))
                };
                query::sentence(&part(&q.query), &label)
            })
        })
    };
    let bare = |q: &Query| Query { dataset: q.dataset.clone(), joins: q.joins.clone(), ..Query::default() };
    let is_raw = Memo::new(move |_| talk.question.with(|q| !q.query.columns.is_empty()));
    let numbers = Memo::new(move |_| {
        let words = match is_raw.get() {
            true => said(&|q| Query { columns: q.columns.clone(), ..bare(q) }),
            false => said(&|q| Query { measures: q.measures.clone(), ..bare(q) }),
        };
        if words == "nothing yet" { "No number".to_owned() } else { capital(&words) }
    });
    let groups = Memo::new(move |_| {
        let words = said(&|q| Query { dimensions: q.dimensions.clone(), ..bare(q) });
        match words.strip_prefix("each ") {
            Some(by) => format!("By {by}"),
            None => "No groups".to_owned(),
        }
    });
    let order = Memo::new(move |_| talk.question.with(|q| editor.columns.with(|c| order_words(&q.query, c))));
    let kind = move || editor.kind_label(talk.shown.get());
    let kind_icon = move || {
        view! { <Icon name=charts::kinds::get(talk.shown.get()).info.icon/> }
    };
    view! {
        <ul class="ask-chips" aria-label="The question" data-testid="ask-chips">
            <ChipOf part="dataset" name="Data" icon="database" text=Signal::derive(dataset)>
                <SourcePicker editor datasets_only=true/>
            </ChipOf>
            <ChipOf part="measures" name="Numbers" icon="sigma" text=numbers><Wells editor/></ChipOf>
            <Show when=move || !is_raw.get()>
                <ChipOf part="dimensions" name="Groups" icon="layers" text=groups><Wells editor/></ChipOf>
            </Show>
            <Conditions talk/>
            <ChipOf part="order" name="Order and rows" icon="arrow-up-down" text=order>
                <SortKeys editor/>
                <RowLimit editor/>
            </ChipOf>
            <li>
                <Popover
                    label="Kind of chart"
                    face=move || view! { {kind_icon}<span class="btn-label">{kind}</span><Icon name="chevron-down"/> }
                    button_class="btn ask-chip"
                    panel_class="explore-kinds"
                    attr:data-part="chart"
                >
                    <KindPicker editor/>
                </Popover>
            </li>
        </ul>
    }
    .into_any()
}

/// A chip with the editor behind it.
#[component]
fn ChipOf(
    part: &'static str,
    /// Names the panel.
    #[prop(into)]
    name: Signal<String>,
    icon: &'static str,
    #[prop(into)] text: Signal<String>,
    #[prop(optional)] on_remove: Option<Callback<()>>,
    children: ChildrenFn,
) -> impl IntoView {
    let face = move || {
        view! {
            <Icon name=icon/>
            <span class="btn-label">{move || text.get()}</span>
            <Icon name="chevron-down"/>
        }
    };
    let cross = on_remove.map(|remove| {
        view! {
            <IconButton
                icon="x"
                size=Size::Small
                label=Signal::derive(move || format!("Remove {}", text.get()))
                on_click=move |()| remove.run(())
            />
        }
    });
    let children = StoredValue::new(children);
    view! {
        <li class="ask-chip-line" data-part=part data-testid="ask-chip">
            <Popover label=name face button_class="btn ask-chip" panel_class="ask-panel">
                {move || children.with_value(|children| children())}
            </Popover>
            {cross}
        </li>
    }
    .into_any()
}

/// The first key and how many rows.
fn order_words(query: &Query, columns: &[Column]) -> String {
    let fields = shape::fields(query, columns);
    let name = |by: &str| {
        fields.iter().find(|f| f.name == by).map_or_else(|| domain::names::to_label(by), |f| f.label.clone())
    };
    let sorted = query.order.first().map(|order| {
        let way = if order.dir == Dir::Desc { "Largest" } else { "Smallest" };
        format!("{way} {} first", name(&order.by).to_lowercase())
    });
    match (sorted, query.limit) {
        (Some(sorted), Some(limit)) => format!("{sorted}, {limit} at most"),
        (Some(sorted), None) => sorted,
        (None, Some(limit)) => format!("{limit} at most"),
        (None, None) => "Any order".to_owned(),
    }
}

/// The conditions, one chip each; what is a group of them opens the whole tree.
#[component]
fn Conditions(talk: Talk) -> impl IntoView {
    let editor = talk.editor;
    let all = Memo::new(move |_| talk.question.with(|q| parts(q.query.filter.as_ref())));
    let put = move |parts: Vec<Filter>| editor.edit(|draft, _, _| draft.query.filter = all_of(parts));
    let names = move || {
        let name = |f: &Filter| match f {
            Filter::Is(condition) => condition.column.clone(),
            _ => String::new(),
        };
        // A chip is made anew once its column is known.
        let known = |name: String| (editor.column(&name).is_some(), name);
        all.with(|all| all.iter().map(name).map(known).enumerate().collect::<Vec<_>>())
    };
    let text = move |at: usize| {
        all.with(|all| {
            let filter = all.get(at)?;
            Some(editor.columns.with(|columns| filter_words(filter, columns, &locale())))
        })
        .unwrap_or_default()
    };
    let remove = move |at: usize| {
        let mut rest = all.get_untracked();
        if at < rest.len() {
            rest.remove(at);
            put(rest);
        }
    };
    let chip = move |(at, (_, name)): (usize, (bool, String))| {
        let column = Memo::new(move |_| editor.column(&name));
        let is_time = move || column.with(|c| c.as_ref().is_some_and(|c| c.ty.is_time()));
        let icon = untrack(|| column.with(|c| c.as_ref().map_or("filter", |c| type_icon(c.ty))));
        let words = Signal::derive(move || text(at));
        let on_remove = Callback::new(move |()| remove(at));
        let body = move || match column.get() {
            Some(column) => {
                let value = Signal::derive(move || all.with(|all| all.get(at).cloned()));
                // Half of a condition changes nothing.
                let change = Callback::new(move |filter: Option<Filter>| {
                    let mut now = all.get_untracked();
                    if let (Some(filter), Some(place)) = (filter, now.get_mut(at)) {
                        *place = filter;
                        put(now);
                    }
                });
                let origin = editor.origin(&column.name);
                view! { <ConditionEditor column origin value on_change=change/> }.into_any()
            }
            None => view! { <Filters editor/> }.into_any(),
        };
        let part = if untrack(is_time) { "time" } else { "filter" };
        view! { <ChipOf part name=words icon text=words on_remove>{body}</ChipOf> }
    };
    // A question about all time can be narrowed at once.
    let time = Memo::new(move |_| {
        let has = all.with(|all| {
            let mut has = false;
            for filter in all {
                filter.each(&mut |c: &Condition| has |= editor.column(&c.column).is_some_and(|c| c.ty.is_time()));
            }
            has
        });
        editor.columns.with(|columns| columns.iter().find(|c| c.ty.is_time()).cloned()).filter(|_| !has)
    });
    let all_time = move || {
        time.get().map(|column| {
            let column = StoredValue::new(column);
            let body = move || {
                let column = column.get_value();
                let change = Callback::new(move |filter: Option<Filter>| {
                    if let Some(filter) = filter {
                        let mut now = all.get_untracked();
                        now.push(filter);
                        put(now);
                    }
                });
                let origin = editor.origin(&column.name);
                view! { <ConditionEditor column origin value=Signal::stored(None) on_change=change/> }
            };
            view! { <ChipOf part="time" name="Time" icon="calendar" text="All time">{body}</ChipOf> }
        })
    };
    view! {
        <For each=names key=|name| name.clone() children=chip/>
        {all_time}
        <ChipOf part="add-filter" name="Filters" icon="filter" text="Filter"><Filters editor/></ChipOf>
        <Rest talk/>
    }
}

/// What the question has besides, which can be taken away.
#[component]
fn Rest(talk: Talk) -> impl IntoView {
    let editor = talk.editor;
    let having = Memo::new(move |_| {
        talk.question.with(|q| {
            let fields = editor.columns.with(|columns| shape::fields(&q.query, columns));
            let names: Vec<Column> = fields
                .into_iter()
                .map(|f| Column {
                    name: f.name,
                    label: f.label,
                    ty: f.ty,
                    role: f.role,
                    description: String::new(),
                    format: f.format,
                    is_calculated: false,
                })
                .collect();
            q.query.having.as_ref().map(|having| format!("Only where {}", filter_words(having, &names, &locale())))
        })
    });
    let compares = Memo::new(move |_| talk.question.with(|q| q.query.compare.is_some()));
    view! {
        {move || having.get().map(|text| view! {
            <li><Chip label=text on_remove=move |()| editor.edit(|draft, _, _| draft.query.having = None)/></li>
        })}
        <Show when=move || compares.get()>
            <li><Chip label="Compared with the period before" on_remove=move |()| editor.edit(|draft, _, _| draft.query.compare = None)/></li>
        </Show>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tiles::logic::testing::flights;
    use serde_json::json;

    #[test]
    fn order_and_rows_are_told() {
        let words = |value| order_words(&serde_json::from_value(value).unwrap(), &flights());
        let asked = json!({"dataset": "flights", "dimensions": [{"column": "carrier"}], "measures": [{"agg": "count"}],
            "order": [{"by": "count", "dir": "desc"}], "limit": 5});
        assert!(words(asked).ends_with("first, 5 at most"));
        assert_eq!(words(json!({"dataset": "flights", "measures": [{"agg": "count"}]})), "Any order");
    }
}
