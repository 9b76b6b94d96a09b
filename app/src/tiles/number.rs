//! A number tile: one figure, where it comes from, and whether that is good news.

use super::locale;
use super::logic::figure::{Figure, SPARK};
use crate::components::{Icon, Time, debounced};
use crate::live::{Status, use_socket};
use domain::ChartSpec;
use domain::api::TileData;
use leptos::prelude::*;

/// How long a changed figure stands out, in milliseconds.
const FLASH: u64 = 200;

/// One number.
#[component]
pub fn NumberTile(#[prop(into)] data: Signal<TileData>, #[prop(into)] spec: Signal<ChartSpec>) -> impl IntoView {
    let figure = Memo::new(move |_| spec.with(|spec| data.with(|data| Figure::of(data, spec, &locale()))));
    let changed = RwSignal::new(false);
    let calm = debounced(FLASH, Callback::new(move |()| _ = changed.try_set(false)));
    Effect::new(move |before: Option<String>| {
        let now = figure.with(|f| f.full.clone());
        if before.is_some_and(|before| before != now) {
            changed.set(true);
            calm.run(());
        }
        now
    });
    let status = use_socket().status();
    let stale = move || {
        let at = figure.with(|f| f.at.clone()).filter(|_| status.get() == Status::Offline);
        at.map(|at| view! { <p class="figure-note"><Icon name="wifi-off"/><span>"No news since "<Time iso=at/></span></p> })
    };
    let failed = move || {
        figure.with(|f| f.error.clone().map(|why| (why, f.failing_since.clone()))).map(|(why, since)| {
            let words = match since {
                Some(iso) => view! { "No refresh has worked since " <Time iso=iso/> }.into_any(),
                None => "The last refresh failed".into_any(),
            };
            view! { <p class="figure-note" title=why><Icon name="triangle-alert"/><span>{words}</span></p> }
        })
    };
    let delta = move || {
        figure.with(|f| f.change.clone().map(|words| (words, f.icon(), f.trend_class(), f.news_class()))).map(
            |(words, icon, trend, news)| {
                view! { <p class=format!("figure-delta {trend} {news}")><Icon name=icon/><span class="num">{words}</span></p> }
            },
        )
    };
    let target = move || {
        figure.with(|f| f.target.clone().map(|words| (words, f.progress, f.reached))).map(
            |(words, progress, reached)| {
                let share = progress.unwrap_or(0.0).clamp(0.0, 1.0) * 100.0;
                let bar = progress.map(|_| {
                    view! {
                        <div class="figure-bar" class:is-reached=reached == Some(true) aria-hidden="true">
                            <div style=format!("inline-size:{share:.1}%")></div>
                        </div>
                    }
                });
                view! { <div class="figure-target">{bar}<p class="num">{words}</p></div> }
            },
        )
    };
    view! {
        <div class="figure" class:is-changed=move || changed.get()>
            <p class="figure-value num" data-testid="tile-value" title=move || figure.with(|f| f.full.clone())>
                {move || figure.with(|f| f.text.clone())}
            </p>
            <p class="figure-caption">{move || figure.with(|f| f.caption.clone())}</p>
            {delta}
            {target}
            {stale}
            {failed}
            <Sparkline figure/>
        </div>
    }
    .into_any()
}

/// The course of the values, beside the figure: a shape, not a chart.
#[component]
fn Sparkline(figure: Memo<Figure>) -> impl IntoView {
    let spark = Memo::new(move |_| figure.with(|f| f.spark.clone()));
    let view_box = format!("0 0 {} {}", SPARK.0, SPARK.1);
    move || {
        spark.get().map(|spark| {
            view! {
                <svg class="figure-spark" viewBox=view_box.clone() preserveAspectRatio="none" aria-hidden="true" focusable="false">
                    <path class="figure-spark-area" d=spark.area></path>
                    <path class="figure-spark-line" d=spark.line></path>
                </svg>
            }
        })
    }
}
