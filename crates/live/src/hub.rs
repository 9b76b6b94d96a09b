//! The hub: topics with numbered messages, and one mailbox per socket.
//!
//! A topic counts its messages and keeps the last ones, so that who comes later sees the present
//! value at once, and who comes back gets what they missed. A mailbox is bounded: a reader that
//! keeps up misses nothing; one that does not gets the newest message of each topic and sees by the
//! gap in `seq` that some are missing. A message with a number and without data says the same:
//! something may be missing, ask again.

use crate::bus::memory::{self, Memory};
use crate::bus::redis::RedisBus;
use crate::bus::{Bus, BusState, Parcel};
use crate::{Mailbox, lock};
use bytes::Bytes;
use serde_json::Value;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::time::{Duration, Instant};

/// How long a present value lasts in Redis where its publisher does not say, in seconds.
const LASTS: u32 = 3_600;
/// How long messages, and topics that nobody follows, are kept for those who come back.
const LINGER: Duration = Duration::from_secs(60);
/// Topics are looked through for such as nobody needs every so many messages.
const SWEEP_EVERY: u32 = 1_024;
/// Topics with this mark are between servers: no socket follows them.
const NOTICE: char = '~';

/// How many messages of a topic are kept for those who come back.
fn kept_of(topic: &str) -> usize {
    match topic.split_once(':') {
        // Each edit counts.
        Some(("doc", _)) => 64,
        Some(("metric", _)) => 8,
        _ => 1,
    }
}

/// A message ready to be sent: written once, whoever reads it.
#[derive(Debug, PartialEq)]
pub struct Frame {
    pub topic: Arc<str>,
    pub seq: u64,
    /// The [`domain::live::ServerMessage`] as JSON; shared by all sockets.
    pub text: Bytes,
}

impl Frame {
    /// The text as it is kept.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.text).unwrap_or_default()
    }

    /// The text for somebody who knows the topic by another name.
    pub fn text_as(&self, topic: &str) -> Bytes {
        if topic == &*self.topic {
            return self.text.clone();
        }
        match self.text.strip_prefix(head(&self.topic).as_bytes()) {
            Some(rest) => [head(topic).as_bytes(), rest].concat().into(),
            None => self.text.clone(),
        }
    }
}

fn head(topic: &str) -> String {
    format!("{{\"topic\":{}", Value::from(topic))
}

/// What a reader who came back was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resumed {
    /// They had seen the last message.
    Current,
    /// What they missed.
    Missed,
    /// The newest, with a gap before it.
    Newest,
    /// Nothing is known here: whoever owns the topic has to say what holds now.
    Nothing,
}

/// What comes from the other servers, for who keeps copies of what they change.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// Something changed elsewhere: its kind, and what.
    Notice(String, Value),
    /// This server hears the others from now on, and may have missed something before.
    Joined,
}

#[derive(Default)]
struct Topic {
    seq: u64,
    /// The last messages, with consecutive numbers, and since when they are here. Readers need not be
    /// here for them: one may come over from another server.
    recent: VecDeque<(Instant, Arc<Frame>)>,
    /// Whether the last of them is the present value.
    is_value: bool,
    readers: Vec<Weak<Mailbox>>,
    /// Since when nobody follows it.
    quiet: Option<Instant>,
}

impl Topic {
    fn tell(&mut self, frame: &Arc<Frame>) {
        self.readers.retain(|reader| reader.upgrade().inspect(|mailbox| mailbox.put(frame.clone())).is_some());
    }

    fn keep(&mut self, frame: Arc<Frame>, is_value: bool) {
        let room = kept_of(&frame.topic);
        if self.recent.back().is_some_and(|(_, last)| last.seq + 1 != frame.seq) {
            self.recent.clear();
        }
        self.is_value = is_value;
        if !is_value && room == 1 {
            self.recent.clear();
            return;
        }
        let now = Instant::now();
        self.recent.push_back((now, frame));
        let is_old = |recent: &VecDeque<(Instant, _)>| recent.front().is_some_and(|(at, _)| now - *at > LINGER);
        while self.recent.len() > room || (self.recent.len() > 1 && is_old(&self.recent)) {
            self.recent.pop_front();
        }
    }

    fn is_needed(&self, now: Instant) -> bool {
        self.is_value
            || self.readers.iter().any(|r| r.strong_count() > 0)
            || self.quiet.is_some_and(|since| now.duration_since(since) < LINGER)
    }
}

/// What is done with news of the other servers.
type Listener = Box<dyn Fn(News) + Send + Sync>;

