//! Who else is on this dashboard, and where: told over the socket, never stored.
//!
//! [`Company`] says where this page is, as often as the server takes it, and hears where the others
//! are. [`roster`] makes people of pages; the rest shows them.

mod follow;
mod guests;
mod present;
mod roster;

pub(super) use follow::Following;
pub(super) use guests::{Guests, Pointers};
pub(super) use present::Present;

use super::drag::{Frame, ROW};
use super::stage::Stage;
use crate::components::hooks::on_window;
use crate::live::{Socket, use_socket};
use domain::ErrorCode;
use domain::connect::TileAsk;
use domain::live::ServerMessage;
use domain::presence::{Point, PresenceNews, Whereabouts};
use leptos::{ev, prelude::*};
use roster::{Person, Roster};
use std::time::Duration;
use wasm_bindgen::JsCast;

/// How long to wait between two messages: fewer than the server takes.
const PAUSE: Duration = Duration::from_millis(60);
/// How long to be quiet when the server has heard too much.
const BREATHER: Duration = Duration::from_secs(10);
/// How often those who are silent are looked for.
const LOOK: Duration = Duration::from_secs(5);

/// Those who are here. Copy it freely.
#[derive(Clone, Copy)]
pub(super) struct Company {
    stage: Stage,
    socket: Socket,
    roster: StoredValue<Roster>,
    people: RwSignal<Vec<Person>>,
    /// Somebody would see what this page says.
    watched: RwSignal<bool>,
    /// Where this page is.
    at: RwSignal<Whereabouts>,
    sent: StoredValue<Option<Whereabouts>>,
    timer: StoredValue<Option<TimeoutHandle>>,
    /// Where the pointer went since that was looked at, in the window.
    hand: StoredValue<Option<(f64, f64)>>,
    /// What was heard is shown with the next frame.
    framed: StoredValue<bool>,
    /// The user whose way over the dashboard this page goes.
    following: RwSignal<Option<String>>,
}

/// Those who are here, from the page around this component.
fn use_company() -> Company {
    expect_context()
}

/// Joins those who are here, for as long as the calling component lives.
pub(super) fn join(stage: Stage) {
    let company = Company {
        stage,
        socket: use_socket(),
        roster: StoredValue::new(Roster::default()),
        people: RwSignal::new(Vec::new()),
        watched: RwSignal::new(false),
        at: RwSignal::new(Whereabouts::default()),
        sent: StoredValue::new(None),
        timer: StoredValue::new(None),
        hand: StoredValue::new(None),
        framed: StoredValue::new(false),
        following: RwSignal::new(None),
    };
    provide_context(company);
    // Whoever sees it through a link is nobody here.
    if stage.is_guest() {
        return;
    }
    company.look();
    company.point();
    Effect::new(move |_| {
        let topic = company.topic();
        let news = company.socket.subscribe(topic, TileAsk::default(), move |message| company.hear(message));
        on_cleanup(move || drop(news));
    });
    let clock = StoredValue::new(None::<IntervalHandle>);
    Effect::new(move |_| {
        let look = move || {
            _ = company.roster.try_update_value(|roster| roster.forget_silent(js_sys::Date::now()));
            company.show();
        };
        clock.set_value(set_interval_with_handle(look, LOOK).ok());
    });
    on_cleanup(move || {
        if let Some(clock) = clock.try_get_value().flatten() {
            clock.clear();
        }
        if let Some(timer) = company.timer.try_get_value().flatten() {
            timer.clear();
        }
    });
    follow::go_along(company);
    guests::mark_fields(company);
}

impl Company {
    fn topic(self) -> String {
        format!("presence:{}", self.stage.board.id())
    }

    fn hear(self, message: ServerMessage) {
        if message.error.is_some_and(|error| error.code == ErrorCode::TooManyRequests) {
            // Said too often, with many tabs say: the server does not count this page any more.
            let topic = self.topic();
            return set_timeout(move || self.socket.refresh(&topic), BREATHER);
        }
        let Some(news) = message.data.and_then(|data| serde_json::from_value::<PresenceNews>(data).ok()) else {
            return;
        };
        let is_new = matches!(news, PresenceNews::All { .. });
        _ = self.roster.try_update_value(|roster| roster.hear(news, js_sys::Date::now()));
        self.show_soon();
        if is_new {
            // Nobody knows yet where this page is.
            _ = self.sent.try_set_value(None);
            self.say();
        }
    }

