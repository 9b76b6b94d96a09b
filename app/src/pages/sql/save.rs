//! The SELECT becomes a dataset, or takes the place of that of one; a chart is made of it.

use super::state::{PATH, Work};
use crate::api::sql::{create_sql_dataset, dataset_usages, update_sql_dataset};
use crate::components::local::Local;
use crate::components::*;
use crate::pages::data::plural;
use crate::pages::deeds::{Deed, FormError};
use crate::pages::explore::question;
use crate::pages::impact::UsageList;
use domain::api::Usage;
use domain::names::to_name;
use domain::sql::{NewSqlDataset, SqlDefinition};
use domain::{Access, Dataset};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

/// What follows when a dataset was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    /// It is edited on.
    Stay,
    /// A chart is made of it.
    Chart,
}

/// The actions of the page: save, update, make a chart.
#[component]
pub(super) fn Actions(work: Work) -> impl IntoView {
    let making = RwSignal::new(false);
    let then = RwSignal::new(Then::Stay);
    let updating = RwSignal::new(false);
    // Held here: messages that lead somewhere outlive the forms.
    let navigate = Local::holding(use_navigate);
    let go = Callback::new(move |to: String| _ = navigate.with(|go| go(&to, NavigateOptions::default())));
    let empty = Signal::derive(move || work.text.with(|text| text.trim().is_empty()));
    let owns = Memo::new(move |_| work.opened.with(|o| o.as_ref().is_some_and(|o| o.dataset.access >= Access::Owner)));
    let unchanged = Signal::derive(move || !work.is_changed());
    let make = move |what: Then| {
        then.set(what);
        making.set(true);
    };
    let chart = move |()| {
        let saved = work.opened.with_untracked(|o| o.as_ref().map(|o| o.dataset.name.clone()));
        match saved.filter(|_| unchanged.get_untracked()) {
            Some(name) => go.run(explore(&name)),
            None => make(Then::Chart),
        }
    };
    view! {
        <Button icon="chart-column" disabled=empty on_click=chart>"Make a chart"</Button>
        <Button icon="save" disabled=empty on_click=move |()| make(Then::Stay)>
            {move || if work.opened.with(Option::is_some) { "Save as new…" } else { "Save as dataset…" }}
        </Button>
        <Show when=move || owns.get()>
            <Button icon="check" disabled=unchanged on_click=move |()| updating.set(true)>"Update dataset…"</Button>
        </Show>
        <Dialog open=making title="Save as dataset" light=false><MakeForm work open=making then go/></Dialog>
        <Dialog open=updating title="Update the dataset" light=false><UpdateForm work open=updating/></Dialog>
    }
    .into_any()
}

/// Explore with a dataset.
fn explore(name: &str) -> String {
    format!("{}?dataset={name}", question::PATH)
}

