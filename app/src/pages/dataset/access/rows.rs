//! A rule on rows: conditions on columns, with values or with what the person brings.

use super::audience::AudiencePicker;
use super::state::{Part, Parts, RowDraft, Ruling};
use crate::components::*;
use crate::tiles::{ConditionEditor, Origin};
use domain::policy::user_value;
use domain::query::{Condition, Filter, Op};
use domain::{Column, DataType};
use leptos::prelude::*;
use serde_json::json;

#[component]
pub(super) fn RowRule(ruling: Ruling, rule: RowDraft) -> impl IntoView {
    let name = rule.name;
    let remove = move |()| ruling.rows.update(|all| all.retain(|r| r.key != rule.key));
    let parts = move || match rule.parts.get() {
        Parts::Deep(filter) => {
            let text = serde_json::to_string(&filter).unwrap_or_default();
            view! { <p class="muted small">"Its conditions lie in groups: change them as YAML. "<code>{text}</code></p> }
                .into_any()
        }
        Parts::Flat { .. } => view! { <Conditions ruling rule/> }.into_any(),
    };
    // The conditions are not made anew while one of them is written.
    let is_deep = Memo::new(move |_| rule.parts.with(|p| matches!(p, Parts::Deep(_))));
    let body = move || {
        _ = is_deep.get();
        untrack(parts)
    };
    view! {
        <section class="rule-card" data-testid="row-rule" aria-label=move || name.get()>
            <div class="rule-head">
                <TextInput label="Name of the rule" value=name on_input=move |text| name.set(text) max_length=100/>
                <IconButton icon="trash-2" label=Signal::derive(move || format!("Remove {}", name.get())) on_click=remove/>
            </div>
            <AudiencePicker ruling audience=rule.audience/>
            {body}
        </section>
    }
    .into_any()
}

/// The conditions of a rule, each with its key, while they do not change in number.
fn listed(parts: &Parts) -> Vec<(u32, String)> {
    match parts {
        Parts::Flat { list, .. } => list.iter().map(|p| (p.key, p.column.clone())).collect(),
        Parts::Deep(_) => Vec::new(),
    }
}

#[component]
fn Conditions(ruling: Ruling, rule: RowDraft) -> impl IntoView {
    let keys = Memo::new(move |_| rule.parts.with(listed));
    let any = Memo::new(move |_| rule.parts.with(|p| matches!(p, Parts::Flat { any: true, .. })));
    let choices = vec![Choice::new("all", "All conditions hold"), Choice::new("any", "Any condition holds")];
    let set_any = move |word: String| {
        rule.parts.update(|parts| {
            if let Parts::Flat { any, .. } = parts {
                *any = word == "any";
            }
        });
    };
    let add = move |column: String| {
        let key = ruling.key();
        rule.parts.update(|parts| {
            if let Parts::Flat { list, .. } = parts {
                list.push(Part { key, column, filter: None });
            }
        });
    };
    let columns = Signal::derive(move || {
        let stored = ruling.stored().into_iter();
        stored.map(|c| Choice::new(&c.name, &c.label).hint(c.ty.as_str())).collect::<Vec<_>>()
    });
    let several = Memo::new(move |_| keys.with(|keys| keys.len() > 1));
    let none = move || {
        keys.with(Vec::is_empty)
            .then(|| view! { <p class="muted small">"No conditions: the rule is about all rows."</p> })
    };
    view! {
        <div class="rule-conditions">
            <Show when=move || several.get()>
                <Select
                    label="How the conditions add up"
                    options=choices.clone()
                    value=Signal::derive(move || if any.get() { "any".to_owned() } else { "all".to_owned() })
                    on_change=set_any
                />
            </Show>
            <For each=move || keys.get() key=|(key, _)| *key let:part>
                <OneCondition ruling rule key=part.0 column=part.1/>
            </For>
            {none}
            <Combobox label="Add a condition on" placeholder="Add a condition on a column" options=columns value="" on_change=add/>
        </div>
    }
    .into_any()
}

