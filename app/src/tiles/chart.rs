//! One chart, drawn by ECharts on a canvas.

use super::glue::{Chart, Module};
use super::local::Local;
use super::locale;
use super::select::Connect;
use crate::components::ErrorState;
use crate::theme::use_theme;
use charts::Theme;
use charts::marks::{self, Brush, Members};
use charts::{pins, unusual};
use domain::api::TileData;
use domain::{ChartSpec, Error, ErrorCode};
use leptos::{html, prelude::*};
use wasm_bindgen::JsValue;

/// What a chart is made of while it lives.
#[derive(Clone, Copy)]
struct Canvas {
    element: NodeRef<html::Div>,
    chart: Local<Option<Chart>>,
    /// The option that waits for the module.
    waiting: Local<Option<String>>,
    loading: StoredValue<bool>,
    failed: RwSignal<Option<Error>>,
    on_ready: Callback<()>,
    on_error: Option<Callback<Error>>,
    /// How it can be dragged over, and who hears what the reader does.
    reader: Option<(StoredValue<Option<&'static str>>, Callback<String>)>,
}

impl Canvas {
    fn draw(self, option: String) {
        let drawn = self.chart.with(|chart| chart.as_ref().map(|chart| chart.update(&option))).flatten();
        match (drawn, Module::loaded()) {
            (Some(result), _) => self.after(result),
            (None, Some(module)) => self.mount(&module, &option),
            (None, None) => self.wait(option),
        }
    }

    fn mount(self, module: &Module, option: &str) {
        let Some(element) = self.element.try_get_untracked().flatten() else { return };
        match module.mount(&element, option) {
            Ok(chart) => {
                // Where the component is gone, the chart goes with this value.
                self.chart.set(Some(chart));
                self.after(Ok(()));
            }
            Err(cause) => self.after(Err(cause)),
        }
    }

    /// Keeps the latest option until the module is here.
    fn wait(self, option: String) {
        self.waiting.set(Some(option));
        if self.loading.get_value() {
            return;
        }
        self.loading.set_value(true);
        leptos::task::spawn_local(async move {
            let module = Module::load().await;
            _ = self.loading.try_set_value(false);
            let Some(option) = self.waiting.replace(None).flatten() else { return };
            match module {
                Ok(module) => self.mount(&module, &option),
                Err(cause) => self.after(Err(cause)),
            }
        });
    }

    /// Tells who waits, once the drawing has reached the screen.
    fn after(self, result: Result<(), JsValue>) {
        match result {
            Ok(()) => {
                _ = self.failed.try_set(None);
                self.listen();
                let finished = self.chart.with(|chart| chart.as_ref().map(Chart::finished)).flatten();
                let Some(finished) = finished else { return };
                leptos::task::spawn_local(async move {
                    match finished.await {
                        Ok(true) if self.chart.with(Option::is_some) == Some(true) => _ = self.on_ready.try_run(()),
                        Ok(_) => {}
                        Err(cause) => self.fail(&cause),
                    }
                });
            }
            Err(cause) => self.fail(&cause),
        }
    }

    fn listen(self) {
        let Some((brush, tell)) = self.reader else { return };
        let brush = brush.try_get_value().flatten();
        self.chart.with(|chart| {
            let heard = chart.as_ref().map(|chart| chart.on_reader(brush, move |text| _ = tell.try_run(text)));
            if let Some(Err(cause)) = heard {
                leptos::logging::error!("the chart cannot be listened to: {cause:?}");
            }
        });
    }

    /// Says that it could not be drawn: a part of the script is missing, or broken.
    fn fail(self, cause: &JsValue) {
        leptos::logging::error!("the chart cannot be drawn: {cause:?}");
        let error = Error::new(ErrorCode::Internal, "The chart could not be drawn.")
            .hint("Check the connection and try again, or view it as a table.");
        if self.failed.try_set(Some(error.clone())).is_none()
            && let Some(on_error) = self.on_error
        {
            _ = on_error.try_run(error);
        }
    }

    fn clear(self) {
        self.waiting.set(None);
        self.chart.set(None);
    }
}

/// What `frontend/js/interact.js` calls it.
fn word(brush: Brush) -> &'static str {
    match brush {
        Brush::X => "x",
        Brush::Y => "y",
        Brush::XY => "x_y",
    }
}

