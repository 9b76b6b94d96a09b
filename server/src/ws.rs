//! A tab's one socket: topics in, messages out.

use crate::auth::{Screen, Visitor, Who};
use crate::http::Failure;
use crate::router::App;
use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code};
use axum::response::{IntoResponse, Response};
use domain::connect::TileAsk;
use domain::document::{Operation, Standing};
use domain::live::{ClientMessage, ServerMessage};
use domain::notify::InboxNews;
use domain::{Caller, Error, ErrorCode};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use services::{Frame, Mailbox, Resumed};
use std::collections::{HashMap, HashSet};
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
/// Room for what is read and written at once: most messages are small, most sockets idle.
const BUFFER: usize = 4 * 1024;
/// Bytes that may wait for a socket that does not read, before it is cut.
const BACKLOG: usize = 64 * 1024 * 1024;
/// Answers that may wait for one socket.
const REPLIES: usize = 256;
/// Messages that go out together.
const BURST: usize = 64;
/// The topic whose messages say nothing but that the connection lives: a browser does not see pings.
const BEAT: &str = "beat";

/// Topics of those who are on a dashboard: who follows one is there.
const PRESENCE: &str = "presence:";

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
pub(crate) async fn connect(
    State(app): State<App>,
    who: Result<Who, Failure>,
    Screen(screen): Screen,
    Visitor(visitor): Visitor,
    upgrade: WebSocketUpgrade,
) -> Response {
    let caller = match (screen.or(visitor), who) {
        (Some(screen), _) => screen,
        (None, Ok(Who(caller))) => caller,
        (None, Err(refusal)) => return refusal.into_response(),
    };
    let Some(seat) = app.sockets.enter(&caller.user_id) else {
        let error = Error::new(ErrorCode::TooManyRequests, "You have too many pages open.").hint("Close some of them.");
        return Failure(error).into_response();
    };
    let upgrade = upgrade.max_message_size(MESSAGE_LIMIT).max_frame_size(MESSAGE_LIMIT);
    let upgrade = upgrade.read_buffer_size(BUFFER).write_buffer_size(BUFFER).max_write_buffer_size(BACKLOG);
    // What the socket does comes from where it was opened.
    let origin = services::Origin::now();
    upgrade.on_upgrade(move |socket| async move {
        origin.around(serve(app, caller, socket)).await;
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
    /// The same the other way round, for every frame.
    names: HashMap<String, Vec<String>>,
    tiles: HashMap<String, Shown>,
    /// Beats, once the browser asked for them.
    beats: Option<u64>,
    /// What this page is called where it is present.
    page: String,
    out: mpsc::Sender<String>,
}

async fn serve(app: App, caller: Caller, socket: WebSocket) {
    let (mut sink, mut stream) = socket.split();
    let (out, mut replies) = mpsc::channel::<String>(REPLIES);
    let mailbox = Mailbox::new();
    let mut connection = Connection {
        app,
        caller,
        mailbox: mailbox.clone(),
        topics: HashMap::new(),
        names: HashMap::new(),
        tiles: HashMap::new(),
        beats: None,
        page: services::new_page(),
        out,
    };
    let rights = services::rights_topic(&connection.caller.user_id);
    connection.app.services.hub().subscribe(&rights, &mailbox);
    let mut beat = tokio::time::interval(HEARTBEAT);
    let mut heard = true;
    'socket: loop {
        let sent = tokio::select! {
            frame = mailbox.next() => {
                let mut sent = Ok(());
                // The present value of a topic goes out before what was published after it was read.
                while let Ok(text) = replies.try_recv() {
                    sent = sink.feed(Message::text(text)).await;
                }
                // What came together goes out together.
                for frame in std::iter::once(frame).chain(std::iter::from_fn(|| mailbox.take()).take(BURST)) {
                    if *frame.topic == *rights {
                        if !connection.app.services.still_signed_in(&connection.caller).await {
                            for text in connection.over() {
                                _ = sink.feed(Message::text(text)).await;
                            }
                            _ = sink.send(gone()).await;
                            break 'socket;
                        }
                        Box::pin(connection.drop_what_is_hidden()).await;
                        continue;
                    }
                    for text in connection.texts(&frame) {
                        sent = sink.feed(Message::Text(text)).await;
                    }
                }
                match sent {
                    Ok(()) => in_time(sink.flush()).await,
                    Err(cause) => Err(cause),
                }
            }
            Some(text) = replies.recv() => in_time(sink.send(Message::text(text))).await,
            message = stream.next() => match message {
                Some(Ok(Message::Text(text))) => {
                    heard = true;
                    // Rare beside the time a socket lives: its room is given back.
                    Box::pin(connection.read(&text)).await;
                    Ok(())
                }
                Some(Err(cause)) => {
                    _ = sink.send(refused(&cause)).await;
                    break;
                }
                Some(Ok(Message::Close(_))) | None => break,
                Some(Ok(_)) => {
                    heard = true;
                    Ok(())
                }
            },
            _ = beat.tick() => {
                if !std::mem::replace(&mut heard, false) {
                    break;
                }
                if !connection.app.services.still_signed_in(&connection.caller).await {
                    for text in connection.over() {
                        _ = sink.feed(Message::text(text)).await;
                    }
                    _ = sink.send(gone()).await;
                    break;
                }
                connection.still_here();
                if let Some(text) = connection.beat() {
                    _ = sink.feed(Message::text(text)).await;
                }
                sink.send(Message::Ping(Default::default())).await
            }
        };
        if sent.is_err() {
            break;
        }
    }
    connection.leave();
}

/// A reader that takes nothing for so long is gone.
async fn in_time(work: impl Future<Output = Result<(), axum::Error>>) -> Result<(), axum::Error> {
    let stuck = |_| Err(axum::Error::new("this reader takes nothing"));
    tokio::time::timeout(2 * HEARTBEAT, work).await.unwrap_or_else(stuck)
}

/// Says that the sign-in behind a socket does not hold any more.
fn gone() -> Message {
    Message::Close(Some(CloseFrame { code: close_code::POLICY, reason: Utf8Bytes::from("Sign in again.") }))
}

/// Says what was wrong with what was read.
fn refused(cause: &axum::Error) -> Message {
    let (code, reason) = if cause.to_string().contains("too long") {
        (close_code::SIZE, "A message has at most 1 MB.")
    } else {
        (close_code::PROTOCOL, "This is not the protocol.")
    };
    Message::Close(Some(CloseFrame { code, reason: Utf8Bytes::from(reason) }))
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
        if message.sub.as_deref() == Some(BEAT) {
            self.beats = Some(0);
        } else if let Some(topic) = message.sub {
            let is_new = !self.topics.contains_key(&topic) && !self.tiles.contains_key(&topic);
            let result = match is_new && self.topics.len() + self.tiles.len() >= TOPIC_LIMIT {
                true => Err(Error::new(ErrorCode::TooManyRequests, "This page follows too many topics.")
                    .hint(format!("One socket follows at most {TOPIC_LIMIT}."))),
                false => self.subscribe(&topic, message.ask, message.after).await,
            };
            if let Err(error) = result {
                self.reply(ServerMessage { topic, error: Some(error), ..Default::default() }).await;
            }
        } else if let Some(topic) = message.unsub {
            self.tiles.remove(&topic);
            self.unfollow(&topic);
        } else if let (Some(topic), Some(op)) = (message.topic, message.op) {
            if topic.starts_with(PRESENCE) {
                return self.place(topic, op).await;
            }
            let (ack, error) = match self.operate(&topic, op).await {
                Ok(id) => (Some(id), None),
                Err(error) => {
                    if matches!(error.code, ErrorCode::Forbidden | ErrorCode::NotFound) {
                        let services = &self.app.services;
                        services.record_refusal(Some(&self.caller), "operate", &topic, error.code.as_str()).await;
                    }
                    (None, Some(error))
                }
            };
            self.reply(ServerMessage { topic, ack, error, ..Default::default() }).await;
        }
    }

    /// A frame under each name that the browser follows its topic by.
    fn texts(&self, frame: &Frame) -> impl Iterator<Item = Utf8Bytes> {
        let names = self.names.get(&*frame.topic).into_iter().flatten();
        // No copy: all sockets send the same bytes.
        names.filter_map(|name| Utf8Bytes::try_from(frame.text_as(name)).ok())
    }

    fn follow(&mut self, topic: &str, inner: String) {
        if self.topics.get(topic) == Some(&inner) {
            return;
        }
        self.unfollow(topic);
        self.names.entry(inner.clone()).or_default().push(topic.to_owned());
        self.topics.insert(topic.to_owned(), inner);
    }

    fn unfollow(&mut self, topic: &str) {
        let Some(inner) = self.topics.remove(topic) else { return };
        let Some(names) = self.names.get_mut(&inner) else { return };
        names.retain(|name| name != topic);
        if names.is_empty() {
            self.names.remove(&inner);
            self.left(&inner);
        }
    }

    fn left(&self, inner: &str) {
        self.app.services.hub().unsubscribe(inner, &self.mailbox);
        if inner.starts_with(PRESENCE) {
            self.app.services.presence_leave(inner, &self.page);
        }
    }

    /// Says again where this page is: who is not heard of is gone.
    fn still_here(&self) {
        let present = self.names.keys().filter(|inner| inner.starts_with(PRESENCE));
        present.for_each(|inner| self.app.services.presence_beat(inner, &self.page));
    }

    /// The page is elsewhere on a dashboard. There is no answer; one that floods is not there any more.
    async fn place(&mut self, topic: String, at: Value) {
        let Some(inner) = self.topics.get(&topic) else {
            let error = Error::invalid("Follow the topic before saying where on it you are.");
            return self.reply(ServerMessage { topic, error: Some(error), ..Default::default() }).await;
        };
        if let Err(error) = self.app.services.presence_move(&self.caller, inner, &self.page, at) {
            if error.code == ErrorCode::TooManyRequests {
                self.unfollow(&topic);
            }
            self.reply(ServerMessage { topic, error: Some(error), ..Default::default() }).await;
        }
    }

    /// What tells the page of a link that it is over: nobody signs in again there.
    fn over(&self) -> Vec<String> {
        if domain::link::link_in(&self.caller.credential_id).is_none() {
            return Vec::new();
        }
        let error = Error::new(ErrorCode::Gone, "This link was revoked, or your visit is over.");
        let message =
            |topic: &String| ServerMessage { topic: topic.clone(), error: Some(error.clone()), ..Default::default() };
        let documents = self.topics.keys().filter(|topic| topic.starts_with("doc:"));
        documents.filter_map(|topic| serde_json::to_string(&message(topic)).ok()).collect()
    }

    /// Leaves every topic: who comes back gets what is published meanwhile.
    fn leave(&mut self) {
        let topics: HashSet<String> = self.topics.drain().map(|(_, inner)| inner).collect();
        topics.iter().for_each(|inner| self.left(inner));
    }

    /// The next beat, where the browser asked for them.
    fn beat(&mut self) -> Option<String> {
        let beats = self.beats.as_mut()?;
        *beats += 1;
        let message = ServerMessage { topic: BEAT.into(), seq: Some(*beats), ..Default::default() };
        serde_json::to_string(&message).ok()
    }

    /// A right of the caller changed: topics they may not see any more end with an error, and
    /// documents say what one may do with them now. Tiles ask for the right with every answer.
    async fn drop_what_is_hidden(&mut self) {
        let topics: Vec<String> = self.topics.keys().cloned().collect();
        for topic in topics {
            let result = match self.inner_of(&topic).await {
                // Another state of it is theirs now: what is published in place of the draft, or the
                // other way round.
                Ok(inner) if self.topics.get(&topic).is_some_and(|before| *before != inner) => {
                    self.subscribe(&topic, TileAsk::default(), None).await
                }
                other => other.map(drop),
            };
            if let Err(error) = result {
                self.unfollow(&topic);
                self.reply(ServerMessage { topic, error: Some(error), ..Default::default() }).await;
            } else if let Some(id) = topic.strip_prefix("metric:")
                && self.is_narrowed(id).await
            {
                self.unfollow(&topic);
                self.show_metric(&topic, id, None);
            } else {
                self.tell_standing(topic).await;
            }
        }
    }

    /// Says what the caller may do with a document.
    async fn tell_standing(&self, topic: String) {
        let Some(name) = topic.strip_prefix("doc:") else { return };
        if let Ok((_, access)) = self.app.services.document_topic(&self.caller, name).await {
            let data = serde_json::to_value(Standing { access }).ok();
            self.reply(ServerMessage { topic, data, ..Default::default() }).await;
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
            "presence" => services.presence_topic(caller, name).await?,
            "publishing" => services.publishing_topic(caller, name).await?,
            "inbox" => services.inbox_topic(caller, name)?,
            "comments" => services.comments_topic(caller, name).await?,
            _ => return Err(Error::not_found("topic")),
        })
    }

    /// Whether rules keep the shared readings of a metric from the caller.
    async fn is_narrowed(&self, metric: &str) -> bool {
        self.app.services.is_metric_narrowed(&self.caller, metric).await.unwrap_or(true)
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
        if kind == "metric" && self.is_narrowed(name).await {
            self.show_metric(topic, name, after);
            return Ok(());
        }
        let services = self.app.services.clone();
        let present = inner.starts_with(PRESENCE).then(|| inner.clone());
        // Followed first, read second: what is published in between comes twice rather than never.
        let resumed = services.hub().resume(&inner, &self.mailbox, after);
        self.follow(topic, inner);
        let now = match kind {
            // They have it, or it is on its way; those who were there may be gone.
            _ if present.is_none() && after.is_some() && matches!(resumed, Resumed::Current | Resumed::Missed) => None,
            // The hub keeps only what was published since the start: the store knows more.
            "metric" | "alert" if resumed == Resumed::Newest => None,
            "metric" => {
                let metric = services.get_metric(&self.caller, name).await?;
                Some(serde_json::to_value(services.metric_reading(&metric)))
            }
            "dataset" => {
                let dataset = services.get_dataset(&self.caller, name).await?;
                Some(Ok(json!({"version": dataset.version, "row_count": dataset.row_count})))
            }
            "job" => Some(serde_json::to_value(services.get_job(&self.caller, name).await?)),
            "alert" => Some(serde_json::to_value(services.alert_now(&self.caller, name).await?)),
            "alerts" => None,
            "inbox" => {
                let unread = services.unread_notifications(&self.caller).await?;
                Some(serde_json::to_value(InboxNews { unread, notification: None }))
            }
            // Each change is told; what there is, is asked for.
            "jobs" | "comments" => Some(Ok(json!({}))),
            "presence" => {
                present.map(|inner| serde_json::to_value(services.presence_come(&self.caller, &inner, &self.page)))
            }
            "publishing" => Some(serde_json::to_value(services.publishing_now(&self.caller, name).await?)),
            _ => Some(serde_json::to_value(services.open_document(&self.caller, name).await?)),
        };
        if let Some(data) = now {
            let data = Some(data.map_err(|_| Error::internal())?);
            self.reply(ServerMessage { topic: topic.into(), seq: Some(0), data, ..Default::default() }).await;
            self.tell_standing(topic.to_owned()).await;
        }
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

    /// Answers a metric of whose data the caller does not see all: what is pushed to the others is only
    /// the sign to work it out anew for them.
    fn show_metric(&mut self, topic: &str, id: &str, after: Option<u64>) {
        let (services, caller, out) = (self.app.services.clone(), self.caller.clone(), self.out.clone());
        let (name, id) = (topic.to_owned(), id.to_owned());
        let work = tokio::spawn(async move {
            let news = Mailbox::new();
            services.hub().subscribe(&format!("metric:{id}"), &news);
            news.drain();
            for seq in after.unwrap_or_default().saturating_add(1).. {
                let (data, error) = match services.get_metric(&caller, &id).await {
                    Ok(metric) => (serde_json::to_value(services.metric_reading(&metric)).ok(), None),
                    Err(error) => (None, Some(error)),
                };
                let message = ServerMessage { topic: name.clone(), seq: Some(seq), data, error, ack: None };
                if out.send(serde_json::to_string(&message).unwrap_or_default()).await.is_err() {
                    break;
                }
                let seen = news.next().await;
                news.drain();
                drop(seen);
            }
        });
        self.tiles.insert(topic.to_owned(), Shown { _work: AbortOnDropHandle::new(work) });
    }

    async fn operate(&self, topic: &str, op: Value) -> domain::Result<String> {
        let dashboard = topic.strip_prefix("doc:").ok_or_else(|| Error::not_found("topic"))?;
        let operation: Operation = serde_json::from_value(op)
            .map_err(|e| Error::invalid(format!("This operation cannot be read: {e}.")).field("op"))?;
        if !self.app.services.still_signed_in(&self.caller).await {
            return Err(Error::new(ErrorCode::SignInRequired, "Sign in again: this session has ended."));
        }
        self.app.services.receive_operation(&self.caller, dashboard, &operation).await?;
        Ok(operation.id)
    }
}
