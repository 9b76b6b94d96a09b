//! What waits for one socket: bounded, so that a slow reader costs no memory.

use crate::{Frame, lock};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// Messages that wait for one socket before older ones of the same topic are dropped.
pub(crate) const MAILBOX_LIMIT: usize = 256;

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

    pub(crate) fn put(&self, frame: Arc<Frame>) {
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

    /// The next message, if one waits.
    pub fn take(&self) -> Option<Arc<Frame>> {
        let mut queue = lock(&self.queue);
        let frame = queue.pop_front();
        // A burst leaves its room behind in every idle socket otherwise.
        if queue.is_empty() && queue.capacity() > 16 {
            queue.shrink_to_fit();
        }
        frame
    }

    /// The next message; waits for one.
    pub async fn next(&self) -> Arc<Frame> {
        loop {
            let arrived = self.arrived.notified();
            if let Some(frame) = self.take() {
                return frame;
            }
            arrived.await;
        }
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        lock(&self.queue).len()
    }
}
