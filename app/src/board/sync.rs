//! The document over the socket: own operations go out until they are acknowledged, those of
//! others come in.

use super::keep::Keep;
use super::{Board, ids, new_id};
use crate::live::Ack;
use domain::document::{Broadcast, Opened};
use domain::live::ServerMessage;
use domain::{Error, ErrorCode};
use leptos::prelude::*;
use serde_json::Value;
use std::time::Duration;

/// How long the same kind of edit is gathered before it is sent.
const GATHER: Duration = Duration::from_millis(700);
/// An answer that takes longer will not come on this connection.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long to wait when the server has too much to do.
const BREATHER: Duration = Duration::from_secs(2);

/// What the board keeps between events.
#[derive(Clone, Copy)]
pub(super) struct Timers {
    keep: StoredValue<Keep>,
    gather: StoredValue<Option<TimeoutHandle>>,
    patience: StoredValue<Option<TimeoutHandle>>,
}

fn restart(timer: StoredValue<Option<TimeoutHandle>>, after: Duration, run: impl FnOnce() + 'static) {
    stop(timer);
    _ = timer.try_set_value(set_timeout_with_handle(run, after).ok());
}

fn stop(timer: StoredValue<Option<TimeoutHandle>>) {
    if let Some(handle) = timer.try_get_value().flatten() {
        handle.clear();
    }
}

impl Timers {
    pub(super) fn new(user: &str, dashboard: &str) -> Self {
        Self {
            keep: StoredValue::new(Keep::new(user, dashboard)),
            gather: StoredValue::new(None),
            patience: StoredValue::new(None),
        }
    }
}

impl Board {
    fn topic(self) -> String {
        format!("doc:{}", self.id())
    }

    /// Follows the document for as long as the calling component lives.
    pub fn follow(self) {
        Effect::new(move |_| {
            let kept = self.timers.keep.with_value(Keep::adopt);
            if !kept.is_empty() {
                self.with_state(|state| state.adopt(kept));
                self.show_all();
                self.count();
            }
            let opened = self.socket.on_open(move || {
                self.with_state(|state| {
                    state.seal();
                    state.unsend();
                });
                self.flush();
            });
            let acks = self.socket.on_ack(self.topic(), move |ack| match ack {
                Ack::Done(id) => self.acknowledged(&id),
                Ack::Refused(id, error) => {
                    if self.was_refused(&id, &error) {
                        self.toasts.error(&error);
                    }
                }
            });
            let news = self.socket.subscribe(self.topic(), Default::default(), move |message| self.hear(message));
            self.flush();
            on_cleanup(move || {
                // The socket outlives the page: what was just typed still goes out.
                self.with_state(super::state::State::seal);
                self.flush();
                self.store();
                stop(self.timers.gather);
                stop(self.timers.patience);
                drop((opened, acks, news));
            });
        });
    }

    /// Own changes were made: keeps them, and sends them now or when no more come.
    pub(super) fn changed(self, gathers: bool) {
        self.refused.set(None);
        self.count();
        if gathers {
            restart(self.timers.gather, GATHER, move || {
                self.with_state(super::state::State::seal);
                self.flush();
            });
        } else {
            self.flush();
        }
    }

    /// Sends what can be sent.
    fn flush(self) {
        let topic = self.topic();
        loop {
            let next = self.with_state(|state| state.next_to_send().map(|p| p.operation.clone())).flatten();
            let Some(operation) = next else { break };
            if !self.socket.send_op(&topic, &operation) {
                return;
            }
            self.with_state(|state| state.next_to_send().map(|p| p.sent = true));
        }
        self.watch();
    }

    /// Makes a new connection when an answer stays away.
    fn watch(self) {
        let Some(Some(oldest)) = self.with_state(|state| state.oldest_sent()) else { return };
        restart(self.timers.patience, PATIENCE, move || {
            if self.with_state(|state| state.oldest_sent()).flatten() == Some(oldest) {
                self.socket.reconnect();
            } else {
                self.watch();
            }
        });
    }

    /// Brings what is shown of the waiting operations up to date, and what is kept of them.
    fn count(self) {
        self.store();
        let counts = self.with_state(|state| (state.waiting(), state.can_undo(), state.can_redo()));
        let Some((waiting, can_undo, can_redo)) = counts else { return };
        super::set(self.waiting, waiting);
        super::set(self.can_undo, can_undo);
        super::set(self.can_redo, can_redo);
    }

    fn store(self) {
        self.with_state(|state| self.timers.keep.with_value(|keep| keep.write(&state.operations())));
    }

    fn acknowledged(self, id: &str) {
        self.with_state(|state| state.acknowledge(id));
        self.count();
    }

    /// Returns whether the change is lost, and the person must be told.
    fn was_refused(self, id: &str, error: &Error) -> bool {
        if matches!(
            error.code,
            ErrorCode::Overloaded | ErrorCode::TooManyRequests | ErrorCode::DiskFull | ErrorCode::QueryTimeout
        ) {
            self.with_state(|state| state.unsend());
            restart(self.timers.patience, BREATHER, move || self.flush());
            return false;
        }
        let lost = self.with_state(|state| state.refuse(id)).unwrap_or(false);
        if lost {
            self.refused.set(Some(error.clone()));
            self.count();
            self.socket.refresh(&self.topic());
        }
        lost
    }

    fn hear(self, message: ServerMessage) {
        if let Some(error) = message.error {
            if matches!(error.code, ErrorCode::NotFound | ErrorCode::Forbidden | ErrorCode::Gone) {
                self.gone.set(Some(error));
            }
            return;
        }
        let Some(data) = message.data else { return };
        if data.get("state").is_some() {
            self.opened(data);
        } else if let Ok(news) = serde_json::from_value::<Broadcast>(data) {
            let fits = self.with_state(|state| state.receive(&news)).unwrap_or(Ok(()));
            self.show_all();
            if fits.is_err() {
                self.socket.refresh(&self.topic());
            }
        }
    }

    fn opened(self, data: Value) {
        let Ok(opened) = serde_json::from_value::<Opened>(data) else { return };
        self.gone.set(None);
        let done = self.with_state(|state| {
            let anew = state.rolls_back || state.is_replaced_by(&opened);
            if anew { state.roll_back(ids::client(), &opened, new_id) } else { state.reopen(&opened) }
        });
        if let Some(Err(error)) = done {
            self.gone.set(Some(error));
        }
        self.show_all();
        self.count();
        self.flush();
    }
}
