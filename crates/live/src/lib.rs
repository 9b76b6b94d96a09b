//! What is live: the hub, which tells readers of news, and the bus, which carries news between
//! servers; alerts ([`alert`]); the channels that messages leave by ([`channels`]). No database:
//! `services` publishes, and carries mailboxes to sockets.

pub mod alert;
mod bus;
pub mod channels;
mod hub;
mod mailbox;
mod pace;
mod presence;
pub mod template;

pub use bus::BusState;
pub use hub::{Frame, Hub, News, Resumed};
pub use mailbox::Mailbox;
pub use pace::Pace;
pub use presence::Presence;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A panic while the lock was held leaves plain data behind that is still whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
