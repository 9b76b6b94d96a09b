//! Making a scenario: a column that changes by a percentage, a condition, the future of a driver.

use crate::api::forecasts::create_scenario;
use crate::api::metrics::{Source, metric_sources};
use crate::components::*;
use crate::pages::deeds::{Answer, Deed, FormError};
use crate::session::use_session;
use crate::tiles::Origin;
use domain::forecast::{Change, ChangeKind, Narrowing, NewScenario, Overlay, Scale, ScenarioOf};
use domain::query::Filter;
use domain::{Error, Role, UserRole};
use leptos::{ev, prelude::*};

/// The form, folded until somebody wants it.
#[component]
pub(in crate::pages) fn NewScenarioForm(
    of: ScenarioOf,
    id: StoredValue<String>,
    /// The dataset that is proposed; empty for none.
    dataset: String,
    drivers: Vec<String>,
    /// With the id of what was made.
    on_made: Callback<String>,
) -> impl IntoView {
    if !use_session().has_role(UserRole::Explorer) {
        return ().into_any();
    }
    let open = RwSignal::new(false);
    let given = StoredValue::new((dataset, drivers));
    let made = Callback::new(move |scenario: String| {
        open.set(false);
        on_made.run(scenario);
    });
    let form = move || {
        open.get().then(|| {
            let (dataset, drivers) = given.get_value();
            view! { <Sources of id dataset drivers on_made=made/> }
        })
    };
    view! {
        <div><Button icon="plus" on_click=move |()| open.update(|o| *o = !*o) attr:data-testid="new-scenario">"New scenario"</Button></div>
        {form}
    }
    .into_any()
}

#[component]
fn Sources(
    of: ScenarioOf,
    id: StoredValue<String>,
    dataset: String,
    drivers: Vec<String>,
    on_made: Callback<String>,
) -> impl IntoView {
    let known = Answer::of(metric_sources);
    let given = StoredValue::new((dataset, drivers));
    move || match known.get() {
        None => view! { <Skeleton lines=4/> }.into_any(),
        Some(Ok(sources)) => {
            let (dataset, drivers) = given.get_value();
            view! { <Form of id dataset drivers sources on_made/> }.into_any()
        }
        Some(Err(error)) => view! { <ErrorState error=error.0 compact=true/> }.into_any(),
    }
}

#[component]
fn Form(
    of: ScenarioOf,
    id: StoredValue<String>,
    dataset: String,
    drivers: Vec<String>,
    sources: Vec<Source>,
    on_made: Callback<String>,
) -> impl IntoView {
    let deed = Deed::new();
    let name = RwSignal::new(String::new());
    // A tile may name its dataset by id; then the first there is stands in.
    let known = sources.iter().any(|s| s.name == dataset);
    let first = sources.first().map(|s| s.name.clone()).unwrap_or_default();
    let dataset = RwSignal::new(if known { dataset } else { first });
    let (column, change) = (RwSignal::new(String::new()), RwSignal::new(Some(5.0)));
    let (driver, driver_change) = (RwSignal::new(String::new()), RwSignal::new(Some(10.0)));
    let narrowed = RwSignal::new(String::new());
    let filter = RwSignal::new(None::<Filter>);
    let choices: Vec<Choice> = sources.iter().map(|s| Choice::new(s.name.clone(), s.label.clone())).collect();
    let sources = StoredValue::new(sources);
    let columns = Signal::derive(move || {
        let name = dataset.get();
        sources.with_value(|all| all.iter().find(|s| s.name == name).map(|s| s.columns.clone()).unwrap_or_default())
    });
    let of_columns = move |fits: fn(&domain::Column) -> bool| {
        Signal::derive(move || {
            let all = columns.get().into_iter().filter(&fits);
            all.map(|c| Choice::new(c.name, c.label)).collect::<Vec<_>>()
        })
    };
    let numbers = of_columns(|c| c.ty.is_number() && !c.is_calculated);
    let others = of_columns(|c| c.role == Role::Dimension);
    let choose_dataset = move |name: String| {
        dataset.set(name);
        column.set(String::new());
        narrowed.set(String::new());
        filter.set(None);
    };
    let editor = move || {
        let name = narrowed.get();
        let found = columns.get_untracked().into_iter().find(|c| c.name == name)?;
        let origin = Origin { dataset: dataset.get_untracked(), ..Origin::default() };
        let on_change = Callback::new(move |new: Option<Filter>| filter.set(new));
        Some(crate::lazy::condition_editor(found, origin, filter.into(), on_change))
    };
    let has_drivers = !drivers.is_empty();
    let driver_choices: Vec<Choice> =
        drivers.into_iter().map(|d| Choice::new(d.clone(), domain::names::to_label(&d))).collect();
    let driver_choices = StoredValue::new(driver_choices);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let mut overlay = Overlay::default();
        let dataset = dataset.get_untracked();
        if let (false, Some(percent)) = (column.with_untracked(String::is_empty), change.get_untracked()) {
            overlay.scales.push(Scale { dataset: dataset.clone(), column: column.get_untracked(), percent });
        }
        if let Some(filter) = filter.get_untracked() {
            overlay.filters.push(Narrowing { dataset, filter });
        }
        if let (false, Some(value)) = (driver.with_untracked(String::is_empty), driver_change.get_untracked()) {
            let regressor = driver.get_untracked();
            overlay.drivers.push(Change { regressor, kind: ChangeKind::Percent, value, from: None, to: None });
        }
        if overlay == Overlay::default() {
            deed.error.set(Some(Error::invalid("Choose a column, a condition or a driver that changes.")));
            return;
        }
        let new = NewScenario { name: name.get_untracked(), overlay };
        deed.submit(create_scenario(of, id.get_value(), new), move |made| _ = on_made.try_run(made.id));
    };
    view! {
        <form class="form card" on:submit=submit data-testid="scenario-form">
            <FormError error=deed.error/>
            <Field label="Name of the scenario" required=true><TextInput value=name on_input=move |v| name.set(v) max_length=100/></Field>
            <Field label="Data"><Combobox options=choices value=dataset on_change=choose_dataset/></Field>
            <div class="form-row">
                <Field label="Column that changes" optional=true><Select options=numbers value=column placeholder="None" on_change=move |v| column.set(v)/></Field>
                <Field label="By"><NumberInput value=change unit="%" min=-100.0 max=10_000.0 on_change=move |v| change.set(v)/></Field>
            </div>
            <Field label="Only rows where" optional=true>
                <Select options=others value=narrowed placeholder="Anything" on_change=move |v| { narrowed.set(v); filter.set(None); }/>
            </Field>
            {editor}
            {has_drivers.then(|| view! {
                <div class="form-row">
                    <Field label="Driver whose future changes" optional=true><Select options=driver_choices.get_value() value=driver placeholder="None" on_change=move |v| driver.set(v)/></Field>
                    <Field label="By this much"><NumberInput value=driver_change unit="%" on_change=move |v| driver_change.set(v)/></Field>
                </div>
            })}
            <div class="form-end"><Button kind="submit" variant=Variant::Primary busy=deed.busy attr:data-testid="keep-scenario">"Keep scenario"</Button></div>
        </form>
    }
    .into_any()
}
