//! The options of the chart's kind, as `charts` describes them.

use super::editor::Editor;
use crate::components::{Button, Choice, Field, NumberInput, Section, Select, Switch, TextInput, Variant, typed};
use crate::tiles::logic::shape;
use charts::{Input, OptionInfo};
use domain::format::{Format, Style};
use domain::plugin::Encoding;
use leptos::prelude::*;
use serde_json::Value;

/// How numbers can be written.
const STYLES: &[(&str, &str, Option<Style>)] = &[
    ("", "As the column is", None),
    ("number", "Number", Some(Style::Number)),
    ("percent", "Percent", Some(Style::Percent)),
    ("currency", "Currency", Some(Style::Currency)),
    ("duration", "Duration", Some(Style::Duration)),
    ("bytes", "File size", Some(Style::Bytes)),
    ("scientific", "Scientific", Some(Style::Scientific)),
];

#[component]
pub(crate) fn KindOptions(editor: Editor) -> impl IntoView {
    let kind = Memo::new(move |_| editor.draft.with(|d| d.kind));
    // A metric says itself how it is written and what is good news.
    let metric = Memo::new(move |_| editor.draft.with(|d| d.metric.is_some()));
    let known = move || if metric.get() { &[] } else { charts::options(kind.get()) };
    // In the panel they are wells.
    let parts = Memo::new(move |_| editor.draft.with(|d| if d.free { d.plugin.clone() } else { Vec::new() }));
    view! {
        <Show when=move || parts.with(|parts| !parts.is_empty())>
            <Section title="Parts of the chart">
                {move || parts.get().into_iter().map(|e| part(editor, e)).collect_view()}
            </Section>
        </Show>
        <Show when=move || !known().is_empty()>
            <Section title="Options">
                {move || known().iter().map(|info| option(editor, info)).collect_view()}
            </Section>
        </Show>
    }
    .into_any()
}

fn option(editor: Editor, info: &'static OptionInfo) -> AnyView {
    let value = Memo::new(move |_| editor.draft.with(|d| d.options.get(info.name).cloned()));
    let set = Callback::new(move |new: Option<Value>| editor.edit(|draft, _, _| draft.set_option(info.name, new)));
    control(editor, info, value, set)
}

/// Which output plays a part of a plug-in.
fn part(editor: Editor, encoding: Encoding) -> AnyView {
    let Encoding { name, label, takes, required } = encoding;
    let key = name.clone();
    let options = Signal::derive(move || {
        let shape = editor.draft.with(|draft| editor.columns.with(|columns| shape::fields(&draft.query, columns)));
        let fitting = shape.into_iter().filter(|f| charts::plugin::takes(takes, f));
        let nothing = Choice::new("", if required { "The first that fits" } else { "None" });
        std::iter::once(nothing).chain(fitting.map(|f| Choice::new(f.name, f.label))).collect::<Vec<_>>()
    });
    let value = Signal::derive(move || {
        let chosen = editor.draft.with(|d| d.options.get(&key).and_then(Value::as_str).unwrap_or_default().to_owned());
        // What is not there any more counts as not chosen.
        if options.with(|all| all.iter().any(|c| c.value == chosen)) { chosen } else { String::new() }
    });
    let change = move |word: String| {
        let name = name.clone();
        editor.edit(|draft, _, _| draft.set_option(&name, (!word.is_empty()).then(|| Value::from(word))));
    };
    view! { <Field label><Select options value on_change=change/></Field> }.into_any()
}

