//! What would be if, on a dashboard: every tile as it is, in a scenario, and the difference. The scenario
//! stands in the address, so that a link leads to the same.

mod form;

pub(super) use form::NewScenarioForm;

use crate::api::forecasts::{board_to_vary, delete_scenario, list_scenarios, tile_in_scenario};
use crate::components::*;
use crate::pages::deeds::{Answer, Deed, in_place};
use crate::pages::forecasts::picture::{ForecastChart, percent, plain};
use domain::api::TileData;
use domain::dashboard::TileKind;
use domain::forecast::{Scenario, ScenarioOf, TileWhatIf};
use domain::{Dashboard, Tile};
use leptos::prelude::*;
use leptos_router::hooks::{query_signal_with_options, use_params_map};

/// The page.
#[component]
pub fn WhatIfPage() -> impl IntoView {
    let params = use_params_map();
    let slug = Memo::new(move |_| params.with(|p| p.get("slug").unwrap_or_default()));
    let board = Resource::new_blocking(move || slug.get(), board_to_vary);
    let reload = Callback::new(move |()| board.refetch());
    let body = move || {
        board.get().map(|result| match result {
            Ok(board) => view! { <Board board/> }.into_any(),
            Err(error) => view! {
                <PageHeader title="What if" crumbs=vec![Crumb::new("Dashboards", "/dashboards")]/>
                <ErrorState error=error.0 retry=reload/>
            }
            .into_any(),
        })
    };
    view! {
        <Page attr:data-testid="what-if">
            <Transition fallback=|| view! { <Skeleton height="16rem"/> }>{body}</Transition>
        </Page>
    }
    .into_any()
}

#[component]
fn Board(board: Dashboard) -> impl IntoView {
    let (chosen, set_chosen) = query_signal_with_options::<String>("scenario", in_place());
    let id = StoredValue::new(board.id.clone());
    let list = Answer::of(move || list_scenarios(ScenarioOf::Dashboard, id.get_value()));
    let choose = Callback::new(move |scenario: Option<String>| set_chosen.set(scenario));
    let made = Callback::new(move |scenario: String| {
        list.refetch();
        set_chosen.set(Some(scenario));
    });
    let gone = Callback::new(move |()| {
        set_chosen.set(None);
        list.refetch();
    });
    let shows = |tile: &&Tile| {
        tile.data_source.is_some() && !matches!(tile.kind, TileKind::Text | TileKind::Image | TileKind::Filter)
    };
    let tiles: Vec<Tile> = board.layout.widgets.iter().filter(shows).cloned().collect();
    let first = tiles.iter().find_map(|t| t.data_source.as_ref()?.query.as_ref().map(|q| q.dataset.clone()));
    let dataset =
        first.or_else(|| tiles.iter().find_map(|t| t.data_source.as_ref()?.table.clone())).unwrap_or_default();
    let tiles = StoredValue::new(tiles);
    let scenarios = move || match list.get() {
        None => view! { <Skeleton lines=2/> }.into_any(),
        Some(Ok(all)) => view! { <ScenarioList all chosen on_choose=choose on_gone=gone/> }.into_any(),
        Some(Err(error)) => view! { <ErrorState error=error.0 compact=true/> }.into_any(),
    };
    let rows = move || {
        let Some(scenario) = chosen.get() else {
            return view! { <p class="muted">"Choose a scenario, or make one, to see each tile beside itself."</p> }
                .into_any();
        };
        let row = |tile: Tile| view! { <TileRow scenario=scenario.clone() tile/> };
        tiles.get_value().into_iter().map(row).collect_view().into_any()
    };
    let crumbs = vec![
        Crumb::new("Dashboards", "/dashboards"),
        Crumb::new(board.name.clone(), format!("/dashboards/{}", board.slug)),
    ];
    view! {
        <PageHeader title="What if" crumbs subtitle="Each tile as it is, in the scenario, and the difference. The address leads others here."/>
        <div class="stack">
            {scenarios}
            <NewScenarioForm of=ScenarioOf::Dashboard id dataset drivers=Vec::new() on_made=made/>
            {rows}
        </div>
    }
    .into_any()
}

