//! What a tab follows: who listens to which topic, what was seen last, which answers are due.

use super::Ack;
use domain::connect::TileAsk;
use domain::live::{ClientMessage, ServerMessage};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

/// Messages of a tile are numbered from here on for each subscription, so that the answer to an
/// earlier one is known for what it is.
const ROUND: u64 = 1 << 20;

pub(super) type Listener = Rc<dyn Fn(ServerMessage)>;

/// An answer that the server owes, in the order of the requests.
#[derive(Debug, PartialEq)]
enum Due {
    Subscription,
    Operation(String),
}

#[derive(Default)]
struct Topic {
    /// Topics are followed again in this order.
    created: u64,
    ask: TileAsk,
    listeners: Vec<(u64, Listener)>,
    /// The last number that was seen.
    seq: Option<u64>,
    /// Tiles: what is numbered up to here answers an earlier subscription.
    stale: u64,
    due: VecDeque<Due>,
}

/// What a message leads to.
#[derive(Default)]
pub(super) struct Received {
    pub(super) listeners: Vec<Listener>,
    pub(super) ack: Option<Ack>,
    /// Something is missing: ask again.
    pub(super) again: Option<ClientMessage>,
}

/// All topics of a tab.
#[derive(Default)]
pub(super) struct Topics {
    list: BTreeMap<String, Topic>,
    next: u64,
    round: u64,
}

