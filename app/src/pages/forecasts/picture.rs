//! A forecast drawn, and its numbers written.

use crate::tiles::TileContent;
use domain::api::TileData;
use domain::format::{Format, NOTHING, number};
use leptos::prelude::*;

/// A chart of a forecast, with its fan.
#[component]
pub(crate) fn ForecastChart(
    data: TileData,
    #[prop(into)] title: String,
    /// One of several side by side.
    #[prop(optional)]
    small: bool,
) -> impl IntoView {
    let data = RwSignal::new(data);
    let spec = Signal::derive(move || data.with(|d| d.spec.clone()));
    let drawn = RwSignal::new(false);
    view! {
        <div
            class="forecast-chart"
            class:is-small=small
            data-testid="forecast-chart"
            data-drawn=move || drawn.get().then_some("true")
        >
            <TileContent data spec title on_ready=move |()| drawn.set(true) on_error=|_| ()/>
        </div>
    }
    .into_any()
}

/// A number as people write it; nothing where there is none.
pub(crate) fn written(value: Option<f64>, format: &Format) -> String {
    value.map_or_else(|| NOTHING.to_owned(), |v| number(v, format, true, &crate::session::locale()))
}

/// A measure of accuracy with two decimals.
pub(crate) fn plain(value: Option<f64>) -> String {
    let format = Format { decimals: Some(2), ..Format::default() };
    value.map_or_else(|| NOTHING.to_owned(), |v| number(v, &format, false, &crate::session::locale()))
}

/// Percent that are percent already.
pub(crate) fn percent(value: f64) -> String {
    let format = Format { decimals: Some(1), ..Format::default() };
    format!("{} %", number(value, &format, false, &crate::session::locale()))
}

/// A share as percent; nothing where there is none.
pub(crate) fn share(value: Option<f64>) -> String {
    value.map_or_else(|| NOTHING.to_owned(), |v| percent(v * 100.0))
}
