//! A number tile: one figure, where it comes from, and whether that is good news.

use super::local::Local;
use super::locale;
use super::logic::figure::{Figure, SPARK, between};
use crate::components::{Icon, Time, debounced};
use crate::live::{Status, use_socket};
use crate::pages::wall::{clock_time, use_wall};
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
    let wall = use_wall();
    let text = match wall {
        Some(wall) => counting(figure, wall.calm),
        None => Signal::derive(move || figure.with(|f| f.text.clone())),
    };
    // Nobody reloads a wall: a metric that is not read any more says so itself.
    let stalled = Memo::new(move |_| {
        let now = wall?.now.get();
        figure.with(|f| {
            let at = f.at.as_deref().map(js_sys::Date::parse).filter(|_| now > 0.0);
            f.stalled_since(at, now).map(clock_time)
        })
    });
    let stalled = move || {
        let since = stalled.get().filter(|_| status.get() != Status::Offline);
        since.map(|since| view! { <p class="figure-note"><Icon name="clock"/><span>"No news since "{since}</span></p> })
    };
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
        <div class="figure" class:is-changed=move || changed.get() data-tone=move || figure.with(|f| f.tone)>
            <p class="figure-value num" data-testid="tile-value" title=move || figure.with(|f| f.full.clone())>
                {text}
            </p>
            <p class="figure-caption">{move || figure.with(|f| f.caption.clone())}</p>
            {delta}
            {target}
            {stale}
            {stalled}
            {failed}
            <Sparkline figure/>
        </div>
    }
    .into_any()
}

/// How long a number takes to its new value, in milliseconds.
const COUNTING: f64 = 700.0;

/// The text of the figure, counting from the old number to the new one.
fn counting(figure: Memo<Figure>, calm: Signal<bool>) -> Signal<String> {
    let text = RwSignal::new(figure.with_untracked(|f| f.text.clone()));
    let shown = StoredValue::new(figure.with_untracked(|f| f.value));
    let clock = Local::<Option<IntervalHandle>>::new();
    let stop = move || {
        if let Some(clock) = clock.replace(None).flatten() {
            clock.clear();
        }
    };
    Effect::new(move |_| {
        stop();
        let end = figure.get();
        let (from, to) = match (shown.get_value(), end.value) {
            (Some(from), Some(to)) if from != to && !calm.get_untracked() => (from, to),
            (_, to) => {
                shown.set_value(to);
                return text.set(end.text);
            }
        };
        let began = js_sys::Date::now();
        let step = move || {
            let share = ((js_sys::Date::now() - began) / COUNTING).min(1.0);
            if share >= 1.0 {
                stop();
                shown.try_set_value(end.value);
                _ = text.try_set(end.text.clone());
            } else {
                let now = between(from, to, share);
                shown.try_set_value(Some(now));
                _ = text.try_set(end.written(now, &locale()));
            }
        };
        clock.set(set_interval_with_handle(step, std::time::Duration::from_millis(40)).ok());
    });
    on_cleanup(stop);
    text.into()
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
