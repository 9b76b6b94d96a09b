//! Short messages at the edge of the page, also read out.

use super::icon::Icon;
use super::state::Tone;
use domain::Error;
use leptos::{html, prelude::*};
use std::sync::Arc;
use std::time::Duration;

/// How long a message stays that asks for nothing.
const STAY: Duration = Duration::from_secs(6);

/// What a message offers. Not a `Callback`: a message outlives the menu or dialog it came from.
type Action = Arc<dyn Fn() + Send + Sync>;

#[derive(Clone)]
struct Toast {
    id: u64,
    tone: Tone,
    text: String,
    action: Option<(String, Action)>,
}

/// Shows messages. Copy it freely.
#[derive(Clone, Copy, Debug)]
pub struct Toasts {
    list: RwSignal<Vec<Toast>>,
    next: StoredValue<u64>,
}

impl Toasts {
    fn new() -> Self {
        Self { list: RwSignal::new(Vec::new()), next: StoredValue::new(1) }
    }

    /// Something was done: "Dashboard deleted".
    pub fn good(self, text: impl Into<String>) {
        self.add(Tone::Good, text.into(), None);
    }

    /// Something to know.
    pub fn info(self, text: impl Into<String>) {
        self.add(Tone::Neutral, text.into(), None);
    }

    /// Something failed. It stays until it is closed.
    pub fn error(self, error: &Error) {
        self.add(Tone::Bad, error.to_string(), None);
    }

    /// Something was done that can be taken back: `toasts.action("Tile removed", "Undo", …)`.
    pub fn action(self, text: impl Into<String>, label: impl Into<String>, run: impl Fn() + Send + Sync + 'static) {
        self.add(Tone::Neutral, text.into(), Some((label.into(), Arc::new(run))));
    }

    fn add(self, tone: Tone, text: String, action: Option<(String, Action)>) {
        let Some(id) = self.next.try_update_value(|next| {
            *next += 1;
            *next
        }) else {
            return;
        };
        self.list.update(|list| {
            // The same words twice say nothing new, and many at once hide the page.
            list.retain(|toast| toast.text != text);
            if list.len() >= 4 {
                list.remove(0);
            }
            list.push(Toast { id, tone, text, action });
        });
        if tone != Tone::Bad {
            set_timeout(move || self.close(id), STAY);
        }
    }

    fn close(self, id: u64) {
        _ = self.list.try_update(|list| list.retain(|toast| toast.id != id));
    }
}

/// Puts the messages into context. Once, at the top of the application.
pub fn provide_toasts() {
    provide_context(Toasts::new());
}

/// Where messages are shown.
pub fn use_toasts() -> Toasts {
    use_context().unwrap_or_else(Toasts::new)
}

/// The place where messages appear. Once, in the frame.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let toasts = use_toasts();
    let region = NodeRef::<html::Div>::new();
    // Opened anew for each message, so that it lies above dialogs opened meanwhile.
    Effect::new(move |_| {
        let any = !toasts.list.read().is_empty();
        let Some(region) = region.get() else { return };
        _ = region.hide_popover();
        if any {
            _ = region.show_popover();
        }
    });
    let spoken = move || toasts.list.with(|list| list.last().map(|toast| toast.text.clone()));
    let toast = move |toast: Toast| {
        let Toast { id, tone, text, action } = toast;
        let icon = match tone {
            Tone::Good => "check",
            Tone::Bad => "circle-alert",
            Tone::Warn => "triangle-alert",
            Tone::Neutral | Tone::Accent => "info",
        };
        let action = action.map(|(label, run)| {
            let click = move |_| {
                run();
                toasts.close(id);
            };
            view! { <button type="button" class="btn btn-ghost btn-sm" on:click=click>{label}</button> }
        });
        view! {
            <div class=format!("toast {}", tone.class())>
                <Icon name=icon/>
                <p>{text}</p>
                {action}
                <button type="button" class="btn btn-ghost btn-sm btn-icon" aria-label="Close message" on:click=move |_| toasts.close(id)>
                    <Icon name="x"/>
                </button>
            </div>
        }
        .into_any()
    };
    view! {
        <div class="visually-hidden" role="status" aria-live="polite">{spoken}</div>
        <div node_ref=region class="toasts" popover="manual" role="region" aria-label="Messages">
            <For each=move || toasts.list.get() key=|toast| toast.id children=toast/>
        </div>
    }
    .into_any()
}
