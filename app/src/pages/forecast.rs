//! One forecast: its chart, its parts, the models side by side, how it did, and what would be if.

mod parts;
mod scenarios;
mod track;

use crate::api::forecasts::{Drawn, back_test_forecast, delete_forecast, draw_forecast, get_forecast, update_forecast};
use crate::api::sharing::Thing;
use crate::components::local::Local;
use crate::components::*;
use crate::pages::dashboard::csv;
use crate::pages::deeds::{Answer, Deed};
use crate::pages::explore::save::AddToDashboard;
use crate::pages::forecasts::picture::{ForecastChart, plain, share, written};
use crate::pages::forecasts::trial::{TrialProgress, TrialRun, TrialTable};
use crate::pages::sharing::{ShareDialog, Shared};
use crate::session::use_session;
use domain::dashboard::{DataSource, TileKind};
use domain::forecast::{ForecastPatch, ModelKind, SavedForecast};
use domain::layout::Position;
use domain::{Access, Tile, UserRole};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map};
use parts::Parts;
use scenarios::Scenarios;
use track::Track;

/// One forecast.
#[component]
pub fn ForecastPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|p| p.get("id").unwrap_or_default()));
    let forecast = Resource::new_blocking(move || id.get(), get_forecast);
    let reload = Callback::new(move |()| forecast.refetch());
    let body = move || {
        forecast.get().map(|result| match result {
            Ok(forecast) => view! { <Shown forecast reload/> }.into_any(),
            Err(error) => view! {
                <PageHeader title="Forecast" crumbs=crumbs()/>
                <ErrorState error=error.0 retry=reload/>
            }
            .into_any(),
        })
    };
    view! {
        <Page attr:data-testid="forecast">
            <Transition fallback=|| view! { <Skeleton height="16rem"/> }>{body}</Transition>
        </Page>
    }
    .into_any()
}

fn crumbs() -> Vec<Crumb> {
    vec![Crumb::new("Forecasts", "/forecasts")]
}

#[component]
fn Shown(forecast: SavedForecast, reload: Callback<()>) -> impl IntoView {
    let id = StoredValue::new(forecast.id.clone());
    let drawn = Answer::of(move || draw_forecast(id.get_value()));
    let subtitle = if forecast.description.is_empty() {
        format!("{}, by {}", forecast.label, forecast.model.label())
    } else {
        forecast.description.clone()
    };
    let saved = StoredValue::new(forecast.clone());
    let body = move || match drawn.get() {
        None => view! { <Skeleton height="24rem"/> }.into_any(),
        Some(Ok(drawn)) => view! { <Said drawn saved reload/> }.into_any(),
        Some(Err(error)) => view! { <ErrorState error=error.0 retry=move |()| drawn.refetch()/> }.into_any(),
    };
    let drivers: Vec<String> = forecast.def.drivers.iter().map(|d| d.measure.output_name()).collect();
    let (dataset, grain) = (forecast.def.dataset.clone(), forecast.def.grain);
    view! {
        <PageHeader title=forecast.name.clone() crumbs=crumbs() subtitle>
            <Actions forecast drawn reload/>
        </PageHeader>
        {body}
        <Track id/>
        <Scenarios id dataset drivers grain/>
    }
    .into_any()
}

