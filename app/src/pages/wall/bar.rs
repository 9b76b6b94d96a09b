//! The line under a wall: what is on, how old it is, what time it is, and the buttons.

use super::show::{OnWall, use_wall};
use crate::components::*;
use crate::live::{Status, use_socket};
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;

/// A connection may be gone for so long before the wall says so, in milliseconds.
const PATIENCE: f64 = 3_000.0;

/// Whether a key goes to a button.
pub(super) fn is_button(event: &ev::KeyboardEvent) -> bool {
    let element = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    element.is_some_and(|e| e.closest("button, a").is_ok_and(|found| found.is_some()))
}

/// The wall alone on the screen, or the browser again.
pub(super) fn toggle_full_screen() {
    let document = document();
    if document.fullscreen_element().is_some() {
        document.exit_fullscreen();
    } else if let Some(root) = document.document_element() {
        _ = root.request_fullscreen();
    }
}

/// A moment as the clock on the wall shows it: `07:05`.
pub(crate) fn clock_time(ms: f64) -> String {
    let date = js_sys::Date::new(&ms.into());
    format!("{:02}:{:02}", date.get_hours(), date.get_minutes())
}

/// How long ago: "12 s ago", "5 min ago", "3 h ago".
fn age(ms: f64) -> String {
    let seconds = (ms / 1_000.0).max(0.0);
    match seconds {
        s if s < 60.0 => format!("{} s ago", s.floor()),
        s if s < 3_600.0 => format!("{} min ago", (s / 60.0).floor()),
        s => format!("{} h ago", (s / 3_600.0).floor()),
    }
}

#[component]
pub(super) fn Bar() -> impl IntoView {
    let Some(wall) = use_wall() else { return ().into_any() };
    view! {
        <footer class="wall-bar">
            <Name wall/>
            <News wall/>
            <Controls wall/>
            <p class="wall-clock num" data-testid="wall-clock">
                {move || Some(wall.now.get()).filter(|now| *now > 0.0).map(clock_time)}
            </p>
        </footer>
    }
    .into_any()
}

#[component]
fn Name(wall: OnWall) -> impl IntoView {
    let name = move || {
        let slide = wall.present()?;
        let board = wall.board(slide.board)?;
        let tab =
            board.tabs().with(|tabs| tabs.iter().find(|t| Some(&t.id) == slide.tab.as_ref()).map(|t| t.title.clone()));
        Some(board.name().get() + &tab.map(|title| format!(" · {title}")).unwrap_or_default())
    };
    let turn = move || {
        let count = wall.slides.with(Vec::len);
        (count > 1).then(|| format!("{} of {count}", wall.at.get() % count + 1))
    };
    view! {
        <h1 class="wall-name" data-testid="wall-name">{name}</h1>
        <p class="wall-turn num" data-testid="wall-turn">{turn}</p>
    }
}

/// When the last news came; since when none can come.
#[component]
fn News(wall: OnWall) -> impl IntoView {
    let socket = use_socket();
    let lost_at = StoredValue::new(None::<f64>);
    let words = Memo::new(move |_| {
        let (now, status) = (wall.now.get(), socket.status().get());
        if now == 0.0 {
            return None;
        }
        let lost = (status != Status::Open).then(|| lost_at.get_value().unwrap_or(now));
        lost_at.set_value(lost);
        let news = socket.last_news()?;
        Some(match lost {
            Some(lost) if now - lost >= PATIENCE => {
                (true, format!("No news since {}", clock_time(news)), String::new())
            }
            _ => (false, format!("Data from {}", clock_time(news)), format!(", {}", age(now - news))),
        })
    });
    view! {
        <p class="wall-news num" class:is-stale=move || words.with(|w| w.as_ref().is_some_and(|w| w.0)) data-testid="wall-news">
            {move || words.get().map(|(stale, text, age)| {
                let icon = stale.then(|| view! { <Icon name="wifi-off"/> });
                view! { {icon}<span>{text}<span class="wall-age">{age}</span></span> }
            })}
        </p>
    }
}

#[component]
fn Controls(wall: OnWall) -> impl IntoView {
    let many = move || wall.slides.with(|all| all.len() > 1);
    let label = Signal::derive(move || if wall.paused.get() { "Go on" } else { "Pause" }.to_owned());
    let pause = move || {
        let icon = if wall.paused.get() { "play" } else { "pause" };
        view! { <IconButton icon label pressed=wall.paused on_click=move |()| wall.pause() attr:data-testid="wall-pause"/> }
    };
    view! {
        <div class="wall-controls" class:is-paused=move || wall.paused.get()>
            <Show when=many>
                <IconButton icon="chevron-left" label="Previous" on_click=move |()| wall.go(-1)/>
                {pause}
                <IconButton icon="chevron-right" label="Next" on_click=move |()| wall.go(1) attr:data-testid="wall-next"/>
            </Show>
            <IconButton icon="maximize-2" label="Full screen" on_click=move |()| toggle_full_screen()/>
            {(!wall.screen).then(|| view! { <a class="btn btn-ghost btn-sm" href="/dashboards" rel="external">"Leave"</a> })}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_short() {
        assert_eq!(age(12_300.0), "12 s ago");
        assert_eq!(age(-5.0), "0 s ago");
        assert_eq!(age(3_599_000.0), "59 min ago");
        assert_eq!(age(7_200_000.0), "2 h ago");
    }
}
