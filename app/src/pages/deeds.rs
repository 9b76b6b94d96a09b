//! What buttons and forms do on the server: busy meanwhile, and clear about what went wrong.

use crate::api;
use crate::components::toast::Toasts;
use crate::components::*;
use domain::Error;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use std::future::Future;

/// A piece of work on the server, with its state. Copy it freely.
#[derive(Clone, Copy)]
pub(crate) struct Deed {
    /// True while it runs.
    pub(crate) busy: RwSignal<bool>,
    /// What went wrong the last time.
    pub(crate) error: RwSignal<Option<Error>>,
    toasts: Toasts,
}

impl Deed {
    /// For a component that does things.
    pub(crate) fn new() -> Self {
        Self { busy: RwSignal::new(false), error: RwSignal::new(None), toasts: use_toasts() }
    }

    /// Does it, unless it is being done. An error becomes a message at the edge of the page.
    pub(crate) fn run<T: 'static>(
        self,
        work: impl Future<Output = api::Result<T>> + 'static,
        done: impl FnOnce(T) + 'static,
    ) {
        self.start(work, done, true);
    }

    /// Does it, unless it is being done. An error is kept in `error`, for the form to show.
    pub(crate) fn submit<T: 'static>(
        self,
        work: impl Future<Output = api::Result<T>> + 'static,
        done: impl FnOnce(T) + 'static,
    ) {
        self.start(work, done, false);
    }

    fn start<T: 'static>(
        self,
        work: impl Future<Output = api::Result<T>> + 'static,
        done: impl FnOnce(T) + 'static,
        loud: bool,
    ) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.error.set(None);
        spawn_local(async move {
            let result = work.await;
            // The component may be gone by now.
            _ = self.busy.try_set(false);
            match result {
                Ok(value) => done(value),
                Err(error) if loud => self.toasts.error(&error.0),
                Err(error) => _ = self.error.try_set(Some(error.0)),
            }
        });
    }
}

/// What was asked of the server. Not a resource: that would put the placeholder of the page in the
/// place of the whole page while it loads.
pub(crate) struct Answer<T: Send + Sync + 'static> {
    value: RwSignal<Option<api::Result<T>>>,
    again: Trigger,
}

impl<T: Send + Sync + 'static> Clone for Answer<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Answer<T> {}

impl<T: Clone + Send + Sync + 'static> Answer<T> {
    /// Asks now, and again when what `ask` reads changes.
    pub(crate) fn of<F: Future<Output = api::Result<T>> + 'static>(ask: impl Fn() -> F + 'static) -> Self {
        let (value, again, work) = (RwSignal::new(None), Trigger::new(), OneAtATime::new());
        Effect::new(move |_| {
            again.track();
            let answer = ask();
            work.start(async move {
                let answer = answer.await;
                _ = value.try_set(Some(answer));
            });
        });
        Self { value, again }
    }

    pub(crate) fn get(self) -> Option<api::Result<T>> {
        self.value.get()
    }

    pub(crate) fn refetch(self) {
        self.value.set(None);
        self.again.notify();
    }
}

/// What went wrong with a form, at its top.
#[component]
pub(crate) fn FormError(#[prop(into)] error: Signal<Option<Error>>) -> impl IntoView {
    let notice = |error: Error| {
        view! { <Notice tone=Tone::Bad>{error.to_string()}</Notice> }
    };
    move || error.get().map(notice)
}

/// For searches and filters that live in the address: no new step in the history, no jump.
pub(crate) fn in_place() -> NavigateOptions {
    NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() }
}

/// A day in words from RFC 3339: the same on server and browser.
pub(crate) fn day(iso: &str) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let date = iso.get(..10).unwrap_or(iso);
    let mut parts = date.split('-').map(|part| part.parse::<usize>().unwrap_or_default());
    let (year, month, day) = (parts.next(), parts.next(), parts.next());
    match (year, month.and_then(|m| MONTHS.get(m.wrapping_sub(1))), day) {
        (Some(year), Some(month), Some(day)) => format!("{day} {month} {year}"),
        _ => date.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::day;

    #[test]
    fn days_are_read_from_the_text() {
        assert_eq!(day("2025-03-01T12:00:00Z"), "1 Mar 2025");
        assert_eq!(day("soon"), "soon");
        assert_eq!(day("2025-13-01"), "2025-13-01");
    }
}
