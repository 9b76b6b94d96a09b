//! The WebSocket itself: opened when something is followed, opened again when it is lost.

use super::topics::Topics;
use super::{Ack, Socket, Status};
use domain::live::ClientMessage;
use gloo::events::EventListener;
use leptos::prelude::*;
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::{MessageEvent, WebSocket};

/// The first wait before trying again, in milliseconds; it doubles each time.
const FIRST_WAIT: f64 = 300.0;
/// The longest wait.
const LONGEST_WAIT: f64 = 20_000.0;
/// The longest wait of a page that nobody sits at.
const STAND_BY_WAIT: f64 = 1_500.0;
/// The server is heard every 15 seconds. A connection that is silent for so long is dead, whatever
/// the browser believes.
const SILENCE: f64 = 35_000.0;
/// How often that is looked at.
const LOOK: Duration = Duration::from_secs(5);

/// Somebody who waits for an answer: their number, the topic, what to call.
type Waiting = (u64, String, Rc<dyn Fn(Ack)>);

/// What belongs to the connection.
#[derive(Default)]
pub(super) struct Wire {
    pub(super) topics: Topics,
    pub(super) acks: Vec<Waiting>,
    pub(super) opened: Vec<(u64, Rc<dyn Fn()>)>,
    /// Listens to the browser going on- and offline.
    pub(super) window: Vec<EventListener>,
    /// Attempts since the last message.
    pub(super) tries: u32,
    socket: Option<WebSocket>,
    events: Vec<EventListener>,
    /// Counts the WebSockets, so that late events of an earlier one are known.
    round: u64,
    timer: Option<TimeoutHandle>,
    watch: Option<IntervalHandle>,
    /// When anything came, and when data did, by the browser's clock.
    last: f64,
    pub(super) news: Option<f64>,
    /// Nobody sits at this page.
    stands_by: bool,
    /// Behind the address: who asks, where it is not who is signed in.
    mark: String,
}

impl Wire {
    pub(super) fn send(&self, text: &str) -> bool {
        let open = self.socket.as_ref().filter(|socket| socket.ready_state() == WebSocket::OPEN);
        open.is_some_and(|socket| socket.send_with_str(text).is_ok())
    }

    /// Something came.
    pub(super) fn heard(&mut self, is_news: bool) {
        self.last = js_sys::Date::now();
        if is_news {
            self.news = Some(self.last);
        }
    }

    pub(super) fn stand_by(&mut self, screen: bool) {
        self.stands_by = true;
        self.mark = if screen { "?screen".to_owned() } else { String::new() };
    }

    pub(super) fn come_by(&mut self, link: &str) {
        self.mark = format!("?link={link}");
    }

    fn is_silent(&self) -> bool {
        self.socket.is_some() && js_sys::Date::now() - self.last > SILENCE
    }

    fn drop_socket(&mut self) {
        // This may run inside one of these listeners, which must outlive the call.
        let events = std::mem::take(&mut self.events);
        set_timeout(move || drop(events), Duration::ZERO);
        self.round += 1;
        if let Some(timer) = self.timer.take() {
            timer.clear();
        }
        if let Some(socket) = self.socket.take() {
            _ = socket.close();
        }
        self.topics.forget_due();
    }
}

/// How long to wait before the next attempt; `chance` from 0 to 1 keeps tabs from coming at once.
fn wait(tries: u32, chance: f64, most: f64) -> f64 {
    let longest = (FIRST_WAIT * f64::from(2_u32.saturating_pow(tries))).min(most);
    longest * (0.5 + chance / 2.0)
}

impl Socket {
    /// Connects, unless it is connected, on the way, offline, or nothing is followed.
    pub(super) fn connect(self) {
        let busy = self.wire(|wire| wire.socket.is_some() || wire.topics.is_empty()).unwrap_or(true);
        if busy {
            return;
        }
        if !window().navigator().on_line() {
            self.status.set(Status::Offline);
            return;
        }
        let location = window().location();
        let secure = location.protocol().is_ok_and(|p| p == "https:");
        let mark = self.wire(|wire| wire.mark.clone()).unwrap_or_default();
        let scheme = if secure { "wss" } else { "ws" };
        let address = format!("{scheme}://{}/api/v1/live{mark}", location.host().unwrap_or_default());
        let Ok(socket) = WebSocket::new(&address) else {
            return self.lost();
        };
        let round = self.wire(|wire| wire.round);
        let listen = |name: &'static str, run: fn(Socket, &web_sys::Event)| {
            EventListener::new(&socket, name, move |event| {
                if self.wire(|wire| wire.round) == round {
                    run(self, event);
                }
            })
        };
        let events = vec![
            listen("open", |socket, _| socket.connected()),
            listen("message", |socket, event| {
                let data = event.dyn_ref::<MessageEvent>().and_then(|message| message.data().as_string());
                if let Some(text) = data {
                    socket.receive(&text);
                }
            }),
            listen("close", |socket, _| socket.lost()),
        ];
        self.wire(|wire| {
            if let Some(timer) = wire.timer.take() {
                timer.clear();
            }
            wire.socket = Some(socket);
            wire.events = events;
            wire.last = js_sys::Date::now();
            if wire.watch.is_none() {
                let look = move || {
                    if self.wire(|wire| wire.is_silent()) == Some(true) {
                        self.reconnect();
                    }
                };
                wire.watch = set_interval_with_handle(look, LOOK).ok();
            }
        });
    }

    /// Drops the connection and makes a new one: it is silent where it should answer.
    pub fn reconnect(self) {
        self.wire(Wire::drop_socket);
        self.status.set(Status::Connecting);
        self.connect();
    }

    fn connected(self) {
        self.status.set(Status::Open);
        let opened = self.wire(|wire| wire.opened.iter().map(|(_, on)| on.clone()).collect::<Vec<_>>());
        opened.into_iter().flatten().for_each(|on| on());
        self.wire(|wire| wire.heard(false));
        // The browser does not show pings: these messages are how it knows that the server is there.
        self.send(&ClientMessage { sub: Some("beat".into()), ..ClientMessage::default() });
        self.ask(Topics::resume);
    }

    /// The connection is gone, or never came about: tries again later.
    fn lost(self) {
        let tries = self.wire(|wire| {
            wire.drop_socket();
            wire.tries += 1;
            (wire.tries, if wire.stands_by { STAND_BY_WAIT } else { LONGEST_WAIT })
        });
        let Some((tries, most)) = tries else { return };
        let online = window().navigator().on_line();
        self.status.set(if online && tries < 2 { Status::Connecting } else { Status::Offline });
        if online {
            let pause = Duration::from_millis(wait(tries - 1, js_sys::Math::random(), most) as u64);
            let timer = set_timeout_with_handle(move || self.connect(), pause).ok();
            self.wire(|wire| wire.timer = timer);
        }
    }

    pub(super) fn went_offline(self) {
        self.wire(Wire::drop_socket);
        self.status.set(Status::Offline);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_stay_bounded() {
        assert_eq!(wait(0, 1.0, LONGEST_WAIT), 300.0);
        assert_eq!(wait(1, 0.0, LONGEST_WAIT), 300.0);
        assert!(wait(3, 0.5, LONGEST_WAIT) > wait(2, 0.5, LONGEST_WAIT));
        assert_eq!(wait(40, 1.0, LONGEST_WAIT), LONGEST_WAIT);
        assert_eq!(wait(40, 1.0, STAND_BY_WAIT), STAND_BY_WAIT);
    }
}
