//! A tab's one socket: topics in, messages out.

use crate::auth::Who;
use crate::http::Failure;
use crate::router::App;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::{IntoResponse, Response};
use domain::connect::TileAsk;
use domain::document::Operation;
use domain::live::{ClientMessage, ServerMessage};
use domain::notify::InboxNews;
use domain::{Caller, Error, ErrorCode};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use services::{Frame, Mailbox};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

/// The largest message of a browser.
const MESSAGE_LIMIT: usize = 1024 * 1024;
/// The most topics of one socket.
const TOPIC_LIMIT: usize = 500;
/// How often a quiet socket is asked whether it is there, and its right is looked at again.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// How many sockets each user has open.
pub(crate) struct Sockets {
    open: Mutex<HashMap<String, usize>>,
    limit: usize,
}

impl Sockets {
    pub(crate) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self { open: Mutex::default(), limit })
    }

    fn enter(self: &Arc<Self>, user: &str) -> Option<Seat> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(user.to_owned()).or_default();
        if *count >= self.limit {
            return None;
        }
        *count += 1;
        Some(Seat { sockets: self.clone(), user: user.to_owned() })
    }
}

/// One socket of a user; dropped when it closes.
struct Seat {
    sockets: Arc<Sockets>,
    user: String,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut open = self.sockets.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.user) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.user);
            }
        }
    }
}

/// Upgrades a signed-in request to a socket.
pub(crate) async fn connect(State(app): State<App>, Who(caller): Who, upgrade: WebSocketUpgrade) -> Response {
    let Some(seat) = app.sockets.enter(&caller.user_id) else {
        let error = Error::new(ErrorCode::TooManyRequests, "You have too many pages open.").hint("Close some of them.");
        return Failure(error).into_response();
    };
    upgrade.max_message_size(MESSAGE_LIMIT).on_upgrade(move |socket| async move {
        serve(app, caller, socket).await;
        drop(seat);
    })
}

/// A tile that this socket shows.
struct Shown {
    /// The work that answers it; dropped when it is not wanted any more, and with it the query.
    _work: AbortOnDropHandle<()>,
}

struct Connection {
    app: App,
    caller: Caller,
    mailbox: Arc<Mailbox>,
    /// Hub topics by the topic as the browser wrote it: they differ where it names a thing by its
    /// name or slug.
    topics: HashMap<String, String>,
    tiles: HashMap<String, Shown>,
    out: mpsc::Sender<String>,
}