impl Topics {
    pub(super) fn next_id(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Adds a listener, and says what to send.
    pub(super) fn subscribe(&mut self, name: &str, ask: TileAsk, on: Listener) -> (u64, ClientMessage) {
        let id = self.next_id();
        let topic = self.list.entry(name.to_owned()).or_insert_with(|| Topic { created: id, ..Topic::default() });
        if topic.ask != ask {
            topic.listeners.clear();
            topic.ask = ask;
        }
        topic.listeners.push((id, on));
        // A new listener wants the present value, whatever others have seen.
        (id, self.request(name, None))
    }

    /// Takes a listener away, and says what to send if it was the last.
    pub(super) fn unsubscribe(&mut self, name: &str, id: u64) -> Option<ClientMessage> {
        let topic = self.list.get_mut(name)?;
        let before = topic.listeners.len();
        topic.listeners.retain(|(other, _)| *other != id);
        if before == topic.listeners.len() || !topic.listeners.is_empty() {
            return None;
        }
        self.list.remove(name);
        Some(ClientMessage { unsub: Some(name.to_owned()), ..ClientMessage::default() })
    }

    /// The connection is new: nothing is due any more.
    pub(super) fn forget_due(&mut self) {
        for topic in self.list.values_mut() {
            topic.due.clear();
        }
    }

    /// Asks again for the topics that are meant, in the order they were first asked for.
    pub(super) fn again(&mut self, meant: impl Fn(&str) -> bool) -> Vec<ClientMessage> {
        self.ask(meant, |_| None)
    }

    /// Asks on a new connection for what was missed meanwhile.
    pub(super) fn resume(&mut self) -> Vec<ClientMessage> {
        self.ask(|_| true, |topic| topic.seq)
    }

    fn ask(&mut self, meant: impl Fn(&str) -> bool, after: impl Fn(&Topic) -> Option<u64>) -> Vec<ClientMessage> {
        let mut names: Vec<(u64, String)> =
            self.list.iter().filter(|(name, _)| meant(name)).map(|(name, t)| (t.created, name.clone())).collect();
        names.sort_unstable();
        let seen = |topics: &Self, name: &str| topics.list.get(name).and_then(&after);
        names
            .iter()
            .map(|(_, name)| {
                let after = seen(self, name);
                self.request(name, after)
            })
            .collect()
    }

    fn request(&mut self, name: &str, after: Option<u64>) -> ClientMessage {
        let is_tile = name.starts_with("tile:");
        self.round += u64::from(is_tile);
        let round = self.round;
        let topic = self.list.entry(name.to_owned()).or_default();
        let after = if is_tile {
            topic.stale = round * ROUND;
            Some(topic.stale)
        } else {
            // A document comes whole: with it come the steps that can be undone.
            topic.seq = after.filter(|seq| *seq > 0 && !name.starts_with("doc:"));
            topic.seq
        };
        if name.starts_with("doc:") {
            topic.due.push_back(Due::Subscription);
        }
        ClientMessage { sub: Some(name.to_owned()), after, ask: topic.ask.clone(), ..ClientMessage::default() }
    }

    /// An operation was sent: the server owes an answer.
    pub(super) fn expect_ack(&mut self, name: &str, id: &str) {
        if let Some(topic) = self.list.get_mut(name) {
            topic.due.push_back(Due::Operation(id.to_owned()));
        }
    }

    /// Who gets a message, and what it says of operations.
    pub(super) fn receive(&mut self, message: &ServerMessage) -> Received {
        let Some(topic) = self.list.get_mut(&message.topic) else { return Received::default() };
        if let Some(id) = &message.ack {
            // Whatever was due before it got no answer, and never will.
            while topic.due.pop_front().is_some_and(|due| due != Due::Operation(id.clone())) {}
            return Received { ack: Some(Ack::Done(id.clone())), ..Received::default() };
        }
        if let Some(error) = message.error.as_ref().filter(|_| message.seq.is_none())
            && let Some(due) = topic.due.pop_front()
            && let Due::Operation(id) = due
        {
            return Received { ack: Some(Ack::Refused(id, error.clone())), ..Received::default() };
        }
        let (mut missing, mut seen) = (false, None);
        if let Some(seq) = message.seq {
            if message.topic.starts_with("tile:") {
                if seq <= topic.stale {
                    return Received::default();
                }
            } else {
                if seq == 0 && topic.due.front() == Some(&Due::Subscription) {
                    topic.due.pop_front();
                }
                // Number 0 is the present value; from it on nothing is known of the count.
                seen = topic.seq;
                missing = topic.seq.is_some_and(|last| last > 0 && seq > last + 1);
                // A number without data: the server does not know what was missed.
                missing |= seq > 0 && message.data.is_none() && message.error.is_none();
                topic.seq = Some(seq);
            }
        }
        let listeners = topic.listeners.iter().map(|(_, on)| on.clone()).collect();
        let again = missing.then(|| self.request(&message.topic, seen));
        Received { listeners, ack: None, again }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Error;
    use domain::query::Filter;
    use std::cell::Cell;

    fn silent() -> Listener {
        Rc::new(|_| ())
    }

    fn message(topic: &str, seq: Option<u64>) -> ServerMessage {
        ServerMessage { topic: topic.into(), seq, data: Some(1.into()), ..ServerMessage::default() }
    }

    #[test]
    fn the_last_listener_ends_the_topic() {
        let mut topics = Topics::default();
        let (a, _) = topics.subscribe("metric:x", TileAsk::default(), silent());
        let (b, _) = topics.subscribe("metric:x", TileAsk::default(), silent());
        assert_eq!(topics.unsubscribe("metric:x", a), None);
        assert_eq!(topics.unsubscribe("metric:x", a), None);
        assert_eq!(topics.unsubscribe("metric:x", b).and_then(|m| m.unsub).as_deref(), Some("metric:x"));
        assert!(topics.is_empty());
    }

    #[test]
    fn other_filters_replace_and_old_answers_are_dropped() {
        let mut topics = Topics::default();
        let filter: Filter = serde_json::from_str(r#"{"column":"a","op":"is_null"}"#).unwrap();
        let (old, first) = topics.subscribe("tile:d/t", TileAsk::default(), silent());
        let calls = Rc::new(Cell::new(0));
        let seen = calls.clone();
        let (_, second) = topics.subscribe("tile:d/t", vec![filter].into(), Rc::new(move |_| seen.set(seen.get() + 1)));
        assert_eq!(topics.unsubscribe("tile:d/t", old), None);
        let stale = topics.receive(&message("tile:d/t", first.after.map(|a| a + 1)));
        assert!(stale.listeners.is_empty());
        let fresh = topics.receive(&message("tile:d/t", second.after.map(|a| a + 1)));
        fresh.listeners.iter().for_each(|on| on(ServerMessage::default()));
        assert_eq!(calls.get(), 1);
    }

    #[test]
    fn a_gap_asks_again() {
        let mut topics = Topics::default();
        topics.subscribe("metric:x", TileAsk::default(), silent());
        for seq in [0, 7, 8] {
            assert_eq!(topics.receive(&message("metric:x", Some(seq))).again, None);
        }
        let again = topics.receive(&message("metric:x", Some(10))).again.expect("a gap");
        assert_eq!((again.sub.as_deref(), again.after), (Some("metric:x"), Some(8)));
        // What was missed comes with its own numbers.
        for seq in [9, 10] {
            assert_eq!(topics.receive(&message("metric:x", Some(seq))).again, None);
        }
    }

    #[test]
    fn a_new_connection_goes_on_where_the_old_one_ended() {
        let mut topics = Topics::default();
        for name in ["metric:x", "metric:new", "doc:d", "tile:d/t"] {
            topics.subscribe(name, TileAsk::default(), silent());
        }
        for topic in ["metric:x", "doc:d"] {
            topics.receive(&message(topic, Some(7)));
        }
        topics.receive(&message("metric:new", Some(0)));
        let after: Vec<_> = topics.resume().into_iter().map(|m| m.after).collect();
        assert_eq!(after[..3], [Some(7), None, None]);
        // A second listener has seen nothing.
        let (_, second) = topics.subscribe("metric:x", TileAsk::default(), silent());
        assert_eq!(second.after, None);
    }

    #[test]
    fn a_number_without_data_asks_again() {
        let mut topics = Topics::default();
        topics.subscribe("metric:x", TileAsk::default(), silent());
        topics.receive(&message("metric:x", Some(0)));
        let empty = ServerMessage { data: None, ..message("metric:x", Some(9)) };
        assert_eq!(topics.receive(&empty).again.and_then(|m| m.after), None);
        assert!(topics.receive(&empty).again.is_some());
    }

    #[test]
    fn a_refusal_belongs_to_the_oldest_operation() {
        let mut topics = Topics::default();
        topics.subscribe("doc:d", TileAsk::default(), silent());
        topics.expect_ack("doc:d", "one");
        topics.expect_ack("doc:d", "two");
        assert_eq!(topics.receive(&message("doc:d", Some(0))).listeners.len(), 1);
        let refusal = ServerMessage { error: Some(Error::internal()), ..message("doc:d", None) };
        assert_eq!(topics.receive(&refusal).ack, Some(Ack::Refused("one".into(), Error::internal())));
        let done = ServerMessage { ack: Some("two".into()), ..message("doc:d", None) };
        assert_eq!(topics.receive(&done).ack, Some(Ack::Done("two".into())));
        // Nothing is due: an error is about the topic itself.
        assert_eq!(topics.receive(&refusal).listeners.len(), 1);
    }

    #[test]
    fn a_refused_subscription_is_told_to_its_listeners() {
        let mut topics = Topics::default();
        topics.subscribe("doc:d", TileAsk::default(), silent());
        topics.expect_ack("doc:d", "one");
        let refusal = ServerMessage { error: Some(Error::not_found("dashboard")), ..message("doc:d", None) };
        let received = topics.receive(&refusal);
        assert_eq!((received.ack, received.listeners.len()), (None, 1));
        assert!(matches!(topics.receive(&refusal).ack, Some(Ack::Refused(id, _)) if id == "one"));
    }

    #[test]
    fn topics_are_followed_again_in_their_order() {
        let mut topics = Topics::default();
        for name in ["doc:z", "tile:b", "metric:a"] {
            topics.subscribe(name, TileAsk::default(), silent());
        }
        let names: Vec<_> = topics.again(|_| true).into_iter().filter_map(|m| m.sub).collect();
        assert_eq!(names, ["doc:z", "tile:b", "metric:a"]);
    }
}