#[component]
fn OneCondition(ruling: Ruling, rule: RowDraft, key: u32, column: String) -> impl IntoView {
    let found = ruling.stored().into_iter().find(|c| c.name == column);
    let label = found.as_ref().map_or_else(|| column.clone(), |c| c.label.clone());
    let value = Signal::derive(move || {
        rule.parts.with(|parts| match parts {
            Parts::Flat { list, .. } => list.iter().find(|p| p.key == key).and_then(|p| p.filter.clone()),
            Parts::Deep(_) => None,
        })
    });
    let put = Callback::new(move |filter: Option<Filter>| {
        rule.parts.update(|parts| {
            if let Parts::Flat { list, .. } = parts
                && let Some(part) = list.iter_mut().find(|p| p.key == key)
            {
                part.filter = filter;
            }
        });
    });
    let remove = move |()| {
        rule.parts.update(|parts| {
            if let Parts::Flat { list, .. } = parts {
                list.retain(|p| p.key != key);
            }
        });
    };
    let brought = value.with_untracked(|v| matches!(v, Some(Filter::Is(c)) if user_value(&c.value).is_some()));
    let by_user = RwSignal::new(brought);
    let sources = vec![Choice::new("value", "a value"), Choice::new("user", "what the person brings")];
    let choose = move |word: String| {
        put.run(None);
        by_user.set(word == "user");
    };
    let editor = move || {
        match (&found, by_user.get()) {
        (None, _) => {
            view! { <p class="field-error"><Icon name="circle-alert"/><span>"This column is not there any more."</span></p> }
                .into_any()
        }
        (Some(column), true) => view! { <Brought column=column.clone() value put/> }.into_any(),
        (Some(column), false) => {
            let origin = Origin { dataset: ruling.name(), ..Origin::default() };
            view! { <ConditionEditor column=column.clone() origin value on_change=put/> }.into_any()
        }
    }
    };
    let name = label.clone();
    view! {
        <div class="rule-condition" data-testid="rule-condition" data-column=column>
            <strong>{label.clone()}</strong>
            <Select
                label=format!("What {label} is compared with")
                options=sources
                value=Signal::derive(move || if by_user.get() { "user".to_owned() } else { "value".to_owned() })
                on_change=choose
            />
            {editor}
            <IconButton icon="x" label=format!("Remove the condition on {name}") on_click=remove/>
        </div>
    }
    .into_any()
}

/// Comparisons with what a person brings.
const OPS: [(Op, &str, &str); 2] = [(Op::In, "in", "is one of"), (Op::NotIn, "not_in", "is none of")];

/// A condition on an attribute of the person.
#[component]
fn Brought(column: Column, value: Signal<Option<Filter>>, put: Callback<Option<Filter>>) -> impl IntoView {
    let read = |filter: Option<Filter>| match filter {
        Some(Filter::Is(c)) => (c.op, user_value(&c.value).unwrap_or_default().to_owned()),
        _ => (Op::In, String::new()),
    };
    let (op, attribute) = read(value.get_untracked());
    let (op, attribute) = (RwSignal::new(op), RwSignal::new(attribute));
    let is_text = column.ty == DataType::Text;
    let name = StoredValue::new(column.name);
    let tell = move || {
        let of = attribute.get_untracked().trim().to_owned();
        let made = |column: String| {
            let value = json!({"user": of.clone()});
            Filter::Is(Condition { column, op: op.get_untracked(), value, case_sensitive: false })
        };
        put.run((!of.is_empty()).then(|| made(name.get_value())));
    };
    let ops: Vec<Choice> = OPS.iter().map(|(_, word, label)| Choice::new(*word, *label)).collect();
    let word = move || OPS.iter().find(|(o, ..)| *o == op.get()).map_or("in", |(_, word, _)| *word).to_owned();
    let choose = move |word: String| {
        if let Some((chosen, ..)) = OPS.iter().find(|(_, w, _)| *w == word) {
            op.set(*chosen);
            tell();
        }
    };
    let write = move |text: String| {
        attribute.set(text);
        tell();
    };
    let hint = if is_text {
        "An attribute such as regions; name, email and groups are always there."
    } else {
        "An attribute whose values fit this column."
    };
    view! {
        <div class="row-wrap">
            <Select label="Comparison" options=ops value=Signal::derive(word) on_change=choose/>
            <TextInput label="Attribute of the person" placeholder="regions" value=attribute on_input=write max_length=100/>
        </div>
        <p class="muted small">{hint}" Who has none sees nothing by this."</p>
    }
    .into_any()
}
