//! The hub: topics with numbered messages, and one mailbox per socket. No I/O: the server
//! carries mailboxes to sockets, `services` publishes.
//!
//! A topic counts its messages and keeps the last one, so that who comes later sees the present
//! value at once. A mailbox is bounded: a reader that keeps up misses nothing; one that does not
//! gets the newest message of each topic and sees by the gap in `seq` that some are missing.

pub mod channels;
pub mod template;

use domain::live::ServerMessage;
use serde_json::Value;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::sync::Notify;

/// Messages that wait for one socket before older ones of the same topic are dropped.
const MAILBOX_LIMIT: usize = 256;

/// A message ready to be sent.
#[derive(Debug, PartialEq)]
pub struct Frame {
    pub topic: Arc<str>,
    pub seq: u64,
    /// The [`ServerMessage`] as JSON.
    pub text: String,
}

impl Frame {
    /// The text for somebody who knows the topic by another name.
    pub fn text_as(&self, topic: &str) -> String {
        let head = |name: &str| format!("{{\"topic\":{}", Value::from(name));
        match self.text.strip_prefix(&head(&self.topic)) {
            Some(rest) => head(topic) + rest,
            None => self.text.clone(),
        }
    }
}

#[derive(Default)]
struct Topic {
    seq: u64,
    last: Option<Arc<Frame>>,
    readers: Vec<Weak<Mailbox>>,
}

/// All topics of this process.
#[derive(Clone, Default)]
pub struct Hub {
    topics: Arc<Mutex<HashMap<Arc<str>, Topic>>>,
}

impl Hub {
    /// Publishes to everyone who follows `topic`. With `keep`, the message is also what later
    /// followers get first. Returns its number.
    pub fn publish(&self, topic: &str, data: Value, keep: bool) -> u64 {
        let mut topics = lock(&self.topics);
        // Nobody follows and nothing is to be kept: the number alone would be garbage.
        if !keep && !topics.contains_key(topic) {
            return 0;
        }
        let name: Arc<str> = topics.get_key_value(topic).map_or_else(|| topic.into(), |(k, _)| k.clone());
        let entry = topics.entry(name.clone()).or_default();
        entry.seq += 1;
        let message =
            ServerMessage { topic: topic.to_owned(), seq: Some(entry.seq), data: Some(data), ..Default::default() };
        let text = serde_json::to_string(&message).unwrap_or_default();
        let frame = Arc::new(Frame { topic: name, seq: entry.seq, text });
        if keep {
            entry.last = Some(frame.clone());
        }
        entry.readers.retain(|reader| reader.upgrade().inspect(|mailbox| mailbox.put(frame.clone())).is_some());
        entry.seq
    }

    /// Begins to deliver `topic` to a mailbox; the kept message, if any, is delivered first.
    /// Returns the number of the latest message.
    pub fn subscribe(&self, topic: &str, mailbox: &Arc<Mailbox>) -> u64 {
        let mut topics = lock(&self.topics);
        let entry = topics.entry(topic.into()).or_default();
        let known = |reader: &Weak<Mailbox>| reader.as_ptr() == Arc::as_ptr(mailbox);
        if !entry.readers.iter().any(known) {
            entry.readers.push(Arc::downgrade(mailbox));
        }
        if let Some(frame) = &entry.last {
            mailbox.put(frame.clone());
        }
        entry.seq
    }

    /// Stops delivering `topic` to a mailbox.
    pub fn unsubscribe(&self, topic: &str, mailbox: &Arc<Mailbox>) {
        let mut topics = lock(&self.topics);
        if let Some(entry) = topics.get_mut(topic) {
            entry.readers.retain(|r| r.as_ptr() != Arc::as_ptr(mailbox) && r.strong_count() > 0);
            if entry.readers.is_empty() && entry.last.is_none() {
                topics.remove(topic);
            }
        }
    }

    /// Forgets a topic whose thing was deleted.
    pub fn forget(&self, topic: &str) {
        lock(&self.topics).remove(topic);
    }

    /// Whether who comes later would get a kept message.
    pub fn has_kept(&self, topic: &str) -> bool {
        lock(&self.topics).get(topic).is_some_and(|t| t.last.is_some())
    }

    /// How many mailboxes follow a topic.
    pub fn readers(&self, topic: &str) -> usize {
        lock(&self.topics).get(topic).map_or(0, |t| t.readers.iter().filter(|r| r.strong_count() > 0).count())
    }
}

/// What waits for one socket.
#[derive(Default)]
pub struct Mailbox {
    queue: Mutex<VecDeque<Arc<Frame>>>,
    arrived: Notify,
}

impl Mailbox {
    /// An empty mailbox.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    fn put(&self, frame: Arc<Frame>) {
        let mut queue = lock(&self.queue);
        if queue.len() >= MAILBOX_LIMIT {
            // Make room with the oldest message that a newer one of its topic supersedes.
            let stale = queue
                .iter()
                .enumerate()
                .find(|(i, f)| f.topic == frame.topic || queue.iter().skip(i + 1).any(|g| g.topic == f.topic))
                .map_or(0, |(i, _)| i);
            queue.remove(stale);
        }
        queue.push_back(frame);
        drop(queue);
        self.arrived.notify_one();
    }

    /// Forgets what waits.
    pub fn drain(&self) {
        lock(&self.queue).clear();
    }

    /// The next message; waits for one.
    pub async fn next(&self) -> Arc<Frame> {
        loop {
            let arrived = self.arrived.notified();
            if let Some(frame) = lock(&self.queue).pop_front() {
                return frame;
            }
            arrived.await;
        }
    }
}

/// A panic while the lock was held leaves plain data behind that is still whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_reader_that_keeps_up_misses_nothing() {
        let (hub, mailbox) = (Hub::default(), Mailbox::new());
        hub.subscribe("a", &mailbox);
        for n in 1..=1_000_u64 {
            hub.publish("a", n.into(), false);
            assert_eq!(mailbox.next().await.seq, n);
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
        assert_eq!(lock(&mailbox.queue).len(), MAILBOX_LIMIT);
        assert_eq!(&*mailbox.next().await.topic, "quiet");
        let mut last = 0;
        for _ in 1..MAILBOX_LIMIT {
            last = mailbox.next().await.seq;
        }
        assert_eq!(last, 10_000);
    }

    #[tokio::test]
    async fn who_comes_later_gets_the_kept_message() {
        let (hub, mailbox) = (Hub::default(), Mailbox::new());
        hub.publish("metric:x", 41.into(), true);
        hub.publish("metric:x", 42.into(), true);
        assert_eq!(hub.subscribe("metric:x", &mailbox), 2);
        let frame = mailbox.next().await;
        assert_eq!(frame.text, r#"{"topic":"metric:x","seq":2,"data":42}"#);
        assert_eq!(frame.text_as("metric:\"y"), r#"{"topic":"metric:\"y","seq":2,"data":42}"#);
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
    }
}