/// The control of one option, or of one field of an item in a list.
fn control(
    editor: Editor,
    info: &'static OptionInfo,
    value: Memo<Option<Value>>,
    set: Callback<Option<Value>>,
) -> AnyView {
    let hint = (!info.help.is_empty()).then(|| info.help.to_owned());
    match info.input {
        Input::Toggle { default } => {
            let on = Signal::derive(move || value.with(|v| v.as_ref().and_then(Value::as_bool)).unwrap_or(default));
            let change = move |on: bool| set.run((on != default).then_some(Value::Bool(on)));
            view! { <Switch label=info.label hint checked=on on_change=change/> }.into_any()
        }
        Input::Choice { default, choices } => {
            let options: Vec<Choice> = choices.iter().map(|(wire, label)| Choice::new(*wire, *label)).collect();
            let chosen = Signal::derive(move || {
                value.with(|v| v.as_ref().and_then(Value::as_str).unwrap_or(default).to_owned())
            });
            let change = move |word: String| set.run((word != default).then(|| Value::from(word)));
            view! { <Field label=info.label hint><Select options value=chosen on_change=change/></Field> }.into_any()
        }
        Input::Number => {
            let number = Signal::derive(move || value.with(|v| v.as_ref().and_then(Value::as_f64)));
            let change = move |n: Option<f64>| set.run(n.map(Value::from));
            view! { <Field label=info.label hint><NumberInput value=number on_change=change/></Field> }.into_any()
        }
        Input::Text => {
            let text = Signal::derive(move || {
                value.with(|v| v.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned())
            });
            let later = typed(
                300,
                Callback::new(move |text: String| set.run((!text.trim().is_empty()).then(|| Value::from(text)))),
            );
            view! { <Field label=info.label hint><TextInput max_length=200 value=text on_input=later/></Field> }
                .into_any()
        }
        Input::Format => format_fields(info, value, set),
        Input::List { fields } => list_fields(editor, info, fields, value, set),
        // Columns are chosen in the wells.
        Input::Columns => ().into_any(),
        Input::Column => {
            let options = Signal::derive(move || {
                let fields =
                    editor.draft.with(|draft| editor.columns.with(|columns| shape::fields(&draft.query, columns)));
                let own = fields.into_iter().map(|f| Choice::new(f.name, f.label));
                std::iter::once(Choice::new("", "All columns")).chain(own).collect::<Vec<_>>()
            });
            let chosen = Signal::derive(move || {
                value.with(|v| v.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned())
            });
            let change = move |name: String| set.run((!name.is_empty()).then(|| Value::from(name)));
            view! { <Field label=info.label hint><Select options value=chosen on_change=change/></Field> }.into_any()
        }
    }
}

/// Several items of the same form, each with its fields.
fn list_fields(
    editor: Editor,
    info: &'static OptionInfo,
    fields: &'static [OptionInfo],
    value: Memo<Option<Value>>,
    set: Callback<Option<Value>>,
) -> AnyView {
    let items = Memo::new(move |_| value.with(|v| v.as_ref().and_then(Value::as_array).cloned().unwrap_or_default()));
    let many = Memo::new(move |_| items.with(Vec::len));
    let put = move |change: &dyn Fn(&mut Vec<Value>)| {
        let mut next = items.get_untracked();
        change(&mut next);
        set.run((!next.is_empty()).then_some(Value::Array(next)));
    };
    let field = move |at: usize, field: &'static OptionInfo| {
        let value = Memo::new(move |_| items.with(|all| all.get(at).and_then(|item| item.get(field.name)).cloned()));
        let set = Callback::new(move |new: Option<Value>| {
            put(&|all| {
                let Some(Value::Object(item)) = all.get_mut(at) else { return };
                match &new {
                    Some(new) => _ = item.insert(field.name.to_owned(), new.clone()),
                    None => _ = item.remove(field.name),
                }
            });
        });
        control(editor, field, value, set)
    };
    let item = move |at: usize| {
        let remove = Callback::new(move |()| {
            put(&|all| {
                if at < all.len() {
                    all.remove(at);
                }
            });
        });
        view! {
            <fieldset class="option-item">
                <legend>{format!("{} {}", info.label, at + 1)}</legend>
                {fields.iter().map(|info| field(at, info)).collect_view()}
                <Button variant=Variant::Ghost icon="trash-2" on_click=remove>"Remove"</Button>
            </fieldset>
        }
        .into_any()
    };
    let add = Callback::new(move |()| put(&|all| all.push(Value::Object(Default::default()))));
    let full = Signal::derive(move || many.get() >= charts::MOST_ITEMS);
    let hint = (!info.help.is_empty()).then(|| info.help.to_owned());
    view! {
        <Field label=info.label hint>
            <div class="option-list">
                {move || (0..many.get()).map(item).collect_view()}
                <Button icon="plus" disabled=full on_click=add>"Add"</Button>
            </div>
        </Field>
    }
    .into_any()
}

