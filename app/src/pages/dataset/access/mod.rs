//! Who sees which rows and columns of a dataset: rules, tried on somebody before they are saved.

mod audience;
mod columns;
mod rows;
mod state;
mod trial;
mod why;
mod yaml;

use super::editing::Editing;
use crate::api::policies::read_policies;
use crate::components::*;
use crate::pages::deeds::{Answer, FormError};
use leptos::prelude::*;
use state::Ruling;

#[component]
pub(crate) fn AccessTab(editing: Editing) -> impl IntoView {
    let name = editing.dataset.with_untracked(|d| d.name.clone());
    let found = Answer::of(move || read_policies(name.clone()));
    move || match found.get() {
        None => view! { <Skeleton height="20rem"/> }.into_any(),
        Some(Err(error)) => view! { <ErrorState error=error.0 retry=move |()| found.refetch()/> }.into_any(),
        Some(Ok(ruled)) => view! { <Rules ruling=Ruling::new(editing, ruled)/> }.into_any(),
    }
}

#[component]
fn Rules(ruling: Ruling) -> impl IntoView {
    let toasts = use_toasts();
    let save = move |()| ruling.save(move |()| toasts.good("The rules are saved"));
    let changed = ruling.changed();
    view! {
        <div class="access-tab" data-testid="access-tab">
            <p class="muted">
                "Rules hold for everybody with a right to the dataset, and for everything that is made of it: charts, SQL, lists, alerts and files. They do not hold for its owner and for administrators."
            </p>
            <Section title="Rows">
                <p class="muted">
                    "Without rules all rows are seen. With rules a person sees the rows of each rule that is for them; whom no rule is for sees none."
                </p>
                <For each=move || ruling.rows.get() key=|rule| rule.key let:rule>
                    <rows::RowRule ruling rule/>
                </For>
                <Button icon="plus" on_click=move |()| ruling.add_rows() attr:data-testid="add-row-rule">"Add a rule on rows"</Button>
            </Section>
            <Section title="Columns">
                <p class="muted">"Of several rules on a column the strictest holds. Columns made of a hidden one are hidden with it."</p>
                <For each=move || ruling.columns.get() key=|rule| rule.key let:rule>
                    <columns::ColumnRules ruling rule/>
                </For>
                <Button icon="plus" on_click=move |()| ruling.add_columns() attr:data-testid="add-column-rule">
                    "Add a rule on columns"
                </Button>
            </Section>
            <div class="access-bar" role="group" aria-label="Save the rules">
                <FormError error=ruling.deed.error/>
                <div class="row-wrap">
                    <Button
                        variant=Variant::Primary
                        busy=ruling.deed.busy
                        disabled=Signal::derive(move || !changed.get())
                        on_click=save
                        attr:data-testid="save-rules"
                    >
                        "Save the rules"
                    </Button>
                    <Button disabled=Signal::derive(move || !changed.get()) on_click=move |()| ruling.discard()>"Discard changes"</Button>
                    <span class="muted small" role="status">
                        {move || if changed.get() { "Not saved yet." } else { "" }}
                    </span>
                </div>
            </div>
            <Section title="Try it on somebody">
                <trial::Trial ruling/>
            </Section>
            <Section title="Why does somebody see it?">
                <why::Why ruling/>
            </Section>
            <Section title="As YAML">
                <yaml::Yaml ruling/>
            </Section>
        </div>
    }
    .into_any()
}
