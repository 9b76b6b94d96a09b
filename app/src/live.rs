//! The tab's one socket: topics in, messages out. On the server it does nothing.
//!
//! What is followed is followed again after a lost connection; operations that were not
//! acknowledged are the document's business ([`crate::board`]), which hears of every new connection.

mod topics;
mod wire;

use domain::Error;
use domain::connect::TileAsk;
use domain::document::Operation;
use domain::live::{ClientMessage, ServerMessage};
use gloo::events::EventListener;
use leptos::prelude::*;
use std::rc::Rc;
use topics::Topics;
use wire::Wire;

/// How the connection is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// On the way, for the first time or right after a loss.
    #[default]
    Connecting,
    Open,
    /// The browser or the server cannot be reached; tried again by itself.
    Offline,
}

/// What became of an operation.
#[derive(Clone, Debug, PartialEq)]
pub enum Ack {
    /// It is in the log: its id.
    Done(String),
    /// It was not taken: its id, and why.
    Refused(String, Error),
}

/// The socket of the tab. Copy it freely.
#[derive(Clone, Copy)]
pub struct Socket {
    status: RwSignal<Status>,
    /// Absent on the server.
    wire: Option<StoredValue<Wire, LocalStorage>>,
}

/// Ends a subscription or a callback when dropped.
#[must_use = "dropping it ends the subscription at once"]
pub struct Subscription {
    socket: Socket,
    id: u64,
    part: Part,
}

enum Part {
    Topic(String),
    Acks(String),
    Opened,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let message = self.socket.wire(|wire| match &self.part {
            Part::Topic(topic) => wire.topics.unsubscribe(topic, self.id),
            Part::Acks(topic) => {
                wire.acks.retain(|(id, other, _)| *id != self.id || other != topic);
                None
            }
            Part::Opened => {
                wire.opened.retain(|(id, _)| *id != self.id);
                None
            }
        });
        if let Some(message) = message.flatten() {
            self.socket.send(&message);
        }
    }
}

impl Socket {
    fn wire<T>(self, work: impl FnOnce(&mut Wire) -> T) -> Option<T> {
        self.wire?.try_update_value(work)
    }

    /// How the connection is.
    pub fn status(self) -> Signal<Status> {
        self.status.into()
    }

    /// Follows a topic. With a tile's topic, `ask` goes on top of the tile's own question; subscribing
    /// again with another takes the place of the earlier subscription. Every message of the topic,
    /// errors too, goes to `on`.
    pub fn subscribe(
        self,
        topic: impl Into<String>,
        ask: TileAsk,
        on: impl Fn(ServerMessage) + 'static,
    ) -> Subscription {
        let topic = topic.into();
        let made = self.wire(|wire| wire.topics.subscribe(&topic, ask, Rc::new(on)));
        let (id, message) = made.unzip();
        if let Some(message) = message {
            self.connect();
            self.send(&message);
        }
        Subscription { socket: self, id: id.unwrap_or_default(), part: Part::Topic(topic) }
    }

    /// For a page that nobody sits at: comes back soon whatever happens. On a `screen` the link of the
    /// wall is who asks.
    pub fn stand_by(self, screen: bool) {
        self.wire(|wire| wire.stand_by(screen));
    }

    /// For the page of a public link: its visit is who asks.
    pub fn come_by(self, link: &str) {
        self.wire(|wire| wire.come_by(link));
    }

    /// When the last message with data came, in milliseconds of the browser's clock.
    pub fn last_news(self) -> Option<f64> {
        self.wire(|wire| wire.news).flatten()
    }

    /// Asks again for everything whose topic begins with `prefix`, whatever has been seen of it.
    pub fn refresh(self, prefix: &str) {
        self.ask(|topics| topics.again(|topic| topic.starts_with(prefix)));
    }

    fn ask(self, what: impl FnOnce(&mut Topics) -> Vec<ClientMessage>) {
        let messages = self.wire(|wire| what(&mut wire.topics));
        messages.into_iter().flatten().for_each(|message| {
            self.send(&message);
        });
    }

