//! Making a forecast: what, how, which model, and a name.

mod how;

use super::draft::{Asked, Draft};
use super::picture::ForecastChart;
use super::trial::{TrialProgress, TrialRun, TrialTable};
use crate::api::forecasts::{Drawn, create_forecast, preview_forecast, propose_forecast, try_forecast};
use crate::api::metrics::{Source, list_metrics, metric_sources};
use crate::components::local::Local;
use crate::components::*;
use crate::pages::deeds::{Answer, Deed, FormError};
use crate::session::use_session;
use domain::forecast::{ForecastProposal, ModelKind, NewForecast};
use domain::query::{Measure, Query};
use domain::{Error, UserRole};
use how::HowFields;
use leptos::{ev, prelude::*};
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};

/// What stands for a measure of a dataset in the choice of metrics.
const MEASURE: &str = "";

/// The page.
#[component]
pub fn NewForecastPage() -> impl IntoView {
    let crumbs = || vec![Crumb::new("Forecasts", "/forecasts")];
    if !use_session().has_role(UserRole::Creator) {
        let error = Error::forbidden("To keep a forecast you need the role creator.").hint("Ask an administrator.");
        return view! { <Page><PageHeader title="New forecast" crumbs=crumbs()/><ErrorState error/></Page> }.into_any();
    }
    let known = Answer::of(|| async {
        let sources = metric_sources().await?;
        let metrics = list_metrics().await?;
        Ok((sources, metrics.into_iter().map(|m| (m.def.id, m.def.name)).collect::<Vec<_>>()))
    });
    let body = move || {
        match known.get() {
        None => view! { <Skeleton height="20rem"/> }.into_any(),
        Some(Ok((sources, metrics))) if sources.is_empty() && metrics.is_empty() => view! {
            <EmptyState icon="database" title="There is no data yet" text="A forecast is made of data over time. Upload some first.">
                <LinkButton href="/data" variant=Variant::Primary>"Go to data"</LinkButton>
            </EmptyState>
        }
        .into_any(),
        Some(Ok((sources, metrics))) => view! { <Wizard sources metrics/> }.into_any(),
        Some(Err(error)) => view! { <ErrorState error=error.0 retry=move |()| known.refetch()/> }.into_any(),
    }
    };
    view! {
        <Page attr:data-testid="forecast-wizard">
            <PageHeader title="New forecast" crumbs=crumbs() subtitle="Say what to go on with; Orrery proposes the rest and tries all models."/>
            {body}
        </Page>
    }
    .into_any()
}

#[component]
fn Wizard(sources: Vec<Source>, metrics: Vec<(String, String)>) -> impl IntoView {
    let mut asked = use_query_map().with_untracked(|q| Asked::read(|key| q.get(key)));
    let first = sources.iter().find(|s| s.columns.iter().any(|c| c.ty.is_time())).or(sources.first());
    if asked.query.dataset.is_empty() {
        asked.query.dataset = first.map(|s| s.name.clone()).unwrap_or_default();
    }
    // What the address asked for stands until something else is forecast; what it left open is proposed.
    let wanted = StoredValue::new((asked.grain, asked.horizon));
    let draft = Draft::new(asked);
    let proposal = RwSignal::new(None::<ForecastProposal>);
    let drawn = RwSignal::new(None::<Drawn>);
    let deed = Deed::new();
    let sources = StoredValue::new(sources);
    let columns = Signal::derive(move || {
        let name = draft.query.with(|q| q.dataset.clone());
        sources.with_value(|all| all.iter().find(|s| s.name == name).map(|s| s.columns.clone()).unwrap_or_default())
    });
    let refuse = move |message: String| deed.error.set(Some(Error::invalid(message)));
    // What was proposed for something else says nothing any more.
    let forget = move || {
        proposal.set(None);
        drawn.set(None);
    };
    let propose = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let (grain, horizon) = wanted.get_value();
        draft.grain.set(grain);
        draft.horizon.set(horizon);
        match draft.def() {
            Ok(def) => deed.submit(propose_forecast(def), move |found: ForecastProposal| {
                draft.take(&found.def);
                let def = found.def.clone();
                proposal.set(Some(found));
                preview(deed, drawn, def);
            }),
            Err(message) => refuse(message),
        }
    };
    let run = TrialRun::new(Callback::new(|()| ()));
    Effect::new(move |before: Option<Query>| {
        let now = draft.query.get();
        if before.is_some_and(|before| before != now) {
            forget();
            run.found.set(None);
            run.job.set(None);
        }
        now
    });
    let update = Callback::new(move |()| match draft.def() {
        Ok(def) => {
            // What was tried was of other settings.
            run.found.set(None);
            run.job.set(None);
            deed.error.set(None);
            preview(deed, drawn, def);
        }
        Err(message) => refuse(message),
    });
    let metrics: Vec<Choice> = std::iter::once(Choice::new(MEASURE, "A measure of a dataset"))
        .chain(metrics.into_iter().map(|(id, name)| Choice::new(id, name).hint("metric")))
        .collect();
    let choose_metric = move |id: String| {
        draft.metric.set(id);
        wanted.set_value((None, None));
        forget();
    };
    let choose_dataset = move |name: String| {
        draft.query.set(Query { dataset: name, measures: vec![Measure::count()], ..Query::default() });
        draft.time.set(String::new());
        draft.group.set(String::new());
        draft.drivers.set(Vec::new());
        wanted.set_value((None, None));
        forget();
    };
    let datasets =
        sources.with_value(|all| all.iter().map(|s| Choice::new(s.name.clone(), s.label.clone())).collect::<Vec<_>>());
    let datasets = StoredValue::new(datasets);
    let dataset = Memo::new(move |_| draft.query.with(|q| q.dataset.clone()));
    let is_measure = Memo::new(move |_| draft.metric.with(String::is_empty));
    let times = Signal::derive(move || {
        let all = columns.get().into_iter().filter(|c| c.ty.is_time());
        all.map(|c| Choice::new(c.name, c.label)).collect::<Vec<_>>()
    });
    let what = move || {
        if !is_measure.get() {
            return ().into_any();
        }
        view! {
            <Field label="Dataset">
                <Combobox options=datasets.get_value() value=dataset on_change=choose_dataset/>
            </Field>
            <Field label="Time" hint="The column that tells when.">
                <Select options=times value=draft.time placeholder="The first date" on_change=move |v| { draft.time.set(v); forget(); }/>
            </Field>
            {move || {
                _ = dataset.get();
                crate::lazy::measure_editor(draft.query)
            }}
        }
        .into_any()
    };
    view! {
        <form class="form form-measure" on:submit=propose data-testid="forecast-what">
            <FormError error=deed.error/>
            <Section title="1. What">
                <Field label="Forecast">
                    <Combobox options=metrics value=draft.metric on_change=choose_metric/>
                </Field>
                {what}
                <div><Button kind="submit" variant=Variant::Primary busy=deed.busy attr:data-testid="propose">"Propose"</Button></div>
            </Section>
        </form>
        {move || proposal.get().map(|found| view! { <Rest found draft drawn columns deed update run/> })}
    }
    .into_any()
}