struct Inner {
    topics: Mutex<Topics>,
    bus: OnceLock<Box<dyn Bus>>,
    listener: OnceLock<Listener>,
}

#[derive(Default)]
struct Topics {
    by_name: HashMap<Arc<str>, Topic>,
    told: u32,
}

/// All topics of this process.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

impl Default for Hub {
    fn default() -> Self {
        Self(Arc::new(Inner { topics: Mutex::default(), bus: OnceLock::new(), listener: OnceLock::new() }))
    }
}

impl Hub {
    /// Shares news with the other servers through Redis from now on. `on_news` hears what they did.
    ///
    /// # Errors
    /// The address cannot be read. A Redis that does not answer is waited for.
    pub fn share(&self, url: &str, on_news: impl Fn(News) + Send + Sync + 'static) -> Result<(), String> {
        _ = self.0.listener.set(Box::new(on_news));
        let bus = RedisBus::start(url, self.clone()).map_err(|cause| cause.to_string())?;
        self.0.bus.set(Box::new(bus)).map_err(|_| "there is a bus already".to_owned())
    }

    fn bus(&self) -> &dyn Bus {
        self.0.bus.get().map_or(&Memory, |bus| &**bus)
    }

    /// Whether other servers may change what this one has copies of.
    pub fn is_shared(&self) -> bool {
        self.0.bus.get().is_some()
    }

    /// How the way to the other servers is.
    pub fn state(&self) -> BusState {
        self.bus().state()
    }

    /// Publishes to everyone who follows `topic`. With `keep`, the message is also what later
    /// followers get first.
    pub fn publish(&self, topic: &str, data: Value, keep: bool) {
        self.post(topic, &data, if keep { LASTS } else { 0 });
    }

    /// Publishes a value that holds for so long.
    pub fn publish_for(&self, topic: &str, data: Value, lasts: Duration) {
        self.post(topic, &data, u32::try_from(lasts.as_secs()).unwrap_or(u32::MAX).max(1));
    }

    /// Tells the other servers, not this one, that something changed.
    pub fn notify_others(&self, kind: &str, what: Value) {
        if self.is_shared() {
            self.post(&format!("{NOTICE}{kind}"), &what, 0);
        }
    }

    fn post(&self, topic: &str, data: &Value, lasts: u32) {
        let floor = lock(&self.0.topics).by_name.get(topic).map_or(0, |t| t.seq);
        let parcel = Parcel { topic: topic.to_owned(), data: data.to_string(), lasts, floor };
        if let Err(parcel) = self.bus().send(parcel) {
            self.tell_here(parcel);
        }
    }

    /// Tells the readers of this server alone.
    pub(crate) fn tell_here(&self, parcel: Parcel) {
        let Parcel { topic, data, lasts, .. } = parcel;
        if topic.starts_with(NOTICE) {
            return;
        }
        self.put(&topic, lasts > 0, |before| {
            let seq = memory::next(before);
            (seq, format!("{},\"seq\":{seq},\"data\":{data}}}", head(&topic)).into())
        });
    }

    /// A message that the bus brought; `own` when this server sent it.
    pub(crate) fn arrived(&self, topic: &str, seq: u64, text: &str, keep: bool, own: bool) {
        if let Some(kind) = topic.strip_prefix(NOTICE) {
            if !own && let Some(listener) = self.0.listener.get() {
                let message: Value = serde_json::from_str(text).unwrap_or_default();
                listener(News::Notice(kind.to_owned(), message.get("data").cloned().unwrap_or_default()));
            }
            return;
        }
        self.put(topic, keep, |_| (seq, Bytes::copy_from_slice(text.as_bytes())));
    }

    /// The bus was joined: what was published before may not have come here, so everybody asks again.
    pub(crate) fn joined(&self) {
        if let Some(listener) = self.0.listener.get() {
            listener(News::Joined);
        }
        let epoch = memory::epoch();
        for (name, topic) in &mut lock(&self.0.topics).by_name {
            topic.recent.clear();
            topic.is_value = false;
            topic.seq = epoch.max(topic.seq + 2);
            let text = format!("{},\"seq\":{}}}", head(name), topic.seq).into();
            topic.tell(&Arc::new(Frame { topic: name.clone(), seq: topic.seq, text }));
        }
    }

