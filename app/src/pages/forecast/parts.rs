//! The past as a sum: trend, seasons, drivers and what remains, each as a small chart.

use crate::components::*;
use crate::pages::forecasts::picture::{ForecastChart, written};
use domain::api::TileData;
use domain::forecast::Forecast;
use domain::format::Format;
use domain::{Cell, ChartKind, ChartSpec, DataType, Field, Role, Table};
use leptos::prelude::*;

#[component]
pub(super) fn Parts(made: Forecast) -> impl IntoView {
    let d = made.decomposition;
    if d.ds.is_empty() {
        return ().into_any();
    }
    let all = |values: &[f64]| values.iter().map(|v| Some(*v)).collect::<Vec<_>>();
    let mut parts = vec![("Trend".to_owned(), all(&d.trend))];
    parts.extend(d.seasons.iter().map(|s| (format!("Season: {}", s.name), all(&s.values))));
    parts.extend(d.drivers.iter().map(|s| (format!("Driver: {}", s.name), all(&s.values))));
    parts.push(("What remains".to_owned(), d.remainder.clone()));
    let ds = d.ds.clone();
    let charts = parts.into_iter().map(move |(name, values)| {
        let data = line(&ds, &name, &values);
        view! { <li class="card"><h3 class="truncate">{name.clone()}</h3><ForecastChart data title=name small=true/></li> }
    });
    let effects = made.effects.into_iter().map(|e| {
        let plain = Format::default();
        let text = if e.is_event { "when it happens" } else { "for one more of it" };
        let n = |v: f64| written(Some(v), &plain);
        view! { <li>{format!("{}: {} {text} (95 % from {} to {})", e.name, n(e.coefficient), n(e.lo), n(e.hi))}</li> }
    });
    let effects: Vec<_> = effects.collect();
    view! {
        <Section title="Parts" text="The past as a sum.">
            <ul class="grid-cards" data-testid="forecast-parts">{charts.collect_view()}</ul>
            {(!effects.is_empty()).then(|| view! { <ul class="forecast-odd">{effects}</ul> })}
        </Section>
    }
    .into_any()
}

/// One line along the past.
fn line(ds: &[String], name: &str, values: &[Option<f64>]) -> TileData {
    let is_date = ds.first().is_none_or(|d| d.len() == 10);
    let field = |name: &str, label: &str, ty, role| Field {
        name: name.into(),
        label: label.into(),
        ty,
        role,
        format: None,
        grain: None,
    };
    let time = if is_date { DataType::Date } else { DataType::Timestamp };
    TileData {
        spec: ChartSpec::new(ChartKind::Line, Default::default(), Default::default()),
        table: Table {
            columns: vec![field("ds", "Date", time, Role::Time), field("value", name, DataType::Float, Role::Measure)],
            data: vec![
                ds.iter().map(|d| Cell::Text(d.clone())).collect(),
                values.iter().map(|v| v.map_or(Cell::Null, Cell::Float)).collect(),
            ],
            truncated: false,
        },
        ..crate::tiles::nothing()
    }
}
