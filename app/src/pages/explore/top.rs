//! The largest groups, and the others as one: a condition of the filter, offered where people look for it.

use super::state::Explore;
use crate::components::{Checkbox, Choice, Field, NumberInput, Select, TextInput, typed};
use crate::tiles::logic::conditions::{all_of, parts, top_ten};
use crate::tiles::logic::shape;
use crate::tiles::panel::rankings;
use domain::query::{Condition, Filter, Op, Query, TopN};
use leptos::prelude::*;

/// The condition that keeps the largest groups, if there is one.
fn top_of(query: &Query) -> Option<(String, TopN)> {
    parts(query.filter.as_ref()).into_iter().find_map(|part| match part {
        Filter::Is(Condition { column, op: Op::TopN, value, .. }) => {
            Some((column, serde_json::from_value(value).ok()?))
        }
        _ => None,
    })
}

/// The question with another such condition, or without one.
fn with_top(query: &mut Query, top: Option<(String, TopN)>) {
    let mut all = parts(query.filter.as_ref());
    let at = all.iter().position(|f| matches!(f, Filter::Is(c) if c.op == Op::TopN));
    if let Some(at) = at {
        all.remove(at);
    }
    if let Some((column, top)) = top {
        let mut condition = top_ten(&column, &top.by);
        condition.value = serde_json::to_value(top).unwrap_or_default();
        all.insert(at.unwrap_or(all.len()), Filter::Is(condition));
    } else {
        query.others_label = None;
    }
    query.filter = all_of(all);
}

#[component]
pub(super) fn TopGroups(explore: Explore) -> impl IntoView {
    let editor = explore.editor;
    let top = Memo::new(move |_| explore.question.with(|q| top_of(&q.query)));
    let measures = rankings(editor);
    let groups = Signal::derive(move || {
        explore.question.with(|q| {
            let fields = editor.columns.with(|columns| shape::fields(&q.query, columns));
            let plain = q.query.dimensions.iter().zip(fields).filter(|(d, _)| d.grain.is_none() && d.bin.is_none());
            let own = plain.map(|(d, field)| Choice::new(d.column.clone(), field.label));
            std::iter::once(Choice::new("", "All groups")).chain(own).collect::<Vec<_>>()
        })
    });
    let can = Memo::new(move |_| {
        top.with(Option::is_some) || (groups.with(|g| g.len() > 1) && measures.with(|m| !m.is_empty()))
    });
    let put = move |new: Option<(String, TopN)>| editor.edit(|draft, _, _| with_top(&mut draft.query, new));
    let column = Signal::derive(move || top.with(|t| t.as_ref().map(|(column, _)| column.clone())).unwrap_or_default());
    let choose = move |column: String| {
        let by = measures.with_untracked(|all| all.first().map(|m| m.value.clone())).unwrap_or_default();
        let now = top.get_untracked().map_or(TopN { n: 10, by, others: false }, |(_, top)| top);
        put((!column.is_empty()).then_some((column, now)));
    };
    let change = move |change: &dyn Fn(&mut TopN)| {
        if let Some((column, mut now)) = top.get_untracked() {
            change(&mut now);
            put(Some((column, now)));
        }
    };
    let n = Signal::derive(move || top.with(|t| t.as_ref().map(|(_, t)| f64::from(t.n))));
    let by = Signal::derive(move || top.with(|t| t.as_ref().map(|(_, t)| t.by.clone())).unwrap_or_default());
    let others = Memo::new(move |_| top.with(|t| t.as_ref().is_some_and(|(_, t)| t.others)));
    let set_n = move |n: Option<f64>| change(&|top| top.n = n.unwrap_or(10.0).round().clamp(1.0, 1_000.0) as u32);
    let set_by = move |by: String| change(&|top| top.by.clone_from(&by));
    let set_others = move |on: bool| change(&|top| top.others = on);
    let label = Signal::derive(move || explore.question.with(|q| q.query.others_label.clone()).unwrap_or_default());
    let set_label = typed(
        400,
        Callback::new(move |text: String| {
            let text = Some(text.trim().to_owned()).filter(|t| !t.is_empty());
            editor.edit(|draft, _, _| draft.query.others_label = text);
        }),
    );
    view! {
        <Show when=move || can.get()>
            <div class="top-groups" data-testid="top-groups">
                <Field label="Largest only"><Select options=groups value=column on_change=choose/></Field>
                <Show when=move || top.with(Option::is_some)>
                    <div class="step-pair">
                        <Field label="How many">
                            <NumberInput
                                min=1.0
                                max=1000.0
                                step=1.0
                                value=n
                                on_change=set_n
                            />
                        </Field>
                        <Field label="By">
                            <Select options=measures value=by on_change=set_by/>
                        </Field>
                    </div>
                    <Checkbox checked=others label="Gather the rest as one" on_change=set_others/>
                    <Show when=move || others.get()>
                        <Field label="Name of the rest">
                            <TextInput value=label placeholder="Others" max_length=100 on_input=set_label/>
                        </Field>
                    </Show>
                </Show>
            </div>
        </Show>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_condition_keeps_its_place() {
        let mut query = Query {
            filter: Some(Filter::And(vec![Filter::is("a", Op::Eq, 1), Filter::is("b", Op::Eq, 2)])),
            ..Query::default()
        };
        let top = |n| Some(("a".to_owned(), TopN { n, by: "count".into(), others: true }));
        with_top(&mut query, top(5));
        assert_eq!(top_of(&query), top(5));
        with_top(&mut query, top(3));
        assert_eq!(parts(query.filter.as_ref()).len(), 3);
        query.others_label = Some("Rest".into());
        with_top(&mut query, None);
        assert_eq!((parts(query.filter.as_ref()).len(), query.others_label), (2, None));
    }
}