/// What else can be done with it.
#[component]
fn Actions(forecast: SavedForecast, drawn: Answer<Drawn>, reload: Callback<()>) -> impl IntoView {
    let id = StoredValue::new(forecast.id.clone());
    let (deed, toasts) = (Deed::new(), use_toasts());
    let deleting = RwSignal::new(false);
    let renaming = RwSignal::new(false);
    let navigate = Local::holding(use_navigate);
    let delete = move |()| {
        deed.run(delete_forecast(id.get_value()), move |()| {
            toasts.good("Forecast deleted");
            _ = navigate.with(|go| go("/forecasts", NavigateOptions { replace: true, ..NavigateOptions::default() }));
        });
    };
    let shared = Shared {
        thing: Thing::Forecast,
        id,
        public: RwSignal::new(forecast.is_public),
        is_owner: forecast.access == Access::Owner,
        path: Signal::stored(format!("/forecasts/{}", forecast.id)),
    };
    let tile = Signal::derive(move || {
        matches!(drawn.get(), Some(Ok(_))).then(|| Tile {
            kind: TileKind::Chart,
            chart_type: Some("line".into()),
            position: Position { x: 0, y: 0, w: 6, h: 4 },
            data_source: Some(DataSource { forecast: Some(id.get_value()), ..DataSource::default() }),
            ..Tile::default()
        })
    });
    let name = StoredValue::new(forecast.name.clone());
    let download = move |()| {
        if let Some(Ok(drawn)) = untrack(|| drawn.get()) {
            let file = format!("{}.csv", csv::file_name(&name.get_value()));
            csv::save(&file, "text/csv;charset=utf-8", &csv::of(&drawn.chart));
        }
    };
    let alert = format!("/alerts/new?forecast={}", forecast.id);
    let asks = use_session().has_role(UserRole::Explorer);
    let edits = forecast.access >= Access::Edit;
    let owns = forecast.access == Access::Owner;
    let question = format!("Delete the forecast “{}”?", forecast.name);
    let own_name = RwSignal::new(forecast.name.clone());
    let own_text = RwSignal::new(forecast.description.clone());
    let rename = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let patch = ForecastPatch {
            name: Some(own_name.get_untracked()),
            description: Some(own_text.get_untracked()),
            ..ForecastPatch::default()
        };
        deed.submit(update_forecast(id.get_value(), patch), move |_| {
            renaming.set(false);
            _ = reload.try_run(());
        });
    };
    view! {
        <AddToDashboard tile title=Signal::derive(move || name.get_value())/>
        {asks.then(|| view! { <LinkButton href=alert icon="bell">"Alert me"</LinkButton> })}
        <Button icon="download" on_click=download>"Download CSV"</Button>
        {edits.then(|| view! {
            <ShareDialog shared/>
            <Button icon="pencil" on_click=move |()| renaming.set(true)>"Rename"</Button>
            <Dialog open=renaming title="Rename this forecast" light=false>
                <form class="form" on:submit=rename>
                    <crate::pages::deeds::FormError error=deed.error/>
                    <Field label="Name" required=true><TextInput value=own_name on_input=move |v| own_name.set(v) max_length=100/></Field>
                    <Field label="Description" optional=true><TextInput value=own_text on_input=move |v| own_text.set(v) max_length=2_000/></Field>
                    <div class="form-end"><Button kind="submit" variant=Variant::Primary busy=deed.busy>"Save"</Button></div>
                </form>
            </Dialog>
        })}
        {owns.then(|| view! {
            <Button variant=Variant::Danger icon="trash-2" on_click=move |()| deleting.set(true)>"Delete"</Button>
            <ConfirmDialog open=deleting title=question text="What it said before is lost, and tiles that show it stay empty." confirm="Delete forecast" busy=deed.busy on_confirm=delete/>
        })}
    }
    .into_any()
}