    fn put(&self, topic: &str, keep: bool, write: impl FnOnce(u64) -> (u64, Bytes)) {
        let mut topics = lock(&self.0.topics);
        topics.told = topics.told.wrapping_add(1);
        if topics.told.is_multiple_of(SWEEP_EVERY) {
            let now = Instant::now();
            topics.by_name.retain(|_, topic| topic.is_needed(now));
        }
        // Nobody follows and nothing is to be kept: the number alone would be garbage.
        if !keep && !topics.by_name.contains_key(topic) {
            return;
        }
        let name: Arc<str> = topics.by_name.get_key_value(topic).map_or_else(|| topic.into(), |(k, _)| k.clone());
        let entry = topics.by_name.entry(name.clone()).or_default();
        let (seq, text) = write(entry.seq);
        entry.seq = seq;
        let frame = Arc::new(Frame { topic: name, seq, text });
        entry.keep(frame.clone(), keep);
        entry.tell(&frame);
    }

    /// Begins to deliver `topic` to a mailbox; the present value, if it is known, is delivered first.
    pub fn subscribe(&self, topic: &str, mailbox: &Arc<Mailbox>) -> Resumed {
        self.resume(topic, mailbox, None)
    }

    /// The same for a reader that has seen the messages up to `after`.
    pub fn resume(&self, topic: &str, mailbox: &Arc<Mailbox>, after: Option<u64>) -> Resumed {
        let mut topics = lock(&self.0.topics);
        let entry = topics.by_name.entry(topic.into()).or_default();
        let known = |reader: &Weak<Mailbox>| reader.as_ptr() == Arc::as_ptr(mailbox);
        if !entry.readers.iter().any(known) {
            entry.readers.push(Arc::downgrade(mailbox));
        }
        entry.quiet = None;
        let Some(after) = after.filter(|after| *after > 0 && entry.seq > 0) else {
            return match entry.recent.back().filter(|_| entry.is_value) {
                Some((_, frame)) => {
                    mailbox.put(frame.clone());
                    Resumed::Newest
                }
                None => Resumed::Nothing,
            };
        };
        if after == entry.seq {
            return Resumed::Current;
        }
        if entry.recent.front().is_some_and(|(_, first)| first.seq <= after + 1) && after < entry.seq {
            let frames = entry.recent.iter().map(|(_, frame)| frame);
            frames.filter(|frame| frame.seq > after).for_each(|frame| mailbox.put(frame.clone()));
            return Resumed::Missed;
        }
        match entry.recent.back().filter(|_| entry.is_value) {
            Some((_, frame)) => {
                mailbox.put(frame.clone());
                Resumed::Newest
            }
            None => Resumed::Nothing,
        }
    }

    /// Stops delivering `topic` to a mailbox.
    pub fn unsubscribe(&self, topic: &str, mailbox: &Arc<Mailbox>) {
        let mut topics = lock(&self.0.topics);
        if let Some(entry) = topics.by_name.get_mut(topic) {
            entry.readers.retain(|r| r.as_ptr() != Arc::as_ptr(mailbox) && r.strong_count() > 0);
            if entry.readers.is_empty() {
                entry.quiet = Some(Instant::now());
                if entry.recent.is_empty() {
                    topics.by_name.remove(topic);
                }
            }
        }
    }

    /// Forgets a topic whose thing was deleted.
    pub fn forget(&self, topic: &str) {
        lock(&self.0.topics).by_name.remove(topic);
    }