/// Draws what is being made.
fn preview(deed: Deed, drawn: RwSignal<Option<Drawn>>, def: domain::forecast::ForecastDef) {
    leptos::task::spawn_local(async move {
        match preview_forecast(def).await {
            Ok(found) => _ = drawn.try_set(Some(found)),
            Err(error) => _ = deed.error.try_set(Some(error.0)),
        }
    });
}

#[component]
fn Rest(
    found: ForecastProposal,
    draft: Draft,
    drawn: RwSignal<Option<Drawn>>,
    columns: Signal<Vec<domain::Column>>,
    deed: Deed,
    update: Callback<()>,
    run: TrialRun,
) -> impl IntoView {
    let name = RwSignal::new(format!("Forecast of {}", found.label).chars().take(100).collect::<String>());
    let navigate = Local::holding(use_navigate);
    let public = RwSignal::new(false);
    let p = &found.proposal;
    let seasons: Vec<String> =
        p.seasons.iter().filter(|s| s.is_found).map(|s| format!("a season of a {}", s.name)).collect();
    let seasons = if seasons.is_empty() { "no season".to_owned() } else { seasons.join(" and ") };
    let sentence = format!(
        "{} values from {} to {}, one each {}; {seasons} found.",
        p.length,
        p.first,
        p.last,
        p.step.unit.label()
    );
    let notes = p.notes.clone();
    let picture = move || match drawn.get() {
        None => view! { <Skeleton height="18rem"/> }.into_any(),
        Some(drawn) => view! { <ForecastChart data=drawn.chart title="Forecast as it would be"/> }.into_any(),
    };
    let try_all = move |()| match draft.def() {
        Ok(def) => run.start(try_forecast(def)),
        Err(message) => deed.error.set(Some(Error::invalid(message))),
    };
    let choose = Callback::new(move |model: ModelKind| {
        draft.model.set(Some(model));
        if let Ok(def) = draft.def() {
            preview(deed, drawn, def);
        }
    });
    let used = Signal::derive(move || {
        let champion = run.found.with(|f| f.as_ref().map(|t| t.champion));
        draft.model.get().or(champion).unwrap_or_default()
    });
    let save = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let def = match draft.def() {
            Ok(def) => def,
            Err(message) => return deed.error.set(Some(Error::invalid(message))),
        };
        let tried = run.found.with_untracked(Option::is_some);
        let new = NewForecast {
            name: name.get_untracked(),
            description: String::new(),
            def,
            is_public: public.get_untracked(),
            back_test: run.job.get_untracked().filter(|_| tried),
        };
        deed.submit(create_forecast(new), move |made: domain::forecast::SavedForecast| {
            _ = navigate.with(|go| go(&format!("/forecasts/{}", made.id), NavigateOptions::default()));
        });
    };
    view! {
        <Section title="2. How">
            <p data-testid="forecast-proposal">{sentence}</p>
            {notes.into_iter().map(|note| view! { <p class="muted small">{note}</p> }).collect_view()}
            <HowFields draft columns/>
            <div><Button icon="refresh-cw" on_click=move |()| update.run(()) attr:data-testid="update-preview">"Update the preview"</Button></div>
            {picture}
        </Section>
        <Section title="3. Which model" text="Without a back-test the ensemble is used: the median of several models.">
            <div><Button icon="play" busy=run.running on_click=try_all attr:data-testid="try-models">"Try all models"</Button></div>
            <TrialProgress run/>
            {move || run.found.get().map(|trial| view! { <TrialTable trial chosen=used on_choose=choose/> })}
        </Section>
        <form class="form" on:submit=save data-testid="forecast-save">
            <Section title="4. Keep it">
                <FormError error=deed.error/>
                <Field label="Name" required=true><TextInput value=name on_input=move |v| name.set(v) max_length=100/></Field>
                <Switch checked=public on_change=move |v| public.set(v) label="Everybody may see it" hint="Everybody who signs in here, of the rows that they see."/>
                <div><Button kind="submit" variant=Variant::Primary busy=deed.busy attr:data-testid="keep-forecast">"Keep forecast"</Button></div>
            </Section>
        </form>
    }
    .into_any()
}
