//! One forecast in the list: its line, the next values, how good it is.

use super::picture::{percent, written};
use crate::api::forecasts::{Drawn, draw_forecast};
use crate::components::*;
use crate::pages::deeds::Answer;
use crate::pages::folders::{FolderName, Folders};
use crate::pages::metrics::MemberLine;
use domain::forecast::SavedForecast;
use leptos::prelude::*;

/// Values of the past in the small line.
const PAST: usize = 40;
/// Next values that are told.
const NEXT: usize = 3;

#[component]
pub(super) fn ForecastCard(forecast: SavedForecast, folders: Folders) -> impl IntoView {
    let id = forecast.id.clone();
    let (own, href) = (id.clone(), format!("/forecasts/{id}"));
    let drawn = Answer::of({
        let id = id.clone();
        move || draw_forecast(id.clone())
    });
    let body = move || match drawn.get() {
        None => view! { <Skeleton lines=3/> }.into_any(),
        Some(Ok(drawn)) => said(&drawn),
        Some(Err(error)) => view! { <p class="muted small">{error.0.message}</p> }.into_any(),
    };
    view! {
        <li class="card forecast-card" data-testid="forecast-card" data-forecast-id=own>
            <h2 class="truncate"><a class="card-link" href=href>{forecast.name}</a></h2>
            <p class="muted small truncate">{forecast.label}</p>
            {body}
            <FolderName folders id/>
        </li>
    }
    .into_any()
}

fn said(drawn: &Drawn) -> AnyView {
    let made = &drawn.result.forecast;
    let skip = made.history.len().saturating_sub(PAST);
    let past = made.history.iter().skip(skip).map(|p| p.y);
    let values: Vec<Option<f64>> = past.chain(made.forecast.iter().map(|p| Some(p.yhat))).collect();
    let next = made.forecast.iter().take(NEXT).map(|p| {
        view! { <dt class="num">{p.ds.clone()}</dt><dd class="num">{written(Some(p.yhat), &drawn.result.format)}</dd> }
    });
    let how_good = match made.metrics.smape {
        Some(smape) => format!("{}, off by {} on average", made.model_info.model.label(), percent(smape)),
        None => made.model_info.model.label().to_owned(),
    };
    view! {
        <MemberLine values/>
        <dl class="facts">{next.collect_view()}</dl>
        <p class="muted small" data-testid="forecast-accuracy">{how_good}</p>
    }
    .into_any()
}