    /// How many mailboxes follow a topic.
    pub fn readers(&self, topic: &str) -> usize {
        let live = |t: &Topic| t.readers.iter().filter(|r| r.strong_count() > 0).count();
        lock(&self.0.topics).by_name.get(topic).map_or(0, live)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mailbox::MAILBOX_LIMIT;

    #[tokio::test]
    async fn a_reader_that_keeps_up_misses_nothing() {
        let (hub, mailbox) = (Hub::default(), Mailbox::new());
        hub.subscribe("a", &mailbox);
        let mut last = None;
        for n in 1..=1_000_u64 {
            hub.publish("a", n.into(), false);
            let frame = mailbox.next().await;
            assert!(frame.as_str().ends_with(&format!("\"data\":{n}}}")));
            assert!(last.is_none_or(|last| frame.seq == last + 1));
            last = Some(frame.seq);
        }
    }

    #[tokio::test]
    async fn a_slow_reader_gets_the_newest_of_each_topic() {
        let (hub, mailbox) = (Hub::default(), Mailbox::new());
        hub.subscribe("quiet", &mailbox);
        hub.subscribe("busy", &mailbox);
        hub.publish("quiet", 1.into(), false);
        for n in 1..=10_000_u64 {
            hub.publish("busy", n.into(), false);
        }
        assert_eq!(mailbox.len(), MAILBOX_LIMIT);
        assert_eq!(&*mailbox.next().await.topic, "quiet");
        let mut last = String::new();
        for _ in 1..MAILBOX_LIMIT {
            last = mailbox.next().await.as_str().to_owned();
        }
        assert!(last.ends_with("\"data\":10000}"));
    }

    #[tokio::test]
    async fn all_readers_share_one_text() {
        let hub = Hub::default();
        let readers = [Mailbox::new(), Mailbox::new()];
        readers.iter().for_each(|mailbox| _ = hub.subscribe("a", mailbox));
        hub.publish("a", "long".into(), false);
        let [one, other] = [readers[0].next().await, readers[1].next().await];
        assert_eq!(one.text_as("a").as_ptr(), other.text_as("a").as_ptr());
    }

    #[tokio::test]
    async fn who_comes_later_gets_the_kept_message() {
        let (hub, mailbox) = (Hub::default(), Mailbox::new());
        hub.publish("metric:x", 41.into(), true);
        hub.publish("metric:x", 42.into(), true);
        assert_eq!(hub.subscribe("metric:x", &mailbox), Resumed::Newest);
        let frame = mailbox.next().await;
        assert_eq!(frame.as_str(), format!(r#"{{"topic":"metric:x","seq":{},"data":42}}"#, frame.seq));
        let renamed = frame.text_as("metric:\"y");
        assert!(renamed.starts_with(br#"{"topic":"metric:\"y","seq":"#), "{renamed:?}");
    }

    #[tokio::test]
    async fn who_comes_back_gets_what_they_missed() {
        let (hub, mailbox) = (Hub::default(), Mailbox::new());
        assert_eq!(hub.subscribe("doc:d", &mailbox), Resumed::Nothing);
        hub.publish("doc:d", 0.into(), false);
        let seen = mailbox.next().await.seq;
        hub.unsubscribe("doc:d", &mailbox);
        assert_eq!(hub.resume("doc:d", &mailbox, Some(seen)), Resumed::Current);
        hub.unsubscribe("doc:d", &mailbox);
        for n in 1..=3 {
            hub.publish("doc:d", n.into(), false);
        }
        let back = Mailbox::new();
        assert_eq!(hub.resume("doc:d", &back, Some(seen)), Resumed::Missed);
        for n in 1..=3 {
            assert_eq!(back.next().await.seq, seen + n);
        }
        for n in 0..100 {
            hub.publish("doc:d", n.into(), false);
        }
        let late = Mailbox::new();
        assert_eq!(hub.resume("doc:d", &late, Some(seen)), Resumed::Nothing, "too much was missed");
        assert_eq!(late.len(), 0);
    }

    #[tokio::test]
    async fn after_a_restart_the_newest_comes_with_a_gap() {
        let (hub, mailbox) = (Hub::default(), Mailbox::new());
        hub.publish("metric:x", 1.into(), true);
        assert_eq!(hub.resume("metric:x", &mailbox, Some(41)), Resumed::Newest);
        assert!(mailbox.next().await.seq > 42);
        let ahead = Mailbox::new();
        assert_eq!(hub.resume("metric:x", &ahead, Some(u64::MAX >> 12)), Resumed::Newest);
    }

    #[tokio::test]
    async fn joining_the_others_makes_everybody_ask_again() {
        let (hub, mailbox) = (Hub::default(), Mailbox::new());
        hub.publish("metric:x", 1.into(), true);
        hub.subscribe("metric:x", &mailbox);
        let before = mailbox.next().await.seq;
        hub.joined();
        let frame = mailbox.next().await;
        assert!(frame.seq > before + 1);
        assert!(!frame.as_str().contains("data"));
        assert_eq!(hub.resume("metric:x", &mailbox, Some(before)), Resumed::Nothing);
        // What the bus brings then is taken with its own number.
        hub.arrived("metric:x", frame.seq + 7, "{}", true, false);
        assert_eq!(mailbox.next().await.seq, frame.seq + 7);
    }

    #[test]
    fn a_closed_socket_leaves_nothing_behind() {
        let hub = Hub::default();
        let mailbox = Mailbox::new();
        hub.subscribe("a", &mailbox);
        assert_eq!(hub.readers("a"), 1);
        drop(mailbox);
        hub.publish("a", 1.into(), false);
        assert_eq!(hub.readers("a"), 0);
        for _ in 0..SWEEP_EVERY {
            hub.publish("b", 1.into(), true);
        }
        assert!(!lock(&hub.0.topics).by_name.contains_key("a"));
    }
}