    /// Sends an operation on a document; what becomes of it comes to [`Socket::on_ack`]. Returns
    /// whether there was a connection to send it on.
    pub fn send_op(self, topic: &str, operation: &Operation) -> bool {
        let message = ClientMessage {
            topic: Some(topic.to_owned()),
            op: serde_json::to_value(operation).ok(),
            ..ClientMessage::default()
        };
        let sent = self.send(&message);
        if sent {
            self.wire(|wire| wire.topics.expect_ack(topic, &operation.id));
        }
        sent
    }

    /// Says something on a topic that is neither kept nor answered. Returns whether there was a
    /// connection to say it on.
    pub fn tell(self, topic: &str, what: &impl serde::Serialize) -> bool {
        let op = serde_json::to_value(what).ok();
        self.send(&ClientMessage { topic: Some(topic.to_owned()), op, ..ClientMessage::default() })
    }

    /// Hears what becomes of the operations on a topic.
    pub fn on_ack(self, topic: impl Into<String>, on: impl Fn(Ack) + 'static) -> Subscription {
        let topic = topic.into();
        let id = self.wire(|wire| {
            let id = wire.topics.next_id();
            wire.acks.push((id, topic.clone(), Rc::new(on)));
            id
        });
        Subscription { socket: self, id: id.unwrap_or_default(), part: Part::Acks(topic) }
    }

    /// Hears of every new connection, before topics are followed again on it.
    pub fn on_open(self, on: impl Fn() + 'static) -> Subscription {
        let id = self.wire(|wire| {
            let id = wire.topics.next_id();
            wire.opened.push((id, Rc::new(on)));
            id
        });
        Subscription { socket: self, id: id.unwrap_or_default(), part: Part::Opened }
    }

    /// Sends what the server should hear; without a connection nothing happens.
    fn send(self, message: &ClientMessage) -> bool {
        let Ok(text) = serde_json::to_string(message) else { return false };
        self.wire(|wire| wire.send(&text)).unwrap_or(false)
    }

    /// Hands a message of the server to those who wait for it.
    fn receive(self, text: &str) {
        let Ok(message) = serde_json::from_str::<ServerMessage>(text) else { return };
        let received = self.wire(|wire| {
            wire.tries = 0;
            wire.heard(message.data.is_some());
            wire.topics.receive(&message)
        });
        let Some(received) = received else { return };
        if let Some(again) = received.again {
            self.send(&again);
        }
        if let Some(ack) = received.ack {
            let heard = self.wire(|wire| {
                let on_topic = wire.acks.iter().filter(|(_, topic, _)| *topic == message.topic);
                on_topic.map(|(_, _, on)| on.clone()).collect::<Vec<_>>()
            });
            heard.into_iter().flatten().for_each(|on| on(ack.clone()));
        }
        let mut listeners = received.listeners;
        if let Some(last) = listeners.pop() {
            listeners.iter().for_each(|on| on(message.clone()));
            last(message);
        }
    }
}

/// Puts the socket into context. Once, at the top of the application.
pub fn provide_socket() {
    let status = RwSignal::new(Status::Connecting);
    let wire = (!is_server()).then(|| StoredValue::new_local(Wire::default()));
    let socket = Socket { status, wire };
    provide_context(socket);
    Effect::new(move |_| {
        let listen = |name: &'static str, run: fn(Socket)| EventListener::new(&window(), name, move |_| run(socket));
        let listeners = vec![listen("online", Socket::connect), listen("offline", Socket::went_offline)];
        socket.wire(|wire| wire.window = listeners);
    });
}

/// The socket of the tab.
pub fn use_socket() -> Socket {
    use_context().unwrap_or_else(|| Socket { status: RwSignal::new(Status::Offline), wire: None })
}

/// Follows a topic for as long as the calling component lives.
pub fn use_topic(topic: impl Into<String>, on: impl Fn(ServerMessage) + 'static) {
    let subscription = use_socket().subscribe(topic, TileAsk::default(), on);
    on_cleanup(move || drop(subscription));
}
