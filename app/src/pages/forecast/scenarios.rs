//! What would be if: scenarios of a forecast, beside the baseline. Which one is shown stands in the address.

use crate::api::forecasts::{DrawnWhatIf, draw_what_if, list_scenarios};
use crate::components::*;
use crate::pages::deeds::{Answer, in_place};
use crate::pages::forecasts::picture::{ForecastChart, percent, plain};
use crate::pages::what_if::{NewScenarioForm, ScenarioList};
use domain::forecast::ScenarioOf;
use domain::query::Grain;
use leptos::prelude::*;
use leptos_router::hooks::query_signal_with_options;

#[component]
pub(super) fn Scenarios(
    id: StoredValue<String>,
    /// The dataset that it reads; empty for none.
    dataset: String,
    drivers: Vec<String>,
    grain: Option<Grain>,
) -> impl IntoView {
    let (chosen, set_chosen) = query_signal_with_options::<String>("scenario", in_place());
    let list = Answer::of(move || list_scenarios(ScenarioOf::Forecast, id.get_value()));
    let choose = Callback::new(move |scenario: Option<String>| set_chosen.set(scenario));
    let made = Callback::new(move |scenario: String| {
        list.refetch();
        set_chosen.set(Some(scenario));
    });
    let gone = Callback::new(move |()| {
        set_chosen.set(None);
        list.refetch();
    });
    let body = move || match list.get() {
        None => view! { <Skeleton lines=2/> }.into_any(),
        Some(Ok(all)) => view! { <ScenarioList all chosen on_choose=choose on_gone=gone/> }.into_any(),
        Some(Err(error)) => view! { <ErrorState error=error.0 compact=true/> }.into_any(),
    };
    let beside = move || chosen.get().map(|scenario| view! { <Beside scenario grain/> });
    view! {
        <Section title="What if" text="Another price, another filter, another future of a driver: beside the forecast as it is.">
            <div class="stack" data-testid="what-if">
                {body}
                {beside}
                <NewScenarioForm of=ScenarioOf::Forecast id dataset drivers on_made=made/>
            </div>
        </Section>
    }
    .into_any()
}

#[component]
fn Beside(scenario: String, grain: Option<Grain>) -> impl IntoView {
    let drawn = Answer::of(move || draw_what_if(scenario.clone(), grain));
    let shown = |drawn: DrawnWhatIf| {
        let total = drawn.what_if.total;
        let sign = if total >= 0.0 { "+" } else { "" };
        let share = drawn.what_if.percent.map(|p| format!(" ({}{})", if p >= 0.0 { "+" } else { "" }, percent(p)));
        let sentence = format!("Over all steps: {sign}{}{}.", plain(Some(total)), share.unwrap_or_default());
        view! {
            <p data-testid="what-if-total">{sentence}</p>
            <div class="what-if-pair">
                <Card><h3>"As it is"</h3><ForecastChart data=drawn.baseline title="The forecast as it is" small=true/></Card>
                <Card><h3>"In the scenario"</h3><ForecastChart data=drawn.scenario title="The forecast in the scenario" small=true/></Card>
            </div>
        }
    };
    move || match drawn.get() {
        None => view! { <Skeleton height="14rem"/> }.into_any(),
        Some(Ok(drawn)) => shown(drawn).into_any(),
        Some(Err(error)) => view! { <ErrorState error=error.0 compact=true/> }.into_any(),
    }
}