#[component]
fn Said(drawn: Drawn, saved: StoredValue<SavedForecast>, reload: Callback<()>) -> impl IntoView {
    let Drawn { result, chart, groups } = drawn;
    let (made, format) = (result.forecast, result.format);
    let a = &made.metrics;
    let facts = [
        ("Model", made.model_info.label.clone()),
        ("MASE", plain(a.mase)),
        ("MAE", written(a.mae, &format)),
        ("RMSE", written(a.rmse, &format)),
        ("MAPE", plain(a.mape)),
        ("sMAPE", plain(a.smape)),
        ("Within 80 %", share(a.coverage80)),
        ("Within 95 %", share(a.coverage95)),
    ];
    let next: Vec<_> = made
        .forecast
        .iter()
        .map(|p| {
            let w = |v: f64| written(Some(v), &format);
            view! {
                <tr>
                    <td>{p.ds.clone()}</td><td class="num">{w(p.yhat)}</td>
                    <td class="num">{w(p.lo80)}</td><td class="num">{w(p.hi80)}</td>
                    <td class="num">{w(p.lo95)}</td><td class="num">{w(p.hi95)}</td>
                </tr>
            }
        })
        .collect();
    let head = vec![
        Head::text("Date"),
        Head::number("Forecast"),
        Head::number("80 % from"),
        Head::number("to"),
        Head::number("95 % from"),
        Head::number("to"),
    ];
    let odd: Vec<_> = made
        .anomalies
        .iter()
        .take(20)
        .map(|o| {
            view! { <li>{format!("{}: {} where {} was expected", o.ds, written(Some(o.y), &format), written(Some(o.expected), &format))}</li> }
        })
        .collect();
    let notes = made.notes.clone();
    let has_odd = !odd.is_empty();
    let small = groups
        .into_iter()
        .map(|(name, data)| view! { <li class="card"><h3 class="truncate">{name.clone()}</h3><ForecastChart data title=name small=true/></li> })
        .collect_view();
    let has_groups = !result.groups.is_empty();
    view! {
        {result.is_narrowed.then(|| view! {
            <Notice>"Rules decide which rows you see: this forecast is made of those, and not of all that its owner sees."</Notice>
        })}
        <Card><ForecastChart data=chart title=saved.with_value(|s| s.name.clone())/></Card>
        <dl class="facts forecast-facts" data-testid="forecast-metrics">
            {facts.into_iter().map(|(label, value)| view! { <dt>{label}</dt><dd class="num">{value}</dd> }).collect_view()}
        </dl>
        {notes.into_iter().map(|note| view! { <p class="muted small">{note}</p> }).collect_view()}
        {has_groups.then(|| view! {
            <Section title="By group" text="They add up to the total above.">
                <ul class="grid-cards" data-testid="forecast-groups">{small}</ul>
            </Section>
        })}
        <Section title="Next values">
            <div class="forecast-values" data-testid="forecast-values">
                <Card flush=true><Table caption="Next values" head>{next}</Table></Card>
            </div>
        </Section>
        {has_odd.then(|| view! { <Section title="Odd values of the past"><ul class="forecast-odd" data-testid="forecast-anomalies">{odd}</ul></Section> })}
        <Parts made/>
        <Models saved trial=result.back_test reload/>
    }
    .into_any()
}

/// The models side by side, and which is used.
#[component]
fn Models(
    saved: StoredValue<SavedForecast>,
    trial: Option<domain::forecast::BackTest>,
    reload: Callback<()>,
) -> impl IntoView {
    let (id, model, edits) = saved.with_value(|s| (s.id.clone(), s.model, s.access >= Access::Edit));
    let is_chosen = saved.with_value(|s| s.def.settings.model.is_some());
    let id = StoredValue::new(id);
    let (deed, toasts) = (Deed::new(), use_toasts());
    let run = TrialRun::new(Callback::new(move |()| {
        toasts.good("All models were tried");
        _ = reload.try_run(());
    }));
    let use_model = move |model: Option<ModelKind>| {
        let patch = ForecastPatch { model: Some(model), ..ForecastPatch::default() };
        deed.run(update_forecast(id.get_value(), patch), move |_| _ = reload.try_run(()));
    };
    let choose = Callback::new(move |model: ModelKind| use_model(Some(model)));
    let has_trial = trial.is_some();
    let table = trial.map(|trial| match edits {
        true => view! { <TrialTable trial chosen=model on_choose=choose/> }.into_any(),
        false => view! { <TrialTable trial chosen=model/> }.into_any(),
    });
    view! {
        <Section title="Models side by side">
            {(!has_trial).then(|| view! { <p class="muted">"All models have not been tried on these rows yet."</p> })}
            {table}
            {edits.then(|| view! {
                <div class="row row-wrap">
                    <Button icon="play" busy=run.running on_click=move |()| run.start(back_test_forecast(id.get_value())) attr:data-testid="try-models">"Try all models"</Button>
                    {is_chosen.then(|| view! { <Button on_click=move |()| use_model(None)>"Use the champion again"</Button> })}
                </div>
                <TrialProgress run/>
            })}
        </Section>
    }
    .into_any()
}