/// The scenarios there are, to choose from.
#[component]
pub(super) fn ScenarioList(
    all: Vec<Scenario>,
    #[prop(into)] chosen: Signal<Option<String>>,
    on_choose: Callback<Option<String>>,
    on_gone: Callback<()>,
) -> impl IntoView {
    let deed = Deed::new();
    let all = StoredValue::new(all);
    if all.with_value(Vec::is_empty) {
        return view! { <p class="muted">"There are no scenarios yet."</p> }.into_any();
    }
    let options: Vec<Choice> =
        all.with_value(|all| all.iter().map(|s| Choice::new(s.id.clone(), s.name.clone())).collect());
    let value = Signal::derive(move || chosen.get().unwrap_or_default());
    let choose = move |id: String| on_choose.run((!id.is_empty()).then_some(id));
    let now = move || chosen.get().and_then(|id| all.with_value(|all| all.iter().find(|s| s.id == id).cloned()));
    let about = move || {
        now().map(|s| {
            let id = StoredValue::new(s.id.clone());
            let delete = move |()| deed.run(delete_scenario(id.get_value()), move |()| _ = on_gone.try_run(()));
            view! {
                <p data-testid="scenario-words">{format!("{}. Made by {}.", s.words, s.owner_name)}</p>
                {s.is_own.then(|| view! { <div><Button icon="trash-2" busy=deed.busy on_click=delete>"Delete scenario"</Button></div> })}
            }
        })
    };
    view! {
        <Field label="Scenario"><Select options value placeholder="None: as it is" on_change=choose/></Field>
        {about}
    }
    .into_any()
}

/// One tile: as it is, in the scenario, and the difference.
#[component]
fn TileRow(scenario: String, tile: Tile) -> impl IntoView {
    let id = tile.id.clone();
    let title = if tile.title.is_empty() { "Without a title".to_owned() } else { tile.title.clone() };
    let (name, heading) = (StoredValue::new(title.clone()), title.clone());
    let found = Answer::of(move || tile_in_scenario(scenario.clone(), id.clone()));
    let picture = move |label: &'static str, data: TileData| {
        let title = format!("{}, {}", name.get_value(), label.to_lowercase());
        view! { <Card><h3>{label}</h3><ForecastChart data title small=true/></Card> }
    };
    let shown = move |found: TileWhatIf| {
        let sums = found.sums.iter().map(|(label, now, then)| {
            let change = then - now;
            let share = (*now != 0.0).then(|| format!(" ({}{})", plus(change), percent(change / now.abs() * 100.0)));
            let text = format!(
                "{label}: {} instead of {}, {}{}{}",
                plain(Some(*then)),
                plain(Some(*now)),
                plus(change),
                plain(Some(change)),
                share.unwrap_or_default()
            );
            view! { <li>{text}</li> }
        });
        view! {
            <ul class="what-if-sums" data-testid="what-if-sums">{sums.collect_view()}</ul>
            <div class="what-if-three">
                {picture("As it is", found.baseline)}
                {picture("In the scenario", found.scenario)}
                {found.difference.map(|data| picture("Difference", data))}
            </div>
        }
    };
    let body = move || match found.get() {
        None => view! { <Skeleton height="12rem"/> }.into_any(),
        Some(Ok(found)) => shown(found).into_any(),
        Some(Err(error)) => view! { <p class="muted">{error.0.to_string()}</p> }.into_any(),
    };
    view! {
        <section class="stack" data-testid="what-if-tile" data-tile-id=tile.id aria-label=title>
            <h2>{heading}</h2>
            {body}
        </section>
    }
    .into_any()
}

fn plus(value: f64) -> &'static str {
    if value > 0.0 { "+" } else { "" }
}
