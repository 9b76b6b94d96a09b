//! A wall that runs: which slide is on, how long it stays, what the keys do.

use super::fit::zoom;
use super::slides::{Slide, SlideView, slides};
use super::{Dark, awake, bar, guard};
use crate::board::Board;
use crate::components::hooks::is_typing;
use crate::components::{on_window, use_media};
use crate::live::use_socket;
use domain::Error;
use domain::wall::WallOptions;
use leptos::{ev, prelude::*};
use std::time::Duration;

/// Pixels of usual type that the bar takes, and the room around the tiles.
const BAR: f64 = 44.0;
const EDGE: f64 = 24.0;
/// What the server draws: a usual screen. The browser knows its own a moment later.
const FIRST: (f64, f64) = (1440.0, 810.0);

/// A wall that runs. Copy it freely.
#[derive(Clone, Copy)]
pub(crate) struct OnWall {
    boards: StoredValue<Vec<Board>>,
    pub(super) options: WallOptions,
    pub(super) screen: bool,
    pub(super) slides: Memo<Vec<Slide>>,
    pub(super) at: RwSignal<usize>,
    pub(super) paused: RwSignal<bool>,
    /// The clock of the browser in milliseconds; 0 until it has taken over.
    pub(crate) now: RwSignal<f64>,
    /// Numbers jump instead of counting.
    pub(crate) calm: Signal<bool>,
    /// Why nothing may be shown any more.
    pub(super) over: RwSignal<Option<Error>>,
    /// Seconds that the slide has been on.
    stayed: StoredValue<u32>,
}

/// The wall around this component, where there is one.
pub(crate) fn use_wall() -> Option<OnWall> {
    use_context()
}

impl OnWall {
    pub(super) fn board(self, at: usize) -> Option<Board> {
        self.boards.with_value(|boards| boards.get(at).copied())
    }

    /// The slide that is on.
    pub(super) fn present(self) -> Option<Slide> {
        let at = self.at.get();
        self.slides.with(|all| all.get(at.checked_rem(all.len())?).cloned())
    }

    /// Goes to another slide.
    pub(super) fn go(self, by: isize) {
        let count = self.slides.with_untracked(Vec::len);
        if count > 0 {
            let (at, count) = (self.at.get_untracked() % count, count as isize);
            self.at.set((at as isize + by).rem_euclid(count) as usize);
            self.stayed.set_value(0);
        }
    }

    /// Stops the turns, or goes on with them.
    pub(super) fn pause(self) {
        self.paused.update(|paused| *paused = !*paused);
        self.stayed.set_value(0);
    }

    /// A second has passed.
    fn tick(self) {
        self.now.set(js_sys::Date::now());
        let stayed = self.stayed.try_update_value(|stayed| {
            *stayed += 1;
            *stayed
        });
        let turns = self.options.every > 0 && !self.paused.get_untracked();
        if turns && self.slides.with_untracked(Vec::len) > 1 && stayed.is_some_and(|s| s >= self.options.every) {
            self.go(1);
        }
    }
}

/// A wall.
#[component]
pub(super) fn WallShow(boards: Vec<Board>, options: WallOptions, screen: bool) -> impl IntoView {
    let size = RwSignal::new(FIRST);
    let scale = Memo::new(move |_| zoom(size.get()));
    let boards = StoredValue::new(boards);
    let slides = Memo::new(move |_| {
        let ((width, height), zoom) = (size.get(), scale.get());
        let room = (width / zoom - EDGE, height / zoom - EDGE - BAR);
        // Read here, so that tiles that come and go are noticed.
        boards.with_value(|boards| {
            boards.iter().for_each(|board| board.tiles().track());
            slides(boards, room)
        })
    });
    let wall = OnWall {
        boards,
        options,
        screen,
        slides,
        at: RwSignal::new(0),
        paused: RwSignal::new(false),
        now: RwSignal::new(0.0),
        calm: use_media("(prefers-reduced-motion: reduce)"),
        over: RwSignal::new(None),
        stayed: StoredValue::new(0),
    };
    provide_context(wall);
    boards.with_value(|boards| boards.iter().for_each(|board| board.follow()));
    use_socket().stand_by(screen);
    awake::keep();
    guard::watch(wall);
    let measure = move || {
        let read = |value: Result<wasm_bindgen::JsValue, _>| value.ok().and_then(|v| v.as_f64()).unwrap_or_default();
        size.set((read(window().inner_width()), read(window().inner_height())));
    };
    Effect::new(move |_| {
        measure();
        wall.tick();
        if let Ok(clock) = set_interval_with_handle(move || wall.tick(), Duration::from_secs(1)) {
            on_cleanup(move || clock.clear());
        }
    });
    on_window(ev::resize, move |_| measure());
    on_window(ev::keydown, move |event| keys(wall, &event));
    // The pointer is there while somebody moves it.
    let touched = RwSignal::new(0.0);
    on_window(ev::pointermove, move |_| touched.set(js_sys::Date::now()));
    let is_touched = Memo::new(move |_| {
        let now = wall.now.get();
        touched.get() > 0.0 && now - touched.get() < 3_000.0
    });
    let dark = Memo::new(move |_| {
        let now = wall.now.get();
        now > 0.0 && wall.options.is_dark(js_sys::Date::new(&now.into()).get_hours() as u8)
    });
    let key = Memo::new(move |_| wall.present().map(|slide| slide.key()));
    let body = move || match (wall.over.get(), key.get()) {
        (Some(error), _) => view! { <Dark error/> }.into_any(),
        (None, Some(key)) => view! { <SlideView wall key/> }.into_any(),
        (None, None) => view! { <p class="wall-empty">"These dashboards have no tiles yet."</p> }.into_any(),
    };
    view! {
        <div
            class="wall"
            class:is-dim=move || dark.get()
            class:is-touched=move || is_touched.get()
            class:is-calm=move || wall.calm.get()
            data-testid="wall"
            style=("zoom", move || scale.get().to_string())
        >
            {body}
            <bar::Bar/>
        </div>
    }
    .into_any()
}

/// What the keys do. A key that is meant for a button is left to it.
fn keys(wall: OnWall, event: &ev::KeyboardEvent) {
    if is_typing(event) || event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    match event.key().as_str() {
        " " if !bar::is_button(event) => wall.pause(),
        "ArrowRight" => wall.go(1),
        "ArrowLeft" => wall.go(-1),
        "f" => bar::toggle_full_screen(),
        _ => return,
    }
    event.prevent_default();
}