/// Draws an answer. It draws again when the answer, the chart or the theme changes, and fits itself
/// to its place.
#[component]
pub fn ChartView(
    #[prop(into)] data: Signal<TileData>,
    /// The chart, where it is newer than the one the data came with.
    #[prop(optional, into)]
    spec: Option<Signal<ChartSpec>>,
    /// Marks may move to the places of new rows.
    #[prop(optional, into)]
    moves: Signal<bool>,
    /// The present rows are on the screen.
    #[prop(into)]
    on_ready: Callback<()>,
    #[prop(optional, into)] on_error: Option<Callback<Error>>,
    /// Takes what the reader must know to read it right.
    #[prop(optional)]
    notes: Option<RwSignal<Vec<String>>>,
    /// The page around it, where marks can be chosen.
    #[prop(optional)]
    connect: Option<Connect>,
) -> impl IntoView {
    let spec = spec.unwrap_or_else(|| Signal::derive(move || data.with(|d| d.spec.clone())));
    let theme = use_theme();
    let brush = StoredValue::new(None);
    let reader = connect.map(|connect| {
        let tell = Callback::new(move |text: String| {
            let (spec, data) = (spec.try_get_untracked(), data.try_get_untracked());
            if let (Some(spec), Some(data)) = (spec, data) {
                connect.hear(&spec, &data, &text);
            }
        });
        (brush, tell)
    });
    let canvas = Canvas {
        element: NodeRef::new(),
        chart: Local::new(),
        waiting: Local::new(),
        loading: StoredValue::new(false),
        failed: RwSignal::new(None),
        on_ready,
        on_error,
        reader,
    };
    let again = Trigger::new();
    let label = move || {
        let locale = locale();
        spec.with(|spec| {
            data.with(|data| {
                let words = charts::describe_in(spec, &data.table, &locale);
                let pinned = connect.and_then(|c| pins::pins_in(spec, &data.table, &c.pins_on(data), &locale));
                let marked = unusual::marks_in(spec, &data.table, &data.marks, &locale);
                [Some(words), marked, pinned].into_iter().flatten().collect::<Vec<_>>().join(" ")
            })
        })
    };
    Effect::new(move |_| {
        again.track();
        if canvas.element.get().is_none() {
            return;
        }
        let colours = if theme.dark() { Theme::Dark } else { Theme::Light };
        let mut picture = spec.with(|spec| {
            data.with(|data| {
                let mut picture = charts::picture(spec, &data.table, colours);
                unusual::mark(&mut picture.option, spec, &data.table, colours, &data.marks);
                if let Some(connect) = connect {
                    // Nobody drags over a chart that cannot be chosen in.
                    let can = connect.active.get() && data.query.is_some();
                    brush.set_value(marks::brush(spec, &data.table).filter(|_| can).map(word));
                    if connect.has_marks() {
                        let chosen = |members: &Members| connect.chooses(data, members);
                        marks::emphasise(&mut picture.option, spec, &data.table, colours, &chosen);
                    }
                    pins::pin(&mut picture.option, spec, &data.table, colours, &connect.pins_on(data));
                }
                picture
            })
        });
        // ECharts writes it on the element as well: it must be what the element says.
        if picture.option.is_object() {
            picture.option["aria"]["label"]["description"] = label().into();
        }
        if let Some(notes) = notes.filter(|n| n.with_untracked(|old| *old != picture.notes)) {
            notes.set(std::mem::take(&mut picture.notes));
        }
        if !picture.option.is_null() {
            if !moves.get_untracked() {
                picture.option["animation"] = false.into();
            }
            canvas.draw(picture.option.to_string());
        }
    });
    on_cleanup(move || canvas.clear());
    let failed = move || {
        canvas.failed.get().map(|error| {
            view! { <div class="chart-failed"><ErrorState error compact=true retry=move |()| again.notify()/></div> }
        })
    };
    view! {
        <div class="chart">
            <div node_ref=canvas.element class="chart-canvas" role="img" aria-label=label></div>
            {failed}
        </div>
    }
    .into_any()
}
