//! A rule on columns.

use super::audience::AudiencePicker;
use super::state::{ColumnDraft, Ruling};
use crate::components::*;
use domain::policy::ColumnRule;
use leptos::prelude::*;

const RULES: [(&str, &str); 5] = [
    ("hide", "Hide the column"),
    ("redact", "Black out the values"),
    ("hash", "Show a code for each value"),
    ("last4", "Show the last four"),
    ("bucket", "Round down to steps"),
];
/// The step that a new rule begins with.
const WIDTH: f64 = 100.0;

fn word(rule: ColumnRule) -> &'static str {
    match rule {
        ColumnRule::Hide => "hide",
        ColumnRule::Redact => "redact",
        ColumnRule::Hash => "hash",
        ColumnRule::Last4 => "last4",
        ColumnRule::Bucket(_) => "bucket",
    }
}

#[component]
pub(super) fn ColumnRules(ruling: Ruling, rule: ColumnDraft) -> impl IntoView {
    let name = rule.name;
    let remove = move |()| ruling.columns.update(|all| all.retain(|r| r.key != rule.key));
    let columns = Signal::derive(move || {
        ruling
            .dataset
            .with(|d| d.columns.iter().map(|c| Choice::new(&c.name, &c.label).hint(c.ty.as_str())).collect::<Vec<_>>())
    });
    let choices: Vec<Choice> = RULES.iter().map(|(word, label)| Choice::new(*word, *label)).collect();
    let choose = move |chosen: String| {
        rule.rule.set(match chosen.as_str() {
            "redact" => ColumnRule::Redact,
            "hash" => ColumnRule::Hash,
            "last4" => ColumnRule::Last4,
            "bucket" => ColumnRule::Bucket(WIDTH),
            _ => ColumnRule::Hide,
        });
    };
    let width = Signal::derive(move || match rule.rule.get() {
        ColumnRule::Bucket(width) => Some(width),
        _ => None,
    });
    let is_bucket = Memo::new(move |_| width.get().is_some());
    let set_width = move |width: Option<f64>| {
        if let Some(width) = width {
            rule.rule.set(ColumnRule::Bucket(width));
        }
    };
    let set_columns = move |list: Vec<String>| rule.columns.set(list);
    view! {
        <section class="rule-card" data-testid="column-rule" aria-label=move || name.get()>
            <div class="rule-head">
                <TextInput label="Name of the rule" value=name on_input=move |text| name.set(text) max_length=100/>
                <IconButton icon="trash-2" label=Signal::derive(move || format!("Remove {}", name.get())) on_click=remove/>
            </div>
            <AudiencePicker ruling audience=rule.audience/>
            <div class="row-wrap">
                <MultiSelect label="Columns" placeholder="Choose columns" options=columns selected=rule.columns on_change=set_columns/>
                <Select label="What they see" options=choices value=Signal::derive(move || word(rule.rule.get()).to_owned()) on_change=choose/>
                <Show when=move || is_bucket.get()>
                    <NumberInput label="Width of a step" value=width on_change=set_width min=0.0/>
                </Show>
            </div>
        </section>
    }
    .into_any()
}