/// A number format, field by field.
fn format_fields(info: &'static OptionInfo, value: Memo<Option<Value>>, set: Callback<Option<Value>>) -> AnyView {
    let format = Memo::new(move |_| value.get().and_then(|v| serde_json::from_value::<Format>(v).ok()));
    let put = move |change: &dyn Fn(&mut Format)| {
        let mut next = format.get_untracked().unwrap_or_default();
        change(&mut next);
        set.run(serde_json::to_value(next).ok());
    };
    let style = Signal::derive(move || {
        let now = format.with(|f| f.as_ref().map(|f| f.style));
        STYLES.iter().find(|(_, _, style)| *style == now).map_or_else(String::new, |(wire, ..)| (*wire).to_owned())
    });
    let choose = move |wire: String| match STYLES.iter().find(|(w, ..)| *w == wire).and_then(|(_, _, style)| *style) {
        Some(style) => put(&|f| f.style = style),
        None => set.run(None),
    };
    let decimals = Signal::derive(move || format.with(|f| f.as_ref().and_then(|f| f.decimals)).map(f64::from));
    let is_money = move || format.with(|f| f.as_ref().is_some_and(|f| f.style == Style::Currency));
    let text = move |read: fn(&Format) -> String| {
        Signal::derive(move || format.with(|f| f.as_ref().map(read).unwrap_or_default()))
    };
    let currency = text(|f| f.currency.clone().unwrap_or_else(|| "USD".into()));
    let (prefix, suffix) = (text(|f| f.prefix.clone()), text(|f| f.suffix.clone()));
    let set_currency = typed(
        400,
        Callback::new(move |code: String| {
            let code = code.trim().to_uppercase();
            if code.len() == 3 && code.chars().all(|c| c.is_ascii_alphabetic()) {
                put(&|f| f.currency = Some(code.clone()));
            }
        }),
    );
    let set_decimals = move |n: Option<f64>| put(&|f| f.decimals = n.map(|n| n.round().clamp(0.0, 12.0) as u8));
    let set_prefix = typed(400, Callback::new(move |text: String| put(&|f| f.prefix.clone_from(&text))));
    let set_suffix = typed(400, Callback::new(move |text: String| put(&|f| f.suffix.clone_from(&text))));
    let options: Vec<Choice> = STYLES.iter().map(|(wire, label, _)| Choice::new(*wire, *label)).collect();
    let hint = (!info.help.is_empty()).then(|| info.help.to_owned());
    view! {
        <Field label=info.label hint><Select options value=style on_change=choose/></Field>
        <Show when=move || format.with(Option::is_some)>
            <div class="format-line">
                <Field label="Decimals">
                    <NumberInput
                        min=0.0
                        max=12.0
                        step=1.0
                        placeholder="Auto"
                        value=decimals
                        on_change=set_decimals
                    />
                </Field>
                <Show when=is_money>
                    <Field label="Currency"><TextInput max_length=3 placeholder="USD" value=currency on_input=set_currency/></Field>
                </Show>
                <Field label="Before"><TextInput max_length=20 value=prefix on_input=set_prefix/></Field>
                <Field label="After"><TextInput max_length=20 value=suffix on_input=set_suffix/></Field>
            </div>
        </Show>
    }
    .into_any()
}