#[component]
fn MakeForm(work: Work, open: RwSignal<bool>, then: RwSignal<Then>, go: Callback<String>) -> impl IntoView {
    let label = RwSignal::new(String::new());
    let name = RwSignal::new(String::new());
    let public = RwSignal::new(false);
    let deed = Deed::new();
    let toasts = use_toasts();
    let proposed =
        Memo::new(move |_| label.with(|label| if label.trim().is_empty() { String::new() } else { to_name(label) }));
    let for_chart = then.get_untracked() == Then::Chart;
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let scope = work.opened.with_untracked(|o| o.as_ref().and_then(|o| o.definition.dataset_scope.clone()));
        let new = NewSqlDataset {
            name: Some(name.get_untracked().trim().to_owned())
                .filter(|n| !n.is_empty())
                .unwrap_or_else(|| proposed.get_untracked()),
            label: label.get_untracked(),
            sql: work.text.get_untracked(),
            dataset_scope: scope,
            is_public: public.get_untracked(),
            ..NewSqlDataset::default()
        };
        deed.submit(create_sql_dataset(new), move |made: Dataset| {
            _ = open.try_set(false);
            let page = format!("/data/{}", made.name);
            toasts.action(format!("{} saved", made.label), "Open dataset", move || _ = go.try_run(page.clone()));
            work.read_schema();
            _ = go.try_run(if for_chart { explore(&made.name) } else { format!("{PATH}?dataset={}", made.name) });
        });
    };
    let missing = Signal::derive(move || label.with(|label| label.trim().is_empty()));
    view! {
        <form class="form" on:submit=submit data-testid="sql-save-form">
            <FormError error=deed.error/>
            {for_chart.then(|| view! { <p class="muted">"The SELECT is kept as a dataset. Explore then opens it, where charts are made and put on dashboards."</p> })}
            <Field label="Name" required=true><TextInput value=label max_length=200 on_input=move |text| label.set(text)/></Field>
            <Field label="Name in SQL" optional=true hint="Small letters, digits and underscores.">
                <TextInput
                    value=name
                    max_length=60
                    placeholder=Signal::derive(move || Some(proposed.get()))
                    on_input=move |text| name.set(text)
                />
            </Field>
            <Checkbox
                checked=public
                on_change=move |on| public.set(on)
                label="Everybody may see it"
                hint="They see its rows, not the SQL, and need no right to the datasets it reads."
            />
            <div class="dialog-foot">
                <Button on_click=move |()| open.set(false)>"Cancel"</Button>
                <Button kind="submit" variant=Variant::Primary busy=deed.busy disabled=missing>
                    {if for_chart { "Save and make a chart" } else { "Save dataset" }}
                </Button>
            </div>
        </form>
    }
    .into_any()
}

#[component]
fn UpdateForm(work: Work, open: RwSignal<bool>) -> impl IntoView {
    let (name, label) = work
        .opened
        .with_untracked(|o| o.as_ref().map(|o| (o.dataset.name.clone(), o.dataset.label.clone())))
        .unwrap_or_default();
    let usages = RwSignal::new(None::<Vec<Usage>>);
    let of = name.clone();
    spawn_local(async move {
        // What cannot be asked is not shown; the question stands all the same.
        _ = usages.try_set(Some(dataset_usages(of).await.unwrap_or_default()));
    });
    let deed = Deed::new();
    let toasts = use_toasts();
    let said = label.clone();
    let update = move |()| {
        let Some(opened) = work.opened.get_untracked() else { return };
        let new = SqlDefinition { sql: work.text.get_untracked(), ..opened.definition };
        let (label, sent) = (said.clone(), new.clone());
        deed.submit(update_sql_dataset(name.clone(), sent), move |dataset: Dataset| {
            _ = open.try_set(false);
            toasts.good(format!("{label} updated: {}", plural(dataset.row_count, "row")));
            _ = work.opened.try_update(|o| {
                if let Some(opened) = o {
                    opened.dataset = dataset;
                    opened.definition = new;
                }
            });
            work.read_schema();
        });
    };
    let used = move || match usages.get() {
        None => view! { <Skeleton lines=3/> }.into_any(),
        Some(all) if all.is_empty() => view! { <p>"Nothing that you can see uses it yet."</p> }.into_any(),
        Some(all) => {
            let count = plural(all.len() as u64, "thing");
            let verb = if all.len() == 1 { "uses" } else { "use" };
            view! {
                <div data-testid="sql-usages">
                    <Notice tone=Tone::Warn>
                        <p class="misfits-head">{format!("{count} {verb} it")}</p>
                        <UsageList usages=all/>
                    </Notice>
                </div>
                <p class="muted small">"They follow the new SELECT at once. What asks for a column that is gone then shows an error."</p>
            }
            .into_any()
        }
    };
    view! {
        <div class="form" data-testid="sql-update-form">
            <FormError error=deed.error/>
            <p>"The SELECT in the editor takes the place of that of "<strong>{label}</strong>"."</p>
            {used}
            <div class="dialog-foot">
                <Button on_click=move |()| open.set(false)>"Cancel"</Button>
                <Button variant=Variant::Primary busy=deed.busy on_click=update>"Update dataset"</Button>
            </div>
        </div>
    }
    .into_any()
}