    /// Many are heard between two frames.
    fn show_soon(self) {
        if self.framed.try_get_value() == Some(false) {
            self.framed.set_value(true);
            request_animation_frame(move || {
                if self.framed.try_set_value(false).is_none() {
                    self.show();
                }
            });
        }
    }

    /// Brings the signals to what is known.
    fn show(self) {
        let Some((people, watched)) = self.roster.try_with_value(|r| (r.people(), r.has_company())) else { return };
        if self.people.try_with_untracked(|before| *before != people) == Some(true) {
            self.people.set(people);
        }
        if self.watched.try_get_untracked() == Some(!watched) {
            self.watched.set(watched);
        }
    }

    /// The others, who may be shown somewhere on the page.
    fn others(self) -> Vec<Person> {
        self.people.with(|people| people.iter().filter(|person| !person.is_self).cloned().collect())
    }

    /// Follows what this page is about.
    fn look(self) {
        let stage = self.stage;
        let lifted = Memo::new(move |_| stage.lift.with(|lift| lift.as_ref().map(|lift| lift.ids.clone())));
        Effect::new(move |_| {
            let edits = stage.panel.get().or_else(|| stage.titling.get());
            let (tab, editing) = (stage.tab.get(), stage.editing.get());
            let mut chosen = stage.selected.get();
            chosen.extend(lifted.get().into_iter().flatten());
            let tiles: Vec<String> = chosen.into_iter().take(50).collect();
            self.at.update(|at| {
                at.pointer = at.pointer.filter(|_| editing && at.tab == tab);
                at.field = at.field.take().filter(|_| stage.panel.with_untracked(Option::is_some));
                (at.tab, at.editing, at.tiles, at.edits) = (tab, editing, tiles, edits);
            });
        });
        Effect::new(move |_| {
            self.at.track();
            self.watched.track();
            self.say();
        });
    }

    /// Follows pointer, scrolling and focus.
    fn point(self) {
        let stage = self.stage;
        on_window(ev::pointermove, move |event: ev::PointerEvent| {
            if self.watched.get_untracked() && stage.editing.get_untracked() && !stage.phone.get_untracked() {
                self.hand.set_value(Some((f64::from(event.client_x()), f64::from(event.client_y()))));
                if self.timer.with_value(Option::is_none) {
                    self.look_at_hand();
                }
            }
        });
        let scrolled = move || {
            let row = Frame::of(stage).filter(|_| !stage.phone.get_untracked()).map(|frame| rounded(-frame.top / ROW));
            let row = row.filter(|row| row.abs() <= 10_000.0);
            if self.at.try_with_untracked(|at| at.row != row) == Some(true) {
                self.at.update(|at| at.row = row);
            }
        };
        on_window(ev::scroll, move |_| scrolled());
        on_window(ev::focusin, move |event: ev::FocusEvent| {
            let element = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
            let field = element.and_then(|element| guests::field_of(&element));
            if self.at.with_untracked(|at| at.field != field) {
                self.at.update(|at| at.field = field);
            }
        });
        // Where the page is when somebody comes who would follow it.
        Effect::new(move |_| {
            if self.watched.get() {
                scrolled();
            }
        });
    }

    /// Finds the pointer on the grid.
    fn look_at_hand(self) {
        let Some(at) = self.hand.try_update_value(Option::take).flatten() else { return };
        let Some(frame) = Frame::of(self.stage) else { return };
        let (x, y) = frame.point(at);
        let (x, y) = (rounded(x / frame.column), rounded(y / ROW));
        let pointer = ((0.0..=12.0).contains(&x) && (0.0..=10_000.0).contains(&y)).then_some(Point { x, y });
        if self.at.with_untracked(|at| at.pointer != pointer) {
            self.at.update(|at| at.pointer = pointer);
        }
    }

    /// Says where this page is, now or after a pause. Where nobody would see it, only what holds.
    fn say(self) {
        if self.timer.try_with_value(Option::is_some) != Some(false) {
            return;
        }
        let Some((at, watched)) = self.at.try_get_untracked().zip(self.watched.try_get_untracked()) else { return };
        let at = if watched { at } else { Whereabouts { pointer: None, row: None, ..at } };
        if self.sent.with_value(|sent| sent.as_ref() == Some(&at)) || !self.socket.tell(&self.topic(), &at) {
            return;
        }
        self.sent.set_value(Some(at));
        let rested = move || {
            if self.timer.try_set_value(None).is_none() {
                self.look_at_hand();
                self.say();
            }
        };
        self.timer.set_value(set_timeout_with_handle(rested, PAUSE).ok());
    }
}

/// To a hundredth: nobody sees more, and a trembling hand is still.
fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