async fn serve(app: App, caller: Caller, socket: WebSocket) {
    let (mut sink, mut stream) = socket.split();
    let (out, mut replies) = mpsc::channel::<String>(256);
    let mailbox = Mailbox::new();
    let mut connection =
        Connection { app, caller, mailbox: mailbox.clone(), topics: HashMap::new(), tiles: HashMap::new(), out };
    let rights = services::rights_topic(&connection.caller.user_id);
    connection.app.services.hub().subscribe(&rights, &mailbox);
    let mut beat = tokio::time::interval(HEARTBEAT);
    let mut heard = true;
    loop {
        let sent = tokio::select! {
            frame = mailbox.next() => {
                if frame.topic.strip_prefix("rights:") == Some(connection.caller.user_id.as_str()) {
                    connection.drop_what_is_hidden().await;
                }
                let mut sent = Ok(());
                for text in connection.texts(&frame) {
                    sent = sink.feed(Message::text(text)).await;
                }
                match sent {
                    Ok(()) => sink.flush().await,
                    Err(cause) => Err(cause),
                }
            }
            Some(text) = replies.recv() => sink.send(Message::text(text)).await,
            message = stream.next() => match message {
                Some(Ok(Message::Text(text))) => {
                    heard = true;
                    connection.read(&text).await;
                    Ok(())
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                Some(Ok(_)) => {
                    heard = true;
                    Ok(())
                }
            },
            _ = beat.tick() => {
                let gone = !std::mem::replace(&mut heard, false);
                if gone || !connection.app.services.still_signed_in(&connection.caller).await {
                    break;
                }
                sink.send(Message::Ping(Default::default())).await
            }
        };
        if sent.is_err() {
            break;
        }
    }
}

impl Connection {
    async fn read(&mut self, text: &str) {
        let message: ClientMessage = match serde_json::from_str(text) {
            Ok(message) => message,
            Err(cause) => {
                let error = Error::invalid(format!("This message cannot be read: {cause}."));
                return self.reply(ServerMessage { error: Some(error), ..Default::default() }).await;
            }
        };
        if let Some(topic) = message.sub {
            let result = match self.topics.len() + self.tiles.len() >= TOPIC_LIMIT {
                true => Err(Error::new(ErrorCode::TooManyRequests, "This page follows too many topics.")),
                false => self.subscribe(&topic, message.ask, message.after).await,
            };
            if let Err(error) = result {
                self.reply(ServerMessage { topic, error: Some(error), ..Default::default() }).await;
            }
        } else if let Some(topic) = message.unsub {
            self.tiles.remove(&topic);
            self.unfollow(&topic);
        } else if let (Some(topic), Some(op)) = (message.topic, message.op) {
            let (ack, error) = match self.operate(&topic, op).await {
                Ok(id) => (Some(id), None),
                Err(error) => (None, Some(error)),
            };
            self.reply(ServerMessage { topic, ack, error, ..Default::default() }).await;
        }
    }

    /// A frame under each name that the browser follows its topic by.
    fn texts(&self, frame: &Frame) -> Vec<String> {
        let names = self.topics.iter().filter(|(_, inner)| ***inner == *frame.topic);
        names.map(|(name, _)| frame.text_as(name)).collect()
    }

    fn unfollow(&mut self, topic: &str) {
        let Some(inner) = self.topics.remove(topic) else { return };
        if !self.topics.values().any(|other| *other == inner) {
            self.app.services.hub().unsubscribe(&inner, &self.mailbox);
        }
    }

    /// A right of the caller changed: topics they may not see any more end with an error. Tiles
    /// ask for the right with every answer.
    async fn drop_what_is_hidden(&mut self) {
        let topics: Vec<String> = self.topics.keys().cloned().collect();
        for topic in topics {
            if let Err(error) = self.inner_of(&topic).await {
                self.unfollow(&topic);
                self.reply(ServerMessage { topic, error: Some(error), ..Default::default() }).await;
            }
        }
    }

    /// What the hub calls a topic that the caller may see.
    async fn inner_of(&self, topic: &str) -> domain::Result<String> {
        let (services, caller) = (&self.app.services, &self.caller);
        let (kind, name) = topic.split_once(':').ok_or_else(|| Error::not_found("topic"))?;
        Ok(match kind {
            "metric" => format!("metric:{}", services.get_metric(caller, name).await?.def.id),
            "dataset" => format!("dataset:{}", services.get_dataset(caller, name).await?.id),
            "job" => format!("job:{}", services.get_job(caller, name).await?.id),
            "alert" => format!("alert:{}", services.get_alert(caller, name).await?.id),
            // One's own, whatever one calls oneself.
            "alerts" if matches!(name, "me") || name == caller.user_id => services::alerts_topic(&caller.user_id),
            "jobs" if name == "all" => services.queue_topic(caller)?,
            "doc" => services.document_topic(caller, name).await?.0,
            "inbox" => services.inbox_topic(caller, name)?,
            _ => return Err(Error::not_found("topic")),
        })
    }

    async fn reply(&self, message: ServerMessage) {
        let text = serde_json::to_string(&message).unwrap_or_default();
        // The channel is closed only when the socket is.
        let _ = self.out.try_send(text);
    }

    async fn subscribe(&mut self, topic: &str, ask: TileAsk, after: Option<u64>) -> domain::Result<()> {
        let unknown = || Error::not_found("topic");
        let (kind, name) = topic.split_once(':').ok_or_else(unknown)?;
        if kind == "tile" {
            let (dashboard, tile) = name.split_once('/').ok_or_else(unknown)?;
            return self.show_tile(topic, (dashboard, tile), ask, after).await;
        }
        let inner = self.inner_of(topic).await?;
        let services = self.app.services.clone();
        if kind == "doc" {
            // Followed first, read second: an edit in between comes twice rather than never.
            services.hub().subscribe(&inner, &self.mailbox);
        }
        let now = match kind {
            // The hub keeps only what was published since the start: the store knows more.
            "metric" if services.hub().has_kept(&inner) => None,
            "metric" => {
                let metric = services.get_metric(&self.caller, name).await?;
                Some(serde_json::to_value(services.metric_reading(&metric)))
            }
            "dataset" => {
                let dataset = services.get_dataset(&self.caller, name).await?;
                Some(Ok(json!({"version": dataset.version, "row_count": dataset.row_count})))
            }
            "job" => Some(serde_json::to_value(services.get_job(&self.caller, name).await?)),
            "alert" if services.hub().has_kept(&inner) => None,
            "alert" => Some(serde_json::to_value(services.alert_now(&self.caller, name).await?)),
            "alerts" => None,
            "inbox" => {
                let unread = services.unread_notifications(&self.caller).await?;
                Some(serde_json::to_value(InboxNews { unread, notification: None }))
            }
            "jobs" => Some(Ok(json!({}))),
            _ => Some(serde_json::to_value(services.open_document(&self.caller, name).await?)),
        };
        if let Some(data) = now {
            let data = Some(data.map_err(|_| Error::internal())?);
            self.reply(ServerMessage { topic: topic.into(), seq: Some(0), data, ..Default::default() }).await;
        }
        services.hub().subscribe(&inner, &self.mailbox);
        self.topics.insert(topic.to_owned(), inner);
        Ok(())
    }

    /// Answers a tile now, and again whenever its data changes. Its messages are numbered from
    /// `after` on, so that the browser tells them from answers to its subscription before.
    async fn show_tile(
        &mut self,
        topic: &str,
        (dashboard, tile): (&str, &str),
        ask: TileAsk,
        after: Option<u64>,
    ) -> domain::Result<()> {
        let follows = self.app.services.tile_topics(&self.caller, dashboard, tile).await?;
        let (services, caller, out) = (self.app.services.clone(), self.caller.clone(), self.out.clone());
        let (name, dashboard, tile) = (topic.to_owned(), dashboard.to_owned(), tile.to_owned());
        let work = tokio::spawn(async move {
            let news = Mailbox::new();
            for topic in &follows {
                services.hub().subscribe(topic, &news);
            }
            // What was published before is in the first answer.
            news.drain();
            for seq in after.unwrap_or_default().saturating_add(1).. {
                let result = services.tile_data(&caller, &dashboard, &tile, &ask).await;
                let (data, error) = match result {
                    Ok(data) => (serde_json::to_value(data).ok(), None),
                    Err(error) => (None, Some(error)),
                };
                let message = ServerMessage { topic: name.clone(), seq: Some(seq), data, error, ack: None };
                if out.send(serde_json::to_string(&message).unwrap_or_default()).await.is_err() {
                    break;
                }
                let seen = news.next().await;
                // Several versions that came while the question ran are one change.
                news.drain();
                drop(seen);
            }
        });
        self.tiles.insert(topic.to_owned(), Shown { _work: AbortOnDropHandle::new(work) });
        Ok(())
    }

    async fn operate(&self, topic: &str, op: Value) -> domain::Result<String> {
        let dashboard = topic.strip_prefix("doc:").ok_or_else(|| Error::not_found("topic"))?;
        let operation: Operation = serde_json::from_value(op)
            .map_err(|e| Error::invalid(format!("This operation cannot be read: {e}.")).field("op"))?;
        self.app.services.apply_operation(&self.caller, dashboard, &operation).await?;
        Ok(operation.id)
    }
}
